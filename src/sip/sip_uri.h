/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_uri.h - SIP, SIPS and tel URIs as slices [RFC 3261 19.1, RFC 3966]. */
#ifndef IMS_SIP_URI_H
#define IMS_SIP_URI_H

#include "base_addr.h"
#include "base_err.h"
#include "sip_param.h"

enum ims_sip_scheme {
	IMS_SIP_URI_OTHER,
	IMS_SIP_URI_SIP,
	IMS_SIP_URI_SIPS,
	IMS_SIP_URI_TEL
};

struct ims_sip_uri {
	enum ims_sip_scheme scheme;
	struct ims_str text;    /* all of it */
	struct ims_str user;    /* with its parameters; tel: the number */
	struct ims_str host;    /* IPv6 without brackets */
	uint16_t port;          /* 0: none given */
	struct ims_str params;  /* ";lr;transport=tcp" */
	struct ims_str headers; /* after '?', without it */
};

/* Returns 0 or -IMS_E_SYNTAX; a scheme that we do not know is not an error
 * (then only `text` is set).
 */
int ims_sip_uri_parse(struct ims_str s, struct ims_sip_uri *out);
/* Equal as addresses of record: scheme and host without case, user with, %xx
 * undone, port equal, parameters ignored [RFC 3261 10.3 step 5].
 */
bool ims_sip_uri_aor_eq(struct ims_str a, struct ims_str b);
/* Equal by RFC 3261 19.1.4, as contacts are compared. */
bool ims_sip_uri_eq(struct ims_str a, struct ims_str b);
/* Host and port if the host is an IP address. -IMS_E_SYNTAX. */
int ims_sip_uri_addr(const struct ims_sip_uri *u, uint16_t default_port,
		     struct ims_addr *out);
/* transport= : 0 and *out, or -IMS_E_NOTFOUND (none), -IMS_E_SYNTAX. */
int ims_sip_uri_transport(const struct ims_sip_uri *u, enum ims_transport *out);

#endif
