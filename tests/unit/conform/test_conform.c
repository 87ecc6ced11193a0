/* SPDX-License-Identifier: BSD-2-Clause */
/* test_conform.c - going through the steps. */
#include "conform_priv.h"
#include "test.h"

#define HEAD(method, n, branch, call)                                      \
	"Via: SIP/2.0/UDP [2001:db8::10]:40001;branch=z9hG4bK" branch      \
	"\r\nFrom: <sip:u@home.example>;tag=f\r\nTo: <sip:u@home.example>" \
	"\r\nCall-ID: " call "\r\nCSeq: " n " " method "\r\n"
#define LIST(spi, port)                                           \
	"ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1" spi ";spi-s=2" spi \
	";port-c=4" port ";port-s=50000"
#define SERVER                                                              \
	"ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=33;spi-s=44;port-c=5064;" \
	"port-s=5062"
#define REGISTER(n, branch, call, spi, port, nonce, response)              \
	"REGISTER sip:home.example SIP/2.0\r\n" HEAD(                      \
		"REGISTER", n, branch,                                     \
		call) "Contact: <sip:u@[2001:db8::10]:50000>\r\nExpires: " \
		      "600000\r\n"                                         \
		      "Require: sec-agree\r\nProxy-Require: sec-agree\r\n" \
		      "Supported: path\r\nSecurity-Client: " LIST(         \
			      spi, port) "\r\nAuthorization: Digest "      \
					 "username=\"u\",realm=\"r\",uri=" \
					 "\"sip:h\","                      \
					 "nonce=\"" nonce                  \
					 "\",response=\"" response "\"\r\n"
#define END "Content-Length: 0\r\n\r\n"

static const struct ims_flow clear = {.local = {{6, {1}}, 5060},
				      .remote = {{6, {2}}, 5060}};
static const struct ims_flow inside = {.local = {{6, {1}}, 5062},
				       .remote = {{6, {2}}, 40001},
				       .set = 1};

static struct ims_conform *begin(const char *id)
{
	const struct ims_conform_test *t = ims_conform_find(ims_str(id));

	assert_non_null(t);
	return ims_conform_new(t, 300, 1000);
}

static void has(struct ims_conform *c, const char *want)
{
	static char text[20000];

	assert_true(ims_str_copy(text, sizeof text, ims_conform_take(c)));
	if (!strstr(text, want))
		fail_msg("\"%s\" is not in:\n%s", want, text);
}

static void no_failure(struct ims_conform *c)
{
	static char text[20000];

	assert_true(ims_str_copy(text, sizeof text, ims_conform_take(c)));
	if (strstr(text, "FAIL"))
		fail_msg("%s", text);
}

static void ue(struct ims_conform *c, const struct ims_flow *f,
	       const char *text, uint64_t now)
{
	ims_conform_seen(c, true, f, ims_str(text), now);
}

static void core(struct ims_conform *c, const struct ims_flow *f,
		 const char *text, uint64_t now)
{
	ims_conform_seen(c, false, f, ims_str(text), now);
}

#define FIRST REGISTER("1", "a", "c", "1", "0001", "", "") END
#define CHALLENGE                                                  \
	"SIP/2.0 401 Unauthorized\r\n" HEAD(                       \
		"REGISTER", "1", "a",                              \
		"c") "WWW-Authenticate: Digest "                   \
		     "realm=\"r\",nonce=\"N\",algorithm=AKAv1-MD5" \
		     "\r\nSecurity-Server: " SERVER "\r\n" END
#define PROOF                                             \
	REGISTER("2", "b", "c", "1", "0001", "N", "0123") \
	"Security-Verify: " SERVER "\r\n" END

static void a_ue_that_never_comes(void **state)
{
	struct ims_conform *c = begin("8.1");

	ims_conform_tick(c, 300000);
	assert_int_equal(ims_conform_verdict(c), IMS_CONFORM_RUNS);
	assert_int_equal(ims_conform_due(c), 302000);
	ims_conform_tick(c, 302000);
	assert_int_equal(ims_conform_verdict(c), IMS_CONFORM_NOBODY);
	has(c, "never came");
	assert_int_equal(ims_conform_due(c), IMS_NEVER);
	ims_conform_free(c);
}

static void two_good_steps_of_a_test(void **state)
{
	struct ims_conform *c = begin("tahi-24");

	ue(c, &clear, FIRST, 2000);
	no_failure(c);
	ue(c, &clear, FIRST, 2500); /* sent again: nothing new */
	core(c, &clear, CHALLENGE, 2600);
	ue(c, &inside, PROOF, 3000);
	assert_int_equal(ims_conform_verdict(c), IMS_CONFORM_PASS);
	has(c, "PASS  tahi-24");
	ims_conform_free(c);
}

static void what_is_wrong_is_named(void **state)
{
	struct ims_conform *c = begin("tahi-24");

	ue(c, &inside, PROOF, 2000);
	has(c, "FAIL  1 first REGISTER: outside the SAs");
	core(c, &clear, CHALLENGE, 2600);
	ue(c, &clear, REGISTER("3", "x", "d", "2", "0002", "M", "0123") END,
	   3000);
	has(c, "FAIL  2 REGISTER with the answer: Security-Verify");
	assert_int_equal(ims_conform_verdict(c), IMS_CONFORM_FAIL);
	ims_conform_free(c);
}

static void what_does_not_come_in_time_fails(void **state)
{
	struct ims_conform *c = begin("tahi-24");

	ue(c, &clear, FIRST, 2000);
	core(c, &clear, CHALLENGE, 2000);
	ims_conform_tick(c, 33000);
	assert_int_equal(ims_conform_verdict(c), IMS_CONFORM_FAIL);
	has(c, "nothing for 30 s");
	ims_conform_free(c);
}

static void silence_can_be_what_is_right(void **state)
{
	struct ims_conform *c = begin("tahi-19");
	const struct ims_conform_test *t = ims_conform_find(IMS_S("tahi-19"));

	c->at = t->n_steps - 1;
	c->since_ms = 5000;
	ims_conform_tick(c, 26000);
	assert_int_equal(ims_conform_verdict(c), IMS_CONFORM_PASS);
	ims_conform_free(c);
	c = begin("tahi-19");
	c->at = t->n_steps - 1;
	ue(c, &clear, FIRST, 6000);
	assert_int_equal(ims_conform_verdict(c), IMS_CONFORM_FAIL);
	has(c, "it should not have come");
	ims_conform_free(c);
}

static void too_early_is_wrong_too(void **state)
{
	struct ims_conform *c = begin("10.1");

	c->at = 3; /* SUBSCRIBE after Retry-After */
	c->since_ms = 10000;
	ue(c, &inside,
	   "SUBSCRIBE sip:u@home.example SIP/2.0\r\n" HEAD("SUBSCRIBE", "1",
							   "s", "s1") END,
	   12000);
	has(c, "FAIL  4 SUBSCRIBE after Retry-After: not too early");
	ims_conform_free(c);
}

static void an_order_is_given_once(void **state)
{
	struct ims_conform *c = begin("11.1");

	ue(c, &clear, FIRST, 0);
	c->at = 3;
	ue(c, &inside, "SIP/2.0 200 OK\r\n" HEAD("NOTIFY", "1", "n", "s1") END,
	   1);
	assert_int_equal(ims_conform_order(c), IMS_CONFORM_REJECT);
	assert_int_equal(ims_conform_order(c), IMS_CONFORM_NOTHING);
	assert_string_equal(ims_conform_impu(c), "sip:u@home.example");
	ims_conform_free(c);
}

static void what_is_no_message_is_nothing(void **state)
{
	struct ims_conform *c = begin("8.1");

	ue(c, &clear, "", 0);
	ue(c, &clear, "REGISTER\r\n\r\n", 0);
	assert_int_equal(c->at, 0);
	ims_conform_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ue_that_never_comes),
		cmocka_unit_test(two_good_steps_of_a_test),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(what_does_not_come_in_time_fails),
		cmocka_unit_test(silence_can_be_what_is_right),
		cmocka_unit_test(too_early_is_wrong_too),
		cmocka_unit_test(an_order_is_given_once),
		cmocka_unit_test(what_is_no_message_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
