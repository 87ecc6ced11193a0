/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_response.c - reason phrases, and the head of a response. */
#include "sip_addr.h"
#include "sip_build.h"
#include "sip_param.h"
#include "sip_scan.h"
#include "sip_via.h"

/* clang-format off */
static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
	{100, "Trying"}, {180, "Ringing"}, {181, "Call Is Being Forwarded"},
	{182, "Queued"}, {183, "Session Progress"}, {200, "OK"},
	{202, "Accepted"}, {300, "Multiple Choices"},
	{301, "Moved Permanently"}, {302, "Moved Temporarily"},
	{305, "Use Proxy"}, {380, "Alternative Service"},
	{400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"},
	{404, "Not Found"}, {405, "Method Not Allowed"},
	{406, "Not Acceptable"}, {407, "Proxy Authentication Required"},
	{408, "Request Timeout"}, {410, "Gone"},
	{413, "Request Entity Too Large"}, {414, "Request-URI Too Long"},
	{415, "Unsupported Media Type"}, {416, "Unsupported URI Scheme"},
	{420, "Bad Extension"}, {421, "Extension Required"},
	{423, "Interval Too Brief"}, {430, "Flow Failed"},
	{439, "First Hop Lacks Outbound Support"},
	{480, "Temporarily Unavailable"},
	{481, "Call/Transaction Does Not Exist"}, {482, "Loop Detected"},
	{483, "Too Many Hops"}, {484, "Address Incomplete"},
	{485, "Ambiguous"}, {486, "Busy Here"}, {487, "Request Terminated"},
	{488, "Not Acceptable Here"}, {489, "Bad Event"},
	{491, "Request Pending"}, {493, "Undecipherable"},
	{494, "Security Agreement Required"}, {500, "Server Internal Error"},
	{501, "Not Implemented"}, {502, "Bad Gateway"},
	{503, "Service Unavailable"}, {504, "Server Time-out"},
	{505, "Version Not Supported"}, {513, "Message Too Large"},
	{600, "Busy Everywhere"}, {603, "Decline"},
	{604, "Does Not Exist Anywhere"}, {606, "Not Acceptable"},
};
/* What a receiver takes a strange code for [RFC 3261 8.1.3.2]. */
static const char *const classes[] = {
	"", "Progress", "OK", "Redirection", "Request Failure",
	"Server Failure", "Global Failure",
};
/* clang-format on */

const char *ims_sip_reason(unsigned status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return status < 700 ? classes[status / 100] : "";
}

static bool came_from(const struct ims_sip_via *via, struct ims_ip source)
{
	struct ims_ip host;

	return ims_ip_parse(via->host, &host) == 0 && ims_ip_eq(host, source);
}

/* The parameters but received and rport, which the server fills: what the
 * client wrote there would be believed on the way back.
 */
static void put_via_params(struct ims_buf *b, const struct ims_sip_via *via,
			   struct ims_addr source, bool fill_rport)
{
	struct ims_str list = via->params;
	struct ims_sip_param p;

	while (ims_sip_param_next(&list, &p)) {
		if (IMS_SIP_IS_WORD(p.name, "received"))
			continue;
		ims_buf_putc(b, ';');
		ims_sip_put_text(b, p.name);
		if (IMS_SIP_IS_WORD(p.name, "rport") && fill_rport) {
			ims_buf_putc(b, '=');
			ims_buf_u64(b, source.port);
		} else if (p.has_value) {
			ims_buf_putc(b, '=');
			ims_sip_put_text(b, p.value);
		}
	}
	/* With rport also if the address is the same [RFC 3581 4]. */
	if ((via->has_rport && fill_rport) || !came_from(via, source.ip)) {
		ims_buf_puts(b, ";received=");
		ims_ip_put(b, source.ip);
	}
}

/* The first Via line: its first value completed, the others as they stood. */
static void put_top_via(struct ims_buf *b, const struct ims_sip_hdr *h,
			struct ims_addr source, bool fill_rport)
{
	struct ims_str rest = h->value, value, sent_by;
	struct ims_sip_via via;

	if (source.ip.family == 0 || !ims_sip_comma_next(&rest, &value) ||
	    ims_sip_via_parse(value, &via)) {
		ims_sip_put_named(b, h->name, h->value);
		return;
	}
	sent_by = ims_str_n(value.p, value.n - via.params.n);
	ims_buf_put(b, h->name);
	ims_buf_puts(b, ": ");
	ims_sip_put_text(b, ims_str_trim(sent_by));
	put_via_params(b, &via, source, fill_rport);
	ims_sip_put_text(b, rest);
	ims_buf_puts(b, "\r\n");
}

static void put_first(struct ims_buf *b, const struct ims_sip_msg *req,
		      enum ims_sip_hdr_id id)
{
	if (ims_sip_has(req, id))
		ims_sip_put(b, id, ims_sip_get(req, id));
}

static void put_to(struct ims_buf *b, const struct ims_sip_msg *req,
		   struct ims_str tag)
{
	struct ims_str value = ims_sip_get(req, IMS_SIP_TO);
	struct ims_sip_addr to;

	if (!ims_sip_has(req, IMS_SIP_TO))
		return;
	ims_buf_puts(b, "To: ");
	ims_sip_put_text(b, value);
	if (tag.n && ims_sip_addr_parse(value, &to) == 0 &&
	    ims_sip_tag(req, IMS_SIP_TO).n == 0) {
		ims_buf_puts(b, ";tag=");
		ims_sip_put_text(b, tag);
	}
	ims_buf_puts(b, "\r\n");
}

void ims_sip_put_response(struct ims_buf *b, const struct ims_sip_msg *req,
			  unsigned status, struct ims_str to_tag,
			  struct ims_addr source, bool fill_rport)
{
	bool top = true;

	ims_sip_put_status(b, status, ims_str(ims_sip_reason(status)));
	for (size_t i = 0; i < req->n_hdrs; i++) {
		const struct ims_sip_hdr *h = &req->hdr[i];

		if (h->id != IMS_SIP_VIA)
			continue;
		if (top)
			put_top_via(b, h, source, fill_rport);
		else
			ims_sip_put_named(b, h->name, h->value);
		top = false;
	}
	put_first(b, req, IMS_SIP_FROM);
	put_to(b, req, to_tag);
	put_first(b, req, IMS_SIP_CALL_ID);
	put_first(b, req, IMS_SIP_CSEQ);
}
