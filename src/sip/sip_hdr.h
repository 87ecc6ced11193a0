/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_hdr.h - names and kinds of the headers we know. */
#ifndef IMS_SIP_HDR_H
#define IMS_SIP_HDR_H

#include "base_str.h"

/* X(enum, full name, compact form or "", kind): kind LIST = comma list that may
 * be spread over several lines, ONE = at most once, TEXT = lines of their own.
 */
/* clang-format off */
#define IMS_SIP_HEADERS(X) \
X(VIA, "Via", "v", LIST) \
X(FROM, "From", "f", ONE) \
X(TO, "To", "t", ONE) \
X(CALL_ID, "Call-ID", "i", ONE) \
X(CSEQ, "CSeq", "", ONE) \
X(MAX_FORWARDS, "Max-Forwards", "", ONE) \
X(CONTACT, "Contact", "m", LIST) \
X(CONTENT_LENGTH, "Content-Length", "l", ONE) \
X(CONTENT_TYPE, "Content-Type", "c", ONE) \
X(CONTENT_ENCODING, "Content-Encoding", "e", LIST) \
X(EXPIRES, "Expires", "", ONE) \
X(MIN_EXPIRES, "Min-Expires", "", ONE) \
X(RETRY_AFTER, "Retry-After", "", ONE) \
X(ROUTE, "Route", "", LIST) \
X(RECORD_ROUTE, "Record-Route", "", LIST) \
X(PATH, "Path", "", LIST) \
X(SERVICE_ROUTE, "Service-Route", "", LIST) \
X(REQUIRE, "Require", "", LIST) \
X(PROXY_REQUIRE, "Proxy-Require", "", LIST) \
X(SUPPORTED, "Supported", "k", LIST) \
X(UNSUPPORTED, "Unsupported", "", LIST) \
X(ALLOW, "Allow", "", LIST) \
X(ALLOW_EVENTS, "Allow-Events", "u", LIST) \
X(ACCEPT, "Accept", "", LIST) \
X(AUTHORIZATION, "Authorization", "", TEXT) \
X(WWW_AUTHENTICATE, "WWW-Authenticate", "", TEXT) \
X(PROXY_AUTHORIZATION, "Proxy-Authorization", "", TEXT) \
X(PROXY_AUTHENTICATE, "Proxy-Authenticate", "", TEXT) \
X(AUTHENTICATION_INFO, "Authentication-Info", "", ONE) \
X(SECURITY_CLIENT, "Security-Client", "", LIST) \
X(SECURITY_SERVER, "Security-Server", "", LIST) \
X(SECURITY_VERIFY, "Security-Verify", "", LIST) \
X(EVENT, "Event", "o", ONE) \
X(SUBSCRIPTION_STATE, "Subscription-State", "", ONE) \
X(P_ASSOCIATED_URI, "P-Associated-URI", "", LIST) \
X(P_ACCESS_NETWORK_INFO, "P-Access-Network-Info", "", LIST) \
X(P_VISITED_NETWORK_ID, "P-Visited-Network-ID", "", LIST) \
X(P_CHARGING_VECTOR, "P-Charging-Vector", "", ONE) \
X(P_CHARGING_FUNCTION_ADDRESSES, "P-Charging-Function-Addresses", "", ONE) \
X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", "", LIST) \
X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", "", LIST) \
X(P_CALLED_PARTY_ID, "P-Called-Party-ID", "", ONE) \
X(USER_AGENT, "User-Agent", "", ONE) \
X(SERVER, "Server", "", ONE) \
X(DATE, "Date", "", ONE) \
X(WARNING, "Warning", "", LIST) \
X(REASON, "Reason", "", LIST) \
X(FLOW_TIMER, "Flow-Timer", "", ONE)
/* clang-format on */

#define IMS_SIP_HDR_ENUM(e, name, compact, kind) IMS_SIP_##e,
enum ims_sip_hdr_id {
	IMS_SIP_OTHER,
	IMS_SIP_HEADERS(IMS_SIP_HDR_ENUM) IMS_SIP_N_HDR_IDS
};
#undef IMS_SIP_HDR_ENUM

enum ims_sip_hdr_kind { IMS_SIP_ONE, IMS_SIP_LIST, IMS_SIP_TEXT };

/* By full name or compact form, any case; IMS_SIP_OTHER for strangers. */
enum ims_sip_hdr_id ims_sip_hdr_find(struct ims_str name);
/* "Via"; "" for IMS_SIP_OTHER. */
const char *ims_sip_hdr_name(enum ims_sip_hdr_id id);
enum ims_sip_hdr_kind ims_sip_hdr_kind(enum ims_sip_hdr_id id);

#endif
