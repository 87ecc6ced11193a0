/* SPDX-License-Identifier: BSD-2-Clause */
/* test_role_flow.c - on which flow a side speaks inside a set. */
#include "role.h"

#include "test.h"

static struct ims_addr at(const char *text)
{
	struct ims_addr a = {0};

	assert_int_equal(ims_addr_parse(ims_str(text), 0, &a), 0);
	return a;
}

static struct ims_ipsec_set some_set(bool ue)
{
	struct ims_ipsec_set s = {.id = 3, .ue = ue};

	s.sa[IMS_UC_TO_PS].src = at("10.0.0.1:38003");
	s.sa[IMS_UC_TO_PS].dst = at("10.0.0.2:50718");
	s.sa[IMS_PC_TO_US].src = at("10.0.0.2:50717");
	s.sa[IMS_PC_TO_US].dst = at("10.0.0.1:39003");
	return s;
}

static void the_ue_speaks_from_uc_to_ps(void **state)
{
	struct ims_ipsec_set s = some_set(true);
	struct ims_flow f = ims_role_flow(&s, IMS_UDP);

	assert_true(ims_addr_eq(f.local, at("10.0.0.1:38003")));
	assert_true(ims_addr_eq(f.remote, at("10.0.0.2:50718")));
	assert_int_equal(f.transport, IMS_UDP);
	assert_int_equal(f.side, IMS_GM);
	assert_int_equal(f.conn, 0);
	assert_int_equal(f.set, 3);
}

static void the_pcscf_speaks_from_pc_to_us(void **state)
{
	struct ims_ipsec_set s = some_set(false);
	struct ims_flow f = ims_role_flow(&s, IMS_TCP);

	assert_true(ims_addr_eq(f.local, at("10.0.0.2:50717")));
	assert_true(ims_addr_eq(f.remote, at("10.0.0.1:39003")));
	assert_int_equal(f.transport, IMS_TCP);
	assert_int_equal(f.set, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ue_speaks_from_uc_to_ps),
		cmocka_unit_test(the_pcscf_speaks_from_pc_to_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
