/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_more.c - a UE with several identities that do not imply each other, over
 * one SA set [24.229 5.1.1.2.1; 34.229-1 C.23].
 */
#include "flow_lab.h"
#include "run_keep_mem.h"
#include "test.h"

#define B "sip:b@ims.mnc001.mcc001.3gppnetwork.org"
#define C "tel:+15550100"

static unsigned challenges;

static void seen(struct lab *l, const struct ims_seen *m)
{
	if (m->who == IMS_WHO_PCSCF && m->sent && m->flow->side == IMS_GM &&
	    ims_str_starts(m->bytes, IMS_S("SIP/2.0 401")))
		challenges++;
}

static void begin(struct lab *l, uint64_t seed)
{
	lab_init(l, seed);
	challenges = 0;
	l->seen = seen;
	l->own_impu[0] = B;
	l->own_impu[1] = C;
	strcpy(l->ue_conf.more[0], B);
	strcpy(l->ue_conf.more[1], C);
	l->ue_conf.n_more = 2;
	l->ue_conf.expires = 3600;
}

static const char *word_of(struct lab *l, const char *impu)
{
	struct ims_ue_info i;

	ims_ue_info(ims_run_ue_role(l->ue), ims_wire_now(l->mem.wire), &i);
	for (size_t k = 0; k < i.n_impus; k++)
		if (ims_str_eq(i.impu[k].uri, ims_str(impu)))
			return i.impu[k].state;
	return "none";
}

static void names(void *arg, const struct ims_pcscf_info *i)
{
	snprintf(arg, 512, "%s", i->impus ? i->impus : "");
}

static void are_registered(struct lab *l)
{
	char impus[512] = "";

	assert_string_equal(ims_ue_state(ims_run_ue_role(l->ue)), "registered");
	assert_string_equal(word_of(l, B), "registered");
	assert_string_equal(word_of(l, C), "registered");
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(l->core)), 3);
	assert_int_equal(ims_pcscf_users(ims_run_core_pcscf(l->core)), 1);
	ims_pcscf_each(ims_run_core_pcscf(l->core), ims_wire_now(l->mem.wire),
		       names, impus);
	assert_non_null(strstr(impus, l->ue_conf.impu));
	assert_true(strstr(impus, l->ue_conf.impu) < strstr(impus, B));
	assert_non_null(strstr(impus, C));
}

static void all_are_registered(struct lab *l)
{
	are_registered(l);
	assert_int_equal(l->sets_core, 1);
	assert_int_equal(l->sets_ue, 1);
}

static void they_share_the_sas_and_nobody_is_challenged_twice(void **state)
{
	struct lab l;

	begin(&l, 1);
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 10000);
	all_are_registered(&l);
	lab_pass(&l, 6 * 3600000);
	all_are_registered(&l);
	assert_int_equal(challenges, 1);
	assert_int_equal(l.made_core, 1);
	assert_int_equal(l.told[IMS_TELL_PROBLEM], 0);
	lab_end(&l);
	assert_int_equal(l.told[IMS_TELL_PROBLEM], 0);
}

static void each_may_be_challenged(void **state)
{
	struct lab l;

	begin(&l, 2);
	l.core_conf.scscf.challenge_refresh = true;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 200000);
	assert_int_equal(challenges, 3);
	are_registered(&l);
	lab_pass(&l, 6 * 3600000);
	assert_true(challenges >= 3 * 6);
	assert_in_range(l.most_core, 2, 3);
	assert_in_range(l.most_ue, 2, 3);
	assert_string_equal(word_of(&l, B), "registered");
	assert_int_equal(l.told[IMS_TELL_FAILED], 0);
	lab_end(&l);
}

static void who_is_not_ours_is_refused_and_costs_nothing(void **state)
{
	struct lab l;

	begin(&l, 3);
	l.own_impu[1] = NULL;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 10000);
	assert_string_equal(word_of(&l, B), "registered");
	assert_string_equal(word_of(&l, C), "refused");
	assert_int_equal(l.ue_problem[IMS_E_REFUSED], 1);
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(l.core)), 2);
	lab_pass(&l, 4 * 3600000);
	assert_string_equal(word_of(&l, B), "registered");
	assert_int_equal(challenges, 1);
	lab_end(&l);
}

/* Whichever end of it begins anew, all three go on. */
static void they_outlive_a_restart(void **state)
{
	struct ims_keep_store *core = ims_run_keep_mem_new();
	struct ims_keep_store *ue = ims_run_keep_mem_new();
	struct lab l;

	begin(&l, 4);
	l.keep_core = core;
	l.keep_ue = ue;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 10000);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ims_run_keep_mem_size(core, IMS_KEEP_SCSCF),
				 3);
		ims_run_keep_mem_crash(core);
		lab_restart_core(&l);
		all_are_registered(&l);
		lab_pass(&l, 3600000);
		all_are_registered(&l);
		ims_run_keep_mem_crash(ue);
		lab_restart_ue(&l);
		lab_pass(&l, 3600000);
		all_are_registered(&l);
	}
	assert_int_equal(challenges, 1);
	/* the last restart of the core is the one that they leave from */
	ims_run_keep_mem_crash(core);
	lab_restart_core(&l);
	lab_end(&l);
	assert_int_equal(ims_run_keep_mem_size(core, IMS_KEEP_SCSCF), 0);
	assert_int_equal(ims_run_keep_mem_size(core, IMS_KEEP_PCSCF), 0);
	assert_int_equal(ims_run_keep_mem_size(ue, IMS_KEEP_UE), 0);
	core->ops->free(core);
	ue->ops->free(ue);
}

static void on_a_bad_wire_too(void **state)
{
	for (unsigned seed = 10; seed < 20; seed++) {
		struct lab l;

		begin(&l, seed);
		l.lost = l.twice = 100;
		l.delayed = 200;
		l.delay_ms = 3000;
		l.ue_conf.retry = true;
		lab_start(&l);
		assert_true(lab_until(&l, IMS_TELL_REGISTERED, 1, 3600000));
		lab_pass(&l, 6 * 3600000);
		l.lost = l.twice = l.delayed = 0;
		lab_pass(&l, 4 * 3600000);
		all_are_registered(&l);
		lab_end(&l);
	}
}

/* The nonce of the last challenge is the one that all of them repeat. */
static void a_new_proof_is_that_of_all(void **state)
{
	struct lab l;

	begin(&l, 6);
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 10000);
	assert_int_equal(ims_run_core_order(l.core, IMS_SCSCF_REAUTH,
					    ims_str(l.ue_conf.impu), 60),
			 0);
	assert_true(lab_until(&l, IMS_TELL_REFRESHED, 1, 60000));
	assert_int_equal(challenges, 2);
	lab_pass(&l, 3 * 3600000);
	all_are_registered(&l);
	assert_int_equal(challenges, 2);
	lab_end(&l);
}

static void an_order_for_the_user_ends_all(void **state)
{
	struct lab l;

	begin(&l, 5);
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 10000);
	assert_int_equal(ims_run_core_order(l.core, IMS_SCSCF_DEREG_REJECTED,
					    ims_str(l.ue_conf.impi), 0),
			 0);
	lab_pass(&l, 600000);
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(l.core)), 0);
	assert_int_equal(l.sets_core, 0);
	assert_int_equal(l.sets_ue, 0);
	lab_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			they_share_the_sas_and_nobody_is_challenged_twice),
		cmocka_unit_test(each_may_be_challenged),
		cmocka_unit_test(who_is_not_ours_is_refused_and_costs_nothing),
		cmocka_unit_test(they_outlive_a_restart),
		cmocka_unit_test(on_a_bad_wire_too),
		cmocka_unit_test(a_new_proof_is_that_of_all),
		cmocka_unit_test(an_order_for_the_user_ends_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
