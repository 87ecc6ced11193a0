/* SPDX-License-Identifier: BSD-2-Clause */
/* base_trace.c - telling the sink; making bytes fit to be shown. */
#include "base_trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_TEXT 1024

void ims_trace(const struct ims_trace *t, enum ims_level level,
	       const char *topic, const char *fmt, ...)
{
	char raw[MAX_TEXT], text[MAX_TEXT * 2];
	va_list ap;
	int n;

	if (!t || !t->say || level > t->level)
		return;
	va_start(ap, fmt);
	n = vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	t->say(t->arg, level, topic,
	       ims_printable(ims_str(raw), text, sizeof text));
}

const char *ims_level_name(enum ims_level level)
{
	static const char *const names[] = {
		[IMS_ERROR] = "error", [IMS_WARN] = "warn",
		[IMS_INFO] = "info",   [IMS_DEBUG] = "debug",
		[IMS_TRACE] = "trace",
	};

	return (size_t)level < sizeof names / sizeof *names ? names[level]
							    : "?";
}

const char *ims_printable(struct ims_str s, char *out, size_t cap)
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	if (cap == 0)
		return "";
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = c >= 0x20 && c < 0x7f;

		if (cap - at <= (plain ? 1U : 4U)) /* no half of an escape */
			break;
		if (plain) {
			out[at++] = (char)c;
			continue;
		}
		out[at++] = '\\';
		out[at++] = 'x';
		out[at++] = digits[c >> 4];
		out[at++] = digits[c & 15];
	}
	out[at] = 0;
	return out;
}
