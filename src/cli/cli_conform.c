/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_conform.c - the option --test of core: one conformance test, live. */
#include "cli_conform.h"

#include "cli_err.h"
#include "cli_near.h"
#include "cli_opt.h"

#include <stdio.h>

#define DOC_MAX 65536
#define NAMES_MAX 100

static int print(bool doc)
{
	static char text[DOC_MAX];
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	if (doc)
		ims_conform_doc(&b);
	else
		ims_conform_list(&b);
	fputs(ims_buf_cstr(&b), stdout);
	return IMS_OPT_HELPED;
}

static int unknown(const char *id)
{
	const char *names[NAMES_MAX];
	const char *near;
	size_t n;
	const struct ims_conform_test *t = ims_conform_tests(&n);

	if (n > NAMES_MAX)
		n = NAMES_MAX;
	for (size_t i = 0; i < n; i++)
		names[i] = t[i].id;
	near = ims_cli_near(id, names, n);
	return ims_cli_fail("core", -IMS_E_USAGE,
			    "--test: no test \"%.40s\"%s%s%s; --test list "
			    "shows them",
			    id, near ? " (did you mean " : "", near ? near : "",
			    near ? "?)" : "");
}

int ims_cli_conform_find(const char *id, struct ims_cli_conform *t)
{
	const struct ims_conform_left *left;
	struct ims_str s = ims_str(id);

	if (!s.n)
		return 0;
	if (ims_str_eq(s, IMS_S("list")) || ims_str_eq(s, IMS_S("doc")))
		return print(*id == 'd');
	t->test = ims_conform_find(s);
	left = ims_conform_left(s);
	if (left)
		return ims_cli_fail("core", -IMS_E_USAGE,
				    "--test: there is no test of %s (%s): %s",
				    id, left->title, left->why);
	return t->test ? 0 : unknown(id);
}

static void obey(struct ims_cli_conform *t)
{
	struct ims_str who = ims_str(ims_conform_impu(t->conform));
	enum ims_conform_order order = ims_conform_order(t->conform);

	if (order == IMS_CONFORM_REJECT)
		ims_run_core_order(t->core, IMS_SCSCF_DEREG_REJECTED, who, 0);
	else if (order == IMS_CONFORM_DEACTIVATE)
		ims_run_core_order(t->core, IMS_SCSCF_DEREG_DEACTIVATED, who,
				   0);
	else if (order == IMS_CONFORM_REAUTH)
		ims_run_core_order(t->core, IMS_SCSCF_REAUTH, who,
				   ims_conform_order_s(t->conform));
}

static void say(struct ims_cli_conform *t)
{
	struct ims_str lines = ims_conform_take(t->conform);
	char line[IMS_FLAW_TEXT * 2];

	while (t->live->json && lines.n) {
		size_t n = ims_str_find(lines, '\n');

		ims_printable(ims_str_n(lines.p, n), line, sizeof line);
		ims_cli_live_say(t->live, IMS_INFO, "test", NULL, line);
		lines = ims_str_from(lines, n + 1);
	}
	fwrite(lines.p, 1, lines.n, stdout);
	fflush(stdout);
}

static void wake(struct ims_cli_conform *t, uint64_t at_ms)
{
	(void)ims_io_timer_set(t->live->loop, &t->timer, at_ms);
}

/* From a turn of the loop of its own: the core may be inside an act when
 * something is seen.
 */
static void turn(void *arg)
{
	static const int status[] = {
		[IMS_CONFORM_PASS] = IMS_EXIT_OK,
		[IMS_CONFORM_FAIL] = IMS_EXIT_FAILED,
		[IMS_CONFORM_NOBODY] = IMS_EXIT_SILENCE,
	};
	struct ims_cli_conform *t = arg;
	enum ims_conform_verdict v;

	ims_conform_tick(t->conform, ims_io_loop_now(t->live->loop));
	say(t);
	obey(t);
	v = ims_conform_verdict(t->conform);
	if (v == IMS_CONFORM_RUNS) {
		wake(t, ims_conform_due(t->conform));
		return;
	}
	t->status = status[v];
	t->live->asked++;
	t->live->stop(t->live->arg);
}

int ims_cli_conform_start(struct ims_cli_conform *t, struct ims_cli_live *live,
			  struct ims_run_core *core, uint32_t wait_s)
{
	uint64_t now = ims_io_loop_now(live->loop);

	if (!t->test)
		return 0;
	t->live = live;
	t->core = core;
	t->timer = (struct ims_io_timer){.fire = turn, .arg = t};
	t->conform = ims_conform_new(t->test, wait_s, now);
	if (!t->conform)
		return ims_cli_fail("core", -IMS_E_NOMEM, NULL);
	wake(t, now);
	return 0;
}

void ims_cli_conform_seen(struct ims_cli_conform *t, const struct ims_seen *m)
{
	uint64_t now;

	if (!t->conform || m->who != IMS_WHO_PCSCF || m->flow->side != IMS_GM ||
	    ims_conform_verdict(t->conform))
		return;
	now = ims_io_loop_now(t->live->loop);
	ims_conform_seen(t->conform, !m->sent, m->flow, m->bytes, now);
	wake(t, now);
}

void ims_cli_conform_free(struct ims_cli_conform *t)
{
	if (!t->conform)
		return;
	ims_io_timer_cancel(t->live->loop, &t->timer);
	ims_conform_free(t->conform);
	t->conform = NULL;
}
