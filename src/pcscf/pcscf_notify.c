/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_notify.c - what the S-CSCF tells us of a registration.
 *
 * When the contact of a UE is terminated, so is its registration here: its
 * sets carry what is on its way, first of all the UE's own NOTIFY, and go.
 *
 * Spec: TS 24.229 5.2.3, 5.2.5.2; RFC 3680 5; RFC 6665 4.1.3.
 */
#include "pcscf_priv.h"
#include "sip_addr.h"
#include "sip_event.h"

static bool is_dialog(struct ims_pcscf_watch *w, const struct ims_sip_msg *m)
{
	struct ims_sip_event e;

	return ims_str_eq(m->call_id, ims_str(w->call_id)) &&
	       ims_str_eq(ims_sip_tag(m, IMS_SIP_TO), ims_str(w->tag)) &&
	       (!w->remote_tag || ims_str_eq(ims_sip_tag(m, IMS_SIP_FROM),
					     ims_str(w->remote_tag))) &&
	       ims_sip_event_parse(ims_sip_get(m, IMS_SIP_EVENT), &e) == 0 &&
	       ims_str_caseeq(e.package, IMS_S("reg"));
}

/* The contact it has, or is just about to have. */
static bool is_mine(const struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		    struct ims_str uri)
{
	const struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, ue->round);

	uri = ims_str_trim(uri);
	return (ue->contact && ims_sip_uri_eq(uri, ims_str(ue->contact))) ||
	       (r && r->contact[0] && ims_sip_uri_eq(uri, ims_str(r->contact)));
}

static bool is_active(const struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		      bool anybody)
{
	const struct ims_reg_watch *k = &ue->watch.known;

	for (size_t i = 0; i < k->n_rows; i++)
		if (k->row[i].contact_id.n &&
		    k->row[i].state == IMS_REGINFO_ACTIVE &&
		    (anybody || is_mine(p, ue, k->row[i].uri)))
			return true;
	return false;
}

/* Said in so many words: only that ends a registration, not that a contact is
 * spelt otherwise than we know it.
 */
static bool says_ended(const struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		       const struct ims_reginfo *doc)
{
	bool any = false;

	for (size_t i = 0; i < doc->n_regs; i++) {
		const struct ims_reginfo_reg *r = &doc->reg[i];

		any |= doc->full && r->state == IMS_REGINFO_TERMINATED;
		for (size_t k = 0; k < r->n_contacts; k++)
			if (r->contact[k].state == IMS_REGINFO_TERMINATED &&
			    is_mine(p, ue, r->contact[k].uri))
				return !is_active(p, ue, false);
	}
	return any && !is_active(p, ue, true);
}

/* 1: it has ended. */
static int take_body(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     const struct ims_sip_msg *m)
{
	struct ims_reginfo doc = {0};
	struct ims_flaw why = {0};
	int err = ims_reginfo_parse(m->body, &doc, &why), verdict;

	if (err) {
		ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, err, 0,
			      "%s: reginfo: %s", ue->impi, why.text);
		return err;
	}
	verdict = ims_reg_watch_take(&ue->watch.known, &doc);
	err = verdict < 0                    ? verdict
	      : verdict == IMS_REG_WATCH_OLD ? 0
					     : says_ended(p, ue, &doc);
	ims_reginfo_free(&doc);
	return err;
}

static bool is_terminated(const struct ims_sip_msg *m)
{
	struct ims_str s = ims_sip_get(m, IMS_SIP_SUBSCRIPTION_STATE);

	s.n = ims_str_find(s, ';');
	return ims_str_caseeq(ims_str_trim(s), IMS_S("terminated"));
}

static void answer(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		   unsigned status)
{
	ims_pcscf_refuse(p, in, status, NULL);
}

void ims_pcscf_notify(struct ims_pcscf *p, struct ims_pcscf_in *in,
		      struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_watch *w = &ue->watch;
	struct ims_pcscf_reg_ev ev = {.now_ms = in->now_ms};
	int verdict = 0;

	if (!ims_pcscf_watch_any(ue) || !is_dialog(w, in->m)) {
		answer(p, in, 481);
		return;
	}
	if (in->m->cseq <= w->remote_cseq) {
		answer(p, in, 500); /* out of order [RFC 3261 12.2.2] */
		return;
	}
	w->remote_cseq = in->m->cseq;
	if (in->m->body.n)
		verdict = take_body(p, ue, in->m);
	answer(p, in, verdict < 0 ? 400 : 200);
	if (verdict > 0 && ue->registered)
		ims_pcscf_reg_step(p, ue, IMS_ON_ENDED, &ev);
	if (is_terminated(in->m))
		ims_pcscf_watch_ended(p, ue);
	ims_pcscf_ue_settle(p, ue, in->now_ms);
}

struct ims_pcscf_ue *ims_pcscf_notify_for(const struct ims_pcscf *p,
					  const struct ims_sip_msg *m)
{
	struct ims_str token;
	bool outbound;

	if (m->method != IMS_SIP_NOTIFY || ims_sip_has(m, IMS_SIP_ROUTE) ||
	    !ims_pcscf_is_mw(p, m->uri, &token, &outbound))
		return NULL;
	return ims_pcscf_ue_by_token(p, token);
}
