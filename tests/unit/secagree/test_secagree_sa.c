/* SPDX-License-Identifier: BSD-2-Clause */
/* test_secagree_sa.c - the four SAs of the seed. */
#include "secagree_fixture.h"

static struct ims_secagree seed(void)
{
	struct ims_secagree a = {
		.ue = {{0}, 38003, 39003, 565817, 565818},
		.pcscf = {{0}, 50717, 50718, 3458785863, 2821032177},
		.suite = {IMS_ALG_HMAC_MD5, IMS_EALG_NULL}};

	ims_ip_parse(IMS_S("2001:0:0:2::1"), &a.ue.ip);
	ims_ip_parse(IMS_S("2001:0:0:1::2"), &a.pcscf.ip);
	return a;
}

static void each_sa_carries_the_spi_of_its_receiver(void **state)
{
	static const struct {
		uint16_t from, to;
		uint32_t spi;
		bool up;
	} want[IMS_N_ARROWS] = {
		[IMS_UC_TO_PS] = {38003, 50718, 2821032177, true},
		[IMS_PS_TO_UC] = {50718, 38003, 565817, false},
		[IMS_PC_TO_US] = {50717, 39003, 565818, false},
		[IMS_US_TO_PC] = {39003, 50717, 3458785863, true},
	};
	struct ims_secagree a = seed();
	uint8_t ck[16] = {1}, ik[16] = {2};
	struct ims_ipsec_set set;

	for (int ue = 0; ue < 2; ue++) {
		assert_int_equal(ims_secagree_derive(&a, ue, ck, ik, &set), 0);
		for (int i = 0; i < IMS_N_ARROWS; i++) {
			struct ims_ip from = want[i].up ? a.ue.ip : a.pcscf.ip;
			struct ims_ip to = want[i].up ? a.pcscf.ip : a.ue.ip;

			assert_int_equal(set.sa[i].src.port, want[i].from);
			assert_int_equal(set.sa[i].dst.port, want[i].to);
			assert_int_equal(set.sa[i].spi, want[i].spi);
			assert_true(ims_ip_eq(set.sa[i].src.ip, from));
			assert_true(ims_ip_eq(set.sa[i].dst.ip, to));
		}
		assert_int_equal(set.ue, ue);
		assert_int_equal(set.id, 0);
		assert_int_equal(set.life_s, 0);
		assert_memory_equal(set.keys.alg, ik, 16);
		ims_ipsec_set_wipe(&set);
	}
}

static void a_senseless_pair_derives_nothing(void **state)
{
	struct ims_secagree a = seed();
	uint8_t ck[16] = {1}, ik[16] = {2};
	struct ims_ipsec_set set = {.id = 9};

	a.suite.alg = IMS_ALG_NULL;
	assert_int_equal(ims_secagree_derive(&a, true, ck, ik, &set),
			 -IMS_E_ALGO);
	assert_int_equal(set.id, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sa_carries_the_spi_of_its_receiver),
		cmocka_unit_test(a_senseless_pair_derives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
