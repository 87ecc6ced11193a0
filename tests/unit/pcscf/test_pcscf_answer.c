/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_answer.c - the core's answers to REGISTER. */
#include "pcscf_test.h"

static void ask(void)
{
	struct ims_flow f = clear_flow(IMS_TCP);
	char msg[12000];

	register1(msg);
	feed(&f, msg);
}

#define NONCE "nonce=\"26ohPzgYyy3VFVa4VnXhKgx8Ta1aXYAA27sDDHxNLVo=\""

static void a_challenge_without_whole_keys_is_not_passed_on(void **state)
{
	static const char *const bad[] = {
		"WWW-Authenticate: Digest realm=\"r\", " NONCE "\r\n",
		"WWW-Authenticate: Digest realm=\"r\", " NONCE ", ck=\"" CK
		"\"\r\n",
		"WWW-Authenticate: Digest realm=\"r\", " NONCE ", ck=\"" CK
		"\", ik=\"00\"\r\n",
		"WWW-Authenticate: Digest realm=\"r\", " NONCE ", ck=\"" CK
		"\", ik=\"030c7c4dad5a5d8cfc039aa80fd5dbbx\"\r\n",
		"WWW-Authenticate: Digest realm=\"r\", " NONCE ", ik=\"" IK
		"\", ck=\"bb:03:0c:7c:4d:ad:5a:5d:8c:fc:03:9a:a8:0f:d5:db\""
		"\r\n",
		"WWW-Authenticate: Basic realm=\"r\"\r\n",
		"",
	};

	for (size_t i = 0; i < N_OF(bad); i++) {
		restart();
		ask();
		core_answers(last_mw(), 401, bad[i]);
		assert_int_equal(last_gm()->m.status, 500);
		assert_told(-IMS_E_PEER);
		assert_int_equal(n_added, 0);
		assert_int_equal(ims_pcscf_users(p), 0);
	}
}

static void no_answer_at_all_carries_keys_to_the_ue(void **state)
{
	static const unsigned statuses[] = {400, 403, 407, 500, 503};

	for (size_t i = 0; i < N_OF(statuses); i++) {
		restart();
		ask();
		core_answers(last_mw(), statuses[i],
			     CHALLENGE "Proxy-Authenticate: Digest ck=\"" CK
				       "\", realm=\"r\", ik=\"" IK "\"\r\n");
		assert_int_equal(last_gm()->m.status, statuses[i]);
		assert_has_not(last_gm(), "ck=");
		assert_has_not(last_gm(), "ik=");
	}
}

static void what_is_the_cores_alone_stays_there(void **state)
{
	struct ims_flow f;
	char msg[12000];

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     GRANTED "P-Charging-Vector: icid-value=x\r\n"
			     "P-Charging-Function-Addresses: ccf=x\r\n"
			     "Security-Server: tls\r\n"
			     "Service-Route: <sip:orig@127.0.0.1:6060;lr>\r\n");
	assert_has_not(last_gm(), "P-Charging");
	assert_has_not(last_gm(), "tls");
	assert_has(last_gm(), "Service-Route: <sip:orig@127.0.0.1:6060;lr>");
	assert_has(last_gm(), "P-Associated-URI: <" IMPU ">, <tel:+491234>");
}

static void a_200_without_challenge_for_one_who_wants_sas_is_not_taken(
	void **state)
{
	ask();
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 500);
	assert_told(-IMS_E_PEER);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void a_challenge_to_the_proof_ends_the_attempt(void **state)
{
	struct ims_flow f;
	char msg[12000];

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 500);
	assert_int_equal(n_added, 1);
}

static void a_provisional_answer_is_awaited_further(void **state)
{
	ask();
	core_answers(last_mw(), 100, "");
	assert_int_equal(n_gm, 0);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
}

/* What a 200 grants decides how long a set lives. */
static void lives(const char *headers, unsigned s)
{
	struct ims_flow f;
	char msg[12000];

	restart();
	go_challenged(IMS_TCP);
	f = inside(last_added(), IMS_TCP);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200, headers);
	if (s)
		pass((s + 29) * 1000);
	assert_int_equal(n_deleted, 0);
	pass(s ? 2000 : 20000);
	assert_int_equal(n_deleted, 1);
}

#define MINE "<sip:001010123456789@[" UE_IP "]:39003>"

static void what_is_granted_is_read_from_our_contact(void **state)
{
	lives("Contact: " MINE ";expires=100\r\n", 100);
	lives("Contact: <sip:x@y>;expires=7, " MINE ";expires=100\r\n", 100);
	lives("Contact: " MINE "\r\nExpires: 200\r\n", 200);
	lives("Expires: 200\r\nContact: " MINE ";expires=100\r\n", 100);
	lives("Contact: <sip:other@name>;expires=90\r\n", 90);
	lives("", 0);
	lives("Contact: <sip:x@y>;expires=7, <sip:z@y>;expires=8\r\n", 0);
	lives("Contact: " MINE ";expires=0\r\n", 0);
}

static void told_text(const char *text)
{
	for (size_t i = 0; i < n_told; i++)
		if (strstr(told[i].text, text))
			return;
	fail_msg("\"%s\" was not told", text);
}

/* Its SPIs are those of the temporary set: no other can be made with them. */
static void challenged_once_more_inside_the_ue_begins_anew(void **state)
{
	char text[12000], offer[400];
	struct ims_flow f;
	uint32_t set;

	go_challenged(IMS_UDP);
	set = last_added()->id;
	f = inside(last_added(), IMS_UDP);
	register2(text);
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 500);
	assert_int_equal(last_gm()->flow.set, set);
	assert_has(last_gm(), "Retry-After: ");
	told_text("once more inside the temporary SAs");
	assert_int_equal(n_added, 1);
	/* which it can do at once, with the same port_us */
	f = clear_flow(IMS_UDP);
	register1(text);
	snprintf(offer, sizeof offer, SEC_LINE, 7000, 7001, 38005, 39003);
	set_line(text, "Security-Client", offer);
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(n_added, 2);
}

#define AUTS                                                               \
	"Digest username=\"001010123456789@ims.sharetechnote"              \
	".com\", realm=\"x\", nonce=\"n\", uri=\"sip:x\", response=\"\", " \
	"auts=\"RR6L7KQb+O5YnUbYNck=\""

/* In the clear: the set of the challenge that it could not use goes. */
static void a_resynchronisation_is_challenged_anew(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char text[12000], offer[400];
	uint32_t set;

	go_challenged(IMS_UDP);
	set = last_added()->id;
	register1(text);
	snprintf(offer, sizeof offer, SEC_LINE, 7000, 7001, 38005, 39003);
	set_line(text, "Security-Client", offer);
	set_line(text, "Authorization", AUTS);
	feed(&f, text);
	assert_has(last_mw(), "auts=\"RR6L7KQb+O5YnUbYNck=\"");
	assert_has(last_mw(), "integrity-protected=\"no\"");
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], set);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* Inside: over the set in use, which stays. */
static void a_resynchronisation_inside_is_challenged_anew(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&a, IMS_UDP);
	char text[12000];
	uint32_t set;

	reregister(text, 1);
	set_line(text, "Security-Verify", NULL);
	feed(&f, text);
	core_answers(last_mw(), 401, CHALLENGE);
	set = last_added()->id;
	reregister(text, 2);
	set_line(text, "Security-Verify", NULL);
	set_line(text, "Authorization", AUTS);
	feed(&f, text);
	assert_has(last_mw(), "auts=\"RR6L7KQb+O5YnUbYNck=\"");
	assert_has(last_mw(), "integrity-protected=\"yes\"");
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(last_gm()->flow.set, a.id);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], set);
	assert_int_equal(ims_pcscf_sets(p), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(challenged_once_more_inside_the_ue_begins_anew),
		T(a_resynchronisation_is_challenged_anew),
		T(a_resynchronisation_inside_is_challenged_anew),
		T(a_challenge_without_whole_keys_is_not_passed_on),
		T(no_answer_at_all_carries_keys_to_the_ue),
		T(what_is_the_cores_alone_stays_there),
		T(a_200_without_challenge_for_one_who_wants_sas_is_not_taken),
		T(a_challenge_to_the_proof_ends_the_attempt),
		T(a_provisional_answer_is_awaited_further),
		T(what_is_granted_is_read_from_our_contact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
