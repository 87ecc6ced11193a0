/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ctl_req.c - a request: what is taken, and what is refused and how. */
#include "test.h"

#include "ctl_req.h"

static void every_key_is_read(void **state)
{
	struct ims_ctl_req r;
	struct ims_flaw why;

	assert_int_equal(
		ims_ctl_req_parse(
			IMS_S("{\"v\":1,\"id\":-7,\"cmd\":\"dereg\","
			      "\"user\":\"sip:a@b\",\"reason\":\"probation\","
			      "\"retry_after_s\":60,\"in_s\":9,\"level\":"
			      "\"trace\",\"skip\":5,\"max\":2000000,"
			      "\"addr\":\"[2001:db8::1]:5070\"}"),
			&r, &why),
		0);
	assert_true(r.has_id);
	assert_int_equal(r.id, -7);
	assert_string_equal(r.cmd, "dereg");
	assert_string_equal(r.user, "sip:a@b");
	assert_int_equal(r.reason, IMS_CTL_PROBATION);
	assert_int_equal(r.retry_after_s, 60);
	assert_int_equal(r.in_s, 9);
	assert_int_equal(r.level, IMS_TRACE);
	assert_int_equal(r.skip, 5);
	assert_int_equal(r.max, 2000000);
	assert_int_equal(r.addr.ip.family, 6);
	assert_int_equal(r.addr.port, 5070);
	assert_int_equal(r.given, (1 << IMS_CTL_N_KEYS) - 1);
}

static void what_is_not_given_is_not_there(void **state)
{
	struct ims_ctl_req r;
	struct ims_flaw why;

	memset(&r, 0xa5, sizeof r);
	assert_int_equal(
		ims_ctl_req_parse(IMS_S(" {\"cmd\":\"status\",\"v\":1}\t"), &r,
				  &why),
		0);
	assert_int_equal(r.given, 0);
	assert_false(r.has_id);
	assert_string_equal(r.user, "");
}

static void each_wrong_one_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{"", "no JSON"},
		{"status", "no JSON"},
		{"{\"v\":1,\"cmd\":\"status\"", "no JSON"},
		{"{\"v\":1,\"cmd\":\"status\"} x", "no JSON"},
		{"{\"v\":1,\"v\":1,\"cmd\":\"status\"}", "no JSON"},
		{"{\"v\":1,\"cmd\":\"a\\u0000b\"}", "no JSON"},
		{"{\"v\":1,\"cmd\":\"\xff\"}", "no JSON"},
		{"[]", "is a JSON object"},
		{"7", "no JSON"},
		{"{}", "version is missing"},
		{"{\"cmd\":\"status\"}", "version is missing"},
		{"{\"v\":\"1\",\"cmd\":\"status\"}", "version is missing"},
		{"{\"v\":2,\"cmd\":\"status\"}", "speaks version 1"},
		{"{\"v\":1}", "\"cmd\": is missing"},
		{"{\"v\":1,\"cmd\":null}", "a text is wanted"},
		{"{\"v\":1,\"cmd\":\"\"}", "1 to 31 characters"},
		{"{\"v\":1,\"cmd\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
		 "1 to 31 characters"},
		{"{\"v\":1,\"cmd\":\"a b\"}", "printable ASCII"},
		{"{\"v\":1,\"cmd\":\"a\\u001bb\"}", "printable ASCII"},
		{"{\"v\":1,\"id\":1.5,\"cmd\":\"status\"}", "whole number"},
		{"{\"v\":1,\"id\":{},\"cmd\":\"status\"}", "whole number"},
		{"{\"v\":1,\"cmd\":\"x\",\"user\":7}", "a text is wanted"},
		{"{\"v\":1,\"cmd\":\"x\",\"user\":\"\"}", "1 to 255"},
		{"{\"v\":1,\"cmd\":\"x\",\"reason\":\"why\"}",
		 "one of rejected, deactivated, probation"},
		{"{\"v\":1,\"cmd\":\"x\",\"reason\":1}", "one of"},
		{"{\"v\":1,\"cmd\":\"x\",\"level\":\"loud\"}",
		 "one of error, warn, info, debug, trace"},
		{"{\"v\":1,\"cmd\":\"x\",\"in_s\":-1}", "a number of 0.."},
		{"{\"v\":1,\"cmd\":\"x\",\"in_s\":2000001}", "a number of 0.."},
		{"{\"v\":1,\"cmd\":\"x\",\"skip\":1e3}", "a number of 0.."},
		{"{\"v\":1,\"cmd\":\"x\",\"max\":\"3\"}", "a number of 0.."},
		{"{\"v\":1,\"cmd\":\"x\",\"addr\":\"example.org\"}",
		 "an IP address is wanted"},
		{"{\"v\":1,\"cmd\":\"x\",\"addr\":\"192.0.2.300\"}",
		 "an IP address is wanted"},
		{"{\"v\":1,\"cmd\":\"x\",\"usr\":\"a\"}",
		 "\"usr\" is no key of a request"},
		{"{\"v\":1,\"cmd\":\"x\",\"a\\nb\":1}", "\"a\\x0ab\" is no"},
	};

	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_ctl_req r = {0};
		struct ims_flaw why = {0};

		assert_int_equal(ims_ctl_req_parse(ims_str(cases[i].line), &r,
						   &why),
				 -IMS_E_USAGE);
		if (!strstr(why.text, cases[i].text))
			fail_msg("%s: %s", cases[i].line, why.text);
		assert_string_equal(r.cmd, "");
	}
}

static void the_id_of_a_wrong_one_is_known(void **state)
{
	struct ims_ctl_req r = {0};
	struct ims_flaw why;

	assert_int_equal(ims_ctl_req_parse(IMS_S("{\"id\":5,\"cmd\":\"x\"}"),
					   &r, &why),
			 -IMS_E_USAGE);
	assert_true(r.has_id);
	assert_int_equal(r.id, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(what_is_not_given_is_not_there),
		cmocka_unit_test(each_wrong_one_is_refused_with_its_reason),
		cmocka_unit_test(the_id_of_a_wrong_one_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
