/* SPDX-License-Identifier: BSD-2-Clause */
/* test_txn_server.c - the non-INVITE server transaction. */
#include "txn_test.h"

static int respond(uint32_t id, unsigned status, uint64_t now_ms)
{
	char mem[1000];

	return ims_txns_respond(&txns, id,
				response(mem, sizeof mem, VIA, "REGISTER",
					 (int)status),
				status, now_ms);
}

static void the_table_is_sound_and_as_reviewed(void **state)
{
	assert_null(ims_fsm_lint(&ims_txn_server_fsm, 1u << 3));
	same_as_golden(&ims_txn_server_fsm, "../fsm/txn-server.txt");
}

static void a_repeated_request_is_absorbed_then_answered_again(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit = recv_request(&f, VIA, "REGISTER", 0), again;

	assert_int_equal(hit.kind, IMS_TXN_NEW);
	again = recv_request(&f, VIA, "REGISTER", 1);
	assert_int_equal(again.kind, IMS_TXN_AGAIN);
	assert_int_equal(again.id, hit.id);
	assert_int_equal(sends(NULL), 0);

	assert_int_equal(respond(hit.id, 100, 2), 0);
	assert_int_equal(recv_request(&f, VIA, "REGISTER", 3).kind,
			 IMS_TXN_AGAIN);
	assert_int_equal(sends(NULL), 2);

	assert_int_equal(respond(hit.id, 401, 10), 0);
	recv_request(&f, VIA, "REGISTER", 11);
	recv_request(&f, VIA, "REGISTER", 12);
	assert_int_equal(sends(NULL), 3);
	assert_int_equal(respond(hit.id, 200, 13), -IMS_E_NOTFOUND);
	/* J is 64*T1 */
	assert_int_equal(ims_txns_due(&txns), 10 + 128000);
	ims_txns_tick(&txns, 128010, &again);
	assert_int_equal(recv_request(&f, VIA, "REGISTER", 128011).kind,
			 IMS_TXN_NEW);
}

static void on_tcp_the_answer_is_the_end(void **state)
{
	struct ims_flow f = flow(IMS_TCP);
	struct ims_txn_hit hit = recv_request(&f, VIA, "REGISTER", 0);

	assert_int_equal(respond(hit.id, 200, 5), 0);
	assert_int_equal(ims_txns_due(&txns), 5);
	assert_false(ims_txns_tick(&txns, 5, &hit));
	assert_int_equal(ims_txns_due(&txns), IMS_NEVER);
	assert_int_equal(recv_request(&f, VIA, "REGISTER", 6).kind,
			 IMS_TXN_NEW);
}

static void an_answer_goes_back_on_the_connection_else_on_a_new_one(
	void **state)
{
	struct ims_flow f = flow(IMS_TCP);
	struct ims_txn_hit hit = recv_request(&f, VIA, "REGISTER", 0);
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .ref = hit.id};
	struct ims_act a;

	f.remote.port = 40000;
	respond(hit.id, 200, 5);
	assert_int_equal(sends(&a), 1);
	assert_int_equal(a.flow.conn, 1);
	assert_int_equal(a.ref, hit.id);
	assert_false(ims_txns_unsent(&txns, &ev, 5, &hit));
	assert_int_equal(sends(&a), 1);
	assert_int_equal(a.flow.conn, 0);
	assert_int_equal(a.flow.transport, IMS_TCP);
	assert_int_equal(a.flow.remote.port, 5060); /* the Via's */
	assert_int_equal(a.flow.local.port, 0);
	assert_false(ims_txns_unsent(&txns, &ev, 5, &hit));
	assert_int_equal(sends(NULL), 0);
}

static void the_role_says_where_answers_go_inside_a_set(void **state)
{
	struct ims_flow f = flow(IMS_UDP), reply = flow(IMS_UDP);
	struct ims_txn_hit hit;
	struct ims_act a;

	f.set = reply.set = 4;
	reply.local.port = 50717;
	reply.remote.port = 39003;
	hit = recv_request(&f, VIA, "REGISTER", 0);
	ims_txns_reply_on(&txns, hit.id, &reply);
	respond(hit.id, 200, 5);
	assert_int_equal(sends(&a), 1);
	assert_true(ims_flow_same(&a.flow, &reply));
	assert_true(ims_txns_uses_set(&txns, 4));
	assert_false(ims_txns_uses_set(&txns, 5));
	ims_txns_tick(&txns, 128005, &hit);
	assert_false(ims_txns_uses_set(&txns, 4));
}

static void on_tcp_the_role_says_where_to_open_a_connection(void **state)
{
	struct ims_flow f = flow(IMS_TCP), other = flow(IMS_TCP);
	struct ims_txn_hit hit;
	struct ims_act a;
	struct ims_ev ev = {.kind = IMS_EV_UNSENT};

	f.set = other.set = 4;
	other.conn = 0;
	other.remote.port = 39003;
	hit = recv_request(&f, VIA, "REGISTER", 0);
	ims_txns_reply_on(&txns, hit.id, &other);
	respond(hit.id, 200, 5);
	assert_int_equal(sends(&a), 1);
	assert_int_equal(a.flow.conn, 1);
	ev.ref = hit.id;
	ims_txns_unsent(&txns, &ev, 6, &hit);
	assert_int_equal(sends(&a), 1);
	assert_int_equal(a.flow.remote.port, 39003);
}

static void an_unknown_transaction_is_not_answered(void **state)
{
	struct ims_flow f = flow(IMS_UDP);

	assert_int_equal(respond(99, 200, 0), -IMS_E_NOTFOUND);
	ims_txns_reply_on(&txns, 99, &f);
	assert_int_equal(sends(NULL), 0);
	/* nor one of ours as a client */
	assert_int_equal(respond((uint32_t)send_request(&f, VIA, 1, 0), 200, 0),
			 -IMS_E_NOTFOUND);
}

static void a_forgotten_answer_is_not_sent_again(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit = recv_request(&f, VIA, "REGISTER", 0);

	ims_txns_forget(&txns, hit.id); /* nothing to forget yet */
	assert_int_equal(respond(hit.id, 401, 1), 0);
	assert_int_equal(sends(NULL), 1);
	ims_txns_forget(&txns, hit.id);
	ims_txns_forget(&txns, hit.id + 1);
	assert_int_equal(recv_request(&f, VIA, "REGISTER", 2).kind,
			 IMS_TXN_AGAIN);
	assert_int_equal(sends(NULL), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_table_is_sound_and_as_reviewed),
		T(a_repeated_request_is_absorbed_then_answered_again),
		T(on_tcp_the_answer_is_the_end),
		T(an_answer_goes_back_on_the_connection_else_on_a_new_one),
		T(the_role_says_where_answers_go_inside_a_set),
		T(on_tcp_the_role_says_where_to_open_a_connection),
		T(an_unknown_transaction_is_not_answered),
		T(a_forgotten_answer_is_not_sent_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
