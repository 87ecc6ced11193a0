/* SPDX-License-Identifier: BSD-2-Clause */
/* test_aka_card.c - the software USIM against the network's side. */
#include "aka_card.h"
#include "base_hex.h"
#include "crypto.h"

#include "test.h"

static const uint8_t amf[2] = {0x80, 0x00};

/* One subscriber at random, on both sides of the air. */
struct pair {
	struct ims_aka_key key; /* the network's */
	struct ims_card card;
	struct ims_aka_vector v;
	struct ims_card_answer a;
	uint8_t rnd[16];
};

static void new_pair(struct pair *p, enum ims_aka_algo algo, struct ims_rand *r)
{
	uint8_t k[32], op[32];
	size_t k_len = algo == IMS_AKA_TUAK && ims_rand_below(r, 2) ? 32 : 16;

	ims_rand_fill(r, k, sizeof k);
	ims_rand_fill(r, op, sizeof op);
	ims_rand_fill(r, p->rnd, sizeof p->rnd);
	assert_int_equal(ims_aka_key_init(&p->key, algo, k, k_len), 0);
	if (algo != IMS_AKA_XOR)
		assert_int_equal(ims_aka_key_op(&p->key, op,
						algo == IMS_AKA_TUAK ? 32 : 16),
				 0);
	ims_card_init(&p->card, &p->key);
}

static enum ims_card_verdict challenge(struct pair *p, uint64_t sqn)
{
	assert_int_equal(ims_aka_vector(&p->key, p->rnd, sqn, amf, &p->v), 0);
	ims_card_challenge(&p->card, p->v.rand, p->v.autn, &p->a);
	return p->a.verdict;
}

static void assert_same_keys(const struct pair *p)
{
	assert_int_equal(p->a.res_len, p->v.xres_len);
	assert_memory_equal(p->a.res, p->v.xres, p->v.xres_len);
	assert_memory_equal(p->a.ck, p->v.ck, 16);
	assert_memory_equal(p->a.ik, p->v.ik, 16);
}

/* Challenge, replay, AUTS, and on from what the card said. */
static void one_life(struct pair *p, struct ims_rand *r)
{
	struct ims_sqn_scheme s = ims_sqn_scheme_default();
	uint64_t sqn = ims_rand_below(r, 1u << 28) * UINT64_C(32);
	uint64_t sqn_ms = 0;

	assert_int_equal(challenge(p, sqn + 32), IMS_CARD_OK);
	assert_same_keys(p);
	p->rnd[15] ^= 1;
	assert_int_equal(challenge(p, sqn), IMS_CARD_RESYNC);
	assert_int_equal(p->a.res_len, 0);
	assert_int_equal(ims_aka_auts_open(&p->key, p->rnd, p->a.auts, &sqn_ms),
			 0);
	assert_int_equal(sqn_ms, sqn + 32);
	assert_int_equal(challenge(p, ims_sqn_next(&s, sqn_ms, 0)),
			 IMS_CARD_OK);
	assert_same_keys(p);
}

static void a_thousand_random_cards_of_each_algorithm_agree(void **state)
{
	uint64_t seed = 2026;
	struct ims_rand r = ims_rand_seeded(&seed);
	struct ims_crypto_aes *aes = ims_crypto_aes_new();

	for (enum ims_aka_algo a = IMS_AKA_MILENAGE; a <= IMS_AKA_XOR; a++) {
		for (int i = 0; i < 1000; i++) {
			struct pair p;

			new_pair(&p, a, &r);
			p.key.aes = i % 2 ? aes : NULL;
			one_life(&p, &r);
		}
	}
	ims_crypto_aes_free(aes);
}

static void a_wrong_mac_gives_nothing_and_leaves_sqn(void **state)
{
	uint64_t seed = 1;
	struct ims_rand r = ims_rand_seeded(&seed);
	const struct ims_card_answer none = {.verdict = IMS_CARD_BAD_MAC};
	struct ims_sqn_window before;
	struct pair p;

	new_pair(&p, IMS_AKA_MILENAGE, &r);
	assert_int_equal(challenge(&p, 3200), IMS_CARD_OK);
	before = p.card.window;
	p.key.k[0] ^= 1;
	assert_int_equal(challenge(&p, 6400), IMS_CARD_BAD_MAC);
	assert_memory_equal(&p.a.res, &none.res, sizeof none.res);
	assert_memory_equal(&p.a.auts, &none.auts, sizeof none.auts);
	assert_memory_equal(&p.card.window, &before, sizeof before);
}

static void the_separation_bit_may_be_either(void **state)
{
	uint64_t seed = 3;
	struct ims_rand r = ims_rand_seeded(&seed);
	const uint8_t clear[2] = {0, 0};
	struct pair p;

	new_pair(&p, IMS_AKA_MILENAGE, &r);
	assert_int_equal(challenge(&p, 32), IMS_CARD_OK);
	ims_aka_vector(&p.key, p.rnd, 64, clear, &p.v);
	ims_card_challenge(&p.card, p.v.rand, p.v.autn, &p.a);
	assert_int_equal(p.a.verdict, IMS_CARD_OK);
}

static void amf_ffff_makes_the_test_usim_resynchronise(void **state)
{
	uint64_t seed = 4, sqn_ms = 0;
	struct ims_rand r = ims_rand_seeded(&seed);
	const uint8_t resync[2] = {0xff, 0xff};
	struct pair p;

	new_pair(&p, IMS_AKA_XOR, &r);
	assert_int_equal(challenge(&p, 32), IMS_CARD_OK);
	ims_aka_vector(&p.key, p.rnd, 64, resync, &p.v);
	ims_card_challenge(&p.card, p.v.rand, p.v.autn, &p.a);
	assert_int_equal(p.a.verdict, IMS_CARD_RESYNC);
	assert_int_equal(ims_aka_auts_open(&p.key, p.rnd, p.a.auts, &sqn_ms),
			 0);
	assert_int_equal(sqn_ms, 32);

	new_pair(&p, IMS_AKA_MILENAGE, &r); /* only the XOR one does so */
	ims_aka_vector(&p.key, p.rnd, 64, resync, &p.v);
	ims_card_challenge(&p.card, p.v.rand, p.v.autn, &p.a);
	assert_int_equal(p.a.verdict, IMS_CARD_OK);
}

static void an_op_in_the_place_of_opc_is_recognised(void **state)
{
	uint64_t seed = 8;
	struct ims_rand r = ims_rand_seeded(&seed);

	for (enum ims_aka_algo a = IMS_AKA_MILENAGE; a <= IMS_AKA_TUAK; a++) {
		size_t n = a == IMS_AKA_TUAK ? 32 : 16;
		uint8_t op[32];
		struct pair p;

		new_pair(&p, a, &r);
		ims_rand_fill(&r, op, sizeof op);
		ims_aka_key_op(&p.key, op, n);
		ims_aka_key_opc(&p.card.key, op, n);
		assert_int_equal(challenge(&p, 32), IMS_CARD_BAD_MAC);
		assert_int_equal(ims_card_why(&p.card, p.v.rand, p.v.autn),
				 -IMS_E_OP_AS_OPC);
		p.card.key.k[3] ^= 1;
		assert_int_equal(ims_card_why(&p.card, p.v.rand, p.v.autn),
				 -IMS_E_AKA_MAC);
	}
}

static void with_xor_a_wrong_mac_is_just_that(void **state)
{
	uint64_t seed = 9;
	struct ims_rand r = ims_rand_seeded(&seed);
	struct pair p;

	new_pair(&p, IMS_AKA_XOR, &r);
	p.key.k[0] ^= 1;
	assert_int_equal(challenge(&p, 32), IMS_CARD_BAD_MAC);
	assert_int_equal(ims_card_why(&p.card, p.v.rand, p.v.autn),
			 -IMS_E_AKA_MAC);
}

static void a_card_with_a_broken_key_fails_and_says_so(void **state)
{
	struct ims_card c = {.key.algo = IMS_AKA_MILENAGE, .key.k_len = 3};
	const uint8_t any[16] = {0};
	struct ims_card_answer a = {.verdict = IMS_CARD_OK};

	ims_card_challenge(&c, any, any, &a);
	assert_int_equal(a.verdict, IMS_CARD_FAILED);
	ims_card_wipe(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_thousand_random_cards_of_each_algorithm_agree),
		cmocka_unit_test(a_wrong_mac_gives_nothing_and_leaves_sqn),
		cmocka_unit_test(the_separation_bit_may_be_either),
		cmocka_unit_test(amf_ffff_makes_the_test_usim_resynchronise),
		cmocka_unit_test(an_op_in_the_place_of_opc_is_recognised),
		cmocka_unit_test(with_xor_a_wrong_mac_is_just_that),
		cmocka_unit_test(a_card_with_a_broken_key_fails_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
