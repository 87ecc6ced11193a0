/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_index.c - sets by id and place, and how many wait. */
#include "pcscf_priv.h"
#include "pcscf_test.h"

static void a_set_is_found_by_id_and_at_both_its_places(void **state)
{
	struct ims_ipsec_set s = *go_registered(IMS_UDP);
	const struct ims_ipsec_sa *uc = &s.sa[IMS_UC_TO_PS];
	const struct ims_ipsec_sa *us = &s.sa[IMS_US_TO_PC];
	struct ims_addr other = uc->src;

	other.ip.b[15] ^= 1;
	assert_int_equal(ims_pcscf_set_by_id(p, s.id)->sas.id, s.id);
	assert_null(ims_pcscf_set_by_id(p, 0));
	assert_null(ims_pcscf_set_by_id(p, s.id + 1));
	assert_non_null(ims_pcscf_set_at(p, uc->src, uc->dst.port));
	assert_non_null(ims_pcscf_set_at(p, us->src, us->dst.port));
	assert_null(ims_pcscf_set_at(p, uc->src, us->dst.port));
	assert_null(ims_pcscf_set_at(p, us->src, uc->dst.port));
	assert_null(ims_pcscf_set_at(p, other, uc->dst.port));
	pass(700 * 1000);
	assert_null(ims_pcscf_set_by_id(p, s.id));
	assert_null(ims_pcscf_set_at(p, uc->src, uc->dst.port));
	assert_null(ims_pcscf_set_at(p, us->src, us->dst.port));
}

static void who_waits_is_counted_until_he_waits_no_more(void **state)
{
	go_challenged(IMS_UDP);
	assert_int_equal(p->n_pending, 1);
	go_registered(IMS_UDP); /* a new challenge, and its proof */
	assert_int_equal(p->n_pending, 0);
	go_challenged(IMS_UDP);
	pass(300 * 1000);
	assert_int_equal(p->n_pending, 0);
}

/* Who has an IPv6 address has all of its /64. */
static void one_network_of_ipv6_counts_as_one_source(void **state)
{
	struct ims_ip a = at("[2001::1]:1").ip, b = at("[2001::2:1]:1").ip;
	struct ims_ip far = at("[2002::1]:1").ip;

	conf.max_pending_source = 2;
	restart();
	ims_pcscf_pend(p, a, true);
	assert_true(ims_pcscf_may_pend(p, b));
	ims_pcscf_pend(p, b, true);
	assert_false(ims_pcscf_may_pend(p, a));
	assert_false(ims_pcscf_may_pend(p, b));
	assert_true(ims_pcscf_may_pend(p, far));
	ims_pcscf_pend(p, a, false);
	assert_true(ims_pcscf_may_pend(p, b));
	ims_pcscf_pend(p, b, false);
}

static void none_is_no_port_of_ours(void **state)
{
	assert_true(ims_pcscf_is_port_ps(p, 50718));
	assert_true(ims_pcscf_is_port_ps(p, 50720));
	assert_false(ims_pcscf_is_port_ps(p, 50717));
	p->conf.port_ps2 = 0;
	assert_false(ims_pcscf_is_port_ps(p, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_set_is_found_by_id_and_at_both_its_places),
		T(who_waits_is_counted_until_he_waits_no_more),
		T(one_network_of_ipv6_counts_as_one_source),
		T(none_is_no_port_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
