/* SPDX-License-Identifier: BSD-2-Clause */
/* io_addr.c - hears when the addresses of this machine change (rtnetlink). */
#include "io_addr.h"

#include "io_sock.h"

#include <errno.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#define MOMENT_MS 200 /* an address is often replaced in two steps */

struct ims_io_addr {
	struct ims_io_loop *loop;
	struct mnl_socket *nl;
	struct ims_io_watch *watch;
	struct ims_io_timer soon;
};

bool ims_io_addr_is_here(struct ims_ip ip)
{
	struct ifaddrs *list = NULL;
	bool found = false;

	/* Who cannot look leaves everything as it is. */
	if (getifaddrs(&list))
		return true;
	for (const struct ifaddrs *i = list; i && !found; i = i->ifa_next) {
		int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;

		if (family != AF_INET && family != AF_INET6)
			continue;
		found = ims_ip_eq(
			ims_io_sa_to((const union ims_io_sa *)i->ifa_addr).ip,
			ip);
	}
	freeifaddrs(list);
	return found;
}

/* Only that there is news; what it is shows later. */
static void on_news(void *arg, unsigned what)
{
	struct ims_io_addr *w = arg;
	char buf[8192] __attribute__((aligned(8)));
	bool any = false;

	(void)what;
	for (int i = 0; i < 64; i++) {
		ssize_t n = mnl_socket_recvfrom(w->nl, buf, sizeof buf);

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		any = true;
	}
	if (any && !w->soon.due.slot)
		(void)ims_io_timer_set(w->loop, &w->soon,
				       ims_io_loop_now(w->loop) + MOMENT_MS);
}

int ims_io_addr_new(struct ims_io_loop *l, void (*changed)(void *arg),
		    void *arg, struct ims_io_addr **out, struct ims_flaw *why)
{
	struct ims_io_addr *w = calloc(1, sizeof *w);

	if (!w)
		return ims_flaw(why, -IMS_E_NOMEM, "addresses");
	w->loop = l;
	w->soon = (struct ims_io_timer){.fire = changed, .arg = arg};
	w->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!w->nl ||
	    mnl_socket_bind(w->nl, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
			    MNL_SOCKET_AUTOPID) ||
	    ims_io_watch_new(l, mnl_socket_get_fd(w->nl), IMS_IO_READ, on_news,
			     w, &w->watch)) {
		ims_io_addr_free(w);
		return ims_flaw(why, -IMS_E_SYS,
				"changes of addresses cannot be heard");
	}
	*out = w;
	return 0;
}

void ims_io_addr_free(struct ims_io_addr *w)
{
	if (!w)
		return;
	ims_io_watch_free(w->watch);
	ims_io_timer_cancel(w->loop, &w->soon);
	if (w->nl)
		mnl_socket_close(w->nl);
	free(w);
}
