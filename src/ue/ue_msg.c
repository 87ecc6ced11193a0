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
#include "reg_restore.h"
#include "sip_addr.h"

#include <string.h>

/* A notifier may ask for this at most: ten years. */
#define BRIEF_MAX 315360000
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

/* The header that says more about a refusal. */
static enum ims_sip_hdr_id what_more(const struct ims_sip_msg *m)
{
	if (ims_sip_has(m, IMS_SIP_WARNING))
		return IMS_SIP_WARNING;
	if (m->status / 100 == 3)
		return IMS_SIP_CONTACT;
	return m->status == 420 ? IMS_SIP_UNSUPPORTED : IMS_SIP_REASON;
}

/* "403 Forbidden to REGISTER, step 3 (inside ESP); Warning: ..." */
void ims_ue_say_refusal(struct ims_ue *ue, const struct ims_sip_msg *m,
			uint32_t ref)
{
	struct ims_str text = ims_sip_get(m, what_more(m));
	char step[UE_STEP_TEXT];
	int err = ref == UE_REF_REGISTER ? status_err(ue, m->status)
					 : -IMS_E_REFUSED;

	ims_flaw(&ue->why, err, "%u %.*s to %s%s%.*s", m->status,
		 m->reason.n > 40 ? 40 : (int)m->reason.n, m->reason.p,
		 ims_ue_step_text(ue, ref, step), text.n ? ": " : "",
		 text.n > 60 ? 60 : (int)text.n, text.n ? text.p : "");
}

/* Accepted for no time at all is not accepted. */
static enum ue_sub_event judge_accepted(struct ims_ue *ue,
					const struct ims_sip_msg *m)
{
	uint32_t s = 0;

	if (ims_sip_number(m, IMS_SIP_EXPIRES, &s) || s > 0)
		return SUB_OK;
	ims_flaw(&ue->why, -IMS_E_PEER, "%u to SUBSCRIBE with Expires: 0",
		 m->status);
	return SUB_BUSY;
}

/* A notifier that wants a longer one gets it, once [RFC 6665 4.1.2.1]. */
static bool too_brief(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint32_t least;

	if (ue->sub_brief || ims_sip_number(m, IMS_SIP_MIN_EXPIRES, &least) ||
	    least <= ue->sub_ask || least > BRIEF_MAX)
		return false;
	ue->sub_brief = true;
	ue->sub_ask = least;
	return true;
}

/* What says that the network does not know our registration, or not our SAs:
 * a REGISTER finds out [24.229 5.1.1.4.1].
 */
static bool doubts_us(const struct ims_sip_msg *m)
{
	return m->status == 403 || m->status == 421 || m->status == 494;
}

/* Which failures end the subscription, and which are for now only [RFC 6665
 * 4.1.2.2, 4.1.2.3].
 */
static enum ue_sub_event judge_subscribe(struct ims_ue *ue,
					 const struct ims_sip_msg *m)
{
	static const uint16_t gone[] = {404, 405, 410, 416, 480, 481, 482,
					483, 484, 485, 489, 501, 604};

	ue->sub_retry_s = 0;
	if (m->status < 300)
		return judge_accepted(ue, m);
	ims_ue_say_refusal(ue, m, UE_REF_SUBSCRIBE);
	ue->sub_retry_s = ims_ue_retry_after(m);
	if (m->status == 423 && too_brief(ue, m))
		return SUB_TOO_BRIEF;
	if (m->status == 408 || m->status == 500 || m->status == 503 ||
	    m->status == 504)
		return SUB_BUSY;
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		if (gone[i] == m->status)
			return SUB_GONE;
	return SUB_FAIL;
}

/* The S-CSCF has lost us and says so in a document; that counts from one that
 * stands in Service-Route only [24.229 5.1.2A.1.6].
 */
static bool wants_us_anew(const struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_str type = ims_sip_get(m, IMS_SIP_CONTENT_TYPE), hop;
	struct ims_str rest = ims_ue_text(&ue->service_route);
	struct ims_sip_addr who, a;

	type.n = ims_str_find(type, ';');
	if (m->status != 504 ||
	    !ims_str_caseeq(ims_str_trim(type),
			    IMS_S("application/3gpp-ims+xml")) ||
	    ims_sip_addr_get(m, IMS_SIP_P_ASSERTED_IDENTITY, &who) ||
	    !ims_reg_restore(m->body))
		return false;
	while (ims_sip_comma_next(&rest, &hop))
		if (!ims_sip_addr_parse(hop, &a) &&
		    ims_sip_uri_eq(a.uri.text, who.uri.text))
			return true;
	return false;
}

static void on_subscribed(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	bool refresh = ue->sub == UE_SUB_REFRESHING;

	ue->sub_txn = 0;
	if (wants_us_anew(ue, m)) {
		ims_flaw(&ue->why, -IMS_E_UNAVAIL,
			 "504 to SUBSCRIBE: the network wants a registration "
			 "from the beginning");
		ims_ue_reg_anew(ue, ON_LOST);
		return;
	}
	ims_ue_sub_step(ue, judge_subscribe(ue, m), m);
	if (refresh && doubts_us(m))
		ims_ue_reg_step(ue, ON_REFRESH_DUE, NULL);
}

static void on_answer(struct ims_ue *ue, const struct ims_sip_msg *m,
		      const struct ims_txn_hit *hit)
{
	if (m->status < 200)
		return;
	if (hit->ref == UE_REF_REGISTER && hit->id == ue->txn) {
		enum ue_reg_event on = ims_ue_judge_answer(ue, m);

		ue->txn = 0;
		if (on == ON_LOST)
			ims_ue_reg_anew(ue, on);
		else
			ims_ue_reg_step(ue, on, m);
	} else if (hit->ref == UE_REF_SUBSCRIBE && hit->id == ue->sub_txn) {
		on_subscribed(ue, m);
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
	if (ims_ue_pong(ue, flow, ev->bytes))
		return;
	if (ims_sip_msg_parse(ev->bytes, &m, &flaw)) {
		refuse(ue, flow, flaw.flaw.err, flaw.flaw.text);
		if (m.request && flaw.status && m.method != IMS_SIP_ACK &&
		    may_ask(ue, flow))
			ims_ue_answer_stateless(ue, &m, flow, flaw.status);
		return;
	}
	if (m.request && !may_ask(ue, flow)) {
		refuse(ue, flow, -IMS_E_CLEAR, "a request in the clear");
		return;
	}
	hit = ims_txns_recv(&ue->txns, flow, &m, ue->now_ms);
	/* A repeated answer was for the set while it was the temporary one: it
	 * does not say that the P-CSCF uses it now [33.203 7.4.1].
	 */
	if (hit.kind == IMS_TXN_NEW || hit.kind == IMS_TXN_ANSWER)
		ims_ue_heard(ue, flow->set);
	if (hit.kind == IMS_TXN_NEW)
		ims_ue_on_request(ue, &m, flow, hit.id);
	else if (hit.kind == IMS_TXN_ANSWER)
		on_answer(ue, &m, &hit);
	else if (hit.kind == IMS_TXN_FULL)
		ims_ue_answer_stateless(ue, &m, flow, 503);
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
	ims_ue_reg_step(ue, ims_ue_judge_here(ue), NULL);
}

/* The temporary set is what an attempt hangs on, the one in use what the
 * registration does; nothing hangs on the old one.
 */
void ims_ue_on_sa_gone(struct ims_ue *ue, const struct ims_ev *ev)
{
	bool temp = ev->set && ev->set == ue->temp.id;
	bool used = ev->set && ev->set == ue->now.id;

	if (ev->set && ev->set == ue->old.id)
		ims_ue_drop(ue, &ue->old);
	if (!temp && !used)
		return;
	ims_ue_drop(ue, temp ? &ue->temp : &ue->now);
	ims_flaw(&ue->why, -IMS_E_IPSEC, "the host has lost the SAs%s%s",
		 ev->why && ev->why->text[0] ? ": " : "",
		 ev->why ? ev->why->text : "");
	if (temp)
		ims_ue_reg_step(ue, ims_ue_judge_spoilt(ue), NULL);
	else if (ims_ue_reg_leaves(ue))
		ims_ue_reg_step(ue, ON_FAIL, NULL);
	else if (ims_ue_reg_lives(ue))
		ims_ue_reg_anew(ue, ims_ue_reg_dizzy(ue) ? ON_LATER : ON_LOST);
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
		return ims_ue_judge_here(ue);
	if (!ue->offering)
		return ON_SIM_CLEAR;
	if (!ue->ch.choice)
		return ON_SIM_OK;
	return ims_ue_judge_choice(ue);
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
	return ims_ue_judge_here(ue);
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

/* Whom it was for, and what became of it. */
static void say_silence(struct ims_ue *ue, uint32_t ref)
{
	char step[UE_STEP_TEXT], to[IMS_ADDR_TEXT];
	struct ims_flaw unsent = ue->unsent;

	ue->unsent = (struct ims_flaw){0};
	ims_ue_step_text(ue, ref, step);
	ims_addr_text(peer(ue, ref), to);
	if (unsent.err)
		ims_flaw(&ue->why, unsent.err, "%s to %s: %s", step, to,
			 unsent.text);
	else
		ims_flaw(&ue->why, -IMS_E_SILENCE, "no answer to %s from %s",
			 step, to);
}

void ims_ue_on_silence(struct ims_ue *ue, uint32_t ref)
{
	bool inside = ue->now.id != 0;

	say_silence(ue, ref);
	if (ref == UE_REF_REGISTER) {
		enum ue_reg_event on = ims_ue_judge_silence(ue);

		if (ue->txn)
			ims_txns_cancel(&ue->txns, ue->txn);
		ue->txn = 0;
		if (on == ON_LOST)
			ims_ue_reg_anew(ue, on);
		else
			ims_ue_reg_step(ue, on, NULL);
		return;
	}
	ue->sub_txn = 0;
	ims_ue_sub_step(ue, SUB_TIMEOUT, NULL);
	/* Are the SAs dead?  A REGISTER finds out: without an answer to it
	 * either they are [24.229 5.1.1.5.1].
	 */
	if (inside && ue->why.err == -IMS_E_SILENCE)
		ims_ue_reg_step(ue, ON_REFRESH_DUE, NULL);
}

void ims_ue_on_stuck(struct ims_ue *ue)
{
	if (ue->unsent.err)
		say_silence(ue, UE_REF_REGISTER);
	else
		ims_flaw(&ue->why, -IMS_E_SILENCE,
			 "the SIM or IPsec gave no answer");
	ims_ue_reg_step(ue, ims_ue_judge_here(ue), NULL);
}
