/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm_msg.c - XFRM messages: written, sent, answers read. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base_mem.h"
#include "io_netns.h"
#include "io_xfrm.h"
#include "io_xfrm_priv.h"

/* Packets that may overtake each other: TS 33.203 leaves it to us, RFC 4303
 * wants 64.
 */
#define WINDOW 64
#define PRIORITY 1000
#define ICV_BITS 96
#define ICV_AEAD_BITS 128
/* An answer is there when sending returns; this is for a broken kernel. */
#define WAIT_S 2

static int to_kernel(struct ims_io_xfrm_nl *x, int opt)
{
	int on = 1;

	return mnl_socket_setsockopt(x->sock, opt, &on, sizeof on);
}

int ims_io_xfrm_nl_open(struct ims_io_xfrm_nl *x, int netns,
			struct ims_flaw *why)
{
	struct timeval wait = {.tv_sec = WAIT_S};
	int back, err = ims_io_netns_enter(netns, &back, why);

	if (err)
		return err;
	x->sock = mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC);
	err = errno;
	ims_io_netns_leave(back);
	if (!x->sock && (err == EPROTONOSUPPORT || err == EAFNOSUPPORT))
		return ims_flaw(why, -IMS_E_HERE,
				"this kernel has no XFRM (xfrm_user)");
	if (!x->sock || mnl_socket_bind(x->sock, 0, MNL_SOCKET_AUTOPID)) {
		ims_io_xfrm_nl_close(x);
		return ims_flaw(why, -IMS_E_SYS, "XFRM netlink socket: %s",
				strerror(err));
	}
	/* Refusals must not bring our keys back; but the kernel's words. */
	to_kernel(x, NETLINK_CAP_ACK);
	to_kernel(x, NETLINK_EXT_ACK);
	setsockopt(mnl_socket_get_fd(x->sock), SOL_SOCKET, SO_RCVTIMEO, &wait,
		   sizeof wait);
	x->portid = mnl_socket_get_portid(x->sock);
	return 0;
}

void ims_io_xfrm_nl_close(struct ims_io_xfrm_nl *x)
{
	if (x->sock)
		mnl_socket_close(x->sock);
	x->sock = NULL;
	ims_wipe(x->buf, sizeof x->buf);
	ims_wipe(x->back, sizeof x->back);
}

/* The header, and behind it the fixed part of the message: copied, as netlink
 * aligns to 4 bytes only.
 */
static struct nlmsghdr *begin(struct ims_io_xfrm_nl *x, uint16_t type,
			      const void *fixed, size_t size)
{
	struct nlmsghdr *h;

	if (!x->n) {
		x->from = x->seq + 1;
		x->len = 0;
	}
	h = mnl_nlmsg_put_header(x->buf + x->len);
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = ++x->seq;
	memcpy(mnl_nlmsg_put_extra_header(h, size), fixed, size);
	return h;
}

struct nlmsghdr *ims_io_xfrm_single(struct ims_io_xfrm_nl *x, uint16_t type,
				    const void *fixed, size_t size)
{
	return begin(x, type, fixed, size);
}

static void end(struct ims_io_xfrm_nl *x, const struct nlmsghdr *h)
{
	x->len += MNL_ALIGN(h->nlmsg_len);
	x->n++;
}

static uint16_t family_of(struct ims_ip ip)
{
	return ip.family == 4 ? AF_INET : AF_INET6;
}

static xfrm_address_t address(struct ims_ip ip)
{
	xfrm_address_t a = {0};

	memcpy(&a, ip.b, ims_ip_len(ip));
	return a;
}

struct xfrm_selector ims_io_xfrm_selector(struct ims_addr src,
					  struct ims_addr dst)
{
	struct xfrm_selector s = {
		.saddr = address(src.ip),
		.daddr = address(dst.ip),
		.family = family_of(src.ip.family ? src.ip : dst.ip),
		.prefixlen_s = (uint8_t)(8 * ims_ip_len(src.ip)),
		.prefixlen_d = (uint8_t)(8 * ims_ip_len(dst.ip)),
	};

	/* proto 0: UDP and TCP share it. */
	s.sport = htons(src.port);
	s.dport = htons(dst.port);
	s.sport_mask = src.port ? 0xffff : 0;
	s.dport_mask = dst.port ? 0xffff : 0;
	return s;
}

static struct xfrm_lifetime_cfg life(uint32_t seconds)
{
	return (struct xfrm_lifetime_cfg){
		.soft_byte_limit = XFRM_INF,
		.hard_byte_limit = XFRM_INF,
		.soft_packet_limit = XFRM_INF,
		.hard_packet_limit = XFRM_INF,
		.hard_add_expires_seconds = seconds,
	};
}

/* A key with the salt behind it [RFC 4106 8.1]. */
static void put_aead(struct nlmsghdr *h, const struct ims_ipsec_alg_info *i,
		     const uint8_t *key, const uint8_t *salt)
{
	char mem[sizeof(struct xfrm_algo_aead) + 32] = {0};
	struct xfrm_algo_aead *a = (struct xfrm_algo_aead *)mem;

	snprintf(a->alg_name, sizeof a->alg_name, "%s", i->kernel);
	a->alg_key_len = 8u * (i->key + i->salt);
	a->alg_icv_len = ICV_AEAD_BITS;
	memcpy(a->alg_key, key, i->key);
	memcpy(a->alg_key + i->key, salt, i->salt);
	mnl_attr_put(h, XFRMA_ALG_AEAD, sizeof *a + i->key + i->salt, a);
	ims_wipe(mem, sizeof mem);
}

static void put_auth(struct nlmsghdr *h, const struct ims_ipsec_alg_info *i,
		     const uint8_t *key)
{
	char mem[sizeof(struct xfrm_algo_auth) + 32] = {0};
	struct xfrm_algo_auth *a = (struct xfrm_algo_auth *)mem;

	snprintf(a->alg_name, sizeof a->alg_name, "%s", i->kernel);
	a->alg_key_len = 8u * i->key;
	a->alg_trunc_len = ICV_BITS;
	memcpy(a->alg_key, key, i->key);
	mnl_attr_put(h, XFRMA_ALG_AUTH_TRUNC, sizeof *a + i->key, a);
	ims_wipe(mem, sizeof mem);
}

static void put_crypt(struct nlmsghdr *h, const struct ims_ipsec_alg_info *i,
		      const uint8_t *key)
{
	char mem[sizeof(struct xfrm_algo) + 32] = {0};
	struct xfrm_algo *a = (struct xfrm_algo *)mem;

	snprintf(a->alg_name, sizeof a->alg_name, "%s", i->kernel);
	a->alg_key_len = 8u * i->key;
	memcpy(a->alg_key, key, i->key);
	mnl_attr_put(h, XFRMA_ALG_CRYPT, sizeof *a + i->key, a);
	ims_wipe(mem, sizeof mem);
}

static void put_keys(struct nlmsghdr *h, const struct ims_ipsec_set *s)
{
	const struct ims_ipsec_alg_info *alg = ims_ipsec_alg(s->suite.alg);
	const struct ims_ipsec_alg_info *ealg = ims_ipsec_ealg(s->suite.ealg);

	if (alg->aead) {
		put_aead(h, alg, s->keys.alg, s->keys.salt);
	} else if (ealg->aead) {
		put_aead(h, ealg, s->keys.ealg, s->keys.salt);
	} else {
		put_auth(h, alg, s->keys.alg);
		put_crypt(h, ealg, s->keys.ealg);
	}
}

/* More than 32 packets need the attribute of the long sequence numbers, also
 * for short ones.
 */
static void put_window(struct nlmsghdr *h)
{
	char mem[sizeof(struct xfrm_replay_state_esn) + WINDOW / 8] = {0};
	struct xfrm_replay_state_esn *w = (struct xfrm_replay_state_esn *)mem;

	w->bmp_len = WINDOW / 32;
	w->replay_window = WINDOW;
	mnl_attr_put(h, XFRMA_REPLAY_ESN_VAL, sizeof mem, w);
}

static void put_state(struct ims_io_xfrm_nl *x, const struct ims_ipsec_set *set,
		      enum ims_arrow a, uint16_t type)
{
	const struct ims_ipsec_sa *sa = &set->sa[a];
	struct xfrm_usersa_info i = {
		.sel = ims_io_xfrm_selector(sa->src, sa->dst),
		.id = {.daddr = address(sa->dst.ip),
		       .spi = htonl(sa->spi),
		       .proto = IPPROTO_ESP},
		.saddr = address(sa->src.ip),
		.lft = life(set->life_s),
		.reqid = IMS_IO_XFRM_REQID,
		.family = family_of(sa->dst.ip),
		.mode = XFRM_MODE_TRANSPORT,
	};
	struct nlmsghdr *h = begin(x, type, &i, sizeof i);

	if (type == XFRM_MSG_NEWSA)
		h->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	put_keys(h, set);
	if (ims_ipsec_inbound(set, a))
		put_window(h);
	end(x, h);
}

void ims_io_xfrm_put_sa(struct ims_io_xfrm_nl *x,
			const struct ims_ipsec_set *set, enum ims_arrow a)
{
	put_state(x, set, a, XFRM_MSG_NEWSA);
}

/* Of an update of a state that is valid the kernel takes the lifetimes only,
 * and it makes none that is not there.
 */
void ims_io_xfrm_put_sa_life(struct ims_io_xfrm_nl *x,
			     const struct ims_ipsec_set *set, enum ims_arrow a)
{
	put_state(x, set, a, XFRM_MSG_UPDSA);
}

static struct xfrm_usersa_id sa_id(const struct ims_ipsec_sa *sa)
{
	return (struct xfrm_usersa_id){
		.daddr = address(sa->dst.ip),
		.spi = htonl(sa->spi),
		.family = family_of(sa->dst.ip),
		.proto = IPPROTO_ESP,
	};
}

void ims_io_xfrm_put_sa_del(struct ims_io_xfrm_nl *x,
			    const struct ims_ipsec_sa *sa)
{
	struct xfrm_usersa_id i = sa_id(sa);

	end(x, begin(x, XFRM_MSG_DELSA, &i, sizeof i));
}

void ims_io_xfrm_put_pol(struct ims_io_xfrm_nl *x,
			 const struct ims_io_xfrm_pol *p, bool replace)
{
	struct xfrm_userpolicy_info i = {
		.sel = ims_io_xfrm_selector(p->src, p->dst),
		.lft = life(p->life_s),
		.priority = PRIORITY,
		.dir = p->in ? XFRM_POLICY_IN : XFRM_POLICY_OUT,
		.action = XFRM_POLICY_ALLOW,
		.share = XFRM_SHARE_ANY,
	};
	struct xfrm_user_tmpl t = {.id.proto = IPPROTO_ESP,
				   .family = i.sel.family,
				   .reqid = IMS_IO_XFRM_REQID,
				   .mode = XFRM_MODE_TRANSPORT,
				   .aalgos = ~0u,
				   .ealgos = ~0u,
				   .calgos = ~0u};
	struct nlmsghdr *h =
		begin(x, replace ? XFRM_MSG_UPDPOLICY : XFRM_MSG_NEWPOLICY, &i,
		      sizeof i);

	h->nlmsg_flags |= NLM_F_CREATE | (replace ? 0 : NLM_F_EXCL);
	mnl_attr_put(h, XFRMA_TMPL, sizeof t, &t);
	end(x, h);
}

void ims_io_xfrm_put_pol_del(struct ims_io_xfrm_nl *x,
			     const struct ims_io_xfrm_pol *p)
{
	struct xfrm_userpolicy_id i = {.sel = ims_io_xfrm_selector(p->src,
								   p->dst),
				       .dir = p->in ? XFRM_POLICY_IN
						    : XFRM_POLICY_OUT};

	end(x, begin(x, XFRM_MSG_DELPOLICY, &i, sizeof i));
}

/* The kernel's own words about a refusal, if it has any. */
static void note_words(struct ims_io_xfrm_nl *x, const struct nlmsghdr *h)
{
	/* NETLINK_CAP_ACK: of our message only the header stands here. */
	size_t fixed = MNL_ALIGN(sizeof(struct nlmsgerr));
	const char *at = mnl_nlmsg_get_payload(h);
	int left = (int)mnl_nlmsg_get_payload_len(h) - (int)fixed;
	const struct nlattr *a = (const void *)(at + fixed);

	if (x->said[0] || !(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; mnl_attr_ok(a, left);
	     left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			snprintf(x->said, sizeof x->said, "%s",
				 mnl_attr_get_str(a));
}

/* Takes what one read brought; true: the last message was answered. */
static bool take_answers(struct ims_io_xfrm_nl *x, int n, unsigned last)
{
	const struct nlmsghdr *h = (const struct nlmsghdr *)x->back;
	bool done = false;

	for (; mnl_nlmsg_ok(h, n); h = mnl_nlmsg_next(h, &n)) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);
		unsigned i = h->nlmsg_seq - x->from;

		if (h->nlmsg_type != NLMSG_ERROR ||
		    mnl_nlmsg_get_payload_len(h) < sizeof *e || i > last)
			continue;
		x->err[i] = -e->error;
		if (e->error)
			note_words(x, h);
		done |= i == last;
	}
	return done;
}

/* If this fails, what was not answered counts as done: who rolls back asks to
 * delete it, too.
 */
static int await(struct ims_io_xfrm_nl *x, unsigned last)
{
	for (;;) {
		ssize_t n =
			mnl_socket_recvfrom(x->sock, x->back, sizeof x->back);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (take_answers(x, (int)n, last))
			return 0;
	}
}

int ims_io_xfrm_commit(struct ims_io_xfrm_nl *x)
{
	unsigned n = x->n;
	struct nlmsghdr *last = (struct nlmsghdr *)x->buf;
	int err = 0;

	if (!n)
		return 0;
	memset(x->err, 0, sizeof x->err);
	x->said[0] = 0;
	for (unsigned i = 1; i < n; i++)
		last = (void *)((char *)last + MNL_ALIGN(last->nlmsg_len));
	last->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(x->sock, x->buf, x->len) < 0)
		err = errno;
	ims_wipe(x->buf, x->len);
	x->n = 0;
	if (!err)
		err = await(x, n - 1);
	ims_wipe(x->back, sizeof x->back);
	for (unsigned i = 0; i < n && !err; i++)
		err = x->err[i];
	return err;
}

/* One state by its name; 0 or an errno. */
static int get_sa(struct ims_io_xfrm_nl *x, const struct ims_ipsec_sa *sa,
		  struct xfrm_usersa_info *out)
{
	struct xfrm_usersa_id id = sa_id(sa);
	const struct nlmsghdr *h = begin(x, XFRM_MSG_GETSA, &id, sizeof id);
	int err = ENOENT, n;

	memset(out, 0, sizeof *out);
	if (mnl_socket_sendto(x->sock, h, h->nlmsg_len) < 0)
		return errno;
	n = (int)mnl_socket_recvfrom(x->sock, x->back, sizeof x->back);
	if (n < 0)
		return errno;
	h = (const struct nlmsghdr *)x->back;
	if (mnl_nlmsg_ok(h, n) && h->nlmsg_type == XFRM_MSG_NEWSA &&
	    h->nlmsg_seq == x->seq &&
	    mnl_nlmsg_get_payload_len(h) >= sizeof *out) {
		memcpy(out, mnl_nlmsg_get_payload(h), sizeof *out);
		err = 0;
	}
	ims_wipe(x->back, sizeof x->back); /* the answer has the keys */
	return err;
}

int ims_io_xfrm_get_sa(struct ims_io_xfrm_nl *x, const struct ims_ipsec_sa *sa,
		       struct ims_ipsec_count *out)
{
	struct xfrm_usersa_info i;
	int err = get_sa(x, sa, &i);

	if (!err)
		*out = (struct ims_ipsec_count){
			.packets = i.curlft.packets,
			.bytes = i.curlft.bytes,
			.replayed = i.stats.replay + i.stats.replay_window,
			.bad_icv = i.stats.integrity_failed,
		};
	return err;
}

int ims_io_xfrm_sa_made(struct ims_io_xfrm_nl *x, const struct ims_ipsec_sa *sa,
			uint64_t *made_s)
{
	struct xfrm_usersa_info i;
	int err = get_sa(x, sa, &i);

	if (!err)
		*made_s = i.curlft.add_time;
	return err;
}

bool ims_io_xfrm_has_sa(struct ims_io_xfrm_nl *x, const struct ims_ipsec_sa *sa)
{
	struct xfrm_selector want = ims_io_xfrm_selector(sa->src, sa->dst);
	struct xfrm_usersa_info i;

	return !get_sa(x, sa, &i) && i.reqid == IMS_IO_XFRM_REQID &&
	       i.mode == XFRM_MODE_TRANSPORT && i.sel.family == want.family &&
	       i.sel.sport == want.sport && i.sel.dport == want.dport &&
	       memcmp(i.sel.saddr.a6, want.saddr.a6, sizeof want.saddr.a6) ==
		       0 &&
	       memcmp(i.sel.daddr.a6, want.daddr.a6, sizeof want.daddr.a6) == 0;
}
