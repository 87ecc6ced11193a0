/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm_left.c - what of ours is in the kernel, and what of it has no owner.
 */
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
#define ROUNDS 5

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
			       uint16_t port, uint8_t prefix)
{
	struct ims_addr none = {.port = ntohs(port)};

	if (!prefix)
		return none;
	return (struct ims_addr){ims_ip_from(a, family == AF_INET ? 4 : 16),
				 ntohs(port)};
}

static int keep(struct ims_io_xfrm_list *l, const struct xfrm_selector *s,
		uint32_t spi, bool in)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		void *mem = reallocarray(l->v, cap, sizeof *l->v);

		if (!mem)
			return ENOMEM;
		l->v = mem;
		l->cap = cap;
	}
	l->v[l->n++] = (struct ims_io_xfrm_found){
		.src = addr_of(&s->saddr, s->family, s->sport, s->prefixlen_s),
		.dst = addr_of(&s->daddr, s->family, s->dport, s->prefixlen_d),
		.spi = spi,
		.in = in};
	return 0;
}

static int look_at_sa(const struct nlmsghdr *h, struct ims_io_xfrm_list *l)
{
	struct xfrm_usersa_info i;

	if (h->nlmsg_type != XFRM_MSG_NEWSA ||
	    mnl_nlmsg_get_payload_len(h) < sizeof i)
		return 0;
	memcpy(&i, mnl_nlmsg_get_payload(h), sizeof i);
	if (i.reqid != IMS_IO_XFRM_REQID || i.id.proto != IPPROTO_ESP)
		return 0;
	return keep(l, &i.sel, ntohl(i.id.spi), false);
}

static int look_at_pol(const struct nlmsghdr *h, struct ims_io_xfrm_list *l)
{
	struct xfrm_userpolicy_info i;

	if (h->nlmsg_type != XFRM_MSG_NEWPOLICY ||
	    mnl_nlmsg_get_payload_len(h) < sizeof i || !has_our_tmpl(h))
		return 0;
	memcpy(&i, mnl_nlmsg_get_payload(h), sizeof i);
	if (i.dir != XFRM_POLICY_IN && i.dir != XFRM_POLICY_OUT)
		return 0;
	return keep(l, &i.sel, 0, i.dir == XFRM_POLICY_IN);
}

typedef int look_fn(const struct nlmsghdr *h, struct ims_io_xfrm_list *l);

/* What one read brought: -1: the end; else 0 or an errno. */
static int take_part(struct ims_io_xfrm_nl *x, int n, look_fn *look,
		     struct ims_io_xfrm_list *l, bool *again)
{
	const struct nlmsghdr *h = (const void *)x->back;
	int err = 0;

	for (; !err && mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
		if (h->nlmsg_seq != x->seq)
			continue;
		*again |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (h->nlmsg_type == NLMSG_DONE)
			return -1;
		if (h->nlmsg_type == NLMSG_ERROR)
			return EIO;
		err = look(h, l);
	}
	return err;
}

/* One pass; *again: it was disturbed. */
static int pass(struct ims_io_xfrm_nl *x, struct nlmsghdr *q, look_fn *look,
		struct ims_io_xfrm_list *l, bool *again)
{
	int err = 0;

	q->nlmsg_flags |= NLM_F_DUMP;
	*again = false;
	if (mnl_socket_sendto(x->sock, q, q->nlmsg_len) < 0)
		return errno;
	while (!err) {
		int n = (int)mnl_socket_recvfrom(x->sock, x->back,
						 sizeof x->back);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : EIO;
		err = take_part(x, n, look, l, again);
	}
	return err < 0 ? 0 : err;
}

static int dump(struct ims_io_xfrm_nl *x, uint16_t type, size_t fixed,
		look_fn *look, struct ims_io_xfrm_list *out)
{
	static const char zero[sizeof(struct xfrm_userpolicy_id)];
	bool again = true;
	int err = 0;

	*out = (struct ims_io_xfrm_list){0};
	for (int round = 0; round < ROUNDS && again && !err; round++) {
		out->n = 0;
		err = pass(x, ims_io_xfrm_single(x, type, zero, fixed), look,
			   out, &again);
	}
	ims_wipe(x->back, sizeof x->back); /* the answers have keys */
	if (err) {
		free(out->v);
		*out = (struct ims_io_xfrm_list){0};
	}
	return err;
}

int ims_io_xfrm_dump_sa(struct ims_io_xfrm_nl *x, struct ims_io_xfrm_list *out)
{
	return dump(x, XFRM_MSG_GETSA, sizeof(struct xfrm_usersa_id),
		    look_at_sa, out);
}

int ims_io_xfrm_dump_pol(struct ims_io_xfrm_nl *x, struct ims_io_xfrm_list *out)
{
	return dump(x, XFRM_MSG_GETPOLICY, sizeof(struct xfrm_userpolicy_id),
		    look_at_pol, out);
}

/* --- away with what nobody owns --- */

/* The SAs of our sets, to be looked up by what names them in the kernel. */
struct own {
	struct ims_ip dst;
	uint32_t spi;
};

static int by_name(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct own));
}

static struct own *own_sas(const struct ims_io_xfrm *x, size_t *n)
{
	const struct ims_map_node *at = NULL;
	struct own *v = calloc(x->sets.n * IMS_N_ARROWS + 1, sizeof *v);

	*n = 0;
	while (v && (at = ims_map_each(&x->sets, at))) {
		const struct ims_io_xfrm_entry *e =
			ims_container(at, const struct ims_io_xfrm_entry, node);

		for (int a = 0; a < IMS_N_ARROWS; a++, ++*n) {
			v[*n].dst = e->set.sa[a].dst.ip;
			v[*n].spi = e->set.sa[a].spi;
		}
	}
	if (v)
		qsort(v, *n, sizeof *v, by_name);
	return v;
}

/* A protected port of ours: what is at it, and not a set's, has no owner. */
static bool holds(const struct ims_io_xfrm *x, struct ims_addr local)
{
	const struct ims_map_node *at = NULL;

	ims_list_each (n, &x->ports) {
		if (ims_addr_eq(ims_container(n, struct ims_io_xfrm_port, node)
					->local,
				local))
			return true;
	}
	while (!x->conf.network && (at = ims_map_each(&x->sets, at))) {
		const struct ims_ipsec_set *s =
			&ims_container(at, const struct ims_io_xfrm_entry, node)
				 ->set;

		if (ims_addr_eq(s->sa[IMS_UC_TO_PS].src, local) ||
		    ims_addr_eq(s->sa[IMS_US_TO_PC].src, local))
			return true;
	}
	return false;
}

/* Ports of another process that lives are none of our business. */
static bool is_idle(const struct ims_io_xfrm *x, struct ims_addr local)
{
	struct ims_flaw why;

	return holds(x, local) || !ims_io_xfrm_port_free(x, local, &why);
}

static bool is_left(const struct ims_io_xfrm *x,
		    const struct ims_io_xfrm_found *f)
{
	bool from = ims_ip_eq(f->src.ip, x->conf.ip);
	bool to = ims_ip_eq(f->dst.ip, x->conf.ip);

	return (from || to) && (!from || is_idle(x, f->src)) &&
	       (!to || is_idle(x, f->dst));
}

static void flush_full(struct ims_io_xfrm *x)
{
	if (x->nl.n == IMS_IO_XFRM_BATCH)
		ims_io_xfrm_commit(&x->nl);
}

static int sweep_sas(struct ims_io_xfrm *x, size_t *n_gone)
{
	struct ims_io_xfrm_list l;
	size_t n;
	struct own *own = own_sas(x, &n);
	int err = own ? ims_io_xfrm_dump_sa(&x->nl, &l) : ENOMEM;

	for (size_t i = 0; !err && i < l.n; i++) {
		struct ims_ipsec_sa sa = {.dst = l.v[i].dst, .spi = l.v[i].spi};
		struct own key;

		memset(&key, 0, sizeof key);
		key.dst = sa.dst.ip;
		key.spi = sa.spi;
		if (bsearch(&key, own, n, sizeof key, by_name) ||
		    !is_left(x, &l.v[i]))
			continue;
		ims_io_xfrm_put_sa_del(&x->nl, &sa);
		flush_full(x);
		++*n_gone;
	}
	ims_io_xfrm_commit(&x->nl);
	free(own);
	if (!err)
		free(l.v);
	return err;
}

/* Of a set of ours (UE), or of a protected port. */
static bool pol_is_own(const struct ims_io_xfrm *x,
		       const struct ims_io_xfrm_found *f)
{
	const struct ims_map_node *at = NULL;

	if (x->conf.network)
		return holds(x, f->in ? f->dst : f->src) &&
		       (f->in ? f->src : f->dst).ip.family == 0;
	while ((at = ims_map_each(&x->sets, at))) {
		const struct ims_ipsec_set *s =
			&ims_container(at, const struct ims_io_xfrm_entry, node)
				 ->set;

		for (int a = 0; a < IMS_N_ARROWS; a++)
			if (ims_addr_eq(s->sa[a].src, f->src) &&
			    ims_addr_eq(s->sa[a].dst, f->dst))
				return true;
	}
	return false;
}

static int sweep_pols(struct ims_io_xfrm *x, size_t *n_gone)
{
	struct ims_io_xfrm_list l;
	int err = ims_io_xfrm_dump_pol(&x->nl, &l);

	for (size_t i = 0; !err && i < l.n; i++) {
		struct ims_io_xfrm_pol p = {l.v[i].src, l.v[i].dst, l.v[i].in,
					    0};

		if (pol_is_own(x, &l.v[i]) || !is_left(x, &l.v[i]))
			continue;
		ims_io_xfrm_put_pol_del(&x->nl, &p);
		flush_full(x);
		++*n_gone;
	}
	ims_io_xfrm_commit(&x->nl);
	if (!err)
		free(l.v);
	return err;
}

int ims_io_xfrm_sweep(struct ims_ipsec_backend *b, struct ims_flaw *why)
{
	struct ims_io_xfrm *x = (struct ims_io_xfrm *)b;
	size_t n = 0;
	int err = sweep_sas(x, &n);

	if (!err)
		err = sweep_pols(x, &n);
	if (err)
		return ims_flaw(why, -IMS_E_IPSEC,
				"what an earlier run has left: %s",
				strerror(err));
	return (int)n;
}
