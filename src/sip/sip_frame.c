/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_frame.c - cuts a stream into messages. */
#include "sip_frame.h"

#include "sip_hdr.h"
#include "sip_msg.h"
#include "sip_scan.h"

/* Keep-alives before a message.  Two line ends are a ping; one is a pong, or
 * the blank line that some send behind a body.  A CR or CR LF CR may become
 * either, so more is needed.
 */
static bool take_keepalive(struct ims_str bytes, struct ims_sip_frame *f)
{
	if (ims_str_starts(bytes, IMS_S("\r\n\r\n"))) {
		*f = (struct ims_sip_frame){IMS_SIP_FRAME_PING, {0}, 4};
		return true;
	}
	if (ims_str_eq(bytes, IMS_S("\r")) ||
	    ims_str_eq(bytes, IMS_S("\r\n\r"))) {
		*f = (struct ims_sip_frame){IMS_SIP_FRAME_MORE, {0}, 0};
		return true;
	}
	if (ims_str_starts(bytes, IMS_S("\r\n"))) {
		*f = (struct ims_sip_frame){IMS_SIP_FRAME_PONG, {0}, 2};
		return true;
	}
	if (ims_str_starts(bytes, IMS_S("\n"))) {
		*f = (struct ims_sip_frame){IMS_SIP_FRAME_PONG, {0}, 1};
		return true;
	}
	return false;
}

/* A first line without "SIP/" is HTTP, TLS, or the middle of a message. */
static bool looks_like_sip(struct ims_str bytes)
{
	struct ims_str line = ims_str_n(bytes.p, ims_str_find(bytes, '\n'));

	if (!ims_sip_in(bytes.p[0], IMS_SIP_C_TOKEN))
		return false;
	return line.n == bytes.n || memmem(line.p, line.n, "SIP/", 4) ||
	       memmem(line.p, line.n, "sip/", 4);
}

struct length {
	bool known;
	uint32_t n;
};

/* One header line: notes Content-Length. */
static int note_length(struct ims_str line, struct length *length)
{
	struct ims_str name, value;
	uint32_t n;

	if (!ims_sip_line_split(line, &name, &value) ||
	    ims_sip_hdr_find(name) != IMS_SIP_CONTENT_LENGTH)
		return 0;
	switch (ims_str_u32(value, IMS_SIP_MAX_LEN, &n)) {
	case 0:
		break;
	case -IMS_E_RANGE:
		return -IMS_E_TOOBIG;
	default:
		return -IMS_E_SIP_FRAMING;
	}
	if (length->known && length->n != n)
		return -IMS_E_SIP_FRAMING;
	*length = (struct length){true, n};
	return 0;
}

static int more(struct ims_str bytes, struct ims_sip_frame *out)
{
	if (bytes.n > IMS_SIP_MAX_LEN)
		return -IMS_E_TOOBIG;
	*out = (struct ims_sip_frame){IMS_SIP_FRAME_MORE, {0}, 0};
	return 0;
}

int ims_sip_frame(struct ims_str bytes, struct ims_sip_frame *out)
{
	struct length length = {0};
	struct ims_str rest = bytes, line;
	size_t total;
	int err = 0;

	if (bytes.n == 0)
		return more(bytes, out);
	if (take_keepalive(bytes, out))
		return 0;
	if (!looks_like_sip(bytes))
		return -IMS_E_SIP_FRAMING;
	/* A line may still get a fold: nothing is judged before the end. */
	do {
		if (!ims_sip_line_next(&rest, &line))
			return more(bytes, out);
		if (line.n && !err)
			err = note_length(line, &length);
	} while (line.n);
	if (err)
		return err;
	if (!length.known)
		return -IMS_E_SIP_FRAMING;
	total = bytes.n - rest.n + length.n;
	if (total > IMS_SIP_MAX_LEN)
		return -IMS_E_TOOBIG;
	if (total > bytes.n)
		return more(bytes, out);
	*out = (struct ims_sip_frame){IMS_SIP_FRAME_MSG,
				      {bytes.p, total},
				      total};
	return 0;
}
