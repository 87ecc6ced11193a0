/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ue.c - imsreg ue: registers at a P-CSCF and stays registered. */
#include "cli_ue.h"

#include "base_mem.h"
#include "cli_err.h"
#include "cli_follow.h"
#include "cli_inject.h"
#include "cli_key.h"
#include "cli_live_ctl.h"
#include "cli_phone.h"
#include "cli_show.h"
#include "cli_suites.h"
#include "ctl_ue.h"
#include "io_source.h"
#include "run_ue.h"
#include "sip_param.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf {
	struct ims_cli_live_conf live;
	struct ims_cli_key key;
	struct ims_cli_suites suites;
	char file[4096], state[4096];
	bool keep_on_exit;
	struct ims_cli_phone phone;
	char pcscf[IMS_UE_PCSCFS * 64];
	struct ims_addr local;
	char imsi[20], impi[IMS_ID_MAX], domain[IMS_ID_MAX];
	char impu[(1 + IMS_UE_MORE) * IMS_ID_MAX];
	char imei[40], access[128], amf[8];
	uint32_t mnc_len;
	unsigned offer;
	uint16_t port_uc, port_us;
	bool once, no_subscribe;
	char inject[IMS_CLI_INJECT_LEN];
};

static const char *const offers[] = {"first", "challenged", "never", NULL};

/* clang-format off */
#define AT(member) offsetof(struct conf, member), sizeof((struct conf *)0)->member
static const struct ims_opt opts[] = {
	{"config", 'c', IMS_OPT_TEXT, AT(file), NULL, "FILE",
	 "YAML file; its section `ue` has these names as keys"},
	{"pcscf", 'p', IMS_OPT_ADDRS, AT(pcscf), NULL, "ADDR[:PORT]",
	 "the P-CSCF, port 5060 unless given; further ones come next"},
	{"imsi", 'i', IMS_OPT_TEXT, AT(imsi), NULL, "IMSI",
	 "15 digits: identities are derived from it [TS 23.003]"},
	IMS_CLI_KEY_OPTS(conf, key),
	{"amf", 0, IMS_OPT_TEXT, AT(amf), NULL, "HEX",
	 "AMF that AUTN should carry; another is warned of"},
	{"domain", 'd', IMS_OPT_TEXT, AT(domain), NULL, "DOMAIN",
	 "home domain, instead of the derived one"},
	{"impi", 0, IMS_OPT_TEXT, AT(impi), NULL, "USER@REALM",
	 "private identity, instead of the derived one"},
	{"impu", 0, IMS_OPT_LIST, AT(impu), NULL, "URI",
	 "public identity, instead of the derived one; more are added to it"},
	{"mnc-len", 0, IMS_OPT_U32, AT(mnc_len), NULL, "2|3",
	 "digits of the MNC (default: by country)"},
	{"imei", 0, IMS_OPT_TEXT, AT(imei), NULL, "TAC-SERIAL-0",
	 "for +sip.instance, as 35910506-000422-0"},
	{"offer", 0, IMS_OPT_WORD, AT(offer), offers, NULL,
	 "when Security-Client is sent (default first)"},
	IMS_CLI_SUITES_OPTS(conf, suites),
	{"local", 'l', IMS_OPT_ADDR, AT(local), NULL, "ADDR[:PORT]",
	 "own address (default: as the way to the P-CSCF has it)"},
	{"port-uc", 0, IMS_OPT_U16, AT(port_uc), NULL, "PORT",
	 "first protected client port (default random)"},
	{"port-us", 0, IMS_OPT_U16, AT(port_us), NULL, "PORT",
	 "protected server port (default random)"},
	{"access", 0, IMS_OPT_TEXT, AT(access), NULL, "TEXT",
	 "P-Access-Network-Info, sent inside SAs only"},
	{"no-subscribe", 0, IMS_OPT_FLAG, AT(no_subscribe), NULL, NULL,
	 "do not subscribe to the reg event"},
	IMS_CLI_INJECT_OPT(conf, inject),
	{"once", '1', IMS_OPT_FLAG, AT(once), NULL, NULL,
	 "register, subscribe, take the NOTIFY, de-register, exit"},
	{"state", 0, IMS_OPT_TEXT, AT(state), NULL, "FILE",
	 "what outlives a restart: registration, SAs, SQN (default none)"},
	{"keep-on-exit", 0, IMS_OPT_FLAG, AT(keep_on_exit), NULL, NULL,
	 "end without de-registering: the next start with that state file goes "
	 "on"},
	{"ipsec", 0, IMS_OPT_WORD, AT(live.ipsec), ims_cli_ipsecs, NULL,
	 "who does ESP (default auto: the kernel if it can)"},
	{"t1", 0, IMS_OPT_U32, AT(live.t1), NULL, "MS",
	 "SIP timer T1 (default 2000); T2 is 8 of it, T4 8.5"},
	IMS_CLI_CTL_OPTS(conf, live),
	{"log", 0, IMS_OPT_WORD, AT(live.log), ims_cli_levels, NULL,
	 "how much is said (default info)"},
	{"json", 'j', IMS_OPT_FLAG, AT(live.json), NULL, NULL,
	 "one JSON object a line"},
	IMS_CLI_PHONE_OPTS(conf, phone),
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "ue",
	.usage = "--pcscf ADDR[:PORT] --imsi IMSI --key K --opc OPC "
		 "[OPTION...]",
	.about = "Registers at a P-CSCF with AKA and IPsec, stays registered, "
		 "and de-registers on\nCtrl-C.",
	.opt = opts,
	.n_opts = sizeof opts / sizeof *opts,
	.file_option = "config",
};

struct app {
	const struct conf *conf;
	struct ims_cli_live live;
	struct ims_cli_show show;
	struct ims_run_ue *ue;
	struct ims_inject *inject;
	struct ims_steps *steps;
	struct ims_ctl_ue ctl;
	struct ims_cli_follow follow;
	struct ims_io_timer leave; /* --once: all was seen */
	unsigned messages;
};

static int misuse(const char *text)
{
	return ims_cli_fail("ue", -IMS_E_USAGE, "%s", text);
}

/* --- configuration ------------------------------------------------------- */

/* The first is that of the first registration. */
static int impus(const struct conf *c, struct ims_ue_conf *ue)
{
	struct ims_str list = ims_str(c->impu), v;
	struct ims_flaw why;

	if (!*c->impu)
		return 0;
	ue->impu[0] = 0;
	while (ims_sip_comma_next(&list, &v)) {
		char *to = ue->impu;

		if (*ue->impu && ue->n_more == IMS_UE_MORE)
			return misuse("--impu: too many of them");
		if (*ue->impu)
			to = ue->more[ue->n_more++];
		if (!ims_str_copy(to, IMS_ID_MAX, v))
			return misuse("--impu: too long");
	}
	return ims_ue_conf_check(ue, &why) ? misuse(why.text) : 0;
}

static int identities(const struct conf *c, struct ims_ue_conf *ue)
{
	int err = 0;

	if (*c->imsi)
		err = ims_ue_conf_imsi(ue, ims_str(c->imsi), (int)c->mnc_len);
	else if (!*c->impi || !*c->impu || !*c->domain)
		return misuse("--imsi is needed (or --impi, --impu and "
			      "--domain)");
	if (err)
		return misuse("--imsi: 6 to 15 digits are wanted, and "
			      "--mnc-len 2 or 3");
	if (*c->domain)
		snprintf(ue->domain, sizeof ue->domain, "%s", c->domain);
	if (*c->domain && *c->imsi) {
		snprintf(ue->impi, sizeof ue->impi, "%s@%.200s", c->imsi,
			 c->domain);
		snprintf(ue->impu, sizeof ue->impu, "sip:%s@%.200s", c->imsi,
			 c->domain);
	}
	if (*c->impi)
		snprintf(ue->impi, sizeof ue->impi, "%s", c->impi);
	if (*c->imei)
		snprintf(ue->instance, sizeof ue->instance,
			 "<urn:gsma:imei:%s>", c->imei);
	return impus(c, ue);
}

/* Where packets to the P-CSCF leave from, unless it was said. */
static int local_address(const struct conf *c, struct ims_ue_conf *ue)
{
	struct ims_flaw why;
	int err;

	ue->local = c->local;
	if (!ue->local.port)
		ue->local.port = 5060;
	if (ue->local.ip.family)
		return ue->local.ip.family == ue->pcscf[0].ip.family
			       ? 0
			       : misuse("--local and --pcscf: one is IPv4, the "
					"other IPv6");
	err = ims_io_source(ue->pcscf[0], &ue->local.ip, &why);
	if (err)
		return ims_cli_fail("ue", err, "%s", why.text);
	return ims_addr_eq(ue->local, ue->pcscf[0])
		       ? misuse("the P-CSCF is on this machine: the UE needs "
				"another address of it, as --local 127.0.0.2")
		       : 0;
}

/* All of one family: there is one address of ours. */
static int pcscfs(const struct conf *c, struct ims_ue_conf *ue)
{
	struct ims_str list = ims_str(c->pcscf), v;

	ue->n_pcscf = 0;
	while (ims_sip_comma_next(&list, &v)) {
		if (ue->n_pcscf == IMS_UE_PCSCFS)
			return misuse("--pcscf: too many of them");
		if (ims_addr_parse(v, 5060, &ue->pcscf[ue->n_pcscf]))
			return misuse("--pcscf: addresses are wanted");
		if (ue->pcscf[ue->n_pcscf++].ip.family !=
		    ue->pcscf[0].ip.family)
			return misuse("--pcscf: one is IPv4, another IPv6");
	}
	return ue->n_pcscf ? 0
			   : misuse("--pcscf is needed: the address of the "
				    "P-CSCF");
}

/* 0 is a random one, which the UE keeps apart. */
static int check_ports(const struct ims_ue_conf *ue)
{
	uint16_t own = ue->local.port, uc = ue->port_uc, us = ue->port_us;

	if ((uc && uc == us) || uc == own || us == own)
		return misuse("--local, --port-uc and --port-us must be three "
			      "different ports");
	return 0;
}

static int check_keep(const struct conf *c)
{
	if (c->keep_on_exit && !c->state[0])
		return ims_cli_fail("ue", -IMS_E_USAGE,
				    "--keep-on-exit needs --state FILE");
	if (c->keep_on_exit && c->once)
		return ims_cli_fail("ue", -IMS_E_USAGE,
				    "--once de-registers, --keep-on-exit does "
				    "not: one of them");
	return 0;
}

static int ue_conf(const struct conf *c, struct ims_ue_conf *ue)
{
	int status = check_keep(c);

	*ue = c->phone.ue;
	if (!status)
		status = pcscfs(c, ue);
	if (!status)
		status = identities(c, ue);
	if (!status)
		status = ims_cli_suites("ue", &c->suites, &ue->policy);
	if (!status)
		status = ims_cli_live_timers("ue", &c->live, &ue->timers);
	if (!status)
		status = local_address(c, ue);
	if (status)
		return status;
	ue->offer = (enum ims_ue_offer)c->offer;
	ue->port_uc = c->port_uc;
	ue->port_us = c->port_us;
	ue->subscribe = !c->no_subscribe;
	ue->once = c->once;
	snprintf(ue->access_info, sizeof ue->access_info, "%s", c->access);
	return check_ports(ue);
}

/* --- what happens -------------------------------------------------------- */

/* Each message once, as it passes our own host. */
static void seen(void *arg, const struct ims_seen *m)
{
	struct app *a = arg;
	struct ims_step step;
	struct ims_sight sight = {
		.from_ue = m->sent,
		.src = m->sent ? m->flow->local : m->flow->remote,
		.dst = m->sent ? m->flow->remote : m->flow->local,
		.transport = m->flow->transport,
		.spi = m->spi,
		.bytes = m->bytes,
	};

	ims_ctl_stats_seen(&a->live.stats, m);
	ims_steps_feed(a->steps, &sight, &step);
	ims_cli_show_message(&a->show, ++a->messages, &sight, &step,
			     ims_steps_agreed(a->steps), m->wall_ms);
}

/* --once is over when its last wanted thing has come. */
static bool last_wanted(const struct app *a, enum ims_tell t)
{
	return a->conf->once &&
	       t == (a->conf->no_subscribe ? IMS_TELL_REGISTERED
					   : IMS_TELL_NOTIFIED);
}

static void leave(void *arg)
{
	struct app *a = arg;

	if (a->conf->keep_on_exit)
		ims_cli_live_end(&a->live, 0);
	else
		ims_run_ue_stop(a->ue);
}

/* From a turn of the loop of its own: we are inside the role's acts here. */
static void leave_soon(struct app *a)
{
	a->live.asked++;
	(void)ims_io_timer_set(a->live.loop, &a->leave,
			       ims_io_loop_now(a->live.loop));
}

static void told(void *arg, enum ims_who who, const struct ims_act *tell)
{
	struct app *a = arg;

	if (tell->tell != IMS_TELL_FAILED || a->live.json)
		ims_cli_live_told(&a->live, who, tell);
	if (tell->tell == IMS_TELL_FAILED) {
		char text[256];

		snprintf(text, sizeof text, "%.*s", IMS_STR_ARG(tell->text));
		if (!a->live.json)
			ims_ctl_event(a->live.ctl, IMS_WARN, "failed",
				      ims_err_info(tell->err)->id, text);
		ims_cli_live_end(&a->live,
				 ims_cli_fail("ue", tell->err, "%s", text));
	}
	if (tell->tell == IMS_TELL_DEREGISTERED)
		ims_cli_live_end(&a->live, IMS_EXIT_OK);
	if (last_wanted(a, tell->tell) && !a->live.asked)
		leave_soon(a);
}

static void dropped(void *arg, enum ims_who who, const struct ims_flow *flow,
		    int err)
{
	struct app *a = arg;

	/* Another UE at this address may have it. */
	if (err != -IMS_E_ESP_SPI || a->live.trace.level >= IMS_DEBUG)
		ims_cli_live_dropped(&a->live, who, flow, err);
}

static void tick(void *unit)
{
	ims_run_ue_tick(unit);
}

/* --- from beginning to end ----------------------------------------------- */

static int start(struct app *a, const struct ims_ue_conf *ue,
		 const struct ims_card *card)
{
	const struct conf *c = a->conf;
	struct ims_host_up up;
	struct ims_flaw why;
	int status;

	a->live.env.watch = (struct ims_watch){.seen = seen,
					       .told = told,
					       .dropped = dropped,
					       .arg = a};
	a->live.env.inject = a->inject;
	a->ue = ims_run_ue_new(ue, card, &a->live.env);
	if (!a->ue)
		return ims_cli_fail("ue", -IMS_E_NOMEM, NULL);
	if (*c->amf) {
		uint8_t amf[2];

		if (!ims_cli_bytes("ue", "--amf", c->amf, amf, 2, 0))
			return IMS_EXIT_USAGE;
		ims_run_ue_expect_amf(a->ue, amf);
	}
	a->live.slot.tick = tick;
	a->live.slot.unit = a->ue;
	a->live.stop = leave;
	a->live.arg = a;
	a->leave = (struct ims_io_timer){.fire = leave, .arg = a};
	up = ims_run_ue_up(a->ue);
	status =
		ims_cli_live_host(&a->live, &c->live, ue->local.ip, false, &up);
	if (!status && ims_run_ue_attach(a->ue, a->live.host, &why))
		status = ims_cli_fail("ue", why.err, "%s", why.text);
	return status;
}

/* What a process before us agreed on, so that its messages are understood. */
static void resume(struct app *a)
{
	struct ims_secagree agreed[2] = {0};
	struct ims_ue_info info;
	bool in_use = false, old = false;

	ims_ue_info(ims_run_ue_role(a->ue), ims_io_loop_now(a->live.loop),
		    &info);
	for (size_t i = 0; i < info.n_sets; i++) {
		const struct ims_ue_info_set *s = &info.set[i];
		bool is_old = strcmp(s->which, "old") == 0;

		agreed[is_old] =
			(struct ims_secagree){s->ue, s->pcscf, s->suite};
		in_use |= strcmp(s->which, "in use") == 0;
		old |= is_old;
	}
	if (in_use)
		ims_steps_resume(a->steps, &agreed[0], old ? &agreed[1] : NULL);
}

static int open_ctl(struct app *a, const struct ims_ue_conf *ue)
{
	struct ims_ctl_cmds cmds = ims_ctl_ue_cmds(&a->ctl);
	char name[64];

	ims_cli_live_self(&a->live, &a->ctl.self);
	if (a->live.env.keep)
		a->ctl.self.state = a->conf->state;
	a->ctl.ue = a->ue;
	a->ctl.local = ue->local;
	a->ctl.move = ims_cli_follow_move;
	a->ctl.move_arg = &a->follow;
	snprintf(name, sizeof name, "ue-%.*s",
		 (int)ims_str_find(ims_str(ue->impi), '@'), ue->impi);
	return ims_cli_live_ctl(&a->live, &a->conf->live, name, &cmds);
}

static void follow(struct app *a, const struct ims_ue_conf *ue)
{
	a->follow = (struct ims_cli_follow){
		.live = &a->live,
		.conf = &a->conf->live,
		.ue = a->ue,
		.pcscf = ue->pcscf[0],
		.local = &a->ctl.local,
	};
	ims_cli_follow_begin(&a->follow);
}

static int play(struct app *a, const struct ims_ue_conf *ue,
		const struct ims_cli_keys *keys)
{
	struct ims_card card;
	int status;

	ims_cli_show_init(&a->show, a->conf->live.json);
	snprintf(a->show.ladder.ue, sizeof a->show.ladder.ue, "%s",
		 a->conf->imsi);
	a->steps = ims_steps_new(&keys->key);
	if (!a->steps)
		return ims_cli_fail("ue", -IMS_E_NOMEM, NULL);
	ims_card_init(&card, &keys->key);
	status = start(a, ue, &card);
	ims_card_wipe(&card);
	if (!status)
		status = open_ctl(a, ue);
	if (!status) {
		if (keys->other_err)
			ims_run_ue_suspect(a->ue, &keys->other,
					   keys->other_err);
		follow(a, ue);
		resume(a);
		ims_run_ue_start(a->ue);
		ims_cli_live_run(&a->live);
		status = a->live.status;
	}
	return status;
}

/* Twice: the profile has to be known before what it sets can be replaced. */
static int options(int argc, char **argv, struct conf *c)
{
	struct ims_cli_phone was;
	int err = ims_cli_opt(&table, argc, argv, c, NULL, 0);

	if (err)
		return err;
	if (strcmp(c->phone.profile, "list") == 0) {
		ims_cli_phone_list();
		return IMS_OPT_HELPED;
	}
	if (ims_cli_phone_begin("ue", c->phone.profile, &was))
		return -IMS_E_USAGE;
	*c = (struct conf){.live.log = IMS_INFO, .phone = was};
	err = ims_cli_opt(&table, argc, argv, c, NULL, 0);
	if (!err && ims_cli_phone_end("ue", &c->phone, &was))
		err = -IMS_E_USAGE;
	return err;
}

int ims_cli_ue(int argc, char **argv)
{
	struct conf c = {.live.log = IMS_INFO};
	struct app a = {.conf = &c};
	struct ims_cli_keys keys = {0};
	struct ims_ue_conf ue;
	int status = options(argc, argv, &c);

	if (status == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (status < 0)
		return (int)ims_err_info(status)->exit;
	status = ims_cli_inject("ue", c.inject, &a.inject);
	if (status == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (!status)
		status = ue_conf(&c, &ue);
	if (!status)
		status = ims_cli_key("ue", &c.key, &keys);
	if (!status)
		status = ims_cli_live_init(&a.live, "ue", &c.live);
	if (!status && c.state[0])
		status = ims_cli_live_state(&a.live, c.state);
	if (!status)
		status = play(&a, &ue, &keys);
	if (a.live.loop) {
		ims_cli_follow_end(&a.follow);
		ims_io_timer_cancel(a.live.loop, &a.leave);
	}
	if (a.ue && c.keep_on_exit)
		status = ims_cli_live_left(&a.live, ims_run_ue_leave(a.ue),
					   status);
	else
		ims_run_ue_free(a.ue);
	ims_inject_free(a.inject);
	ims_steps_free(a.steps);
	ims_cli_live_free(&a.live);
	ims_wipe(&keys, sizeof keys);
	ims_wipe(&c.key, sizeof c.key);
	return status;
}
