/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_order.c - does a REGISTER come too late? [RFC 3261 10.3 step 7]
 *
 * CSeq orders the requests of one Call-ID.  A UE that takes another Call-ID
 * does not make the old ones good again, so the last few are remembered; and
 * answers to challenges, whatever their Call-ID, are in the order in which
 * these were given.
 */
#include "reg_priv.h"

static uint32_t flow_of(struct ims_str instance, uint32_t reg_id)
{
	return reg_id ? ims_str_hash(instance, reg_id) | 1 : 0;
}

/* Two, so that no two Call-IDs are taken for one. */
static uint64_t call_of(struct ims_str id)
{
	return (uint64_t)ims_str_hash(id, 1) << 32 | ims_str_hash(id, 2) | 1;
}

void ims_reg_past_add(struct ims_reg_binds *b, const struct ims_reg_contact *c)
{
	struct ims_reg_past p = {flow_of(c->instance, c->reg_id),
				 call_of(c->call_id), c->cseq};

	for (size_t i = 0; i < IMS_REG_PAST; i++) {
		struct ims_reg_past *old = &b->past[i];

		if (old->call != p.call || old->flow != p.flow)
			continue;
		if (old->cseq < p.cseq)
			old->cseq = p.cseq;
		return;
	}
	b->past[b->n_past++ % IMS_REG_PAST] = p;
}

/* flow NULL: of any. */
static bool is_past(const struct ims_reg_binds *b, const uint32_t *flow,
		    const struct ims_sip_msg *m)
{
	uint64_t call = call_of(m->call_id);

	if (b->n == 0)
		return false; /* who comes back may count anew */
	for (size_t i = 0; i < IMS_REG_PAST; i++) {
		const struct ims_reg_past *p = &b->past[i];

		if (p->call == call && (!flow || p->flow == *flow) &&
		    m->cseq <= p->cseq)
			return true;
	}
	return false;
}

static bool is_newer(const struct ims_reg_binds *b,
		     const struct ims_reg_contact *c,
		     const struct ims_sip_msg *m)
{
	return c && c->active &&
	       (b->order < c->order ||
		(ims_str_eq(c->call_id, m->call_id) && m->cseq <= c->cseq));
}

static bool any_is_newer(const struct ims_reg_binds *b,
			 const struct ims_sip_msg *m)
{
	ims_list_each (pos, &b->list) {
		if (is_newer(b,
			     ims_container(pos, const struct ims_reg_contact,
					   node),
			     m))
			return true;
	}
	return is_past(b, NULL, m);
}

bool ims_reg_binds_overtaken(const struct ims_reg_binds *b,
			     const struct ims_reg_ask *ask,
			     const struct ims_sip_msg *m)
{
	if (ask->star && any_is_newer(b, m))
		return true;
	for (size_t i = 0; i < ask->n; i++) {
		const struct ims_reg_want *w = &ask->want[i];
		const struct ims_reg_contact *c = ims_reg_binds_find(b, w);
		uint32_t flow = c ? flow_of(c->instance, c->reg_id)
				  : flow_of(w->instance, w->reg_id);

		if (is_newer(b, c, m) || is_past(b, &flow, m))
			return true;
		/* without reg-id it would replace all */
		if (w->reg_id == 0 && w->expires && any_is_newer(b, m))
			return true;
	}
	return false;
}
