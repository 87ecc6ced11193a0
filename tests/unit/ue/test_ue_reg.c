/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_reg.c - the machine of the registration, walked and checked. */
#include "ue_script.h"

static void the_table_is_sound(void **state)
{
	const char *wrong = ims_fsm_lint(&ims_ue_reg_fsm, 0);

	if (wrong)
		fail_msg("%s: %s", ims_ue_reg_fsm.name, wrong);
}

static void the_table_is_the_reviewed_one(void **state)
{
	static char text[32768];
	struct ims_buf b;
	size_t n = 0;
	char *want = test_read("IMS_TEST_DATA", "../fsm/ue-reg.txt", &n);

	ims_buf_init(&b, text, sizeof text);
	ims_fsm_print(&ims_ue_reg_fsm, &b);
	assert_non_null(want);
	assert_string_equal(ims_buf_cstr(&b), want);
	free(want);
}

static bool leads_out(unsigned in, unsigned on)
{
	for (size_t i = 0; i < ims_ue_reg_fsm.n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(&ims_ue_reg_fsm, i);

		if (a->in == in && a->on == on)
			return true;
	}
	return false;
}

static void every_waiting_state_hears_ok_fail_and_stop(void **state)
{
	/* clang-format off */
	static const struct {
		unsigned in, ok;
	} waits[] = {
		{UE_TRYING, ON_OK}, {UE_ASKING, ON_SIM_OK},
		{UE_SECURING, ON_SA_OK}, {UE_PROVING, ON_OK},
		{UE_PROVING_LAST, ON_OK}, {UE_REFRESHING, ON_OK},
		{UE_RE_ASKING, ON_SIM_OK}, {UE_RE_SECURING, ON_SA_OK},
		{UE_RE_PROVING, ON_OK}, {UE_LEAVING, ON_OK},
		{UE_LEAVE_ASKING, ON_SIM_OK}, {UE_LEAVE_SECURING, ON_SA_OK},
		{UE_LEAVE_PROVING, ON_OK},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(waits); i++) {
		assert_true(leads_out(waits[i].in, waits[i].ok));
		assert_true(leads_out(waits[i].in, ON_FAIL));
		assert_true(leads_out(waits[i].in, ON_STOP));
	}
	for (unsigned s = UE_IDLE; s <= UE_DRAINING; s++)
		assert_true(leads_out(s, ON_STOP));
	for (unsigned s = UE_REGISTERED; s <= UE_RE_PROVING; s++) {
		assert_true(leads_out(s, ON_EXPIRED));
		assert_true(leads_out(s, ON_LOST));
		assert_true(leads_out(s, ON_LATER));
		assert_true(leads_out(s, ON_TERMINATED));
		assert_true(leads_out(s, ON_DEACTIVATED));
		assert_true(leads_out(s, ON_PROBATION));
	}
	for (unsigned s = UE_TRYING; s <= UE_PROVING; s++) {
		assert_true(leads_out(s, ON_RESTART));
		assert_true(leads_out(s, ON_NEXT));
		assert_true(leads_out(s, ON_LATER));
	}
	for (unsigned s = UE_WAITING; s <= UE_DRAINING; s++)
		assert_true(leads_out(s, ON_ADDRESS));
	assert_true(leads_out(UE_WAITING, ON_WAITED));
}

/* Brings a UE into a waiting state by what a network does. */
static void bring(struct script *s, unsigned want)
{
	char nonce[64];
	bool re = want >= UE_REFRESHING;

	script_new(s, NULL);
	s->conf.subscribe = false;
	s->ue->conf.subscribe = false;
	if (re) {
		script_register(s, 3600);
		if (want < UE_LEAVING)
			script_start(s);
		else
			script_stop(s);
	} else {
		script_start(s);
	}
	if (want == UE_TRYING || want == UE_REFRESHING || want == UE_LEAVING)
		return;
	s->hold_sim = want == UE_ASKING || want == UE_RE_ASKING ||
		      want == UE_LEAVE_ASKING;
	s->hold_sa = want == UE_SECURING || want == UE_RE_SECURING ||
		     want == UE_LEAVE_SECURING;
	script_nonce(s, 33, nonce);
	script_challenge(s, nonce,
			 re ? "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;"
			      "mod=trans;spi-c=4000;spi-s=4001;port-c=50719;"
			      "port-s=50718"
			    : SEED_SERVER);
	if (want == UE_PROVING_LAST)
		script_stop(s);
}

static const unsigned waiting[] = {
	UE_TRYING,        UE_ASKING,     UE_SECURING,     UE_PROVING,
	UE_PROVING_LAST,  UE_REFRESHING, UE_RE_ASKING,    UE_RE_SECURING,
	UE_RE_PROVING,    UE_LEAVING,    UE_LEAVE_ASKING, UE_LEAVE_SECURING,
	UE_LEAVE_PROVING,
};

static void silence_leads_out_of_every_waiting_state(void **state)
{
	for (size_t i = 0; i < N_OF(waiting); i++) {
		struct script s;
		bool silence = false;

		bring(&s, waiting[i]);
		assert_int_equal(s.ue->reg, waiting[i]);
		script_wait(&s, 130000);
		if (s.ue->reg == waiting[i])
			fail_msg("%s: nothing happens",
				 ims_ue_reg_fsm.states[waiting[i]]);
		for (size_t k = 0; k < s.n_told; k++)
			silence |= s.told[k].err == -IMS_E_SILENCE;
		/* Who had asked to leave does not mind. */
		if (waiting[i] != UE_PROVING_LAST && !silence)
			fail_msg("%s: silence is not told",
				 ims_ue_reg_fsm.states[waiting[i]]);
		script_free(&s);
	}
}

static void refuse(struct script *s)
{
	static const struct ims_card_answer failed = {.verdict =
							      IMS_CARD_FAILED};
	unsigned at = s->ue->reg;

	if (at == UE_ASKING || at == UE_RE_ASKING || at == UE_LEAVE_ASKING)
		script_on(s, &(struct ims_ev){.kind = IMS_EV_SIM,
					      .answer = &failed});
	else if (at == UE_SECURING || at == UE_RE_SECURING ||
		 at == UE_LEAVE_SECURING)
		script_on(s, &(struct ims_ev){.kind = IMS_EV_SA,
					      .set = s->set.id,
					      .err = -IMS_E_NO_ESP});
	else
		script_reply(s, 403, "");
}

static void refusal_leads_out_of_every_waiting_state(void **state)
{
	for (size_t i = 0; i < N_OF(waiting); i++) {
		unsigned before = waiting[i];
		struct script s;

		bring(&s, before);
		refuse(&s);
		if (before < UE_PROVING_LAST) {
			script_state(&s, "idle");
			assert_int_equal(s.told[s.n_told - 1].tell,
					 IMS_TELL_FAILED);
		} else if (before >= UE_REFRESHING && before < UE_LEAVING) {
			script_state(&s, "registered");
			assert_true(s.ue->now.id != 0 && s.ue->temp.id == 0);
		} else {
			script_state(&s, "idle");
			assert_int_equal(s.told[s.n_told - 1].tell,
					 IMS_TELL_DEREGISTERED);
		}
		script_free(&s);
	}
}

static void stop_leads_out_of_every_state_and_no_sa_stays(void **state)
{
	for (size_t i = 0; i < N_OF(waiting); i++) {
		struct script s;

		bring(&s, waiting[i]);
		for (int k = 0; k < 3 && s.ue->reg != UE_IDLE; k++)
			script_stop(&s);
		script_state(&s, "idle");
		assert_int_equal(s.told[s.n_told - 1].tell,
				 IMS_TELL_DEREGISTERED);
		assert_true(!s.ue->now.id && !s.ue->temp.id && !s.ue->old.id);
		script_free(&s);
	}
}

static void a_renewal_in_time_with_new_numbers_and_the_same_port_us(
	void **state)
{
	struct script s;
	uint32_t set;
	char nonce[64];

	script_new(&s, NULL);
	script_register(&s, 3600);
	script_subscribe(&s);
	set = s.ue->now.id;
	script_wait(&s, 2999000); /* 3600 - 600 s */
	script_state(&s, "registered");
	script_wait(&s, 2000);
	script_state(&s, "refreshing");
	assert_int_equal(s.last.flow.set, set);
	assert_int_equal(s.last.flow.local.port, 38003);
	assert_int_equal(s.ue->offer.port_s, 39003);
	assert_int_not_equal(s.ue->offer.port_c, 38003);
	assert_int_not_equal(s.ue->offer.spi_c, 565817);
	assert_non_null(strstr(s.last.text, "nc=00000002"));
	assert_non_null(strstr(s.last.text, "CSeq: 3 REGISTER"));
	assert_str(script_header(&s.last, IMS_SIP_SECURITY_VERIFY),
		   SEED_SERVER);

	/* Challenged: a new set beside the old one. */
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce,
			 "ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=4000;"
			 "spi-s=4001;port-c=50719;port-s=50718");
	script_state(&s, "re-proving");
	assert_int_equal(s.adds, 1);
	assert_int_equal(s.last.flow.local.port, s.ue->offer.port_c);
	assert_int_equal(s.set.sa[IMS_PC_TO_US].dst.port, 39003);
	assert_int_equal(s.ue->now.id, set);
	script_ok(&s, 3600, "");
	script_state(&s, "registered");
	assert_true(script_heard(&s, IMS_TELL_REFRESHED, 0, "new SAs"));
	assert_int_equal(s.ue->old.id, set);
	assert_int_not_equal(s.ue->now.id, set);
	/* The old set goes when the network speaks on the new one. */
	script_notify(&s, 2, "active;expires=600000", "");
	assert_int_equal(s.ue->old.id, 0);
	assert_int_equal(s.dels, 1);
	assert_int_equal(s.deleted[0], set);
	script_free(&s);
}

static void a_renewal_without_challenge_keeps_the_set(void **state)
{
	struct script s;
	uint32_t set, spi;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 1000);
	set = s.ue->now.id;
	script_wait(&s, 499000); /* half of a short one */
	script_state(&s, "registered");
	script_wait(&s, 2000);
	script_state(&s, "refreshing");
	spi = s.ue->offer.spi_c;
	script_ok(&s, 1000, "");
	script_state(&s, "registered");
	assert_int_equal(s.ue->now.id, set);
	assert_int_equal(s.dels, 0);
	assert_true(script_heard(&s, IMS_TELL_REFRESHED, 0, "the SAs stay"));
	/* The same offer may be made again: nobody took it. */
	script_start(&s);
	assert_int_equal(s.ue->offer.spi_c, spi);
	script_free(&s);
}

static void leaving_inside_esp_and_then_all_sets_go(void **state)
{
	struct script s;

	script_new(&s, NULL);
	script_register(&s, 3600);
	script_subscribe(&s);
	script_stop(&s);
	script_state(&s, "leaving");
	assert_non_null(strstr(s.last.text, ";expires=0;"));
	assert_int_equal(s.last.flow.set, s.ue->now.id);
	assert_int_equal(s.dels, 0);
	script_reply(&s, 200, "");
	script_state(&s, "draining");
	assert_int_equal(s.dels, 0);
	/* The last NOTIFY is answered before the SAs go. */
	script_notify(&s, 2, "terminated;reason=timeout",
		      REGINFO("1", "full",
			      MY_CONTACT("terminated", "unregistered", "")));
	assert_int_equal(s.n_sent, 1);
	assert_int_equal(strncmp(s.sent[0].text, "SIP/2.0 200 ", 12), 0);
	script_state(&s, "idle");
	assert_int_equal(s.dels, 1);
	assert_true(script_heard(&s, IMS_TELL_DEREGISTERED, 0, "deregistered"));
	assert_true(ims_ue_due(s.ue) > s.now);
	script_free(&s);
}

static void leaving_does_not_wait_long_for_a_last_notify(void **state)
{
	struct script s;

	script_new(&s, NULL);
	script_register(&s, 3600);
	script_subscribe(&s);
	script_stop(&s);
	script_reply(&s, 200, "");
	script_wait(&s, 2000);
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_DEREGISTERED, 0, ""));
	script_free(&s);
}

static void a_leave_that_is_challenged_is_answered(void **state)
{
	struct script s;

	bring(&s, UE_LEAVE_PROVING);
	assert_non_null(strstr(s.last.text, ";expires=0;"));
	assert_int_equal(s.last.flow.set, s.ue->temp.id);
	script_reply(&s, 200, "");
	script_state(&s, "idle");
	assert_int_equal(s.dels, 2);
	script_free(&s);
}

static void a_423_is_met_once(void **state)
{
	struct script s;

	script_new(&s, NULL);
	s.ue->conf.expires = 60;
	script_start(&s);
	assert_non_null(strstr(s.last.text, ";expires=60;"));
	script_reply(&s, 423, "Min-Expires: 3600\r\n");
	script_state(&s, "trying");
	assert_non_null(strstr(s.last.text, ";expires=3600;"));
	assert_non_null(strstr(s.last.text, "CSeq: 2 REGISTER"));
	script_reply(&s, 423, "Min-Expires: 7200\r\n");
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_REFUSED, "423"));
	script_free(&s);
}

static void silence_in_a_renewal_begins_from_the_beginning(void **state)
{
	struct script s;
	struct sent first;
	uint32_t set;

	script_new(&s, NULL);
	script_register(&s, 3600);
	first = s.last;
	set = s.ue->now.id;
	script_start(&s);
	script_reply(&s, 504, "");
	script_state(&s, "trying");
	assert_int_equal(s.deleted[0], set);
	assert_int_equal(s.last.flow.set, 0);
	assert_false(ims_str_eq(script_header(&first, IMS_SIP_CALL_ID),
				script_header(&s.last, IMS_SIP_CALL_ID)));
	assert_non_null(strstr(s.last.text, "nonce=\"\""));
	/* Numbers that the P-CSCF may still know are not used again. */
	assert_int_not_equal(s.ue->offer.port_c, 38003);
	script_free(&s);
}

static void in_the_clear_too_it_is_renewed_and_left(void **state)
{
	struct ims_ue_conf c;
	struct script s;
	char nonce[64];

	script_conf(&c);
	c.offer = IMS_UE_OFFER_NEVER;
	c.subscribe = false;
	script_new(&s, &c);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, NULL);
	script_reply(&s, 200, "Expires: 3600\r\n");
	script_state(&s, "registered");
	script_wait(&s, 3000000);
	script_state(&s, "refreshing");
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, NULL);
	script_state(&s, "re-proving");
	script_reply(&s, 200, "Expires: 3600\r\n");
	script_state(&s, "registered");
	script_stop(&s);
	script_state(&s, "leaving");
	assert_int_equal(s.last.flow.set, 0);
	script_nonce(&s, 65, nonce);
	script_challenge(&s, nonce, NULL);
	script_state(&s, "leave-proving");
	assert_non_null(strstr(s.last.text, ";expires=0;"));
	script_reply(&s, 200, "");
	script_state(&s, "idle");
	script_free(&s);
}

static void a_lost_registration_is_begun_anew_when_it_expires(void **state)
{
	struct script s;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 200);
	script_start(&s);
	script_reply(&s, 403, ""); /* less than 2 min left: no other try */
	script_state(&s, "registered");
	script_wait(&s, 100000);
	script_reply(&s, 403, "");
	script_wait(&s, 200000);
	script_state(&s, "trying");
	assert_int_equal(s.last.flow.set, 0);
	assert_true(
		script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_SILENCE, "expired"));
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(the_table_is_the_reviewed_one),
		cmocka_unit_test(every_waiting_state_hears_ok_fail_and_stop),
		cmocka_unit_test(silence_leads_out_of_every_waiting_state),
		cmocka_unit_test(refusal_leads_out_of_every_waiting_state),
		cmocka_unit_test(stop_leads_out_of_every_state_and_no_sa_stays),
		cmocka_unit_test(
			a_renewal_in_time_with_new_numbers_and_the_same_port_us),
		cmocka_unit_test(a_renewal_without_challenge_keeps_the_set),
		cmocka_unit_test(leaving_inside_esp_and_then_all_sets_go),
		cmocka_unit_test(leaving_does_not_wait_long_for_a_last_notify),
		cmocka_unit_test(a_leave_that_is_challenged_is_answered),
		cmocka_unit_test(a_423_is_met_once),
		cmocka_unit_test(in_the_clear_too_it_is_renewed_and_left),
		cmocka_unit_test(
			a_lost_registration_is_begun_anew_when_it_expires),
		cmocka_unit_test(
			silence_in_a_renewal_begins_from_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
