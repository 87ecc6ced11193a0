/* SPDX-License-Identifier: BSD-2-Clause */
/* test_conform_note.c - what is remembered. */
#include "conform_priv.h"
#include "test.h"

static struct ims_conform c;
static const struct ims_flow inside = {.set = 3};

static void note(bool from_ue, const char *text)
{
	struct ims_sip_msg m;

	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
	ims_conform_note(&c, from_ue, &m, &inside);
}

#define HEAD(method)                                                      \
	"Via: SIP/2.0/UDP h;branch=z9hG4bKb\r\nFrom: <sip:u@h>;tag=f\r\n" \
	"To: <sip:u@h>\r\nCall-ID: c\r\nCSeq: 8 " method "\r\n"
#define END "Content-Length: 0\r\n\r\n"

static void what_both_said_is_kept(void **state)
{
	memset(&c, 0, sizeof c);
	note(true,
	     "REGISTER sip:h SIP/2.0\r\n" HEAD(
		     "REGISTER") "Security-Client: a;x=1\r\nSecurity-Client: "
				 "b, c\r\n" END);
	assert_string_equal(c.client, "a;x=1, b, c");
	assert_string_equal(c.impu, "sip:u@h");
	assert_int_equal(c.cseq, 8);
	assert_int_equal(c.set, 3);
	note(false,
	     "SIP/2.0 401 No\r\n" HEAD(
		     "REGISTER") "WWW-Authenticate: Digest nonce=\"N\"\r\n"
				 "Security-Server: s\r\n" END);
	assert_string_equal(c.used, "a;x=1, b, c");
	assert_string_equal(c.server, "s");
	assert_string_equal(c.nonce, "N");
	note(false, "SIP/2.0 423 Brief\r\n" HEAD(
			    "REGISTER") "Min-Expires: 77\r\n" END);
	assert_int_equal(c.min_expires, 77);
	note(false,
	     "SIP/2.0 200 OK\r\n" HEAD(
		     "REGISTER") "Service-Route: <sip:a>\r\nService-Route: "
				 "<sip:b>\r\nP-Associated-URI: <sip:u@h>"
				 "\r\n" END);
	assert_string_equal(c.route, "<sip:a>, <sip:b>");
	assert_string_equal(c.associated, "<sip:u@h>");
	/* the set that it came in is that of these two from now on */
	assert_int_equal(c.proven, 3);
	assert_string_equal(c.proven_used, "a;x=1, b, c");
	assert_string_equal(c.proven_server, "s");
	note(true, "SUBSCRIBE sip:h SIP/2.0\r\n" HEAD("SUBSCRIBE") END);
	assert_string_equal(c.sub_call_id, "c");
	assert_string_equal(c.sub_from, "f");
	assert_int_equal(c.sub_cseq, 8);
	note(false, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKb\r\n"
		    "From: <sip:u@h>;tag=f\r\nTo: <sip:u@h>;tag=t\r\n"
		    "Call-ID: c\r\nCSeq: 8 SUBSCRIBE\r\n" END);
	assert_string_equal(c.sub_to, "t");
}

/* Neither our own requests nor the answers of the UE say anything new. */
static void only_its_own_words_count(void **state)
{
	memset(&c, 0, sizeof c);
	note(false, "REGISTER sip:h SIP/2.0\r\n" HEAD("REGISTER") END);
	note(true, "SIP/2.0 401 No\r\n" HEAD(
			   "REGISTER") "Security-Server: s\r\n" END);
	note(false, "SIP/2.0 200 OK\r\n" HEAD("NOTIFY") END);
	assert_string_equal(c.call_id, "");
	assert_string_equal(c.server, "");
}

static void what_does_not_fit_is_not_kept(void **state)
{
	static char text[CONFORM_TEXT * 3];

	memset(&c, 0, sizeof c);
	snprintf(text, sizeof text,
		 "REGISTER sip:h SIP/2.0\r\n" HEAD(
			 "REGISTER") "Security-Client: %0*d\r\n" END,
		 CONFORM_TEXT + 10, 1);
	note(true, text);
	assert_string_equal(c.client, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_both_said_is_kept),
		cmocka_unit_test(only_its_own_words_count),
		cmocka_unit_test(what_does_not_fit_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
