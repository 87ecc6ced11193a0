/* SPDX-License-Identifier: BSD-2-Clause */
/* io_conn_send.c - what goes out over TCP: opening, queueing, writing. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io_host_priv.h"
#include "io_netns.h"

/* All of it is with the kernel.  A request may still be lost with the
 * connection, and then nobody would answer it.
 */
static void written(struct ims_io_conn *c, struct ims_io_chunk *k)
{
	if (k->ref && k->request)
		c->refs[c->n_refs++ % IMS_IO_REFS] = k->ref;
	if (k->ref || k->n > 2)
		c->host->stats.sent++;
	c->queued -= sizeof *k;
	ims_list_del(&k->node);
	free(k);
}

/* false: the peer takes no more, or the connection is gone. */
static bool write_one(struct ims_io_conn *c, struct ims_io_chunk *k)
{
	while (k->at < k->n) {
		ssize_t n = send(c->fd, k->bytes + k->at, k->n - k->at,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0) {
			ims_io_conn_close(c, -IMS_E_SYS, strerror(errno));
			return false;
		}
		c->progress_ms = ims_io_loop_now(c->host->loop);
		c->queued -= (size_t)n;
		k->at += (size_t)n;
	}
	written(c, k);
	return true;
}

void ims_io_conn_write(struct ims_io_conn *c)
{
	ims_list_each (n, &c->out) {
		if (!write_one(c, ims_container(n, struct ims_io_chunk, node)))
			break;
	}
	if (c->gone)
		return;
	ims_io_watch_want(c->watch, ims_list_empty(&c->out)
					    ? IMS_IO_READ
					    : IMS_IO_READ | IMS_IO_WRITE);
	ims_io_conn_arm(c);
}

int ims_io_conn_queue(struct ims_io_conn *c, struct ims_str bytes, uint32_t ref)
{
	struct ims_io_chunk *k;

	if (c->queued + sizeof *k + bytes.n > c->host->conf.limits.queue)
		return -IMS_E_TOOBIG;
	k = malloc(sizeof *k + bytes.n);
	if (!k)
		return -IMS_E_NOMEM;
	*k = (struct ims_io_chunk){.ref = ref,
				   .n = bytes.n,
				   .request =
					   !ims_str_starts(bytes,
							   IMS_S("SIP/2.0 "))};
	memcpy(k->bytes, bytes.p, bytes.n);
	if (!c->queued)
		c->progress_ms = ims_io_loop_now(c->host->loop);
	c->queued += sizeof *k + bytes.n;
	ims_list_add(&c->out, &k->node);
	if (c->up)
		ims_io_conn_write(c);
	return 0;
}

static int begin(struct ims_io_host *h, const struct ims_flow *f,
		 struct ims_flaw *why)
{
	const struct ims_ipsec_backend *b = h->backend;
	struct ims_io_sock_conf conf = {
		.local = f->local,
		.device = f->set && b ? b->device : NULL,
		.share = ims_io_port_find(h, f->local.port) != NULL};
	int back, err, fd;

	err = ims_io_netns_enter(h->conf.netns, &back, why);
	if (err)
		return err;
	fd = ims_io_sock_tcp(&conf, why);
	ims_io_netns_leave(back);
	if (fd < 0)
		return fd;
	err = ims_io_sock_connect(fd, f->remote, why);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static int open_conn(struct ims_io_host *h, const struct ims_flow *f,
		     struct ims_io_conn **out, struct ims_flaw *why)
{
	struct ims_flow flow = *f;
	union ims_io_sa sa;
	socklen_t n = sizeof sa;
	int fd, err;

	if (h->conn_by_id.n >= h->conf.limits.conns && !ims_io_conn_evict(h))
		return ims_flaw(why, -IMS_E_SYS, "too many connections: %zu",
				h->conn_by_id.n);
	fd = begin(h, f, why);
	if (fd < 0)
		return fd;
	if (getsockname(fd, &sa.sa, &n) == 0)
		flow.local = ims_io_sa_to(&sa);
	flow.side = h->conf.side;
	err = ims_io_conn_new(h, fd, &flow, false, out);
	if (err)
		ims_flaw(why, err, "TCP connection");
	return err;
}

int ims_io_conn_send(struct ims_io_host *h, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref, struct ims_flaw *why)
{
	struct ims_io_conn *c = ims_io_conn_find(h, flow);
	char a[IMS_ADDR_TEXT];
	int err;

	if (!c) {
		err = open_conn(h, flow, &c, why);
		if (err)
			return err;
		assert(c);
	}
	err = ims_io_conn_queue(c, bytes, ref);
	if (err)
		return ims_flaw(why, err,
				"TCP to %s: %zu bytes wait already, the peer "
				"does not read",
				ims_addr_text(flow->remote, a), c->queued);
	return 0;
}
