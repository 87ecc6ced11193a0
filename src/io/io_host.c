/* SPDX-License-Identifier: BSD-2-Clause */
/* io_host.c - the host: what it is asked, its SA sets, its end. */
#include "io_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base_mem.h"
#include "io_host_priv.h"
#include "io_netns.h"

struct notice {
	struct ims_list node;
	struct ims_flow flow;
	uint32_t ref;
	struct ims_flaw why;
};

static const struct ims_io_limits defaults = {
	.header_ms = 10 * 1000,
	.message_ms = 32 * 1000,
	.connect_ms = 32 * 1000,
	.write_ms = 32 * 1000,
	.idle_ms = 15 * 60 * 1000,
	.conns = 1024,
	.conns_per_peer = 32,
	.queue = 256 * 1024,
};

static struct ims_io_host *self(struct ims_host *h)
{
	return (struct ims_io_host *)h;
}

void ims_io_host_later(struct ims_io_host *h)
{
	ims_io_timer_set(h->loop, &h->later, 0);
}

void ims_io_host_unsent(struct ims_io_host *h, const struct ims_flow *flow,
			uint32_t ref, int err, const char *why)
{
	struct notice *n = calloc(1, sizeof *n);

	if (!n)
		return; /* the transaction's timer will tell */
	n->flow = *flow;
	n->ref = ref;
	ims_flaw(&n->why, err, "%s", why);
	ims_list_add(&h->notices, &n->node);
	ims_io_host_later(h);
}

void ims_io_host_dropped(struct ims_io_host *h, const struct ims_flow *flow,
			 int err)
{
	if (err == -IMS_E_CLEAR)
		h->stats.clear++;
	if (h->h.up.dropped)
		h->h.up.dropped(h->h.up.arg, flow, err);
}

/* From the back-end: ESP. */
static void on_esp_dropped(void *arg, const struct ims_flow *flow, int err)
{
	struct ims_io_host *h = arg;
	struct ims_flow f = *flow;

	h->stats.esp++;
	f.side = h->conf.side;
	if (h->h.up.dropped)
		h->h.up.dropped(h->h.up.arg, &f, err);
}

static void on_gone(void *arg, uint32_t set)
{
	struct ims_io_host *h = arg;
	struct ims_flaw why;

	ims_flaw(&why, -IMS_E_IPSEC,
		 "SAs of set %u are gone: removed by another, or too old",
		 (unsigned)set);
	if (h->h.up.sa_gone)
		h->h.up.sa_gone(h->h.up.arg, set, why.err, &why);
}

static void bury(struct ims_io_host *h)
{
	ims_list_each (n, &h->dead_conns)
		ims_io_conn_free(ims_container(n, struct ims_io_conn, node));
	ims_list_init(&h->dead_conns);
	ims_list_each (n, &h->dead_ports)
		free(ims_container(n, struct ims_io_port, dead));
	ims_list_init(&h->dead_ports);
}

/* No event is being handled now: the dead may go, the news be told.  Only the
 * news of before: what they cause waits for its turn.
 */
static void on_later(void *arg)
{
	struct ims_io_host *h = arg;
	struct ims_list *last = h->notices.prev;

	bury(h);
	ims_list_each (i, &h->notices) {
		struct notice *n = ims_container(i, struct notice, node);
		bool more = i != last;

		ims_list_del(i);
		if (h->h.up.unsent)
			h->h.up.unsent(h->h.up.arg, &n->flow, n->ref,
				       n->why.err, &n->why);
		free(n);
		if (!more)
			break;
	}
}

static int hold(struct ims_host *host, struct ims_addr local, bool is_protected,
		struct ims_flaw *why)
{
	return ims_io_port_hold(self(host), local, is_protected, true, why);
}

static void release(struct ims_host *host, struct ims_addr local)
{
	ims_io_port_release(self(host), local);
}

/* What is protected goes out through its set only; what is not, never from a
 * protected port.
 */
static int check_flow(struct ims_io_host *h, const struct ims_flow *f,
		      struct ims_flaw *why)
{
	struct ims_io_port *p = ims_io_port_find(h, f->local.port);
	char a[IMS_ADDR_TEXT], b[IMS_ADDR_TEXT];

	if (!ims_ip_eq(f->local.ip, h->conf.ip) ||
	    f->remote.ip.family != h->conf.ip.family || !f->remote.port)
		return ims_flaw(why, -IMS_E_RANGE,
				"%s to %s: not an address of this host, or "
				"none that it reaches",
				ims_addr_text(f->local, a),
				ims_addr_text(f->remote, b));
	if (!f->set && p && p->is_protected)
		return ims_flaw(why, -IMS_E_CLEAR,
				"%s is a protected port: nothing leaves it in "
				"clear",
				ims_addr_text(f->local, a));
	if (f->set &&
	    (!p || !p->is_protected ||
	     ims_ipsec_table_flow(&h->table, f->local, f->remote) != f->set))
		return ims_flaw(why, -IMS_E_NOTFOUND,
				"SA set %u does not cover %s to %s", f->set,
				ims_addr_text(f->local, a),
				ims_addr_text(f->remote, b));
	return 0;
}

static int udp_failed(int err, const struct ims_flow *f, struct ims_flaw *why)
{
	char a[IMS_ADDR_TEXT];
	int code = -IMS_E_SYS;

	switch (err) {
	case EMSGSIZE:
		code = -IMS_E_TOOBIG;
		break;
	case ENETUNREACH:
	case EHOSTUNREACH:
		code = -IMS_E_SILENCE;
		break;
	case ESRCH: /* no state for the policy */
		code = -IMS_E_IPSEC;
		break;
	default:
		break;
	}
	return ims_flaw(why, code, "UDP to %s: %s", ims_addr_text(f->remote, a),
			strerror(err));
}

static int send_udp(struct ims_io_host *h, const struct ims_flow *f,
		    struct ims_str bytes, struct ims_flaw *why)
{
	struct ims_io_port *p = ims_io_port_find(h, f->local.port);
	union ims_io_sa to;
	socklen_t n = ims_io_sa_from(f->remote, &to);
	char a[IMS_ADDR_TEXT];

	if (!p || p->udp < 0)
		return ims_flaw(why, -IMS_E_NOTFOUND, "port %s is not open",
				ims_addr_text(f->local, a));
	if (sendto(p->udp, bytes.p, bytes.n, 0, &to.sa, n) < 0) {
		/* Full queues lose a datagram, like any router. */
		if (errno != EAGAIN && errno != ENOBUFS)
			return udp_failed(errno, f, why);
		ims_trace(h->conf.trace, IMS_WARN, "io_host",
			  "UDP to %s lost here: %s",
			  ims_addr_text(f->remote, a), strerror(errno));
	}
	h->stats.sent++;
	return 0;
}

static int send_any(struct ims_host *host, const struct ims_flow *flow,
		    struct ims_str bytes, uint32_t ref, struct ims_flaw *why)
{
	struct ims_io_host *h = self(host);
	int err = check_flow(h, flow, why);

	if (err)
		return err;
	if (flow->transport == IMS_UDP)
		return send_udp(h, flow, bytes, why);
	return ims_io_conn_send(h, flow, bytes, ref, why);
}

/* Our two ports of a UE's set. */
static struct ims_addr port_uc(const struct ims_ipsec_set *s)
{
	return s->sa[IMS_UC_TO_PS].src;
}

static struct ims_addr port_us(const struct ims_ipsec_set *s)
{
	return s->sa[IMS_US_TO_PC].src;
}

static int hold_own(struct ims_io_host *h, const struct ims_ipsec_set *set,
		    struct ims_flaw *why)
{
	int err;

	if (!set->ue)
		return 0;
	err = ims_io_port_hold(h, port_us(set), true, true, why);
	if (err)
		return err;
	err = ims_io_port_hold(h, port_uc(set), true, false, why);
	if (err)
		ims_io_port_release(h, port_us(set));
	return err;
}

static void release_own(struct ims_io_host *h, const struct ims_ipsec_set *set)
{
	if (!set->ue)
		return;
	ims_io_port_release(h, port_uc(set));
	ims_io_port_release(h, port_us(set));
}

static int sa_add(struct ims_host *host, const struct ims_ipsec_set *set,
		  struct ims_flaw *why)
{
	struct ims_io_host *h = self(host);
	int err;

	if (!h->backend)
		return ims_flaw(why, -IMS_E_IPSEC,
				"IPsec is switched off here (--ipsec none)");
	err = hold_own(h, set, why);
	if (err)
		return err;
	err = h->backend->ops->add(h->backend, set, why);
	if (!err) {
		err = ims_ipsec_table_add(&h->table, set);
		if (!err)
			return 0;
		ims_flaw(why, err, "SA set %u", set->id);
		h->backend->ops->del(h->backend, set->id);
	}
	release_own(h, set);
	return err;
}

/* A UE's port is unprotected without its set, and must not speak again. */
static void close_conns(struct ims_io_host *h, const struct ims_ipsec_set *set)
{
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		const struct ims_ipsec_sa *sa = &set->sa[a];
		bool in = ims_ipsec_inbound(set, (enum ims_arrow)a);
		struct ims_io_conn *c =
			ims_io_conn_by_pair(h, in ? sa->dst : sa->src,
					    in ? sa->src : sa->dst);

		if (c)
			ims_io_conn_close(c, 0, "its SA set was removed");
	}
}

static void sa_del(struct ims_host *host, uint32_t id)
{
	struct ims_io_host *h = self(host);
	const struct ims_ipsec_set *found = ims_ipsec_table_find(&h->table, id);
	struct ims_ipsec_set set;

	if (!found)
		return;
	set = *found; /* without keys */
	close_conns(h, &set);
	h->backend->ops->del(h->backend, id);
	ims_ipsec_table_del(&h->table, id);
	release_own(h, &set);
}

static void sa_life(struct ims_host *host, uint32_t id, uint32_t life_s)
{
	struct ims_io_host *h = self(host);
	struct ims_ipsec_backend *b = h->backend;
	int err;

	if (!b || !b->ops->life || !ims_ipsec_table_find(&h->table, id))
		return;
	err = b->ops->life(b, id, life_s);
	if (err)
		ims_trace(h->conf.trace, IMS_WARN, "io_host",
			  "the lifetime of set %u stays: %s", (unsigned)id,
			  ims_err_info(err)->what);
}

static int sa_count(struct ims_host *host, uint32_t set,
		    struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	struct ims_io_host *h = self(host);

	if (!h->backend)
		return -IMS_E_NOTFOUND;
	return h->backend->ops->count(h->backend, set, out);
}

static int sa_sweep(struct ims_host *host, struct ims_flaw *why)
{
	struct ims_ipsec_backend *b = self(host)->backend;

	return b && b->ops->sweep ? b->ops->sweep(b, why) : 0;
}

static void leave(struct ims_host *host)
{
	struct ims_ipsec_backend *b = self(host)->backend;

	if (b && b->ops->leave)
		b->ops->leave(b);
}

static void close_all(struct ims_io_host *h)
{
	struct ims_map_node *n;

	ims_list_each (c, &h->conns_new)
		ims_io_conn_close(ims_container(c, struct ims_io_conn, node), 0,
				  "the end");
	ims_list_each (c, &h->conns_old)
		ims_io_conn_close(ims_container(c, struct ims_io_conn, node), 0,
				  "the end");
	while ((n = ims_map_each(&h->ports, NULL)))
		ims_io_port_close(ims_container(n, struct ims_io_port, node));
	bury(h);
	ims_list_each (i, &h->notices)
		free(ims_container(i, struct notice, node));
}

/* The back-end goes first: it still sends what our sockets gave it. */
static void host_free(struct ims_host *host)
{
	struct ims_io_host *h = self(host);
	struct ims_ipsec_backend *b = h->backend;

	close_all(h);
	if (b)
		b->ops->free(b);
	ims_io_timer_cancel(h->loop, &h->later);
	ims_io_timer_cancel(h->loop, &h->count_clear);
	ims_ipsec_table_free(&h->table);
	ims_map_free(&h->ports);
	ims_map_free(&h->conn_by_id);
	ims_map_free(&h->conn_by_pair);
	ims_map_free(&h->conn_by_peer);
	ims_wipe(h->in, sizeof h->in);
	free(h);
}

static const struct ims_host_ops ops = {
	.hold = hold,
	.release = release,
	.send = send_any,
	.sa_add = sa_add,
	.sa_del = sa_del,
	.sa_life = sa_life,
	.sa_count = sa_count,
	.sa_sweep = sa_sweep,
	.leave = leave,
	.free = host_free,
};

static void fill_limits(struct ims_io_limits *l)
{
	const struct ims_io_limits *d = &defaults;

	l->header_ms = l->header_ms ? l->header_ms : d->header_ms;
	l->message_ms = l->message_ms ? l->message_ms : d->message_ms;
	l->connect_ms = l->connect_ms ? l->connect_ms : d->connect_ms;
	l->write_ms = l->write_ms ? l->write_ms : d->write_ms;
	l->idle_ms = l->idle_ms ? l->idle_ms : d->idle_ms;
	l->conns = l->conns ? l->conns : d->conns;
	l->conns_per_peer =
		l->conns_per_peer ? l->conns_per_peer : d->conns_per_peer;
	l->queue = l->queue ? l->queue : d->queue;
}

static int init(struct ims_io_host *h)
{
	ims_list_init(&h->conns_new);
	ims_list_init(&h->conns_old);
	ims_list_init(&h->dead_ports);
	ims_list_init(&h->dead_conns);
	ims_list_init(&h->notices);
	h->later.fire = on_later;
	h->later.arg = h;
	h->count_clear.fire = ims_io_port_count_clear;
	h->count_clear.arg = h;
	if (ims_ipsec_table_init(&h->table) || ims_map_init(&h->ports) ||
	    ims_map_init(&h->conn_by_id) || ims_map_init(&h->conn_by_pair) ||
	    ims_map_init(&h->conn_by_peer))
		return -IMS_E_NOMEM;
	return 0;
}

static int make_backend(struct ims_io_host *h, struct ims_flaw *why)
{
	struct ims_io_backend_conf b = {
		.loop = h->loop,
		.ip = h->conf.ip,
		.netns = h->conf.netns,
		.network = h->conf.network,
		.trace = h->conf.trace,
		.rnd = h->conf.rnd,
		.dropped = on_esp_dropped,
		.gone = on_gone,
		.arg = h,
	};
	int err = ims_io_backend_new(&b, h->conf.ipsec, &h->backend, why);

	if (!err)
		h->h.ipsec = h->backend ? h->backend->ops->name : "none";
	return err;
}

int ims_io_host_new(struct ims_io_loop *l, const struct ims_io_host_conf *conf,
		    const struct ims_host_up *up, struct ims_host **out,
		    struct ims_flaw *why)
{
	struct ims_io_host *h;
	int err;

	if (!ims_ip_len(conf->ip) || ims_ip_is_any(conf->ip))
		return ims_flaw(why, -IMS_E_RANGE,
				"a host needs one address of its own; the any "
				"address is none");
	h = calloc(1, sizeof *h);
	if (!h)
		return ims_flaw(why, -IMS_E_NOMEM, "host");
	h->h.ops = &ops;
	h->h.up = *up;
	h->loop = l;
	h->conf = *conf;
	fill_limits(&h->conf.limits);
	err = init(h);
	if (!err)
		err = make_backend(h, why);
	if (err) {
		host_free(&h->h);
		return err;
	}
	*out = &h->h;
	return 0;
}

void ims_io_host_stats(const struct ims_host *host,
		       struct ims_io_host_stats *out)
{
	const struct ims_io_host *h = (const struct ims_io_host *)host;

	*out = h->stats;
	out->conns = h->conn_by_id.n;
}
