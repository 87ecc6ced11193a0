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

/* Takes all characters of that class; none gives an empty slice. */
static inline struct ims_str ims_sip_scan_run(struct ims_sip_scan *s,
					      unsigned class)
{
	const char *start = s->p, *p = start;

	while (p < s->end && ims_sip_chars[(unsigned char)*p] & class)
		p++;
	s->p = p;
	return (struct ims_str){start, (size_t)(p - start)};
}

static inline void ims_sip_scan_ws(struct ims_sip_scan *s)
{
	while (s->p < s->end &&
	       ims_sip_chars[(unsigned char)*s->p] & IMS_SIP_C_WS)
		s->p++;
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

/* Is s this word, in any case?  Exact for an s without control characters and
 * a word of letters, digits, and -_.+ ; cheaper than a full comparison where
 * names are looked up by the dozen.
 */
static inline bool ims_sip_is_word(struct ims_str s, const char *word, size_t n)
{
	unsigned differ = 0;

	if (s.n != n)
		return false;
	for (size_t i = 0; i < n && (differ & 0xdf) == 0; i++)
		differ |= (unsigned char)s.p[i] ^ (unsigned char)word[i];
	return (differ & 0xdf) == 0;
}
#define IMS_SIP_IS_WORD(s, lit) ims_sip_is_word(s, lit, sizeof(lit) - 1)

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
