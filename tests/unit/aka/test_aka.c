/* SPDX-License-Identifier: BSD-2-Clause */
/* test_aka.c - keys, and what the algorithms have in common. */
#include "aka.h"
#include "aka_sqn.h"
#include "crypto.h"

#include "test.h"

static const uint8_t zero[32];

static void names_are_read_in_any_case(void **state)
{
	enum ims_aka_algo a;

	for (a = IMS_AKA_MILENAGE; a <= IMS_AKA_XOR; a++) {
		enum ims_aka_algo b = (enum ims_aka_algo)99;

		assert_int_equal(
			ims_aka_algo_parse(ims_str(ims_aka_algo_name(a)), &b),
			0);
		assert_int_equal(a, b);
	}
	assert_int_equal(ims_aka_algo_parse(IMS_S("MileNage"), &a), 0);
	assert_int_equal(a, IMS_AKA_MILENAGE);
	a = IMS_AKA_XOR;
	assert_int_equal(ims_aka_algo_parse(IMS_S("milenag"), &a),
			 -IMS_E_SYNTAX);
	assert_int_equal(ims_aka_algo_parse(IMS_S(""), &a), -IMS_E_SYNTAX);
	assert_int_equal(a, IMS_AKA_XOR);
	assert_string_equal(ims_aka_algo_name((enum ims_aka_algo)99), "?");
}

static void only_the_right_lengths_make_a_key(void **state)
{
	for (enum ims_aka_algo a = IMS_AKA_MILENAGE; a <= IMS_AKA_XOR; a++) {
		for (size_t n = 0; n <= 32; n++) {
			bool ok = n == 16 || (a == IMS_AKA_TUAK && n == 32);
			struct ims_aka_key key = {.k_len = 77};

			assert_int_equal(ims_aka_key_init(&key, a, zero, n),
					 ok ? 0 : -IMS_E_LENGTH);
			assert_int_equal(key.k_len, ok ? n : 77);
		}
	}
}

static void only_the_right_lengths_make_an_op(void **state)
{
	static const size_t want[] = {16, 32, 99};

	for (enum ims_aka_algo a = IMS_AKA_MILENAGE; a <= IMS_AKA_XOR; a++) {
		struct ims_aka_key key;

		assert_int_equal(ims_aka_key_init(&key, a, zero, 16), 0);
		for (size_t n = 0; n <= 32; n++) {
			int err = n == want[a] ? 0 : -IMS_E_LENGTH;

			assert_int_equal(ims_aka_key_op(&key, zero, n), err);
			assert_int_equal(ims_aka_key_opc(&key, zero, n), err);
		}
	}
}

static void a_broken_key_is_refused_and_nothing_written(void **state)
{
	struct ims_aka_vector v = {.xres_len = 77};
	struct ims_aka_out o = {.res_len = 77};
	struct ims_aka_autn seen = {.sqn = 77};
	struct ims_aka_key key;
	uint64_t sqn = 77;
	uint8_t auts[14] = {77};

	ims_aka_key_init(&key, IMS_AKA_TUAK, zero, 32);
	key.algo = IMS_AKA_MILENAGE; /* K too long for it */
	assert_int_equal(ims_aka_f2345(&key, zero, &o), -IMS_E_LENGTH);
	key.k_len = 16;
	key.res_len = 99;
	assert_int_equal(ims_aka_vector(&key, zero, 1, zero, &v),
			 -IMS_E_LENGTH);
	assert_int_equal(ims_aka_autn(&key, zero, zero, &seen), -IMS_E_LENGTH);
	key.algo = (enum ims_aka_algo)99;
	assert_int_equal(ims_aka_auts_build(&key, zero, 1, auts), -IMS_E_ALGO);
	assert_int_equal(ims_aka_auts_open(&key, zero, auts, &sqn),
			 -IMS_E_ALGO);
	assert_int_equal(ims_aka_key_op(&key, zero, 16), -IMS_E_ALGO);
	assert_int_equal(o.res_len, 77);
	assert_int_equal(v.xres_len, 77);
	assert_int_equal(seen.sqn, 77);
	assert_int_equal(sqn, 77);
	assert_int_equal(auts[0], 77);
}

static struct ims_aka_key some_key(enum ims_aka_algo a, struct ims_rand *r)
{
	static const uint8_t res[3][4] = {{8, 8, 8, 8},
					  {4, 8, 16, 32},
					  {4, 8, 15, 16}};
	struct ims_aka_key key;
	uint8_t k[32], op[32];
	size_t k_len = a == IMS_AKA_TUAK && ims_rand_below(r, 2) ? 32 : 16;

	ims_rand_fill(r, k, sizeof k);
	ims_rand_fill(r, op, sizeof op);
	assert_int_equal(ims_aka_key_init(&key, a, k, k_len), 0);
	assert_int_equal(ims_aka_key_res_len(&key,
					     res[a][ims_rand_below(r, 4)]),
			 0);
	if (a == IMS_AKA_MILENAGE)
		assert_int_equal(ims_aka_key_op(&key, op, 16), 0);
	if (a == IMS_AKA_TUAK)
		assert_int_equal(ims_aka_key_op(&key, op, 32), 0);
	return key;
}

static void each_bit_of_rand_sqn_amf_and_mac_counts(void **state)
{
	uint64_t seed = 5;
	struct ims_rand r = ims_rand_seeded(&seed);
	const uint8_t amf[2] = {0x80, 0};

	for (enum ims_aka_algo a = IMS_AKA_MILENAGE; a <= IMS_AKA_XOR; a++) {
		struct ims_aka_key key = some_key(a, &r);
		struct ims_aka_vector v;
		struct ims_aka_autn seen;
		uint8_t rnd[16];

		ims_rand_fill(&r, rnd, sizeof rnd);
		ims_aka_vector(&key, rnd, 0x123456789abc, amf, &v);
		ims_aka_autn(&key, v.rand, v.autn, &seen);
		assert_true(seen.mac_ok);
		assert_int_equal(seen.sqn, 0x123456789abc);
		assert_memory_equal(seen.amf, amf, 2);
		for (int bit = 0; bit < 128; bit++) {
			v.autn[bit / 8] ^= (uint8_t)(1 << bit % 8);
			ims_aka_autn(&key, v.rand, v.autn, &seen);
			assert_false(seen.mac_ok);
			v.autn[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void auts_opens_only_whole_and_with_its_rand(void **state)
{
	uint64_t seed = 6, sqn = 0;
	struct ims_rand r = ims_rand_seeded(&seed);

	for (enum ims_aka_algo a = IMS_AKA_MILENAGE; a <= IMS_AKA_XOR; a++) {
		struct ims_aka_key key = some_key(a, &r);
		uint8_t rnd[16], auts[14];

		ims_rand_fill(&r, rnd, sizeof rnd);
		ims_aka_auts_build(&key, rnd, IMS_SQN_MASK, auts);
		assert_int_equal(ims_aka_auts_open(&key, rnd, auts, &sqn), 0);
		assert_int_equal(sqn, IMS_SQN_MASK);
		for (int bit = 0; bit < 14 * 8; bit++) {
			auts[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(ims_aka_auts_open(&key, rnd, auts,
							   &sqn),
					 -IMS_E_AKA_AUTS);
			auts[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		rnd[0] ^= 1;
		assert_int_equal(ims_aka_auts_open(&key, rnd, auts, &sqn),
				 -IMS_E_AKA_AUTS);
		assert_int_equal(sqn, IMS_SQN_MASK);
	}
}

static void wiping_leaves_nothing(void **state)
{
	struct ims_aka_key key, none;

	memset(&none, 0, sizeof none);
	memset(&key, 0xff, sizeof key);
	ims_aka_key_wipe(&key);
	assert_memory_equal(&key, &none, sizeof key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_in_any_case),
		cmocka_unit_test(only_the_right_lengths_make_a_key),
		cmocka_unit_test(only_the_right_lengths_make_an_op),
		cmocka_unit_test(a_broken_key_is_refused_and_nothing_written),
		cmocka_unit_test(each_bit_of_rand_sqn_amf_and_mac_counts),
		cmocka_unit_test(auts_opens_only_whole_and_with_its_rand),
		cmocka_unit_test(wiping_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
