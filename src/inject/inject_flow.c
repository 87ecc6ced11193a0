/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_flow.c - messages that go lost, come late, twice, or the wrong way. */
#include "inject_act_priv.h"

bool ims_inject_lose(struct ims_inject *j, struct inject_hit *h)
{
	(void)j;
	(void)h;
	return true;
}

bool ims_inject_late(struct ims_inject *j, struct inject_hit *h)
{
	ims_inject_post(j, h->at, h->flow, h->msg->raw,
			h->now_ms + h->row->how->n);
	return true;
}

bool ims_inject_twice(struct ims_inject *j, struct inject_hit *h)
{
	ims_inject_post(j, h->at, h->flow, h->msg->raw, h->now_ms);
	ims_inject_post(j, h->at, h->flow, h->msg->raw,
			h->now_ms + h->row->how->n);
	return true;
}

/* From where and to where the last REGISTER in the clear went.  What came in
 * on that flow leaves on it the same way: both are seen from our side.
 */
bool ims_inject_clear(struct ims_inject *j, struct inject_hit *h)
{
	if (!j->has_clear || !h->flow->set)
		return false;
	ims_inject_post(j, h->at, &j->clear, h->msg->raw, h->now_ms);
	return true;
}

/* In the clear, but to the port that takes only what is protected. */
bool ims_inject_clear_to_port(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_flow f = j->clear;

	if (!j->has_clear || !h->flow->set)
		return false;
	f.remote = h->flow->remote;
	f.conn = 0;
	ims_inject_post(j, h->at, &f, h->msg->raw, h->now_ms);
	return true;
}
