/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_pack.c - values into a record, and back. */
#include "base_err.h"
#include "base_pack.h"

#include "test.h"

#define VERSION 7

static struct ims_str record(char *mem, size_t cap)
{
	struct ims_buf b;

	ims_buf_init(&b, mem, cap);
	ims_pack_begin(&b, VERSION);
	ims_pack_u64(&b, UINT64_MAX - 1);
	ims_pack_u64(&b, 5060);
	ims_pack_u64(&b, true);
	ims_pack_str(&b, IMS_S("sip:a@b"));
	ims_pack_str(&b, ims_str_n("\0\1", 2));
	ims_pack_str(&b, (struct ims_str){0});
	assert_false(b.over);
	return ims_buf_str(&b);
}

static int read_it(struct ims_str r)
{
	struct ims_unpack u;
	char uri[16], two[2];

	ims_unpack_begin(&u, r, VERSION);
	ims_unpack_u64(&u);
	ims_unpack_u32(&u, 65535);
	ims_unpack_bool(&u);
	ims_unpack_cstr(&u, uri, sizeof uri);
	ims_unpack_bytes(&u, two, sizeof two);
	ims_unpack_str(&u);
	return ims_unpack_end(&u);
}

static void what_was_packed_comes_back(void **state)
{
	char mem[200], uri[16], two[2];
	struct ims_str r = record(mem, sizeof mem);
	struct ims_unpack u;

	assert_true(ims_unpack_begin(&u, r, VERSION));
	assert_true(ims_unpack_u64(&u) == UINT64_MAX - 1);
	assert_int_equal(ims_unpack_u32(&u, 65535), 5060);
	assert_true(ims_unpack_bool(&u));
	ims_unpack_cstr(&u, uri, sizeof uri);
	assert_string_equal(uri, "sip:a@b");
	ims_unpack_bytes(&u, two, sizeof two);
	assert_int_equal(two[1], 1);
	assert_int_equal(ims_unpack_str(&u).n, 0);
	assert_int_equal(ims_unpack_end(&u), 0);
}

static void a_record_cut_anywhere_is_bad(void **state)
{
	char mem[200];
	struct ims_str r = record(mem, sizeof mem);

	assert_int_equal(read_it(r), 0);
	for (size_t n = 0; n < r.n; n++)
		assert_int_equal(read_it(ims_str_n(mem, n)), -IMS_E_SYNTAX);
	mem[r.n] = 'x';
	assert_int_equal(read_it(ims_str_n(mem, r.n + 1)), -IMS_E_SYNTAX);
}

static void another_version_is_bad(void **state)
{
	char mem[200];
	struct ims_str r = record(mem, sizeof mem);
	struct ims_unpack u;

	assert_false(ims_unpack_begin(&u, r, VERSION + 1));
	assert_int_equal(ims_unpack_u64(&u), 0);
	assert_int_equal(ims_unpack_end(&u), -IMS_E_SYNTAX);
}

static void a_field_read_as_another_type_is_bad(void **state)
{
	char mem[200];
	struct ims_unpack u;

	ims_unpack_begin(&u, record(mem, sizeof mem), VERSION);
	assert_int_equal(ims_unpack_str(&u).n, 0);
	assert_int_equal(ims_unpack_end(&u), -IMS_E_SYNTAX);
}

static void what_does_not_fit_is_bad(void **state)
{
	char mem[200], tiny[4];
	struct ims_unpack u;

	ims_unpack_begin(&u, record(mem, sizeof mem), VERSION);
	ims_unpack_u64(&u);
	assert_int_equal(ims_unpack_u32(&u, 5059), 0);
	assert_true(u.bad);

	ims_unpack_begin(&u, record(mem, sizeof mem), VERSION);
	ims_unpack_u64(&u);
	ims_unpack_u64(&u);
	ims_unpack_u64(&u);
	ims_unpack_cstr(&u, tiny, sizeof tiny);
	assert_true(u.bad);
	assert_string_equal(tiny, "");
}

static void a_record_too_long_for_its_memory_is_told(void **state)
{
	char mem[20];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_pack_begin(&b, VERSION);
	ims_pack_u64(&b, 1);
	assert_false(b.over);
	ims_pack_str(&b, IMS_S("too long for it"));
	assert_true(b.over);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_back),
		cmocka_unit_test(a_record_cut_anywhere_is_bad),
		cmocka_unit_test(another_version_is_bad),
		cmocka_unit_test(a_field_read_as_another_type_is_bad),
		cmocka_unit_test(what_does_not_fit_is_bad),
		cmocka_unit_test(a_record_too_long_for_its_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
