/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_addr.h - From, To, Contact, Route and their kin: name-addr or addr-spec
 * with header parameters [RFC 3261 20.10, 25.1].
 */
#ifndef IMS_SIP_ADDR_H
#define IMS_SIP_ADDR_H

#include "sip_msg.h"
#include "sip_uri.h"

struct ims_sip_addr {
	struct ims_str display; /* with its quotes if it had them */
	struct ims_sip_uri uri;
	struct ims_str params; /* header parameters: ";tag=1;expires=60" */
	bool star;             /* Contact: * */
};

/* One value.  Without <> everything from the first ';' on is a header
 * parameter.  Returns 0 or -IMS_E_SYNTAX.
 */
int ims_sip_addr_parse(struct ims_str s, struct ims_sip_addr *out);
/* The first value of that header. -IMS_E_NOTFOUND, -IMS_E_SYNTAX. */
int ims_sip_addr_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		     struct ims_sip_addr *out);
/* The tag of From or To; empty if none. */
struct ims_str ims_sip_tag(const struct ims_sip_msg *m, enum ims_sip_hdr_id id);

#endif
