/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_doubt.c - SPIs of a living set are offered again, and the back-end
 * (a kernel) cannot hold both.
 */
#include "pcscf_test.h"

static struct ims_ipsec_set mine;

/* REGISTER 1 in the UE's name with the ports and SPIs that it has. */
static unsigned again(void)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];
	size_t n = n_gm;

	sa_err = n_deleted ? 0 : -IMS_E_SPI_TAKEN;
	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	for (; n < n_gm; n++)
		if (!gm[n].m.request)
			return gm[n].m.status;
	return 0;
}

static void both_live_where_the_back_end_can_hold_both(void **state)
{
	go_registered(IMS_UDP);
	go_challenged(IMS_UDP);
	assert_int_equal(ims_pcscf_sets(p), 2);
	assert_int_equal(n_deleted, 0);
}

static void else_the_newcomer_is_told_to_come_again(void **state)
{
	mine = *go_registered(IMS_UDP);
	assert_int_equal(again(), 503);
	assert_told(-IMS_E_SPI_TAKEN);
	assert_int_equal(n_deleted, 0);
	assert_int_equal(ims_pcscf_sets(p), 1);
	assert_int_equal(last_gm()->m.status, 503);
}

/* The one behind the set is asked over it, and his answer keeps it. */
static void who_answers_inside_the_set_keeps_it(void **state)
{
	struct ims_flow f;
	struct seen *asked = NULL;

	mine = *go_registered(IMS_UDP);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(again(), 503);
		for (size_t k = 0; k < n_gm; k++)
			if (gm[k].m.method == IMS_SIP_OPTIONS &&
			    gm[k].m.request)
				asked = &gm[k];
		assert_non_null(asked);
		assert_int_equal(asked->flow.set, mine.id);
		f = inside(&mine, IMS_UDP);
		ue_answers(&f, asked, 405, "");
		pass(10 * 1000);
	}
	assert_int_equal(n_deleted, 0);
}

static void who_is_silent_is_replaced_when_the_newcomer_is_back(void **state)
{
	mine = *go_registered(IMS_UDP);
	assert_int_equal(again(), 503);
	pass(1000);
	assert_int_equal(again(), 503); /* too soon */
	assert_int_equal(n_deleted, 0);
	pass(9 * 1000);
	(void)again();
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], mine.id);
	sa_err = 0;
	go_registered(IMS_UDP);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* A back-end may refuse for another's sake: that is no doubt about ours. */
static void other_spis_cast_no_doubt(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000], line[400];

	mine = *go_registered(IMS_UDP);
	for (int i = 0; i < 3; i++) {
		sa_err = -IMS_E_SPI_TAKEN;
		register1(msg);
		snprintf(line, sizeof line, SEC_LINE, 7000, 7001, 38003, 39003);
		set_line(msg, "Security-Client", line);
		feed(&f, msg);
		core_answers(last_mw(), 401, CHALLENGE);
		assert_int_equal(last_gm()->m.status, 503);
		pass(20 * 1000);
	}
	assert_int_equal(n_deleted, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_live_where_the_back_end_can_hold_both),
		T(else_the_newcomer_is_told_to_come_again),
		T(who_answers_inside_the_set_keeps_it),
		T(who_is_silent_is_replaced_when_the_newcomer_is_back),
		T(other_spis_cast_no_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
