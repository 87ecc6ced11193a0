/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_build.c - the writer, and what it will not write. */
#include "sip_build.h"

#include "sip_test.h"

static char mem[4096];
static struct ims_buf b;

static void fresh(void)
{
	ims_buf_init(&b, mem, sizeof mem);
}

static void a_request_is_written_from_top_to_bottom(void **state)
{
	fresh();
	ims_sip_put_request(&b, "REGISTER", IMS_S("sip:ims.example.com"));
	ims_sip_put(&b, IMS_SIP_CALL_ID, IMS_S("c1"));
	ims_sip_putf(&b, IMS_SIP_CSEQ, "%u %s", 7u, "REGISTER");
	ims_sip_put_named(&b, IMS_S("X-Own"), IMS_S(""));
	ims_sip_put_body(&b, IMS_S("text/plain"), ims_str_n("a\0b", 3));
	assert_false(b.over);
	assert_int_equal(b.n, strlen(mem) + 2);
	assert_string_equal(mem, "REGISTER sip:ims.example.com SIP/2.0\r\n"
				 "Call-ID: c1\r\nCSeq: 7 REGISTER\r\n"
				 "X-Own: \r\nContent-Type: text/plain\r\n"
				 "Content-Length: 3\r\n\r\na");
	fresh();
	ims_sip_put_status(&b, 401, ims_str(ims_sip_reason(401)));
	ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
	assert_str(ims_buf_str(&b), "SIP/2.0 401 Unauthorized\r\n"
				    "Content-Length: 0\r\n\r\n");
}

static void folds_become_one_space(void **state)
{
	fresh();
	ims_sip_put_text(&b, IMS_S("a \r\n\t b\n c\r\n \r\n d"));
	assert_false(b.over);
	assert_str(ims_buf_str(&b), "a b c d");
}

static void nothing_opens_a_new_line(void **state)
{
	/* clang-format off */
	static const struct ims_str bad[] = {
		IMS_S_INIT("a\r\nRoute: <sip:evil>"), IMS_S_INIT("a\nb"),
		IMS_S_INIT("a\rb"), IMS_S_INIT("a\r\n"), IMS_S_INIT("a\n"),
		IMS_S_INIT("\r\n"), IMS_S_INIT("a\r\r\n b"), IMS_S_INIT("a\0b"),
		IMS_S_INIT("\0"), IMS_S_INIT("a\r"),
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(bad); i++) {
		struct ims_str s = fence(bad[i]);

		fresh();
		ims_sip_put(&b, IMS_SIP_CALL_ID, s);
		assert_true(b.over);
		fresh();
		ims_sip_put_named(&b, s, IMS_S("x"));
		assert_true(b.over);
		fresh();
		ims_sip_put_request(&b, "REGISTER", s);
		assert_true(b.over);
		fresh();
		ims_sip_put_status(&b, 200, s);
		assert_true(b.over);
		fresh();
		ims_sip_put_body(&b, s, IMS_S(""));
		assert_true(b.over);
		fresh();
		if (ims_str_find(s, 0) == s.n)
			ims_sip_putf(&b, IMS_SIP_ROUTE, "%.*s", IMS_STR_ARG(s));
		else
			ims_sip_putf(&b, IMS_SIP_ROUTE, "%c", 0);
		assert_true(b.over);
	}
}

static void a_quoted_zero_goes_back_as_it_came(void **state)
{
	fresh();
	ims_sip_put_text(&b, fence(ims_str_n("\"\\\0\\\0x\"", 7)));
	assert_false(b.over);
	assert_int_equal(b.n, 7);
	assert_memory_equal(b.p, "\"\\\0\\\0x\"", 7);
}

static void methods_and_names_are_tokens(void **state)
{
	fresh();
	ims_sip_put_request(&b, "REGISTER sip:x", IMS_S("sip:a"));
	assert_true(b.over);
	fresh();
	ims_sip_put_request(&b, "", IMS_S("sip:a"));
	assert_true(b.over);
	fresh();
	ims_sip_put_request(&b, "REGISTER", IMS_S("sip:a SIP/2.0"));
	assert_true(b.over);
	fresh();
	ims_sip_put_named(&b, IMS_S("a: b"), IMS_S("x"));
	assert_true(b.over);
	fresh();
	ims_sip_put(&b, IMS_SIP_OTHER, IMS_S("x"));
	assert_true(b.over);
}

static void lines_are_copied_as_they_stood(void **state)
{
	static struct ims_sip_msg m;

	assert_int_equal(ims_sip_msg_parse(with_lines("v: SIP/2.0/TCP x\r\n"
						      "k: a,\r\n b\r\n"),
					   &m, NULL),
			 0);
	fresh();
	ims_sip_copy(&b, &m, IMS_SIP_VIA);
	ims_sip_copy(&b, &m, IMS_SIP_SUPPORTED);
	ims_sip_copy(&b, &m, IMS_SIP_ALLOW);
	assert_str(ims_buf_str(&b),
		   "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\n"
		   "v: SIP/2.0/TCP x\r\nk: a, b\r\n");
}

static void what_does_not_fit_is_told(void **state)
{
	for (size_t cap = 0; cap < 60; cap++) {
		ims_buf_init(&b, mem, cap);
		ims_sip_put_request(&b, "REGISTER", IMS_S("sip:a"));
		ims_sip_putf(&b, IMS_SIP_CSEQ, "%u REGISTER", 1u);
		ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
		assert_true(b.over);
		assert_true(b.n <= cap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_written_from_top_to_bottom),
		cmocka_unit_test(folds_become_one_space),
		cmocka_unit_test(nothing_opens_a_new_line),
		cmocka_unit_test(a_quoted_zero_goes_back_as_it_came),
		cmocka_unit_test(methods_and_names_are_tokens),
		cmocka_unit_test(lines_are_copied_as_they_stood),
		cmocka_unit_test(what_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
