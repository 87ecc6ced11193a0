/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_frame.h - messages out of a TCP stream [RFC 3261 18.3, RFC 5626 4.4.1].
 *
 * Works on the bytes received so far; keeps no state.  The caller drops
 * `used` bytes from the front and calls again.
 */
#ifndef IMS_SIP_FRAME_H
#define IMS_SIP_FRAME_H

#include "base_err.h"
#include "base_str.h"

enum ims_sip_frame_kind {
	IMS_SIP_FRAME_MORE, /* nothing whole yet: read on */
	IMS_SIP_FRAME_MSG,  /* a whole message: `msg` */
	IMS_SIP_FRAME_PING, /* CRLFCRLF: answer with CRLF */
	IMS_SIP_FRAME_PONG, /* CRLF */
};
struct ims_sip_frame {
	enum ims_sip_frame_kind kind;
	struct ims_str msg;
	size_t used;
};
/* Returns 0; -IMS_E_SIP_FRAMING if the stream is lost (no or two different
 * Content-Lengths, not a number, not SIP at all), -IMS_E_TOOBIG if a message
 * would be longer than IMS_SIP_MAX_LEN: close the connection.
 */
int ims_sip_frame(struct ims_str bytes, struct ims_sip_frame *out);

#endif
