/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_flow.c - which flows are the same. */
#include "base_flow.h"

#include "test.h"

static struct ims_flow flow(void)
{
	struct ims_flow f = {.transport = IMS_TCP, .side = IMS_GM, .set = 3};

	assert_int_equal(ims_addr_parse(IMS_S("[2001:db8::1]:38003"), 0,
					&f.local),
			 0);
	assert_int_equal(ims_addr_parse(IMS_S("[2001:db8::2]:50718"), 0,
					&f.remote),
			 0);
	return f;
}

static void the_connection_makes_no_difference(void **state)
{
	struct ims_flow a = flow(), b = a;

	b.conn = 17;
	assert_true(ims_flow_same(&a, &b));
}

static void everything_else_does(void **state)
{
	struct ims_flow a = flow();
	struct ims_flow b[] = {a, a, a, a, a, a, a};

	b[0].set = 0;
	b[1].side = IMS_MW;
	b[2].transport = IMS_UDP;
	b[3].local.port++;
	b[4].remote.port++;
	b[5].local.ip.b[15]++;
	b[6].remote.ip.b[15]++;
	for (size_t i = 0; i < N_OF(b); i++)
		assert_false(ims_flow_same(&a, &b[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_connection_makes_no_difference),
		cmocka_unit_test(everything_else_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
