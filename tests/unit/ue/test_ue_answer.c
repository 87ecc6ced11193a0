/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_answer.c - every answer to REGISTER, in each of its three places. */
#include "ue_script.h"

#define SERVER2                                                              \
	"ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=4000;spi-s=4001;port-c=" \
	"50719;port-s=50718"

/* One P-CSCF, and no end of trying. */
static void begin(struct script *s)
{
	struct ims_ue_conf c;

	script_conf(&c);
	c.retry = true;
	c.subscribe = false;
	script_new(s, &c);
}

/* clang-format off */
static const struct {
	unsigned status;
	const char *more;
	const char *first;   /* state after it as an answer to REGISTER 1 */
	const char *inside;  /* to REGISTER 2 */
	const char *refresh; /* to a REGISTER inside the SAs in use */
	uint64_t wait_s;     /* exactly so long in `waiting`; 0: 30..60 */
} answers[] = {
	{300, "Contact: <sip:evil@192.0.2.66>\r\n", "waiting", "waiting", "registered", 0},
	{301, "Contact: <sip:evil@192.0.2.66>\r\n", "waiting", "waiting", "registered", 0},
	{302, "Contact: <sip:evil@192.0.2.66>\r\n", "waiting", "waiting", "registered", 0},
	{305, "Contact: <sip:192.0.2.66;lr>\r\n",   "waiting", "waiting", "trying", 0},
	{400, "",                     "waiting", "waiting", "registered", 0},
	{403, "",                     "idle",    "idle",    "registered", 0},
	{403, "Retry-After: 5\r\n",   "idle",    "idle",    "registered", 0},
	{404, "",                     "idle",    "idle",    "registered", 0},
	{406, "",                     "waiting", "waiting", "registered", 0},
	{408, "",                     "waiting", "waiting", "trying", 0},
	{420, "Unsupported: path\r\n", "waiting", "waiting", "registered", 0},
	{421, "Require: sec-agree\r\n", "waiting", "waiting", "trying", 0},
	{423, "",                     "waiting", "waiting", "registered", 0},
	{423, "Min-Expires: 1\r\n",   "waiting", "waiting", "registered", 0},
	{423, "Min-Expires: 600000\r\n", "waiting", "waiting", "registered", 0},
	{423, "Min-Expires: 600001\r\n", "trying", "proving", "refreshing", 0},
	{423, "Min-Expires: 4294967295\r\n", "waiting", "waiting", "registered", 0},
	{423, "Min-Expires: 99999999999\r\n", "waiting", "waiting", "registered", 0},
	{423, "Min-Expires: soon\r\n", "waiting", "waiting", "registered", 0},
	{480, "",                     "waiting", "waiting", "registered", 0},
	{480, "Retry-After: 100\r\n", "waiting", "waiting", "registered", 100},
	{494, "",                     "waiting", "waiting", "trying", 0},
	{494, "Security-Server: " SEED_SERVER "\r\n", "trying", "trying", "trying", 0},
	{494, "Security-Server: tls;q=0.5\r\n", "trying", "trying", "trying", 0},
	{494, "Security-Server: ipsec-3gpp;alg=aes-gmac;spi-c=4000;spi-s=4001;"
	 "port-c=5;port-s=6\r\n",     "idle",    "idle",    "trying", 0},
	{494, "Security-Server: ;;;\r\n", "trying", "trying", "trying", 0},
	{500, "",                     "waiting", "waiting", "trying", 0},
	{500, "Retry-After: 70\r\n",  "waiting", "waiting", "waiting", 70},
	{503, "",                     "waiting", "waiting", "trying", 0},
	{503, "Retry-After: 77\r\n",  "waiting", "waiting", "registered", 77},
	{503, "Retry-After: 77 (in a meeting);duration=3\r\n", "waiting", "waiting", "registered", 77},
	{503, "Retry-After: 0\r\n",   "waiting", "waiting", "registered", 1},
	{503, "Retry-After: 4294967295\r\n", "waiting", "waiting", "registered", 86400},
	{503, "Retry-After: 99999999999\r\n", "waiting", "waiting", "trying", 0},
	{503, "Retry-After: never\r\n", "waiting", "waiting", "trying", 0},
	{504, "",                     "waiting", "waiting", "trying", 0},
	{600, "",                     "waiting", "waiting", "registered", 0},
	{603, "",                     "waiting", "waiting", "registered", 0},
	{699, "",                     "waiting", "waiting", "registered", 0},
};
/* clang-format on */

static void waits_as_long_as_it_should(struct script *s, uint64_t want_s)
{
	uint64_t ms = s->ue->at[UE_T_WAIT] - s->now;

	if (s->ue->reg != UE_WAITING)
		return;
	if (want_s)
		assert_int_equal(ms, want_s * 1000);
	else
		assert_in_range(ms, 30000, 60000);
	assert_true(!s->ue->temp.id && !s->ue->now.id);
	/* And it comes to an end. */
	script_wait(s, ms);
	script_state(s, "trying");
	assert_int_equal(s->last.flow.set, 0);
	assert_non_null(strstr(s->last.text, "nonce=\"\""));
}

static void check(const char *place, size_t i, const struct script *s,
		  const char *want)
{
	if (strcmp(ims_ue_state(s->ue), want) != 0)
		fail_msg("%u %s to %s: %s, not %s", answers[i].status,
			 answers[i].more, place, ims_ue_state(s->ue), want);
}

static void each_answer_to_the_first_register(void **state)
{
	for (size_t i = 0; i < N_OF(answers); i++) {
		struct script s;

		begin(&s);
		script_start(&s);
		script_reply(&s, answers[i].status, answers[i].more);
		check("REGISTER 1", i, &s, answers[i].first);
		waits_as_long_as_it_should(&s, answers[i].wait_s);
		script_free(&s);
	}
}

static void each_answer_to_the_proof(void **state)
{
	for (size_t i = 0; i < N_OF(answers); i++) {
		struct script s;

		begin(&s);
		script_start(&s);
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		script_state(&s, "proving");
		script_reply(&s, answers[i].status, answers[i].more);
		check("REGISTER 2", i, &s, answers[i].inside);
		/* The SAs of the attempt go with it. */
		if (s.ue->reg != UE_PROVING)
			assert_int_equal(s.dels, 1);
		waits_as_long_as_it_should(&s, answers[i].wait_s);
		script_free(&s);
	}
}

static void each_answer_to_a_refresh(void **state)
{
	for (size_t i = 0; i < N_OF(answers); i++) {
		struct script s;
		uint32_t set;

		begin(&s);
		script_register(&s, 600000);
		set = s.ue->now.id;
		script_start(&s);
		script_state(&s, "refreshing");
		script_reply(&s, answers[i].status, answers[i].more);
		check("a refresh", i, &s, answers[i].refresh);
		if (s.ue->reg == UE_REGISTERED) {
			/* The old SAs go on, and it is tried again in time. */
			assert_int_equal(s.ue->now.id, set);
			assert_int_equal(s.dels, 0);
			assert_in_range(s.ue->at[UE_T_REFRESH] - s.now, 45000,
					86400 * 1000);
		} else if (s.ue->reg == UE_TRYING) {
			assert_int_equal(s.deleted[0], set);
			assert_int_equal(s.last.flow.set, 0);
		}
		script_free(&s);
	}
}

static void each_answer_to_the_proof_of_a_refresh_leaves_the_old_sas_or_none(
	void **state)
{
	for (size_t i = 0; i < N_OF(answers); i++) {
		struct script s;
		char nonce[64];
		uint32_t set;

		begin(&s);
		script_register(&s, 600000);
		set = s.ue->now.id;
		script_start(&s);
		script_nonce(&s, 33, nonce);
		script_challenge(&s, nonce, SERVER2);
		script_state(&s, "re-proving");
		script_reply(&s, answers[i].status, answers[i].more);
		/* The set of the attempt: what a mismatch is about [T06]. */
		if (answers[i].status == 494 || answers[i].status == 421)
			script_state(&s, "registered");
		else if (s.ue->reg != UE_RE_PROVING)
			check("REGISTER 2 of a refresh", i, &s,
			      answers[i].refresh);
		if (s.ue->reg == UE_REGISTERED)
			assert_int_equal(s.ue->now.id, set);
		if (s.ue->reg != UE_RE_PROVING)
			assert_int_equal(s.ue->temp.id, 0);
		script_free(&s);
	}
}

static void any_answer_to_the_last_register_will_do(void **state)
{
	for (size_t i = 0; i < N_OF(answers); i++) {
		struct script s;

		begin(&s);
		script_register(&s, 600000);
		script_stop(&s);
		script_state(&s, "leaving");
		script_reply(&s, answers[i].status, answers[i].more);
		script_state(&s, "idle");
		assert_int_equal(s.told[s.n_told - 1].tell,
				 IMS_TELL_DEREGISTERED);
		script_free(&s);
	}
}

static void a_redirection_is_told_and_not_followed(void **state)
{
	struct script s;

	begin(&s);
	script_start(&s);
	script_reply(&s, 302, "Contact: <sip:evil@192.0.2.66>\r\n");
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_REFUSED, "302"));
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_REFUSED,
				 "sip:evil@192.0.2.66"));
	script_wait(&s, 60000);
	assert_true(ims_addr_eq(s.last.flow.remote, s.conf.pcscf[0]));
	script_free(&s);
}

static void a_420_names_the_extension(void **state)
{
	struct script s;

	begin(&s);
	script_start(&s);
	script_reply(&s, 420, "Unsupported: sec-agree\r\n");
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_REFUSED,
				 "sec-agree"));
	script_free(&s);
}

static void a_second_494_is_the_end_of_the_round(void **state)
{
	struct script s;
	struct sent first;

	begin(&s);
	script_start(&s);
	first = s.last;
	script_reply(&s, 494, "Security-Server: " SEED_SERVER "\r\n");
	script_state(&s, "trying");
	assert_false(
		ims_str_eq(script_header(&first, IMS_SIP_SECURITY_CLIENT),
			   script_header(&s.last, IMS_SIP_SECURITY_CLIENT)));
	script_reply(&s, 494, "Security-Server: " SEED_SERVER "\r\n");
	script_state(&s, "waiting");
	script_free(&s);
}

static void a_200_with_expires_0_is_no_registration(void **state)
{
	struct script s;

	begin(&s);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_ok(&s, 0, "");
	script_state(&s, "waiting");
	assert_true(
		script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_PEER, "expires=0"));
	script_free(&s);
	begin(&s);
	script_register(&s, 600000);
	script_start(&s);
	script_ok(&s, 0, "");
	script_state(&s, "trying");
	script_free(&s);
}

static void a_200_for_a_moment_is_not_renewed_in_a_storm(void **state)
{
	struct script s;
	unsigned sent = 0;
	uint64_t end;

	begin(&s);
	script_register(&s, 1);
	end = s.now + 10000;
	while (s.now < end) {
		script_wait(&s, 500);
		if (s.ue->reg == UE_REFRESHING) {
			sent++;
			script_ok(&s, 1, "");
		}
	}
	assert_in_range(sent, 5, 21);
	script_free(&s);
}

static void realm_and_algorithm_may_change_between_challenges(void **state)
{
	/* clang-format off */
	static const struct {
		const char *realm, *algorithm;
	} next[] = {
		{"one.example", "AKAv1-MD5"}, {"two.example", "AKAv2-MD5"},
		{"two.example", "AKAv2-SHA-256"}, {"x", "AKAv1-MD5"},
	};
	/* clang-format on */
	struct script s;
	char more[1024], nonce[64], want[64];

	begin(&s);
	script_register(&s, 600000);
	for (size_t i = 0; i < N_OF(next); i++) {
		script_start(&s);
		script_nonce(&s, 33 + 32 * i, nonce);
		snprintf(more, sizeof more,
			 "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", "
			 "stale=true, qop=\"auth\", algorithm=%s\r\n"
			 "Security-Server: ipsec-3gpp;alg=hmac-md5-96;"
			 "ealg=null;spi-c=%zu;spi-s=%zu;port-c=%zu;"
			 "port-s=50718\r\n",
			 next[i].realm, nonce, next[i].algorithm, 5000 + 2 * i,
			 5001 + 2 * i, 51000 + i);
		script_reply(&s, 401, more);
		if (s.ue->reg != UE_RE_PROVING)
			fail_msg("%zu: %s", i, s.told[0].text);
		snprintf(want, sizeof want, "realm=\"%s\"", next[i].realm);
		assert_non_null(strstr(s.last.text, want));
		snprintf(want, sizeof want, "algorithm=%s", next[i].algorithm);
		assert_non_null(strstr(s.last.text, want));
		assert_non_null(strstr(s.last.text, nonce));
		assert_non_null(strstr(s.last.text, "nc=00000001"));
		script_ok(&s, 600000, "");
		script_state(&s, "registered");
	}
	script_free(&s);
}

static void a_broken_challenge_in_a_renewal_leaves_the_registration(
	void **state)
{
	static const char *const bad[] = {
		"",
		"WWW-Authenticate: Digest realm=\"x\", nonce=\"abcd\", "
		"algorithm=AKAv1-MD5\r\n",
		"WWW-Authenticate: Digest realm=\"x\", nonce=\"abcd\", "
		"algorithm=MD5\r\n",
	};

	for (size_t i = 0; i < N_OF(bad); i++) {
		struct script s;

		begin(&s);
		script_register(&s, 600000);
		script_start(&s);
		script_reply(&s, 401, bad[i]);
		script_state(&s, "registered");
		assert_int_equal(s.sims, 0);
		script_free(&s);
	}
}

static void without_security_server_a_renewal_begins_once_more(void **state)
{
	struct script s;
	struct sent first;
	char nonce[64];

	begin(&s);
	script_register(&s, 600000);
	script_start(&s);
	first = s.last;
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, NULL);
	script_state(&s, "refreshing");
	assert_int_equal(s.last.flow.set, s.ue->now.id);
	assert_false(ims_str_eq(script_header(&first, IMS_SIP_CALL_ID),
				script_header(&s.last, IMS_SIP_CALL_ID)));
	script_nonce(&s, 65, nonce);
	script_challenge(&s, nonce, NULL);
	script_state(&s, "registered");
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_to_the_first_register),
		cmocka_unit_test(each_answer_to_the_proof),
		cmocka_unit_test(each_answer_to_a_refresh),
		cmocka_unit_test(
			each_answer_to_the_proof_of_a_refresh_leaves_the_old_sas_or_none),
		cmocka_unit_test(any_answer_to_the_last_register_will_do),
		cmocka_unit_test(a_redirection_is_told_and_not_followed),
		cmocka_unit_test(a_420_names_the_extension),
		cmocka_unit_test(a_second_494_is_the_end_of_the_round),
		cmocka_unit_test(a_200_with_expires_0_is_no_registration),
		cmocka_unit_test(a_200_for_a_moment_is_not_renewed_in_a_storm),
		cmocka_unit_test(
			realm_and_algorithm_may_change_between_challenges),
		cmocka_unit_test(
			a_broken_challenge_in_a_renewal_leaves_the_registration),
		cmocka_unit_test(
			without_security_server_a_renewal_begins_once_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
