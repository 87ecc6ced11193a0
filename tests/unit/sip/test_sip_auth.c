/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_auth.c - Digest challenges and credentials. */
#include "sip_auth.h"

#include "sip_test.h"

static struct ims_sip_auth a;

static void credentials_are_read_quoted_or_not(void **state)
{
	assert_int_equal(
		ims_sip_auth_parse(
			fence(IMS_S(
				"dIGEST\r\n\tUserName=\"a\\\"b\" , realm=r,"
				"nonce=26oh==,uri=sip:x;y,\r\n response=\"\","
				"algorithm=\"AKAv1-MD5\", QOP = \"auth\","
				"nc=00000001,auts=\"AA==\",strange=1,,")),
			&a),
		0);
	assert_str(a.scheme, "dIGEST");
	assert_str(a.username, "a\\\"b");
	assert_str(a.realm, "r");
	assert_str(a.nonce, "26oh==");
	assert_str(a.uri, "sip:x;y");
	assert_non_null(a.response.p);
	assert_int_equal(a.response.n, 0);
	assert_str(a.algorithm, "AKAv1-MD5");
	assert_str(a.qop, "auth");
	assert_str(a.auts, "AA==");
	assert_null(a.cnonce.p);
	assert_null(a.opaque.p);
}

static void other_schemes_are_opaque(void **state)
{
	assert_int_equal(
		ims_sip_auth_parse(fence(IMS_S("Whatever \"open, x=,=")), &a),
		0);
	assert_str(a.scheme, "Whatever");
	assert_null(a.realm.p);
	assert_int_equal(ims_sip_auth_parse(fence(IMS_S("Digest")), &a), 0);
	assert_int_equal(ims_sip_auth_parse(fence(IMS_S("DigestX a")), &a), 0);
	assert_str(a.scheme, "DigestX");
}

static void what_is_doubtful_is_refused(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"", "=", "Digest=", "Digest,realm=x", "Digest realm",
		"Digest realm=\"x", "Digest realm=\"x\\\"",
		"Digest realm=a,REALM=b", "Digest realm=\"a\" nonce=\"b\"",
		"Digest realm=\"a\"b", "Digest realm=a b", "Digest =x",
		"Digest realm=a\"b\"", "Digest realm=\"a\", Digest realm=\"b\"",
		"Digest nonce=\"\",nonce=\"\"", "Digest \"x\"",
	};
	/* clang-format on */

	a = (struct ims_sip_auth){.nc = IMS_S("keep")};
	for (size_t i = 0; i < N_OF(bad); i++)
		if (ims_sip_auth_parse(fence(ims_str(bad[i])), &a) !=
		    -IMS_E_SYNTAX)
			fail_msg("%s", bad[i]);
	assert_str(a.nc, "keep");
}

static void the_first_digest_of_the_lines_is_taken(void **state)
{
	static struct ims_sip_msg m;

	ims_sip_msg_parse(with_lines("WWW-Authenticate: Other x=\"\r\n"
				     "WWW-Authenticate: Digest realm=\"1\"\r\n"
				     "WWW-Authenticate: Digest realm=\"2\"\r\n"
				     "Authorization: Other x\r\n"
				     "Proxy-Authorization: Digest x\r\n"),
			  &m, NULL);
	assert_int_equal(ims_sip_auth_get(&m, IMS_SIP_WWW_AUTHENTICATE, &a), 0);
	assert_str(a.realm, "1");
	assert_int_equal(ims_sip_auth_get(&m, IMS_SIP_AUTHORIZATION, &a),
			 -IMS_E_NOTFOUND);
	assert_int_equal(ims_sip_auth_get(&m, IMS_SIP_PROXY_AUTHENTICATE, &a),
			 -IMS_E_NOTFOUND);
	assert_int_equal(ims_sip_auth_get(&m, IMS_SIP_PROXY_AUTHORIZATION, &a),
			 -IMS_E_SYNTAX);
}

static void authentication_info_has_no_scheme(void **state)
{
	assert_int_equal(
		ims_sip_auth_info_parse(
			fence(IMS_S("qop=auth,rspauth=\"ab\",nextnonce=\"c\"")),
			&a),
		0);
	assert_str(a.rspauth, "ab");
	assert_str(a.nextnonce, "c");
	assert_int_equal(ims_sip_auth_info_parse(fence(IMS_S("a b")), &a),
			 -IMS_E_SYNTAX);
}

static void qop_lists_are_searched(void **state)
{
	a = (struct ims_sip_auth){.qop = IMS_S("auth-int, Auth")};
	assert_true(ims_sip_auth_offers(&a, "auth"));
	assert_true(ims_sip_auth_offers(&a, "auth-int"));
	assert_false(ims_sip_auth_offers(&a, "aut"));
	a.qop = (struct ims_str){0};
	assert_false(ims_sip_auth_offers(&a, "auth"));
}

static const char *put(bool challenge)
{
	static char text[1024];
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	ims_sip_auth_put(&b, &a, challenge);
	return b.over ? NULL : ims_buf_cstr(&b);
}

static void each_side_quotes_as_the_standards_want(void **state)
{
	a = (struct ims_sip_auth){.scheme = IMS_S("Digest"),
				  .username = IMS_S("u"),
				  .nonce = IMS_S(""),
				  .algorithm = IMS_S("AKAv1-MD5"),
				  .qop = IMS_S("auth"),
				  .nc = IMS_S("00000001")};
	assert_string_equal(put(false),
			    "Digest username=\"u\", nonce=\"\", "
			    "algorithm=AKAv1-MD5, qop=auth, nc=00000001");
	a = (struct ims_sip_auth){.realm = IMS_S("r"),
				  .qop = IMS_S("auth,auth-int"),
				  .stale = IMS_S("true"),
				  .ik = IMS_S("00")};
	assert_string_equal(put(true),
			    "Digest realm=\"r\", qop=\"auth,auth-int\", "
			    "stale=true, ik=\"00\"");
}

static void nobody_writes_parameters_of_his_own(void **state)
{
	/* clang-format off */
	static const struct ims_str quoted[] = {
		IMS_S_INIT("a\",x=\"b"), IMS_S_INIT("a\\"),
		IMS_S_INIT("a\r\nX: y"), IMS_S_INIT("a\0b"),
		IMS_S_INIT("a\\\\\"b"),
	};
	static const struct ims_str bare[] = {
		IMS_S_INIT("a,b"), IMS_S_INIT("a b"), IMS_S_INIT(""),
		IMS_S_INIT("\"a\""), IMS_S_INIT("a\r\n"), IMS_S_INIT("a\0"),
	};
	/* clang-format on */

	for (size_t i = 0; i < N_OF(quoted); i++) {
		a = (struct ims_sip_auth){.realm = quoted[i]};
		assert_null(put(true));
	}
	for (size_t i = 0; i < N_OF(bare); i++) {
		a = (struct ims_sip_auth){.algorithm = bare[i]};
		assert_null(put(true));
	}
	a = (struct ims_sip_auth){.realm = IMS_S("a\\\"b")};
	assert_string_equal(put(true), "Digest realm=\"a\\\"b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_read_quoted_or_not),
		cmocka_unit_test(other_schemes_are_opaque),
		cmocka_unit_test(what_is_doubtful_is_refused),
		cmocka_unit_test(the_first_digest_of_the_lines_is_taken),
		cmocka_unit_test(authentication_info_has_no_scheme),
		cmocka_unit_test(qop_lists_are_searched),
		cmocka_unit_test(each_side_quotes_as_the_standards_want),
		cmocka_unit_test(nobody_writes_parameters_of_his_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
