/* SPDX-License-Identifier: BSD-2-Clause */
/* base_pack.c - values into a record, and back. */
#include <string.h>

#include "base_err.h"
#include "base_pack.h"

#define HEAD 4 /* type, then the length in three bytes */
#define WIDE 8 /* a number, most significant byte first */
#define MOST 0xffffff

enum { NUMBER = 'u', STRING = 's' };

static void head(struct ims_buf *b, char type, size_t n)
{
	char h[HEAD] = {type, (char)(n >> 16), (char)(n >> 8), (char)n};

	if (n > MOST)
		b->over = true;
	ims_buf_putn(b, h, sizeof h);
}

void ims_pack_begin(struct ims_buf *b, uint8_t version)
{
	ims_buf_putc(b, (char)version);
}

void ims_pack_u64(struct ims_buf *b, uint64_t v)
{
	char n[WIDE];

	for (unsigned i = 0; i < WIDE; i++)
		n[i] = (char)(v >> (8 * (WIDE - 1 - i)));
	head(b, NUMBER, sizeof n);
	ims_buf_putn(b, n, sizeof n);
}

void ims_pack_str(struct ims_buf *b, struct ims_str s)
{
	head(b, STRING, s.n);
	ims_buf_put(b, s);
}

bool ims_unpack_begin(struct ims_unpack *u, struct ims_str record,
		      uint8_t version)
{
	u->left = ims_str_from(record, 1);
	u->bad = record.n == 0 || (uint8_t)record.p[0] != version;
	return !u->bad;
}

static struct ims_str field(struct ims_unpack *u, char type)
{
	const unsigned char *h = (const unsigned char *)u->left.p;
	struct ims_str f = {0};
	size_t n;

	if (u->bad || u->left.n < HEAD || h[0] != (unsigned char)type) {
		u->bad = true;
		return f;
	}
	n = (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
	if (n > u->left.n - HEAD) {
		u->bad = true;
		return f;
	}
	f = ims_str_n(u->left.p + HEAD, n);
	u->left = ims_str_from(u->left, HEAD + n);
	return f;
}

uint64_t ims_unpack_u64(struct ims_unpack *u)
{
	struct ims_str f = field(u, NUMBER);
	uint64_t v = 0;

	if (f.n != WIDE) {
		u->bad = true;
		return 0;
	}
	for (size_t i = 0; i < WIDE; i++)
		v = v << 8 | (uint8_t)f.p[i];
	return v;
}

uint32_t ims_unpack_u32(struct ims_unpack *u, uint32_t max)
{
	uint64_t v = ims_unpack_u64(u);

	if (v > max) {
		u->bad = true;
		return 0;
	}
	return (uint32_t)v;
}

bool ims_unpack_bool(struct ims_unpack *u)
{
	return ims_unpack_u32(u, 1) != 0;
}

struct ims_str ims_unpack_str(struct ims_unpack *u)
{
	return field(u, STRING);
}

void ims_unpack_bytes(struct ims_unpack *u, void *out, size_t n)
{
	struct ims_str f = field(u, STRING);

	if (f.n != n) {
		u->bad = true;
		memset(out, 0, n);
		return;
	}
	if (n)
		memcpy(out, f.p, n);
}

void ims_unpack_cstr(struct ims_unpack *u, char *out, size_t cap)
{
	struct ims_str f = field(u, STRING);

	out[0] = '\0';
	if (!u->bad && !ims_str_copy(out, cap, f))
		u->bad = true;
}

int ims_unpack_end(const struct ims_unpack *u)
{
	return u->bad || u->left.n ? -IMS_E_SYNTAX : 0;
}
