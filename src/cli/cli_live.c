/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_live.c - what `ue` and `core` share: a loop, one host, signals, a log. */
#include "cli_live.h"

#include "cli_err.h"
#include "io_keep.h"

#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define T1_MAX 60000
#define QUIET_MS 1000

const char *const ims_cli_ipsecs[] = {"auto", "kernel", "userspace", "none",
				      NULL};
const char *const ims_cli_levels[] = {"error", "warn",  "info",
				      "debug", "trace", NULL};

const char *ims_cli_ipsec_place(const char *backend)
{
	if (strcmp(backend, "kernel") == 0)
		return "ESP in the kernel";
	return strcmp(backend, "userspace") == 0 ? "ESP in userspace"
						 : "no ESP";
}

int ims_cli_live_timers(const char *command,
			const struct ims_cli_live_conf *conf,
			struct ims_txn_timers *out)
{
	if (conf->t1 > T1_MAX)
		return ims_cli_fail(command, -IMS_E_USAGE,
				    "--t1: at most %d ms", T1_MAX);
	if (conf->t1)
		*out = (struct ims_txn_timers){conf->t1, conf->t1 * 8,
					       conf->t1 * 17 / 2};
	return 0;
}

static void say_json(const char *level, const char *event, const char *id,
		     const char *text)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:s}", "v", 1, "event", event,
			      "level", level, "text", text);

	if (!o)
		return;
	json_object_set_new(o, "time_ms",
			    json_integer((json_int_t)ims_io_wall_ms()));
	if (id)
		json_object_set_new(o, "id", json_string(id));
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

void ims_cli_live_say(struct ims_cli_live *l, enum ims_level level,
		      const char *event, const char *id, const char *text)
{
	uint64_t ms = ims_io_wall_ms();
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char when[32];

	if (level <= IMS_INFO)
		ims_ctl_event(l->ctl, level, event, id, text);
	if (level > l->trace.level)
		return;
	if (l->json) {
		say_json(ims_level_name(level), event, id, text);
		return;
	}
	localtime_r(&t, &tm);
	strftime(when, sizeof when, "%H:%M:%S", &tm);
	fprintf(stderr, "%s.%03u %-5s %s%s%s%s\n", when, (unsigned)(ms % 1000),
		ims_level_name(level), text, id ? " [" : "", id ? id : "",
		id ? "]" : "");
}

static void traced(void *arg, enum ims_level level, const char *topic,
		   const char *text)
{
	char line[1200];

	snprintf(line, sizeof line, "%s: %s", topic, text);
	ims_cli_live_say(arg, level, "log", NULL, line);
}

static const struct {
	const char *event;
	unsigned burst; /* lines of one id in a second */
} floods[IMS_CLI_N_FLOODS] = {
	[IMS_CLI_DROPPED] = {"dropped", 1},
	[IMS_CLI_PROBLEM] = {"problem", 10},
};

static void next_second(struct ims_cli_live *l, struct ims_cli_hush *h)
{
	h->said = 0;
	h->n = 0;
	h->until_ms = ims_io_loop_now(l->loop) + QUIET_MS;
	(void)ims_io_timer_set(l->loop, &l->sum, h->until_ms);
}

/* How many more there were since the lines that were said. */
static void sum_up(void *arg)
{
	struct ims_cli_live *l = arg;
	char line[300];

	for (int i = 0; i < IMS_CLI_N_FLOODS * IMS_E_LAST; i++) {
		struct ims_cli_hush *h = &l->hush[0][0] + i;
		const struct ims_err_info *info = ims_err_info(i % IMS_E_LAST);
		const char *event = floods[i / IMS_E_LAST].event;

		if (!h->n)
			continue;
		snprintf(line, sizeof line, "%s: %s %" PRIu64 " more: %s",
			 ims_who_name(h->who), event, h->n, info->what);
		ims_cli_live_say(l, IMS_WARN, event, info->id, line);
		next_second(l, h);
	}
}

/* May this line be said?  Otherwise it is counted. */
static bool may_say(struct ims_cli_live *l, enum ims_cli_flood flood,
		    enum ims_who who, int err)
{
	struct ims_cli_hush *h = &l->hush[flood][err < 0 ? -err : err];

	if (!l->sum.fire)
		l->sum = (struct ims_io_timer){.fire = sum_up, .arg = l};
	h->who = who;
	if (h->until_ms <= ims_io_loop_now(l->loop))
		next_second(l, h);
	if (h->said++ < floods[flood].burst)
		return true;
	h->n++;
	return false;
}

void ims_cli_live_told(struct ims_cli_live *l, enum ims_who who,
		       const struct ims_act *tell)
{
	static const char *const events[] = {
		[IMS_TELL_INFO] = "info",
		[IMS_TELL_PROBLEM] = "problem",
		[IMS_TELL_AGREED] = "agreed",
		[IMS_TELL_REGISTERED] = "registered",
		[IMS_TELL_REFRESHED] = "refreshed",
		[IMS_TELL_SUBSCRIBED] = "subscribed",
		[IMS_TELL_NOTIFIED] = "notified",
		[IMS_TELL_DEREGISTERED] = "deregistered",
		[IMS_TELL_FAILED] = "failed",
	};
	char line[1200];

	ims_ctl_stats_told(&l->stats, who, tell);
	if (tell->tell == IMS_TELL_PROBLEM && l->loop &&
	    !may_say(l, IMS_CLI_PROBLEM, who, tell->err))
		return;
	snprintf(line, sizeof line, "%s: %.*s", ims_who_name(who),
		 IMS_STR_ARG(tell->text));
	ims_cli_live_say(l, tell->err ? IMS_WARN : IMS_INFO, events[tell->tell],
			 tell->err ? ims_err_info(tell->err)->id : NULL, line);
}

/* ESP has no ports. */
static const char *place(struct ims_addr a, char out[static IMS_ADDR_TEXT])
{
	return a.port ? ims_addr_text(a, out) : ims_ip_text(a.ip, out);
}

void ims_cli_live_dropped(struct ims_cli_live *l, enum ims_who who,
			  const struct ims_flow *flow, int err)
{
	char peer[IMS_ADDR_TEXT], own[IMS_ADDR_TEXT], line[300];

	ims_ctl_stats_dropped(&l->stats, err);
	if (!may_say(l, IMS_CLI_DROPPED, who, err))
		return;
	snprintf(line, sizeof line, "%s: dropped from %s to %s: %s",
		 ims_who_name(who), place(flow->remote, peer),
		 place(flow->local, own), ims_err_info(err)->what);
	ims_cli_live_say(l, IMS_WARN, "dropped", ims_err_info(err)->id, line);
}

static void signalled(void *arg, int signum)
{
	struct ims_cli_live *l = arg;

	if (signum == SIGPIPE && l->asked)
		return; /* nobody reads what we say: once is enough */
	if (l->asked++ == 0 && l->stop) {
		ims_cli_live_say(l, IMS_INFO, "stopping", NULL,
				 "ending in order; once more ends at once, "
				 "without waiting for the peer");
		l->stop(l->arg);
	} else {
		ims_cli_live_end(l, IMS_EXIT_SIGNAL);
	}
}

/* Also when the terminal or the reader of the output goes away. */
static int watch_signals(struct ims_cli_live *l)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof signals / sizeof *signals; i++)
		err = ims_io_signal(l->loop, signals[i], signalled, l);
	return err;
}

void ims_cli_live_log(struct ims_cli_live *l,
		      const struct ims_cli_live_conf *conf)
{
	l->json = conf->json;
	l->trace = (struct ims_trace){(enum ims_level)conf->log, traced, l};
}

int ims_cli_live_init(struct ims_cli_live *l, const char *command,
		      const struct ims_cli_live_conf *conf)
{
	memset(l, 0, sizeof *l);
	l->command = command;
	ims_cli_live_log(l, conf);
	l->loop = ims_io_loop_new();
	if (!l->loop || watch_signals(l))
		return ims_cli_fail(command, -IMS_E_SYS, "no event loop");
	ims_run_slot_init(&l->slot, l->loop, &l->env);
	l->env.trace = &l->trace;
	l->env.rnd = ims_rand_system();
	return 0;
}

int ims_cli_live_state(struct ims_cli_live *l, const char *file)
{
	struct ims_flaw why = {0};

	if (strcmp(file, "none") == 0)
		return 0;
	if (ims_io_keep_open(file, &l->env.keep, &why))
		return ims_cli_fail(l->command, why.err, "--state: %s",
				    why.text);
	return 0;
}

int ims_cli_live_open(struct ims_cli_live *l,
		      const struct ims_cli_live_conf *conf, struct ims_ip ip,
		      bool network, const struct ims_host_up *up,
		      struct ims_flaw *why)
{
	struct ims_io_host_conf h = {
		.ip = ip,
		.netns = -1,
		.ipsec = (enum ims_io_ipsec)conf->ipsec,
		.network = network,
		.trace = &l->trace,
		.rnd = l->env.rnd,
	};
	char line[300];
	int err = ims_io_host_new(l->loop, &h, up, &l->host, why);

	if (err)
		return err;
	snprintf(l->ipsec_why, sizeof l->ipsec_why, "%s", why->text);
	snprintf(line, sizeof line, "%s (%s)",
		 ims_cli_ipsec_place(l->host->ipsec), why->text);
	ims_cli_live_say(l, IMS_INFO, "ipsec", NULL, line);
	return 0;
}

int ims_cli_live_host(struct ims_cli_live *l,
		      const struct ims_cli_live_conf *conf, struct ims_ip ip,
		      bool network, const struct ims_host_up *up)
{
	struct ims_flaw why = {0};
	int err = ims_cli_live_open(l, conf, ip, network, up, &why);

	return err ? ims_cli_fail(l->command, err, "%s", why.text) : 0;
}

int ims_cli_live_left(struct ims_cli_live *l, int err, int status)
{
	if (!err) {
		ims_cli_live_say(l, IMS_INFO, "kept", NULL,
				 "registrations and SAs stay as they are, for "
				 "the next start");
		return status;
	}
	return ims_cli_fail(l->command, err,
			    "--keep-on-exit: the next start lacks the last "
			    "changes: %s",
			    l->env.keep->ops->why(l->env.keep));
}

void ims_cli_live_run(struct ims_cli_live *l)
{
	ims_io_loop_run(l->loop);
}

void ims_cli_live_end(struct ims_cli_live *l, int status)
{
	if (!l->status)
		l->status = status;
	ims_io_loop_stop(l->loop);
}

void ims_cli_live_free(struct ims_cli_live *l)
{
	if (l->host)
		l->host->ops->free(l->host);
	if (l->env.keep)
		l->env.keep->ops->free(l->env.keep);
	if (!l->loop)
		return;
	sum_up(l);
	ims_ctl_free(l->ctl);
	l->ctl = NULL;
	ims_io_timer_cancel(l->loop, &l->ending);
	ims_io_timer_cancel(l->loop, &l->sum);
	ims_run_slot_leave(&l->slot);
	ims_io_loop_free(l->loop);
}
