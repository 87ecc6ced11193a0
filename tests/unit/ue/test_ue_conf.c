/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_conf.c - identities from an IMSI, and the defaults. */
#include "ue.h"

#include "test.h"

static void identities_follow_from_the_imsi(void **state)
{
	/* clang-format off */
	static const struct {
		const char *imsi;
		int mnc_len;
		const char *domain;
	} cases[] = {
		{"001010123456789", 0, "ims.mnc001.mcc001.3gppnetwork.org"},
		{"262011234567890", 0, "ims.mnc001.mcc262.3gppnetwork.org"},
		{"310260123456789", 0, "ims.mnc260.mcc310.3gppnetwork.org"},
		{"310260123456789", 2, "ims.mnc026.mcc310.3gppnetwork.org"},
		{"302720123456789", 0, "ims.mnc720.mcc302.3gppnetwork.org"},
		{"334020123456789", 0, "ims.mnc020.mcc334.3gppnetwork.org"},
		{"722310123456789", 0, "ims.mnc310.mcc722.3gppnetwork.org"},
		{"405840123456789", 3, "ims.mnc840.mcc405.3gppnetwork.org"},
		{"001010", 0, "ims.mnc001.mcc001.3gppnetwork.org"},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_ue_conf c = {0};
		char want[IMS_ID_MAX];

		assert_int_equal(ims_ue_conf_imsi(&c, ims_str(cases[i].imsi),
						  cases[i].mnc_len),
				 0);
		assert_string_equal(c.domain, cases[i].domain);
		snprintf(want, sizeof want, "%s@%s", cases[i].imsi,
			 cases[i].domain);
		assert_string_equal(c.impi, want);
		snprintf(want, sizeof want, "sip:%s@%s", cases[i].imsi,
			 cases[i].domain);
		assert_string_equal(c.impu, want);
	}
}

static void what_is_no_imsi_is_refused_and_changes_nothing(void **state)
{
	/* clang-format off */
	static const struct {
		const char *imsi;
		int mnc_len, err;
	} cases[] = {
		{"", 0, -IMS_E_LENGTH},
		{"00101", 0, -IMS_E_LENGTH},
		{"0010101234567890", 0, -IMS_E_LENGTH},
		{"00101012345678a", 0, -IMS_E_SYNTAX},
		{"-01010123456789", 0, -IMS_E_SYNTAX},
		{"001010123456789", 4, -IMS_E_SYNTAX},
		{"001010123456789", 1, -IMS_E_SYNTAX},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_ue_conf c = {.domain = "kept"};

		assert_int_equal(ims_ue_conf_imsi(&c, ims_str(cases[i].imsi),
						  cases[i].mnc_len),
				 cases[i].err);
		assert_string_equal(c.domain, "kept");
	}
}

static void defaults_are_whole_whatever_stood_there(void **state)
{
	struct ims_ue_conf c;

	memset(&c, 0xa5, sizeof c);
	ims_ue_conf_default(&c);
	assert_string_equal(c.impi, "");
	assert_string_equal(c.impu, "");
	assert_string_equal(c.domain, "");
	assert_string_equal(c.realm, "");
	assert_int_equal(c.local.port, 0);
	assert_int_equal(c.pcscf[0].ip.family, 0);
	assert_int_equal(c.port_uc, 0);
	assert_int_equal(c.expires, 600000);
	assert_int_equal(c.offer, IMS_UE_OFFER_FIRST);
	assert_true(c.subscribe);
	assert_int_equal(c.timers.t1_ms, 2000);
	assert_int_equal(c.reg_await_auth_ms, 240000);
	assert_true(c.policy.n_suites > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identities_follow_from_the_imsi),
		cmocka_unit_test(
			what_is_no_imsi_is_refused_and_changes_nothing),
		cmocka_unit_test(defaults_are_whole_whatever_stood_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
