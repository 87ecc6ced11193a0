/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf.c - what comes in at the door. */
#include "mw.h"
#include "txn_priv.h"

static void only_mw_is_listened_to(void **state)
{
	struct ims_ev ev = {.kind = IMS_EV_MSG, .flow = mw_flow()};
	struct ims_act a;

	ev.flow.side = IMS_GM;
	ev.bytes = IMS_S("REGISTER sip:" DOMAIN " SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP x;branch=z9hG4bK1\r\n"
			 "From: <" ALICE ">;tag=1\r\nTo: <" ALICE ">\r\n"
			 "Call-ID: 1\r\nCSeq: 1 REGISTER\r\n"
			 "Contact: " PHONE "\r\n"
			 "Authorization: Digest username=\"" ALICE_IMPI
			 "\", nonce=\"\", integrity-protected=\"yes\"\r\n"
			 "Content-Length: 0\r\n\r\n");
	ims_scscf_event(world.s, &ev, world.now);
	assert_false(ims_scscf_next(world.s, &a));
	ev.flow.side = IMS_MW;
	ims_scscf_event(world.s, &ev, world.now);
	assert_true(ims_scscf_next(world.s, &a));
	assert_int_equal(a.kind, IMS_ACT_CX);
}

static void what_is_not_sip_is_dropped_or_refused(void **state)
{
	come(&world, "");
	assert_int_equal(world.n_sent, 0);
	come(&world, "\r\n\r\n");
	assert_int_equal(world.n_sent, 0);
	come(&world, "garbage \x01\x02\r\n\r\n");
	assert_int_equal(world.n_sent, 0);
	assert_null(strchr(world.told, 1));
	come(&world,
	     "REGISTER sip:x SIP/2.0\r\n"
	     "Via: SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bKb\r\n"
	     "From: <sip:a@x>;tag=1\r\nTo: <sip:a@x>\r\n"
	     "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(world.n_sent, 1);
	assert_int_equal(strncmp(world.sent[0], "SIP/2.0 400 ", 12), 0);
	come(&world, "SIP/2.0 200 OK\r\n"
		     "Via: SIP/2.0/UDP 192.0.2.9:5080;branch=z9hG4bKnone\r\n"
		     "From: <sip:a@x>;tag=1\r\nTo: <sip:a@x>;tag=2\r\n"
		     "Call-ID: 1\r\nCSeq: 1 NOTIFY\r\n"
		     "Content-Length: 0\r\n\r\n");
	assert_int_equal(world.n_sent, 0);
}

static void other_methods_get_405(void **state)
{
	static const char *const method[] = {"OPTIONS", "MESSAGE", "INVITE",
					     "NOTIFY",  "PUBLISH", "X"};

	for (size_t i = 0; i < N_OF(method); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			 "%s sip:x SIP/2.0\r\nVia: SIP/2.0/UDP "
			 "192.0.2.5:5070;branch=z9hG4bK%zu\r\n"
			 "From: <sip:a@x>;tag=1\r\nTo: <sip:a@x>\r\n"
			 "Call-ID: 1\r\nCSeq: 1 %s\r\n"
			 "Content-Length: 0\r\n\r\n",
			 method[i], i, method[i]);
		come(&world, text);
		assert_status(&world, 405);
		assert_true(ims_sip_lists(&world.m, IMS_SIP_ALLOW, "REGISTER"));
	}
}

static void a_repeated_register_takes_no_second_vector(void **state)
{
	static const char text[] =
		"REGISTER sip:" DOMAIN " SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.5:5070;branch=z9hG4bKsame\r\n"
		"From: <" ALICE ">;tag=1\r\nTo: <" ALICE ">\r\n"
		"Call-ID: 1\r\nCSeq: 1 REGISTER\r\nContact: " PHONE "\r\n"
		"Authorization: Digest username=\"" ALICE_IMPI
		"\", realm=\"x\", nonce=\"\", response=\"\"\r\n"
		"Content-Length: 0\r\n\r\n";
	struct ims_scscf_conf conf = mw_conf();
	char first[8192];

	/* where nothing gets lost the keys are not kept for a repetition */
	come(&world, text);
	assert_status(&world, 401);
	come(&world, text);
	assert_int_equal(world.n_sent, 0);
	assert_int_equal(world.n_mar, 1);

	conf.mw_loses = true;
	restart_with(&conf);
	come(&world, text);
	assert_status(&world, 401);
	strcpy(first, world.sent[0]);
	come(&world, text);
	assert_int_equal(world.n_sent, 1);
	assert_string_equal(world.sent[0], first);
	assert_int_equal(world.n_mar, 1);
}

/* CK and IK in hex, in any memory of the transactions [T28]. */
static bool has_keys(const struct ims_scscf *s)
{
	struct ims_map_node *n = NULL;

	while ((n = ims_map_each(&s->txns.by_id, n))) {
		const struct ims_txn *x =
			ims_container(n, const struct ims_txn, id_node);

		if (memmem(x->mem, x->cap, "ck=\"", 4))
			return true;
	}
	return false;
}

static void the_keys_of_a_challenge_do_not_stay(void **state)
{
	struct ims_scscf_conf conf = mw_conf();

	do_register(&world, (struct reg){.cseq = 1});
	assert_status(&world, 401);
	assert_non_null(strstr(world.sent[0], "ck=\""));
	assert_false(has_keys(world.s));

	conf.mw_loses = true;
	restart_with(&conf);
	do_register(&world, (struct reg){.cseq = 1});
	assert_true(has_keys(world.s));
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	do_register(&world, inside(&world, 2));
	assert_status(&world, 200);
	assert_false(has_keys(world.s));
}

static void when_all_is_over_nothing_is_due(void **state)
{
	struct reg r;

	register_alice(&world);
	r = inside(&world, 3);
	r.lines = "Expires: 0\r\n";
	r.contact = PHONE;
	do_register(&world, r);
	for (int i = 0; i < 100 && ims_scscf_due(world.s) != IMS_NEVER; i++)
		tick(&world, ims_scscf_due(world.s));
	assert_true(ims_scscf_due(world.s) == IMS_NEVER);
	assert_int_equal(world.s->users.n, 0);
	assert_int_equal(world.s->impus.n, 0);
	assert_int_equal(world.s->cx.n, 0);
}

static void the_defaults_are_those_of_the_standards(void **state)
{
	struct ims_scscf_conf c;

	ims_scscf_conf_default(&c);
	assert_int_equal(c.reg_await_auth_ms, 240000);
	assert_int_equal(c.max_expires, 600000);
	assert_int_equal(c.timers.t1_ms, 500);
	assert_true(c.qop);
	assert_false(c.allow_clear);
	assert_false(c.service_route);
	assert_false(c.challenge_refresh);
}

static int no_chance(void *arg, void *out, size_t n)
{
	return -IMS_E_SYS;
}

static void without_chance_there_is_no_scscf(void **state)
{
	const struct ims_rand rnd = {.fill = no_chance};
	struct ims_scscf_conf conf = mw_conf();

	assert_null(ims_scscf_new(&conf, &rnd, NULL));
	ims_scscf_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_mw_is_listened_to),
		T(what_is_not_sip_is_dropped_or_refused),
		T(other_methods_get_405),
		T(a_repeated_register_takes_no_second_vector),
		T(the_keys_of_a_challenge_do_not_stay),
		T(when_all_is_over_nothing_is_due),
		T(the_defaults_are_those_of_the_standards),
		T(without_chance_there_is_no_scscf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
