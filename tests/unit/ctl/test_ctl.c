/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ctl.c - the server: answers, watchers, and who does not read. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "io_unix_dial.h"

static int run(void *arg, const struct ims_ctl_req *req, json_t *answer,
	       struct ims_flaw *why)
{
	(void)arg;
	(void)req;
	(void)answer;
	(void)why;
	return 0;
}

/* An answer that no queue takes. */
static int run_big(void *arg, const struct ims_ctl_req *req, json_t *answer,
		   struct ims_flaw *why)
{
	size_t n = 9 << 20;
	char *text = malloc(n + 1);

	(void)arg;
	(void)req;
	(void)why;
	assert_non_null(text);
	memset(text, 'x', n);
	text[n] = '\0';
	json_object_set_new(answer, "text", json_string(text));
	free(text);
	return 0;
}

static const struct ims_ctl_cmd cmds[] = {{"look", "", 0, 0, run},
					  {"big", "", 0, 0, run_big}};

struct lab {
	struct ims_io_loop *loop;
	struct ims_ctl *ctl;
	char folder[64], path[100];
};

static void up(struct lab *l)
{
	static const struct ims_ctl_cmds set = {"core", cmds, 2, NULL};
	struct ims_flaw why;

	strcpy(l->folder, "/tmp/imsreg-ctl-XXXXXX");
	assert_non_null(mkdtemp(l->folder));
	snprintf(l->path, sizeof l->path, "%s/a.sock", l->folder);
	l->loop = ims_io_loop_new();
	assert_int_equal(ims_ctl_new(l->loop, l->path, &set, &l->ctl, &why), 0);
}

static void down(struct lab *l)
{
	ims_ctl_free(l->ctl);
	ims_io_loop_free(l->loop);
	assert_int_equal(rmdir(l->folder), 0);
}

static struct ims_io_dial *dial(struct lab *l)
{
	struct ims_io_dial *d;
	struct ims_flaw why;

	assert_int_equal(ims_io_dial_new(l->path, &d, &why), 0);
	return d;
}

/* The next line as JSON; NULL: none comes. */
static json_t *line(struct lab *l, struct ims_io_dial *d)
{
	struct ims_str s;

	for (int i = 0; i < 200; i++) {
		int got = ims_io_dial_line(d, 0, &s);

		if (got == 1)
			return json_loadb(s.p, s.n, 0, NULL);
		if (got != -IMS_E_SILENCE)
			return NULL;
		ims_io_loop_run_for(l->loop, 2);
	}
	return NULL;
}

static json_t *ask(struct lab *l, struct ims_io_dial *d, const char *text)
{
	assert_int_equal(ims_io_dial_send(d, ims_str(text)), 0);
	return line(l, d);
}

static void ok(json_t *o, bool want)
{
	assert_non_null(o);
	assert_int_equal(json_is_true(json_object_get(o, "ok")), want);
	json_decref(o);
}

static const char *member(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

#define WATCH "{\"v\":1,\"cmd\":\"watch\"}\n"
#define LOOK "{\"v\":1,\"cmd\":\"look\"}\n"

static void requests_are_answered_in_order(void **state)
{
	struct ims_io_dial *d;
	struct lab l;

	up(&l);
	d = dial(&l);
	ok(ask(&l, d, LOOK "{\"v\":1,\"cmd\":\"fly\"}\n" LOOK), true);
	ok(line(&l, d), false);
	ok(line(&l, d), true);
	ims_io_dial_free(d);
	down(&l);
}

static void who_watches_gets_the_events_and_may_still_ask(void **state)
{
	struct ims_io_dial *d, *other;
	struct lab l;
	json_t *o;

	up(&l);
	ims_ctl_event(l.ctl, IMS_INFO, "registered", NULL, "nobody hears");
	d = dial(&l);
	other = dial(&l);
	ok(ask(&l, d, WATCH), true);
	ok(ask(&l, d, WATCH), true); /* twice is once */
	ok(ask(&l, other, LOOK), true);
	assert_int_equal(ims_ctl_watchers(l.ctl), 1);
	ims_ctl_event(l.ctl, IMS_WARN, "problem", "aka.res", "s-cscf: \x1b!");
	o = line(&l, d);
	assert_string_equal(member(o, "event"), "problem");
	assert_string_equal(member(o, "level"), "warn");
	assert_string_equal(member(o, "id"), "aka.res");
	assert_string_equal(member(o, "text"), "s-cscf: \x1b!");
	assert_true(json_integer_value(json_object_get(o, "time_ms")) > 0);
	json_decref(o);
	ok(ask(&l, d, LOOK), true);
	assert_null(line(&l, other));
	ims_io_dial_free(d);
	ims_io_loop_run_for(l.loop, 10);
	assert_int_equal(ims_ctl_watchers(l.ctl), 0);
	ims_ctl_event(l.ctl, IMS_INFO, "registered", NULL, "nobody hears");
	ims_io_dial_free(other);
	down(&l);
}

/* Reads all there is; how many events were counted as lost. */
static json_int_t read_all(struct lab *l, struct ims_io_dial *d,
			   unsigned *events)
{
	json_int_t lost = 0;
	json_t *o;

	while ((o = line(l, d))) {
		if (strcmp(member(o, "event"), "lost") == 0)
			lost += json_integer_value(json_object_get(o, "n"));
		else
			++*events;
		json_decref(o);
	}
	return lost;
}

static void who_does_not_read_loses_events_and_is_told_how_many(void **state)
{
	enum { N = 20000 };
	struct ims_io_dial *d, *other;
	char text[200];
	unsigned events = 0;
	json_int_t lost;
	struct lab l;

	up(&l);
	d = dial(&l);
	other = dial(&l);
	ok(ask(&l, d, WATCH), true);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (int i = 0; i < N; i++)
		ims_ctl_event(l.ctl, IMS_INFO, "info", NULL, text);
	assert_int_equal(ims_ctl_watchers(l.ctl), 1);
	ok(ask(&l, other, LOOK), true);
	lost = read_all(&l, d, &events);
	assert_true(lost > 0);
	/* what a socket holds, and the queue */
	assert_true(events * 200 < IMS_CTL_WATCH_QUEUE + (1u << 20));
	assert_int_equal(events + lost, N);
	ims_ctl_event(l.ctl, IMS_INFO, "info", NULL, "again");
	assert_int_equal(read_all(&l, d, &events), 0);
	assert_int_equal(events + lost, N + 1);
	ims_io_dial_free(d);
	ims_io_dial_free(other);
	down(&l);
}

static void only_so_many_watch_and_others_may_still_ask(void **state)
{
	struct ims_io_dial *d[IMS_CTL_WATCHERS + 1];
	struct lab l;

	up(&l);
	for (int i = 0; i <= IMS_CTL_WATCHERS; i++) {
		d[i] = dial(&l);
		ok(ask(&l, d[i], WATCH), i < IMS_CTL_WATCHERS);
	}
	ok(ask(&l, d[IMS_CTL_WATCHERS], LOOK), true);
	ok(ask(&l, d[0], LOOK), true);
	for (int i = 0; i <= IMS_CTL_WATCHERS; i++)
		ims_io_dial_free(d[i]);
	down(&l);
}

static void an_answer_that_is_too_long_is_refused(void **state)
{
	struct ims_io_dial *d;
	struct lab l;
	json_t *o;

	up(&l);
	d = dial(&l);
	o = ask(&l, d, "{\"v\":1,\"cmd\":\"big\"}\n");
	assert_string_equal(member(json_object_get(o, "error"), "id"),
			    "text.too-big");
	json_decref(o);
	ok(ask(&l, d, LOOK), true);
	ims_io_dial_free(d);
	down(&l);
}

static void the_end_is_told_to_who_watches(void **state)
{
	struct ims_io_dial *d, *other;
	struct ims_str s;
	struct lab l;

	up(&l);
	d = dial(&l);
	other = dial(&l);
	ok(ask(&l, d, WATCH), true);
	ok(ask(&l, other, LOOK), true);
	down(&l);
	assert_int_equal(ims_io_dial_line(d, 100, &s), 1);
	assert_true(ims_str_starts(s, IMS_S("{\"v\":1,\"event\":\"end\"")));
	assert_int_equal(ims_io_dial_line(d, 100, &s), 0);
	assert_int_equal(ims_io_dial_line(other, 100, &s), 0);
	ims_io_dial_free(d);
	ims_io_dial_free(other);
}

static void without_a_server_events_are_harmless(void **state)
{
	ims_ctl_event(NULL, IMS_INFO, "info", NULL, "x");
	assert_int_equal(ims_ctl_watchers(NULL), 0);
	ims_ctl_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered_in_order),
		cmocka_unit_test(who_watches_gets_the_events_and_may_still_ask),
		cmocka_unit_test(
			who_does_not_read_loses_events_and_is_told_how_many),
		cmocka_unit_test(only_so_many_watch_and_others_may_still_ask),
		cmocka_unit_test(an_answer_that_is_too_long_is_refused),
		cmocka_unit_test(the_end_is_told_to_who_watches),
		cmocka_unit_test(without_a_server_events_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
