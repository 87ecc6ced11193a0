/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_relay.c - requests that were passed on, and answers of our own. */
#include "pcscf_priv.h"
#include "pcscf_test.h"

static char msg[12000];

static void answers_go_back_with_the_vias_that_came(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP), core = from_core();
	char forged[3000];
	struct seen *s;

	register1(msg);
	set_line(msg, "Via",
		 "SIP/2.0/UDP one;branch=z9hG4bKa, SIP/2.0/UDP two;branch=b");
	swap(msg, "\r\nContent-Length",
	     "\r\nv: SIP/2.0/UDP three;branch=c\r\nContent-Length");
	feed(&f, msg);
	/* the core loses and changes what is not its own */
	s = last_mw();
	snprintf(forged, sizeof forged,
		 "SIP/2.0 403 Forbidden\r\nVia: %.*s\r\n"
		 "Via: SIP/2.0/UDP evil;branch=z9hG4bKevil\r\n"
		 "From: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\n"
		 "Call-ID: %.*s\r\nCSeq: 1 REGISTER\r\n"
		 "Content-Length: 0\r\n\r\n",
		 IMS_STR_ARG(ims_sip_get(&s->m, IMS_SIP_VIA)),
		 IMS_STR_ARG(s->m.call_id));
	feed(&core, forged);
	assert_int_equal(last_gm()->m.status, 403);
	assert_has(last_gm(), "one;branch=z9hG4bKa");
	assert_has(last_gm(), "two;branch=b");
	assert_has(last_gm(), "three;branch=c");
	assert_has_not(last_gm(), "evil");
	assert_has_not(last_gm(), "4060");
}

static void a_head_that_is_too_long_is_513(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char via[6000];

	register1(msg);
	strcpy(via, "SIP/2.0/UDP h;branch=z9hG4bKa;x=");
	memset(via + strlen(via), 'x', 3000);
	via[3000] = 0;
	set_line(msg, "Via", via);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 513);
	assert_int_equal(n_mw, 0);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void relays_are_used_again(void **state)
{
	struct ims_pcscf_relay *first;
	struct ims_flow f;

	go_registered(IMS_TCP);
	f = inside(last_added(), IMS_TCP);
	first = p->free_relays;
	assert_non_null(first);
	for (int i = 0; i < 50; i++) {
		subscribe(msg);
		set_line(msg, "Security-Verify", NULL);
		feed(&f, msg);
		core_answers(last_mw(), 200, "");
		n_gm = n_mw = 0;
	}
	assert_ptr_equal(p->free_relays, first);
	assert_null(first->next_free);
	assert_int_equal(p->relays.n, 0);
}

static void a_core_that_answers_twice_is_heard_once(void **state)
{
	struct ims_flow f;

	go_registered(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	subscribe(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200, "");
	n_gm = 0;
	core_answers(last_mw(), 200, "");
	core_answers(last_mw(), 500, "");
	assert_int_equal(n_gm, 0);
}

static void our_answers_have_a_tag_and_ask_for_patience(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);

	register1(msg);
	feed(&f, msg);
	pass(33000);
	assert_int_not_equal(ims_sip_tag(&last_gm()->m, IMS_SIP_TO).n, 0);
	register1(msg);
	feed(&f, msg);
	register1(msg);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 500);
	assert_has(last_gm(), "\r\nRetry-After: 10\r\n");
}

/* Whoever writes another's address as his own shall not send him more than it
 * costs [T31].
 */
static void a_short_request_in_the_clear_gets_no_long_answer(void **state)
{
	static const char *const lines[] = {"", "k: sec-agree\r\n",
					    "Require: sec-agree\r\n",
					    "Security-Client: x\r\n"};
	struct ims_flow f = clear_flow(IMS_UDP);
	char text[1000];

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(text, sizeof text,
			 "REGISTER sip:a SIP/2.0\r\n"
			 "v: SIP/2.0/UDP a;branch=z9hG4bK%zu\r\n"
			 "f: <sip:a@a>;tag=1\r\nt: <sip:a@a>\r\ni: 1\r\n"
			 "CSeq: 1 REGISTER\r\n%s\r\n",
			 i, lines[i]);
		feed(&f, text);
		assert_int_equal(last_gm()->m.status, i ? 494 : 421);
		assert_has(last_gm(), "Require: sec-agree\r\n");
		if (last_gm()->n > 2 * strlen(text))
			fail_msg("%zu for %zu", last_gm()->n, strlen(text));
	}
	/* over TCP the address is his own */
	f = clear_flow(IMS_TCP);
	swap(text, "z9hG4bK", "z9hG4bKtcp");
	feed(&f, text);
	assert_has(last_gm(), "\r\nSecurity-Server: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(answers_go_back_with_the_vias_that_came),
		T(a_head_that_is_too_long_is_513),
		T(relays_are_used_again),
		T(a_core_that_answers_twice_is_heard_once),
		T(our_answers_have_a_tag_and_ask_for_patience),
		T(a_short_request_in_the_clear_gets_no_long_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
