/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_msg.c - what answers mean: good ones, odd ones, hostile ones. */
#include "ue_script.h"

static void begin(struct script *s, enum ims_ue_offer offer)
{
	struct ims_ue_conf c;

	script_conf(&c);
	c.offer = offer;
	c.policy.n_suites = 0;
	for (size_t i = 0; i < IMS_N_SUITES; i++)
		c.policy.suites[c.policy.n_suites++] = ims_ipsec_suites[i];
	script_new(s, &c);
	script_start(s);
}

/* Forms of Security-Server that networks send, and hostile ones. */
/* clang-format off */
static const struct {
	const char *name, *server;
	int err; /* 0: taken */
} servers[] = {
	{"n01 SPIs that RFC 4303 reserves", "ipsec-3gpp;prot=esp;"
	 "mod=trans;spi-c=100;spi-s=101;port-c=5100;port-s=6100;"
	 "alg=hmac-md5-96;ealg=null", 0},
	{"n02 no q", "ipsec-3gpp;alg=hmac-md5-96;prot=esp;mod=trans;"
	 "ealg=null;spi-c=2634663370;spi-s=3399226064;port-c=9950;"
	 "port-s=9900", 0},
	{"n03 aes-cbc", "ipsec-3gpp;alg=hmac-sha-1-96;prot=esp;"
	 "mod=trans;ealg=aes-cbc;spi-c=2605593363;spi-s=3790665812;"
	 "port-c=9950;port-s=9900", 0},
	{"n04 SPI equals port", "ipsec-3gpp;prot=esp;mod=trans;"
	 "spi-c=12008;spi-s=12009;port-c=12008;port-s=12009;"
	 "alg=hmac-sha-1-96;ealg=null", 0},
	{"n05 q first", "ipsec-3gpp;q=0.1;prot=esp;mod=trans;"
	 "spi-c=4096;spi-s=4097;port-c=5100;port-s=6100;"
	 "alg=hmac-sha-1-96;ealg=null", 0},
	{"n06 the seed's", SEED_SERVER, 0},
	{"n07 nothing but a name", "ipsec-3gpp ; q=0.1",
	 -IMS_E_NO_SERVER},
	{"no prot, no mod, no ealg", "ipsec-3gpp;alg=hmac-sha-1-96;"
	 "spi-c=4096;spi-s=4097;port-c=5100;port-s=6100", 0},
	{"spaces", "ipsec-3gpp ; alg = hmac-sha-1-96 ; spi-c = 4096 ; "
	 "spi-s = 4097 ; port-c = 5100 ; port-s = 6100", 0},
	{"unknown first, ours second", "tls;q=0.9, ipsec-3gpp;q=0.5;"
	 "alg=hmac-sha-2-256-128;spi-c=1000;spi-s=1001;port-c=6000;"
	 "port-s=6001, ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=4096;"
	 "spi-s=4097;port-c=5100;port-s=6100", 0},
	{"a name that only begins like ours",
	 "ipsec-3gpp;alg=hmac-sha-1-96-x;spi-c=4096;spi-s=4097;"
	 "port-c=5100;port-s=6100", -IMS_E_NO_MECH},
	{"null and null", "ipsec-3gpp;alg=null;ealg=null;spi-c=4096;"
	 "spi-s=4097;port-c=5100;port-s=6100", -IMS_E_NO_MECH},
	{"tls only", "tls;q=0.9", -IMS_E_NO_SERVER},
	{"our own SPI", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=565817;"
	 "spi-s=4097;port-c=5100;port-s=6100", -IMS_E_SEC_PARAM},
	{"our other SPI", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;"
	 "spi-s=565818;port-c=5100;port-s=6100", -IMS_E_SEC_PARAM},
	{"an SPI too large", "ipsec-3gpp;alg=hmac-sha-1-96;"
	 "spi-c=4294967296;spi-s=4097;port-c=5100;port-s=6100",
	 -IMS_E_RANGE},
	{"a port too large", "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;"
	 "spi-s=4097;port-c=65536;port-s=6100", -IMS_E_RANGE},
};
/* clang-format on */

static void security_server_in_all_its_forms(void **state)
{
	for (size_t i = 0; i < N_OF(servers); i++) {
		struct script s;
		int err = 0;

		begin(&s, IMS_UE_OFFER_FIRST);
		script_challenge(&s, SEED_NONCE, servers[i].server);
		for (size_t k = 0; k < s.n_told; k++)
			if (s.told[k].err)
				err = s.told[k].err;
		if (err != servers[i].err)
			fail_msg("%s: %s", servers[i].name,
				 err ? ims_err_info(err)->id : "taken");
		assert_int_equal(s.adds, err ? 0 : 1);
		/* No algorithm in common is the end; from all else it begins
		 * once more, from scratch.
		 */
		script_state(&s, err == -IMS_E_NO_MECH ? "idle"
				 : err                 ? "trying"
						       : "proving");
		if (!err)
			assert_str(script_header(&s.last,
						 IMS_SIP_SECURITY_VERIFY),
				   servers[i].server);
		script_free(&s);
	}
}

/* Ports and SPIs that TS 33.203 does not allow, algorithms that were not
 * offered: never an SA.
 */
static void what_is_not_allowed_makes_no_sa(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=0;spi-s=4097;port-c=5100;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4096;port-c=5100;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4097;port-c=5060;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4097;port-c=5100;port-s=0",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4097;port-c=5100;port-s=5100",
		"ipsec-3gpp;alg=hmac-sha-1-96;prot=ah;spi-c=4096;spi-s=4097;port-c=5100;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;mod=tun;spi-c=4096;spi-s=4097;port-c=5100;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-gcm;spi-c=4096;spi-s=4097;port-c=5100;port-s=6100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-s=4097;port-c=5100",
		"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=4096;spi-c=4098;spi-s=4097;port-c=5100;port-s=6100",
		"ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=4096;spi-s=4097;port-c=5100;port-s=6100", /* not offered */
		"",
		";;;,,,",
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct ims_ue_conf c;
		struct script s;

		script_conf(&c);
		c.policy = ims_secagree_policy_default();
		script_new(&s, &c);
		script_start(&s);
		script_challenge(&s, SEED_NONCE, bad[i]);
		if (s.ue->reg == UE_TRYING)
			script_challenge(&s, SEED_NONCE, bad[i]);
		if (s.adds)
			fail_msg("%s: an SA", bad[i]);
		script_state(&s, "idle");
		script_free(&s);
	}
}

static void a_401_that_is_not_aka_is_told_as_such(void **state)
{
	/* clang-format off */
	static const struct {
		const char *auth, *part;
	} cases[] = {
		{"", "without a Digest"},
		{"WWW-Authenticate: Basic realm=\"x\"\r\n", "without a Digest"},
		{"WWW-Authenticate: Digest realm=\"x\", nonce=\"" SEED_NONCE
		 "\", algorithm=MD5\r\n", "algorithm=MD5"},
		{"WWW-Authenticate: Digest realm=\"x\", nonce=\"" SEED_NONCE
		 "\"\r\n", "algorithm=none"},
		{"WWW-Authenticate: Digest realm=\"x\", nonce=\"abcd\", "
		 "algorithm=AKAv1-MD5\r\n", "nonce of 4"},
		{"WWW-Authenticate: Digest realm=\"x\", nonce=\"\", "
		 "algorithm=AKAv1-MD5\r\n", "nonce of 0"},
		{"WWW-Authenticate: Digest realm=\"x\", nonce=\"!!!!\", "
		 "algorithm=AKAv1-MD5\r\n", "nonce of 4"},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		begin(&s, IMS_UE_OFFER_FIRST);
		script_reply(&s, 401, cases[i].auth);
		script_state(&s, "idle");
		assert_int_equal(s.sims, 0);
		assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_AKA_NONCE,
					 cases[i].part));
		script_free(&s);
	}
}

static void akav2_is_taken_before_akav1(void **state)
{
	static const char v1[] =
		"WWW-Authenticate: Digest realm=\"x\", "
		"nonce=\"" SEED_NONCE "\", algorithm=AKAv1-MD5\r\n";
	static const char v2[] =
		"WWW-Authenticate: Digest realm=\"x\", "
		"nonce=\"" SEED_NONCE "\", algorithm=AKAv2-SHA-256, "
		"qop=\"auth-int\"\r\n";

	for (int first = 0; first < 2; first++) {
		struct script s;
		char more[1024];

		begin(&s, IMS_UE_OFFER_FIRST);
		snprintf(more, sizeof more,
			 "%s%sSecurity-Server: " SEED_SERVER "\r\n",
			 first ? v2 : v1, first ? v1 : v2);
		script_reply(&s, 401, more);
		script_state(&s, "proving");
		assert_non_null(strstr(s.last.text, "algorithm=AKAv2-SHA-256"));
		assert_non_null(strstr(s.last.text, "qop=auth-int"));
		script_free(&s);
	}
}

static void without_qop_there_is_no_nc(void **state)
{
	struct script s;

	begin(&s, IMS_UE_OFFER_FIRST);
	script_reply(&s, 401,
		     "WWW-Authenticate: Digest realm=\"x\", nonce=\"" SEED_NONCE
		     "\", algorithm=AKAv1-MD5\r\n"
		     "Security-Server: " SEED_SERVER "\r\n");
	script_state(&s, "proving");
	assert_null(strstr(s.last.text, "nc="));
	assert_null(strstr(s.last.text, "qop="));
	assert_null(strstr(s.last.text, "opaque="));
	script_free(&s);
}

static void offered_only_when_asked_for(void **state)
{
	static const unsigned asks[] = {421, 494, 401};

	for (size_t i = 0; i < N_OF(asks); i++) {
		struct script s;

		begin(&s, IMS_UE_OFFER_CHALLENGED);
		assert_null(strstr(s.last.text, "Security-Client"));
		assert_null(strstr(s.last.text, "Require"));
		assert_non_null(
			strstr(s.last.text, "Supported: path,sec-agree"));
		assert_non_null(strstr(s.last.text, "81d0]:5060>;"));
		if (asks[i] == 401)
			script_challenge(&s, SEED_NONCE, SEED_SERVER);
		else
			script_reply(&s, asks[i],
				     "Require: sec-agree\r\nSecurity-Server: "
				     "ipsec-3gpp;q=0.5;alg=hmac-md5-96\r\n");
		script_state(&s, "trying");
		assert_int_equal(s.sims, 0);
		assert_non_null(strstr(s.last.text, "Security-Client: "));
		assert_non_null(
			strstr(s.last.text, "Proxy-Require: sec-agree"));
		assert_non_null(strstr(s.last.text, "CSeq: 2 REGISTER"));
		assert_non_null(strstr(s.last.text, "nonce=\"\""));
		assert_int_equal(s.last.flow.set, 0);
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		script_state(&s, "proving");
		assert_non_null(strstr(s.last.text, "CSeq: 3 REGISTER"));
		script_ok(&s, 3600, "");
		script_state(&s, "registered");
		script_free(&s);
	}
}

static void a_network_without_ipsec_is_answered_in_the_clear(void **state)
{
	static const enum ims_ue_offer offers[] = {IMS_UE_OFFER_CHALLENGED,
						   IMS_UE_OFFER_NEVER};
	static const uint8_t none[16];

	for (size_t i = 0; i < N_OF(offers); i++) {
		struct script s;

		begin(&s, offers[i]);
		script_challenge(&s, SEED_NONCE, NULL);
		script_state(&s, "proving");
		/* no SAs: then CK and IK are of no use */
		assert_memory_equal(s.ue->ck, none, sizeof none);
		assert_memory_equal(s.ue->ik, none, sizeof none);
		assert_int_equal(s.adds, 0);
		assert_int_equal(s.last.flow.set, 0);
		assert_null(strstr(s.last.text, "Security-"));
		assert_null(strstr(s.last.text, "P-Access-Network-Info"));
		script_reply(&s, 200,
			     "Contact: <sip:001010123456789@"
			     "[2001::1:d1ae:bb37:d9c9:81d0]:5060>;expires=900"
			     "\r\n");
		script_state(&s, "registered");
		assert_true(script_heard(&s, IMS_TELL_REGISTERED, 0,
					 "900 s, in the clear"));
		assert_int_equal(ims_ue_set(s.ue), 0);
		script_free(&s);
	}
}

static void who_offers_does_not_fall_back_to_the_clear(void **state)
{
	struct script s;
	struct sent first;
	uint32_t spi;

	begin(&s, IMS_UE_OFFER_FIRST);
	first = s.last;
	spi = s.ue->offer.spi_c;
	script_challenge(&s, SEED_NONCE, NULL);
	/* Once from scratch: another Call-ID, another offer. */
	script_state(&s, "trying");
	assert_false(ims_str_eq(script_header(&first, IMS_SIP_CALL_ID),
				script_header(&s.last, IMS_SIP_CALL_ID)));
	assert_int_not_equal(s.ue->offer.spi_c, spi);
	assert_non_null(strstr(s.last.text, "Security-Client: "));
	assert_non_null(strstr(s.last.text, "CSeq: 1 REGISTER"));
	script_challenge(&s, SEED_NONCE, NULL);
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_NO_SERVER,
				 "no Security-Server"));
	script_free(&s);
}

static void a_200_without_a_challenge_is_no_registration(void **state)
{
	struct script s;

	begin(&s, IMS_UE_OFFER_FIRST);
	script_ok(&s, 600000, "");
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_PEER,
				 "without a challenge"));
	script_free(&s);
}

static void the_final_200_counts_inside_its_sas_only(void **state)
{
	struct script s;
	struct sent req;
	struct ims_flow good, bad;

	begin(&s, IMS_UE_OFFER_FIRST);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	req = s.last;
	good = script_back(&s, &req.flow);
	bad = good;
	bad.set = 0; /* in the clear, from the right ports */
	script_reply_on(&s, &req, &bad, 200, "");
	script_state(&s, "proving");
	bad.set = 4711; /* on a set of somebody else */
	script_reply_on(&s, &req, &bad, 200, "");
	script_state(&s, "proving");
	bad = good; /* from somebody else */
	bad.remote.ip.b[15] ^= 1;
	script_reply_on(&s, &req, &bad, 200, "");
	script_state(&s, "proving");
	/* A late 401 in the clear changes nothing either. */
	bad = good;
	bad.set = 0;
	script_reply_on(&s, &req, &bad, 401, "");
	script_state(&s, "proving");
	script_reply_on(&s, &req, &good, 200, "");
	script_state(&s, "registered");
	script_free(&s);
}

static void refusals_are_told_with_step_and_cause(void **state)
{
	/* clang-format off */
	static const struct {
		unsigned status;
		const char *more;
		bool inside;
		int err;
		const char *part;
	} cases[] = {
		{403, "", false, -IMS_E_REFUSED, "403 Forbidden to REGISTER, step 1 (in the clear)"},
		{404, "", false, -IMS_E_REFUSED, "404"},
		{494, "", false, -IMS_E_NO_MECH, "494"},
		{500, "", false, -IMS_E_UNAVAIL, "500"},
		{503, "", false, -IMS_E_UNAVAIL, "503"},
		{600, "", false, -IMS_E_REFUSED, "600"},
		{305, "", false, -IMS_E_REFUSED, "305"},
		{403, "Warning: 399 x \"barred\"\r\n", true, -IMS_E_REFUSED, "step 3 (inside ESP): 399 x \"barred\""},
		{403, "Reason: SIP;cause=5;text=\"\x1b[31m\"\r\n", true, -IMS_E_REFUSED, "text=\"\\x1b[31m\""},
		{494, "", true, -IMS_E_VERIFY, "494"},
		{423, "", true, -IMS_E_REFUSED, "423"},
		{423, "Min-Expires: 1\r\n", true, -IMS_E_REFUSED, "423"},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		begin(&s, IMS_UE_OFFER_FIRST);
		if (cases[i].inside)
			script_challenge(&s, SEED_NONCE, SEED_SERVER);
		script_reply(&s, cases[i].status, cases[i].more);
		script_state(&s, "idle");
		assert_true(script_heard(&s, IMS_TELL_FAILED, cases[i].err,
					 cases[i].part));
		assert_int_equal(s.dels, cases[i].inside ? 1 : 0);
		script_free(&s);
	}
}

static void who_never_offers_is_told_that_the_network_demands_it(void **state)
{
	struct script s;

	begin(&s, IMS_UE_OFFER_NEVER);
	assert_non_null(strstr(s.last.text, "Supported: path\r\n"));
	script_reply(&s, 421, "Require: sec-agree\r\n");
	assert_true(
		script_heard(&s, IMS_TELL_FAILED, -IMS_E_NO_AGREEMENT, "421"));
	script_free(&s);
}

static void an_endless_row_of_challenges_comes_to_an_end(void **state)
{
	struct script s;
	int i;

	begin(&s, IMS_UE_OFFER_FIRST);
	for (i = 0; i < 20 && s.ue->reg != UE_IDLE; i++)
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_true(i < 10);
	assert_int_equal(s.ue->temp.id, 0);
	script_free(&s);
}

static void sas_that_the_host_refuses_are_told(void **state)
{
	struct ims_flaw why = {-IMS_E_RIGHTS, "CAP_NET_ADMIN is missing"};
	struct script s;

	begin(&s, IMS_UE_OFFER_FIRST);
	s.hold_sa = true;
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_state(&s, "securing");
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_SA,
				       .set = s.set.id,
				       .err = -IMS_E_RIGHTS,
				       .why = &why});
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_RIGHTS,
				 "CAP_NET_ADMIN"));
	assert_int_equal(s.dels, 0);
	script_free(&s);
}

static void a_broken_connection_is_told_at_once(void **state)
{
	struct ims_flaw why = {-IMS_E_SYS, "connection refused"};
	struct script s;

	begin(&s, IMS_UE_OFFER_FIRST);
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_UNSENT,
				       .flow = s.last.flow,
				       .ref = s.last.ref,
				       .err = -IMS_E_SILENCE,
				       .why = &why});
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_SILENCE,
				 "connection refused"));
	script_free(&s);
}

static void silence_says_which_step_and_whether_inside_esp(void **state)
{
	struct script s;

	begin(&s, IMS_UE_OFFER_FIRST);
	script_wait(&s, 130000);
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_SILENCE,
				 "no answer to REGISTER, step 1 (in the clear) "
				 "from [2001:0:0:1::2]:5060"));
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_wait(&s, 130000);
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_SILENCE,
				 "no answer to REGISTER, step 3 (inside ESP) "
				 "from [2001:0:0:1::2]:50718"));
	script_free(&s);
}

static void rubbish_and_requests_in_the_clear_are_dropped(void **state)
{
	/* clang-format off */
	static const char *const texts[] = {
		"", "\r\n\r\n", "rubbish", "SIP/2.0 200 OK\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKa\r\n"
		"From: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
		"NOTIFY sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKb\r\n"
		"From: <sip:a>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 NOTIFY\r\n"
		"Event: reg\r\nSubscription-State: terminated\r\n\r\n",
	};
	/* clang-format on */
	struct script s;
	struct ims_flow flow;

	script_new(&s, NULL);
	script_register(&s, 3600);
	flow = (struct ims_flow){.local = s.conf.local,
				 .remote = s.conf.pcscf[0]};
	for (size_t i = 0; i < N_OF(texts); i++) {
		script_message(&s, &flow, ims_str(texts[i]));
		assert_int_equal(s.n_sent, 0);
		script_state(&s, "registered");
	}
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(security_server_in_all_its_forms),
		cmocka_unit_test(what_is_not_allowed_makes_no_sa),
		cmocka_unit_test(a_401_that_is_not_aka_is_told_as_such),
		cmocka_unit_test(akav2_is_taken_before_akav1),
		cmocka_unit_test(without_qop_there_is_no_nc),
		cmocka_unit_test(offered_only_when_asked_for),
		cmocka_unit_test(
			a_network_without_ipsec_is_answered_in_the_clear),
		cmocka_unit_test(who_offers_does_not_fall_back_to_the_clear),
		cmocka_unit_test(a_200_without_a_challenge_is_no_registration),
		cmocka_unit_test(the_final_200_counts_inside_its_sas_only),
		cmocka_unit_test(refusals_are_told_with_step_and_cause),
		cmocka_unit_test(
			who_never_offers_is_told_that_the_network_demands_it),
		cmocka_unit_test(an_endless_row_of_challenges_comes_to_an_end),
		cmocka_unit_test(sas_that_the_host_refuses_are_told),
		cmocka_unit_test(a_broken_connection_is_told_at_once),
		cmocka_unit_test(
			silence_says_which_step_and_whether_inside_esp),
		cmocka_unit_test(rubbish_and_requests_in_the_clear_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
