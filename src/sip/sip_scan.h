/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_scan.h - the small pieces that all headers are made of: characters,
 * white space, tokens, quoted strings, hosts, lines.  For the files of this
 * module.  Spec: RFC 3261 25.1.
 */
#ifndef IMS_SIP_SCAN_H
#define IMS_SIP_SCAN_H

#include <string.h>

#include "base_str.h"

/* Classes of characters, one bit each; "visible" is everything but controls,
 * SP and DEL, so it takes UTF-8.
 */
enum {
	IMS_SIP_C_TOKEN = 0x01, /* token */
	IMS_SIP_C_WS = 0x02,    /* SP HT CR LF: white space with folds */
	IMS_SIP_C_NAME = 0x04,  /* visible, but ; , = and quote */
	IMS_SIP_C_VALUE = 0x08, /* visible, but ; , and quote */
	IMS_SIP_C_CRED = 0x10,  /* visible, but , and quote */
	IMS_SIP_C_HOST = 0x20,  /* letters, digits, - . _ */
	IMS_SIP_C_URI = 0x40,   /* visible, but < > backslash and quote */
	IMS_SIP_C_IP6 = 0x80,   /* hex digits, : . */
};
extern const uint8_t ims_sip_chars[256];

/* A text that is being read: what is left of it. */
struct ims_sip_scan {
	const char *p, *end;
};

static inline struct ims_sip_scan ims_sip_scan(struct ims_str text)
{
	const char *p = text.n ? text.p : "";

	return (struct ims_sip_scan){p, p + text.n};
}

static inline struct ims_str ims_sip_scan_rest(const struct ims_sip_scan *s)
{
	return (struct ims_str){s->p, (size_t)(s->end - s->p)};
}

static inline bool ims_sip_scan_at(const struct ims_sip_scan *s, char c)
{
	return s->p < s->end && *s->p == c;
}

static inline bool ims_sip_in(char c, unsigned class)
{
	return (ims_sip_chars[(unsigned char)c] & class) != 0;
}

static inline struct ims_str ims_sip_scan_cut(struct ims_sip_scan *s,
					      const char *to)
{
	const char *from = s->p;

	s->p = to;
	return (struct ims_str){from, (size_t)(to - from)};
}

/* Takes all characters of that class; none gives an empty slice.  Four at a
 * time: half of all reading is this loop.
 */
static inline struct ims_str ims_sip_scan_run(struct ims_sip_scan *s,
					      unsigned class)
{
	const char *p = s->p;

	for (; s->end - p >= 4; p += 4) {
		if (!ims_sip_in(p[0], class))
			return ims_sip_scan_cut(s, p);
		if (!ims_sip_in(p[1], class))
			return ims_sip_scan_cut(s, p + 1);
		if (!ims_sip_in(p[2], class))
			return ims_sip_scan_cut(s, p + 2);
		if (!ims_sip_in(p[3], class))
			return ims_sip_scan_cut(s, p + 3);
	}
	while (p < s->end && ims_sip_in(*p, class))
		p++;
	return ims_sip_scan_cut(s, p);
}

static inline void ims_sip_scan_ws(struct ims_sip_scan *s)
{
	while (s->p < s->end && ims_sip_in(*s->p, IMS_SIP_C_WS))
		s->p++;
}

/* ims_str_trim(), at hand. */
static inline struct ims_str ims_sip_trim(struct ims_str s)
{
	while (s.n && ims_sip_in(s.p[s.n - 1], IMS_SIP_C_WS))
		s.n--;
	while (s.n && ims_sip_in(*s.p, IMS_SIP_C_WS)) {
		s.p++;
		s.n--;
	}
	return s;
}

/* Takes c with the white space round it; false if it is not there (then only
 * the white space before it is gone).
 */
static inline bool ims_sip_scan_eat(struct ims_sip_scan *s, char c)
{
	ims_sip_scan_ws(s);
	if (!ims_sip_scan_at(s, c))
		return false;
	s->p++;
	ims_sip_scan_ws(s);
	return true;
}

#define IMS_SIP_NO_CASE UINT64_C(0xdfdfdfdfdfdfdfdf)

/* Is s this word, in any case?  Exact for an s without control characters and
 * a word of letters, digits, and -_.+ ; cheaper than a full comparison where
 * names are looked up by the dozen.
 */
static inline bool ims_sip_is_word(struct ims_str s, const char *word, size_t n)
{
	uint64_t a = 0, b = 0;

	if (s.n != n)
		return false;
	for (; n > 8; n -= 8, s.p += 8, word += 8) {
		memcpy(&a, s.p, 8);
		memcpy(&b, word, 8);
		if ((a ^ b) & IMS_SIP_NO_CASE)
			return false;
	}
	a = b = 0;
	memcpy(&a, s.p, n);
	memcpy(&b, word, n);
	return ((a ^ b) & IMS_SIP_NO_CASE) == 0;
}
#define IMS_SIP_IS_WORD(s, lit) ims_sip_is_word(s, lit, sizeof(lit) - 1)

/* A decimal number, the whole of s: as ims_str_u32(), for the many short ones
 * of the Security headers.  Returns 0, -IMS_E_SYNTAX or -IMS_E_RANGE.
 */
int ims_sip_u32(struct ims_str s, uint32_t max, uint32_t *out);
/* Takes a quoted string with its quotes; s must stand at the first.  False if
 * it does not end, and s has not moved.
 */
bool ims_sip_scan_quoted(struct ims_sip_scan *s, struct ims_str *out);
/* Does every quoted string in the text end? */
bool ims_sip_balanced(struct ims_str text);
/* Takes a host name or address; IPv6 comes without its brackets. */
bool ims_sip_scan_host(struct ims_sip_scan *s, struct ims_str *host);

/* Takes the next line with its folds, without its CRLF (or bare LF).  False
 * if the rest has no line end.  A line of length 0 ends the header.
 */
bool ims_sip_line_next(struct ims_str *rest, struct ims_str *line);
/* "Name : value" in two, the value trimmed.  False if it is no header. */
bool ims_sip_line_split(struct ims_str line, struct ims_str *name,
			struct ims_str *value);

#endif
