/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_addr.c - name-addr and addr-spec. */
#include "sip_addr.h"

#include "sip_test.h"

static void addresses_are_read(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *display, *uri, *params;
	} rows[] = {
		{"<sip:a@b>", "", "sip:a@b", ""},
		{"<sip:a@b;lr>;tag=1", "", "sip:a@b;lr", ";tag=1"},
		{"\"A \\\"B\\\" <c>\" <sip:a@b> ; tag = 1",
		 "\"A \\\"B\\\" <c>\"", "sip:a@b", "; tag = 1"},
		{"A B <sip:a@b>", "A B", "sip:a@b", ""},
		{"a<sip:a@b>", "a", "sip:a@b", ""},
		{" \r\n\t< sip:a@b\r\n > ", "", "sip:a@b", ""},
		{"sip:a@b;tag=1", "", "sip:a@b", ";tag=1"},
		{"sip:a@b ; tag=1", "", "sip:a@b", "; tag=1"},
		{"sip:a@b;x=\"<y>\"", "", "sip:a@b", ";x=\"<y>\""},
		{"<sip:a@b?Route=%3Cx%3E>", "", "sip:a@b?Route=%3Cx%3E", ""},
		{"tel:+1;x=y", "", "tel:+1", ";x=y"},
		{"<urn:x>;;;", "", "urn:x", ";;;"},
		{"\"\" <sip:a@b>", "\"\"", "sip:a@b", ""},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_sip_addr a;

		if (ims_sip_addr_parse(fence(ims_str(rows[i].text)), &a))
			fail_msg("%s", rows[i].text);
		assert_str(a.display, rows[i].display);
		assert_str(a.uri.text, rows[i].uri);
		assert_str(a.params, rows[i].params);
		assert_false(a.star);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"", "<", "<>", "<sip:a@b", "sip:a@b>", "\"a <sip:a@b>",
		"\"a\" sip:a@b", "\"a\"", "<sip:a@b> x", "<sip:a@b>,<sip:c@d>",
		"A, B <sip:a@b>", "sip:a@b?x=y", "sip:a@b,sip:c@d",
		"<sip:a@b>;x=\"y", "* ;expires=0", "**", "A;B <sip:a@b>",
		"<sip:a@b c>", "<sip:a@b>>",
	};
	/* clang-format on */
	struct ims_sip_addr a = {.star = true};

	for (size_t i = 0; i < N_OF(bad); i++)
		if (ims_sip_addr_parse(fence(ims_str(bad[i])), &a) !=
		    -IMS_E_SYNTAX)
			fail_msg("%s", bad[i]);
	assert_true(a.star);
}

static void the_star_is_known(void **state)
{
	struct ims_sip_addr a;

	assert_int_equal(ims_sip_addr_parse(fence(IMS_S(" * ")), &a), 0);
	assert_true(a.star);
}

static void the_first_of_a_header_is_found(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_addr a;

	assert_int_equal(
		ims_sip_msg_parse(with_lines("Contact: \"a,b\" <sip:a@b>, c\r\n"
					     "Route:\r\n"
					     "Path: nonsense\r\n"),
				  &m, NULL),
		0);
	assert_int_equal(ims_sip_addr_get(&m, IMS_SIP_CONTACT, &a), 0);
	assert_str(a.display, "\"a,b\"");
	assert_int_equal(ims_sip_addr_get(&m, IMS_SIP_ROUTE, &a),
			 -IMS_E_SYNTAX);
	assert_int_equal(ims_sip_addr_get(&m, IMS_SIP_PATH, &a), -IMS_E_SYNTAX);
	assert_int_equal(ims_sip_addr_get(&m, IMS_SIP_RECORD_ROUTE, &a),
			 -IMS_E_NOTFOUND);
	assert_str(ims_sip_tag(&m, IMS_SIP_FROM), "1");
	assert_int_equal(ims_sip_tag(&m, IMS_SIP_TO).n, 0);
	assert_int_equal(ims_sip_tag(&m, IMS_SIP_PATH).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(the_star_is_known),
		cmocka_unit_test(the_first_of_a_header_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
