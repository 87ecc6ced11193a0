/* SPDX-License-Identifier: BSD-2-Clause */
/* base_addr.c - addresses: text, bytes, compare. */
#include "base_addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base_err.h"

const char *ims_transport_name(enum ims_transport t)
{
	return t == IMS_TCP ? "TCP" : "UDP";
}

struct ims_ip ims_ip_from(const void *bytes, size_t n)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	const uint8_t *p = bytes;
	struct ims_ip ip = {0};

	if (n == 16 && memcmp(p, mapped, sizeof mapped) == 0) {
		p += sizeof mapped;
		n = 4;
	}
	if (n == 4 || n == 16) {
		ip.family = n == 4 ? 4 : 6;
		memcpy(ip.b, p, n);
	}
	return ip;
}

size_t ims_ip_len(struct ims_ip ip)
{
	if (ip.family == 4)
		return 4;
	return ip.family == 6 ? 16 : 0;
}

static bool bracketed(struct ims_str s)
{
	return s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']';
}

int ims_ip_parse(struct ims_str s, struct ims_ip *out)
{
	bool v6 = ims_str_find(s, ':') != s.n;
	char text[INET6_ADDRSTRLEN];
	uint8_t b[16];

	if (bracketed(s)) {
		if (!v6)
			return -IMS_E_SYNTAX;
		s = (struct ims_str){s.p + 1, s.n - 2};
	}
	if (!ims_str_copy(text, sizeof text, s) ||
	    inet_pton(v6 ? AF_INET6 : AF_INET, text, b) != 1)
		return -IMS_E_SYNTAX;
	*out = ims_ip_from(b, v6 ? 16 : 4);
	return 0;
}

/* Where the colon before the port stands; s.n if there is no port. */
static size_t port_colon(struct ims_str s)
{
	size_t first = ims_str_find(s, ':');
	size_t close = ims_str_find(s, ']');

	if (s.n && s.p[0] == '[')
		return close < s.n ? close + 1 : s.n;
	if (first < s.n &&
	    ims_str_find(ims_str_from(s, first + 1), ':') != s.n - first - 1)
		return s.n; /* two colons and no bracket: bare IPv6 */
	return first;
}

int ims_addr_parse(struct ims_str s, uint16_t default_port,
		   struct ims_addr *out)
{
	size_t colon = port_colon(s);
	struct ims_addr a = {.port = default_port};
	uint32_t port;
	int err;

	if (colon < s.n) {
		if (s.p[colon] != ':')
			return -IMS_E_SYNTAX;
		err = ims_str_u32(ims_str_from(s, colon + 1), UINT16_MAX,
				  &port);
		if (err)
			return err;
		a.port = (uint16_t)port;
	}
	err = ims_ip_parse((struct ims_str){s.p, colon}, &a.ip);
	if (err)
		return err;
	*out = a;
	return 0;
}

bool ims_ip_eq(struct ims_ip a, struct ims_ip b)
{
	return a.family == b.family && memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool ims_addr_eq(struct ims_addr a, struct ims_addr b)
{
	return a.port == b.port && ims_ip_eq(a.ip, b.ip);
}

bool ims_ip_is_any(struct ims_ip ip)
{
	static const uint8_t zero[sizeof ip.b];

	return ip.family && memcmp(ip.b, zero, sizeof zero) == 0;
}

uint32_t ims_addr_hash(struct ims_addr a, uint32_t seed)
{
	uint8_t b[sizeof a.ip.b + 3];

	memcpy(b, a.ip.b, sizeof a.ip.b);
	b[sizeof a.ip.b] = a.ip.family;
	b[sizeof a.ip.b + 1] = (uint8_t)(a.port >> 8);
	b[sizeof a.ip.b + 2] = (uint8_t)(a.port & 0xff);
	return ims_str_hash(ims_str_n(b, sizeof b), seed);
}

static void put4(struct ims_buf *b, const uint8_t *p)
{
	ims_buf_printf(b, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
}

static unsigned group(const uint8_t *p, int i)
{
	return (unsigned)(p[i * 2] << 8 | p[i * 2 + 1]);
}

/* The longest run of two or more zero groups, the first of equals
 * [RFC 5952 4.2]; its length, 0 if there is none.
 */
static int zero_run(const uint8_t *p, int *start)
{
	int best = 1, at = 0;

	for (int i = 0, run = 0; i < 8; i++) {
		run = group(p, i) ? 0 : run + 1;
		if (run > best) {
			best = run;
			at = i - run + 1;
		}
	}
	*start = at;
	return best > 1 ? best : 0;
}

static void put6(struct ims_buf *b, const uint8_t *p)
{
	int start, run = zero_run(p, &start);

	for (int i = 0; i < 8; i++) {
		if (run && i == start) {
			ims_buf_puts(b, "::");
			i += run - 1;
			continue;
		}
		if (i && !(run && i == start + run))
			ims_buf_putc(b, ':');
		ims_buf_printf(b, "%x", group(p, i));
	}
}

void ims_ip_put(struct ims_buf *b, struct ims_ip ip)
{
	char text[INET6_ADDRSTRLEN];
	struct ims_buf t;

	ims_buf_init(&t, text, sizeof text);
	if (ip.family == 4)
		put4(&t, ip.b);
	else if (ip.family == 6)
		put6(&t, ip.b);
	else
		ims_buf_putc(&t, '-');
	ims_buf_put(b, ims_buf_str(&t));
}

void ims_ip_put_host(struct ims_buf *b, struct ims_ip ip)
{
	if (ip.family == 6)
		ims_buf_putc(b, '[');
	ims_ip_put(b, ip);
	if (ip.family == 6)
		ims_buf_putc(b, ']');
}

void ims_addr_put(struct ims_buf *b, struct ims_addr a)
{
	ims_ip_put_host(b, a.ip);
	ims_buf_putc(b, ':');
	ims_buf_u64(b, a.port);
}

const char *ims_addr_text(struct ims_addr a, char out[static IMS_ADDR_TEXT])
{
	struct ims_buf b;

	ims_buf_init(&b, out, IMS_ADDR_TEXT);
	ims_addr_put(&b, a);
	return ims_buf_cstr(&b);
}

const char *ims_ip_text(struct ims_ip ip, char out[static IMS_ADDR_TEXT])
{
	struct ims_buf b;

	ims_buf_init(&b, out, IMS_ADDR_TEXT);
	ims_ip_put(&b, ip);
	return ims_buf_cstr(&b);
}
