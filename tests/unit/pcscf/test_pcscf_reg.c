/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_reg.c - the security context of one UE. */
#include "base_fsm.h"
#include "pcscf_test.h"

static void the_table_is_sound_and_as_reviewed(void **state)
{
	char mem[16384];
	struct ims_buf b;
	size_t n = 0;
	char *golden = test_read("IMS_TEST_DATA", "../fsm/pcscf-reg.txt", &n);

	assert_null(ims_fsm_lint(&ims_pcscf_reg_fsm, 0));
	ims_buf_init(&b, mem, sizeof mem);
	ims_fsm_print(&ims_pcscf_reg_fsm, &b);
	assert_non_null(golden);
	assert_string_equal(ims_buf_cstr(&b), golden);
	free(golden);
}

static unsigned state_named(const char *name)
{
	for (unsigned i = 0; i < ims_pcscf_reg_fsm.n_states; i++)
		if (strcmp(ims_pcscf_reg_fsm.states[i], name) == 0)
			return i;
	fail_msg("no state %s", name);
	return 0;
}

static bool hears(const char *in, const char *event)
{
	for (size_t i = 0; i < ims_pcscf_reg_fsm.n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(&ims_pcscf_reg_fsm, i);

		if (a->in == state_named(in) &&
		    strcmp(ims_pcscf_reg_fsm.events[a->on], event) == 0)
			return true;
	}
	return false;
}

static void every_waiting_state_hears_success_and_failure(void **state)
{
	static const char *const waits[][2] = {{"asking", "challenge"},
					       {"asking", "ok"},
					       {"securing", "secured"},
					       {"challenged", "response"},
					       {"proving", "ok"},
					       {"refreshing", "ok"},
					       {"refreshing", "challenge"}};

	for (size_t i = 0; i < N_OF(waits); i++) {
		assert_true(hears(waits[i][0], waits[i][1]));
		assert_true(hears(waits[i][0], "fail"));
		assert_true(hears(waits[i][0], "fail-kept"));
	}
}

static void refused_sas_are_a_503_and_are_told(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	sa_err = -IMS_E_NO_ESP;
	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 503);
	assert_has(last_gm(), "Retry-After:");
	assert_told(-IMS_E_NO_ESP);
	assert_non_null(strstr(told[n_told - 1].text, "no ESP here"));
	assert_int_equal(n_deleted, 0);
	assert_int_equal(ims_pcscf_users(p), 0);
	sa_err = 0;
	go_registered(IMS_UDP);
}

static void what_became_of_the_sas_counts_once(void **state)
{
	go_challenged(IMS_UDP);
	n_gm = 0;
	sa_result(last_added()->id, 0);
	assert_int_equal(ims_pcscf_sets(p), 1);
	sa_result(last_added()->id, -IMS_E_IPSEC);
	perform();
	assert_int_equal(ims_pcscf_sets(p), 1);
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_int_equal(n_gm, 0);
	assert_int_equal(n_deleted, 0);
}

static void a_challenge_without_answer_dies_after_reg_await_auth(void **state)
{
	go_challenged(IMS_TCP);
	pass(239 * 1000);
	assert_int_equal(n_deleted, 0);
	pass(2 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], last_added()->id);
	assert_told(-IMS_E_SILENCE);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(ims_pcscf_due(p), IMS_NEVER);
}

static void a_core_that_is_silent_is_a_408(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	feed(&f, msg);
	pass(33 * 1000);
	assert_int_equal(last_gm()->m.status, 408);
	assert_int_equal(n_mw, 11); /* repeated */
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void a_core_that_cannot_be_reached_is_a_503(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .err = -IMS_E_SYS};
	char msg[12000];

	register1(msg);
	feed(&f, msg);
	ev.ref = last_mw()->ref;
	ev.flow = last_mw()->flow;
	ims_pcscf_event(p, &ev, now);
	perform();
	assert_int_equal(last_gm()->m.status, 503);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void a_second_register_takes_the_place_of_one_in_progress(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	feed(&f, msg);
	register1(msg);
	feed(&f, msg);
	assert_int_equal(n_mw, 2);
	assert_int_equal(last_gm()->m.status, 500);
	pass(600); /* only the second is repeated */
	assert_int_equal(n_mw, 3);
	assert_string_equal(mw[2].bytes, mw[1].bytes);
	core_answers(&mw[0], 401, CHALLENGE); /* too late */
	assert_int_equal(n_added, 0);
	core_answers(&mw[1], 401, CHALLENGE);
	assert_int_equal(n_added, 1);
	assert_int_equal(ims_pcscf_users(p), 1);
}

static void a_second_register_while_the_sas_are_made_starts_over(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];
	uint32_t first;

	sa_silent = true;
	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	first = last_added()->id;
	register1(msg);
	feed(&f, msg);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], first);
	sa_result(first, 0); /* what it says of the old set comes too late */
	perform();
	assert_int_equal(ims_pcscf_sets(p), 0);
	sa_silent = false;
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

static void a_new_challenge_replaces_the_temporary_set(void **state)
{
	go_challenged(IMS_UDP);
	go_challenged(IMS_UDP);
	assert_int_equal(n_added, 2);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], added[0].id);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

static void while_the_proof_is_checked_nobody_can_disturb_it(void **state)
{
	struct ims_flow clear = clear_flow(IMS_UDP), f;
	char msg[12000];
	size_t before;

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	feed(&f, msg);
	before = n_mw;
	register1(msg);
	feed(&clear, msg);
	assert_int_equal(last_gm()->m.status, 500);
	register2(msg);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 500);
	assert_int_equal(n_mw, before);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(n_deleted, 0);
}

static void a_wrong_proof_is_403_inside_the_set_which_then_goes(void **state)
{
	struct ims_flow f;
	char msg[12000];

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 403, "");
	assert_int_equal(last_gm()->m.status, 403);
	assert_int_equal(last_gm()->flow.set, last_added()->id);
	assert_int_equal(n_deleted, 0);
	/* it is no way in meanwhile */
	subscribe(msg);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 403);
	register2(msg);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 403);
	pass(3 * 128 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void a_ue_that_started_anew_keeps_its_old_sas_until_it_succeeds(
	void **state)
{
	struct ims_ipsec_set old = *go_registered(IMS_UDP);
	struct ims_flow f = clear_flow(IMS_UDP), core = from_core();
	char msg[12000], offer[400];

	register1(msg);
	snprintf(offer, sizeof offer, SEC_LINE, 7000, 7001, 40001, 40002);
	set_line(msg, "Security-Client", offer);
	swap(msg, "37067dd33", "another");
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(n_added, 2);
	assert_int_equal(n_deleted, 0);
	/* the old way still works */
	notify(msg, "");
	feed(&core, msg);
	assert_int_equal(last_gm()->flow.set, old.id);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	set_line(msg, "Security-Client", offer);
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], old.id);
	assert_int_equal(ims_pcscf_users(p), 1);
	notify(msg, "");
	feed(&core, msg);
	assert_int_equal(last_gm()->flow.set, last_added()->id);
}

static void a_stranger_who_fails_changes_nothing_for_the_registered(
	void **state)
{
	struct ims_ipsec_set old = *go_registered(IMS_UDP);
	struct ims_flow f = clear_flow(IMS_UDP), in = inside(&old, IMS_UDP);
	char msg[12000], offer[400];
	size_t before;

	register1(msg);
	snprintf(offer, sizeof offer, SEC_LINE, 7000, 7001, 40001, 40002);
	set_line(msg, "Security-Client", offer);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	pass(241 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], last_added()->id);
	before = n_mw;
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&in, msg);
	assert_int_equal(n_mw, before + 1);
}

static void a_refresh_is_answered_and_the_set_lives_longer(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	char msg[12000];

	pass(500 * 1000);
	reregister(msg, 1);
	feed(&f, msg);
	assert_has(last_mw(), "integrity-protected=\"yes\"");
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(n_added, 1);
	assert_int_equal(told[n_told - 1].tell, IMS_TELL_REFRESHED);
	pass(629 * 1000);
	assert_int_equal(n_deleted, 0);
	pass(2 * 1000 + 200 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void a_refused_refresh_leaves_the_registration(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	size_t before;
	char msg[12000];

	reregister(msg, 1);
	feed(&f, msg);
	core_answers(last_mw(), 403, "");
	assert_int_equal(last_gm()->m.status, 403);
	before = n_mw;
	subscribe(msg);
	feed(&f, msg);
	assert_int_equal(n_mw, before + 1);
	assert_int_equal(n_deleted, 0);
}

static void the_200_to_leaving_goes_through_esp_then_the_sas_go(void **state)
{
	static const enum ims_transport ways[] = {IMS_UDP, IMS_TCP};

	for (size_t i = 0; i < N_OF(ways); i++) {
		struct ims_ipsec_set *s;
		struct ims_flow f, core = from_core();
		char msg[12000];

		restart();
		s = go_registered(ways[i]);
		f = inside(s, ways[i]);
		reregister(msg, 1);
		swap(msg, "expires=600000", "expires=0");
		feed(&f, msg);
		core_answers(last_mw(), 200, "");
		assert_int_equal(last_gm()->m.status, 200);
		assert_int_equal(last_gm()->flow.set, s->id);
		assert_int_equal(n_deleted, 0);
		/* so does the NOTIFY that says it is over */
		notify(msg, "");
		feed(&core, msg);
		assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
		assert_int_equal(last_gm()->flow.set, s->id);
		/* but it may ask for nothing any more */
		subscribe(msg);
		feed(&f, msg);
		assert_int_equal(last_gm()->m.status, 403);
		pass(600 * 1000);
		assert_int_equal(n_deleted, 1);
		assert_int_equal(ims_pcscf_users(p), 0);
	}
}

static void one_that_leaves_needs_no_new_offer(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	size_t before = n_mw;
	char msg[12000];

	reregister(msg, 1);
	set_line(msg, "Security-Client", NULL);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 494);
	assert_int_equal(n_mw, before);
	reregister(msg, 1);
	set_line(msg, "Security-Client", NULL);
	set_line(msg, "Contact", "*");
	set_line(msg, "Expires", "0");
	feed(&f, msg);
	assert_int_equal(n_mw, before + 1);
	core_answers(last_mw(), 200, "");
	pass(600 * 1000);
	assert_int_equal(n_deleted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_table_is_sound_and_as_reviewed),
		T(every_waiting_state_hears_success_and_failure),
		T(refused_sas_are_a_503_and_are_told),
		T(what_became_of_the_sas_counts_once),
		T(a_challenge_without_answer_dies_after_reg_await_auth),
		T(a_core_that_is_silent_is_a_408),
		T(a_core_that_cannot_be_reached_is_a_503),
		T(a_second_register_takes_the_place_of_one_in_progress),
		T(a_second_register_while_the_sas_are_made_starts_over),
		T(a_new_challenge_replaces_the_temporary_set),
		T(while_the_proof_is_checked_nobody_can_disturb_it),
		T(a_wrong_proof_is_403_inside_the_set_which_then_goes),
		T(a_ue_that_started_anew_keeps_its_old_sas_until_it_succeeds),
		T(a_stranger_who_fails_changes_nothing_for_the_registered),
		T(a_refresh_is_answered_and_the_set_lives_longer),
		T(a_refused_refresh_leaves_the_registration),
		T(the_200_to_leaving_goes_through_esp_then_the_sas_go),
		T(one_that_leaves_needs_no_new_offer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
