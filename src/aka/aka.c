/* SPDX-License-Identifier: BSD-2-Clause */
/* aka.c - keys, vectors, AUTN and AUTS over whichever algorithm. */
#include "aka.h"

#include "aka_milenage.h"
#include "aka_sqn.h"
#include "aka_tuak.h"
#include "aka_xor.h"
#include "base_mem.h"
#include "crypto.h"

#include <string.h>

/* clang-format off */
static const struct algo {
	const char *name;
	ims_aka_fn *run;
	uint8_t res_len; /* unless the subscriber has another */
	uint8_t op_len;  /* of OP and OPc, 0: it has none */
} algos[] = {
	[IMS_AKA_MILENAGE] = {"milenage", ims_aka_milenage, 8, 16},
	[IMS_AKA_TUAK]     = {"tuak", ims_aka_tuak, 8, 32},
	[IMS_AKA_XOR]      = {"xor", ims_aka_xor, 16, 0},
};
/* clang-format on */
#define N_ALGOS (sizeof algos / sizeof *algos)

void ims_aka_put48(uint8_t out[static 6], uint64_t v)
{
	for (int i = 5; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
}

uint64_t ims_aka_get48(const uint8_t in[static 6])
{
	uint64_t v = 0;

	for (int i = 0; i < 6; i++)
		v = v << 8 | in[i];
	return v;
}

uint64_t ims_aka_sqn_of(const struct ims_aka_in *in,
			const struct ims_aka_out *out)
{
	if (!in->concealed)
		return in->sqn;
	return in->sqn ^
	       ims_aka_get48(in->want & IMS_AKA_F1 ? out->ak : out->ak_star);
}

const char *ims_aka_algo_name(enum ims_aka_algo a)
{
	return (size_t)a < N_ALGOS ? algos[a].name : "?";
}

int ims_aka_algo_parse(struct ims_str s, enum ims_aka_algo *out)
{
	for (size_t i = 0; i < N_ALGOS; i++) {
		if (ims_str_caseeq(s, ims_str(algos[i].name))) {
			*out = (enum ims_aka_algo)i;
			return 0;
		}
	}
	return -IMS_E_SYNTAX;
}

static bool k_len_fits(enum ims_aka_algo a, size_t n)
{
	return n == 16 || (a == IMS_AKA_TUAK && n == 32);
}

static bool res_len_fits(enum ims_aka_algo a, size_t n)
{
	switch (a) {
	case IMS_AKA_MILENAGE:
		return n == 8;
	case IMS_AKA_TUAK:
		return n == 4 || n == 8 || n == 16 || n == 32;
	case IMS_AKA_XOR:
		return n >= 4 && n <= 16;
	}
	return false;
}

int ims_aka_key_init(struct ims_aka_key *key, enum ims_aka_algo algo,
		     const uint8_t *k, size_t k_len)
{
	if ((size_t)algo >= N_ALGOS)
		return -IMS_E_ALGO;
	if (!k_len_fits(algo, k_len))
		return -IMS_E_LENGTH;
	*key = (struct ims_aka_key){
		.algo = algo,
		.k_len = (uint8_t)k_len,
		.res_len = algos[algo].res_len,
		.iterations = 1,
	};
	memcpy(key->k, k, k_len);
	return 0;
}

int ims_aka_key_res_len(struct ims_aka_key *key, size_t n)
{
	if (!res_len_fits(key->algo, n))
		return -IMS_E_LENGTH;
	key->res_len = (uint8_t)n;
	return 0;
}

int ims_aka_key_op(struct ims_aka_key *key, const uint8_t *op, size_t n)
{
	struct ims_aka_tuak_key t = {key->k, op, key->k_len, key->iterations};

	if ((size_t)key->algo >= N_ALGOS)
		return -IMS_E_ALGO;
	if (n == 0 || n != algos[key->algo].op_len)
		return -IMS_E_LENGTH;
	if (key->algo == IMS_AKA_MILENAGE)
		return ims_aka_milenage_opc(key->k, op, key->opc);
	ims_aka_tuak_topc(&t, key->opc);
	return 0;
}

int ims_aka_key_opc(struct ims_aka_key *key, const uint8_t *opc, size_t n)
{
	if ((size_t)key->algo >= N_ALGOS)
		return -IMS_E_ALGO;
	if (n == 0 || n != algos[key->algo].op_len)
		return -IMS_E_LENGTH;
	memcpy(key->opc, opc, n);
	return 0;
}

void ims_aka_key_wipe(struct ims_aka_key *key)
{
	ims_wipe(key, sizeof *key);
}

/* The algorithm, once the key has been looked at. */
static int run(const struct ims_aka_key *key, const struct ims_aka_in *in,
	       struct ims_aka_out *out, uint8_t *mac)
{
	if ((size_t)key->algo >= N_ALGOS)
		return -IMS_E_ALGO;
	if (!k_len_fits(key->algo, key->k_len) ||
	    !res_len_fits(key->algo, key->res_len))
		return -IMS_E_LENGTH;
	return algos[key->algo].run(key, in, out, mac);
}

int ims_aka_f2345(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		  struct ims_aka_out *out)
{
	const struct ims_aka_in in = {.rnd = rnd,
				      .want = IMS_AKA_F2345 | IMS_AKA_F5_STAR};
	struct ims_aka_out o = {0};
	int err = run(key, &in, &o, NULL);

	if (!err)
		*out = o;
	ims_wipe(&o, sizeof o);
	return err;
}

int ims_aka_f1(const struct ims_aka_key *key, const uint8_t rnd[static 16],
	       uint64_t sqn, const uint8_t amf[static 2], bool star,
	       uint8_t mac[static 8])
{
	const struct ims_aka_in in = {
		.rnd = rnd,
		.want = star ? IMS_AKA_F1_STAR : IMS_AKA_F1,
		.sqn = sqn & IMS_SQN_MASK,
		.amf = amf,
	};
	struct ims_aka_out none = {0};
	uint8_t m[8];
	int err = run(key, &in, &none, m);

	if (!err)
		memcpy(mac, m, 8);
	return err;
}

int ims_aka_vector(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		   uint64_t sqn, const uint8_t amf[static 2],
		   struct ims_aka_vector *out)
{
	const struct ims_aka_in in = {
		.rnd = rnd,
		.want = IMS_AKA_F1 | IMS_AKA_F2345,
		.sqn = sqn & IMS_SQN_MASK,
		.amf = amf,
	};
	struct ims_aka_vector v = {0};
	struct ims_aka_out o = {0};
	int err = run(key, &in, &o, v.autn + 8);

	if (err)
		return err;
	ims_aka_put48(v.autn, in.sqn ^ ims_aka_get48(o.ak));
	memcpy(v.autn + 6, amf, 2);
	memcpy(v.rand, rnd, 16);
	memcpy(v.xres, o.res, o.res_len);
	v.xres_len = o.res_len;
	memcpy(v.ck, o.ck, 16);
	memcpy(v.ik, o.ik, 16);
	*out = v;
	ims_wipe(&v, sizeof v);
	ims_wipe(&o, sizeof o);
	return 0;
}

int ims_aka_answer(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		   const uint8_t autn[static 16], struct ims_aka_autn *seen,
		   struct ims_aka_out *out)
{
	const struct ims_aka_in in = {
		.rnd = rnd,
		.want = IMS_AKA_F1 | IMS_AKA_F2345,
		.sqn = ims_aka_get48(autn),
		.concealed = true,
		.amf = autn + 6,
	};
	struct ims_aka_out o = {0};
	uint8_t xmac[8];
	int err = run(key, &in, &o, xmac);

	if (err)
		return err;
	seen->sqn = ims_aka_sqn_of(&in, &o);
	memcpy(seen->amf, autn + 6, 2);
	memcpy(seen->mac, autn + 8, 8);
	seen->mac_ok = ims_crypto_eq(xmac, autn + 8, 8);
	*out = o;
	ims_wipe(&o, sizeof o);
	return 0;
}

int ims_aka_autn(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		 const uint8_t autn[static 16], struct ims_aka_autn *out)
{
	struct ims_aka_out o;
	int err = ims_aka_answer(key, rnd, autn, out, &o);

	ims_wipe(&o, sizeof o);
	return err;
}

/* AMF* [33.102 6.3.3]. */
static const uint8_t amf_star[2];

int ims_aka_auts_build(const struct ims_aka_key *key,
		       const uint8_t rnd[static 16], uint64_t sqn_ms,
		       uint8_t auts[static 14])
{
	const struct ims_aka_in in = {
		.rnd = rnd,
		.want = IMS_AKA_F1_STAR | IMS_AKA_F5_STAR,
		.sqn = sqn_ms & IMS_SQN_MASK,
		.amf = amf_star,
	};
	struct ims_aka_out o = {0};
	uint8_t mac[8];
	int err = run(key, &in, &o, mac);

	if (err)
		return err;
	ims_aka_put48(auts, in.sqn ^ ims_aka_get48(o.ak_star));
	memcpy(auts + 6, mac, 8);
	ims_wipe(&o, sizeof o);
	return 0;
}

int ims_aka_auts_open(const struct ims_aka_key *key,
		      const uint8_t rnd[static 16],
		      const uint8_t auts[static 14], uint64_t *sqn_ms)
{
	const struct ims_aka_in in = {
		.rnd = rnd,
		.want = IMS_AKA_F1_STAR | IMS_AKA_F5_STAR,
		.sqn = ims_aka_get48(auts),
		.concealed = true,
		.amf = amf_star,
	};
	struct ims_aka_out o = {0};
	uint8_t mac[8];
	int err = run(key, &in, &o, mac);

	if (!err && !ims_crypto_eq(mac, auts + 6, 8))
		err = -IMS_E_AKA_AUTS;
	if (!err)
		*sqn_ms = ims_aka_sqn_of(&in, &o);
	ims_wipe(&o, sizeof o);
	return err;
}
