/* SPDX-License-Identifier: BSD-2-Clause */
/* io_conn.c - TCP connections: their life, their limits, what they bring. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io_host_priv.h"
#include "sip_frame.h"
#include "sip_msg.h"

/* Reads in one turn of the loop. */
#define BATCH 4
#define ROOM_MIN 2048
/* Looking for the end of a message costs time for each piece that comes; who
 * sends it in more pieces than this does so on purpose.
 */
#define TRIES_MAX 4096
/* How long a closed connection may go on saying so. */
#define FAREWELL_MS 1000

static uint32_t id_hash(uint32_t id)
{
	return ims_str_hash(ims_str_n(&id, sizeof id), 0);
}

static uint32_t pair_hash(struct ims_addr local, struct ims_addr remote)
{
	return ims_addr_hash(remote, ims_addr_hash(local, 0));
}

static uint32_t peer_hash(struct ims_ip ip)
{
	return ims_addr_hash((struct ims_addr){.ip = ip}, 0);
}

struct ims_io_conn *ims_io_conn_by_pair(struct ims_io_host *h,
					struct ims_addr local,
					struct ims_addr remote)
{
	uint32_t hash = pair_hash(local, remote);

	for (struct ims_map_node *n = ims_map_first(&h->conn_by_pair, hash); n;
	     n = ims_map_next(n, hash)) {
		struct ims_io_conn *c =
			ims_container(n, struct ims_io_conn, by_pair);

		if (ims_addr_eq(c->flow.local, local) &&
		    ims_addr_eq(c->flow.remote, remote))
			return c;
	}
	return NULL;
}

static struct ims_io_conn *by_id(struct ims_io_host *h, uint32_t id)
{
	uint32_t hash = id_hash(id);

	for (struct ims_map_node *n = ims_map_first(&h->conn_by_id, hash); n;
	     n = ims_map_next(n, hash)) {
		struct ims_io_conn *c =
			ims_container(n, struct ims_io_conn, by_id);

		if (c->flow.conn == id)
			return c;
	}
	return NULL;
}

struct ims_io_conn *ims_io_conn_find(struct ims_io_host *h,
				     const struct ims_flow *f)
{
	struct ims_io_conn *c = f->conn ? by_id(h, f->conn) : NULL;
	uint32_t hash = peer_hash(f->remote.ip);

	if (c && c->flow.set == f->set &&
	    ims_addr_eq(c->flow.remote, f->remote))
		return c;
	if (f->local.port) {
		c = ims_io_conn_by_pair(h, f->local, f->remote);
		return c && c->flow.set == f->set ? c : NULL;
	}
	for (struct ims_map_node *n = ims_map_first(&h->conn_by_peer, hash); n;
	     n = ims_map_next(n, hash)) {
		c = ims_container(n, struct ims_io_conn, by_peer);
		if (c->flow.set == f->set &&
		    ims_addr_eq(c->flow.remote, f->remote))
			return c;
	}
	return NULL;
}

size_t ims_io_conn_of_peer(struct ims_io_host *h, struct ims_ip peer)
{
	uint32_t hash = peer_hash(peer);
	size_t n_conns = 0;

	for (struct ims_map_node *n = ims_map_first(&h->conn_by_peer, hash); n;
	     n = ims_map_next(n, hash)) {
		struct ims_io_conn *c =
			ims_container(n, struct ims_io_conn, by_peer);

		n_conns += c->accepted && ims_ip_eq(c->flow.remote.ip, peer);
	}
	return n_conns;
}

static bool evict_from(struct ims_list *list)
{
	ims_list_each (n, list) {
		struct ims_io_conn *c =
			ims_container(n, struct ims_io_conn, node);

		if (c->flow.set || !c->accepted)
			continue;
		c->host->stats.refused++;
		ims_io_conn_close(c, -IMS_E_SYS, "too many connections");
		return true;
	}
	return false;
}

bool ims_io_conn_evict(struct ims_io_host *h)
{
	return evict_from(&h->conns_new) || evict_from(&h->conns_old);
}

/* What waits was not sent; what was asked will not be answered here. */
static void tell_unsent(struct ims_io_conn *c, int err, const char *why)
{
	char remote[IMS_ADDR_TEXT], text[IMS_FLAW_TEXT];
	struct ims_flow flow = c->flow;
	struct ims_buf b;

	if (!c->up)
		flow.conn = 0;
	ims_buf_init(&b, text, sizeof text);
	ims_buf_printf(&b, "TCP to %s: %s",
		       ims_addr_text(c->flow.remote, remote), why);
	ims_buf_cstr(&b);
	for (unsigned i = 0; i < IMS_IO_REFS && i < c->n_refs; i++)
		ims_io_host_unsent(c->host, &flow, c->refs[i], err, text);
	ims_list_each (n, &c->out) {
		struct ims_io_chunk *k =
			ims_container(n, struct ims_io_chunk, node);

		if (k->ref)
			ims_io_host_unsent(c->host, &flow, k->ref, err, text);
	}
}

/* A protected one must not repeat its FIN when its SAs are gone.  The UE's
 * ports are then not protected any more, so it says nothing at all; the
 * network side lets what it has just sent arrive, and gives up soon.
 */
static void farewell(struct ims_io_conn *c)
{
	struct linger none = {.l_onoff = 1, .l_linger = 0};
	unsigned ms = FAREWELL_MS;

	if (!c->flow.set)
		return;
	if (c->host->conf.network)
		setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms,
			   sizeof ms);
	else
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

void ims_io_conn_close(struct ims_io_conn *c, int err, const char *why)
{
	struct ims_io_host *h = c->host;
	char remote[IMS_ADDR_TEXT];

	if (c->gone)
		return;
	ims_trace(h->conf.trace, IMS_DEBUG, "io_conn", "%u with %s closed: %s",
		  c->flow.conn, ims_addr_text(c->flow.remote, remote), why);
	c->gone = true;
	if (err)
		tell_unsent(c, err, why);
	farewell(c);
	ims_io_watch_free(c->watch);
	close(c->fd);
	ims_io_timer_cancel(h->loop, &c->timer);
	ims_map_del(&h->conn_by_id, &c->by_id);
	ims_map_del(&h->conn_by_pair, &c->by_pair);
	ims_map_del(&h->conn_by_peer, &c->by_peer);
	ims_list_del(&c->node);
	ims_list_add(&h->dead_conns, &c->node);
	ims_io_host_later(h);
}

void ims_io_conn_free(struct ims_io_conn *c)
{
	ims_list_each (n, &c->out)
		free(ims_container(n, struct ims_io_chunk, node));
	free(c->in);
	free(c);
}

/* The first byte of a message, or the connection itself, was at since_ms. */
static uint64_t deadline(const struct ims_io_conn *c)
{
	const struct ims_io_limits *l = &c->host->conf.limits;
	uint64_t at = IMS_NEVER, now = ims_io_loop_now(c->host->loop);

	if (!c->up)
		return c->since_ms + l->connect_ms;
	if (c->n_in || (c->accepted && !c->proven)) {
		at = c->since_ms + l->header_ms;
		if (at <= now && c->n_in &&
		    memmem(c->in, c->n_in, "\r\n\r\n", 4))
			at = c->since_ms + l->message_ms;
	} else if (!c->flow.set) {
		at = c->since_ms + l->idle_ms;
	}
	if (c->queued && c->progress_ms + l->write_ms < at)
		at = c->progress_ms + l->write_ms;
	return at;
}

void ims_io_conn_arm(struct ims_io_conn *c)
{
	uint64_t at = deadline(c);

	if (c->gone)
		return;
	if (at == IMS_NEVER)
		ims_io_timer_cancel(c->host->loop, &c->timer);
	else
		ims_io_timer_set(c->host->loop, &c->timer, at);
}

static void on_time(void *arg)
{
	struct ims_io_conn *c = arg;
	struct ims_io_host *h = c->host;

	if (deadline(c) > ims_io_loop_now(h->loop)) {
		ims_io_conn_arm(c);
		return;
	}
	if (!c->up) {
		ims_io_conn_close(c, -IMS_E_SILENCE, "no answer");
		return;
	}
	if (!c->n_in && !c->queued && c->proven) {
		ims_io_conn_close(c, 0, "idle");
		return;
	}
	h->stats.slow++;
	ims_io_conn_close(c, -IMS_E_SILENCE,
			  c->queued ? "the peer does not read"
				    : "the peer is too slow");
}

static void lost_track(struct ims_io_conn *c, int err)
{
	struct ims_io_host *h = c->host;
	struct ims_flow f = c->flow;

	h->stats.framing++;
	ims_io_conn_close(c, err, ims_err_info(err)->what);
	ims_io_host_dropped(h, &f, err);
}

static void proven(struct ims_io_conn *c)
{
	c->proven = true;
	c->n_tries = 0;
	ims_list_del(&c->node);
	ims_list_add(&c->host->conns_old, &c->node);
}

/* Hands over every whole message in bytes; returns how much is used up. */
static size_t cut(struct ims_io_conn *c, struct ims_str bytes)
{
	struct ims_io_host *h = c->host;
	size_t used = 0;

	while (used < bytes.n && !c->gone) {
		struct ims_sip_frame f;
		int err = ims_sip_frame(ims_str_from(bytes, used), &f);

		if (err) {
			lost_track(c, err);
			break;
		}
		if (f.kind == IMS_SIP_FRAME_MORE)
			break;
		used += f.used;
		if (f.kind == IMS_SIP_FRAME_PING)
			ims_io_conn_queue(c, IMS_S("\r\n"), 0);
		if (f.kind == IMS_SIP_FRAME_PONG && h->h.up.pong)
			h->h.up.pong(h->h.up.arg, &c->flow);
		if (f.kind != IMS_SIP_FRAME_MSG)
			continue;
		proven(c);
		h->stats.received++;
		h->h.up.message(h->h.up.arg, &c->flow, f.msg);
	}
	return used;
}

/* Puts bytes behind what is there.  Room grows with what really comes. */
static int keep(struct ims_io_conn *c, const char *p, size_t n)
{
	size_t cap = c->cap_in ? c->cap_in : ROOM_MIN;
	char *mem;

	while (cap < c->n_in + n)
		cap *= 2;
	if (cap > c->cap_in) {
		mem = realloc(c->in, cap);
		if (!mem)
			return -IMS_E_NOMEM;
		c->in = mem;
		c->cap_in = cap;
	}
	memcpy(c->in + c->n_in, p, n);
	c->n_in += n;
	return 0;
}

static void forget_in(struct ims_io_conn *c)
{
	free(c->in);
	c->in = NULL;
	c->n_in = c->cap_in = 0;
}

/* host->in holds n bytes of this connection.  Whole messages are used where
 * they are; only a beginning is kept.
 */
static void arrived(struct ims_io_conn *c, size_t n)
{
	struct ims_io_host *h = c->host;
	bool was_empty = c->n_in == 0;
	struct ims_str bytes = {h->in, n};
	size_t used;

	if (!was_empty) {
		if (keep(c, h->in, n)) {
			ims_io_conn_close(c, -IMS_E_NOMEM, "no memory");
			return;
		}
		bytes = ims_str_n(c->in, c->n_in);
	}
	if (c->n_tries++ > TRIES_MAX) {
		lost_track(c, -IMS_E_SIP_FRAMING);
		return;
	}
	used = cut(c, bytes);
	if (c->gone)
		return;
	/* A new peer's time runs from when it came, pings or not. */
	if ((used || was_empty) && (c->proven || !c->accepted))
		c->since_ms = ims_io_loop_now(h->loop);
	if (used == bytes.n) {
		forget_in(c);
	} else if (was_empty) {
		if (keep(c, bytes.p + used, bytes.n - used))
			ims_io_conn_close(c, -IMS_E_NOMEM, "no memory");
	} else {
		memmove(c->in, c->in + used, c->n_in - used);
		c->n_in -= used;
	}
}

static void on_read(struct ims_io_conn *c)
{
	for (int i = 0; i < BATCH && !c->gone; i++) {
		ssize_t n = recv(c->fd, c->host->in, sizeof c->host->in, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			ims_io_conn_close(c, -IMS_E_SYS, strerror(errno));
		else if (n == 0)
			ims_io_conn_close(c, -IMS_E_SYS, "closed by the peer");
		else
			arrived(c, (size_t)n);
	}
	ims_io_conn_arm(c);
}

static void on_connected(struct ims_io_conn *c)
{
	int err = 0;
	socklen_t n = sizeof err;

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &n);
	if (err) {
		ims_io_conn_close(c, -IMS_E_SILENCE, strerror(err));
		return;
	}
	c->up = true;
	c->since_ms = c->progress_ms = ims_io_loop_now(c->host->loop);
	ims_io_conn_write(c);
}

static void on_ready(void *arg, unsigned what)
{
	struct ims_io_conn *c = arg;

	if (!c->up) {
		on_connected(c);
		return;
	}
	if (what & IMS_IO_READ)
		on_read(c);
	if ((what & IMS_IO_WRITE) && !c->gone)
		ims_io_conn_write(c);
}

int ims_io_conn_new(struct ims_io_host *h, int fd, const struct ims_flow *flow,
		    bool accepted, struct ims_io_conn **out)
{
	struct ims_io_conn *c = calloc(1, sizeof *c);
	int one = 1;

	if (!c ||
	    ims_io_watch_new(h->loop, fd, accepted ? IMS_IO_READ : IMS_IO_WRITE,
			     on_ready, c, &c->watch)) {
		free(c);
		close(fd);
		return -IMS_E_NOMEM;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	c->host = h;
	c->fd = fd;
	c->accepted = c->up = accepted;
	c->flow = *flow;
	do
		h->last_conn++;
	while (!h->last_conn || by_id(h, h->last_conn));
	c->flow.conn = h->last_conn;
	c->since_ms = c->progress_ms = ims_io_loop_now(h->loop);
	c->timer.fire = on_time;
	c->timer.arg = c;
	ims_list_init(&c->out);
	ims_map_add(&h->conn_by_id, &c->by_id, id_hash(c->flow.conn));
	ims_map_add(&h->conn_by_pair, &c->by_pair,
		    pair_hash(flow->local, flow->remote));
	ims_map_add(&h->conn_by_peer, &c->by_peer, peer_hash(flow->remote.ip));
	ims_list_add(&h->conns_new, &c->node);
	ims_io_conn_arm(c);
	*out = c;
	return 0;
}
