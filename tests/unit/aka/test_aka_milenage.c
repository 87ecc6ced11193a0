/* SPDX-License-Identifier: BSD-2-Clause */
/* test_aka_milenage.c - the six published sets. */
#include "aka.h"
#include "crypto.h"

#include "vectors.h"

static struct ims_aka_key key_of(const struct set *s)
{
	struct ims_aka_key key;
	uint8_t k[32], opc[32];

	assert_int_equal(bytes(s, "k", k), 16);
	assert_int_equal(ims_aka_key_init(&key, IMS_AKA_MILENAGE, k, 16), 0);
	assert_int_equal(bytes(s, "opc", opc), 16);
	assert_int_equal(ims_aka_key_opc(&key, opc, 16), 0);
	return key;
}

static void each_function(const struct set *s, const struct ims_aka_key *key)
{
	uint8_t rnd[32], amf[32], mac[8];
	struct ims_aka_out o;

	bytes(s, "rand", rnd);
	bytes(s, "amf", amf);
	assert_int_equal(ims_aka_f2345(key, rnd, &o), 0);
	assert_is(s, "f2", o.res, o.res_len);
	assert_is(s, "f3", o.ck, 16);
	assert_is(s, "f4", o.ik, 16);
	assert_is(s, "f5", o.ak, 6);
	assert_is(s, "f5star", o.ak_star, 6);
	assert_int_equal(ims_aka_f1(key, rnd, number(s, "sqn"), amf, false,
				    mac),
			 0);
	assert_is(s, "f1", mac, 8);
	assert_int_equal(ims_aka_f1(key, rnd, number(s, "sqn"), amf, true, mac),
			 0);
	assert_is(s, "f1star", mac, 8);
}

static void the_six_sets_give_the_published_values(void **state)
{
	struct vectors v = vectors_open("vectors/milenage.txt");

	(void)state;
	assert_int_equal(v.n, 6);
	for (size_t i = 0; i < v.n; i++) {
		struct ims_aka_key key = key_of(&v.set[i]);

		each_function(&v.set[i], &key);
	}
	vectors_close(&v);
}

static void one_aes_context_serves_all_sets(void **state)
{
	struct vectors v = vectors_open("vectors/milenage.txt");
	struct ims_crypto_aes *aes = ims_crypto_aes_new();

	(void)state;
	assert_non_null(aes);
	for (size_t i = 0; i < 2 * v.n; i++) {
		struct ims_aka_key key = key_of(&v.set[i % v.n]);

		key.aes = aes;
		each_function(&v.set[i % v.n], &key);
	}
	ims_crypto_aes_free(aes);
	vectors_close(&v);
}

static void opc_comes_from_op(void **state)
{
	struct vectors v = vectors_open("vectors/milenage.txt");
	uint8_t op[32];

	(void)state;
	for (size_t i = 0; i < v.n; i++) {
		struct ims_aka_key key = key_of(&v.set[i]);

		memset(key.opc, 0, sizeof key.opc);
		assert_int_equal(bytes(&v.set[i], "op", op), 16);
		assert_int_equal(ims_aka_key_op(&key, op, 16), 0);
		assert_is(&v.set[i], "opc", key.opc, 16);
	}
	vectors_close(&v);
}

static void the_six_sets_give_autn_and_auts(void **state)
{
	struct vectors v = vectors_open("vectors/milenage.txt");
	uint8_t rnd[32], amf[32], auts[14];
	struct ims_aka_vector out;
	uint64_t sqn = 0;

	(void)state;
	for (size_t i = 0; i < v.n; i++) {
		const struct set *s = &v.set[i];
		struct ims_aka_key key = key_of(s);

		bytes(s, "rand", rnd);
		bytes(s, "amf", amf);
		assert_int_equal(ims_aka_vector(&key, rnd, number(s, "sqn"),
						amf, &out),
				 0);
		assert_is(s, "autn", out.autn, 16);
		assert_is(s, "rand", out.rand, 16);
		assert_is(s, "f2", out.xres, out.xres_len);
		assert_is(s, "f3", out.ck, 16);
		assert_is(s, "f4", out.ik, 16);
		assert_int_equal(ims_aka_auts_build(&key, rnd, number(s, "sqn"),
						    auts),
				 0);
		assert_is(s, "auts", auts, 14);
		assert_int_equal(ims_aka_auts_open(&key, rnd, auts, &sqn), 0);
		assert_int_equal(sqn, number(s, "sqn"));
	}
	vectors_close(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_six_sets_give_the_published_values),
		cmocka_unit_test(one_aes_context_serves_all_sets),
		cmocka_unit_test(opc_comes_from_op),
		cmocka_unit_test(the_six_sets_give_autn_and_auts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
