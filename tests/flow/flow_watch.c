/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_watch.c - the P-CSCF hears what the network decides: a registration that
 * ends there leaves no SA behind.
 */
#include "flow_lab.h"

#include "test.h"

static void registered(struct lab *l, uint64_t seed)
{
	lab_init(l, seed);
	l->ue_conf.expires = 600000;
	lab_start(l);
	assert_true(lab_until(l, IMS_TELL_NOTIFIED, 1, 10000));
	assert_int_equal(l->sets_core, 1);
}

static void order(struct lab *l, enum ims_scscf_order what)
{
	char impu[IMS_ID_MAX];

	assert_true(ims_str_copy(impu, sizeof impu, ims_str(l->ue_conf.impu)));
	assert_int_equal(ims_run_core_order(l->core, what, ims_str(impu), 60),
			 0);
}

static void who_is_rejected_has_no_sa_left(void **state)
{
	struct lab l;

	registered(&l, 1);
	order(&l, IMS_SCSCF_DEREG_REJECTED);
	/* the UE's 200 to NOTIFY came through the set */
	lab_pass(&l, 1000);
	assert_int_equal(l.core_problem[IMS_E_ESP_SPI], 0);
	assert_int_equal(l.core_problem[IMS_E_SILENCE], 0);
	lab_pass(&l, 600000);
	assert_int_equal(l.sets_core, 0);
	assert_int_equal(l.sets_ue, 0);
	assert_int_equal(ims_pcscf_users(ims_run_core_pcscf(l.core)), 0);
	lab_end(&l);
}

static void who_is_deactivated_comes_back_with_new_ones(void **state)
{
	struct lab l;

	registered(&l, 2);
	order(&l, IMS_SCSCF_DEREG_DEACTIVATED);
	lab_pass(&l, 600000);
	assert_int_equal(l.made_core, 2);
	assert_int_equal(l.sets_core, 1);
	assert_int_equal(l.sets_ue, 1);
	lab_end(&l);
}

/* Without our subscription the set would stay for a week. */
static void switched_off_the_set_stays(void **state)
{
	struct lab l;

	lab_init(&l, 3);
	l.ue_conf.expires = 600000;
	l.core_conf.pcscf.subscribe_reg = false;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	order(&l, IMS_SCSCF_DEREG_REJECTED);
	lab_pass(&l, 600000);
	assert_int_equal(l.sets_core, 1);
	lab_pass(&l, 600 * UINT64_C(1000000));
	assert_int_equal(l.sets_core, 0);
	lab_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_rejected_has_no_sa_left),
		cmocka_unit_test(who_is_deactivated_comes_back_with_new_ones),
		cmocka_unit_test(switched_off_the_set_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
