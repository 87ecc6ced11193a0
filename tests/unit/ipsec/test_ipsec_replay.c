/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_replay.c - the window: rows, and a plain model beside it. */
#include "ipsec_replay.h"

#include "crypto.h"
#include "test.h"

#define W IMS_REPLAY_WINDOW
#define TOP UINT32_MAX

static bool come(struct ims_ipsec_replay *r, uint32_t seq)
{
	if (!ims_ipsec_replay_ok(r, seq))
		return false;
	ims_ipsec_replay_take(r, seq);
	return true;
}

/* One line of numbers after the other; R starts anew. */
static void each_number_comes_once_within_the_window(void **state)
{
	enum { NO, YES, R };
	/* clang-format off */
	static const struct {
		uint32_t seq;
		int verdict;
	} rows[] = {
		{0, NO}, {1, YES}, {1, NO}, {0, NO}, {2, YES}, {2, NO}, {1, NO},
		{4, YES}, {3, YES}, {3, NO}, {4, NO}, {9, YES}, {8, YES}, {7, YES},
		{7, NO}, {6, YES}, {5, YES}, {5, NO}, {9, NO}, {10, YES},
		/* the edge: top - (W - 1) is the last that may come */
		{0, R}, {W, YES}, {1, YES}, {1, NO}, {W + 1, YES}, {1, NO}, {2, YES},
		{0, R}, {W + 1, YES}, {1, NO}, {2, YES}, {2, NO}, {3, YES},
		{0, R}, {W + 2, YES}, {1, NO}, {2, NO}, {3, YES},
		/* a jump of one less than, just, and more than the window */
		{0, R}, {1, YES}, {W, YES}, {1, NO}, {2, YES},
		{0, R}, {1, YES}, {W + 1, YES}, {1, NO}, {2, YES}, {W, YES}, {W, NO},
		{0, R}, {1, YES}, {2 * W, YES}, {W, NO}, {W + 1, YES},
		{0, R}, {1, YES}, {10 * W + 7, YES}, {9 * W + 7, NO},
		{9 * W + 8, YES}, {10 * W + 7, NO}, {10 * W + 6, YES},
		/* words of 64 bits */
		{0, R}, {63, YES}, {64, YES}, {65, YES}, {63, NO}, {64, NO}, {65, NO},
		{62, YES}, {127, YES}, {128, YES}, {126, YES}, {128, NO}, {127, NO},
		{129, YES}, {191, YES}, {192, YES}, {193, YES}, {255, YES}, {256, YES},
		{257, YES}, {256, NO}, {2, YES}, {1, NO}, {320, YES}, {64, NO},
		{65, NO}, {66, YES},
		/* the end: it never wraps */
		{0, R}, {TOP - W, YES}, {TOP, YES}, {TOP, NO}, {0, NO}, {1, NO},
		{TOP - W, NO}, {TOP - W + 1, YES}, {TOP - 1, YES}, {TOP - 1, NO},
		{2, NO}, {TOP, NO},
	};
	/* clang-format on */
	struct ims_ipsec_replay r = {0};

	for (size_t i = 0; i < N_OF(rows); i++) {
		if (rows[i].verdict == R)
			r = (struct ims_ipsec_replay){0};
		else if (come(&r, rows[i].seq) != (rows[i].verdict == YES))
			fail_msg("row %zu: %u", i, (unsigned)rows[i].seq);
	}
}

static void asking_changes_nothing(void **state)
{
	struct ims_ipsec_replay r = {0}, was;

	come(&r, 100);
	was = r;
	assert_true(ims_ipsec_replay_ok(&r, 5000));
	assert_true(ims_ipsec_replay_ok(&r, 99));
	assert_memory_equal(&r, &was, sizeof r);
	ims_ipsec_replay_take(&r, 0); /* may not: so nothing happens */
	ims_ipsec_replay_take(&r, 100);
	assert_memory_equal(&r, &was, sizeof r);
}

/* The model remembers every number by itself. */
#define SPACE 20000
static void agrees_with_a_model_on_a_million_numbers(void **state)
{
	static uint8_t seen[SPACE];
	uint64_t seed = 19;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_ipsec_replay r = {0};
	uint32_t top = 0, seq, ok = 0;
	bool want;

	for (int i = 0; i < 1000000; i++) {
		if (i % 20000 == 0) {
			memset(seen, 0, sizeof seen);
			memset(&r, 0, sizeof r);
			top = 0;
		}
		seq = top + ims_rand_below(&rnd, 2 * W + 100);
		seq = seq > W + 90 ? seq - W - 90 : 0;
		if (ims_rand_below(&rnd, 500) == 0)
			seq = ims_rand_below(&rnd, SPACE);
		if (seq >= SPACE)
			seq = SPACE - 1;
		want = seq && !seen[seq] && (seq > top || top - seq < W);
		if (come(&r, seq) != want)
			fail_msg("step %d: %u, top %u", i, (unsigned)seq,
				 (unsigned)top);
		if (want) {
			ok++;
			seen[seq] = 1;
			top = seq > top ? seq : top;
		}
	}
	assert_true(ok > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_comes_once_within_the_window),
		cmocka_unit_test(asking_changes_nothing),
		cmocka_unit_test(agrees_with_a_model_on_a_million_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
