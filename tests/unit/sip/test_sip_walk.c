/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_walk.c - lists over several lines, and numbers. */
#include "sip_msg.h"

#include "sip_test.h"

static struct ims_sip_msg m;

static void parse(const char *lines)
{
	struct ims_sip_flaw why;

	if (ims_sip_msg_parse(with_lines(lines), &m, &why))
		fail_msg("%s", why.flaw.text);
}

static const char *walk(enum ims_sip_hdr_id id)
{
	static char out[512];
	struct ims_sip_walk w = ims_sip_walk(&m, id);
	struct ims_str value;
	size_t n = 0;

	out[0] = 0;
	while (ims_sip_walk_next(&w, &value))
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s",
				      n ? "|" : "", IMS_STR_ARG(value));
	assert_false(ims_sip_walk_next(&w, &value));
	return out;
}

static void values_come_in_order_over_all_lines(void **state)
{
	parse("Route: <sip:a>,<sip:b;x=\",\">\r\n"
	      "Supported: path\r\n"
	      "Route:\r\n"
	      "k: , gruu ,\r\n sec-agree\r\n"
	      "ROUTE: <sip:c,d>\r\n");
	assert_string_equal(walk(IMS_SIP_ROUTE),
			    "<sip:a>|<sip:b;x=\",\">|<sip:c,d>");
	assert_string_equal(walk(IMS_SIP_SUPPORTED), "path|gruu|sec-agree");
	assert_string_equal(walk(IMS_SIP_PATH), "");
}

static void blanks_split_associated_uris(void **state)
{
	parse("P-Associated-URI: <sip:a>  <sip:b;user=phone>\r\n <tel:c>,"
	      "<sip:d>;x <sip:e>\r\n");
	assert_string_equal(
		walk(IMS_SIP_P_ASSOCIATED_URI),
		"<sip:a>|<sip:b;user=phone>|<tel:c>|<sip:d>;x <sip:e>");
}

static void tokens_are_looked_up_whole(void **state)
{
	parse("Require: Sec-Agree, outbound\r\n"
	      "Accept: application/sdp;level=1\r\n");
	assert_true(ims_sip_lists(&m, IMS_SIP_REQUIRE, "sec-agree"));
	assert_true(ims_sip_lists(&m, IMS_SIP_REQUIRE, "outbound"));
	assert_false(ims_sip_lists(&m, IMS_SIP_REQUIRE, "sec"));
	assert_false(ims_sip_lists(&m, IMS_SIP_REQUIRE, "sec-agree-x"));
	assert_false(ims_sip_lists(&m, IMS_SIP_PROXY_REQUIRE, "sec-agree"));
	assert_true(ims_sip_lists(&m, IMS_SIP_ACCEPT, "application/sdp"));
}

static void numbers_are_read(void **state)
{
	/* clang-format off */
	static const struct {
		const char *lines;
		int err;
		uint32_t n;
	} rows[] = {
		{"Expires: 600000\r\n", 0, 600000},
		{"Expires: 0\r\n", 0, 0},
		{"Expires: 4294967295\r\n", 0, UINT32_MAX},
		{"Expires: 007 (a comment)\r\n", 0, 7},
		{"Expires: 7;duration=3\r\n", 0, 7},
		{"Expires:\r\n 7\r\n", 0, 7},
		{"Expires: 4294967296\r\n", -IMS_E_RANGE, 0},
		{"Expires: 99999999999999999999999\r\n", -IMS_E_RANGE, 0},
		{"Expires: -1\r\n", -IMS_E_SYNTAX, 0},
		{"Expires: 1.5\r\n", -IMS_E_SYNTAX, 0},
		{"Expires: 1 2\r\n", -IMS_E_SYNTAX, 0},
		{"Expires:\r\n", -IMS_E_SYNTAX, 0},
		{"Expires: Thu, 01 Jan 1970\r\n", -IMS_E_SYNTAX, 0},
		{"", -IMS_E_NOTFOUND, 0},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		uint32_t n = 4711;

		parse(rows[i].lines);
		if (ims_sip_number(&m, IMS_SIP_EXPIRES, &n) != rows[i].err)
			fail_msg("%s", rows[i].lines);
		assert_int_equal(n, rows[i].err ? 4711 : rows[i].n);
	}
}

static void an_empty_header_is_there(void **state)
{
	parse("Supported:\r\n");
	assert_true(ims_sip_has(&m, IMS_SIP_SUPPORTED));
	assert_int_equal(ims_sip_get(&m, IMS_SIP_SUPPORTED).n, 0);
	assert_false(ims_sip_has(&m, IMS_SIP_ALLOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_in_order_over_all_lines),
		cmocka_unit_test(blanks_split_associated_uris),
		cmocka_unit_test(tokens_are_looked_up_whole),
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(an_empty_header_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
