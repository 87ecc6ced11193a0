/* SPDX-License-Identifier: BSD-2-Clause */
/* test_txn_reply.c - where a response goes. */
#include "txn_test.h"

static struct ims_flow reply(enum ims_transport transport, const char *via)
{
	struct ims_flow f = flow(transport);
	struct ims_sip_msg m;
	char mem[1000];

	f.remote.port = 40000;
	assert_int_equal(ims_sip_msg_parse(request(mem, sizeof mem, via,
						   "REGISTER"),
					   &m, NULL),
			 0);
	return ims_txn_reply_flow(&f, &m);
}

static void udp_answers_go_to_sent_by_port_or_rport(void **state)
{
	static const struct {
		const char *via;
		uint16_t port;
	} row[] = {
		{"SIP/2.0/UDP 10.0.0.2:5070;branch=z9hG4bK1", 5070},
		{"SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1", 5060},
		{"SIP/2.0/UDP 10.0.0.2:5070;rport;branch=z9hG4bK1", 40000},
		{"SIP/2.0/UDP 10.0.0.2:5070;branch=z9hG4bK1;rport=1", 40000},
	};

	for (size_t i = 0; i < N_OF(row); i++)
		assert_int_equal(reply(IMS_UDP, row[i].via).remote.port,
				 row[i].port);
}

static void answers_never_go_to_a_third_party(void **state)
{
	static const char *const via[] = {
		"SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1",
		"SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1",
		"SIP/2.0/UDP h;received=192.0.2.9;branch=z9hG4bK1",
		"SIP/2.0/UDP h;maddr=224.0.0.1;branch=z9hG4bK1",
	};

	for (size_t i = 0; i < N_OF(via); i++)
		assert_true(ims_ip_eq(reply(IMS_UDP, via[i]).remote.ip,
				      at("10.0.0.2:1").ip));
}

static void tcp_answers_stay_on_their_connection(void **state)
{
	struct ims_flow f = reply(IMS_TCP, "SIP/2.0/TCP h:1;branch=z9hG4bK1");

	assert_int_equal(f.conn, 1);
	assert_int_equal(f.remote.port, 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_answers_go_to_sent_by_port_or_rport),
		cmocka_unit_test(answers_never_go_to_a_third_party),
		cmocka_unit_test(tcp_answers_stay_on_their_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
