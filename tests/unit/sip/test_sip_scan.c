/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_scan.c - characters, quoted strings, hosts, lines. */
#include "sip_scan.h"

#include <ctype.h>

#include "sip_test.h"

static bool in(int c, const char *set)
{
	return c && strchr(set, c);
}

static void the_classes_are_those_of_the_grammar(void **state)
{
	for (int c = 0; c < 256; c++) {
		bool alnum = c < 128 && isalnum(c);
		bool visible = c > 0x20 && c != 0x7f;
		unsigned want = 0;

		if (alnum || in(c, "-.!%*_+`'~"))
			want |= IMS_SIP_C_TOKEN;
		if (in(c, " \t\r\n"))
			want |= IMS_SIP_C_WS;
		if (visible && !in(c, ";,=\""))
			want |= IMS_SIP_C_NAME;
		if (visible && !in(c, ";,\""))
			want |= IMS_SIP_C_VALUE;
		if (visible && !in(c, ",\""))
			want |= IMS_SIP_C_CRED;
		if (alnum || in(c, "-._"))
			want |= IMS_SIP_C_HOST;
		if (visible && !in(c, "<>\\\""))
			want |= IMS_SIP_C_URI;
		if (c < 128 && (isxdigit(c) || in(c, ":.")))
			want |= IMS_SIP_C_IP6;
		if (ims_sip_chars[c] != want)
			fail_msg("0x%02x: %02x instead of %02x", c,
				 ims_sip_chars[c], want);
	}
}

static void a_quoted_string_ends_at_its_own_quote(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *quoted; /* NULL: does not end */
	} rows[] = {
		{"\"\"", "\"\""},
		{"\"a\"b", "\"a\""},
		{"\"a\\\"b\"c", "\"a\\\"b\""},
		{"\"a\\\\\"b\"", "\"a\\\\\""},
		{"\"a\\\\\\\"b\"", "\"a\\\\\\\"b\""},
		{"\"", NULL},
		{"\"abc", NULL},
		{"\"abc\\\"", NULL},
		{"\"\\", NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_str text = fence(ims_str(rows[i].text)), q;
		struct ims_sip_scan s = ims_sip_scan(text);

		if (!rows[i].quoted) {
			assert_false(ims_sip_scan_quoted(&s, &q));
			assert_ptr_equal(s.p, text.p);
			assert_false(ims_sip_balanced(text));
			continue;
		}
		assert_true(ims_sip_scan_quoted(&s, &q));
		assert_str(q, rows[i].quoted);
	}
	assert_true(ims_sip_balanced(fence(IMS_S("a=\"b\";c=\"d\\\"\""))));
	assert_false(ims_sip_balanced(fence(IMS_S("a=\"b\";c=\"d\\\""))));
	assert_true(ims_sip_balanced((struct ims_str){0}));
}

static void hosts_are_names_or_addresses(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text, *host, *rest;
	} rows[] = {
		{"a.example.com:5060", "a.example.com", ":5060"},
		{"192.0.2.1", "192.0.2.1", ""},
		{"[2001:db8::1]:5", "2001:db8::1", ":5"},
		{"[2001:db8::1", NULL, NULL},
		{"[]", NULL, NULL},
		{"[g]", NULL, NULL},
		{"[", NULL, NULL},
		{"@", NULL, NULL},
		{"", NULL, NULL},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_sip_scan s =
			ims_sip_scan(fence(ims_str(rows[i].text)));
		struct ims_str host;

		assert_int_equal(ims_sip_scan_host(&s, &host),
				 rows[i].host != NULL);
		if (!rows[i].host)
			continue;
		assert_str(host, rows[i].host);
		assert_str(ims_sip_scan_rest(&s), rows[i].rest);
	}
}

static void lines_come_with_their_folds(void **state)
{
	struct ims_str rest =
		fence(IMS_S("A: 1\r\n\t2\r\nB: 3\nC:\r\n 4\r\n\r\n body\r\n"));
	struct ims_str line, name, value;

	assert_true(ims_sip_line_next(&rest, &line));
	assert_str(line, "A: 1\r\n\t2");
	assert_true(ims_sip_line_split(line, &name, &value));
	assert_str(name, "A");
	assert_str(value, "1\r\n\t2");
	assert_true(ims_sip_line_next(&rest, &line));
	assert_str(line, "B: 3");
	assert_true(ims_sip_line_next(&rest, &line));
	assert_true(ims_sip_line_split(line, &name, &value));
	assert_str(value, "4");
	assert_true(ims_sip_line_next(&rest, &line));
	assert_int_equal(line.n, 0);
	assert_str(rest, " body\r\n");
}

static void a_line_without_end_is_none(void **state)
{
	struct ims_str rest = fence(IMS_S("A: 1")), line;

	assert_false(ims_sip_line_next(&rest, &line));
	rest = fence(IMS_S("A: 1\r\n 2"));
	assert_false(ims_sip_line_next(&rest, &line));
	rest = (struct ims_str){0};
	assert_false(ims_sip_line_next(&rest, &line));
}

static void what_is_no_header_is_not_split(void **state)
{
	static const char *const bad[] = {"",    ":",        "a",     "a b: c",
					  ": x", "a\r\n: x", "a;b: c"};
	struct ims_str name, value;

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_false(ims_sip_line_split(fence(ims_str(bad[i])), &name,
						&value));
	assert_true(ims_sip_line_split(fence(IMS_S("A \t:")), &name, &value));
	assert_str(name, "A");
	assert_int_equal(value.n, 0);
}

static void words_are_compared_without_case(void **state)
{
	assert_true(IMS_SIP_IS_WORD(IMS_S("SPI-c"), "spi-c"));
	assert_false(IMS_SIP_IS_WORD(IMS_S("spi-s"), "spi-c"));
	assert_false(IMS_SIP_IS_WORD(IMS_S("spi"), "spi-c"));
	assert_false(IMS_SIP_IS_WORD(IMS_S("spi-cc"), "spi-c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_classes_are_those_of_the_grammar),
		cmocka_unit_test(a_quoted_string_ends_at_its_own_quote),
		cmocka_unit_test(hosts_are_names_or_addresses),
		cmocka_unit_test(lines_come_with_their_folds),
		cmocka_unit_test(a_line_without_end_is_none),
		cmocka_unit_test(what_is_no_header_is_not_split),
		cmocka_unit_test(words_are_compared_without_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
