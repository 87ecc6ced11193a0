/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_msg.c - from bytes to a message.
 *
 * First everything is split (start line, header lines), so that a refused
 * message can still be answered; then what every message must have is
 * checked.
 */
#include "sip_msg.h"

#include "sip_addr.h"
#include "sip_scan.h"
#include "sip_via.h"

/* What is wrong, where, and what an answer would say. */
struct wrong {
	int err;
	unsigned status;
	const char *rule;
	struct ims_str where;
};

static int wrong(struct wrong *w, const char *rule, struct ims_str where)
{
	*w = (struct wrong){-IMS_E_SIP, 400, rule, where};
	return w->err;
}

/* clang-format off */
static const struct ims_str methods[] = {
	[IMS_SIP_METHOD_OTHER] = IMS_S_INIT(""),
	[IMS_SIP_REGISTER] = IMS_S_INIT("REGISTER"),
	[IMS_SIP_SUBSCRIBE] = IMS_S_INIT("SUBSCRIBE"),
	[IMS_SIP_NOTIFY] = IMS_S_INIT("NOTIFY"),
	[IMS_SIP_INVITE] = IMS_S_INIT("INVITE"),
	[IMS_SIP_ACK] = IMS_S_INIT("ACK"),
	[IMS_SIP_BYE] = IMS_S_INIT("BYE"),
	[IMS_SIP_CANCEL] = IMS_S_INIT("CANCEL"),
	[IMS_SIP_OPTIONS] = IMS_S_INIT("OPTIONS"),
	[IMS_SIP_PRACK] = IMS_S_INIT("PRACK"),
	[IMS_SIP_UPDATE] = IMS_S_INIT("UPDATE"),
	[IMS_SIP_INFO] = IMS_S_INIT("INFO"),
	[IMS_SIP_REFER] = IMS_S_INIT("REFER"),
	[IMS_SIP_MESSAGE] = IMS_S_INIT("MESSAGE"),
	[IMS_SIP_PUBLISH] = IMS_S_INIT("PUBLISH"),
};
/* clang-format on */
#define N_METHODS (sizeof methods / sizeof *methods)

enum ims_sip_method ims_sip_method_find(struct ims_str s)
{
	for (size_t i = 1; i < N_METHODS; i++)
		if (ims_str_eq(s, methods[i]))
			return (enum ims_sip_method)i;
	return IMS_SIP_METHOD_OTHER;
}

const char *ims_sip_method_name(enum ims_sip_method m)
{
	return m < N_METHODS ? methods[m].p : "";
}

/* "SIP/2.0": 0; another SIP version: -IMS_E_SIP_VERSION; else -IMS_E_SIP. */
static int check_version(struct ims_str s)
{
	static const struct ims_str ours = IMS_S_INIT("SIP/2.0");
	uint32_t n;
	size_t dot;

	if (ims_str_caseeq(s, ours))
		return 0;
	if (!ims_str_casestarts(s, IMS_S("SIP/")))
		return -IMS_E_SIP;
	s = ims_str_from(s, 4);
	dot = ims_str_find(s, '.');
	if (ims_str_u32(ims_str_n(s.p, dot), UINT32_MAX, &n) ||
	    ims_str_u32(ims_str_from(s, dot + 1), UINT32_MAX, &n))
		return -IMS_E_SIP;
	return -IMS_E_SIP_VERSION;
}

static int wrong_version(struct wrong *w, int err, struct ims_str version)
{
	*w = (struct wrong){err, err == -IMS_E_SIP ? 400 : 505,
			    "version is not SIP/2.0", version};
	return err;
}

/* SIP/2.0 200 OK */
static int take_status(struct ims_str line, struct ims_sip_msg *m,
		       struct wrong *w)
{
	struct ims_sip_scan s = ims_sip_scan(line);
	struct ims_str version = ims_sip_scan_run(&s, IMS_SIP_C_URI);
	struct ims_str code;
	uint32_t status;
	int err;

	ims_sip_scan_ws(&s);
	code = ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	m->reason = ims_str_trim(ims_sip_scan_rest(&s));
	if (code.n != 3 || ims_str_u32(code, 699, &status) || status < 100)
		return wrong(w, "status code is not 100 to 699", line);
	m->status = status;
	err = check_version(version);
	return err ? wrong_version(w, err, version) : 0;
}

/* REGISTER sip:example.com SIP/2.0: the three parts hold no white space, so
 * one blank too many cannot be misread [RFC 4475 3.1.2.9].
 */
static int take_request(struct ims_str line, struct ims_sip_msg *m,
			struct wrong *w)
{
	struct ims_sip_scan s = ims_sip_scan(line);
	struct ims_sip_uri uri;
	struct ims_str version;
	int err;

	m->request = true;
	m->method_text = ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	if (m->method_text.n == 0 || !ims_sip_scan_at(&s, ' '))
		return wrong(w, "no method", line);
	m->method = ims_sip_method_find(m->method_text);
	ims_sip_scan_ws(&s);
	m->uri = ims_sip_scan_run(&s, IMS_SIP_C_URI);
	ims_sip_scan_ws(&s);
	version = ims_sip_scan_run(&s, IMS_SIP_C_URI);
	ims_sip_scan_ws(&s);
	if (s.p != s.end || version.n == 0)
		return wrong(w, "not METHOD URI SIP/2.0", line);
	if (ims_sip_uri_parse(m->uri, &uri))
		return wrong(w, "Request-URI is no URI", m->uri);
	err = check_version(version);
	return err ? wrong_version(w, err, version) : 0;
}

static int take_start(struct ims_str line, struct ims_sip_msg *m,
		      struct wrong *w)
{
	if (ims_str_casestarts(line, IMS_S("SIP/")))
		return take_status(line, m, w);
	return take_request(line, m, w);
}

/* A CR that ends no line is a line end for some and not for others. */
static bool stray_cr(struct ims_str line)
{
	struct ims_str rest = line;

	for (;;) {
		rest = ims_str_from(rest, ims_str_find(rest, '\r'));
		if (rest.n == 0)
			return false;
		if (rest.n == 1 || rest.p[1] != '\n')
			return true;
		rest = ims_str_from(rest, 1);
	}
}

/* Zero bytes stand in quoted pairs only [RFC 3261 25.1]. */
static bool stray_zero(struct ims_str head)
{
	struct ims_str rest = head;

	for (;;) {
		size_t at = ims_str_find(rest, 0);

		if (at == rest.n)
			return false;
		if (at == 0 || rest.p[at - 1] != '\\')
			return true;
		rest = ims_str_from(rest, at + 1);
	}
}

static int put_header(struct ims_str line, struct ims_sip_msg *m,
		      struct wrong *w)
{
	struct ims_sip_hdr *h = &m->hdr[m->n_hdrs];

	if (m->n_hdrs == IMS_SIP_MAX_HDRS) {
		wrong(w, "too many headers", line);
		w->err = -IMS_E_TOOBIG;
		w->status = 513;
		return w->err;
	}
	if (!ims_sip_line_split(line, &h->name, &h->value))
		return wrong(w, "not a header line", line);
	h->id = ims_sip_hdr_find(h->name);
	m->n_hdrs++;
	if (h->id == IMS_SIP_OTHER)
		return 0;
	if (m->first[h->id] == 0)
		m->first[h->id] = (uint8_t)m->n_hdrs;
	else if (ims_sip_hdr_kind(h->id) == IMS_SIP_ONE)
		return wrong(w, "a header that may stand there once", line);
	return 0;
}

/* All header lines up to the empty one; the first fault is kept, and the rest
 * still read, because the answer needs it.
 */
static int take_headers(struct ims_str *rest, struct ims_sip_msg *m,
			struct wrong *w)
{
	struct ims_str line, head = *rest;
	struct wrong now;

	if (!w->err && rest->n && (rest->p[0] == ' ' || rest->p[0] == '\t'))
		wrong(w, "the first header is a fold", *rest);
	while (ims_sip_line_next(rest, &line)) {
		if (line.n == 0) {
			head.n -= rest->n;
			if (stray_zero(head) && !w->err)
				wrong(w, "a zero byte", head);
			return w->err;
		}
		if (put_header(line, m, &now) && !w->err)
			*w = now;
		if (memchr(line.p, '\r', line.n) && stray_cr(line) && !w->err)
			wrong(w, "CR without LF", line);
	}
	return w->err ? w->err : wrong(w, "no empty line", (struct ims_str){0});
}

static int check_cseq(struct ims_sip_msg *m, struct wrong *w)
{
	struct ims_str value = ims_sip_get(m, IMS_SIP_CSEQ);
	struct ims_sip_scan s = ims_sip_scan(value);
	struct ims_str number = ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	struct ims_str method;

	ims_sip_scan_ws(&s);
	method = ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	if (ims_sip_u32(number, UINT32_MAX, &m->cseq) || method.n == 0 ||
	    s.p != s.end)
		return wrong(w, "CSeq is not a 32-bit number and a method",
			     value);
	if (!m->request) {
		m->method_text = method;
		m->method = ims_sip_method_find(method);
		return 0;
	}
	if (ims_str_eq(method, m->method_text))
		return 0;
	wrong(w, "CSeq names another method", value);
	if (m->method == IMS_SIP_METHOD_OTHER)
		w->status = 501; /* [RFC 4475 3.1.2.18] */
	return w->err;
}

static int check_call_id(struct ims_sip_msg *m, struct wrong *w)
{
	m->call_id = ims_sip_get(m, IMS_SIP_CALL_ID);
	if (m->call_id.n == 0)
		return wrong(w, "Call-ID is empty", m->call_id);
	for (size_t i = 0; i < m->call_id.n; i++)
		if (ims_sip_in(m->call_id.p[i], IMS_SIP_C_WS))
			return wrong(w, "Call-ID is two words", m->call_id);
	return 0;
}

static int check_address(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
			 struct wrong *w)
{
	struct ims_str value = ims_sip_get(m, id);
	struct ims_sip_addr a;

	if (ims_sip_addr_parse(value, &a) || a.star)
		return wrong(w,
			     id == IMS_SIP_FROM ? "From is no address"
						: "To is no address",
			     value);
	return 0;
}

static int check_vias(const struct ims_sip_msg *m, struct wrong *w)
{
	struct ims_sip_walk walk = ims_sip_walk(m, IMS_SIP_VIA);
	struct ims_str value = {0};
	struct ims_sip_via via;
	int n = 0;

	for (; ims_sip_walk_next(&walk, &value); n++)
		if (ims_sip_via_parse(value, &via))
			return wrong(w, "Via is not well-formed", value);
	return n ? 0 : wrong(w, "Via is empty", value);
}

/* What must stand in every message, and be right [RFC 3261 8.1.1]. */
static int check_mandatory(struct ims_sip_msg *m, struct wrong *w)
{
	static const uint8_t ids[] = {IMS_SIP_VIA, IMS_SIP_FROM, IMS_SIP_TO,
				      IMS_SIP_CALL_ID, IMS_SIP_CSEQ};

	for (size_t i = 0; i < sizeof ids; i++)
		if (!ims_sip_has(m, ids[i]))
			return wrong(w, "mandatory header missing",
				     ims_str(ims_sip_hdr_name(ids[i])));
	if (check_cseq(m, w) || check_call_id(m, w) ||
	    check_address(m, IMS_SIP_FROM, w) ||
	    check_address(m, IMS_SIP_TO, w) || check_vias(m, w))
		return w->err;
	return 0;
}

/* Quotes that do not end hide the commas and the parameters behind them. */
static int check_quotes(const struct ims_sip_msg *m, struct wrong *w)
{
	for (size_t i = 0; i < m->n_hdrs; i++) {
		const struct ims_sip_hdr *h = &m->hdr[i];

		if (h->id != IMS_SIP_OTHER &&
		    ims_sip_hdr_kind(h->id) == IMS_SIP_LIST &&
		    memchr(h->value.p, '"', h->value.n) &&
		    !ims_sip_balanced(h->value))
			return wrong(w, "unbalanced quotes", h->value);
	}
	return 0;
}

/* Content-Length, or to the end of the datagram [RFC 3261 18.3]. */
static int take_body(struct ims_str rest, struct ims_sip_msg *m,
		     struct wrong *w)
{
	struct ims_str value = ims_sip_get(m, IMS_SIP_CONTENT_LENGTH);
	uint32_t n = (uint32_t)rest.n;

	if (ims_sip_has(m, IMS_SIP_CONTENT_LENGTH) &&
	    ims_str_u32(value, UINT32_MAX, &n))
		return wrong(w, "Content-Length is no number", value);
	if (n > rest.n)
		return wrong(w, "Content-Length is more than there is", value);
	m->body = ims_str_n(rest.p, n);
	m->raw.n -= rest.n - n;
	return 0;
}

/* No answer is possible to a response, to an ACK, and to what does not say
 * where it came from.
 */
static unsigned answer(const struct ims_sip_msg *m, unsigned status)
{
	if (!m->request || m->method == IMS_SIP_ACK ||
	    !ims_sip_has(m, IMS_SIP_VIA) || !ims_sip_has(m, IMS_SIP_FROM) ||
	    !ims_sip_has(m, IMS_SIP_TO) || !ims_sip_has(m, IMS_SIP_CALL_ID) ||
	    !ims_sip_has(m, IMS_SIP_CSEQ))
		return 0;
	return status;
}

static int refuse(const struct ims_sip_msg *m, const struct wrong *w,
		  struct ims_sip_flaw *why)
{
	int n = (int)(w->where.n < 100 ? w->where.n : 100);

	if (why) {
		why->status = answer(m, w->status);
		ims_flaw(&why->flaw, w->err, "%s: %.*s", w->rule, n,
			 w->where.n ? w->where.p : "");
	}
	return w->err;
}

/* What is no SIP at all: keep-alives, STUN [RFC 5389 6], SigComp [RFC 3320 7].
 */
static int check_first_byte(struct ims_str rest, struct wrong *w)
{
	if (rest.n == 0)
		return wrong(w, "nothing but line ends", rest);
	if ((unsigned char)rest.p[0] >= 0xf8)
		return wrong(w, "SigComp, not decoded", (struct ims_str){0});
	if (!ims_sip_in(rest.p[0], IMS_SIP_C_TOKEN))
		return wrong(w, "not SIP", rest);
	return 0;
}

static void start(struct ims_sip_msg *m, struct ims_str bytes)
{
	m->raw = bytes;
	m->request = false;
	m->method = IMS_SIP_METHOD_OTHER;
	m->method_text = m->uri = m->reason = m->call_id = m->body =
		(struct ims_str){0};
	m->status = 0;
	m->cseq = 0;
	m->n_hdrs = 0;
	memset(m->first, 0, sizeof m->first);
}

int ims_sip_msg_parse(struct ims_str bytes, struct ims_sip_msg *out,
		      struct ims_sip_flaw *why)
{
	struct wrong w = {0};
	struct ims_str rest = bytes, line;

	start(out, bytes);
	while (rest.n && (rest.p[0] == '\r' || rest.p[0] == '\n'))
		rest = ims_str_from(rest, 1);
	out->raw = rest;
	if (check_first_byte(rest, &w))
		return refuse(out, &w, why);
	/* The start line does not fold. */
	line = ims_str_n(rest.p, ims_str_find(rest, '\n'));
	rest = ims_str_from(rest, line.n + 1);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	take_start(line, out, &w);
	if (take_headers(&rest, out, &w) || check_mandatory(out, &w) ||
	    check_quotes(out, &w) || take_body(rest, out, &w))
		return refuse(out, &w, why);
	if (bytes.n > IMS_SIP_MAX_LEN) {
		w = (struct wrong){-IMS_E_TOOBIG, 513, "too long", {0}};
		return refuse(out, &w, why);
	}
	return 0;
}

bool ims_sip_has(const struct ims_sip_msg *m, enum ims_sip_hdr_id id)
{
	return m->first[id] != 0;
}

struct ims_str ims_sip_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id)
{
	if (m->first[id] == 0)
		return (struct ims_str){0};
	return m->hdr[m->first[id] - 1].value;
}
