/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_notify.c - NOTIFY and other requests of the network.
 *
 * A NOTIFY is judged first; that it was heard is kept; then it is answered, and
 * only then does it change anything else.  One that belongs to no subscription
 * of ours gets 481.
 *
 * Spec: RFC 6665 4.1.3; RFC 3680 5.3; TS 24.229 5.1.1.5A, 5.1.1.7.
 */
#include "ue_priv.h"

#include "sip_addr.h"
#include "sip_event.h"

#include <string.h>

#define TEXT_MAX 512
#define SOON_S 1
#define SHORT_S 4         /* no re-authentication is quicker */
#define PAUSE_MAX_S 86400 /* nobody is sent away for longer than a day */

/* 0, or the status that refuses it. */
static unsigned judge_dialog(const struct ims_ue *ue,
			     const struct ims_sip_msg *m)
{
	struct ims_str from = ims_sip_tag(m, IMS_SIP_FROM);
	struct ims_sip_event e;

	if (ims_sip_event_parse(ims_sip_get(m, IMS_SIP_EVENT), &e))
		return 400;
	if (!ims_str_caseeq(e.package, IMS_S("reg")))
		return 489;
	if (!ims_ue_sub_waits(ue) || e.id.n ||
	    !ims_str_eq(m->call_id, ims_str(ue->sub_call_id)) ||
	    !ims_str_eq(ims_sip_tag(m, IMS_SIP_TO), ims_str(ue->sub_tag)))
		return 481;
	if (from.n == 0 || (ue->sub_peer_tag.n &&
			    !ims_str_eq(from, ims_ue_text(&ue->sub_peer_tag))))
		return 481;
	/* One that was overtaken [RFC 3261 12.2.2]. */
	if (ue->sub_heard_cseq && m->cseq <= ue->sub_peer_cseq)
		return 500;
	return 0;
}

static bool is_reginfo(const struct ims_sip_msg *m)
{
	struct ims_str type = ims_sip_get(m, IMS_SIP_CONTENT_TYPE);

	type = ims_str_trim(ims_str_n(type.p, ims_str_find(type, ';')));
	return ims_str_caseeq(type, IMS_S("application/reginfo+xml")) &&
	       !ims_sip_has(m, IMS_SIP_CONTENT_ENCODING);
}

static unsigned judge(const struct ims_ue *ue, const struct ims_sip_msg *m,
		      struct ims_sip_sub_state *sub)
{
	unsigned status = judge_dialog(ue, m);

	if (status)
		return status;
	if (ims_sip_sub_state_parse(ims_sip_get(m, IMS_SIP_SUBSCRIPTION_STATE),
				    sub))
		return 400;
	return m->body.n && !is_reginfo(m) ? 415 : 0;
}

/* What a document says of our own contact. */
struct fate {
	bool lives, shortened, over;
	enum ims_reginfo_event event;
	uint32_t expires, retry_after;
};

bool ims_ue_is_mine(const struct ims_ue *ue, struct ims_str uri)
{
	char mem[IMS_ID_MAX + 64];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_ue_put_contact_uri(ue, &b, ue->now.id ? &ue->now : NULL);
	return ims_sip_uri_eq(uri, ims_buf_str(&b));
}

static void look_at(const struct ims_reginfo_contact *c, struct fate *f)
{
	if (c->state != IMS_REGINFO_ACTIVE) {
		f->over = true;
		f->event = c->event;
		f->retry_after = c->has_retry_after ? c->retry_after : 0;
		return;
	}
	f->lives = true;
	if (c->event != IMS_REGINFO_SHORTENED || !c->has_expires)
		return;
	if (!f->shortened || c->expires < f->expires)
		f->expires = c->expires;
	f->shortened = true;
}

/* Is our contact in what was heard so far? */
static bool knows_me(const struct ims_ue *ue)
{
	for (size_t i = 0; i < ue->watch.n_rows; i++)
		if (ue->watch.row[i].contact_id.n &&
		    ims_ue_is_mine(ue, ue->watch.row[i].uri))
			return true;
	return false;
}

/* knew: it was, before this document came. */
static struct fate fate_of(const struct ims_ue *ue,
			   const struct ims_reginfo *doc, bool knew)
{
	struct fate f = {.event = IMS_REGINFO_UNREGISTERED};

	for (size_t i = 0; i < doc->n_regs; i++) {
		const struct ims_reginfo_reg *r = &doc->reg[i];

		for (size_t k = 0; k < r->n_contacts; k++)
			if (ims_ue_is_mine(ue, r->contact[k].uri))
				look_at(&r->contact[k], &f);
		if (r->state == IMS_REGINFO_TERMINATED && r->n_contacts == 0 &&
		    ims_sip_uri_aor_eq(r->aor, ims_str(ue->conf.impu)))
			f.over = true;
	}
	/* A partial document may leave out where we still are registered, and
	 * a full one has no word for who was forgotten.
	 */
	f.lives |= knows_me(ue);
	if (knew && !f.lives && !f.over) {
		f.over = true;
		f.event = IMS_REGINFO_EXPIRED;
	}
	return f;
}

/* "reg version 0, full: sip:a@b active (registered); ..." */
static void tell(struct ims_ue *ue, const struct ims_reginfo *doc)
{
	char mem[TEXT_MAX];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	for (size_t i = 0; i < doc->n_regs && !b.over; i++) {
		const struct ims_reginfo_reg *r = &doc->reg[i];

		ims_buf_puts(&b, i ? "; " : ": ");
		ims_buf_put(&b, r->aor);
		ims_buf_printf(&b, " %s", ims_reginfo_state_name(r->state));
		for (size_t k = 0; k < r->n_contacts; k++)
			ims_buf_printf(&b, "%s%s", k ? ", " : " (",
				       ims_reginfo_event_name(
					       r->contact[k].event));
		if (r->n_contacts)
			ims_buf_putc(&b, ')');
	}
	ims_acts_tell(&ue->acts, IMS_TELL_NOTIFIED, 0, ue->now.id,
		      "reg version %u, %s%s", (unsigned)doc->version,
		      doc->full ? "full" : "partial", ims_buf_cstr(&b));
}

/* May we come back, and when [RFC 3680 5.1, 24.229 5.1.1.7]? */
static enum ue_reg_event judge_over(struct ims_ue *ue, const struct fate *f)
{
	ims_flaw(&ue->why, -IMS_E_ENDED,
		 "the network ended the registration: %s",
		 ims_reginfo_event_name(f->event));
	switch (f->event) {
	case IMS_REGINFO_DEACTIVATED:
	case IMS_REGINFO_EXPIRED: /* nobody minds; it was just not renewed */
		return ims_ue_reg_dizzy(ue) || ims_ue_all_closed(ue)
			       ? ON_PROBATION
			       : ON_DEACTIVATED;
	case IMS_REGINFO_PROBATION:
		ue->pause_s = f->retry_after < PAUSE_MAX_S ? f->retry_after
							   : PAUSE_MAX_S;
		return ON_PROBATION;
	default: /* rejected; unregistered: somebody wanted it so */
		return ON_TERMINATED;
	}
}

static void act_on(struct ims_ue *ue, const struct fate *f)
{
	uint32_t s = f->expires > SHORT_S ? f->expires : SHORT_S;

	if (!ims_ue_reg_lives(ue))
		return;
	if (f->over && !f->lives)
		ims_ue_reg_step(ue, judge_over(ue, f), NULL);
	else if (f->shortened &&
		 ue->now_ms + UINT64_C(1000) * s < ue->expires_at)
		ims_ue_reg_until(ue, s);
}

/* Does it end the IMPU in use for us, while another of ours goes on?  A full one
 * names all that there are.
 */
static bool ends_impu(const struct ims_ue *ue, const struct ims_reginfo *doc)
{
	struct ims_str impu = ims_str(ue->impu);
	bool named = doc->full;

	for (size_t i = 0; i < doc->n_regs; i++)
		named |= ims_sip_uri_aor_eq(doc->reg[i].aor, impu);
	return named && knows_me(ue) && !ims_ue_impu_mine(ue, impu);
}

/* Identities and addresses that are ours for more than one request. */
static void take_names(struct ims_ue *ue, const struct ims_reginfo *doc)
{
	bool changed = ends_impu(ue, doc);

	if (!ims_ue_reg_lives(ue))
		return;
	if (changed)
		ims_ue_impu_ended(ue);
	for (size_t i = 0; i < doc->n_regs; i++) {
		const struct ims_reginfo_reg *r = &doc->reg[i];

		if (!ims_sip_uri_aor_eq(r->aor, ims_str(ue->impu)))
			continue;
		for (size_t k = 0; k < r->n_contacts; k++)
			if (r->contact[k].state == IMS_REGINFO_ACTIVE &&
			    ims_ue_is_mine(ue, r->contact[k].uri))
				changed |= ims_ue_gruu_take(ue, &r->contact[k]);
	}
	if (changed)
		ims_ue_remember(ue);
}

static void take_body(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_reginfo doc;
	struct ims_flaw flaw;
	struct fate fate;
	bool knew = knows_me(ue);
	int verdict;

	if (m->body.n == 0)
		return;
	if (ims_reginfo_parse(m->body, &doc, &flaw)) {
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, flaw.err, 0,
			      "NOTIFY is not understood: %s", flaw.text);
		return;
	}
	verdict = ims_reg_watch_take(&ue->watch, &doc);
	if (verdict == IMS_REG_WATCH_TAKEN || verdict == IMS_REG_WATCH_GAP) {
		fate = fate_of(ue, &doc, knew);
		tell(ue, &doc);
		act_on(ue, &fate);
		ims_ue_more_heard(ue, &doc);
		take_names(ue, &doc);
	} else {
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM,
			      verdict < 0 ? verdict : -IMS_E_UNEXPECTED, 0,
			      "reginfo version %u is not taken: %s",
			      (unsigned)doc.version,
			      verdict < 0 ? ims_err_info(verdict)->what
					  : "not newer than the last");
	}
	/* A document was missed: a refresh brings full state. */
	if (verdict == IMS_REG_WATCH_GAP && ims_ue_reg_lives(ue))
		ims_ue_timer(ue, UE_T_SUB, ue->conf.timers.t1_ms);
	ims_reginfo_free(&doc);
}

/* May we subscribe again, and when [RFC 6665 4.1.3]? */
static enum ue_sub_event judge_end(struct ims_ue *ue,
				   const struct ims_sip_sub_state *s)
{
	static const char *const never[] = {"rejected", "noresource",
					    "invariant"};
	struct ims_str why = s->reason.n ? s->reason : IMS_S("no reason");

	ims_flaw(&ue->why, -IMS_E_REFUSED,
		 "the network ended the subscription: %.*s",
		 why.n > 40 ? 40 : (int)why.n, why.p);
	if (!ims_ue_reg_lives(ue))
		return SUB_TERMINATED;
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		if (ims_str_caseeq(s->reason, ims_str(never[i])))
			return SUB_TERMINATED;
	ue->sub_retry_s = !s->has_retry_after            ? 0
			  : s->retry_after < PAUSE_MAX_S ? s->retry_after
							 : PAUSE_MAX_S;
	/* "now" is a moment later, so that nobody can keep us spinning. */
	if (ims_str_caseeq(s->reason, IMS_S("deactivated")) ||
	    ims_str_caseeq(s->reason, IMS_S("timeout")))
		ue->sub_retry_s =
			SOON_S
			<< (ue->sub_failures < 10 ? ue->sub_failures : 10);
	return SUB_LATER;
}

/* How long it lasts by the network's count.  A refresh that is due stays due:
 * a NOTIFY every so often would put it off until it is too late.
 */
static void last_until(struct ims_ue *ue, uint32_t expires_s)
{
	uint64_t due = ue->at[UE_T_SUB];

	ims_ue_sub_until(ue, expires_s);
	if (due < ue->at[UE_T_SUB])
		ims_ue_timer(ue, UE_T_SUB, due - ue->now_ms);
}

/* Its place in the dialog, and how long that lasts: what our 200 says that we
 * know.
 */
static void take_place(struct ims_ue *ue, const struct ims_sip_msg *m,
		       const struct ims_sip_sub_state *sub)
{
	ue->sub_heard_cseq = true;
	ue->sub_peer_cseq = m->cseq;
	ims_ue_sub_dialog(ue, m);
	if (!ims_ue_reg_lives(ue))
		return;
	if (sub->state != IMS_SUB_TERMINATED && sub->has_expires &&
	    ue->at[UE_T_SUB] > ue->now_ms + ue->conf.timers.t1_ms)
		last_until(ue, sub->expires);
	ims_ue_remember(ue);
}

static void take(struct ims_ue *ue, const struct ims_sip_msg *m,
		 const struct ims_sip_sub_state *sub)
{
	take_body(ue, m);
	if (sub->state == IMS_SUB_TERMINATED) {
		ims_ue_sub_step(ue, judge_end(ue, sub), m);
		/* It was the last that the SAs were kept for. */
		if (ue->reg == UE_DRAINING && !ue->end.err)
			ims_ue_timer(ue, UE_T_DRAIN, 0);
		return;
	}
	ims_ue_sub_step(ue, SUB_NOTIFY, m);
}

static void on_notify(struct ims_ue *ue, const struct ims_sip_msg *m,
		      const struct ims_flow *flow, uint32_t txn)
{
	struct ims_sip_sub_state sub;
	unsigned status = judge(ue, m, &sub);

	if (status == 0) {
		take_place(ue, m, &sub);
		ims_ue_answer(ue, m, flow, txn, 200);
		take(ue, m, &sub);
		if (ims_ue_reg_lives(ue))
			ims_ue_remember(ue);
		return;
	}
	ims_ue_answer(ue, m, flow, txn, status);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_UNEXPECTED, 0,
		      "a NOTIFY that does not fit is answered with %u", status);
}

void ims_ue_on_request(struct ims_ue *ue, const struct ims_sip_msg *m,
		       const struct ims_flow *flow, uint32_t txn)
{
	if (m->method == IMS_SIP_NOTIFY)
		on_notify(ue, m, flow, txn);
	else
		ims_ue_answer(ue, m, flow, txn,
			      m->method == IMS_SIP_OPTIONS ? 200 : 405);
}
