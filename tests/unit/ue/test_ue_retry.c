/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_retry.c - which P-CSCF is next, and how long it waits before. */
#include "ue_script.h"

static const char *const names[] = {"[2001:0:0:1::2]:5060",
				    "[2001:0:0:1::3]:5060",
				    "[2001:0:0:1::4]:5062"};

static void begin(struct script *s, size_t n, bool retry)
{
	struct ims_ue_conf c;

	script_conf(&c);
	c.n_pcscf = n;
	c.retry = retry;
	c.subscribe = false;
	for (size_t i = 0; i < n; i++)
		ims_addr_parse(ims_str(names[i]), 5060, &c.pcscf[i]);
	script_new(s, &c);
}

static bool asked(const struct script *s, size_t i)
{
	return ims_addr_eq(s->last.flow.remote, s->conf.pcscf[i]);
}

static void each_of_the_list_is_asked_once_and_then_it_is_told(void **state)
{
	struct script s;

	begin(&s, 3, false);
	script_start(&s);
	assert_true(asked(&s, 0));
	script_reply(&s, 500, "");
	assert_true(asked(&s, 1));
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_UNAVAIL,
				 "trying the P-CSCF at [2001:0:0:1::3]:5060"));
	assert_non_null(strstr(s.last.text, "Route: <sip:[2001:0:0:1::3]"));
	assert_non_null(strstr(s.last.text, "CSeq: 1 REGISTER"));
	script_wait(&s, 130000); /* silence */
	assert_true(asked(&s, 2));
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_int_equal(s.last.flow.remote.port, 50718);
	script_reply(&s, 504, "");
	script_state(&s, "idle");
	assert_int_equal(s.dels, 1);
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_UNAVAIL, "504"));
	script_free(&s);
}

static void the_user_who_is_refused_is_refused_everywhere(void **state)
{
	static const unsigned final[] = {403, 404};

	for (size_t i = 0; i < N_OF(final); i++) {
		struct script s;

		begin(&s, 3, true);
		script_start(&s);
		script_reply(&s, final[i], "");
		script_state(&s, "idle");
		assert_int_equal(s.told[s.n_told - 1].tell, IMS_TELL_FAILED);
		assert_int_equal(ims_ue_due(s.ue), IMS_NEVER);
		script_free(&s);
	}
}

static void the_pause_grows_from_round_to_round_up_to_half_an_hour(void **state)
{
	struct script s;
	uint64_t base = 30000;

	begin(&s, 2, true);
	script_start(&s);
	for (int round = 0; round < 9; round++) {
		uint64_t ms;

		script_reply(&s, 500, "");
		assert_true(asked(&s, 1));
		script_reply(&s, 500, "");
		script_state(&s, "waiting");
		base = base * 2 < 1800000 ? base * 2 : 1800000;
		ms = s.ue->at[UE_T_WAIT] - s.now;
		assert_in_range(ms, base / 2, base);
		script_wait(&s, ms);
		script_state(&s, "trying");
		assert_true(asked(&s, 0));
	}
	script_free(&s);
}

static void who_asked_for_time_is_left_alone(void **state)
{
	struct script s;

	begin(&s, 2, true);
	script_start(&s);
	script_reply(&s, 503, "Retry-After: 500\r\n");
	assert_true(asked(&s, 1));
	script_reply(&s, 500, "");
	script_state(&s, "waiting");
	script_wait(&s, 60000);
	assert_true(asked(&s, 1)); /* not the first: that has its 500 s */
	script_reply(&s, 503, "Retry-After: 100\r\n");
	script_state(&s, "waiting");
	assert_int_equal(s.ue->at[UE_T_WAIT] - s.now, 100000);
	script_wait(&s, 100000);
	script_reply(&s, 503, "Retry-After: 3600\r\n");
	assert_in_range(s.ue->at[UE_T_WAIT] - s.now, 200000, 500000);
	script_wait(&s, 500000);
	assert_true(asked(&s, 0));
	script_free(&s);
}

static void a_short_retry_after_again_and_again_is_no_hurry(void **state)
{
	struct script s;
	uint64_t begun;
	unsigned n = 0;

	begin(&s, 1, true);
	script_start(&s);
	begun = s.now;
	while (s.now < begun + 3600000) {
		script_reply(&s, 503, "Retry-After: 1\r\n");
		script_wait(&s, 3600000);
		if (s.ue->reg == UE_WAITING)
			script_wait(&s, s.ue->at[UE_T_WAIT] - s.now);
		n++;
	}
	assert_in_range(n, 4, 20);
	script_free(&s);
}

static void silence_in_a_renewal_goes_to_another(void **state)
{
	struct script s;

	begin(&s, 2, true);
	script_register(&s, 600000);
	script_start(&s);
	while (s.ue->reg == UE_REFRESHING)
		script_wait(&s, 130000);
	script_state(&s, "trying");
	assert_true(asked(&s, 1));
	script_free(&s);
	/* A 500 says that it lives. */
	begin(&s, 2, true);
	script_register(&s, 600000);
	script_start(&s);
	script_reply(&s, 500, "");
	assert_true(asked(&s, 0));
	script_free(&s);
	/* A 305 says: another. */
	begin(&s, 2, true);
	script_register(&s, 600000);
	script_start(&s);
	script_reply(&s, 305, "");
	assert_true(asked(&s, 1));
	script_free(&s);
}

static void what_expires_while_the_only_one_asked_for_time_waits(void **state)
{
	struct script s;

	begin(&s, 1, true);
	script_register(&s, 300);
	script_start(&s);
	script_reply(&s, 503, "Retry-After: 1000\r\n");
	script_state(&s, "registered");
	script_wait(&s, 300000);
	script_state(&s, "waiting");
	assert_int_equal(s.ue->at[UE_T_WAIT] - s.now, 700000);
	script_wait(&s, 700000);
	script_state(&s, "trying");
	script_free(&s);
}

static void a_renewal_that_is_refused_is_tried_less_and_less_often(void **state)
{
	struct script s;
	uint64_t base = 90000;

	begin(&s, 1, true);
	script_register(&s, 600000);
	for (int i = 0; i < 6; i++) {
		uint64_t ms;

		script_start(&s);
		script_reply(&s, 480, "");
		script_state(&s, "registered");
		ms = s.ue->at[UE_T_REFRESH] - s.now;
		assert_in_range(ms, base / 2, base);
		base = base * 2 < 1800000 ? base * 2 : 1800000;
	}
	script_start(&s);
	script_ok(&s, 600000, "");
	script_start(&s);
	script_reply(&s, 480, "");
	assert_in_range(s.ue->at[UE_T_REFRESH] - s.now, 45000, 90000);
	script_free(&s);
}

static void what_this_host_lacks_is_the_end_or_a_pause(void **state)
{
	/* clang-format off */
	static const struct {
		int err;
		const char *state;
	} cases[] = {
		{-IMS_E_RIGHTS, "idle"}, {-IMS_E_NO_ESP, "idle"},
		{-IMS_E_NODEV, "idle"}, {-IMS_E_SPI_TAKEN, "trying"},
		{-IMS_E_PORT, "trying"}, {-IMS_E_SYS, "waiting"},
		{-IMS_E_IPSEC, "waiting"},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;
		uint32_t spi;

		begin(&s, 1, true);
		script_start(&s);
		s.hold_sa = true;
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		spi = s.ue->offer.spi_c;
		script_on(&s, &(struct ims_ev){.kind = IMS_EV_SA,
					       .set = s.set.id,
					       .err = cases[i].err});
		script_state(&s, cases[i].state);
		if (s.ue->reg == UE_TRYING)
			assert_int_not_equal(s.ue->offer.spi_c, spi);
		script_free(&s);
	}
}

static void no_way_from_here_leaves_a_registration_alone(void **state)
{
	struct ims_flaw why = {-IMS_E_ROUTE, "Network is unreachable"};
	struct script s;

	begin(&s, 1, true);
	script_register(&s, 600000);
	script_start(&s);
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_UNSENT,
				       .flow = s.last.flow,
				       .ref = s.last.ref,
				       .err = -IMS_E_ROUTE,
				       .why = &why});
	script_state(&s, "registered");
	assert_true(ims_ue_set(s.ue) != 0);
	script_free(&s);
}

static void a_p_cscf_of_another_family_is_not_asked(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.n_pcscf = 2;
	c.pcscf[1] = c.pcscf[0];
	ims_addr_parse(IMS_S("192.0.2.1:5060"), 5060, &c.pcscf[0]);
	script_new(&s, &c);
	script_start(&s);
	assert_true(ims_addr_eq(s.last.flow.remote, c.pcscf[1]));
	script_free(&s);
}

static void who_stood_is_fought_for_without_being_told_to(void **state)
{
	struct script s;

	begin(&s, 1, false);
	script_register(&s, 600000);
	script_start(&s);
	script_reply(&s, 504, "");
	script_state(&s, "trying"); /* from the beginning */
	script_reply(&s, 503, "");
	script_state(&s, "waiting");
	script_wait(&s, s.ue->at[UE_T_WAIT] - s.now);
	script_state(&s, "trying");
	script_reply(&s, 403, "");
	script_state(&s, "idle");
	script_start(&s); /* it stands no more: a first one */
	script_reply(&s, 503, "");
	script_state(&s, "idle");
	script_free(&s);
}

static void who_is_to_register_once_is_not(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.subscribe = false;
	c.once = true;
	script_new(&s, &c);
	script_register(&s, 600000);
	script_start(&s);
	script_reply(&s, 504, "");
	script_reply(&s, 503, "");
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_UNAVAIL, "503"));
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_of_the_list_is_asked_once_and_then_it_is_told),
		cmocka_unit_test(the_user_who_is_refused_is_refused_everywhere),
		cmocka_unit_test(
			the_pause_grows_from_round_to_round_up_to_half_an_hour),
		cmocka_unit_test(who_asked_for_time_is_left_alone),
		cmocka_unit_test(
			a_short_retry_after_again_and_again_is_no_hurry),
		cmocka_unit_test(silence_in_a_renewal_goes_to_another),
		cmocka_unit_test(
			what_expires_while_the_only_one_asked_for_time_waits),
		cmocka_unit_test(
			a_renewal_that_is_refused_is_tried_less_and_less_often),
		cmocka_unit_test(what_this_host_lacks_is_the_end_or_a_pause),
		cmocka_unit_test(no_way_from_here_leaves_a_registration_alone),
		cmocka_unit_test(a_p_cscf_of_another_family_is_not_asked),
		cmocka_unit_test(who_stood_is_fought_for_without_being_told_to),
		cmocka_unit_test(who_is_to_register_once_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
