/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_sub.h - one subscription to reg, as the notifier keeps it: a dialog, the
 * way to the watcher, the version of the next document.
 *
 * Spec: RFC 3261 12; RFC 6665 4.2; RFC 3680 4, 5.1.
 */
#ifndef IMS_REG_SUB_H
#define IMS_REG_SUB_H

#include "base_addr.h"
#include "sip_msg.h"

#define IMS_REG_SUB_EXPIRES 3761 /* if nothing is asked [RFC 3680 4.4] */

struct ims_reg_sub {
	struct ims_str call_id;
	struct ims_str local, local_tag;   /* our From: To of the SUBSCRIBE */
	struct ims_str remote, remote_tag; /* its From */
	struct ims_str target; /* its Contact: Request-URI of our requests */
	struct ims_str routes; /* Record-Route, as one list */
	struct ims_str event_id;
	uint32_t version; /* of the next document */
	uint32_t cseq;    /* of our last request */
	uint32_t remote_cseq;
	uint64_t expires_ms;
	char *mem; /* what the slices are in */
};

/* From the SUBSCRIBE that makes the dialog; local_tag is what our answer will
 * have as To tag.  Returns 0, -IMS_E_SIP (no Contact or From tag, not a SIP
 * URI, a text with control characters or of more than 4096 bytes), -IMS_E_NOMEM.
 */
int ims_reg_sub_init(struct ims_reg_sub *s, const struct ims_sip_msg *m,
		     struct ims_str local_tag);
/* One as it was before: its texts are copied, everything else taken over.
 * -IMS_E_NOMEM.
 */
int ims_reg_sub_restore(struct ims_reg_sub *s, const struct ims_reg_sub *like);
void ims_reg_sub_wipe(struct ims_reg_sub *s);

/* Does this request of the peer belong to the dialog? */
bool ims_reg_sub_is(const struct ims_reg_sub *s, const struct ims_sip_msg *m);
/* Is it the very SUBSCRIBE that was heard last, the one that made the dialog
 * (it has no To tag yet) or one within it?
 */
bool ims_reg_sub_repeats(const struct ims_reg_sub *s,
			 const struct ims_sip_msg *m);
/* A SUBSCRIBE within it: CSeq must rise, Contact may have changed.
 * -IMS_E_UNEXPECTED, -IMS_E_SIP, -IMS_E_NOMEM.
 */
int ims_reg_sub_refresh(struct ims_reg_sub *s, const struct ims_sip_msg *m);

/* Where our requests go: the topmost route, else the target.
 * -IMS_E_SYNTAX if that is not an IP address.
 */
int ims_reg_sub_hop(const struct ims_reg_sub *s, struct ims_addr *out);
/* A request within the dialog from its start line to CSeq; via is the value of
 * our Via.  Counts CSeq.
 */
void ims_reg_sub_put(struct ims_buf *b, struct ims_reg_sub *s,
		     const char *method, struct ims_str via);

#endif
