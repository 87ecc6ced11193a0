/* SPDX-License-Identifier: BSD-2-Clause */
/* base_buf.c - bounded writing. */
#include "base_buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ims_buf_init(struct ims_buf *b, void *mem, size_t cap)
{
	*b = (struct ims_buf){.p = mem, .cap = cap};
}

void ims_buf_putn(struct ims_buf *b, const void *bytes, size_t n)
{
	if (b->over || n == 0)
		return;
	if (n > b->cap - b->n) { /* keep what fits: a cut text still helps */
		n = b->cap - b->n;
		b->over = true;
	}
	if (n)
		memcpy(b->p + b->n, bytes, n);
	b->n += n;
}

void ims_buf_put(struct ims_buf *b, struct ims_str s)
{
	ims_buf_putn(b, s.p, s.n);
}

void ims_buf_puts(struct ims_buf *b, const char *c_string)
{
	ims_buf_put(b, ims_str(c_string));
}

void ims_buf_putc(struct ims_buf *b, char c)
{
	ims_buf_putn(b, &c, 1);
}

void ims_buf_u64(struct ims_buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	ims_buf_putn(b, digits + at, sizeof digits - at);
}

void ims_buf_printf(struct ims_buf *b, const char *fmt, ...)
{
	size_t room = b->cap - b->n;
	va_list ap;
	int n;

	if (b->over)
		return;
	va_start(ap, fmt);
	n = vsnprintf(room ? b->p + b->n : NULL, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < room) {
		b->n += (size_t)n;
	} else if (n != 0) {
		b->n += n > 0 && room ? room - 1 : 0;
		b->over = true;
	}
}

struct ims_str ims_buf_str(const struct ims_buf *b)
{
	return (struct ims_str){b->p, b->n};
}

const char *ims_buf_cstr(struct ims_buf *b)
{
	if (b->cap == 0)
		return "";
	if (b->n == b->cap) {
		b->n--;
		b->over = true;
	}
	b->p[b->n] = 0;
	return b->p;
}
