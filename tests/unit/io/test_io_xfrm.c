/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_xfrm.c - the kernel back-end against a kernel made here: libmnl's
 * socket functions are ours in this program, so that it refuses what and when
 * the test wants.
 */
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
};

static struct kernel {
	struct thing v[64];
	size_t n;
	unsigned sends, messages, acks;
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
		return put(&t);
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

static struct ims_ipsec_backend *up(bool network)
{
	struct ims_io_backend_conf conf = {.netns = -1, .network = network};
	struct ims_ipsec_backend *b = NULL;

	memset(&k, 0, sizeof k);
	assert_int_equal(ims_io_xfrm_new(&conf, &b, NULL), 0);
	return b;
}

static void a_set_is_one_write_and_asks_for_one_answer(void **state)
{
	struct ims_ipsec_set s = a_set(true, 1, md5_null);
	struct ims_ipsec_backend *b = up(false);

	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	assert_int_equal(k.sends, 1);
	assert_int_equal(k.messages, 8);
	assert_int_equal(k.acks, 1);
	assert_int_equal(k.n, 8);
	b->ops->del(b, 1);
	assert_int_equal(k.sends, 2);
	assert_int_equal(k.acks, 2);
	assert_int_equal(k.n, 0);
	b->ops->free(b);

	b = up(true);
	s = a_set(false, 1, md5_null);
	assert_int_equal(b->ops->protect(b, s.sa[IMS_UC_TO_PS].dst, NULL), 0);
	assert_int_equal(k.n, 2);
	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	assert_int_equal(k.messages, 2 + 4);
	b->ops->free(b);
	assert_int_equal(k.n, 0);
}

static const struct {
	int err, code;
} refusals[] = {
	{EEXIST, -IMS_E_SPI_TAKEN}, {EPROTONOSUPPORT, -IMS_E_NO_ESP},
	{EPERM, -IMS_E_RIGHTS},     {ENOENT, -IMS_E_ALGO},
	{ENOSYS, -IMS_E_ALGO},      {ENOMEM, -IMS_E_NOMEM},
	{EINVAL, -IMS_E_IPSEC},
};

static void whichever_is_refused_nothing_of_the_set_stays(void **state)
{
	for (size_t i = 0; i < N_OF(refusals); i++) {
		for (int at = 1; at <= 8; at++) {
			struct ims_ipsec_set s = a_set(true, 2, md5_null);
			struct ims_ipsec_backend *b = up(false);
			struct ims_flaw why = {0};
			struct ims_ipsec_count c[IMS_N_ARROWS];

			k.refuse_at = at;
			k.refuse_with = refusals[i].err;
			assert_int_equal(b->ops->add(b, &s, &why),
					 refusals[i].code);
			assert_int_equal(why.err, refusals[i].code);
			assert_int_equal(k.n, 0);
			assert_int_equal(b->ops->count(b, 2, c),
					 -IMS_E_NOTFOUND);
			/* And then it may succeed. */
			k.refuse_at = 0;
			assert_int_equal(b->ops->add(b, &s, &why), 0);
			assert_int_equal(k.n, 8);
			b->ops->free(b);
			assert_int_equal(k.n, 0);
		}
	}
}

static void the_refused_one_and_the_kernels_words_are_named(void **state)
{
	struct ims_ipsec_set s =
		a_set(true, 2,
		      (struct ims_ipsec_suite){IMS_ALG_HMAC_SHA1,
					       IMS_EALG_AES_CBC});
	struct ims_ipsec_backend *b = up(false);
	struct ims_flaw why = {0};

	k.refuse_at = 3;
	k.refuse_with = ENOSYS;
	strcpy(k.said, "Requested CRYPT algorithm not found");
	assert_int_equal(b->ops->add(b, &s, &why), -IMS_E_ALGO);
	assert_non_null(strstr(why.text, "pc->us"));
	assert_non_null(strstr(why.text, "cbc(aes)"));
	assert_non_null(strstr(why.text, "hmac(sha1)"));
	assert_non_null(strstr(why.text, "Requested CRYPT"));
	assert_null(strstr(why.text, "secret"));
	b->ops->free(b);
}

static void a_strangers_state_with_our_spi_is_left_alone(void **state)
{
	struct ims_ipsec_set s = a_set(true, 2, md5_null);
	struct ims_ipsec_backend *b = up(false);
	struct thing stranger;

	memset(&stranger, 0, sizeof stranger);
	stranger.spi = s.sa[IMS_PC_TO_US].spi;
	put(&stranger);
	assert_int_equal(b->ops->add(b, &s, NULL), -IMS_E_SPI_TAKEN);
	assert_int_equal(k.n, 1);
	assert_int_equal(find(&stranger), 0);
	b->ops->free(b);
	assert_int_equal(k.n, 1);
}

static void a_policy_that_exists_is_not_taken_over(void **state)
{
	struct ims_ipsec_backend *b = up(true);
	struct ims_addr port = {{.family = 4, .b = {192, 0, 2, 2}}, 5062};
	struct thing stranger;

	memset(&stranger, 0, sizeof stranger);
	stranger.policy = true;
	stranger.sport = 5062;
	stranger.dir = XFRM_POLICY_OUT;
	put(&stranger);
	assert_int_equal(b->ops->protect(b, port, NULL), -IMS_E_SPI_TAKEN);
	assert_int_equal(k.n, 1);
	b->ops->unprotect(b, port);
	assert_int_equal(k.n, 1);
	b->ops->free(b);
}

/* Ours, and nobody holds the port: left by a run that was killed. */
static void a_policy_of_a_killed_run_is_replaced(void **state)
{
	struct ims_ipsec_backend *killed = up(true), *b = NULL;
	struct ims_io_backend_conf conf = {.netns = -1, .network = true};
	struct ims_addr port = {{.family = 4, .b = {127, 0, 0, 1}}, 49062};
	struct ims_flaw why = {0};
	struct ims_io_sock_conf c = {.local = port};
	int fd;

	assert_int_equal(killed->ops->protect(killed, port, NULL), 0);
	assert_int_equal(k.n, 2);
	assert_int_equal(ims_io_xfrm_new(&conf, &b, NULL), 0);
	fd = ims_io_sock_udp(&c, &why);
	assert_true(fd >= 0);
	assert_int_equal(b->ops->protect(b, port, &why), -IMS_E_PORT);
	assert_int_equal(k.n, 2);
	close(fd);
	assert_int_equal(b->ops->protect(b, port, &why), 0);
	assert_int_equal(k.n, 2);
	b->ops->free(b);
	assert_int_equal(k.n, 0);
	killed->ops->free(killed);
}

static void lost_answers_count_as_a_refusal(void **state)
{
	static const int deaf[] = {EAGAIN, ENOBUFS};

	for (size_t i = 0; i < N_OF(deaf); i++) {
		struct ims_ipsec_set s = a_set(true, 2, md5_null);
		struct ims_ipsec_backend *b = up(false);
		struct ims_flaw why = {0};

		k.deaf = deaf[i];
		assert_int_equal(b->ops->add(b, &s, &why), -IMS_E_IPSEC);
		assert_int_equal(k.n, 0);
		b->ops->free(b);
	}
}

static void what_has_expired_is_no_trouble_when_deleted(void **state)
{
	struct ims_ipsec_set s = a_set(true, 2, md5_null);
	struct ims_ipsec_backend *b = up(false);

	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	k.n = 3; /* five are gone behind our back */
	b->ops->del(b, 2);
	assert_int_equal(k.n, 0);
	b->ops->del(b, 2);
	b->ops->free(b);
}

static void an_id_is_taken_once_and_is_not_0(void **state)
{
	struct ims_ipsec_set s = a_set(true, 2, md5_null);
	struct ims_ipsec_backend *b = up(false);

	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	assert_int_equal(b->ops->add(b, &s, NULL), -IMS_E_EXISTS);
	s.id = 0;
	assert_int_equal(b->ops->add(b, &s, NULL), -IMS_E_RANGE);
	s.id = 3;
	s.suite = (struct ims_ipsec_suite){IMS_ALG_NULL, IMS_EALG_NULL};
	assert_int_equal(b->ops->add(b, &s, NULL), -IMS_E_ALGO);
	assert_int_equal(k.n, 8);
	b->ops->free(b);
}

static void a_state_says_all_that_the_set_says(void **state)
{
	struct ims_ipsec_suite gcm = {IMS_ALG_NULL, IMS_EALG_AES_GCM};
	struct ims_ipsec_set s = a_set(false, 7, gcm);
	struct ims_ipsec_backend *b = up(true);

	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	/* The last is us->pc, which comes in at the network. */
	assert_int_equal(ntohl(k.sa.id.spi), s.sa[IMS_US_TO_PC].spi);
	assert_int_equal(ntohs(k.sa.sel.sport), 7002);
	assert_int_equal(ntohs(k.sa.sel.dport), 7003);
	assert_int_equal(k.sa.sel.sport_mask, 0xffff);
	assert_int_equal(k.sa.sel.proto, 0);
	assert_int_equal(k.sa.sel.prefixlen_s, 32);
	assert_int_equal(k.sa.reqid, IMS_IO_XFRM_REQID);
	assert_int_equal(k.sa.mode, XFRM_MODE_TRANSPORT);
	assert_int_equal(k.sa.lft.hard_add_expires_seconds, 600);
	assert_int_equal(k.sa.id.proto, 50);
	assert_int_equal(k.window, 64);
	/* The key, and the salt behind it [RFC 4106 8.1]. */
	assert_int_equal(k.key_bits, 160);
	assert_int_equal(k.icv_bits, 128);
	assert_memory_equal(k.key, s.keys.ealg, 16);
	assert_memory_equal(k.key + 16, s.keys.salt, 4);
	b->ops->free(b);
}

static void no_key_stays_in_the_buffers(void **state)
{
	struct ims_io_xfrm_nl *x = calloc(1, sizeof *x);
	struct ims_ipsec_set s = a_set(true, 1, md5_null);

	memset(&k, 0, sizeof k);
	assert_int_equal(ims_io_xfrm_nl_open(x, -1, NULL), 0);
	ims_io_xfrm_put_sa(x, &s, IMS_UC_TO_PS);
	assert_non_null(memmem(x->buf, sizeof x->buf, s.keys.alg, 16));
	assert_int_equal(ims_io_xfrm_commit(x), 0);
	assert_null(memmem(x, sizeof *x, s.keys.alg, 16));
	k.refuse_at = (int)k.messages + 1;
	k.refuse_with = EPERM;
	ims_io_xfrm_put_sa(x, &s, IMS_PC_TO_US);
	assert_int_equal(ims_io_xfrm_commit(x), EPERM);
	assert_null(memmem(x, sizeof *x, s.keys.alg, 16));
	ims_io_xfrm_nl_close(x);
	free(x);
}

/* --- a core that was killed, and the next --- */

static const struct ims_ip here = {.family = 4, .b = {127, 0, 0, 1}};

static struct ims_ipsec_set home_set(bool ue, uint32_t id)
{
	struct ims_ipsec_set s = a_set(ue, id, md5_null);

	for (int a = 0; a < IMS_N_ARROWS; a++) {
		bool own_dst = (a == IMS_UC_TO_PS || a == IMS_US_TO_PC) != ue;
		struct ims_addr *own = own_dst ? &s.sa[a].dst : &s.sa[a].src;

		own->ip = here;
		if (!ue)
			own->port = (uint16_t)(own->port % 1000 + 49060);
	}
	return s;
}

static struct ims_addr home(uint16_t port)
{
	return (struct ims_addr){here, port};
}

static uint32_t lost[8];
static size_t n_lost;

static void note_gone(void *arg, uint32_t set)
{
	struct ims_ipsec_backend **b = arg;

	lost[n_lost++] = set;
	(*b)->ops->del(*b, set);
}

static struct ims_ipsec_backend *again(bool network)
{
	static struct ims_ipsec_backend *b;
	struct ims_io_backend_conf conf = {.netns = -1,
					   .network = network,
					   .ip = here,
					   .gone = note_gone,
					   .arg = &b};

	n_lost = 0;
	assert_int_equal(ims_io_xfrm_new(&conf, &b, NULL), 0);
	return b;
}

/* Frees the memory of a back-end as if the process had ended. */
static void killed(struct ims_ipsec_backend *b)
{
	struct kernel was = k;

	b->ops->free(b);
	k = was;
}

static struct thing state(uint32_t spi)
{
	struct thing t;

	memset(&t, 0, sizeof t);
	t.spi = spi;
	return t;
}

static void three_sets(struct ims_ipsec_backend *b, bool ue)
{
	for (uint32_t id = 1; id <= 3; id++) {
		struct ims_ipsec_set s = home_set(ue, id);

		assert_int_equal(b->ops->add(b, &s, NULL), 0);
	}
}

static int readopt(struct ims_ipsec_backend *b, bool ue, uint32_t id)
{
	struct ims_ipsec_set s = home_set(ue, id);
	struct ims_flaw why;

	s.adopt = true;
	return b->ops->add(b, &s, &why);
}

static void what_is_wanted_is_adopted_and_the_rest_swept(void **state_)
{
	struct ims_ipsec_backend *b;
	struct thing foreign = state(77), t;
	struct ims_flaw why;

	memset(&k, 0, sizeof k);
	b = again(true);
	assert_int_equal(b->ops->protect(b, home(49064), NULL), 0);
	assert_int_equal(b->ops->protect(b, home(49063), NULL), 0);
	three_sets(b, false);
	foreign.sa.sel = k.sa.sel; /* the same ports, another's reqid */
	foreign.sa.id.proto = 50;
	put(&foreign);
	killed(b);
	assert_int_equal(k.n, 4 + 12 + 1);

	b = again(true);
	assert_int_equal(b->ops->protect(b, home(49064), NULL), 0);
	assert_int_equal(b->ops->protect(b, home(49063), NULL), 0);
	assert_int_equal(k.n, 4 + 12 + 1);
	t = state(home_set(false, 3).sa[2].spi);
	take(&t, 0); /* set 3 is no longer whole */
	k.messages = 0;
	assert_int_equal(readopt(b, false, 2), 0);
	assert_int_equal(k.messages, 4); /* asked, not installed */
	assert_int_equal(readopt(b, false, 3), -IMS_E_NOTFOUND);
	assert_int_equal(readopt(b, false, 4), -IMS_E_NOTFOUND);
	k.disturb = 2;
	assert_int_equal(b->ops->sweep(b, &why), 4 + 3);
	assert_int_equal(k.n, 4 + 4 + 1);
	assert_true(k.dumps >= 4);
	assert_int_equal(b->ops->sweep(b, &why), 0);
	b->ops->free(b);
	assert_int_equal(k.n, 1);
	assert_int_equal(find(&foreign), 0);
}

static void a_ue_adopts_its_policies_too(void **state_)
{
	struct ims_ipsec_backend *b;
	struct ims_flaw why;

	memset(&k, 0, sizeof k);
	b = again(false);
	three_sets(b, true);
	killed(b);
	b = again(false);
	assert_int_equal(readopt(b, true, 1), 0);
	assert_int_equal(k.n, 24);
	assert_int_equal(b->ops->sweep(b, &why), 16);
	assert_int_equal(k.n, 8);
	b->ops->free(b);
	assert_int_equal(k.n, 0);
}

/* Another of ours that runs beside: it has its port open. */
static void what_another_of_ours_holds_is_not_swept(void **state_)
{
	struct ims_io_sock_conf c = {.local = home(1002)};
	struct ims_ipsec_backend *other, *b;
	struct ims_ipsec_set s = home_set(true, 1);
	struct ims_flaw why;
	int uc, us;

	memset(&k, 0, sizeof k);
	other = again(false);
	assert_int_equal(other->ops->add(other, &s, NULL), 0);
	us = ims_io_sock_udp(&c, &why);
	c.local = home(1001);
	uc = ims_io_sock_udp(&c, &why);
	if (uc < 0 || us < 0) {
		print_message("ports below 1024 are not ours here\n");
		skip();
	}
	b = again(false);
	assert_int_equal(b->ops->sweep(b, &why), 0);
	assert_int_equal(k.n, 8);
	close(us);
	close(uc);
	assert_int_equal(b->ops->sweep(b, &why), 8);
	b->ops->free(b);
	other->ops->free(other);
}

static void anothers_state_is_not_adopted(void **state_)
{
	struct ims_ipsec_backend *b;
	int i;

	memset(&k, 0, sizeof k);
	b = again(true);
	three_sets(b, false);
	killed(b);
	b = again(true);
	k.v[0].sa.reqid = 5; /* of set 1 */
	assert_int_equal(readopt(b, false, 1), -IMS_E_NOTFOUND);
	k.v[0].sa.reqid = IMS_IO_XFRM_REQID;
	k.v[0].sa.sel.sport ^= 1;
	assert_int_equal(readopt(b, false, 1), -IMS_E_NOTFOUND);
	k.v[0].sa.sel.sport ^= 1;
	assert_int_equal(readopt(b, false, 1), 0);
	assert_int_equal(readopt(b, false, 1), -IMS_E_EXISTS);
	b->ops->del(b, 1);
	i = (int)k.n;
	assert_int_equal(i, 8);
	b->ops->free(b);
}

static void what_others_remove_is_noticed(void **state_)
{
	struct ims_ipsec_backend *b;
	struct thing t;

	memset(&k, 0, sizeof k);
	b = again(true);
	assert_int_equal(b->ops->protect(b, home(49064), NULL), 0);
	three_sets(b, false);
	ims_io_xfrm_audit((struct ims_io_xfrm *)b);
	assert_int_equal(n_lost, 0);
	t = state(home_set(false, 2).sa[1].spi);
	take(&t, 0);
	ims_io_xfrm_audit((struct ims_io_xfrm *)b);
	assert_int_equal(n_lost, 1);
	assert_int_equal(lost[0], 2);
	assert_int_equal(k.n, 2 + 8); /* the other three went, too */
	k.n = 0; /* ip xfrm state flush; ip xfrm policy flush */
	ims_io_xfrm_audit((struct ims_io_xfrm *)b);
	assert_int_equal(n_lost, 3);
	assert_int_equal(k.n, 2); /* no clear text at our port meanwhile */
	k.deaf = ENOBUFS; /* nothing is concluded from what was not read */
	ims_io_xfrm_audit((struct ims_io_xfrm *)b);
	assert_int_equal(n_lost, 3);
	k.deaf = 0;
	b->ops->free(b);
	assert_int_equal(k.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_one_write_and_asks_for_one_answer),
		cmocka_unit_test(whichever_is_refused_nothing_of_the_set_stays),
		cmocka_unit_test(
			the_refused_one_and_the_kernels_words_are_named),
		cmocka_unit_test(a_strangers_state_with_our_spi_is_left_alone),
		cmocka_unit_test(a_policy_that_exists_is_not_taken_over),
		cmocka_unit_test(a_policy_of_a_killed_run_is_replaced),
		cmocka_unit_test(lost_answers_count_as_a_refusal),
		cmocka_unit_test(what_has_expired_is_no_trouble_when_deleted),
		cmocka_unit_test(an_id_is_taken_once_and_is_not_0),
		cmocka_unit_test(a_state_says_all_that_the_set_says),
		cmocka_unit_test(no_key_stays_in_the_buffers),
		cmocka_unit_test(what_is_wanted_is_adopted_and_the_rest_swept),
		cmocka_unit_test(a_ue_adopts_its_policies_too),
		cmocka_unit_test(what_another_of_ours_holds_is_not_swept),
		cmocka_unit_test(anothers_state_is_not_adopted),
		cmocka_unit_test(what_others_remove_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
