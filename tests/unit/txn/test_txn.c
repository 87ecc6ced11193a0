/* SPDX-License-Identifier: BSD-2-Clause */
/* test_txn.c - the table of transactions; client against server. */
#include "txn_priv.h"
#include "txn_test.h"

static void a_response_counts_only_on_the_flow_it_is_expected_on(void **state)
{
	struct ims_flow f = flow(IMS_UDP), bad;

	f.set = 3;
	send_request(&f, VIA, 1, 0);
	bad = f;
	bad.set = 0;
	assert_int_equal(recv_status(&bad, 200, 1).kind, IMS_TXN_STRAY);
	bad.set = 4;
	assert_int_equal(recv_status(&bad, 200, 1).kind, IMS_TXN_STRAY);
	bad = f;
	bad.remote = at("10.0.0.9:5060");
	assert_int_equal(recv_status(&bad, 200, 1).kind, IMS_TXN_STRAY);
	bad = f;
	bad.side = IMS_MW;
	assert_int_equal(recv_status(&bad, 200, 1).kind, IMS_TXN_STRAY);
	/* other ports of the same peer are how UDP works inside a set */
	f.remote.port = 39003;
	assert_int_equal(recv_status(&f, 200, 1).kind, IMS_TXN_ANSWER);
}

static bool three_and_four(const void *arg, uint32_t asked, uint32_t came)
{
	(void)arg;
	return asked == 3 && came == 4;
}

static void over_udp_the_answer_may_come_over_another_set_of_the_peer(
	void **state)
{
	struct ims_flow f = flow(IMS_UDP), other;

	txns.same_peer = three_and_four;
	f.set = 3;
	send_request(&f, VIA, 1, 0);
	other = f;
	other.set = 5;
	assert_int_equal(recv_status(&other, 200, 1).kind, IMS_TXN_STRAY);
	other.set = 0;
	assert_int_equal(recv_status(&other, 200, 1).kind, IMS_TXN_STRAY);
	other = flow(IMS_TCP);
	other.set = 4;
	assert_int_equal(recv_status(&other, 200, 1).kind, IMS_TXN_STRAY);
	other = f;
	other.set = 4;
	other.remote = at("10.0.0.9:5060");
	assert_int_equal(recv_status(&other, 200, 1).kind, IMS_TXN_STRAY);
	other.remote = f.remote;
	assert_int_equal(recv_status(&other, 200, 1).kind, IMS_TXN_ANSWER);
}

static void an_ack_is_a_stray(void **state)
{
	struct ims_flow f = flow(IMS_UDP);

	assert_int_equal(recv_request(&f, VIA, "INVITE", 0).kind, IMS_TXN_NEW);
	assert_int_equal(recv_request(&f, VIA, "ACK", 0).kind, IMS_TXN_STRAY);
}

static void no_more_than_the_limit_are_taken(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	char via[100];

	f.set = 1;
	txns.max = 10;
	for (int i = 0; i < 12; i++) {
		snprintf(via, sizeof via, "SIP/2.0/UDP h;branch=z9hG4bK%d", i);
		assert_int_equal(recv_request(&f, via, "REGISTER", 0).kind,
				 i < 10 ? IMS_TXN_NEW : IMS_TXN_FULL);
	}
	assert_int_equal(send_request(&f, VIA, 0, 0), -IMS_E_NOMEM);
	/* those that are in are still served */
	assert_int_equal(recv_request(&f, "SIP/2.0/UDP h;branch=z9hG4bK3",
				      "REGISTER", 0)
				 .kind,
			 IMS_TXN_AGAIN);
}

static struct ims_txn_hit ask(const struct ims_flow *f, int n)
{
	char via[100];

	snprintf(via, sizeof via, "SIP/2.0/UDP h;branch=z9hG4bK%d", n);
	return recv_request(f, via, "REGISTER", 0);
}

static void those_in_the_clear_leave_room_for_the_others(void **state)
{
	struct ims_flow f = flow(IMS_UDP), in = flow(IMS_UDP);
	struct ims_txn_hit hit;

	in.set = 1;
	txns.max = 40;
	for (int i = 0; i < 10; i++)
		assert_int_equal(ask(&f, i).kind, IMS_TXN_NEW);
	/* none of them is answered */
	assert_int_equal(ask(&f, 10).kind, IMS_TXN_FULL);
	for (int i = 0; i < 29; i++)
		assert_int_equal(ask(&in, i).kind, IMS_TXN_NEW);
	assert_true(send_request(&in, VIA, 0, 0) > 0);
	/* the oldest gives way when it is */
	hit = ask(&f, 0);
	assert_int_equal(hit.kind, IMS_TXN_AGAIN);
	assert_int_equal(ims_txns_respond(&txns, hit.id, IMS_S("x"), 403, 0),
			 0);
	hit = ask(&f, 0);
	assert_int_equal(hit.kind, IMS_TXN_AGAIN);
	assert_int_equal(ask(&f, 10).kind, IMS_TXN_NEW);
	assert_int_equal(ask(&f, 0).kind, IMS_TXN_FULL);
	assert_int_equal(txns.n_clear, 10);
	ims_txns_cancel(&txns, hit.id);
	while (txns.by_id.n) {
		struct ims_map_node *n = ims_map_each(&txns.by_id, NULL);

		ims_txn_end(&txns, ims_container(n, struct ims_txn, id_node));
	}
	assert_int_equal(txns.n_clear, 0);
}

static void a_long_answer_in_the_clear_is_not_remembered(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit = ask(&f, 1);
	static char text[5000];
	struct ims_act act;

	assert_int_equal(ims_txns_respond(&txns, hit.id,
					  ims_str_n(text, sizeof text), 400, 0),
			 0);
	assert_int_equal(sends(&act), 1);
	assert_int_equal(act.bytes.n, sizeof text);
	assert_int_equal(txns.by_id.n, 0);
	f.set = 1;
	hit = ask(&f, 1);
	assert_int_equal(ims_txns_respond(&txns, hit.id,
					  ims_str_n(text, sizeof text), 400, 0),
			 0);
	assert_int_equal(txns.by_id.n, 1);
}

static void ended_transactions_are_used_again_and_wiped(void **state)
{
	struct ims_flow f = flow(IMS_TCP);
	struct ims_txn_hit hit;
	struct ims_txn *x;
	void *first = NULL;

	for (int i = 0; i < 100; i++) {
		send_request(&f, VIA, 1, 0);
		assert_int_equal(recv_status(&f, 200, 0).kind, IMS_TXN_ANSWER);
		if (i == 0)
			first = txns.pool;
		assert_ptr_equal(txns.pool, first);
	}
	x = txns.pool;
	assert_null(memmem(x->mem, x->cap, "Call-ID", 7));
	assert_null(memmem(x->mem, x->cap, "z9hG4bK", 7));
	assert_int_equal(txns.by_id.n, 0);
	assert_false(ims_txns_tick(&txns, 0, &hit));
}

static void ids_go_round_without_meeting_a_living_one(void **state)
{
	struct ims_flow f = flow(IMS_UDP);
	uint32_t a, b;

	a = recv_request(&f, "SIP/2.0/UDP h;branch=z9hG4bK1", "A", 0).id;
	assert_int_equal(a, 1);
	txns.last_id = INT32_MAX - 1;
	b = recv_request(&f, "SIP/2.0/UDP h;branch=z9hG4bK2", "A", 0).id;
	assert_int_equal(b, INT32_MAX);
	b = recv_request(&f, "SIP/2.0/UDP h;branch=z9hG4bK3", "A", 0).id;
	assert_int_equal(b, 2);
}

static void unsent_of_a_stranger_is_ignored(void **state)
{
	struct ims_txn_hit hit;
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .ref = 4711};

	assert_false(ims_txns_unsent(&txns, &ev, 0, &hit));
	ev.ref = 0;
	assert_false(ims_txns_unsent(&txns, &ev, 0, &hit));
}

/* A wire between two tables that loses and doubles. */
struct host {
	struct ims_acts acts;
	struct ims_txns txns;
};

static uint64_t seed;

static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

struct count {
	int news, answers, timeouts;
};

static void arrive(struct host *h, const struct ims_act *a, uint64_t now,
		   struct count *c)
{
	struct ims_flow f = a->flow;
	struct ims_sip_msg m;
	struct ims_txn_hit hit;
	char mem[1000];

	f.local = a->flow.remote;
	f.remote = a->flow.local;
	assert_int_equal(ims_sip_msg_parse(a->bytes, &m, NULL), 0);
	hit = ims_txns_recv(&h->txns, &f, &m, now);
	if (hit.kind == IMS_TXN_ANSWER)
		c->answers++;
	if (hit.kind != IMS_TXN_NEW)
		return;
	c->news++;
	assert_int_equal(ims_txns_respond(&h->txns, hit.id,
					  response(mem, sizeof mem, VIA,
						   "REGISTER", 200),
					  200, now),
			 0);
}

static void carry(struct host *from, struct host *to, uint64_t now,
		  unsigned loss, struct count *c)
{
	struct ims_act a;

	while (ims_acts_next(&from->acts, &a)) {
		if (dice(100) < loss)
			continue;
		arrive(to, &a, now, c);
		if (dice(4) == 0)
			arrive(to, &a, now, c);
	}
}

static void one_try(unsigned loss, struct count *c)
{
	struct host ue = {0}, core = {0};
	struct ims_flow f = flow(IMS_UDP);
	struct ims_txn_hit hit;
	uint64_t now = 0;
	char mem[1000];

	ims_acts_init(&ue.acts);
	ims_acts_init(&core.acts);
	assert_int_equal(ims_txns_init(&ue.txns, &ue.acts, 1, NULL), 0);
	assert_int_equal(ims_txns_init(&core.txns, &core.acts, 2, NULL), 0);
	ims_txns_request(&ue.txns, &f,
			 request(mem, sizeof mem, VIA, "REGISTER"), 0, now);
	while (now != IMS_NEVER) {
		uint64_t a, b;

		carry(&ue, &core, now, loss, c);
		carry(&core, &ue, now, loss, c);
		a = ims_txns_due(&ue.txns);
		b = ims_txns_due(&core.txns);
		now = a < b ? a : b;
		while (now != IMS_NEVER && ims_txns_tick(&ue.txns, now, &hit))
			c->timeouts++;
		if (now != IMS_NEVER)
			assert_false(ims_txns_tick(&core.txns, now, &hit));
	}
	ims_txns_free(&ue.txns);
	ims_txns_free(&core.txns);
	ims_acts_free(&ue.acts);
	ims_acts_free(&core.acts);
}

static void loss_and_doubling_never_make_two_of_one(void **state)
{
	seed = 42;
	for (unsigned loss = 0; loss <= 100; loss += 10)
		for (int i = 0; i < 200; i++) {
			struct count c = {0};

			one_try(loss, &c);
			assert_true(c.news <= 1);
			assert_int_equal(c.answers + c.timeouts, 1);
			if (loss == 0)
				assert_int_equal(c.answers, 1);
			if (loss == 100)
				assert_int_equal(c.timeouts, 1);
		}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_response_counts_only_on_the_flow_it_is_expected_on),
		T(over_udp_the_answer_may_come_over_another_set_of_the_peer),
		T(an_ack_is_a_stray),
		T(no_more_than_the_limit_are_taken),
		T(those_in_the_clear_leave_room_for_the_others),
		T(a_long_answer_in_the_clear_is_not_remembered),
		T(ended_transactions_are_used_again_and_wiped),
		T(ids_go_round_without_meeting_a_living_one),
		T(unsent_of_a_stranger_is_ignored),
		T(loss_and_doubling_never_make_two_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
