/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_sec.c - Security-Client, -Server and -Verify. */
#include "sip_sec.h"

#include "sip_test.h"

static struct ims_sip_sec s;
static struct ims_flaw flaw;

static int parse(const char *text)
{
	flaw = (struct ims_flaw){0};
	return ims_sip_sec_parse(fence(ims_str(text)), &s, &flaw);
}

static void every_parameter_is_read(void **state)
{
	assert_int_equal(
		parse(" IPsec-3GPP ;q=0.25; ALG = hmac-sha-1-96 ;ealg=aes-cbc;"
		      "prot=esp;mod=UDP-enc-tun;spi-c=0000000100;"
		      "spi-s=4294967295;port-c=65535;port-s=05062;x=y;z "),
		0);
	assert_str(s.name, "IPsec-3GPP");
	assert_str(s.alg, "hmac-sha-1-96");
	assert_str(s.ealg, "aes-cbc");
	assert_str(s.prot, "esp");
	assert_str(s.mod, "UDP-enc-tun");
	assert_int_equal(s.spi_c, 100); /* decimal, never octal */
	assert_int_equal(s.spi_s, UINT32_MAX);
	assert_int_equal(s.port_c, 65535);
	assert_int_equal(s.port_s, 5062);
	assert_int_equal(s.q, 250);
	assert_int_equal(s.has, 31);
	assert_int_equal(s.text.p[0], 'I');
	assert_int_equal(s.text.p[s.text.n - 1], 'z');
}

static void what_is_absent_has_no_pointer(void **state)
{
	assert_int_equal(parse("ipsec-3gpp ; q=0.1"), 0);
	assert_null(s.alg.p);
	assert_null(s.ealg.p);
	assert_null(s.prot.p);
	assert_null(s.mod.p);
	assert_int_equal(s.has, IMS_SEC_HAS_Q);
	assert_int_equal(parse("ipsec-3gpp"), 0);
	assert_int_equal(s.has, 0);
}

static void mode_is_another_word_for_mod(void **state)
{
	assert_int_equal(parse("ipsec-3gpp; mode=\"trans\"; spi-c=\"7\""), 0);
	assert_str(s.mod, "trans");
	assert_int_equal(s.spi_c, 7);
	assert_int_equal(parse("ipsec-3gpp;mod=trans;mode=trans"),
			 -IMS_E_SYNTAX);
}

static void names_are_never_matched_by_prefix(void **state)
{
	assert_int_equal(parse("ipsec-3gpp;al=x;alg2=y;spi=5;port=1;qq=7"), 0);
	assert_null(s.alg.p);
	assert_int_equal(s.has, 0);
	assert_int_equal(
		parse("ipsec-3gpp;alg=hmac-sha-2-256-128;ealg=aes-gcm-16"), 0);
	assert_str(s.alg, "hmac-sha-2-256-128");
	assert_str(s.ealg, "aes-gcm-16");
}

static void what_is_wrong_is_named(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		int err;
		const char *names;
	} rows[] = {
		{"ipsec-3gpp;spi-c=4294967296", -IMS_E_RANGE, "spi-c"},
		{"ipsec-3gpp;spi-s=99999999999999999999", -IMS_E_RANGE, "spi-s"},
		{"ipsec-3gpp;spi-c=00000000001", -IMS_E_RANGE, "spi-c"},
		{"ipsec-3gpp;port-c=65536", -IMS_E_RANGE, "port-c"},
		{"ipsec-3gpp;port-s=-1", -IMS_E_SYNTAX, "port-s"},
		{"ipsec-3gpp;spi-c=0x10", -IMS_E_SYNTAX, "spi-c"},
		{"ipsec-3gpp;spi-c=", -IMS_E_SYNTAX, "spi-c"},
		{"ipsec-3gpp;spi-c", -IMS_E_SYNTAX, "spi-c"},
		{"ipsec-3gpp;alg", -IMS_E_SYNTAX, "alg"},
		{"ipsec-3gpp;alg=\"\"", -IMS_E_SYNTAX, "alg"},
		{"ipsec-3gpp;q=2", -IMS_E_SYNTAX, "q"},
		{"ipsec-3gpp;q=0.1;q=0.1", -IMS_E_SYNTAX, "q"},
		{"ipsec-3gpp;alg=a;ALG=a", -IMS_E_SYNTAX, "ALG"},
		{"ipsec-3gpp;port-c=1;port-c=1", -IMS_E_SYNTAX, "port-c"},
		{"ipsec-3gpp;x=1;X=2", -IMS_E_SYNTAX, "X"},
		{"ipsec-3gpp;mediasec;mediasec", -IMS_E_SYNTAX, "mediasec"},
		{"ipsec-3gpp;alg=\"open", -IMS_E_SYNTAX, ""},
		{"ipsec-3gpp;=x", -IMS_E_SYNTAX, ""},
		{"ipsec-3gpp alg=x", -IMS_E_SYNTAX, ""},
		{"ipsec-3gpp;alg=x y", -IMS_E_SYNTAX, ""},
		{"ipsec-3gpp,tls", -IMS_E_SYNTAX, ""},
		{"", -IMS_E_SYNTAX, ""},
		{";q=1", -IMS_E_SYNTAX, ""},
	};
	/* clang-format on */

	s.port_c = 4711;
	for (size_t i = 0; i < N_OF(rows); i++) {
		if (parse(rows[i].text) != rows[i].err ||
		    flaw.err != rows[i].err ||
		    !strstr(flaw.text, rows[i].names))
			fail_msg("%s: %s", rows[i].text, flaw.text);
		assert_int_equal(s.port_c, 4711);
	}
}

static void other_mechanisms_are_not_judged(void **state)
{
	assert_int_equal(parse("digest;d-alg=md5;d-ver=\"0;1,2\";q=9;spi-c=x"),
			 0);
	assert_str(s.name, "digest");
	assert_int_equal(s.has, 0);
	assert_int_equal(parse("sdes-srtp;mediasec"), 0);
	assert_true(s.mediasec);
}

static void a_list_may_be_spread_over_lines(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_sec list[4];
	size_t n = 4711;

	ims_sip_msg_parse(
		with_lines(
			"Security-Client: ipsec-3gpp;alg=a,\r\n tls;q=0.2\r\n"
			"Security-Client:\r\n"
			"security-client: ,ipsec-3gpp;alg=b;x=\",\"\r\n"
			"Security-Verify:\r\n"),
		&m, NULL);
	assert_int_equal(ims_sip_sec_get(&m, IMS_SIP_SECURITY_CLIENT, list, 4,
					 &n, &flaw),
			 0);
	assert_int_equal(n, 3);
	assert_str(list[0].alg, "a");
	assert_str(list[1].name, "tls");
	assert_str(list[2].text, "ipsec-3gpp;alg=b;x=\",\"");
	n = 4711;
	assert_int_equal(ims_sip_sec_get(&m, IMS_SIP_SECURITY_CLIENT, list, 2,
					 &n, &flaw),
			 -IMS_E_TOOBIG);
	assert_int_equal(ims_sip_sec_get(&m, IMS_SIP_SECURITY_SERVER, list, 4,
					 &n, &flaw),
			 -IMS_E_NOTFOUND);
	assert_int_equal(ims_sip_sec_get(&m, IMS_SIP_SECURITY_VERIFY, list, 4,
					 &n, &flaw),
			 -IMS_E_SYNTAX);
	assert_int_equal(n, 4711);
}

static bool same(const char *x, const char *y)
{
	struct ims_sip_sec a, b;

	assert_int_equal(ims_sip_sec_parse(ims_str(x), &a, NULL), 0);
	assert_int_equal(ims_sip_sec_parse(ims_str(y), &b, NULL), 0);
	assert_int_equal(ims_sip_sec_same(&a, &b), ims_sip_sec_same(&b, &a));
	return ims_sip_sec_same(&a, &b);
}

static void what_is_the_same_in_another_spelling_is_the_same(void **state)
{
	assert_true(same("ipsec-3gpp;q=0.1;alg=hmac-md5-96;spi-c=0000000007",
			 "IPSEC-3GPP ; spi-c=7; ALG=\"HMAC-md5-96\" ;q=0.100"));
	assert_true(same("ipsec-3gpp;alg=a", "ipsec-3gpp;alg=a;prot=esp;"
					     "mod=trans;ealg=null"));
	assert_true(same("ipsec-3gpp;x=y;z", "ipsec-3gpp;Z;X=Y"));
	assert_true(same("tls;q=0.2", "tls;q=0.2"));
}

static void every_difference_is_seen(void **state)
{
	/* clang-format off */
	static const char *const other[] = {
		"tls;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=b;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=ah;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=tun;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=5;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=5;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=5;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=5;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.4;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=z",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y;w",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-s=2;port-c=3;port-s=4;q=0.5;x=y",
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y;mediasec",
	};
	static const char own[] =
		"ipsec-3gpp;alg=a;ealg=e;prot=esp;mod=trans;spi-c=1;spi-s=2;port-c=3;port-s=4;q=0.5;x=y";
	/* clang-format on */

	assert_true(same(own, own));
	for (size_t i = 0; i < N_OF(other); i++)
		if (same(own, other[i]))
			fail_msg("%s", other[i]);
	assert_false(same("tls;spi-c=99999999999", "tls;spi-c=88888888888"));
	assert_false(same("x;v=\"a\"", "x;v=\"A\""));
}

static void it_is_written_in_both_styles(void **state)
{
	char text[256];
	struct ims_buf b;

	s = (struct ims_sip_sec){.name = IMS_S("ipsec-3gpp"),
				 .alg = IMS_S("hmac-md5-96"),
				 .prot = IMS_S("esp"),
				 .mod = IMS_S("trans"),
				 .ealg = IMS_S("null"),
				 .has = 31,
				 .q = 100,
				 .spi_c = 565817,
				 .spi_s = 1,
				 .port_c = 38003,
				 .port_s = 39003};
	ims_buf_init(&b, text, sizeof text);
	ims_sip_sec_put(&b, &s, (struct ims_sip_sec_style){true, false});
	assert_str(ims_buf_str(&b),
		   "ipsec-3gpp;q=0.1;alg=hmac-md5-96;prot=esp;mod=trans;"
		   "ealg=null;spi-c=0000565817;spi-s=0000000001;port-c=38003;"
		   "port-s=39003");
	s.q = 1000;
	s.prot = s.mod = s.ealg = (struct ims_str){0};
	ims_buf_init(&b, text, sizeof text);
	ims_sip_sec_put(&b, &s, (struct ims_sip_sec_style){false, true});
	assert_str(ims_buf_str(&b),
		   "ipsec-3gpp;alg=hmac-md5-96;spi-c=565817;spi-s=1;"
		   "port-c=38003;port-s=39003;q=1.0");
}

static void every_q_comes_back(void **state)
{
	for (unsigned q = 0; q <= 1000; q++) {
		char text[64];
		struct ims_buf b;
		struct ims_sip_sec out = {.name = IMS_S("tls"),
					  .has = IMS_SEC_HAS_Q,
					  .q = q};

		ims_buf_init(&b, text, sizeof text);
		ims_sip_sec_put(&b, &out, (struct ims_sip_sec_style){0});
		assert_int_equal(ims_sip_sec_parse(ims_buf_str(&b), &s, NULL),
				 0);
		assert_int_equal(s.q, q);
	}
}

static void words_that_are_no_tokens_are_not_written(void **state)
{
	static const char *const bad[] = {"",          "a;b",   "a,b", "a b",
					  "a\r\nX: y", "\"a\"", "a=b"};
	char text[256];
	struct ims_buf b;

	for (size_t i = 0; i < N_OF(bad); i++) {
		s = (struct ims_sip_sec){.name = IMS_S("ipsec-3gpp"),
					 .alg = ims_str(bad[i])};
		ims_buf_init(&b, text, sizeof text);
		ims_sip_sec_put(&b, &s, (struct ims_sip_sec_style){0});
		assert_true(b.over);
	}
}

static void hostile_lists_cost_no_time(void **state)
{
	static char text[60000] = "x";
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n = 1, got;

	for (unsigned i = 0; n < sizeof text - 16; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, ";p%u", i);
	assert_int_equal(parse(text), -IMS_E_SYNTAX);
	memset(text, ',', sizeof text - 1);
	assert_int_equal(ims_sip_sec_list(ims_str(text), list, N_OF(list), &got,
					  NULL),
			 -IMS_E_SYNTAX);
	for (n = 0; n < sizeof text - 1; n += 2)
		text[n] = 'a';
	assert_int_equal(ims_sip_sec_list(ims_str(text), list, N_OF(list), &got,
					  NULL),
			 -IMS_E_TOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_parameter_is_read),
		cmocka_unit_test(what_is_absent_has_no_pointer),
		cmocka_unit_test(mode_is_another_word_for_mod),
		cmocka_unit_test(names_are_never_matched_by_prefix),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(other_mechanisms_are_not_judged),
		cmocka_unit_test(a_list_may_be_spread_over_lines),
		cmocka_unit_test(
			what_is_the_same_in_another_spelling_is_the_same),
		cmocka_unit_test(every_difference_is_seen),
		cmocka_unit_test(it_is_written_in_both_styles),
		cmocka_unit_test(every_q_comes_back),
		cmocka_unit_test(words_that_are_no_tokens_are_not_written),
		cmocka_unit_test(hostile_lists_cost_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
