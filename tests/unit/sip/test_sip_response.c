/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_response.c - the head of a response. */
#include "sip_addr.h"
#include "sip_build.h"
#include "sip_via.h"

#include "sip_test.h"

static char mem[8192];
static struct ims_buf b;
static struct ims_sip_msg req, back;

#define REST                                                            \
	"From: \"x\" <sip:a@b>;tag=1\r\nt: <sip:a@b>\r\nCall-ID: c\r\n" \
	"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n"

static const struct ims_addr source = {{4, {198, 51, 100, 1}}, 4711};

static void answer(const char *via_lines, struct ims_str tag,
		   struct ims_addr from, bool fill_rport)
{
	char text[2048];
	int n = snprintf(text, sizeof text, "OPTIONS sip:a SIP/2.0\r\n%s" REST,
			 via_lines);

	ims_sip_msg_parse(fence(ims_str_n(text, (size_t)n)), &req, NULL);
	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &req, 200, tag, from, fill_rport);
	ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
	assert_false(b.over);
	ims_sip_msg_parse(ims_buf_str(&b), &back, NULL);
	assert_int_equal(back.status, 200);
}

static void the_head_is_copied(void **state)
{
	answer("Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKx\r\n"
	       "Via: SIP/2.0/UDP other;branch=z9hG4bKy\r\n",
	       IMS_S("t9"), source, true);
	assert_str(ims_buf_str(&b),
		   "SIP/2.0 200 OK\r\n"
		   "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKx\r\n"
		   "Via: SIP/2.0/UDP other;branch=z9hG4bKy\r\n"
		   "From: \"x\" <sip:a@b>;tag=1\r\n"
		   "To: <sip:a@b>;tag=t9\r\n"
		   "Call-ID: c\r\nCSeq: 1 OPTIONS\r\n"
		   "Content-Length: 0\r\n\r\n");
}

static void the_top_via_is_completed(void **state)
{
	/* clang-format off */
	static const struct {
		const char *in;
		bool fill;
		const char *out;
	} rows[] = {
		{"SIP/2.0/UDP 198.51.100.1;rport;branch=z", true,
		 "SIP/2.0/UDP 198.51.100.1;rport=4711;branch=z"
		 ";received=198.51.100.1"},
		{"SIP/2.0/UDP 198.51.100.1;rport;branch=z", false,
		 "SIP/2.0/UDP 198.51.100.1;rport;branch=z"},
		{"SIP/2.0/UDP 192.0.2.9;branch=z", true,
		 "SIP/2.0/UDP 192.0.2.9;branch=z;received=198.51.100.1"},
		{"SIP/2.0/UDP host.example.com:5062", false,
		 "SIP/2.0/UDP host.example.com:5062;received=198.51.100.1"},
		{"SIP/2.0/UDP 192.0.2.9;received=203.0.113.9;x=\"y;z\"", true,
		 "SIP/2.0/UDP 192.0.2.9;x=\"y;z\";received=198.51.100.1"},
		{"SIP/2.0/UDP 192.0.2.9 ; keep ,SIP/2.0/TCP b;received=1", true,
		 "SIP/2.0/UDP 192.0.2.9;keep;received=198.51.100.1"
		 ",SIP/2.0/TCP b;received=1"},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		char line[256];

		snprintf(line, sizeof line, "Via: %s\r\n", rows[i].in);
		answer(line, IMS_S(""), source, rows[i].fill);
		assert_str(ims_sip_get(&back, IMS_SIP_VIA), rows[i].out);
	}
}

static void ipv6_is_received_without_brackets(void **state)
{
	struct ims_addr six = {.port = 9};
	struct ims_sip_via via;

	assert_int_equal(ims_ip_parse(IMS_S("2001:db8::5"), &six.ip), 0);
	answer("Via: SIP/2.0/UDP [2001:DB8:0::5]:1;rport\r\n", IMS_S(""), six,
	       true);
	assert_int_equal(ims_sip_via_top(&back, &via), 0);
	assert_str(via.received, "2001:db8::5");
	assert_int_equal(via.rport, 9);
	answer("Via: SIP/2.0/UDP [2001:DB8:0::5]:1\r\n", IMS_S(""), six, true);
	assert_int_equal(ims_sip_via_top(&back, &via), 0);
	assert_int_equal(via.received.n, 0);
}

static void without_a_source_nothing_is_added(void **state)
{
	answer("Via: SIP/2.0/UDP a;rport\r\n", IMS_S(""), (struct ims_addr){0},
	       true);
	assert_str(ims_sip_get(&back, IMS_SIP_VIA), "SIP/2.0/UDP a;rport");
	assert_int_equal(ims_sip_tag(&back, IMS_SIP_TO).n, 0);
}

static void a_tag_that_is_there_stays(void **state)
{
	static const char text[] =
		"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: sip:a@b;tag=2\r\n"
		"Call-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n";

	assert_int_equal(ims_sip_msg_parse(IMS_S(text), &req, NULL), 0);
	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_put_response(&b, &req, 180, IMS_S("3"), source, true);
	ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
	assert_int_equal(ims_sip_msg_parse(ims_buf_str(&b), &back, NULL), 0);
	assert_str(ims_sip_tag(&back, IMS_SIP_TO), "2");
}

static void even_nonsense_is_answered(void **state)
{
	answer("Via: nonsense,;;\r\n", IMS_S("t"), source, true);
	assert_str(ims_sip_get(&back, IMS_SIP_VIA), "nonsense,;;");
}

static void reasons_are_the_registered_ones(void **state)
{
	assert_string_equal(ims_sip_reason(401), "Unauthorized");
	assert_string_equal(ims_sip_reason(494), "Security Agreement Required");
	assert_string_equal(ims_sip_reason(499), "Request Failure");
	assert_string_equal(ims_sip_reason(299), "OK");
	assert_string_equal(ims_sip_reason(0), "");
	assert_string_equal(ims_sip_reason(9999), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_is_copied),
		cmocka_unit_test(the_top_via_is_completed),
		cmocka_unit_test(ipv6_is_received_without_brackets),
		cmocka_unit_test(without_a_source_nothing_is_added),
		cmocka_unit_test(a_tag_that_is_there_stays),
		cmocka_unit_test(even_nonsense_is_answered),
		cmocka_unit_test(reasons_are_the_registered_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
