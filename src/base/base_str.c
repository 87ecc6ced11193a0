/* SPDX-License-Identifier: BSD-2-Clause */
/* base_str.c - slices: compare, search, numbers, hash. */
#include "base_str.h"

#include <string.h>

#include "base_err.h"

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

struct ims_str ims_str(const char *c_string)
{
	return (struct ims_str){c_string, c_string ? strlen(c_string) : 0};
}

struct ims_str ims_str_n(const void *p, size_t n)
{
	return (struct ims_str){p, n};
}

bool ims_str_eq(struct ims_str a, struct ims_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool ims_str_caseeq(struct ims_str a, struct ims_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool ims_str_starts(struct ims_str s, struct ims_str prefix)
{
	return s.n >= prefix.n &&
	       ims_str_eq((struct ims_str){s.p, prefix.n}, prefix);
}

bool ims_str_casestarts(struct ims_str s, struct ims_str prefix)
{
	return s.n >= prefix.n &&
	       ims_str_caseeq((struct ims_str){s.p, prefix.n}, prefix);
}

bool ims_str_ends(struct ims_str s, struct ims_str suffix)
{
	return s.n >= suffix.n &&
	       ims_str_eq(ims_str_from(s, s.n - suffix.n), suffix);
}

size_t ims_str_find(struct ims_str s, char needle)
{
	const char *at = s.n ? memchr(s.p, needle, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

struct ims_str ims_str_from(struct ims_str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	if (n == 0) /* nothing may be added to a null pointer, not even 0 */
		return s;
	return (struct ims_str){s.p + n, s.n - n};
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct ims_str ims_str_trim(struct ims_str s)
{
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	while (s.n && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

int ims_str_u64(struct ims_str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	bool fits = true;

	if (s.n == 0)
		return -IMS_E_SYNTAX;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9)
			return -IMS_E_SYNTAX;
		/* Goes on when it is too big: what is no number is no number.
		 */
		if (v > max / 10 || v * 10 > max - (digit > max ? max : digit))
			fits = false;
		if (fits)
			v = v * 10 + digit;
	}
	if (!fits || v > max)
		return -IMS_E_RANGE;
	*out = v;
	return 0;
}

int ims_str_u32(struct ims_str s, uint32_t max, uint32_t *out)
{
	uint64_t v;
	int err = ims_str_u64(s, max, &v);

	if (err)
		return err;
	*out = (uint32_t)v;
	return 0;
}

static uint32_t rotl(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static void mix(uint32_t v[static 4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 5) ^ v[0];
	v[0] = rotl(v[0], 16);
	v[2] += v[3];
	v[3] = rotl(v[3], 8) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 7) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 13) ^ v[2];
	v[2] = rotl(v[2], 16);
}

/* HalfSipHash-1-3: as fast as the simple ones on short keys, and a stranger
 * who does not know the seed cannot make many keys meet in one slot.
 */
static uint32_t hash(struct ims_str s, uint32_t seed, bool fold)
{
	uint32_t k1 = seed * 0x9e3779b1u + 0x7f4a7c15u;
	uint32_t v[4] = {seed, k1, 0x6c796765u ^ seed, 0x74656462u ^ k1};
	uint32_t m = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = fold ? lower(s.p[i]) : (unsigned char)s.p[i];

		m |= (uint32_t)c << (i % 4 * 8);
		if (i % 4 == 3) {
			v[3] ^= m;
			mix(v);
			v[0] ^= m;
			m = 0;
		}
	}
	m |= (uint32_t)(s.n & 0xff) << 24;
	v[3] ^= m;
	mix(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	mix(v);
	mix(v);
	mix(v);
	return v[1] ^ v[3];
}

uint32_t ims_str_hash(struct ims_str s, uint32_t seed)
{
	return hash(s, seed, false);
}

uint32_t ims_str_casehash(struct ims_str s, uint32_t seed)
{
	return hash(s, seed, true);
}

bool ims_str_copy(char *dst, size_t cap, struct ims_str s)
{
	if (s.n >= cap || ims_str_find(s, 0) != s.n)
		return false;
	if (s.n)
		memmove(dst, s.p, s.n);
	dst[s.n] = 0;
	return true;
}
