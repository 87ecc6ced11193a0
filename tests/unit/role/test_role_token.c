/* SPDX-License-Identifier: BSD-2-Clause */
/* test_role_token.c - random names. */
#include "crypto.h"
#include "role.h"

#include "test.h"

static void a_token_is_letters_and_digits_of_the_length_asked(void **state)
{
	uint64_t seed = 1;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	char t[200];

	for (size_t n = 0; n < sizeof t; n++) {
		ims_role_token(&rnd, t, n);
		assert_int_equal(strlen(t), n);
		assert_int_equal(strspn(t, "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789"),
				 n);
	}
}

static void every_letter_is_as_likely_as_another(void **state)
{
	uint64_t seed = 2;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	unsigned count[256] = {0};
	char t[6201];

	for (int i = 0; i < 10; i++) {
		ims_role_token(&rnd, t, 6200);
		for (int j = 0; j < 6200; j++)
			count[(unsigned char)t[j]]++;
	}
	assert_in_range(count['a'], 800, 1200);
	assert_in_range(count['9'], 800, 1200);
}

static void a_branch_has_the_cookie_and_differs_each_time(void **state)
{
	uint64_t seed = 3;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	char a[IMS_BRANCH_LEN], b[IMS_BRANCH_LEN];

	ims_role_branch(&rnd, a);
	ims_role_branch(&rnd, b);
	assert_int_equal(strlen(a), IMS_BRANCH_LEN - 1);
	assert_int_equal(strncmp(a, "z9hG4bK", 7), 0);
	assert_string_not_equal(a, b);
}

static int broken(void *arg, void *out, size_t n)
{
	return -IMS_E_SYS;
}

static void a_broken_source_still_gives_an_end(void **state)
{
	struct ims_rand rnd = {.fill = broken};
	char t[9];

	ims_role_token(&rnd, t, 8);
	assert_int_equal(strlen(t), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_token_is_letters_and_digits_of_the_length_asked),
		cmocka_unit_test(every_letter_is_as_likely_as_another),
		cmocka_unit_test(a_branch_has_the_cookie_and_differs_each_time),
		cmocka_unit_test(a_broken_source_still_gives_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
