/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_ue.c - UEs by identity and address, and those without SAs. */
#include "pcscf_test.h"

static char msg[12000];

/* Registers in the clear, as policy allows. */
static struct ims_flow go_clear(enum ims_transport t)
{
	struct ims_flow f = clear_flow(t);

	conf.security = IMS_PCSCF_ALLOWED;
	restart();
	f.remote.port = 39003;
	register1(msg);
	set_line(msg, "Security-Client", NULL);
	set_line(msg, "Require", NULL);
	set_line(msg, "Proxy-Require", NULL);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(ims_pcscf_users(p), 0);
	register2(msg);
	set_line(msg, "Security-Client", NULL);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Require", NULL);
	set_line(msg, "Proxy-Require", NULL);
	feed(&f, msg);
	assert_has(last_mw(), "integrity-protected=\"no\"");
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(ims_pcscf_users(p), 1);
	return f;
}

static bool may_speak(const struct ims_flow *f)
{
	size_t before = n_mw;

	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(f, msg);
	if (n_mw == before)
		assert_int_equal(last_gm()->m.status, 403);
	return n_mw == before + 1;
}

static void one_without_sas_speaks_from_its_contact_only(void **state)
{
	struct ims_flow f = go_clear(IMS_UDP), bad;

	assert_true(may_speak(&f));
	assert_has(last_mw(), "P-Asserted-Identity: <" IMPU ">");
	bad = f;
	bad.remote.port++;
	assert_false(may_speak(&bad));
	bad = f;
	bad.remote = at("[2001::9]:39003");
	assert_false(may_speak(&bad));
	bad = f;
	bad.transport = IMS_TCP;
	bad.conn = 5;
	assert_false(may_speak(&bad));
}

static void on_tcp_it_speaks_over_its_connection_only(void **state)
{
	struct ims_flow f = go_clear(IMS_TCP), bad = f;

	assert_true(may_speak(&f));
	bad.conn++;
	assert_false(may_speak(&bad));
}

static void on_tcp_it_comes_back_after_a_restart_of_ours(void **state)
{
	struct ims_flow f = go_clear(IMS_TCP), other;
	struct kept k = *record();
	struct ims_flaw why;

	conf.security = IMS_PCSCF_ALLOWED;
	restart();
	assert_int_equal(ims_pcscf_restore(p, ims_str_n(k.bytes, k.n), now,
					   &why),
			 0);
	/* somebody else of its address, and it from elsewhere */
	f.conn = 7;
	f.remote.port = 50001;
	subscribe(msg);
	set_line(msg, "From", "<sip:other@example.com>;tag=1");
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 403);
	other = f;
	other.remote = at("[2001::9]:50001");
	assert_false(may_speak(&other));
	/* itself; then that is its connection */
	assert_true(may_speak(&f));
	other = f;
	other.conn = 8;
	assert_false(may_speak(&other));
	assert_true(may_speak(&f));
}

static void it_is_reached_where_it_registered(void **state)
{
	struct ims_flow f = go_clear(IMS_UDP), core = from_core();

	notify(msg, "");
	feed(&core, msg);
	assert_int_equal(last_gm()->flow.set, 0);
	assert_true(ims_addr_eq(last_gm()->flow.remote, f.remote));
	assert_true(ims_addr_eq(last_gm()->flow.local, conf.gm));
	assert_has(last_gm(), "\r\nVia: SIP/2.0/UDP [2001:0:0:1::2]:5060;");
	assert_has(last_gm(),
		   "\r\nRecord-Route: <sip:[2001:0:0:1::2]:5060;lr>");
	ue_answers(&f, last_gm(), 200, "");
	assert_int_equal(last_mw()->m.status, 200);
}

static void on_tcp_it_is_reached_over_its_connection(void **state)
{
	struct ims_flow f = go_clear(IMS_TCP), core = from_core();

	notify(msg, "");
	feed(&core, msg);
	assert_int_equal(last_gm()->flow.transport, IMS_TCP);
	assert_int_equal(last_gm()->flow.conn, f.conn);
	assert_has(last_gm(), "\r\nVia: SIP/2.0/TCP ");
}

static void its_time_ends(void **state)
{
	struct ims_flow f = go_clear(IMS_UDP);

	pass(629 * 1000);
	assert_true(may_speak(&f));
	pass(2000);
	assert_false(may_speak(&f));
	pass(200 * 1000);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void it_may_leave(void **state)
{
	struct ims_flow f = go_clear(IMS_UDP);

	register2(msg);
	set_line(msg, "Security-Client", NULL);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Require", NULL);
	set_line(msg, "Proxy-Require", NULL);
	swap(msg, "expires=600000", "expires=0");
	feed(&f, msg);
	core_answers(last_mw(), 200, "");
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_false(may_speak(&f));
}

static void it_may_come_back_with_sas(void **state)
{
	struct ims_flow f = go_clear(IMS_UDP);

	go_registered(IMS_UDP);
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_false(may_speak(&f));
	f = inside(last_added(), IMS_UDP);
	assert_true(may_speak(&f));
}

static void one_user_has_one_address(void **state)
{
	struct ims_ipsec_set old = *go_registered(IMS_UDP);
	struct ims_flow f = clear_flow(IMS_UDP);
	char offer[400];

	f.remote = at("[2001::9]:5060");
	register1(msg);
	snprintf(offer, sizeof offer, SEC_LINE, 800, 801, 38003, 39003);
	set_line(msg, "Security-Client", offer);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(n_deleted, 0); /* not before it succeeds */
	assert_int_equal(ims_pcscf_users(p), 2);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	swap(msg, UE_IP, "2001::9");
	set_line(msg, "Security-Client", offer);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "Contact: <sip:001010123456789@[2001::9]:39003>;"
		     "expires=600\r\n");
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], old.id);
	assert_int_equal(ims_pcscf_users(p), 1);
}

static void another_address_that_fails_changes_nothing(void **state)
{
	struct ims_ipsec_set old = *go_registered(IMS_UDP);
	struct ims_flow f = clear_flow(IMS_UDP), in = inside(&old, IMS_UDP);

	f.remote = at("[2001::9]:5060");
	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 403, "");
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_true(may_speak(&in));
}

static void names_on_mw_are_not_to_be_guessed(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char first[200];

	register1(msg);
	feed(&f, msg);
	strcpy(first, path_uri());
	register1(msg);
	swap(msg, "username=\"001010123456789", "username=\"other");
	feed(&f, msg);
	assert_string_not_equal(first, path_uri());
	assert_int_equal(strcspn(first + 4, "@"), 16);
}

/* He has moved, and only then comes the answer to what he had sent before. */
static void an_answer_from_before_the_move_ends_nothing(void **state)
{
	struct ims_flow f = inside(go_registered(IMS_UDP), IMS_UDP);
	struct seen *late;
	char text[12000];

	reregister(text, 1);
	set_line(text, "Security-Verify", NULL);
	feed(&f, text);
	late = last_mw();
	f = clear_flow(IMS_UDP);
	f.remote = at("[2001::9:9]:42368");
	register1(text);
	swap(text, UE_IP, "2001::9:9");
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	f = inside(last_added(), IMS_UDP);
	register2(text);
	swap(text, UE_IP, "2001::9:9");
	feed(&f, text);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(last_gm()->flow.set, last_added()->id);
	assert_int_equal(ims_pcscf_sets(p), 1);
	core_answers(late, 200, GRANTED);
	assert_int_equal(ims_pcscf_sets(p), 1);
	assert_int_equal(ims_pcscf_users(p), 1);
}

/* He has moved while a challenge waited for him where he was. */
static void a_challenge_ends_where_he_is_no_more(void **state)
{
	struct ims_flow f = inside(go_registered(IMS_UDP), IMS_UDP);
	char text[12000];

	reregister(text, 1);
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(ims_pcscf_sets(p), 2);
	f = clear_flow(IMS_UDP);
	f.remote = at("[2001::9:9]:42368");
	register1(text);
	swap(text, UE_IP, "2001::9:9");
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	f = inside(last_added(), IMS_UDP);
	register2(text);
	swap(text, UE_IP, "2001::9:9");
	feed(&f, text);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(ims_pcscf_sets(p), 1);
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_true(ims_pcscf_owns(p, last_added()->id));
	/* and its time was his, not that of the one here */
	pass(240 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* REGISTER 1 of somebody who has moved to that address, and its challenge. */
static struct ims_ipsec_set challenged_at(const char *ip)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char text[12000];

	assert_true(ims_ip_parse(ims_str(ip), &f.remote.ip) == 0);
	register1(text);
	swap(text, UE_IP, ip);
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	return *last_added();
}

static void answer_at(const char *ip, const struct ims_ipsec_set *s,
		      const char *server)
{
	struct ims_flow f = inside(s, IMS_UDP);
	char text[12000];

	register2(text);
	set_line(text, "Security-Verify", server);
	swap(text, UE_IP, ip);
	feed(&f, text);
}

/* He has moved, and his answer from where he was is still on its way. */
static void a_response_from_before_the_move_ends_nothing(void **state)
{
	struct ims_ipsec_set before = challenged_at(UE_IP), s;
	char server[600];
	size_t n = n_mw;

	strcpy(server, server_text());
	s = challenged_at("2001::9:9");
	answer_at("2001::9:9", &s, server_text());
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_false(ims_pcscf_owns(p, before.id));
	n = n_mw;
	answer_at(UE_IP, &before, server);
	assert_int_equal(n_mw, n);
	assert_true(ims_pcscf_owns(p, s.id));
}

/* He is challenged where he is, when his answer from before is heard. */
static void a_later_challenge_elsewhere_stays(void **state)
{
	struct ims_ipsec_set before, s;
	char old_server[600], server[600];

	before = challenged_at(UE_IP);
	strcpy(old_server, server_text());
	s = challenged_at("2001::9:9");
	strcpy(server, server_text());
	answer_at(UE_IP, &before, old_server);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(ims_pcscf_users(p), 2);
	answer_at("2001::9:9", &s, server);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(last_gm()->flow.set, s.id);
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_false(ims_pcscf_owns(p, before.id));
}

/* The same, when he was registered where the later challenge is. */
static void a_later_challenge_of_one_registered_stays(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP), b, c;
	struct ims_flow f = inside(&a, IMS_UDP);
	char b_server[600], text[12000];

	b = challenged_at("2001::9:9");
	strcpy(b_server, server_text());
	reregister(text, 1);
	set_line(text, "Security-Verify", NULL);
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	c = *last_added();
	answer_at("2001::9:9", &b, b_server);
	core_answers(last_mw(), 200, GRANTED);
	assert_false(ims_pcscf_owns(p, a.id));
	assert_true(ims_pcscf_owns(p, b.id));
	assert_true(ims_pcscf_owns(p, c.id));
	pass(241 * 1000); /* nobody answers it */
	assert_false(ims_pcscf_owns(p, c.id));
	assert_int_equal(ims_pcscf_users(p), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_without_sas_speaks_from_its_contact_only),
		T(on_tcp_it_speaks_over_its_connection_only),
		T(on_tcp_it_comes_back_after_a_restart_of_ours),
		T(it_is_reached_where_it_registered),
		T(on_tcp_it_is_reached_over_its_connection),
		T(its_time_ends),
		T(it_may_leave),
		T(it_may_come_back_with_sas),
		T(one_user_has_one_address),
		T(another_address_that_fails_changes_nothing),
		T(names_on_mw_are_not_to_be_guessed),
		T(an_answer_from_before_the_move_ends_nothing),
		T(a_challenge_ends_where_he_is_no_more),
		T(a_response_from_before_the_move_ends_nothing),
		T(a_later_challenge_elsewhere_stays),
		T(a_later_challenge_of_one_registered_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
