/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_sub.c - the machine of the subscription. */
#include "ue_script.h"

static void the_table_is_sound(void **state)
{
	const char *wrong = ims_fsm_lint(&ims_ue_sub_fsm, 0);

	if (wrong)
		fail_msg("%s: %s", ims_ue_sub_fsm.name, wrong);
}

static void the_table_is_the_reviewed_one(void **state)
{
	static char text[32768];
	struct ims_buf b;
	size_t n = 0;
	char *want = test_read("IMS_TEST_DATA", "../fsm/ue-sub.txt", &n);

	ims_buf_init(&b, text, sizeof text);
	ims_fsm_print(&ims_ue_sub_fsm, &b);
	assert_non_null(want);
	assert_string_equal(ims_buf_cstr(&b), want);
	free(want);
}

static bool leads_out(unsigned in, unsigned on)
{
	for (size_t i = 0; i < ims_ue_sub_fsm.n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(&ims_ue_sub_fsm, i);

		if (a->in == in && a->on == on)
			return true;
	}
	return false;
}

static void every_waiting_state_hears_ok_fail_timeout_and_stop(void **state)
{
	static const unsigned waits[] = {UE_SUB_ASKING, UE_SUB_EARLY,
					 UE_SUB_REFRESHING};

	for (size_t i = 0; i < N_OF(waits); i++) {
		assert_true(leads_out(waits[i], SUB_OK));
		assert_true(leads_out(waits[i], SUB_FAIL));
		assert_true(leads_out(waits[i], SUB_BUSY));
		assert_true(leads_out(waits[i], SUB_GONE));
		assert_true(leads_out(waits[i], SUB_TIMEOUT));
	}
	assert_true(leads_out(UE_SUB_ACCEPTED, SUB_NOTIFY));
	assert_true(leads_out(UE_SUB_ACCEPTED, SUB_NO_NOTIFY));
	assert_true(leads_out(UE_SUB_PAUSING, SUB_DUE));
	for (unsigned s = UE_SUB_NONE; s <= UE_SUB_PAUSING; s++)
		assert_true(leads_out(s, SUB_STOP));
}

static void begin(struct script *s)
{
	script_new(s, NULL);
	script_register(s, 600000);
	assert_int_equal(strncmp(s->last.text, "SUBSCRIBE ", 10), 0);
	assert_int_equal(s->ue->sub, UE_SUB_ASKING);
}

#define OK_LINES                                                 \
	"Expires: 600000\r\n"                                    \
	"Contact: <sip:[2001:0:0:1::2]:50718;transport=udp>\r\n" \
	"Record-Route: <sip:one.x;lr>, <sip:two.x;lr>\r\n"

static void a_notify_may_overtake_the_200(void **state)
{
	struct script s;
	struct sent req;
	struct ims_flow flow;

	begin(&s);
	req = s.last;
	flow = script_back(&s, &req.flow);
	script_notify(&s, 1, "active;expires=600000",
		      REGINFO("0", "full",
			      MY_CONTACT("active", "registered", "")));
	assert_int_equal(s.ue->sub, UE_SUB_EARLY);
	assert_int_equal(strncmp(s.sent[0].text, "SIP/2.0 200 ", 12), 0);
	assert_true(script_heard(&s, IMS_TELL_NOTIFIED, 0, "version 0"));
	script_reply_on(&s, &req, &flow, 200, OK_LINES);
	assert_int_equal(s.ue->sub, UE_SUB_ACTIVE);
	script_free(&s);
}

static void a_refresh_in_time_goes_by_the_dialogs_route(void **state)
{
	struct script s;

	begin(&s);
	script_reply(&s, 200, OK_LINES);
	script_notify(&s, 1, "active",
		      REGINFO("0", "full",
			      MY_CONTACT("active", "registered", "")));
	s.ue->at[UE_T_REFRESH] = IMS_NEVER; /* not what this is about */
	script_wait(&s, 599399000);
	assert_int_equal(s.ue->sub, UE_SUB_ACTIVE);
	script_wait(&s, 1000);
	assert_int_equal(s.ue->sub, UE_SUB_REFRESHING);
	assert_int_equal(strncmp(s.last.text,
				 "SUBSCRIBE sip:[2001:0:0:1::2]:50718;"
				 "transport=udp SIP/2.0\r\n",
				 57),
			 0);
	assert_str(script_header(&s.last, IMS_SIP_ROUTE),
		   "<sip:two.x;lr>, <sip:one.x;lr>");
	assert_non_null(strstr(s.last.text, ";tag=peer\r\n"));
	assert_non_null(strstr(s.last.text, "CSeq: 2 SUBSCRIBE"));
	assert_non_null(strstr(s.last.text, "Security-Verify: "));
	script_reply(&s, 200, "Expires: 600000\r\n");
	assert_int_equal(s.ue->sub, UE_SUB_ACTIVE);
	script_free(&s);
}

/* As happens while a core is started anew and anew. */
static void a_notify_does_not_put_the_refresh_off(void **state)
{
	struct script s;

	begin(&s);
	script_reply(&s, 200, "Expires: 600\r\n");
	script_notify(&s, 1, "active;expires=600", "");
	script_wait(&s, 290000);
	script_notify(&s, 2, "active;expires=310", "");
	assert_int_equal(s.ue->at[UE_T_SUB], s.now + 10000);
	assert_int_equal(s.ue->at[UE_T_SUB_END], s.now + 310000);
	script_notify(&s, 3, "active;expires=10", "");
	assert_int_equal(s.ue->at[UE_T_SUB], s.now + 5000);
	script_wait(&s, 5000);
	assert_int_equal(s.ue->sub, UE_SUB_REFRESHING);
	script_free(&s);
}

static void a_481_to_the_refresh_makes_a_new_subscription(void **state)
{
	struct script s;
	char old[64];

	begin(&s);
	script_subscribe(&s);
	snprintf(old, sizeof old, "%s", s.ue->sub_call_id);
	ims_ue_timer(s.ue, UE_T_SUB, 0);
	script_wait(&s, 0);
	assert_int_equal(s.ue->sub, UE_SUB_REFRESHING);
	script_reply(&s, 481, "");
	assert_int_equal(s.ue->sub, UE_SUB_ASKING);
	assert_string_not_equal(s.ue->sub_call_id, old);
	assert_non_null(strstr(s.last.text, "CSeq: 1 SUBSCRIBE"));
	script_free(&s);
}

static void a_refusal_leaves_the_registration_alone(void **state)
{
	static const unsigned refusals[] = {403, 404, 489, 406, 600};

	for (size_t i = 0; i < N_OF(refusals); i++) {
		struct script s;

		begin(&s);
		script_reply(&s, refusals[i], "");
		assert_int_equal(s.ue->sub, UE_SUB_NONE);
		script_state(&s, "registered");
		assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_REFUSED,
					 "SUBSCRIBE, step 5 (inside ESP)"));
		script_free(&s);
	}
}

static void a_503_is_obeyed(void **state)
{
	struct script s;

	begin(&s);
	script_reply(&s, 503, "Retry-After: 120\r\n");
	assert_int_equal(s.ue->sub, UE_SUB_PAUSING);
	script_wait(&s, 119000);
	assert_int_equal(s.ue->sub, UE_SUB_PAUSING);
	script_wait(&s, 1000);
	assert_int_equal(s.ue->sub, UE_SUB_ASKING);
	script_free(&s);
}

#define RESTORE(action)                                                  \
	"<ims-3gpp version=\"1\"><alternative-service><type>restoration" \
	"</type><reason/><action>" action                                \
	"</action></alternative-service></ims-3gpp>"

static void answer_504(struct script *s, const char *who, const char *type,
		       const char *body)
{
	struct sent req = s->last;
	struct ims_flow flow = script_back(s, &req.flow);
	struct ims_sip_msg m = script_parse(&req);
	char mem[8192];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &m, 504, IMS_S("peer"), req.flow.local, false);
	ims_sip_put(&b, IMS_SIP_P_ASSERTED_IDENTITY, ims_str(who));
	ims_sip_put_body(&b, ims_str(type), ims_str(body));
	script_message(s, &flow, ims_buf_str(&b));
}

/* Only from whom the Service-Route names, only in this form. */
static void a_504_that_wants_restoration_is_a_new_beginning(void **state)
{
	/* clang-format off */
	static const struct {
		const char *who, *type, *body;
		bool anew;
	} cases[] = {
		{"<sip:two.x;lr>", "application/3gpp-ims+xml",
		 RESTORE("initial-registration"), true},
		{"<sip:orig@s.x;lr>", "Application/3GPP-IMS+xml;charset=utf-8",
		 RESTORE("initial-registration"), true},
		{"<sip:three.x;lr>", "application/3gpp-ims+xml",
		 RESTORE("initial-registration"), false},
		{"<sip:two.x;lr>", "application/xml",
		 RESTORE("initial-registration"), false},
		{"<sip:two.x;lr>", "application/3gpp-ims+xml",
		 RESTORE("none"), false},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		script_new(&s, NULL);
		script_start(&s);
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		script_ok(&s, 600000,
			  "Service-Route: <sip:orig@s.x;lr>, <sip:two.x;lr>"
			  "\r\n");
		answer_504(&s, cases[i].who, cases[i].type, cases[i].body);
		script_state(&s, cases[i].anew ? "trying" : "registered");
		assert_int_equal(s.ue->sub,
				 cases[i].anew ? UE_SUB_NONE : UE_SUB_PAUSING);
		if (cases[i].anew)
			assert_memory_equal(s.last.text, "REGISTER ", 9);
		script_free(&s);
	}
}

static void silence_pauses_longer_each_time(void **state)
{
	struct script s;
	uint64_t pause[3];

	begin(&s);
	for (int i = 0; i < 3; i++) {
		script_wait(&s, 130000);
		assert_int_equal(s.ue->sub, UE_SUB_PAUSING);
		assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_SILENCE,
					 "no answer to SUBSCRIBE"));
		/* A REGISTER asks whether the SAs are dead. */
		script_state(&s, "refreshing");
		assert_int_equal(s.last.flow.set, s.ue->now.id);
		script_ok(&s, 600000, "");
		pause[i] = s.ue->at[UE_T_SUB] - s.now;
		script_wait(&s, pause[i]);
		assert_int_equal(s.ue->sub, UE_SUB_ASKING);
	}
	assert_in_range(pause[0], 15000, 30000);
	assert_in_range(pause[2], 60000, 120000);
	script_free(&s);
}

static void silence_to_the_register_as_well_and_the_sas_are_dead(void **state)
{
	struct script s;
	uint32_t set;

	begin(&s);
	set = s.ue->now.id;
	script_wait(&s, 130000);
	script_state(&s, "refreshing");
	while (s.ue->reg == UE_REFRESHING)
		script_wait(&s, 130000);
	script_state(&s, "trying");
	assert_int_equal(s.deleted[0], set);
	assert_int_equal(s.last.flow.set, 0);
	script_free(&s);
}

static void a_423_is_met_once(void **state)
{
	struct script s;

	begin(&s);
	script_reply(&s, 423, "Min-Expires: 700000\r\n");
	assert_int_equal(s.ue->sub, UE_SUB_ASKING);
	assert_non_null(strstr(s.last.text, "Expires: 700000\r\n"));
	script_reply(&s, 423, "Min-Expires: 800000\r\n");
	assert_int_equal(s.ue->sub, UE_SUB_NONE);
	script_state(&s, "registered");
	script_free(&s);
}

static void a_subscription_for_no_time_at_all_does_not_spin(void **state)
{
	struct script s;

	begin(&s);
	script_reply(&s, 200, "Expires: 0\r\n");
	assert_int_equal(s.ue->sub, UE_SUB_PAUSING);
	script_free(&s);
	begin(&s);
	script_subscribe(&s);
	script_notify(&s, 2, "active;expires=0", "");
	assert_int_equal(s.ue->sub, UE_SUB_ACTIVE);
	assert_true(ims_ue_due(s.ue) >= s.now + 1000);
	script_free(&s);
}

static void a_refusal_of_the_refresh_that_doubts_us_asks_with_a_register(
	void **state)
{
	static const unsigned doubts[] = {403, 421, 494};

	for (size_t i = 0; i < N_OF(doubts); i++) {
		struct script s;

		begin(&s);
		script_subscribe(&s);
		ims_ue_timer(s.ue, UE_T_SUB, 0);
		script_wait(&s, 0);
		assert_int_equal(s.ue->sub, UE_SUB_REFRESHING);
		script_reply(&s, doubts[i], "");
		script_state(&s, "refreshing");
		script_free(&s);
	}
}

static void no_notify_after_the_200_is_told(void **state)
{
	struct script s;

	begin(&s);
	script_reply(&s, 200, OK_LINES);
	assert_int_equal(s.ue->sub, UE_SUB_ACCEPTED);
	script_wait(&s, 128000);
	assert_int_equal(s.ue->sub, UE_SUB_PAUSING);
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_SILENCE,
				 "no NOTIFY"));
	script_free(&s);
}

static void a_subscription_that_ends_may_come_back_or_not(void **state)
{
	/* clang-format off */
	static const struct {
		const char *state;
		unsigned want;
		uint64_t wait_ms; /* exactly, or 0 */
	} cases[] = {
		{"terminated;reason=rejected", UE_SUB_NONE, 0},
		{"terminated;reason=noresource", UE_SUB_NONE, 0},
		{"terminated;reason=invariant", UE_SUB_NONE, 0},
		{"terminated;reason=deactivated", UE_SUB_PAUSING, 1000},
		{"terminated;reason=timeout", UE_SUB_PAUSING, 1000},
		{"terminated;reason=probation;retry-after=90", UE_SUB_PAUSING, 90000},
		{"terminated;reason=giveup", UE_SUB_PAUSING, 0},
		{"terminated", UE_SUB_PAUSING, 0},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		begin(&s);
		script_subscribe(&s);
		script_notify(&s, 2, cases[i].state, "");
		assert_int_equal(s.ue->sub, cases[i].want);
		script_state(&s, "registered");
		if (cases[i].wait_ms)
			assert_int_equal(s.ue->at[UE_T_SUB] - s.now,
					 cases[i].wait_ms);
		script_free(&s);
	}
}

static void an_endless_row_of_deactivations_does_not_spin(void **state)
{
	struct script s;
	unsigned subscribes = 0;
	uint64_t begun;

	begin(&s);
	begun = s.now;
	s.ue->at[UE_T_REFRESH] = s.ue->at[UE_T_EXPIRE] = IMS_NEVER;
	while (s.now < begun + 60000) {
		script_notify(&s, 1, "terminated;reason=deactivated", "");
		script_wait(&s, 60000);
		if (s.ue->sub == UE_SUB_ASKING)
			subscribes++;
		if (s.ue->sub == UE_SUB_PAUSING)
			script_wait(&s, s.ue->at[UE_T_SUB] - s.now);
	}
	assert_true(subscribes < 10);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(the_table_is_the_reviewed_one),
		cmocka_unit_test(
			every_waiting_state_hears_ok_fail_timeout_and_stop),
		cmocka_unit_test(a_notify_may_overtake_the_200),
		cmocka_unit_test(a_refresh_in_time_goes_by_the_dialogs_route),
		cmocka_unit_test(a_notify_does_not_put_the_refresh_off),
		cmocka_unit_test(a_481_to_the_refresh_makes_a_new_subscription),
		cmocka_unit_test(a_refusal_leaves_the_registration_alone),
		cmocka_unit_test(a_503_is_obeyed),
		cmocka_unit_test(
			a_504_that_wants_restoration_is_a_new_beginning),
		cmocka_unit_test(silence_pauses_longer_each_time),
		cmocka_unit_test(no_notify_after_the_200_is_told),
		cmocka_unit_test(
			silence_to_the_register_as_well_and_the_sas_are_dead),
		cmocka_unit_test(a_423_is_met_once),
		cmocka_unit_test(
			a_subscription_for_no_time_at_all_does_not_spin),
		cmocka_unit_test(
			a_refusal_of_the_refresh_that_doubts_us_asks_with_a_register),
		cmocka_unit_test(a_subscription_that_ends_may_come_back_or_not),
		cmocka_unit_test(an_endless_row_of_deactivations_does_not_spin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
