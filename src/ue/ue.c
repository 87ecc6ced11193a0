/* SPDX-License-Identifier: BSD-2-Clause */
/* ue.c - the object: events in, acts out, timers. */
#include "ue_priv.h"

#include "base_mem.h"

#include <stdlib.h>
#include <string.h>

bool ims_ue_keep(struct ue_text *t, struct ims_str s)
{
	if (s.n > t->cap) {
		char *p = realloc(t->p, s.n);

		if (!p)
			return false;
		t->p = p;
		t->cap = s.n;
	}
	if (s.n)
		memmove(t->p, s.p, s.n);
	t->n = s.n;
	return true;
}

void ims_ue_forget(struct ue_text *t)
{
	t->n = 0;
}

struct ims_str ims_ue_text(const struct ue_text *t)
{
	return t->n ? ims_str_n(t->p, t->n) : IMS_S("");
}

void ims_ue_timer(struct ims_ue *ue, enum ue_timer t, uint64_t after_ms)
{
	ue->at[t] = ue->now_ms + after_ms;
}

void ims_ue_timer_off(struct ims_ue *ue, enum ue_timer t)
{
	ue->at[t] = IMS_NEVER;
}

struct ims_addr ims_ue_pcscf(const struct ims_ue *ue)
{
	return ue->conf.pcscf[ue->pcscf];
}

struct ims_ue *ims_ue_new(const struct ims_ue_conf *conf,
			  const struct ims_rand *rnd,
			  const struct ims_trace *trace)
{
	struct ims_ue *ue = calloc(1, sizeof *ue);
	uint32_t seed = 0;

	if (!ue)
		return NULL;
	ue->conf = *conf;
	ue->rnd = *rnd;
	ue->trace = trace;
	for (int t = 0; t < UE_N_TIMERS; t++)
		ue->at[t] = IMS_NEVER;
	for (size_t i = 0; i < IMS_UE_MORE; i++)
		ue->more[i].due = IMS_NEVER;
	ims_acts_init(&ue->acts);
	if (ims_rand_fill(&ue->rnd, &seed, sizeof seed) ||
	    ims_txns_init(&ue->txns, &ue->acts, seed, trace)) {
		ims_acts_free(&ue->acts);
		free(ue);
		return NULL;
	}
	ue->txns.same_peer = ims_ue_same_peer;
	ue->txns.same_peer_arg = ue;
	ue->txns.timers[IMS_GM] = conf->timers;
	if (ue->conf.n_more > IMS_UE_MORE)
		ue->conf.n_more = IMS_UE_MORE;
	if (ue->conf.n_pcscf == 0)
		ue->conf.n_pcscf = 1;
	if (ue->conf.n_pcscf > IMS_UE_PCSCFS)
		ue->conf.n_pcscf = IMS_UE_PCSCFS;
	return ue;
}

void ims_ue_free(struct ims_ue *ue)
{
	if (!ue)
		return;
	struct ue_text *const texts[16] = {
		&ue->client,     &ue->service_route, &ue->sub_peer_tag,
		&ue->sub_target, &ue->sub_route,     &ue->ch.realm,
		&ue->ch.nonce,   &ue->ch.opaque,     &ue->ch.algorithm,
		&ue->ch.server,  &ue->temp.verify,   &ue->now.verify,
		&ue->old.verify, &ue->associated,    &ue->pub_gruu,
		&ue->temp_gruu,
	};

	for (size_t i = 0; i < 16; i++)
		free(texts[i]->p);
	ims_reg_watch_free(&ue->watch);
	ims_txns_free(&ue->txns);
	ims_acts_free(&ue->acts);
	ims_wipe(ue, sizeof *ue);
	free(ue);
}

static void on_unsent(struct ims_ue *ue, const struct ims_ev *ev)
{
	struct ims_txn_hit hit;

	if (!ims_txns_unsent(&ue->txns, ev, ue->now_ms, &hit))
		return;
	ims_flaw(&ue->unsent, ev->err ? ev->err : -IMS_E_SILENCE, "%s",
		 ev->why ? ev->why->text : "not sent");
	ims_ue_on_silence(ue, hit.ref);
}

static void start(struct ims_ue *ue)
{
	bool resumed = ue->resumed && ue->expires_at > ue->now_ms;

	ue->resumed = false;
	ims_ue_reg_step(ue, resumed ? ON_RESUMED : ON_START, NULL);
}

/* The SAs are bound to the address that was: they end with it [24.229
 * 5.1.1.2.1].
 */
static void move(struct ims_ue *ue, struct ims_addr to)
{
	struct ims_addr *me = &ue->conf.local;
	char text[IMS_ADDR_TEXT];

	if (to.port == 0)
		to.port = me->port;
	if (ims_addr_eq(*me, to))
		return;
	*me = to;
	ims_flaw(&ue->why, -IMS_E_ADDR, "the address of this host is now %s",
		 ims_addr_text(to, text));
	ims_ue_reg_step(ue, ON_ADDRESS, NULL);
}

static void dispatch(struct ims_ue *ue, const struct ims_ev *ev)
{
	switch (ev->kind) {
	case IMS_EV_START:
		start(ue);
		break;
	case IMS_EV_STOP:
		ue->leave_all = ev->all;
		ims_ue_reg_step(ue, ON_STOP, NULL);
		break;
	case IMS_EV_ADDRESS:
		move(ue, ev->flow.local);
		break;
	case IMS_EV_SA_GONE:
		ims_ue_on_sa_gone(ue, ev);
		break;
	case IMS_EV_MSG:
		ims_ue_on_message(ue, ev);
		break;
	case IMS_EV_UNSENT:
		on_unsent(ue, ev);
		break;
	case IMS_EV_SA:
		ims_ue_on_sa(ue, ev);
		break;
	case IMS_EV_SIM:
		ims_ue_on_sim(ue, ev);
		break;
	case IMS_EV_TICK:
	case IMS_EV_CX:
	case IMS_EV_STORE:
		break;
	}
}

static void fire(struct ims_ue *ue, enum ue_timer t)
{
	switch (t) {
	case UE_T_LEAVE:
		ims_ue_on_silence(ue, UE_REF_REGISTER);
		break;
	case UE_T_STEP:
		ims_ue_on_stuck(ue);
		break;
	case UE_T_WAIT:
		ims_ue_reg_step(ue, ON_WAITED, NULL);
		break;
	case UE_T_MORE:
		ims_ue_more_due(ue);
		break;
	case UE_T_REFRESH:
		ue->refresh_waits = ue->who != 0;
		ims_ue_reg_step(ue, ON_REFRESH_DUE, NULL);
		break;
	case UE_T_EXPIRE:
		ims_flaw(&ue->why, -IMS_E_SILENCE, "the registration expired");
		ims_ue_reg_anew(ue, ON_EXPIRED);
		break;
	case UE_T_DRAIN:
		ims_ue_reg_step(ue, ON_DRAINED, NULL);
		break;
	case UE_T_SUB:
		ims_ue_sub_step(ue, SUB_DUE, NULL);
		break;
	case UE_T_SUB_N:
		ims_flaw(&ue->why, -IMS_E_SILENCE, "no NOTIFY came");
		ims_ue_sub_step(ue, SUB_NO_NOTIFY, NULL);
		break;
	case UE_T_SUB_END:
		ims_flaw(&ue->why, -IMS_E_SILENCE, "the subscription expired");
		ims_ue_sub_step(ue, SUB_EXPIRED, NULL);
		break;
	case UE_T_PING:
		ims_ue_ping(ue);
		break;
	case UE_T_PONG:
		ims_ue_pong_late(ue);
		break;
	case UE_N_TIMERS:
		break;
	}
}

static void run_due(struct ims_ue *ue)
{
	struct ims_txn_hit hit;

	while (ims_txns_tick(&ue->txns, ue->now_ms, &hit))
		ims_ue_on_silence(ue, hit.ref);
	for (int t = 0; t < UE_N_TIMERS; t++) {
		if (ue->at[t] > ue->now_ms)
			continue;
		ue->at[t] = IMS_NEVER;
		fire(ue, (enum ue_timer)t);
	}
	ims_ue_sets_due(ue);
}

void ims_ue_event(struct ims_ue *ue, const struct ims_ev *ev, uint64_t now_ms)
{
	ue->now_ms = now_ms;
	ue->why = (struct ims_flaw){0};
	dispatch(ue, ev);
	run_due(ue);
}

bool ims_ue_next(struct ims_ue *ue, struct ims_act *out)
{
	return ims_acts_next(&ue->acts, out);
}

uint64_t ims_ue_due(const struct ims_ue *ue)
{
	uint64_t due = ims_txns_due(&ue->txns);
	uint64_t sets = ims_ue_sets_next(ue);

	if (sets < due)
		due = sets;
	for (int t = 0; t < UE_N_TIMERS; t++)
		if (ue->at[t] < due)
			due = ue->at[t];
	return due;
}

const char *ims_ue_state(const struct ims_ue *ue)
{
	return ims_ue_reg_fsm.states[ue->reg];
}

uint32_t ims_ue_set(const struct ims_ue *ue)
{
	return ue->now.id;
}

uint32_t ims_ue_expires_s(const struct ims_ue *ue, uint64_t now_ms)
{
	if (!ims_ue_reg_lives(ue) || ue->expires_at <= now_ms)
		return 0;
	return (uint32_t)((ue->expires_at - now_ms) / 1000);
}
