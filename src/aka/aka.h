/* SPDX-License-Identifier: BSD-2-Clause */
/* aka.h - authentication and key agreement: vectors, both sides.
 *
 * The network side makes a vector from key and SQN, and recovers SQN_MS from
 * AUTS; the USIM side checks AUTN and answers.  Both use the same three
 * algorithms.  aka_card.h is a whole software USIM, aka_sqn.h the sequence
 * numbers, aka_digest.h what of it reaches SIP.
 *
 * Spec: TS 33.102 6.3, Annex C; TS 35.206; TS 35.231; TS 34.108 8.1.2.
 */
#ifndef IMS_AKA_H
#define IMS_AKA_H

#include "base_err.h"
#include "base_str.h"

enum ims_aka_algo { IMS_AKA_MILENAGE, IMS_AKA_TUAK, IMS_AKA_XOR };
const char *ims_aka_algo_name(enum ims_aka_algo a); /* "milenage" ... */
/* Returns 0 or -IMS_E_SYNTAX. */
int ims_aka_algo_parse(struct ims_str s, enum ims_aka_algo *out);

/* What a subscriber's card and the HSS share.  Secret: wipe it. */
struct ims_aka_key {
	enum ims_aka_algo algo;
	uint8_t k[32];
	uint8_t k_len;   /* 16; TUAK also 32 */
	uint8_t opc[32]; /* OPc (16 bytes) or TOPc (32); XOR: unused */
	uint8_t res_len; /* bytes of RES: milenage 8, TUAK 4 8 16 32, XOR 4..16 */
	uint8_t iterations; /* TUAK: Keccak permutations, default 1 */
	/* NULL, or an AES context of the caller's to work with: Milenage is
	 * then more than twice as fast.  Borrowed; not for two threads at once.
	 */
	struct ims_crypto_aes *aes;
};

/* Sets algo, K and the lengths' defaults (milenage RES 8, TUAK 8, XOR 16).
 * Returns 0, -IMS_E_LENGTH, or -IMS_E_ALGO.
 */
int ims_aka_key_init(struct ims_aka_key *key, enum ims_aka_algo algo,
		     const uint8_t *k, size_t k_len);
/* Another length of RES than the default.  -IMS_E_LENGTH if it may not be. */
int ims_aka_key_res_len(struct ims_aka_key *key, size_t n);
/* opc from the operator's OP (16) or TOP (32; set `iterations` before), or as
 * given.  -IMS_E_LENGTH; XOR has neither, so any length is wrong there.
 */
int ims_aka_key_op(struct ims_aka_key *key, const uint8_t *op, size_t n);
int ims_aka_key_opc(struct ims_aka_key *key, const uint8_t *opc, size_t n);
void ims_aka_key_wipe(struct ims_aka_key *key);

#define IMS_AKA_RES_MAX 32
/* Everything f1..f5* give for one RAND.  Secret. */
struct ims_aka_out {
	uint8_t res[IMS_AKA_RES_MAX];
	uint8_t res_len;
	uint8_t ck[16], ik[16];
	uint8_t ak[6], ak_star[6]; /* f5, f5* */
};
/* f2..f5 and f5*.  This and all that follow return -IMS_E_ALGO if the algorithm
 * is missing, and -IMS_E_LENGTH if a length in the key is not allowed.
 */
int ims_aka_f2345(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		  struct ims_aka_out *out);
/* f1 (star false) or f1* over SQN||RAND||AMF. */
int ims_aka_f1(const struct ims_aka_key *key, const uint8_t rnd[static 16],
	       uint64_t sqn, const uint8_t amf[static 2], bool star,
	       uint8_t mac[static 8]);

/* A vector, as the HSS gives it to the S-CSCF.  Secret but for rand, autn. */
struct ims_aka_vector {
	uint8_t rand[16], autn[16];
	uint8_t xres[IMS_AKA_RES_MAX];
	uint8_t xres_len;
	uint8_t ck[16], ik[16];
};
/* sqn: 48 bits. */
int ims_aka_vector(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		   uint64_t sqn, const uint8_t amf[static 2],
		   struct ims_aka_vector *out);

/* AUTN taken apart with the key: what a USIM sees before it looks at SQN. */
struct ims_aka_autn {
	uint64_t sqn;
	uint8_t amf[2], mac[8];
	bool mac_ok;
};
int ims_aka_autn(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		 const uint8_t autn[static 16], struct ims_aka_autn *out);

/* Both in one: AUTN taken apart, and the answer (without f5*).  Do not use the
 * answer unless mac_ok.
 */
int ims_aka_answer(const struct ims_aka_key *key, const uint8_t rnd[static 16],
		   const uint8_t autn[static 16], struct ims_aka_autn *seen,
		   struct ims_aka_out *out);

/* AUTS = (SQN_MS ^ AK*) || MAC-S, AMF* = 0000 [33.102 6.3.3]. */
int ims_aka_auts_build(const struct ims_aka_key *key,
		       const uint8_t rnd[static 16], uint64_t sqn_ms,
		       uint8_t auts[static 14]);
/* Returns 0 and SQN_MS, or -IMS_E_AKA_AUTS if MAC-S is wrong. */
int ims_aka_auts_open(const struct ims_aka_key *key,
		      const uint8_t rnd[static 16],
		      const uint8_t auts[static 14], uint64_t *sqn_ms);

#endif
