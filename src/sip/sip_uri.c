/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_uri.c - reads and compares URIs. */
#include "sip_uri.h"

#include "sip_scan.h"

/* Comparing parameters looks each one up in the other list; a URI with more
 * than that is no address of a phone.
 */
#define MAX_PARAMS 32

static int take_port(struct ims_sip_scan *s, uint16_t *port)
{
	uint32_t n;
	struct ims_str digits;

	if (!ims_sip_scan_at(s, ':'))
		return 0;
	s->p++;
	digits = ims_sip_scan_run(s, IMS_SIP_C_HOST);
	if (ims_sip_u32(digits, UINT16_MAX, &n) || n == 0)
		return -IMS_E_SYNTAX;
	*port = (uint16_t)n;
	return 0;
}

/* Takes what a URI may hold, up to end; false if it holds anything else. */
static bool take_to(struct ims_sip_scan *s, const char *end,
		    struct ims_str *out)
{
	struct ims_sip_scan part = {s->p, end};

	*out = ims_sip_scan_run(&part, IMS_SIP_C_URI);
	s->p = part.p;
	return part.p == end;
}

/* [;params][?headers] */
static int take_tail(struct ims_sip_scan *s, struct ims_sip_uri *u)
{
	struct ims_str tail;
	size_t n;

	if (s->p == s->end)
		return 0;
	if ((*s->p != ';' && *s->p != '?') || !take_to(s, s->end, &tail))
		return -IMS_E_SYNTAX;
	n = ims_str_find(tail, '?');
	if (n > 0)
		u->params = ims_str_n(tail.p, n);
	u->headers = ims_str_from(tail, n + 1);
	return 0;
}

/* After "sip:": [user@]host[:port][;params][?headers] */
static int take_sip(struct ims_sip_scan s, struct ims_sip_uri *u)
{
	const char *at = memchr(s.p, '@', (size_t)(s.end - s.p));

	if (at) {
		if (!take_to(&s, at, &u->user) || u->user.n == 0)
			return -IMS_E_SYNTAX;
		s.p++;
	}
	if (!ims_sip_scan_host(&s, &u->host) || take_port(&s, &u->port))
		return -IMS_E_SYNTAX;
	return take_tail(&s, u);
}

static int take_tel(struct ims_sip_scan s, struct ims_sip_uri *u)
{
	struct ims_str rest;
	size_t n;

	if (!take_to(&s, s.end, &rest))
		return -IMS_E_SYNTAX;
	n = ims_str_find(rest, ';');
	u->user = ims_str_n(rest.p, n);
	u->params = ims_str_from(rest, n);
	return n ? 0 : -IMS_E_SYNTAX;
}

static int take_other(struct ims_sip_scan s)
{
	struct ims_str rest;

	return take_to(&s, s.end, &rest) && rest.n ? 0 : -IMS_E_SYNTAX;
}

static enum ims_sip_scheme scheme_of(struct ims_str s)
{
	if (IMS_SIP_IS_WORD(s, "sip"))
		return IMS_SIP_URI_SIP;
	if (IMS_SIP_IS_WORD(s, "sips"))
		return IMS_SIP_URI_SIPS;
	return IMS_SIP_IS_WORD(s, "tel") ? IMS_SIP_URI_TEL : IMS_SIP_URI_OTHER;
}

int ims_sip_uri_parse(struct ims_str text, struct ims_sip_uri *out)
{
	struct ims_sip_scan s = ims_sip_scan(text);
	struct ims_sip_uri u = {.text = text};
	struct ims_str scheme;
	int err;

	scheme = ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	if (scheme.n == 0 || !ims_sip_scan_at(&s, ':'))
		return -IMS_E_SYNTAX;
	s.p++;
	u.scheme = scheme_of(scheme);
	if (u.scheme == IMS_SIP_URI_OTHER)
		err = take_other(s);
	else if (u.scheme == IMS_SIP_URI_TEL)
		err = take_tel(s, &u);
	else
		err = take_sip(s, &u);
	if (err == 0)
		*out = u;
	return err;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The next character with %xx undone.  An escaped reserved character is not
 * the same as a bare one [RFC 3261 19.1.4]: it gets a number of its own.
 */
static int next_char(struct ims_str *s)
{
	int c = (unsigned char)s->p[0];
	int hi = -1, lo = -1;

	if (c == '%' && s->n >= 3) {
		hi = hex_digit(s->p[1]);
		lo = hex_digit(s->p[2]);
	}
	if (hi < 0 || lo < 0) {
		*s = ims_str_from(*s, 1);
		return c;
	}
	*s = ims_str_from(*s, 3);
	c = hi << 4 | lo;
	return c && strchr(";/?:@&=+$,%", c) ? c + 256 : c;
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool text_eq(struct ims_str a, struct ims_str b, bool fold)
{
	while (a.n && b.n) {
		int x = next_char(&a), y = next_char(&b);

		if (x != y && !(fold && lower(x) == lower(y)))
			return false;
	}
	return a.n == 0 && b.n == 0;
}

/* Telephone numbers without their visual separators [RFC 3966 3]. */
static bool number_eq(struct ims_str a, struct ims_str b)
{
	for (;;) {
		while (a.n && strchr("-.()", a.p[0]) && a.p[0])
			a = ims_str_from(a, 1);
		while (b.n && strchr("-.()", b.p[0]) && b.p[0])
			b = ims_str_from(b, 1);
		if (a.n == 0 || b.n == 0)
			return a.n == b.n;
		if (lower(next_char(&a)) != lower(next_char(&b)))
			return false;
	}
}

static bool host_eq(struct ims_str a, struct ims_str b)
{
	struct ims_ip x, y;

	if (ims_ip_parse(a, &x) == 0 && ims_ip_parse(b, &y) == 0)
		return ims_ip_eq(x, y);
	return ims_str_caseeq(a, b);
}

/* Scheme, user, host and port: what both comparisons share. */
static bool core_eq(const struct ims_sip_uri *a, const struct ims_sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (a->scheme == IMS_SIP_URI_TEL)
		return number_eq(a->user, b->user);
	if (a->scheme == IMS_SIP_URI_OTHER)
		return ims_str_eq(a->text, b->text);
	return text_eq(a->user, b->user, false) && host_eq(a->host, b->host) &&
	       a->port == b->port;
}

bool ims_sip_uri_aor_eq(struct ims_str a, struct ims_str b)
{
	struct ims_sip_uri x, y;

	return ims_sip_uri_parse(a, &x) == 0 && ims_sip_uri_parse(b, &y) == 0 &&
	       core_eq(&x, &y);
}

/* May these not stand in one URI only?  transport is among them by the
 * examples of 19.1.4, though not by its text.
 */
static bool must_be_in_both(struct ims_str name)
{
	return IMS_SIP_IS_WORD(name, "user") || IMS_SIP_IS_WORD(name, "ttl") ||
	       IMS_SIP_IS_WORD(name, "method") ||
	       IMS_SIP_IS_WORD(name, "maddr") ||
	       IMS_SIP_IS_WORD(name, "transport");
}

static bool find_param(struct ims_str list, struct ims_str name,
		       struct ims_sip_param *out)
{
	while (ims_sip_param_next(&list, out))
		if (text_eq(out->name, name, true))
			return true;
	return false;
}

/* Does b agree with each of a's parameters? */
static bool params_agree(struct ims_str a, struct ims_str b)
{
	struct ims_sip_param mine, theirs;
	int n = 0;

	while (ims_sip_param_next(&a, &mine)) {
		if (++n > MAX_PARAMS)
			return false;
		if (find_param(b, mine.name, &theirs)) {
			if (!text_eq(mine.value, theirs.value, true))
				return false;
		} else if (must_be_in_both(mine.name)) {
			return false;
		}
	}
	return true;
}

bool ims_sip_uri_eq(struct ims_str a, struct ims_str b)
{
	struct ims_sip_uri x, y;

	if (ims_sip_uri_parse(a, &x) || ims_sip_uri_parse(b, &y))
		return false;
	if (ims_str_eq(a, b))
		return true;
	return core_eq(&x, &y) && params_agree(x.params, y.params) &&
	       params_agree(y.params, x.params) &&
	       text_eq(x.headers, y.headers, false);
}

int ims_sip_uri_addr(const struct ims_sip_uri *u, uint16_t default_port,
		     struct ims_addr *out)
{
	struct ims_ip ip;

	if (u->host.n == 0 || ims_ip_parse(u->host, &ip))
		return -IMS_E_SYNTAX;
	*out = (struct ims_addr){ip, u->port ? u->port : default_port};
	return 0;
}

int ims_sip_uri_transport(const struct ims_sip_uri *u, enum ims_transport *out)
{
	struct ims_sip_param p;

	if (!ims_sip_param_find(u->params, "transport", &p))
		return -IMS_E_NOTFOUND;
	if (IMS_SIP_IS_WORD(p.value, "udp"))
		*out = IMS_UDP;
	else if (IMS_SIP_IS_WORD(p.value, "tcp"))
		*out = IMS_TCP;
	else
		return -IMS_E_SYNTAX;
	return 0;
}
