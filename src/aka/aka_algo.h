/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_algo.h - the form that the three algorithms share; inside the module.
 *
 * One call gives every function of f1..f5* that is wanted for one RAND, so
 * that what they have in common is computed once.
 */
#ifndef IMS_AKA_ALGO_H
#define IMS_AKA_ALGO_H

#include "aka.h"

enum ims_aka_want {
	IMS_AKA_F1 = 1,
	IMS_AKA_F1_STAR = 2, /* one of the two at most */
	IMS_AKA_F2345 = 4,
	IMS_AKA_F5_STAR = 8,
};

struct ims_aka_in {
	const uint8_t *rnd; /* 16 */
	unsigned want;
	/* For f1 and f1* only.  Concealed: sqn is SQN ^ AK with f1 (want f2345
	 * too), SQN ^ AK* with f1* (want f5* too).
	 */
	uint64_t sqn;
	bool concealed;
	const uint8_t *amf; /* 2 */
};

/* What was not wanted in out and mac[8] is left alone; mac may be NULL then.
 * The key's lengths are right.  0 or -IMS_E_ALGO.
 */
typedef int ims_aka_fn(const struct ims_aka_key *key,
		       const struct ims_aka_in *in, struct ims_aka_out *out,
		       uint8_t *mac);

/* Six bytes, highest first. */
void ims_aka_put48(uint8_t out[static 6], uint64_t v);
uint64_t ims_aka_get48(const uint8_t in[static 6]);
/* SQN for f1 or f1*, laid open if it was concealed. */
uint64_t ims_aka_sqn_of(const struct ims_aka_in *in,
			const struct ims_aka_out *out);

#endif
