/* SPDX-License-Identifier: BSD-2-Clause */
/* test_run_keep.c - the record of a set, there and back and damaged. */
#include "run_keep.h"

#include "run_keep_mem.h"
#include "test.h"

#define NOW UINT64_C(1760000000000)

static struct ims_ipsec_set a_set(void)
{
	struct ims_ip u = {.family = 6, .b = {0x20, 1, 0xd, 0xb8, [15] = 16}};
	struct ims_ip p = {.family = 6, .b = {0x20, 1, 0xd, 0xb8, [15] = 1}};
	struct ims_ipsec_set s = {
		.id = 77,
		.suite = {IMS_ALG_HMAC_SHA1, IMS_EALG_AES_CBC},
		.life_s = 600,
		.sa = {[IMS_UC_TO_PS] = {{u, 38003}, {p, 50718}, 0xa8257431},
		       [IMS_PS_TO_UC] = {{p, 50718}, {u, 38003}, 565817},
		       [IMS_PC_TO_US] = {{p, 50717}, {u, 39003}, 565818},
		       [IMS_US_TO_PC] = {{u, 39003}, {p, 50717}, 3458785863}}};

	memset(&s.keys, 0x5a, sizeof s.keys);
	return s;
}

static struct ims_str packed(const struct ims_ipsec_set *s, char *mem,
			     size_t cap)
{
	struct ims_buf b;

	ims_buf_init(&b, mem, cap);
	assert_int_equal(ims_run_keep_pack(s, NOW, &b), 0);
	return ims_buf_str(&b);
}

static void a_set_comes_back_as_it_was(void **state)
{
	struct ims_ipsec_set s = a_set(), t;
	char mem[IMS_RUN_KEEP_SET];
	struct ims_str r = packed(&s, mem, sizeof mem);

	assert_int_equal(ims_run_keep_unpack(r, NOW + 100000, &t), 0);
	assert_true(t.adopt);
	assert_null(t.live);
	assert_int_equal(t.id, 77);
	assert_false(t.ue);
	assert_int_equal(t.life_s, 500);
	assert_true(ims_ipsec_suite_eq(t.suite, s.suite));
	assert_memory_equal(&t.keys, &s.keys, sizeof s.keys);
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		assert_int_equal(t.sa[a].spi, s.sa[a].spi);
		assert_true(ims_addr_eq(t.sa[a].src, s.sa[a].src));
		assert_true(ims_addr_eq(t.sa[a].dst, s.sa[a].dst));
	}
}

static void one_without_an_end_has_none_and_one_that_ended_is_gone(void **state)
{
	struct ims_ipsec_set s = a_set(), t;
	char mem[IMS_RUN_KEEP_SET];
	struct ims_str r = packed(&s, mem, sizeof mem);

	assert_int_equal(ims_run_keep_unpack(r, NOW + 600000, &t),
			 -IMS_E_ENDED);
	s.life_s = 0;
	r = packed(&s, mem, sizeof mem);
	assert_int_equal(ims_run_keep_unpack(r, NOW + 600000, &t), 0);
	assert_int_equal(t.life_s, 0);
}

static void what_is_cut_short_or_longer_is_refused(void **state)
{
	struct ims_ipsec_set s = a_set(), t;
	char mem[IMS_RUN_KEEP_SET] = {0};
	struct ims_str r = packed(&s, mem, sizeof mem);

	for (size_t n = 0; n < r.n; n++)
		assert_int_equal(ims_run_keep_unpack(ims_str_n(mem, n), NOW,
						     &t),
				 -IMS_E_SYNTAX);
	assert_int_equal(ims_run_keep_unpack(ims_str_n(mem, r.n + 1), NOW, &t),
			 -IMS_E_SYNTAX);
}

/* Every bit: refused, or a set that says what a set may say. */
static void no_flipped_bit_makes_a_set_that_cannot_be(void **state)
{
	struct ims_ipsec_set s = a_set(), t;
	char mem[IMS_RUN_KEEP_SET];
	struct ims_str r = packed(&s, mem, sizeof mem);

	for (size_t bit = 0; bit < 8 * r.n; bit++) {
		((uint8_t *)mem)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (!ims_run_keep_unpack(r, NOW, &t)) {
			assert_true(t.id != 0);
			assert_true(ims_ipsec_suite_valid(t.suite));
			for (int a = 0; a < IMS_N_ARROWS; a++)
				assert_true(ims_ip_len(t.sa[a].src.ip) > 0);
		}
		((uint8_t *)mem)[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void a_record_that_has_no_room_is_not_written(void **state)
{
	struct ims_ipsec_set s = a_set();
	char mem[100];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	assert_int_equal(ims_run_keep_pack(&s, NOW, &b), -IMS_E_TOOBIG);
}

/* --- the store in memory --- */

static void a_crash_takes_what_was_not_committed(void **state)
{
	struct ims_keep_store *s = ims_run_keep_mem_new();

	assert_non_null(s);
	s->ops->put(s, IMS_KEEP_SET, IMS_S("p1"), IMS_S("x"));
	s->ops->live(s, 1)->sa[0].seq = 5;
	assert_int_equal(s->ops->commit(s), 0);
	s->ops->put(s, IMS_KEEP_SET, IMS_S("p1"), IMS_S(""));
	s->ops->drop(s, 1);
	s->ops->put(s, IMS_KEEP_SET, IMS_S("p2"), IMS_S("x"));
	s->ops->live(s, 2)->sa[0].seq = 6;
	ims_run_keep_mem_crash(s);
	assert_int_equal(ims_run_keep_mem_size(s, IMS_KEEP_SET), 1);
	assert_int_equal(ims_run_keep_mem_lives(s), 1);
	assert_int_equal(s->ops->live(s, 1)->sa[0].seq, 5);
	assert_int_equal(s->ops->live(s, 2)->sa[0].seq, 0);
	ims_run_keep_mem_full(s, true);
	s->ops->put(s, IMS_KEEP_UE, IMS_S("u"), IMS_S("y"));
	assert_int_equal(s->ops->commit(s), -IMS_E_STORE);
	assert_int_equal(ims_run_keep_mem_size(s, IMS_KEEP_UE), 0);
	ims_run_keep_mem_full(s, false);
	assert_int_equal(s->ops->commit(s), 0);
	assert_int_equal(ims_run_keep_mem_size(s, IMS_KEEP_UE), 1);
	assert_int_equal(ims_run_keep_mem_commits(s), 2);
	s->ops->free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_comes_back_as_it_was),
		cmocka_unit_test(
			one_without_an_end_has_none_and_one_that_ended_is_gone),
		cmocka_unit_test(what_is_cut_short_or_longer_is_refused),
		cmocka_unit_test(no_flipped_bit_makes_a_set_that_cannot_be),
		cmocka_unit_test(a_record_that_has_no_room_is_not_written),
		cmocka_unit_test(a_crash_takes_what_was_not_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
