/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_crowd.c - many UEs in one process, each at its own address, who register,
 * refresh, and hold the core to its word.
 *
 *	ue_crowd PCSCF FIRST-ADDRESS N EXPIRES CHURN T1-MS
 *
 * UE i has the IMSI 00101000000xxxx and the address FIRST-ADDRESS + i, or with
 * IPv6 the same one in the i-th /64 from there, as phones have one each.  Every
 * second about CHURN of a thousand UEs de-register and come back.  A line for
 * each thing of note:
 *
 *	registered I | refreshed I | deregistered I | subscribed I |
 *	notified I TEXT | gap I TEXT (a document was missed) | waits I TEXT |
 *	problem I stays|leaves TEXT | status REGISTERED SUBSCRIBED N
 *
 * and for each broken promise:
 *
 *	again I (a 401 to one who had his 200) | lost I TEXT (his registration) |
 *	ended I TEXT (his subscription, unasked) | version I TEXT (one that does
 *	not rise, or a gap that no full document follows)
 *
 * SIGTERM: all de-register; it ends when all have, or after 30 s with 1.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_hex.h"
#include "crowd_watch.h"
#include "io_host.h"
#include "run_loop.h"
#include "run_ue.h"

#define MOST 1024
#define PATIENCE_MS 30000
#define GAP_MS 30000 /* until a full document follows */

struct one {
	unsigned i;
	struct ims_run_ue *ue;
	struct ims_host *host;
	struct ims_run_slot slot;
	struct ims_run_env env;
	bool promised, leaving, back; /* back: comes again when it has left */
	struct crowd_watch watch;
	bool told_ended; /* told once of each subscription */
};

static struct crowd {
	struct ims_io_loop *loop;
	struct one v[MOST];
	unsigned n, churn, expires, t1, n_gone;
	struct ims_addr pcscf;
	struct ims_ip first;
	struct ims_aka_key key;
	struct ims_io_timer second, later;
	bool ending;
	int status;
} c;

static void tell(const char *what, unsigned i)
{
	printf("%s %u\n", what, i);
	fflush(stdout);
}

static void tell_text(const char *what, const struct one *o, const char *more,
		      struct ims_str text)
{
	printf("%s %u %s%.*s\n", what, o->i, more, IMS_STR_ARG(text));
	fflush(stdout);
}

static bool stays(const struct one *o)
{
	return o->promised && !o->leaving && !c.ending;
}

static void set_later(void)
{
	(void)ims_io_timer_set(c.loop, &c.later, ims_io_loop_now(c.loop));
}

static void gone(struct one *o)
{
	o->promised = false;
	o->leaving = false;
	crowd_watch_over(&o->watch);
	tell("deregistered", o->i);
	if (o->back)
		set_later();
	if (c.ending && ++c.n_gone == c.n)
		ims_io_loop_stop(c.loop);
}

static void told(void *arg, enum ims_who who, const struct ims_act *t)
{
	struct one *o = arg;

	(void)who;
	switch (t->tell) {
	case IMS_TELL_REGISTERED:
		o->promised = true;
		o->told_ended = false;
		tell("registered", o->i);
		break;
	case IMS_TELL_REFRESHED:
		tell("refreshed", o->i);
		break;
	case IMS_TELL_SUBSCRIBED:
		tell("subscribed", o->i);
		break;
	case IMS_TELL_DEREGISTERED:
		gone(o);
		break;
	case IMS_TELL_PROBLEM: /* refused or dropped, life goes on */
		tell_text("problem", o, o->leaving ? "leaves " : "stays ",
			  t->text);
		break;
	case IMS_TELL_FAILED:
		tell_text(stays(o) ? "lost" : "waits", o, "", t->text);
		if (o->leaving)
			gone(o);
		break;
	default:
		break;
	}
}

static void ended(struct one *o, const char *text)
{
	if (!o->told_ended)
		tell_text("ended", o, text, IMS_S(""));
	o->told_ended = true;
}

static void look(struct one *o, const struct ims_seen *m)
{
	char text[120] = "";

	switch (crowd_watch_see(&o->watch, m, text, sizeof text)) {
	case CROWD_DOCUMENT:
		tell_text("notified", o, text, IMS_S(""));
		break;
	case CROWD_GAP:
		tell_text("gap", o, text, IMS_S(""));
		break;
	case CROWD_VERSION:
	case CROWD_UNHEARD:
		tell_text("version", o, text, IMS_S(""));
		break;
	case CROWD_ENDED:
	case CROWD_ANEW:
		if (stays(o))
			ended(o, text);
		break;
	case CROWD_NOTHING:
		break;
	}
}

static void seen(void *arg, const struct ims_seen *m)
{
	struct one *o = arg;

	look(o, m);
	if (!m->sent && stays(o) &&
	    ims_str_starts(m->bytes, IMS_S("SIP/2.0 401")))
		tell("again", o->i);
}

static void tick(void *unit)
{
	ims_run_ue_tick(unit);
}

static struct ims_ip address(unsigned i)
{
	struct ims_ip ip = c.first;
	size_t last = ip.family == 6 ? 7 : ims_ip_len(ip) - 1;
	unsigned low = ip.b[last] + 256u * ip.b[last - 1] + i;

	ip.b[last] = (uint8_t)low;
	ip.b[last - 1] = (uint8_t)(low >> 8);
	return ip;
}

static void conf_of(const struct one *o, struct ims_ue_conf *u)
{
	char imsi[16];

	ims_ue_conf_default(u);
	snprintf(imsi, sizeof imsi, "00101000000%04u", o->i);
	(void)ims_ue_conf_imsi(u, ims_str(imsi), 2);
	u->local = (struct ims_addr){address(o->i), 5060};
	u->pcscf[0] = c.pcscf;
	u->n_pcscf = 1;
	u->transport_register = u->transport_other = IMS_UE_UDP;
	u->expires = c.expires;
	u->retry = true;
	if (c.t1)
		u->timers =
			(struct ims_txn_timers){c.t1, c.t1 * 8, c.t1 * 17 / 2};
}

static int make(struct one *o, struct ims_flaw *why)
{
	struct ims_io_host_conf h = {
		.ip = address(o->i),
		.netns = -1,
		.ipsec = IMS_IPSEC_AUTO,
		.rnd = ims_rand_system(),
	};
	struct ims_ue_conf conf;
	struct ims_host_up up;
	struct ims_card card;
	int err;

	conf_of(o, &conf);
	ims_run_slot_init(&o->slot, c.loop, &o->env);
	o->env.rnd = h.rnd;
	o->env.watch = (struct ims_watch){.told = told, .seen = seen, .arg = o};
	ims_card_init(&card, &c.key);
	o->ue = ims_run_ue_new(&conf, &card, &o->env);
	if (!o->ue)
		return -IMS_E_NOMEM;
	o->slot.tick = tick;
	o->slot.unit = o->ue;
	up = ims_run_ue_up(o->ue);
	err = ims_io_host_new(c.loop, &h, &up, &o->host, why);
	return err ? err : ims_run_ue_attach(o->ue, o->host, why);
}

static void leave(struct one *o, bool back)
{
	o->leaving = true;
	o->back = back;
	crowd_watch_over(&o->watch);
	ims_run_ue_stop(o->ue);
}

/* From a turn of its own: those who have left come back. */
static void on_later(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < c.n; i++) {
		struct one *o = &c.v[i];

		if (!o->back || o->leaving || c.ending)
			continue;
		o->back = false;
		ims_run_ue_start(o->ue);
	}
}

/* Is it subscribed, by its own account?  It was, if it had its 200. */
static bool subscribed(struct one *o)
{
	struct ims_ue_info i;
	bool is;

	ims_ue_info(ims_run_ue_role(o->ue), ims_io_loop_now(c.loop), &i);
	is = strcmp(i.sub_state, "active") == 0 ||
	     strcmp(i.sub_state, "accepted") == 0 ||
	     strcmp(i.sub_state, "refreshing") == 0;
	if (!is && o->watch.promised && stays(o))
		ended(o, i.sub_state);
	return is;
}

/* A document was missed, and nobody says all of it anew. */
static void look_for_gap(struct one *o)
{
	uint64_t now = o->env.wall_ms(o->env.arg);

	if (!o->watch.gap_ms || !stays(o) || now - o->watch.gap_ms < GAP_MS)
		return;
	tell_text("version", o, "no full document follows", IMS_S(""));
	o->watch.gap_ms = 0;
}

static void on_second(void *arg)
{
	unsigned registered = 0, n_subscribed = 0;

	(void)arg;
	for (unsigned i = 0; i < c.n; i++) {
		struct one *o = &c.v[i];

		registered += o->promised && !o->leaving;
		n_subscribed += subscribed(o);
		look_for_gap(o);
		if (!c.ending && o->promised && !o->leaving &&
		    (unsigned)rand() % 1000 < c.churn)
			leave(o, true);
	}
	printf("status %u %u %u\n", registered, n_subscribed, c.n);
	fflush(stdout);
	(void)ims_io_timer_set(c.loop, &c.second,
			       ims_io_loop_now(c.loop) + 1000);
}

static void too_late(void *arg)
{
	(void)arg;
	c.status = 1;
	ims_io_loop_stop(c.loop);
}

static void calm(void *arg, int signum)
{
	(void)arg;
	(void)signum;
	c.churn = 0; /* SIGUSR1 */
}

static void on_term(void *arg, int signum)
{
	static struct ims_io_timer patience = {.fire = too_late};

	(void)arg;
	(void)signum;
	if (c.ending)
		return;
	c.ending = true;
	c.n_gone = 0;
	(void)ims_io_timer_set(c.loop, &patience,
			       ims_io_loop_now(c.loop) + PATIENCE_MS);
	for (unsigned i = 0; i < c.n; i++)
		leave(&c.v[i], false);
}

static bool arguments(int argc, char **argv)
{
	static const char k[] = "465b5ce8b199b49faa5f0a2ee238a6bc";
	static const char opc[] = "cd63cb71954a9f4e48a5994e37a02baf";
	uint8_t mem[16];

	if (argc != 7 || ims_addr_parse(ims_str(argv[1]), 5060, &c.pcscf) ||
	    ims_ip_parse(ims_str(argv[2]), &c.first))
		return false;
	c.n = (unsigned)atoi(argv[3]);
	c.expires = (unsigned)atoi(argv[4]);
	c.churn = (unsigned)atoi(argv[5]);
	c.t1 = (unsigned)atoi(argv[6]);
	if (c.n > MOST || ims_hex_get_n(ims_str(k), mem, sizeof mem) ||
	    ims_aka_key_init(&c.key, IMS_AKA_MILENAGE, mem, 16) ||
	    ims_hex_get_n(ims_str(opc), mem, sizeof mem))
		return false;
	return !ims_aka_key_opc(&c.key, mem, 16);
}

int main(int argc, char **argv)
{
	struct ims_flaw why = {0};

	if (!arguments(argc, argv))
		return 2;
	c.loop = ims_io_loop_new();
	c.second = (struct ims_io_timer){.fire = on_second};
	c.later = (struct ims_io_timer){.fire = on_later};
	if (!c.loop || ims_io_signal(c.loop, SIGTERM, on_term, NULL) ||
	    ims_io_signal(c.loop, SIGUSR1, calm, NULL))
		return 1;
	for (unsigned i = 0; i < c.n; i++) {
		c.v[i].i = i;
		if (make(&c.v[i], &why)) {
			fprintf(stderr, "UE %u: %s\n", i, why.text);
			return why.err == -IMS_E_RIGHTS ? 77 : 1;
		}
	}
	printf("ready\n");
	for (unsigned i = 0; i < c.n; i++)
		ims_run_ue_start(c.v[i].ue);
	on_second(NULL);
	ims_io_loop_run(c.loop);
	for (unsigned i = 0; i < c.n; i++) {
		ims_run_slot_leave(&c.v[i].slot);
		ims_run_ue_free(c.v[i].ue);
		c.v[i].host->ops->free(c.v[i].host);
	}
	ims_io_loop_free(c.loop);
	return c.status;
}
