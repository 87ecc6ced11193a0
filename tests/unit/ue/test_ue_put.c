/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_put.c - what the UE writes equals the seed's in meaning. */
#include "ue_script.h"

#include "golden.h"

/* Where we differ from the seed's phone, and why we may or must. */
/* clang-format off */
static const struct golden_rule register1[] = {
	{"Supported", "24.229 5.1.1.2.1: gruu, outbound and eventlist are not "
		      "supported, so not claimed [RFC 3261 20.37]"},
	{"Allow", "RFC 3261 20.5: only what is handled"},
};
static const struct golden_rule register3[] = {
	{"Supported", "as in step 1"},
	{"Allow", "as in step 1"},
};
static const struct golden_rule subscribe[] = {
	{"Allow", "as in step 1"},
};
static const struct golden_rule answer[] = {
	{"Allow", "as in step 1"},
};
/* clang-format on */

static void like_seed(const char *file, const struct sent *t,
		      const struct golden_rule *rule, size_t n_rules)
{
	char name[64];
	size_t n = 0;
	char *want;

	snprintf(name, sizeof name, "seed/%s", file);
	want = test_read("IMS_TEST_DATA", name, &n);
	assert_non_null(want);
	assert_int_equal(golden_compare(file, ims_str_n(want, n),
					ims_str_n(t->text, t->n), rule,
					n_rules),
			 0);
	free(want);
}

/* A message of the seed's network, with what belongs to our transaction. */
static void from_seed(struct script *s, const char *file, const char *more)
{
	char name[64], text[4096];
	struct ims_sip_msg m;
	struct ims_buf b;
	size_t n = 0;
	char *mem;

	snprintf(name, sizeof name, "seed/%s", file);
	mem = test_read("IMS_TEST_DATA", name, &n);
	assert_non_null(mem);
	assert_int_equal(ims_sip_msg_parse(ims_str_n(mem, n), &m, NULL), 0);
	ims_buf_init(&b, text, sizeof text);
	for (size_t i = 0; i < m.n_hdrs; i++) {
		enum ims_sip_hdr_id id = m.hdr[i].id;

		if (id != IMS_SIP_VIA && id != IMS_SIP_FROM &&
		    id != IMS_SIP_TO && id != IMS_SIP_CALL_ID &&
		    id != IMS_SIP_CSEQ && id != IMS_SIP_CONTENT_LENGTH)
			ims_sip_put_named(&b, m.hdr[i].name, m.hdr[i].value);
	}
	ims_buf_puts(&b, more);
	script_reply(s, m.status, ims_buf_cstr(&b));
	free(mem);
}

/* The seed's NOTIFY, in our dialog. */
static void notify_from_seed(struct script *s)
{
	struct ims_flow flow = script_back(s, &s->last.flow);
	char text[4096], *mem, *head, *body;
	size_t n = 0;

	mem = test_read("IMS_TEST_DATA", "seed/7-notify.sip", &n);
	assert_non_null(mem);
	head = strstr(mem, "Call-ID: ");
	body = strstr(mem, "Contact: <sip:[2001:0:0:1::2]");
	assert_true(head && body);
	*head = 0;
	snprintf(text, sizeof text,
		 "%sCall-ID: %s\r\nCSeq: 1 NOTIFY\r\nTo: <%s>;tag=%s\r\n"
		 "From: <%s>;tag=peer\r\n%s",
		 mem, s->ue->sub_call_id, s->conf.impu, s->ue->sub_tag,
		 s->conf.impu, body);
	script_message(s, &flow, ims_str(text));
	free(mem);
}

static bool same_header(const struct sent *a, const struct sent *b,
			enum ims_sip_hdr_id id)
{
	struct ims_str first = script_header(a, id);

	return ims_str_eq(first, script_header(b, id));
}

static void leaves_from_uc_to_ps(const struct sent *t,
				 enum ims_transport transport)
{
	assert_int_equal(t->flow.transport, transport);
	assert_int_equal(t->flow.local.port, 38003);
	assert_int_equal(t->flow.remote.port, 50718);
	assert_true(t->flow.set != 0);
}

static void the_four_messages_of_the_seeds_phone(void **state)
{
	struct script s;
	struct sent first;

	script_new(&s, NULL);
	script_start(&s);
	assert_int_equal(s.n_sent, 1);
	like_seed("1-register.sip", &s.sent[0], register1, N_OF(register1));
	assert_int_equal(s.sent[0].flow.transport, IMS_TCP);
	assert_int_equal(s.sent[0].flow.set, 0);
	assert_int_equal(s.sent[0].flow.remote.port, 5060);
	first = s.sent[0];

	from_seed(&s, "2-401.sip", "");
	assert_int_equal(s.adds, 1);
	assert_int_equal(s.n_sent, 1);
	like_seed("3-register-protected.sip", &s.sent[0], register3,
		  N_OF(register3));
	leaves_from_uc_to_ps(&s.sent[0], IMS_TCP);
	assert_int_equal(s.sent[0].flow.set, s.set.id);
	/* The same Security-Client text, the Security-Server text mirrored. */
	assert_true(same_header(&first, &s.sent[0], IMS_SIP_SECURITY_CLIENT));
	assert_str(script_header(&s.sent[0], IMS_SIP_SECURITY_VERIFY),
		   SEED_SERVER);

	from_seed(&s, "4-200.sip", "");
	assert_int_equal(s.n_sent, 1);
	like_seed("5-subscribe.sip", &s.sent[0], subscribe, N_OF(subscribe));
	leaves_from_uc_to_ps(&s.sent[0], IMS_UDP);

	from_seed(&s, "6-200.sip", "");
	assert_true(script_heard(&s, IMS_TELL_SUBSCRIBED, 0, "600000 s"));
	notify_from_seed(&s);
	assert_int_equal(s.n_sent, 1);
	like_seed("8-200.sip", &s.sent[0], answer, N_OF(answer));
	leaves_from_uc_to_ps(&s.sent[0], IMS_UDP);
	assert_true(script_heard(&s, IMS_TELL_NOTIFIED, 0,
				 "reg version 0, full: sip:001010123456789@"));
	script_free(&s);
}

static void the_response_is_the_seeds_with_the_identities_it_was_made_for(
	void **state)
{
	/* The seed's printed response does not verify (its identities were
	 * changed), so the digest is recomputed from the known RES.
	 */
	struct script s;
	struct ims_sip_msg m;
	struct ims_sip_auth a;
	struct ims_aka_out r;
	uint8_t rnd[16], autn[16];
	char hex[IMS_DIGEST_HEX];

	script_new(&s, NULL);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	m = script_parse(&s.last);
	assert_int_equal(ims_sip_auth_get(&m, IMS_SIP_AUTHORIZATION, &a), 0);
	assert_str(a.nc, "00000001");
	assert_str(a.qop, "auth");
	ims_digest_nonce_open(ims_str(SEED_NONCE), rnd, autn);
	assert_int_equal(ims_aka_f2345(&s.card.key, rnd, &r), 0);
	struct ims_digest_in in = {
		.algo = {1, IMS_MD5},
		.username = a.username,
		.realm = a.realm,
		.nonce = a.nonce,
		.method = IMS_S("REGISTER"),
		.uri = IMS_S("sip:ims.sharetechnote.com"),
		.qop = a.qop,
		.nc = a.nc,
		.cnonce = a.cnonce,
	};
	assert_int_equal(ims_digest_response(&in, r.res, r.res_len, hex), 0);
	assert_str(a.response, hex);
	script_free(&s);
}

static void a_request_over_1300_bytes_goes_by_tcp_a_short_one_by_udp(
	void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.transport_register = IMS_UE_AUTO;
	c.contact_params[0] = 0;
	script_new(&s, &c);
	script_start(&s);
	assert_true(s.last.n <= 1300);
	assert_int_equal(s.last.flow.transport, IMS_UDP);
	assert_int_equal(s.last.flow.local.port, 5060);
	assert_non_null(strstr(s.last.text, "Via: SIP/2.0/UDP "));
	assert_non_null(strstr(s.last.text, ";rport\r\n"));
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_true(s.last.n > 1300);
	assert_int_equal(s.last.flow.transport, IMS_TCP);
	assert_non_null(strstr(s.last.text, "Via: SIP/2.0/TCP "));
	assert_non_null(strstr(s.last.text, "nc=00000001"));
	script_free(&s);
}

/* Its length is found first; then the threshold is set around it. */
static void what_esp_adds_counts_as_well(void **state)
{
	const size_t esp = 25; /* hmac-md5-96, null */
	size_t n = 0;

	for (int i = 0; i < 3; i++) {
		struct ims_ue_conf c;
		struct script s;

		script_conf(&c);
		c.transport_register = IMS_UE_UDP;
		c.transport_other = IMS_UE_AUTO;
		c.udp_max = i ? n + esp + 1 - (size_t)i : 65535;
		script_new(&s, &c);
		script_register(&s, 3600);
		assert_memory_equal(s.last.text, "SUBSCRIBE ", 10);
		assert_int_equal(s.last.flow.transport,
				 i == 2 ? IMS_TCP : IMS_UDP);
		n = s.last.n;
		script_free(&s);
	}
}

static void over_udp_inside_esp_there_is_no_rport_and_via_has_port_us(
	void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.transport_register = IMS_UE_UDP;
	script_new(&s, &c);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_int_equal(s.last.flow.transport, IMS_UDP);
	assert_null(strstr(s.last.text, "rport"));
	assert_non_null(strstr(s.last.text,
			       "Via: SIP/2.0/UDP "
			       "[2001::1:d1ae:bb37:d9c9:81d0]:39003;"));
	/* P-Access-Network-Info only inside. */
	assert_non_null(strstr(s.last.text, "P-Access-Network-Info"));
	script_free(&s);
}

static void the_contact_in_the_clear_can_have_the_unprotected_port(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.clear_contact = true;
	script_new(&s, &c);
	script_start(&s);
	assert_non_null(strstr(s.last.text, "81d0]:5060>;"));
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_non_null(strstr(s.last.text, "81d0]:39003>;"));
	script_free(&s);
}

static void nothing_from_a_peer_opens_a_header_line(void **state)
{
	struct script s;

	script_new(&s, NULL);
	script_start(&s);
	/* A folded Security-Server is mirrored on one line. */
	script_challenge(&s, SEED_NONCE,
			 "ipsec-3gpp;alg=hmac-md5-96;ealg=null;prot=esp;"
			 "mod=trans;\r\n spi-c=3458785863;spi-s=2821032177;"
			 "port-c=50717;port-s=50718;q=0.1");
	assert_non_null(strstr(s.last.text,
			       "Security-Verify: ipsec-3gpp;alg=hmac-md5-96;"
			       "ealg=null;prot=esp;mod=trans; "
			       "spi-c=3458785863;"));
	script_free(&s);
}

static void a_service_route_follows_the_p_cscf(void **state)
{
	struct script s;

	script_new(&s, NULL);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_ok(&s, 600000,
		  "Service-Route: <sip:orig@scscf.x;lr>, <sip:two.x;lr>\r\n");
	assert_str(script_header(&s.last, IMS_SIP_ROUTE),
		   "<sip:[2001:0:0:1::2]:50718;lr>, <sip:orig@scscf.x;lr>, "
		   "<sip:two.x;lr>");
	script_free(&s);
}

static void a_value_with_a_line_break_is_never_sent(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	strcpy(c.access_info, "x\r\nEvil: 1");
	script_new(&s, &c);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_int_equal(s.n_sent, 0);
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_TOOBIG, "step 3"));
	script_state(&s, "idle");
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_four_messages_of_the_seeds_phone),
		cmocka_unit_test(
			the_response_is_the_seeds_with_the_identities_it_was_made_for),
		cmocka_unit_test(
			a_request_over_1300_bytes_goes_by_tcp_a_short_one_by_udp),
		cmocka_unit_test(what_esp_adds_counts_as_well),
		cmocka_unit_test(
			over_udp_inside_esp_there_is_no_rport_and_via_has_port_us),
		cmocka_unit_test(
			the_contact_in_the_clear_can_have_the_unprotected_port),
		cmocka_unit_test(nothing_from_a_peer_opens_a_header_line),
		cmocka_unit_test(a_service_route_follows_the_p_cscf),
		cmocka_unit_test(a_value_with_a_line_break_is_never_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
