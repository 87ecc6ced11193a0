/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_via.c - Via. */
#include "sip_via.h"

#include "sip_test.h"

static void a_via_is_read(void **state)
{
	struct ims_sip_via v;

	assert_int_equal(
		ims_sip_via_parse(
			fence(IMS_S("SIP / 2.0\r\n /udp [2001:db8::1] : 5062 ;"
				    "branch = z9hG4bKx;RPORT=7;"
				    "received=[2001:db8::2];keep;alias")),
			&v),
		0);
	assert_str(v.transport, "udp");
	assert_str(v.host, "2001:db8::1");
	assert_int_equal(v.port, 5062);
	assert_str(v.branch, "z9hG4bKx");
	assert_str(v.received, "[2001:db8::2]");
	assert_true(v.has_rport);
	assert_int_equal(v.rport, 7);
	assert_true(v.has_keep);
	assert_int_equal(ims_sip_via_parse(fence(IMS_S("SIP/2.0/TCP h;rport")),
					   &v),
			 0);
	assert_true(v.has_rport);
	assert_int_equal(v.rport, 0);
	assert_int_equal(v.port, 0);
	assert_int_equal(v.branch.n, 0);
	assert_false(v.has_keep);
	assert_str(v.params, ";rport");
}

static void what_is_no_via_is_refused(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"", "SIP", "SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/UDP ",
		"SIP/2.0/UDPh", "SIP/2.0 h", "SIP//UDP h", "SIP/2.0/UDP h:",
		"SIP/2.0/UDP h:0", "SIP/2.0/UDP h:65536", "SIP/2.0/UDP [::1",
		"SIP/2.0/UDP h x", "SIP/2.0/UDP h,", ";", "SIP/2.0/UDP ;x",
		"SIP/2.0/UDP h;rport=65536", "SIP/2.0/UDP h;rport=-1",
		"SIP/2.0/UDP h;rport;rport=1", "SIP/2.0/UDP h;branch",
		"SIP/2.0/UDP h;branch=a;branch=b", "SIP/2.0/UDP h;x=\"y",
		"SIP/2.0/UDP h;received=192.0.2.1;received=192.0.2.2",
	};
	/* clang-format on */
	struct ims_sip_via v = {.port = 4711};

	for (size_t i = 0; i < N_OF(bad); i++)
		if (ims_sip_via_parse(fence(ims_str(bad[i])), &v) !=
		    -IMS_E_SYNTAX)
			fail_msg("%s", bad[i]);
	assert_int_equal(v.port, 4711);
}

static void the_topmost_is_found(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_via v;

	assert_int_equal(ims_sip_msg_parse(with_lines("v: SIP/2.0/TCP x\r\n"),
					   &m, NULL),
			 0);
	assert_int_equal(ims_sip_via_top(&m, &v), 0);
	assert_str(v.host, "192.0.2.7");
	m.first[IMS_SIP_VIA] = 0;
	assert_int_equal(ims_sip_via_top(&m, &v), -IMS_E_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_via_is_read),
		cmocka_unit_test(what_is_no_via_is_refused),
		cmocka_unit_test(the_topmost_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
