/* SPDX-License-Identifier: BSD-2-Clause */
/* test_hss_mem.c - the store in memory. */
#include "store_cases.h"

static void on_a_store(void (*run)(struct ims_hss_store *st))
{
	struct ims_hss_store *st = ims_hss_mem_new();

	assert_non_null(st);
	run(st);
	st->ops->free(st);
}

static void keeps_what_it_was_given(void **state)
{
	on_a_store(case_keeps_what_it_was_given);
}

static void adds_nobody_twice(void **state)
{
	on_a_store(case_adds_nobody_twice);
}

static void changes_and_deletes(void **state)
{
	on_a_store(case_changes_and_deletes);
}

static void lists_in_order_of_imsi(void **state)
{
	on_a_store(case_lists_in_order);
}

static void hostile_text_is_only_text(void **state)
{
	on_a_store(case_keeps_hostile_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_it_was_given),
		cmocka_unit_test(adds_nobody_twice),
		cmocka_unit_test(changes_and_deletes),
		cmocka_unit_test(lists_in_order_of_imsi),
		cmocka_unit_test(hostile_text_is_only_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
