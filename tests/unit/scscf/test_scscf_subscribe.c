/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_subscribe.c - who may watch whom, and for how long. */
#include "watch.h"

static void the_200_answers_as_the_seed_does(void **state)
{
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1});
	assert_status(&world, 200);
	assert_str(ims_sip_get(&world.m, IMS_SIP_EXPIRES), "600000");
	assert_str(ims_sip_get(&world.m, IMS_SIP_RECORD_ROUTE),
		   "<sip:tok@192.0.2.5:5070;lr>");
	assert_str(ims_sip_get(&world.m, IMS_SIP_CONTACT),
		   "<sip:192.0.2.9:5080>");
	assert_int_equal(ims_sip_tag(&world.m, IMS_SIP_TO).n, IMS_SCSCF_TAG);
	assert_int_equal(world.n_sent, 2);
	assert_int_equal(sent(&world, 1)->method, IMS_SIP_NOTIFY);
}

static void nobody_watches_another(void **state)
{
	static const char *const pai[] = {
		NULL,
		"<sip:mallory@" DOMAIN ">",
		"<" ALICE ">, <tel:+1999>",
		"<sip:mallory@" DOMAIN ">, <" ALICE ">",
		"<" ALICE ".evil>",
		"garbage",
	};

	register_alice(&world);
	for (size_t i = 0; i < N_OF(pai); i++) {
		do_subscribe(&world, (struct sub){.cseq = 1,
						  .no_pai = !pai[i],
						  .pai = pai[i]});
		assert_status(&world, 403);
		assert_int_equal(world.n_sent, 1);
		assert_int_equal(world.told_err, -IMS_E_NOT_MINE);
	}
}

static void it_is_not_told_whether_somebody_is_registered(void **state)
{
	char there[8192], away[8192];

	register_alice(&world);
	do_subscribe(&world,
		     (struct sub){.cseq = 1, .pai = "<sip:m@" DOMAIN ">"});
	assert_status(&world, 403);
	assert_str(world.m.reason, "Forbidden");
	snprintf(there, sizeof(there), "%u", world.m.status);
	do_subscribe(&world, (struct sub){.cseq = 1,
					  .uri = "sip:nobody@" DOMAIN,
					  .pai = "<sip:m@" DOMAIN ">"});
	assert_status(&world, 403);
	snprintf(away, sizeof(away), "%u", world.m.status);
	assert_string_equal(there, away);
}

static void any_identity_of_the_set_in_any_spelling_will_do(void **state)
{
	static const struct {
		const char *uri, *pai;
	} t[] = {
		{"sip:%3001010123456789@IMS.example.ORG", "<" ALICE ">"},
		{"tel:+1-555-0100", "<" ALICE ">"},
		{ALICE, "<tel:+15550100>"},
		{ALICE ";user=phone", "\"A\" <" ALICE ">, <tel:+15550100>"},
	};

	register_alice(&world);
	for (size_t i = 0; i < N_OF(t); i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "s%zu", i);
		do_subscribe(&world, (struct sub){.cseq = 1,
						  .call_id = call_id,
						  .uri = t[i].uri,
						  .pai = t[i].pai});
		assert_status(&world, 200);
	}
}

static void who_is_not_registered_has_nothing_to_watch(void **state)
{
	do_subscribe(&world, (struct sub){.cseq = 1});
	assert_status(&world, 403);
	/* not even between challenge and answer */
	do_register(&world, (struct reg){.cseq = 1});
	do_subscribe(&world, (struct sub){.cseq = 1});
	assert_status(&world, 403);
}

static void other_events_and_bodies_are_refused(void **state)
{
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1, .event = "presence"});
	assert_status(&world, 489);
	assert_str(ims_sip_get(&world.m, IMS_SIP_ALLOW_EVENTS), "reg");
	do_subscribe(&world, (struct sub){.cseq = 1, .event = ""});
	assert_status(&world, 489);
	do_subscribe(&world,
		     (struct sub){.cseq = 1,
				  .lines = "Accept: application/pidf+xml\r\n"});
	assert_status(&world, 406);
	do_subscribe(&world, (struct sub){.cseq = 1,
					  .lines = "Accept: a/b, application/"
						   "reginfo+xml;q=0.5\r\n"});
	assert_status(&world, 200);
}

static void expiry_is_bounded_on_both_sides(void **state)
{
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1, .expires = "10"});
	assert_status(&world, 423);
	assert_str(ims_sip_get(&world.m, IMS_SIP_MIN_EXPIRES), "60");
	do_subscribe(&world, (struct sub){.cseq = 1, .expires = "4294967295"});
	assert_status(&world, 200);
	assert_str(ims_sip_get(&world.m, IMS_SIP_EXPIRES), "600000");
	do_subscribe(&world,
		     (struct sub){.cseq = 1, .call_id = "s2", .expires = ""});
	assert_status(&world, 200);
	assert_str(ims_sip_get(&world.m, IMS_SIP_EXPIRES), "3761");
}

static void a_fetch_gets_one_document_and_no_subscription(void **state)
{
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1, .expires = "0"});
	assert_status(&world, 200);
	assert_str(ims_sip_get(sent(&world, 1), IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=timeout");
	assert_int_equal(world.s->dialogs.n, 0);
	answer_all(&world, 200);
	assert_int_equal(world.s->watches.n, 0);
}

static void a_refresh_stays_in_its_dialog(void **state)
{
	char tag[32];

	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1});
	assert_status(&world, 200);
	ims_str_copy(tag, sizeof(tag), ims_sip_tag(&world.m, IMS_SIP_TO));
	answer_notify(&world, 1, 200, "");
	do_subscribe(&world, (struct sub){.cseq = 2,
					  .to_tag = tag,
					  .uri = "sip:192.0.2.9:5080",
					  .expires = "7200"});
	assert_status(&world, 200);
	assert_str(ims_sip_get(&world.m, IMS_SIP_EXPIRES), "7200");
	assert_int_equal(world.s->watches.n, 1);
	assert_int_equal(sent(&world, 1)->cseq, 2);
	/* CSeq goes back; another user; another tag */
	do_subscribe(&world, (struct sub){.cseq = 1, .to_tag = tag});
	assert_status(&world, 500);
	do_subscribe(&world, (struct sub){.cseq = 3,
					  .to_tag = tag,
					  .pai = "<sip:m@" DOMAIN ">"});
	assert_status(&world, 481);
	do_subscribe(&world, (struct sub){.cseq = 3, .to_tag = "guess"});
	assert_status(&world, 481);
	/* enough */
	do_subscribe(&world,
		     (struct sub){.cseq = 4, .to_tag = tag, .expires = "0"});
	assert_status(&world, 200);
	assert_str(ims_sip_get(sent(&world, 1), IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=timeout");
	answer_all(&world, 481);
	assert_int_equal(world.s->watches.n, 0);
	do_subscribe(&world, (struct sub){.cseq = 5, .to_tag = tag});
	assert_status(&world, 481);
}

static void where_nobody_can_be_reached_there_is_no_subscription(void **state)
{
	register_alice(&world);
	do_subscribe(&world,
		     (struct sub){.cseq = 1, .route = "<sip:name.invalid;lr>"});
	assert_status(&world, 400);
	do_subscribe(&world, (struct sub){.cseq = 1, .contact = "*"});
	assert_status(&world, 400);
	assert_int_equal(world.s->watches.n, 0);
}

static void the_oldest_watch_gives_way(void **state)
{
	register_alice(&world);
	for (unsigned i = 0; i < IMS_SCSCF_WATCHERS + 3; i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "s%u", i);
		do_subscribe(&world,
			     (struct sub){.cseq = 1, .call_id = call_id});
		assert_true(world.s->dialogs.n <= IMS_SCSCF_WATCHERS);
	}
	assert_int_equal(world.n_sent, 3);
	assert_str(ims_sip_get(sent(&world, 0), IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=giveup");
}

/* The P-CSCF and servers of the configuration may watch anybody; nobody else
 * becomes one of them by what he writes [T26].
 */
static void who_is_trusted_may_watch_anybody(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	struct sub s = {.cseq = 1, .pai = "<sip:192.0.2.5:5070>"};
	char tag[64];

	register_alice(&world);
	do_subscribe(&world, s);
	assert_status(&world, 403);

	strcpy(conf.trusted[0], "sip:192.0.2.5:5070");
	strcpy(conf.trusted[1], "sip:as.example.org");
	conf.n_trusted = 2;
	restart_with(&conf);
	do_subscribe(&world, s);
	assert_status(&world, 403); /* there is nobody to be watched */
	register_alice(&world);
	do_subscribe(&world, s);
	assert_status(&world, 200);
	ims_str_copy(tag, sizeof(tag), ims_sip_tag(&world.m, IMS_SIP_TO));
	sent(&world, 1);
	assert_int_equal(world.m.method, IMS_SIP_NOTIFY);
	s.pai = "<sip:as.example.org;lr>";
	s.call_id = "as";
	do_subscribe(&world, s);
	assert_status(&world, 200);
	s.pai = "<sip:as.example.org>, <sip:bob@" DOMAIN ">";
	do_subscribe(&world, s);
	assert_status(&world, 403);
	s.pai = "<sip:as.example.org:5061>";
	do_subscribe(&world, s);
	assert_status(&world, 403);
	/* in its dialog the user is not it, either */
	s = (struct sub){.cseq = 2, .to_tag = tag};
	do_subscribe(&world, s);
	assert_status(&world, 481);
	s.pai = "<sip:192.0.2.5:5070>";
	do_subscribe(&world, s);
	assert_status(&world, 200);
}

/* Many may watch; the user's own do not push out a server's. */
static void who_is_trusted_does_not_give_way_to_a_user(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	size_t trusted = 0;

	strcpy(conf.trusted[0], "sip:as.example.org");
	conf.n_trusted = 1;
	restart_with(&conf);
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1,
					  .call_id = "as",
					  .pai = "<sip:as.example.org>"});
	for (int i = 0; i < 3 * IMS_SCSCF_WATCHERS; i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "s%d", i);
		do_subscribe(&world,
			     (struct sub){.cseq = 1, .call_id = call_id});
		assert_int_equal(world.n_sent,
				 i < IMS_SCSCF_WATCHERS - 1 ? 2 : 3);
	}
	ims_list_each (
		pos, &ims_scscf_user_find(world.s, IMS_S(ALICE_IMPI))->watchers)
		trusted += ims_container(pos, struct ims_scscf_watch, node)
				   ->trusted;
	assert_int_equal(trusted, 1);
	/* nor is there more than that many whose last answer is waited for */
	assert_int_equal(world.s->watches.n, 2 * IMS_SCSCF_WATCHERS);
	assert_int_equal(world.s->dialogs.n, IMS_SCSCF_WATCHERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_200_answers_as_the_seed_does),
		T(nobody_watches_another),
		T(it_is_not_told_whether_somebody_is_registered),
		T(any_identity_of_the_set_in_any_spelling_will_do),
		T(who_is_not_registered_has_nothing_to_watch),
		T(other_events_and_bodies_are_refused),
		T(expiry_is_bounded_on_both_sides),
		T(a_fetch_gets_one_document_and_no_subscription),
		T(a_refresh_stays_in_its_dialog),
		T(where_nobody_can_be_reached_there_is_no_subscription),
		T(who_is_trusted_may_watch_anybody),
		T(who_is_trusted_does_not_give_way_to_a_user),
		T(the_oldest_watch_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
