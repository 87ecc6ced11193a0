/* SPDX-License-Identifier: BSD-2-Clause */
/* base_addr.h - IP addresses and ports as values. */
#ifndef IMS_BASE_ADDR_H
#define IMS_BASE_ADDR_H

#include "base_buf.h"

/* b[0..3] for IPv4, b[0..15] for IPv6; unused bytes are zero, so that two
 * addresses are equal when all bytes are.  An IPv4-mapped IPv6 address is
 * stored as IPv4.
 */
struct ims_ip {
	uint8_t family; /* 4, 6, or 0: none */
	uint8_t b[16];
};

struct ims_addr {
	struct ims_ip ip;
	uint16_t port;
};

enum ims_transport { IMS_UDP, IMS_TCP };
const char *ims_transport_name(enum ims_transport t); /* "UDP", "TCP" */

/* An address in any spelling, IPv6 with or without brackets.
 * Returns 0 or -IMS_E_SYNTAX.
 */
int ims_ip_parse(struct ims_str s, struct ims_ip *out);
/* "192.0.2.1", "192.0.2.1:5060", "[2001:db8::1]:5060", "2001:db8::1"; without
 * a port, out->port is default_port.  Returns 0, -IMS_E_SYNTAX, or
 * -IMS_E_RANGE (port above 65535).
 */
int ims_addr_parse(struct ims_str s, uint16_t default_port,
		   struct ims_addr *out);
/* From and to network order bytes: 4 or 16 of them. */
struct ims_ip ims_ip_from(const void *bytes, size_t n);
size_t ims_ip_len(struct ims_ip ip); /* 4, 16 or 0 */

bool ims_ip_eq(struct ims_ip a, struct ims_ip b);
bool ims_addr_eq(struct ims_addr a, struct ims_addr b);
bool ims_ip_is_any(struct ims_ip ip);
uint32_t ims_addr_hash(struct ims_addr a, uint32_t seed);

/* RFC 5952 text; _host puts IPv6 in brackets, as SIP URIs want it. */
void ims_ip_put(struct ims_buf *b, struct ims_ip ip);
void ims_ip_put_host(struct ims_buf *b, struct ims_ip ip);
void ims_addr_put(struct ims_buf *b, struct ims_addr a); /* host:port */

/* Text of an address for messages: the caller's own small buffer. */
#define IMS_ADDR_TEXT 64
const char *ims_addr_text(struct ims_addr a, char out[static IMS_ADDR_TEXT]);
const char *ims_ip_text(struct ims_ip ip, char out[static IMS_ADDR_TEXT]);

#endif
