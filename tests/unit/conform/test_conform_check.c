/* SPDX-License-Identifier: BSD-2-Clause */
/* test_conform_check.c - one thing about a message. */
#include "conform_priv.h"
#include "test.h"

#define SERVER                                                              \
	"ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=33;spi-s=44;port-c=5064;" \
	"port-s=5062"
#define CLIENT                                                         \
	"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=11;spi-s=22;port-c=40001;" \
	"port-s=50000"
#define CLIENT2                                                        \
	"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=12;spi-s=23;port-c=40002;" \
	"port-s=50000"

/* A REGISTER of these pieces; NULL: as it should be. */
struct parts {
	const char *uri, *to, *contact, *require, *client, *verify, *auth,
		*more;
};

static struct ims_conform c;
static struct ims_sip_msg m;
static const struct ims_flow inside = {.local = {{6, {1}}, 5062},
				       .remote = {{6, {2}}, 40001},
				       .set = 4};

static const char * or (const char *a, const char *b)
{
	return a ? a : b;
}

static void build(const struct parts *p)
{
	static char text[8192];

	snprintf(text, sizeof text,
		 "REGISTER %s SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP [2001:db8::10]:40001;branch=z9hG4bKb\r\n"
		 "From: <sip:u@h>;tag=f\r\nTo: %s\r\nCall-ID: c\r\n"
		 "CSeq: 5 REGISTER\r\nContact: %s\r\nRequire: %s\r\n"
		 "Proxy-Require: sec-agree\r\nSupported: path\r\n"
		 "Security-Client: %s\r\nSecurity-Verify: %s\r\n"
		 "Authorization: Digest %s\r\n%sContent-Length: 0\r\n\r\n",
		 or (p->uri, "sip:h"), or (p->to, "<sip:u@h>"),
		 or (p->contact, "<sip:u@[::1]:50000>"),
		 or (p->require, "sec-agree"), or (p->client, CLIENT),
		 or (p->verify, SERVER),
		 or (p->auth, "username=\"u\",realm=\"r\",uri=\"sip:h\","
			      "nonce=\"N\",response=\"00\""),
		 or (p->more, ""));
	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
}

static void remember(void)
{
	memset(&c, 0, sizeof c);
	snprintf(c.client, sizeof c.client, CLIENT);
	snprintf(c.used, sizeof c.used, CLIENT);
	snprintf(c.server, sizeof c.server, SERVER);
	snprintf(c.nonce, sizeof c.nonce, "N");
	snprintf(c.call_id, sizeof c.call_id, "c");
	c.cseq = 4;
	c.set = 4;
	c.min_expires = 700;
}

static void each_check_can_pass_and_fail(void **state)
{
	/* clang-format off */
	static const struct {
		enum conform_check what;
		struct parts good, bad;
	} rows[] = {
		{IS_IDENTITY, {0}, {.to = "<sip:x@h>"}},
		{IS_IDENTITY, {0}, {.to = "<sip:u@h>;tag=t"}},
		{IS_CONTENT, {0}, {.uri = "sip:u@h"}},
		{IS_CONTENT, {0}, {.auth = "realm=\"r\",uri=\"s\",nonce=\"\",response=\"\""}},
		{IS_AGREE, {0}, {.require = "path"}},
		{IS_AGREE, {0}, {.client = "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=11"}},
		{IS_EXPIRES, {.more = "Expires: 600000\r\n"}, {.more = "Expires: 3600\r\n"}},
		{IS_LAST, {.more = "Expires: 0\r\n"}, {.more = "Expires: 1\r\n"}},
		{IS_LAST, {.contact = "<sip:u@h>;expires=0"}, {.contact = "<sip:u@h>;expires=9"}},
		{IS_LONGER, {.more = "Expires: 700\r\n"}, {.more = "Expires: 699\r\n"}},
		{IS_NO_ACCESS, {0}, {.more = "P-Access-Network-Info: x\r\n"}},
		{IS_NO_PROOF, {.auth = "nonce=\"\",response=\"\""}, {.auth = "nonce=\"N\",response=\"\""}},
		{IS_PROOF, {0}, {.auth = "nonce=\"M\",response=\"00\""}},
		{IS_PROOF, {0}, {.auth = "nonce=\"N\",response=\"\""}},
		{IS_EMPTY, {.auth = "nonce=\"N\",response=\"\""}, {.auth = "nonce=\"N\",response=\"\",auts=\"AAAA\""}},
		{IS_AUTS, {.auth = "nonce=\"N\",auts=\"AAECAwQFBgcICQoLDA0=\""}, {.auth = "nonce=\"N\",auts=\"AAEC\""}},
		{IS_NEW_SPIS, {.client = CLIENT2}, {0}},
		{IS_SAME_PORT_S, {.client = CLIENT2}, {.client = "ipsec-3gpp;alg=a;port-s=1"}},
		{IS_SAME_CLIENT, {0}, {.client = CLIENT2}},
		{IS_SAME_CLIENT, {0}, {.client = CLIENT ", " CLIENT}},
		{IS_VERIFY, {0}, {.verify = CLIENT}},
		{IS_CONTACT_US, {0}, {.contact = "<sip:u@[::1]:5060>"}},
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(rows); i++) {
		remember();
		build(&rows[i].good);
		if (!ims_conform_check(&c, rows[i].what, &m, &inside))
			fail_msg("%zu: %s: does not pass", i,
				 ims_conform_check_text(rows[i].what));
		build(&rows[i].bad);
		if (ims_conform_check(&c, rows[i].what, &m, &inside))
			fail_msg("%zu: %s: passes", i,
				 ims_conform_check_text(rows[i].what));
	}
}

static bool flow_is(enum conform_check what, const struct ims_flow *f)
{
	return ims_conform_check(&c, what, &m, f);
}

static void flows(void **state)
{
	struct ims_flow clear = inside, other = inside, port = inside;

	clear.set = 0;
	other.set = 5;
	port.remote.port = 40002;
	remember();
	build(&(struct parts){0});
	assert_true(flow_is(IS_CLEAR, &clear) && !flow_is(IS_CLEAR, &inside));
	assert_true(flow_is(IS_INSIDE, &inside) && !flow_is(IS_INSIDE, &clear));
	assert_true(flow_is(IS_NEW_SET, &other));
	assert_false(flow_is(IS_NEW_SET, &inside));
	assert_false(flow_is(IS_NEW_SET, &clear));
	assert_true(flow_is(IS_SAME_SET, &inside));
	assert_false(flow_is(IS_SAME_SET, &other));
	assert_true(flow_is(IS_PORTS, &inside));
	assert_false(flow_is(IS_PORTS, &port));
	assert_true(flow_is(IS_SAME_CALL, &inside));
	assert_false(flow_is(IS_NEW_CALL, &inside));
	c.cseq = 5;
	assert_false(flow_is(IS_SAME_CALL, &inside));
	assert_false(flow_is(IS_NO_VERIFY, &inside));
}

static void nothing_known_passes_nothing(void **state)
{
	memset(&c, 0, sizeof c);
	build(&(struct parts){0});
	for (int i = IS_NEW_SPIS; i <= IS_VERIFY; i++)
		assert_false(ims_conform_check(&c, (enum conform_check)i, &m,
					       &inside));
	assert_false(flow_is(IS_PORTS, &inside));
}

static void subscribe(const char *route, const char *event)
{
	static char text[2048];

	snprintf(text, sizeof text,
		 "SUBSCRIBE sip:u@h SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP h;branch=z9hG4bKb\r\nFrom: <sip:u@h>;tag=f"
		 "\r\nTo: <sip:u@h>\r\nCall-ID: s\r\nCSeq: 1 SUBSCRIBE\r\n"
		 "Route: %s\r\nEvent: %s\r\nContent-Length: 0\r\n\r\n",
		 route, event);
	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
}

static void the_route_of_a_subscribe(void **state)
{
	remember();
	snprintf(c.route, sizeof c.route, "<sip:orig@s.h:6060;lr>");
	subscribe("<sip:[::1]:5062;lr>, <sip:orig@s.h:6060;lr>", "reg");
	assert_true(flow_is(IS_ROUTE, &inside));
	assert_true(flow_is(IS_SUB, &inside));
	assert_true(flow_is(IS_NEW_CALL, &inside));
	subscribe("<sip:[::1]:5060;lr>, <sip:orig@s.h:6060;lr>", "reg;id=1");
	assert_false(flow_is(IS_ROUTE, &inside));
	assert_true(flow_is(IS_SUB, &inside));
	subscribe("<sip:[::1]:5062;lr>", "presence");
	assert_false(flow_is(IS_ROUTE, &inside));
	assert_false(flow_is(IS_SUB, &inside));
	subscribe("<sip:[::1]:5062;lr>, <sip:orig@s.h:6060;lr>, <sip:x>",
		  "reg");
	assert_false(flow_is(IS_ROUTE, &inside));
}

static void in_dialog(const char *to, const char *call, unsigned cseq)
{
	static char text[2048];

	snprintf(text, sizeof text,
		 "SUBSCRIBE sip:u@h SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP h;branch=z9hG4bKb\r\nFrom: <sip:u@h>;tag=f"
		 "\r\nTo: <sip:u@h>%s\r\nCall-ID: %s\r\nCSeq: %u SUBSCRIBE"
		 "\r\nContent-Length: 0\r\n\r\n",
		 to, call, cseq);
	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
}

static void the_dialog_of_a_subscription(void **state)
{
	remember();
	snprintf(c.sub_call_id, sizeof c.sub_call_id, "s");
	snprintf(c.sub_from, sizeof c.sub_from, "f");
	snprintf(c.sub_to, sizeof c.sub_to, "t");
	c.sub_cseq = 4;
	in_dialog(";tag=t", "s", 5);
	assert_true(flow_is(IS_SAME_SUB, &inside));
	in_dialog(";tag=t", "s", 4);
	assert_false(flow_is(IS_SAME_SUB, &inside));
	in_dialog(";tag=u", "s", 5);
	assert_false(flow_is(IS_SAME_SUB, &inside));
	in_dialog(";tag=t", "z", 5);
	assert_false(flow_is(IS_SAME_SUB, &inside));
	c.sub_to[0] = '\0';
	in_dialog("", "s", 5);
	assert_false(flow_is(IS_SAME_SUB, &inside));
}

static void the_default_identity_is_the_first(void **state)
{
	remember();
	in_dialog("", "s", 1);
	snprintf(c.associated, sizeof c.associated, "<sip:u@h>, <sip:v@h>");
	assert_true(flow_is(IS_DEFAULT, &inside));
	snprintf(c.associated, sizeof c.associated, "<sip:v@h>, <sip:u@h>");
	assert_false(flow_is(IS_DEFAULT, &inside));
	c.associated[0] = '\0';
	assert_false(flow_is(IS_DEFAULT, &inside));
}

static void every_check_has_a_text_and_a_clause(void **state)
{
	for (int i = 0; i < IS_N; i++) {
		assert_true(*ims_conform_check_text((enum conform_check)i));
		assert_true(*ims_conform_check_clause((enum conform_check)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_check_can_pass_and_fail),
		cmocka_unit_test(flows),
		cmocka_unit_test(nothing_known_passes_nothing),
		cmocka_unit_test(the_route_of_a_subscribe),
		cmocka_unit_test(the_dialog_of_a_subscription),
		cmocka_unit_test(the_default_identity_is_the_first),
		cmocka_unit_test(every_check_has_a_text_and_a_clause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
