/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_life.c - lifetimes of sets end in time, once, or not at all. */
#include "io_life.h"

#include "test.h"

struct end {
	struct ims_io_lives *lives;
	uint32_t id[4];
	size_t n;
	uint64_t at_ms;
};

static void over(void *arg, uint32_t id)
{
	struct end *e = arg;

	assert_true(e->n < N_OF(e->id));
	e->id[e->n++] = id;
	e->at_ms = ims_io_loop_now(e->lives->loop);
	ims_io_lives_del(e->lives, id); /* as its owner does */
}

static void a_set_ends_when_its_time_is_over_and_once(void **state)
{
	struct ims_io_loop *loop = ims_io_loop_new();
	struct ims_io_lives l;
	struct end e = {.lives = &l};
	uint64_t began = ims_io_loop_now(loop);

	assert_int_equal(ims_io_lives_init(&l, loop, over, &e), 0);
	assert_int_equal(ims_io_lives_set(&l, 7, 1), 0);
	assert_int_equal(ims_io_lives_set(&l, 8, 3600), 0);
	ims_io_loop_run_for(loop, 1500);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.id[0], 7);
	assert_true(e.at_ms >= began + 1000);
	ims_io_lives_free(&l);
	ims_io_loop_free(loop);
}

static void a_life_is_extended_and_shortened(void **state)
{
	struct ims_io_loop *loop = ims_io_loop_new();
	struct ims_io_lives l;
	struct end e = {.lives = &l};

	assert_int_equal(ims_io_lives_init(&l, loop, over, &e), 0);
	assert_int_equal(ims_io_lives_set(&l, 1, 1), 0);
	assert_int_equal(ims_io_lives_set(&l, 1, UINT32_MAX), 0);
	assert_int_equal(ims_io_lives_set(&l, 2, 3600), 0);
	assert_int_equal(ims_io_lives_set(&l, 2, 1), 0);
	assert_int_equal(ims_io_lives_set(&l, 3, 1), 0);
	ims_io_lives_del(&l, 3);
	ims_io_lives_del(&l, 4);
	ims_io_loop_run_for(loop, 1500);
	assert_int_equal(e.n, 1);
	assert_int_equal(e.id[0], 2);
	ims_io_lives_free(&l);
	ims_io_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_ends_when_its_time_is_over_and_once),
		cmocka_unit_test(a_life_is_extended_and_shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
