/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_reg.c - the machine: its table, and that no state hangs. */
#include "mw.h"

static void the_table_is_sound(void **state)
{
	const char *wrong = ims_fsm_lint(&ims_scscf_reg_fsm, 0);

	if (wrong)
		fail_msg("scscf-reg: %s", wrong);
}

static void the_table_is_the_one_that_was_reviewed(void **state)
{
	char mem[8192];
	struct ims_buf now;
	size_t n = 0;
	char *golden = test_read("IMS_TEST_DATA", "../fsm/scscf-reg.txt", &n);

	assert_non_null(golden);
	ims_buf_init(&now, mem, sizeof(mem));
	ims_fsm_print(&ims_scscf_reg_fsm, &now);
	assert_string_equal(ims_buf_cstr(&now), golden);
	free(golden);
}

static bool hears(unsigned in, unsigned on)
{
	for (size_t i = 0; i < ims_scscf_reg_fsm.n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(&ims_scscf_reg_fsm, i);

		if (a->in == in && a->on == on)
			return true;
	}
	return false;
}

static void every_waiting_state_hears_ok_fail_and_timeout(void **state)
{
	static const struct {
		unsigned in, ok, fail;
	} waits[] = {
		{SCSCF_ASKING, ON_CX_OK, ON_CX_FAIL},
		{SCSCF_CHALLENGED, ON_PROVEN, ON_WRONG},
		{SCSCF_SAVING, ON_CX_OK, ON_CX_FAIL},
		{SCSCF_LEAVING, ON_CX_OK, ON_CX_FAIL},
	};

	for (size_t i = 0; i < N_OF(waits); i++) {
		assert_true(hears(waits[i].in, waits[i].ok));
		assert_true(hears(waits[i].in, waits[i].fail));
		assert_true(hears(waits[i].in, ON_TIMEOUT));
	}
}

static void an_hss_that_does_not_answer_is_not_waited_for(void **state)
{
	world.hss_silent = true;
	do_register(&world, (struct reg){.cseq = 1});
	assert_int_equal(world.n_sent, 0);
	assert_true(ims_scscf_due(world.s) <= world.now + IMS_SCSCF_CX_MS);
	tick(&world, world.now + IMS_SCSCF_CX_MS);
	assert_status(&world, 504);
	assert_int_equal(world.s->users.n, 0);
}

static void a_late_answer_of_the_hss_harms_nobody(void **state)
{
	struct ims_cx_ans ans;
	struct ims_ev ev = {.kind = IMS_EV_CX, .cx = &ans};

	world.hss_silent = true;
	do_register(&world, (struct reg){.cseq = 1});
	hss_answer(&world, &world.cx, &ans);
	tick(&world, world.now + IMS_SCSCF_CX_MS);
	world.n_sent = 0;
	ims_scscf_event(world.s, &ev, world.now);
	ims_scscf_event(world.s, &ev, world.now);
	run(&world);
	assert_int_equal(world.n_sent, 0);
	ans.ref = 0;
	ims_scscf_event(world.s, &ev, world.now);
	ans.ref = UINT32_MAX;
	ims_scscf_event(world.s, &ev, world.now);
	run(&world);
	assert_int_equal(world.n_sent, 0);
}

static void reg_await_auth_ends_the_challenge_not_the_user(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	char nonce[128], response[40];

	conf.challenge_refresh = true;
	restart_with(&conf);
	register_alice(&world);
	strcpy(nonce, world.nonce);
	strcpy(response, world.response);
	do_register(&world, inside(&world, 3));
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	tick(&world, world.now + conf.reg_await_auth_ms);
	assert_non_null(strstr(world.told, "did not answer"));
	assert_int_equal(ims_scscf_registered(world.s), 1);
	/* the answer comes too late: asked anew */
	do_register(&world, inside(&world, 4));
	assert_status(&world, 401);
}

static void if_it_cannot_be_saved_nothing_is_registered(void **state)
{
	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	world.hss_err = -IMS_E_STORE;
	do_register(&world, inside(&world, 2));
	assert_status(&world, 503);
	assert_true(ims_sip_has(&world.m, IMS_SIP_RETRY_AFTER));
	assert_int_equal(ims_scscf_registered(world.s), 0);
	assert_int_equal(world.s->users.n, 0);
}

static void who_leaves_goes_even_if_the_hss_is_away(void **state)
{
	struct reg r;

	register_alice(&world);
	world.hss_err = -IMS_E_STORE;
	r = inside(&world, 3);
	r.lines = "Expires: 0\r\n";
	do_register(&world, r);
	assert_status(&world, 200);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	assert_int_equal(world.s->users.n, 0);
}

/* How often is the configuration's to say [24.229 5.4.1.2.3]. */
static void a_wrong_response_may_get_another_challenge(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	struct reg r;

	conf.wrong_again = 2;
	restart_with(&conf);
	do_register(&world, (struct reg){.cseq = 1});
	for (unsigned i = 0; i < 3; i++) {
		char old[128];

		take_401(&world);
		strcpy(old, world.nonce);
		r = inside(&world, 2 + i);
		r.response = "00000000000000000000000000000000";
		do_register(&world, r);
		assert_status(&world, i < 2 ? 401 : 403);
		assert_null(strstr(world.sent[0], old));
		assert_int_equal(world.told_err, -IMS_E_AKA_RES);
	}
	assert_int_equal(world.n_mar, 3);
	assert_int_equal(world.s->users.n, 1); /* in his pause */
	assert_int_equal(world.s->cx.n, 0);
	/* and after it the right one is welcome */
	tick(&world, world.now + IMS_SCSCF_PAUSE_MS);
	assert_int_equal(world.s->users.n, 0);
	register_alice(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(the_table_is_the_one_that_was_reviewed),
		cmocka_unit_test(every_waiting_state_hears_ok_fail_and_timeout),
		T(an_hss_that_does_not_answer_is_not_waited_for),
		T(a_late_answer_of_the_hss_harms_nobody),
		T(reg_await_auth_ends_the_challenge_not_the_user),
		T(if_it_cannot_be_saved_nothing_is_registered),
		T(a_wrong_response_may_get_another_challenge),
		T(who_leaves_goes_even_if_the_hss_is_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
