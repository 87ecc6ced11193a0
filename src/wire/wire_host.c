/* SPDX-License-Identifier: BSD-2-Clause */
/* wire_host.c - a host on the wire: ports, UDP, and ESP in between. */
#include "wire_priv.h"

#include <stdlib.h>
#include <string.h>

#define UDP 17
#define TCP 6
#define ESP 50

struct wire_port *ims_wire_port_find(struct wire_host *h, uint16_t port)
{
	ims_list_each (pos, &h->ports) {
		struct wire_port *p =
			ims_container(pos, struct wire_port, node);

		if (p->port == port)
			return p;
	}
	return NULL;
}

static int hold(struct ims_host *host, struct ims_addr local, bool is_protected,
		struct ims_flaw *why)
{
	struct wire_host *h = (struct wire_host *)host;
	struct wire_port *p = ims_wire_port_find(h, local.port);

	if (p && p->is_protected != is_protected)
		return ims_flaw(why, -IMS_E_PORT,
				"port %u is held in the other kind",
				(unsigned)local.port);
	if (!p) {
		p = calloc(1, sizeof *p);
		if (!p)
			return ims_flaw(why, -IMS_E_NOMEM, "port");
		p->port = local.port;
		p->is_protected = is_protected;
		ims_list_add(&h->ports, &p->node);
	}
	p->users++;
	return 0;
}

static void release(struct ims_host *host, struct ims_addr local)
{
	struct wire_port *p =
		ims_wire_port_find((struct wire_host *)host, local.port);

	if (!p || --p->users)
		return;
	ims_list_del(&p->node);
	free(p);
}

int ims_wire_emit(struct wire_host *h, struct ims_addr src, struct ims_addr dst,
		  uint8_t proto, uint8_t *seg, size_t n)
{
	uint8_t ip[WIRE_MTU], esp[WIRE_MTU];
	const struct wire_port *port = ims_wire_port_find(h, src.port);
	size_t head;
	int len;

	if (n > sizeof ip - IMS_PACKET_HEADER - IMS_ESP_OVERHEAD)
		return -IMS_E_TOOBIG;
	wire_put16(seg + (proto == UDP ? 6 : 16),
		   ims_packet_checksum(src.ip, dst.ip, proto, seg, n));
	head = ims_packet_header(ip, src.ip, dst.ip, proto, n);
	memcpy(ip + head, seg, n);
	if (!port || !port->is_protected)
		return ims_wire_put(h->wire, ip, head + n, proto == UDP);
	len = ims_ipsec_engine_out(h->engine, ip, head + n, esp, sizeof esp);
	return len < 0 ? len
		       : ims_wire_put(h->wire, esp, (size_t)len, proto == UDP);
}

static int udp_send(struct wire_host *h, const struct ims_flow *flow,
		    struct ims_str bytes)
{
	uint8_t seg[WIRE_MTU];

	if (bytes.n > 65000)
		return -IMS_E_TOOBIG;
	if (!ims_wire_port_find(h, flow->local.port))
		return -IMS_E_NOTFOUND;
	wire_put16(seg, flow->local.port);
	wire_put16(seg + 2, flow->remote.port);
	wire_put16(seg + 4, (uint16_t)(8 + bytes.n));
	wire_put16(seg + 6, 0);
	memcpy(seg + 8, bytes.p, bytes.n);
	return ims_wire_emit(h, flow->local, flow->remote, UDP, seg,
			     8 + bytes.n);
}

/* What is protected goes out through its set only; what is not, never from a
 * protected port.
 */
static int check_flow(struct wire_host *h, const struct ims_flow *f)
{
	const struct wire_port *p = ims_wire_port_find(h, f->local.port);
	bool guarded = p && p->is_protected;

	if (!ims_ip_eq(f->local.ip, h->ip) ||
	    f->remote.ip.family != h->ip.family || !f->remote.port)
		return -IMS_E_RANGE;
	if (!f->set)
		return guarded ? -IMS_E_CLEAR : 0;
	return guarded && ims_ipsec_table_flow(&h->sets, f->local, f->remote) ==
				       f->set
		       ? 0
		       : -IMS_E_NOTFOUND;
}

static int host_send(struct ims_host *host, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref, struct ims_flaw *why)
{
	struct wire_host *h = (struct wire_host *)host;
	int err = check_flow(h, flow);

	if (!err && flow->transport == IMS_TCP)
		err = ims_wire_tcp_send(h, flow, bytes, ref);
	else if (!err)
		err = udp_send(h, flow, bytes);
	return err ? ims_flaw(why, err, "%s from port %u to port %u",
			      ims_transport_name(flow->transport),
			      (unsigned)flow->local.port,
			      (unsigned)flow->remote.port)
		   : 0;
}

/* A UE's set brings its ports with it. */
static int hold_set(struct ims_host *host, const struct ims_ipsec_set *set,
		    struct ims_flaw *why)
{
	int err;

	if (!set->ue)
		return 0;
	err = hold(host, set->sa[IMS_UC_TO_PS].src, true, why);
	if (err)
		return err;
	err = hold(host, set->sa[IMS_US_TO_PC].src, true, why);
	if (err)
		release(host, set->sa[IMS_UC_TO_PS].src);
	return err;
}

static void release_set(struct ims_host *host, const struct ims_ipsec_set *set)
{
	if (!set->ue)
		return;
	release(host, set->sa[IMS_UC_TO_PS].src);
	release(host, set->sa[IMS_US_TO_PC].src);
}

static struct wire_life *life_of(struct wire_host *h, uint32_t set)
{
	ims_list_each (pos, &h->lives) {
		struct wire_life *l =
			ims_container(pos, struct wire_life, node);

		if (l->set == set)
			return l;
	}
	return NULL;
}

static int set_life(struct wire_host *h, uint32_t set, uint32_t life_s)
{
	struct wire_life *l = life_of(h, set);

	if (!l) {
		l = calloc(1, sizeof *l);
		if (!l)
			return -IMS_E_NOMEM;
		l->set = set;
		ims_list_add(&h->lives, &l->node);
	}
	l->at_ms = h->wire->now_ms + (uint64_t)life_s * 1000;
	return 0;
}

static void forget_life(struct wire_host *h, uint32_t set)
{
	struct wire_life *l = life_of(h, set);

	if (!l)
		return;
	ims_list_del(&l->node);
	free(l);
}

static void sa_life(struct ims_host *host, uint32_t set, uint32_t life_s)
{
	struct wire_host *h = (struct wire_host *)host;

	if (ims_ipsec_table_find(&h->sets, set))
		(void)set_life(h, set, life_s);
}

static struct wire_life *first_to_end(const struct wire_host *h)
{
	struct wire_life *first = NULL;

	for (struct ims_list *pos = h->lives.next; pos != &h->lives;
	     pos = pos->next) {
		struct wire_life *l =
			ims_container(pos, struct wire_life, node);

		if (!first || l->at_ms < first->at_ms)
			first = l;
	}
	return first;
}

uint64_t ims_wire_host_ends(const struct wire_host *h)
{
	const struct wire_life *l = first_to_end(h);

	return l ? l->at_ms : IMS_NEVER;
}

static int sa_add(struct ims_host *host, const struct ims_ipsec_set *set,
		  struct ims_flaw *why)
{
	struct wire_host *h = (struct wire_host *)host;
	int err = hold_set(host, set, why);

	if (err)
		return err;
	err = ims_ipsec_engine_add(h->engine, set);
	if (!err) {
		err = ims_ipsec_table_add(&h->sets, set);
		if (!err && set->life_s)
			err = set_life(h, set->id, set->life_s);
		if (!err)
			return 0;
		ims_ipsec_table_del(&h->sets, set->id);
		ims_ipsec_engine_del(h->engine, set->id);
	}
	release_set(host, set);
	return ims_flaw(why, err, "set %u", (unsigned)set->id);
}

static void sa_del(struct ims_host *host, uint32_t id)
{
	struct wire_host *h = (struct wire_host *)host;
	const struct ims_ipsec_set *found = ims_ipsec_table_find(&h->sets, id);
	struct ims_ipsec_set set;

	if (!found)
		return;
	set = *found;
	forget_life(h, id);
	ims_wire_tcp_drop(h, &set);
	ims_ipsec_table_del(&h->sets, id);
	ims_ipsec_engine_del(h->engine, id);
	release_set(host, &set);
}

void ims_wire_host_end(struct wire_host *h)
{
	struct wire_life *l = first_to_end(h);
	uint32_t id = l->set;
	struct ims_flaw why;

	sa_del(&h->host, id);
	ims_flaw(&why, -IMS_E_IPSEC, "the lifetime of set %u is over",
		 (unsigned)id);
	if (h->host.up.sa_gone)
		h->host.up.sa_gone(h->host.up.arg, id, why.err, &why);
}

static int sa_count(struct ims_host *host, uint32_t id,
		    struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	return ims_ipsec_engine_count(((struct wire_host *)host)->engine, id,
				      out);
}

static void host_free(struct ims_host *host)
{
	struct wire_host *h = (struct wire_host *)host;

	ims_wire_tcp_drop(h, NULL);
	ims_list_each (pos, &h->ports)
		free(ims_container(pos, struct wire_port, node));
	ims_list_each (pos, &h->lives)
		free(ims_container(pos, struct wire_life, node));
	ims_ipsec_engine_free(h->engine);
	ims_ipsec_table_free(&h->sets);
	ims_list_del(&h->node);
	free(h);
}

static const struct ims_host_ops ops = {
	.hold = hold,
	.release = release,
	.send = host_send,
	.sa_add = sa_add,
	.sa_del = sa_del,
	.sa_life = sa_life,
	.sa_count = sa_count,
	.free = host_free,
};

int ims_wire_host_new(struct ims_wire *w, struct ims_ip ip,
		      const struct ims_host_up *up, struct ims_host **out)
{
	struct wire_host *h;

	ims_list_each (pos, &w->hosts) {
		if (ims_ip_eq(ims_container(pos, struct wire_host, node)->ip,
			      ip))
			return -IMS_E_EXISTS;
	}
	h = calloc(1, sizeof *h);
	if (!h)
		return -IMS_E_NOMEM;
	h->engine = ims_ipsec_engine_new(&w->rnd);
	if (!h->engine || ims_ipsec_table_init(&h->sets)) {
		ims_ipsec_engine_free(h->engine);
		free(h);
		return -IMS_E_NOMEM;
	}
	h->host.ops = &ops;
	h->host.ipsec = "memory";
	h->host.up = *up;
	h->wire = w;
	h->ip = ip;
	ims_list_init(&h->ports);
	ims_list_init(&h->conns);
	ims_list_init(&h->lives);
	ims_list_add(&w->hosts, &h->node);
	*out = &h->host;
	return 0;
}

static void udp_receive(struct wire_host *h, const struct ims_packet *p,
			uint32_t set)
{
	struct ims_flow flow = {
		.local = {p->dst, p->dport},
		.remote = {p->src, p->sport},
		.transport = IMS_UDP,
		.set = set,
	};
	size_t len = p->payload_len < 8 ? 0 : wire_get16(p->payload + 4);

	if (len < 8 || len > p->payload_len)
		return;
	h->host.up.message(h->host.up.arg, &flow,
			   ims_str_n(p->payload + 8, len - 8));
}

/* The rule of every protected port: nothing but what a set covers. */
static void receive(struct wire_host *h, const struct ims_packet *p, bool esp)
{
	struct ims_addr local = {p->dst, p->dport}, remote = {p->src, p->sport};
	const struct wire_port *port = ims_wire_port_find(h, p->dport);
	bool guarded = port && port->is_protected;
	uint32_t set = esp ? ims_ipsec_table_flow(&h->sets, local, remote) : 0;

	if ((guarded || esp) && !set) {
		struct ims_flow flow = {.local = local, .remote = remote};

		flow.transport = p->proto == TCP ? IMS_TCP : IMS_UDP;
		h->host.up.dropped(h->host.up.arg, &flow, -IMS_E_CLEAR);
		return;
	}
	if (esp && !guarded)
		return; /* nobody opened the port */
	if (p->proto == TCP)
		ims_wire_tcp_receive(h, p, set);
	else if (p->proto == UDP && port)
		udp_receive(h, p, set);
}

void ims_wire_host_receive(struct wire_host *h, const uint8_t *ip, size_t n)
{
	uint8_t clear[WIRE_MTU];
	struct ims_packet p;
	int len;

	if (ims_packet_parse(ip, n, &p) || p.fragment)
		return;
	if (p.proto != ESP) {
		receive(h, &p, false);
		return;
	}
	len = ims_ipsec_engine_in(h->engine, ip, n, clear, sizeof clear);
	if (len < 0) {
		struct ims_flow flow = {.local = {p.dst, 0},
					.remote = {p.src, 0}};

		h->host.up.dropped(h->host.up.arg, &flow, len);
	} else if (len > 0 && !ims_packet_parse(clear, (size_t)len, &p)) {
		receive(h, &p, true);
	}
}
