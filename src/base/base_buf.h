/* SPDX-License-Identifier: BSD-2-Clause */
/* base_buf.h - writes into memory that the caller gives.
 *
 * An overflow is remembered (`over`), nothing is written past the end, and
 * every later put is ignored: so a writer puts and puts, and asks once.  Of
 * the put that overflowed, what fits is kept.
 */
#ifndef IMS_BASE_BUF_H
#define IMS_BASE_BUF_H

#include "base_str.h"

struct ims_buf {
	char *p;
	size_t cap, n;
	bool over;
};

void ims_buf_init(struct ims_buf *b, void *mem, size_t cap);
void ims_buf_put(struct ims_buf *b, struct ims_str s);
void ims_buf_puts(struct ims_buf *b, const char *c_string);
void ims_buf_putc(struct ims_buf *b, char c);
void ims_buf_putn(struct ims_buf *b, const void *bytes, size_t n);
void ims_buf_u64(struct ims_buf *b, uint64_t v); /* decimal */
/* Needs room for a terminating zero, which is not counted. */
void ims_buf_printf(struct ims_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What stands in it so far. */
struct ims_str ims_buf_str(const struct ims_buf *b);
/* As a C string: terminated in place; on overflow the last byte is given up. */
const char *ims_buf_cstr(struct ims_buf *b);

#endif
