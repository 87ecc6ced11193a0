/* SPDX-License-Identifier: BSD-2-Clause */
/* test_aka_xor.c - the XOR test algorithm. */
#include "aka.h"

#include "vectors.h"

static struct ims_aka_key key_of(const struct set *s)
{
	struct ims_aka_key key;
	uint8_t k[32];

	assert_int_equal(bytes(s, "k", k), 16);
	assert_int_equal(ims_aka_key_init(&key, IMS_AKA_XOR, k, 16), 0);
	return key;
}

static void the_three_vectors_come_out(void **state)
{
	struct vectors v = vectors_open("vectors/xor.txt");
	uint8_t rnd[32], amf[32];
	struct ims_aka_vector out;
	struct ims_aka_out o;

	(void)state;
	assert_int_equal(v.n, 3);
	for (size_t i = 0; i < v.n; i++) {
		const struct set *s = &v.set[i];
		struct ims_aka_key key = key_of(s);

		bytes(s, "rand", rnd);
		bytes(s, "amf", amf);
		assert_int_equal(ims_aka_vector(&key, rnd, number(s, "sqn"),
						amf, &out),
				 0);
		assert_is(s, "autn", out.autn, 16);
		assert_is(s, "mac", out.autn + 8, 8);
		assert_is(s, "res", out.xres, out.xres_len);
		assert_is(s, "xdout", out.xres, 16);
		assert_is(s, "ck", out.ck, 16);
		assert_is(s, "ik", out.ik, 16);
		assert_int_equal(ims_aka_f2345(&key, rnd, &o), 0);
		assert_is(s, "ak", o.ak, 6);
		assert_is(s, "ak", o.ak_star, 6);
	}
	vectors_close(&v);
}

static void the_second_one_resynchronises(void **state)
{
	struct vectors v = vectors_open("vectors/xor.txt");
	const struct set *s = &v.set[1];
	struct ims_aka_key key = key_of(s);
	uint8_t rnd[32], auts[14];
	uint64_t sqn = 0;

	(void)state;
	bytes(s, "rand", rnd);
	assert_int_equal(ims_aka_auts_build(&key, rnd, number(s, "sqn_ms"),
					    auts),
			 0);
	assert_is(s, "auts", auts, 14);
	assert_int_equal(ims_aka_auts_open(&key, rnd, auts, &sqn), 0);
	assert_int_equal(sqn, number(s, "sqn_ms"));
	vectors_close(&v);
}

static void res_may_be_4_to_16_bytes_of_the_same(void **state)
{
	struct vectors v = vectors_open("vectors/xor.txt");
	struct ims_aka_key key = key_of(&v.set[0]);
	uint8_t rnd[32], res[32];
	struct ims_aka_out o;

	(void)state;
	bytes(&v.set[0], "rand", rnd);
	bytes(&v.set[0], "res", res);
	for (size_t n = 0; n < 40; n++) {
		if (n < 4 || n > 16) {
			assert_int_equal(ims_aka_key_res_len(&key, n),
					 -IMS_E_LENGTH);
			continue;
		}
		assert_int_equal(ims_aka_key_res_len(&key, n), 0);
		assert_int_equal(ims_aka_f2345(&key, rnd, &o), 0);
		assert_int_equal(o.res_len, n);
		assert_memory_equal(o.res, res, n);
	}
	vectors_close(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_three_vectors_come_out),
		cmocka_unit_test(the_second_one_resynchronises),
		cmocka_unit_test(res_may_be_4_to_16_bytes_of_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
