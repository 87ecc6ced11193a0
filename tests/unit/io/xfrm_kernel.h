/* SPDX-License-Identifier: BSD-2-Clause */
/* xfrm_kernel.h - a kernel made here, for tests of the kernel back-end: libmnl's
 * socket functions are ours in the program that includes it, so that it
 * refuses what and when the test wants.
 */
#ifndef IMS_TEST_XFRM_KERNEL_H
#define IMS_TEST_XFRM_KERNEL_H

#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <unistd.h>

#include "io_sock.h"
#include "io_xfrm.h"
#include "io_xfrm_priv.h"

/* What lives in it: states by SPI, policies by ports and direction. */
struct thing {
	bool policy;
	uint32_t spi;
	uint16_t sport, dport;
	uint8_t dir;
	uint32_t reqid;
	struct xfrm_usersa_info sa;
	struct xfrm_selector sel; /* of a policy */
	uint64_t life_s;          /* of a policy */
};

static struct kernel {
	struct thing v[64];
	size_t n;
	unsigned sends, messages, acks;
	uint64_t clock;             /* when states are made, in seconds */
	int refuse_at, refuse_with; /* the n-th message, counted from 1 */
	int deaf;                   /* errno of every read */
	char said[80];              /* with a refusal */
	char answer[8192];
	size_t n_answer;
	struct xfrm_usersa_info sa; /* the last one */
	char key[64];               /* of the last AEAD */
	unsigned key_bits, icv_bits;
	size_t window; /* of the last state; 0: none */
	/* A dump: how many were shown, of which kind; disturbed that often. */
	bool dumping, dump_pol;
	size_t dumped;
	unsigned dump_seq, disturb, dumps;
} k;

struct mnl_socket {
	int nothing;
};
static struct mnl_socket the_socket;

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	(void)flags;
	assert_int_equal(bus, NETLINK_XFRM);
	return &the_socket;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned groups, pid_t pid)
{
	(void)nl;
	(void)pid;
	(void)groups;
	return 0;
}

int mnl_socket_close(struct mnl_socket *nl)
{
	(void)nl;
	return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *nl)
{
	(void)nl;
	return -1;
}

unsigned mnl_socket_get_portid(const struct mnl_socket *nl)
{
	(void)nl;
	return 1;
}

int mnl_socket_setsockopt(const struct mnl_socket *nl, int type, void *buf,
			  socklen_t len)
{
	(void)nl;
	(void)type;
	(void)buf;
	(void)len;
	return 0;
}

static int find(const struct thing *t)
{
	for (size_t i = 0; i < k.n; i++)
		if (k.v[i].policy == t->policy && k.v[i].spi == t->spi &&
		    k.v[i].sport == t->sport && k.v[i].dport == t->dport &&
		    k.v[i].dir == t->dir)
			return (int)i;
	return -1;
}

static int put(const struct thing *t)
{
	if (find(t) >= 0)
		return EEXIST;
	assert_true(k.n < N_OF(k.v));
	k.v[k.n++] = *t;
	return 0;
}

static int take(const struct thing *t, int missing)
{
	int i = find(t);

	if (i < 0)
		return missing;
	k.v[i] = k.v[--k.n];
	return 0;
}

static void note_sa(const struct nlmsghdr *h)
{
	const char *fixed = mnl_nlmsg_get_payload(h);
	const struct nlattr *a = (const void *)(fixed + MNL_ALIGN(sizeof k.sa));
	int left =
		(int)mnl_nlmsg_get_payload_len(h) - (int)MNL_ALIGN(sizeof k.sa);

	memcpy(&k.sa, fixed, sizeof k.sa);
	k.window = 0;
	k.key_bits = 0;
	for (; mnl_attr_ok(a, left);
	     left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a)) {
		struct xfrm_algo_aead alg;
		const char *p = mnl_attr_get_payload(a);

		if (mnl_attr_get_type(a) == XFRMA_REPLAY_ESN_VAL)
			k.window = 64;
		if (mnl_attr_get_type(a) != XFRMA_ALG_AEAD)
			continue;
		memcpy(&alg, p, sizeof alg);
		k.key_bits = alg.alg_key_len;
		k.icv_bits = alg.alg_icv_len;
		assert_int_equal(mnl_attr_get_payload_len(a),
				 sizeof alg + alg.alg_key_len / 8);
		memcpy(k.key, p + sizeof alg, alg.alg_key_len / 8);
	}
}

/* Of a state that is there the lifetimes only. */
static int update_sa(const struct nlmsghdr *h)
{
	struct thing t;
	int i;

	memset(&t, 0, sizeof t);
	note_sa(h);
	t.spi = ntohl(k.sa.id.spi);
	i = find(&t);
	if (i < 0)
		return ESRCH;
	k.v[i].sa.lft = k.sa.lft;
	return 0;
}

static void selector_of(const struct xfrm_selector *s, struct thing *t)
{
	t->policy = true;
	t->sport = ntohs(s->sport);
	t->dport = ntohs(s->dport);
}

static void show_thing(const struct thing *t, unsigned seq, unsigned flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(k.answer + k.n_answer);
	struct xfrm_userpolicy_info info = {.dir = t->dir, .sel = t->sel};
	struct xfrm_user_tmpl tmpl = {.reqid = t->reqid};

	h->nlmsg_type = t->policy ? XFRM_MSG_NEWPOLICY : XFRM_MSG_NEWSA;
	h->nlmsg_seq = seq;
	h->nlmsg_flags = (uint16_t)flags;
	if (t->policy) {
		memcpy(mnl_nlmsg_put_extra_header(h, sizeof info), &info,
		       sizeof info);
		mnl_attr_put(h, XFRMA_TMPL, sizeof tmpl, &tmpl);
	} else {
		memcpy(mnl_nlmsg_put_extra_header(h, sizeof t->sa), &t->sa,
		       sizeof t->sa);
	}
	k.n_answer += MNL_ALIGN(h->nlmsg_len);
}

static int show(const struct nlmsghdr *to, const struct thing *t)
{
	int i = find(t);

	if (i < 0)
		return t->policy ? ENOENT : ESRCH;
	show_thing(&k.v[i], to->nlmsg_seq, 0);
	return 0;
}

/* In parts of three. */
static void dump_more(void)
{
	unsigned flags = k.disturb ? NLM_F_DUMP_INTR : 0;
	struct nlmsghdr *h;
	int room = 3;

	for (; k.dumped < k.n && room; k.dumped++) {
		if (k.v[k.dumped].policy != k.dump_pol)
			continue;
		show_thing(&k.v[k.dumped], k.dump_seq, flags);
		room--;
	}
	if (!room)
		return;
	h = mnl_nlmsg_put_header(k.answer + k.n_answer);
	h->nlmsg_type = NLMSG_DONE;
	h->nlmsg_seq = k.dump_seq;
	h->nlmsg_flags = (uint16_t)flags;
	k.n_answer += h->nlmsg_len;
	k.dumping = false;
	k.disturb -= k.disturb > 0;
	k.dumps++;
}

static int dump(const struct nlmsghdr *h)
{
	k.dumping = true;
	k.dump_pol = h->nlmsg_type == XFRM_MSG_GETPOLICY;
	k.dumped = 0;
	k.dump_seq = h->nlmsg_seq;
	return 0;
}

static int obey(const struct nlmsghdr *h)
{
	const void *p = mnl_nlmsg_get_payload(h);
	struct xfrm_usersa_id id;
	struct xfrm_userpolicy_info pol;
	struct xfrm_userpolicy_id pol_id;
	struct thing t;

	memset(&t, 0, sizeof t);
	if ((h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP)
		return dump(h);
	switch (h->nlmsg_type) {
	case XFRM_MSG_NEWSA:
		assert_true(h->nlmsg_flags & NLM_F_EXCL);
		note_sa(h);
		t.spi = ntohl(k.sa.id.spi);
		t.sa = k.sa;
		t.sa.curlft.add_time = k.clock;
		return put(&t);
	case XFRM_MSG_UPDSA:
		return update_sa(h);
	case XFRM_MSG_DELSA:
		memcpy(&id, p, sizeof id);
		t.spi = ntohl(id.spi);
		return take(&t, ESRCH);
	case XFRM_MSG_NEWPOLICY:
	case XFRM_MSG_UPDPOLICY:
		memcpy(&pol, p, sizeof pol);
		selector_of(&pol.sel, &t);
		t.dir = pol.dir;
		t.reqid = IMS_IO_XFRM_REQID;
		t.sel = pol.sel;
		t.life_s = pol.lft.hard_add_expires_seconds;
		if (h->nlmsg_type == XFRM_MSG_UPDPOLICY)
			take(&t, 0);
		else
			assert_true(h->nlmsg_flags & NLM_F_EXCL);
		return put(&t);
	case XFRM_MSG_DELPOLICY:
		memcpy(&pol_id, p, sizeof pol_id);
		selector_of(&pol_id.sel, &t);
		t.dir = pol_id.dir;
		return take(&t, ENOENT);
	case XFRM_MSG_GETPOLICY:
		memcpy(&pol_id, p, sizeof pol_id);
		selector_of(&pol_id.sel, &t);
		t.dir = pol_id.dir;
		return show(h, &t);
	case XFRM_MSG_GETSA:
		memcpy(&id, p, sizeof id);
		t.spi = ntohl(id.spi);
		return show(h, &t);
	default:
		fail_msg("message %u", h->nlmsg_type);
		return EINVAL;
	}
}

static void answer(const struct nlmsghdr *to, int err)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(k.answer + k.n_answer);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(h, sizeof *e);

	h->nlmsg_type = NLMSG_ERROR;
	h->nlmsg_seq = to->nlmsg_seq;
	e->error = -err;
	e->msg = *to;
	if (err && k.said[0]) {
		h->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(h, NLMSGERR_ATTR_MSG, k.said);
	}
	k.n_answer += MNL_ALIGN(h->nlmsg_len);
	assert_true(k.n_answer < sizeof k.answer);
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t size)
{
	const struct nlmsghdr *h = req;
	int left = (int)size;

	(void)nl;
	k.sends++;
	k.n_answer = 0;
	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		bool refuse = (int)++k.messages == k.refuse_at;
		int err = refuse ? k.refuse_with : obey(h);

		k.acks += (h->nlmsg_flags & NLM_F_ACK) != 0;
		if (err || h->nlmsg_flags & NLM_F_ACK)
			answer(h, err);
	}
	assert_int_equal(left, 0);
	return (ssize_t)size;
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	size_t n;

	(void)nl;
	if (k.dumping)
		dump_more();
	n = k.n_answer;
	if (k.deaf || !n) {
		errno = k.deaf ? k.deaf : EAGAIN;
		return -1;
	}
	assert_true(n <= size);
	memcpy(buf, k.answer, n);
	k.n_answer = 0;
	return (ssize_t)n;
}

static const struct ims_ipsec_suite md5_null = {IMS_ALG_HMAC_MD5,
						IMS_EALG_NULL};

static struct ims_ipsec_set a_set(bool ue, uint32_t id,
				  struct ims_ipsec_suite suite)
{
	static const uint8_t ck[16] = "secret CK secret",
			     ik[16] = "secret IK secret";
	struct ims_ip u = {.family = 4, .b = {192, 0, 2, 1}};
	struct ims_ip p = {.family = 4, .b = {192, 0, 2, 2}};
	uint16_t b = (uint16_t)(1000 * id);
	struct ims_ipsec_set s = {
		.id = id,
		.ue = ue,
		.suite = suite,
		.life_s = 600,
		.sa = {[IMS_UC_TO_PS] = {{u, b + 1u}, {p, b + 4u}, 1000 + id},
		       [IMS_PS_TO_UC] = {{p, b + 4u}, {u, b + 1u}, 2000 + id},
		       [IMS_PC_TO_US] = {{p, b + 3u}, {u, b + 2u}, 3000 + id},
		       [IMS_US_TO_PC] = {{u, b + 2u}, {p, b + 3u}, 4000 + id}}};

	assert_int_equal(ims_ipsec_expand(suite, ck, ik, &s.keys), 0);
	return s;
}

#endif
