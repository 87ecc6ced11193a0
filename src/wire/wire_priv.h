/* SPDX-License-Identifier: BSD-2-Clause */
/* wire_priv.h - the inside of the wire: packets under way, hosts, ports. */
#ifndef IMS_WIRE_PRIV_H
#define IMS_WIRE_PRIV_H

#include "base_heap.h"
#include "base_list.h"
#include "ipsec_engine.h"
#include "ipsec_packet.h"
#include "ipsec_table.h"
#include "wire.h"

#define WIRE_MSS 1200
#define WIRE_MTU 65600
#define WIRE_REFS 8

/* A packet under way. */
struct wire_packet {
	struct ims_list node;
	uint64_t at_ms;
	size_t n;
	uint8_t b[];
};

struct ims_wire {
	struct ims_list packets; /* by time of arrival, then of sending */
	struct ims_list hosts;
	struct ims_wire_eye eye;
	struct ims_rand rnd;
	uint64_t now_ms;
};

struct wire_port {
	struct ims_list node;
	uint16_t port;
	bool is_protected;
	unsigned users;
};

enum wire_tcp_state { WIRE_SYN_SENT, WIRE_SYN_RCVD, WIRE_OPEN };
struct wire_conn {
	struct ims_list node;
	uint32_t id;
	struct ims_addr local, remote;
	enum wire_tcp_state state;
	uint32_t snd, rcv; /* next sequence numbers */
	uint8_t *out, *in; /* waits for the handshake; came, not yet whole */
	size_t n_out, n_in;
	uint32_t ref[WIRE_REFS]; /* of the first SENDs; the first opened it */
	size_t n_refs;
};

/* When a set goes by itself. */
struct wire_life {
	struct ims_list node;
	uint32_t set;
	uint64_t at_ms;
};

struct wire_host {
	struct ims_host host; /* first */
	struct ims_list node;
	struct ims_wire *wire;
	struct ims_ip ip;
	struct ims_ipsec_engine *engine;
	struct ims_ipsec_table sets;
	struct ims_list ports, conns, lives;
	uint32_t last_conn;
	uint16_t last_port;
};

/* wire.c: copies the packet; arrival after its fate. */
int ims_wire_put(struct ims_wire *w, const uint8_t *ip, size_t n, bool udp);

/* wire_host.c: wraps a segment into IP, and into ESP if the local port is a
 * protected one.  The segment's checksum field is filled in.
 */
int ims_wire_emit(struct wire_host *h, struct ims_addr src, struct ims_addr dst,
		  uint8_t proto, uint8_t *seg, size_t n);
struct wire_port *ims_wire_port_find(struct wire_host *h, uint16_t port);
void ims_wire_host_receive(struct wire_host *h, const uint8_t *ip, size_t n);
/* When the next set ends (IMS_NEVER), and ending it. */
uint64_t ims_wire_host_ends(const struct wire_host *h);
void ims_wire_host_end(struct wire_host *h);

/* wire_tcp.c: -IMS_E_NOTFOUND (no such connection), -IMS_E_NOMEM, _TOOBIG,
 * and what ims_wire_emit says.
 */
int ims_wire_tcp_send(struct wire_host *h, const struct ims_flow *flow,
		      struct ims_str bytes, uint32_t ref);
void ims_wire_tcp_receive(struct wire_host *h, const struct ims_packet *p,
			  uint32_t set);
/* Forgets the connections that ran on this set, or all (NULL). */
void ims_wire_tcp_drop(struct wire_host *h, const struct ims_ipsec_set *set);

static inline void wire_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void wire_put32(uint8_t *p, uint32_t v)
{
	wire_put16(p, (uint16_t)(v >> 16));
	wire_put16(p + 2, (uint16_t)v);
}

static inline uint16_t wire_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t wire_get32(const uint8_t *p)
{
	return (uint32_t)wire_get16(p) << 16 | wire_get16(p + 2);
}

#endif
