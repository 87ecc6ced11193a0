/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_digest.c - challenges and credentials. */
#include "inject_case.h"

static struct ims_sip_msg msg;
static struct ims_sip_auth auth;

static struct ims_inject *done(bool ue, const char *id, const char *text)
{
	struct ims_inject *j = armed(ue, id);
	struct ims_inject_mail mail;

	assert_true(ims_inject_message(j, IMS_INJECT_GM_OUT, &gm_inside,
				       ims_str(text), 0));
	mail_is(j, 0, IMS_INJECT_GM_OUT, &mail, &msg);
	assert_int_equal(ims_sip_auth_get(&msg,
					  ue ? IMS_SIP_AUTHORIZATION
					     : IMS_SIP_WWW_AUTHENTICATE,
					  &auth),
			 0);
	return j;
}

static void a_challenge_with_one_parameter_changed(void **state)
{
	struct ims_inject *j = done(false, "realm-changed", challenge);

	assert_str(auth.realm, "other.example");
	assert_str(auth.nonce, NONCE);
	ims_inject_free(j);
	j = done(false, "algorithm-md5", challenge);
	assert_str(auth.algorithm, "MD5");
	ims_inject_free(j);
	j = done(false, "no-nonce", challenge);
	assert_null(auth.nonce.p);
	ims_inject_free(j);
	j = done(false, "nonce-empty", challenge);
	assert_non_null(auth.nonce.p);
	assert_int_equal(auth.nonce.n, 0);
	ims_inject_free(j);
	j = done(false, "stale", challenge);
	assert_str(auth.stale, "TRUE");
	ims_inject_free(j);
}

static void a_nonce_cut_short(void **state)
{
	struct ims_inject *j = done(false, "nonce-short", challenge);

	assert_str(auth.nonce, "AAECAwQFBgcICQoLDA0ODxAREhM=");
	ims_inject_free(j);
}

/* Never the real ones: the UE must not learn them from a test. */
static void keys_that_are_none(void **state)
{
	struct ims_inject *j = done(false, "keys-in-401", challenge);

	assert_str(auth.ck, "000102030405060708090a0b0c0d0e0f");
	assert_str(auth.ik, "000102030405060708090a0b0c0d0e0f");
	ims_inject_free(j);
}

static void a_response_with_one_wrong_digit(void **state)
{
	struct ims_inject *j = done(true, "res-wrong", register2);

	assert_str(auth.response, "1123456789abcdef0123456789abcdef");
	ims_inject_free(j);
	j = done(true, "res-empty", register2);
	assert_int_equal(auth.response.n, 0);
	assert_non_null(auth.response.p);
	ims_inject_free(j);
}

static void the_nonce_before_the_last(void **state)
{
	struct ims_inject *j = done(true, "nonce-old", register2);

	assert_str(auth.nonce, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	ims_inject_free(j);
}

static void another_user(void **state)
{
	struct ims_inject *j = done(true, "impu-other", register1);

	value_is(&msg, IMS_SIP_FROM, "<sip:nobody@other.example>;tag=f1");
	value_is(&msg, IMS_SIP_TO, "<sip:nobody@other.example>");
	assert_str(msg.uri, "sip:home.example");
	ims_inject_free(j);
	j = done(true, "impi-other", register1);
	assert_str(auth.username, "nobody@other.example");
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_challenge_with_one_parameter_changed),
		cmocka_unit_test(a_nonce_cut_short),
		cmocka_unit_test(keys_that_are_none),
		cmocka_unit_test(a_response_with_one_wrong_digit),
		cmocka_unit_test(the_nonce_before_the_last),
		cmocka_unit_test(another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
