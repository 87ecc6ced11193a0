/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm_left.c - finding what an earlier run has left in the kernel. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>

#include "base_mem.h"
#include "io_xfrm.h"
#include "io_xfrm_priv.h"

/* A dump during which something changed may have missed some. */
#define ROUNDS 3

struct found {
	struct ims_ipsec_sa *v; /* dst.ip and spi only */
	size_t n, cap;
};

static bool has_our_tmpl(const struct nlmsghdr *h)
{
	size_t fixed = MNL_ALIGN(sizeof(struct xfrm_userpolicy_info));
	const char *at = mnl_nlmsg_get_payload(h);
	int left = (int)mnl_nlmsg_get_payload_len(h) - (int)fixed;
	const struct nlattr *a = (const void *)(at + fixed);
	struct xfrm_user_tmpl t;

	for (; mnl_attr_ok(a, left);
	     left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) != XFRMA_TMPL ||
		    mnl_attr_get_payload_len(a) < sizeof t)
			continue;
		memcpy(&t, mnl_attr_get_payload(a), sizeof t);
		return t.reqid == IMS_IO_XFRM_REQID;
	}
	return false;
}

bool ims_io_xfrm_pol_is_foreign(struct ims_io_xfrm_nl *x,
				const struct ims_io_xfrm_pol *p)
{
	struct xfrm_userpolicy_id id = {.sel = ims_io_xfrm_selector(p->src,
								    p->dst),
					.dir = p->in ? XFRM_POLICY_IN
						     : XFRM_POLICY_OUT};
	const struct nlmsghdr *h =
		ims_io_xfrm_single(x, XFRM_MSG_GETPOLICY, &id, sizeof id);
	int n;

	if (mnl_socket_sendto(x->sock, h, h->nlmsg_len) < 0)
		return false;
	n = (int)mnl_socket_recvfrom(x->sock, x->back, sizeof x->back);
	h = (const struct nlmsghdr *)x->back;
	return n > 0 && mnl_nlmsg_ok(h, n) && h->nlmsg_seq == x->seq &&
	       h->nlmsg_type == XFRM_MSG_NEWPOLICY && !has_our_tmpl(h);
}

static struct ims_addr addr_of(const xfrm_address_t *a, uint16_t family,
			       uint16_t port)
{
	return (struct ims_addr){ims_ip_from(a, family == AF_INET ? 4 : 16),
				 ntohs(port)};
}

static int keep(struct found *f, const struct xfrm_usersa_info *i)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 64;
		void *mem = reallocarray(f->v, cap, sizeof *f->v);

		if (!mem)
			return ENOMEM;
		f->v = mem;
		f->cap = cap;
	}
	f->v[f->n++] = (struct ims_ipsec_sa){.dst = addr_of(&i->id.daddr,
							    i->family, 0),
					     .spi = ntohl(i->id.spi)};
	return 0;
}

static int look_at(const struct nlmsghdr *h, struct ims_addr local,
		   struct found *f)
{
	struct xfrm_usersa_info i;

	if (h->nlmsg_type != XFRM_MSG_NEWSA ||
	    mnl_nlmsg_get_payload_len(h) < sizeof i)
		return 0;
	memcpy(&i, mnl_nlmsg_get_payload(h), sizeof i);
	if (i.reqid != IMS_IO_XFRM_REQID || i.id.proto != IPPROTO_ESP)
		return 0;
	if (!ims_addr_eq(addr_of(&i.sel.daddr, i.family, i.sel.dport), local) &&
	    !ims_addr_eq(addr_of(&i.sel.saddr, i.family, i.sel.sport), local))
		return 0;
	return keep(f, &i);
}

/* One pass over all states; *again: it was disturbed. */
static int dump(struct ims_io_xfrm_nl *x, struct ims_addr local,
		struct found *f, bool *again)
{
	struct xfrm_usersa_id none = {0};
	struct nlmsghdr *q =
		ims_io_xfrm_single(x, XFRM_MSG_GETSA, &none, sizeof none);

	q->nlmsg_flags |= NLM_F_DUMP;
	*again = false;
	if (mnl_socket_sendto(x->sock, q, q->nlmsg_len) < 0)
		return errno;
	for (;;) {
		int n = (int)mnl_socket_recvfrom(x->sock, x->back,
						 sizeof x->back);
		const struct nlmsghdr *h = (const void *)x->back;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno;
		for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
			if (h->nlmsg_seq != x->seq)
				continue;
			*again |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (h->nlmsg_type == NLMSG_DONE ||
			    h->nlmsg_type == NLMSG_ERROR)
				return 0;
			if (look_at(h, local, f))
				return ENOMEM;
		}
	}
}

int ims_io_xfrm_sweep(struct ims_io_xfrm_nl *x, struct ims_addr local)
{
	bool again = true;
	int err = 0;

	for (int round = 0; round < ROUNDS && again && !err; round++) {
		struct found f = {0};

		err = dump(x, local, &f, &again);
		for (size_t i = 0; i < f.n; i++) {
			ims_io_xfrm_put_sa_del(x, &f.v[i]);
			if (x->n == IMS_IO_XFRM_BATCH)
				ims_io_xfrm_commit(x);
		}
		ims_io_xfrm_commit(x);
		free(f.v);
	}
	ims_wipe(x->back, sizeof x->back); /* the answers have keys */
	return err;
}
