/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_packet.h - IP packets, as much of them as ESP needs.
 *
 * Spec: RFC 791, RFC 8200, RFC 768, RFC 9293.
 */
#ifndef IMS_IPSEC_PACKET_H
#define IMS_IPSEC_PACKET_H

#include "base_addr.h"
#include "base_err.h"

/* An IPv4 or IPv6 packet taken apart; pointers into it. */
struct ims_packet {
	struct ims_ip src, dst;
	uint8_t proto; /* of the payload: 6, 17, 50; extension headers skipped */
	bool fragment; /* not whole: offset or more-fragments set */
	const uint8_t *payload;
	size_t payload_len;
	uint16_t sport, dport; /* of UDP and TCP, else 0 */
};
/* Every length is checked; bytes behind the packet's own length are left out.
 * -IMS_E_ESP_SHORT: a length is wrong, more than 8 extension headers, or an
 * IPv4-mapped address in an IPv6 header.  A fragment has no ports.
 */
int ims_packet_parse(const uint8_t *p, size_t n, struct ims_packet *out);
/* Ports of a segment.  Returns 0, or -IMS_E_ESP_SHORT: neither UDP nor TCP, or
 * shorter than its header.
 */
int ims_packet_ports(uint8_t proto, const uint8_t *seg, size_t n,
		     uint16_t *sport, uint16_t *dport);

#define IMS_PACKET_HEADER 40 /* most bytes that the header takes */
/* Writes a header for `len` <= 65535 bytes of payload; returns its size (20 or
 * 40).  IPv4: checksum set, id 0 and "do not fragment": who must fragment makes
 * his own.
 */
size_t ims_packet_header(uint8_t *out, struct ims_ip src, struct ims_ip dst,
			 uint8_t proto, size_t len);
/* Internet checksum of a UDP/TCP segment with its pseudo header; the segment's
 * own checksum field must be zero.  Never 0 for UDP (ffff instead).
 */
uint16_t ims_packet_checksum(struct ims_ip src, struct ims_ip dst,
			     uint8_t proto, const uint8_t *seg, size_t n);

#endif
