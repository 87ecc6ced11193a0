/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_fixture.h - keys, sets and packets that the tests of ipsec share. */
#ifndef IMS_IPSEC_FIXTURE_H
#define IMS_IPSEC_FIXTURE_H

#include "base_hex.h"
#include "crypto.h"
#include "ipsec_engine.h"

#include "test.h"

/* CK and IK of Milenage test set 1. */
static const uint8_t fix_ck[16] = {0xb4, 0x0b, 0xa9, 0xa3, 0xc5, 0x8b,
				   0x2a, 0x05, 0xbb, 0xf0, 0xd9, 0x87,
				   0xb2, 0x1b, 0xf8, 0xcb};
static const uint8_t fix_ik[16] = {0xf7, 0x69, 0xbc, 0xd7, 0x51, 0x04,
				   0x46, 0x04, 0x12, 0x76, 0x72, 0x71,
				   0x1c, 0x6d, 0x34, 0x41};

static inline struct ims_ip fix_ip(const char *text)
{
	struct ims_ip ip = {0};

	assert_int_equal(ims_ip_parse(ims_str(text), &ip), 0);
	return ip;
}

/* A set of the seed's ports and SPIs, seen from one side. */
static inline struct ims_ipsec_set fix_set(int family,
					   struct ims_ipsec_suite suite,
					   bool ue)
{
	struct ims_ip u = fix_ip(family == 4 ? "192.0.2.10" : "2001:db8::10");
	struct ims_ip p = fix_ip(family == 4 ? "192.0.2.1" : "2001:db8::1");
	struct ims_addr uc = {u, 38003}, us = {u, 39003};
	struct ims_addr pc = {p, 50717}, ps = {p, 50718};
	struct ims_ipsec_set s = {.id = 7, .ue = ue, .suite = suite};

	s.sa[IMS_UC_TO_PS] = (struct ims_ipsec_sa){uc, ps, 2821032177};
	s.sa[IMS_PS_TO_UC] = (struct ims_ipsec_sa){ps, uc, 565817};
	s.sa[IMS_PC_TO_US] = (struct ims_ipsec_sa){pc, us, 565818};
	s.sa[IMS_US_TO_PC] = (struct ims_ipsec_sa){us, pc, 3458785863};
	assert_int_equal(ims_ipsec_expand(suite, fix_ck, fix_ik, &s.keys), 0);
	return s;
}

/* A whole IP packet with a segment of this protocol; returns its length. */
static inline size_t fix_packet(uint8_t *out, const struct ims_addr *src,
				const struct ims_addr *dst, uint8_t proto,
				size_t text)
{
	size_t head = proto == 17 ? 8 : 20, len = head + text;
	size_t at = ims_packet_header(out, src->ip, dst->ip, proto, len);
	uint8_t *seg = out + at;
	uint16_t sum;

	memset(seg, 0, head);
	for (size_t i = 0; i < text; i++)
		seg[head + i] = (uint8_t)('A' + i % 26);
	seg[0] = (uint8_t)(src->port >> 8);
	seg[1] = (uint8_t)src->port;
	seg[2] = (uint8_t)(dst->port >> 8);
	seg[3] = (uint8_t)dst->port;
	if (proto == 17) {
		seg[4] = (uint8_t)(len >> 8);
		seg[5] = (uint8_t)len;
	} else {
		seg[12] = 0x50;
	}
	sum = ims_packet_checksum(src->ip, dst->ip, proto, seg, len);
	seg[proto == 17 ? 6 : 16] = (uint8_t)(sum >> 8);
	seg[proto == 17 ? 7 : 17] = (uint8_t)sum;
	return at + len;
}

#endif
