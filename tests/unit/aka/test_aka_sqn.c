/* SPDX-License-Identifier: BSD-2-Clause */
/* test_aka_sqn.c - sequence numbers on both sides [33.102 Annex C]. */
#include "aka_sqn.h"

#include "test.h"

#define NOW UINT64_C(1790000000000) /* some day in 2026 */
#define SQN(seq, ind) ((uint64_t)(seq) << 5 | (ind))

static void the_same_challenge_twice_is_a_sync_failure(void **state)
{
	struct ims_sqn_window w;

	ims_sqn_window_init(&w);
	assert_true(ims_sqn_accept(&w, SQN(1, 1)));
	assert_false(ims_sqn_accept(&w, SQN(1, 1)));
	assert_true(ims_sqn_accept(&w, SQN(2, 1)));
	assert_false(ims_sqn_accept(&w, SQN(1, 1)));
}

static void a_leap_of_delta_passes_and_one_more_does_not(void **state)
{
	struct ims_sqn_window w;

	ims_sqn_window_init(&w);
	assert_false(ims_sqn_accept(&w, SQN(IMS_SQN_DELTA + 1, 0)));
	assert_int_equal(ims_sqn_ms(&w), 0);
	assert_true(ims_sqn_accept(&w, SQN(IMS_SQN_DELTA, 0)));
	/* Counted from the highest anywhere, not from the slot. */
	assert_false(ims_sqn_accept(&w, SQN(2 * IMS_SQN_DELTA + 1, 3)));
	assert_true(ims_sqn_accept(&w, SQN(2 * IMS_SQN_DELTA, 3)));
}

static void another_ind_may_be_lower(void **state)
{
	struct ims_sqn_window w;

	ims_sqn_window_init(&w);
	assert_true(ims_sqn_accept(&w, SQN(100, 1)));
	assert_true(ims_sqn_accept(&w, SQN(50, 2)));
	assert_false(ims_sqn_accept(&w, SQN(50, 2)));
	assert_true(ims_sqn_accept(&w, SQN(1, 0)));
	assert_true(ims_sqn_accept(&w, SQN(1, 31)));
}

static void sqn_ms_is_the_highest_with_its_ind(void **state)
{
	struct ims_sqn_window w;

	ims_sqn_window_init(&w);
	assert_int_equal(ims_sqn_ms(&w), 0);
	ims_sqn_accept(&w, SQN(100, 1));
	ims_sqn_accept(&w, SQN(50, 2));
	assert_int_equal(ims_sqn_ms(&w), SQN(100, 1));
	ims_sqn_accept(&w, SQN(101, 7));
	assert_int_equal(ims_sqn_ms(&w), SQN(101, 7));
}

static void the_age_limit_refuses_what_is_too_old(void **state)
{
	struct ims_sqn_window w;

	ims_sqn_window_init(&w);
	w.limit = 10;
	assert_true(ims_sqn_accept(&w, SQN(100, 1)));
	assert_false(ims_sqn_accept(&w, SQN(90, 2)));
	assert_true(ims_sqn_accept(&w, SQN(91, 2)));
}

static void a_refused_sqn_changes_nothing(void **state)
{
	struct ims_sqn_window w, before;

	ims_sqn_window_init(&w);
	ims_sqn_accept(&w, SQN(100, 1));
	before = w;
	ims_sqn_accept(&w, SQN(100, 1));
	ims_sqn_accept(&w, SQN(100 + IMS_SQN_DELTA + 1, 2));
	assert_memory_equal(&w, &before, sizeof w);
}

static void bits_above_48_are_not_looked_at(void **state)
{
	struct ims_sqn_window w;

	ims_sqn_window_init(&w);
	assert_true(ims_sqn_accept(&w, SQN(1, 1) | UINT64_C(0xffff) << 48));
	assert_int_equal(ims_sqn_ms(&w), SQN(1, 1));
}

static void the_counter_counts_and_keeps_our_ind(void **state)
{
	struct ims_sqn_scheme s = ims_sqn_scheme_default();

	s.counter = true;
	assert_int_equal(ims_sqn_next(&s, 0, NOW), SQN(1, 1));
	assert_int_equal(ims_sqn_next(&s, SQN(1, 1), NOW), SQN(2, 1));
	assert_int_equal(ims_sqn_next(&s, SQN(7, 30), NOW), SQN(8, 1));
	s.ind = 31;
	assert_int_equal(ims_sqn_next(&s, SQN(7, 0), NOW), SQN(8, 31));
}

static void the_clock_is_followed_by_who_is_near_it(void **state)
{
	struct ims_sqn_scheme s = ims_sqn_scheme_default();
	uint64_t seq = NOW / 100;

	assert_int_equal(ims_sqn_next(&s, SQN(seq - 1000, 0), NOW),
			 SQN(seq, 1));
	assert_int_equal(ims_sqn_next(&s, SQN(seq, 1), NOW + 99),
			 SQN(seq + 1, 1));
	assert_int_equal(ims_sqn_next(&s, SQN(seq, 1), NOW + 1000),
			 SQN(seq + 10, 1));
}

static void time_based_never_goes_back_when_the_clock_does(void **state)
{
	struct ims_sqn_scheme s = ims_sqn_scheme_default();
	const struct ims_sqn_base base = {SQN(500, 1), NOW};
	uint64_t a = SQN(NOW / 100 - 5, 1), b = 0;

	for (int i = 0; i < 50; i++) {
		/* The clock jumps about, ten days either way. */
		uint64_t wall =
			NOW + (i % 2 ? 864000000 : 0) - (i % 3 ? 864000000 : 0);
		uint64_t next_a = ims_sqn_next(&s, a, wall);
		uint64_t next_b = ims_sqn_next_since(&s, &base, b, wall);

		assert_true(next_a > a);
		assert_true(next_b > b && next_b > base.sqn);
		a = next_a;
		b = next_b;
	}
}

/* Whoever makes the numbers, the card takes every one of them. */
static void a_new_card_follows_both_ways_of_making_them(void **state)
{
	struct ims_sqn_scheme s = ims_sqn_scheme_default();
	const struct ims_sqn_base base = {0, NOW};
	struct ims_sqn_window w1, w2;
	uint64_t last = 0, wall = NOW;

	ims_sqn_window_init(&w1);
	ims_sqn_window_init(&w2);
	for (int i = 0; i < 1000; i++, wall += 3600000) {
		last = ims_sqn_next(&s, last, wall);
		assert_true(ims_sqn_accept(&w1, last));
		/* Nothing remembered but the base. */
		assert_true(ims_sqn_accept(&w2, ims_sqn_next_since(&s, &base, 0,
								   wall)));
	}
}

static void two_in_one_time_step_differ(void **state)
{
	struct ims_sqn_scheme s = ims_sqn_scheme_default();
	const struct ims_sqn_base base = {0, NOW};
	uint64_t a = ims_sqn_next_since(&s, &base, 0, NOW + 10);
	uint64_t b = ims_sqn_next_since(&s, &base, a, NOW + 10);

	assert_int_equal(a, SQN(1, 1));
	assert_int_equal(b, SQN(2, 1));
}

static void after_a_resync_it_is_just_above_what_the_card_said(void **state)
{
	static const uint64_t seqs[] = {0, 1, 1000, UINT64_C(1) << 40};
	struct ims_sqn_scheme s = ims_sqn_scheme_default();

	for (size_t i = 0; i < N_OF(seqs); i++) {
		const struct ims_sqn_base base = {SQN(seqs[i], 9), NOW};
		struct ims_sqn_window w;

		ims_sqn_window_init(&w);
		w.seq[9] = seqs[i];
		assert_true(
			ims_sqn_accept(&w, ims_sqn_next(&s, base.sqn, NOW)));
		w.seq[1] = 0;
		w.seq[9] = seqs[i];
		assert_true(ims_sqn_accept(&w, ims_sqn_next_since(&s, &base, 0,
								  NOW)));
		assert_true(ims_sqn_ms(&w) > base.sqn);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_challenge_twice_is_a_sync_failure),
		cmocka_unit_test(a_leap_of_delta_passes_and_one_more_does_not),
		cmocka_unit_test(another_ind_may_be_lower),
		cmocka_unit_test(sqn_ms_is_the_highest_with_its_ind),
		cmocka_unit_test(the_age_limit_refuses_what_is_too_old),
		cmocka_unit_test(a_refused_sqn_changes_nothing),
		cmocka_unit_test(bits_above_48_are_not_looked_at),
		cmocka_unit_test(the_counter_counts_and_keeps_our_ind),
		cmocka_unit_test(the_clock_is_followed_by_who_is_near_it),
		cmocka_unit_test(
			time_based_never_goes_back_when_the_clock_does),
		cmocka_unit_test(a_new_card_follows_both_ways_of_making_them),
		cmocka_unit_test(two_in_one_time_step_differ),
		cmocka_unit_test(
			after_a_resync_it_is_just_above_what_the_card_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
