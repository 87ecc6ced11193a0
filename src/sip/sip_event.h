/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_event.h - Event and Subscription-State [RFC 6665 8.2]. */
#ifndef IMS_SIP_EVENT_H
#define IMS_SIP_EVENT_H

#include "sip_msg.h"
#include "sip_param.h"

struct ims_sip_event {
	struct ims_str package; /* "reg" */
	struct ims_str id;      /* empty: none */
};
int ims_sip_event_parse(struct ims_str s, struct ims_sip_event *out);

enum ims_sip_substate {
	IMS_SUB_OTHER,
	IMS_SUB_ACTIVE,
	IMS_SUB_PENDING,
	IMS_SUB_TERMINATED
};
struct ims_sip_sub_state {
	enum ims_sip_substate state;
	struct ims_str reason; /* empty: none */
	bool has_expires, has_retry_after;
	uint32_t expires, retry_after;
};
int ims_sip_sub_state_parse(struct ims_str s, struct ims_sip_sub_state *out);

#endif
