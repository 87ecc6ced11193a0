/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_xfrm_left.c - what a core that was killed has left in the kernel:
 * adopted, swept, or not ours; and what others take away.
 */
#include "xfrm_kernel.h"

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
		cmocka_unit_test(what_is_wanted_is_adopted_and_the_rest_swept),
		cmocka_unit_test(a_ue_adopts_its_policies_too),
		cmocka_unit_test(what_another_of_ours_holds_is_not_swept),
		cmocka_unit_test(anothers_state_is_not_adopted),
		cmocka_unit_test(what_others_remove_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
