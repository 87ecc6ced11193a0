/* SPDX-License-Identifier: BSD-2-Clause */
/* base_str.h - a borrowed piece of text or bytes: pointer and length.
 *
 * Nothing here allocates and nothing here owns.  A slice lives as long as the
 * buffer it points into; it is not terminated by a zero and may hold zeros.
 */
#ifndef IMS_BASE_STR_H
#define IMS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ims_str {
	const char *p;
	size_t n;
};

/* A slice of a string literal. */
#define IMS_S(lit) ((struct ims_str){(lit), sizeof(lit) - 1})
/* For static tables, where a compound literal is not constant. */
#define IMS_S_INIT(lit)                \
	{                              \
		(lit), sizeof(lit) - 1 \
	}
/* printf("%.*s", IMS_STR_ARG(s)) */
#define IMS_STR_ARG(s) (int)(s).n, (s).p

/* A slice of a C string; NULL gives the empty slice. */
struct ims_str ims_str(const char *c_string);
struct ims_str ims_str_n(const void *p, size_t n);

bool ims_str_eq(struct ims_str a, struct ims_str b);
/* Equal but for ASCII case. */
bool ims_str_caseeq(struct ims_str a, struct ims_str b);
bool ims_str_starts(struct ims_str s, struct ims_str prefix);
bool ims_str_casestarts(struct ims_str s, struct ims_str prefix);
bool ims_str_ends(struct ims_str s, struct ims_str suffix);
/* First place of needle; s.n if it does not occur. */
size_t ims_str_find(struct ims_str s, char needle);
/* s without its first n bytes (all of it if n is greater). */
struct ims_str ims_str_from(struct ims_str s, size_t n);
/* Without SP, HT, CR and LF at both ends. */
struct ims_str ims_str_trim(struct ims_str s);

/* Decimal digits only, whole slice, at least one; leading zeros are fine.
 * Returns 0, or -IMS_E_SYNTAX (not a number), -IMS_E_RANGE (> max).
 */
int ims_str_u64(struct ims_str s, uint64_t max, uint64_t *out);
int ims_str_u32(struct ims_str s, uint32_t max, uint32_t *out);

/* 32-bit hash of the bytes; seed it from a random number where an attacker
 * chooses the keys.  The case variant hashes as if all were lower case.
 */
uint32_t ims_str_hash(struct ims_str s, uint32_t seed);
uint32_t ims_str_casehash(struct ims_str s, uint32_t seed);

/* Copies into dst[cap] and terminates it.  Returns false, and leaves dst as
 * it was, if it does not fit or s holds a zero byte.
 */
bool ims_str_copy(char *dst, size_t cap, struct ims_str s);

#endif
