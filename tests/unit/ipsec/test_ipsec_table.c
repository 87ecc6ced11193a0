/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_table.c - which set covers a flow. */
#include "ipsec_table.h"

#include "base_err.h"
#include "ipsec_fixture.h"

static void finds_a_set_by_both_pairs_of_addresses(void **state)
{
	for (int ue = 0; ue < 2; ue++) {
		struct ims_ipsec_set s = fix_set(6, ims_ipsec_suites[2], ue);
		struct ims_addr uc = s.sa[IMS_UC_TO_PS].src,
				ps = s.sa[IMS_UC_TO_PS].dst,
				pc = s.sa[IMS_PC_TO_US].src,
				us = s.sa[IMS_PC_TO_US].dst;
		struct ims_ipsec_table t;

		assert_int_equal(ims_ipsec_table_init(&t), 0);
		assert_int_equal(ims_ipsec_table_add(&t, &s), 0);
		assert_int_equal(ims_ipsec_table_flow(&t, uc, ps), ue ? 7 : 0);
		assert_int_equal(ims_ipsec_table_flow(&t, ps, uc), ue ? 0 : 7);
		assert_int_equal(ims_ipsec_table_flow(&t, us, pc), ue ? 7 : 0);
		assert_int_equal(ims_ipsec_table_flow(&t, pc, us), ue ? 0 : 7);
		assert_int_equal(ims_ipsec_table_flow(&t, uc, pc), 0);
		uc.port++;
		assert_int_equal(ims_ipsec_table_flow(&t, uc, ps), 0);
		ims_ipsec_table_free(&t);
	}
}

static void it_never_holds_keys(void **state)
{
	struct ims_ipsec_set s = fix_set(4, ims_ipsec_suites[2], true);
	static const struct ims_ipsec_keys zero;
	struct ims_ipsec_table t;

	assert_int_equal(ims_ipsec_table_init(&t), 0);
	assert_int_equal(ims_ipsec_table_add(&t, &s), 0);
	assert_memory_equal(&ims_ipsec_table_find(&t, 7)->keys, &zero,
			    sizeof zero);
	assert_int_equal(ims_ipsec_table_find(&t, 7)->sa[3].spi, s.sa[3].spi);
	assert_null(ims_ipsec_table_find(&t, 8));
	ims_ipsec_table_free(&t);
}

static void neither_an_id_nor_a_flow_is_there_twice(void **state)
{
	struct ims_ipsec_set s = fix_set(4, ims_ipsec_suites[2], true), other;
	struct ims_ipsec_table t;

	assert_int_equal(ims_ipsec_table_init(&t), 0);
	assert_int_equal(ims_ipsec_table_add(&t, &s), 0);
	assert_int_equal(ims_ipsec_table_add(&t, &s), -IMS_E_EXISTS);
	other = s;
	other.id = 8;
	other.sa[IMS_UC_TO_PS].src.port++;
	assert_int_equal(ims_ipsec_table_add(&t, &other), -IMS_E_EXISTS);
	other.sa[IMS_US_TO_PC].dst.port++;
	assert_int_equal(ims_ipsec_table_add(&t, &other), 0);
	ims_ipsec_table_del(&t, 7);
	ims_ipsec_table_del(&t, 7); /* harmless */
	assert_null(ims_ipsec_table_find(&t, 7));
	assert_int_equal(ims_ipsec_table_flow(&t, s.sa[0].src, s.sa[0].dst), 0);
	assert_int_equal(ims_ipsec_table_flow(&t, other.sa[0].src,
					      other.sa[0].dst),
			 8);
	assert_int_equal(ims_ipsec_table_add(&t, &s), 0);
	ims_ipsec_table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_set_by_both_pairs_of_addresses),
		cmocka_unit_test(it_never_holds_keys),
		cmocka_unit_test(neither_an_id_nor_a_flow_is_there_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
