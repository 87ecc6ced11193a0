/* SPDX-License-Identifier: BSD-2-Clause */
/* test_aka_tuak.c - the six published sets, with every length in them. */
#include "aka_tuak.h"

#include "vectors.h"

struct inputs {
	uint8_t k[32], topc[32], rnd[32], amf[32];
	struct ims_aka_tuak_key key;
	struct ims_aka_in in;
};

static void read_inputs(const struct set *s, struct inputs *i)
{
	i->key = (struct ims_aka_tuak_key){
		.k = i->k,
		.topc = i->topc,
		.k_len = (uint8_t)bytes(s, "k", i->k),
		.iterations = (uint8_t)number(s, "iterations"),
	};
	assert_int_equal(bytes(s, "topc", i->topc), 32);
	bytes(s, "rand", i->rnd);
	bytes(s, "amf", i->amf);
	i->in = (struct ims_aka_in){.rnd = i->rnd,
				    .amf = i->amf,
				    .sqn = number(s, "sqn")};
}

/* How many bytes the set gives for a value. */
static uint8_t len(const struct set *s, const char *name)
{
	uint8_t any[32];

	return (uint8_t)bytes(s, name, any);
}

static void topc_comes_from_top(void **state)
{
	struct vectors v = vectors_open("vectors/tuak.txt");
	struct inputs i;
	uint8_t top[32], topc[32];

	(void)state;
	assert_int_equal(v.n, 6);
	for (size_t n = 0; n < v.n; n++) {
		read_inputs(&v.set[n], &i);
		assert_int_equal(bytes(&v.set[n], "top", top), 32);
		i.key.topc = top;
		ims_aka_tuak_topc(&i.key, topc);
		assert_is(&v.set[n], "topc", topc, 32);
	}
	vectors_close(&v);
}

static void f1_and_f1_star_of_64_128_and_256_bits(void **state)
{
	struct vectors v = vectors_open("vectors/tuak.txt");
	unsigned seen = 0;
	struct inputs i;
	uint8_t mac[32], n_mac;

	(void)state;
	for (size_t n = 0; n < v.n; n++) {
		const struct set *s = &v.set[n];

		read_inputs(s, &i);
		n_mac = len(s, "f1");
		seen |= n_mac;
		i.in.want = IMS_AKA_F1;
		ims_aka_tuak_f1(&i.key, &i.in, n_mac, mac);
		assert_is(s, "f1", mac, n_mac);
		i.in.want = IMS_AKA_F1_STAR;
		ims_aka_tuak_f1(&i.key, &i.in, n_mac, mac);
		assert_is(s, "f1star", mac, n_mac);
	}
	assert_int_equal(seen, 8 | 16 | 32);
	vectors_close(&v);
}

static void f2_to_f5_of_all_lengths(void **state)
{
	struct vectors v = vectors_open("vectors/tuak.txt");
	struct ims_aka_tuak_out o;
	unsigned res = 0, ck = 0, ik = 0;
	uint8_t ak_star[6];
	struct inputs i;

	(void)state;
	for (size_t n = 0; n < v.n; n++) {
		const struct set *s = &v.set[n];

		read_inputs(s, &i);
		o.res_len = len(s, "f2");
		o.ck_len = len(s, "f3");
		o.ik_len = len(s, "f4");
		res |= o.res_len;
		ck |= o.ck_len;
		ik |= o.ik_len;
		ims_aka_tuak_f2345(&i.key, i.rnd, &o);
		assert_is(s, "f2", o.res, o.res_len);
		assert_is(s, "f3", o.ck, o.ck_len);
		assert_is(s, "f4", o.ik, o.ik_len);
		assert_is(s, "f5", o.ak, 6);
		ims_aka_tuak_f5_star(&i.key, i.rnd, ak_star);
		assert_is(s, "f5star", ak_star, 6);
	}
	assert_int_equal(res, 4 | 8 | 16 | 32);
	assert_int_equal(ck, 16 | 32);
	assert_int_equal(ik, 16 | 32);
	vectors_close(&v);
}

/* Set 1 is the one whose MAC, CK and IK have the lengths that IMS uses. */
static void set_1_goes_through_the_common_interface(void **state)
{
	struct vectors v = vectors_open("vectors/tuak.txt");
	const struct set *s = &v.set[0];
	struct ims_aka_key key;
	struct ims_aka_out o;
	uint8_t top[32], mac[8];
	struct inputs i;

	(void)state;
	read_inputs(s, &i);
	bytes(s, "top", top);
	assert_int_equal(ims_aka_key_init(&key, IMS_AKA_TUAK, i.k, i.key.k_len),
			 0);
	assert_int_equal(ims_aka_key_res_len(&key, 4), 0);
	assert_int_equal(ims_aka_key_op(&key, top, 32), 0);
	assert_is(s, "topc", key.opc, 32);
	assert_int_equal(ims_aka_f2345(&key, i.rnd, &o), 0);
	assert_is(s, "f2", o.res, o.res_len);
	assert_is(s, "f3", o.ck, 16);
	assert_is(s, "f4", o.ik, 16);
	assert_is(s, "f5", o.ak, 6);
	assert_is(s, "f5star", o.ak_star, 6);
	assert_int_equal(ims_aka_f1(&key, i.rnd, i.in.sqn, i.amf, false, mac),
			 0);
	assert_is(s, "f1", mac, 8);
	assert_int_equal(ims_aka_f1(&key, i.rnd, i.in.sqn, i.amf, true, mac),
			 0);
	assert_is(s, "f1star", mac, 8);
	vectors_close(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topc_comes_from_top),
		cmocka_unit_test(f1_and_f1_star_of_64_128_and_256_bits),
		cmocka_unit_test(f2_to_f5_of_all_lengths),
		cmocka_unit_test(set_1_goes_through_the_common_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
