/* SPDX-License-Identifier: BSD-2-Clause */
/* io_port.c - local ports: UDP, listeners, and the ears for clear text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io_host_priv.h"
#include "io_netns.h"

/* Datagrams, or connections, taken in one turn of the loop. */
#define BATCH 64
#define CLEAR_EVERY_MS 500
#define PAUSE_MS 100

static uint32_t hash_of(uint16_t port)
{
	return ims_str_hash(ims_str_n(&port, sizeof port), 0);
}

struct ims_io_port *ims_io_port_find(struct ims_io_host *h, uint16_t port)
{
	uint32_t hash = hash_of(port);

	for (struct ims_map_node *n = ims_map_first(&h->ports, hash); n;
	     n = ims_map_next(n, hash)) {
		struct ims_io_port *p =
			ims_container(n, struct ims_io_port, node);

		if (p->addr.port == port)
			return p;
	}
	return NULL;
}

static struct ims_flow flow_of(const struct ims_io_port *p,
			       enum ims_transport transport)
{
	return (struct ims_flow){.local = p->addr,
				 .transport = transport,
				 .side = p->host->conf.side};
}

/* One datagram into host->in; -1: there is none. */
static ssize_t take(struct ims_io_host *h, int fd, struct ims_addr *from)
{
	union ims_io_sa sa;
	socklen_t len = sizeof sa;
	ssize_t n;

	do
		n = recvfrom(fd, h->in, sizeof h->in, 0, &sa.sa, &len);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		*from = ims_io_sa_to(&sa);
	return n;
}

/* Nothing but line ends and zeros: somebody keeps his NAT open. */
static bool is_keepalive(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r' && p[i] != '\n' && p[i] != 0)
			return false;
	return true;
}

static void on_udp(void *arg, unsigned what)
{
	struct ims_io_port *p = arg;
	struct ims_io_host *h = p->host;
	struct ims_flow f = flow_of(p, IMS_UDP);

	(void)what;
	for (int i = 0; i < BATCH && !p->gone; i++) {
		ssize_t n = take(h, p->udp, &f.remote);

		if (n < 0)
			return;
		f.set = p->is_protected
				? ims_ipsec_table_flow(&h->table, f.local,
						       f.remote)
				: 0;
		if (p->is_protected && !f.set) {
			ims_io_host_dropped(h, &f, -IMS_E_CLEAR);
			continue;
		}
		if (is_keepalive(h->in, (size_t)n))
			continue;
		h->stats.received++;
		h->h.up.message(h->h.up.arg, &f, ims_str_n(h->in, (size_t)n));
	}
}

static void on_clear_udp(void *arg, unsigned what)
{
	struct ims_io_port *p = arg;
	struct ims_flow f = flow_of(p, IMS_UDP);

	(void)what;
	for (int i = 0; i < BATCH && !p->gone; i++) {
		if (take(p->host, p->clear_udp, &f.remote) < 0)
			return;
		ims_io_host_dropped(p->host, &f, -IMS_E_CLEAR);
	}
}

static void count_clear(struct ims_io_port *p)
{
	struct ims_flow f = flow_of(p, IMS_TCP);
	uint32_t now, n;

	if (p->clear_tcp < 0)
		return;
	now = ims_io_sock_drops(p->clear_tcp);
	n = now - p->clear_seen;
	p->clear_seen = now;
	if (!n)
		return;
	p->host->stats.clear += n - 1; /* told once for many */
	ims_io_host_dropped(p->host, &f, -IMS_E_CLEAR);
}

/* The peer's address stays unknown: to be deaf, the socket may not read. */
void ims_io_port_count_clear(void *host)
{
	struct ims_io_host *h = host;
	struct ims_map_node *n, *next;
	bool any = false;

	for (n = ims_map_each(&h->ports, NULL); n; n = next) {
		struct ims_io_port *p =
			ims_container(n, struct ims_io_port, node);

		next = ims_map_each(&h->ports, n);
		any |= p->clear_tcp >= 0;
		count_clear(p);
	}
	if (any)
		ims_io_timer_set(h->loop, &h->count_clear,
				 ims_io_loop_now(h->loop) + CLEAR_EVERY_MS);
}

/* Takes the connection, or closes it: false. */
static bool admit(struct ims_io_port *p, int fd, struct ims_flow *f)
{
	struct ims_io_host *h = p->host;
	const struct ims_io_limits *l = &h->conf.limits;

	if (p->is_protected) {
		f->set = ims_ipsec_table_flow(&h->table, f->local, f->remote);
		if (!f->set) {
			close(fd);
			ims_io_host_dropped(h, f, -IMS_E_CLEAR);
			return false;
		}
	}
	if (ims_io_conn_of_peer(h, f->remote.ip) >= l->conns_per_peer ||
	    (h->conn_by_id.n >= l->conns && !ims_io_conn_evict(h))) {
		close(fd);
		h->stats.refused++;
		return false;
	}
	return true;
}

static void accept_again(void *arg)
{
	struct ims_io_port *p = arg;

	ims_io_watch_want(p->watch_tcp, IMS_IO_READ);
}

/* Out of descriptors: the idlest gives way; if none can, all wait. */
static void short_of_files(struct ims_io_port *p)
{
	if (ims_io_conn_evict(p->host))
		return;
	ims_io_watch_want(p->watch_tcp, 0);
	ims_io_timer_set(p->host->loop, &p->again,
			 ims_io_loop_now(p->host->loop) + PAUSE_MS);
}

static void on_accept(void *arg, unsigned what)
{
	struct ims_io_port *p = arg;

	(void)what;
	for (int i = 0; i < BATCH && !p->gone; i++) {
		struct ims_flow f = flow_of(p, IMS_TCP);
		union ims_io_sa sa;
		socklen_t len = sizeof sa;
		struct ims_io_conn *c;
		int fd = accept4(p->tcp, &sa.sa, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
			       errno == ENOBUFS || errno == ENOMEM))
			short_of_files(p);
		if (fd < 0)
			return;
		f.remote = ims_io_sa_to(&sa);
		if (admit(p, fd, &f))
			ims_io_conn_new(p->host, fd, &f, true, &c);
	}
}

static void shut(int *fd, struct ims_io_watch **w)
{
	if (w) {
		ims_io_watch_free(*w);
		*w = NULL;
	}
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void ims_io_port_close(struct ims_io_port *p)
{
	struct ims_io_host *h = p->host;
	struct ims_ipsec_backend *b = h->backend;

	count_clear(p);
	p->gone = true;
	shut(&p->udp, &p->watch_udp);
	shut(&p->tcp, &p->watch_tcp);
	shut(&p->clear_udp, &p->watch_clear);
	shut(&p->clear_tcp, NULL);
	ims_io_timer_cancel(h->loop, &p->again);
	ims_map_del(&h->ports, &p->node);
	if (p->is_protected && b)
		b->ops->unprotect(b, p->addr);
	ims_list_add(&h->dead_ports, &p->dead);
	ims_io_host_later(h);
}

static int listen_on(const struct ims_io_sock_conf *c, bool deaf, int *out,
		     struct ims_flaw *why)
{
	int fd = ims_io_sock_tcp(c, why), err = 0;

	if (fd < 0)
		return fd;
	if (deaf)
		err = ims_io_sock_deaf(fd, why);
	if (!err)
		err = ims_io_sock_listen(fd, c->local, why);
	if (err)
		close(fd);
	else
		*out = fd;
	return err;
}

/* Beside sockets on the device: without these two, clear text would be
 * answered by the kernel with "port unreachable" or RST.
 */
static int open_clear(struct ims_io_port *p, struct ims_flaw *why)
{
	struct ims_io_sock_conf c = {.local = p->addr};
	int err;

	p->clear_udp = ims_io_sock_udp(&c, why);
	if (p->clear_udp < 0)
		return p->clear_udp;
	err = listen_on(&c, true, &p->clear_tcp, why);
	if (err)
		return err;
	ims_io_timer_set(p->host->loop, &p->host->count_clear,
			 ims_io_loop_now(p->host->loop) + CLEAR_EVERY_MS);
	return 0;
}

static int open_tcp(struct ims_io_port *p, struct ims_flaw *why)
{
	const struct ims_ipsec_backend *b = p->host->backend;
	struct ims_io_sock_conf c = {.local = p->addr};
	int err;

	if (p->tcp >= 0)
		return 0;
	if (p->is_protected && b && b->device) {
		c.device = b->device;
		c.share = true;
	}
	err = listen_on(&c, false, &p->tcp, why);
	if (err)
		return err;
	err = ims_io_watch_new(p->host->loop, p->tcp, IMS_IO_READ, on_accept, p,
			       &p->watch_tcp);
	if (err)
		shut(&p->tcp, NULL);
	return err;
}

static int open_udp(struct ims_io_port *p, struct ims_flaw *why)
{
	const struct ims_ipsec_backend *b = p->host->backend;
	struct ims_io_sock_conf c = {.local = p->addr};
	int err = 0;

	if (p->is_protected && b && b->device) {
		err = open_clear(p, why);
		if (!err)
			err = ims_io_watch_new(p->host->loop, p->clear_udp,
					       IMS_IO_READ, on_clear_udp, p,
					       &p->watch_clear);
		c.device = b->device;
		c.share = true;
	}
	if (err)
		return err;
	p->udp = ims_io_sock_udp(&c, why);
	if (p->udp < 0)
		return p->udp;
	return ims_io_watch_new(p->host->loop, p->udp, IMS_IO_READ, on_udp, p,
				&p->watch_udp);
}

static int open_in_ns(struct ims_io_port *p, bool udp, bool tcp,
		      struct ims_flaw *why)
{
	int back, err = ims_io_netns_enter(p->host->conf.netns, &back, why);

	if (err)
		return err;
	if (udp)
		err = open_udp(p, why);
	if (!err && tcp)
		err = open_tcp(p, why);
	ims_io_netns_leave(back);
	return err;
}

static int open_new(struct ims_io_host *h, struct ims_addr local,
		    bool is_protected, bool tcp, struct ims_flaw *why)
{
	struct ims_io_port *p = calloc(1, sizeof *p);
	struct ims_ipsec_backend *b = h->backend;
	int err = 0;

	if (!p)
		return ims_flaw(why, -IMS_E_NOMEM, "port");
	p->host = h;
	p->addr = local;
	p->udp = p->tcp = p->clear_udp = p->clear_tcp = -1;
	p->users = 1;
	p->is_protected = is_protected;
	p->again.fire = accept_again;
	p->again.arg = p;
	if (is_protected)
		err = b->ops->protect(b, local, why);
	if (err) {
		free(p);
		return err;
	}
	ims_map_add(&h->ports, &p->node, hash_of(local.port));
	err = open_in_ns(p, true, tcp, why);
	if (err)
		ims_io_port_close(p);
	return err;
}

int ims_io_port_hold(struct ims_io_host *h, struct ims_addr local,
		     bool is_protected, bool tcp, struct ims_flaw *why)
{
	struct ims_io_port *p = ims_io_port_find(h, local.port);
	char a[IMS_ADDR_TEXT];
	int err = 0;

	if (!ims_ip_eq(local.ip, h->conf.ip) || !local.port)
		return ims_flaw(why, -IMS_E_RANGE,
				"%s is not an address of this host, or has no "
				"port",
				ims_addr_text(local, a));
	if (is_protected && !h->backend)
		return ims_flaw(why, -IMS_E_IPSEC,
				"%s cannot be protected: IPsec is switched off "
				"here (--ipsec none)",
				ims_addr_text(local, a));
	if (!p)
		return open_new(h, local, is_protected, tcp, why);
	if (p->is_protected != is_protected)
		return ims_flaw(why, -IMS_E_PORT,
				"%s is wanted both with and without protection",
				ims_addr_text(local, a));
	if (tcp && p->tcp < 0)
		err = open_in_ns(p, false, true, why);
	if (!err)
		p->users++;
	return err;
}

void ims_io_port_release(struct ims_io_host *h, struct ims_addr local)
{
	struct ims_io_port *p = ims_io_port_find(h, local.port);

	if (p && --p->users == 0)
		ims_io_port_close(p);
}
