/* SPDX-License-Identifier: BSD-2-Clause */
/* run_ue.c - a UE with its USIM on a host. */
#include "run_ue.h"

#include "base_mem.h"
#include "base_pack.h"
#include "run_keep.h"

#include <stdlib.h>
#include <string.h>

struct ims_run_ue {
	struct ims_run_seat seat;
	struct ims_ue *ue;
	struct ims_card card;
	struct ims_addr local;
	struct ims_aka_key suspect; /* secret */
	int suspect_err;            /* 0: none */
	bool held, has_amf;
	uint8_t amf[2];
	char impi[IMS_ID_MAX];
};

static uint64_t now(const struct ims_run_ue *u)
{
	return u->seat.env.now_ms(u->seat.env.arg);
}

static void feed(struct ims_run_ue *u, const struct ims_ev *ev)
{
	ims_ue_event(u->ue, ev, now(u));
}

static int why_bad(const struct ims_run_ue *u, const struct ims_act *act)
{
	struct ims_aka_autn autn;

	if (u->suspect_err &&
	    !ims_aka_autn(&u->suspect, act->rand, act->autn, &autn) &&
	    autn.mac_ok)
		return u->suspect_err;
	return ims_card_why(&u->card, act->rand, act->autn);
}

/* --- the SQN that the card has seen, across a restart --- */
#define CARD_VERSION 1
#define CARD_RECORD 512

static void keep_card(struct ims_run_ue *u)
{
	char mem[CARD_RECORD];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_pack_begin(&b, CARD_VERSION);
	for (int i = 0; i < IMS_SQN_SLOTS; i++)
		ims_pack_u64(&b, u->card.window.seq[i]);
	if (!b.over)
		ims_run_keep_put(&u->seat, IMS_KEEP_CARD, ims_str(u->impi),
				 ims_buf_str(&b));
}

static int take_card(void *unit, struct ims_str key, struct ims_str record,
		     struct ims_flaw *why)
{
	struct ims_run_ue *u = unit;
	struct ims_sqn_window w = u->card.window;
	struct ims_unpack p;

	if (!ims_str_eq(key, ims_str(u->impi)))
		return ims_flaw(why, -IMS_E_SYNTAX,
				"the SQN kept is that of another SIM");
	ims_unpack_begin(&p, record, CARD_VERSION);
	for (int i = 0; i < IMS_SQN_SLOTS; i++)
		w.seq[i] = ims_unpack_u64(&p);
	if (ims_unpack_end(&p))
		return ims_flaw(why, -IMS_E_SYNTAX, "the SQN kept is damaged");
	u->card.window = w;
	return 0;
}

static void ask_card(struct ims_run_ue *u, const struct ims_act *act)
{
	struct ims_card_answer answer;
	struct ims_ev ev = {.kind = IMS_EV_SIM, .answer = &answer};

	if (u->has_amf && memcmp(act->autn + 6, u->amf, 2) != 0)
		ims_trace(u->seat.env.trace, IMS_WARN, "run_ue",
			  "AUTN carries AMF %02x%02x, %02x%02x was expected",
			  act->autn[6], act->autn[7], u->amf[0], u->amf[1]);
	ims_card_challenge(&u->card, act->rand, act->autn, &answer);
	if (answer.verdict == IMS_CARD_OK)
		keep_card(u);
	if (u->seat.env.inject) {
		ims_inject_sim(u->seat.env.inject, &u->card, act->rand, &answer,
			       now(u));
		ims_run_inject(&u->seat);
	}
	if (answer.verdict == IMS_CARD_BAD_MAC)
		ev.err = why_bad(u, act);
	feed(u, &ev);
	ims_wipe(&answer, sizeof answer);
}

/* Performs until the role has no more to ask for. */
static void drain(struct ims_run_ue *u)
{
	struct ims_flaw why;
	struct ims_act act;
	struct ims_ev ev;

	while (ims_ue_next(u->ue, &act)) {
		if (act.kind == IMS_ACT_SIM)
			ask_card(u, &act);
		else if (ims_run_perform(&u->seat, &act, &ev, &why))
			feed(u, &ev);
	}
	ims_run_keep_turn(&u->seat);
	ims_run_wake(&u->seat, ims_ue_due(u->ue));
}

static void on(void *unit, const struct ims_ev *ev)
{
	struct ims_run_ue *u = unit;

	feed(u, ev);
	drain(u);
}

struct ims_run_ue *ims_run_ue_new(const struct ims_ue_conf *conf,
				  const struct ims_card *card,
				  const struct ims_run_env *env)
{
	struct ims_run_ue *u = calloc(1, sizeof *u);
	struct ims_ue_conf own = *conf;

	if (!u)
		return NULL;
	own.wall_ms = ims_run_keep_epoch(env, NULL);
	u->card = *card;
	u->local = conf->local;
	memcpy(u->impi, conf->impi, sizeof u->impi);
	u->seat.on = on;
	u->seat.unit = u;
	u->ue = ims_ue_new(&own, &env->rnd, env->trace);
	if (u->ue && !ims_run_seat_init(&u->seat, IMS_WHO_UE, env))
		return u;
	ims_ue_free(u->ue);
	ims_card_wipe(&u->card);
	free(u);
	return NULL;
}

static void forget(struct ims_run_ue *u)
{
	ims_ue_free(u->ue);
	ims_card_wipe(&u->card);
	ims_aka_key_wipe(&u->suspect);
	free(u);
}

void ims_run_ue_free(struct ims_run_ue *u)
{
	if (!u)
		return;
	ims_run_seat_free(&u->seat);
	if (u->held)
		u->seat.host->ops->release(u->seat.host, u->local);
	forget(u);
}

int ims_run_ue_leave(struct ims_run_ue *u)
{
	int err = ims_run_seat_leave(&u->seat);

	forget(u);
	return err;
}

void ims_run_ue_kill(struct ims_run_ue *u)
{
	if (!u)
		return;
	ims_run_seat_kill(&u->seat);
	forget(u);
}

struct ims_host_up ims_run_ue_up(struct ims_run_ue *u)
{
	return ims_run_seat_up(&u->seat);
}

static int take_ue(void *unit, struct ims_str key, struct ims_str record,
		   struct ims_flaw *why)
{
	struct ims_run_ue *u = unit;

	if (!ims_str_eq(key, ims_str(u->impi)))
		return ims_flaw(why, -IMS_E_SYNTAX,
				"the registration kept is that of another UE");
	return ims_ue_restore(u->ue, record, now(u), why);
}

static bool owns(const void *unit, uint32_t set)
{
	const struct ims_run_ue *u = unit;

	return ims_ue_owns(u->ue, set);
}

/* The UE hears which sets it has no more. */
static void tell_missing(struct ims_run_ue *u)
{
	struct ims_ue_info i;
	struct ims_flaw why;

	ims_ue_info(u->ue, now(u), &i);
	for (size_t k = 0; k < i.n_sets; k++) {
		struct ims_ev ev = ims_run_keep_missing(i.set[k].id, &why);

		if (!ims_ipsec_table_find(&u->seat.sets, ev.set))
			feed(u, &ev);
	}
}

static void restore(struct ims_run_ue *u)
{
	ims_run_keep_adopt(&u->seat);
	ims_run_keep_each(&u->seat, IMS_KEEP_CARD, take_card);
	if (ims_run_keep_each(&u->seat, IMS_KEEP_UE, take_ue))
		tell_missing(u);
	ims_run_keep_sweep(&u->seat, owns);
	drain(u);
}

int ims_run_ue_attach(struct ims_run_ue *u, struct ims_host *host,
		      struct ims_flaw *why)
{
	int err = host->ops->hold(host, u->local, false, why);

	u->seat.host = host;
	u->held = !err;
	if (!err)
		restore(u);
	return err;
}

/* The sets are bound to the host that was; the UE hears of it next. */
static void drop_sets(struct ims_run_ue *u)
{
	struct ims_host *h = u->seat.host;
	struct ims_ue_info i;

	ims_ue_info(u->ue, now(u), &i);
	for (size_t k = 0; k < i.n_sets; k++)
		h->ops->sa_del(h, i.set[k].id);
}

/* The new address is held first: if that fails, nothing has changed. */
int ims_run_ue_move(struct ims_run_ue *u, struct ims_host *host,
		    struct ims_addr local, struct ims_flaw *why)
{
	int err = host->ops->hold(host, local, false, why);

	if (err)
		return err;
	drop_sets(u);
	if (u->held)
		u->seat.host->ops->release(u->seat.host, u->local);
	u->held = true;
	u->local = local;
	u->seat.host = host;
	on(u, &(struct ims_ev){.kind = IMS_EV_ADDRESS, .flow.local = local});
	return 0;
}

void ims_run_ue_expect_amf(struct ims_run_ue *u, const uint8_t amf[static 2])
{
	memcpy(u->amf, amf, sizeof u->amf);
	u->has_amf = true;
}

void ims_run_ue_suspect(struct ims_run_ue *u, const struct ims_aka_key *key,
			int err)
{
	u->suspect = *key;
	u->suspect_err = err;
}

void ims_run_ue_start(struct ims_run_ue *u)
{
	on(u, &(struct ims_ev){.kind = IMS_EV_START});
}

void ims_run_ue_stop(struct ims_run_ue *u)
{
	on(u, &(struct ims_ev){.kind = IMS_EV_STOP});
}

void ims_run_ue_tick(struct ims_run_ue *u)
{
	ims_run_inject(&u->seat);
	on(u, &(struct ims_ev){.kind = IMS_EV_TICK});
}

const struct ims_ue *ims_run_ue_role(const struct ims_run_ue *u)
{
	return u->ue;
}

int ims_run_ue_count(const struct ims_run_ue *u, uint32_t set,
		     struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	struct ims_host *h = u->seat.host;

	return h ? h->ops->sa_count(h, set, out) : -IMS_E_NOTFOUND;
}
