/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_packet.c - IPv4 and IPv6 headers, taken apart and made. */
#include "ipsec_packet.h"

#include <assert.h>
#include <string.h>

enum { TCP = 6, UDP = 17 };
/* IPv6 extension headers [RFC 8200 4]. */
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DEST_OPTIONS = 60 };
/* More of them than this is nothing that a SIP host sends. */
#define MAX_EXTENSIONS 8

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static int parse4(const uint8_t *p, size_t n, struct ims_packet *out)
{
	size_t head, total;

	if (n < 20)
		return -IMS_E_ESP_SHORT;
	head = (size_t)(p[0] & 15) * 4;
	total = get16(p + 2);
	if (head < 20 || total < head || total > n)
		return -IMS_E_ESP_SHORT;
	out->src = ims_ip_from(p + 12, 4);
	out->dst = ims_ip_from(p + 16, 4);
	out->proto = p[9];
	out->fragment = (get16(p + 6) & 0x3fff) != 0; /* MF or an offset */
	out->payload = p + head;
	out->payload_len = total - head;
	return 0;
}

/* Length of the extension header of this kind at p[n]; 0: it is none, and the
 * payload starts here.
 */
static int extension(uint8_t kind, const uint8_t *p, size_t n)
{
	size_t len;

	if (kind != HOP_BY_HOP && kind != ROUTING && kind != FRAGMENT &&
	    kind != DEST_OPTIONS)
		return 0;
	if (n < 8)
		return -IMS_E_ESP_SHORT;
	len = kind == FRAGMENT ? 8 : ((size_t)p[1] + 1) * 8;
	return len > n ? -IMS_E_ESP_SHORT : (int)len;
}

static int skip_extensions(uint8_t kind, const uint8_t *p, size_t n,
			   struct ims_packet *out)
{
	int len;

	for (int i = 0; i <= MAX_EXTENSIONS; i++) {
		len = out->fragment ? 0 : extension(kind, p, n);
		if (len < 0)
			return len;
		if (len == 0) {
			out->proto = kind;
			out->payload = p;
			out->payload_len = n;
			return 0;
		}
		/* An offset or more to come; both zero is a whole packet
		 * that only wears the header [RFC 6946].
		 */
		if (kind == FRAGMENT)
			out->fragment = (get16(p + 2) & 0xfff9) != 0;
		kind = p[0];
		p += len;
		n -= (size_t)len;
	}
	return -IMS_E_ESP_SHORT;
}

static int parse6(const uint8_t *p, size_t n, struct ims_packet *out)
{
	size_t len;

	if (n < 40)
		return -IMS_E_ESP_SHORT;
	len = get16(p + 4);
	if (len > n - 40)
		return -IMS_E_ESP_SHORT;
	out->src = ims_ip_from(p + 8, 16);
	out->dst = ims_ip_from(p + 24, 16);
	/* An IPv4-mapped address on the wire would pass for the IPv4 one. */
	if (out->src.family != 6 || out->dst.family != 6)
		return -IMS_E_ESP_SHORT;
	return skip_extensions(p[6], p + 40, len, out);
}

int ims_packet_ports(uint8_t proto, const uint8_t *seg, size_t n,
		     uint16_t *sport, uint16_t *dport)
{
	if (proto != UDP && proto != TCP)
		return -IMS_E_ESP_SHORT;
	if (n < (proto == UDP ? 8 : 20))
		return -IMS_E_ESP_SHORT;
	*sport = get16(seg);
	*dport = get16(seg + 2);
	return 0;
}

int ims_packet_parse(const uint8_t *p, size_t n, struct ims_packet *out)
{
	struct ims_packet k = {0};
	int err = -IMS_E_ESP_SHORT;

	if (n > 0 && p[0] >> 4 == 4)
		err = parse4(p, n, &k);
	else if (n > 0 && p[0] >> 4 == 6)
		err = parse6(p, n, &k);
	if (err)
		return err;
	if (!k.fragment && (k.proto == UDP || k.proto == TCP))
		err = ims_packet_ports(k.proto, k.payload, k.payload_len,
				       &k.sport, &k.dport);
	if (!err)
		*out = k;
	return err;
}

static uint32_t sum(uint32_t acc, const uint8_t *p, size_t n)
{
	for (; n > 1; p += 2, n -= 2)
		acc += get16(p);
	if (n)
		acc += (uint32_t)p[0] << 8;
	return acc;
}

static uint16_t fold(uint32_t acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return (uint16_t)~acc;
}

static size_t header4(uint8_t *out, struct ims_ip src, struct ims_ip dst,
		      uint8_t proto, size_t len)
{
	memset(out, 0, 20);
	out[0] = 0x45;
	put16(out + 2, 20 + len);
	out[6] = 0x40; /* do not fragment: so the id may be 0 [RFC 6864 4.1] */
	out[8] = 64;
	out[9] = proto;
	memcpy(out + 12, src.b, 4);
	memcpy(out + 16, dst.b, 4);
	put16(out + 10, fold(sum(0, out, 20)));
	return 20;
}

size_t ims_packet_header(uint8_t *out, struct ims_ip src, struct ims_ip dst,
			 uint8_t proto, size_t len)
{
	assert(src.family == dst.family && len <= 0xffff);
	if (src.family == 4)
		return header4(out, src, dst, proto, len);
	memset(out, 0, 40);
	out[0] = 0x60;
	put16(out + 4, len);
	out[6] = proto;
	out[7] = 64;
	memcpy(out + 8, src.b, 16);
	memcpy(out + 24, dst.b, 16);
	return 40;
}

uint16_t ims_packet_checksum(struct ims_ip src, struct ims_ip dst,
			     uint8_t proto, const uint8_t *seg, size_t n)
{
	uint32_t acc = (uint32_t)n + proto;
	uint16_t c;

	assert(n <= 0xffff);
	acc = sum(acc, src.b, ims_ip_len(src));
	acc = sum(acc, dst.b, ims_ip_len(dst));
	c = fold(sum(acc, seg, n));
	return c == 0 && proto == UDP ? 0xffff : c;
}
