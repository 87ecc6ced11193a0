/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_tuak.c - TUAK [35.231 6]: fields lie in the state byte-reversed. */
#include "aka_tuak.h"

#include "base_mem.h"
#include "crypto_keccak.h"

#include <string.h>

/* Where the fields stand in the state. */
enum {
	AT_TOPC = 0,
	AT_INSTANCE = 32,
	AT_NAME = 33,
	AT_RAND = 40,
	AT_AMF = 56,
	AT_SQN = 58,
	AT_KEY = 64,
	AT_PAD = 96,
	AT_PAD_END = 135,
	STATE = 200,
};
/* And where the results do. */
enum { AT_RES = 0, AT_CK = 32, AT_IK = 64, AT_AK = 96 };

static void reversed(uint8_t *out, const uint8_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = in[n - 1 - i];
}

static void fill(const struct ims_aka_tuak_key *key, uint8_t instance,
		 uint8_t s[static STATE])
{
	memset(s, 0, STATE);
	reversed(s + AT_TOPC, key->topc, 32);
	s[AT_INSTANCE] = instance | (key->k_len == 32 ? 1 : 0);
	reversed(s + AT_NAME, (const uint8_t *)"TUAK1.0", 7);
	reversed(s + AT_KEY, key->k, key->k_len);
	s[AT_PAD] = 0x1f;
	s[AT_PAD_END] = 0x80;
}

static void permute(const struct ims_aka_tuak_key *key, uint8_t s[static STATE])
{
	ims_crypto_keccak_f(s);
	for (unsigned i = 1; i < key->iterations; i++)
		ims_crypto_keccak_f(s);
}

/* How INSTANCE says a length: 4 bytes 00, 8 08, 16 10, 32 20. */
static uint8_t length_bits(uint8_t n)
{
	return n == 4 ? 0 : n;
}

void ims_aka_tuak_topc(const struct ims_aka_tuak_key *key,
		       uint8_t topc[static 32])
{
	uint8_t s[STATE];

	fill(key, 0x00, s);
	permute(key, s);
	reversed(topc, s, 32);
	ims_wipe(s, sizeof s);
}

void ims_aka_tuak_f1(const struct ims_aka_tuak_key *key,
		     const struct ims_aka_in *in, uint8_t mac_len, uint8_t *mac)
{
	uint8_t s[STATE], sqn[6];
	uint8_t instance = length_bits(mac_len);

	if (in->want & IMS_AKA_F1_STAR)
		instance |= 0x80;
	fill(key, instance, s);
	ims_aka_put48(sqn, in->sqn);
	reversed(s + AT_RAND, in->rnd, 16);
	reversed(s + AT_AMF, in->amf, 2);
	reversed(s + AT_SQN, sqn, 6);
	permute(key, s);
	reversed(mac, s, mac_len);
	ims_wipe(s, sizeof s);
}

void ims_aka_tuak_f2345(const struct ims_aka_tuak_key *key, const uint8_t *rnd,
			struct ims_aka_tuak_out *out)
{
	uint8_t s[STATE];
	uint8_t instance = 0x40 | length_bits(out->res_len);

	if (out->ck_len == 32)
		instance |= 0x04;
	if (out->ik_len == 32)
		instance |= 0x02;
	fill(key, instance, s);
	reversed(s + AT_RAND, rnd, 16);
	permute(key, s);
	reversed(out->res, s + AT_RES, out->res_len);
	reversed(out->ck, s + AT_CK, out->ck_len);
	reversed(out->ik, s + AT_IK, out->ik_len);
	reversed(out->ak, s + AT_AK, 6);
	ims_wipe(s, sizeof s);
}

void ims_aka_tuak_f5_star(const struct ims_aka_tuak_key *key,
			  const uint8_t *rnd, uint8_t ak_star[static 6])
{
	uint8_t s[STATE];

	fill(key, 0xc0, s);
	reversed(s + AT_RAND, rnd, 16);
	permute(key, s);
	reversed(ak_star, s + AT_AK, 6);
	ims_wipe(s, sizeof s);
}

int ims_aka_tuak(const struct ims_aka_key *key, const struct ims_aka_in *in,
		 struct ims_aka_out *out, uint8_t *mac)
{
	const struct ims_aka_tuak_key t = {key->k, key->opc, key->k_len,
					   key->iterations};
	struct ims_aka_tuak_out o = {.res_len = key->res_len,
				     .ck_len = 16,
				     .ik_len = 16};
	struct ims_aka_in open = *in;

	if (in->want & IMS_AKA_F2345) {
		ims_aka_tuak_f2345(&t, in->rnd, &o);
		memcpy(out->res, o.res, key->res_len);
		out->res_len = key->res_len;
		memcpy(out->ck, o.ck, 16);
		memcpy(out->ik, o.ik, 16);
		memcpy(out->ak, o.ak, 6);
		ims_wipe(&o, sizeof o);
	}
	if (in->want & IMS_AKA_F5_STAR)
		ims_aka_tuak_f5_star(&t, in->rnd, out->ak_star);
	if (in->want & (IMS_AKA_F1 | IMS_AKA_F1_STAR)) {
		open.sqn = ims_aka_sqn_of(in, out);
		ims_aka_tuak_f1(&t, &open, 8, mac);
	}
	return 0;
}
