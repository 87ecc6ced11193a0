/* SPDX-License-Identifier: BSD-2-Clause */
/* role_token.c - random names: tags, branches, Call-IDs. */
#include <string.h>

#include "crypto.h"
#include "role.h"

#define COOKIE "z9hG4bK"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
#define N_LETTERS (sizeof(letters) - 1)

void ims_role_token(const struct ims_rand *rnd, char *out, size_t n)
{
	uint8_t pool[32];
	size_t left = 0, i = 0;

	while (i < n) {
		uint8_t b;

		if (left == 0) {
			if (ims_rand_fill(rnd, pool, sizeof(pool)))
				memset(pool, 0, sizeof(pool));
			left = sizeof(pool);
		}
		b = pool[--left];
		/* a whole multiple of the letters: each as likely */
		if (b < 256 / N_LETTERS * N_LETTERS)
			out[i++] = letters[b % N_LETTERS];
	}
	out[n] = 0;
}

void ims_role_branch(const struct ims_rand *rnd,
		     char out[static IMS_BRANCH_LEN])
{
	size_t n = sizeof(COOKIE) - 1;

	memcpy(out, COOKIE, n);
	ims_role_token(rnd, out + n, IMS_BRANCH_LEN - 1 - n);
}
