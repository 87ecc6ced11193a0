/* SPDX-License-Identifier: BSD-2-Clause */
/* base_pack.h - values into a record, and back.
 *
 * A record is a version and then fields in an agreed order, each with its type
 * and length, so that a record that was cut short, damaged or written by
 * another version is noticed, and never read as something else.
 *
 *	ims_pack_begin(&b, VERSION)        ims_unpack_begin(&u, record, VERSION)
 *	ims_pack_u64(&b, x)                x = ims_unpack_u64(&u)
 *	ims_pack_str(&b, s)                s = ims_unpack_str(&u)
 *	ok if !b.over                      ok if ims_unpack_end(&u) == 0
 *
 * The reader gives zeros and empty slices from the first fault on, and says so
 * once at the end: nothing read is to be used before that.
 */
#ifndef IMS_BASE_PACK_H
#define IMS_BASE_PACK_H

#include "base_buf.h"

void ims_pack_begin(struct ims_buf *b, uint8_t version);
void ims_pack_u64(struct ims_buf *b, uint64_t v);
void ims_pack_str(struct ims_buf *b, struct ims_str s); /* any bytes */

struct ims_unpack {
	struct ims_str left;
	bool bad;
};
/* False, and everything read is bad: another version, or no record. */
bool ims_unpack_begin(struct ims_unpack *u, struct ims_str record,
		      uint8_t version);
uint64_t ims_unpack_u64(struct ims_unpack *u);
/* One that is greater than max is bad. */
uint32_t ims_unpack_u32(struct ims_unpack *u, uint32_t max);
bool ims_unpack_bool(struct ims_unpack *u);
/* A slice of the record. */
struct ims_str ims_unpack_str(struct ims_unpack *u);
/* Exactly n bytes, copied to out (zeroed if bad). */
void ims_unpack_bytes(struct ims_unpack *u, void *out, size_t n);
/* As a C string; one that does not fit or holds a zero is bad. */
void ims_unpack_cstr(struct ims_unpack *u, char *out, size_t cap);
/* 0, or -IMS_E_SYNTAX: something was bad, or more follows. */
int ims_unpack_end(const struct ims_unpack *u);

#endif
