/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_flow.c - lost, late, twice, the wrong way. */
#include "inject_case.h"

static void late_is_later_and_the_same(void **state)
{
	struct ims_inject *j = armed(false, "late");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_clear,
				       ims_str(challenge), 1000));
	told(j, 1000, "late");
	assert_int_equal(ims_inject_due(j), 6000);
	mail_is(j, 6000, IMS_INJECT_GM_OUT, &mail, &m);
	assert_true(ims_str_eq(mail.bytes, ims_str(challenge)));
	ims_inject_free(j);
}

static void twice_is_now_and_a_little_later(void **state)
{
	struct ims_inject *j = armed(false, "twice");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_clear,
				       ims_str(challenge), 1000));
	mail_is(j, 1000, IMS_INJECT_GM_OUT, &mail, &m);
	told(j, 1000, "twice");
	assert_false(ims_inject_next(j, 1000, &mail));
	mail_is(j, 1100, IMS_INJECT_GM_OUT, &mail, &m);
	ims_inject_free(j);
}

static void in_the_clear_is_where_the_first_register_was(void **state)
{
	struct ims_inject *j = armed(false, "answer-in-clear");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	/* nothing is known yet; and the opportunity is gone */
	assert_false(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
					ims_str(ok), 0));
	ims_inject_free(j);
	j = armed(false, "answer-in-clear");
	assert_false(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_clear,
					ims_str(challenge), 0));
	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
				       ims_str(ok), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &m);
	assert_true(ims_flow_same(&mail.flow, &gm_clear));
	ims_inject_free(j);
}

static void in_the_clear_to_the_protected_port(void **state)
{
	struct ims_inject *j = armed(true, "proof-to-port-ps");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_false(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_clear,
					ims_str(register1), 0));
	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
				       ims_str(register2), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &m);
	assert_int_equal(mail.flow.set, 0);
	assert_int_equal(mail.flow.local.port, gm_clear.local.port);
	assert_int_equal(mail.flow.remote.port, gm_inside.remote.port);
	ims_inject_free(j);
}

static void again_is_another_request_later(void **state)
{
	struct ims_inject *j = armed(true, "again");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_clear,
				       ims_str(register1), 1000));
	mail_is(j, 1000, IMS_INJECT_GM_OUT, &mail, &m);
	assert_true(ims_str_eq(mail.bytes, ims_str(register1)));
	told(j, 1000, "again");
	assert_int_equal(ims_inject_due(j), 6000);
	mail_is(j, 6000, IMS_INJECT_GM_OUT, &mail, &m);
	value_is(&m, IMS_SIP_VIA,
		 "SIP/2.0/UDP [2001:db8::10]:40001;branch=z9hG4bKx");
	assert_int_equal(m.cseq, 2);
	value_is(&m, IMS_SIP_CALL_ID, "c1");
	ims_inject_free(j);
}

static void what_is_believed_comes_inside_the_last_sas(void **state)
{
	struct ims_inject *j = armed(true, "believes-clear");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	/* there are none yet */
	assert_false(ims_inject_message(j, IMS_INJECT_GM_IN, &gm_clear,
					ims_str(challenge), 0));
	told(j, 0, "injected not");
	assert_false(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
					ims_str(register2), 0));
	assert_true(ims_inject_message(j, IMS_INJECT_GM_IN, &gm_clear,
				       ims_str(ok), 0));
	mail_is(j, 0, IMS_INJECT_GM_IN, &mail, &m);
	assert_true(ims_flow_same(&mail.flow, &gm_inside));
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_is_later_and_the_same),
		cmocka_unit_test(twice_is_now_and_a_little_later),
		cmocka_unit_test(in_the_clear_is_where_the_first_register_was),
		cmocka_unit_test(in_the_clear_to_the_protected_port),
		cmocka_unit_test(again_is_another_request_later),
		cmocka_unit_test(what_is_believed_comes_inside_the_last_sas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
