/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_notify.c - NOTIFY for reg [24.229 5.4.2.1.2, RFC 3680 5].
 *
 * Always the full state.  One NOTIFY per subscription is on its way at a time;
 * what changes meanwhile is told by the next one.
 */
#include <stdio.h>

#include "scscf_priv.h"

#define PARAMS 24 /* unknown-param elements of a contact */
#define N_CONTACTS (IMS_IMPU_MAX * IMS_REG_CONTACTS * 2)

/* A document and all that it points at. */
struct doc {
	struct ims_reginfo info;
	struct ims_reginfo_reg reg[IMS_IMPU_MAX];
	struct ims_reginfo_contact contact[N_CONTACTS];
	struct ims_reginfo_param param[IMS_REG_CONTACTS * 2][PARAMS];
	char id[IMS_IMPU_MAX + N_CONTACTS][12];
	size_t n_contacts, n_ids;
};

static struct ims_str number(struct doc *d, uint32_t n)
{
	char *id = d->id[d->n_ids++];
	int len = snprintf(id, sizeof(d->id[0]), "%u", (unsigned)n);

	return ims_str_n(id, (size_t)len);
}

/* The contacts of one identity; for one that no REGISTER named they were
 * `created` [RFC 3680 5.2.3].
 */
static void add_contacts(struct ims_scscf *s, struct doc *d,
			 const struct ims_scscf_user *u, size_t at)
{
	struct ims_reginfo_reg *r = &d->reg[d->info.n_regs - 1];
	size_t k = 0;

	r->contact = &d->contact[d->n_contacts];
	ims_list_each (pos, &u->binds.list) {
		const struct ims_reg_contact *c =
			ims_container(pos, struct ims_reg_contact, node);
		struct ims_reginfo_contact *to = &d->contact[d->n_contacts];

		if (k == IMS_REG_CONTACTS * 2)
			break;
		ims_reg_contact_info(c, s->now_ms, d->param[k], PARAMS, to);
		to->id = number(d, (uint32_t)(c->id * IMS_IMPU_MAX + at));
		if (to->event == IMS_REGINFO_REGISTERED &&
		    at != u->explicit_impu)
			to->event = IMS_REGINFO_CREATED;
		if (c->active)
			r->state = IMS_REGINFO_ACTIVE;
		d->n_contacts++;
		k++;
	}
	r->n_contacts = k;
}

/* One registration per identity that is not barred [24.229 5.4.2.1.2]. */
static void fill(struct ims_scscf *s, struct doc *d,
		 const struct ims_scscf_user *u, uint32_t version)
{
	d->info = (struct ims_reginfo){.version = version,
				       .full = true,
				       .reg = d->reg};
	d->n_contacts = d->n_ids = 0;
	for (size_t i = 0; i < u->n_impus; i++) {
		struct ims_reginfo_reg *r = &d->reg[d->info.n_regs];

		if (u->impu[i]->barred)
			continue;
		d->info.n_regs++;
		*r = (struct ims_reginfo_reg){
			.aor = ims_str(u->impu[i]->uri),
			.id = number(d, u->impu[i]->id),
			.state = IMS_REGINFO_TERMINATED,
		};
		add_contacts(s, d, u, i);
	}
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
		      const struct ims_reg_sub *sub, const char *reason)
{
	uint64_t left = 0;

	if (sub->expires_ms > s->now_ms)
		left = (sub->expires_ms - s->now_ms + 999) / 1000;
	if (reason)
		ims_sip_putf(b, IMS_SIP_SUBSCRIPTION_STATE,
			     "terminated;reason=%s", reason);
	else
		ims_sip_putf(b, IMS_SIP_SUBSCRIPTION_STATE, "active;expires=%u",
			     (unsigned)left);
}

static void build(struct ims_scscf *s, struct ims_scscf_watch *w,
		  const char *reason, struct ims_buf *b)
{
	char mem[128], host[IMS_ADDR_TEXT];
	struct ims_reg_sub *sub = &w->sub;
	struct ims_buf via, body;
	struct doc d;

	fill(s, &d, w->user, sub->version++);
	ims_buf_init(&body, s->body, sizeof(s->body));
	ims_reginfo_put(&body, &d.info);
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
	put_state(s, b, sub, reason);
	ims_sip_put_body(b, IMS_S("application/reginfo+xml"),
			 ims_buf_str(&body));
	b->over |= body.over;
}

void ims_scscf_notify(struct ims_scscf *s, struct ims_scscf_watch *w,
		      const char *reason)
{
	struct ims_flow flow = {.side = IMS_MW,
				.transport = IMS_UDP,
				.local = s->conf.local};
	struct ims_buf b;
	int id = -IMS_E_TOOBIG;

	if (w->txn && !reason) {
		w->dirty = true;
		return;
	}
	w->dirty = false;
	build(s, w, reason, &b);
	if (!b.over && ims_reg_sub_hop(&w->sub, &flow.remote) == 0)
		id = ims_txns_request(&s->txns, &flow, ims_buf_str(&b), w->id,
				      s->now_ms);
	if (id < 0)
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, id, 0,
			      "NOTIFY to %s could not be sent", w->user->impi);
	if (id < 0 || reason)
		ims_scscf_watch_drop(s, w);
	else
		w->txn = (uint32_t)id;
}

/* Why does the subscription end with the registration?  If it was we who
 * ended it, he may come back at once; else there is nothing left to watch
 * [RFC 6665 4.2.2].
 */
static const char *why_ended(const struct ims_scscf_user *u)
{
	ims_list_each (pos, &u->binds.list) {
		if (ims_container(pos, struct ims_reg_contact, node)->event ==
		    IMS_REGINFO_DEACTIVATED)
			return "deactivated";
	}
	return "noresource";
}

void ims_scscf_notify_all(struct ims_scscf *s, struct ims_scscf_user *u)
{
	const char *reason = u->binds.n ? NULL : why_ended(u);

	ims_list_each (pos, &u->watchers)
		ims_scscf_notify(s,
				 ims_container(pos, struct ims_scscf_watch,
					       node),
				 reason);
	ims_reg_binds_sweep(&u->binds);
}

/* Which failure leaves the subscription alive?  One that says when to try
 * again [RFC 6665 4.2.2].
 */
static bool survives(const struct ims_sip_msg *m)
{
	return m && m->status != 481 &&
	       (m->status < 300 || ims_sip_has(m, IMS_SIP_RETRY_AFTER));
}

void ims_scscf_notified(struct ims_scscf *s, uint32_t watch,
			const struct ims_sip_msg *m)
{
	struct ims_map_node *n = ims_map_first(&s->watches, watch);
	struct ims_scscf_watch *w;

	if (!n)
		return; /* it was the last one */
	w = ims_container(n, struct ims_scscf_watch, id_node);
	w->txn = 0;
	if (!survives(m)) {
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, -IMS_E_SILENCE, 0,
			      "a watch of %s ends: NOTIFY was answered with %u",
			      w->user->impi, m ? m->status : 408);
		ims_scscf_watch_drop(s, w);
	} else if (w->dirty) {
		ims_scscf_notify(s, w, NULL);
	}
}
