/* SPDX-License-Identifier: BSD-2-Clause */
/* test_wire_host.c - a host on the wire: ports, UDP, SAs, and what it drops.
 */
#include "wire_test.h"

static const int families[] = {4, 6};

static struct ims_flow up(const struct net *net, uint32_t set)
{
	return net_flow(&net->ue, PORT_UC, &net->p, PORT_PS, IMS_UDP, set);
}

static struct ims_flow down(const struct net *net, uint32_t set)
{
	return net_flow(&net->p, PORT_PC, &net->ue, PORT_US, IMS_UDP, set);
}

static void udp_in_the_clear_arrives(void **state)
{
	for (size_t i = 0; i < N_OF(families); i++) {
		struct net *net = net_new(families[i]);
		struct ims_flow f = net_flow(&net->ue, UE_CLEAR, &net->p,
					     P_CLEAR, IMS_UDP, 0);

		assert_int_equal(net_send(&net->ue, f, IMS_S("hello"), 0), 0);
		net_run(net);
		assert_int_equal(net->p.n, 1);
		assert_string_equal(net->p.text[0], "hello");
		assert_int_equal(net->p.flow[0].set, 0);
		assert_true(ims_addr_eq(net->p.flow[0].local, f.remote));
		assert_true(ims_addr_eq(net->p.flow[0].remote, f.local));
		assert_int_equal(tap_proto(net, 0), 17);
		net_free(net);
	}
}

/* Both ways, and the receiver vouches for the set by its own name. */
static void udp_through_a_set(int family, struct ims_ipsec_suite suite)
{
	struct net *net = net_new(family);

	net_secure(net, suite);
	assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("ask"), 0), 0);
	net_run(net);
	assert_int_equal(net->p.n, 1);
	assert_string_equal(net->p.text[0], "ask");
	assert_int_equal(net->p.flow[0].set, 3);
	assert_int_equal(net_send(&net->p, down(net, 3), IMS_S("told"), 0), 0);
	net_run(net);
	assert_int_equal(net->ue.n, 1);
	assert_string_equal(net->ue.text[0], "told");
	assert_int_equal(net->ue.flow[0].set, 7);
	for (unsigned i = 0; i < net->n_tap; i++)
		assert_int_equal(tap_proto(net, i), 50);
	assert_int_equal(net->ue.n_dropped + net->p.n_dropped, 0);
	net_free(net);
}

static void udp_passes_every_suite_and_family(void **state)
{
	for (size_t f = 0; f < N_OF(families); f++)
		for (size_t i = 0; i < IMS_N_SUITES; i++)
			udp_through_a_set(families[f], ims_ipsec_suites[i]);
}

static void a_big_datagram_passes(void **state)
{
	struct net *net = net_new(4);
	struct ims_str m = net_message("x", BIG);

	net_secure(net, ims_ipsec_suites[0]);
	assert_int_equal(net_send(&net->ue, up(net, 7), m, 0), 0);
	net_run(net);
	assert_int_equal(net->p.n, 1);
	assert_int_equal(net->p.len[0], m.n);
	assert_memory_equal(net->p.text[0], m.p, m.n);
	free((void *)m.p);
	net_free(net);
}

static void a_datagram_too_big_for_ip_is_refused(void **state)
{
	struct net *net = net_new(4);
	struct ims_str m = net_message("x", 65001);

	net_secure(net, ims_ipsec_suites[0]);
	assert_int_equal(net_send(&net->ue, up(net, 7), m, 0), -IMS_E_TOOBIG);
	assert_int_equal(net->n_tap, 0);
	free((void *)m.p);
	net_free(net);
}

/* The P-CSCF's own UDP packet in the clear, from a stranger's pen. */
static size_t clear_udp(const struct net *net, uint16_t sport, uint16_t dport,
			uint8_t *out)
{
	uint8_t seg[12] = {(uint8_t)(sport >> 8),
			   (uint8_t)sport,
			   (uint8_t)(dport >> 8),
			   (uint8_t)dport,
			   0,
			   12,
			   0,
			   0,
			   'e',
			   'v',
			   'i',
			   'l'};
	size_t head = ims_packet_header(out, net->ue.ip, net->p.ip, 17, 12);

	memcpy(out + head, seg, sizeof seg);
	return head + sizeof seg;
}

static void clear_text_to_a_protected_port_is_dropped_and_told(void **state)
{
	struct net *net = net_new(6);
	uint8_t ip[64];

	net_secure(net, ims_ipsec_suites[0]);
	ims_wire_inject(net->wire, ip, clear_udp(net, PORT_UC, PORT_PS, ip));
	ims_wire_inject(net->wire, ip, clear_udp(net, 4444, PORT_PC, ip));
	net_run(net);
	assert_int_equal(net->p.n, 0);
	assert_int_equal(net->p.n_dropped, 2);
	assert_int_equal(net->p.dropped[0], -IMS_E_CLEAR);
	assert_int_equal(net->p.dropped_flow[0].local.port, PORT_PS);
	assert_int_equal(net->p.dropped_flow[0].remote.port, PORT_UC);
	assert_int_equal(net->p.dropped[1], -IMS_E_CLEAR);
	net_free(net);
}

static void clear_text_to_a_port_of_nobody_is_ignored(void **state)
{
	struct net *net = net_new(6);
	uint8_t ip[64];

	ims_wire_inject(net->wire, ip, clear_udp(net, 4444, 4445, ip));
	net_run(net);
	assert_int_equal(net->p.n + net->p.n_dropped, 0);
	net_free(net);
}

static void a_udp_length_that_lies_is_ignored(void **state)
{
	struct net *net = net_new(6);
	uint8_t ip[64];
	size_t n = clear_udp(net, 4444, P_CLEAR, ip);

	ip[n - 12 + 5] = 13; /* longer than the packet */
	ims_wire_inject(net->wire, ip, n);
	ip[n - 12 + 5] = 7; /* shorter than a header */
	ims_wire_inject(net->wire, ip, n);
	net_run(net);
	assert_int_equal(net->p.n, 0);
	net_free(net);
}

static void a_replayed_esp_packet_is_dropped_and_told(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("once"), 0), 0);
	net_run(net);
	assert_int_equal(ims_wire_inject(net->wire, net->tap[0].b,
					 net->tap[0].n),
			 0);
	net_run(net);
	assert_int_equal(net->p.n, 1);
	assert_int_equal(net->p.n_dropped, 1);
	assert_int_equal(net->p.dropped[0], -IMS_E_ESP_REPLAY);
	net_free(net);
}

/* Behind the IP header each bit belongs to SPI, sequence, payload or ICV. */
static void flip_each_byte(struct ims_ipsec_suite suite)
{
	struct net *net = net_new(4);

	net_secure(net, suite);
	net->fate[net->n_fate++] = (struct ims_wire_fate){.lost = true};
	assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("whole"), 0), 0);
	for (size_t i = 20; i < net->tap[0].n; i++) {
		struct tapped t = net->tap[0];

		t.b[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(ims_wire_inject(net->wire, t.b, t.n), 0);
		net_run(net);
		t.b[i] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(net->p.n, 0);
		assert_int_equal(net->p.n_dropped, 1);
		assert_int_equal(net->p.dropped[0],
				 i < 24 ? -IMS_E_ESP_SPI : -IMS_E_ESP_ICV);
		net->p.n_dropped = 0;
	}
	assert_int_equal(ims_wire_inject(net->wire, net->tap[0].b,
					 net->tap[0].n),
			 0);
	net_run(net);
	assert_int_equal(net->p.n, 1); /* unharmed it passes */
	net_free(net);
}

static void esp_with_a_flipped_bit_is_dropped_and_told(void **state)
{
	for (size_t i = 0; i < IMS_N_SUITES; i++)
		flip_each_byte(ims_ipsec_suites[i]);
}

static void esp_cut_short_is_dropped_and_told(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	net->fate[net->n_fate++] = (struct ims_wire_fate){.lost = true};
	assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("whole"), 0), 0);
	for (uint16_t n = 0; n + 40u < net->tap[0].n; n++) {
		uint8_t *b = net->tap[0].b;

		b[4] = 0;
		b[5] = (uint8_t)n;
		assert_int_equal(ims_wire_inject(net->wire, b, 40u + n), 0);
		net_run(net);
		assert_int_equal(net->p.n, 0);
		assert_int_equal(net->p.n_dropped, 1);
		net->p.n_dropped = 0;
	}
	net_free(net);
}

static void a_port_of_the_other_kind_is_refused(void **state)
{
	struct net *net = net_new(6);

	assert_int_equal(net_hold(&net->p, PORT_PS, false), -IMS_E_PORT);
	assert_int_equal(net_hold(&net->p, P_CLEAR, true), -IMS_E_PORT);
	net_free(net);
}

static void a_port_lives_until_its_last_user_leaves(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f =
		net_flow(&net->ue, UE_CLEAR, &net->p, P_CLEAR, IMS_UDP, 0);

	assert_int_equal(net_hold(&net->ue, UE_CLEAR, false), 0);
	net->ue.host->ops->release(net->ue.host, f.local);
	assert_int_equal(net_send(&net->ue, f, IMS_S("still"), 0), 0);
	net->ue.host->ops->release(net->ue.host, f.local);
	assert_int_equal(net_send(&net->ue, f, IMS_S("gone"), 0),
			 -IMS_E_NOTFOUND);
	net->ue.host->ops->release(net->ue.host, f.local); /* harmless */
	net_free(net);
}

static void a_set_brings_the_ports_of_the_ue_and_takes_them(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	assert_int_equal(net_hold(&net->ue, PORT_UC, false), -IMS_E_PORT);
	net->ue.host->ops->sa_del(net->ue.host, 7);
	assert_int_equal(net_hold(&net->ue, PORT_UC, false), 0);
	net->ue.host->ops->sa_del(net->ue.host, 7); /* harmless */
	net_free(net);
}

static void a_set_that_cannot_have_its_ports_is_not_added(void **state)
{
	struct net *net = net_new(6);

	assert_int_equal(net_hold(&net->ue, PORT_US, false), 0);
	assert_int_equal(net_add(net, &net->ue, 7, ims_ipsec_suites[0]),
			 -IMS_E_PORT);
	/* and port_uc was given back */
	assert_int_equal(net_hold(&net->ue, PORT_UC, false), 0);
	net_free(net);
}

static void a_set_is_added_once(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	assert_int_equal(net_add(net, &net->ue, 7, ims_ipsec_suites[0]),
			 -IMS_E_EXISTS);
	assert_int_equal(net_add(net, &net->ue, 8, ims_ipsec_suites[0]),
			 -IMS_E_SPI_TAKEN);
	net->ue.host->ops->sa_del(net->ue.host, 7);
	/* the failed ones hold no port */
	assert_int_equal(net_hold(&net->ue, PORT_UC, false), 0);
	net_free(net);
}

static void nothing_leaves_a_protected_port_in_the_clear(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	assert_int_equal(net_send(&net->ue, up(net, 0), IMS_S("x"), 0),
			 -IMS_E_CLEAR);
	assert_int_equal(net_send(&net->p, down(net, 0), IMS_S("x"), 0),
			 -IMS_E_CLEAR);
	assert_int_equal(net->n_tap, 0);
	net_free(net);
}

static void a_flow_that_its_set_does_not_cover_is_refused(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f = up(net, 7);

	assert_int_equal(net_send(&net->ue, f, IMS_S("x"), 0), -IMS_E_NOTFOUND);
	net_secure(net, ims_ipsec_suites[0]);
	f.remote.port = PORT_PC;
	assert_int_equal(net_send(&net->ue, f, IMS_S("x"), 0), -IMS_E_NOTFOUND);
	f = up(net, 8);
	assert_int_equal(net_send(&net->ue, f, IMS_S("x"), 0), -IMS_E_NOTFOUND);
	net->ue.host->ops->sa_del(net->ue.host, 7);
	assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("x"), 0),
			 -IMS_E_NOTFOUND);
	f = up(net, 7);
	f.transport = IMS_TCP;
	assert_int_equal(net_send(&net->ue, f, IMS_S("x"), 0), -IMS_E_NOTFOUND);
	assert_int_equal(net->n_tap, 0);
	net_free(net);
}

static void a_foreign_source_address_is_refused(void **state)
{
	struct net *net = net_new(6);
	struct ims_flow f =
		net_flow(&net->ue, UE_CLEAR, &net->p, P_CLEAR, IMS_UDP, 0);

	assert_int_equal(net_send(&net->p, f, IMS_S("x"), 0), -IMS_E_RANGE);
	f.remote.ip = net_ip("192.0.2.1");
	assert_int_equal(net_send(&net->ue, f, IMS_S("x"), 0), -IMS_E_RANGE);
	net_free(net);
}

/* A few that were on their way are no news; more are. */
static void after_sa_del_the_spi_is_unknown(void **state)
{
	struct net *net = net_new(6);

	net_secure(net, ims_ipsec_suites[0]);
	net->p.host->ops->sa_del(net->p.host, 3);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(net->p.n_dropped, 0);
		assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("late"),
					  0),
				 0);
		net_run(net);
	}
	assert_int_equal(net->p.n, 0);
	assert_int_equal(net->p.n_dropped, 1);
	assert_int_equal(net->p.dropped[0], -IMS_E_ESP_SPI);
	net_free(net);
}

static void the_packets_of_each_sa_are_counted(void **state)
{
	struct net *net = net_new(6);
	struct ims_ipsec_count n[IMS_N_ARROWS];

	net_secure(net, ims_ipsec_suites[0]);
	assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("1"), 0), 0);
	assert_int_equal(net_send(&net->ue, up(net, 7), IMS_S("2"), 0), 0);
	assert_int_equal(net_send(&net->p, down(net, 3), IMS_S("3"), 0), 0);
	net_run(net);
	assert_int_equal(net->p.host->ops->sa_count(net->p.host, 3, n), 0);
	assert_int_equal(n[IMS_UC_TO_PS].packets, 2);
	assert_int_equal(n[IMS_PC_TO_US].packets, 1);
	assert_int_equal(n[IMS_PS_TO_UC].packets, 0);
	assert_int_equal(net->p.host->ops->sa_count(net->p.host, 9, n),
			 -IMS_E_NOTFOUND);
	net_free(net);
}

static void a_set_goes_when_its_life_is_over(void **state)
{
	struct net *net = net_new(6);
	const struct ims_host_ops *ops = net->ue.host->ops;
	struct ims_ipsec_count n[IMS_N_ARROWS];

	net_secure(net, ims_ipsec_suites[0]);
	assert_true(ims_wire_ends(net->wire) == IMS_NEVER);
	ops->sa_life(net->ue.host, 7, 60);
	ops->sa_life(net->ue.host, 7, 100);
	ops->sa_life(net->ue.host, 99, 10); /* there is none */
	ops->sa_life(net->p.host, 3, 200);
	assert_true(ims_wire_ends(net->wire) == 1000 + 100000);
	assert_false(ims_wire_step(net->wire, 1000 + 99999));
	assert_int_equal(net->ue.n_gone, 0);
	assert_int_equal(ops->sa_count(net->ue.host, 7, n), 0);
	assert_false(ims_wire_step(net->wire, 1000 + 100000));
	assert_int_equal(net->ue.n_gone, 1);
	assert_int_equal(net->ue.gone, 7);
	assert_int_equal(ops->sa_count(net->ue.host, 7, n), -IMS_E_NOTFOUND);
	assert_true(net_send(&net->ue, up(net, 7), IMS_S("x"), 0) < 0);
	ops->sa_del(net->ue.host, 7); /* as its owner does */
	/* what is removed in time does not go by itself */
	ops->sa_del(net->p.host, 3);
	assert_true(ims_wire_ends(net->wire) == IMS_NEVER);
	assert_int_equal(net->p.n_gone, 0);
	net_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_in_the_clear_arrives),
		cmocka_unit_test(a_set_goes_when_its_life_is_over),
		cmocka_unit_test(udp_passes_every_suite_and_family),
		cmocka_unit_test(a_big_datagram_passes),
		cmocka_unit_test(a_datagram_too_big_for_ip_is_refused),
		cmocka_unit_test(
			clear_text_to_a_protected_port_is_dropped_and_told),
		cmocka_unit_test(clear_text_to_a_port_of_nobody_is_ignored),
		cmocka_unit_test(a_udp_length_that_lies_is_ignored),
		cmocka_unit_test(a_replayed_esp_packet_is_dropped_and_told),
		cmocka_unit_test(esp_with_a_flipped_bit_is_dropped_and_told),
		cmocka_unit_test(esp_cut_short_is_dropped_and_told),
		cmocka_unit_test(a_port_of_the_other_kind_is_refused),
		cmocka_unit_test(a_port_lives_until_its_last_user_leaves),
		cmocka_unit_test(
			a_set_brings_the_ports_of_the_ue_and_takes_them),
		cmocka_unit_test(a_set_that_cannot_have_its_ports_is_not_added),
		cmocka_unit_test(a_set_is_added_once),
		cmocka_unit_test(nothing_leaves_a_protected_port_in_the_clear),
		cmocka_unit_test(a_flow_that_its_set_does_not_cover_is_refused),
		cmocka_unit_test(a_foreign_source_address_is_refused),
		cmocka_unit_test(after_sa_del_the_spi_is_unknown),
		cmocka_unit_test(the_packets_of_each_sa_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
