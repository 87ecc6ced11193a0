/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_xfrm.c - the kernel back-end against a kernel made here. */
#include "xfrm_kernel.h"

static struct ims_ipsec_backend *up(bool network)
{
	struct ims_io_backend_conf conf = {.netns = -1,
					   .network = network,
					   .rnd = ims_rand_system()};
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

/* Whole lives of states (policies) are at least, and hardly more than, s. */
static void assert_lives(uint64_t sa_s, uint64_t pol_s)
{
	for (size_t i = 0; i < k.n; i++) {
		if (k.v[i].policy)
			assert_int_equal(k.v[i].life_s, pol_s);
		else
			assert_in_range(k.v[i].sa.lft.hard_add_expires_seconds,
					sa_s, sa_s + 5);
	}
}

static void a_lifetime_counts_from_when_the_state_was_made(void **state)
{
	struct ims_ipsec_set s = a_set(true, 2, md5_null);
	struct ims_ipsec_backend *b = up(false);

	k.clock = ims_io_wall_ms() / 1000 - 500;
	assert_int_equal(b->ops->life(b, 2, 60), -IMS_E_NOTFOUND);
	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	assert_lives(600, 610);
	assert_int_equal(b->ops->life(b, 2, 3600), 0);
	assert_int_equal(k.n, 8);
	assert_lives(500 + 3600, 3610);
	/* shorter, too */
	assert_int_equal(b->ops->life(b, 2, 60), 0);
	assert_lives(560, 70);
	/* what an audit and the end look for is the same as before */
	b->ops->del(b, 2);
	assert_int_equal(k.n, 0);
	b->ops->free(b);
}

static void a_clock_set_back_makes_no_life_of_0(void **state)
{
	struct ims_ipsec_set s = a_set(false, 2, md5_null);
	struct ims_ipsec_backend *b = up(true);

	k.clock = ims_io_wall_ms() / 1000 + 100000;
	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	assert_int_equal(b->ops->life(b, 2, 700), 0);
	assert_lives(700, 0);
	b->ops->free(b);
}

static void a_lifetime_makes_no_state_that_is_gone(void **state)
{
	struct ims_ipsec_set s = a_set(false, 2, md5_null);
	struct ims_ipsec_backend *b = up(true);

	assert_int_equal(b->ops->add(b, &s, NULL), 0);
	k.v[3] = k.v[--k.n]; /* somebody deletes the last one */
	assert_int_equal(b->ops->life(b, 2, 700), -IMS_E_NOTFOUND);
	assert_int_equal(k.n, 3);
	k.n = 0;
	assert_int_equal(b->ops->life(b, 2, 700), -IMS_E_NOTFOUND);
	b->ops->free(b);
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
		cmocka_unit_test(
			a_lifetime_counts_from_when_the_state_was_made),
		cmocka_unit_test(a_clock_set_back_makes_no_life_of_0),
		cmocka_unit_test(a_lifetime_makes_no_state_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
