/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_build.h - writes messages.
 *
 * A message is written from top to bottom into a buffer of the caller.  A
 * value that holds CR, LF or a zero byte is never written: the buffer's `over`
 * is set instead, so that nothing a peer sent can open a new header line.  (A
 * zero byte behind a backslash is a quoted pair, which may stand in a display
 * name [RFC 3261 25.1], and goes back as it came.)
 *
 *	ims_sip_put_request(&b, "REGISTER", uri);
 *	ims_sip_put(&b, IMS_SIP_CALL_ID, call_id);
 *	ims_sip_putf(&b, IMS_SIP_CSEQ, "%u REGISTER", n);
 *	ims_sip_put_body(&b, type, body);        ends it, with Content-Length
 */
#ifndef IMS_SIP_BUILD_H
#define IMS_SIP_BUILD_H

#include "base_addr.h"
#include "base_buf.h"
#include "sip_msg.h"

void ims_sip_put_request(struct ims_buf *b, const char *method,
			 struct ims_str uri);
void ims_sip_put_status(struct ims_buf *b, unsigned status,
			struct ims_str reason);
/* A piece of a value: folds become one space; a CR, LF or zero byte that is no
 * fold and no quoted pair sets `over`.
 */
void ims_sip_put_text(struct ims_buf *b, struct ims_str text);
/* "Name: value"; folds in the value become one space. */
void ims_sip_put(struct ims_buf *b, enum ims_sip_hdr_id id,
		 struct ims_str value);
void ims_sip_put_named(struct ims_buf *b, struct ims_str name,
		       struct ims_str value);
void ims_sip_putf(struct ims_buf *b, enum ims_sip_hdr_id id, const char *fmt,
		  ...) __attribute__((format(printf, 3, 4)));
/* Every line of that kind, as it stood. */
void ims_sip_copy(struct ims_buf *b, const struct ims_sip_msg *from,
		  enum ims_sip_hdr_id id);
/* Content-Type (if type is not empty), Content-Length, empty line, body. */
void ims_sip_put_body(struct ims_buf *b, struct ims_str type,
		      struct ims_str body);
/* "Unauthorized" for 401. */
const char *ims_sip_reason(unsigned status);

/* The head of a response to req: status line, all Vias (the top one with
 * received/rport filled from `source` when it asks for or needs it, but rport
 * not on protected flows: fill_rport false), From, To (with to_tag if it has
 * none and to_tag is not empty), Call-ID, CSeq.  [RFC 3261 8.2.6, RFC 3581]
 */
void ims_sip_put_response(struct ims_buf *b, const struct ims_sip_msg *req,
			  unsigned status, struct ims_str to_tag,
			  struct ims_addr source, bool fill_rport);

#endif
