/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_flow.c - messages that go lost, come late, twice, or the wrong way. */
#include "inject_act_priv.h"

#include "sip_via.h"

#include <stdio.h>

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

/* Once more, but as a request of its own: a branch and a CSeq later. */
bool ims_inject_again(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_str via = ims_sip_get(h->msg, IMS_SIP_VIA), text;
	struct inject_edit e = {0};
	char cseq[40], mem[512];
	struct ims_sip_via v;
	size_t at;

	if (ims_sip_via_top(h->msg, &v) || !v.branch.n ||
	    !ims_str_copy(mem, sizeof mem, via))
		return false;
	at = (size_t)(v.branch.p - via.p) + v.branch.n - 1;
	mem[at] = mem[at] == 'x' ? 'y' : 'x';
	snprintf(cseq, sizeof cseq, "%u %.*s", (unsigned)h->msg->cseq + 1,
		 IMS_STR_ARG(h->msg->method_text));
	ims_inject_set(&e, IMS_SIP_VIA, ims_str(mem));
	ims_inject_set(&e, IMS_SIP_CSEQ, ims_str(cseq));
	text = ims_inject_edited(j, h->msg, &e);
	ims_inject_post(j, h->at, h->flow, h->msg->raw, h->now_ms);
	if (text.n)
		ims_inject_post(j, h->at, h->flow, text,
				h->now_ms + h->row->how->n);
	return true;
}

/* As if it had come inside the SAs that were used last. */
bool ims_inject_believe(struct ims_inject *j, struct inject_hit *h)
{
	if (h->flow->set || !j->has_inside)
		return false;
	ims_inject_post(j, h->at, &j->inside, h->msg->raw, h->now_ms);
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
