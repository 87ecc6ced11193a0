/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_life.c - a registration that is kept up, re-authenticated and ended. */
#include "flow_lab.h"

#include "test.h"

#define HOUR UINT64_C(3600000)

static void it_is_refreshed_in_time_in_the_same_sas(void **state)
{
	struct lab l;

	lab_init(&l, 1);
	l.ue_conf.expires = 3600;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 12 * HOUR);
	/* 600 s before the end of each hour */
	assert_in_range(l.told[IMS_TELL_REFRESHED], 13, 15);
	assert_int_equal(l.told[IMS_TELL_FAILED], 0);
	assert_int_equal(l.made_core, 1);
	assert_int_equal(l.sets_ue, 1);
	lab_end(&l);
}

static void a_short_one_is_refreshed_at_half_its_time(void **state)
{
	struct lab l;

	lab_init(&l, 2);
	l.ue_conf.expires = 120;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_REGISTERED, 1, 10000));
	assert_true(lab_until(&l, IMS_TELL_REFRESHED, 1, 61000));
	lab_end(&l);
}

static void re_authentication_goes_over_to_new_sas(void **state)
{
	struct lab l;

	lab_init(&l, 3);
	l.ue_conf.expires = 3600;
	l.core_conf.scscf.challenge_refresh = true;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 6 * HOUR);
	assert_int_equal(l.told[IMS_TELL_FAILED], 0);
	assert_in_range(l.made_core, 7, 9);
	/* old, new and one that waits; not more [33.203 7.4] */
	assert_in_range(l.most_core, 2, 3);
	assert_in_range(l.most_ue, 2, 3);
	assert_in_range(l.sets_ue, 1, 2);
	lab_end(&l);
}

static void a_ue_that_vanishes_is_forgotten(void **state)
{
	struct lab l;

	lab_init(&l, 4);
	l.ue_conf.expires = 600;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	l.lost = 1000;
	lab_pass(&l, 2 * HOUR);
	assert_int_equal(l.sets_core, 0);
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(l.core)), 0);
	lab_end(&l);
}

static void over_tcp_as_over_udp(void **state)
{
	struct lab l;

	lab_init(&l, 5);
	l.ue_conf.expires = 3600;
	l.ue_conf.transport_register = l.ue_conf.transport_other = IMS_UE_TCP;
	l.core_conf.scscf.challenge_refresh = true;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 3 * HOUR);
	assert_int_equal(l.told[IMS_TELL_FAILED], 0);
	assert_in_range(l.told[IMS_TELL_REFRESHED], 3, 5);
	lab_end(&l);
}

/* The NOTIFY leaves inside the SAs, which must still be there. */
static void a_core_that_ends_tells_its_ues(void **state)
{
	struct lab l;

	lab_init(&l, 6);
	l.ue_conf.expires = 600;
	l.ue_conf.once = true;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	ims_run_core_stop(l.core);
	/* "deactivated": they come back at once, and are sent away */
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 1000));
	assert_int_equal(l.failed, -IMS_E_UNAVAIL);
	lab_end(&l);
}

static bool has(const struct lab_host *h, uint32_t set)
{
	struct ims_ipsec_count n[IMS_N_ARROWS];

	return !h->real->ops->sa_count(h->real, set, n);
}

static void a_set_that_nobody_removes_goes_by_itself(void **state)
{
	struct ims_ue_info ue;
	struct lab l;

	lab_init(&l, 7);
	l.ue_conf.expires = 600;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_REFRESHED, 5, 2000000));
	ims_ue_info(ims_run_ue_role(l.ue), ims_wire_now(l.mem.wire), &ue);
	/* five renewals later it is there still, on both sides */
	assert_int_equal(ue.n_sets, 1);
	assert_true(has(&l.host_ue, ue.set[0].id));
	assert_true(has(&l.host_core, 1));
	l.careless = true;
	l.lost = 1000;
	/* the core lets it go at 600 s: 8 minutes of SIP, and the slack */
	lab_pass(&l, UINT64_C(1000) * 600);
	assert_true(has(&l.host_core, 1));
	lab_pass(&l, UINT64_C(1000) * 700);
	assert_false(has(&l.host_core, 1));
	assert_false(has(&l.host_ue, ue.set[0].id));
	l.careless = false;
	lab_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_refreshed_in_time_in_the_same_sas),
		cmocka_unit_test(a_short_one_is_refreshed_at_half_its_time),
		cmocka_unit_test(re_authentication_goes_over_to_new_sas),
		cmocka_unit_test(a_ue_that_vanishes_is_forgotten),
		cmocka_unit_test(over_tcp_as_over_udp),
		cmocka_unit_test(a_core_that_ends_tells_its_ues),
		cmocka_unit_test(a_set_that_nobody_removes_goes_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
