/* SPDX-License-Identifier: BSD-2-Clause */
/* test_secagree_ue.c - what the UE offers, and what it takes. */
#include "secagree_fixture.h"

static const struct ims_secagree_end me = {.port_c = 38003,
					   .port_s = 39003,
					   .spi_c = 565817,
					   .spi_s = 565818};

static void offers_each_allowed_pair_with_the_same_numbers(void **state)
{
	struct ims_secagree_policy p = fix_policy(true);
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_ipsec_suite s;
	size_t n = ims_secagree_offer(&p, &me, list, IMS_SIP_SEC_MAX);

	assert_int_equal(n, 8);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ims_secagree_usable(&list[i], false, &s, NULL),
				 0);
		assert_true(ims_ipsec_suite_eq(s, p.suites[i]));
		assert_int_equal(list[i].spi_c, me.spi_c);
		assert_int_equal(list[i].spi_s, me.spi_s);
		assert_int_equal(list[i].port_c, me.port_c);
		assert_int_equal(list[i].port_s, me.port_s);
		assert_false(list[i].has & IMS_SEC_HAS_Q);
	}
	assert_int_equal(ims_secagree_offer(&p, &me, list, 3), 3);
	p.allow_deprecated = false;
	assert_int_equal(ims_secagree_offer(&p, &me, list, 32), 4);
	p.n_suites = 0;
	assert_int_equal(ims_secagree_offer(&p, &me, list, 32), 0);
}

static void writes_the_offer_of_the_seed(void **state)
{
	struct ims_secagree_policy p = {
		.suites = {{IMS_ALG_HMAC_MD5, IMS_EALG_NULL},
			   {IMS_ALG_HMAC_SHA1, IMS_EALG_NULL}},
		.n_suites = 2,
		.allow_deprecated = true};
	struct ims_sip_sec list[2];
	char mem[500];
	struct ims_buf b;

	assert_int_equal(ims_secagree_offer(&p, &me, list, 2), 2);
	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_sec_put(&b, &list[0], (struct ims_sip_sec_style){.spi10 = 1});
	assert_str(ims_buf_str(&b),
		   "ipsec-3gpp;alg=hmac-md5-96;prot=esp;mod=trans;ealg=null;"
		   "spi-c=0000565817;spi-s=0000565818;port-c=38003;"
		   "port-s=39003");
}

#define M(alg, ealg, q) "ipsec-3gpp;alg=" alg ";ealg=" ealg FIX_NUMBERS q
#define NO_SPI "ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;port-c=1;port-s=2"

/* clang-format off */
static const struct {
	const char *what, *text;
	bool deprecated;
	int err;
	const char *suite;
} rows[] = {
	{"the highest q", M("hmac-sha-1-96", "null", ";q=0.1") "," M("hmac-sha-1-96", "aes-cbc", ";q=0.9"),
	 false, 0, "hmac-sha-1-96/aes-cbc"},
	{"q before own preference", M("null", "aes-gcm", ";q=0.1") "," M("hmac-sha-1-96", "null", ";q=0.2"),
	 false, 0, "hmac-sha-1-96/null"},
	{"thousandths count", M("hmac-sha-1-96", "null", ";q=0.101") "," M("hmac-sha-1-96", "aes-cbc", ";q=0.102"),
	 false, 0, "hmac-sha-1-96/aes-cbc"},
	{"without q the first", M("hmac-sha-1-96", "null", "") "," M("null", "aes-gcm", ""),
	 false, 0, "hmac-sha-1-96/null"},
	{"the first of equals", M("hmac-sha-1-96", "null", ";q=0.5") "," M("null", "aes-gcm", ";q=0.5"),
	 false, 0, "hmac-sha-1-96/null"},
	{"one with q before one without", M("hmac-sha-1-96", "null", "") "," M("null", "aes-gcm", ";q=0.1"),
	 false, 0, "null/aes-gcm"},
	{"unknown names are skipped", M("hmac-sha-2-256-128", "aes-cbc", ";q=0.9") "," M("null", "aes-gcm-16", ";q=0.8")
	 "," M("hmac-sha-1-96", "null", ";q=0.1"), false, 0, "hmac-sha-1-96/null"},
	{"another mechanism is skipped", "tls;q=1.0," M("hmac-sha-1-96", "null", ";q=0.1"),
	 false, 0, "hmac-sha-1-96/null"},
	{"what we never offered is not taken", M("hmac-md5-96", "null", ";q=0.9") "," M("hmac-sha-1-96", "null", ";q=0.1"),
	 false, 0, "hmac-sha-1-96/null"},
	{"deprecated only", M("hmac-md5-96", "null", ""), false, -IMS_E_NO_MECH, "hmac-md5-96/null"},
	{"deprecated allowed", M("hmac-md5-96", "null", ""), true, 0, "hmac-md5-96/null"},
	{"nothing known", M("hmac-sha-2-256-128", "null", ""), true, -IMS_E_NO_MECH, "hmac-sha-2-256-128/null"},
	{"null and null", M("null", "null", ""), true, -IMS_E_NO_MECH, "null/null"},
	{"tunnel for NAT", M("hmac-sha-1-96", "null", ";mod=UDP-enc-tun"), true, -IMS_E_NO_MECH, "mod=UDP-enc-tun"},
	{"bare", "ipsec-3gpp ; q=0.1", true, -IMS_E_NO_SERVER, "ipsec-3gpp"},
	{"tls only", "tls;q=0.1", true, -IMS_E_NO_SERVER, "tls"},
	{"no SPIs", NO_SPI, true, -IMS_E_NO_SERVER, "spi-c is missing"},
	{"the best one has no SPIs", NO_SPI ";q=0.9," M("hmac-sha-1-96", "null", ";q=0.1"),
	 true, -IMS_E_NO_SERVER, "spi-c is missing"},
	{"a lesser one has no SPIs", NO_SPI ";q=0.1," M("hmac-sha-1-96", "null", ";q=0.9"),
	 true, 0, "hmac-sha-1-96/null"},
	{"low SPIs", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=100;spi-s=101;port-c=5100;port-s=6100",
	 false, 0, "hmac-sha-1-96/null"},
	{"SPI 0", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=0;spi-s=101;port-c=5100;port-s=6100",
	 false, -IMS_E_NO_SERVER, "spi-c=0"},
	{"port 5060", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=5100;port-s=5060",
	 false, -IMS_E_NO_SERVER, "port-s=5060"},
	{"the same SPI twice", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=300;port-c=5100;port-s=6100",
	 false, -IMS_E_NO_SERVER, "both 300"},
};
/* clang-format on */

static void check_row(size_t i)
{
	struct ims_secagree_policy p = fix_policy(rows[i].deprecated);
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_secagree_end end = {.port_c = 77};
	struct ims_ipsec_suite s;
	struct ims_flaw flaw = {0};
	char text[IMS_SUITE_TEXT];
	size_t n = fix_list(rows[i].text, list);
	int err = ims_secagree_choose(&p, list, n, &s, &end, &flaw);

	if (err != rows[i].err)
		fail_msg("%s: %d %s", rows[i].what, err, flaw.text);
	if (err) {
		assert_int_equal(end.port_c, 77);
		assert_int_equal(flaw.err, err);
		if (!strstr(flaw.text, rows[i].suite))
			fail_msg("%s: %s", rows[i].what, flaw.text);
		return;
	}
	assert_string_equal(ims_ipsec_suite_text(s, text), rows[i].suite);
	assert_true(end.port_c == 31000 || end.port_c == 5100);
}

static void chooses_by_q_among_what_it_offered(void **state)
{
	for (size_t i = 0; i < N_OF(rows); i++)
		check_row(i);
}

static void an_empty_list_has_no_server(void **state)
{
	struct ims_secagree_policy p = fix_policy(true);
	struct ims_secagree_end end;
	struct ims_ipsec_suite s;
	struct ims_flaw flaw;

	assert_int_equal(ims_secagree_choose(&p, NULL, 0, &s, &end, &flaw),
			 -IMS_E_NO_SERVER);
	assert_int_equal(ims_secagree_choose(&p, NULL, 0, &s, &end, NULL),
			 -IMS_E_NO_SERVER);
}

/* Both sides must land on the same pair, whatever the two policies are. */
static void both_sides_land_on_the_same_pair(void **state)
{
	for (unsigned u = 1; u < 256; u++)
		for (unsigned c = 1; c < 256; c += 7) {
			struct ims_secagree_policy up = {.allow_deprecated = 1};
			struct ims_secagree_policy cp = {.allow_deprecated = 1};
			struct ims_sip_sec list[IMS_SIP_SEC_MAX], answer;
			struct ims_secagree_end end = me;
			struct ims_ipsec_suite a, b;
			size_t n;

			for (unsigned i = 0; i < 8; i++) {
				if (u & 1U << i)
					up.suites[up.n_suites++] =
						ims_ipsec_suites[i];
				if (c & 1U << i)
					cp.suites[cp.n_suites++] =
						ims_ipsec_suites[7 - i];
			}
			n = ims_secagree_offer(&up, &me, list, 32);
			if (ims_secagree_pick(&cp, list, n, &a, &end, NULL))
				continue;
			answer = ims_secagree_answer(a, &me);
			assert_int_equal(ims_secagree_choose(&up, &answer, 1,
							     &b, &end, NULL),
					 0);
			assert_true(ims_ipsec_suite_eq(a, b));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			offers_each_allowed_pair_with_the_same_numbers),
		cmocka_unit_test(writes_the_offer_of_the_seed),
		cmocka_unit_test(chooses_by_q_among_what_it_offered),
		cmocka_unit_test(an_empty_list_has_no_server),
		cmocka_unit_test(both_sides_land_on_the_same_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
