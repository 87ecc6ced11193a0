/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_build.c - writes messages. */
#include "sip_build.h"

#include <stdarg.h>
#include <stdio.h>

#include "sip_scan.h"

/* How long the line end at p is if the next line continues; 0: no fold. */
static size_t fold_len(const char *p, const char *end)
{
	size_t n = *p == '\r' ? 1 : 0;

	if ((size_t)(end - p) < n + 2 || p[n] != '\n')
		return 0;
	return p[n + 1] == ' ' || p[n + 1] == '\t' ? n + 1 : 0;
}

/* The next place that may not be copied as it is. */
static const char *next_control(const char *p, const char *end)
{
	while (p < end && *p != '\r' && *p != '\n' && *p != 0)
		p++;
	return p;
}

void ims_sip_put_text(struct ims_buf *b, struct ims_str text)
{
	struct ims_sip_scan s = ims_sip_scan(text);

	while (s.p < s.end && !b->over) {
		const char *stop = next_control(s.p, s.end);
		bool pair = stop > text.p && stop < s.end && *stop == 0 &&
			    stop[-1] == '\\';

		ims_buf_putn(b, s.p, (size_t)(stop - s.p) + pair);
		s.p = stop + pair;
		if (stop == s.end || pair)
			continue;
		if (fold_len(s.p, s.end) == 0) {
			b->over = true;
			return;
		}
		ims_sip_scan_ws(&s);
		while (b->n &&
		       (b->p[b->n - 1] == ' ' || b->p[b->n - 1] == '\t'))
			b->n--;
		ims_buf_putc(b, ' ');
	}
}

static bool is_token(struct ims_str s)
{
	struct ims_sip_scan scan = ims_sip_scan(s);

	ims_sip_scan_run(&scan, IMS_SIP_C_TOKEN);
	return s.n && scan.p == scan.end;
}

void ims_sip_put_request(struct ims_buf *b, const char *method,
			 struct ims_str uri)
{
	struct ims_sip_scan s = ims_sip_scan(uri);

	ims_sip_scan_run(&s, IMS_SIP_C_URI);
	if (!is_token(ims_str(method)) || uri.n == 0 || s.p != s.end) {
		b->over = true;
		return;
	}
	ims_buf_puts(b, method);
	ims_buf_putc(b, ' ');
	ims_buf_put(b, uri);
	ims_buf_puts(b, " SIP/2.0\r\n");
}

void ims_sip_put_status(struct ims_buf *b, unsigned status,
			struct ims_str reason)
{
	ims_buf_printf(b, "SIP/2.0 %03u ", status);
	ims_sip_put_text(b, reason);
	ims_buf_puts(b, "\r\n");
}

void ims_sip_put_named(struct ims_buf *b, struct ims_str name,
		       struct ims_str value)
{
	if (!is_token(name)) {
		b->over = true;
		return;
	}
	ims_buf_put(b, name);
	ims_buf_puts(b, ": ");
	ims_sip_put_text(b, value);
	ims_buf_puts(b, "\r\n");
}

void ims_sip_put(struct ims_buf *b, enum ims_sip_hdr_id id,
		 struct ims_str value)
{
	ims_sip_put_named(b, ims_str(ims_sip_hdr_name(id)), value);
}

void ims_sip_putf(struct ims_buf *b, enum ims_sip_hdr_id id, const char *fmt,
		  ...)
{
	char *value;
	size_t room;
	va_list ap;
	int n;

	ims_buf_puts(b, ims_sip_hdr_name(id));
	ims_buf_puts(b, ": ");
	if (b->over)
		return;
	room = b->cap - b->n;
	value = b->p + b->n;
	va_start(ap, fmt);
	n = vsnprintf(value, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room ||
	    next_control(value, value + n) != value + n) {
		b->over = true;
		return;
	}
	b->n += (size_t)n;
	ims_buf_puts(b, "\r\n");
}

void ims_sip_copy(struct ims_buf *b, const struct ims_sip_msg *from,
		  enum ims_sip_hdr_id id)
{
	for (size_t i = 0; i < from->n_hdrs; i++)
		if (from->hdr[i].id == id)
			ims_sip_put_named(b, from->hdr[i].name,
					  from->hdr[i].value);
}

void ims_sip_put_body(struct ims_buf *b, struct ims_str type,
		      struct ims_str body)
{
	if (type.n)
		ims_sip_put(b, IMS_SIP_CONTENT_TYPE, type);
	ims_buf_puts(b, "Content-Length: ");
	ims_buf_u64(b, body.n);
	ims_buf_puts(b, "\r\n\r\n");
	ims_buf_put(b, body);
}
