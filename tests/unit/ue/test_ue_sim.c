/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_sim.c - ue_msg.c again: challenges that the SIM refuses. */
#include "ue_script.h"

static void a_wrong_mac_is_answered_twice_and_then_told(void **state)
{
	struct script s;
	char nonce[64];
	uint32_t spi = 0;

	script_new(&s, NULL);
	script_start(&s);
	script_nonce(&s, 33, nonce);
	nonce[40] = nonce[40] == 'A' ? 'B' : 'A';
	for (int i = 0; i < 2; i++) {
		spi = s.ue->offer.spi_c;
		script_challenge(&s, nonce, SEED_SERVER);
		script_state(&s, "trying");
		assert_non_null(strstr(s.last.text, "response=\"\""));
		assert_null(strstr(s.last.text, "auts="));
		assert_int_not_equal(s.ue->offer.spi_c, spi);
		assert_int_equal(s.ue->offer.port_s, 39003);
		assert_int_equal(s.adds, 0);
	}
	script_challenge(&s, nonce, SEED_SERVER);
	script_state(&s, "idle");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_AKA_MAC,
				 "invalid challenges in a row"));
	script_free(&s);
}

static void a_good_challenge_between_begins_the_count_anew(void **state)
{
	struct script s;
	char bad[64];

	script_new(&s, NULL);
	script_start(&s);
	script_nonce(&s, 33, bad);
	bad[40] = bad[40] == 'A' ? 'B' : 'A';
	script_challenge(&s, bad, SEED_SERVER);
	script_challenge(&s, bad, SEED_SERVER);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_state(&s, "proving");
	script_challenge(&s, bad, SEED_SERVER);
	script_state(&s, "trying");
	assert_int_equal(s.ue->temp.id, 0);
	assert_int_equal(s.last.flow.set, 0);
	script_free(&s);
}

static void a_refusal_after_a_wrong_mac_names_the_mac(void **state)
{
	struct script s;
	char nonce[64];

	script_new(&s, NULL);
	script_start(&s);
	script_nonce(&s, 33, nonce);
	nonce[40] = nonce[40] == 'A' ? 'B' : 'A';
	script_challenge(&s, nonce, SEED_SERVER);
	script_reply(&s, 403, "");
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_AKA_MAC, "403"));
	script_free(&s);
}

static void the_runs_reason_for_a_wrong_mac_is_told(void **state)
{
	static const struct ims_card_answer bad = {.verdict = IMS_CARD_BAD_MAC};
	struct script s;

	script_new(&s, NULL);
	script_start(&s);
	s.hold_sim = true;
	for (int i = 0; i < 3; i++) {
		script_challenge(&s, SEED_NONCE, SEED_SERVER);
		script_on(&s, &(struct ims_ev){.kind = IMS_EV_SIM,
					       .answer = &bad,
					       .err = -IMS_E_OP_AS_OPC});
	}
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_OP_AS_OPC, ""));
	script_free(&s);
}

static void an_old_sqn_is_answered_with_auts_and_then_all_is_well(void **state)
{
	struct script s;
	char nonce[64];
	struct ims_sip_msg m;
	struct ims_sip_auth a;
	uint8_t auts[14], rnd[16], autn[16];
	uint64_t sqn;

	script_new(&s, NULL);
	script_start(&s);
	s.card.window.seq[1] = 100;
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SEED_SERVER);
	script_state(&s, "trying");
	m = script_parse(&s.last);
	assert_int_equal(ims_sip_auth_get(&m, IMS_SIP_AUTHORIZATION, &a), 0);
	assert_str(a.nonce, nonce);
	assert_str(a.opaque, "4669");
	assert_int_equal(ims_digest_auts_open(a.auts, auts), 0);
	ims_digest_nonce_open(a.nonce, rnd, autn);
	assert_int_equal(ims_aka_auts_open(&s.card.key, rnd, auts, &sqn), 0);
	assert_int_equal(sqn >> 5, 100);
	assert_int_equal(s.last.flow.set, 0);
	script_nonce(&s, (101 << 5) + 1, nonce);
	script_challenge(&s, nonce, SEED_SERVER);
	script_state(&s, "proving");
	script_ok(&s, 3600, "");
	script_state(&s, "registered");
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_mac_is_answered_twice_and_then_told),
		cmocka_unit_test(
			a_good_challenge_between_begins_the_count_anew),
		cmocka_unit_test(a_refusal_after_a_wrong_mac_names_the_mac),
		cmocka_unit_test(the_runs_reason_for_a_wrong_mac_is_told),
		cmocka_unit_test(
			an_old_sqn_is_answered_with_auts_and_then_all_is_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
