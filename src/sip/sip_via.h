/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_via.h - one Via value [RFC 3261 20.42, RFC 3581, RFC 6223]. */
#ifndef IMS_SIP_VIA_H
#define IMS_SIP_VIA_H

#include "base_addr.h"
#include "sip_msg.h"
#include "sip_param.h"

struct ims_sip_via {
	struct ims_str transport; /* "UDP", "TCP", ... */
	struct ims_str host;      /* IPv6 without brackets */
	uint16_t port;            /* 0: none given */
	struct ims_str branch;
	struct ims_str received;
	bool has_rport;
	uint16_t rport; /* 0: asked for, not filled */
	bool has_keep;
	struct ims_str params; /* all of them */
};

int ims_sip_via_parse(struct ims_str s, struct ims_sip_via *out);
/* The topmost one. -IMS_E_NOTFOUND, -IMS_E_SYNTAX. */
int ims_sip_via_top(const struct ims_sip_msg *m, struct ims_sip_via *out);

#endif
