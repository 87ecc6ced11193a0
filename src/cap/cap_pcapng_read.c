/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_pcapng_read.c - blocks and options of pcapng. */
#include "cap_pcapng_read.h"

#include <string.h>

#define SHB 0x0A0D0D0A
#define IDB 1
#define SPB 3
#define NRB 4
#define EPB 6
#define DSB 10
#define MAGIC 0x1A2B3C4D
#define SWAPPED 0x4D3C2B1A
#define OPT_END 0
#define OPT_COMMENT 1
#define IDB_TSRESOL 9
#define IDB_TSOFFSET 14
#define NRB_IPV4 1
#define NRB_IPV6 2
#define MICROSECONDS 6
#define SECOND 1000000000u /* in ns */

/* The caller has checked that the bytes are there. */
static uint32_t get32(const struct ims_pcapng *r, struct ims_str s, size_t at)
{
	uint32_t v;

	memcpy(&v, s.p + at, 4);
	return r->swap ? __builtin_bswap32(v) : v;
}

static uint16_t get16(const struct ims_pcapng *r, struct ims_str s, size_t at)
{
	uint16_t v;

	memcpy(&v, s.p + at, 2);
	return r->swap ? __builtin_bswap16(v) : v;
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* An option or a record of names: code, length, value, padding. */
static bool next_option(const struct ims_pcapng *r, struct ims_str *s,
			uint16_t *code, struct ims_str *value)
{
	size_t n;

	if (s->n < 4)
		return false;
	*code = get16(r, *s, 0);
	n = get16(r, *s, 2);
	if (*code == OPT_END || n > s->n - 4)
		return false;
	*value = ims_str_n(s->p + 4, n);
	*s = ims_str_from(*s, 4 + padded(n));
	return true;
}

static struct ims_str comment(const struct ims_pcapng *r,
			      struct ims_str options)
{
	struct ims_str value;
	uint16_t code;

	while (next_option(r, &options, &code, &value))
		if (code == OPT_COMMENT)
			return value;
	return IMS_S("");
}

/* --- time --------------------------------------------------------------- */

/* Units per second: a power of ten, or with the high bit of two; 0: finer than
 * 64 bits can say.
 */
static uint64_t per_second(uint8_t resolution)
{
	uint8_t power = resolution & 0x7f;
	uint64_t n = 1;

	if (resolution & 0x80)
		return power < 64 ? (uint64_t)1 << power : 0;
	if (power > 19)
		return 0;
	while (power--)
		n *= 10;
	return n;
}

static uint64_t to_ns(uint64_t t, uint8_t resolution, uint64_t offset_s)
{
	uint64_t unit = per_second(resolution);
	uint64_t s, rest;

	if (!unit)
		return 0;
	s = t / unit;
	rest = t % unit;
	while (unit > UINT64_MAX / SECOND) { /* rest * SECOND must fit */
		unsigned by = resolution & 0x80 ? 2 : 10;

		unit /= by;
		rest /= by;
	}
	return (s + offset_s) * SECOND + rest * SECOND / unit;
}

/* --- blocks ------------------------------------------------------------- */

/* The byte order is known only here [4.1]. */
static int section(struct ims_pcapng *r, struct ims_str body,
		   struct ims_pcapng_item *out)
{
	if (body.n < 16 || get16(r, body, 4) != 1)
		return -IMS_E_SYNTAX;
	r->n_interfaces = 0;
	out->kind = IMS_PCAPNG_SECTION;
	out->comment = comment(r, ims_str_from(body, 16));
	return 1;
}

static int interface(struct ims_pcapng *r, struct ims_str body)
{
	struct ims_str options = ims_str_from(body, 8), value;
	uint16_t code;
	size_t i = r->n_interfaces;

	if (body.n < 8)
		return -IMS_E_SYNTAX;
	if (i == IMS_PCAPNG_INTERFACES)
		return -IMS_E_TOOBIG;
	r->interface[i].link = get16(r, body, 0);
	r->interface[i].snap = get32(r, body, 4);
	r->interface[i].resolution = MICROSECONDS;
	r->interface[i].offset_s = 0;
	while (next_option(r, &options, &code, &value)) {
		if (code == IDB_TSRESOL && value.n == 1)
			r->interface[i].resolution = (uint8_t)value.p[0];
		if (code == IDB_TSOFFSET && value.n == 8) {
			uint64_t v;

			memcpy(&v, value.p, 8);
			r->interface[i].offset_s =
				r->swap ? __builtin_bswap64(v) : v;
		}
	}
	r->n_interfaces++;
	return 0;
}

static int packet(const struct ims_pcapng *r, struct ims_str body,
		  struct ims_pcapng_item *out)
{
	uint32_t i, n;
	uint64_t t;

	if (body.n < 20)
		return -IMS_E_SYNTAX;
	i = get32(r, body, 0);
	t = (uint64_t)get32(r, body, 4) << 32 | get32(r, body, 8);
	n = get32(r, body, 12);
	if (i >= r->n_interfaces || n > body.n - 20)
		return -IMS_E_SYNTAX;
	out->kind = IMS_PCAPNG_PACKET;
	out->link = r->interface[i].link;
	out->ns =
		to_ns(t, r->interface[i].resolution, r->interface[i].offset_s);
	out->wire_len = get32(r, body, 16);
	out->bytes = ims_str_n(body.p + 20, n);
	out->comment = comment(r, ims_str_from(body, 20 + padded(n)));
	return 1;
}

/* Without a length of its own: the shortest of what it may be [4.4]. */
static int simple_packet(const struct ims_pcapng *r, struct ims_str body,
			 struct ims_pcapng_item *out)
{
	size_t n;

	if (body.n < 4 || !r->n_interfaces)
		return -IMS_E_SYNTAX;
	n = out->wire_len = get32(r, body, 0);
	if (r->interface[0].snap && n > r->interface[0].snap)
		n = r->interface[0].snap;
	if (n > body.n - 4)
		return -IMS_E_SYNTAX;
	out->kind = IMS_PCAPNG_PACKET;
	out->link = r->interface[0].link;
	out->bytes = ims_str_n(body.p + 4, n);
	return 1;
}

static int secrets(const struct ims_pcapng *r, struct ims_str body,
		   struct ims_pcapng_item *out)
{
	uint32_t n;

	if (body.n < 8)
		return -IMS_E_SYNTAX;
	n = get32(r, body, 4);
	if (n > body.n - 8)
		return -IMS_E_SYNTAX;
	out->kind = IMS_PCAPNG_SECRETS;
	out->type = get32(r, body, 0);
	out->text = ims_str_n(body.p + 8, n);
	return 1;
}

/* The next record of the names block under way; its first name. */
static bool name(struct ims_pcapng *r, struct ims_pcapng_item *out)
{
	struct ims_str value;
	uint16_t code;

	while (next_option(r, &r->names, &code, &value)) {
		size_t ip = code == NRB_IPV4 ? 4 : code == NRB_IPV6 ? 16 : 0;

		if (!ip || value.n <= ip)
			continue;
		out->kind = IMS_PCAPNG_NAME;
		out->ip = ims_ip_from(value.p, ip);
		out->text = ims_str_from(value, ip);
		out->text.n = ims_str_find(out->text, '\0');
		return true;
	}
	r->names.n = 0;
	return false;
}

/* The block at r->at: type and body.  Its two lengths must agree. */
static int block(struct ims_pcapng *r, uint32_t *type, struct ims_str *body)
{
	struct ims_str rest = ims_str_from(r->file, r->at);
	uint32_t magic, len;

	if (rest.n < 12)
		return -IMS_E_SYNTAX;
	*type = get32(r, rest, 0); /* of a section: the same in both orders */
	if (*type == SHB) {
		memcpy(&magic, rest.p + 8, 4);
		if (magic != MAGIC && magic != SWAPPED)
			return -IMS_E_SYNTAX;
		r->swap = magic == SWAPPED;
	}
	len = get32(r, rest, 4);
	if (len < 12 || len % 4 || len > rest.n ||
	    get32(r, rest, len - 4) != len)
		return -IMS_E_SYNTAX;
	*body = ims_str_n(rest.p + 8, len - 12);
	r->at += len;
	return 0;
}

static int item(struct ims_pcapng *r, uint32_t type, struct ims_str body,
		struct ims_pcapng_item *out)
{
	switch (type) {
	case SHB:
		return section(r, body, out);
	case IDB:
		return interface(r, body);
	case EPB:
		return packet(r, body, out);
	case SPB:
		return simple_packet(r, body, out);
	case DSB:
		return secrets(r, body, out);
	case NRB:
		r->names = body;
		return name(r, out) ? 1 : 0;
	default:
		return 0;
	}
}

int ims_pcapng_open(struct ims_pcapng *r, struct ims_str file)
{
	struct ims_pcapng new = {.file = file};
	struct ims_str body;
	uint32_t type;

	if (block(&new, &type, &body) || type != SHB)
		return -IMS_E_SYNTAX;
	new.at = 0;
	*r = new;
	return 0;
}

int ims_pcapng_next(struct ims_pcapng *r, struct ims_pcapng_item *out)
{
	struct ims_pcapng_item it = {0};
	struct ims_str body;
	uint32_t type;
	int err = name(r, &it) ? 1 : 0;

	while (!err && r->at < r->file.n) {
		err = block(r, &type, &body);
		if (!err)
			err = item(r, type, body, &it);
	}
	if (err > 0)
		*out = it;
	else if (err < 0)
		r->at = r->file.n; /* nothing good comes after it */
	return err;
}
