/* SPDX-License-Identifier: BSD-2-Clause */
/* txn_reply.c - where a response goes [RFC 3261 18.2.2, RFC 3581 4]. */
#include "sip_via.h"
#include "txn.h"

struct ims_flow ims_txn_reply_flow(const struct ims_flow *flow,
				   const struct ims_sip_msg *req)
{
	struct ims_flow out = *flow;
	struct ims_sip_via via;

	if (flow->transport == IMS_TCP || ims_sip_via_top(req, &via))
		return out;
	/* The address is always the source: a sent-by that differs only makes
	 * `received` say so.  What the Via claims is never sent to.
	 */
	if (!via.has_rport)
		out.remote.port = via.port ? via.port : 5060;
	return out;
}
