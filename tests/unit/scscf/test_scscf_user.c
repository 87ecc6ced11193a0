/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_user.c - the table of users, and what it may cost. */
#include "mw.h"

static void an_identity_is_found_in_every_spelling(void **state)
{
	static const char *const same[] = {
		ALICE,
		ALICE ";user=phone",
		"SIP:001010123456789@IMS.EXAMPLE.ORG",
		"sip:%30%30%31010123456789@ims.example.org",
		"tel:+15550100",
		"tel:+1(555)01-00",
		"tel:+1-555-0100;phone-context=x",
	};
	static const char *const other[] = {
		ALICE ":5060",
		"sips:001010123456789@" DOMAIN,
		"sip:001010123456789@" DOMAIN ".org",
		"tel:+15550101",
		"sip:+15550100@" DOMAIN,
		"",
		"x",
		"sip:" DOMAIN,
	};

	register_alice(&world);
	for (size_t i = 0; i < N_OF(same); i++) {
		if (!ims_scscf_user_by_impu(world.s, ims_str(same[i])))
			fail_msg("not found: %s", same[i]);
	}
	for (size_t i = 0; i < N_OF(other); i++) {
		if (ims_scscf_user_by_impu(world.s, ims_str(other[i])))
			fail_msg("found: %s", other[i]);
	}
}

static void when_it_is_full_who_has_nothing_goes_first(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	char impi[32];

	conf.max_users = 4;
	restart_with(&conf);
	register_alice(&world);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(impi, sizeof(impi), "rogue%u", i);
		assert_non_null(ims_scscf_user_new(world.s, ims_str(impi)));
		assert_true(world.s->users.n <= 4);
	}
	assert_int_equal(ims_scscf_registered(world.s), 1);
	assert_non_null(ims_scscf_user_find(world.s, IMS_S(ALICE_IMPI)));
	assert_null(ims_scscf_user_find(world.s, IMS_S("rogue0")));
	assert_non_null(ims_scscf_user_find(world.s, IMS_S("rogue99")));
}

static void who_is_registered_or_being_asked_for_never_goes(void **state)
{
	struct ims_scscf_conf conf = mw_conf();

	conf.max_users = 1;
	restart_with(&conf);
	register_alice(&world);
	do_register(&world, (struct reg){.cseq = 1, .impi = "other"});
	assert_status(&world, 503);
	assert_true(ims_sip_has(&world.m, IMS_SIP_RETRY_AFTER));

	restart_with(&conf);
	world.hss_silent = true;
	do_register(&world, (struct reg){.cseq = 1});
	do_register(&world, (struct reg){.cseq = 1, .impi = "other"});
	assert_status(&world, 503);
}

static void a_flood_of_strangers_leaves_nothing(void **state)
{
	char impi[32];

	for (unsigned i = 0; i < 2000; i++) {
		snprintf(impi, sizeof(impi), "u%u@" DOMAIN, i);
		do_register(&world, (struct reg){.cseq = 1, .impi = impi});
		assert_status(&world, 403);
	}
	assert_int_equal(world.s->users.n, 0);
	assert_int_equal(world.s->cx.n, 0);
	assert_true(ims_heap_next(&world.s->due) == IMS_NEVER);
}

static void the_set_may_change_with_a_refresh(void **state)
{
	size_t at;
	struct ims_scscf_user *u;

	register_alice(&world);
	strcpy(world.impu[1].uri, "tel:+15550199");
	world.n_impus = 2;
	do_register(&world, inside(&world, 3));
	assert_status(&world, 200);
	assert_null(ims_scscf_user_by_impu(world.s, IMS_S("tel:+15550100")));
	u = ims_scscf_user_by_impu(world.s, IMS_S("tel:+15550199"));
	assert_non_null(u);
	assert_true(ims_scscf_user_has(u, IMS_S("tel:+15550199"), &at));
	assert_int_equal(at, 1);
	assert_int_equal(world.s->impus.n, 2);
}

/* His set shrinks, and then the REGISTER comes to nothing. */
static void a_smaller_set_leaves_no_trace_of_the_larger(void **state)
{
#define FLOW(i) "<sip:a@[2001::1]>;+sip.instance=\"i\";reg-id=" #i
	struct reg r;

	register_alice(&world);
	r = inside(&world, 3);
	r.to = r.from = "tel:+15550100";
	do_register(&world, r);
	assert_status(&world, 200);
	world.n_impus = 1;
	r = inside(&world, 4);
	r.contact = FLOW(2) "," FLOW(3) "," FLOW(4) "," FLOW(5) "," FLOW(
		6) "," FLOW(7) "," FLOW(8) "," FLOW(9);
	do_register(&world, r); /* one too many */
	assert_status(&world, 403);
	tick(&world, world.now + 600001 * UINT64_C(1000));
	assert_string_equal(world.cx.impu, ALICE);
	assert_int_equal(world.cx.assign, IMS_CX_TIMEOUT);
	assert_int_equal(world.s->users.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_identity_is_found_in_every_spelling),
		T(when_it_is_full_who_has_nothing_goes_first),
		T(who_is_registered_or_being_asked_for_never_goes),
		T(a_flood_of_strangers_leaves_nothing),
		T(the_set_may_change_with_a_refresh),
		T(a_smaller_set_leaves_no_trace_of_the_larger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
