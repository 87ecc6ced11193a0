/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_frame.c - messages out of a stream. */
#include "sip_frame.h"

#include "sip_msg.h"

#include "sip_test.h"

#define HEAD "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n"

static void a_whole_message_is_cut_out(void **state)
{
	struct ims_sip_frame f;
	struct ims_str s =
		fence(IMS_S(HEAD "l: 3\r\n\r\nabcOPTIONS sip:b SIP/2.0\r\n"));

	assert_int_equal(ims_sip_frame(s, &f), 0);
	assert_int_equal(f.kind, IMS_SIP_FRAME_MSG);
	assert_str(f.msg, HEAD "l: 3\r\n\r\nabc");
	assert_int_equal(f.used, f.msg.n);
}

static void byte_by_byte_it_waits_and_gives_the_same(void **state)
{
	struct ims_str s = IMS_S(HEAD "Content-Length  :\r\n 3\r\n\r\nabcX");

	for (size_t n = 0; n <= s.n; n++) {
		struct ims_sip_frame f;

		assert_int_equal(ims_sip_frame(fence(ims_str_n(s.p, n)), &f),
				 0);
		assert_int_equal(f.kind, n < s.n - 1 ? IMS_SIP_FRAME_MORE
						     : IMS_SIP_FRAME_MSG);
		assert_int_equal(f.used, n < s.n - 1 ? 0 : s.n - 1);
	}
}

static void keep_alives_are_told_from_messages(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		enum ims_sip_frame_kind kind;
		size_t used;
	} rows[] = {
		{"", IMS_SIP_FRAME_MORE, 0},
		{"\r", IMS_SIP_FRAME_MORE, 0},
		{"\r\n", IMS_SIP_FRAME_PONG, 2},
		{"\r\n\r", IMS_SIP_FRAME_MORE, 0},
		{"\r\n\r\n", IMS_SIP_FRAME_PING, 4},
		{"\r\n\r\n\r\n", IMS_SIP_FRAME_PING, 4},
		{"\r\n" HEAD, IMS_SIP_FRAME_PONG, 2},
		{"\n", IMS_SIP_FRAME_PONG, 1},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_sip_frame f;

		assert_int_equal(ims_sip_frame(fence(ims_str(rows[i].text)),
					       &f),
				 0);
		assert_int_equal(f.kind, rows[i].kind);
		assert_int_equal(f.used, rows[i].used);
	}
}

static void a_lost_stream_is_told(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{HEAD "\r\n", -IMS_E_SIP_FRAMING},
		{HEAD "l: 1\r\nContent-Length: 2\r\n\r\n", -IMS_E_SIP_FRAMING},
		{HEAD "l: -1\r\n\r\n", -IMS_E_SIP_FRAMING},
		{HEAD "l: \r\n\r\n", -IMS_E_SIP_FRAMING},
		{HEAD "l: 1 2\r\n\r\n", -IMS_E_SIP_FRAMING},
		{HEAD "l: 70000\r\n\r\n", -IMS_E_TOOBIG},
		{HEAD "l: 65535\r\n\r\n", -IMS_E_TOOBIG},
		{HEAD "l: 18446744073709551617\r\n\r\n", -IMS_E_TOOBIG},
		{"GET / HTTP/1.1\r\n\r\n", -IMS_E_SIP_FRAMING},
		{"\x16\x03\x01", -IMS_E_SIP_FRAMING},
		{"rest of a body\r\n", -IMS_E_SIP_FRAMING},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_sip_frame f = {.used = 4711};

		if (ims_sip_frame(fence(ims_str(rows[i].text)), &f) !=
		    rows[i].err)
			fail_msg("%s", rows[i].text);
		assert_int_equal(f.used, 4711);
	}
}

static void the_same_length_twice_frames(void **state)
{
	struct ims_sip_frame f;

	assert_int_equal(ims_sip_frame(fence(IMS_S(HEAD "l: 1\r\nl: 01\r\n"
							"\r\nx")),
				       &f),
			 0);
	assert_int_equal(f.kind, IMS_SIP_FRAME_MSG);
}

static void a_message_without_end_is_given_up(void **state)
{
	static char text[IMS_SIP_MAX_LEN + 1];
	struct ims_sip_frame f;

	memset(text, 'a', sizeof text);
	memcpy(text, HEAD, strlen(HEAD));
	assert_int_equal(ims_sip_frame(ims_str_n(text, IMS_SIP_MAX_LEN), &f),
			 0);
	assert_int_equal(f.kind, IMS_SIP_FRAME_MORE);
	assert_int_equal(ims_sip_frame(ims_str_n(text, sizeof text), &f),
			 -IMS_E_TOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_message_is_cut_out),
		cmocka_unit_test(byte_by_byte_it_waits_and_gives_the_same),
		cmocka_unit_test(keep_alives_are_told_from_messages),
		cmocka_unit_test(a_lost_stream_is_told),
		cmocka_unit_test(the_same_length_twice_frames),
		cmocka_unit_test(a_message_without_end_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
