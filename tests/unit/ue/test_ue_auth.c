/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_auth.c - challenge in, credentials out, secrets wiped. */
#include "base_hex.h"
#include "ue_script.h"

static struct ims_sip_auth auth(const struct sent *t)
{
	static struct ims_sip_msg m;
	struct ims_sip_auth a;

	m = script_parse(t);
	assert_int_equal(ims_sip_auth_get(&m, IMS_SIP_AUTHORIZATION, &a), 0);
	return a;
}

static void the_first_has_identities_and_nothing_else(void **state)
{
	struct script s;
	struct ims_sip_auth a;

	script_new(&s, NULL);
	script_start(&s);
	a = auth(&s.last);
	assert_str(a.username, "001010123456789@ims.sharetechnote.com");
	assert_str(a.realm, "ims.sharetechnote.com");
	assert_str(a.uri, "sip:ims.sharetechnote.com");
	assert_true(a.nonce.p && a.nonce.n == 0);
	assert_true(a.response.p && a.response.n == 0);
	assert_null(a.qop.p);
	assert_null(a.nc.p);
	script_free(&s);
}

static void the_realm_can_be_given(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	strcpy(c.realm, "other.example");
	script_new(&s, &c);
	script_start(&s);
	assert_str(auth(&s.last).realm, "other.example");
	script_free(&s);
}

static void verify(const struct script *s, const struct ims_sip_auth *a,
		   const void *password, size_t n)
{
	char hex[IMS_DIGEST_HEX];
	struct ims_digest_in in = {
		.algo = {1, IMS_MD5},
		.username = a->username,
		.realm = a->realm,
		.nonce = a->nonce,
		.method = IMS_S("REGISTER"),
		.uri = a->uri,
		.qop = a->qop,
		.nc = a->nc,
		.cnonce = a->cnonce,
	};

	assert_int_equal(ims_digest_response(&in, password, n, hex), 0);
	assert_str(a->response, hex);
}

static void a_refresh_repeats_the_nonce_with_the_next_nc(void **state)
{
	struct script s;
	struct ims_sip_auth a;
	uint8_t rnd[16], autn[16];
	struct ims_aka_out o;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 3600);
	ims_digest_nonce_open(ims_str(SEED_NONCE), rnd, autn);
	ims_aka_f2345(&s.card.key, rnd, &o);
	for (int i = 2; i < 5; i++) {
		char nc[9];

		script_start(&s);
		a = auth(&s.last);
		snprintf(nc, sizeof nc, "%08x", i);
		assert_str(a.nc, nc);
		assert_str(a.nonce, SEED_NONCE);
		assert_str(a.realm, SEED_REALM);
		verify(&s, &a, o.res, o.res_len);
		script_ok(&s, 3600, "");
	}
	script_free(&s);
}

static void the_password_with_auts_is_empty(void **state)
{
	struct script s;
	struct ims_sip_auth a;
	char nonce[64];

	script_new(&s, NULL);
	script_start(&s);
	s.card.window.seq[1] = 100;
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SEED_SERVER);
	a = auth(&s.last);
	assert_true(a.auts.n > 0);
	verify(&s, &a, "", 0);
	script_free(&s);
}

static void an_earlier_res_is_not_the_password_with_auts(void **state)
{
	struct script s;
	struct ims_sip_auth a;
	char nonce[64];

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 3600);
	script_start(&s);
	s.card.window.seq[1] = 100;
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SEED_SERVER);
	script_state(&s, "refreshing");
	assert_int_equal(s.last.flow.set, s.ue->now.id);
	a = auth(&s.last);
	assert_true(a.auts.n > 0);
	verify(&s, &a, "", 0);
	script_free(&s);
}

static void a_wrong_rspauth_is_told_a_right_one_is_not(void **state)
{
	for (int right = 0; right < 2; right++) {
		struct script s;
		struct ims_sip_auth a;
		uint8_t rnd[16], autn[16];
		struct ims_aka_out o;
		char hex[IMS_DIGEST_HEX], more[200];

		script_new(&s, NULL);
		s.ue->conf.subscribe = false;
		script_start(&s);
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		a = auth(&s.last);
		ims_digest_nonce_open(ims_str(SEED_NONCE), rnd, autn);
		ims_aka_f2345(&s.card.key, rnd, &o);
		struct ims_digest_in in = {
			.algo = {1, IMS_MD5},
			.username = a.username,
			.realm = a.realm,
			.nonce = a.nonce,
			.uri = a.uri,
			.qop = a.qop,
			.nc = a.nc,
			.cnonce = a.cnonce,
		};
		ims_digest_rspauth(&in, o.res, o.res_len, hex);
		if (!right)
			hex[0] = 'x';
		snprintf(more, sizeof more,
			 "Authentication-Info: qop=auth, rspauth=\"%s\"\r\n",
			 hex);
		script_ok(&s, 3600, more);
		script_state(&s, "registered");
		assert_int_equal(s.n_told, right ? 1 : 2);
		if (!right)
			assert_true(script_heard(&s, IMS_TELL_PROBLEM,
						 -IMS_E_PEER, "rspauth"));
		script_free(&s);
	}
}

static bool holds(const void *mem, size_t n, const void *what, size_t len)
{
	return memmem(mem, n, what, len) != NULL;
}

static void no_secret_stays_after_the_end(void **state)
{
	struct script s;
	uint8_t rnd[16], autn[16];
	struct ims_aka_out o;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	ims_digest_nonce_open(ims_str(SEED_NONCE), rnd, autn);
	ims_aka_f2345(&s.card.key, rnd, &o);
	script_register(&s, 3600);
	/* CK and IK went into the SAs, RES stays for the next REGISTER. */
	assert_false(holds(s.ue, sizeof *s.ue, o.ck, 16));
	assert_false(holds(s.ue, sizeof *s.ue, o.ik, 16));
	assert_true(holds(s.ue, sizeof *s.ue, o.res, o.res_len));
	script_stop(&s);
	script_reply(&s, 200, "");
	script_state(&s, "idle");
	assert_false(holds(s.ue, sizeof *s.ue, o.res, o.res_len));
	assert_false(holds(s.ue->acts.bytes, s.ue->acts.cap_bytes, o.ik, 16));
	script_free(&s);
}

static void no_secret_is_told_or_traced(void **state)
{
	struct script s;
	uint8_t rnd[16], autn[16];
	struct ims_aka_out o;
	char hex[3][70];
	struct ims_buf b;

	script_new(&s, NULL);
	ims_digest_nonce_open(ims_str(SEED_NONCE), rnd, autn);
	ims_aka_f2345(&s.card.key, rnd, &o);
	ims_buf_init(&b, hex[0], sizeof hex[0]);
	ims_hex_put(&b, o.ck, 16);
	ims_buf_cstr(&b);
	ims_buf_init(&b, hex[1], sizeof hex[1]);
	ims_hex_put(&b, o.ik, 16);
	ims_buf_cstr(&b);
	ims_buf_init(&b, hex[2], sizeof hex[2]);
	ims_hex_put(&b, o.res, 8);
	ims_buf_cstr(&b);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	for (size_t i = 0; i < s.n_told; i++)
		for (int k = 0; k < 3; k++)
			assert_null(strstr(s.told[i].text, hex[k]));
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_has_identities_and_nothing_else),
		cmocka_unit_test(the_realm_can_be_given),
		cmocka_unit_test(a_refresh_repeats_the_nonce_with_the_next_nc),
		cmocka_unit_test(the_password_with_auts_is_empty),
		cmocka_unit_test(an_earlier_res_is_not_the_password_with_auts),
		cmocka_unit_test(a_wrong_rspauth_is_told_a_right_one_is_not),
		cmocka_unit_test(no_secret_stays_after_the_end),
		cmocka_unit_test(no_secret_is_told_or_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
