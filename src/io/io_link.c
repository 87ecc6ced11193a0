/* SPDX-License-Identifier: BSD-2-Clause */
/* io_link.c - rtnetlink requests, one at a time, each with its answer. */
#include "io_link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io_netns.h"

/* The kernel's own flag of an IPv6 device; not in its headers for us. */
#define IF_READY 0x80000000u

#ifndef IN6_ADDR_GEN_MODE_NONE
#define IN6_ADDR_GEN_MODE_NONE 1
#endif

/* Many packets may wait for one turn of the loop. */
#define TXQLEN 5000
/* Rules of killed runs that are cleared away at once. */
#define STALE 256

struct ims_io_link {
	struct mnl_socket *nl;
	unsigned seq, port;
	char buf[4096];  /* the request */
	char back[8192]; /* the answer */
};

int ims_io_link_open(int netns, struct ims_io_link **out, struct ims_flaw *why)
{
	struct ims_io_link *l = calloc(1, sizeof *l);
	int back, err;

	if (!l)
		return ims_flaw(why, -IMS_E_NOMEM, "rtnetlink");
	err = ims_io_netns_enter(netns, &back, why);
	if (err) {
		free(l);
		return err;
	}
	l->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	err = l->nl ? mnl_socket_bind(l->nl, 0, MNL_SOCKET_AUTOPID) : -1;
	ims_io_netns_leave(back);
	if (err) {
		err = ims_flaw(why, -IMS_E_SYS, "rtnetlink: %s",
			       strerror(errno));
		ims_io_link_close(l);
		return err;
	}
	l->port = mnl_socket_get_portid(l->nl);
	*out = l;
	return 0;
}

void ims_io_link_close(struct ims_io_link *l)
{
	if (!l)
		return;
	if (l->nl)
		mnl_socket_close(l->nl);
	free(l);
}

static struct nlmsghdr *begin(struct ims_io_link *l, uint16_t type,
			      unsigned flags)
{
	struct nlmsghdr *h;

	memset(l->buf, 0, sizeof l->buf);
	h = mnl_nlmsg_put_header(l->buf);
	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	h->nlmsg_seq = ++l->seq;
	return h;
}

static int refusal(int err, const char *what, struct ims_flaw *why)
{
	switch (err) {
	case EPERM:
		return ims_flaw(why, -IMS_E_RIGHTS, "%s: needs CAP_NET_ADMIN",
				what);
	case EEXIST:
		return ims_flaw(why, -IMS_E_EXISTS, "%s: is there already",
				what);
	case ENODEV:
	case ENOENT:
	case ESRCH:
		return ims_flaw(why, -IMS_E_NOTFOUND, "%s: %s", what,
				strerror(err));
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
		return ims_flaw(why, -IMS_E_HERE, "%s: this kernel cannot",
				what);
	default:
		return ims_flaw(why, -IMS_E_SYS, "%s: %s", what, strerror(err));
	}
}

/* Sends the request and takes the answer; index (may be NULL) is the link's
 * that the answer describes.
 */
static int ask(struct ims_io_link *l, struct nlmsghdr *h, int *index)
{
	ssize_t n;
	int rc;

	if (mnl_socket_sendto(l->nl, h, h->nlmsg_len) < 0)
		return errno;
	do {
		const struct nlmsghdr *a = (const void *)l->back;

		n = mnl_socket_recvfrom(l->nl, l->back, sizeof l->back);
		if (n < 0 && errno == EINTR) {
			rc = MNL_CB_OK;
			continue;
		}
		if (n < 0)
			return errno;
		if (index && mnl_nlmsg_ok(a, (int)n) &&
		    a->nlmsg_type == RTM_NEWLINK && a->nlmsg_seq == l->seq) {
			const struct ifinfomsg *i = mnl_nlmsg_get_payload(a);

			*index = i->ifi_index;
		}
		rc = mnl_cb_run(l->back, (size_t)n, l->seq, l->port, NULL,
				NULL);
	} while (rc > MNL_CB_STOP);
	return rc < 0 ? errno : 0;
}

static int order(struct ims_io_link *l, struct nlmsghdr *h,
		 struct ims_flaw *why, const char *what, const char *name)
{
	char text[96];
	int err = ask(l, h, NULL);

	if (!err)
		return 0;
	snprintf(text, sizeof text, "%s %s", what, name);
	return refusal(err, text, why);
}

int ims_io_link_index(struct ims_io_link *l, const char *name,
		      struct ims_flaw *why)
{
	struct nlmsghdr *h = begin(l, RTM_GETLINK, 0);
	char text[96];
	int index = 0, err;

	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	err = ask(l, h, &index);
	if (!err && index > 0)
		return index;
	snprintf(text, sizeof text, "device %s", name);
	return refusal(err ? err : ENODEV, text, why);
}

/* Two numbers: when both ends of a pair have the same one, in their two
 * namespaces, the kernel takes a second to notice that they are up.
 */
#define INDEX 20001
#define PEER_INDEX 20002

static int veth(struct ims_io_link *l, const char *name, int peer_netns,
		const char *peer, bool numbered)
{
	struct nlmsghdr *h = begin(l, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info, *data, *other;
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);

	i->ifi_index = numbered ? INDEX : 0;
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	other = mnl_attr_nest_start(h, VETH_INFO_PEER);
	i = mnl_nlmsg_put_extra_header(h, sizeof *i);
	i->ifi_index = numbered ? PEER_INDEX : 0;
	mnl_attr_put_strz(h, IFLA_IFNAME, peer);
	if (peer_netns >= 0)
		mnl_attr_put_u32(h, IFLA_NET_NS_FD, (uint32_t)peer_netns);
	mnl_attr_nest_end(h, other);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, info);
	return ask(l, h, NULL);
}

int ims_io_link_veth(struct ims_io_link *l, const char *name, int peer_netns,
		     const char *peer, struct ims_flaw *why)
{
	char text[96];
	int err = veth(l, name, peer_netns, peer, true);

	if (err)
		err = veth(l, name, peer_netns, peer, false);
	if (!err)
		return 0;
	snprintf(text, sizeof text, "veth pair %s and %s", name, peer);
	return refusal(err, text, why);
}

static struct nlmsghdr *set_link(struct ims_io_link *l, int index, bool up)
{
	struct nlmsghdr *h = begin(l, RTM_NEWLINK, 0);
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);

	i->ifi_index = index;
	i->ifi_change = IFF_UP;
	i->ifi_flags = up ? IFF_UP : 0;
	return h;
}

int ims_io_link_up(struct ims_io_link *l, const char *name, unsigned mtu,
		   struct ims_flaw *why)
{
	int index = ims_io_link_index(l, name, why);
	struct nlmsghdr *h;

	if (index < 0)
		return index;
	h = set_link(l, index, true);
	if (mtu)
		mnl_attr_put_u32(h, IFLA_MTU, mtu);
	return order(l, h, why, "setting up", name);
}

static const struct nlattr *find_attr(const void *p, size_t n, unsigned type)
{
	const struct nlattr *a = p;

	for (int left = (int)n; mnl_attr_ok(a, left);
	     left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

static const struct nlattr *find_nested(const struct nlattr *a, unsigned type)
{
	return a ? find_attr(mnl_attr_get_payload(a),
			     mnl_attr_get_payload_len(a), type)
		 : NULL;
}

/* Does the answer in l->back describe a link that can take packets in? */
static bool is_ready(const struct ims_io_link *l, int family)
{
	const struct nlmsghdr *h = (const void *)l->back;
	const char *p = mnl_nlmsg_get_payload(h);
	size_t head = MNL_ALIGN(sizeof(struct ifinfomsg));
	size_t n = mnl_nlmsg_get_payload_len(h);
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWLINK || n < head)
		return false;
	if (family == 4)
		return ((const struct ifinfomsg *)(const void *)p)->ifi_flags &
		       IFF_RUNNING;
	a = find_attr(p + head, n - head, IFLA_AF_SPEC);
	a = find_nested(find_nested(a, AF_INET6), IFLA_INET6_FLAGS);
	return a && mnl_attr_get_u32(a) & IF_READY;
}

int ims_io_link_ready(struct ims_io_link *l, const char *name, int family,
		      unsigned ms, struct ims_flaw *why)
{
	for (unsigned waited = 0;; waited++) {
		struct nlmsghdr *h = begin(l, RTM_GETLINK, 0);
		ssize_t n;

		/* No acknowledgement behind the answer that is looked at. */
		h->nlmsg_flags = NLM_F_REQUEST;
		mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
		mnl_attr_put_strz(h, IFLA_IFNAME, name);
		if (mnl_socket_sendto(l->nl, h, h->nlmsg_len) < 0)
			return refusal(errno, name, why);
		n = mnl_socket_recvfrom(l->nl, l->back, sizeof l->back);
		if (n < 0)
			return refusal(errno, name, why);
		if (mnl_nlmsg_ok((const void *)l->back, (int)n) &&
		    is_ready(l, family))
			return 0;
		if (waited >= ms)
			return ims_flaw(why, -IMS_E_SILENCE,
					"%s is not ready after %u ms", name,
					ms);
		usleep(1000);
	}
}

int ims_io_link_down(struct ims_io_link *l, const char *name,
		     struct ims_flaw *why)
{
	int index = ims_io_link_index(l, name, why);

	if (index < 0)
		return index;
	return order(l, set_link(l, index, false), why, "setting down", name);
}

int ims_io_link_addr(struct ims_io_link *l, const char *name, struct ims_ip ip,
		     unsigned prefix, struct ims_flaw *why)
{
	int index = ims_io_link_index(l, name, why);
	struct nlmsghdr *h;
	struct ifaddrmsg *a;
	char text[IMS_ADDR_TEXT];

	if (index < 0)
		return index;
	h = begin(l, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	a = mnl_nlmsg_put_extra_header(h, sizeof *a);
	a->ifa_family = ip.family == 4 ? AF_INET : AF_INET6;
	a->ifa_prefixlen = (uint8_t)prefix;
	a->ifa_index = (unsigned)index;
	if (ip.family == 6)
		a->ifa_flags = IFA_F_NODAD;
	mnl_attr_put(h, IFA_LOCAL, ims_ip_len(ip), ip.b);
	mnl_attr_put(h, IFA_ADDRESS, ims_ip_len(ip), ip.b);
	return order(l, h, why, "address", ims_ip_text(ip, text));
}

int ims_io_link_del(struct ims_io_link *l, const char *name,
		    struct ims_flaw *why)
{
	struct nlmsghdr *h = begin(l, RTM_DELLINK, 0);

	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	return order(l, h, why, "removing", name);
}

static struct nlmsghdr *rule(struct ims_io_link *l,
			     const struct ims_io_detour *d, bool add)
{
	struct nlmsghdr *h =
		begin(l, add ? RTM_NEWRULE : RTM_DELRULE,
		      add ? (unsigned)(NLM_F_CREATE | NLM_F_EXCL) : 0u);
	struct fib_rule_hdr *r = mnl_nlmsg_put_extra_header(h, sizeof *r);

	r->family = d->family == 4 ? AF_INET : AF_INET6;
	r->action = FR_ACT_TO_TBL;
	mnl_attr_put_strz(h, FRA_OIFNAME, d->name);
	mnl_attr_put_u32(h, FRA_TABLE, d->table);
	return h;
}

/* Any of ours that names the device, whatever its table. */
static struct nlmsghdr *stale_rule(struct ims_io_link *l,
				   const struct ims_io_detour *d)
{
	struct nlmsghdr *h = begin(l, RTM_DELRULE, 0);
	struct fib_rule_hdr *r = mnl_nlmsg_put_extra_header(h, sizeof *r);

	r->family = d->family == 4 ? AF_INET : AF_INET6;
	r->action = FR_ACT_TO_TBL;
	mnl_attr_put_strz(h, FRA_OIFNAME, d->name);
	return h;
}

static struct nlmsghdr *route(struct ims_io_link *l,
			      const struct ims_io_detour *d, int index)
{
	struct nlmsghdr *h = begin(l, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
	struct rtmsg *r = mnl_nlmsg_put_extra_header(h, sizeof *r);

	r->rtm_family = d->family == 4 ? AF_INET : AF_INET6;
	r->rtm_protocol = RTPROT_STATIC;
	r->rtm_scope = d->family == 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	r->rtm_type = RTN_UNICAST;
	r->rtm_table = RT_TABLE_UNSPEC;
	mnl_attr_put_u32(h, RTA_TABLE, d->table);
	mnl_attr_put_u32(h, RTA_OIF, (uint32_t)index);
	return h;
}

/* The route goes with the device; the rule does not. */
int ims_io_link_detour_add(struct ims_io_link *l, const struct ims_io_detour *d,
			   struct ims_flaw *why)
{
	int index = ims_io_link_index(l, d->name, why), err;

	if (index < 0)
		return index;
	/* The device is new: what names it was left by runs that were killed. */
	for (int i = 0; i < STALE && !order(l, stale_rule(l, d), NULL, "", "");
	     i++)
		;
	err = order(l, rule(l, d, true), why, "rule for", d->name);
	if (err && err != -IMS_E_EXISTS)
		return err;
	err = order(l, route(l, d, index), why, "route into", d->name);
	if (err)
		ims_io_link_detour_del(l, d);
	return err;
}

void ims_io_link_detour_del(struct ims_io_link *l,
			    const struct ims_io_detour *d)
{
	order(l, rule(l, d, false), NULL, "rule for", d->name);
}

/* --- rules without a device --- */

#define LEFT 64
#define UPPER 0xff000000u
struct left {
	struct {
		char name[IFNAMSIZ];
		uint32_t table;
	} v[LEFT];
	size_t n;
	uint32_t tables;
};

/* The kernel says itself that the device is gone. */
static void look_at_rule(const struct nlmsghdr *h, struct left *f)
{
	const struct fib_rule_hdr *r = mnl_nlmsg_get_payload(h);
	int left = (int)mnl_nlmsg_get_payload_len(h) - (int)sizeof *r;
	const struct nlattr *a = (const void *)(r + 1);
	const char *name = "";
	uint32_t table = 0;

	if (h->nlmsg_type != RTM_NEWRULE || left < 0 ||
	    !(r->flags & FIB_RULE_OIF_DETACHED) || f->n == LEFT)
		return;
	for (; mnl_attr_ok(a, left);
	     left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == FRA_OIFNAME &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			name = mnl_attr_get_str(a);
		if (mnl_attr_get_type(a) == FRA_TABLE &&
		    mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			table = mnl_attr_get_u32(a);
	}
	if (strncmp(name, "ims", 3) != 0 || (table & UPPER) != f->tables)
		return;
	snprintf(f->v[f->n].name, sizeof f->v[0].name, "%s", name);
	f->v[f->n++].table = table;
}

static void list_left(struct ims_io_link *l, uint8_t family, struct left *f)
{
	struct nlmsghdr *q = begin(l, RTM_GETRULE, NLM_F_DUMP);
	struct fib_rule_hdr *r = mnl_nlmsg_put_extra_header(q, sizeof *r);

	r->family = family == 4 ? AF_INET : AF_INET6;
	if (mnl_socket_sendto(l->nl, q, q->nlmsg_len) < 0)
		return;
	for (;;) {
		int n = (int)mnl_socket_recvfrom(l->nl, l->back,
						 sizeof l->back);
		const struct nlmsghdr *h = (const void *)l->back;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			if (h->nlmsg_seq != l->seq)
				continue;
			if (h->nlmsg_type == NLMSG_DONE ||
			    h->nlmsg_type == NLMSG_ERROR)
				return;
			look_at_rule(h, f);
		}
	}
}

unsigned ims_io_link_detour_sweep(struct ims_io_link *l, uint8_t family,
				  uint32_t tables)
{
	struct left f = {.tables = tables};

	list_left(l, family, &f);
	for (size_t i = 0; i < f.n; i++) {
		struct ims_io_detour d = {family, f.v[i].name, f.v[i].table};

		ims_io_link_detour_del(l, &d);
	}
	return (unsigned)f.n;
}

/* IPv4 and IPv6 apart: a kernel may have one of them only. */
static int tame4(struct ims_io_link *l, int index, const char *name,
		 struct ims_flaw *why)
{
	struct nlmsghdr *h = begin(l, RTM_NEWLINK, 0);
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);
	struct nlattr *spec, *inet, *conf;

	i->ifi_index = index;
	mnl_attr_put_u32(h, IFLA_TXQLEN, TXQLEN);
	spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
	inet = mnl_attr_nest_start(h, AF_INET);
	conf = mnl_attr_nest_start(h, IFLA_INET_CONF);
	/* Loose: the stricter of this and conf/all counts, and 2 beats 1. */
	mnl_attr_put_u32(h, IPV4_DEVCONF_RP_FILTER, 2);
	mnl_attr_put_u32(h, IPV4_DEVCONF_ACCEPT_LOCAL, 1);
	mnl_attr_put_u32(h, IPV4_DEVCONF_ROUTE_LOCALNET, 1);
	mnl_attr_nest_end(h, conf);
	mnl_attr_nest_end(h, inet);
	mnl_attr_nest_end(h, spec);
	return order(l, h, why, "IPv4 settings of", name);
}

static int tame6(struct ims_io_link *l, int index, const char *name,
		 struct ims_flaw *why)
{
	struct nlmsghdr *h = begin(l, RTM_NEWLINK, 0);
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(h, sizeof *i);
	struct nlattr *spec, *inet6;

	i->ifi_index = index;
	spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(h, AF_INET6);
	mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(h, inet6);
	mnl_attr_nest_end(h, spec);
	return order(l, h, why, "IPv6 settings of", name);
}

int ims_io_link_tame(struct ims_io_link *l, const char *name,
		     struct ims_flaw *why)
{
	/* Loose filtering takes nothing in on a device without any address;
	 * this one means nothing [RFC 7600 6].
	 */
	struct ims_ip dummy = {.family = 4, .b = {192, 0, 0, 8}};
	int index = ims_io_link_index(l, name, why), err;

	if (index < 0)
		return index;
	err = tame4(l, index, name, why);
	if (!err)
		err = ims_io_link_addr(l, name, dummy, 32, why);
	if (!err && tame6(l, index, name, NULL))
		err = 0; /* no IPv6 here: nothing to tame */
	return err;
}
