/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_flow.c - keep-alives. */
#include "ue_script.h"

/* Registered over TCP in ESP, with pings every 30 s. */
static void alive(struct script *s, bool tcp)
{
	struct ims_ue_conf c;

	script_conf(&c);
	c.subscribe = false;
	c.keep = true;
	c.transport_register = tcp ? IMS_UE_TCP : IMS_UE_UDP;
	script_new(s, &c);
	script_start(s);
	script_challenge(s, SEED_NONCE, SEED_SERVER);
	script_ok(s, 3600, "Require: outbound\r\nFlow-Timer: 30\r\n");
	script_state(s, "registered");
	s->ue->flow.every_s = 30; /* as if Via had said keep=30 */
	s->ue->flow.asked = true;
	ims_ue_timer(s->ue, UE_T_PING, 30000);
	script_wait(s, 30000);
	assert_int_equal(s->ue->flow.pings, 1);
	assert_true(s->ue->flow.waiting);
}

static void hear(struct script *s, struct ims_str bytes, bool tcp, uint32_t set)
{
	struct ims_ev ev = {.kind = IMS_EV_MSG, .bytes = bytes};

	ev.flow = s->ue->now.udp;
	ev.flow.transport = tcp ? IMS_TCP : IMS_UDP;
	ev.flow.set = set;
	script_on(s, &ev);
}

static void a_pong_in_time_is_taken(void **state)
{
	struct script s;

	alive(&s, true);
	assert_str(ims_str_n(s.sent[0].text, s.sent[0].n), "\r\n\r\n");
	assert_int_equal(s.sent[0].flow.transport, IMS_TCP);
	assert_int_equal(s.sent[0].flow.set, s.ue->now.id);
	hear(&s, IMS_S("\r\n"), true, s.ue->now.id);
	assert_int_equal(s.ue->flow.pongs, 1);
	script_wait(&s, 15000);
	script_state(&s, "registered");
	script_free(&s);
}

static void what_is_no_pong_of_ours_is_not_taken(void **state)
{
	struct script s;
	char stun[32] = {0x01, 0x01, 0, 0, 0x21, 0x12, (char)0xa4, 0x42};

	alive(&s, true);
	hear(&s, IMS_S("\r\n"), false, s.ue->now.id); /* other transport */
	hear(&s, IMS_S("\r\n"), true, 0);             /* in the clear */
	assert_int_equal(s.ue->flow.pongs, 0);
	script_free(&s);

	alive(&s, false);
	assert_int_equal(s.sent[0].n, 20);
	hear(&s, ims_str_n(stun, 20), false, s.ue->now.id); /* whose? */
	memcpy(stun + 8, s.ue->flow.stun, 12);
	hear(&s, ims_str_n(stun, 19), false, s.ue->now.id); /* cut off */
	hear(&s, ims_str_n(stun, 24), false, s.ue->now.id); /* too long */
	hear(&s, ims_str_n(stun, 20), false, 0);
	hear(&s, ims_str_n(stun, 0), false, s.ue->now.id);
	hear(&s, ims_str_n(stun, 1), false, s.ue->now.id);
	assert_int_equal(s.ue->flow.pongs, 0);
	hear(&s, ims_str_n(stun, 20), false, s.ue->now.id);
	assert_int_equal(s.ue->flow.pongs, 1);
	hear(&s, ims_str_n(stun, 20), false, s.ue->now.id); /* again */
	assert_int_equal(s.ue->flow.pongs, 1);
	script_free(&s);
}

static void silence_over_tcp_leads_to_a_register_after_10_s(void **state)
{
	struct script s;

	alive(&s, true);
	script_wait(&s, 9999);
	script_state(&s, "registered");
	script_wait(&s, 1);
	script_state(&s, "refreshing");
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_SILENCE,
				 "keep-alive"));
	script_free(&s);
}

static void over_udp_it_is_asked_seven_times(void **state)
{
	struct script s;

	alive(&s, false);
	script_wait(&s, 31400); /* 500 ms and six times twice that */
	assert_int_equal(s.ue->flow.tries, 6);
	script_wait(&s, 8200);
	script_state(&s, "refreshing");
	script_free(&s);
}

/* A pong that says where the P-CSCF sees us. */
static void pong_from(struct script *s, uint8_t port)
{
	uint8_t m[UE_STUN_LEN + 12] = {0};
	static const uint8_t attr[12] = {0, 1, 0, 8, 0, 1, 0, 0, 192, 0, 2, 1};

	ims_ue_stun_put(s->ue->flow.stun, m);
	m[0] = m[1] = 0x01;
	m[3] = sizeof attr;
	memcpy(m + UE_STUN_LEN, attr, sizeof attr);
	m[UE_STUN_LEN + 7] = port;
	hear(s, ims_str_n(m, sizeof m), false, s->ue->now.id);
}

static void the_next_ping(struct script *s)
{
	while (!s->ue->flow.waiting)
		script_wait(s, 1000);
}

static void who_is_seen_elsewhere_registers_again(void **state)
{
	struct script s;

	alive(&s, false);
	pong_from(&s, 7);
	script_state(&s, "registered"); /* the first one says where we are */
	the_next_ping(&s);
	pong_from(&s, 7);
	script_state(&s, "registered");
	assert_int_equal(s.ue->flow.pongs, 2);
	the_next_ping(&s);
	pong_from(&s, 8);
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_SILENCE,
				 "at another address"));
	script_state(&s, "refreshing");
	assert_memory_equal(s.last.text, "REGISTER ", 9);
	/* And then it is there. */
	script_ok(&s, 3600, "");
	script_state(&s, "registered");
	s.ue->flow.every_s = 30;
	s.ue->flow.asked = true;
	ims_ue_timer(s.ue, UE_T_PING, 30000);
	the_next_ping(&s);
	pong_from(&s, 8);
	script_state(&s, "registered");
	script_free(&s);
}

static void they_end_with_the_registration(void **state)
{
	struct script s;

	alive(&s, true);
	script_stop(&s);
	script_ok(&s, 0, "");
	script_wait(&s, 100000);
	script_state(&s, "idle");
	assert_int_equal(s.ue->flow.every_s, 0);
	assert_int_equal(s.ue->flow.pings, 1);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pong_in_time_is_taken),
		cmocka_unit_test(what_is_no_pong_of_ours_is_not_taken),
		cmocka_unit_test(
			silence_over_tcp_leads_to_a_register_after_10_s),
		cmocka_unit_test(over_udp_it_is_asked_seven_times),
		cmocka_unit_test(who_is_seen_elsewhere_registers_again),
		cmocka_unit_test(they_end_with_the_registration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
