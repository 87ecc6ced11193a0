/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_notify.c - NOTIFYs: good, misplaced, late, hostile. */
#include "ue_script.h"

static void begin(struct script *s)
{
	script_new(s, NULL);
	script_register(s, 600000);
	script_subscribe(s);
}

static unsigned answered(const struct script *s)
{
	unsigned status = 0;

	for (size_t i = 0; i < s->n_sent; i++)
		if (sscanf(s->sent[i].text, "SIP/2.0 %u ", &status) == 1)
			return status;
	return 0;
}

/* One NOTIFY with a line replaced. */
static void odd(struct script *s, const char *line, const char *with)
{
	struct ims_flow flow = script_back(s, &s->ue->now.udp);
	char text[4096], *at;
	size_t len;

	snprintf(text, sizeof text,
		 "NOTIFY sip:u@[2001::1:d1ae:bb37:d9c9:81d0]:39003 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP [2001:0:0:1::2]:50718;branch=z9hG4bKodd\r\n"
		 "Call-ID: %s\r\nCSeq: 7 NOTIFY\r\n"
		 "To: <sip:u@x>;tag=%s\r\nFrom: <sip:u@x>;tag=peer\r\n"
		 "Event: reg\r\nSubscription-State: active;expires=5000\r\n"
		 "Content-Type: application/reginfo+xml\r\n"
		 "Content-Length: 0\r\n\r\n",
		 s->ue->sub_call_id, s->ue->sub_tag);
	at = strstr(text, line);
	assert_non_null(at);
	len = strcspn(at, "\r");
	memmove(at + strlen(with), at + len, strlen(at + len) + 1);
	memcpy(at, with, strlen(with));
	script_message(s, &flow, ims_str(text));
}

static void what_does_not_fit_is_refused(void **state)
{
	/* clang-format off */
	static const struct {
		const char *line, *with;
		unsigned status;
	} cases[] = {
		{"Event: ", "Event: presence", 489},
		{"Event: ", "Event: reg;id=3", 481},
		{"Event: ", "X: y", 400},
		{"Call-ID: ", "Call-ID: other", 481},
		{"To: ", "To: <sip:u@x>;tag=other", 481},
		{"To: ", "To: <sip:u@x>", 481},
		{"From: ", "From: <sip:u@x>;tag=other", 481},
		{"Subscription-State: ", "X: y", 400},
		{"CSeq: ", "CSeq: 1 NOTIFY", 500},
		{"CSeq: ", "CSeq: 0 NOTIFY", 500},
		{"CSeq: ", "CSeq: 8 NOTIFY", 200},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		begin(&s);
		odd(&s, cases[i].line, cases[i].with);
		if (answered(&s) != cases[i].status)
			fail_msg("%s: %u", cases[i].with, answered(&s));
		assert_int_equal(s.ue->sub, UE_SUB_ACTIVE);
		script_state(&s, "registered");
		if (cases[i].status == 489)
			assert_non_null(
				strstr(s.sent[0].text, "Allow-Events: reg"));
		script_free(&s);
	}
}

static void a_body_of_another_type_is_refused(void **state)
{
	struct script s;

	begin(&s);
	script_notify_full(&s, 2, "active", "Content-Type: text/plain\r\n",
			   "hello", s.ue->now.id);
	assert_int_equal(answered(&s), 415);
	script_notify_full(&s, 3, "active",
			   "Content-Type: application/reginfo+xml\r\n"
			   "Content-Encoding: gzip\r\n",
			   "hello", s.ue->now.id);
	assert_int_equal(answered(&s), 415);
	script_free(&s);
}

static void a_repeated_notify_gets_the_same_answer_and_counts_once(void **state)
{
	struct script s;

	begin(&s);
	odd(&s, "Event: ", "Event: reg");
	assert_int_equal(answered(&s), 200);
	odd(&s, "Event: ", "Event: reg");
	assert_int_equal(s.n_sent, 1);
	assert_int_equal(answered(&s), 200);
	assert_int_equal(s.n_told, 0);
	script_free(&s);
}

static void hostile_bodies_change_nothing(void **state)
{
	/* clang-format off */
	static const char *const bodies[] = {
		"<", "<a/>", "\x01\x02\x03",
		"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>"
		REGINFO("1", "full", ""),
		REGINFO("4294967296", "full", ""),
		REGINFO("-1", "full", ""),
		REGINFO("1", "half", ""),
		"<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\">",
	};
	/* clang-format on */
	struct script s;

	begin(&s);
	for (size_t i = 0; i < N_OF(bodies); i++) {
		script_notify(&s, 2 + (unsigned)i, "active", bodies[i]);
		assert_int_equal(answered(&s), 200);
		assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_SYNTAX,
					 "not understood"));
		script_state(&s, "registered");
		assert_int_equal(s.ue->watch.version, 0);
	}
	script_free(&s);
}

static void what_is_told_of_a_document_is_printable(void **state)
{
	struct script s;

	begin(&s);
	script_notify(&s, 2, "active",
		      "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
		      "version=\"1\" state=\"partial\"><registration "
		      "aor=\"sip:&#10;\xc2\x9b"
		      "31m@x\" id=\"7\" "
		      "state=\"init\"/></reginfo>");
	assert_true(script_heard(&s, IMS_TELL_NOTIFIED, 0,
				 "partial: sip:\\x0a\\xc2\\x9b31m@x init"));
	script_free(&s);
}

static void late_and_missing_documents(void **state)
{
	struct script s;

	begin(&s);
	script_notify(&s, 2, "active",
		      REGINFO("0", "full",
			      MY_CONTACT("terminated", "rejected", "")));
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_UNEXPECTED,
				 "not newer"));
	script_state(&s, "registered");
	/* A gap: full state is asked for soon. */
	script_notify(&s, 3, "active",
		      REGINFO("5", "partial",
			      MY_CONTACT("active", "refreshed", "")));
	assert_true(script_heard(&s, IMS_TELL_NOTIFIED, 0, "version 5"));
	assert_int_equal(s.ue->at[UE_T_SUB], s.now + 2000);
	script_wait(&s, 2000);
	assert_int_equal(s.ue->sub, UE_SUB_REFRESHING);
	script_free(&s);
}

static void the_network_can_end_the_registration(void **state)
{
	static const char *const why[] = {"rejected", "unregistered"};

	for (size_t i = 0; i < N_OF(why); i++) {
		struct script s;
		char body[1024];
		uint32_t set;

		begin(&s);
		set = s.ue->now.id;
		snprintf(body, sizeof body,
			 REGINFO("1", "partial",
				 MY_CONTACT("terminated", "%s", "")),
			 why[i]);
		script_notify(&s, 2, "terminated", body);
		assert_int_equal(answered(&s), 200);
		assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_ENDED,
					 why[i]));
		script_state(&s, "draining");
		/* The SAs live until the NOTIFY's transaction has ended. */
		assert_int_equal(s.dels, 0);
		script_wait(&s, 128000);
		script_state(&s, "idle");
		assert_int_equal(s.dels, 1);
		assert_int_equal(s.deleted[0], set);
		assert_int_equal(s.told[s.n_told - 1].tell,
				 IMS_TELL_DEREGISTERED);
		script_free(&s);
	}
}

/* The SAs are kept for the NOTIFY, while the UE registers in the clear. */
static void who_is_deactivated_comes_back_at_once(void **state)
{
	static const char *const why[] = {"deactivated", "expired"};

	for (size_t i = 0; i < N_OF(why); i++) {
		struct script s;
		char body[1024], nonce[64];
		uint32_t set;

		begin(&s);
		set = s.ue->now.id;
		snprintf(body, sizeof body,
			 REGINFO("1", "partial",
				 MY_CONTACT("terminated", "%s", "")),
			 why[i]);
		script_notify(&s, 2, "terminated", body);
		assert_int_equal(strncmp(s.sent[0].text, "SIP/2.0 200 ", 12),
				 0);
		script_state(&s, "trying");
		assert_int_equal(s.last.flow.set, 0);
		assert_non_null(strstr(s.last.text, "nonce=\"\""));
		assert_int_equal(s.dels, 0);
		assert_int_equal(s.ue->old.id, set);
		assert_int_equal(s.ue->sub, UE_SUB_NONE);
		script_nonce(&s, 33, nonce);
		script_challenge(&s, nonce,
				 "ipsec-3gpp;alg=hmac-md5-96;ealg=null;"
				 "spi-c=4000;spi-s=4001;port-c=50719;"
				 "port-s=50718");
		script_ok(&s, 3600, "");
		script_state(&s, "registered");
		assert_int_equal(s.ue->old.id, set);
		s.ue->conf.subscribe = false;
		script_wait(&s, 128000);
		while (s.ue->old.id && s.n_told)
			script_wait(&s, 128000);
		assert_int_equal(s.ue->old.id, 0);
		script_free(&s);
	}
}

static void who_is_thrown_out_again_and_again_takes_his_time(void **state)
{
	struct script s;
	unsigned times = 0;

	begin(&s);
	for (; times < 10 && s.ue->reg != UE_WAITING; times++) {
		char nonce[64];

		script_notify(&s, 2, "terminated",
			      REGINFO("1", "partial",
				      MY_CONTACT("terminated", "deactivated",
						 "")));
		if (s.ue->reg == UE_WAITING)
			break;
		script_nonce(&s, 33 * (times + 1), nonce);
		script_challenge(&s, nonce,
				 "ipsec-3gpp;alg=hmac-md5-96;ealg=null;"
				 "spi-c=4000;spi-s=4001;port-c=50719;"
				 "port-s=50718");
		script_ok(&s, 3600, "");
		script_subscribe(&s);
	}
	assert_in_range(times, 2, 4);
	assert_in_range(s.ue->at[UE_T_WAIT] - s.now, 30000, 60000);
	script_free(&s);
}

static void probation_is_obeyed(void **state)
{
	struct script s;
	uint32_t set;

	begin(&s);
	set = s.ue->now.id;
	script_notify(&s, 2, "terminated",
		      REGINFO("1", "full",
			      MY_CONTACT("terminated", "probation",
					 " retry-after=\"300\"")));
	assert_int_equal(answered(&s), 200);
	script_state(&s, "waiting");
	assert_int_equal(s.ue->old.id, set);
	script_wait(&s, 299999);
	script_state(&s, "waiting");
	assert_int_equal(s.ue->old.id, 0);
	script_wait(&s, 1);
	script_state(&s, "trying");
	script_free(&s);
}

/* Full state that does not have us any more. */
static void who_is_forgotten_registers_anew(void **state)
{
	struct script s;

	begin(&s);
	script_notify(&s, 2, "active",
		      REGINFO("1", "full",
			      "<contact id=\"3\" state=\"active\" "
			      "event=\"registered\"><uri>sip:x@192.0.2.1</uri>"
			      "</contact>"));
	script_state(&s, "trying");
	script_free(&s);
}

static void a_contact_that_still_lives_elsewhere_keeps_us_registered(
	void **state)
{
	struct script s;

	begin(&s);
	script_notify(
		&s, 2, "active",
		"<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
		"version=\"1\" state=\"partial\"><registration aor=\"tel:+1\" "
		"id=\"2\" state=\"active\">" MY_CONTACT(
			"terminated", "rejected",
			"") "</registration></reginfo>");
	script_state(&s, "registered");
	script_free(&s);
}

static void somebody_elses_contact_is_not_ours(void **state)
{
	struct script s;

	begin(&s);
	script_notify(&s, 2, "active",
		      REGINFO("1", "partial",
			      "<contact id=\"3\" state=\"terminated\" "
			      "event=\"rejected\"><uri>sip:001010123456789@"
			      "192.0.2.1</uri></contact>"));
	script_state(&s, "registered");
	script_free(&s);
}

static void a_shortened_registration_is_renewed_sooner(void **state)
{
	struct script s;

	begin(&s);
	script_notify(&s, 2, "active",
		      REGINFO("1", "full",
			      MY_CONTACT("active", "shortened",
					 " expires=\"600\"")));
	assert_int_equal(ims_ue_expires_s(s.ue, s.now), 600);
	assert_int_equal(s.ue->at[UE_T_REFRESH], s.now + 300000);
	/* It cannot be made longer that way. */
	script_notify(&s, 3, "active",
		      REGINFO("2", "full",
			      MY_CONTACT("active", "shortened",
					 " expires=\"6000\"")));
	assert_int_equal(ims_ue_expires_s(s.ue, s.now), 600);
	script_free(&s);
}

static void over_tcp_the_answer_goes_back_on_the_connection(void **state)
{
	struct script s;
	struct ims_flow flow;
	char text[2048];

	begin(&s);
	flow = s.ue->now.udp;
	flow.transport = IMS_TCP;
	flow.local.port = s.ue->now.me.port_s;
	flow.remote.port = s.ue->now.pcscf.port_c;
	flow.conn = 77;
	snprintf(text, sizeof text,
		 "OPTIONS sip:u@x SIP/2.0\r\n"
		 "Via: SIP/2.0/TCP [2001:0:0:1::2]:50718;branch=z9hG4bKtcp\r\n"
		 "Max-Forwards: 70\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n"
		 "To: <sip:u@x>\r\nFrom: <sip:u@x>;tag=p\r\n"
		 "Content-Length: 0\r\n\r\n");
	script_message(&s, &flow, ims_str(text));
	assert_int_equal(answered(&s), 200);
	assert_int_equal(s.sent[0].flow.conn, 77);
	assert_int_equal(s.sent[0].flow.local.port, 39003);
	script_free(&s);
}

/* 33.203 7.1 for UDP: from the client port to the server port, answers too.
 * Neither the Via nor the port that a request came from changes that.
 */
static void over_udp_the_answer_goes_from_uc_to_ps_whatever_via_says(
	void **state)
{
	static const char *const via[] = {
		"[2001:0:0:1::2]:50718;branch=z9hG4bKu1",
		"[2001:0:0:1::2]:50717;branch=z9hG4bKu2",
		"[2001:0:0:1::2]:5060;rport;branch=z9hG4bKu3",
		"[2001:0:0:1::9]:5060;branch=z9hG4bKu4",
	};
	struct script s;
	struct ims_flow flow;
	char text[2048];

	begin(&s);
	for (size_t i = 0; i < N_OF(via); i++) {
		flow = s.ue->now.udp;
		flow.local.port = s.ue->now.me.port_s;
		flow.remote.port = s.ue->now.pcscf.port_c;
		snprintf(text, sizeof text,
			 "OPTIONS sip:u@x SIP/2.0\r\nVia: SIP/2.0/UDP %s\r\n"
			 "Max-Forwards: 70\r\nCall-ID: c%zu\r\n"
			 "CSeq: 1 OPTIONS\r\nTo: <sip:u@x>\r\n"
			 "From: <sip:u@x>;tag=p\r\nContent-Length: 0\r\n\r\n",
			 via[i], i);
		script_message(&s, &flow, ims_str(text));
		assert_int_equal(answered(&s), 200);
		assert_int_equal(s.sent[0].flow.transport, IMS_UDP);
		assert_int_equal(s.sent[0].flow.local.port, 38003);
		assert_int_equal(s.sent[0].flow.remote.port, 50718);
		assert_true(ims_ip_eq(s.sent[0].flow.remote.ip,
				      s.ue->now.udp.remote.ip));
		assert_int_equal(s.sent[0].flow.set, s.ue->now.udp.set);
	}
	script_free(&s);
}

static void other_methods_get_405(void **state)
{
	struct script s;
	struct ims_flow flow;

	begin(&s);
	flow = script_back(&s, &s.ue->now.udp);
	script_message(&s, &flow,
		       IMS_S("MESSAGE sip:u@x SIP/2.0\r\nVia: SIP/2.0/UDP "
			     "[2001:0:0:1::2]:50718;branch=z9hG4bKm\r\n"
			     "Call-ID: c\r\nCSeq: 1 MESSAGE\r\nTo: <sip:u@x>"
			     "\r\nFrom: <sip:u@x>;tag=p\r\nContent-Length: 0"
			     "\r\n\r\n"));
	assert_int_equal(answered(&s), 405);
	assert_non_null(strstr(s.sent[0].text, "Allow: NOTIFY,OPTIONS"));
	assert_int_equal(s.sent[0].flow.remote.port, 50718);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(a_body_of_another_type_is_refused),
		cmocka_unit_test(
			a_repeated_notify_gets_the_same_answer_and_counts_once),
		cmocka_unit_test(hostile_bodies_change_nothing),
		cmocka_unit_test(what_is_told_of_a_document_is_printable),
		cmocka_unit_test(late_and_missing_documents),
		cmocka_unit_test(the_network_can_end_the_registration),
		cmocka_unit_test(who_is_deactivated_comes_back_at_once),
		cmocka_unit_test(
			who_is_thrown_out_again_and_again_takes_his_time),
		cmocka_unit_test(probation_is_obeyed),
		cmocka_unit_test(who_is_forgotten_registers_anew),
		cmocka_unit_test(
			a_contact_that_still_lives_elsewhere_keeps_us_registered),
		cmocka_unit_test(somebody_elses_contact_is_not_ours),
		cmocka_unit_test(a_shortened_registration_is_renewed_sooner),
		cmocka_unit_test(
			over_tcp_the_answer_goes_back_on_the_connection),
		cmocka_unit_test(
			over_udp_the_answer_goes_from_uc_to_ps_whatever_via_says),
		cmocka_unit_test(other_methods_get_405),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
