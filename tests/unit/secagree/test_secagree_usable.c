/* SPDX-License-Identifier: BSD-2-Clause */
/* test_secagree_usable.c - what one mechanism must be like. */
#include "secagree_fixture.h"

/* clang-format off */
static const struct {
	const char *text;
	int err;
	const char *suite_or_flaw; /* the pair, or a word of the flaw */
} rows[] = {
	{"ipsec-3gpp;alg=hmac-sha-1-96" FIX_NUMBERS, 0, "hmac-sha-1-96/null"},
	{"IPSEC-3GPP;ALG=HMAC-SHA-1-96;PROT=ESP;MOD=TRANS;EALG=AES-CBC" FIX_NUMBERS, 0, "hmac-sha-1-96/aes-cbc"},
	{"ipsec-3gpp;alg=\"hmac-md5-96\";mode=\"trans\"" FIX_NUMBERS, 0, "hmac-md5-96/null"},
	{"ipsec-3gpp;alg=null;ealg=aes-gcm" FIX_NUMBERS, 0, "null/aes-gcm"},
	{"ipsec-3gpp;alg=aes-gmac" FIX_NUMBERS, 0, "aes-gmac/null"},
	{"ipsec-3gpp;alg=hmac-sha-1-96;zip=zap" FIX_NUMBERS, 0, "hmac-sha-1-96/null"},
	/* not for us: skipped */
	{"tls;q=0.2", -IMS_E_NO_MECH, "tls"},
	{"digest;d-qop=auth", -IMS_E_NO_MECH, "digest"},
	{"ipsec-3gpp-x;alg=hmac-sha-1-96" FIX_NUMBERS, -IMS_E_NO_MECH, "ipsec-3gpp-x"},
	{"ipsec-ike", -IMS_E_NO_MECH, "ipsec-ike"},
	{"sdes-srtp;mediasec", -IMS_E_NO_MECH, "sdes-srtp"},
	{"ipsec-3gpp;alg=hmac-sha-1-96;mediasec" FIX_NUMBERS, -IMS_E_NO_MECH, "ipsec-3gpp"},
	{"ipsec-3gpp;alg=hmac-sha-1-96;prot=ah" FIX_NUMBERS, -IMS_E_NO_MECH, "prot=ah"},
	{"ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun" FIX_NUMBERS, -IMS_E_NO_MECH, "mod=UDP-enc-tun"},
	{"ipsec-3gpp;alg=hmac-sha-1-96;mod=tun" FIX_NUMBERS, -IMS_E_NO_MECH, "mod=tun"},
	{"ipsec-3gpp;alg=hmac-sha-1-96;mod=trans-x" FIX_NUMBERS, -IMS_E_NO_MECH, "mod=trans-x"},
	{"ipsec-3gpp;alg=hmac-sha-2-256-128" FIX_NUMBERS, -IMS_E_NO_MECH, "alg=hmac-sha-2-256-128"},
	{"ipsec-3gpp;alg=hmac-sha-2-512-256" FIX_NUMBERS, -IMS_E_NO_MECH, "alg"},
	{"ipsec-3gpp;alg=hmac-sha-1" FIX_NUMBERS, -IMS_E_NO_MECH, "alg"},
	{"ipsec-3gpp;alg=null;ealg=aes-gcm-16" FIX_NUMBERS, -IMS_E_NO_MECH, "ealg=aes-gcm-16"},
	{"ipsec-3gpp;alg=null;ealg=null" FIX_NUMBERS, -IMS_E_NO_MECH, "alg=null"},
	{"ipsec-3gpp;alg=null" FIX_NUMBERS, -IMS_E_NO_MECH, "alg=null"},
	{"ipsec-3gpp;alg=null;ealg=aes-cbc" FIX_NUMBERS, -IMS_E_NO_MECH, "alg=null"},
	{"ipsec-3gpp;alg=aes-gmac;ealg=aes-cbc" FIX_NUMBERS, -IMS_E_NO_MECH, "aes-gmac"},
	{"ipsec-3gpp;alg=aes-gmac;ealg=aes-gcm" FIX_NUMBERS, -IMS_E_NO_MECH, "aes-gmac"},
	{"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-gcm" FIX_NUMBERS, -IMS_E_NO_MECH, "aes-gcm"},
	/* broken */
	{"ipsec-3gpp", -IMS_E_SEC_PARAM, "alg is missing"},
	{"ipsec-3gpp ; q=0.1", -IMS_E_SEC_PARAM, "alg is missing"},
	{"ipsec-3gpp;ealg=aes-cbc" FIX_NUMBERS, -IMS_E_SEC_PARAM, "alg is missing"},
#define SHA1 "ipsec-3gpp;alg=hmac-sha-1-96"
	{SHA1 ";spi-s=1002;port-c=31000;port-s=32000", -IMS_E_SEC_PARAM, "spi-c is missing"},
	{SHA1 ";spi-c=1001;port-c=31000;port-s=32000", -IMS_E_SEC_PARAM, "spi-s is missing"},
	{SHA1 ";spi-c=1001;spi-s=1002;port-s=32000", -IMS_E_SEC_PARAM, "port-c is missing"},
	{SHA1 ";spi-c=1001;spi-s=1002;port-c=31000", -IMS_E_SEC_PARAM, "port-s is missing"},
	{SHA1 ";spi-c=0;spi-s=1002;port-c=31000;port-s=32000", -IMS_E_SEC_PARAM, "spi-c=0"},
	{SHA1 ";spi-c=1001;spi-s=255;port-c=31000;port-s=32000", -IMS_E_SEC_PARAM, "spi-s=255"},
	{SHA1 ";spi-c=1001;spi-s=256;port-c=31000;port-s=32000", 0, "hmac-sha-1-96/null"},
	{SHA1 ";spi-c=4294967295;spi-s=0000000256;port-c=65535;port-s=1", 0, "hmac-sha-1-96/null"},
	{SHA1 ";spi-c=1001;spi-s=0000001001;port-c=31000;port-s=32000", -IMS_E_SEC_PARAM, "both 1001"},
	{SHA1 ";spi-c=1001;spi-s=1002;port-c=31000;port-s=31000", -IMS_E_SEC_PARAM, "both 31000"},
	{SHA1 ";spi-c=1001;spi-s=1002;port-c=0;port-s=32000", -IMS_E_SEC_PARAM, "port-c=0"},
	{SHA1 ";spi-c=1001;spi-s=1002;port-c=5060;port-s=32000", -IMS_E_SEC_PARAM, "port-c=5060"},
	{SHA1 ";spi-c=1001;spi-s=1002;port-c=31000;port-s=5061", -IMS_E_SEC_PARAM, "port-s=5061"},
};
/* clang-format on */

static void a_mechanism_is_usable_skipped_or_broken(void **state)
{
	struct ims_ipsec_suite s;
	char text[IMS_SUITE_TEXT];

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_sip_sec m;
		struct ims_flaw flaw = {0};
		const char *said = text;
		int err;

		assert_int_equal(ims_sip_sec_parse(ims_str(rows[i].text), &m,
						   NULL),
				 0);
		err = ims_secagree_usable(&m, false, &s, &flaw);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].text, err);
		if (err)
			said = flaw.text;
		else
			ims_ipsec_suite_text(s, text);
		if (!strstr(said, rows[i].suite_or_flaw))
			fail_msg("%s: %s", rows[i].text, said);
		assert_int_equal(flaw.err, err);
	}
}

static void low_spis_are_taken_on_request_but_never_zero(void **state)
{
	struct ims_ipsec_suite s;
	struct ims_sip_sec m;

	ims_sip_sec_parse(IMS_S(SHA1 ";spi-c=100;spi-s=101;port-c=1;port-s=2"),
			  &m, NULL);
	assert_int_equal(ims_secagree_usable(&m, true, &s, NULL), 0);
	assert_int_equal(ims_secagree_usable(&m, false, &s, NULL),
			 -IMS_E_SEC_PARAM);
	m.spi_s = 0;
	assert_int_equal(ims_secagree_usable(&m, true, &s, NULL),
			 -IMS_E_SEC_PARAM);
}

static void on_failure_the_pair_is_not_touched(void **state)
{
	struct ims_ipsec_suite s = {IMS_ALG_AES_GMAC, IMS_EALG_NULL};
	struct ims_sip_sec m;

	ims_sip_sec_parse(IMS_S(SHA1), &m, NULL);
	assert_int_equal(ims_secagree_usable(&m, false, &s, NULL),
			 -IMS_E_SEC_PARAM);
	assert_int_equal(s.alg, IMS_ALG_AES_GMAC);
}

static void policy_forbids_by_list_and_by_switches(void **state)
{
	struct ims_secagree_policy p = ims_secagree_policy_default();
	int n = 0, d = 0, c = 0;

	for (int i = 0; i < IMS_N_SUITES; i++)
		n += ims_secagree_allows(&p, ims_ipsec_suites[i]);
	assert_int_equal(n, 4);
	p.allow_deprecated = true;
	for (int i = 0; i < IMS_N_SUITES; i++)
		d += ims_secagree_allows(&p, ims_ipsec_suites[i]);
	assert_int_equal(d, 8);
	p.require_encryption = true;
	for (int i = 0; i < IMS_N_SUITES; i++)
		c += ims_secagree_allows(&p, ims_ipsec_suites[i]);
	assert_int_equal(c, 5);
	p.n_suites = 1; /* null/aes-gcm only */
	assert_true(ims_secagree_allows(&p, ims_ipsec_suites[0]));
	assert_false(ims_secagree_allows(&p, ims_ipsec_suites[2]));
	/* A senseless pair is not allowed even if it is listed. */
	p.suites[0] = (struct ims_ipsec_suite){IMS_ALG_NULL, IMS_EALG_NULL};
	p.require_encryption = false;
	assert_false(ims_secagree_allows(&p, p.suites[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mechanism_is_usable_skipped_or_broken),
		cmocka_unit_test(low_spis_are_taken_on_request_but_never_zero),
		cmocka_unit_test(on_failure_the_pair_is_not_touched),
		cmocka_unit_test(policy_forbids_by_list_and_by_switches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
