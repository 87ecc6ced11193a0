/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_key.c - vectors, SIM answers and SA sets. */
#include "inject_case.h"

static struct ims_aka_key key;
static const uint8_t rnd[16] = {1, 2, 3};
static const uint8_t amf[2] = {0x80, 0};

static void init(void)
{
	static const uint8_t k[16] = {4, 5, 6};
	static const uint8_t opc[16] = {7, 8, 9};

	assert_int_equal(ims_aka_key_init(&key, IMS_AKA_MILENAGE, k, sizeof k),
			 0);
	assert_int_equal(ims_aka_key_opc(&key, opc, sizeof opc), 0);
}

static void cx(const char *id, struct ims_cx_ans *ans)
{
	struct ims_cx_req req = {.kind = IMS_CX_MAR};
	struct ims_inject *j = armed(false, id);

	init();
	memset(ans, 0, sizeof *ans);
	assert_int_equal(ims_aka_vector(&key, rnd, 99 << 5, amf, &ans->vector),
			 0);
	ims_inject_cx(j, &req, &key, ans, 0);
	assert_int_equal(ims_inject_fired(j), 1);
	ims_inject_free(j);
}

static void a_mac_is_made_wrong(void **state)
{
	struct ims_aka_autn seen;
	struct ims_cx_ans ans;

	cx("bad-mac", &ans);
	assert_int_equal(ims_aka_autn(&key, rnd, ans.vector.autn, &seen), 0);
	assert_false(seen.mac_ok);
}

static void an_old_sqn_has_a_good_mac(void **state)
{
	struct ims_aka_autn seen;
	struct ims_card_answer a;
	struct ims_card card;
	struct ims_cx_ans ans;

	cx("sqn-out-of-range", &ans);
	assert_int_equal(ims_aka_autn(&key, rnd, ans.vector.autn, &seen), 0);
	assert_true(seen.mac_ok);
	assert_int_equal(seen.sqn, 0);
	/* even for a card that has seen nothing */
	ims_card_init(&card, &key);
	ims_card_challenge(&card, rnd, ans.vector.autn, &a);
	assert_int_equal(a.verdict, IMS_CARD_RESYNC);
	ims_card_wipe(&card);
}

static void without_a_key_it_is_not_done(void **state)
{
	struct ims_inject *j = armed(false, "sqn-out-of-range");
	struct ims_cx_req req = {.kind = IMS_CX_MAR};
	struct ims_cx_ans ans = {0};

	ims_inject_cx(j, &req, NULL, &ans, 0);
	assert_int_equal(ims_inject_fired(j), 0);
	ims_inject_free(j);
}

static void only_vectors_are_opportunities(void **state)
{
	struct ims_inject *j = armed(false, "hss-fails");
	struct ims_cx_req req = {.kind = IMS_CX_SAR};
	struct ims_cx_ans ans = {0};

	ims_inject_cx(j, &req, NULL, &ans, 0);
	assert_int_equal(ans.err, 0);
	req.kind = IMS_CX_MAR;
	ims_inject_cx(j, &req, NULL, &ans, 0);
	assert_int_equal(ans.err, -IMS_E_STORE);
	ims_inject_free(j);
}

static void sim(const char *id, struct ims_card_answer *a)
{
	struct ims_inject *j = armed(true, id);
	struct ims_card card;

	init();
	ims_card_init(&card, &key);
	assert_true(ims_sqn_accept(&card.window, 77 << 5));
	memset(a, 7, sizeof *a);
	a->verdict = IMS_CARD_OK;
	ims_inject_sim(j, &card, rnd, a, 0);
	assert_int_equal(ims_inject_fired(j), 1);
	ims_card_wipe(&card);
	ims_inject_free(j);
}

static void a_sim_that_refuses_without_reason(void **state)
{
	struct ims_card_answer a;
	uint64_t sqn;

	sim("mac-failure", &a);
	assert_int_equal(a.verdict, IMS_CARD_BAD_MAC);
	assert_int_equal(a.res_len, 0); /* no secret is left in it */
	sim("sqn-failure", &a);
	assert_int_equal(a.verdict, IMS_CARD_RESYNC);
	assert_int_equal(ims_aka_auts_open(&key, rnd, a.auts, &sqn), 0);
	assert_int_equal(sqn, 77 << 5);
	sim("auts-forged", &a);
	assert_int_equal(a.verdict, IMS_CARD_RESYNC);
	assert_int_equal(ims_aka_auts_open(&key, rnd, a.auts, &sqn),
			 -IMS_E_AKA_AUTS);
}

static void a_set_is_refused_spoilt_or_lost(void **state)
{
	struct ims_ipsec_set set = {.id = 5}, was = set;
	struct ims_inject *j = armed(false, "sa-refused");
	struct ims_inject_mail mail;

	assert_int_equal(ims_inject_sa(j, &set, 0), -IMS_E_IPSEC);
	assert_int_equal(ims_inject_sa(j, &set, 0), 0);
	ims_inject_free(j);
	j = armed(false, "sa-wrong-keys");
	assert_int_equal(ims_inject_sa(j, &set, 0), 0);
	assert_memory_not_equal(&set.keys, &was.keys, sizeof set.keys);
	assert_memory_equal(set.sa, was.sa, sizeof set.sa);
	ims_inject_free(j);
	j = armed(false, "sa-lost");
	assert_int_equal(ims_inject_sa(j, &set, 1000), 0);
	told(j, 1000, "sa-lost");
	assert_int_equal(ims_inject_due(j), 11000);
	assert_true(ims_inject_next(j, 11000, &mail));
	assert_int_equal(mail.at, IMS_INJECT_SA);
	assert_int_equal(mail.set, 5);
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mac_is_made_wrong),
		cmocka_unit_test(an_old_sqn_has_a_good_mac),
		cmocka_unit_test(without_a_key_it_is_not_done),
		cmocka_unit_test(only_vectors_are_opportunities),
		cmocka_unit_test(a_sim_that_refuses_without_reason),
		cmocka_unit_test(a_set_is_refused_spoilt_or_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
