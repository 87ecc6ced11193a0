/* SPDX-License-Identifier: BSD-2-Clause */
/* test_aka_digest.c - nonce, password and response. */
#include "aka_digest.h"

#include "vectors.h"

/* The vectors' texts stay where they are: copies with a life of their own. */
static struct {
	struct vectors v, milenage;
	char username[256], realm[256], uri[256], method[256], nc[256];
	char cnonce[256], nonce[256];
} f;

static int set_up(void **state)
{
	const struct set *s;

	f.v = vectors_open("vectors/digest.txt");
	f.milenage = vectors_open("vectors/milenage.txt");
	s = &f.v.set[0];
	maybe(s, "username", f.username);
	maybe(s, "realm", f.realm);
	maybe(s, "uri", f.uri);
	maybe(s, "method", f.method);
	maybe(s, "nc", f.nc);
	maybe(s, "cnonce", f.cnonce);
	maybe(s, "nonce", f.nonce);
	return 0;
}

static int tear_down(void **state)
{
	vectors_close(&f.v);
	vectors_close(&f.milenage);
	return 0;
}

static struct ims_digest_in input(const char *algorithm, const char *qop)
{
	struct ims_digest_in in = {
		.username = ims_str(f.username),
		.realm = ims_str(f.realm),
		.nonce = ims_str(f.nonce),
		.method = ims_str(f.method),
		.uri = ims_str(f.uri),
		.qop = ims_str(qop),
		.nc = ims_str(f.nc),
		.cnonce = ims_str(f.cnonce),
	};

	assert_int_equal(ims_digest_algo_parse(ims_str(algorithm), &in.algo),
			 0);
	return in;
}

/* The card of Milenage set 1 answers the nonce of the digest vectors. */
static struct ims_card_answer answer(void)
{
	const struct set *s = &f.milenage.set[0];
	struct ims_aka_key key;
	struct ims_card card;
	struct ims_card_answer a;
	uint8_t k[32], opc[32], rnd[16], autn[16];

	bytes(s, "k", k);
	bytes(s, "opc", opc);
	ims_aka_key_init(&key, IMS_AKA_MILENAGE, k, 16);
	ims_aka_key_opc(&key, opc, 16);
	ims_card_init(&card, &key);
	card.window.delta = UINT64_MAX; /* the set's SQN is a high one */
	assert_int_equal(ims_digest_nonce_open(ims_str(f.nonce), rnd, autn), 0);
	assert_is(s, "rand", rnd, 16);
	assert_is(s, "autn", autn, 16);
	ims_card_challenge(&card, rnd, autn, &a);
	assert_int_equal(a.verdict, IMS_CARD_OK);
	return a;
}

static void assert_response(const struct ims_digest_in *in,
			    const struct ims_card_answer *a, const char *name)
{
	uint8_t password[IMS_DIGEST_PASSWORD_MAX];
	char out[IMS_DIGEST_HEX];
	size_t n = 99;

	assert_int_equal(ims_digest_password(in->algo, a, password, &n), 0);
	assert_int_equal(ims_digest_response(in, password, n, out), 0);
	assert_string_equal(out, value(&f.v.set[0], name));
}

static void akav1_gives_the_three_responses(void **state)
{
	struct ims_card_answer a = answer();
	struct ims_digest_in none = input("AKAv1-MD5", "");
	struct ims_digest_in auth = input("AKAv1-MD5", "auth");
	struct ims_digest_in body = input("AKAv1-MD5", "auth-int");

	assert_response(&none, &a, "response_noqop");
	assert_response(&auth, &a, "response_auth");
	assert_response(&body, &a, "response_authint_emptybody");
}

static void the_body_counts_with_auth_int_only(void **state)
{
	struct ims_card_answer a = answer();
	struct ims_digest_in auth = input("AKAv1-MD5", "auth");
	struct ims_digest_in body = input("AKAv1-MD5", "auth-int");
	char out[IMS_DIGEST_HEX];

	auth.body = body.body = IMS_S("x");
	assert_response(&auth, &a, "response_auth");
	ims_digest_response(&body, a.res, a.res_len, out);
	assert_string_not_equal(out, value(&f.v.set[0],
					   "response_authint_emptybody"));
}

static void rspauth_leaves_the_method_out(void **state)
{
	struct ims_card_answer a = answer();
	struct ims_digest_in in = input("AKAv1-MD5", "auth");
	char out[IMS_DIGEST_HEX];

	assert_int_equal(ims_digest_rspauth(&in, a.res, a.res_len, out), 0);
	assert_string_equal(out, value(&f.v.set[0], "rspauth_auth"));
}

static void with_auts_the_password_is_empty(void **state)
{
	const struct ims_card_answer a = {.verdict = IMS_CARD_RESYNC,
					  .res_len = 8};
	struct ims_digest_in none = input("AKAv1-MD5", "");
	struct ims_digest_in auth = input("AKAv1-MD5", "auth");

	assert_response(&none, &a, "resync_response_noqop");
	assert_response(&auth, &a, "resync_response_auth");
}

static void the_auts_of_the_vectors_says_its_sqn_ms(void **state)
{
	const struct set *s = &f.milenage.set[0];
	uint8_t auts[14], rnd[32], k[32], opc[32];
	struct ims_aka_key key;
	uint64_t sqn = 0;
	struct ims_buf b;
	char text[32];

	bytes(s, "k", k);
	bytes(s, "opc", opc);
	bytes(s, "rand", rnd);
	ims_aka_key_init(&key, IMS_AKA_MILENAGE, k, 16);
	ims_aka_key_opc(&key, opc, 16);
	assert_int_equal(ims_digest_auts_open(ims_str(value(&f.v.set[0],
							    "auts_base64")),
					      auts),
			 0);
	assert_int_equal(ims_aka_auts_open(&key, rnd, auts, &sqn), 0);
	assert_int_equal(sqn, number(&f.v.set[0], "sqn_ms"));
	assert_int_equal(ims_aka_auts_build(&key, rnd, sqn, auts), 0);
	ims_buf_init(&b, text, sizeof text);
	ims_b64_put(&b, auts, sizeof auts);
	assert_string_equal(ims_buf_cstr(&b),
			    value(&f.v.set[0], "auts_base64"));
}

static void akav2_hashes_res_ik_and_ck_into_a_text(void **state)
{
	struct ims_card_answer a = answer();
	struct ims_digest_in md5 = input("akav2-md5", "auth");
	struct ims_digest_in sha = input("AKAV2-SHA-256", "auth");
	uint8_t p[IMS_DIGEST_PASSWORD_MAX];
	size_t n = 0;

	ims_digest_password(md5.algo, &a, p, &n);
	assert_str(ims_str_n(p, n), "shzt3q8CWaZnCAWqs3WmEQ==");
	assert_string_equal("shzt3q8CWaZnCAWqs3WmEQ==",
			    value(&f.v.set[0], "akav2_md5_password"));
	assert_response(&md5, &a, "akav2_md5_response_auth");
	ims_digest_password(sha.algo, &a, p, &n);
	assert_int_equal(n, 44);
	assert_memory_equal(p, value(&f.v.set[0], "akav2_sha256_password"), n);
	assert_response(&sha, &a, "akav2_sha256_response_auth");
}

static void a_zero_byte_does_not_end_the_password(void **state)
{
	const struct set *s = &f.v.set[1];
	struct ims_digest_in in = input("AKAv1-MD5", "");
	struct ims_aka_key key;
	struct ims_aka_vector v;
	uint8_t k[32], rnd[32];
	char nonce[256], out[IMS_DIGEST_HEX];

	assert_string_equal(s->name, "zero");
	bytes(s, "k", k);
	bytes(s, "rand", rnd);
	in.nonce = ims_str(maybe(s, "nonce", nonce));
	ims_aka_key_init(&key, IMS_AKA_XOR, k, 16);
	ims_aka_vector(&key, rnd, 0, (const uint8_t[2]){0, 0}, &v);
	assert_is(s, "res", v.xres, v.xres_len);
	ims_digest_response(&in, v.xres, 16, out);
	assert_string_equal(out, value(s, "response_16"));
	ims_digest_response(&in, v.xres, 8, out);
	assert_string_equal(out, value(s, "response_8"));
}

static void an_answer_that_is_none_has_no_password(void **state)
{
	struct ims_card_answer a = answer();
	uint8_t p[IMS_DIGEST_PASSWORD_MAX] = {7};
	size_t n = 77;

	assert_int_equal(ims_digest_password((struct ims_digest_algo){0, 0}, &a,
					     p, &n),
			 -IMS_E_ALGO);
	a.verdict = IMS_CARD_BAD_MAC;
	assert_int_equal(ims_digest_password((struct ims_digest_algo){1, 0}, &a,
					     p, &n),
			 -IMS_E_AKA_MAC);
	a.verdict = IMS_CARD_OK;
	a.res_len = 200;
	assert_int_equal(ims_digest_password((struct ims_digest_algo){1, 0}, &a,
					     p, &n),
			 -IMS_E_AKA_MAC);
	assert_int_equal(n, 77);
	assert_int_equal(p[0], 7);
}

static void algorithms_are_known_by_their_whole_name(void **state)
{
	struct ims_digest_algo a = {9, IMS_SHA1};

	assert_int_equal(ims_digest_algo_parse(IMS_S("AKAv1-MD"), &a),
			 -IMS_E_ALGO);
	assert_int_equal(ims_digest_algo_parse(IMS_S("AKAv1-MD5-sess"), &a),
			 -IMS_E_ALGO);
	assert_int_equal(ims_digest_algo_parse(IMS_S(""), &a), -IMS_E_ALGO);
	assert_int_equal(a.akav, 9);
	assert_int_equal(ims_digest_algo_parse(IMS_S("md5"), &a), 0);
	assert_int_equal(a.akav, 0);
	assert_string_equal(ims_digest_algo_name(a), "MD5");
	a.akav = 7;
	assert_string_equal(ims_digest_algo_name(a), "?");
}

static void a_nonce_is_written_as_it_was_read(void **state)
{
	uint8_t rnd[16], autn[16];
	char text[64];
	struct ims_buf b;

	assert_int_equal(ims_digest_nonce_open(ims_str(f.nonce), rnd, autn), 0);
	ims_buf_init(&b, text, sizeof text);
	ims_digest_nonce_put(&b, rnd, autn);
	assert_int_equal(b.n, 44);
	assert_string_equal(ims_buf_cstr(&b), f.nonce);
}

static void the_nonce_of_the_first_traces_is_an_xor_challenge(void **state)
{
	static const uint8_t k[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
				      0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb,
				      0xcc, 0xdd, 0xee, 0xff};
	uint8_t rnd[16], autn[16];
	struct ims_aka_autn seen;
	struct ims_aka_key key;

	ims_aka_key_init(&key, IMS_AKA_XOR, k, 16);
	assert_int_equal(
		ims_digest_nonce_open(
			IMS_S("26ohPzgYyy3VFVa4VnXhKgx8Ta1aXYAA27sDDHxNLVo="),
			rnd, autn),
		0);
	assert_int_equal(ims_aka_autn(&key, rnd, autn, &seen), 0);
	assert_true(seen.mac_ok);
	assert_int_equal(seen.sqn, 0);
	assert_int_equal(seen.amf[0], 0x80);
	assert_int_equal(seen.amf[1], 0x00);
}

static void the_padding_may_be_missing_and_data_may_follow(void **state)
{
	uint8_t rnd[16], autn[16], first[16];
	char text[700];

	ims_digest_nonce_open(ims_str(f.nonce), first, autn);
	assert_int_equal(ims_digest_nonce_open(ims_str_n(f.nonce, 43), rnd,
					       autn),
			 0);
	assert_memory_equal(rnd, first, 16);
	memset(text, 'A', sizeof text);
	assert_int_equal(ims_digest_nonce_open(ims_str_n(text, 680), rnd, autn),
			 0);
	assert_int_equal(ims_digest_nonce_open(ims_str_n(text, 696), rnd, autn),
			 -IMS_E_AKA_NONCE);
}

static void what_is_no_nonce_is_refused_and_nothing_written(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"", "=", "dcd98b7102dd2f0e8b11d0f600bfb0c093",
		"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7", /* 31 bytes */
		"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M\xff",
		"I1U8vpY3qJ0hiuZNrke/ NVXzKLQ1d7m5Sp/6w1Tfr7M=",
	};
	/* clang-format on */
	uint8_t rnd[16] = {7}, autn[16] = {7}, auts[14] = {7};

	for (size_t i = 0; i < N_OF(bad); i++) {
		assert_int_equal(ims_digest_nonce_open(ims_str(bad[i]), rnd,
						       autn),
				 -IMS_E_AKA_NONCE);
		assert_int_equal(ims_digest_auts_open(ims_str(bad[i]), auts),
				 -IMS_E_AKA_AUTS);
	}
	/* 13 and 15 bytes are no AUTS either. */
	assert_int_equal(ims_digest_auts_open(IMS_S("AAAAAAAAAAAAAAAAAA=="),
					      auts),
			 -IMS_E_AKA_AUTS);
	assert_int_equal(ims_digest_auts_open(IMS_S("AAAAAAAAAAAAAAAAAAAA"),
					      auts),
			 -IMS_E_AKA_AUTS);
	assert_int_equal(rnd[0] + autn[0] + auts[0], 21);
}

static void an_unknown_hash_gives_no_response(void **state)
{
	struct ims_digest_in in = input("AKAv1-MD5", "auth");
	char out[IMS_DIGEST_HEX] = "x";

	in.algo.hash = (enum ims_hash)99;
	assert_int_equal(ims_digest_response(&in, "", 0, out), -IMS_E_ALGO);
	assert_string_equal(out, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(akav1_gives_the_three_responses),
		cmocka_unit_test(the_body_counts_with_auth_int_only),
		cmocka_unit_test(rspauth_leaves_the_method_out),
		cmocka_unit_test(with_auts_the_password_is_empty),
		cmocka_unit_test(the_auts_of_the_vectors_says_its_sqn_ms),
		cmocka_unit_test(akav2_hashes_res_ik_and_ck_into_a_text),
		cmocka_unit_test(a_zero_byte_does_not_end_the_password),
		cmocka_unit_test(an_answer_that_is_none_has_no_password),
		cmocka_unit_test(algorithms_are_known_by_their_whole_name),
		cmocka_unit_test(a_nonce_is_written_as_it_was_read),
		cmocka_unit_test(
			the_nonce_of_the_first_traces_is_an_xor_challenge),
		cmocka_unit_test(
			the_padding_may_be_missing_and_data_may_follow),
		cmocka_unit_test(
			what_is_no_nonce_is_refused_and_nothing_written),
		cmocka_unit_test(an_unknown_hash_gives_no_response),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
