/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_auth.c - the look at a response. */
#include "mw.h"

/* The published-style vector: RES a54211d5e3ba50bf. */
#define NAME "001010000000001@ims.mnc001.mcc001.3gppnetwork.org"
#define HOME "ims.mnc001.mcc001.3gppnetwork.org"
#define NONCE "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M="
#define GOOD "402ab8df9f3a4d63a9f47c2f90e02938"

static struct ims_scscf_attempt attempt;
static struct ims_scscf_in in;
static struct ims_sip_msg msg;

static int make(void **state)
{
	struct ims_scscf_conf conf = mw_conf();

	strcpy(conf.realm, HOME);
	world_init(&world, &conf);
	attempt = (struct ims_scscf_attempt){0};
	assert_int_equal(ims_hex_get_n(IMS_S("a54211d5e3ba50bf"),
				       attempt.vector.xres, 8),
			 0);
	attempt.vector.xres_len = 8;
	msg = (struct ims_sip_msg){.method_text = IMS_S("REGISTER")};
	in = (struct ims_scscf_in){.m = &msg};
	in.auth = (struct ims_sip_auth){
		.username = IMS_S(NAME),
		.realm = IMS_S(HOME),
		.nonce = IMS_S(NONCE),
		.uri = IMS_S("sip:" HOME),
		.response = IMS_S(GOOD),
		.algorithm = IMS_S("AKAv1-MD5"),
		.qop = IMS_S("auth"),
		.nc = IMS_S("00000001"),
		.cnonce = IMS_S("0a4f113b"),
	};
	return 0;
}

static int look(void)
{
	return ims_scscf_verify(world.s, &attempt, &in);
}

static void the_right_response_is_right(void **state)
{
	assert_int_equal(look(), 0);
	in.auth.response = IMS_S("402AB8DF9F3A4D63A9F47C2F90E02938");
	assert_int_equal(look(), 0);
	in.auth.qop = in.auth.nc = in.auth.cnonce = ims_str(NULL);
	in.auth.response = IMS_S("1125a3c2e293453f07e08957ff235efc");
	assert_int_equal(look(), 0);
	in.auth.algorithm = ims_str(NULL);
	assert_int_equal(look(), 0);
}

static void auth_int_covers_the_body(void **state)
{
	in.auth.qop = IMS_S("auth-int");
	in.auth.response = IMS_S("5682a0ac7d51b056ce2245ed00d885c0");
	assert_int_equal(look(), 0);
	msg.body = IMS_S("x");
	assert_int_equal(look(), -IMS_E_AKA_RES);
}

static void every_digit_counts(void **state)
{
	char hex[33] = GOOD;

	for (size_t i = 0; i < 32; i++) {
		hex[i] = hex[i] == '0' ? '1' : '0';
		in.auth.response = ims_str(hex);
		assert_int_equal(look(), -IMS_E_AKA_RES);
		hex[i] = GOOD[i];
	}
}

static void everything_that_is_hashed_counts(void **state)
{
	struct ims_str *const field[6] = {&in.auth.username, &in.auth.nonce,
					  &in.auth.uri,      &in.auth.nc,
					  &in.auth.cnonce,   &in.auth.qop};

	for (size_t i = 0; i < 6; i++) {
		struct ims_str good = *field[i];

		*field[i] = IMS_S("other");
		assert_int_equal(look(), -IMS_E_AKA_RES);
		*field[i] = good;
	}
	attempt.vector.xres_len = 7;
	assert_int_equal(look(), -IMS_E_AKA_RES);
	attempt.vector.xres_len = 8;
	assert_int_equal(look(), 0);
}

static void another_length_algorithm_or_realm_is_never_right(void **state)
{
	in.auth.response = ims_str_n(GOOD, 31);
	assert_int_equal(look(), -IMS_E_AKA_RES);
	in.auth.response = IMS_S(GOOD "0");
	assert_int_equal(look(), -IMS_E_AKA_RES);
	in.auth.response = ims_str(NULL);
	assert_int_equal(look(), -IMS_E_AKA_RES);
	in.auth.response = IMS_S(GOOD);
	in.auth.algorithm = IMS_S("MD5");
	assert_int_equal(look(), -IMS_E_AKA_RES);
	in.auth.algorithm = IMS_S("AKAv2-MD5");
	assert_int_equal(look(), -IMS_E_AKA_RES);
	in.auth.algorithm = IMS_S("akav1-md5");
	assert_int_equal(look(), 0);
	strcpy(world.s->conf.realm, "elsewhere");
	assert_int_equal(look(), -IMS_E_AKA_RES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define A(t) cmocka_unit_test_setup_teardown(t, make, teardown)
		A(the_right_response_is_right),
		A(auth_int_covers_the_body),
		A(every_digit_counts),
		A(everything_that_is_hashed_counts),
		A(another_length_algorithm_or_realm_is_never_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
