/* SPDX-License-Identifier: BSD-2-Clause */
/* test_crypto_rand.c - three sources and the uniform choice. */
#include "base_err.h"
#include "crypto.h"

#include "test.h"

static void a_seed_repeats_and_another_seed_differs(void **state)
{
	uint64_t s1 = 42, s2 = 42, s3 = 43;
	struct ims_rand a = ims_rand_seeded(&s1), b = ims_rand_seeded(&s2);
	struct ims_rand c = ims_rand_seeded(&s3);
	uint8_t x[33], y[33], z[33];

	(void)state;
	ims_rand_fill(&a, x, sizeof x);
	ims_rand_fill(&b, y, sizeof y);
	ims_rand_fill(&c, z, sizeof z);
	assert_memory_equal(x, y, sizeof x);
	assert_memory_not_equal(x, z, sizeof x);
	ims_rand_fill(&a, x, sizeof x);
	assert_memory_not_equal(x, y, sizeof x);
}

/* Never the same 16 bytes twice, whatever the pool's edges do. */
static void no_repeats(const struct ims_rand *r)
{
	static uint8_t seen[200][16];

	for (size_t i = 0; i < N_OF(seen); i++) {
		assert_int_equal(ims_rand_fill(r, seen[i], 16), 0);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(seen[i], seen[j], 16);
	}
}

static void the_system_and_the_pool_do_not_repeat(void **state)
{
	struct ims_rand_pool pool = {0};
	struct ims_rand sys = ims_rand_system();
	struct ims_rand pooled = ims_rand_pooled(&pool);
	uint8_t odd[7], before[7] = {0}, big[1000] = {0};

	(void)state;
	no_repeats(&sys);
	no_repeats(&pooled);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(ims_rand_fill(&pooled, odd, sizeof odd), 0);
		assert_memory_not_equal(odd, before, sizeof odd);
		memcpy(before, odd, sizeof odd);
	}
	no_repeats(&pooled);
	assert_int_equal(ims_rand_fill(&pooled, big, sizeof big), 0);
	assert_memory_not_equal(big + 900, (uint8_t[100]){0}, 100);
	assert_int_equal(ims_rand_fill(&pooled, NULL, 0), 0);
}

static void the_pool_forgets_what_it_gave(void **state)
{
	struct ims_rand_pool pool = {0};
	struct ims_rand r = ims_rand_pooled(&pool);
	uint8_t out[64];

	(void)state;
	ims_rand_fill(&r, out, sizeof out);
	for (size_t i = 0; i + sizeof out <= sizeof pool.b; i++)
		assert_memory_not_equal(pool.b + i, out, sizeof out);
}

static void below_reaches_all_and_only_what_is_below(void **state)
{
	uint64_t seed = 7;
	struct ims_rand r = ims_rand_seeded(&seed);
	unsigned count[6] = {0};

	(void)state;
	for (int i = 0; i < 60000; i++) {
		uint32_t v = ims_rand_below(&r, 6);

		assert_true(v < 6);
		count[v]++;
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(count[i], 9500, 10500);
	assert_int_equal(ims_rand_below(&r, 0), 0);
	assert_int_equal(ims_rand_below(&r, 1), 0);
	assert_true(ims_rand_below(&r, UINT32_MAX) < UINT32_MAX);
}

static int refuse(void *arg, void *out, size_t n)
{
	(void)arg, (void)out, (void)n;
	return -IMS_E_SYS;
}

static void a_failing_source_is_reported(void **state)
{
	struct ims_rand r = {refuse, NULL};
	uint8_t b[4];

	(void)state;
	assert_int_equal(ims_rand_fill(&r, b, sizeof b), -IMS_E_SYS);
	assert_int_equal(ims_rand_below(&r, 100), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_repeats_and_another_seed_differs),
		cmocka_unit_test(the_system_and_the_pool_do_not_repeat),
		cmocka_unit_test(the_pool_forgets_what_it_gave),
		cmocka_unit_test(below_reaches_all_and_only_what_is_below),
		cmocka_unit_test(a_failing_source_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
