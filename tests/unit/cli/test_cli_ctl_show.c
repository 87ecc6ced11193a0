/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cli_ctl_show.c - answers for people, also from who answers nonsense. */
#include "test.h"

#include "cli_ctl_show.h"

static char out[8192];

static const char *shown(const char *json, void (*show)(FILE *, const json_t *))
{
	json_t *o = json_loads(json, 0, NULL);
	FILE *f;

	memset(out, 0, sizeof out);
	f = fmemopen(out, sizeof out - 1, "w");
	assert_non_null(f);
	assert_non_null(o);
	show(f, o);
	fclose(f);
	json_decref(o);
	return out;
}

static void what_was_done_is_one_line(void **state)
{
	static const struct {
		const char *json, *text;
	} cases[] = {
		{"{\"cmd\":\"dereg\",\"user\":\"sip:a@b\",\"reason\":"
		 "\"probation\",\"retry_after_s\":60}",
		 "sip:a@b is out: probation, may come back in 60 s\n"},
		{"{\"cmd\":\"dereg\",\"user\":\"sip:a@b\",\"reason\":"
		 "\"rejected\"}",
		 "sip:a@b is out: rejected\n"},
		{"{\"cmd\":\"reauth\",\"user\":\"a@b\",\"in_s\":5}",
		 "a@b must authenticate anew within 5 s\n"},
		{"{\"cmd\":\"refresh\",\"was\":\"registered\","
		 "\"registration\":\"refreshing\"}",
		 "was registered, now refreshing\n"},
		{"{\"cmd\":\"refresh\",\"was\":\"asking\","
		 "\"registration\":\"asking\"}",
		 "asking already\n"},
		{"{\"cmd\":\"log\",\"was\":\"info\",\"level\":\"debug\"}",
		 "log: was info, now debug\n"},
		{"{\"cmd\":\"stop\",\"role\":\"ue\"}", "the ue is ending\n"},
		{"{\"cmd\":\"fly\"}", ""},
		{"{}", ""},
	};

	for (size_t i = 0; i < N_OF(cases); i++)
		assert_string_equal(shown(cases[i].json, ims_cli_ctl_show),
				    cases[i].text);
}

static void status_is_folded_and_short_of_eighty(void **state)
{
	const char *text = shown(
		"{\"cmd\":\"status\",\"role\":\"core\",\"version\":\"1.0\","
		"\"pid\":7,\"uptime_s\":7384,\"log\":\"info\",\"ipsec\":{"
		"\"backend\":\"kernel\",\"why\":\"it can\"},\"listen\":"
		"\"192.0.2.1:5060\",\"port_ps\":5062,\"port_pc\":[5064,5066],"
		"\"security\":\"required\",\"users\":{\"registered\":2,"
		"\"known\":3,\"clear\":1},\"contacts\":4,\"counts\":{"
		"\"challenges\":12345,\"registered\":12345,\"refreshed\":"
		"12345,\"deregistered\":12345,\"subscribed\":12345,"
		"\"failures\":12345,\"dropped\":{\"flow.clear\":3},"
		"\"problems\":{}}}",
		ims_cli_ctl_show);

	assert_non_null(
		strstr(text, "core 1.0, pid 7, up 2 h 03 min, log info\n"));
	assert_non_null(strstr(text, "  ipsec     kernel (it can)\n"));
	assert_non_null(strstr(text, "ps 5062, pc 5064 5066; security req"));
	assert_non_null(strstr(text, "  users     2 registered, contacts 4"));
	assert_non_null(strstr(text, "  dropped   flow.clear 3\n"));
	assert_null(strstr(text, "problems"));
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1)
		assert_true(strcspn(p, "\n") <= 80);
}

static void an_event_is_a_line_of_the_log(void **state)
{
	setenv("TZ", "UTC", 1);
	assert_string_equal(
		shown("{\"event\":\"problem\",\"level\":\"warn\",\"text\":"
		      "\"s-cscf: no\",\"id\":\"aka.res\",\"time_ms\":3723004}",
		      ims_cli_ctl_show_event),
		"01:02:03.004 warn  s-cscf: no [aka.res]\n");
	assert_string_equal(
		shown("{\"event\":\"lost\",\"n\":3,\"time_ms\":0}",
		      ims_cli_ctl_show_event),
		"00:00:00.000 info  3 events were lost: nobody read them "
		"here\n");
	assert_string_equal(shown("{\"event\":\"end\",\"time_ms\":0}",
				  ims_cli_ctl_show_event),
			    "00:00:00.000 info  it has ended\n");
}

static void nothing_raw_reaches_the_terminal(void **state)
{
	const char *text =
		shown("{\"cmd\":\"dereg\",\"user\":\"a\\u001b[31m\\n\\u009b\","
		      "\"reason\":7}",
		      ims_cli_ctl_show);

	assert_string_equal(text, "a\\x1b[31m\\x0a\\xc2\\x9b is out: \n");
	text = shown("{\"event\":\"\\u001b\",\"level\":\"\\u001b\",\"text\":"
		     "\"\\u001b\",\"id\":\"\\u001b\",\"time_ms\":-5}",
		     ims_cli_ctl_show_event);
	assert_null(strchr(text, 0x1b));
}

static void nonsense_is_shown_somehow(void **state)
{
	static const char *const cmds[] = {"status", "bindings", "sas", "dereg",
					   "reauth", "refresh",  "log", "stop"};
	static const char *const values[] = {"null", "7", "\"x\"", "[1,[],{}]",
					     "{\"a\":{},\"b\":[7]}"};
	static const char *const names[] = {"role",     "users",
					    "sets",     "impus",
					    "contacts", "counts",
					    "ipsec",    "port_pc",
					    "lives",    "user",
					    "ends_s",   "subscription"};
	char json[400];

	for (size_t c = 0; c < N_OF(cmds); c++)
		for (size_t n = 0; n < N_OF(names); n++)
			for (size_t v = 0; v < N_OF(values); v++) {
				snprintf(json, sizeof json,
					 "{\"cmd\":\"%s\",\"%s\":%s}", cmds[c],
					 names[n], values[v]);
				(void)shown(json, ims_cli_ctl_show);
			}
	(void)shown("[]", ims_cli_ctl_show);
	(void)shown("[]", ims_cli_ctl_show_event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_done_is_one_line),
		cmocka_unit_test(status_is_folded_and_short_of_eighty),
		cmocka_unit_test(an_event_is_a_line_of_the_log),
		cmocka_unit_test(nothing_raw_reaches_the_terminal),
		cmocka_unit_test(nonsense_is_shown_somehow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
