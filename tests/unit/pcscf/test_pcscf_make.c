/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_make.c - SPIs and ports of new sets. */
#include "pcscf_priv.h"
#include "pcscf_test.h"

static char msg[12000];

/* REGISTER 1 and its 401 for a user with these numbers. */
static unsigned offer(const struct ims_flow *f, const char *user,
		      const char *line)
{
	char who[100];

	register1(msg);
	snprintf(who, sizeof who, "username=\"%s", user);
	swap(msg, "username=\"001010123456789", who);
	set_line(msg, "Security-Client", line);
	feed(f, msg);
	if (last_mw()->m.request)
		core_answers(last_mw(), 401, CHALLENGE);
	return last_gm()->m.status;
}

static const char *line(unsigned spi, unsigned uc, unsigned us)
{
	static char text[400];

	snprintf(text, sizeof text, SEC_LINE, spi, spi + 1, uc, us);
	return text;
}

static void our_spis_are_never_the_ues_nor_each_others(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char user[20];

	for (unsigned i = 0; i < 30; i++) {
		struct ims_ipsec_set *s;

		snprintf(user, sizeof user, "u%u", i);
		assert_int_equal(offer(&f, user,
				       line(300, 20000 + 2 * i, 20001 + 2 * i)),
				 401);
		s = last_added();
		for (int a = 0; a < IMS_N_ARROWS; a++)
			assert_true(s->sa[a].spi >= 256);
		for (size_t j = 0; j + 1 < n_added; j++) {
			assert_int_not_equal(s->sa[IMS_UC_TO_PS].spi,
					     added[j].sa[IMS_UC_TO_PS].spi);
			assert_int_not_equal(s->sa[IMS_US_TO_PC].spi,
					     added[j].sa[IMS_US_TO_PC].spi);
			assert_int_not_equal(s->id, added[j].id);
		}
		assert_int_not_equal(s->sa[IMS_UC_TO_PS].spi,
				     s->sa[IMS_US_TO_PC].spi);
	}
}

static bool armed;

/* A source that gives the UE's own SPIs first. */
static int echo(void *arg, void *out, size_t n)
{
	static const uint32_t mine[] = {300, 301};
	static unsigned at_spi;
	uint64_t *seed_state = arg;
	struct ims_rand rnd = ims_rand_seeded(seed_state);

	if (armed && n == 4) {
		memcpy(out, &mine[at_spi++ % 2], 4);
		armed = at_spi % 4 != 0;
		return 0;
	}
	return ims_rand_fill(&rnd, out, n);
}

static void our_spis_are_not_a_mirror_of_the_ues(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	struct ims_rand rnd = {.fill = echo, .arg = &rand_state};
	struct ims_ipsec_set *s;

	ims_pcscf_free(p);
	p = ims_pcscf_new(&conf, &rnd, NULL);
	armed = true;
	assert_int_equal(offer(&f, "a", line(300, 20000, 20001)), 401);
	s = last_added();
	assert_true(s->sa[IMS_UC_TO_PS].spi > 301);
	assert_true(s->sa[IMS_US_TO_PC].spi > 301);
}

static void keys_are_forgotten_once_they_are_queued(void **state)
{
	static const struct ims_ipsec_keys none;
	struct ims_pcscf_set *s;

	go_challenged(IMS_UDP);
	assert_memory_not_equal(&last_added()->keys, &none, sizeof none);
	s = ims_pcscf_set_by_id(p, last_added()->id);
	assert_memory_equal(&s->sas.keys, &none, sizeof none);
}

/* Nor does the 401 with CK and IK stay: not in what is kept for repetition,
 * not where messages are built.
 */
static void the_challenge_s_keys_stay_nowhere(void **state)
{
	const struct ims_map_node *n = NULL;

	sa_silent = true;
	register1(msg);
	feed(&(struct ims_flow){.local = conf.gm,
				.remote = at("[" UE_IP "]:42368")},
	     msg);
	core_answers(last_mw(), 401, CHALLENGE);
	while ((n = ims_map_each(&p->ue_id, n))) {
		const struct ims_pcscf_ue *ue =
			ims_container(n, const struct ims_pcscf_ue, id_node);

		assert_non_null(ue->held); /* it waits for the SAs */
		assert_null(memmem(ue->held, ue->held_len, CK, 32));
		assert_null(memmem(ue->held, ue->held_len, IK, 32));
	}
	assert_null(memmem(p->out, sizeof p->out, CK, 32));
	assert_null(memmem(p->out, sizeof p->out, IK, 32));
	assert_null(memmem(p->acts.bytes, p->acts.cap_bytes, CK, 32));
	assert_null(memmem(p->acts.bytes, p->acts.cap_bytes, IK, 32));
}

static void challenges_that_overtake_the_limit_are_503(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);

	conf.max_pending = 1;
	restart();
	register1(msg);
	set_line(msg, "Security-Client", line(300, 20000, 20001));
	feed(&f, msg);
	register1(msg);
	swap(msg, "username=\"001010123456789", "username=\"other");
	set_line(msg, "Security-Client", line(400, 20002, 20003));
	feed(&f, msg);
	assert_int_equal(n_mw, 2);
	core_answers(&mw[0], 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	core_answers(&mw[1], 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 503);
	assert_int_equal(n_added, 1);
}

static void users_at_one_address_never_share_a_pair_of_ports(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);

	assert_int_equal(offer(&f, "a", line(300, 20000, 20001)), 401);
	/* the same port_uc goes with another port_ps, until there is none */
	assert_int_equal(offer(&f, "b", line(400, 20000, 20003)), 401);
	assert_int_equal(last_added()->sa[IMS_UC_TO_PS].dst.port, 50720);
	assert_int_equal(offer(&f, "bb", line(450, 20000, 20005)), 494);
	assert_told(-IMS_E_SEC_PARAM);
	assert_int_equal(n_added, 2);
	assert_int_equal(n_deleted, 0);
	/* the same port_us goes with another port_pc */
	assert_int_equal(offer(&f, "c", line(500, 20004, 20001)), 401);
	assert_int_equal(last_added()->sa[IMS_PC_TO_US].src.port, 50719);
	/* until there is none left */
	assert_int_equal(offer(&f, "d", line(600, 20006, 20001)), 503);
	assert_told(-IMS_E_NO_SPI);
	assert_int_equal(n_added, 3);
	/* at another address all is free */
	f.remote = at("[2001::2]:5060");
	assert_int_equal(offer(&f, "e", line(300, 20000, 20001)), 401);
}

/* F18: the same ports and SPIs as before; its old set goes when it has proven
 * who it is, not before.
 */
static void a_ue_started_anew_on_its_old_ports_gets_in(void **state)
{
	struct ims_ipsec_set old = *go_registered(IMS_UDP);

	go_challenged(IMS_UDP);
	assert_int_equal(n_added, 2);
	assert_int_equal(n_deleted, 0);
	assert_int_equal(last_added()->sa[IMS_UC_TO_PS].dst.port, 50720);
	assert_int_equal(last_added()->sa[IMS_US_TO_PC].dst.port, 50719);
	go_registered(IMS_UDP); /* challenged anew: the first try is dropped */
	assert_int_equal(n_deleted, 2);
	assert_int_equal(deleted[1], old.id);
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_int_equal(ims_pcscf_sets(p), 1);
	/* and once more, back on the first port */
	go_registered(IMS_UDP);
	assert_int_equal(last_added()->sa[IMS_UC_TO_PS].dst.port, 50718);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* T12: who knows IMPI, address and port_uc of a victim gets a challenge that
 * he cannot answer, and the victim never notices.
 */
static void an_impostor_s_challenge_costs_the_victim_nothing(void **state)
{
	struct ims_ipsec_set mine = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&mine, IMS_UDP);

	for (int i = 0; i < 20; i++)
		go_challenged(IMS_UDP);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	core_answers(last_mw(), 200, "");
	pass(300 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 1);
	for (size_t i = 0; i < n_deleted; i++)
		assert_int_not_equal(deleted[i], mine.id);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
}

/* Nor does the set that was replaced a moment ago, and carries what is on its
 * way, give its port to somebody in the clear.
 */
static void in_the_clear_no_old_set_gives_its_port_away(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&a, IMS_UDP);
	char client[400], server[600];

	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	snprintf(client, sizeof client, SEC_LINE, 1002, 1003, 38004, 39003);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	strcpy(server, server_text());
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	set_line(msg, "CSeq", "4 REGISTER");
	set_line(msg, "Security-Client", client);
	set_line(msg, "Security-Verify", server);
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg); /* the new one is in use, the old one old */
	core_answers(last_mw(), 200, "");
	register1(msg);
	f = clear_flow(IMS_UDP);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 503);
	assert_has(last_gm(), "Retry-After: ");
	assert_int_equal(n_deleted, 0);
}

static void a_re_authentication_stays_on_its_port_ps(void **state)
{
	struct ims_ipsec_set *s;
	struct ims_flow f;

	go_registered(IMS_UDP);
	s = go_registered(IMS_UDP); /* started anew: on port_ps2 */
	assert_int_equal(s->sa[IMS_UC_TO_PS].dst.port, 50720);
	f = inside(s, IMS_UDP);
	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_added()->sa[IMS_UC_TO_PS].dst.port, 50720);
}

static void a_ue_on_the_second_port_is_told_that_one(void **state)
{
	struct ims_flow core = from_core();

	go_registered(IMS_UDP);
	go_registered(IMS_UDP);
	notify(msg, "");
	feed(&core, msg);
	assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
	assert_has(last_gm(), "Via: SIP/2.0/UDP [2001:0:0:1::2]:50720;");
	assert_has(last_gm(), "<sip:[2001:0:0:1::2]:50720;lr>");
}

static void inside_a_set_the_offer_must_be_new(void **state)
{
	struct ims_ipsec_set s = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&s, IMS_UDP);
	static const char *const same[] = {"port-c=38003", "spi-c=565817",
					   "spi-s=565818"};

	for (size_t i = 0; i < N_OF(same); i++) {
		reregister(msg, 1);
		set_line(msg, "Security-Verify", NULL);
		if (i == 0)
			swap(msg, "port-c=38004", same[i]);
		else
			swap(msg, i == 1 ? "spi-c=1002" : "spi-s=1003",
			     same[i]);
		feed(&f, msg);
		core_answers(last_mw(), 401, CHALLENGE);
		assert_int_equal(last_gm()->m.status, 494);
	}
	assert_int_equal(n_added, 1);
	assert_int_equal(n_deleted, 0);
}

static void numbers_come_back_when_a_set_is_gone(void **state)
{
	for (int i = 0; i < 20; i++) {
		go_challenged(IMS_UDP);
		pass(241 * 1000);
	}
	assert_int_equal(n_added, 20);
	assert_int_equal(n_deleted, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(added[i].sa[IMS_PC_TO_US].src.port, 50717);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void gcm_and_every_other_pair_can_be_made(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char text[400], user[20];

	for (unsigned i = 0; i < IMS_N_SUITES; i++) {
		const struct ims_ipsec_suite *s = &ims_ipsec_suites[i];

		snprintf(user, sizeof user, "u%u", i);
		snprintf(text, sizeof text,
			 "ipsec-3gpp;alg=%s;ealg=%s;spi-c=%u;spi-s=%u;"
			 "port-c=%u;port-s=%u",
			 ims_ipsec_alg(s->alg)->token,
			 ims_ipsec_ealg(s->ealg)->token, 300 + 2 * i,
			 301 + 2 * i, 2000 + 2 * i, 2001 + 2 * i);
		assert_int_equal(offer(&f, user, text), 401);
		assert_true(ims_ipsec_suite_eq(last_added()->suite, *s));
	}
}

/* Six SAs a direction: whoever fails again and again has no more of them than
 * others [33.203 7.1].
 */
static void no_ue_has_more_than_three_sets(void **state)
{
	char offer[400];
	struct ims_flow f;

	for (unsigned i = 0; i < 10; i++) {
		f = clear_flow(IMS_UDP);
		register1(msg);
		snprintf(offer, sizeof offer, SEC_LINE, 5000 + i * 2,
			 5001 + i * 2, 30000 + i, 31000 + i);
		set_line(msg, "Security-Client", offer);
		feed(&f, msg);
		core_answers(last_mw(), 401, CHALLENGE);
		assert_int_equal(last_gm()->m.status, 401);
		assert_true(ims_pcscf_sets(p) <= 3);
		f = inside(last_added(), IMS_UDP);
		register2(msg);
		set_line(msg, "Security-Client", offer);
		set_line(msg, "Security-Verify", NULL);
		feed(&f, msg);
		assert_int_equal(last_gm()->m.status, 494);
		assert_int_equal(last_gm()->flow.set, last_added()->id);
	}
	assert_int_equal(ims_pcscf_sets(p), 3);
	assert_int_equal(n_deleted, 7);
	pass(700 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 0);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(n_deleted, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_ue_has_more_than_three_sets),
		T(our_spis_are_never_the_ues_nor_each_others),
		T(our_spis_are_not_a_mirror_of_the_ues),
		T(keys_are_forgotten_once_they_are_queued),
		T(the_challenge_s_keys_stay_nowhere),
		T(challenges_that_overtake_the_limit_are_503),
		T(users_at_one_address_never_share_a_pair_of_ports),
		T(a_ue_started_anew_on_its_old_ports_gets_in),
		T(an_impostor_s_challenge_costs_the_victim_nothing),
		T(in_the_clear_no_old_set_gives_its_port_away),
		T(a_re_authentication_stays_on_its_port_ps),
		T(a_ue_on_the_second_port_is_told_that_one),
		T(inside_a_set_the_offer_must_be_new),
		T(numbers_come_back_when_a_set_is_gone),
		T(gcm_and_every_other_pair_can_be_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
