/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_mem.c - wiping. */
#include "base_mem.h"

#include "test.h"

static void wipes_so_many_bytes_and_no_more(void **state)
{
	unsigned char key[] = {1, 2, 3, 4, 5};

	ims_wipe(key + 1, 3);
	assert_memory_equal(key, ((unsigned char[]){1, 0, 0, 0, 5}), 5);
}

static void wiping_nothing_is_harmless(void **state)
{
	ims_wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wipes_so_many_bytes_and_no_more),
		cmocka_unit_test(wiping_nothing_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
