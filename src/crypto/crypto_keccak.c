/* SPDX-License-Identifier: BSD-2-Clause */
/* crypto_keccak.c - Keccak-f[1600] [FIPS 202 3.2]. */
#include "crypto_keccak.h"

#include "base_mem.h"

#include <endian.h>
#include <string.h>

/* clang-format off */
static const uint64_t iota[24] = {
	0x0000000000000001, 0x0000000000008082, 0x800000000000808a,
	0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
	0x8000000080008081, 0x8000000000008009, 0x000000000000008a,
	0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
	0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
	0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
	0x000000000000800a, 0x800000008000000a, 0x8000000080008081,
	0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};
/* clang-format on */

static inline uint64_t rot(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

/* One row of chi from the five lanes that rho and pi bring there. */
static inline void chi(uint64_t *e, uint64_t b0, uint64_t b1, uint64_t b2,
		       uint64_t b3, uint64_t b4)
{
	e[0] = b0 ^ (~b1 & b2);
	e[1] = b1 ^ (~b2 & b3);
	e[2] = b2 ^ (~b3 & b4);
	e[3] = b3 ^ (~b4 & b0);
	e[4] = b4 ^ (~b0 & b1);
}

static inline void round_of(const uint64_t *a, uint64_t *e, uint64_t rc)
{
	uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
	uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
	uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
	uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
	uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
	uint64_t d0 = c4 ^ rot(c1, 1), d1 = c0 ^ rot(c2, 1);
	uint64_t d2 = c1 ^ rot(c3, 1), d3 = c2 ^ rot(c4, 1);
	uint64_t d4 = c3 ^ rot(c0, 1);

	chi(e, a[0] ^ d0, rot(a[6] ^ d1, 44), rot(a[12] ^ d2, 43),
	    rot(a[18] ^ d3, 21), rot(a[24] ^ d4, 14));
	chi(e + 5, rot(a[3] ^ d3, 28), rot(a[9] ^ d4, 20), rot(a[10] ^ d0, 3),
	    rot(a[16] ^ d1, 45), rot(a[22] ^ d2, 61));
	chi(e + 10, rot(a[1] ^ d1, 1), rot(a[7] ^ d2, 6), rot(a[13] ^ d3, 25),
	    rot(a[19] ^ d4, 8), rot(a[20] ^ d0, 18));
	chi(e + 15, rot(a[4] ^ d4, 27), rot(a[5] ^ d0, 36), rot(a[11] ^ d1, 10),
	    rot(a[17] ^ d2, 15), rot(a[23] ^ d3, 56));
	chi(e + 20, rot(a[2] ^ d2, 62), rot(a[8] ^ d3, 55), rot(a[14] ^ d4, 39),
	    rot(a[15] ^ d0, 41), rot(a[21] ^ d1, 2));
	e[0] ^= rc;
}

void ims_crypto_keccak_f(uint8_t state[static 200])
{
	uint64_t a[25], e[25];

	memcpy(a, state, sizeof a);
	for (int i = 0; i < 25; i++)
		a[i] = le64toh(a[i]);
	for (int i = 0; i < 24; i += 2) {
		round_of(a, e, iota[i]);
		round_of(e, a, iota[i + 1]);
	}
	for (int i = 0; i < 25; i++)
		a[i] = htole64(a[i]);
	memcpy(state, a, sizeof a);
	ims_wipe(a, sizeof a);
	ims_wipe(e, sizeof e);
}
