/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf.c - the eight steps, and the object itself. */
#include "pcscf_test.h"

static void the_first_register_goes_to_the_core_without_what_is_ours(
	void **state)
{
	struct ims_flow f = clear_flow(IMS_TCP);
	char msg[12000];
	struct seen *s;

	register1(msg);
	feed(&f, msg);
	assert_int_equal(n_mw, 1);
	s = last_mw();
	assert_int_equal(s->m.method, IMS_SIP_REGISTER);
	assert_true(ims_addr_eq(s->flow.remote, conf.scscf));
	assert_true(ims_addr_eq(s->flow.local, conf.mw));
	assert_str(s->m.uri, "sip:ims.sharetechnote.com");
	assert_has(s, "\r\nVia: SIP/2.0/UDP 127.0.0.1:4060;branch=z9hG4bK");
	assert_has(s, "\r\nMax-Forwards: 69\r\n");
	assert_has(s, "\r\nRequire: path\r\n");
	assert_has(s, "@127.0.0.1:4060;lr;ob>\r\n");
	assert_has(s, "\r\nP-Visited-Network-ID: \"visited.example\"\r\n");
	assert_has(s, "\r\nP-Charging-Vector: icid-value=");
	assert_has(s, "integrity-protected=\"no\"");
	assert_has_not(s, "Security-Client");
	assert_has_not(s, "Proxy-Require");
	assert_has_not(s, "\r\nRoute:");
	assert_int_equal(n_gm, 0);
	assert_int_equal(n_added, 0);
}

static void the_challenge_waits_for_the_sas_and_names_them(void **state)
{
	struct ims_flow f = clear_flow(IMS_TCP);
	struct ims_ipsec_set *s;
	char msg[12000], want[300];

	sa_silent = true;
	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(n_added, 1);
	assert_int_equal(n_gm, 0);
	assert_int_equal(ims_pcscf_sets(p), 0);
	s = last_added();
	sa_result(s->id, 0);
	perform();
	assert_int_equal(n_gm, 1);
	assert_int_equal(ims_pcscf_sets(p), 1);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(last_gm()->flow.conn, 1);
	snprintf(want, sizeof want,
		 "Security-Server: ipsec-3gpp;alg=hmac-sha-1-96;prot=esp;"
		 "mod=trans;ealg=null;spi-c=%u;spi-s=%u;port-c=50717;"
		 "port-s=50718;q=0.1\r\n",
		 s->sa[IMS_US_TO_PC].spi, s->sa[IMS_UC_TO_PS].spi);
	assert_has(last_gm(), want);
	assert_has(last_gm(), "nonce=\"26ohPzgYyy3VFVa4VnXhKgx8Ta1aXYAA27sDDHx"
			      "NLVo=\"");
	assert_has_not(last_gm(), "ck=");
	assert_has_not(last_gm(), "ik=");
	assert_has_not(last_gm(), "127.0.0.1");
}

static void the_sas_have_the_ports_and_spis_that_were_announced(void **state)
{
	struct ims_ipsec_set *s;
	uint8_t ik[16];

	go_challenged(IMS_TCP);
	s = last_added();
	assert_false(s->ue);
	assert_true(
		ims_addr_eq(s->sa[IMS_UC_TO_PS].src, at("[" UE_IP "]:38003")));
	assert_true(ims_addr_eq(s->sa[IMS_UC_TO_PS].dst,
				at("[2001:0:0:1::2]:50718")));
	assert_true(ims_addr_eq(s->sa[IMS_PC_TO_US].src,
				at("[2001:0:0:1::2]:50717")));
	assert_true(
		ims_addr_eq(s->sa[IMS_PC_TO_US].dst, at("[" UE_IP "]:39003")));
	assert_int_equal(s->sa[IMS_PS_TO_UC].spi, 565817);
	assert_int_equal(s->sa[IMS_PC_TO_US].spi, 565818);
	assert_int_equal(s->suite.alg, IMS_ALG_HMAC_SHA1);
	for (int i = 0; i < 16; i++)
		sscanf(&IK[2 * i], "%2hhx", &ik[i]);
	assert_memory_equal(s->keys.alg, ik, 16);
	assert_int_equal(told[n_told - 1].tell, IMS_TELL_AGREED);
}

static void the_seeds_own_choice_is_made_when_policy_prefers_it(void **state)
{
	conf.policy.suites[0] =
		(struct ims_ipsec_suite){IMS_ALG_HMAC_MD5, IMS_EALG_NULL};
	conf.policy.n_suites = 1;
	restart();
	go_registered(IMS_TCP);
	assert_int_equal(last_added()->suite.alg, IMS_ALG_HMAC_MD5);
}

static void all_eight_steps_as_in_the_seed(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_TCP);
	struct ims_flow udp = inside(s, IMS_UDP);
	struct ims_flow to_us = {.local = s->sa[IMS_PC_TO_US].src,
				 .remote = s->sa[IMS_PC_TO_US].dst,
				 .set = s->id};
	char msg[12000], rr[300];
	struct ims_flow core = from_core();

	/* 3, 4: over the connection of the REGISTER, which was protected */
	assert_has(last_mw(), "integrity-protected=\"yes\"");
	assert_has_not(last_mw(), "Security-");
	assert_int_equal(last_gm()->flow.conn, 2);
	assert_int_equal(last_gm()->flow.set, s->id);
	/* 5 */
	subscribe(msg);
	feed(&udp, msg);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	assert_has(last_mw(), "P-Asserted-Identity: <" IMPU ">\r\n");
	assert_has_not(last_mw(), "\r\nRoute:");
	assert_has_not(last_mw(), "Security-");
	assert_has_not(last_mw(), "sec-agree");
	/* 6: from port_pc to port_us */
	snprintf(rr, sizeof rr,
		 "Record-Route: <%s>\r\nExpires: 600000\r\n"
		 "Contact: <sip:127.0.0.1:6060>\r\n",
		 path_uri());
	core_answers(last_mw(), 200, rr);
	assert_int_equal(last_gm()->m.status, 200);
	assert_true(ims_flow_same(&last_gm()->flow, &to_us));
	assert_has(last_gm(),
		   "Record-Route: <sip:[2001:0:0:1::2]:50718;lr>\r\n");
	/* 7 */
	notify(msg, ";ob");
	feed(&core, msg);
	assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
	assert_true(ims_flow_same(&last_gm()->flow, &to_us));
	assert_has(last_gm(), "\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;");
	assert_has(last_gm(),
		   "Record-Route: <sip:[2001:0:0:1::2]:50718;lr>\r\n");
	assert_has_not(last_gm(), "P-Charging");
	/* 8 */
	ue_answers(&udp, last_gm(), 200,
		   "Record-Route: <sip:[2001:0:0:1::2]:50718;lr>\r\n");
	assert_int_equal(last_mw()->m.status, 200);
	assert_int_equal(last_mw()->m.method, IMS_SIP_NOTIFY);
	assert_has(last_mw(), "\r\nVia: SIP/2.0/UDP 127.0.0.1:6060;");
	snprintf(rr, sizeof rr, "Record-Route: <%s>\r\n", path_uri());
	assert_has(last_mw(), rr);
	assert_has_not(last_mw(), "50718");
}

static void the_same_over_udp_leaves_from_pc_to_us(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);

	assert_int_equal(last_gm()->flow.transport, IMS_UDP);
	assert_int_equal(last_gm()->flow.local.port, 50717);
	assert_int_equal(last_gm()->flow.remote.port, 39003);
	assert_int_equal(last_gm()->flow.set, s->id);
	assert_has_not(last_gm(), "rport");
}

static void a_repeated_register_is_answered_and_not_passed_on_twice(
	void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];
	size_t before;

	register1(msg);
	feed(&f, msg);
	feed(&f, msg);
	assert_int_equal(n_mw, 1);
	core_answers(last_mw(), 401, CHALLENGE);
	before = n_gm;
	feed(&f, msg);
	assert_int_equal(n_gm, before + 1);
	assert_int_equal(n_mw, 1);
	assert_int_equal(n_added, 1);
	assert_string_equal(gm[before].bytes, gm[before - 1].bytes);
}

static void stopping_removes_every_set_and_takes_no_more(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	struct ims_ev ev = {.kind = IMS_EV_STOP};
	char msg[12000];

	go_registered(IMS_UDP);
	ims_pcscf_event(p, &ev, now);
	perform();
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], last_added()->id);
	assert_int_equal(ims_pcscf_sets(p), 0);
	register1(msg);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 503);
}

static void events_of_others_are_ignored(void **state)
{
	static const enum ims_ev_kind kinds[] = {IMS_EV_START,  IMS_EV_SIM,
						 IMS_EV_CX,     IMS_EV_SA,
						 IMS_EV_UNSENT, IMS_EV_TICK};

	for (size_t i = 0; i < N_OF(kinds); i++) {
		struct ims_ev ev = {.kind = kinds[i], .set = 9, .ref = 9};

		ims_pcscf_event(p, &ev, now);
	}
	perform();
	assert_int_equal(n_gm + n_mw + n_told + n_deleted, 0);
	assert_int_equal(ims_pcscf_due(p), IMS_NEVER);
	ims_pcscf_free(NULL);
}

static void after_everything_nothing_is_left(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	char msg[12000];

	reregister(msg, 1);
	swap(msg, "expires=600000", "expires=0");
	feed(&f, msg);
	core_answers(last_mw(), 200, "");
	assert_int_equal(last_gm()->m.status, 200);
	pass(600 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 0);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(ims_pcscf_due(p), IMS_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_register_goes_to_the_core_without_what_is_ours),
		T(the_challenge_waits_for_the_sas_and_names_them),
		T(the_sas_have_the_ports_and_spis_that_were_announced),
		T(the_seeds_own_choice_is_made_when_policy_prefers_it),
		T(all_eight_steps_as_in_the_seed),
		T(the_same_over_udp_leaves_from_pc_to_us),
		T(a_repeated_register_is_answered_and_not_passed_on_twice),
		T(stopping_removes_every_set_and_takes_no_more),
		T(events_of_others_are_ignored),
		T(after_everything_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
