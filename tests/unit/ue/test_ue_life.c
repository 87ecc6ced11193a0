/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_life.c - new address, lost SAs, a long sleep, a short good-bye. */
#include "ue_script.h"

#define SERVER2                                                              \
	"ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=4000;spi-s=4001;port-c=" \
	"50719;port-s=50718"

static void begin(struct script *s)
{
	struct ims_ue_conf c;

	script_conf(&c);
	c.retry = true;
	script_new(s, &c);
	script_register(s, 3600);
	script_subscribe(s);
}

static void move(struct script *s, const char *to)
{
	struct ims_ev ev = {.kind = IMS_EV_ADDRESS};

	assert_int_equal(ims_addr_parse(ims_str(to), 0, &ev.flow.local), 0);
	script_on(s, &ev);
}

/* --- address --------------------------------------------------------------- */

static void a_new_address_is_registered_from_at_once(void **state)
{
	struct script s;
	struct sent first;
	uint32_t set;

	begin(&s);
	first = s.last;
	set = s.ue->now.id;
	move(&s, "[2001::9]");
	script_state(&s, "trying");
	assert_int_equal(s.dels, 1);
	assert_int_equal(s.deleted[0], set);
	assert_int_equal(s.n_record, 0);
	assert_int_equal(s.last.flow.set, 0);
	assert_int_equal(s.last.flow.local.ip.b[15], 9);
	assert_non_null(strstr(s.last.text, "SIP/2.0/TCP [2001::9]:5060;"));
	assert_non_null(strstr(s.last.text, "@[2001::9]:39003>"));
	assert_non_null(strstr(s.last.text, "nonce=\"\""));
	assert_int_equal(s.ue->sub, UE_SUB_NONE);
	script_challenge(&s, SEED_NONCE, SERVER2);
	assert_int_equal(s.set.sa[IMS_UC_TO_PS].src.ip.b[15], 9);
	assert_false(ims_str_eq(script_header(&first, IMS_SIP_CALL_ID),
				script_header(&s.last, IMS_SIP_CALL_ID)));
	script_free(&s);
}

static void the_same_address_is_no_news(void **state)
{
	struct script s;

	begin(&s);
	move(&s, "[2001::1:d1ae:bb37:d9c9:81d0]:5060");
	script_state(&s, "registered");
	move(&s, "[2001::1:d1ae:bb37:d9c9:81d0]");
	script_state(&s, "registered");
	assert_int_equal(s.n_sent, 0);
	script_free(&s);
}

static void a_new_address_in_any_state(void **state)
{
	struct script s;
	char nonce[64];

	script_new(&s, NULL);
	move(&s, "[2001::8]"); /* idle: for the next registration */
	script_state(&s, "idle");
	script_start(&s);
	assert_non_null(strstr(s.last.text, "[2001::8]"));
	move(&s, "[2001::9]"); /* trying */
	script_state(&s, "trying");
	assert_non_null(strstr(s.last.text, "[2001::9]"));
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_state(&s, "proving");
	move(&s, "[2001::a]");
	script_state(&s, "trying");
	assert_int_equal(s.dels, 1);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	script_reply(&s, 200, "Expires: 3600\r\n");
	script_state(&s, "registered");
	script_stop(&s);
	script_state(&s, "leaving");
	move(&s, "[2001::b]"); /* nobody hears a good-bye from there */
	script_state(&s, "idle");
	assert_int_equal(s.told[s.n_told - 1].tell, IMS_TELL_DEREGISTERED);
	script_free(&s);
}

static void a_new_address_ends_the_waiting(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.retry = true;
	script_new(&s, &c);
	script_start(&s);
	script_reply(&s, 500, "");
	script_state(&s, "waiting");
	move(&s, "[2001::9]");
	script_state(&s, "trying");
	script_free(&s);
}

/* --- lost SAs -------------------------------------------------------------- */

static void gone(struct script *s, uint32_t set)
{
	script_on(s, &(struct ims_ev){.kind = IMS_EV_SA_GONE,
				      .set = set,
				      .err = -IMS_E_IPSEC});
}

static void the_set_in_use_is_lost_and_it_registers_anew(void **state)
{
	struct script s;

	begin(&s);
	gone(&s, s.ue->now.id);
	script_state(&s, "trying");
	assert_int_equal(s.ue->now.id, 0);
	assert_int_equal(s.last.flow.set, 0);
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_IPSEC, "lost"));
	script_free(&s);
}

static void the_old_set_is_lost_and_nobody_minds(void **state)
{
	struct script s;
	char nonce[64];

	begin(&s);
	script_start(&s);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	script_ok(&s, 3600, "");
	assert_int_not_equal(s.ue->old.id, 0);
	gone(&s, s.ue->old.id);
	script_state(&s, "registered");
	assert_int_equal(s.ue->old.id, 0);
	gone(&s, 4711);
	gone(&s, 0);
	script_state(&s, "registered");
	script_free(&s);
}

static void the_temporary_set_is_lost_and_the_attempt_with_it(void **state)
{
	struct script s;
	char nonce[64];

	begin(&s);
	script_start(&s);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	script_state(&s, "re-proving");
	gone(&s, s.ue->temp.id);
	script_state(&s, "refreshing");
	assert_int_equal(s.last.flow.set, s.ue->now.id);
	script_free(&s);
}

static void sets_that_are_lost_again_and_again_make_a_pause(void **state)
{
	struct script s;
	char nonce[64];
	unsigned n = 0;

	begin(&s);
	while (n < 10) {
		gone(&s, s.ue->now.id);
		if (s.ue->reg == UE_WAITING)
			break;
		script_state(&s, "trying");
		script_nonce(&s, 33 + 32 * n++, nonce);
		script_challenge(&s, nonce, SERVER2);
		script_ok(&s, 3600, "");
	}
	assert_in_range(n, 2, 5);
	script_free(&s);
}

/* --- sleep ----------------------------------------------------------------- */

static void wake(struct script *s, uint64_t slept_ms)
{
	s->now += slept_ms;
	script_on(s, &(struct ims_ev){.kind = IMS_EV_TICK});
}

static void after_a_long_sleep_one_register_is_sent(void **state)
{
	static const uint64_t sleeps[] = {3600000, 3600001, 86400000,
					  UINT64_C(31536000000)};

	for (size_t i = 0; i < N_OF(sleeps); i++) {
		struct script s;

		begin(&s);
		wake(&s, sleeps[i]);
		script_state(&s, "trying");
		assert_int_equal(s.n_sent, 1);
		assert_int_equal(s.last.flow.set, 0);
		assert_int_equal(s.dels, 1);
		wake(&s, 0);
		assert_int_equal(s.n_sent, 0);
		script_free(&s);
	}
}

static void after_a_short_sleep_it_is_renewed_once(void **state)
{
	struct script s;

	begin(&s);
	wake(&s, 3300000); /* the refresh was due 5 min ago */
	script_state(&s, "refreshing");
	assert_int_equal(s.n_sent, 1);
	assert_int_equal(s.last.flow.set, s.ue->now.id);
	script_free(&s);
}

static void a_sleep_in_every_state_leads_to_one_act(void **state)
{
	for (int stage = 0; stage < 6; stage++) {
		struct script s;
		char nonce[64];

		begin(&s);
		script_nonce(&s, 33, nonce);
		s.hold_sim = stage == 1;
		s.hold_sa = stage == 2;
		if (stage < 4)
			script_start(&s);
		if (stage > 0 && stage < 4)
			script_challenge(&s, nonce, SERVER2);
		if (stage == 4)
			script_stop(&s);
		wake(&s, UINT64_C(1000000000));
		if (stage == 4) {
			script_state(&s, "idle");
			assert_int_equal(s.n_sent, 0);
		} else {
			script_state(&s, "trying");
			assert_int_equal(s.n_sent, 1);
		}
		assert_true(!s.ue->now.id && !s.ue->temp.id && !s.ue->old.id);
		script_free(&s);
	}
}

/* An answer that lay in the socket is looked at before the clock is. */
static void an_answer_that_came_while_it_slept_counts(void **state)
{
	struct script s;

	begin(&s);
	script_start(&s);
	s.now += 200000;
	script_ok(&s, 3600, "");
	script_state(&s, "registered");
	script_free(&s);
}

/* --- sets ------------------------------------------------------------------ */

static void a_repeated_200_is_no_use_of_the_new_set(void **state)
{
	struct script s;
	char nonce[64];
	struct ims_flow back;
	struct sent req;

	script_new(&s, NULL);
	s.ue->conf.transport_register = IMS_UE_UDP;
	s.ue->conf.subscribe = false;
	script_register(&s, 3600);
	script_start(&s);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	req = s.last;
	back = script_back(&s, &req.flow);
	script_ok(&s, 3600, "");
	assert_int_not_equal(s.ue->old.id, 0);
	script_reply_on(&s, &req, &back, 200, "Expires: 3600\r\n");
	wake(&s, 40000); /* nothing of ours is under way on the old one */
	assert_int_not_equal(s.ue->old.id, 0);
	script_free(&s);
}

static void an_old_set_ends_with_its_own_life(void **state)
{
	struct script s;
	char nonce[64];
	uint64_t until;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 600);
	until = s.ue->now.until_ms;
	assert_int_equal(until, s.now + 630000);
	s.now += 10000;
	script_start(&s);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	script_ok(&s, 60, "");
	/* As long as the one before, which is longer than 60 + 30 s. */
	assert_int_equal(s.ue->now.until_ms, until);
	script_ok(&s, 60, "");
	while (s.now < until && s.ue->old.id) {
		script_wait(&s, 1000);
		if (s.ue->reg == UE_REFRESHING)
			script_ok(&s, 60, "");
	}
	assert_true(s.ue->old.id == 0);
	script_free(&s);
}

/* --- good-bye -------------------------------------------------------------- */

static void the_good_bye_is_short_when_nobody_answers(void **state)
{
	struct script s;
	uint64_t begun;

	begin(&s);
	begun = s.now;
	script_stop(&s);
	while (s.ue->reg != UE_IDLE)
		script_wait(&s, 200000);
	assert_in_range(s.now - begun, 7999, 8001);
	assert_int_equal(s.told[s.n_told - 1].tell, IMS_TELL_DEREGISTERED);
	script_free(&s);
}

static void so_it_is_when_an_answer_is_still_due(void **state)
{
	struct script s;
	uint64_t begun;

	script_new(&s, NULL);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	begun = s.now;
	script_stop(&s);
	script_state(&s, "proving-last");
	while (s.ue->reg != UE_IDLE)
		script_wait(&s, 200000);
	assert_in_range(s.now - begun, 7999, 8001);
	script_free(&s);
}

static void every_contact_of_the_user_goes_if_he_says_so(void **state)
{
	struct script s;

	begin(&s);
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_STOP, .all = true});
	script_state(&s, "leaving");
	assert_str(script_header(&s.last, IMS_SIP_CONTACT), "*");
	assert_str(script_header(&s.last, IMS_SIP_EXPIRES), "0");
	script_reply(&s, 200, "");
	script_wait(&s, 2000);
	script_state(&s, "idle");
	script_start(&s);
	assert_false(ims_str_eq(script_header(&s.last, IMS_SIP_CONTACT),
				IMS_S("*")));
	script_free(&s);
}

/* --- malformed requests ------------------------------------------------------ */

static void a_malformed_request_inside_the_sas_gets_400(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *answer; /* NULL: none */
	} cases[] = {
		{"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;branch=z9hG4bKa\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n", "SIP/2.0 400 "},
		{"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;branch=z9hG4bKe\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCSeq: 1 OPTIONS\r\n\r\n", NULL}, /* whose? */
		{"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;branch=z9hG4bKb\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 99999999999 OPTIONS\r\n\r\n", "SIP/2.0 400 "},
		{"OPTIONS sip:x SIP/7.0\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;branch=z9hG4bKc\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n", "SIP/2.0 505 "},
		{"ACK sip:x SIP/2.0\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;branch=z9hG4bKd\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCSeq: 1 ACK\r\n\r\n", NULL},
		{"rubbish\r\n\r\n", NULL}, {"SIP/2.0 200 OK\r\n\r\n", NULL},
	};
	/* clang-format on */
	struct script s;

	begin(&s);
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_flow flow = script_back(&s, &s.ue->now.udp);

		script_message(&s, &flow, ims_str(cases[i].text));
		if (s.n_sent != (cases[i].answer ? 1 : 0))
			fail_msg("%zu: %zu, %s", i, s.n_sent, s.told[0].text);
		if (s.n_sent) {
			assert_int_equal(strncmp(s.sent[0].text,
						 cases[i].answer, 12),
					 0);
			assert_int_equal(s.sent[0].flow.set, s.ue->now.id);
			assert_int_equal(s.sent[0].flow.remote.port, 50718);
		}
		/* The same in the clear gets nothing. */
		flow.set = 0;
		script_message(&s, &flow, ims_str(cases[i].text));
		assert_int_equal(s.n_sent, 0);
	}
	script_state(&s, "registered");
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_address_is_registered_from_at_once),
		cmocka_unit_test(the_same_address_is_no_news),
		cmocka_unit_test(a_new_address_in_any_state),
		cmocka_unit_test(a_new_address_ends_the_waiting),
		cmocka_unit_test(the_set_in_use_is_lost_and_it_registers_anew),
		cmocka_unit_test(the_old_set_is_lost_and_nobody_minds),
		cmocka_unit_test(
			the_temporary_set_is_lost_and_the_attempt_with_it),
		cmocka_unit_test(
			sets_that_are_lost_again_and_again_make_a_pause),
		cmocka_unit_test(after_a_long_sleep_one_register_is_sent),
		cmocka_unit_test(after_a_short_sleep_it_is_renewed_once),
		cmocka_unit_test(a_sleep_in_every_state_leads_to_one_act),
		cmocka_unit_test(an_answer_that_came_while_it_slept_counts),
		cmocka_unit_test(a_repeated_200_is_no_use_of_the_new_set),
		cmocka_unit_test(an_old_set_ends_with_its_own_life),
		cmocka_unit_test(the_good_bye_is_short_when_nobody_answers),
		cmocka_unit_test(so_it_is_when_an_answer_is_still_due),
		cmocka_unit_test(every_contact_of_the_user_goes_if_he_says_so),
		cmocka_unit_test(a_malformed_request_inside_the_sas_gets_400),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
