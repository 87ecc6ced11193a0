/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_guard.c - what may come on which flow. */
#include "pcscf_test.h"

static void clear_text_to_a_protected_port_is_dropped(void **state)
{
	static const uint16_t ports[] = {50718, 50720, 50717, 50719};
	static const char *const files[] = {"1-register",
					    "3-register-protected",
					    "5-subscribe", "8-200"};
	char msg[12000];

	for (size_t i = 0; i < N_OF(ports); i++)
		for (size_t j = 0; j < N_OF(files); j++) {
			struct ims_flow f = clear_flow(IMS_UDP);

			f.local.port = ports[i];
			seed(msg, files[j], "z9hG4bK");
			feed(&f, msg);
			assert_int_equal(told[n_told - 1].err, -IMS_E_CLEAR);
		}
	assert_int_equal(n_gm + n_mw, 0);
}

static void a_set_that_is_not_ours_is_dropped(void **state)
{
	struct ims_flow f = inside(go_registered(IMS_UDP), IMS_UDP);
	size_t before = n_gm;
	char msg[12000];

	f.set += 7;
	subscribe(msg);
	feed(&f, msg);
	assert_int_equal(n_gm, before);
	assert_told(-IMS_E_ESP_SPI);
}

static void ports_that_are_not_the_sas_are_dropped(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f;
	size_t before_gm = n_gm, before_mw = n_mw;
	char msg[12000];

	for (int i = 0; i < 4; i++) {
		f = inside(s, IMS_UDP);
		if (i == 0)
			f.remote.port++;
		if (i == 1)
			f.local.port = 5060;
		if (i == 2)
			f.remote = at("[2001::2]:38003");
		if (i == 3)
			f.remote = s->sa[IMS_PC_TO_US].dst; /* us -> ps */
		subscribe(msg);
		feed(&f, msg);
		assert_int_equal(told[n_told - 1].err, -IMS_E_ESP_SELECTOR);
	}
	assert_int_equal(n_gm, before_gm);
	assert_int_equal(n_mw, before_mw);
}

static void the_second_pair_of_sas_is_a_way_in_too(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_TCP);
	struct ims_flow f = {.local = s->sa[IMS_US_TO_PC].dst,
			     .remote = s->sa[IMS_US_TO_PC].src,
			     .transport = IMS_TCP,
			     .conn = 9,
			     .set = s->id};
	size_t before = n_mw;
	char msg[12000];

	subscribe(msg);
	feed(&f, msg);
	assert_int_equal(n_mw, before + 1);
}

static void in_the_clear_there_is_only_register(void **state)
{
	static const char *const methods[] = {"SUBSCRIBE", "OPTIONS", "MESSAGE",
					      "INVITE",    "NOTIFY",  "BYE"};
	struct ims_flow f = clear_flow(IMS_UDP);
	size_t before;
	char msg[12000];

	go_registered(IMS_UDP);
	before = n_mw;
	for (size_t i = 0; i < N_OF(methods); i++) {
		subscribe(msg);
		swap(msg, "SUBSCRIBE", methods[i]);
		feed(&f, msg);
		assert_int_equal(last_gm()->m.status, 403);
		assert_int_equal(last_gm()->flow.set, 0);
		/* no bigger than what came [T31] */
		assert_true(last_gm()->n < strlen(msg));
	}
	assert_int_equal(n_mw, before);
}

static void a_response_from_nowhere_is_ignored(void **state)
{
	struct ims_flow clear = clear_flow(IMS_UDP), core = from_core();
	char msg[12000];

	seed(msg, "8-200", "z9hG4bK0a0d0d34d4d84c91b07959b6fcb7e3e914");
	feed(&clear, msg);
	feed(&core, msg);
	assert_int_equal(n_gm + n_mw + n_told, 0);
}

static void an_answer_of_the_ue_in_the_clear_is_ignored(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow core = from_core(), f = clear_flow(IMS_UDP);
	size_t before;
	char msg[12000];

	notify(msg, "");
	feed(&core, msg);
	before = n_mw;
	ue_answers(&f, last_gm(), 200, "");
	assert_int_equal(n_mw, before);
	f = inside(s, IMS_UDP);
	ue_answers(&f, last_gm(), 200, "");
	assert_int_equal(n_mw, before + 1);
}

static void what_is_no_sip_is_answered_if_it_can_be(void **state)
{
	static const char *const bad[] = {
		"",
		"\r\n\r\n",
		"hello",
		"REGISTER\r\n\r\n",
		"REGISTER sip:x SIP/2.0\r\n\r\n",
		("ACK sip:x SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\r\n"),
	};
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	for (size_t i = 0; i < N_OF(bad); i++)
		feed(&f, bad[i]);
	n_gm = 0;
	register1(msg);
	swap(msg, "CSeq: 1 REGISTER", "CSeq: 1 OPTIONS");
	feed(&f, msg);
	assert_int_equal(n_gm, 1);
	assert_int_equal(last_gm()->m.status, 400);
	assert_true(ims_ip_eq(last_gm()->flow.remote.ip, f.remote.ip));
	assert_int_equal(n_mw, 0);
}

static void a_register_with_a_broken_cseq_is_refused_and_told(void **state)
{
	static const char *const bad[] = {"x REGISTER", "4294967296 REGISTER",
					  "1", "1 REGISTER x", "-1 REGISTER"};
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow in = inside(s, IMS_UDP), out = clear_flow(IMS_TCP);
	size_t before = n_mw;
	char msg[12000];

	for (size_t i = 0; i < 2 * N_OF(bad); i++) {
		n_gm = n_told = 0;
		register1(msg);
		set_line(msg, "CSeq", bad[i / 2]);
		feed(i % 2 ? &in : &out, msg);
		assert_int_equal(n_gm, 1);
		assert_non_null(strstr(gm[0].bytes, "SIP/2.0 400 "));
		assert_int_equal(gm[0].flow.set, i % 2 ? s->id : 0);
		assert_int_equal(n_told, 1);
		assert_non_null(strstr(told[0].text, "CSeq"));
	}
	/* without any there can be no answer */
	n_gm = n_told = 0;
	register1(msg);
	set_line(msg, "CSeq", NULL);
	feed(&in, msg);
	assert_int_equal(n_gm, 0);
	assert_int_equal(n_told, 1);
	assert_int_equal(n_mw, before);
}

static void without_room_for_transactions_the_answer_is_503(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	size_t before = n_mw;
	char msg[12000], via[3000] = "";

	/* a branch that is too long stands for a full table */
	subscribe(msg);
	snprintf(via, sizeof via,
		 "SIP/2.0/UDP [" UE_IP "]:39003;branch=z9hG4bK");
	memset(via + strlen(via), 'x', 2500);
	set_line(msg, "Via", via);
	feed(&f, msg);
	assert_int_equal(n_mw, before);
	assert_true(n_gm > 0);
	assert_int_equal(last_gm()->m.status, 503);
	assert_int_equal(last_gm()->flow.local.port, 50717);
	assert_int_equal(last_gm()->flow.remote.port, 39003);
	assert_int_equal(last_gm()->flow.set, s->id);
}

static void answers_in_the_clear_go_to_the_source_only(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	set_line(
		msg, "Via",
		"SIP/2.0/UDP 192.0.2.66:7000;branch=z9hG4bKx;received=1.2.3.4");
	set_line(msg, "Security-Client", NULL);
	feed(&f, msg);
	assert_true(ims_ip_eq(last_gm()->flow.remote.ip, f.remote.ip));
	assert_int_equal(last_gm()->flow.remote.port, 7000);
	assert_has(last_gm(), "received=" UE_IP);
	assert_has_not(last_gm(), "1.2.3.4");
	register1(msg);
	set_line(msg, "Via",
		 "SIP/2.0/UDP 192.0.2.66:7000;branch=z9hG4bKy;rport");
	set_line(msg, "Security-Client", NULL);
	feed(&f, msg);
	assert_int_equal(last_gm()->flow.remote.port, 42368);
	assert_has(last_gm(), "rport=42368");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(clear_text_to_a_protected_port_is_dropped),
		T(a_set_that_is_not_ours_is_dropped),
		T(ports_that_are_not_the_sas_are_dropped),
		T(the_second_pair_of_sas_is_a_way_in_too),
		T(in_the_clear_there_is_only_register),
		T(a_response_from_nowhere_is_ignored),
		T(an_answer_of_the_ue_in_the_clear_is_ignored),
		T(what_is_no_sip_is_answered_if_it_can_be),
		T(a_register_with_a_broken_cseq_is_refused_and_told),
		T(without_room_for_transactions_the_answer_is_503),
		T(answers_in_the_clear_go_to_the_source_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
