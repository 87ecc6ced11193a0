/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ctl_stats.c - what is counted, and by what name. */
#include "test.h"

#include "ctl_stats.h"

static json_int_t number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void tell(struct ims_ctl_stats *s, enum ims_who who, enum ims_tell what,
		 int err)
{
	const struct ims_act act = {.tell = what, .err = err};

	ims_ctl_stats_told(s, who, &act);
}

static void saw(struct ims_ctl_stats *s, enum ims_who who, bool sent,
		enum ims_side side, const char *text)
{
	const struct ims_flow f = {.side = side};
	const struct ims_seen m = {.who = who,
				   .sent = sent,
				   .flow = &f,
				   .bytes = ims_str(text)};

	ims_ctl_stats_seen(s, &m);
}

static void what_both_roles_tell_is_counted_once(void **state)
{
	struct ims_ctl_stats s = {0};
	json_t *o;

	tell(&s, IMS_WHO_PCSCF, IMS_TELL_AGREED, 0);
	tell(&s, IMS_WHO_SCSCF, IMS_TELL_REGISTERED, 0);
	tell(&s, IMS_WHO_PCSCF, IMS_TELL_REGISTERED, 0);
	tell(&s, IMS_WHO_UE, IMS_TELL_NOTIFIED, 0);
	tell(&s, IMS_WHO_PCSCF, IMS_TELL_PROBLEM, -IMS_E_VERIFY);
	tell(&s, IMS_WHO_SCSCF, IMS_TELL_PROBLEM, -IMS_E_AKA_RES);
	tell(&s, IMS_WHO_SCSCF, IMS_TELL_PROBLEM, -IMS_E_AKA_RES);
	o = ims_ctl_stats_put(&s);
	assert_int_equal(number(o, "registered"), 1);
	assert_int_equal(number(o, "agreed"), 1);
	assert_int_equal(number(o, "notified"), 1);
	assert_int_equal(number(o, "failures"), 3);
	assert_int_equal(number(json_object_get(o, "problems"), "aka.res"), 2);
	assert_int_equal(json_object_size(json_object_get(o, "problems")), 2);
	json_decref(o);
}

static void drops_are_counted_by_id(void **state)
{
	struct ims_ctl_stats s = {0};
	json_t *all, *o;

	ims_ctl_stats_dropped(&s, -IMS_E_CLEAR);
	ims_ctl_stats_dropped(&s, IMS_E_CLEAR);
	ims_ctl_stats_dropped(&s, -IMS_E_LAST);
	ims_ctl_stats_dropped(&s, -100000);
	all = ims_ctl_stats_put(&s);
	o = json_object_get(all, "dropped");
	assert_int_equal(json_object_size(o), 1);
	assert_int_equal(number(o, "flow.clear"), 2);
	json_decref(all);
}

static void answers_and_challenges_are_counted_where_they_pass(void **state)
{
	struct ims_ctl_stats s = {0};
	json_t *o, *a;

	saw(&s, IMS_WHO_SCSCF, true, IMS_MW, "SIP/2.0 401 Unauthorized\r\n");
	saw(&s, IMS_WHO_PCSCF, true, IMS_GM, "SIP/2.0 401 Unauthorized\r\n");
	saw(&s, IMS_WHO_PCSCF, true, IMS_GM, "SIP/2.0 200 OK\r\n");
	saw(&s, IMS_WHO_PCSCF, false, IMS_GM, "SIP/2.0 200 OK\r\n");
	saw(&s, IMS_WHO_PCSCF, true, IMS_MW, "SIP/2.0 200 OK\r\n");
	saw(&s, IMS_WHO_PCSCF, true, IMS_GM, "NOTIFY sip:a SIP/2.0\r\n");
	saw(&s, IMS_WHO_PCSCF, true, IMS_GM, "SIP/2.0 999 What?\r\n");
	saw(&s, IMS_WHO_PCSCF, true, IMS_GM, "SIP/2.0 4x1 What?\r\n");
	saw(&s, IMS_WHO_PCSCF, true, IMS_GM, "SIP/2.0 40");
	saw(&s, IMS_WHO_PCSCF, true, IMS_GM, "");
	o = ims_ctl_stats_put(&s);
	a = json_object_get(o, "answers");
	assert_int_equal(number(o, "challenges"), 1);
	assert_int_equal(number(a, "2xx"), 1);
	assert_int_equal(number(a, "4xx"), 1);
	assert_int_equal(json_object_size(a), 2);
	json_decref(o);
}

static void a_ue_counts_the_challenges_that_come(void **state)
{
	struct ims_ctl_stats s = {0};

	saw(&s, IMS_WHO_UE, false, IMS_GM, "SIP/2.0 401 Unauthorized\r\n");
	saw(&s, IMS_WHO_UE, true, IMS_GM, "SIP/2.0 401 Unauthorized\r\n");
	assert_int_equal(s.challenges, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_both_roles_tell_is_counted_once),
		cmocka_unit_test(drops_are_counted_by_id),
		cmocka_unit_test(
			answers_and_challenges_are_counted_where_they_pass),
		cmocka_unit_test(a_ue_counts_the_challenges_that_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
