/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_answer.c - what stands in the 401 and the 200. */
#include "mw.h"
#include "sip_via.h"

static void the_200_equals_that_of_the_seed_in_meaning(void **state)
{
	register_alice(&world);
	assert_str(world.m.reason, "OK");
	assert_str(ims_sip_get(&world.m, IMS_SIP_CONTACT),
		   PHONE FEATURES ";expires=600000");
	assert_str(ims_sip_get(&world.m, IMS_SIP_PATH), PATH);
	assert_str(ims_sip_get(&world.m, IMS_SIP_P_ASSOCIATED_URI),
		   "<" ALICE ">, <tel:+15550100>");
	assert_str(ims_sip_get(&world.m, IMS_SIP_FROM), "<" ALICE ">;tag=ft");
	assert_int_equal(ims_sip_tag(&world.m, IMS_SIP_TO).n, IMS_SCSCF_TAG);
	assert_str(world.m.call_id, "call-1");
	assert_int_equal(world.m.cseq, 2);
	assert_false(ims_sip_has(&world.m, IMS_SIP_SERVICE_ROUTE));
	assert_false(ims_sip_has(&world.m, IMS_SIP_DATE));
	assert_false(ims_sip_lists(&world.m, IMS_SIP_REQUIRE, "outbound"));
	assert_str(ims_sip_get(&world.m, IMS_SIP_P_CHARGING_VECTOR),
		   "icid-value=i1;orig-ioi=v;term-ioi=\"" DOMAIN "\"");
}

static void answers_go_back_on_mw_by_the_via(void **state)
{
	struct ims_flow want = mw_flow();
	struct ims_sip_via via;

	do_register(&world, (struct reg){.cseq = 1});
	assert_status(&world, 401);
	assert_true(ims_flow_same(&world.flow[0], &want));
	assert_int_equal(ims_sip_via_top(&world.m, &via), 0);
	assert_str(via.host, "192.0.2.5");
}

static void ck_and_ik_are_those_of_the_vector(void **state)
{
	struct ims_card_answer answer;
	struct ims_sip_auth auth;
	uint8_t rnd[16], autn[16], ck[16], ik[16];
	struct ims_card card;

	do_register(&world, (struct reg){.cseq = 1});
	assert_status(&world, 401);
	assert_int_equal(ims_sip_auth_get(&world.m, IMS_SIP_WWW_AUTHENTICATE,
					  &auth),
			 0);
	ims_digest_nonce_open(auth.nonce, rnd, autn);
	ims_card_init(&card, &world.key);
	ims_card_challenge(&card, rnd, autn, &answer);
	assert_int_equal(ims_hex_get_n(auth.ck, ck, 16), 0);
	assert_int_equal(ims_hex_get_n(auth.ik, ik, 16), 0);
	assert_memory_equal(ck, answer.ck, 16);
	assert_memory_equal(ik, answer.ik, 16);
	assert_memory_not_equal(ck, ik, 16);
}

/* ck and ik leave once; nothing is kept of them here. */
static void nothing_secret_stays_after_the_challenge(void **state)
{
	struct ims_scscf_user *u;
	struct ims_scscf_attempt *a;
	static const uint8_t none[16];

	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	u = ims_scscf_user_find(world.s, IMS_S(ALICE_IMPI));
	assert_non_null(u);
	a = ims_container(u->attempts.next, struct ims_scscf_attempt, node);
	assert_memory_equal(a->vector.ck, none, 16);
	assert_memory_equal(a->vector.ik, none, 16);
	assert_null(memmem(world.s->msg, sizeof(world.s->msg), "ck=", 3));
	assert_null(memmem(world.s->msg, sizeof(world.s->msg), "ik=", 3));
	assert_null(strstr(world.told, "ck="));
}

static void no_qop_and_other_names_if_the_configuration_says_so(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	struct ims_sip_auth auth;
	struct reg r;

	conf.qop = false;
	conf.service_route = true;
	strcpy(conf.realm, "realm.example");
	restart_with(&conf);
	do_register(&world, (struct reg){.cseq = 1});
	assert_status(&world, 401);
	ims_sip_auth_get(&world.m, IMS_SIP_WWW_AUTHENTICATE, &auth);
	assert_str(auth.realm, "realm.example");
	assert_null(auth.qop.p);
	strcpy(conf.realm, "");
	restart_with(&conf);
	register_alice(&world);
	assert_str(ims_sip_get(&world.m, IMS_SIP_SERVICE_ROUTE),
		   "<sip:orig@192.0.2.9:5080;lr>");
	/* who only leaves gets none */
	r = inside(&world, 3);
	r.lines = "Expires: 0\r\n";
	do_register(&world, r);
	assert_status(&world, 200);
	assert_false(ims_sip_has(&world.m, IMS_SIP_SERVICE_ROUTE));
	assert_false(ims_sip_has(&world.m, IMS_SIP_P_ASSOCIATED_URI));
}

static void without_a_name_of_our_own_the_realm_is_the_users_domain(
	void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	struct ims_sip_auth auth;

	strcpy(conf.domain, "");
	restart_with(&conf);
	do_register(&world,
		    (struct reg){.cseq = 1, .uri = "sip:anything.invalid"});
	assert_status(&world, 401);
	ims_sip_auth_get(&world.m, IMS_SIP_WWW_AUTHENTICATE, &auth);
	assert_str(auth.realm, DOMAIN);
}

static void barred_identities_are_not_shown(void **state)
{
	world.impu[0].barred = true;
	strcpy(world.impu[2].uri, "sip:alice@" DOMAIN);
	world.n_impus = 3;
	register_alice(&world);
	assert_str(ims_sip_get(&world.m, IMS_SIP_P_ASSOCIATED_URI),
		   "<tel:+15550100>, <sip:alice@" DOMAIN ">");
}

static void if_all_are_barred_he_is_refused(void **state)
{
	world.impu[0].barred = world.impu[1].barred = true;
	do_register(&world, (struct reg){.cseq = 1});
	assert_status(&world, 403);
	assert_int_equal(world.told_err, -IMS_E_REFUSED);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

static void the_date_is_right(void **state)
{
	static const struct {
		uint64_t s;
		const char *text;
	} t[] = {
		{1472125028, "Thu, 25 Aug 2016 11:37:08 GMT"},
		{951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
		{1709251199, "Thu, 29 Feb 2024 23:59:59 GMT"},
		{1735689600, "Wed, 01 Jan 2025 00:00:00 GMT"},
		{4102444799, "Thu, 31 Dec 2099 23:59:59 GMT"},
		{2147483648, "Tue, 19 Jan 2038 03:14:08 GMT"},
	};

	for (size_t i = 0; i < N_OF(t); i++) {
		struct ims_scscf_conf conf = mw_conf();

		conf.wall_ms = t[i].s * 1000 - 1000000;
		restart_with(&conf);
		register_alice(&world);
		assert_str(ims_sip_get(&world.m, IMS_SIP_DATE), t[i].text);
	}
}

/* Folds, quotes, percent signs: what a UE registers opens no header line. */
static void a_hostile_contact_stays_one_value(void **state)
{
	static const char *const params[] = {
		";x=\"a\r\n b\"", ";x=\"%0d%0aEvil: 1\"",
		";x=%s%n%s",      ";x=\"</uri>&<!ENTITY\"",
		";x=\"\\\"\"",    ";x=\"a,b;c\"",
	};

	register_alice(&world);
	for (size_t i = 0; i < N_OF(params); i++) {
		struct ims_sip_addr a;
		char contact[256];
		struct reg r = inside(&world, (unsigned)i + 3);

		snprintf(contact, sizeof(contact), "%s%s", PHONE, params[i]);
		r.contact = contact;
		do_register(&world, r);
		assert_status(&world, 200);
		assert_int_equal(ims_sip_addr_get(&world.m, IMS_SIP_CONTACT,
						  &a),
				 0);
		assert_null(strstr(world.sent[0], "\r\nEvil"));
		assert_null(strstr(world.sent[0], "\r\n b"));
		assert_str(a.uri.text, "sip:001010123456789@[2001::1]:39003");
	}
}

static void the_path_may_have_several_values(void **state)
{
	struct ims_sip_walk w;
	struct ims_str value;

	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	do_register(&world,
		    (struct reg){.cseq = 2,
				 .secured = "yes",
				 .nonce = world.nonce,
				 .response = world.response,
				 .lines = "Path: <sip:b;lr>, <sip:c>\r\n"});
	assert_status(&world, 200);
	w = ims_sip_walk(&world.m, IMS_SIP_PATH);
	assert_true(ims_sip_walk_next(&w, &value));
	assert_str(value, PATH);
	assert_true(ims_sip_walk_next(&w, &value));
	assert_str(value, "<sip:b;lr>");
	assert_true(ims_sip_walk_next(&w, &value));
	assert_str(value, "<sip:c>");
	assert_false(ims_sip_walk_next(&w, &value));
}

/* RFC 5626 6: a flow needs a first hop that marks it. */
static void outbound_needs_a_first_hop_that_knows_it(void **state)
{
	static const struct {
		const char *lines, *path, *contact;
		unsigned status;
		bool required;
	} t[] = {
		{"Supported: outbound\r\n", NULL, NULL, 439, false},
		{"Supported: outbound\r\n", "<sip:t@192.0.2.5;lr;ob>", NULL,
		 200, true},
		/* the first hop is the last in Path */
		{"Supported: outbound\r\n",
		 "<sip:x@192.0.2.5;lr;ob>, <sip:y@192.0.2.6;lr>", NULL, 439,
		 false},
		{"Supported: outbound\r\n",
		 "<sip:x@192.0.2.5;lr>, <sip:y@192.0.2.6;lr;ob>", NULL, 200,
		 true},
		{"Supported: outbound\r\n", NULL, PHONE, 200, false},
		{"", NULL, NULL, 200, false},
		{"Require: outbound\r\n", NULL, PHONE, 200, false},
	};
	struct ims_scscf_conf conf = mw_conf();

	do_register(&world,
		    (struct reg){.cseq = 1, .lines = "Require: outbound\r\n"});
	assert_status(&world, 420); /* not if it is off */
	conf.outbound = true;
	for (size_t i = 0; i < N_OF(t); i++) {
		struct reg r = {.cseq = 1,
				.lines = t[i].lines,
				.path = t[i].path,
				.contact = t[i].contact};

		restart_with(&conf);
		do_register(&world, r);
		if (t[i].status == 439) {
			assert_status(&world, 439);
			continue;
		}
		take_401(&world);
		r.cseq = 2;
		r.secured = "yes";
		r.nonce = world.nonce;
		r.response = world.response;
		do_register(&world, r);
		assert_status(&world, 200);
		assert_int_equal(ims_sip_lists(&world.m, IMS_SIP_REQUIRE,
					       "outbound"),
				 t[i].required);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_200_equals_that_of_the_seed_in_meaning),
		T(answers_go_back_on_mw_by_the_via),
		T(ck_and_ik_are_those_of_the_vector),
		T(nothing_secret_stays_after_the_challenge),
		T(no_qop_and_other_names_if_the_configuration_says_so),
		T(without_a_name_of_our_own_the_realm_is_the_users_domain),
		T(barred_identities_are_not_shown),
		T(if_all_are_barred_he_is_refused),
		T(the_date_is_right),
		T(a_hostile_contact_stays_one_value),
		T(outbound_needs_a_first_hop_that_knows_it),
		T(the_path_may_have_several_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
