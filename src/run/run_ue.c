/* SPDX-License-Identifier: BSD-2-Clause */
/* run_ue.c - a UE with its USIM on a host. */
#include "run_ue.h"

#include "base_mem.h"
#include "run_perform.h"

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

static void ask_card(struct ims_run_ue *u, const struct ims_act *act)
{
	struct ims_card_answer answer;
	struct ims_ev ev = {.kind = IMS_EV_SIM, .answer = &answer};

	if (u->has_amf && memcmp(act->autn + 6, u->amf, 2) != 0)
		ims_trace(u->seat.env.trace, IMS_WARN, "run_ue",
			  "AUTN carries AMF %02x%02x, %02x%02x was expected",
			  act->autn[6], act->autn[7], u->amf[0], u->amf[1]);
	ims_card_challenge(&u->card, act->rand, act->autn, &answer);
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

	if (!u)
		return NULL;
	u->card = *card;
	u->local = conf->local;
	u->seat.on = on;
	u->seat.unit = u;
	u->ue = ims_ue_new(conf, &env->rnd, env->trace);
	if (u->ue && !ims_run_seat_init(&u->seat, IMS_WHO_UE, env))
		return u;
	ims_ue_free(u->ue);
	ims_card_wipe(&u->card);
	free(u);
	return NULL;
}

void ims_run_ue_free(struct ims_run_ue *u)
{
	if (!u)
		return;
	ims_run_seat_free(&u->seat);
	if (u->held)
		u->seat.host->ops->release(u->seat.host, u->local);
	ims_ue_free(u->ue);
	ims_card_wipe(&u->card);
	ims_aka_key_wipe(&u->suspect);
	free(u);
}

struct ims_host_up ims_run_ue_up(struct ims_run_ue *u)
{
	return ims_run_seat_up(&u->seat);
}

int ims_run_ue_attach(struct ims_run_ue *u, struct ims_host *host,
		      struct ims_flaw *why)
{
	int err = host->ops->hold(host, u->local, false, why);

	u->seat.host = host;
	u->held = !err;
	return err;
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
