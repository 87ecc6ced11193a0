/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm_news.c - notices when what is ours goes without us: by another
 * program, by hand, or by a lifetime.
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>

#include "io_netns.h"
#include "io_xfrm.h"
#include "io_xfrm_priv.h"

#define GROUP(g) (1u << ((g)-1))
/* After the first of many deletions; and at most so often. */
#define SOON_MS 100
#define PACE_MS 1000
/* Where nobody tells. */
#define PERIOD_MS 10000

static void plan(struct ims_io_xfrm *x)
{
	uint64_t now = ims_io_loop_now(x->conf.loop);
	uint64_t at = now + SOON_MS;

	if (x->audited_ms && at < x->audited_ms + PACE_MS)
		at = x->audited_ms + PACE_MS;
	(void)ims_io_timer_set(x->conf.loop, &x->audit, at);
}

static bool is_loss(const struct nlmsghdr *h, unsigned own)
{
	switch (h->nlmsg_type) {
	case XFRM_MSG_DELSA:
	case XFRM_MSG_FLUSHSA:
	case XFRM_MSG_DELPOLICY:
	case XFRM_MSG_FLUSHPOLICY:
		return h->nlmsg_pid != own;
	case XFRM_MSG_EXPIRE:
	case XFRM_MSG_POLEXPIRE:
		return true;
	default:
		return false;
	}
}

/* ENOBUFS: some news are lost, so everything may be. */
static void on_news(void *arg, unsigned what)
{
	struct ims_io_xfrm *x = arg;
	char buf[8192] __attribute__((aligned(8)));
	bool loss = false;

	(void)what;
	for (int i = 0; i < 64; i++) {
		int n = (int)mnl_socket_recvfrom(x->news, buf, sizeof buf);
		const struct nlmsghdr *h = (const void *)buf;

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		loss |= n < 0;
		for (; n > 0 && mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n))
			loss |= is_loss(h, x->nl.portid);
	}
	if (loss && !x->audit.due.slot)
		plan(x);
}

static struct mnl_socket *open_news(int netns)
{
	unsigned groups = GROUP(XFRMNLGRP_SA) | GROUP(XFRMNLGRP_EXPIRE) |
			  GROUP(XFRMNLGRP_POLICY);
	struct mnl_socket *s;
	struct ims_flaw why;
	int back;

	if (ims_io_netns_enter(netns, &back, &why))
		return NULL;
	s = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC | SOCK_NONBLOCK);
	ims_io_netns_leave(back);
	if (s && mnl_socket_bind(s, groups, MNL_SOCKET_AUTOPID)) {
		mnl_socket_close(s);
		return NULL;
	}
	return s;
}

static void on_audit(void *arg)
{
	struct ims_io_xfrm *x = arg;

	x->audited_ms = ims_io_loop_now(x->conf.loop);
	if (!x->news)
		(void)ims_io_timer_set(x->conf.loop, &x->audit,
				       x->audited_ms + PERIOD_MS);
	ims_io_xfrm_audit(x);
}

void ims_io_xfrm_listen(struct ims_io_xfrm *x)
{
	x->audit.fire = on_audit;
	x->audit.arg = x;
	if (!x->conf.loop)
		return;
	x->news = open_news(x->conf.netns);
	if (x->news &&
	    ims_io_watch_new(x->conf.loop, mnl_socket_get_fd(x->news),
			     IMS_IO_READ, on_news, x, &x->watch)) {
		mnl_socket_close(x->news);
		x->news = NULL;
	}
	if (!x->news)
		(void)ims_io_timer_set(x->conf.loop, &x->audit,
				       ims_io_loop_now(x->conf.loop) +
					       PERIOD_MS);
}

void ims_io_xfrm_deaf(struct ims_io_xfrm *x)
{
	ims_io_watch_free(x->watch);
	if (x->news)
		mnl_socket_close(x->news);
	if (x->conf.loop)
		ims_io_timer_cancel(x->conf.loop, &x->audit);
	x->watch = NULL;
	x->news = NULL;
}

/* --- the comparison --- */

static struct ims_io_xfrm_entry *entry_of(struct ims_map_node *n)
{
	return ims_container(n, struct ims_io_xfrm_entry, node);
}

static int by_name(const void *a, const void *b)
{
	const struct ims_io_xfrm_found *p = a, *q = b;
	int d = memcmp(&p->dst.ip, &q->dst.ip, sizeof p->dst.ip);

	return d ? d : (p->spi > q->spi) - (p->spi < q->spi);
}

static bool all_there(const struct ims_ipsec_set *s,
		      const struct ims_io_xfrm_list *l)
{
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		struct ims_io_xfrm_found key = {.dst = s->sa[a].dst,
						.spi = s->sa[a].spi};

		if (!l->n || !bsearch(&key, l->v, l->n, sizeof key, by_name))
			return false;
	}
	return true;
}

static bool has_pol(const struct ims_io_xfrm_list *l,
		    const struct ims_io_xfrm_pol *p)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].in == p->in && ims_addr_eq(l->v[i].src, p->src) &&
		    ims_addr_eq(l->v[i].dst, p->dst))
			return true;
	return false;
}

/* A port without its policies takes clear text: they come back at once. */
static void mend_ports(struct ims_io_xfrm *x, const struct ims_io_xfrm_list *l)
{
	char text[IMS_ADDR_TEXT];

	ims_list_each (n, &x->ports) {
		struct ims_addr local =
			ims_container(n, struct ims_io_xfrm_port, node)->local;
		struct ims_io_xfrm_pol in = {.dst = local, .in = true};
		struct ims_io_xfrm_pol out = {.src = local, .in = false};

		if (has_pol(l, &in) && has_pol(l, &out))
			continue;
		ims_io_xfrm_put_pol(&x->nl, &in, true);
		ims_io_xfrm_put_pol(&x->nl, &out, true);
		ims_io_xfrm_commit(&x->nl);
		ims_trace(x->conf.trace, IMS_WARN, "io_xfrm",
			  "somebody removed the IPsec policies of %s; they are "
			  "there again",
			  ims_addr_text(local, text));
	}
}

static bool set_is_whole(const struct ims_ipsec_set *s,
			 const struct ims_io_xfrm_list *sas,
			 const struct ims_io_xfrm_list *pols)
{
	if (!all_there(s, sas))
		return false;
	for (int a = 0; s->ue && a < IMS_N_ARROWS; a++) {
		struct ims_io_xfrm_pol p = ims_io_xfrm_set_pol(s, a);

		if (!has_pol(pols, &p))
			return false;
	}
	return true;
}

/* The owner may remove this one, and others, while he is told. */
static void tell_lost(struct ims_io_xfrm *x)
{
	struct ims_map_node *n = NULL;

	while ((n = ims_map_each(&x->sets, n))) {
		uint32_t id = entry_of(n)->set.id;

		if (!entry_of(n)->lost)
			continue;
		entry_of(n)->lost = false;
		if (!x->conf.gone)
			continue;
		x->conf.gone(x->conf.arg, id);
		n = NULL; /* from the start: the map has changed */
	}
}

void ims_io_xfrm_audit(struct ims_io_xfrm *x)
{
	struct ims_io_xfrm_list sas = {0}, pols = {0};
	struct ims_map_node *n = NULL;
	int err = ims_io_xfrm_dump_sa(&x->nl, &sas);

	if (!err)
		err = ims_io_xfrm_dump_pol(&x->nl, &pols);
	if (err) {
		ims_trace(x->conf.trace, IMS_WARN, "io_xfrm",
			  "the SAs in the kernel could not be listed: %s",
			  strerror(err));
	} else {
		if (sas.n)
			qsort(sas.v, sas.n, sizeof *sas.v, by_name);
		mend_ports(x, &pols);
		while ((n = ims_map_each(&x->sets, n)))
			entry_of(n)->lost =
				!set_is_whole(&entry_of(n)->set, &sas, &pols);
	}
	free(sas.v);
	free(pols.v);
	if (!err)
		tell_lost(x);
}
