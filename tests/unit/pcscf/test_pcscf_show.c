/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_show.c - who is there. */
#include "pcscf_test.h"

static size_t n_seen;

static void look(void *arg, const struct ims_pcscf_info *i)
{
	struct ims_pcscf_info *out = arg;

	n_seen++;
	*out = *i;
}

static void tells_of_a_registered_ue_and_its_set(void **state)
{
	struct ims_pcscf_info i;

	n_seen = 0;
	go_registered(IMS_UDP);
	pass(10 * 1000);
	ims_pcscf_each(p, now, look, &i);
	assert_int_equal(n_seen, 1);
	assert_true(i.registered);
	assert_false(i.clear);
	assert_non_null(strstr(i.impi, "001010123456789@"));
	assert_non_null(strstr(i.impus, IMPU));
	assert_int_equal(i.expires_s, 590);
	assert_int_equal(i.n_sets, 1);
	assert_string_equal(i.set[0].life, "in-use");
	assert_int_equal(i.set[0].ends_s, 620);
	assert_int_equal(i.set[0].id, last_added()->id);
	assert_int_equal(i.set[0].sa[IMS_UC_TO_PS].spi,
			 last_added()->sa[IMS_UC_TO_PS].spi);
}

static void tells_of_one_that_is_challenged(void **state)
{
	struct ims_pcscf_info i;

	n_seen = 0;
	ims_pcscf_each(p, now, look, &i);
	assert_int_equal(n_seen, 0);
	go_challenged(IMS_UDP);
	ims_pcscf_each(p, now, look, &i);
	assert_int_equal(n_seen, 1);
	assert_false(i.registered);
	assert_int_equal(i.expires_s, 0);
	assert_null(i.impus);
	assert_string_equal(i.set[0].life, "pending");
	assert_int_equal(i.set[0].ends_s, 240);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tells_of_a_registered_ue_and_its_set),
		T(tells_of_one_that_is_challenged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
