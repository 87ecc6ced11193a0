/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_uri.c - URIs read and compared. */
#include "sip_uri.h"

#include "sip_test.h"

static void the_parts_are_read(void **state)
{
	struct ims_sip_uri u;

	assert_int_equal(
		ims_sip_uri_parse(
			fence(IMS_S("SIP:al;x=1:pw@[2001:db8::1]:5062"
				    ";lr;transport=TCP?Route=%3Cx%3E&b=@")),
			&u),
		0);
	assert_int_equal(u.scheme, IMS_SIP_URI_SIP);
	assert_str(u.user, "al;x=1:pw");
	assert_str(u.host, "2001:db8::1");
	assert_int_equal(u.port, 5062);
	assert_str(u.params, ";lr;transport=TCP");
	assert_str(u.headers, "Route=%3Cx%3E&b=@");
	assert_int_equal(ims_sip_uri_parse(fence(IMS_S("sips:ims.example.com")),
					   &u),
			 0);
	assert_int_equal(u.scheme, IMS_SIP_URI_SIPS);
	assert_int_equal(u.user.n, 0);
	assert_int_equal(u.port, 0);
	assert_int_equal(
		ims_sip_uri_parse(
			fence(IMS_S("tel:+1-555-0100;phone-context=x")), &u),
		0);
	assert_int_equal(u.scheme, IMS_SIP_URI_TEL);
	assert_str(u.user, "+1-555-0100");
	assert_str(u.params, ";phone-context=x");
	assert_int_equal(ims_sip_uri_parse(fence(IMS_S("urn:service:sos")), &u),
			 0);
	assert_int_equal(u.scheme, IMS_SIP_URI_OTHER);
	assert_str(u.text, "urn:service:sos");
	assert_int_equal(u.host.n, 0);
}

static void what_is_no_uri_is_refused(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"", ":", "sip:", "sip", "alice@example.com", "sip:@host",
		"sip:a@", "sip:a@b c", "sip:a@b\r\nX: y", "sip:a@[::1",
		"sip:a@b:", "sip:a@b:0", "sip:a@b:65536", "sip:a@b:5x",
		"sip:a@b@c", "sip:a@b:99999999999999999999", "<sip:a@b>",
		"sip:a@b>", "sip:\"a\"@b", "tel:", "tel:;x", "sip:a@b/c",
		"foo:", "sip:a@b\x7f", "a@b:sip",
	};
	/* clang-format on */
	struct ims_sip_uri u = {.port = 4711};

	for (size_t i = 0; i < N_OF(bad); i++)
		if (ims_sip_uri_parse(fence(ims_str(bad[i])), &u) !=
		    -IMS_E_SYNTAX)
			fail_msg("%s", bad[i]);
	assert_int_equal(ims_sip_uri_parse(fence(ims_str_n("sip:a\0b@c", 9)),
					   &u),
			 -IMS_E_SYNTAX);
	assert_int_equal(u.port, 4711);
}

static void addresses_of_record_are_compared(void **state)
{
	/* clang-format off */
	static const struct {
		const char *a, *b;
		bool eq;
	} rows[] = {
		{"sip:a@Example.com", "SIP:a@example.COM;x=1?y=z", true},
		{"sip:a@example.com", "sip:A@example.com", false},
		{"sip:a@example.com", "sips:a@example.com", false},
		{"sip:a@example.com", "sip:a@example.com:5060", false},
		{"sip:%61@example.com", "sip:a@example.com", true},
		{"sip:a%3Bb@example.com", "sip:a;b@example.com", false},
		{"sip:a%3Bb@example.com", "sip:a%3bb@example.com", true},
		{"sip:a%00b@example.com", "sip:a@example.com", false},
		{"sip:%00@h", "sip:%00%00@h", false},
		{"sip:%41@h", "sip:%2541@h", false},
		{"sip:%4@h", "sip:%4@h", true},
		{"sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0::1]", true},
		{"sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]", false},
		{"tel:+1-555-0100", "tel:+15550100;x=y", true},
		{"tel:+15550100", "tel:+15550101", false},
		{"tel:+1555010", "tel:+15550100", false},
		{"urn:a", "urn:a", true},
		{"urn:a", "urn:b", false},
		{"nonsense", "nonsense", false},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++)
		if (ims_sip_uri_aor_eq(ims_str(rows[i].a),
				       ims_str(rows[i].b)) != rows[i].eq)
			fail_msg("%s %s", rows[i].a, rows[i].b);
}

static void contacts_are_compared_by_19_1_4(void **state)
{
	/* clang-format off */
	static const struct {
		const char *a, *b;
		bool eq;
	} rows[] = {
		{"sip:%61lice@atlanta.com;transport=TCP",
		 "sip:alice@AtLanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5",
		 true},
		{"sip:carol@chicago.com;newparam=5",
		 "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;security=on",
		 "sip:carol@chicago.com;security=off", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp",
		 false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;user=phone", false},
		{"sip:bob@h;maddr=192.0.2.1", "sip:bob@h", false},
		{"sip:bob@h?a=b", "sip:bob@h", false},
		{"sip:bob@h?a=b", "sip:bob@h?a=b", true},
		{"sip:bob@h;x=1;y=2", "sip:bob@h;y=2;x=1", true},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_str a = ims_str(rows[i].a), b = ims_str(rows[i].b);

		if (ims_sip_uri_eq(a, b) != rows[i].eq ||
		    ims_sip_uri_eq(b, a) != rows[i].eq)
			fail_msg("%s %s", rows[i].a, rows[i].b);
	}
}

static void addresses_and_transports_are_taken_out(void **state)
{
	struct ims_sip_uri u;
	struct ims_addr addr;
	enum ims_transport t;

	ims_sip_uri_parse(IMS_S("sip:192.0.2.1;transport=TCP"), &u);
	assert_int_equal(ims_sip_uri_addr(&u, 5060, &addr), 0);
	assert_int_equal(addr.port, 5060);
	assert_int_equal(addr.ip.family, 4);
	assert_int_equal(ims_sip_uri_transport(&u, &t), 0);
	assert_int_equal(t, IMS_TCP);
	ims_sip_uri_parse(IMS_S("sip:[2001:db8::1]:7"), &u);
	assert_int_equal(ims_sip_uri_addr(&u, 5060, &addr), 0);
	assert_int_equal(addr.port, 7);
	assert_int_equal(ims_sip_uri_transport(&u, &t), -IMS_E_NOTFOUND);
	ims_sip_uri_parse(IMS_S("sip:a@example.com;transport=sctp"), &u);
	assert_int_equal(ims_sip_uri_addr(&u, 5060, &addr), -IMS_E_SYNTAX);
	assert_int_equal(ims_sip_uri_transport(&u, &t), -IMS_E_SYNTAX);
	ims_sip_uri_parse(IMS_S("urn:x"), &u);
	assert_int_equal(ims_sip_uri_addr(&u, 5060, &addr), -IMS_E_SYNTAX);
}

static void thousands_of_parameters_cost_no_time(void **state)
{
	static char a[60000] = "sip:a@b";
	size_t n = 7;

	for (unsigned i = 0; n < sizeof a - 16; i++)
		n += (size_t)snprintf(a + n, sizeof a - n, ";p%u", i);
	assert_false(ims_sip_uri_eq(ims_str(a), IMS_S("sip:a@b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_are_read),
		cmocka_unit_test(what_is_no_uri_is_refused),
		cmocka_unit_test(addresses_of_record_are_compared),
		cmocka_unit_test(contacts_are_compared_by_19_1_4),
		cmocka_unit_test(addresses_and_transports_are_taken_out),
		cmocka_unit_test(thousands_of_parameters_cost_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
