/* SPDX-License-Identifier: BSD-2-Clause */
/* test_crypto_hash.c - hashes and HMAC against published values. */
#include "base_err.h"
#include "base_hex.h"
#include "crypto.h"

#include "test.h"

static void assert_hex(const uint8_t *got, size_t n, const char *want)
{
	char text[129];
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	ims_hex_put(&b, got, n);
	assert_string_equal(ims_buf_cstr(&b), want);
}

static void hashes_are_the_published_ones(void **state)
{
	/* clang-format off */
	static const struct {
		enum ims_hash h;
		const char *in, *out;
	} v[] = { /* RFC 1321 A.5, FIPS 180 */
		{IMS_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
		{IMS_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{IMS_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		{IMS_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{IMS_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223"
				    "b00361a396177a9cb410ff61f20015ad"},
	};
	/* clang-format on */
	uint8_t out[IMS_HASH_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(v); i++) {
		struct ims_crypto_part p = {v[i].in, strlen(v[i].in)};

		assert_int_equal(ims_crypto_hash(v[i].h, &p, 1, out), 0);
		assert_hex(out, ims_crypto_hash_len(v[i].h), v[i].out);
	}
}

static void pieces_hash_like_the_whole(void **state)
{
	const struct ims_crypto_part parts[] = {{"a", 1},
						{NULL, 0},
						{"", 0},
						{"bc", 2}};
	uint8_t a[IMS_HASH_MAX] = {0}, b[IMS_HASH_MAX] = {0};

	(void)state;
	for (enum ims_hash h = IMS_MD5; h <= IMS_SHA256; h++) {
		struct ims_crypto_part whole = {"abc", 3};

		assert_int_equal(ims_crypto_hash(h, parts, 4, a), 0);
		assert_int_equal(ims_crypto_hash(h, &whole, 1, b), 0);
		assert_memory_equal(a, b, sizeof a);
	}
}

static void however_long_the_pieces_are(void **state)
{
	static const size_t cuts[] = {0,   1,   2,   57,  255,  256, 257,
				      258, 511, 512, 513, 1000, 1023};
	uint8_t mem[1024], a[IMS_HASH_MAX], b[IMS_HASH_MAX];
	const struct ims_crypto_part whole = {mem, sizeof mem};
	uint64_t seed = 1;
	struct ims_rand r = ims_rand_seeded(&seed);

	ims_rand_fill(&r, mem, sizeof mem);
	ims_crypto_hash(IMS_SHA256, &whole, 1, a);
	for (size_t i = 0; i < N_OF(cuts); i++) {
		for (size_t j = i; j < N_OF(cuts); j++) {
			const struct ims_crypto_part parts[] = {
				{mem, cuts[i]},
				{mem + cuts[i], cuts[j] - cuts[i]},
				{mem + cuts[j], sizeof mem - cuts[j]}};

			ims_crypto_hash(IMS_SHA256, parts, 3, b);
			assert_memory_equal(a, b, sizeof a);
			ims_crypto_hmac(IMS_SHA256, "k", 1, &whole, 1, a);
			ims_crypto_hmac(IMS_SHA256, "k", 1, parts, 3, b);
			assert_memory_equal(a, b, sizeof a);
			ims_crypto_hash(IMS_SHA256, &whole, 1, a);
		}
	}
}

struct hmac_vector {
	enum ims_hash h;
	uint8_t key;
	size_t key_len;
	const char *in, *out;
};

/* clang-format off */
static const struct hmac_vector hmacs[] = { /* RFC 2202, RFC 4231 */
	{IMS_MD5, 0x0b, 16, "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"},
	{IMS_MD5, 0xaa, 80, "Test Using Larger Than Block-Size Key - Hash Key First",
	 "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
	{IMS_SHA1, 0x0b, 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"},
	{IMS_SHA1, 0xaa, 80, "Test Using Larger Than Block-Size Key - Hash Key First",
	 "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
	{IMS_SHA256, 0x0b, 20, "Hi There",
	 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{IMS_SHA256, 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
	 "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};
/* clang-format on */

static void hmacs_are_the_published_ones(void **state)
{
	uint8_t key[131], out[IMS_HASH_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(hmacs); i++) {
		const struct hmac_vector *v = &hmacs[i];
		struct ims_crypto_part p = {v->in, strlen(v->in)};

		memset(key, v->key, sizeof key);
		assert_int_equal(ims_crypto_hmac(v->h, key, v->key_len, &p, 1,
						 out),
				 0);
		assert_hex(out, ims_crypto_hash_len(v->h), v->out);
	}
}

static void a_keyed_mac_can_be_used_again_and_again(void **state)
{
	uint8_t key[131], out[IMS_HASH_MAX];

	(void)state;
	for (size_t i = 0; i < N_OF(hmacs); i++) {
		const struct hmac_vector *v = &hmacs[i];
		struct ims_crypto_mac *m;

		memset(key, v->key, sizeof key);
		m = ims_crypto_mac_new(v->h, key, v->key_len);
		assert_non_null(m);
		for (int n = 0; n < 3; n++) {
			ims_crypto_mac(m, "something else", 14, out);
			ims_crypto_mac(m, v->in, strlen(v->in), out);
			assert_hex(out, ims_crypto_hash_len(v->h), v->out);
		}
		ims_crypto_mac_free(m);
	}
	ims_crypto_mac_free(NULL);
}

static void an_empty_key_and_an_empty_message_are_fine(void **state)
{
	uint8_t out[IMS_HASH_MAX];

	(void)state;
	assert_int_equal(ims_crypto_hmac(IMS_MD5, NULL, 0, NULL, 0, out), 0);
	assert_hex(out, 16, "74e6f7298a9c2d168935f58c001bad88");
}

static void an_unknown_hash_is_refused_and_nothing_written(void **state)
{
	uint8_t out[IMS_HASH_MAX] = {7};
	const enum ims_hash bad = (enum ims_hash)99;

	(void)state;
	assert_int_equal(ims_crypto_hash(bad, NULL, 0, out), -IMS_E_ALGO);
	assert_int_equal(ims_crypto_hmac(bad, "k", 1, NULL, 0, out),
			 -IMS_E_ALGO);
	assert_null(ims_crypto_mac_new(bad, "k", 1));
	assert_int_equal(ims_crypto_hash_len(bad), 0);
	assert_int_equal(out[0], 7);
}

static void comparison_sees_every_byte(void **state)
{
	uint8_t a[16] = {0}, b[16] = {0};

	(void)state;
	assert_true(ims_crypto_eq(a, b, 16));
	for (int i = 0; i < 16; i++) {
		b[i] = 1;
		assert_false(ims_crypto_eq(a, b, 16));
		b[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_the_published_ones),
		cmocka_unit_test(pieces_hash_like_the_whole),
		cmocka_unit_test(however_long_the_pieces_are),
		cmocka_unit_test(hmacs_are_the_published_ones),
		cmocka_unit_test(a_keyed_mac_can_be_used_again_and_again),
		cmocka_unit_test(an_empty_key_and_an_empty_message_are_fine),
		cmocka_unit_test(
			an_unknown_hash_is_refused_and_nothing_written),
		cmocka_unit_test(comparison_sees_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
