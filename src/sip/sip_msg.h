/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_msg.h - one SIP message, as slices of the bytes it came in.
 *
 * Parsing copies nothing and allocates nothing: the message borrows the
 * buffer.  Values are trimmed but may hold folds (CRLF and white space), which
 * all readers of this module take as one space.  Typed headers are read on
 * demand (sip_uri.h, sip_addr.h, sip_via.h, sip_auth.h, sip_sec.h ...).
 *
 * Tolerant of what phones send: compact forms, folding, odd spacing, bare LF
 * line ends.  Refused is what would be understood differently by the next one:
 * a missing or doubled mandatory header, two Content-Lengths, a method that
 * differs from CSeq, numbers that do not fit, unbalanced quotes.
 *
 * Spec: RFC 3261 7, 18.3, 20, 25; RFC 4475.
 */
#ifndef IMS_SIP_MSG_H
#define IMS_SIP_MSG_H

#include "base_err.h"
#include "sip_hdr.h"

enum ims_sip_method {
	IMS_SIP_METHOD_OTHER,
	IMS_SIP_REGISTER,
	IMS_SIP_SUBSCRIBE,
	IMS_SIP_NOTIFY,
	IMS_SIP_INVITE,
	IMS_SIP_ACK,
	IMS_SIP_BYE,
	IMS_SIP_CANCEL,
	IMS_SIP_OPTIONS,
	IMS_SIP_PRACK,
	IMS_SIP_UPDATE,
	IMS_SIP_INFO,
	IMS_SIP_REFER,
	IMS_SIP_MESSAGE,
	IMS_SIP_PUBLISH,
};
/* Methods are case-sensitive. */
enum ims_sip_method ims_sip_method_find(struct ims_str s);
const char *ims_sip_method_name(enum ims_sip_method m);

struct ims_sip_hdr {
	enum ims_sip_hdr_id id;
	struct ims_str name;  /* as written */
	struct ims_str value; /* without white space at the ends */
};

#define IMS_SIP_MAX_HDRS 128
#define IMS_SIP_MAX_LEN 65535

struct ims_sip_msg {
	struct ims_str raw; /* the whole message */
	bool request;
	/* request */
	enum ims_sip_method method; /* of a response: from CSeq */
	struct ims_str method_text; /* same */
	struct ims_str uri;
	/* response */
	unsigned status;
	struct ims_str reason;

	uint32_t cseq; /* its number */
	struct ims_str call_id;
	struct ims_str body;
	struct ims_sip_hdr hdr[IMS_SIP_MAX_HDRS];
	size_t n_hdrs;
	uint8_t first[IMS_SIP_N_HDR_IDS]; /* index + 1 of the first; 0: none */
};

/* What is wrong with a message that cannot be taken, and how to answer. */
struct ims_sip_flaw {
	struct ims_flaw
		flaw;    /* -IMS_E_SIP, _SIP_VERSION, ...; header and rule */
	unsigned status; /* 400, 505, 501, 513; 0: no answer is possible */
};

/* One datagram, or one frame of a stream (sip_frame.h).  Bytes after
 * Content-Length are not part of it.  *out is filled as far as it went even
 * when the message is refused, so that a 400 can be built; then only `raw`,
 * `hdr`, `first`, `request` and the start line may be relied on.
 * Returns 0, -IMS_E_SIP, -IMS_E_SIP_VERSION or -IMS_E_TOOBIG; why may be NULL.
 */
int ims_sip_msg_parse(struct ims_str bytes, struct ims_sip_msg *out,
		      struct ims_sip_flaw *why);

/* The first header of that kind; its value is empty if there is none (ask
 * ims_sip_has to tell an empty one).
 */
bool ims_sip_has(const struct ims_sip_msg *m, enum ims_sip_hdr_id id);
struct ims_str ims_sip_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id);

/* Walks all values of a list header over all its lines, top to bottom, left
 * to right; commas in quotes and in <> do not split.
 *	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_ROUTE);
 *	while (ims_sip_walk_next(&w, &value)) ...
 */
struct ims_sip_walk {
	const struct ims_sip_msg *m;
	enum ims_sip_hdr_id id;
	size_t at;           /* next header line */
	struct ims_str rest; /* of the present line */
};
struct ims_sip_walk ims_sip_walk(const struct ims_sip_msg *m,
				 enum ims_sip_hdr_id id);
bool ims_sip_walk_next(struct ims_sip_walk *w, struct ims_str *value);
/* Is this token in the list?  Any case: Require, Supported, Allow ... */
bool ims_sip_lists(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		   const char *token);

/* Expires, Min-Expires, Retry-After, Max-Forwards: digits, comments and
 * parameters after them skipped.  Returns 0, -IMS_E_NOTFOUND, -IMS_E_SYNTAX or
 * -IMS_E_RANGE (> 2^32-1).
 */
int ims_sip_number(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		   uint32_t *out);

#endif
