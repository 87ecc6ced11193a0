/* SPDX-License-Identifier: BSD-2-Clause */
/* test_crypto_keccak.c - the permutation, judged through SHA3-256. */
#include "crypto.h"
#include "crypto_keccak.h"

#include "test.h"

#include <openssl/evp.h>

#define RATE 136

/* SHA3-256 of less than one block [FIPS 202]. */
static void sha3(const uint8_t *p, size_t n, uint8_t out[static 32])
{
	uint8_t s[200] = {0};

	assert_true(n < RATE);
	memcpy(s, p, n);
	s[n] ^= 0x06;
	s[RATE - 1] ^= 0x80;
	ims_crypto_keccak_f(s);
	memcpy(out, s, 32);
}

static void the_zero_state_becomes_the_published_one(void **state)
{
	static const uint8_t want[8] = {0xe7, 0xdd, 0xe1, 0x40,
					0x79, 0x8f, 0x25, 0xf1};
	uint8_t s[200] = {0};

	(void)state;
	ims_crypto_keccak_f(s);
	assert_memory_equal(s, want, 8);
}

static void sha3_of_random_bytes_agrees_with_libcrypto(void **state)
{
	uint64_t seed = 1;
	struct ims_rand r = ims_rand_seeded(&seed);
	uint8_t in[RATE], mine[32], theirs[32];

	(void)state;
	for (size_t n = 0; n < RATE; n++) {
		ims_rand_fill(&r, in, sizeof in);
		sha3(in, n, mine);
		assert_int_equal(EVP_Digest(in, n, theirs, NULL, EVP_sha3_256(),
					    NULL),
				 1);
		assert_memory_equal(mine, theirs, 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_zero_state_becomes_the_published_one),
		cmocka_unit_test(sha3_of_random_bytes_agrees_with_libcrypto),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
