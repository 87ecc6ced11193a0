/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_seed.c - the eight messages of the registration that this project
 * started from: every typed header has the value that stands there, and what
 * is written again from the typed values means the same.
 */
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_build.h"
#include "sip_event.h"
#include "sip_sec.h"
#include "sip_via.h"

#include "sip_test.h"

#define UE_HOST "2001::1:d1ae:bb37:d9c9:81d0"
#define AOR "sip:001010123456789@ims.mnc01.mcc001.3gppnetwork.org"
#define CALL_1 "37067dd33-6b8b4567@" UE_HOST
#define CALL_2 "3707d1e50-445f44a7@" UE_HOST

static const char *const files[] = {
	"1-register.sip", "2-401.sip",       "3-register-protected.sip",
	"4-200.sip",      "5-subscribe.sip", "6-200.sip",
	"7-notify.sip",   "8-200.sip",
};

static struct ims_sip_msg seed[N_OF(files)];
static char *bytes[N_OF(files)];

static int load(void **state)
{
	for (size_t i = 0; i < N_OF(files); i++) {
		struct ims_sip_flaw why = {0};
		char path[64];
		size_t n = 0;

		snprintf(path, sizeof path, "seed/%s", files[i]);
		bytes[i] = test_read("IMS_TEST_DATA", path, &n);
		if (!bytes[i] ||
		    ims_sip_msg_parse(ims_str_n(bytes[i], n), &seed[i], &why)) {
			print_error("%s: %s\n", path, why.flaw.text);
			return -1;
		}
	}
	return 0;
}

static int unload(void **state)
{
	for (size_t i = 0; i < N_OF(files); i++)
		free(bytes[i]);
	return 0;
}

static void the_start_lines_are_read(void **state)
{
	assert_true(seed[0].request);
	assert_int_equal(seed[0].method, IMS_SIP_REGISTER);
	assert_str(seed[0].uri, "sip:ims.sharetechnote.com");
	assert_false(seed[1].request);
	assert_int_equal(seed[1].status, 401);
	assert_str(seed[1].reason, "Unauthorized");
	assert_int_equal(seed[1].method, IMS_SIP_REGISTER);
	assert_int_equal(seed[3].status, 200);
	assert_int_equal(seed[4].method, IMS_SIP_SUBSCRIBE);
	assert_str(seed[4].uri, AOR);
	assert_int_equal(seed[5].method, IMS_SIP_SUBSCRIBE);
	assert_int_equal(seed[6].method, IMS_SIP_NOTIFY);
	assert_str(seed[6].uri, "sip:001010123456789@[" UE_HOST "]:39003;ob");
	assert_int_equal(seed[7].method, IMS_SIP_NOTIFY);
}

static void the_dialogs_are_read(void **state)
{
	/* clang-format off */
	static const struct {
		const char *call_id, *from_tag, *to_tag;
		uint32_t cseq;
	} want[] = {
		{CALL_1, "54467370690e30-327b23c6", "", 1},
		{CALL_1, "54467370690e30-327b23c6", "987654321", 1},
		{CALL_1, "54467370723a6a-0be8e1f8", "", 2},
		{CALL_1, "54467370723a6a-0be8e1f8", "54467370723a6a-0be8e1f8", 2},
		{CALL_2, "544673707d1e7d-3d740161", "", 1},
		{CALL_2, "544673707d1e7d-3d740161", "544673707d1e7d-3d740161", 1},
		{CALL_2, "544673707d1e7d-3d740161", "544673707d1e7d-3d740161", 1},
		{CALL_2, "544673707d1e7d-3d740161", "544673707d1e7d-3d740161", 1},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(files); i++) {
		struct ims_sip_addr a;

		assert_str(seed[i].call_id, want[i].call_id);
		assert_str(ims_sip_tag(&seed[i], IMS_SIP_FROM),
			   want[i].from_tag);
		assert_str(ims_sip_tag(&seed[i], IMS_SIP_TO), want[i].to_tag);
		assert_int_equal(seed[i].cseq, want[i].cseq);
		assert_int_equal(ims_sip_addr_get(&seed[i], IMS_SIP_FROM, &a),
				 0);
		assert_str(a.uri.text, AOR);
		assert_str(a.uri.user, "001010123456789");
		assert_str(a.uri.host, "ims.mnc01.mcc001.3gppnetwork.org");
	}
}

static void the_vias_are_read(void **state)
{
	/* clang-format off */
	static const struct {
		const char *transport, *host, *branch;
		uint16_t port;
	} want[] = {
		{"TCP", UE_HOST, "z9hG4bK370690ecb-643c9869", 5060},
		{"TCP", UE_HOST, "z9hG4bK370690ecb-643c9869", 5060},
		{"TCP", UE_HOST, "z9hG4bK370723a88-32d70d67", 39003},
		{"TCP", UE_HOST, "z9hG4bK370723a88-32d70d67", 39003},
		{"UDP", UE_HOST, "z9hG4bK3707d1f14-46487f22", 39003},
		{"UDP", UE_HOST, "z9hG4bK3707d1f14-46487f22", 39003},
		{"UDP", "2001:0:0:1::2",
		 "z9hG4bK0a0d0d34d4d84c91b07959b6fcb7e3e914", 50718},
		{"UDP", "2001:0:0:1::2",
		 "z9hG4bK0a0d0d34d4d84c91b07959b6fcb7e3e914", 50718},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(files); i++) {
		struct ims_sip_via via;

		assert_int_equal(ims_sip_via_top(&seed[i], &via), 0);
		assert_str(via.transport, want[i].transport);
		assert_str(via.host, want[i].host);
		assert_str(via.branch, want[i].branch);
		assert_int_equal(via.port, want[i].port);
		assert_false(via.has_rport);
	}
}

static void assert_mechanism(const struct ims_sip_sec *s, const char *alg,
			     uint32_t spi_c, uint32_t spi_s, uint16_t port_c)
{
	assert_str(s->name, "ipsec-3gpp");
	assert_str(s->alg, alg);
	assert_str(s->ealg, "null");
	assert_str(s->prot, "esp");
	assert_str(s->mod, "trans");
	assert_int_equal(s->spi_c, spi_c);
	assert_int_equal(s->spi_s, spi_s);
	assert_int_equal(s->port_c, port_c);
}

static void the_security_agreement_is_read(void **state)
{
	struct ims_sip_sec client[4], again[4], server[4], verify[4];
	size_t n;

	assert_int_equal(ims_sip_sec_get(&seed[0], IMS_SIP_SECURITY_CLIENT,
					 client, 4, &n, NULL),
			 0);
	assert_int_equal(n, 2);
	assert_mechanism(&client[0], "hmac-md5-96", 565817, 565818, 38003);
	assert_mechanism(&client[1], "hmac-sha-1-96", 565817, 565818, 38003);
	assert_int_equal(client[0].port_s, 39003);
	assert_false(client[0].has & IMS_SEC_HAS_Q);

	assert_int_equal(ims_sip_sec_get(&seed[1], IMS_SIP_SECURITY_SERVER,
					 server, 4, &n, NULL),
			 0);
	assert_int_equal(n, 1);
	assert_mechanism(&server[0], "hmac-md5-96", 3458785863, 2821032177,
			 50717);
	assert_int_equal(server[0].port_s, 50718);
	assert_int_equal(server[0].q, 100);

	assert_int_equal(ims_sip_sec_get(&seed[2], IMS_SIP_SECURITY_CLIENT,
					 again, 4, &n, NULL),
			 0);
	assert_true(ims_sip_sec_same(&client[0], &again[0]));
	assert_true(ims_sip_sec_same(&client[1], &again[1]));
	assert_false(ims_sip_sec_same(&client[0], &again[1]));
	assert_int_equal(ims_sip_sec_get(&seed[2], IMS_SIP_SECURITY_VERIFY,
					 verify, 4, &n, NULL),
			 0);
	assert_true(ims_sip_sec_same(&server[0], &verify[0]));
	assert_int_equal(ims_sip_sec_get(&seed[4], IMS_SIP_SECURITY_VERIFY,
					 verify, 4, &n, NULL),
			 0);
	assert_true(ims_sip_sec_same(&server[0], &verify[0]));
}

static void the_authentication_is_read(void **state)
{
	struct ims_sip_auth a;

	assert_int_equal(ims_sip_auth_get(&seed[0], IMS_SIP_AUTHORIZATION, &a),
			 0);
	assert_str(a.username, "001010123456789@ims.sharetechnote.com");
	assert_str(a.realm, "ims.sharetechnote.com");
	assert_non_null(a.nonce.p);
	assert_str(a.nonce, "");
	assert_non_null(a.response.p);
	assert_str(a.response, "");
	assert_null(a.qop.p);
	assert_str(a.algorithm, "AKAv1-MD5");

	assert_int_equal(ims_sip_auth_get(&seed[1], IMS_SIP_WWW_AUTHENTICATE,
					  &a),
			 0);
	assert_str(a.nonce, "26ohPzgYyy3VFVa4VnXhKgx8Ta1aXYAA27sDDHxNLVo=");
	assert_str(a.opaque, "4669e9192b2042d499606fe3e0fa839a");
	assert_str(a.realm, "ims.mnc01.mcc001.3gppnetwork.org");
	assert_true(ims_sip_auth_offers(&a, "auth"));
	assert_false(ims_sip_auth_offers(&a, "auth-int"));

	assert_int_equal(ims_sip_auth_get(&seed[2], IMS_SIP_AUTHORIZATION, &a),
			 0);
	assert_str(a.response, "e089b68060162b5c6a328e5dd2d43133");
	assert_str(a.cnonce, "NGNhMTgzMw==");
	assert_str(a.qop, "auth");
	assert_str(a.nc, "00000001");
	assert_str(a.uri, "sip:ims.sharetechnote.com");
}

static void the_contacts_are_read(void **state)
{
	struct ims_sip_addr a;
	struct ims_sip_param p;
	struct ims_addr addr, want;
	uint32_t n;

	assert_int_equal(ims_sip_addr_get(&seed[0], IMS_SIP_CONTACT, &a), 0);
	assert_str(a.uri.host, UE_HOST);
	assert_int_equal(a.uri.port, 39003);
	assert_int_equal(ims_sip_uri_addr(&a.uri, 5060, &addr), 0);
	assert_int_equal(ims_addr_parse(IMS_S("[" UE_HOST "]:39003"), 0, &want),
			 0);
	assert_true(ims_addr_eq(addr, want));
	assert_true(ims_sip_param_find(a.params, "expires", &p));
	assert_int_equal(ims_str_u32(p.value, UINT32_MAX, &n), 0);
	assert_int_equal(n, 600000);
	assert_true(ims_sip_param_find(a.params, "+sip.instance", &p));
	assert_str(ims_sip_unquote(p.value),
		   "<urn:gsma:imei:35910506-000422-0>");
	assert_true(ims_sip_param_find(a.params, "video", &p));
	assert_false(p.has_value);
	assert_true(ims_sip_param_find(a.params, "reg-id", &p));
	assert_str(p.value, "1");
	assert_int_equal(ims_sip_addr_get(&seed[4], IMS_SIP_CONTACT, &a), 0);
	assert_true(ims_sip_param_find(a.uri.params, "ob", &p));
	assert_int_equal(ims_sip_addr_get(&seed[5], IMS_SIP_CONTACT, &a), 0);
	assert_true(ims_sip_param_find(a.uri.params, "transport", &p));
	assert_str(p.value, "udp");
}

static void the_rest_is_read(void **state)
{
	struct ims_sip_event event;
	struct ims_sip_sub_state sub;
	struct ims_sip_addr a;
	uint32_t n;

	assert_int_equal(ims_sip_number(&seed[4], IMS_SIP_EXPIRES, &n), 0);
	assert_int_equal(n, 600000);
	assert_int_equal(ims_sip_number(&seed[0], IMS_SIP_EXPIRES, &n),
			 -IMS_E_NOTFOUND);
	assert_int_equal(ims_sip_event_parse(ims_sip_get(&seed[6],
							 IMS_SIP_EVENT),
					     &event),
			 0);
	assert_str(event.package, "reg");
	assert_int_equal(
		ims_sip_sub_state_parse(ims_sip_get(&seed[6],
						    IMS_SIP_SUBSCRIPTION_STATE),
					&sub),
		0);
	assert_int_equal(sub.state, IMS_SUB_ACTIVE);
	assert_int_equal(sub.expires, 600000);
	assert_int_equal(seed[6].body.n, 740);
	assert_true(ims_sip_lists(&seed[0], IMS_SIP_SUPPORTED, "sec-agree"));
	assert_true(ims_sip_lists(&seed[0], IMS_SIP_SUPPORTED, "PATH"));
	assert_false(ims_sip_lists(&seed[0], IMS_SIP_SUPPORTED, "sec"));
	assert_true(
		ims_sip_lists(&seed[0], IMS_SIP_PROXY_REQUIRE, "sec-agree"));
	assert_int_equal(ims_sip_addr_get(&seed[2], IMS_SIP_ROUTE, &a), 0);
	assert_int_equal(a.uri.port, 50718);
	assert_str(a.uri.params, ";lr");
	assert_int_equal(ims_sip_addr_get(&seed[3], IMS_SIP_P_ASSOCIATED_URI,
					  &a),
			 0);
	assert_str(a.uri.text, AOR);
	assert_int_equal(seed[3].raw.n, 781); /* as on the wire */
}

static void put_params(struct ims_buf *b, struct ims_str list)
{
	struct ims_sip_param p;

	while (ims_sip_param_next(&list, &p)) {
		ims_buf_putc(b, ';');
		ims_buf_put(b, p.name);
		if (p.has_value)
			ims_buf_putc(b, '=');
		ims_buf_put(b, p.value);
	}
}

static void put_addr(struct ims_buf *b, struct ims_str value)
{
	struct ims_sip_addr a;
	const char *bracket;

	assert_int_equal(ims_sip_addr_parse(value, &a), 0);
	bracket = ims_str_find(a.uri.host, ':') < a.uri.host.n ? "[" : "";
	ims_buf_printf(b, "<sip:%.*s%s%s%.*s%s", IMS_STR_ARG(a.uri.user),
		       a.uri.user.n ? "@" : "", bracket,
		       IMS_STR_ARG(a.uri.host), *bracket ? "]" : "");
	if (a.uri.port)
		ims_buf_printf(b, ":%u", a.uri.port);
	put_params(b, a.uri.params);
	ims_buf_putc(b, '>');
	put_params(b, a.params);
}

static void put_via(struct ims_buf *b, struct ims_str value)
{
	struct ims_sip_via v;

	assert_int_equal(ims_sip_via_parse(value, &v), 0);
	ims_buf_printf(b, "SIP/2.0/%.*s [%.*s]:%u", IMS_STR_ARG(v.transport),
		       IMS_STR_ARG(v.host), v.port);
	put_params(b, v.params);
}

static void put_mechanism(struct ims_buf *b, struct ims_str value)
{
	struct ims_sip_sec s;

	assert_int_equal(ims_sip_sec_parse(value, &s, NULL), 0);
	ims_sip_sec_put(b, &s, (struct ims_sip_sec_style){true, false});
}

static void put_auth(struct ims_buf *b, struct ims_str value, bool challenge)
{
	struct ims_sip_auth a;

	assert_int_equal(ims_sip_auth_parse(value, &a), 0);
	ims_sip_auth_put(b, &a, challenge);
}

static void put_typed(struct ims_buf *b, enum ims_sip_hdr_id id,
		      struct ims_str value)
{
	switch ((int)id) {
	case IMS_SIP_VIA:
		put_via(b, value);
		break;
	case IMS_SIP_FROM:
	case IMS_SIP_TO:
	case IMS_SIP_CONTACT:
	case IMS_SIP_ROUTE:
	case IMS_SIP_RECORD_ROUTE:
	case IMS_SIP_PATH:
	case IMS_SIP_P_ASSOCIATED_URI:
		put_addr(b, value);
		break;
	case IMS_SIP_SECURITY_CLIENT:
	case IMS_SIP_SECURITY_SERVER:
	case IMS_SIP_SECURITY_VERIFY:
		put_mechanism(b, value);
		break;
	case IMS_SIP_AUTHORIZATION:
	case IMS_SIP_WWW_AUTHENTICATE:
		put_auth(b, value, id == IMS_SIP_WWW_AUTHENTICATE);
		break;
	default:
		ims_buf_put(b, value);
	}
}

/* The whole message from what the readers gave. */
static void rebuild(struct ims_buf *b, const struct ims_sip_msg *m)
{
	if (m->request)
		ims_sip_put_request(b, ims_sip_method_name(m->method), m->uri);
	else
		ims_sip_put_status(b, m->status,
				   ims_str(ims_sip_reason(m->status)));
	for (size_t i = 0; i < m->n_hdrs; i++) {
		enum ims_sip_hdr_id id = m->hdr[i].id;
		struct ims_str rest = m->hdr[i].value, value;
		const char *comma = "";

		if (id == IMS_SIP_CONTENT_LENGTH || id == IMS_SIP_CONTENT_TYPE)
			continue;
		ims_buf_puts(b, ims_sip_hdr_name(id));
		ims_buf_puts(b, ": ");
		if (ims_sip_hdr_kind(id) == IMS_SIP_TEXT)
			put_typed(b, id, rest);
		while (ims_sip_hdr_kind(id) == IMS_SIP_LIST &&
		       ims_sip_comma_next(&rest, &value)) {
			ims_buf_puts(b, comma);
			put_typed(b, id, value);
			comma = ",";
		}
		if (ims_sip_hdr_kind(id) == IMS_SIP_ONE)
			put_typed(b, id, rest);
		ims_buf_puts(b, "\r\n");
	}
	ims_sip_put_body(b, ims_sip_get(m, IMS_SIP_CONTENT_TYPE), m->body);
}

static void assert_same_list(const struct ims_sip_msg *a,
			     const struct ims_sip_msg *b,
			     enum ims_sip_hdr_id id)
{
	struct ims_sip_walk v = ims_sip_walk(a, id), w = ims_sip_walk(b, id);
	struct ims_str x, y;

	while (ims_sip_walk_next(&v, &x)) {
		struct ims_sip_sec s, t;

		assert_true(ims_sip_walk_next(&w, &y));
		if (id < IMS_SIP_SECURITY_CLIENT ||
		    id > IMS_SIP_SECURITY_VERIFY) {
			assert_true(ims_str_eq(x, y));
			continue;
		}
		assert_int_equal(ims_sip_sec_parse(x, &s, NULL), 0);
		assert_int_equal(ims_sip_sec_parse(y, &t, NULL), 0);
		assert_true(ims_sip_sec_same(&s, &t));
	}
	assert_false(ims_sip_walk_next(&w, &y));
}

static void assert_same_auth(const struct ims_sip_msg *a,
			     const struct ims_sip_msg *b,
			     enum ims_sip_hdr_id id)
{
	struct ims_sip_auth x, y;

	if (!ims_sip_has(a, id))
		return;
	assert_int_equal(ims_sip_auth_get(a, id, &x), 0);
	assert_int_equal(ims_sip_auth_get(b, id, &y), 0);
#define SAME(m, wire, q1, q2)                           \
	assert_int_equal(x.m.p == NULL, y.m.p == NULL); \
	assert_true(ims_str_eq(x.m, y.m));
	IMS_SIP_AUTH_PARAMS(SAME)
#undef SAME
}

static void written_again_they_mean_the_same(void **state)
{
	static struct ims_sip_msg back;
	static char text[8192];

	for (size_t i = 0; i < N_OF(files); i++) {
		const struct ims_sip_msg *m = &seed[i];
		struct ims_sip_flaw why;
		struct ims_buf b;

		ims_buf_init(&b, text, sizeof text);
		rebuild(&b, m);
		assert_false(b.over);
		if (ims_sip_msg_parse(ims_buf_str(&b), &back, &why))
			fail_msg("%s: %s", files[i], why.flaw.text);
		assert_int_equal(back.n_hdrs, m->n_hdrs);
		assert_int_equal(back.request, m->request);
		assert_int_equal(back.method, m->method);
		assert_int_equal(back.status, m->status);
		assert_int_equal(back.cseq, m->cseq);
		assert_true(ims_str_eq(back.uri, m->uri));
		assert_true(ims_str_eq(back.call_id, m->call_id));
		assert_true(ims_str_eq(back.body, m->body));
		for (int id = 1; id < IMS_SIP_N_HDR_IDS; id++) {
			enum ims_sip_hdr_id h = (enum ims_sip_hdr_id)id;

			assert_int_equal(ims_sip_has(&back, h),
					 ims_sip_has(m, h));
			if (ims_sip_hdr_kind(h) == IMS_SIP_LIST)
				assert_same_list(m, &back, h);
			else if (ims_sip_hdr_kind(h) == IMS_SIP_TEXT)
				assert_same_auth(m, &back, h);
			else
				assert_true(ims_str_eq(ims_sip_get(m, h),
						       ims_sip_get(&back, h)));
		}
	}
}

static void cut_anywhere_they_are_refused_and_nothing_is_over_read(void **state)
{
	static struct ims_sip_msg m;

	for (size_t i = 0; i < N_OF(files); i++)
		for (size_t n = 0; n < seed[i].raw.n; n++) {
			struct ims_str cut = {seed[i].raw.p, n};

			assert_int_not_equal(ims_sip_msg_parse(fence(cut), &m,
							       NULL),
					     0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_start_lines_are_read),
		cmocka_unit_test(the_dialogs_are_read),
		cmocka_unit_test(the_vias_are_read),
		cmocka_unit_test(the_security_agreement_is_read),
		cmocka_unit_test(the_authentication_is_read),
		cmocka_unit_test(the_contacts_are_read),
		cmocka_unit_test(the_rest_is_read),
		cmocka_unit_test(written_again_they_mean_the_same),
		cmocka_unit_test(
			cut_anywhere_they_are_refused_and_nothing_is_over_read),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
