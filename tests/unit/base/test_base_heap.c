/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_heap.c - deadlines against a model that is too simple to be wrong. */
#include "base_heap.h"

#include "test.h"

#define N 200

/* The model: an array, searched from end to end. */
static struct ims_due due[N];
static bool set[N];
static uint64_t at[N];

static uint64_t model_next(void)
{
	uint64_t next = IMS_NEVER;

	for (size_t i = 0; i < N; i++)
		if (set[i] && at[i] < next)
			next = at[i];
	return next;
}

static unsigned rnd(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned)(x >> 33);
}

static void pop_one(struct ims_heap *h, uint64_t now)
{
	struct ims_due *d = ims_heap_pop(h, now);
	size_t i;

	if (model_next() > now) {
		assert_null(d);
		return;
	}
	assert_non_null(d);
	i = (size_t)(d - due);
	assert_true(set[i] && at[i] == model_next());
	assert_int_equal(d->slot, 0);
	set[i] = false;
}

static void does_what_the_model_does(void **state)
{
	struct ims_heap h;

	ims_heap_init(&h);
	for (int step = 0; step < 50000; step++) {
		size_t i = rnd() % N;

		switch (rnd() % 4) {
		case 0:
		case 1: /* few values, so that equals occur */
			at[i] = rnd() % 500;
			set[i] = true;
			assert_int_equal(ims_heap_set(&h, &due[i], at[i]), 0);
			break;
		case 2:
			set[i] = false;
			ims_heap_cancel(&h, &due[i]);
			break;
		default:
			pop_one(&h, rnd() % 500);
		}
		assert_true(ims_heap_next(&h) == model_next());
	}
	while (h.n)
		pop_one(&h, 500);
	assert_true(model_next() == IMS_NEVER);
	ims_heap_free(&h);
}

static void an_empty_heap_is_never_due(void **state)
{
	struct ims_heap h;
	struct ims_due d = {0};

	ims_heap_init(&h);
	assert_true(ims_heap_next(&h) == IMS_NEVER);
	assert_null(ims_heap_pop(&h, UINT64_MAX));
	ims_heap_cancel(&h, &d);
	assert_int_equal(h.n, 0);
	ims_heap_free(&h);
}

static void is_due_at_the_very_millisecond(void **state)
{
	struct ims_heap h;
	struct ims_due d = {.kind = 4};

	ims_heap_init(&h);
	assert_int_equal(ims_heap_set(&h, &d, 1000), 0);
	assert_null(ims_heap_pop(&h, 999));
	assert_ptr_equal(ims_heap_pop(&h, 1000), &d);
	assert_int_equal(d.kind, 4);
	assert_null(ims_heap_pop(&h, 1000));
	ims_heap_free(&h);
}

static void freeing_leaves_the_deadlines_unset(void **state)
{
	struct ims_heap h;
	struct ims_due d[3] = {0};

	ims_heap_init(&h);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ims_heap_set(&h, &d[i], i), 0);
	ims_heap_free(&h);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(d[i].slot, 0);
	ims_heap_cancel(&h, &d[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_what_the_model_does),
		cmocka_unit_test(an_empty_heap_is_never_due),
		cmocka_unit_test(is_due_at_the_very_millisecond),
		cmocka_unit_test(freeing_leaves_the_deadlines_unset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
