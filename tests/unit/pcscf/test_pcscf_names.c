/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_names.c - identities that come and go with a REGISTER each. */
#include "pcscf_priv.h"
#include "test.h"

static struct ims_pcscf p;

static void put(struct ims_pcscf_ue *ue, const char *to, const char *impus,
		uint64_t end)
{
	ims_pcscf_names_put(&p, ue, ims_str(to), impus, end);
	ue->registered = true;
	ue->expires_at = ims_pcscf_names_end(ue);
}

static void drop(struct ims_pcscf_ue *ue, const char *to)
{
	ims_pcscf_names_drop(&p, ue, ims_str(to));
}

static void forget(struct ims_pcscf_ue *ue)
{
	ims_pcscf_names_clear(ue);
	free(ue->impus);
	*ue = (struct ims_pcscf_ue){0};
}

static void each_has_its_own_and_its_place(void **state)
{
	struct ims_pcscf_ue ue = {0};

	p.now_ms = 1000;
	put(&ue, "sip:a@x", "<sip:a@x>, <tel:+1>", 5000);
	put(&ue, "sip:b@x", "<sip:b@x>", 9000);
	assert_string_equal(ue.impus, "<sip:a@x>, <tel:+1>, <sip:b@x>");
	assert_int_equal(ims_pcscf_names_end(&ue), 9000);
	/* renewed: the default stays the default, and what is no more is gone */
	put(&ue, "sip:a@X", "<sip:a@x>", 7000);
	assert_string_equal(ue.impus, "<sip:a@x>, <sip:b@x>");
	drop(&ue, "sip:b@x");
	assert_string_equal(ue.impus, "<sip:a@x>");
	assert_int_equal(ims_pcscf_names_end(&ue), 7000);
	drop(&ue, "sip:a@x");
	assert_int_equal(ims_pcscf_names_end(&ue), 0);
	forget(&ue);
}

static void what_is_over_goes_with_the_next_change(void **state)
{
	struct ims_pcscf_ue ue = {0};

	p.now_ms = 1000;
	put(&ue, "sip:a@x", "<sip:a@x>", 5000);
	put(&ue, "sip:b@x", "<sip:b@x>", 2000);
	p.now_ms = 3000;
	put(&ue, "sip:c@x", "<sip:c@x>", 6000);
	assert_string_equal(ue.impus, "<sip:a@x>, <sip:c@x>");
	forget(&ue);
}

/* A record knows them all, but not which came together. */
static void after_a_restart_they_are_told_apart_again(void **state)
{
	struct ims_pcscf_ue ue = {.registered = true, .expires_at = 9000};

	p.now_ms = 1000;
	ims_pcscf_text(&ue.impus, IMS_S("<sip:a@x>, <tel:+1>, <sip:b@x>"));
	put(&ue, "sip:a@x", "<sip:a@x>, <tel:+1>", 8000);
	assert_string_equal(ue.impus, "<sip:a@x>, <tel:+1>, <sip:b@x>");
	assert_int_equal(ims_pcscf_names_end(&ue), 9000);
	drop(&ue, "sip:b@x");
	assert_string_equal(ue.impus, "<sip:a@x>, <tel:+1>");
	assert_int_equal(ims_pcscf_names_end(&ue), 8000);
	forget(&ue);
	ue = (struct ims_pcscf_ue){.registered = true, .expires_at = 9000};
	ims_pcscf_text(&ue.impus, IMS_S("<sip:a@x>, <sip:b@x>"));
	drop(&ue, "sip:b@x");
	assert_string_equal(ue.impus, "<sip:a@x>");
	assert_int_equal(ims_pcscf_names_end(&ue), 9000);
	drop(&ue, "sip:a@x");
	assert_int_equal(ims_pcscf_names_end(&ue), 0);
	forget(&ue);
}

/* The one in To may be barred: then it is not among those of its 200, and who
 * leaves by a name that is not known leaves with all.
 */
static void a_barred_one_is_known_by_its_register(void **state)
{
	struct ims_pcscf_ue ue = {0};

	p.now_ms = 1000;
	put(&ue, "sip:barred@x", "<sip:a@x>", 5000);
	put(&ue, "sip:b@x", "<sip:b@x>", 5000);
	drop(&ue, "sip:barred@x");
	assert_string_equal(ue.impus, "<sip:b@x>");
	drop(&ue, "sip:nobody@x");
	assert_int_equal(ims_pcscf_names_end(&ue), 0);
	forget(&ue);
}

static void more_than_there_is_room_for(void **state)
{
	struct ims_pcscf_ue ue = {0};
	char to[32], impus[40];

	p.now_ms = 1000;
	for (int i = 0; i < 3 * IMS_IMPU_MAX; i++) {
		snprintf(to, sizeof to, "sip:%d@x", i);
		snprintf(impus, sizeof impus, "<%s>", to);
		put(&ue, to, impus, 5000);
		assert_non_null(strstr(ue.impus, impus));
		assert_non_null(strstr(ue.impus, "<sip:0@x>"));
	}
	assert_int_equal(ue.n_names, IMS_IMPU_MAX);
	forget(&ue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_own_and_its_place),
		cmocka_unit_test(what_is_over_goes_with_the_next_change),
		cmocka_unit_test(after_a_restart_they_are_told_apart_again),
		cmocka_unit_test(a_barred_one_is_known_by_its_register),
		cmocka_unit_test(more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
