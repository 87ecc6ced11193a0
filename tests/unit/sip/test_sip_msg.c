/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_msg.c - what a message must have, and what it must not. */
#include "sip_msg.h"

#include "sip_test.h"

static struct ims_sip_msg m;
static struct ims_sip_flaw why;

#define START "REGISTER sip:a SIP/2.0\r\n"
#define VIA "Via: SIP/2.0/UDP h;branch=z9hG4bKa\r\n"
#define FROM "From: <sip:a@b>;tag=1\r\n"
#define TO "To: <sip:a@b>\r\n"
#define CALL "Call-ID: c\r\n"
#define CSEQ "CSeq: 1 REGISTER\r\n"
#define ALL VIA FROM TO CALL CSEQ

static int parse(const char *text)
{
	why = (struct ims_sip_flaw){0};
	return ims_sip_msg_parse(fence(ims_str(text)), &m, &why);
}

static void methods_are_known_by_case(void **state)
{
	for (int i = IMS_SIP_REGISTER; i <= IMS_SIP_PUBLISH; i++) {
		const char *name = ims_sip_method_name((enum ims_sip_method)i);

		assert_true(*name);
		assert_int_equal(ims_sip_method_find(ims_str(name)), i);
	}
	assert_int_equal(ims_sip_method_find(IMS_S("register")),
			 IMS_SIP_METHOD_OTHER);
	assert_int_equal(ims_sip_method_find(IMS_S("")), IMS_SIP_METHOD_OTHER);
	assert_int_equal(ims_sip_method_find(IMS_S("REGISTERS")),
			 IMS_SIP_METHOD_OTHER);
	assert_string_equal(ims_sip_method_name((enum ims_sip_method)99), "");
}

static void the_least_message_is_taken(void **state)
{
	assert_int_equal(parse(START ALL "\r\n"), 0);
	assert_int_equal(m.method, IMS_SIP_REGISTER);
	assert_int_equal(m.n_hdrs, 5);
	assert_int_equal(m.cseq, 1);
	assert_int_equal(m.body.n, 0);
	assert_int_equal(parse("\r\n\r\n" START ALL "\r\nbody"), 0);
	assert_str(m.body, "body");
	assert_int_equal(parse(START ALL "l: 2\r\n\r\nbody"), 0);
	assert_str(m.body, "bo");
	assert_int_equal(m.raw.p[m.raw.n - 1], 'o');
}

static void every_refusal_has_its_answer(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		int err;
		unsigned status;
	} rows[] = {
		{START FROM TO CALL CSEQ "\r\n", -IMS_E_SIP, 0},
		{START VIA TO CALL CSEQ "\r\n", -IMS_E_SIP, 0},
		{START VIA FROM CALL CSEQ "\r\n", -IMS_E_SIP, 0},
		{START VIA FROM TO CSEQ "\r\n", -IMS_E_SIP, 0},
		{START VIA FROM TO CALL "\r\n", -IMS_E_SIP, 0},
		{START ALL TO "\r\n", -IMS_E_SIP, 400},
		{START ALL "Expires: 1\r\nExpires: 2\r\n\r\n", -IMS_E_SIP, 400},
		{START ALL "l: 0\r\nContent-Length: 0\r\n\r\n", -IMS_E_SIP, 400},
		{START ALL "l: 1\r\n\r\n", -IMS_E_SIP, 400},
		{START ALL "l: \r\n\r\n", -IMS_E_SIP, 400},
		{START ALL "l: 4294967297\r\n\r\nx", -IMS_E_SIP, 400},
		{START ALL, -IMS_E_SIP, 400},
		{START ALL "nonsense\r\n\r\n", -IMS_E_SIP, 400},
		{START ALL ": x\r\n\r\n", -IMS_E_SIP, 400},
		{START ALL "a b: x\r\n\r\n", -IMS_E_SIP, 400},
		{START " x: y\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{START ALL "x: a\rb\r\n\r\n", -IMS_E_SIP, 400},
		{START ALL "x: a\r\r\n\r\n", -IMS_E_SIP, 400},
		{START ALL "Route: \"<sip:x>\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CALL "CSeq: 1\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CALL "CSeq: REGISTER\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CALL "CSeq: 1 register\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CALL "CSeq: 1 REGISTER x\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CALL "CSeq: 4294967296 REGISTER\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CALL "CSeq: -1 REGISTER\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CALL "CSeq: 0x1 REGISTER\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CSEQ "i:\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA FROM TO CSEQ "i: a b\r\n\r\n", -IMS_E_SIP, 400},
		{START VIA "From: *\r\n" TO CALL CSEQ "\r\n", -IMS_E_SIP, 400},
		{START "Via:\r\n" FROM TO CALL CSEQ "\r\n", -IMS_E_SIP, 400},
		{START "Via: h\r\n" FROM TO CALL CSEQ "\r\n", -IMS_E_SIP, 400},
		{"REGISTER  SIP/2.0\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER sip:a\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER sip:a HTTP/1.1\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER sip:a b SIP/2.0\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER nonsense SIP/2.0\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER sip:a SIP/2.0x\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER sip:a SIP/2.\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER\tsip:a SIP/2.0\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"REGISTER sip:a SIP/2.1\r\n" ALL "\r\n", -IMS_E_SIP_VERSION, 505},
		{"REGISTER sip:a SIP/99999999999.0\r\n" ALL "\r\n", -IMS_E_SIP, 400},
		{"FOO sip:a SIP/2.0\r\n" ALL "\r\n", -IMS_E_SIP, 501},
		{"SIP/2.0 20 OK\r\n" ALL "\r\n", -IMS_E_SIP, 0},
		{"SIP/2.0 099 OK\r\n" ALL "\r\n", -IMS_E_SIP, 0},
		{"SIP/2.0 700 OK\r\n" ALL "\r\n", -IMS_E_SIP, 0},
		{"SIP/2.0 2000 OK\r\n" ALL "\r\n", -IMS_E_SIP, 0},
		{"SIP/3.0 200 OK\r\n" ALL "\r\n", -IMS_E_SIP_VERSION, 0},
		{"SIP/2.0\r\n" ALL "\r\n", -IMS_E_SIP, 0},
		{"", -IMS_E_SIP, 0},
		{"\r\n", -IMS_E_SIP, 0},
		{"X", -IMS_E_SIP, 0},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		int err = parse(rows[i].text);

		if (err != rows[i].err || why.status != rows[i].status ||
		    why.flaw.err != err || !why.flaw.text[0])
			fail_msg("%s: %d %u %s", rows[i].text, err, why.status,
				 why.flaw.text);
	}
}

static void what_is_refused_is_not_needed_to_be_explained(void **state)
{
	assert_int_equal(ims_sip_msg_parse(fence(IMS_S("X")), &m, NULL),
			 -IMS_E_SIP);
}

static void other_protocols_are_named(void **state)
{
	parse("\xf8\x01");
	assert_string_equal(why.flaw.text, "SigComp, not decoded: ");
	ims_sip_msg_parse(fence(ims_str_n("\0\1\0\0", 4)), &m, &why);
	assert_non_null(strstr(why.flaw.text, "not SIP"));
}

static void a_zero_byte_stands_in_a_quoted_pair_only(void **state)
{
	static const char pair[] =
		START VIA FROM "To: \"a\\\0b\" <sip:a@b>\r\n" CALL CSEQ "\r\n";
	static const char bare[] = START ALL "x: a\0b\r\n\r\n";
	static const char first[] = "\0";

	assert_int_equal(ims_sip_msg_parse(fence(ims_str_n(pair,
							   sizeof pair - 1)),
					   &m, &why),
			 0);
	assert_int_equal(ims_sip_msg_parse(fence(ims_str_n(bare,
							   sizeof bare - 1)),
					   &m, &why),
			 -IMS_E_SIP);
	assert_int_equal(why.status, 400);
	assert_int_equal(ims_sip_msg_parse(fence(ims_str_n(first, 1)), &m,
					   &why),
			 -IMS_E_SIP);
}

static void two_hundred_headers_are_too_many(void **state)
{
	static char lines[16384];
	size_t n = 0;

	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(lines + n, sizeof lines - n,
				      "x-%d: y\r\n", i);
	assert_int_equal(ims_sip_msg_parse(with_lines(lines), &m, &why),
			 -IMS_E_TOOBIG);
	assert_int_equal(why.status, 513);
	assert_int_equal(m.n_hdrs, IMS_SIP_MAX_HDRS);
}

static void a_header_of_sixty_kilobytes_is_taken(void **state)
{
	static char lines[70000] = "Supported: ";
	size_t n = strlen(lines);

	memset(lines + n, 'a', 60000);
	strcpy(lines + n + 60000, "\r\n");
	assert_int_equal(ims_sip_msg_parse(with_lines(lines), &m, &why), 0);
	assert_int_equal(ims_sip_get(&m, IMS_SIP_SUPPORTED).n, 60000);
	memset(lines + n, 'a', 66000);
	strcpy(lines + n + 66000, "\r\n");
	assert_int_equal(ims_sip_msg_parse(with_lines(lines), &m, &why),
			 -IMS_E_TOOBIG);
	assert_int_equal(why.status, 513);
}

static void cut_short_nothing_is_over_read(void **state)
{
	static const char text[] =
		START ALL "Contact: \"a\\\"b\" <sip:a@[::1]:5>;x=\"y\\\"z\"\r\n"
			  "Authorization: Digest a=\"b\\\"\"\r\nl: 0\r\n\r\n";

	for (size_t n = 0; n < sizeof text - 1; n++)
		assert_int_not_equal(
			ims_sip_msg_parse(fence(ims_str_n(text, n)), &m, &why),
			0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_are_known_by_case),
		cmocka_unit_test(the_least_message_is_taken),
		cmocka_unit_test(every_refusal_has_its_answer),
		cmocka_unit_test(what_is_refused_is_not_needed_to_be_explained),
		cmocka_unit_test(other_protocols_are_named),
		cmocka_unit_test(a_zero_byte_stands_in_a_quoted_pair_only),
		cmocka_unit_test(two_hundred_headers_are_too_many),
		cmocka_unit_test(a_header_of_sixty_kilobytes_is_taken),
		cmocka_unit_test(cut_short_nothing_is_over_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
