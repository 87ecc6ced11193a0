/* SPDX-License-Identifier: BSD-2-Clause */
/* test_hss.c - vectors, resynchronisation, and who may have them. */
#include "test.h"

#include "aka_card.h"
#include "base_hex.h"
#include "hss.h"

#define WALL UINT64_C(1790000000000)

static const char *const k_hex = "00112233445566778899aabbccddeeff";

static struct fixture {
	struct ims_hss h;
	uint64_t seed;
} fix;

static void hex(const char *text, uint8_t *out, size_t n)
{
	assert_int_equal(ims_hex_get_n(ims_str(text), out, n), 0);
}

static void fill_sub(struct ims_sub *s, enum ims_aka_algo algo)
{
	uint8_t k[16], opc[16];

	*s = (struct ims_sub){.amf = {0x80, 0x00}, .n_impus = 2};
	hex(k_hex, k, sizeof(k));
	hex("cdc202d5123e20f62b6d676ac72cb318", opc, sizeof(opc));
	assert_int_equal(ims_aka_key_init(&s->key, algo, k, sizeof(k)), 0);
	if (algo != IMS_AKA_XOR)
		assert_int_equal(ims_aka_key_opc(&s->key, opc, 16), 0);
	strcpy(s->imsi, "001010123456789");
	strcpy(s->impi, "001010123456789@ims.example.org");
	strcpy(s->impu[0].uri, "sip:001010123456789@ims.example.org");
	s->impu[0].barred = true;
	strcpy(s->impu[1].uri, "tel:+15550100");
}

static int setup(void **state)
{
	fix = (struct fixture){.seed = 7};
	fix.h.store = ims_hss_mem_new();
	assert_non_null(fix.h.store);
	fix.h.scheme = ims_sqn_scheme_default();
	fix.h.rnd = ims_rand_seeded(&fix.seed);
	return 0;
}

static int teardown(void **state)
{
	fix.h.store->ops->free(fix.h.store);
	return 0;
}

static void add(enum ims_aka_algo algo)
{
	struct ims_sub s;

	fill_sub(&s, algo);
	assert_int_equal(fix.h.store->ops->add(fix.h.store, &s), 0);
}

static struct ims_cx_req request(enum ims_cx_kind kind)
{
	struct ims_cx_req r = {.kind = kind, .ref = 42};

	strcpy(r.impi, "001010123456789@ims.example.org");
	strcpy(r.impu, "sip:001010123456789@ims.example.org");
	return r;
}

static struct ims_cx_ans ask(const struct ims_cx_req *r)
{
	struct ims_cx_ans a;

	ims_hss_answer(&fix.h, r, WALL, &a);
	assert_int_equal(a.ref, r->ref);
	return a;
}

static uint64_t stored_sqn(void)
{
	struct ims_sub s;

	assert_int_equal(fix.h.store->ops->get_imsi(fix.h.store,
						    IMS_S("001010123456789"),
						    &s),
			 0);
	return s.sqn;
}

static void the_card_accepts_what_the_hss_makes(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	struct ims_card_answer answer;
	struct ims_card card;
	struct ims_cx_ans a;
	struct ims_sub s;

	add(IMS_AKA_MILENAGE);
	fill_sub(&s, IMS_AKA_MILENAGE);
	ims_card_init(&card, &s.key);
	for (int i = 0; i < 3; i++) {
		a = ask(&r);
		assert_int_equal(a.err, 0);
		ims_card_challenge(&card, a.vector.rand, a.vector.autn,
				   &answer);
		assert_int_equal(answer.verdict, IMS_CARD_OK);
		assert_int_equal(answer.res_len, a.vector.xres_len);
		assert_memory_equal(answer.res, a.vector.xres, answer.res_len);
		assert_memory_equal(answer.ck, a.vector.ck, 16);
		assert_memory_equal(answer.ik, a.vector.ik, 16);
	}
}

static void the_sqn_of_each_vector_is_stored_and_rises(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	uint64_t last = 0;
	struct ims_aka_autn autn;
	struct ims_cx_ans a;
	struct ims_sub s;

	add(IMS_AKA_MILENAGE);
	fill_sub(&s, IMS_AKA_MILENAGE);
	for (int i = 0; i < 5; i++) {
		a = ask(&r);
		assert_int_equal(ims_aka_autn(&s.key, a.vector.rand,
					      a.vector.autn, &autn),
				 0);
		assert_true(autn.mac_ok);
		assert_true(autn.sqn > last);
		assert_true(autn.sqn == stored_sqn());
		last = autn.sqn;
	}
}

/* A store that will not write: the answer must hold no vector. */
static int refuse_sqn(struct ims_hss_store *s, struct ims_str impi,
		      uint64_t sqn)
{
	return -IMS_E_STORE;
}

static void no_vector_leaves_if_its_sqn_cannot_be_stored(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	const struct ims_hss_store_ops *good = fix.h.store->ops;
	struct ims_hss_store_ops bad = *good;
	static const struct ims_aka_vector none;
	struct ims_cx_ans a;

	add(IMS_AKA_MILENAGE);
	bad.set_sqn = refuse_sqn;
	fix.h.store->ops = &bad;
	a = ask(&r);
	fix.h.store->ops = good;
	assert_int_equal(a.err, -IMS_E_STORE);
	assert_memory_equal(&a.vector, &none, sizeof(none));
}

static void the_seed_challenge_comes_out_as_it_was(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	uint8_t want[16];
	struct ims_cx_ans a;
	struct ims_sub s;

	fill_sub(&s, IMS_AKA_XOR);
	s.fixed_sqn = true;
	assert_int_equal(fix.h.store->ops->add(fix.h.store, &s), 0);
	fix.h.has_rand = true;
	hex("dbaa213f3818cb2dd51556b85675e12a", fix.h.rand, 16);
	a = ask(&r);
	assert_int_equal(a.err, 0);
	assert_memory_equal(a.vector.rand, fix.h.rand, 16);
	hex("0c7c4dad5a5d8000dbbb030c7c4d2d5a", want, 16);
	assert_memory_equal(a.vector.autn, want, 16);
	hex("dbbb030c7c4dad5a5d8cfc039aa80fd5", want, 16);
	assert_memory_equal(a.vector.xres, want, 16);
	a = ask(&r); /* that RAND was good once */
	assert_memory_not_equal(a.vector.rand, fix.h.rand, 16);
	assert_true(stored_sqn() == 0);
}

static void fixed_sqn_is_for_the_test_algorithm_only(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	struct ims_sub s;

	fill_sub(&s, IMS_AKA_MILENAGE);
	s.fixed_sqn = true;
	assert_int_equal(fix.h.store->ops->add(fix.h.store, &s), 0);
	assert_int_equal(ask(&r).err, 0);
	assert_true(stored_sqn() != 0);
}

static void a_genuine_auts_moves_the_sqn_past_the_card(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	const uint64_t ms = UINT64_C(0x700000000020);
	struct ims_card_answer answer;
	struct ims_card card;
	struct ims_cx_ans a;
	struct ims_sub s;

	add(IMS_AKA_MILENAGE);
	fill_sub(&s, IMS_AKA_MILENAGE);
	ims_card_init(&card, &s.key);
	card.window.seq[1] = ms >> 5;
	a = ask(&r);
	ims_card_challenge(&card, a.vector.rand, a.vector.autn, &answer);
	assert_int_equal(answer.verdict, IMS_CARD_RESYNC);
	r.resync = true;
	memcpy(r.rand, a.vector.rand, 16);
	memcpy(r.auts, answer.auts, 14);
	a = ask(&r);
	assert_int_equal(a.err, 0);
	ims_card_challenge(&card, a.vector.rand, a.vector.autn, &answer);
	assert_int_equal(answer.verdict, IMS_CARD_OK);
	assert_true(stored_sqn() > ms);
}

static void a_forged_auts_moves_nothing(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	uint8_t auts[14];
	struct ims_cx_ans a;
	struct ims_sub s;
	uint64_t before;

	add(IMS_AKA_MILENAGE);
	fill_sub(&s, IMS_AKA_MILENAGE);
	a = ask(&r);
	before = stored_sqn();
	r.resync = true;
	memcpy(r.rand, a.vector.rand, 16);
	assert_int_equal(ims_aka_auts_build(&s.key, r.rand, 0xffff00, auts), 0);
	for (size_t i = 0; i < sizeof(auts); i++) {
		memcpy(r.auts, auts, sizeof(auts));
		r.auts[i] ^= 1;
		a = ask(&r);
		assert_int_equal(a.err, -IMS_E_AKA_AUTS);
		assert_true(stored_sqn() == before);
	}
	memcpy(r.auts, auts, sizeof(auts));
	r.rand[0] ^= 1; /* genuine, but of another RAND */
	assert_int_equal(ask(&r).err, -IMS_E_AKA_AUTS);
	assert_true(stored_sqn() == before);
}

static void only_the_pair_of_impi_and_impu_that_belongs_is_served(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	struct ims_cx_ans a;

	add(IMS_AKA_MILENAGE);
	strcpy(r.impu, "sip:victim@ims.example.org");
	a = ask(&r);
	assert_int_equal(a.err, -IMS_E_NOT_MINE);
	assert_int_equal(a.n_impus, 0);
	assert_true(stored_sqn() == 0);
	strcpy(r.impu, "");
	assert_int_equal(ask(&r).err, -IMS_E_NOT_MINE);
	strcpy(r.impu, "tel:+1-555-0100");
	assert_int_equal(ask(&r).err, 0);
	strcpy(r.impi, "' OR 1=1 --");
	assert_int_equal(ask(&r).err, -IMS_E_UNKNOWN_USER);
}

static void a_barred_user_gets_no_vector_but_can_leave(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	struct ims_sub s;

	fill_sub(&s, IMS_AKA_MILENAGE);
	s.barred = true;
	assert_int_equal(fix.h.store->ops->add(fix.h.store, &s), 0);
	assert_int_equal(ask(&r).err, -IMS_E_REFUSED);
	r.kind = IMS_CX_SAR;
	assert_int_equal(ask(&r).err, -IMS_E_REFUSED);
	r.assign = IMS_CX_TIMEOUT;
	assert_int_equal(ask(&r).err, 0);
}

/* There is no identity left that he could use. */
static void who_has_only_barred_identities_gets_no_vector(void **state)
{
	struct ims_cx_req r = request(IMS_CX_MAR);
	struct ims_sub s;

	fill_sub(&s, IMS_AKA_MILENAGE);
	for (size_t i = 0; i < s.n_impus; i++)
		s.impu[i].barred = true;
	assert_int_equal(fix.h.store->ops->add(fix.h.store, &s), 0);
	assert_int_equal(ask(&r).err, -IMS_E_REFUSED);
	r.kind = IMS_CX_SAR;
	assert_int_equal(ask(&r).err, -IMS_E_REFUSED);
	r.assign = IMS_CX_DEREGISTERED;
	assert_int_equal(ask(&r).err, 0);
}

static void the_set_is_answered_in_order_with_its_bars(void **state)
{
	struct ims_cx_req r = request(IMS_CX_SAR);
	struct ims_cx_ans a;

	add(IMS_AKA_MILENAGE);
	a = ask(&r);
	assert_int_equal(a.err, 0);
	assert_int_equal(a.n_impus, 2);
	assert_string_equal(a.impu[0].uri,
			    "sip:001010123456789@ims.example.org");
	assert_true(a.impu[0].barred);
	assert_string_equal(a.impu[1].uri, "tel:+15550100");
	assert_false(a.impu[1].barred);
	assert_true(stored_sqn() == 0); /* a SAR takes no vector */
}

static void each_implicit_set_is_answered_alone(void **state)
{
	struct ims_cx_req r = request(IMS_CX_SAR);
	struct ims_sub sub;
	struct ims_cx_ans a;

	fill_sub(&sub, IMS_AKA_MILENAGE);
	strcpy(sub.impu[2].uri, "sip:own@example.org");
	sub.impu[2].set = 1;
	sub.n_impus = 3;
	assert_int_equal(fix.h.store->ops->add(fix.h.store, &sub), 0);
	a = ask(&r);
	assert_int_equal(a.n_impus, 2);
	assert_string_equal(a.impu[1].uri, "tel:+15550100");
	strcpy(r.impu, "sip:own@example.org");
	a = ask(&r);
	assert_int_equal(a.err, 0);
	assert_int_equal(a.n_impus, 1);
	assert_string_equal(a.impu[0].uri, "sip:own@example.org");
	assert_int_equal(a.impu[0].set, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		T(the_card_accepts_what_the_hss_makes),
		T(the_sqn_of_each_vector_is_stored_and_rises),
		T(no_vector_leaves_if_its_sqn_cannot_be_stored),
		T(the_seed_challenge_comes_out_as_it_was),
		T(fixed_sqn_is_for_the_test_algorithm_only),
		T(a_genuine_auts_moves_the_sqn_past_the_card),
		T(a_forged_auts_moves_nothing),
		T(only_the_pair_of_impi_and_impu_that_belongs_is_served),
		T(a_barred_user_gets_no_vector_but_can_leave),
		T(who_has_only_barred_identities_gets_no_vector),
		T(the_set_is_answered_in_order_with_its_bars),
		T(each_implicit_set_is_answered_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
