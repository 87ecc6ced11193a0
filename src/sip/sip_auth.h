/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_auth.h - Digest challenges and credentials [RFC 2617, RFC 3310, TS
 * 24.229 7.2A].  Values without quotes; NULL pointers mean absent, an empty
 * value has a pointer.
 */
#ifndef IMS_SIP_AUTH_H
#define IMS_SIP_AUTH_H

#include "sip_build.h"
#include "sip_msg.h"
#include "sip_param.h"

/* X(member, name on the wire, quoted in a challenge, quoted in credentials) */
/* clang-format off */
#define IMS_SIP_AUTH_PARAMS(X) \
X(username, "username", 1, 1) \
X(realm, "realm", 1, 1) \
X(nonce, "nonce", 1, 1) \
X(uri, "uri", 1, 1) \
X(response, "response", 1, 1) \
X(algorithm, "algorithm", 0, 0) \
X(cnonce, "cnonce", 1, 1) \
X(opaque, "opaque", 1, 1) \
X(qop, "qop", 1, 0) \
X(nc, "nc", 0, 0) \
X(auts, "auts", 1, 1) \
X(domain, "domain", 1, 1) \
X(stale, "stale", 0, 0) \
X(ik, "ik", 1, 1) \
X(ck, "ck", 1, 1) \
X(integrity_protected, "integrity-protected", 1, 1) \
X(rspauth, "rspauth", 1, 1) \
X(nextnonce, "nextnonce", 1, 1)
/* clang-format on */

struct ims_sip_auth {
	struct ims_str scheme; /* "Digest" */
#define IMS_SIP_AUTH_MEMBER(member, name, q1, q2) struct ims_str member;
	IMS_SIP_AUTH_PARAMS(IMS_SIP_AUTH_MEMBER)
#undef IMS_SIP_AUTH_MEMBER
};

/* Any scheme is taken; only Digest has its parameters read.  A parameter that
 * occurs twice, or an unbalanced quote, is -IMS_E_SYNTAX.
 */
int ims_sip_auth_parse(struct ims_str s, struct ims_sip_auth *out);
/* The first Digest among the lines of that header; -IMS_E_NOTFOUND. */
int ims_sip_auth_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		     struct ims_sip_auth *out);
/* Authentication-Info has no scheme. */
int ims_sip_auth_info_parse(struct ims_str s, struct ims_sip_auth *out);
/* Is this qop ("auth") in the challenge's list? */
bool ims_sip_auth_offers(const struct ims_sip_auth *a, const char *qop);

/* Writes the header's value: members with a pointer, in the table's order. */
void ims_sip_auth_put(struct ims_buf *b, const struct ims_sip_auth *a,
		      bool challenge);
/* Credentials with the parameters in this order ("uri,username,..."; those not
 * named follow); with ", " between them if the order has it, else ",".
 */
void ims_sip_auth_put_order(struct ims_buf *b, const struct ims_sip_auth *a,
			    struct ims_str order);

#endif
