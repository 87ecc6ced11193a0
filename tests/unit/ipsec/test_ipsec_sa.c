/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_sa.c - keys of Annex I, and which SA carries what. */
#include "ipsec_sa.h"

#include "base_err.h"
#include "ipsec_fixture.h"

static void expands_keys_as_annex_i_says(void **state)
{
	/* clang-format off */
	static const struct {
		struct ims_ipsec_suite suite;
		const char *alg, *ealg, *salt;
	} rows[] = {
		{{IMS_ALG_HMAC_MD5, IMS_EALG_NULL},
		 "f769bcd751044604127672711c6d344100000000",
		 "000000000000000000000000000000000000000000000000", "00000000"},
		{{IMS_ALG_HMAC_SHA1, IMS_EALG_NULL},
		 "f769bcd751044604127672711c6d344100000000",
		 "000000000000000000000000000000000000000000000000", "00000000"},
		{{IMS_ALG_HMAC_SHA1, IMS_EALG_AES_CBC},
		 "f769bcd751044604127672711c6d344100000000",
		 "b40ba9a3c58b2a05bbf0d987b21bf8cb0000000000000000", "00000000"},
		{{IMS_ALG_HMAC_MD5, IMS_EALG_DES_EDE3_CBC},
		 "f769bcd751044604127672711c6d344100000000",
		 "b40ba9a3c58b2a05bbf0d987b21bf8cbb40ba9a3c58b2a05", "00000000"},
		{{IMS_ALG_AES_GMAC, IMS_EALG_NULL},
		 "f769bcd751044604127672711c6d344100000000",
		 "000000000000000000000000000000000000000000000000", "dbc2b1c2"},
		{{IMS_ALG_NULL, IMS_EALG_AES_GCM},
		 "0000000000000000000000000000000000000000",
		 "b40ba9a3c58b2a05bbf0d987b21bf8cb0000000000000000", "89273db6"},
	};
	/* clang-format on */
	struct ims_ipsec_keys want, got;

	for (size_t i = 0; i < N_OF(rows); i++) {
		memset(&got, 0xee, sizeof got);
		assert_int_equal(ims_ipsec_expand(rows[i].suite, fix_ck, fix_ik,
						  &got),
				 0);
		ims_hex_get_n(ims_str(rows[i].alg), want.alg, 20);
		ims_hex_get_n(ims_str(rows[i].ealg), want.ealg, 24);
		ims_hex_get_n(ims_str(rows[i].salt), want.salt, 4);
		assert_memory_equal(got.alg, want.alg, 20);
		assert_memory_equal(got.ealg, want.ealg, 24);
		assert_memory_equal(got.salt, want.salt, 4);
	}
}

static void a_senseless_pair_has_no_keys(void **state)
{
	struct ims_ipsec_keys k, was;

	memset(&k, 0x5a, sizeof k);
	was = k;
	assert_int_equal(
		ims_ipsec_expand((struct ims_ipsec_suite){IMS_ALG_NULL,
							  IMS_EALG_NULL},
				 fix_ck, fix_ik, &k),
		-IMS_E_ALGO);
	assert_int_equal(
		ims_ipsec_expand((struct ims_ipsec_suite){IMS_ALG_AES_GMAC,
							  IMS_EALG_AES_CBC},
				 fix_ck, fix_ik, &k),
		-IMS_E_ALGO);
	assert_memory_equal(&k, &was, sizeof k);
}

static void each_side_receives_on_the_spis_it_chose(void **state)
{
	struct ims_ipsec_set ue = {.ue = true}, p = {.ue = false};

	for (unsigned a = 0; a < IMS_N_ARROWS; a++)
		assert_int_equal(ims_ipsec_inbound(&ue, a),
				 !ims_ipsec_inbound(&p, a));
	assert_true(ims_ipsec_inbound(&ue, IMS_PS_TO_UC));
	assert_true(ims_ipsec_inbound(&ue, IMS_PC_TO_US));
	assert_false(ims_ipsec_inbound(&ue, IMS_UC_TO_PS));
}

static void a_flow_names_its_sa_in_both_directions(void **state)
{
	struct ims_ipsec_set s = fix_set(6, ims_ipsec_suites[0], true);
	struct ims_flow f = {.local = s.sa[IMS_UC_TO_PS].src,
			     .remote = s.sa[IMS_UC_TO_PS].dst};

	assert_int_equal(ims_ipsec_arrow(&s, &f, true), IMS_UC_TO_PS);
	assert_int_equal(ims_ipsec_arrow(&s, &f, false), IMS_PS_TO_UC);
	f.local = s.sa[IMS_US_TO_PC].src;
	f.remote = s.sa[IMS_US_TO_PC].dst;
	assert_int_equal(ims_ipsec_arrow(&s, &f, true), IMS_US_TO_PC);
	assert_int_equal(ims_ipsec_arrow(&s, &f, false), IMS_PC_TO_US);
	f.remote.port++;
	assert_int_equal(ims_ipsec_arrow(&s, &f, true), -1);
	f.remote.port--;
	s.ue = false; /* now these addresses are the peer's */
	assert_int_equal(ims_ipsec_arrow(&s, &f, true), -1);
}

static void arrows_and_spis_have_their_names(void **state)
{
	static const char *const want[IMS_N_ARROWS][2] = {{"uc->ps", "spi_ps"},
							  {"ps->uc", "spi_uc"},
							  {"pc->us", "spi_us"},
							  {"us->pc", "spi_pc"}};

	for (unsigned a = 0; a < IMS_N_ARROWS; a++) {
		assert_string_equal(ims_arrow_name(a), want[a][0]);
		assert_string_equal(ims_arrow_spi_name(a), want[a][1]);
	}
}

static void a_wiped_set_is_all_zero(void **state)
{
	struct ims_ipsec_set s = fix_set(4, ims_ipsec_suites[0], true);
	static const uint8_t zero[sizeof s];

	ims_ipsec_set_wipe(&s);
	assert_memory_equal(&s, zero, sizeof s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands_keys_as_annex_i_says),
		cmocka_unit_test(a_senseless_pair_has_no_keys),
		cmocka_unit_test(each_side_receives_on_the_spis_it_chose),
		cmocka_unit_test(a_flow_names_its_sa_in_both_directions),
		cmocka_unit_test(arrows_and_spis_have_their_names),
		cmocka_unit_test(a_wiped_set_is_all_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
