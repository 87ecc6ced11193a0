/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_event.c - Event and Subscription-State. */
#include "sip_event.h"

#include "base_err.h"

#include "sip_test.h"

static void an_event_is_read(void **state)
{
	struct ims_sip_event e;

	assert_int_equal(ims_sip_event_parse(fence(IMS_S("reg")), &e), 0);
	assert_str(e.package, "reg");
	assert_int_equal(e.id.n, 0);
	assert_int_equal(
		ims_sip_event_parse(fence(IMS_S("reg.winfo ; x ; ID = 7")), &e),
		0);
	assert_str(e.package, "reg.winfo");
	assert_str(e.id, "7");
}

static void what_is_no_event_is_refused(void **state)
{
	static const char *const bad[] = {"", ";id=1", "reg x", "reg,dialog",
					  "reg;id=\"x"};
	struct ims_sip_event e;
	struct ims_sip_sub_state s;

	for (size_t i = 0; i < N_OF(bad); i++) {
		assert_int_equal(ims_sip_event_parse(fence(ims_str(bad[i])),
						     &e),
				 -IMS_E_SYNTAX);
		assert_int_equal(ims_sip_sub_state_parse(fence(ims_str(bad[i])),
							 &s),
				 -IMS_E_SYNTAX);
	}
}

static void a_state_is_read(void **state)
{
	struct ims_sip_sub_state s;

	assert_int_equal(ims_sip_sub_state_parse(
				 fence(IMS_S("Active;expires=600000")), &s),
			 0);
	assert_int_equal(s.state, IMS_SUB_ACTIVE);
	assert_true(s.has_expires);
	assert_int_equal(s.expires, 600000);
	assert_false(s.has_retry_after);
	assert_int_equal(ims_sip_sub_state_parse(
				 fence(IMS_S(
					 "terminated ; reason=probation;\r\n "
					 "retry-after=60;x=\"y\"")),
				 &s),
			 0);
	assert_int_equal(s.state, IMS_SUB_TERMINATED);
	assert_str(s.reason, "probation");
	assert_true(s.has_retry_after);
	assert_int_equal(s.retry_after, 60);
	assert_int_equal(ims_sip_sub_state_parse(fence(IMS_S("pending")), &s),
			 0);
	assert_int_equal(s.state, IMS_SUB_PENDING);
	assert_int_equal(ims_sip_sub_state_parse(fence(IMS_S("activex")), &s),
			 0);
	assert_int_equal(s.state, IMS_SUB_OTHER);
}

static void numbers_that_do_not_fit_are_refused(void **state)
{
	struct ims_sip_sub_state s = {.expires = 4711};

	assert_int_equal(ims_sip_sub_state_parse(
				 fence(IMS_S("active;expires=4294967296")), &s),
			 -IMS_E_RANGE);
	assert_int_equal(
		ims_sip_sub_state_parse(fence(IMS_S("active;expires=-1")), &s),
		-IMS_E_SYNTAX);
	assert_int_equal(
		ims_sip_sub_state_parse(fence(IMS_S("active;retry-after")), &s),
		-IMS_E_SYNTAX);
	assert_int_equal(s.expires, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_read),
		cmocka_unit_test(what_is_no_event_is_refused),
		cmocka_unit_test(a_state_is_read),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
