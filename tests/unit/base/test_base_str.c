/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_str.c - slices: comparing, numbers, copying. */
#include "base_str.h"

#include "base_err.h"
#include "test.h"

static void the_empty_slice_is_harmless_everywhere(void **state)
{
	struct ims_str none = ims_str(NULL);
	uint64_t v = 7;
	char dst[1];

	assert_int_equal(none.n, 0);
	assert_true(ims_str_eq(none, IMS_S("")));
	assert_true(ims_str_caseeq(none, none));
	assert_true(ims_str_starts(IMS_S("a"), none));
	assert_false(ims_str_starts(none, IMS_S("a")));
	assert_true(ims_str_ends(none, none));
	assert_int_equal(ims_str_find(none, 'a'), 0);
	assert_int_equal(ims_str_from(none, 5).n, 0);
	assert_int_equal(ims_str_trim(none).n, 0);
	assert_int_equal(ims_str_u64(none, 9, &v), -IMS_E_SYNTAX);
	assert_int_equal(v, 7);
	assert_true(ims_str_copy(dst, 1, none));
	assert_int_equal(ims_str_hash(none, 1), ims_str_hash(IMS_S(""), 1));
}

static void case_is_ascii_case_only(void **state)
{
	assert_true(ims_str_caseeq(IMS_S("Via"), IMS_S("vIA")));
	assert_false(ims_str_caseeq(IMS_S("Via"), IMS_S("Vib")));
	assert_false(ims_str_caseeq(IMS_S("Via"), IMS_S("Vi")));
	/* '@' and '`', '[' and '{' differ by the same bit as letters do. */
	assert_false(ims_str_caseeq(IMS_S("@"), IMS_S("`")));
	assert_false(ims_str_caseeq(IMS_S("["), IMS_S("{")));
	assert_false(ims_str_caseeq(IMS_S("\xc0"), IMS_S("\xe0")));
	assert_false(ims_str_eq(IMS_S("a"), IMS_S("A")));
}

static void zero_bytes_are_bytes_like_others(void **state)
{
	assert_true(ims_str_eq(IMS_S("a\0b"), IMS_S("a\0b")));
	assert_false(ims_str_eq(IMS_S("a\0b"), IMS_S("a\0c")));
	assert_false(ims_str_eq(IMS_S("a"), IMS_S("a\0")));
	assert_int_equal(ims_str_find(IMS_S("a\0b"), 'b'), 2);
	assert_true(ims_str_hash(IMS_S("a"), 0) !=
		    ims_str_hash(IMS_S("a\0"), 0));
}

static void finds_beginnings_and_ends(void **state)
{
	struct ims_str s = IMS_S("sip:user");

	assert_true(ims_str_starts(s, IMS_S("sip:")));
	assert_false(ims_str_starts(s, IMS_S("SIP:")));
	assert_true(ims_str_casestarts(s, IMS_S("SIP:")));
	assert_false(ims_str_starts(s, IMS_S("sip:user1")));
	assert_true(ims_str_ends(s, IMS_S("user")));
	assert_false(ims_str_ends(s, IMS_S("use")));
	assert_false(ims_str_ends(s, IMS_S("xsip:user")));
}

static void from_never_leaves_the_slice(void **state)
{
	assert_str(ims_str_from(IMS_S("abc"), 1), "bc");
	assert_int_equal(ims_str_from(IMS_S("abc"), 3).n, 0);
	assert_int_equal(ims_str_from(IMS_S("abc"), SIZE_MAX).n, 0);
}

static void trim_takes_white_space_at_both_ends(void **state)
{
	assert_str(ims_str_trim(IMS_S(" \t\r\n a b \r\n")), "a b");
	assert_int_equal(ims_str_trim(IMS_S(" \t\r\n")).n, 0);
	assert_int_equal(ims_str_trim(IMS_S("\0 ")).n, 1);
}

static void numbers_are_digits_and_nothing_else(void **state)
{
	static const char *const bad[] = {"",
					  "-1",
					  "+1",
					  " 1",
					  "1 ",
					  "0x1",
					  "1e3",
					  "1.",
					  "/",
					  ":",
					  "99999999999999999999999x"};
	uint64_t v = 7;

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(ims_str_u64(ims_str(bad[i]), UINT64_MAX, &v),
				 -IMS_E_SYNTAX);
	assert_int_equal(ims_str_u64(IMS_S("1\0"), 9, &v), -IMS_E_SYNTAX);
	assert_int_equal(v, 7);
}

static void numbers_stop_at_the_limit(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		uint64_t max;
		int err;
		uint64_t v;
	} t[] = {
		{"0", 0, 0, 0},
		{"1", 0, -IMS_E_RANGE, 0},
		{"7", 5, -IMS_E_RANGE, 0},
		{"5", 5, 0, 5},
		{"10", 5, -IMS_E_RANGE, 0},
		{"65535", 65535, 0, 65535},
		{"65536", 65535, -IMS_E_RANGE, 0},
		{"655350", 65535, -IMS_E_RANGE, 0},
		{"00000000000000000000000000000042", 42, 0, 42},
		{"18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, -IMS_E_RANGE, 0},
		{"18446744073709551625", UINT64_MAX, -IMS_E_RANGE, 0},
		{"99999999999999999999999999", UINT64_MAX, -IMS_E_RANGE, 0},
		{"100", 99, -IMS_E_RANGE, 0},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(t); i++) {
		uint64_t v = 77;

		assert_int_equal(ims_str_u64(ims_str(t[i].text), t[i].max, &v),
				 t[i].err);
		assert_true(v == (t[i].err ? 77 : t[i].v));
	}
}

static void numbers_of_32_bits_do_not_wrap(void **state)
{
	uint32_t v = 7;

	assert_int_equal(ims_str_u32(IMS_S("4294967295"), UINT32_MAX, &v), 0);
	assert_true(v == UINT32_MAX);
	assert_int_equal(ims_str_u32(IMS_S("4294967296"), UINT32_MAX, &v),
			 -IMS_E_RANGE);
	assert_true(v == UINT32_MAX);
}

static void the_hash_depends_on_every_byte_and_on_the_seed(void **state)
{
	char text[] = "z9hG4bK-branch";
	struct ims_str s = ims_str(text);
	uint32_t h = ims_str_hash(s, 1);

	assert_true(h != ims_str_hash(s, 2));
	for (size_t i = 0; i < s.n; i++) {
		text[i] ^= 1;
		assert_true(h != ims_str_hash(s, 1));
		text[i] ^= 1;
	}
	assert_true(h == ims_str_hash(s, 1));
}

static void the_case_hash_goes_with_the_case_comparison(void **state)
{
	assert_int_equal(ims_str_casehash(IMS_S("Call-ID"), 5),
			 ims_str_casehash(IMS_S("cALL-id"), 5));
	assert_int_equal(ims_str_casehash(IMS_S("call-id"), 5),
			 ims_str_hash(IMS_S("call-id"), 5));
	assert_true(ims_str_casehash(IMS_S("@"), 5) !=
		    ims_str_casehash(IMS_S("`"), 5));
}

static void the_hash_spreads_similar_keys(void **state)
{
	unsigned used[256] = {0};
	unsigned most = 0;

	for (int i = 0; i < 25600; i++) {
		char key[16];
		unsigned *u;

		snprintf(key, sizeof key, "%d", i);
		u = &used[ims_str_hash(ims_str(key), 99) & 255];
		*u += 1;
		most = *u > most ? *u : most;
	}
	assert_in_range(most, 100, 160);
}

static void a_copy_fits_or_is_not_made(void **state)
{
	char dst[4] = "old";

	assert_false(ims_str_copy(dst, sizeof dst, IMS_S("four")));
	assert_false(ims_str_copy(dst, sizeof dst, IMS_S("a\0b")));
	assert_false(ims_str_copy(dst, 0, IMS_S("")));
	assert_string_equal(dst, "old");
	assert_true(ims_str_copy(dst, sizeof dst, IMS_S("new")));
	assert_string_equal(dst, "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_empty_slice_is_harmless_everywhere),
		cmocka_unit_test(case_is_ascii_case_only),
		cmocka_unit_test(zero_bytes_are_bytes_like_others),
		cmocka_unit_test(finds_beginnings_and_ends),
		cmocka_unit_test(from_never_leaves_the_slice),
		cmocka_unit_test(trim_takes_white_space_at_both_ends),
		cmocka_unit_test(numbers_are_digits_and_nothing_else),
		cmocka_unit_test(numbers_stop_at_the_limit),
		cmocka_unit_test(numbers_of_32_bits_do_not_wrap),
		cmocka_unit_test(
			the_hash_depends_on_every_byte_and_on_the_seed),
		cmocka_unit_test(the_case_hash_goes_with_the_case_comparison),
		cmocka_unit_test(the_hash_spreads_similar_keys),
		cmocka_unit_test(a_copy_fits_or_is_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
