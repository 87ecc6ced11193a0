/* SPDX-License-Identifier: BSD-2-Clause */
/* test_crypto_cipher.c - ciphers against published values, and misuse. */
#include "base_err.h"
#include "base_hex.h"
#include "crypto.h"

#include "test.h"

struct bytes {
	uint8_t b[80];
	size_t n;
};

static struct bytes hex(const char *text)
{
	struct bytes v = {0};
	int n = ims_hex_get(ims_str(text), v.b, sizeof v.b);

	assert_true(n >= 0);
	v.n = (size_t)n;
	return v;
}

static void aes_is_the_one_of_fips_197(void **state)
{
	struct bytes k = hex("000102030405060708090a0b0c0d0e0f");
	struct bytes in = hex("00112233445566778899aabbccddeeff");
	struct bytes want = hex("69c4e0d86a7b0430d8cdb78070b4c55a");
	struct ims_crypto_aes *a = ims_crypto_aes_new();
	uint8_t out[16], two[32];

	(void)state;
	assert_int_equal(ims_crypto_aes128(k.b, in.b, out), 0);
	assert_memory_equal(out, want.b, 16);

	assert_non_null(a);
	for (int i = 0; i < 2; i++) { /* another key between does no harm */
		assert_int_equal(ims_crypto_aes_key(a, in.b), 0);
		assert_int_equal(ims_crypto_aes_blocks(a, in.b, 1, out), 0);
		assert_int_equal(ims_crypto_aes_key(a, k.b), 0);
		memcpy(two, in.b, 16);
		memcpy(two + 16, in.b, 16);
		assert_int_equal(ims_crypto_aes_blocks(a, two, 2, two), 0);
		assert_memory_equal(two, want.b, 16);
		assert_memory_equal(two + 16, want.b, 16);
	}
	ims_crypto_aes_free(a);
	ims_crypto_aes_free(NULL);
}

/* clang-format off */
static const struct cbc_vector {
	enum ims_cipher c;
	const char *key, *iv, *in, *out;
} cbcs[] = {
	/* SP 800-38A F.2.1 */
	{IMS_AES128_CBC, "2b7e151628aed2a6abf7158809cf4f3c",
	 "000102030405060708090a0b0c0d0e0f",
	 "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	 "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
	/* An ESP packet made by an independent script; K1 = K3 as 33.203 has it. */
	{IMS_DES_EDE3_CBC, "b40ba9a3c58b2a05bbf0d987b21bf8cbb40ba9a3c58b2a05",
	 "1011121314151617",
	 "9473c61e0018f66a494d532045535020544553542030310a0102030405060611",
	 "dc154b8ea132f798dfd500bf2c44a516d0c9bcabe54f69d9f80aa19a7abcc366"},
};
/* clang-format on */

static void cbc_seals_and_opens_the_published_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cbcs); i++) {
		const struct cbc_vector *v = &cbcs[i];
		struct bytes in = hex(v->in), want = hex(v->out);
		struct bytes iv = hex(v->iv), work = in;
		struct ims_crypto_cipher *c =
			ims_crypto_cipher_new(v->c, hex(v->key).b);

		assert_non_null(c);
		for (int n = 0; n < 3; n++) { /* in place, turning round */
			assert_int_equal(ims_crypto_cbc_seal(c, iv.b, work.b,
							     work.n, work.b),
					 0);
			assert_memory_equal(work.b, want.b, want.n);
			assert_int_equal(ims_crypto_cbc_open(c, iv.b, work.b,
							     work.n, work.b),
					 0);
			assert_memory_equal(work.b, in.b, in.n);
		}
		ims_crypto_cipher_free(c);
	}
	ims_crypto_cipher_free(NULL);
}

static void cbc_refuses_half_a_block(void **state)
{
	struct ims_crypto_cipher *c =
		ims_crypto_cipher_new(IMS_AES128_CBC, (const uint8_t[16]){1});
	uint8_t iv[16] = {0}, in[32] = {0}, out[32] = {9};

	(void)state;
	assert_non_null(c);
	for (size_t n = 1; n < 32; n++) {
		if (n == 16)
			continue;
		assert_int_equal(ims_crypto_cbc_seal(c, iv, in, n, out),
				 -IMS_E_LENGTH);
		assert_int_equal(ims_crypto_cbc_open(c, iv, in, n, out),
				 -IMS_E_LENGTH);
	}
	assert_int_equal(out[0], 9);
	assert_int_equal(ims_crypto_cbc_open(c, iv, in, 0, out), 0);
	ims_crypto_cipher_free(c);
}

/* Test cases 1, 2 and 4 of the GCM paper by McGrew and Viega. */
/* clang-format off */
static const struct gcm_vector {
	const char *key, *nonce, *aad, *in, *out, *tag;
} gcms[] = {
	{"00000000000000000000000000000000", "000000000000000000000000", "", "", "",
	 "58e2fccefa7e3061367f1d57a4e7455a"},
	{"00000000000000000000000000000000", "000000000000000000000000", "",
	 "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
	 "ab6e47d42cec13bdf53a67b21257bddf"},
	{"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	 "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	 "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	 "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
	 "5bc94fbc3221a5db94fae95ae7121a47"},
};
/* clang-format on */

static void one_gcm(const struct gcm_vector *v)
{
	struct bytes in = hex(v->in), want = hex(v->out), tag = hex(v->tag);
	struct bytes aad = hex(v->aad), nonce = hex(v->nonce);
	struct ims_crypto_part a = {aad.b, aad.n}, p = {in.b, in.n};
	struct ims_crypto_part sealed = {want.b, want.n};
	struct ims_crypto_cipher *c =
		ims_crypto_cipher_new(IMS_AES128_GCM, hex(v->key).b);
	uint8_t out[80], got[16];

	assert_non_null(c);
	for (int n = 0; n < 2; n++) {
		assert_int_equal(ims_crypto_gcm_seal(c, nonce.b, a, p, out,
						     got),
				 0);
		assert_memory_equal(out, want.b, want.n);
		assert_memory_equal(got, tag.b, 16);
		assert_int_equal(ims_crypto_gcm_open(c, nonce.b, a, sealed, out,
						     tag.b),
				 0);
		assert_memory_equal(out, in.b, in.n);
	}
	for (int bit = 0; bit < 128; bit++) {
		got[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(ims_crypto_gcm_open(c, nonce.b, a, sealed, out,
						     got),
				 -IMS_E_ESP_ICV);
		got[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	/* And still usable after all these refusals. */
	assert_int_equal(ims_crypto_gcm_open(c, nonce.b, a, sealed, out, got),
			 0);
	ims_crypto_cipher_free(c);
}

static void gcm_is_the_published_one_and_sees_every_bit_of_the_tag(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(gcms); i++)
		one_gcm(&gcms[i]);
}

static void gcm_protects_the_associated_data(void **state)
{
	struct ims_crypto_cipher *c =
		ims_crypto_cipher_new(IMS_AES128_GCM, (const uint8_t[16]){1});
	uint8_t nonce[12] = {2}, aad[20] = {3}, tag[16];
	struct ims_crypto_part a = {aad, sizeof aad}, none = {NULL, 0};

	(void)state;
	assert_non_null(c);
	assert_int_equal(ims_crypto_gcm_seal(c, nonce, a, none, NULL, tag), 0);
	assert_int_equal(ims_crypto_gcm_open(c, nonce, a, none, NULL, tag), 0);
	aad[19] ^= 1;
	assert_int_equal(ims_crypto_gcm_open(c, nonce, a, none, NULL, tag),
			 -IMS_E_ESP_ICV);
	ims_crypto_cipher_free(c);
}

static void the_wrong_kind_of_cipher_is_refused(void **state)
{
	const uint8_t key[24] = {0};
	uint8_t b[16] = {0};
	struct ims_crypto_part none = {NULL, 0};
	struct ims_crypto_cipher *g =
		ims_crypto_cipher_new(IMS_AES128_GCM, key);
	struct ims_crypto_cipher *c =
		ims_crypto_cipher_new(IMS_AES128_CBC, key);

	(void)state;
	assert_int_equal(ims_crypto_cbc_seal(g, b, b, 16, b), -IMS_E_ALGO);
	assert_int_equal(ims_crypto_gcm_seal(c, b, none, none, b, b),
			 -IMS_E_ALGO);
	assert_null(ims_crypto_cipher_new((enum ims_cipher)99, key));
	ims_crypto_cipher_free(g);
	ims_crypto_cipher_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aes_is_the_one_of_fips_197),
		cmocka_unit_test(cbc_seals_and_opens_the_published_values),
		cmocka_unit_test(cbc_refuses_half_a_block),
		cmocka_unit_test(
			gcm_is_the_published_one_and_sees_every_bit_of_the_tag),
		cmocka_unit_test(gcm_protects_the_associated_data),
		cmocka_unit_test(the_wrong_kind_of_cipher_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
