/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject.c - arming a case, and its turn. */
#include "inject_case.h"

static void refused(bool ue, const char *spec, const char *why_has)
{
	struct ims_inject *j = ims_inject_new(ue);
	struct ims_flaw why;

	assert_int_equal(ims_inject_add(j, ims_str(spec), &why), -IMS_E_USAGE);
	if (!strstr(why.text, why_has))
		fail_msg("%s: %s", spec, why.text);
	ims_inject_free(j);
}

static void a_wrong_case_is_refused_with_a_reason(void **state)
{
	refused(false, "no-such", "--inject list");
	refused(false, "", "--inject list");
	refused(false, "@1", "--inject list");
	refused(false, "res-wrong", "imsreg ue");
	refused(true, "bad-mac", "imsreg core");
	refused(false, "bad-mac@", "number from 1");
	refused(false, "bad-mac@0", "number from 1");
	refused(false, "bad-mac@-1", "number from 1");
	refused(false, "bad-mac@1x", "number from 1");
	refused(false, "bad-mac@99999999999", "number from 1");
}

static void so_many_and_no_more(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	struct ims_flaw why;

	for (int i = 0; i < IMS_INJECT_MAX; i++)
		assert_int_equal(ims_inject_add(j, IMS_S("late@2"), &why), 0);
	assert_int_equal(ims_inject_add(j, IMS_S("late"), &why), -IMS_E_USAGE);
	ims_inject_free(j);
}

static bool seen(struct ims_inject *j, enum ims_inject_at at, const char *text)
{
	return ims_inject_message(j, at, &gm_clear, ims_str(text), 1000);
}

static void only_the_first_opportunity_is_taken(void **state)
{
	struct ims_inject *j = armed(false, "silent");
	struct ims_inject_mail mail;

	assert_false(seen(j, IMS_INJECT_GM_OUT, register1)); /* elsewhere */
	assert_false(seen(j, IMS_INJECT_GM_IN, challenge));  /* another */
	assert_true(seen(j, IMS_INJECT_GM_IN, register1));
	told(j, 1000, "injected: silent (number 1)");
	assert_false(ims_inject_next(j, 1000, &mail));
	assert_false(seen(j, IMS_INJECT_GM_IN, register2));
	assert_int_equal(ims_inject_fired(j), 1);
	ims_inject_free(j);
}

/* The second 200 is the second, though another case had the first. */
static void each_case_counts_what_another_takes(void **state)
{
	struct ims_inject *j = armed(false, "late");
	struct ims_flaw why;
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_int_equal(ims_inject_add(j, IMS_S("twice@2"), &why), 0);
	assert_int_equal(ims_inject_add(j, IMS_S("too-late@1"), &why), 0);
	assert_true(seen(j, IMS_INJECT_GM_OUT, challenge));
	told(j, 1000, "injected: late (number 1)");
	assert_int_equal(ims_inject_fired(j), 1);
	assert_true(seen(j, IMS_INJECT_GM_OUT, ok));
	mail_is(j, 1000, IMS_INJECT_GM_OUT, &mail, &m);
	told(j, 1000, "injected: twice (number 2)");
	ims_inject_free(j);
}

static void a_retransmission_is_the_same_opportunity(void **state)
{
	struct ims_inject *j = armed(false, "silent@2");

	assert_false(seen(j, IMS_INJECT_GM_IN, register1));
	assert_false(seen(j, IMS_INJECT_GM_IN, register1));
	assert_true(seen(j, IMS_INJECT_GM_IN, register2));
	assert_true(seen(j, IMS_INJECT_GM_IN, register2));
	ims_inject_free(j);
}

static void all_means_every_one(void **state)
{
	static const char *const specs[] = {"silent@all", "silent@*"};

	for (int i = 0; i < 2; i++) {
		struct ims_inject *j = armed(false, specs[i]);

		assert_true(seen(j, IMS_INJECT_GM_IN, register1));
		assert_true(seen(j, IMS_INJECT_GM_IN, register2));
		ims_inject_free(j);
	}
}

static void what_is_no_message_passes(void **state)
{
	struct ims_inject *j = armed(false, "silent@all");

	assert_false(seen(j, IMS_INJECT_GM_IN, ""));
	assert_false(seen(j, IMS_INJECT_GM_IN, "\r\n\r\n"));
	assert_false(seen(j, IMS_INJECT_GM_IN, "REGISTER sip:x SIP/2.0\r\n"));
	ims_inject_free(j);
}

static void what_cannot_be_done_is_told_and_passes(void **state)
{
	struct ims_inject *j = armed(false, "no-service-route");
	char text[sizeof ok];
	char *at;

	memcpy(text, ok, sizeof ok);
	at = strstr(text, "Service-Route");
	memcpy(at, "Xervice-Route", 13);
	assert_false(seen(j, IMS_INJECT_GM_OUT, text));
	told(j, 1000, "injected not, nothing to do it to");
	assert_int_equal(ims_inject_fired(j), 0);
	ims_inject_free(j);
}

/* So that a UE that repeats what it got is not refused for our doing. */
static void a_forged_security_server_is_put_right_on_its_way_back(void **state)
{
	struct ims_inject *j = armed(false, "q-order");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;
	char text[4096], list[1024];
	char *at;

	assert_true(seen(j, IMS_INJECT_GM_OUT, challenge));
	mail_is(j, 1000, IMS_INJECT_GM_OUT, &mail, &m);
	assert_true(ims_str_copy(list, sizeof list,
				 ims_sip_get(&m, IMS_SIP_SECURITY_SERVER)));
	at = strstr(register2, "Security-Verify: ");
	snprintf(text, sizeof text, "%.*sSecurity-Verify: %s%s",
		 (int)(at - register2), register2, list,
		 at + strlen("Security-Verify: " SERVER));
	told(j, 1000, "q-order");
	assert_true(seen(j, IMS_INJECT_GM_IN, text));
	mail_is(j, 1000, IMS_INJECT_GM_IN, &mail, &m);
	value_is(&m, IMS_SIP_SECURITY_VERIFY, SERVER);
	/* and one that is not ours to mend is left alone */
	assert_false(seen(j, IMS_INJECT_GM_IN, register2));
	ims_inject_free(j);
}

static void places_have_names(void **state)
{
	for (int i = 0; i < IMS_INJECT_N_AT; i++)
		assert_string_not_equal(ims_inject_at_name(
						(enum ims_inject_at)i),
					"?");
	assert_string_equal(ims_inject_at_name(IMS_INJECT_N_AT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_case_is_refused_with_a_reason),
		cmocka_unit_test(so_many_and_no_more),
		cmocka_unit_test(only_the_first_opportunity_is_taken),
		cmocka_unit_test(each_case_counts_what_another_takes),
		cmocka_unit_test(a_retransmission_is_the_same_opportunity),
		cmocka_unit_test(all_means_every_one),
		cmocka_unit_test(what_is_no_message_passes),
		cmocka_unit_test(what_cannot_be_done_is_told_and_passes),
		cmocka_unit_test(
			a_forged_security_server_is_put_right_on_its_way_back),
		cmocka_unit_test(places_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
