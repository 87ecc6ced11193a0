/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue.c - the object: its answers for status, its timers, and a monkey
 * that plays the network.
 */
#include "ue_script.h"

static void a_new_ue_is_idle_and_waits_for_nothing(void **state)
{
	struct script s;
	struct ims_act a;

	script_new(&s, NULL);
	script_state(&s, "idle");
	assert_int_equal(ims_ue_due(s.ue), IMS_NEVER);
	assert_int_equal(ims_ue_set(s.ue), 0);
	assert_int_equal(ims_ue_expires_s(s.ue, s.now), 0);
	assert_false(ims_ue_next(s.ue, &a));
	script_free(&s);
	ims_ue_free(NULL);
}

static void the_whole_way_there_and_back(void **state)
{
	struct script s;

	script_new(&s, NULL);
	script_register(&s, 600000);
	assert_int_equal(ims_ue_set(s.ue), 565818);
	assert_int_equal(ims_ue_expires_s(s.ue, s.now + 5000), 599995);
	script_subscribe(&s);
	script_stop(&s);
	assert_int_equal(ims_ue_expires_s(s.ue, s.now), 0);
	script_reply(&s, 200, "");
	script_wait(&s, 5000);
	script_state(&s, "idle");
	assert_int_equal(ims_ue_set(s.ue), 0);
	/* And once more. */
	script_register(&s, 600000);
	script_free(&s);
}

static void stop_without_a_registration_is_answered(void **state)
{
	struct script s;

	script_new(&s, NULL);
	script_stop(&s);
	assert_true(script_heard(&s, IMS_TELL_DEREGISTERED, 0, ""));
	script_free(&s);
}

static void stray_events_change_nothing(void **state)
{
	static const struct ims_card_answer ok = {.verdict = IMS_CARD_OK};
	struct script s;

	script_new(&s, NULL);
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_SIM, .answer = &ok});
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_SIM});
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_SA, .set = 7});
	script_on(&s,
		  &(struct ims_ev){.kind = IMS_EV_SA, .err = -IMS_E_NO_ESP});
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_UNSENT, .ref = 9});
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_CX});
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_TICK});
	script_state(&s, "idle");
	assert_int_equal(s.n_sent, 0);
	script_free(&s);
}

/* What the host would hold: every set is added once and goes once. */
struct books {
	uint32_t set[16];
	size_t n, most;
};

static void book(struct books *b, const struct ims_act *a)
{
	size_t i = 0;
	uint32_t id = a->kind == IMS_ACT_SA_ADD ? a->add->id : a->set;

	while (i < b->n && b->set[i] != id)
		i++;
	if (a->kind == IMS_ACT_SA_ADD) {
		assert_true(i == b->n && b->n < N_OF(b->set));
		b->set[b->n++] = id;
		if (b->n > b->most)
			b->most = b->n;
	} else if (a->kind == IMS_ACT_SA_DEL) {
		assert_true(i < b->n);
		b->set[i] = b->set[--b->n];
	}
}

struct monkey {
	struct script s;
	struct books books;
	bool sim, add; /* asked for, not answered yet */
	uint8_t rnd[16], autn[16];
	uint64_t sqn;
	unsigned cseq;
};

static void take(struct monkey *m)
{
	struct ims_act a;

	while (ims_ue_next(m->s.ue, &a)) {
		book(&m->books, &a);
		if (a.kind == IMS_ACT_SEND)
			script_sent(&m->s, &a);
		if (a.kind == IMS_ACT_KEEP)
			script_kept(&m->s, &a);
		if (a.kind == IMS_ACT_SIM) {
			m->sim = true;
			memcpy(m->rnd, a.rand, 16);
			memcpy(m->autn, a.autn, 16);
		}
		if (a.kind == IMS_ACT_SA_ADD) {
			m->add = true;
			m->s.set = *a.add;
		}
	}
}

/* Every state that waits has a time at which it ends; one event makes no storm
 * of messages.
 */
static void feed(struct monkey *m, const struct ims_ev *ev)
{
	m->s.n_sent = 0;
	ims_ue_event(m->s.ue, ev, m->s.now);
	take(m);
	assert_true(m->s.n_sent < 5);
	if (m->s.ue->reg != UE_IDLE)
		assert_true(ims_ue_due(m->s.ue) != IMS_NEVER);
}

static void answer_sim(struct monkey *m, uint32_t dice)
{
	struct ims_card_answer a = {.verdict =
					    (enum ims_card_verdict)(dice % 4)};

	if (dice % 8 > 3)
		ims_card_challenge(&m->s.card, m->rnd, m->autn, &a);
	m->sim = false;
	feed(m, &(struct ims_ev){.kind = IMS_EV_SIM, .answer = &a});
}

static void answer_sa(struct monkey *m, uint32_t dice)
{
	int err = dice % 5 == 0 ? -IMS_E_NO_ESP : 0;

	m->add = false;
	/* What the host refuses it does not hold. */
	for (size_t i = 0; err && i < m->books.n; i++)
		if (m->books.set[i] == m->s.set.id)
			m->books.set[i] = m->books.set[--m->books.n];
	feed(m, &(struct ims_ev){.kind = IMS_EV_SA,
				 .set = m->s.set.id,
				 .err = err});
}

static void answer_request(struct monkey *m, uint32_t dice)
{
	static const unsigned status[] = {200, 200, 200, 401, 401, 401, 403,
					  423, 494, 500, 503, 481, 100, 421};
	unsigned st = status[dice % N_OF(status)];
	char more[2048], nonce[64], mem[8192];
	struct sent req = m->s.last;
	struct ims_sip_msg msg;
	struct ims_flow flow = script_back(&m->s, &req.flow);
	struct ims_buf b;

	if (req.n == 0)
		return;
	m->sqn += 32;
	script_nonce(&m->s, dice % 11 ? m->sqn : 1, nonce);
	if (dice % 13 == 0)
		nonce[30] = 'x';
	snprintf(more, sizeof more,
		 OK_CONTACT
		 "Expires: %u\r\nMin-Expires: 9000\r\n"
		 "WWW-Authenticate: Digest realm=\"r\", nonce=\"%s\", "
		 "algorithm=AKAv1-MD5\r\n%s%s",
		 100 + dice % 9000, 100 + dice % 9000, nonce,
		 dice % 7 ? "Security-Server: ipsec-3gpp;alg=hmac-sha-1-96;"
			    "spi-c=70000;spi-s=70001;port-c=50719;"
			    "port-s=50718\r\n"
			  : "",
		 dice % 3 ? "Retry-After: 3\r\n" : "");
	msg = script_parse(&req);
	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &msg, st, IMS_S("peer"), req.flow.local,
			     false);
	ims_buf_puts(&b, more);
	ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
	feed(m, &(struct ims_ev){.kind = IMS_EV_MSG,
				 .flow = flow,
				 .bytes = ims_buf_str(&b)});
}

static void notify(struct monkey *m, uint32_t dice)
{
	static const char *const states[] = {"active;expires=60",
					     "terminated;reason=deactivated",
					     "active", "pending",
					     "terminated;reason=rejected"};
	static const char *const bodies[] = {
		REGINFO("0", "full", ""),
		"",
		"<",
		REGINFO("1", "partial", MY_CONTACT("active", "refreshed", "")),
		REGINFO("9", "full",
			MY_CONTACT("active", "shortened", " expires=\"9\"")),
		REGINFO("10", "full", MY_CONTACT("terminated", "rejected", "")),
		REGINFO("11", "full",
			MY_CONTACT("terminated", "deactivated", "")),
		REGINFO("12", "full",
			MY_CONTACT("terminated", "probation",
				   " retry-after=\"5\"")),
		REGINFO("13", "full",
			MY_CONTACT("active", "shortened", " expires=\"0\""))};
	const char *body = bodies[dice % N_OF(bodies)];
	const struct ue_set *u = &m->s.ue->now;
	struct ims_flow flow = u->id ? u->udp : m->s.last.flow;
	char text[4096];

	flow = script_back(&m->s, &flow);
	snprintf(text, sizeof text,
		 "NOTIFY sip:x SIP/2.0\r\nVia: SIP/2.0/UDP [::1]:5;branch="
		 "z9hG4bKm%u\r\nCall-ID: %s\r\nCSeq: %u NOTIFY\r\n"
		 "To: <sip:a@b>;tag=%s\r\nFrom: <sip:a@b>;tag=peer\r\n"
		 "Event: reg\r\nSubscription-State: %s\r\nContent-Type: "
		 "application/reginfo+xml\r\nContent-Length: %zu\r\n\r\n%s",
		 m->cseq, m->s.ue->sub_call_id, m->cseq, m->s.ue->sub_tag,
		 states[dice / 7 % N_OF(states)], strlen(body), body);
	m->cseq++;
	feed(m, &(struct ims_ev){.kind = IMS_EV_MSG,
				 .flow = flow,
				 .bytes = ims_str(text)});
}

static void let_time_pass(struct monkey *m, uint32_t dice)
{
	uint64_t due = ims_ue_due(m->s.ue);

	if (dice % 2 && due != IMS_NEVER && due > m->s.now)
		m->s.now = due;
	else
		m->s.now += dice % 5000;
	feed(m, &(struct ims_ev){.kind = IMS_EV_TICK});
}

static void lose_a_set(struct monkey *m, uint32_t dice)
{
	uint32_t id;

	if (m->books.n == 0)
		return;
	id = m->books.set[dice % m->books.n];
	feed(m, &(struct ims_ev){.kind = IMS_EV_SA_GONE, .set = id});
}

static void move_away(struct monkey *m, uint32_t dice)
{
	struct ims_ev ev = {.kind = IMS_EV_ADDRESS,
			    .flow.local = m->s.conf.local};

	ev.flow.local.ip.b[15] = (uint8_t)(dice % 3);
	feed(m, &ev);
}

/* The process ends, and another goes on from the record; what that does not
 * own the runner takes away.
 */
static void die(struct monkey *m)
{
	struct ims_ue_conf c = m->s.ue->conf;
	struct ims_rand rnd = ims_rand_seeded(&m->s.random);
	struct ims_flaw why;

	ims_ue_free(m->s.ue);
	m->s.ue = ims_ue_new(&c, &rnd, NULL);
	assert_non_null(m->s.ue);
	m->sim = m->add = false;
	if (m->s.n_record)
		assert_int_equal(ims_ue_restore(m->s.ue,
						ims_str_n(m->s.record,
							  m->s.n_record),
						m->s.now, &why),
				 0);
	for (size_t i = 0; i < m->books.n;)
		if (ims_ue_owns(m->s.ue, m->books.set[i]))
			i++;
		else
			m->books.set[i] = m->books.set[--m->books.n];
	feed(m, &(struct ims_ev){.kind = IMS_EV_START});
}

static void seldom(struct monkey *m, uint32_t dice)
{
	uint32_t what = dice % 5;

	dice /= 5;
	if (what == 0)
		lose_a_set(m, dice);
	else if (what == 1)
		move_away(m, dice);
	else if (what == 2)
		die(m);
	else if (what == 3)
		m->s.now += UINT64_C(1000) * (dice % 1000000);
	else
		feed(m, &(struct ims_ev){.kind = IMS_EV_UNSENT,
					 .ref = m->s.last.ref,
					 .err = -IMS_E_ROUTE});
}

static void one_move(struct monkey *m, uint32_t dice)
{
	uint32_t what = dice % 16;

	dice /= 16;
	if (m->sim && what < 8)
		answer_sim(m, dice);
	else if (m->add && what < 8)
		answer_sa(m, dice);
	else if (what < 7)
		answer_request(m, dice);
	else if (what < 10)
		notify(m, dice);
	else if (what < 13)
		let_time_pass(m, dice);
	else if (what < 14)
		seldom(m, dice);
	else
		feed(m, &(struct ims_ev){.kind = dice % 4 ? IMS_EV_START
							  : IMS_EV_STOP});
	m->s.n_sent = 0;
}

/* Whatever the network does: never more than three sets, each is taken down
 * once, and STOP always leads to the end.
 */
static void a_monkey_for_a_network(void **state)
{
	unsigned seen[UE_DRAINING + 1] = {0};

	for (uint64_t seed = 1; seed <= 600; seed++) {
		struct monkey m = {.sqn = 33, .cseq = 1};
		uint64_t dice_state = seed;
		struct ims_rand dice = ims_rand_seeded(&dice_state);

		script_new(&m.s, NULL);
		m.s.ue->conf.retry = seed % 2;
		m.s.ue->conf.n_pcscf = 1 + seed % 3;
		for (size_t i = 1; i < m.s.ue->conf.n_pcscf; i++)
			m.s.ue->conf.pcscf[i] = m.s.ue->conf.pcscf[0];
		m.s.ue->conf.offer = (enum ims_ue_offer)(seed % 3);
		m.s.ue->conf.transport_register =
			(enum ims_ue_transport)(seed % 3);
		for (int i = 0; i < 300; i++) {
			one_move(&m, ims_rand_below(&dice, 1u << 30));
			seen[m.s.ue->reg]++;
			assert_true(ims_ue_due(m.s.ue) != 0);
		}
		for (int i = 0; i < 3; i++)
			feed(&m, &(struct ims_ev){.kind = IMS_EV_STOP});
		script_state(&m.s, "idle");
		assert_int_equal(m.books.n, 0);
		assert_true(m.books.most <= 3);
		script_free(&m.s);
	}
	for (unsigned i = 0; i <= UE_DRAINING; i++)
		if (!seen[i])
			print_message("the monkey never saw %s\n",
				      ims_ue_reg_fsm.states[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_ue_is_idle_and_waits_for_nothing),
		cmocka_unit_test(the_whole_way_there_and_back),
		cmocka_unit_test(stop_without_a_registration_is_answered),
		cmocka_unit_test(stray_events_change_nothing),
		cmocka_unit_test(a_monkey_for_a_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
