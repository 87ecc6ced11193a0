/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_tuak.h - TUAK over Keccak-f[1600]; inside the module.
 *
 * The functions with explicit lengths serve every length of the standard;
 * ims_aka_tuak() uses those that IMS can: MAC 64, CK and IK 128 bits.
 *
 * Spec: TS 35.231.
 */
#ifndef IMS_AKA_TUAK_H
#define IMS_AKA_TUAK_H

#include "aka_algo.h"

ims_aka_fn ims_aka_tuak;

/* K (16 or 32 bytes), TOPc and how often the permutation is applied. */
struct ims_aka_tuak_key {
	const uint8_t *k, *topc;
	uint8_t k_len, iterations;
};
/* Bytes wanted: res 4, 8, 16 or 32; ck and ik 16 or 32. */
struct ims_aka_tuak_out {
	uint8_t res_len, ck_len, ik_len;
	uint8_t res[32], ck[32], ik[32], ak[6];
};

/* key->topc is the operator's TOP here. */
void ims_aka_tuak_topc(const struct ims_aka_tuak_key *key,
		       uint8_t topc[static 32]);
/* f1, f1*: mac_len 8, 16 or 32 bytes. */
void ims_aka_tuak_f1(const struct ims_aka_tuak_key *key,
		     const struct ims_aka_in *in, uint8_t mac_len,
		     uint8_t *mac);
void ims_aka_tuak_f2345(const struct ims_aka_tuak_key *key, const uint8_t *rnd,
			struct ims_aka_tuak_out *out);
void ims_aka_tuak_f5_star(const struct ims_aka_tuak_key *key,
			  const uint8_t *rnd, uint8_t ak_star[static 6]);

#endif
