/* SPDX-License-Identifier: BSD-2-Clause */
/* test_secagree_pcscf.c - what the P-CSCF picks, answers and verifies. */
#include "secagree_fixture.h"

#define M(alg, ealg) "ipsec-3gpp;alg=" alg ";ealg=" ealg FIX_NUMBERS

/* clang-format off */
static const struct {
	const char *what, *text;
	bool deprecated;
	int err;
	const char *suite;
} rows[] = {
	{"own order, not the UE's", M("hmac-sha-1-96", "null") "," M("hmac-sha-1-96", "aes-cbc") "," M("null", "aes-gcm"),
	 false, 0, "null/aes-gcm"},
	{"q of the UE does not count", M("hmac-sha-1-96", "null") ";q=0.9," M("hmac-sha-1-96", "aes-cbc") ";q=0.1",
	 false, 0, "hmac-sha-1-96/aes-cbc"},
	{"by pair: sha-1 only with null, md5 only with aes", M("hmac-sha-1-96", "null") "," M("hmac-md5-96", "aes-cbc"),
	 true, 0, "hmac-sha-1-96/null"},
	{"unknown names are skipped", M("hmac-sha-2-256-128", "aes-cbc") "," M("null", "aes-gcm-16") "," M("hmac-sha-1-96", "null"),
	 false, 0, "hmac-sha-1-96/null"},
	{"only unknown names", M("hmac-sha-2-256-128", "aes-cbc"), true, -IMS_E_NO_MECH, "hmac-sha-2-256-128/aes-cbc"},
	{"deprecated forbidden", M("hmac-md5-96", "null"), false, -IMS_E_NO_MECH, "hmac-md5-96/null"},
	{"deprecated allowed", M("hmac-md5-96", "null"), true, 0, "hmac-md5-96/null"},
	{"a broken one before a whole one", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=3;port-s=4," M("hmac-sha-1-96", "null"),
	 false, 0, "hmac-sha-1-96/null"},
	{"a broken better one is passed over", "ipsec-3gpp;alg=null;ealg=aes-gcm," M("hmac-sha-1-96", "null"),
	 false, 0, "hmac-sha-1-96/null"},
	{"only a broken one", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1001;spi-s=1002;port-c=5060;port-s=32000",
	 false, -IMS_E_SEC_PARAM, "port-c=5060"},
	{"only a broken one that is forbidden", "ipsec-3gpp;alg=hmac-md5-96;spi-c=1001",
	 false, -IMS_E_NO_MECH, "hmac-md5-96/null"},
	{"bare", "ipsec-3gpp", false, -IMS_E_SEC_PARAM, "alg is missing"},
	{"ah", "ipsec-3gpp;alg=hmac-sha-1-96;prot=ah" FIX_NUMBERS, false, -IMS_E_NO_MECH, "hmac-sha-1-96/null"},
	{"behind a NAT", "ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun" FIX_NUMBERS, false, -IMS_E_NO_MECH, "mod=UDP-enc-tun"},
	{"NAT or not", "ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun" FIX_NUMBERS "," M("hmac-sha-1-96", "null"),
	 false, 0, "hmac-sha-1-96/null"},
	{"tls", "tls", false, -IMS_E_NO_MECH, "tls"},
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
	int err = ims_secagree_pick(&p, list, n, &s, &end, &flaw);

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
	assert_int_equal(end.spi_c, 1001);
	assert_int_equal(end.spi_s, 1002);
	assert_int_equal(end.port_c, 31000);
	assert_int_equal(end.port_s, 32000);
}

static void picks_the_first_pair_of_its_own_list(void **state)
{
	for (size_t i = 0; i < N_OF(rows); i++)
		check_row(i);
}

static void encryption_can_be_required(void **state)
{
	struct ims_secagree_policy p = fix_policy(true);
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_secagree_end end;
	struct ims_ipsec_suite s;
	size_t n = fix_list(M("aes-gmac", "null") "," M("hmac-md5-96",
							"des-ede3-cbc"),
			    list);

	p.require_encryption = true;
	assert_int_equal(ims_secagree_pick(&p, list, n, &s, &end, NULL), 0);
	assert_int_equal(s.ealg, IMS_EALG_DES_EDE3_CBC);
	assert_int_equal(ims_secagree_pick(&p, list, 1, &s, &end, NULL),
			 -IMS_E_NO_MECH);
}

static void answers_with_one_whole_mechanism(void **state)
{
	struct ims_secagree_end me = {.port_c = 50717,
				      .port_s = 50718,
				      .spi_c = 3458785863,
				      .spi_s = 2821032177};
	struct ims_ipsec_suite s = {IMS_ALG_HMAC_MD5, IMS_EALG_NULL};
	struct ims_sip_sec a = ims_secagree_answer(s, &me), seed;

	ims_sip_sec_parse(IMS_S("ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;"
				"mod=trans;spi-c=3458785863;spi-s=2821032177;"
				"port-c=50717;port-s=50718;q=0.1"),
			  &seed, NULL);
	assert_true(ims_sip_sec_same(&a, &seed));
}

static void the_static_list_has_falling_q_and_no_numbers(void **state)
{
	struct ims_secagree_policy p = fix_policy(true);
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n = ims_secagree_static_list(&p, list, IMS_SIP_SEC_MAX);

	assert_int_equal(n, 8);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(list[i].has, IMS_SEC_HAS_Q);
		assert_true(list[i].q > 0 && list[i].q < 1000);
		if (i)
			assert_true(list[i].q < list[i - 1].q);
	}
	assert_int_equal(ims_secagree_static_list(&p, list, 2), 2);
	p.allow_deprecated = false;
	assert_int_equal(ims_secagree_static_list(&p, list, 32), 4);
}

#define SENT                                                       \
	"ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;" \
	"spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1"
#define TWO SENT ",ipsec-3gpp;alg=hmac-sha-1-96;q=0.05"

/* clang-format off */
static const struct {
	const char *sent, *got;
	const char *flaw; /* NULL: the same */
} echoes[] = {
	{SENT, SENT, NULL},
	/* the seed's own echo */
	{SENT, "ipsec-3gpp;q=0.1;alg=hmac-md5-96;prot=esp;mod=trans;ealg=null;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718", NULL},
	{SENT, "IPSEC-3GPP ; Q=0.100 ; ALG=HMAC-MD5-96;prot=esp;mod=trans;ealg=null;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718", NULL},
	{SENT, "ipsec-3gpp;port-s=50718;port-c=050717;spi-s=2821032177;spi-c=3458785863;alg=\"hmac-md5-96\";ealg=null;prot=esp;mod=trans;q=0.1", NULL},
	{TWO, TWO, NULL},
	/* twenty and more ways to change it */
	{SENT, "ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "alg"},
	{SENT, "ipsec-3gpp;alg=null;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "alg"},
	{SENT, "ipsec-3gpp;alg=hmac-md5;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "alg"},
	{SENT, "ipsec-3gpp;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "alg"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=aes-cbc;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "ealg"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=ah;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "prot"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=tun;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "mod"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785862;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "spi-c"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032178;port-c=50717;port-s=50718;q=0.1", "spi-s"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=2821032177;spi-s=3458785863;port-c=50717;port-s=50718;q=0.1", "spi-c"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50718;port-s=50718;q=0.1", "port-c"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50717;q=0.1", "port-s"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.2", "q"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718", "q"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "spi-c"},
	{SENT, "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-s=50718;q=0.1", "port-c"},
	{SENT, SENT ";extra", "a parameter"},
	{SENT, SENT ";extra=1", "a parameter"},
	{SENT ";extra=1", SENT, "a parameter"},
	{SENT ";extra=1", SENT ";extra=2", "a parameter"},
	{SENT, SENT ";mediasec", "mediasec"},
	{SENT, "ipsec-ike;alg=hmac-md5-96;ealg=null;prot=esp;mod=trans;spi-c=3458785863;spi-s=2821032177;port-c=50717;port-s=50718;q=0.1", "the mechanism"},
	{SENT, "tls", "the mechanism"},
	{SENT, TWO, "2 mechanisms instead of 1"},
	{TWO, SENT, "1 mechanisms instead of 2"},
	{TWO, "ipsec-3gpp;alg=hmac-sha-1-96;q=0.05," SENT, "mechanism 1"},
	{TWO, SENT ",ipsec-3gpp;alg=hmac-sha-1-96;q=0.06", "mechanism 2: q"},
	{TWO, SENT "," SENT, "mechanism 2: alg"},
};
/* clang-format on */

static void verifies_by_meaning_and_refuses_every_change(void **state)
{
	struct ims_sip_sec sent[IMS_SIP_SEC_MAX], got[IMS_SIP_SEC_MAX];

	for (size_t i = 0; i < N_OF(echoes); i++) {
		size_t n = fix_list(echoes[i].sent, sent);
		size_t m = fix_list(echoes[i].got, got);
		struct ims_flaw flaw = {0};
		int err = ims_secagree_verify(sent, n, got, m, &flaw);
		int same = ims_secagree_same_client(sent, n, got, m, NULL);

		if (err != (echoes[i].flaw ? -IMS_E_VERIFY : 0) ||
		    same != (echoes[i].flaw ? -IMS_E_CLIENT_CHANGED : 0))
			fail_msg("%s: %d %s", echoes[i].got, err, flaw.text);
		if (err && !strstr(flaw.text, echoes[i].flaw))
			fail_msg("%s: %s", echoes[i].got, flaw.text);
		same = ims_secagree_same_client(sent, n, got, m, &flaw);
		assert_int_equal(flaw.err, same);
	}
}

static void an_answer_verifies_without_its_text(void **state)
{
	struct ims_secagree_end me = {
		{0}, 50717, 50718, 3458785863, 2821032177};
	struct ims_ipsec_suite s = {IMS_ALG_HMAC_MD5, IMS_EALG_NULL};
	struct ims_sip_sec sent = ims_secagree_answer(s, &me), got[2];
	struct ims_flaw flaw;

	assert_int_equal(fix_list(SENT, got), 1);
	assert_int_equal(ims_secagree_verify(&sent, 1, got, 1, &flaw), 0);
	assert_int_equal(ims_secagree_verify(&sent, 1, got, 0, &flaw),
			 -IMS_E_VERIFY);
	got[0].port_s++;
	assert_int_equal(ims_secagree_verify(&sent, 1, got, 1, &flaw),
			 -IMS_E_VERIFY);
	assert_non_null(strstr(flaw.text, "port-s: had ipsec-3gpp;"));
}

/* Hostile text goes into flaws only as printable characters. */
static void a_flaw_is_printable(void **state)
{
	struct ims_secagree_policy p = fix_policy(false);
	struct ims_sip_sec m = {.name = IMS_S("ipsec-3gpp"),
				.alg = IMS_S("\x1b[2J\r\nX: y\x80")};
	struct ims_secagree_end end;
	struct ims_ipsec_suite s;
	struct ims_flaw flaw;

	assert_int_equal(ims_secagree_pick(&p, &m, 1, &s, &end, &flaw),
			 -IMS_E_NO_MECH);
	for (const char *c = flaw.text; *c; c++)
		assert_in_range((unsigned char)*c, 0x20, 0x7e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(picks_the_first_pair_of_its_own_list),
		cmocka_unit_test(encryption_can_be_required),
		cmocka_unit_test(answers_with_one_whole_mechanism),
		cmocka_unit_test(the_static_list_has_falling_q_and_no_numbers),
		cmocka_unit_test(verifies_by_meaning_and_refuses_every_change),
		cmocka_unit_test(an_answer_verifies_without_its_text),
		cmocka_unit_test(a_flaw_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
