/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_header.c - headers and statuses. */
#include "inject_case.h"

/* Does the case to the text; the message that leaves instead. */
static struct ims_inject *done(bool ue, const char *id, enum ims_inject_at at,
			       const char *text, struct ims_sip_msg *m)
{
	struct ims_inject *j = armed(ue, id);
	struct ims_inject_mail mail;

	/* what came before it */
	ims_inject_message(j, IMS_INJECT_GM_IN, &gm_clear, ims_str(register1),
			   0);
	if (!ims_inject_message(j, at, &gm_inside, ims_str(text), 1))
		fail_msg("%s was not done", id);
	mail_is(j, 1, at, &mail, m);
	return j;
}

static void headers_go(void **state)
{
	struct ims_sip_msg m;
	struct ims_inject *j = done(false, "no-security-server",
				    IMS_INJECT_GM_OUT, challenge, &m);

	assert_false(ims_sip_has(&m, IMS_SIP_SECURITY_SERVER));
	assert_true(ims_sip_has(&m, IMS_SIP_WWW_AUTHENTICATE));
	ims_inject_free(j);
}

static void headers_come_and_change(void **state)
{
	struct ims_sip_msg m;
	struct ims_inject *j = done(true, "network-smuggled", IMS_INJECT_GM_OUT,
				    register1, &m);

	value_is(&m, IMS_SIP_P_VISITED_NETWORK_ID, "other.example");
	value_is(&m, IMS_SIP_P_CHARGING_VECTOR, "icid-value=1");
	ims_inject_free(j);
	j = done(false, "other-associated-uri", IMS_INJECT_GM_OUT, ok, &m);
	value_is(&m, IMS_SIP_P_ASSOCIATED_URI, "<sip:default@other.example>");
	ims_inject_free(j);
}

static void a_success_that_was_not_earned(void **state)
{
	struct ims_sip_msg m;
	struct ims_inject *j = done(false, "200-without-challenge",
				    IMS_INJECT_GM_OUT, challenge, &m);

	assert_int_equal(m.status, 200);
	assert_str(m.reason, "OK");
	assert_false(ims_sip_has(&m, IMS_SIP_WWW_AUTHENTICATE));
	assert_false(ims_sip_has(&m, IMS_SIP_SECURITY_SERVER));
	value_is(&m, IMS_SIP_CONTACT,
		 "<sip:user@[2001:db8::10]:40002>;+g.3gpp.smsip");
	ims_inject_free(j);
}

static void a_status_with_its_headers(void **state)
{
	struct ims_sip_msg m;
	struct ims_inject *j =
		done(false, "421", IMS_INJECT_GM_OUT, challenge, &m);

	assert_int_equal(m.status, 421);
	assert_str(m.reason, "Extension Required");
	value_is(&m, IMS_SIP_REQUIRE, "sec-agree");
	ims_inject_free(j);
}

static void contacts(void **state)
{
	/* clang-format off */
	static const struct {
		const char *id, *value;
	} rows[] = {
		{"expires-short", "<sip:user@[2001:db8::10]:40002>;expires=60"},
		{"expires-zero", "<sip:user@[2001:db8::10]:40002>;expires=0"},
		{"alien-contact", "<sip:a@198.51.100.1>;expires=600000"},
		{"other-contacts", "<sip:a@198.51.100.1>;expires=10, "
		 "<sip:b@198.51.100.2:5070>;expires=20, "
		 "<sip:user@[2001:db8::10]:40002>;expires=600000"},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_sip_msg m;
		struct ims_inject *j =
			done(false, rows[i].id, IMS_INJECT_GM_OUT, ok, &m);

		value_is(&m, IMS_SIP_CONTACT, rows[i].value);
		ims_inject_free(j);
	}
}

static void a_504_wants_restoration_in_the_name_of_the_service_route(
	void **state)
{
	static const char sub_ok[] = "SIP/2.0 200 OK\r\n" HEAD(
		"SUBSCRIBE", "3", "s") "Expires: 100\r\nContent-Length: 0\r\n"
				       "\r\n";
	struct ims_inject *j = armed(false, "sub-504");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_false(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
					ims_str(ok), 0));
	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
				       ims_str(sub_ok), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &m);
	assert_int_equal(m.status, 504);
	value_is(&m, IMS_SIP_CONTENT_TYPE, "application/3gpp-ims+xml");
	value_is(&m, IMS_SIP_P_ASSERTED_IDENTITY, "<sip:s@home.example;lr>");
	assert_false(ims_sip_has(&m, IMS_SIP_EXPIRES));
	assert_true(m.body.n > 100);
	ims_inject_free(j);
	/* nobody's name is known */
	j = armed(false, "sub-504");
	assert_false(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
					ims_str(sub_ok), 0));
	ims_inject_free(j);
}

static void an_expiry_is_changed_where_it_stands(void **state)
{
	static const char both[] = "REGISTER sip:home.example SIP/2.0\r\n" HEAD(
		"REGISTER", "1",
		"a") "Contact: <sip:a@b>;expires=600000;x=\"y\"\r\n"
		     "Expires: 600000\r\nContent-Length: 0\r\n\r\n";
	struct ims_inject *j = armed(true, "expires-3600");
	struct ims_inject_mail mail;
	struct ims_sip_msg m;

	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_clear,
				       ims_str(both), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &m);
	value_is(&m, IMS_SIP_EXPIRES, "3600");
	value_is(&m, IMS_SIP_CONTACT, "<sip:a@b>;expires=3600;x=\"y\"");
	told(j, 0, "expires-3600");
	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_clear,
				       ims_str(register2), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &m);
	value_is(&m, IMS_SIP_EXPIRES, "3600");
	value_is(&m, IMS_SIP_CONTACT, "<sip:user@[2001:db8::10]:40002>");
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_expiry_is_changed_where_it_stands),
		cmocka_unit_test(
			a_504_wants_restoration_in_the_name_of_the_service_route),
		cmocka_unit_test(headers_go),
		cmocka_unit_test(headers_come_and_change),
		cmocka_unit_test(a_success_that_was_not_earned),
		cmocka_unit_test(a_status_with_its_headers),
		cmocka_unit_test(contacts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
