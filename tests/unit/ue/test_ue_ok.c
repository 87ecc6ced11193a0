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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_expiry_is_that_of_our_contact),
		cmocka_unit_test(another_identity_is_used_when_ours_is_barred),
		cmocka_unit_test(none_clears_the_service_route),
		cmocka_unit_test(a_200_that_does_not_list_us_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
