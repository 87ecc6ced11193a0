/* SPDX-License-Identifier: BSD-2-Clause */
/* test_txn_client.c - the non-INVITE client transaction. */
#include "txn_test.h"

static void the_table_is_sound_and_as_reviewed(void **state)
{
	assert_null(ims_fsm_lint(&ims_txn_client_fsm, 1u << 3));
	same_as_golden(&ims_txn_client_fsm, "../fsm/txn-client.txt");
}

static void udp_repeats_at_the_times_of_ims_and_gives_up_at_128_s(void **state)
{
	static const uint64_t want[] = {0,  2,  6,  14,  30, 46,
					62, 78, 94, 110, 126};
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit;
	uint64_t now = 0;
	size_t n = 0;

	assert_true(send_request(&f, VIA, 77, 0) > 0);
	for (;;) {
		if (sends(NULL))
			assert_int_equal(now, want[n++] * 1000);
		now = ims_txns_due(&txns);
		if (ims_txns_tick(&txns, now, &hit))
			break;
	}
	assert_int_equal(n, N_OF(want));
	assert_int_equal(now, 128000);
	assert_int_equal(hit.ref, 77);
	assert_int_equal(sends(NULL), 0);
	assert_int_equal(ims_txns_due(&txns), IMS_NEVER);
	assert_int_equal(recv_status(&f, 200, now).kind, IMS_TXN_STRAY);
}

static void the_core_is_faster(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit;
	uint64_t now = 0;
	int n = 0;

	f.side = IMS_MW;
	send_request(&f, VIA, 0, 0);
	do {
		n += sends(NULL);
		now = ims_txns_due(&txns);
	} while (!ims_txns_tick(&txns, now, &hit));
	assert_int_equal(n, 11);
	assert_int_equal(now, 32000);
}

static void tcp_never_repeats_but_times_out(void **state)
{
	struct ims_flow f = flow(IMS_TCP);
	struct ims_txn_hit hit;

	send_request(&f, VIA, 5, 0);
	assert_int_equal(sends(NULL), 1);
	assert_int_equal(ims_txns_due(&txns), 128000);
	assert_false(ims_txns_tick(&txns, 127999, &hit));
	assert_true(ims_txns_tick(&txns, 128000, &hit));
	assert_int_equal(hit.ref, 5);
	assert_int_equal(sends(NULL), 0);
}

static void an_answer_ends_the_repeating_and_repeats_of_it_are_absorbed(
	void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit;
	int id = send_request(&f, VIA, 7, 0);

	hit = recv_status(&f, 401, 100);
	assert_int_equal(hit.kind, IMS_TXN_ANSWER);
	assert_int_equal(hit.id, id);
	assert_int_equal(hit.ref, 7);
	assert_int_equal(sends(NULL), 1);
	assert_int_equal(recv_status(&f, 401, 200).kind, IMS_TXN_STRAY);
	assert_int_equal(recv_status(&f, 100, 300).kind, IMS_TXN_STRAY);
	/* K is T4 */
	assert_int_equal(ims_txns_due(&txns), 100 + 17000);
	assert_false(ims_txns_tick(&txns, 17100, &hit));
	assert_int_equal(sends(NULL), 0);
	assert_int_equal(ims_txns_due(&txns), IMS_NEVER);
	/* the branch is free again */
	assert_true(send_request(&f, VIA, 7, 20000) > 0);
}

static void on_tcp_the_answer_is_the_end(void **state)
{
	struct ims_flow f = flow(IMS_TCP);

	send_request(&f, VIA, 7, 0);
	assert_int_equal(recv_status(&f, 200, 1).kind, IMS_TXN_ANSWER);
	assert_int_equal(ims_txns_due(&txns), IMS_NEVER);
	assert_int_equal(recv_status(&f, 200, 2).kind, IMS_TXN_STRAY);
}

static void after_a_1xx_it_repeats_every_t2(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit;

	send_request(&f, VIA, 7, 0);
	assert_int_equal(recv_status(&f, 100, 500).kind, IMS_TXN_ANSWER);
	assert_int_equal(ims_txns_due(&txns), 2000);
	assert_false(ims_txns_tick(&txns, 2000, &hit));
	assert_int_equal(ims_txns_due(&txns), 18000);
	assert_false(ims_txns_tick(&txns, 18000, &hit));
	assert_int_equal(sends(NULL), 3);
	assert_int_equal(recv_status(&f, 183, 18001).kind, IMS_TXN_ANSWER);
	assert_true(ims_txns_tick(&txns, 128000, &hit));
}

static void what_cannot_be_sent_fails_at_once(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit;
	int id = send_request(&f, VIA, 9, 0);
	struct ims_ev ev = {.kind = IMS_EV_UNSENT,
			    .ref = (uint32_t)id,
			    .err = -IMS_E_SYS};

	assert_true(ims_txns_unsent(&txns, &ev, 1, &hit));
	assert_int_equal(hit.ref, 9);
	assert_int_equal(ims_txns_due(&txns), IMS_NEVER);
	assert_false(ims_txns_unsent(&txns, &ev, 1, &hit));
}

static void a_broken_connection_is_opened_anew_once(void **state)
{
	struct ims_flow f = flow(IMS_TCP);
	struct ims_txn_hit hit;
	struct ims_act a;
	int id = send_request(&f, VIA, 9, 0);
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .ref = (uint32_t)id};

	assert_false(ims_txns_unsent(&txns, &ev, 1, &hit));
	assert_int_equal(sends(&a), 2);
	assert_int_equal(a.flow.conn, 0);
	assert_true(ims_txns_unsent(&txns, &ev, 2, &hit));
	assert_int_equal(hit.ref, 9);
}

/* The host went over one that stood from before: that it is closed says
 * nothing of the peer.
 */
static void a_connection_that_was_closed_meanwhile_is_opened_anew_once(
	void **state)
{
	struct ims_flow f = flow(IMS_TCP);
	struct ims_txn_hit hit;
	struct ims_act a;
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .flow = f};

	f.conn = 0;
	f.set = 3;
	ev.flow.conn = 7;
	ev.ref = (uint32_t)send_request(&f, VIA, 9, 0);
	assert_false(ims_txns_unsent(&txns, &ev, 1, &hit));
	assert_int_equal(sends(&a), 2);
	assert_int_equal(a.flow.conn, 0);
	assert_int_equal(a.flow.set, 3);
	ev.flow.conn = 8;
	assert_true(ims_txns_unsent(&txns, &ev, 2, &hit));
	assert_int_equal(hit.ref, 9);
	assert_int_equal(sends(&a), 0);
}

static void a_connection_that_never_came_about_is_not(void **state)
{
	struct ims_flow f = flow(IMS_TCP);
	struct ims_ev ev = {.kind = IMS_EV_UNSENT};
	struct ims_txn_hit hit;

	f.conn = 0;
	ev.flow = f;
	ev.ref = (uint32_t)send_request(&f, VIA, 9, 0);
	assert_true(ims_txns_unsent(&txns, &ev, 1, &hit));
}

static void unsent_after_the_answer_changes_nothing(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit;
	int id = send_request(&f, VIA, 9, 0);
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .ref = (uint32_t)id};

	recv_status(&f, 200, 1);
	assert_false(ims_txns_unsent(&txns, &ev, 2, &hit));
	assert_int_equal(recv_status(&f, 200, 3).kind, IMS_TXN_STRAY);
}

static void refuses_a_branch_in_use_and_what_is_no_request(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	char mem[1000];

	assert_true(send_request(&f, VIA, 1, 0) > 0);
	assert_int_equal(send_request(&f, VIA, 2, 0), -IMS_E_EXISTS);
	assert_int_equal(send_request(&f, "SIP/2.0/UDP x", 2, 0), -IMS_E_SIP);
	assert_int_equal(
		ims_txns_request(&txns, &f,
				 response(mem, sizeof mem,
					  "SIP/2.0/UDP x;branch=z9hG4bKtwo",
					  "REGISTER", 200),
				 1, 0),
		-IMS_E_SIP);
	assert_int_equal(ims_txns_request(&txns, &f, IMS_S("rubbish"), 1, 0),
			 -IMS_E_SIP);
}

static void a_cancelled_one_is_forgotten(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	int id = send_request(&f, VIA, 1, 0);

	ims_txns_cancel(&txns, (uint32_t)id);
	ims_txns_cancel(&txns, (uint32_t)id);
	assert_int_equal(recv_status(&f, 200, 3).kind, IMS_TXN_STRAY);
	assert_int_equal(ims_txns_due(&txns), IMS_NEVER);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_table_is_sound_and_as_reviewed),
		T(udp_repeats_at_the_times_of_ims_and_gives_up_at_128_s),
		T(the_core_is_faster),
		T(tcp_never_repeats_but_times_out),
		T(an_answer_ends_the_repeating_and_repeats_of_it_are_absorbed),
		T(on_tcp_the_answer_is_the_end),
		T(after_a_1xx_it_repeats_every_t2),
		T(what_cannot_be_sent_fails_at_once),
		T(a_broken_connection_is_opened_anew_once),
		T(a_connection_that_was_closed_meanwhile_is_opened_anew_once),
		T(a_connection_that_never_came_about_is_not),
		T(unsent_after_the_answer_changes_nothing),
		T(refuses_a_branch_in_use_and_what_is_no_request),
		T(a_cancelled_one_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
