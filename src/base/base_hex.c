/* SPDX-License-Identifier: BSD-2-Clause */
/* base_hex.c - hexadecimal and base64. */
#include "base_hex.h"

#include <limits.h>

#include "base_err.h"

void ims_hex_put(struct ims_buf *b, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++) {
		ims_buf_putc(b, digits[p[i] >> 4]);
		ims_buf_putc(b, digits[p[i] & 15]);
	}
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool gap(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':';
}

static struct ims_str without_0x(struct ims_str s)
{
	s = ims_str_trim(s);
	return ims_str_casestarts(s, IMS_S("0x")) ? ims_str_from(s, 2) : s;
}

/* Counts the digits, so that nothing is written unless all is well. */
static int count(struct ims_str s, size_t *digits)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (gap(s.p[i]))
			continue;
		if (digit(s.p[i]) < 0)
			return -IMS_E_SYNTAX;
		n++;
	}
	*digits = n;
	return 0;
}

static void decode(struct ims_str s, uint8_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (gap(s.p[i]))
			continue;
		if (n % 2 == 0)
			out[n / 2] = (uint8_t)((unsigned)digit(s.p[i]) << 4);
		else
			out[n / 2] |= (uint8_t)digit(s.p[i]);
		n++;
	}
}

int ims_hex_get(struct ims_str s, uint8_t *out, size_t cap)
{
	size_t digits;

	s = without_0x(s);
	if (count(s, &digits) || digits % 2)
		return -IMS_E_SYNTAX;
	if (digits / 2 > cap || digits / 2 > INT_MAX)
		return -IMS_E_RANGE;
	decode(s, out);
	return (int)(digits / 2);
}

int ims_hex_get_n(struct ims_str s, uint8_t *out, size_t n)
{
	size_t digits;

	s = without_0x(s);
	if (count(s, &digits))
		return -IMS_E_SYNTAX;
	if (digits % 2 || digits / 2 != n)
		return -IMS_E_LENGTH;
	decode(s, out);
	return 0;
}

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			  "abcdefghijklmnopqrstuvwxyz0123456789+/";

void ims_b64_put(struct ims_buf *b, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16;

		if (left > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		ims_buf_putc(b, b64[v >> 18]);
		ims_buf_putc(b, b64[v >> 12 & 63]);
		ims_buf_putc(b, (char)(left > 1 ? b64[v >> 6 & 63] : '='));
		ims_buf_putc(b, (char)(left > 2 ? b64[v & 63] : '='));
	}
}

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Takes the padding off; false if there is more of it than can be meant. */
static bool unpad(struct ims_str *s)
{
	size_t pads = 0;

	while (s->n && s->p[s->n - 1] == '=') {
		s->n--;
		pads++;
	}
	return s->n % 4 != 1 && (pads == 0 || pads + s->n % 4 <= 4) &&
	       !(pads && s->n % 4 == 0);
}

int ims_b64_get(struct ims_str s, uint8_t *out, size_t cap)
{
	uint32_t v = 0;
	size_t n, at = 0;

	if (!unpad(&s))
		return -IMS_E_SYNTAX;
	for (size_t i = 0; i < s.n; i++)
		if (sextet(s.p[i]) < 0)
			return -IMS_E_SYNTAX;
	n = s.n / 4 * 3 + (s.n % 4 ? s.n % 4 - 1 : 0);
	if (n > cap || n > INT_MAX)
		return -IMS_E_RANGE;
	for (size_t i = 0; i < s.n; i++) {
		v = v << 6 | (uint32_t)sextet(s.p[i]);
		if (i % 4) /* 6 bits more than a byte, then 4, then 2 */
			out[at++] = (uint8_t)(v >> (6 - i % 4 * 2));
	}
	return (int)n;
}
