/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_notify.c - NOTIFY for reg: who is told, and when [RFC 3680, RFC 6665].
 *
 * One NOTIFY per subscription is on its way at a time, and no more than one in
 * conf.notify_ms; what changes meanwhile is told by the next one.  Every change
 * of a contact has a number: a watcher who has seen all up to one of them is
 * told the later ones.
 *
 * A version and a CSeq are in the user's record before they are used
 * (`going`): after a restart no document has a version that another one had.
 *
 * A watch that ends stays in the record until its last NOTIFY was answered, or
 * nobody waits for that any more: if we end before, the next process says it
 * once more, in a new request.
 */
#include <stdio.h>

#include "scscf_priv.h"

static struct ims_scscf_watch *of(struct ims_list *node)
{
	return ims_container(node, struct ims_scscf_watch, node);
}

static void put_via(struct ims_scscf *s, struct ims_buf *b)
{
	char branch[IMS_BRANCH_LEN];

	ims_role_branch(&s->rnd, branch);
	ims_buf_puts(b, "SIP/2.0/UDP ");
	ims_addr_put(b, s->conf.local);
	ims_buf_printf(b, ";branch=%s", branch);
}

static void put_state(struct ims_scscf *s, struct ims_buf *b,
		      const struct ims_scscf_watch *w)
{
	uint64_t left = 0;

	if (w->sub.expires_ms > s->now_ms)
		left = (w->sub.expires_ms - s->now_ms + 999) / 1000;
	if (!w->ends)
		ims_sip_putf(b, IMS_SIP_SUBSCRIPTION_STATE, "active;expires=%u",
			     (unsigned)left);
	else if (w->retry_after)
		ims_sip_putf(b, IMS_SIP_SUBSCRIPTION_STATE,
			     "terminated;reason=%s;retry-after=%u", w->ends,
			     (unsigned)w->retry_after);
	else
		ims_sip_putf(b, IMS_SIP_SUBSCRIPTION_STATE,
			     "terminated;reason=%s", w->ends);
}

/* The first, the last, and after what a watcher may have missed: all of it. */
static void put_document(struct ims_scscf *s, struct ims_scscf_watch *w,
			 struct ims_buf *body)
{
	bool full = w->full || w->ends || !s->conf.partial;

	ims_buf_init(body, s->body, sizeof(s->body));
	if (!ims_scscf_reginfo(s, w, full, body))
		ims_scscf_reginfo(s, w, true, body);
	w->sub.version++;
}

static void build(struct ims_scscf *s, struct ims_scscf_watch *w,
		  struct ims_buf *b)
{
	char mem[128], host[IMS_ADDR_TEXT];
	struct ims_reg_sub *sub = &w->sub;
	struct ims_buf via, body;

	put_document(s, w, &body);
	ims_buf_init(&via, mem, sizeof(mem));
	put_via(s, &via);
	ims_buf_init(b, s->msg, sizeof(s->msg));
	ims_reg_sub_put(b, sub, "NOTIFY", ims_buf_str(&via));
	ims_sip_putf(b, IMS_SIP_CONTACT, "<sip:%s>",
		     ims_addr_text(s->conf.local, host));
	if (sub->event_id.n)
		ims_sip_putf(b, IMS_SIP_EVENT, "reg;id=%.*s",
			     IMS_STR_ARG(sub->event_id));
	else
		ims_sip_put(b, IMS_SIP_EVENT, IMS_S("reg"));
	put_state(s, b, w);
	ims_sip_put_body(b, IMS_S("application/reginfo+xml"),
			 ims_buf_str(&body));
	b->over |= body.over;
}

void ims_scscf_watch_arm(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	uint64_t at = w->sub.expires_ms;

	if ((w->dirty || w->ends) && !w->txn && w->quiet_ms < at)
		at = w->quiet_ms;
	ims_heap_set(&s->due, &w->due, at);
}

void ims_scscf_notify(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	struct ims_flow flow = {.side = IMS_MW,
				.transport = IMS_UDP,
				.local = s->conf.local};
	struct ims_buf b;
	int id = -IMS_E_TOOBIG;

	if (w->txn) /* what it says is no more so */
		ims_txns_cancel(&s->txns, w->txn);
	build(s, w, &b);
	if (!b.over && ims_reg_sub_hop(&w->sub, &flow.remote) == 0)
		id = ims_txns_request(&s->txns, &flow, ims_buf_str(&b), w->id,
				      s->now_ms);
	if (id < 0)
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, id, 0,
			      "NOTIFY to %s could not be sent", w->user->impi);
	if (id < 0) {
		ims_scscf_watch_drop(s, w);
		return;
	}
	w->going = w->dirty = w->full = false;
	w->txn = (uint32_t)id;
	if (w->ends) {
		ims_scscf_watch_rest(s, w);
		return;
	}
	w->seen = s->changes;
	w->quiet_ms = s->now_ms + s->conf.notify_ms;
	ims_scscf_watch_arm(s, w);
}

void ims_scscf_due_full(struct ims_scscf *s, struct ims_scscf_watch *w,
			const char *ends)
{
	if (w->txn && !ends) {
		/* one is on its way; the next one says all */
		w->dirty = w->full = true;
	} else {
		w->going = w->full = true;
		w->ends = ends;
	}
	ims_scscf_keep(s, w->user);
}

/* Why does the subscription end with the registration?  If it was we who
 * ended it, he may come back at once or later, or shall not; else there is
 * nothing left to watch [RFC 6665 4.2.2].
 */
static const char *why_ended(const struct ims_scscf *s,
			     struct ims_scscf_user *u, uint32_t *retry_after)
{
	ims_list_each (pos, &u->binds.list) {
		const struct ims_reg_contact *c =
			ims_container(pos, struct ims_reg_contact, node);

		if (c->mark != s->changes)
			continue; /* it went before */
		if (c->event == IMS_REGINFO_PROBATION)
			*retry_after = c->retry_after;
		if (c->event == IMS_REGINFO_PROBATION ||
		    c->event == IMS_REGINFO_DEACTIVATED ||
		    c->event == IMS_REGINFO_REJECTED)
			return ims_reginfo_event_name(c->event);
	}
	return "noresource";
}

const char *ims_scscf_ends(struct ims_str name)
{
	static const char *const reasons[] = {"deactivated", "probation",
					      "rejected",    "timeout",
					      "giveup",      "noresource"};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (ims_str_eq(name, ims_str(reasons[i])))
			return reasons[i];
	}
	return NULL;
}

static void plan(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	if (w->ends)
		return; /* its time comes */
	w->dirty = true;
	if (w->user->binds.n == 0) {
		w->ends = why_ended(s, w->user, &w->retry_after);
		w->going = true;
	} else if (!w->txn && w->quiet_ms <= s->now_ms) {
		w->going = true;
	} else {
		ims_scscf_watch_arm(s, w);
	}
}

static void count(struct ims_scscf *s, struct ims_scscf_user *u)
{
	s->changes++;
	ims_list_each (pos, &u->binds.list) {
		struct ims_reg_contact *c =
			ims_container(pos, struct ims_reg_contact, node);

		if (c->news)
			c->mark = s->changes;
		c->news = false;
	}
}

void ims_scscf_changed(struct ims_scscf *s, struct ims_scscf_user *u)
{
	struct ims_scscf_user *v[IMS_SCSCF_SHARERS];
	size_t n = ims_scscf_sharers(s, u, v);

	count(s, u);
	for (size_t i = 0; i < n; i++) {
		ims_list_each (pos, &v[i]->watchers)
			plan(s, of(pos));
		if (v[i] == u || !ims_list_empty(&v[i]->watchers))
			ims_scscf_keep(s, v[i]);
	}
}

static void note_least(struct ims_list *watches, uint64_t *told)
{
	ims_list_each (pos, watches) {
		if (of(pos)->seen < *told)
			*told = of(pos)->seen;
	}
}

/* Contacts that went may be forgotten when every watcher was told; too many
 * are not kept for that: then the next NOTIFYs say all.
 */
static void sweep(struct ims_scscf *s, struct ims_scscf_user *u)
{
	struct ims_scscf_user *v[IMS_SCSCF_SHARERS];
	size_t n = ims_scscf_sharers(s, u, v), gone = 0;
	uint64_t told = UINT64_MAX;

	ims_list_each (pos, &u->binds.list)
		gone += !ims_container(pos, struct ims_reg_contact, node)
				 ->active;
	for (size_t i = 0; i < n && gone; i++) {
		if (gone <= IMS_REG_CONTACTS) {
			note_least(&v[i]->watchers, &told);
			note_least(&v[i]->ending, &told);
			continue;
		}
		ims_list_each (pos, &v[i]->watchers)
			of(pos)->full = true;
	}
	ims_reg_binds_sweep(&u->binds, told);
}

void ims_scscf_notify_all(struct ims_scscf *s, struct ims_scscf_user *u)
{
	struct ims_scscf_user *v[IMS_SCSCF_SHARERS];
	size_t n = ims_scscf_sharers(s, u, v);

	for (size_t i = 0; i < n; i++) {
		ims_list_each (pos, &v[i]->watchers) {
			if (of(pos)->going)
				ims_scscf_notify(s, of(pos));
		}
	}
	for (size_t i = 0; i < n; i++)
		sweep(s, v[i]);
}

/* What waits for its time is sent, counted and kept first. */
static void flush(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	struct ims_scscf_user *u = w->user;

	w->going = true;
	ims_scscf_keep(s, u);
	ims_scscf_notify_all(s, u);
	ims_scscf_user_settle(s, u);
}

void ims_scscf_watch_due(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	if (w->sub.expires_ms <= s->now_ms && !w->ends)
		w->ends = "timeout";
	if (w->ends || (w->dirty && !w->txn && w->quiet_ms <= s->now_ms))
		flush(s, w);
	else
		ims_scscf_watch_arm(s, w);
}

static uint64_t retry_ms(const struct ims_sip_msg *m)
{
	uint32_t n;

	if (ims_sip_number(m, IMS_SIP_RETRY_AFTER, &n))
		n = 0;
	return n * UINT64_C(1000);
}

/* Which failure leaves the subscription alive?  One that says when to try
 * again [RFC 6665 4.2.2].
 */
static bool survives(const struct ims_sip_msg *m)
{
	return m && m->status != 481 &&
	       (m->status < 300 || ims_sip_has(m, IMS_SIP_RETRY_AFTER));
}

static void give_up(struct ims_scscf *s, struct ims_scscf_watch *w,
		    unsigned status)
{
	struct ims_scscf_user *u = w->user;

	ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_SILENCE, 0,
		      "a watch of %s ends: NOTIFY was answered with %u",
		      u->impi, status);
	ims_scscf_watch_drop(s, w);
	ims_scscf_keep(s, u);
	sweep(s, u);
}

/* Whatever the answer was: he was told. */
static void rest(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	struct ims_scscf_user *u = w->user;

	ims_scscf_watch_drop(s, w);
	sweep(s, u);
	ims_scscf_keep(s, u);
	ims_scscf_user_settle(s, u);
}

void ims_scscf_notified(struct ims_scscf *s, uint32_t watch,
			const struct ims_sip_msg *m)
{
	struct ims_map_node *n = ims_map_first(&s->watches, watch);
	struct ims_scscf_watch *w;

	if (!n)
		return; /* nobody waits for it any more */
	w = ims_container(n, struct ims_scscf_watch, id_node);
	w->txn = 0;
	if (w->last) {
		rest(s, w);
		return;
	}
	if (!survives(m)) {
		give_up(s, w, m ? m->status : 408);
		return;
	}
	if (m->status >= 300) {
		/* he did not take it: all of it again, when he likes */
		w->dirty = w->full = true;
		w->quiet_ms = s->now_ms + retry_ms(m);
	}
	ims_scscf_watch_due(s, w);
}
