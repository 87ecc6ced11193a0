/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_secrets.c - keys and ports out of a capture file. */
#include "cap_secrets.h"

#include "base_addr.h"
#include "base_hex.h"
#include "base_mem.h"
#include "cap_pcapng.h"
#include "ipsec_alg.h"

enum column { PROTO, SRC, DST, SPI, ENC, ENC_KEY, AUTH, AUTH_KEY, N_COLUMNS };

/* "..." from the front of *s; what is between the quotes. */
static bool quoted(struct ims_str *s, struct ims_str *out)
{
	struct ims_str rest = ims_str_from(*s, 1);

	if (!s->n || *s->p != '"')
		return false;
	out->p = rest.p;
	out->n = ims_str_find(rest, '"');
	if (out->n == rest.n)
		return false;
	*s = ims_str_from(rest, out->n + 1);
	if (s->n && *s->p == ',')
		*s = ims_str_from(*s, 1);
	return true;
}

/* 0x and hex digits only, a whole number of bytes; or nothing. */
static bool is_key(struct ims_str s)
{
	uint8_t key[64];
	int n;

	if (!s.n)
		return true;
	for (size_t i = 2; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == ':')
			return false;
	n = ims_hex_get(s, key, sizeof key);
	ims_wipe(key, sizeof key);
	return ims_str_starts(s, IMS_S("0x")) && n > 0;
}

static bool is_enc(struct ims_str s)
{
	for (int i = 0; i < IMS_N_EALGS; i++) {
		const char *name =
			ims_ipsec_ealg((enum ims_ipsec_ealg)i)->wireshark;

		if (name && ims_str_eq(s, ims_str(name)))
			return true;
	}
	return false;
}

static bool is_auth(struct ims_str s)
{
	for (int i = 0; i < IMS_N_ALGS; i++) {
		const char *name =
			ims_ipsec_alg((enum ims_ipsec_alg)i)->wireshark;

		if (name && ims_str_eq(s, ims_str(name)))
			return true;
	}
	return false;
}

static bool is_ip(struct ims_str s, struct ims_str proto)
{
	bool v4 = ims_str_eq(proto, IMS_S("IPv4"));
	struct ims_ip ip;

	if (!v4 && !ims_str_eq(proto, IMS_S("IPv6")))
		return false;
	return !ims_ip_parse(s, &ip) && ip.family == (v4 ? 4 : 6);
}

static bool is_spi(struct ims_str s)
{
	uint8_t spi[4];

	return s.n == 10 && ims_str_starts(s, IMS_S("0x")) &&
	       !ims_hex_get_n(s, spi, 4);
}

static bool good(const struct ims_str f[static N_COLUMNS])
{
	return is_ip(f[SRC], f[PROTO]) && is_ip(f[DST], f[PROTO]) &&
	       is_spi(f[SPI]) && is_enc(f[ENC]) && is_key(f[ENC_KEY]) &&
	       is_auth(f[AUTH]) && is_key(f[AUTH_KEY]);
}

static bool line(struct ims_str s, struct ims_buf *out)
{
	struct ims_str f[N_COLUMNS];

	for (int i = 0; i < N_COLUMNS; i++)
		if (!quoted(&s, &f[i]))
			return false;
	if (!good(f))
		return false;
	for (int i = 0; i < N_COLUMNS; i++) {
		ims_buf_puts(out, i ? ",\"" : "\"");
		ims_buf_put(out, f[i]);
		ims_buf_putc(out, '"');
	}
	ims_buf_putc(out, '\n');
	return true;
}

size_t ims_cap_secrets_esp_sa(struct ims_str text, struct ims_buf *out)
{
	size_t n = 0;

	while (text.n) {
		size_t len = ims_str_find(text, '\n');

		n += line(ims_str_n(text.p, len), out);
		text = ims_str_from(text, len + 1);
	}
	return n;
}

size_t ims_cap_secrets_ports(struct ims_str comment, uint16_t *port, size_t max)
{
	size_t n = 0;

	if (!ims_str_starts(comment, IMS_S(IMS_CAP_PORTS)))
		return 0;
	comment = ims_str_from(comment, sizeof IMS_CAP_PORTS - 1);
	while (n < max && comment.n) {
		struct ims_str word;
		uint32_t v;

		comment = ims_str_trim(comment);
		word = ims_str_n(comment.p, ims_str_find(comment, ' '));
		comment = ims_str_from(comment, word.n);
		if (ims_str_u32(word, UINT16_MAX, &v))
			return n;
		port[n++] = (uint16_t)v;
	}
	return n;
}
