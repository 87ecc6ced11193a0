/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_xform.c - six packets, one for each kind of transform, bit by bit.
 * Five of them were accepted with a good ICV by tshark 4.0.
 */
#include "ipsec_esp_priv.h"

#include "ipsec_fixture.h"

#define DATAGRAM "9473c61e0018f66a494d532045535020544553542030310a"

/* clang-format off */
static const struct {
	uint32_t spi;
	struct ims_ipsec_suite suite;
	const char *iv, *esp;
} rows[] = {
	{4097, {IMS_ALG_HMAC_MD5, IMS_EALG_NULL}, "",
	 "0000100100000001" DATAGRAM "01020211" "4ae03fd48735be0ec901c7c7"},
	{4098, {IMS_ALG_HMAC_SHA1, IMS_EALG_NULL}, "",
	 "0000100200000001" DATAGRAM "01020211" "8bb8fd068c27005f77a2bf01"},
	{4099, {IMS_ALG_HMAC_SHA1, IMS_EALG_AES_CBC},
	 "101112131415161718191a1b1c1d1e1f",
	 "0000100300000001" "101112131415161718191a1b1c1d1e1f"
	 "c25c43e83496ef3f17b941130a8fabc34dbc09e76eb59b5b4e61f3b5a5514c8e"
	 "1c2c7359b5b1337ebe4d13fc"},
	{4100, {IMS_ALG_HMAC_MD5, IMS_EALG_DES_EDE3_CBC}, "1011121314151617",
	 "0000100400000001" "1011121314151617"
	 "dc154b8ea132f798dfd500bf2c44a516d0c9bcabe54f69d9f80aa19a7abcc366"
	 "6226a42ad1edf5b327fa1f97"},
	{4101, {IMS_ALG_NULL, IMS_EALG_AES_GCM}, "0001020304050607",
	 "0000100500000001" "0001020304050607"
	 "57dcb70b08f256ea79c53ed2025e816951fb68d7646e214761f6da50"
	 "3c7a7e01c512b4889973c70b7713b7bc"},
	{4102, {IMS_ALG_AES_GMAC, IMS_EALG_NULL}, "0001020304050607",
	 "0000100600000001" "0001020304050607" DATAGRAM "01020211"
	 "b0d70523fdb1e89ff474e4f21f80d3da"},
};
/* clang-format on */

static struct ims_esp *row_esp(size_t i)
{
	uint64_t seed = i;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_ipsec_keys keys;
	struct ims_esp *e;

	assert_int_equal(ims_ipsec_expand(rows[i].suite, fix_ck, fix_ik, &keys),
			 0);
	e = ims_esp_new(rows[i].suite, &keys, rows[i].spi, &rnd);
	assert_non_null(e);
	return e;
}

static void seals_the_vectors_bit_by_bit(void **state)
{
	uint8_t seg[24], iv[16], want[128], got[128];

	ims_hex_get_n(ims_str(DATAGRAM), seg, sizeof seg);
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_esp *e = row_esp(i);
		int n = ims_hex_get(ims_str(rows[i].esp), want, sizeof want);

		assert_int_equal(ims_hex_get(ims_str(rows[i].iv), iv, 16),
				 e->x.iv);
		assert_int_equal(ims_esp_seal_iv(e, iv, 17,
						 ims_str_n(seg, sizeof seg),
						 got, sizeof got),
				 n);
		assert_memory_equal(got, want, n);
		ims_esp_free(e);
	}
}

static void opens_the_vectors(void **state)
{
	uint8_t seg[24], esp[128], got[128], next = 0;

	ims_hex_get_n(ims_str(DATAGRAM), seg, sizeof seg);
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_esp *e = row_esp(i);
		int n = ims_hex_get(ims_str(rows[i].esp), esp, sizeof esp);

		assert_int_equal(ims_esp_open(e, esp, (size_t)n, &next, got,
					      sizeof got),
				 24);
		assert_int_equal(next, 17);
		assert_memory_equal(got, seg, 24);
		ims_esp_free(e);
	}
}

static void every_flipped_bit_is_an_icv_failure(void **state)
{
	uint8_t esp[128], got[128], next;

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_esp *e = row_esp(i);
		int n = ims_hex_get(ims_str(rows[i].esp), esp, sizeof esp);

		/* The SPI is another matter: it would find no SA. */
		for (int bit = 32; bit < n * 8; bit++) {
			esp[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(ims_esp_peek(e, esp, (size_t)n, &next,
						      got, sizeof got),
					 -IMS_E_ESP_ICV);
			esp[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_int_equal(ims_esp_peek(e, esp, (size_t)n, &next, got,
					      sizeof got),
				 24);
		ims_esp_free(e);
	}
}

static void a_senseless_pair_is_no_transform(void **state)
{
	struct ims_ipsec_keys keys = {0};
	struct ims_xform x;

	for (unsigned a = 0; a < IMS_N_ALGS; a++)
		for (unsigned c = 0; c < IMS_N_EALGS; c++) {
			struct ims_ipsec_suite s = {a, c};

			if (ims_ipsec_suite_valid(s))
				continue;
			assert_int_equal(ims_xform_init(&x, s, &keys),
					 -IMS_E_ALGO);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_the_vectors_bit_by_bit),
		cmocka_unit_test(opens_the_vectors),
		cmocka_unit_test(every_flipped_bit_is_an_icv_failure),
		cmocka_unit_test(a_senseless_pair_is_no_transform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
