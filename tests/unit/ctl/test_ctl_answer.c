/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ctl_answer.c - every request has one answer. */
#include "test.h"

#include "ctl_answer.h"

static int run(void *arg, const struct ims_ctl_req *req, json_t *answer,
	       struct ims_flaw *why)
{
	++*(unsigned *)arg;
	if (strcmp(req->user, "a@b") == 0)
		return ims_flaw(why, -IMS_E_CTL_NOT_REG, "not %s", req->user);
	json_object_set_new(answer, "seen", json_true());
	return 0;
}

static const struct ims_ctl_cmd cmds[] = {
	{"look", "looks", 0, IMS_CTL_K_USER | IMS_CTL_K_MAX, run},
	{"throw", "throws", IMS_CTL_K_USER, IMS_CTL_K_REASON, run},
};

static unsigned ran;
static bool watch;

/* The answer, as JSON. */
static json_t *ask(const char *line, bool may_watch)
{
	const struct ims_ctl_cmds c = {"core", cmds, 2, &ran};
	size_t n = 0;
	char *a = ims_ctl_answer(&c, ims_str(line), may_watch, &watch, &n);
	json_t *o;

	assert_non_null(a);
	assert_int_equal(strlen(a), n);
	assert_ptr_equal(strchr(a, '\n'), a + n - 1);
	o = json_loads(a, 0, NULL);
	free(a);
	assert_true(json_is_object(o));
	assert_int_equal(json_integer_value(json_object_get(o, "v")), 1);
	return o;
}

static const char *member(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static void refused(const char *line, const char *id, const char *text)
{
	json_t *o = ask(line, true);
	json_t *e = json_object_get(o, "error");

	assert_true(json_is_false(json_object_get(o, "ok")));
	assert_string_equal(member(e, "id"), id);
	if (!strstr(member(e, "text"), text))
		fail_msg("%s: %s", line, member(e, "text"));
	assert_true(json_integer_value(json_object_get(e, "exit")) > 0);
	assert_string_not_equal(member(e, "cause"), "");
	json_decref(o);
}

static void an_answer_names_its_command_and_id(void **state)
{
	json_t *o = ask("{\"v\":1,\"id\":7,\"cmd\":\"look\",\"max\":1}", true);

	assert_true(json_is_true(json_object_get(o, "ok")));
	assert_true(json_is_true(json_object_get(o, "seen")));
	assert_string_equal(member(o, "cmd"), "look");
	assert_string_equal(member(o, "role"), "core");
	assert_int_equal(json_integer_value(json_object_get(o, "id")), 7);
	assert_false(watch);
	json_decref(o);
}

static void wrong_ones_do_not_get_to_a_command(void **state)
{
	ran = 0;
	refused("", "cli.usage", "no JSON");
	refused("{\"v\":1,\"cmd\":\"fly\"}", "cli.usage",
		"\"fly\" is no command of a core: look, throw, watch, help");
	refused("{\"v\":1,\"cmd\":\"throw\"}", "cli.usage",
		"throw: \"user\" is missing");
	refused("{\"v\":1,\"cmd\":\"look\",\"in_s\":1}", "cli.usage",
		"look takes no \"in_s\"");
	refused("{\"v\":1,\"cmd\":\"help\",\"user\":\"x\"}", "cli.usage",
		"help takes no \"user\"");
	assert_int_equal(ran, 0);
}

static void a_commands_failure_is_the_answer(void **state)
{
	refused("{\"v\":1,\"cmd\":\"throw\",\"user\":\"a@b\"}",
		"ctl.not-registered", "not a@b");
}

static void watch_is_said_to_the_caller_and_may_be_full(void **state)
{
	json_t *o = ask("{\"v\":1,\"cmd\":\"watch\"}", true);

	assert_true(watch);
	assert_string_equal(member(o, "role"), "core");
	json_decref(o);
	o = ask("{\"v\":1,\"cmd\":\"watch\"}", false);
	assert_false(watch);
	assert_string_equal(member(json_object_get(o, "error"), "id"),
			    "ctl.busy");
	json_decref(o);
}

static void help_lists_commands_and_their_keys(void **state)
{
	json_t *o = ask("{\"v\":1,\"cmd\":\"help\"}", true);
	json_t *list = json_object_get(o, "commands");
	json_t *two = json_array_get(list, 1);

	assert_int_equal(json_array_size(list), 4);
	assert_string_equal(member(two, "cmd"), "throw");
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(two, "needs"), 0)),
			    "user");
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(two, "takes"), 0)),
			    "reason");
	json_decref(o);
}

static void any_bytes_become_json(void **state)
{
	json_t *o = ims_ctl_text(IMS_S("a\xff\n"));

	assert_string_equal(json_string_value(o), "a\\xff\\x0a");
	json_decref(o);
	o = ims_ctl_text(IMS_S("caf\xc3\xa9"));
	assert_string_equal(json_string_value(o), "caf\xc3\xa9");
	json_decref(o);
	o = ims_ctl_text((struct ims_str){0});
	assert_true(json_is_null(o));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_names_its_command_and_id),
		cmocka_unit_test(wrong_ones_do_not_get_to_a_command),
		cmocka_unit_test(a_commands_failure_is_the_answer),
		cmocka_unit_test(watch_is_said_to_the_caller_and_may_be_full),
		cmocka_unit_test(help_lists_commands_and_their_keys),
		cmocka_unit_test(any_bytes_become_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
