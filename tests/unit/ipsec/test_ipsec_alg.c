/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_alg.c - names are whole names, pairs are pairs. */
#include "ipsec_alg.h"

#include "test.h"

static void finds_whole_names_of_any_case(void **state)
{
	/* clang-format off */
	static const struct {
		const char *token;
		int alg, ealg;
	} rows[] = {
		{"hmac-md5-96",         IMS_ALG_HMAC_MD5,  -1},
		{"HMAC-SHA-1-96",       IMS_ALG_HMAC_SHA1, -1},
		{"Aes-Gmac",            IMS_ALG_AES_GMAC,  -1},
		{"null",                IMS_ALG_NULL,      IMS_EALG_NULL},
		{"NULL",                IMS_ALG_NULL,      IMS_EALG_NULL},
		{"",                    -1,                IMS_EALG_NULL},
		{"aes-cbc",             -1,                IMS_EALG_AES_CBC},
		{"des-ede3-cbc",        -1,                IMS_EALG_DES_EDE3_CBC},
		{"AES-GCM",             -1,                IMS_EALG_AES_GCM},
		/* What phones offer and we do not know. */
		{"hmac-sha-2-256-128",  -1,                -1},
		{"hmac-sha-2-512-256",  -1,                -1},
		{"aes-gcm-16",          -1,                -1},
		{"hmac-sha-1",          -1,                -1},
		{"hmac-sha-1-96x",      -1,                -1},
		{"hmac",                -1,                -1},
		{"a",                   -1,                -1},
		{"aes",                 -1,                -1},
		{" null",               -1,                -1},
		{"nul",                 -1,                -1},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_str t = ims_str(rows[i].token);

		if (ims_ipsec_alg_find(t) != rows[i].alg ||
		    ims_ipsec_ealg_find(t) != rows[i].ealg)
			fail_msg("%s", rows[i].token);
	}
}

static void a_zero_byte_does_not_end_a_name(void **state)
{
	struct ims_str s = ims_str_n("null\0x", 6);

	assert_int_equal(ims_ipsec_alg_find(s), -1);
	assert_int_equal(ims_ipsec_ealg_find(s), -1);
}

static void eight_of_sixteen_pairs_are_valid(void **state)
{
	/* rows: alg null md5 sha1 gmac; columns: ealg null cbc 3des gcm */
	static const bool want[IMS_N_ALGS][IMS_N_EALGS] = {{0, 0, 0, 1},
							   {1, 1, 1, 0},
							   {1, 1, 1, 0},
							   {1, 0, 0, 0}};

	for (unsigned a = 0; a < IMS_N_ALGS; a++)
		for (unsigned e = 0; e < IMS_N_EALGS; e++) {
			struct ims_ipsec_suite s = {a, e};

			assert_int_equal(ims_ipsec_suite_valid(s), want[a][e]);
		}
}

static void the_order_of_preference_is_strong_first(void **state)
{
	static const char *const want[IMS_N_SUITES] = {
		"null/aes-gcm",
		"aes-gmac/null",
		"hmac-sha-1-96/aes-cbc",
		"hmac-sha-1-96/null",
		"hmac-sha-1-96/des-ede3-cbc",
		"hmac-md5-96/aes-cbc",
		"hmac-md5-96/null",
		"hmac-md5-96/des-ede3-cbc",
	};
	char text[IMS_SUITE_TEXT];

	for (int i = 0; i < IMS_N_SUITES; i++) {
		assert_string_equal(ims_ipsec_suite_text(ims_ipsec_suites[i],
							 text),
				    want[i]);
		assert_true(ims_ipsec_suite_valid(ims_ipsec_suites[i]));
		assert_int_equal(ims_ipsec_suite_deprecated(
					 ims_ipsec_suites[i]),
				 i >= 4);
	}
}

static void sizes_are_those_of_the_rfcs(void **state)
{
	assert_int_equal(ims_ipsec_alg(IMS_ALG_HMAC_MD5)->key, 16);
	assert_int_equal(ims_ipsec_alg(IMS_ALG_HMAC_MD5)->icv, 12);
	assert_int_equal(ims_ipsec_alg(IMS_ALG_HMAC_SHA1)->key, 20);
	assert_int_equal(ims_ipsec_alg(IMS_ALG_HMAC_SHA1)->icv, 12);
	assert_int_equal(ims_ipsec_alg(IMS_ALG_AES_GMAC)->salt, 4);
	assert_int_equal(ims_ipsec_alg(IMS_ALG_AES_GMAC)->icv, 16);
	assert_true(ims_ipsec_alg(IMS_ALG_AES_GMAC)->aead);
	assert_null(ims_ipsec_alg(IMS_ALG_AES_GMAC)->wireshark);
	assert_int_equal(ims_ipsec_ealg(IMS_EALG_AES_CBC)->iv, 16);
	assert_int_equal(ims_ipsec_ealg(IMS_EALG_AES_CBC)->block, 16);
	assert_int_equal(ims_ipsec_ealg(IMS_EALG_DES_EDE3_CBC)->key, 24);
	assert_int_equal(ims_ipsec_ealg(IMS_EALG_DES_EDE3_CBC)->block, 8);
	assert_int_equal(ims_ipsec_ealg(IMS_EALG_AES_GCM)->iv, 8);
	assert_int_equal(ims_ipsec_ealg(IMS_EALG_AES_GCM)->icv, 16);
}

/* In the order of ims_ipsec_suites; the numbers are worked out by hand. */
static void a_suite_adds_at_most_so_much(void **state)
{
	static const size_t most[IMS_N_SUITES] = {37, 37, 53, 25,
						  37, 53, 25, 37};

	for (int i = 0; i < IMS_N_SUITES; i++)
		assert_int_equal(ims_ipsec_suite_overhead(ims_ipsec_suites[i]),
				 most[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_whole_names_of_any_case),
		cmocka_unit_test(a_zero_byte_does_not_end_a_name),
		cmocka_unit_test(eight_of_sixteen_pairs_are_valid),
		cmocka_unit_test(the_order_of_preference_is_strong_first),
		cmocka_unit_test(sizes_are_those_of_the_rfcs),
		cmocka_unit_test(a_suite_adds_at_most_so_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
