/* SPDX-License-Identifier: BSD-2-Clause */
/* test_wire.c - packets under way: order, fate, strangers. */
#include "wire_test.h"

static void send_clear(struct net *net, const char *text)
{
	struct ims_flow f =
		net_flow(&net->ue, UE_CLEAR, &net->p, P_CLEAR, IMS_UDP, 0);

	assert_int_equal(net_send(&net->ue, f, ims_str(text), 0), 0);
}

static void an_empty_wire_is_due_never(void **state)
{
	struct net *net = net_new(6);

	assert_true(ims_wire_due(net->wire) == IMS_NEVER);
	assert_int_equal(ims_wire_now(net->wire), 1000);
	assert_false(ims_wire_step(net->wire, 1500));
	assert_int_equal(ims_wire_now(net->wire), 1500);
	net_free(net);
}

static void the_clock_never_goes_back(void **state)
{
	struct net *net = net_new(6);

	assert_false(ims_wire_step(net->wire, 900));
	assert_int_equal(ims_wire_now(net->wire), 1000);
	net_free(net);
}

static void a_lost_packet_is_seen_by_the_tap_only(void **state)
{
	struct net *net = net_new(6);

	net->fate[net->n_fate++] = (struct ims_wire_fate){.lost = true};
	send_clear(net, "one");
	send_clear(net, "two");
	net_run(net);
	assert_int_equal(net->n_tap, 2);
	assert_int_equal(net->p.n, 1);
	assert_string_equal(net->p.text[0], "two");
	net_free(net);
}

static void a_doubled_packet_comes_twice(void **state)
{
	struct net *net = net_new(4);

	net->fate[net->n_fate++] = (struct ims_wire_fate){.twice = true};
	send_clear(net, "one");
	net_run(net);
	assert_int_equal(net->n_tap, 1);
	assert_int_equal(net->p.n, 2);
	assert_string_equal(net->p.text[1], "one");
	net_free(net);
}

static void a_delayed_packet_is_overtaken(void **state)
{
	struct net *net = net_new(4);

	net->fate[net->n_fate++] = (struct ims_wire_fate){.delay_ms = 250};
	send_clear(net, "late");
	send_clear(net, "early");
	assert_int_equal(ims_wire_due(net->wire), 1000);
	assert_true(ims_wire_step(net->wire, 1000));
	assert_string_equal(net->p.text[0], "early");
	assert_int_equal(ims_wire_due(net->wire), 1250);
	assert_false(ims_wire_step(net->wire, 1249));
	assert_true(ims_wire_step(net->wire, 1250));
	assert_string_equal(net->p.text[1], "late");
	net_free(net);
}

static void what_is_sent_at_once_keeps_its_order(void **state)
{
	struct net *net = net_new(6);

	send_clear(net, "a");
	send_clear(net, "b");
	send_clear(net, "c");
	net_run(net);
	assert_int_equal(net->p.n, 3);
	assert_string_equal(net->p.text[0], "a");
	assert_string_equal(net->p.text[1], "b");
	assert_string_equal(net->p.text[2], "c");
	net_free(net);
}

static void fate_leaves_tcp_alone(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = net_flow(&net->ue, 0, &net->p, P_CLEAR, IMS_TCP, 0);
	struct ims_str m = net_message("x", 0);

	net->fate[net->n_fate++] = (struct ims_wire_fate){.lost = true};
	assert_int_equal(net_send(&net->ue, f, m, 0), 0);
	net_run(net);
	assert_int_equal(net->p.n, 1);
	assert_int_equal(net->at_fate, 0);
	free((void *)m.p);
	net_free(net);
}

static void fate_is_asked_for_udp_inside_esp(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f =
		net_flow(&net->ue, PORT_UC, &net->p, PORT_PS, IMS_UDP, 7);

	net_secure(net, ims_ipsec_suites[0]);
	net->fate[net->n_fate++] = (struct ims_wire_fate){.lost = true};
	assert_int_equal(net_send(&net->ue, f, IMS_S("hi"), 0), 0);
	net_run(net);
	assert_int_equal(net->at_fate, 1);
	assert_int_equal(net->p.n, 0);
	net_free(net);
}

static void what_is_no_ip_packet_is_not_injected(void **state)
{
	struct net *net = net_new(6);
	static const uint8_t junk[64] = {0x45, 0, 0xff, 0xff};

	assert_int_equal(ims_wire_inject(net->wire, junk, sizeof junk),
			 -IMS_E_ESP_SHORT);
	assert_int_equal(ims_wire_inject(net->wire, junk, 0), -IMS_E_ESP_SHORT);
	assert_true(ims_wire_due(net->wire) == IMS_NEVER);
	net_free(net);
}

static void a_packet_to_nobody_vanishes(void **state)
{
	struct net *net = net_new(4);
	struct ims_flow f =
		net_flow(&net->ue, UE_CLEAR, &net->p, P_CLEAR, IMS_UDP, 0);

	f.remote.ip = net_ip("192.0.2.99");
	assert_int_equal(net_send(&net->ue, f, IMS_S("hi"), 0), 0);
	net_run(net);
	assert_int_equal(net->p.n, 0);
	net_free(net);
}

static void an_address_has_one_host(void **state)
{
	struct net *net = net_new(6);
	struct ims_host_up up = {0};
	struct ims_host *h = NULL;

	assert_int_equal(ims_wire_host_new(net->wire, net->ue.ip, &up, &h),
			 -IMS_E_EXISTS);
	assert_null(h);
	net_free(net);
}

static void packets_under_way_are_freed_with_the_wire(void **state)
{
	struct net *net = net_new(6);

	send_clear(net, "never arrives");
	net_free(net); /* ASan sees what is left */
	ims_wire_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_wire_is_due_never),
		cmocka_unit_test(the_clock_never_goes_back),
		cmocka_unit_test(a_lost_packet_is_seen_by_the_tap_only),
		cmocka_unit_test(a_doubled_packet_comes_twice),
		cmocka_unit_test(a_delayed_packet_is_overtaken),
		cmocka_unit_test(what_is_sent_at_once_keeps_its_order),
		cmocka_unit_test(fate_leaves_tcp_alone),
		cmocka_unit_test(fate_is_asked_for_udp_inside_esp),
		cmocka_unit_test(what_is_no_ip_packet_is_not_injected),
		cmocka_unit_test(a_packet_to_nobody_vanishes),
		cmocka_unit_test(an_address_has_one_host),
		cmocka_unit_test(packets_under_way_are_freed_with_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
