/* SPDX-License-Identifier: BSD-2-Clause */
/* test_wire_tcp.c - TCP on the wire: in the clear and through ESP. */
#include "wire_test.h"

static struct ims_flow clear_up(const struct net *net)
{
	return net_flow(&net->ue, 0, &net->p, P_CLEAR, IMS_TCP, 0);
}

static struct ims_flow up(const struct net *net)
{
	return net_flow(&net->ue, PORT_UC, &net->p, PORT_PS, IMS_TCP, 7);
}

static void give(struct heard *h, struct ims_flow f, const char *name, size_t n)
{
	struct ims_str m = net_message(name, n);

	assert_int_equal(net_send(h, f, m, 5), 0);
	free((void *)m.p);
}

static void check(const struct heard *h, unsigned i, const char *name, size_t n)
{
	struct ims_str m = net_message(name, n);

	assert_true(h->n > i);
	assert_int_equal(h->len[i], m.n);
	assert_memory_equal(h->text[i], m.p, m.n);
	free((void *)m.p);
}

static void a_question_and_its_answer_share_a_connection(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow back;

	give(&net->ue, clear_up(net), "ask", 10);
	net_run(net);
	check(&net->p, 0, "ask", 10);
	back = net->p.flow[0];
	assert_int_equal(back.remote.port, 42368);
	assert_int_not_equal(back.conn, 0);
	assert_int_equal(back.set, 0);
	give(&net->p, back, "answer", 0);
	net_run(net);
	check(&net->ue, 0, "answer", 0);
	assert_int_equal(net->ue.flow[0].local.port, 42368);
	net_free(net);
}

static void tcp_through_a_set(int family, struct ims_ipsec_suite suite)
{
	struct net *net = net_new(family);
	struct ims_flow down;

	net_secure(net, suite);
	give(&net->ue, up(net), "ask", 3000);
	net_run(net);
	check(&net->p, 0, "ask", 3000);
	assert_int_equal(net->p.flow[0].set, 3);
	give(&net->p, net->p.flow[0], "answer", 0);
	down = net_flow(&net->p, PORT_PC, &net->ue, PORT_US, IMS_TCP, 3);
	give(&net->p, down, "notify", 1);
	net_run(net);
	check(&net->ue, 0, "answer", 0);
	check(&net->ue, 1, "notify", 1);
	assert_int_equal(net->ue.flow[1].set, 7);
	assert_int_equal(net->ue.flow[1].local.port, PORT_US);
	for (unsigned i = 0; i < net->n_tap; i++)
		assert_int_equal(tap_proto(net, i), 50);
	assert_int_equal(net->ue.n_dropped + net->p.n_dropped, 0);
	net_free(net);
}

static void tcp_passes_every_suite_and_family(void **state)
{
	for (size_t i = 0; i < IMS_N_SUITES; i++) {
		tcp_through_a_set(4, ims_ipsec_suites[i]);
		tcp_through_a_set(6, ims_ipsec_suites[i]);
	}
}

static void a_big_message_passes(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	give(&net->ue, up(net), "big", BIG);
	net_run(net);
	check(&net->p, 0, "big", BIG);
	give(&net->p, net->p.flow[0], "back", BIG);
	net_run(net);
	check(&net->ue, 0, "back", BIG);
	net_free(net);
}

static void messages_in_one_stream_are_told_apart(void **state)
{
	struct net *net = net_new(4);
	struct ims_str one = net_message("one", 0), two = net_message("two", 5);
	char both[300];
	size_t n = one.n + two.n;

	memcpy(both, one.p, one.n);
	memcpy(both + one.n, two.p, two.n);
	/* cut within the second: its end comes in a segment of its own */
	assert_int_equal(net_send(&net->ue, clear_up(net),
				  ims_str_n(both, n - 7), 0),
			 0);
	net_run(net);
	assert_int_equal(net->p.n, 1);
	net->ue.flow[0] = clear_up(net);
	net->ue.flow[0].local.port = 42368;
	assert_int_equal(net_send(&net->ue, net->ue.flow[0],
				  ims_str_n(both + n - 7, 7), 0),
			 0);
	free((void *)one.p);
	free((void *)two.p);
	net_run(net);
	assert_int_equal(net->p.n, 2);
	check(&net->p, 0, "one", 0);
	check(&net->p, 1, "two", 5);
	net_free(net);
}

/* Two at once, before the handshake is over, on the same connection. */
static void what_is_sent_while_it_opens_waits(void **state)
{
	struct net *net = net_new(4);

	net_secure(net, ims_ipsec_suites[1]);
	give(&net->ue, up(net), "one", 2000);
	give(&net->ue, up(net), "two", 5);
	net_run(net);
	assert_int_equal(net->p.n, 2);
	check(&net->p, 0, "one", 2000);
	check(&net->p, 1, "two", 5);
	assert_int_equal(net->p.flow[0].conn, net->p.flow[1].conn);
	net_free(net);
}

static void a_keep_alive_is_answered_and_not_told(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = clear_up(net);

	assert_int_equal(net_send(&net->ue, f, IMS_S("\r\n\r\n"), 0), 0);
	net_run(net);
	assert_int_equal(net->p.n + net->ue.n, 0);
	assert_int_equal(net->p.n_dropped + net->ue.n_dropped, 0);
	net_free(net);
}

static void a_refused_connection_is_unsent(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = clear_up(net);

	f.remote.port = 9;
	give(&net->ue, f, "nobody", 0);
	net_run(net);
	assert_int_equal(net->ue.n_unsent, 1);
	assert_int_equal(net->ue.unsent_ref[0], 5);
	assert_int_equal(net->ue.unsent_err[0], -IMS_E_SILENCE);
	net_free(net);
}

static void every_send_of_a_refused_connection_is_unsent(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = clear_up(net);

	f.remote.port = 9;
	f.local.port = 1234;
	assert_int_equal(net_send(&net->ue, f, IMS_S("a"), 1), 0);
	assert_int_equal(net_send(&net->ue, f, IMS_S("b"), 2), 0);
	net_run(net);
	assert_int_equal(net->ue.n_unsent, 2);
	assert_int_equal(net->ue.unsent_ref[0], 1);
	assert_int_equal(net->ue.unsent_ref[1], 2);
	net_free(net);
}

static void a_clear_syn_to_a_protected_port_gets_no_answer(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = clear_up(net);

	f.remote.port = PORT_PS;
	give(&net->ue, f, "clear", 0);
	net_run(net);
	assert_int_equal(net->p.n, 0);
	assert_int_equal(net->p.n_dropped, 1);
	assert_int_equal(net->p.dropped[0], -IMS_E_CLEAR);
	assert_int_equal(net->p.dropped_flow[0].transport, IMS_TCP);
	assert_int_equal(net->ue.n_unsent, 0); /* silence: the timer's work */
	assert_int_equal(net->n_tap, 1);
	net_free(net);
}

static void a_stream_that_is_no_sip_is_cut(void **state)
{
	struct net *net = net_new(6);

	assert_int_equal(net_send(&net->ue, clear_up(net),
				  IMS_S("REGISTER sip:a SIP/2.0\r\n"
					"Content-Length: no\r\n\r\n"),
				  9),
			 0);
	net_run(net);
	assert_int_equal(net->p.n, 0);
	assert_int_equal(net->p.n_dropped, 1);
	assert_int_equal(net->p.dropped[0], -IMS_E_SIP_FRAMING);
	assert_int_equal(net->ue.n_unsent, 1); /* it was closed */
	net_free(net);
}

static void an_answer_on_a_closed_connection_is_refused(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow back;

	net_secure(net, ims_ipsec_suites[0]);
	give(&net->ue, up(net), "ask", 0);
	net_run(net);
	back = net->p.flow[0];
	back.conn += 100;
	assert_int_equal(net_send(&net->p, back, IMS_S("x"), 0),
			 -IMS_E_NOTFOUND);
	net_free(net);
}

static void sa_del_drops_the_connections_of_the_set(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow back;

	net_secure(net, ims_ipsec_suites[0]);
	give(&net->ue, up(net), "ask", 0);
	give(&net->ue, clear_up(net), "clear", 0);
	net_run(net);
	back = net->p.flow[0];
	assert_int_equal(back.set, 3);
	net->p.host->ops->sa_del(net->p.host, 3);
	assert_int_equal(net_send(&net->p, back, IMS_S("x"), 0),
			 -IMS_E_NOTFOUND);
	give(&net->p, net->p.flow[1], "still there", 0);
	net_run(net);
	check(&net->ue, 0, "still there", 0);
	net_free(net);
}

/* The role gets its message whole although it ends the connection first. */
static void a_role_may_remove_the_set_that_brought_the_message(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	net->p.del_set = 3;
	give(&net->ue, up(net), "one", 100);
	give(&net->ue, up(net), "two", 100);
	net_run(net);
	check(&net->p, 0, "one", 100);
	assert_int_equal(net->p.n, 1);
	net_free(net);
}

static void a_host_that_came_back_resets_old_connections(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = clear_up(net);

	f.local.port = 1234;
	give(&net->ue, f, "one", 0);
	net_run(net);
	net->p.host->ops->free(net->p.host);
	net_host(net, &net->p, "2001:db8::1");
	assert_int_equal(net_hold(&net->p, P_CLEAR, false), 0);
	give(&net->ue, f, "lost", 0);
	net_run(net);
	assert_int_equal(net->p.n, 1);
	assert_true(net->ue.n_unsent >= 1);
	give(&net->ue, f, "anew", 0);
	net_run(net);
	check(&net->p, 1, "anew", 0);
	net_free(net);
}

/* Each segment of a long message over a connection that is gone has its RST:
 * they do not end the one that is opened after the first of them.
 */
static void late_resets_leave_a_new_connection_alone(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = clear_up(net);

	f.local.port = 1234;
	give(&net->ue, f, "one", 0);
	net_run(net);
	net->p.host->ops->free(net->p.host);
	net_host(net, &net->p, "2001:db8::1");
	assert_int_equal(net_hold(&net->p, P_CLEAR, false), 0);
	give(&net->ue, f, "lost", 3000);
	while (!net->ue.n_unsent)
		assert_true(ims_wire_step(net->wire, ims_wire_due(net->wire)));
	give(&net->ue, f, "anew", 3000);
	net_run(net);
	assert_int_equal(net->ue.n_unsent, 2); /* "one", too */
	check(&net->p, 1, "anew", 3000);
	net_free(net);
}

static void a_peer_that_begins_anew_is_served(void **state)
{
	struct net *net = net_new(6);

	give(&net->ue, clear_up(net), "one", 0);
	net_run(net);
	net->ue.host->ops->free(net->ue.host);
	net_host(net, &net->ue, "2001:db8::10");
	give(&net->ue, clear_up(net), "two", 0); /* 42368 again */
	net_run(net);
	check(&net->p, 1, "two", 0);
	assert_int_equal(net->p.flow[1].remote.port, 42368);
	net_free(net);
}

/* Any flags, any header length, on a connection and beside it. */
static void strange_segments_do_no_harm(void **state)
{
	struct net *net = net_new(4);
	uint8_t ip[64], seg[24] = {0};

	give(&net->ue, clear_up(net), "one", 0);
	net_run(net);
	heard_forget(&net->p);
	for (unsigned flags = 0; flags < 256; flags++) {
		size_t n = 12 + flags % 13, head;
		uint16_t sport = flags & 1 ? 42368 : 999;

		seg[0] = (uint8_t)(sport >> 8);
		seg[1] = (uint8_t)sport;
		seg[2] = P_CLEAR >> 8;
		seg[3] = P_CLEAR & 255;
		seg[12] = (uint8_t)(flags << 4);
		seg[13] = (uint8_t)flags;
		head = ims_packet_header(ip, net->ue.ip, net->p.ip, 6, n);
		memcpy(ip + head, seg, n);
		(void)ims_wire_inject(net->wire, ip, head + n);
		net_run(net);
		tap_forget(net);
		heard_forget(&net->p);
		heard_forget(&net->ue);
	}
	give(&net->ue, clear_up(net), "two", 0);
	net_run(net);
	check(&net->p, 0, "two", 0);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_and_its_answer_share_a_connection),
		cmocka_unit_test(tcp_passes_every_suite_and_family),
		cmocka_unit_test(a_big_message_passes),
		cmocka_unit_test(messages_in_one_stream_are_told_apart),
		cmocka_unit_test(what_is_sent_while_it_opens_waits),
		cmocka_unit_test(a_keep_alive_is_answered_and_not_told),
		cmocka_unit_test(a_refused_connection_is_unsent),
		cmocka_unit_test(every_send_of_a_refused_connection_is_unsent),
		cmocka_unit_test(
			a_clear_syn_to_a_protected_port_gets_no_answer),
		cmocka_unit_test(a_stream_that_is_no_sip_is_cut),
		cmocka_unit_test(an_answer_on_a_closed_connection_is_refused),
		cmocka_unit_test(sa_del_drops_the_connections_of_the_set),
		cmocka_unit_test(
			a_role_may_remove_the_set_that_brought_the_message),
		cmocka_unit_test(a_host_that_came_back_resets_old_connections),
		cmocka_unit_test(late_resets_leave_a_new_connection_alone),
		cmocka_unit_test(a_peer_that_begins_anew_is_served),
		cmocka_unit_test(strange_segments_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
