/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_down.c - requests of the core to a UE, and their answers. */
#include "pcscf_test.h"

static char msg[12000];

static void deliver(const char *uri_params)
{
	struct ims_flow core = from_core();

	notify(msg, uri_params);
	feed(&core, msg);
}

static void to_us(const struct ims_ipsec_set *s, enum ims_transport t)
{
	assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
	assert_int_equal(last_gm()->flow.set, s->id);
	assert_int_equal(last_gm()->flow.transport, t);
	assert_true(
		ims_addr_eq(last_gm()->flow.local, s->sa[IMS_PC_TO_US].src));
	assert_true(
		ims_addr_eq(last_gm()->flow.remote, s->sa[IMS_PC_TO_US].dst));
	assert_has(
		last_gm(),
		t == IMS_TCP
			? "\r\nVia: SIP/2.0/TCP [2001:0:0:1::2]:50718;branch="
			: "\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;"
			  "branch=");
}

static void it_goes_from_pc_to_us_by_udp(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_TCP);

	deliver("");
	to_us(s, IMS_UDP);
	assert_has(last_gm(), "\r\nMax-Forwards: 69\r\n");
	assert_has_not(last_gm(), "\r\nRoute:");
	deliver(";transport=udp");
	to_us(s, IMS_UDP);
}

static void it_goes_by_tcp_if_the_contact_says_so(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);

	deliver(";transport=tcp");
	to_us(s, IMS_TCP);
	assert_int_equal(last_gm()->flow.conn, 0);
}

static void it_goes_by_tcp_if_it_is_longer_than_1300_bytes_with_esp(
	void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow core = from_core();
	bool near = false; /* one that would have fitted without ESP */
	char body[3000];

	for (unsigned n = 1; n < 1400; n += n < 400 || n > 900 ? 100 : 5) {
		notify(msg, "");
		memset(body, 'x', n);
		body[n] = 0;
		set_line(msg, "X", body);
		feed(&core, msg);
		/* by what is sent, with our headers in it */
		to_us(s, last_gm()->n + ims_ipsec_suite_overhead(s->suite) >
					 IMS_TXN_UDP_MAX
				 ? IMS_TCP
				 : IMS_UDP);
		near |= last_gm()->n > IMS_TXN_UDP_MAX - 20 &&
			last_gm()->n <= IMS_TXN_UDP_MAX;
		ue_answers(&(struct ims_flow){.local = s->sa[IMS_UC_TO_PS].dst,
					      .remote = s->sa[IMS_UC_TO_PS].src,
					      .set = s->id},
			   last_gm(), 200, "");
	}
	assert_int_equal(last_gm()->flow.transport, IMS_TCP);
	assert_true(near);
}

static void an_unknown_name_is_480_or_430(void **state)
{
	struct ims_flow core = from_core();

	go_registered(IMS_UDP);
	notify(msg, "");
	set_line(msg, "Route", "<sip:nobody@127.0.0.1:4060;lr>");
	feed(&core, msg);
	assert_int_equal(last_mw()->m.status, 480);
	notify(msg, "");
	set_line(msg, "Route", "<sip:nobody@127.0.0.1:4060;lr;ob>");
	feed(&core, msg);
	assert_int_equal(last_mw()->m.status, 430);
	notify(msg, "");
	set_line(msg, "Route", NULL);
	feed(&core, msg);
	assert_int_equal(last_mw()->m.status, 480);
	notify(msg, "");
	set_line(msg, "Route", "<sip:somebody@10.0.0.9;lr>");
	feed(&core, msg);
	assert_int_equal(last_mw()->m.status, 480);
}

static void a_ue_that_is_only_challenged_is_480(void **state)
{
	go_challenged(IMS_UDP);
	deliver("");
	assert_int_equal(last_mw()->m.status, 480);
}

static void what_a_ue_may_not_say_is_left_out_of_its_answer(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);

	deliver("");
	ue_answers(&f, last_gm(), 200,
		   "P-Asserted-Identity: <sip:evil>\r\n"
		   "P-Charging-Vector: icid-value=evil\r\n"
		   "Path : <sip:evil>\r\nService-Route: <sip:evil>\r\n"
		   "Server: fine\r\n");
	assert_int_equal(last_mw()->m.status, 200);
	assert_has_not(last_mw(), "evil");
	assert_has(last_mw(), "Server: fine");
}

static void a_silent_ue_is_408_and_an_unreachable_one_480(void **state)
{
	struct ims_ev ev = {.kind = IMS_EV_UNSENT};

	go_registered(IMS_UDP);
	deliver("");
	pass(129 * 1000);
	assert_int_equal(last_mw()->m.status, 408);
	deliver(";transport=tcp");
	ev.ref = last_gm()->ref;
	ims_pcscf_event(p, &ev, now);
	perform();
	assert_int_equal(last_mw()->m.status, 480);
}

static void it_repeats_on_udp_with_the_timers_of_gm(void **state)
{
	size_t before;

	go_registered(IMS_UDP);
	deliver("");
	before = n_gm;
	pass(14 * 1000);
	assert_int_equal(n_gm, before + 3); /* 2, 6, 14 */
}

static void hops_are_counted_and_register_has_no_business_here(void **state)
{
	struct ims_flow core = from_core();
	size_t before;

	go_registered(IMS_UDP);
	before = n_gm;
	notify(msg, "");
	set_line(msg, "Max-Forwards", "0");
	feed(&core, msg);
	assert_int_equal(last_mw()->m.status, 483);
	notify(msg, "");
	swap(msg, "NOTIFY", "REGISTER");
	feed(&core, msg);
	assert_int_equal(last_mw()->m.status, 405);
	assert_int_equal(n_gm, before);
}

static char big[3000];

/* A NOTIFY of more than 1300 bytes, that goes by TCP for its size. */
static void deliver_big(void)
{
	memset(big, 'x', 1500);
	big[1500] = 0;
	notify(msg, "");
	set_line(msg, "Subject", big);
	feed(&(struct ims_flow){.local = conf.mw,
				.remote = conf.scscf,
				.side = IMS_MW},
	     msg);
	assert_int_equal(last_gm()->flow.transport, IMS_TCP);
}

static void unsent(void)
{
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .ref = last_gm()->ref};

	ims_pcscf_event(p, &ev, now);
	perform();
}

/* RFC 3261 18.1.1: who takes no TCP gets it by UDP, however long. */
static void what_is_long_goes_by_udp_if_tcp_fails(void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	size_t before;

	deliver_big();
	before = n_gm;
	unsent();
	assert_int_equal(n_gm, before + 1);
	assert_int_equal(last_gm()->flow.transport, IMS_UDP);
	assert_int_equal(last_gm()->flow.local.port, 50717);
	assert_has(last_gm(), "\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:50718;");
	assert_has_not(last_gm(), "SIP/2.0/TCP [2001");
	ue_answers(&f, last_gm(), 200, "");
	assert_int_equal(last_mw()->m.status, 200);
}

static void but_only_once(void **state)
{
	go_registered(IMS_UDP);
	deliver_big();
	unsent();
	unsent();
	assert_int_equal(last_mw()->m.status, 480);
}

/* 24.229 5.2.6.4: a flow of outbound that has failed is 430. */
static void a_ue_whose_flow_has_gone_is_430_with_outbound(void **state)
{
	char route[300];

	go_registered(IMS_UDP);
	snprintf(route, sizeof route, "<%s;ob>", path_uri());
	pass(700 * 1000); /* it never came again */
	notify(msg, "");
	set_line(msg, "Route", route);
	feed(&(struct ims_flow){.local = conf.mw,
				.remote = conf.scscf,
				.side = IMS_MW},
	     msg);
	assert_int_equal(last_mw()->m.status, 430);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_goes_from_pc_to_us_by_udp),
		T(it_goes_by_tcp_if_the_contact_says_so),
		T(it_goes_by_tcp_if_it_is_longer_than_1300_bytes_with_esp),
		T(an_unknown_name_is_480_or_430),
		T(a_ue_that_is_only_challenged_is_480),
		T(what_a_ue_may_not_say_is_left_out_of_its_answer),
		T(a_silent_ue_is_408_and_an_unreachable_one_480),
		T(what_is_long_goes_by_udp_if_tcp_fails),
		T(but_only_once),
		T(a_ue_whose_flow_has_gone_is_430_with_outbound),
		T(it_repeats_on_udp_with_the_timers_of_gm),
		T(hops_are_counted_and_register_has_no_business_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
