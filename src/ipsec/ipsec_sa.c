/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_sa.c - the set of four SAs: names, sides, and keys [33.203 Annex I]. */
#include "ipsec_sa.h"

#include <assert.h>
#include <string.h>

#include "base_err.h"
#include "base_mem.h"
#include "crypto.h"

const char *ims_arrow_name(enum ims_arrow a)
{
	static const char *const names[IMS_N_ARROWS] = {"uc->ps", "ps->uc",
							"pc->us", "us->pc"};

	assert((unsigned)a < IMS_N_ARROWS);
	return names[a];
}

const char *ims_arrow_spi_name(enum ims_arrow a)
{
	static const char *const names[IMS_N_ARROWS] = {"spi_ps", "spi_uc",
							"spi_us", "spi_pc"};

	assert((unsigned)a < IMS_N_ARROWS);
	return names[a];
}

void ims_ipsec_set_wipe(struct ims_ipsec_set *s)
{
	ims_wipe(s, sizeof *s);
}

bool ims_ipsec_inbound(const struct ims_ipsec_set *s, enum ims_arrow a)
{
	bool to_ue = a == IMS_PS_TO_UC || a == IMS_PC_TO_US;

	return to_ue == s->ue;
}

int ims_ipsec_arrow(const struct ims_ipsec_set *s, const struct ims_flow *f,
		    bool sending)
{
	const struct ims_addr *src = sending ? &f->local : &f->remote;
	const struct ims_addr *dst = sending ? &f->remote : &f->local;

	for (int a = 0; a < IMS_N_ARROWS; a++)
		if (ims_ipsec_inbound(s, (enum ims_arrow)a) != sending &&
		    ims_addr_eq(s->sa[a].src, *src) &&
		    ims_addr_eq(s->sa[a].dst, *dst))
			return a;
	return -1;
}

/* The salt is the end of the KDF of TS 33.220 Annex B over the name of the
 * algorithm: S = FC || P0 || L0, key = CK || IK.
 */
static int salt(uint8_t fc, const char *p0, const uint8_t *ck,
		const uint8_t *ik, uint8_t out[static 4])
{
	uint8_t key[32], kdf[IMS_HASH_MAX];
	uint8_t l0[2] = {0, (uint8_t)strlen(p0)};
	struct ims_crypto_part s[] = {{&fc, 1}, {p0, strlen(p0)}, {l0, 2}};
	int err;

	memcpy(key, ck, 16);
	memcpy(key + 16, ik, 16);
	err = ims_crypto_hmac(IMS_SHA256, key, sizeof key, s, 3, kdf);
	if (!err)
		memcpy(out, kdf + 28, 4);
	ims_wipe(key, sizeof key);
	ims_wipe(kdf, sizeof kdf);
	return err;
}

static int expand_alg(enum ims_ipsec_alg alg, const uint8_t *ck,
		      const uint8_t *ik, struct ims_ipsec_keys *k)
{
	if (alg == IMS_ALG_NULL)
		return 0;
	/* 16 bytes; SHA-1 wants 20, the rest are zeros [33.203 I.2]. */
	memcpy(k->alg, ik, 16);
	if (alg != IMS_ALG_AES_GMAC)
		return 0;
	return salt(0x58, "AES_GMAC_SALT", ck, ik, k->salt);
}

static int expand_ealg(enum ims_ipsec_ealg ealg, const uint8_t *ck,
		       const uint8_t *ik, struct ims_ipsec_keys *k)
{
	if (ealg == IMS_EALG_NULL)
		return 0;
	memcpy(k->ealg, ck, 16);
	if (ealg == IMS_EALG_DES_EDE3_CBC)
		memcpy(k->ealg + 16, ck, 8);
	if (ealg != IMS_EALG_AES_GCM)
		return 0;
	return salt(0x59, "AES_GCM_SALT", ck, ik, k->salt);
}

int ims_ipsec_expand(struct ims_ipsec_suite suite, const uint8_t ck[static 16],
		     const uint8_t ik[static 16], struct ims_ipsec_keys *out)
{
	struct ims_ipsec_keys k = {0};
	int err = -IMS_E_ALGO;

	if (ims_ipsec_suite_valid(suite))
		err = expand_alg(suite.alg, ck, ik, &k);
	if (!err)
		err = expand_ealg(suite.ealg, ck, ik, &k);
	if (!err)
		*out = k;
	ims_wipe(&k, sizeof k);
	return err;
}
