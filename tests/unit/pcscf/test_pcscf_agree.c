/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_agree.c - who is let in with what offer, and the comparison of
 * REGISTER 2 with what was said before.
 */
#include "pcscf_test.h"

static unsigned answer_to(const char *msg)
{
	struct ims_flow f = clear_flow(IMS_UDP);

	feed(&f, msg);
	return n_gm ? last_gm()->m.status : 0;
}

static void no_agreement(char *msg)
{
	register1(msg);
	set_line(msg, "Security-Client", NULL);
	set_line(msg, "Require", NULL);
	set_line(msg, "Proxy-Require", NULL);
	set_line(msg, "Supported", "path");
}

/* What must stand in a 421 and a 494 [RFC 3329 2.3.1]. */
static void whole_refusal(unsigned status)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n = 0;
	unsigned q = 1001;

	assert_int_equal(last_gm()->m.status, status);
	assert_true(ims_sip_lists(&last_gm()->m, IMS_SIP_REQUIRE, "sec-agree"));
	assert_int_equal(ims_sip_sec_get(&last_gm()->m, IMS_SIP_SECURITY_SERVER,
					 list, IMS_SIP_SEC_MAX, &n, NULL),
			 0);
	assert_int_equal(n, IMS_N_SUITES);
	for (size_t i = 0; i < n; i++) {
		assert_true(list[i].has == IMS_SEC_HAS_Q);
		assert_true(list[i].q < q);
		q = list[i].q;
	}
	assert_int_equal(n_mw, 0);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void without_sec_agree_the_answer_is_421(void **state)
{
	char msg[12000];

	no_agreement(msg);
	assert_int_equal(answer_to(msg), 421);
	whole_refusal(421);
	assert_told(-IMS_E_NO_AGREEMENT);
}

static void with_sec_agree_but_no_offer_it_is_494(void **state)
{
	char msg[12000];

	no_agreement(msg);
	set_line(msg, "Supported", "path, sec-agree");
	assert_int_equal(answer_to(msg), 494);
	whole_refusal(494);
	no_agreement(msg);
	set_line(msg, "Require", "sec-agree");
	assert_int_equal(answer_to(msg), 494);
	no_agreement(msg);
	set_line(msg, "Proxy-Require", "sec-agree");
	assert_int_equal(answer_to(msg), 494);
	whole_refusal(494);
}

static void no_pair_in_common_is_494_before_the_core_hears_of_it(void **state)
{
	static const char *const offers[] = {
		"tls",
		"digest;d-alg=md5, tls",
		"ipsec-3gpp;alg=hmac-sha-2-256;spi-c=300;spi-s=301;port-c="
		"38003;"
		"port-s=39003",
		/* never by prefix */
		"ipsec-3gpp;alg=hmac-sha;spi-c=300;spi-s=301;port-c=38003;"
		"port-s=39003",
		"ipsec-3gpp;alg=hmac-sha-1-96;mod=UDP-enc-tun;spi-c=300;"
		"spi-s=301;port-c=38003;port-s=39003",
		/* whole in name, but not in number */
		"ipsec-3gpp;alg=hmac-sha-1-96",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=300;port-c=38003;"
		"port-s=39003",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=5060;"
		"port-s=39003",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=3;spi-s=301;port-c=38003;"
		"port-s=39003",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=300;spi-s=301;port-c=38003;"
		"port-s=38003",
	};
	char msg[12000];

	for (size_t i = 0; i < N_OF(offers); i++) {
		register1(msg);
		set_line(msg, "Security-Client", offers[i]);
		assert_int_equal(answer_to(msg), 494);
		whole_refusal(494);
	}
}

/* RFC 3329 2.3.1: we ask for an agreement only as the first hop. */
static void behind_another_proxy_it_is_502(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	no_agreement(msg);
	set_line(msg, "Via",
		 "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa, "
		 "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKb");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 502);
	assert_has_not(last_gm(), "Security-Server");
	assert_int_equal(n_mw, 0);
}

static void a_refused_offer_inside_sas_brings_the_list_of_its_set(void **state)
{
	struct ims_ipsec_set s = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&s, IMS_UDP);
	char msg[12000], list[600];

	snprintf(list, sizeof list, "\r\nSecurity-Server: %s\r\n",
		 server_text());
	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	swap(msg, "port-c=38004", "port-c=38003"); /* that of its own set */
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 494);
	assert_has(last_gm(), list);
	assert_has(last_gm(), "\r\nRequire: sec-agree\r\n");
}

static void numbers_that_do_not_fit_are_400(void **state)
{
	char msg[12000], big[6000];

	register1(msg);
	set_line(msg, "Security-Client",
		 "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4294967296;spi-s=301;"
		 "port-c=38003;port-s=39003");
	assert_int_equal(answer_to(msg), 400);
	register1(msg);
	memset(big, 'x', sizeof big);
	big[sizeof big - 1] = 0;
	set_line(msg, "Security-Client", big);
	assert_int_equal(answer_to(msg), 400);
	assert_int_equal(n_mw, 0);
}

static void the_offer_may_stand_on_many_lines(void **state)
{
	char msg[12000];

	register1(msg);
	set_line(msg, "Security-Client", NULL);
	swap(msg, "\r\nContent-Length",
	     "\r\nSecurity-Client: tls\r\nsecurity-client : "
	     "ipsec-3gpp; alg=hmac-sha-1-96;\r\n spi-c=300;spi-s=301;"
	     "port-c=38003;port-s=39003\r\nContent-Length");
	assert_int_equal(answer_to(msg), 0);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(last_added()->sa[IMS_PS_TO_UC].spi, 300);
}

static void policy_allowed_lets_both_in(void **state)
{
	char msg[12000];

	conf.security = IMS_PCSCF_ALLOWED;
	restart();
	no_agreement(msg);
	answer_to(msg);
	assert_int_equal(n_mw, 1);
	assert_has(last_mw(), "integrity-protected=\"no\"");
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_has_not(last_gm(), "Security-Server");
	assert_int_equal(n_added, 0);
	go_registered(IMS_TCP);
	/* who asks for it without saying what is still refused */
	no_agreement(msg);
	set_line(msg, "Require", "sec-agree");
	assert_int_equal(answer_to(msg), 494);
}

static void policy_off_ignores_the_offer(void **state)
{
	char msg[12000];

	conf.security = IMS_PCSCF_OFF;
	restart();
	register1(msg);
	answer_to(msg);
	assert_int_equal(n_mw, 1);
	assert_has_not(last_mw(), "Security-Client");
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(n_added, 0);
}

/* --- REGISTER 2 --- */

static const char *verify_with(const char *from, const char *to)
{
	static char text[600];

	strcpy(text, server_text());
	if (*from && !strstr(text, from))
		fail_msg("no %s in %s", from, text);
	swap(text, from, to);
	return text;
}

static void register2_with(const char *header, const char *value)
{
	struct ims_flow f = inside(last_added(), IMS_UDP);
	char msg[12000];

	register2(msg);
	set_line(msg, header, value);
	feed(&f, msg);
}

static void the_echo_may_be_written_otherwise(void **state)
{
	static const char *const forms[][2] = {
		{";mod=trans", " ; mod = TRANS "},
		{"hmac-sha-1-96", "HMAC-SHA-1-96"},
		{"port-s=50718", "PORT-S = 050718"},
		{";q=0.1", ";q=0.100"},
		{"port-c=50717", "port-c=\"50717\""},
	};

	for (size_t i = 0; i < N_OF(forms); i++) {
		restart();
		go_challenged(IMS_UDP);
		register2_with("Security-Verify",
			       verify_with(forms[i][0], forms[i][1]));
		assert_int_equal(n_mw, 2);
	}
}

static void q_may_stand_in_front_as_in_the_seed(void **state)
{
	char text[600];

	go_challenged(IMS_UDP);
	strcpy(text, verify_with(";q=0.1", ""));
	swap(text, "ipsec-3gpp;", "ipsec-3gpp;q=0.1;");
	register2_with("Security-Verify", text);
	assert_int_equal(n_mw, 2);
}

static void refused_and_over(void)
{
	assert_int_equal(n_mw, 1);
	assert_int_equal(last_gm()->m.status, 494);
	/* the list that was sent, unmodified */
	assert_str(ims_sip_get(&last_gm()->m, IMS_SIP_SECURITY_SERVER),
		   server_text());
	assert_int_equal(last_gm()->flow.set, last_added()->id);
	/* the refusal leaves first, then the set goes */
	assert_int_equal(n_deleted, 0);
	pass(128 * 1000 + 4000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void a_security_verify_that_differs_ends_the_attempt(void **state)
{
	static const char *const from_to[][2] = {
		{"hmac-sha-1-96", "hmac-md5-96"},
		{"ealg=null", "ealg=aes-cbc"},
		{"prot=esp", "prot=ah"},
		{"mod=trans", "mod=tun"},
		{"spi-c=", "spi-c=1"},
		{"spi-s=", "spi-s=1"},
		{"port-c=50717", "port-c=50718"},
		{"port-s=50718", "port-s=50717"},
		{"q=0.1", "q=0.2"},
		{";q=0.1", ""},
		{";q=0.1", ";q=0.1;x=y"},
		{"ipsec-3gpp", "ipsec-3gp"},
		{"ipsec-3gpp", "tls"},
		{"ipsec-3gpp", "tls, ipsec-3gpp"},
		{";q=0.1", ";q=0.1, tls"},
		{";port-s=50718", ""},
		{"spi-c=", "spi-c=x"},
		{"q=0.1", "q=0.1;q=0.1"},
	};

	for (size_t i = 0; i < N_OF(from_to); i++) {
		restart();
		go_challenged(IMS_UDP);
		register2_with("Security-Verify",
			       verify_with(from_to[i][0], from_to[i][1]));
		assert_told(-IMS_E_VERIFY);
		refused_and_over();
	}
	restart();
	go_challenged(IMS_UDP);
	register2_with("Security-Verify", NULL);
	assert_told(-IMS_E_VERIFY);
	refused_and_over();
}

static void a_security_client_that_changed_ends_the_attempt(void **state)
{
	static const char *const from_to[][2] = {
		{"spi-c=0000565817", "spi-c=0000565819"},
		{"spi-s=0000565818", "spi-s=0000565819"},
		{"port-c=38003", "port-c=38004"},
		{"port-s=39003", "port-s=39004"},
		{"hmac-sha-1-96", "hmac-sha-2-96"},
		{"ealg=null", "ealg=aes-cbc"},
	};
	char msg[12000];

	for (size_t i = 0; i < N_OF(from_to); i++) {
		struct ims_flow f;

		restart();
		go_challenged(IMS_UDP);
		f = inside(last_added(), IMS_UDP);
		register2(msg);
		/* only in Security-Client: the Contact has the port as well */
		swap(msg, from_to[i][0], from_to[i][1]);
		set_line(msg, "Security-Verify", server_text());
		feed(&f, msg);
		assert_told(-IMS_E_CLIENT_CHANGED);
		refused_and_over();
	}
	restart();
	go_challenged(IMS_UDP);
	register2_with("Security-Client", NULL);
	assert_told(-IMS_E_CLIENT_CHANGED);
	refused_and_over();
}

static void leading_zeros_in_the_second_offer_are_no_change(void **state)
{
	struct ims_flow f;
	char msg[12000];

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	swap(msg, "spi-c=0000565817", "spi-c=565817");
	feed(&f, msg);
	assert_int_equal(n_mw, 2);
}

static void a_later_request_with_another_verify_is_494_and_the_set_stays(
	void **state)
{
	struct ims_ipsec_set *s = go_registered(IMS_UDP);
	struct ims_flow f = inside(s, IMS_UDP);
	size_t before = n_mw;
	char msg[12000];

	subscribe(msg);
	set_line(msg, "Security-Verify", verify_with("q=0.1", "q=0.2"));
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 494);
	assert_int_equal(n_mw, before);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(n_mw, before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_sec_agree_the_answer_is_421),
		T(with_sec_agree_but_no_offer_it_is_494),
		T(no_pair_in_common_is_494_before_the_core_hears_of_it),
		T(behind_another_proxy_it_is_502),
		T(a_refused_offer_inside_sas_brings_the_list_of_its_set),
		T(numbers_that_do_not_fit_are_400),
		T(the_offer_may_stand_on_many_lines),
		T(policy_allowed_lets_both_in),
		T(policy_off_ignores_the_offer),
		T(the_echo_may_be_written_otherwise),
		T(q_may_stand_in_front_as_in_the_seed),
		T(a_security_verify_that_differs_ends_the_attempt),
		T(a_security_client_that_changed_ends_the_attempt),
		T(leading_zeros_in_the_second_offer_are_no_change),
		T(a_later_request_with_another_verify_is_494_and_the_set_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
