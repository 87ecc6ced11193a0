/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_core.c - imsreg core: P-CSCF, S-CSCF and HSS in one process. */
#include "cli_core.h"

#include "cli_conform.h"
#include "cli_err.h"
#include "cli_inject.h"
#include "cli_live_ctl.h"
#include "cli_opt.h"
#include "cli_show.h"
#include "cli_suites.h"
#include "ctl_core.h"
#include "io_sqlite.h"
#include "run_core.h"

#include <stdio.h>
#include <string.h>

struct conf {
	struct ims_cli_live_conf live;
	struct ims_cli_suites suites;
	char file[4096], db[4096], state[4096];
	struct ims_addr listen;
	char domain[IMS_ID_MAX], realm[IMS_ID_MAX], network[IMS_ID_MAX];
	unsigned security, sqn;
	uint16_t port_ps, port_ps2, port_pc, port_pc2;
	uint32_t ind, expires_min, expires_max;
	bool keep_on_exit, no_qop, no_service_route, reauth, gruu, outbound,
		full_state;
	char watcher[IMS_ID_MAX];
	char inject[IMS_CLI_INJECT_LEN], test[64];
	uint32_t test_wait;
};

static const char *const securities[] = {"required", "allowed", "off", NULL};
static const char *const sqns[] = {"time", "counter", NULL};

/* clang-format off */
#define AT(member) offsetof(struct conf, member), sizeof((struct conf *)0)->member
static const struct ims_opt opts[] = {
	{"config", 'c', IMS_OPT_TEXT, AT(file), NULL, "FILE",
	 "YAML file; its section `core` has these names as keys"},
	{"listen", 'l', IMS_OPT_ADDR, AT(listen), NULL, "ADDR[:PORT]",
	 "address of the P-CSCF; port 5060 unless given"},
	{"db", 0, IMS_OPT_TEXT, AT(db), NULL, "FILE",
	 "subscribers (default imsreg.db; made by imsreg sub)"},
	{"state", 0, IMS_OPT_TEXT, AT(state), NULL, "FILE",
	 "what outlives a restart: registrations and SAs (default: the "
	 "database's name with .state; none: nothing does)"},
	{"keep-on-exit", 0, IMS_OPT_FLAG, AT(keep_on_exit), NULL, NULL,
	 "end without ending registrations and SAs: the next start goes on "
	 "with them"},
	{"domain", 'd', IMS_OPT_TEXT, AT(domain), NULL, "DOMAIN",
	 "home domain (default ims.mnc001.mcc001.3gppnetwork.org)"},
	{"realm", 0, IMS_OPT_TEXT, AT(realm), NULL, "REALM",
	 "of the challenge (default: the home domain)"},
	{"network", 0, IMS_OPT_TEXT, AT(network), NULL, "NAME",
	 "P-Visited-Network-ID (default: the home domain)"},
	{"security", 0, IMS_OPT_WORD, AT(security), securities, NULL,
	 "sec-agree and IPsec of the UEs (default required)"},
	IMS_CLI_SUITES_OPTS(conf, suites),
	{"port-ps", 0, IMS_OPT_U16, AT(port_ps), NULL, "PORT",
	 "protected server port (default 5062)"},
	{"port-ps2", 0, IMS_OPT_U16, AT(port_ps2), NULL, "PORT",
	 "a second one, for UEs started anew (default 5068; 0: none)"},
	{"port-pc", 0, IMS_OPT_U16, AT(port_pc), NULL, "PORT",
	 "protected client port (default 5064)"},
	{"port-pc2", 0, IMS_OPT_U16, AT(port_pc2), NULL, "PORT",
	 "a second one, for re-authentication (default 5066)"},
	{"sqn", 0, IMS_OPT_WORD, AT(sqn), sqns, NULL,
	 "how SQN rises: by time (default) or by counting"},
	{"ind", 0, IMS_OPT_U32, AT(ind), NULL, "0..31",
	 "IND of our SQNs (default 1; another HSS takes another)"},
	{"expires-min", 0, IMS_OPT_U32, AT(expires_min), NULL, "SECONDS",
	 "shorter registrations get a 423 (default 60)"},
	{"expires-max", 0, IMS_OPT_U32, AT(expires_max), NULL, "SECONDS",
	 "longer ones are shortened (default 600000)"},
	{"reauth", 0, IMS_OPT_FLAG, AT(reauth), NULL, NULL,
	 "challenge every re-registration"},
	{"no-qop", 0, IMS_OPT_FLAG, AT(no_qop), NULL, NULL,
	 "no qop in the challenge"},
	{"no-service-route", 0, IMS_OPT_FLAG, AT(no_service_route), NULL, NULL,
	 "no Service-Route in the 200"},
	{"gruu", 0, IMS_OPT_FLAG, AT(gruu), NULL, NULL,
	 "GRUUs for UEs that ask for them"},
	{"outbound", 0, IMS_OPT_FLAG, AT(outbound), NULL, NULL,
	 "RFC 5626: several flows of a UE; 439 if the first hop cannot"},
	{"full-state", 0, IMS_OPT_FLAG, AT(full_state), NULL, NULL,
	 "every NOTIFY says all, not only what changed"},
	{"watcher", 0, IMS_OPT_TEXT, AT(watcher), NULL, "URI",
	 "a server that may watch the registration of every user"},
	IMS_CLI_INJECT_OPT(conf, inject),
	{"test", 0, IMS_OPT_TEXT, AT(test), NULL, "ID",
	 "one conformance test of a UE, then end; list: all of them"},
	{"test-wait", 0, IMS_OPT_U32, AT(test_wait), NULL, "SECONDS",
	 "how long it waits for the UE (default 300)"},
	{"ipsec", 0, IMS_OPT_WORD, AT(live.ipsec), ims_cli_ipsecs, NULL,
	 "who does ESP (default auto: the kernel if it can)"},
	{"t1", 0, IMS_OPT_U32, AT(live.t1), NULL, "MS",
	 "SIP timer T1 (default 2000); T2 is 8 of it, T4 8.5"},
	IMS_CLI_CTL_OPTS(conf, live),
	{"log", 0, IMS_OPT_WORD, AT(live.log), ims_cli_levels, NULL,
	 "how much is said (default info)"},
	{"json", 'j', IMS_OPT_FLAG, AT(live.json), NULL, NULL,
	 "one JSON object a line"},
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "core",
	.usage = "--listen ADDR[:PORT] [--db FILE] [OPTION...]",
	.about = "An IMS core for a lab: P-CSCF, S-CSCF/registrar and HSS. "
		 "Phones and imsreg ue\nregister at it; subscribers are kept "
		 "by imsreg sub.",
	.opt = opts,
	.n_opts = sizeof opts / sizeof *opts,
	.file_option = "config",
};

struct app {
	const struct conf *conf;
	struct ims_cli_live live;
	struct ims_cli_show show;
	struct ims_run_core *core;
	struct ims_inject *inject;
	struct ims_cli_conform test;
	struct ims_hss hss;
	struct ims_ctl_core ctl;
	struct ims_io_timer end;
	bool started;
	char state[4096 + 8]; /* the file of --state */
};

/* --- configuration ------------------------------------------------------- */

static void set_text(char *dst, size_t cap, const char *text, const char * or)
{
	snprintf(dst, cap, "%s", *text ? text : or);
}

static void pcscf_conf(const struct conf *c, struct ims_pcscf_conf *p)
{
	p->gm = c->listen;
	p->port_ps = c->port_ps;
	p->port_ps2 = c->port_ps2;
	p->port_pc[0] = c->port_pc;
	p->port_pc[1] = c->port_pc2;
	p->n_port_pc = 2;
	p->mw = (struct ims_addr){c->listen.ip, 4060};
	p->scscf = (struct ims_addr){c->listen.ip, 6060};
	p->security = (enum ims_pcscf_security)c->security;
	set_text(p->network, sizeof p->network, c->network, c->domain);
}

static void scscf_conf(const struct conf *c, struct ims_scscf_conf *s)
{
	s->local = (struct ims_addr){c->listen.ip, 6060};
	set_text(s->domain, sizeof s->domain, c->domain, "");
	set_text(s->realm, sizeof s->realm, c->realm, c->domain);
	s->qop = !c->no_qop;
	s->service_route = !c->no_service_route;
	s->challenge_refresh = c->reauth;
	s->gruu = c->gruu;
	s->outbound = c->outbound;
	s->partial = !c->full_state;
	if (c->watcher[0])
		snprintf(s->trusted[s->n_trusted++], IMS_ID_MAX, "%s",
			 c->watcher);
	s->allow_clear = c->security != IMS_PCSCF_REQUIRED;
	if (c->expires_min)
		s->min_expires = c->expires_min;
	if (c->expires_max)
		s->max_expires = c->expires_max;
	if (s->default_expires > s->max_expires)
		s->default_expires = s->max_expires;
}

/* The core as a conformance test wants it; it remembers nobody. */
static void set_test(struct conf *c, const struct ims_conform_conf *t)
{
	snprintf(c->state, sizeof c->state, "none");
	set_text(c->inject, sizeof c->inject, t->inject ? t->inject : "", "");
	c->reauth |= t->reauth;
	if (t->expires_max)
		c->expires_max = t->expires_max;
	if (!t->alg)
		return;
	c->suites.allow_deprecated = true;
	snprintf(c->suites.alg, sizeof c->suites.alg, "%s", t->alg);
	snprintf(c->suites.ealg, sizeof c->suites.ealg, "%s", t->ealg);
}

static int misuse(const char *text)
{
	return ims_cli_fail("core", -IMS_E_USAGE, "%s", text);
}

static int check_ports(const struct conf *c)
{
	const uint16_t port[] = {c->listen.port, c->port_ps, c->port_pc,
				 c->port_pc2, c->port_ps2};

	for (size_t i = 0; i < 5; i++) {
		if (!port[i] && i < 4)
			return misuse("a port of 0 cannot be agreed on");
		for (size_t j = 0; j < i; j++)
			if (port[i] == port[j])
				return misuse("--listen, --port-ps, "
					      "--port-ps2, --port-pc and "
					      "--port-pc2 must be different "
					      "ports");
	}
	return 0;
}

static int core_conf(const struct conf *c, struct ims_run_core_conf *out)
{
	int status;

	if (!c->listen.ip.family || ims_ip_is_any(c->listen.ip))
		return misuse("--listen is needed: one address of this "
			      "machine, since SAs are bound to it");
	if (c->ind > 31)
		return misuse("--ind: 0 to 31");
	if (c->live.ipsec == IMS_IPSEC_NONE && c->security != IMS_PCSCF_OFF)
		return misuse("--ipsec none goes with --security off only");
	if (c->keep_on_exit && strcmp(c->state, "none") == 0)
		return misuse("--keep-on-exit needs a file of --state");
	status = check_ports(c);
	memset(out, 0, sizeof *out);
	ims_pcscf_conf_default(&out->pcscf);
	ims_scscf_conf_default(&out->scscf);
	if (!status)
		status = ims_cli_suites("core", &c->suites, &out->pcscf.policy);
	if (!status)
		status = ims_cli_live_timers("core", &c->live,
					     &out->pcscf.timers_gm);
	pcscf_conf(c, &out->pcscf);
	scscf_conf(c, &out->scscf);
	return status;
}

/* --- what happens -------------------------------------------------------- */

static void seen(void *arg, const struct ims_seen *m)
{
	struct app *a = arg;
	struct ims_sight sight = {
		.from_ue = !m->sent,
		.src = m->sent ? m->flow->local : m->flow->remote,
		.dst = m->sent ? m->flow->remote : m->flow->local,
		.transport = m->flow->transport,
		.spi = m->spi,
		.bytes = m->bytes,
	};
	char src[IMS_ADDR_TEXT], dst[IMS_ADDR_TEXT], line[300], first[80];

	ims_ctl_stats_seen(&a->live.stats, m);
	ims_cli_conform_seen(&a->test, m);
	if (m->flow->side == IMS_GM && a->show.json) {
		struct ims_step none = {.arrow = -1};

		ims_cli_show_message(&a->show, 0, &sight, &none, NULL,
				     m->wall_ms);
		return;
	}
	if (a->live.trace.level < IMS_DEBUG)
		return;
	ims_printable((struct ims_str){m->bytes.p,
				       ims_str_find(m->bytes, '\r')},
		      first, sizeof first);
	snprintf(line, sizeof line, "%s %s -> %s %s%s: %s",
		 m->flow->side == IMS_MW ? "Mw" : "Gm",
		 ims_addr_text(sight.src, src), ims_addr_text(sight.dst, dst),
		 ims_transport_name(sight.transport),
		 sight.spi ? " in ESP" : "", first);
	ims_cli_live_say(&a->live, IMS_DEBUG, "message", NULL, line);
}

static void told(void *arg, enum ims_who who, const struct ims_act *tell)
{
	ims_cli_live_told(&((struct app *)arg)->live, who, tell);
}

static void dropped(void *arg, enum ims_who who, const struct ims_flow *flow,
		    int err)
{
	ims_cli_live_dropped(&((struct app *)arg)->live, who, flow, err);
}

static void tick(void *unit)
{
	ims_run_core_tick(unit);
}

static void end(void *arg)
{
	struct app *a = arg;

	ims_cli_live_end(&a->live, a->test.status);
}

/* What the roles still send at the end gets a moment to leave. */
static void stop(void *arg)
{
	struct app *a = arg;

	if (a->conf->keep_on_exit) {
		end(a);
		return;
	}
	ims_run_core_stop(a->core);
	(void)ims_io_timer_set(a->live.loop, &a->end,
			       ims_io_loop_now(a->live.loop) + 50);
}

/* --- from beginning to end ----------------------------------------------- */

static int one(void *arg, const struct ims_sub *sub)
{
	(void)sub;
	*(bool *)arg = true;
	return 1;
}

/* A new file is a likely slip of the path. */
static void warn_if_empty(struct app *a)
{
	const char *db = a->conf->db;
	char line[sizeof a->conf->db * 2 + 100];
	bool any = false;

	if (a->hss.store->ops->list(a->hss.store, one, &any) < 0 || any)
		return;
	snprintf(line, sizeof line,
		 "no subscriber is in %s yet: imsreg sub add IMSI K OPC --db "
		 "%s",
		 db, db);
	ims_cli_live_say(&a->live, IMS_WARN, "empty", NULL, line);
}

static int open_hss(struct app *a)
{
	struct ims_flaw why;

	if (ims_io_sqlite_open(a->conf->db, &a->hss.store, &why) ||
	    ims_io_sqlite_check(a->hss.store, &why))
		return ims_cli_fail("core", why.err, "%s", why.text);
	a->hss.scheme = ims_sqn_scheme_default();
	a->hss.scheme.counter = a->conf->sqn == 1;
	a->hss.scheme.ind = (uint8_t)a->conf->ind;
	a->hss.rnd = a->live.env.rnd;
	warn_if_empty(a);
	return 0;
}

static int open_state(struct app *a)
{
	const struct conf *c = a->conf;

	snprintf(a->state, sizeof a->state, "%s%s",
		 c->state[0] ? c->state : c->db, c->state[0] ? "" : ".state");
	return ims_cli_live_state(&a->live, a->state);
}

static void say_listening(struct app *a, const struct ims_pcscf_conf *p)
{
	char line[200], addr[IMS_ADDR_TEXT];

	ims_addr_text(p->gm, addr);
	if (p->security == IMS_PCSCF_OFF)
		snprintf(line, sizeof line,
			 "listening at %s, in the clear only: --security off",
			 addr);
	else
		snprintf(line, sizeof line,
			 "listening at %s, protected ports ps %u, pc %u and %u",
			 addr, p->port_ps, p->port_pc[0], p->port_pc[1]);
	ims_cli_live_say(&a->live, IMS_INFO, "listening", NULL, line);
}

static size_t n_watching(void *arg)
{
	return ims_ctl_watchers(((struct app *)arg)->live.ctl);
}

static int open_ctl(struct app *a, const struct ims_run_core_conf *conf)
{
	struct ims_ctl_cmds cmds = ims_ctl_core_cmds(&a->ctl);

	ims_cli_live_self(&a->live, &a->ctl.self);
	if (a->live.env.keep)
		a->ctl.self.state = a->state;
	a->ctl.core = a->core;
	a->ctl.conf = conf;
	a->ctl.n_watchers = n_watching;
	a->ctl.n_arg = a;
	return ims_cli_live_ctl(&a->live, &a->conf->live, "core", &cmds);
}

static int start(struct app *a, const struct ims_run_core_conf *conf)
{
	struct ims_host_up up;
	struct ims_flaw why;
	int status;

	a->live.env.watch = (struct ims_watch){.seen = seen,
					       .told = told,
					       .dropped = dropped,
					       .arg = a};
	a->live.env.inject = a->inject;
	a->core = ims_run_core_new(conf, &a->hss, &a->live.env);
	if (!a->core)
		return ims_cli_fail("core", -IMS_E_NOMEM, NULL);
	a->live.slot.tick = tick;
	a->live.slot.unit = a->core;
	a->live.stop = stop;
	a->live.arg = a;
	a->end = (struct ims_io_timer){.fire = end, .arg = a};
	up = ims_run_core_up(a->core);
	status = ims_cli_live_host(&a->live, &a->conf->live, conf->pcscf.gm.ip,
				   true, &up);
	if (status)
		return status;
	if (ims_run_core_attach(a->core, a->live.host, &why))
		return ims_cli_fail("core", why.err, "%s", why.text);
	status = open_ctl(a, conf);
	if (!status)
		say_listening(a, &conf->pcscf);
	if (!status)
		status = ims_cli_conform_start(&a->test, &a->live, a->core,
					       a->conf->test_wait);
	return status;
}

/* What shall go wrong, or be tested. */
static int on_purpose(struct app *a, struct conf *c)
{
	int status = ims_cli_conform_find(c->test, &a->test);

	if (!status && a->test.test)
		set_test(c, &a->test.test->conf);
	return status ? status : ims_cli_inject("core", c->inject, &a->inject);
}

int ims_cli_core(int argc, char **argv)
{
	struct conf c = {
		.live.log = IMS_INFO,
		.db = "imsreg.db",
		.domain = "ims.mnc001.mcc001.3gppnetwork.org",
		.port_ps = 5062,
		.port_ps2 = 5068,
		.port_pc = 5064,
		.port_pc2 = 5066,
		.ind = 1,
		.test_wait = 300,
	};
	struct app a = {.conf = &c};
	struct ims_run_core_conf conf;
	int status = ims_cli_opt(&table, argc, argv, &c, NULL, 0);

	if (status == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (status < 0)
		return (int)ims_err_info(status)->exit;
	status = on_purpose(&a, &c);
	if (status == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (!status)
		status = core_conf(&c, &conf);
	if (!status)
		status = ims_cli_live_init(&a.live, "core", &c.live);
	if (!status)
		status = open_hss(&a);
	if (!status)
		status = open_state(&a);
	ims_cli_show_init(&a.show, c.live.json);
	if (!status)
		status = start(&a, &conf);
	a.started = !status;
	if (a.started) {
		ims_cli_live_run(&a.live);
		status = a.live.status;
	}
	if (a.live.loop)
		ims_io_timer_cancel(a.live.loop, &a.end);
	if (a.core && a.live.env.keep && !a.started)
		(void)ims_run_core_leave(a.core); /* that ends nobody */
	else if (a.core && c.keep_on_exit)
		status = ims_cli_live_left(&a.live, ims_run_core_leave(a.core),
					   status);
	else
		ims_run_core_free(a.core);
	ims_inject_free(a.inject);
	ims_cli_conform_free(&a.test);
	ims_cli_live_free(&a.live);
	if (a.hss.store)
		a.hss.store->ops->free(a.hss.store);
	return status;
}
