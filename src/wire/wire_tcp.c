/* SPDX-License-Identifier: BSD-2-Clause */
/* wire_tcp.c - TCP on a wire that keeps order and loses nothing: handshake,
 * data, acknowledgements; no retransmission, no window, no orderly close.
 */
#include "sip_frame.h"
#include "wire_priv.h"

#include <stdlib.h>
#include <string.h>

#define TCP 6
#define HEAD 20
#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10
#define IN_MAX 131072
#define FIRST_PORT 42368

static int emit(struct wire_host *h, const struct wire_conn *c, uint8_t flags,
		struct ims_str data)
{
	uint8_t seg[HEAD + WIRE_MSS] = {0};

	wire_put16(seg, c->local.port);
	wire_put16(seg + 2, c->remote.port);
	wire_put32(seg + 4, c->snd);
	wire_put32(seg + 8, flags & ACK ? c->rcv : 0);
	seg[12] = HEAD / 4 << 4;
	seg[13] = flags;
	wire_put16(seg + 14, 65535);
	if (data.n)
		memcpy(seg + HEAD, data.p, data.n);
	return ims_wire_emit(h, c->local, c->remote, TCP, seg, HEAD + data.n);
}

static struct wire_conn *find(struct wire_host *h, struct ims_addr local,
			      struct ims_addr remote)
{
	ims_list_each (pos, &h->conns) {
		struct wire_conn *c =
			ims_container(pos, struct wire_conn, node);

		if (ims_addr_eq(c->local, local) &&
		    ims_addr_eq(c->remote, remote))
			return c;
	}
	return NULL;
}

static struct wire_conn *find_id(struct wire_host *h, uint32_t id)
{
	ims_list_each (pos, &h->conns) {
		struct wire_conn *c =
			ims_container(pos, struct wire_conn, node);

		if (c->id == id)
			return c;
	}
	return NULL;
}

static void drop(struct wire_conn *c)
{
	ims_list_del(&c->node);
	free(c->out);
	free(c->in);
	free(c);
}

static struct wire_conn *conn_new(struct wire_host *h, struct ims_addr local,
				  struct ims_addr remote,
				  enum wire_tcp_state state)
{
	struct wire_conn *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->id = ++h->last_conn;
	c->local = local;
	c->remote = remote;
	c->state = state;
	ims_rand_fill(&h->wire->rnd, &c->snd, sizeof c->snd);
	ims_list_add(&h->conns, &c->node);
	return c;
}

static int append(uint8_t **mem, size_t *n, struct ims_str s)
{
	uint8_t *more;

	if (*n + s.n > IN_MAX)
		return -IMS_E_TOOBIG;
	if (!s.n)
		return 0;
	more = realloc(*mem, *n + s.n);
	if (!more)
		return -IMS_E_NOMEM;
	memcpy(more + *n, s.p, s.n);
	*mem = more;
	*n += s.n;
	return 0;
}

/* For when the connection breaks.  Of many SENDs the first are remembered. */
static void note_ref(struct wire_conn *c, uint32_t ref)
{
	if (ref && c->n_refs < WIRE_REFS)
		c->ref[c->n_refs++] = ref;
}

static int send_data(struct wire_host *h, struct wire_conn *c,
		     struct ims_str bytes)
{
	while (bytes.n) {
		size_t n = bytes.n < WIRE_MSS ? bytes.n : WIRE_MSS;
		uint8_t flags = n == bytes.n ? PSH | ACK : ACK;
		int err = emit(h, c, flags, ims_str_n(bytes.p, n));

		if (err)
			return err;
		c->snd += (uint32_t)n;
		bytes = ims_str_from(bytes, n);
	}
	return 0;
}

/* A port that nobody here holds or talks from to that remote. */
static uint16_t any_port(struct wire_host *h, struct ims_addr local,
			 struct ims_addr remote)
{
	do {
		if (++h->last_port < FIRST_PORT)
			h->last_port = FIRST_PORT;
		local.port = h->last_port;
	} while (ims_wire_port_find(h, local.port) || find(h, local, remote));
	return local.port;
}

static int open_conn(struct wire_host *h, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref)
{
	struct ims_addr local = flow->local;
	struct wire_conn *c;
	int err;

	if (!local.port)
		local.port = any_port(h, local, flow->remote);
	c = conn_new(h, local, flow->remote, WIRE_SYN_SENT);
	if (!c)
		return -IMS_E_NOMEM;
	err = append(&c->out, &c->n_out, bytes);
	if (!err)
		err = emit(h, c, SYN, IMS_S(""));
	if (err) {
		drop(c);
		return err;
	}
	c->snd++;
	note_ref(c, ref);
	return 0;
}

int ims_wire_tcp_send(struct wire_host *h, const struct ims_flow *flow,
		      struct ims_str bytes, uint32_t ref)
{
	struct wire_conn *c = flow->conn ? find_id(h, flow->conn)
					 : find(h, flow->local, flow->remote);
	int err;

	if (flow->conn && !c)
		return -IMS_E_NOTFOUND;
	if (!c)
		return open_conn(h, flow, bytes, ref);
	err = c->state == WIRE_OPEN ? send_data(h, c, bytes)
				    : append(&c->out, &c->n_out, bytes);
	if (!err)
		note_ref(c, ref);
	return err;
}

static struct ims_flow flow_of(const struct wire_conn *c, uint32_t set)
{
	return (struct ims_flow){
		.local = c->local,
		.remote = c->remote,
		.transport = IMS_TCP,
		.conn = c->id,
		.set = set,
	};
}

/* One frame from the front of s; how many bytes it took, 0: stop. */
static size_t frame(struct wire_host *h, struct wire_conn *c, struct ims_str s,
		    uint32_t set)
{
	struct ims_flow flow = flow_of(c, set);
	struct ims_sip_frame f = {0};
	int err = ims_sip_frame(s, &f);

	if (err) {
		emit(h, c, RST | ACK, IMS_S(""));
		drop(c);
		h->host.up.dropped(h->host.up.arg, &flow, err);
		return 0;
	}
	if (f.kind == IMS_SIP_FRAME_MORE)
		return 0;
	if (f.kind == IMS_SIP_FRAME_PING)
		send_data(h, c, IMS_S("\r\n"));
	if (f.kind == IMS_SIP_FRAME_PONG && h->host.up.pong)
		h->host.up.pong(h->host.up.arg, &flow);
	if (f.kind == IMS_SIP_FRAME_MSG)
		h->host.up.message(h->host.up.arg, &flow, f.msg);
	return f.used;
}

/* Hands up every whole message.  Who takes it may end the connection: so the
 * bytes are taken out of it meanwhile, and it is looked up again each time.
 */
static void frames(struct wire_host *h, uint32_t id, uint32_t set)
{
	struct wire_conn *c = find_id(h, id);
	uint8_t *mem = c->in;
	struct ims_str rest = ims_str_n(mem, c->n_in);
	size_t used = 1;

	c->in = NULL;
	c->n_in = 0;
	while (used && (c = find_id(h, id))) {
		used = frame(h, c, rest, set);
		rest = ims_str_from(rest, used);
	}
	c = find_id(h, id);
	if (c && append(&c->in, &c->n_in, rest))
		drop(c);
	free(mem);
}

static void data(struct wire_host *h, struct wire_conn *c, struct ims_str d,
		 uint32_t set)
{
	if (append(&c->in, &c->n_in, d)) {
		drop(c);
		return;
	}
	c->rcv += (uint32_t)d.n;
	emit(h, c, ACK, IMS_S(""));
	frames(h, c->id, set);
}

/* Such that whoever sent it sees which of his segments is meant [RFC 9293
 * 3.10.7.1].
 */
static void refuse(struct wire_host *h, const struct ims_packet *p)
{
	uint8_t flags = p->payload[13];
	size_t head = (size_t)(p->payload[12] >> 4) * 4;
	struct wire_conn c = {
		.local = {p->dst, p->dport},
		.remote = {p->src, p->sport},
		.rcv = wire_get32(p->payload + 4) +
		       (uint32_t)(p->payload_len - head) + !!(flags & SYN),
	};

	if (flags & ACK)
		c.snd = wire_get32(p->payload + 8);
	emit(h, &c, flags & ACK ? RST : RST | ACK, IMS_S(""));
}

static void syn(struct wire_host *h, const struct ims_packet *p)
{
	struct ims_addr local = {p->dst, p->dport}, remote = {p->src, p->sport};
	struct wire_conn *c;

	if (!ims_wire_port_find(h, p->dport)) {
		refuse(h, p);
		return;
	}
	c = conn_new(h, local, remote, WIRE_SYN_RCVD);
	if (!c)
		return;
	c->rcv = wire_get32(p->payload + 4) + 1;
	emit(h, c, SYN | ACK, IMS_S(""));
	c->snd++;
}

/* What waited for the handshake goes out. */
static void opened(struct wire_host *h, struct wire_conn *c)
{
	uint8_t *out = c->out;
	size_t n = c->n_out;

	c->state = WIRE_OPEN;
	c->out = NULL;
	c->n_out = 0;
	send_data(h, c, ims_str_n(out, n));
	free(out);
}

static void reset(struct wire_host *h, struct wire_conn *c, uint32_t set)
{
	struct ims_flow flow = flow_of(c, set);
	bool refused = c->state == WIRE_SYN_SENT;
	uint32_t ref[WIRE_REFS];
	size_t n = c->n_refs;
	struct ims_flaw why = {0};

	memcpy(ref, c->ref, sizeof ref);
	drop(c);
	if (refused)
		flow.conn = 0;
	ims_flaw(&why, -IMS_E_SILENCE, "the TCP connection was %s",
		 refused ? "refused" : "closed");
	for (size_t i = 0; i < n; i++)
		h->host.up.unsent(h->host.up.arg, &flow, ref[i], why.err, &why);
	if (!n)
		h->host.up.unsent(h->host.up.arg, &flow, 0, why.err, &why);
}

/* No connection: a new one, or a peer that must be told so [RFC 9293 3.5.2]. */
static void stranger(struct wire_host *h, const struct ims_packet *p,
		     uint8_t flags)
{
	if ((flags & (SYN | ACK | RST)) == SYN)
		syn(h, p);
	else if (!(flags & RST))
		refuse(h, p);
}

/* An end of this connection, not of one before it on the same ports: each
 * segment that was sent over that one has its own RST [RFC 9293 3.10.7.3,
 * 3.10.7.4].
 */
static bool ends(const struct wire_conn *c, uint32_t seq, uint32_t ack,
		 uint8_t flags)
{
	if (!(flags & (RST | FIN)))
		return false;
	if (c->state == WIRE_SYN_SENT)
		return flags & ACK && ack == c->snd;
	return seq == c->rcv;
}

static void segment(struct wire_host *h, struct wire_conn *c, uint32_t seq,
		    uint8_t flags)
{
	if (c->state == WIRE_SYN_SENT && flags & SYN && flags & ACK) {
		c->rcv = seq + 1;
		emit(h, c, ACK, IMS_S(""));
		opened(h, c);
	} else if (c->state == WIRE_SYN_RCVD && flags & ACK) {
		opened(h, c);
	}
}

void ims_wire_tcp_receive(struct wire_host *h, const struct ims_packet *p,
			  uint32_t set)
{
	struct ims_addr local = {p->dst, p->dport}, remote = {p->src, p->sport};
	struct wire_conn *c = find(h, local, remote);
	size_t head;
	uint8_t flags;
	uint32_t seq;

	if (p->payload_len < HEAD)
		return;
	head = (size_t)(p->payload[12] >> 4) * 4;
	flags = p->payload[13];
	seq = wire_get32(p->payload + 4);
	if (head < HEAD || head > p->payload_len)
		return;
	if (c && (flags & (SYN | ACK)) == SYN) {
		drop(c); /* the peer began anew and forgot the old one */
		c = NULL;
	}
	if (!c) {
		stranger(h, p, flags);
		return;
	}
	if (ends(c, seq, wire_get32(p->payload + 8), flags)) {
		reset(h, c, set);
		return;
	}
	if (flags & (RST | FIN))
		return;
	segment(h, c, seq, flags);
	if (p->payload_len > head && c->state == WIRE_OPEN && seq == c->rcv)
		data(h, c, ims_str_n(p->payload + head, p->payload_len - head),
		     set);
}

void ims_wire_tcp_drop(struct wire_host *h, const struct ims_ipsec_set *set)
{
	ims_list_each (pos, &h->conns) {
		struct wire_conn *c =
			ims_container(pos, struct wire_conn, node);
		struct ims_flow flow = flow_of(c, set ? set->id : 0);

		if (!set || ims_ipsec_arrow(set, &flow, true) >= 0)
			drop(c);
	}
}
