/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_err.c - the list of failures is whole. */
#include "base_err.h"

#include <limits.h>

#include "test.h"

static void every_code_says_what_why_and_what_next(void **state)
{
	for (int e = 0; e < (int)IMS_E_LAST; e++) {
		const struct ims_err_info *i = ims_err_info(-e);

		assert_ptr_equal(i, ims_err_info(e));
		assert_non_null(i->id);
		assert_true(i->what && *i->what);
		assert_true(i->cause && *i->cause);
		assert_true(i->next && *i->next);
		assert_int_equal(i->exit == IMS_EXIT_OK, e == 0);
	}
}

static void no_id_occurs_twice(void **state)
{
	for (int a = 0; a < (int)IMS_E_LAST; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(ims_err_info(a)->id,
						ims_err_info(b)->id);
}

/* Scripts match these. */
static void published_ids_and_exits_stay(void **state)
{
	/* clang-format off */
	static const struct {
		int err;
		const char *id;
		int exit;
	} t[] = {
		{IMS_E_USAGE, "cli.usage", 2},
		{IMS_E_CONFIG, "cli.config", 3},
		{IMS_E_REFUSED, "reg.refused", 4},
		{IMS_E_AKA_MAC, "aka.mac", 5},
		{IMS_E_AKA_SQN, "aka.sqn", 6},
		{IMS_E_SILENCE, "reg.no-answer", 7},
		{IMS_E_NO_ESP, "ipsec.no-kernel-esp", 8},
		{IMS_E_RIGHTS, "sys.rights", 9},
		{IMS_E_NODEV, "sys.no-device", 9},
		{IMS_E_PEER, "reg.peer", 10},
		{IMS_E_HERE, "sys.not-here", 77},
		{IMS_E_INTERRUPTED, "sys.interrupted", 130},
		{IMS_E_NO_MECH, "secagree.no-common-alg", 4},
		{IMS_E_VERIFY, "secagree.verify-mismatch", 4},
		{IMS_E_OP_AS_OPC, "key.op-used-as-opc", 5},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(t); i++) {
		assert_string_equal(ims_err_info(t[i].err)->id, t[i].id);
		assert_int_equal(ims_err_info(t[i].err)->exit, t[i].exit);
	}
}

static void strangers_are_told_from_known_codes(void **state)
{
	static const int strange[] = {IMS_E_LAST, -IMS_E_LAST, 100000, INT_MAX,
				      INT_MIN};

	assert_string_equal(ims_err_info(0)->id, "ok");
	for (size_t i = 0; i < N_OF(strange); i++)
		assert_string_equal(ims_err_info(strange[i])->id, "?");
}

static void a_flaw_carries_code_and_evidence(void **state)
{
	struct ims_flaw f = {0};

	assert_int_equal(ims_flaw(&f, -IMS_E_SIP, "Via %d: %s", 2, "a\x1b[m"),
			 -IMS_E_SIP);
	assert_int_equal(f.err, -IMS_E_SIP);
	assert_string_equal(f.text, "Via 2: a\\x1b[m");
	assert_int_equal(ims_flaw(NULL, -IMS_E_SIP, "x"), -IMS_E_SIP);
}

static void a_long_evidence_is_cut(void **state)
{
	struct ims_flaw f;
	char longer[1000];

	memset(longer, '\x1b', sizeof longer);
	longer[999] = 0;
	ims_flaw(&f, -IMS_E_SIP, "%s", longer);
	assert_in_range(strlen(f.text), IMS_FLAW_TEXT - 5, IMS_FLAW_TEXT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_says_what_why_and_what_next),
		cmocka_unit_test(no_id_occurs_twice),
		cmocka_unit_test(published_ids_and_exits_stay),
		cmocka_unit_test(strangers_are_told_from_known_codes),
		cmocka_unit_test(a_flaw_carries_code_and_evidence),
		cmocka_unit_test(a_long_evidence_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
