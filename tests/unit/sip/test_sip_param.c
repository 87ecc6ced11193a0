/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_param.c - parameters, comma lists, q. */
#include "sip_param.h"

#include "base_err.h"

#include "sip_test.h"

/* "name=value|name|..." of the whole list. */
static const char *spell(const char *text)
{
	static char out[512];
	struct ims_str list = fence(ims_str(text));
	struct ims_sip_param p;
	size_t n = 0;

	out[0] = 0;
	while (ims_sip_param_next(&list, &p))
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s%s%.*s",
				      n ? "|" : "", IMS_STR_ARG(p.name),
				      p.has_value ? "=" : "", (int)p.value.n,
				      p.value.n ? p.value.p : "");
	assert_int_equal(list.n, 0);
	return out;
}

static void parameters_are_taken_one_by_one(void **state)
{
	assert_string_equal(spell(";a=1;b;c=\"x;y\""), "a=1|b|c=\"x;y\"");
	assert_string_equal(spell(" ; a = 1 ;\r\n\tb ;c= \"q\\\";\" "),
			    "a=1|b|c=\"q\\\";\"");
	assert_string_equal(spell("a=1;b=[::1]:5"), "a=1|b=[::1]:5");
	assert_string_equal(spell(";a=;b"), "a=|b");
	assert_string_equal(spell(";+g.3gpp.icsi-ref = \"urn\""),
			    "+g.3gpp.icsi-ref=\"urn\"");
}

static void what_is_no_parameter_is_skipped(void **state)
{
	assert_string_equal(spell(""), "");
	assert_string_equal(spell(";;; ;"), "");
	assert_string_equal(spell(";=x;a"), "a");
	assert_string_equal(spell(";a b c;d"), "a|d");
	assert_string_equal(spell(";a=1 2;d"), "a=1|d");
	assert_string_equal(spell(";\"x;y\";d"), "d");
	assert_string_equal(spell(";a=\"open;b=1"), "");
	assert_string_equal(spell(";a=b\"open;c"), "a=b");
	assert_string_equal(spell("\""), "");
}

static void the_first_of_a_name_is_found(void **state)
{
	struct ims_str list = fence(IMS_S(";Tag=1;tag=2;x"));
	struct ims_sip_param p = {0};

	assert_true(ims_sip_param_find(list, "tag", &p));
	assert_str(p.value, "1");
	assert_true(ims_sip_param_find(list, "x", &p));
	assert_false(p.has_value);
	assert_null(p.value.p);
	assert_false(ims_sip_param_find(list, "ta", &p));
	assert_false(ims_sip_param_find((struct ims_str){0}, "tag", &p));
}

static void quotes_are_taken_off_in_pairs(void **state)
{
	assert_str(ims_sip_unquote(IMS_S("\"a\\\"b\"")), "a\\\"b");
	assert_str(ims_sip_unquote(IMS_S("a")), "a");
	assert_str(ims_sip_unquote(IMS_S("\"")), "\"");
	assert_str(ims_sip_unquote(IMS_S("\"\"")), "");
	assert_str(ims_sip_unquote(IMS_S("")), "");
}

static const char *split(const char *text)
{
	static char out[512];
	struct ims_str list = fence(ims_str(text)), value;
	size_t n = 0;

	out[0] = 0;
	while (ims_sip_comma_next(&list, &value))
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s",
				      n ? "|" : "", IMS_STR_ARG(value));
	return out;
}

static void commas_split_outside_of_quotes_and_brackets(void **state)
{
	assert_string_equal(split("a,b , c"), "a|b|c");
	assert_string_equal(split(",, a ,,\r\n b,"), "a|b");
	assert_string_equal(split(""), "");
	assert_string_equal(split(","), "");
	assert_string_equal(split("\"x, y\" <sip:a,b@c>;p=\"1,2\",<d>"),
			    "\"x, y\" <sip:a,b@c>;p=\"1,2\"|<d>");
	assert_string_equal(split("\"\",\"\",a"), "\"\"|\"\"|a");
	assert_string_equal(split("<a>,<b>"), "<a>|<b>");
	assert_string_equal(split("<\">,b"), "<\">|b");
}

static void what_does_not_close_takes_the_rest(void **state)
{
	assert_string_equal(split("a,\"b,c"), "a|\"b,c");
	assert_string_equal(split("a,<b,c"), "a|<b|c");
	assert_string_equal(split("a,\"b\\\",c"), "a|\"b\\\",c");
}

static void q_is_read_in_thousandths(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		unsigned q;
	} good[] = {
		{"0", 0}, {"1", 1000}, {"0.1", 100}, {"0.25", 250},
		{"0.333", 333}, {"1.000", 1000}, {"0.", 0}, {"1.", 1000},
		{"0.001", 1},
	};
	static const char *const bad[] = {
		"", ".5", "2", "1.1", "0.1234", "-1", "0,5", "1.001", "0.a",
		"00", "01", "1e0",
	};
	/* clang-format on */
	unsigned q = 4711;

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(ims_sip_qvalue(fence(ims_str(bad[i])), &q),
				 -IMS_E_SYNTAX);
	assert_int_equal(q, 4711);
	for (size_t i = 0; i < N_OF(good); i++) {
		assert_int_equal(ims_sip_qvalue(fence(ims_str(good[i].text)),
						&q),
				 0);
		assert_int_equal(q, good[i].q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_taken_one_by_one),
		cmocka_unit_test(what_is_no_parameter_is_skipped),
		cmocka_unit_test(the_first_of_a_name_is_found),
		cmocka_unit_test(quotes_are_taken_off_in_pairs),
		cmocka_unit_test(commas_split_outside_of_quotes_and_brackets),
		cmocka_unit_test(what_does_not_close_takes_the_rest),
		cmocka_unit_test(q_is_read_in_thousandths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
