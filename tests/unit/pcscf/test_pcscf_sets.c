/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_sets.c - the life of SA sets: temporary, new, in use, old. */
#include "base_fsm.h"
#include "pcscf_test.h"

#define GONE 6

static void the_table_is_sound_and_as_reviewed(void **state)
{
	char mem[16384];
	struct ims_buf b;
	size_t n = 0;
	char *golden = test_read("IMS_TEST_DATA", "../fsm/pcscf-set.txt", &n);

	assert_string_equal(ims_pcscf_set_fsm.states[GONE], "gone");
	assert_null(ims_fsm_lint(&ims_pcscf_set_fsm, 1u << GONE));
	ims_buf_init(&b, mem, sizeof mem);
	ims_fsm_print(&ims_pcscf_set_fsm, &b);
	assert_non_null(golden);
	assert_string_equal(ims_buf_cstr(&b), golden);
	free(golden);
}

static void a_new_set_has_another_port_pc_and_other_spis(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b = *reauth(&a, 1, false);

	assert_int_equal(a.sa[IMS_PC_TO_US].src.port, 50717);
	assert_int_equal(b.sa[IMS_PC_TO_US].src.port, 50719);
	assert_int_equal(b.sa[IMS_UC_TO_PS].dst.port, 50718);
	assert_int_not_equal(a.sa[IMS_UC_TO_PS].spi, b.sa[IMS_UC_TO_PS].spi);
	assert_int_not_equal(a.sa[IMS_US_TO_PC].spi, b.sa[IMS_US_TO_PC].spi);
	assert_int_equal(n_deleted, 0);
	assert_int_equal(ims_pcscf_sets(p), 2);
}

static void the_new_set_is_in_use_once_the_ue_speaks_on_it(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b = *reauth(&a, 1, true);

	assert_int_equal(notified_on(), a.id);
	speak_on(&a); /* no change */
	assert_int_equal(notified_on(), a.id);
	speak_on(&b);
	assert_int_equal(notified_on(), b.id);
	speak_on(&a); /* it may, for 64*T1 */
	assert_int_equal(notified_on(), b.id);
	assert_int_equal(n_deleted, 0);
	pass(127 * 1000);
	assert_int_equal(n_deleted, 0);
	pass(160 * 1000); /* and until its transactions are over */
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], a.id);
	assert_int_equal(notified_on(), b.id);
}

static void the_response_that_comes_again_takes_nothing_into_use(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b;
	struct ims_flow f;
	char msg[12000], client[400];
	size_t n;

	b = *reauth(&a, 1, false);
	register2(msg);
	set_line(msg, "CSeq", "4 REGISTER");
	snprintf(client, sizeof client, SEC_LINE, 1002, 1003, 38004, 39003);
	set_line(msg, "Security-Client", client);
	f = inside(&b, IMS_UDP);
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	n = n_gm;
	feed(&f, msg); /* it has not had the 200 */
	assert_int_equal(n_gm, n + 1);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(last_gm()->flow.set, b.id);
	assert_int_equal(notified_on(), a.id);
}

/* The core takes its time, and the UE takes a new set into use meanwhile. */
static uint32_t answered_on(enum ims_transport t, unsigned status)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b;
	struct ims_flow f = inside(&a, t);
	struct seen *asked;
	char msg[12000];

	subscribe(msg);
	feed(&f, msg);
	asked = last_mw();
	b = *reauth(&a, 1, true);
	speak_on(&b);
	if (status)
		core_answers(asked, status, "");
	else
		pass(33 * 1000);
	assert_int_equal(last_gm()->m.status, status ? status : 408);
	assert_int_equal(last_gm()->m.method, IMS_SIP_SUBSCRIBE);
	return last_gm()->flow.set == a.id ? 1 : 2;
}

static void a_udp_answer_goes_over_the_set_in_use_by_then(void **state)
{
	assert_int_equal(answered_on(IMS_UDP, 200), 2);
	restart();
	assert_int_equal(answered_on(IMS_UDP, 0), 2);
	restart();
	assert_int_equal(answered_on(IMS_TCP, 200), 1);
}

static void what_came_over_a_replaced_set_is_answered_over_its_successor(
	void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b;
	struct ims_flow f = inside(&a, IMS_UDP);
	char msg[12000];

	b = *reauth(&a, 1, true);
	speak_on(&b);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Max-Forwards", "0");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 483);
	assert_int_equal(last_gm()->flow.set, b.id);
}

/* The UE takes the new set into use first [24.229 5.1.1.5.1]. */
static void the_ue_may_answer_over_its_new_set(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b, c;
	struct ims_flow f;
	struct seen *asked;

	b = *reauth(&a, 1, true);
	assert_int_equal(notified_on(), a.id);
	asked = last_gm();
	f = inside(&b, IMS_UDP);
	ue_answers(&f, asked, 200, "");
	assert_int_equal(last_mw()->m.status, 200);
	assert_int_equal(last_mw()->m.method, IMS_SIP_NOTIFY);
	/* but not over one that is not proven */
	c = *reauth(&b, 2, false);
	assert_int_equal(notified_on(), b.id);
	asked = last_gm();
	f = inside(&c, IMS_UDP);
	ue_answers(&f, asked, 200, "");
	assert_int_equal(last_mw()->m.status, 0);
	f = inside(&b, IMS_UDP);
	ue_answers(&f, asked, 200, "");
	assert_int_equal(last_mw()->m.status, 200);
}

static void before_the_old_set_ends_the_new_one_takes_over(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b;

	pass(400 * 1000);
	b = *reauth(&a, 1, true);
	/* a ends at 630 s, so 64*T1 before it is 502 s */
	pass(101 * 1000);
	assert_int_equal(notified_on(), a.id);
	pass(2 * 1000);
	assert_int_equal(notified_on(), b.id);
	assert_int_equal(n_deleted, 0);
	pass(200 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], a.id);
}

static void a_replaced_set_gives_its_port_to_a_third(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b, c;

	b = *reauth(&a, 1, true);
	speak_on(&b);
	assert_int_equal(n_deleted, 0);
	c = *reauth(&b, 2, true);
	assert_int_equal(n_added, 3);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], a.id);
	assert_int_equal(c.sa[IMS_PC_TO_US].src.port, 50717);
	speak_on(&c);
	assert_int_equal(notified_on(), c.id);
}

/* It was restarted with what it had before: the newest set is lost to it. */
static void a_set_not_taken_into_use_gives_its_port_away_inside(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b, c;

	b = *reauth(&a, 1, true);
	c = *reauth(&a, 2, true);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], b.id);
	assert_int_equal(c.sa[IMS_PC_TO_US].src.port, 50719);
	assert_int_equal(notified_on(), a.id);
	speak_on(&c);
	assert_int_equal(notified_on(), c.id);
}

static void without_its_successor_a_set_lives_to_its_end(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);

	(void)reauth(&a, 1, true);
	(void)reauth(&a, 2, false); /* and is never proven */
	pass(615 * 1000);
	assert_int_equal(notified_on(), a.id);
}

static void a_third_port_lets_a_third_set_be_made(void **state)
{
	struct ims_ipsec_set a, b, c;

	conf.port_pc[2] = 50721;
	conf.n_port_pc = 3;
	restart();
	a = *go_registered(IMS_UDP);
	b = *reauth(&a, 1, true);
	c = *reauth(&a, 2, true);
	assert_int_equal(n_added, 3);
	/* a, over which it began, stays; b goes at once */
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], b.id);
	assert_int_equal(notified_on(), a.id);
	speak_on(&c);
	assert_int_equal(notified_on(), c.id);
}

/* A set that lives for 630 s, replaced by one that lives as long. */
static void go_replaced(struct ims_ipsec_set *old, struct ims_ipsec_set *in_use)
{
	conf.port_pc[2] = 50721;
	conf.n_port_pc = 3;
	restart();
	*old = *go_registered(IMS_UDP);
	*in_use = *reauth(old, 1, true);
	speak_on(in_use);
	assert_int_equal(notified_on(), in_use->id);
}

static void what_comes_over_a_replaced_set_lengthens_the_one_in_use(
	void **state)
{
	struct ims_ipsec_set a, b;
	struct ims_flow f;
	char msg[12000];

	go_replaced(&a, &b);
	f = inside(&a, IMS_UDP);
	pass(60 * 1000);
	reregister(msg, 7);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "Contact: <sip:001010123456789@[" UE_IP
		     "]:39003>;expires=10000\r\n");
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(notified_on(), b.id);
	assert_int_equal(n_deleted, 0);
	assert_int_equal(life_of, b.id);
	pass(400 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], a.id);
	pass(9000 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(notified_on(), b.id);
}

static void a_challenge_over_a_replaced_set_removes_not_the_one_in_use(
	void **state)
{
	struct ims_ipsec_set a, b, c;

	go_replaced(&a, &b);
	c = *reauth(&a, 2, true);
	/* it is a itself that is of no more use */
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], a.id);
	assert_int_equal(notified_on(), b.id);
	speak_on(&c);
	assert_int_equal(notified_on(), c.id);
	pass(400 * 1000);
	assert_int_equal(n_deleted, 2);
	assert_int_equal(notified_on(), c.id);
}

static void a_replaced_set_takes_no_challenge_from_the_one_in_use(void **state)
{
	struct ims_ipsec_set a, b, c;
	struct ims_flow f;
	char msg[12000];

	go_replaced(&a, &b);
	c = *reauth(&b, 2, false);
	f = inside(&a, IMS_UDP);
	reregister(msg, 7);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 500);
	assert_told(-IMS_E_UNEXPECTED);
	assert_int_equal(n_deleted, 0);
	assert_true(ims_pcscf_owns(p, c.id));
}

static void a_refused_proof_leaves_the_set_in_use(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b = *reauth(&a, 1, false);
	struct ims_flow f = inside(&b, IMS_UDP);
	char msg[12000], client[400];

	register2(msg);
	snprintf(client, sizeof client, SEC_LINE, 1002, 1003, 38004, 39003);
	set_line(msg, "Security-Client", client);
	feed(&f, msg);
	core_answers(last_mw(), 403, "");
	assert_int_equal(last_gm()->m.status, 403);
	assert_int_equal(notified_on(), a.id);
	/* the refused set is no way in */
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 403);
	pass(300 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], b.id);
	speak_on(&a);
}

static void a_set_whose_proof_was_refused_is_never_sent_on(void **state)
{
	struct ims_flow f, core = from_core();
	char msg[12000];

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 403, "");
	notify(msg, "");
	feed(&core, msg);
	assert_int_equal(last_mw()->m.status, 480);
}

static void the_new_set_lives_no_shorter_than_the_one_before(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b;
	struct ims_flow f = inside(&a, IMS_UDP);
	char msg[12000];

	/* a lives for 10030 s, the re-authentication grants 600 s */
	reregister(msg, 7);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "Contact: <sip:001010123456789@[" UE_IP
		     "]:39003>;expires=10000\r\n");
	b = *reauth(&a, 1, true);
	speak_on(&b);
	pass(9000 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], a.id);
	assert_int_equal(notified_on(), b.id);
}

static void a_challenge_inside_without_answer_leaves_the_set_in_use(
	void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b = *reauth(&a, 1, false);

	pass(241 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], b.id);
	speak_on(&a);
}

/* SIP's end, 64*T1 of what is still on its way, the slack. */
#define LIFE(s) ((s) + 128 + 1 + IMS_SA_SLACK_S)

static void the_host_hears_until_when_a_set_lives(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&a, IMS_UDP);
	char msg[12000];

	/* as long as the challenge waits; then as the registration */
	assert_int_equal(a.life_s, LIFE(conf.reg_await_auth_ms / 1000));
	assert_int_equal(life_of, a.id);
	assert_int_equal(life_s, LIFE(630));
	pass(100 * 1000);
	life_of = 0;
	reregister(msg, 1);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "Contact: <sip:001010123456789@[" UE_IP
		     "]:39003>;expires=10000\r\n");
	assert_int_equal(life_of, a.id);
	assert_int_equal(life_s, LIFE(10030));
	/* and when it is to go */
	reregister(msg, 2);
	swap(msg, "expires=600000", "expires=0");
	feed(&f, msg);
	core_answers(last_mw(), 200, "");
	assert_int_equal(life_of, a.id);
	assert_int_equal(life_s, 4 * 128 + 1 + IMS_SA_SLACK_S);
}

static void a_shorter_registration_does_not_shorten_a_life(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_TCP);
	struct ims_flow f = inside(&a, IMS_TCP);
	char msg[12000];

	reregister(msg, 1);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "Contact: <sip:001010123456789@[" UE_IP
		     "]:39003>;expires=60\r\n");
	pass(629 * 1000);
	assert_int_equal(n_deleted, 0);
	pass(2 * 1000);
	assert_int_equal(n_deleted, 1);
}

static void a_dying_set_does_not_live_on_by_being_spoken_to(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&a, IMS_UDP);
	char msg[12000];

	reregister(msg, 1);
	swap(msg, "expires=600000", "expires=0");
	feed(&f, msg);
	core_answers(last_mw(), 200, "");
	for (int i = 0; i < 12 && n_deleted == 0; i++) {
		pass(60 * 1000);
		subscribe(msg);
		set_line(msg, "Security-Verify", NULL);
		feed(&f, msg);
	}
	assert_int_equal(n_deleted, 1);
}

/* Who does not register again is out, however busy he is. */
static void a_set_in_use_does_not_live_on_by_being_spoken_to(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&a, IMS_UDP);
	uint64_t end = now + 630 * 1000;
	char msg[12000];

	while (n_deleted == 0 && now < end + 600 * 1000) {
		pass(60 * 1000);
		subscribe(msg);
		set_line(msg, "Security-Verify", NULL);
		feed(&f, msg);
		if (n_deleted == 0)
			core_answers(last_mw(), 200, "");
	}
	assert_int_equal(n_deleted, 1);
	assert_true(now > end && now <= end + 200 * 1000);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void lose(uint32_t set)
{
	struct ims_ev ev = {.kind = IMS_EV_SA_GONE, .set = set};

	ims_pcscf_event(p, &ev, now);
	perform();
}

static void a_set_that_the_back_end_lost_is_dropped_and_told(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b = *reauth(&a, 1, true);

	lose(4711); /* not ours */
	assert_int_equal(n_deleted, 0);
	lose(a.id);
	assert_told(-IMS_E_IPSEC);
	assert_int_equal(deleted[0], a.id);
	assert_int_equal(ims_pcscf_sets(p), 1);
	assert_int_equal(notified_on(), b.id);
	lose(b.id);
	assert_int_equal(ims_pcscf_sets(p), 0);
	/* nothing is left to reach it by: it has to come again */
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(record()->n, 0);
}

static void a_challenge_whose_sas_were_lost_is_over(void **state)
{
	go_challenged(IMS_UDP);
	lose(last_added()->id);
	assert_int_equal(ims_pcscf_sets(p), 0);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(n_deleted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_table_is_sound_and_as_reviewed),
		T(a_set_that_the_back_end_lost_is_dropped_and_told),
		T(a_challenge_whose_sas_were_lost_is_over),
		T(a_new_set_has_another_port_pc_and_other_spis),
		T(the_new_set_is_in_use_once_the_ue_speaks_on_it),
		T(the_response_that_comes_again_takes_nothing_into_use),
		T(a_udp_answer_goes_over_the_set_in_use_by_then),
		T(what_came_over_a_replaced_set_is_answered_over_its_successor),
		T(the_ue_may_answer_over_its_new_set),
		T(before_the_old_set_ends_the_new_one_takes_over),
		T(a_replaced_set_gives_its_port_to_a_third),
		T(a_set_not_taken_into_use_gives_its_port_away_inside),
		T(without_its_successor_a_set_lives_to_its_end),
		T(a_third_port_lets_a_third_set_be_made),
		T(what_comes_over_a_replaced_set_lengthens_the_one_in_use),
		T(a_challenge_over_a_replaced_set_removes_not_the_one_in_use),
		T(a_replaced_set_takes_no_challenge_from_the_one_in_use),
		T(a_refused_proof_leaves_the_set_in_use),
		T(a_set_whose_proof_was_refused_is_never_sent_on),
		T(the_new_set_lives_no_shorter_than_the_one_before),
		T(a_challenge_inside_without_answer_leaves_the_set_in_use),
		T(the_host_hears_until_when_a_set_lives),
		T(a_shorter_registration_does_not_shorten_a_life),
		T(a_dying_set_does_not_live_on_by_being_spoken_to),
		T(a_set_in_use_does_not_live_on_by_being_spoken_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
