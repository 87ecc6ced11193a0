/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_msg.c - what came in becomes an event of a machine: here it is judged.
 *
 * A 401 that is not whole is another event than one that is; a 200 that proves
 * nothing is no success.  The tables then need no conditions.
 *
 * Spec: TS 24.229 5.1.1.2, 5.1.1.4, 5.1.1.5; spec.md 9, 15.
 */
#include "ue_priv.h"

#include "base_mem.h"

#include <string.h>

/* More challenges than this in one procedure lead nowhere. */
#define CHALLENGES_MAX 6
/* Invalid challenges in a row that are answered [24.229 5.1.1.5.3]. */
#define BAD_MAX 2

static int status_err(const struct ims_ue *ue, unsigned status)
{
	if (ue->bad)
		return ue->bad_err;
	if (status == 494 && ue->creds == UE_CREDS_ANSWER && ue->txn_inside)
		return -IMS_E_VERIFY;
	if (status == 494 || status == 421)
		return ue->offering ? -IMS_E_NO_MECH : -IMS_E_NO_AGREEMENT;
	return status / 100 == 5 ? -IMS_E_UNAVAIL : -IMS_E_REFUSED;
}

/* "403 Forbidden to REGISTER, step 3 (inside ESP); Warning: ..." */
static void say_refusal(struct ims_ue *ue, const struct ims_sip_msg *m,
			uint32_t ref)
{
	enum ims_sip_hdr_id more = ims_sip_has(m, IMS_SIP_WARNING)
					   ? IMS_SIP_WARNING
					   : IMS_SIP_REASON;
	struct ims_str text = ims_sip_get(m, more);
	char step[UE_STEP_TEXT];
	int err = ref == UE_REF_REGISTER ? status_err(ue, m->status)
					 : -IMS_E_REFUSED;

	ims_flaw(&ue->why, err, "%u %.*s to %s%s%.*s", m->status,
		 m->reason.n > 40 ? 40 : (int)m->reason.n, m->reason.p,
		 ims_ue_step_text(ue, ref, step), text.n ? ": " : "",
		 text.n > 60 ? 60 : (int)text.n, text.n ? text.p : "");
}

static enum ue_reg_event judge_401(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	if (++ue->challenges > CHALLENGES_MAX) {
		say_refusal(ue, m, UE_REF_REGISTER);
		return ON_FAIL;
	}
	if (ims_ue_challenge(ue, m))
		return ON_FAIL;
	/* A P-CSCF that answers a REGISTER without Security-Client with a
	 * Security-Server wants us to agree; it cannot have our SPIs yet, so
	 * this challenge is of no use and a REGISTER with an offer gets a
	 * fresh one.
	 */
	if (!ue->offering && ue->ch.has_server &&
	    ue->conf.offer == IMS_UE_OFFER_CHALLENGED)
		return ON_MUST_OFFER;
	return ON_CHALLENGE;
}

static enum ue_reg_event judge_2xx(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	if (ue->reg == UE_TRYING && ue->conf.offer != IMS_UE_OFFER_NEVER) {
		ims_flaw(&ue->why, -IMS_E_PEER,
			 "%u to REGISTER without a challenge: the network did "
			 "not prove who it is",
			 m->status);
		return ON_FAIL;
	}
	if (!ue->leaving && ims_ue_ok_expires(ue, m) == 0) {
		ims_flaw(&ue->why, -IMS_E_PEER,
			 "%u to REGISTER with expires=0 for our Contact",
			 m->status);
		return ON_FAIL;
	}
	return ON_OK;
}

static enum ue_reg_event judge_423(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	uint32_t least;

	if (!ue->brief && !ue->leaving &&
	    !ims_sip_number(m, IMS_SIP_MIN_EXPIRES, &least) &&
	    least > ue->ask_expires) {
		ue->brief = true;
		ue->ask_expires = least;
		return ON_TOO_BRIEF;
	}
	say_refusal(ue, m, UE_REF_REGISTER);
	return ON_FAIL;
}

static enum ue_reg_event judge_answer(struct ims_ue *ue,
				      const struct ims_sip_msg *m)
{
	if (m->status < 300)
		return judge_2xx(ue, m);
	switch (m->status) {
	case 401:
		return judge_401(ue, m);
	case 423:
		return judge_423(ue, m);
	case 408:
	case 500:
	case 504:
		say_refusal(ue, m, UE_REF_REGISTER);
		return ON_TIMEOUT;
	case 421:
	case 494:
		if (!ue->offering && ue->conf.offer == IMS_UE_OFFER_CHALLENGED)
			return ON_MUST_OFFER;
		break;
	default:
		break;
	}
	say_refusal(ue, m, UE_REF_REGISTER);
	return ON_FAIL;
}

/* Which failures end the subscription, and which are for now only [RFC 6665
 * 4.1.2.2, 4.1.2.3].
 */
static enum ue_sub_event judge_subscribe(struct ims_ue *ue,
					 const struct ims_sip_msg *m)
{
	static const uint16_t gone[] = {404, 405, 410, 416, 480, 481, 482,
					483, 484, 485, 489, 501, 604};

	if (m->status < 300)
		return SUB_OK;
	say_refusal(ue, m, UE_REF_SUBSCRIBE);
	ue->sub_retry_s = 0;
	ims_sip_number(m, IMS_SIP_RETRY_AFTER, &ue->sub_retry_s);
	if (m->status == 408 || m->status == 500 || m->status == 503 ||
	    m->status == 504)
		return SUB_BUSY;
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		if (gone[i] == m->status)
			return SUB_GONE;
	return SUB_FAIL;
}

static void on_answer(struct ims_ue *ue, const struct ims_sip_msg *m,
		      const struct ims_txn_hit *hit)
{
	if (m->status < 200)
		return;
	if (hit->ref == UE_REF_REGISTER && hit->id == ue->txn) {
		ue->txn = 0;
		ims_ue_reg_step(ue, judge_answer(ue, m), m);
	} else if (hit->ref == UE_REF_SUBSCRIBE && hit->id == ue->sub_txn) {
		ue->sub_txn = 0;
		ims_ue_sub_step(ue, judge_subscribe(ue, m), m);
	}
}

/* In the clear the UE takes answers only; requests just when it registered in
 * the clear, from its P-CSCF [33.203 7.1; T30].
 */
static bool may_ask(const struct ims_ue *ue, const struct ims_flow *flow)
{
	if (flow->set)
		return true;
	return ims_ue_reg_lives(ue) && !ue->now.id &&
	       ims_ip_eq(flow->remote.ip, ims_ue_pcscf(ue).ip);
}

static void refuse(struct ims_ue *ue, const struct ims_flow *flow, int err,
		   const char *text)
{
	char from[IMS_ADDR_TEXT];

	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, err, 0,
		      "dropped a message from %s: %s",
		      ims_addr_text(flow->remote, from), text);
}

void ims_ue_on_message(struct ims_ue *ue, const struct ims_ev *ev)
{
	const struct ims_flow *flow = &ev->flow;
	struct ims_sip_flaw flaw;
	struct ims_sip_msg m;
	struct ims_txn_hit hit;

	if (flow->set && !ims_ue_find_set(ue, flow->set)) {
		refuse(ue, flow, -IMS_E_UNEXPECTED, "its SA set is not ours");
		return;
	}
	if (ims_sip_msg_parse(ev->bytes, &m, &flaw)) {
		refuse(ue, flow, flaw.flaw.err, flaw.flaw.text);
		return;
	}
	if (m.request && !may_ask(ue, flow)) {
		refuse(ue, flow, -IMS_E_CLEAR, "a request in the clear");
		return;
	}
	ims_ue_heard(ue, flow->set);
	hit = ims_txns_recv(&ue->txns, flow, &m, ue->now_ms);
	if (hit.kind == IMS_TXN_NEW)
		ims_ue_on_request(ue, &m, flow, hit.id);
	else if (hit.kind == IMS_TXN_ANSWER)
		on_answer(ue, &m, &hit);
	else if (hit.kind == IMS_TXN_STRAY)
		ims_trace(ue->trace, IMS_DEBUG, "ue_msg",
			  "a response that nobody waits for");
}

void ims_ue_on_sa(struct ims_ue *ue, const struct ims_ev *ev)
{
	if (!ue->temp.id || ev->set != ue->temp.id)
		return;
	if (!ev->err) {
		ims_ue_reg_step(ue, ON_SA_OK, NULL);
		return;
	}
	ims_flaw(&ue->why, ev->err, "the SAs could not be installed: %s",
		 ev->why && ev->why->text[0] ? ev->why->text
					     : ims_err_info(ev->err)->what);
	ue->temp.id = 0; /* the host has none of it */
	ims_ue_reg_step(ue, ON_FAIL, NULL);
}

static enum ue_reg_event judge_bad(struct ims_ue *ue, int err,
				   enum ue_reg_event otherwise)
{
	ue->bad_err = err;
	if (++ue->bad <= BAD_MAX) {
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, err, 0,
			      "challenge %u in a row is refused: %s", ue->bad,
			      ims_err_info(err)->what);
		return otherwise;
	}
	ims_flaw(&ue->why, err, "%u invalid challenges in a row: %s", ue->bad,
		 ims_err_info(err)->what);
	return ON_FAIL;
}

static enum ue_reg_event judge_sim_ok(struct ims_ue *ue,
				      const struct ims_card_answer *a)
{
	ue->bad = 0;
	if (ims_ue_sim_ok(ue, a))
		return ON_FAIL;
	if (!ue->offering)
		return ON_SIM_CLEAR;
	if (!ue->ch.choice)
		return ON_SIM_OK;
	ims_flaw(&ue->why, ue->ch.choice, "401: %s", ue->ch.choice_why.text);
	return ON_FAIL;
}

static enum ue_reg_event judge_sim(struct ims_ue *ue, const struct ims_ev *ev)
{
	const struct ims_card_answer *a = ev->answer;

	switch (a ? a->verdict : IMS_CARD_FAILED) {
	case IMS_CARD_OK:
		return judge_sim_ok(ue, a);
	case IMS_CARD_RESYNC:
		memcpy(ue->ch.auts, a->auts, sizeof ue->ch.auts);
		return judge_bad(ue, -IMS_E_AKA_SQN, ON_SIM_RESYNC);
	case IMS_CARD_BAD_MAC:
		return judge_bad(ue, ev->err ? ev->err : -IMS_E_AKA_MAC,
				 ON_SIM_REJECT);
	case IMS_CARD_FAILED:
		break;
	}
	ims_flaw(&ue->why, ev->err ? ev->err : -IMS_E_SYS,
		 "the SIM gave no answer");
	return ON_FAIL;
}

void ims_ue_on_sim(struct ims_ue *ue, const struct ims_ev *ev)
{
	enum ue_reg_event on;

	if (ue->reg != UE_ASKING && ue->reg != UE_RE_ASKING &&
	    ue->reg != UE_LEAVE_ASKING) {
		ims_trace(ue->trace, IMS_DEBUG, "ue_msg",
			  "the SIM answers what nobody asked");
		return;
	}
	on = judge_sim(ue, ev);
	if (on != ON_SIM_OK) { /* no SAs come of them */
		ims_wipe(ue->ck, sizeof ue->ck);
		ims_wipe(ue->ik, sizeof ue->ik);
	}
	ims_ue_reg_step(ue, on, NULL);
}

/* Whom we spoke to: inside ESP it is port_ps. */
static struct ims_addr peer(const struct ims_ue *ue, uint32_t ref)
{
	struct ims_addr a = ims_ue_pcscf(ue);

	if (ref == UE_REF_REGISTER && !ue->txn_inside)
		return a;
	if (ref == UE_REF_REGISTER && ue->temp.id)
		a.port = ue->temp.pcscf.port_s;
	else if (ue->now.id)
		a.port = ue->now.pcscf.port_s;
	return a;
}

void ims_ue_on_silence(struct ims_ue *ue, uint32_t ref)
{
	char step[UE_STEP_TEXT], to[IMS_ADDR_TEXT];
	struct ims_flaw unsent = ue->unsent;

	ue->unsent = (struct ims_flaw){0};
	ims_ue_step_text(ue, ref, step);
	ims_addr_text(peer(ue, ref), to);
	if (unsent.err)
		ims_flaw(&ue->why, unsent.err, "%s to %s: %s", step, to,
			 unsent.text);
	else if (ref == UE_REF_REGISTER && !ue->txn)
		ims_flaw(&ue->why, -IMS_E_SILENCE,
			 "the SIM or IPsec gave no answer");
	else
		ims_flaw(&ue->why, -IMS_E_SILENCE, "no answer to %s from %s",
			 step, to);
	if (ref == UE_REF_SUBSCRIBE) {
		ue->sub_txn = 0;
		ims_ue_sub_step(ue, SUB_TIMEOUT, NULL);
		return;
	}
	ue->txn = 0;
	ims_ue_reg_step(ue, ON_TIMEOUT, NULL);
}
