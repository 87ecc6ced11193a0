/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_xor.c - the XOR test algorithm [34.108 8.1.2]. */
#include "aka_xor.h"

#include "base_mem.h"

#include <string.h>

/* x without its first n bytes, then those. */
static void turn(uint8_t *out, const uint8_t *x, size_t n)
{
	memcpy(out, x + n, 16 - n);
	memcpy(out + 16 - n, x, n);
}

int ims_aka_xor(const struct ims_aka_key *key, const struct ims_aka_in *in,
		struct ims_aka_out *out, uint8_t *mac)
{
	uint8_t x[16], cdout[8];

	for (int i = 0; i < 16; i++)
		x[i] = key->k[i] ^ in->rnd[i];
	if (in->want & IMS_AKA_F2345) {
		memcpy(out->res, x, key->res_len);
		out->res_len = key->res_len;
		turn(out->ck, x, 1);
		turn(out->ik, x, 2);
		memcpy(out->ak, x + 3, 6);
	}
	if (in->want & IMS_AKA_F5_STAR)
		memcpy(out->ak_star, x + 3, 6);
	if (in->want & (IMS_AKA_F1 | IMS_AKA_F1_STAR)) {
		ims_aka_put48(cdout, ims_aka_sqn_of(in, out));
		memcpy(cdout + 6, in->amf, 2);
		for (int i = 0; i < 8; i++)
			mac[i] = x[i] ^ cdout[i];
	}
	ims_wipe(x, sizeof x);
	return 0;
}
