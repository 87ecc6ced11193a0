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

/* Eight bytes at a time: this and the next are half of what is not AES. */
static void xor16(uint8_t *a, const uint8_t *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, 16);
	memcpy(y, b, 16);
	x[0] ^= y[0];
	x[1] ^= y[1];
	memcpy(a, x, 16);
}

/* The outs' turns are whole words of four bytes. */
static void turn(uint8_t *out, const uint8_t *in, unsigned by)
{
	for (unsigned i = 0; i < 16; i += 4)
		memcpy(out + i, in + (i + by) % 16, 4);
}

/* What is encrypted for OUT2 to OUT5. */
static void without_sqn(const struct ims_aka_key *key, const uint8_t *temp,
			uint8_t x[static 4][16])
{
	uint8_t base[16];

	memcpy(base, temp, 16);
	xor16(base, key->opc);
	for (unsigned i = 0; i < 4; i++) {
		turn(x[i], base, outs[i].turn);
		x[i][15] ^= outs[i].add;
	}
	ims_wipe(base, sizeof base);
}

/* And for OUT1. */
static void with_sqn(const struct ims_aka_key *key, const struct ims_aka_in *in,
		     const uint8_t *temp, uint64_t sqn, uint8_t x[static 16])
{
	uint8_t in1[16];

	ims_aka_put48(in1, sqn);
	memcpy(in1 + 6, in->amf, 2);
	memcpy(in1 + 8, in1, 8);
	xor16(in1, key->opc);
	turn(x, in1, 8);
	xor16(x, temp);
}

/* Cuts f2 to f5* out of OUT2 to OUT5. */
static void cut(const struct ims_aka_in *in, uint8_t x[static 4][16],
		struct ims_aka_out *out)
{
	if (in->want & IMS_AKA_F2345) {
		memcpy(out->ak, x[0], 6);
		memcpy(out->res, x[0] + 8, 8);
		out->res_len = 8;
		memcpy(out->ck, x[1], 16);
		memcpy(out->ik, x[2], 16);
	}
	if (in->want & IMS_AKA_F5_STAR)
		memcpy(out->ak_star, x[3], 6);
}

/* Encrypts n blocks and adds OPc to each. */
static int encrypt(struct ims_crypto_aes *aes, const struct ims_aka_key *key,
		   uint8_t (*x)[16], unsigned n)
{
	int err = ims_crypto_aes_blocks(aes, x[0], n, x[0]);

	for (unsigned i = 0; !err && i < n; i++)
		xor16(x[i], key->opc);
	return err;
}

/* All five in one go where SQN is known, else OUT1 after AK is. */
static int run(struct ims_crypto_aes *aes, const struct ims_aka_key *key,
	       const struct ims_aka_in *in, struct ims_aka_out *out,
	       uint8_t *mac)
{
	bool f1 = in->want & (IMS_AKA_F1 | IMS_AKA_F1_STAR);
	bool later = f1 && in->concealed;
	uint8_t temp[16], x[5][16];
	int err = ims_crypto_aes_key(aes, key->k);

	memcpy(temp, in->rnd, 16);
	xor16(temp, key->opc);
	if (!err)
		err = ims_crypto_aes_blocks(aes, temp, 1, temp);
	if (err)
		return err;
	without_sqn(key, temp, x);
	if (f1 && !later)
		with_sqn(key, in, temp, in->sqn, x[4]);
	err = encrypt(aes, key, x, f1 && !later ? 5 : 4);
	cut(in, x, out);
	if (!err && later) {
		with_sqn(key, in, temp, ims_aka_sqn_of(in, out), x[4]);
		err = encrypt(aes, key, &x[4], 1);
	}
	if (f1)
		memcpy(mac, in->want & IMS_AKA_F1 ? x[4] : x[4] + 8, 8);
	ims_wipe(temp, sizeof temp);
	ims_wipe(x, sizeof x);
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
