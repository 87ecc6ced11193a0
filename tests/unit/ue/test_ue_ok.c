/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_ok.c - what a 200 to REGISTER gives. */
#include "ue_script.h"

static void prove(struct script *s)
{
	script_new(s, NULL);
	script_start(s);
	script_challenge(s, SEED_NONCE, SEED_SERVER);
}

#define MINE "<sip:001010123456789@[2001::1:d1ae:bb37:d9c9:81d0]:39003>"

static void the_expiry_is_that_of_our_contact(void **state)
{
	/* clang-format off */
	static const struct {
		const char *more;
		uint32_t want; /* 0: refused */
	} cases[] = {
		{"Contact: " MINE ";expires=3600\r\n", 3600},
		{"Contact: <sip:x@192.0.2.9>;expires=5, " MINE ";expires=70\r\n", 70},
		{"Contact: <sip:x@192.0.2.9>;expires=5\r\nContact: " MINE ";expires=71\r\n", 71},
		{"Contact: " MINE "\r\nExpires: 72\r\n", 72},
		{"Contact: " MINE ";expires=73\r\nExpires: 9\r\n", 73},
		{"Contact: <sip:001010123456789@[2001:0::1:d1ae:bb37:d9c9:81d0]:39003>;expires=74\r\n", 74},
		{"Expires: 75\r\n", 75},
		{"", 600000},
		{"Contact: " MINE ";expires=x\r\n", 600000},
		{"Contact: " MINE ";expires=99999999999\r\n", 600000},
		{"Contact: " MINE ";expires=0\r\n", 0},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		prove(&s);
		script_reply(&s, 200, cases[i].more);
		if (ims_ue_expires_s(s.ue, s.now) != cases[i].want)
			fail_msg("%s: %u", cases[i].more,
				 (unsigned)ims_ue_expires_s(s.ue, s.now));
		script_state(&s, cases[i].want ? "registered" : "idle");
		script_free(&s);
	}
}

static void another_identity_is_used_when_ours_is_barred(void **state)
{
	/* clang-format off */
	static const struct {
		const char *more, *want;
	} cases[] = {
		{"", "SUBSCRIBE sip:001010123456789@" SEED_REALM " SIP/2.0\r\n"},
		{"P-Associated-URI: <sip:a@b>, <sip:001010123456789@" SEED_REALM ">\r\n",
		 "SUBSCRIBE sip:001010123456789@" SEED_REALM " SIP/2.0\r\n"},
		{"P-Associated-URI: <sip:a@b>, <tel:+1>\r\n", "SUBSCRIBE sip:a@b SIP/2.0\r\n"},
		{"P-Associated-URI: \r\n", "SUBSCRIBE sip:001010123456789@" SEED_REALM " SIP/2.0\r\n"},
		{"P-Associated-URI: rubbish <<<\r\n", "SUBSCRIBE sip:001010123456789@" SEED_REALM " SIP/2.0\r\n"},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		prove(&s);
		script_ok(&s, 3600, cases[i].more);
		if (strncmp(s.last.text, cases[i].want,
			    strlen(cases[i].want)) != 0)
			fail_msg("%s: %.60s", cases[i].more, s.last.text);
		script_free(&s);
	}
}

static void none_clears_the_service_route(void **state)
{
	struct script s;

	prove(&s);
	script_ok(&s, 3600, "Service-Route: <sip:s;lr>\r\n");
	assert_int_equal(s.ue->service_route.n, 10);
	script_start(&s);
	script_ok(&s, 3600, "");
	assert_int_equal(s.ue->service_route.n, 0);
	script_free(&s);
}

static void a_200_that_does_not_list_us_is_told(void **state)
{
	struct script s;

	prove(&s);
	script_reply(&s, 200, "Contact: <sip:x@192.0.2.9>;expires=5\r\n");
	assert_true(
		script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_PEER, "our Contact"));
	script_free(&s);
}

static struct ims_ue_info look(const struct script *s)
{
	struct ims_ue_info i;

	ims_ue_info(s->ue, s->now, &i);
	return i;
}

#define GR "sip:001010123456789@" SEED_REALM ";gr=urn:x"

static void a_gruu_is_kept_if_it_is_one(void **state)
{
	/* clang-format off */
	static const struct {
		const char *param, *want;
	} cases[] = {
		{";pub-gruu=\"" GR "\"", GR},
		{"", ""},
		{";pub-gruu=\"sip:a@b\"", ""},
		{";pub-gruu=\"tel:+1;gr\"", ""},
		{";pub-gruu=\"rubbish\"", ""},
		{";pub-gruu=\"\"", ""},
		{";pub-gruu", ""},
		{";pub-gruu=\"sip:a@b;gr>;x\"", ""},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_ue_conf c;
		char more[512];
		struct script s;

		script_conf(&c);
		c.gruu = true;
		script_new(&s, &c);
		script_start(&s);
		assert_non_null(strstr(s.last.text, "gruu"));
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		snprintf(more, sizeof more,
			 "Contact: " MINE ";expires=60%s\r\n", cases[i].param);
		script_reply(&s, 200, more);
		script_state(&s, "registered");
		assert_str(look(&s).pub_gruu, cases[i].want);
		if (cases[i].want[0])
			assert_non_null(
				strstr(s.last.text, "Contact: <" GR ">"));
		else
			assert_non_null(strstr(s.last.text, ";ob>"));
		script_free(&s);
	}
}

static void nobody_who_did_not_ask_gets_a_gruu(void **state)
{
	struct script s;

	prove(&s);
	script_reply(&s, 200,
		     "Contact: " MINE ";expires=60;pub-gruu=\"" GR "\"\r\n");
	assert_int_equal(look(&s).pub_gruu.n, 0);
	script_free(&s);
}

#define INSTANCE ";+sip.instance=\"<urn:gsma:imei:35910506-000422-0>\""

static void our_contact_is_found_by_its_instance_and_flow(void **state)
{
	/* clang-format off */
	static const struct {
		const char *more;
		uint32_t want;
	} cases[] = {
		{"Contact: <sip:x@192.0.2.9:1>;expires=61" INSTANCE ";reg-id=1\r\n", 61},
		{"Contact: <sip:x@192.0.2.9:1>;expires=61" INSTANCE ";reg-id=2\r\n", 600000},
		{"Contact: <sip:x@192.0.2.9:1>;expires=61;reg-id=1\r\n", 600000},
		{"Contact: <sip:x@192.0.2.9:1>;expires=61" INSTANCE ";reg-id=1, " MINE ";expires=62\r\n", 62},
		{"Contact: *\r\n", 600000},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		prove(&s);
		script_reply(&s, 200, cases[i].more);
		assert_int_equal(ims_ue_expires_s(s.ue, s.now), cases[i].want);
		script_free(&s);
	}
}

static void all_associated_identities_are_shown(void **state)
{
	struct ims_ue_info i;
	struct script s;

	prove(&s);
	/* blanks instead of commas, as one network sends it */
	script_ok(&s, 3600,
		  "P-Associated-URI: <sip:a@b>  <sip:c@d;user=phone>\r\n"
		  "P-Associated-URI: <tel:+1>, <mailto:x>, <>\r\n");
	i = look(&s);
	assert_int_equal(i.n_impus, 4);
	assert_str(i.impu[0].uri, "sip:a@b");
	assert_string_equal(i.impu[0].state, "registered");
	assert_true(i.impu[0].is_default);
	assert_str(i.impu[1].uri, "sip:c@d;user=phone");
	assert_str(i.impu[2].uri, "tel:+1");
	assert_str(i.impu[3].uri, "sip:001010123456789@" SEED_REALM);
	assert_string_equal(i.impu[3].state, "barred");
	script_free(&s);
}

static void a_tel_uri_is_no_default_where_a_sip_uri_is(void **state)
{
	struct script s;

	prove(&s);
	script_ok(&s, 3600, "P-Associated-URI: <tel:+1>, <sip:a@b>\r\n");
	assert_memory_equal(s.last.text, "SUBSCRIBE sip:a@b ", 18);
	script_free(&s);
}

static void a_service_route_is_taken_whole_or_not_at_all(void **state)
{
	/* clang-format off */
	static const struct {
		const char *more, *want;
	} cases[] = {
		{"Service-Route: <sip:a;lr>, <sip:b;lr>\r\nService-Route: <sip:c;lr>\r\n",
		 "<sip:a;lr>, <sip:b;lr>, <sip:c;lr>"},
		{"Service-Route: <sip:a;lr>, rubbish <<\r\n", ""},
		{"Service-Route: <sip:a;lr>, <http://b>\r\n", ""},
		{"Service-Route:\r\n", ""},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		prove(&s);
		script_ok(&s, 3600, cases[i].more);
		script_state(&s, "registered");
		assert_str(look(&s).service_route, cases[i].want);
		script_free(&s);
	}
}

static void outbound_and_flow_timer_count_if_required(void **state)
{
	/* clang-format off */
	static const struct {
		const char *more;
		bool outbound;
		uint32_t keep_s;
	} cases[] = {
		{"Require: outbound\r\nFlow-Timer: 90\r\n", true, 90},
		{"Require: outbound\r\n", true, 0},
		{"Flow-Timer: 90\r\n", false, 0},
		{"Require: outbound\r\nFlow-Timer: 0\r\n", true, 0},
		{"Require: outbound\r\nFlow-Timer: -1\r\n", true, 0},
		{"Require: outbound\r\nFlow-Timer: 4294967295\r\n", true, 86400},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_ue_conf c;
		struct script s;

		script_conf(&c);
		c.outbound = true;
		script_new(&s, &c);
		script_start(&s);
		assert_non_null(strstr(s.last.text, ",outbound"));
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		script_ok(&s, 3600, cases[i].more);
		assert_int_equal(look(&s).outbound, cases[i].outbound);
		assert_int_equal(look(&s).keep_s, cases[i].keep_s);
		script_free(&s);
	}
}

static void a_first_hop_without_outbound_is_asked_without(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.outbound = true;
	script_new(&s, &c);
	script_start(&s);
	assert_non_null(strstr(s.last.text, ";reg-id=1"));
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_reply(&s, 439, "");
	script_state(&s, "trying");
	assert_null(strstr(s.last.text, "outbound"));
	assert_null(strstr(s.last.text, ";reg-id"));
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_expiry_is_that_of_our_contact),
		cmocka_unit_test(another_identity_is_used_when_ours_is_barred),
		cmocka_unit_test(none_clears_the_service_route),
		cmocka_unit_test(a_200_that_does_not_list_us_is_told),
		cmocka_unit_test(a_gruu_is_kept_if_it_is_one),
		cmocka_unit_test(nobody_who_did_not_ask_gets_a_gruu),
		cmocka_unit_test(our_contact_is_found_by_its_instance_and_flow),
		cmocka_unit_test(all_associated_identities_are_shown),
		cmocka_unit_test(a_tel_uri_is_no_default_where_a_sip_uri_is),
		cmocka_unit_test(a_service_route_is_taken_whole_or_not_at_all),
		cmocka_unit_test(outbound_and_flow_timer_count_if_required),
		cmocka_unit_test(a_first_hop_without_outbound_is_asked_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
