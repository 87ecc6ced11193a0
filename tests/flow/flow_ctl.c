/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_ctl.c - what a running core and a running ue answer, and what their
 * orders lead to.
 */
#include "flow_lab.h"

#include "ctl_core.h"
#include "ctl_ue.h"
#include "test.h"

struct ctl {
	struct lab lab;
	struct ims_ctl_core core;
	struct ims_ctl_ue ue;
	struct ims_ctl_stats stats;
	struct ims_trace trace;
	unsigned stopped;
};

static void stopped(void *arg)
{
	((struct ctl *)arg)->stopped++;
}

static struct ims_ctl_self self(struct ctl *c, const struct ims_run_env *env)
{
	return (struct ims_ctl_self){
		.version = "1.2.3",
		.now_ms = env->now_ms,
		.now_arg = env->arg,
		.started_ms = env->now_ms(env->arg),
		.ipsec = "memory",
		.ipsec_why = "a test",
		.trace = &c->trace,
		.stats = &c->stats,
		.stop = stopped,
		.arg = c,
	};
}

static void up(struct ctl *c, uint64_t seed)
{
	memset(c, 0, sizeof *c);
	lab_init(&c->lab, seed);
	c->lab.ue_conf.expires = 3600;
	lab_start(&c->lab);
	c->trace.level = IMS_INFO;
	c->core.self = self(c, &c->lab.env_core);
	c->core.core = c->lab.core;
	c->core.conf = &c->lab.core_conf;
	c->ue.self = self(c, &c->lab.env_ue);
	c->ue.ue = c->lab.ue;
	c->ue.local = c->lab.ue_conf.local;
	assert_true(lab_until(&c->lab, IMS_TELL_NOTIFIED, 1, 10000));
}

static json_t *ask(const struct ims_ctl_cmds *cmds, const char *more,
		   const char *cmd)
{
	char line[400];
	bool watch;
	size_t n;
	char *text;
	json_t *o;

	snprintf(line, sizeof line, "{\"v\":1,\"cmd\":\"%s\"%s}", cmd, more);
	text = ims_ctl_answer(cmds, ims_str(line), true, &watch, &n);
	assert_non_null(text);
	o = json_loads(text, 0, NULL);
	free(text);
	assert_non_null(o);
	return o;
}

static json_t *core(struct ctl *c, const char *cmd, const char *more)
{
	struct ims_ctl_cmds cmds = ims_ctl_core_cmds(&c->core);

	return ask(&cmds, more, cmd);
}

static json_t *ue(struct ctl *c, const char *cmd)
{
	struct ims_ctl_cmds cmds = ims_ctl_ue_cmds(&c->ue);

	return ask(&cmds, "", cmd);
}

static json_int_t number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static const char *text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static json_int_t total(struct ctl *c, const char *cmd, const char *more)
{
	json_t *o = core(c, cmd, more);
	json_int_t n = number(o, "total");

	assert_true(json_is_true(json_object_get(o, "ok")));
	json_decref(o);
	return n;
}

static void refused(json_t *o, const char *id)
{
	assert_string_equal(text(json_object_get(o, "error"), "id"), id);
	json_decref(o);
}

static void status_says_what_is_held(void **state)
{
	struct ctl c;
	json_t *o;

	up(&c, 1);
	lab_pass(&c.lab, 5000);
	o = core(&c, "status", "");
	assert_string_equal(text(o, "version"), "1.2.3");
	assert_int_equal(number(o, "contacts"), 1);
	assert_int_equal(number(o, "sets"), 1);
	assert_int_equal(number(o, "pending"), 0);
	assert_true(number(o, "uptime_s") >= 5);
	assert_int_equal(number(json_object_get(o, "lives"), "in use"), 1);
	assert_int_equal(number(json_object_get(o, "users"), "registered"), 1);
	assert_string_equal(text(json_object_get(o, "ipsec"), "why"), "a test");
	json_decref(o);
	o = ue(&c, "status");
	assert_string_equal(text(o, "registration"), "registered");
	assert_string_equal(text(o, "impi"), c.lab.ue_conf.impi);
	assert_in_range(number(o, "expires_s"), 3500, 3600);
	json_decref(o);
	lab_end(&c.lab);
}

static void both_sides_show_the_same_sas_that_carry_packets(void **state)
{
	struct ctl c;
	json_t *a, *b, *x, *y;

	up(&c, 2);
	lab_pass(&c.lab, 1000);
	a = core(&c, "sas", "");
	b = ue(&c, "sas");
	x = json_array_get(json_object_get(a, "sets"), 0);
	y = json_array_get(json_object_get(b, "sets"), 0);
	assert_string_equal(text(x, "life"), "in use");
	assert_string_equal(text(y, "life"), "in use");
	assert_string_equal(text(x, "alg"), "null");
	assert_string_equal(text(x, "ealg"), "aes-gcm");
	assert_true(number(x, "ends_s") > 3500);
	x = json_object_get(x, "sas");
	y = json_object_get(y, "sas");
	assert_int_equal(json_array_size(x), IMS_N_ARROWS);
	for (size_t i = 0; i < IMS_N_ARROWS; i++) {
		json_t *p = json_array_get(x, i), *q = json_array_get(y, i);

		assert_true(number(p, "spi") > 255);
		assert_int_equal(number(p, "spi"), number(q, "spi"));
		assert_string_equal(text(p, "name"), text(q, "name"));
		assert_string_equal(text(p, "src"), text(q, "src"));
		assert_string_equal(text(p, "dst"), text(q, "dst"));
		assert_int_equal(number(p, "packets"), number(q, "packets"));
		assert_int_equal(strtoul(text(p, "spi_hex"), NULL, 16),
				 number(p, "spi"));
	}
	assert_true(number(json_array_get(x, 0), "packets") > 0);
	json_decref(a);
	json_decref(b);
	lab_end(&c.lab);
}

static void one_user_is_found_by_each_of_his_names(void **state)
{
	char more[2][300];
	struct ctl c;

	up(&c, 3);
	snprintf(more[0], sizeof more[0], ",\"user\":\"%s\"",
		 c.lab.ue_conf.impi);
	snprintf(more[1], sizeof more[1], ",\"user\":\"%s\"",
		 c.lab.ue_conf.impu);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(total(&c, "bindings", more[i]), 1);
		assert_int_equal(total(&c, "sas", more[i]), 1);
	}
	assert_int_equal(total(&c, "bindings", ",\"user\":\"a@b\""), 0);
	assert_int_equal(total(&c, "sas", ",\"user\":\"a@b\""), 0);
	lab_end(&c.lab);
}

static void a_page_is_no_longer_than_asked_for(void **state)
{
	struct ctl c;
	json_t *o;

	up(&c, 4);
	o = core(&c, "bindings", ",\"max\":0");
	assert_int_equal(json_array_size(json_object_get(o, "users")), 0);
	assert_int_equal(number(o, "total"), 1);
	json_decref(o);
	o = core(&c, "sas", ",\"skip\":1");
	assert_int_equal(json_array_size(json_object_get(o, "sets")), 0);
	assert_int_equal(number(o, "skip"), 1);
	json_decref(o);
	lab_end(&c.lab);
}

static void bindings_have_identities_contacts_and_watchers(void **state)
{
	struct ctl c;
	json_t *o, *user;

	up(&c, 5);
	o = core(&c, "bindings", "");
	user = json_array_get(json_object_get(o, "users"), 0);
	assert_string_equal(text(user, "impi"), c.lab.ue_conf.impi);
	assert_string_equal(
		text(json_array_get(json_object_get(user, "impus"), 0), "uri"),
		c.lab.ue_conf.impu);
	assert_int_equal(json_array_size(json_object_get(user, "contacts")), 1);
	assert_in_range(number(json_array_get(json_object_get(user, "contacts"),
					      0),
			       "expires_s"),
			3500, 3600);
	assert_true(json_array_size(json_object_get(user, "watchers")) >= 1);
	json_decref(o);
	o = ue(&c, "bindings");
	assert_string_equal(text(json_array_get(json_object_get(o, "impus"), 0),
				 "uri"),
			    c.lab.ue_conf.impu);
	assert_string_equal(text(json_object_get(o, "subscription"), "state"),
			    "active");
	json_decref(o);
	lab_end(&c.lab);
}

/* The order, with the user's name. */
static json_t *order(struct ctl *c, const char *cmd, const char *more)
{
	char with[400];

	snprintf(with, sizeof with, ",\"user\":\"%s\"%s", c->lab.ue_conf.impu,
		 more);
	return core(c, cmd, with);
}

static void who_is_thrown_out_is_out_on_both_sides(void **state)
{
	struct ctl c;
	json_t *o;

	up(&c, 6);
	o = order(&c, "dereg", "");
	assert_string_equal(text(o, "reason"), "rejected");
	json_decref(o);
	assert_true(lab_until(&c.lab, IMS_TELL_FAILED, 1, 10000));
	assert_int_equal(total(&c, "bindings", ""), 0);
	refused(order(&c, "dereg", ""), "ctl.not-registered");
	lab_pass(&c.lab, 150000); /* what was on its way: 64 T1 */
	assert_int_equal(c.lab.sets_ue, 0);
	assert_int_equal(total(&c, "sas", ""), 0);
	assert_int_equal(c.lab.sets_core, 0);
	lab_end(&c.lab);
}

static void who_is_deactivated_comes_back_and_on_probation_later(void **state)
{
	struct ctl c;

	up(&c, 7);
	json_decref(order(&c, "dereg", ",\"reason\":\"deactivated\""));
	assert_true(lab_until(&c.lab, IMS_TELL_REGISTERED, 2, 10000));
	lab_pass(&c.lab, 10000);
	json_decref(order(&c, "dereg",
			  ",\"reason\":\"probation\",\"retry_after_s\":100"));
	assert_false(lab_until(&c.lab, IMS_TELL_REGISTERED, 3, 95000));
	assert_true(lab_until(&c.lab, IMS_TELL_REGISTERED, 3, 60000));
	lab_pass(&c.lab, 150000);
	assert_int_equal(c.lab.told[IMS_TELL_FAILED], 0);
	assert_int_equal(total(&c, "sas", ""), 1);
	lab_end(&c.lab);
}

static void who_must_prove_himself_does_so_in_new_sas(void **state)
{
	unsigned made;
	struct ctl c;
	json_t *o;

	up(&c, 8);
	made = c.lab.made_core;
	o = order(&c, "reauth", ",\"in_s\":30");
	assert_int_equal(number(o, "in_s"), 30);
	json_decref(o);
	assert_true(lab_until(&c.lab, IMS_TELL_REFRESHED, 1, 30000));
	assert_int_equal(c.lab.made_core, made + 1);
	o = ue(&c, "status");
	assert_in_range(number(o, "expires_s"), 3500, 3600);
	json_decref(o);
	lab_end(&c.lab);
}

static void refresh_registers_again_now(void **state)
{
	struct ctl c;
	json_t *o;

	up(&c, 9);
	lab_pass(&c.lab, 60000);
	o = ue(&c, "refresh");
	assert_string_equal(text(o, "was"), "registered");
	assert_string_equal(text(o, "registration"), "refreshing");
	json_decref(o);
	o = ue(&c, "refresh");
	assert_string_equal(text(o, "registration"), "refreshing");
	json_decref(o);
	assert_true(lab_until(&c.lab, IMS_TELL_REFRESHED, 1, 10000));
	assert_int_equal(c.lab.told[IMS_TELL_REFRESHED], 1);
	lab_end(&c.lab);
}

static void wrong_orders_change_nothing(void **state)
{
	struct ctl c;

	up(&c, 10);
	refused(order(&c, "dereg", ",\"retry_after_s\":5"), "cli.usage");
	refused(core(&c, "dereg", ",\"user\":\"nonsense\""), "cli.usage");
	refused(core(&c, "dereg", ",\"user\":\"sip:a@b\""),
		"ctl.not-registered");
	refused(core(&c, "reauth", ",\"user\":\"a@b\""), "ctl.not-registered");
	refused(core(&c, "refresh", ""), "cli.usage");
	refused(ue(&c, "dereg"), "cli.usage");
	assert_int_equal(total(&c, "bindings", ""), 1);
	lab_end(&c.lab);
}

static void the_level_of_the_log_changes_and_stop_is_passed_on(void **state)
{
	struct ctl c;
	json_t *o;

	up(&c, 11);
	o = core(&c, "log", ",\"level\":\"debug\"");
	assert_string_equal(text(o, "was"), "info");
	assert_string_equal(text(o, "level"), "debug");
	assert_int_equal(c.trace.level, IMS_DEBUG);
	json_decref(o);
	json_decref(core(&c, "stop", ""));
	json_decref(ue(&c, "stop"));
	assert_int_equal(c.stopped, 2);
	lab_end(&c.lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_says_what_is_held),
		cmocka_unit_test(
			both_sides_show_the_same_sas_that_carry_packets),
		cmocka_unit_test(one_user_is_found_by_each_of_his_names),
		cmocka_unit_test(a_page_is_no_longer_than_asked_for),
		cmocka_unit_test(
			bindings_have_identities_contacts_and_watchers),
		cmocka_unit_test(who_is_thrown_out_is_out_on_both_sides),
		cmocka_unit_test(
			who_is_deactivated_comes_back_and_on_probation_later),
		cmocka_unit_test(who_must_prove_himself_does_so_in_new_sas),
		cmocka_unit_test(refresh_registers_again_now),
		cmocka_unit_test(wrong_orders_change_nothing),
		cmocka_unit_test(
			the_level_of_the_log_changes_and_stop_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
