/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_milenage.c - Milenage [35.206 4.1]. */
#include "aka_milenage.h"

#include "base_mem.h"
#include "crypto.h"

#include <string.h>

/* OUT2 to OUT5, which do not see SQN: how far to turn (bytes) and what to add
 * to the last byte.
 */
static const struct {
	uint8_t turn, add;
} outs[] = {{0, 1}, {4, 2}, {8, 4}, {12, 8}};

static void xor16(uint8_t *a, const uint8_t *b)
{
	for (int i = 0; i < 16; i++)
		a[i] ^= b[i];
}

static void turn(uint8_t *out, const uint8_t *in, unsigned by)
{
	for (unsigned i = 0; i < 16; i++)
		out[i] = in[(i + by) % 16];
}

/* f2 to f5 and f5* from temp. */
static int without_sqn(struct ims_crypto_aes *aes,
		       const struct ims_aka_key *key,
		       const struct ims_aka_in *in, const uint8_t *temp,
		       struct ims_aka_out *out)
{
	unsigned from = in->want & IMS_AKA_F2345 ? 0 : 3;
	unsigned to = in->want & IMS_AKA_F5_STAR ? 4 : 3;
	uint8_t x[4][16], base[16];
	int err;

	memcpy(base, temp, 16);
	xor16(base, key->opc);
	for (unsigned i = from; i < to; i++) {
		turn(x[i], base, outs[i].turn);
		x[i][15] ^= outs[i].add;
	}
	err = ims_crypto_aes_blocks(aes, x[from], to - from, x[from]);
	for (unsigned i = from; !err && i < to; i++)
		xor16(x[i], key->opc);
	if (!err && from == 0) {
		memcpy(out->ak, x[0], 6);
		memcpy(out->res, x[0] + 8, 8);
		out->res_len = 8;
		memcpy(out->ck, x[1], 16);
		memcpy(out->ik, x[2], 16);
	}
	if (!err && to == 4)
		memcpy(out->ak_star, x[3], 6);
	ims_wipe(x, sizeof x);
	ims_wipe(base, sizeof base);
	return err;
}

/* OUT1 = f1 || f1*. */
static int with_sqn(struct ims_crypto_aes *aes, const struct ims_aka_key *key,
		    const struct ims_aka_in *in, const uint8_t *temp,
		    uint64_t sqn, uint8_t out1[static 16])
{
	uint8_t in1[16];
	int err;

	ims_aka_put48(in1, sqn);
	memcpy(in1 + 6, in->amf, 2);
	memcpy(in1 + 8, in1, 8);
	xor16(in1, key->opc);
	turn(out1, in1, 8);
	xor16(out1, temp);
	err = ims_crypto_aes_blocks(aes, out1, 1, out1);
	xor16(out1, key->opc);
	return err;
}

static int run(struct ims_crypto_aes *aes, const struct ims_aka_key *key,
	       const struct ims_aka_in *in, struct ims_aka_out *out,
	       uint8_t *mac)
{
	uint8_t temp[16], out1[16];
	int err = ims_crypto_aes_key(aes, key->k);

	memcpy(temp, in->rnd, 16);
	xor16(temp, key->opc);
	if (!err)
		err = ims_crypto_aes_blocks(aes, temp, 1, temp);
	if (!err && in->want & (IMS_AKA_F2345 | IMS_AKA_F5_STAR))
		err = without_sqn(aes, key, in, temp, out);
	if (!err && in->want & (IMS_AKA_F1 | IMS_AKA_F1_STAR)) {
		err = with_sqn(aes, key, in, temp, ims_aka_sqn_of(in, out),
			       out1);
		memcpy(mac, in->want & IMS_AKA_F1 ? out1 : out1 + 8, 8);
	}
	ims_wipe(temp, sizeof temp);
	return err;
}

int ims_aka_milenage(const struct ims_aka_key *key, const struct ims_aka_in *in,
		     struct ims_aka_out *out, uint8_t *mac)
{
	struct ims_crypto_aes *aes = key->aes;
	int err;

	if (!aes)
		aes = ims_crypto_aes_new();
	if (!aes)
		return -IMS_E_ALGO;
	err = run(aes, key, in, out, mac);
	if (aes != key->aes)
		ims_crypto_aes_free(aes);
	return err;
}

int ims_aka_milenage_opc(const uint8_t k[static 16],
			 const uint8_t op[static 16], uint8_t opc[static 16])
{
	uint8_t e[16];
	int err = ims_crypto_aes128(k, op, e);

	if (err)
		return err;
	xor16(e, op);
	memcpy(opc, e, 16);
	ims_wipe(e, sizeof e);
	return 0;
}
