/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_doubt.c - SPIs of a living set are offered again, and the back-end
 * (a kernel) cannot hold both; or living sets hold every port_pc.
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

/* REGISTER 1 when the set in use and its successor may hold both port_pc. */
static unsigned anew(void)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];
	size_t n = n_gm;

	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	for (; n < n_gm; n++)
		if (!gm[n].m.request)
			return gm[n].m.status;
	return 0;
}

static struct seen *asked_last(void)
{
	for (size_t i = n_gm; i-- > 0;)
		if (gm[i].m.method == IMS_SIP_OPTIONS && gm[i].m.request)
			return &gm[i];
	return NULL;
}

static void with_both_ports_held_it_is_asked_over_the_set_in_use(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);

	(void)reauth(&a, 1, true);
	assert_int_equal(anew(), 503);
	assert_told(-IMS_E_NO_SPI);
	assert_non_null(asked_last());
	assert_int_equal(asked_last()->flow.set, a.id);
	assert_int_equal(n_deleted, 0);
}

static void who_answers_on_the_set_in_use_keeps_both(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&a, IMS_UDP);

	(void)reauth(&a, 1, true);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(anew(), 503);
		ue_answers(&f, asked_last(), 405, "");
		pass(40 * 1000);
	}
	assert_int_equal(n_deleted, 0);
	assert_int_equal(notified_on(), a.id);
}

/* Nothing in the clear ends a set: it is replaced, and ends in its time. */
static void who_is_silent_gets_in_when_the_replaced_set_ends(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b = *reauth(&a, 1, true);

	assert_int_equal(anew(), 503);
	pass(1000);
	assert_int_equal(anew(), 503); /* too soon */
	assert_int_equal(notified_on(), a.id);
	pass(9 * 1000);
	assert_int_equal(anew(), 503);
	assert_int_equal(n_deleted, 0);
	assert_int_equal(notified_on(), b.id);
	for (int i = 0; i < 12; i++) { /* no sooner, however often */
		pass(10 * 1000);
		assert_int_equal(anew(), 503);
		assert_int_equal(n_deleted, 0);
	}
	pass(140 * 1000);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(deleted[0], a.id);
	go_registered(IMS_UDP);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

static void with_a_third_port_nobody_is_asked(void **state)
{
	struct ims_ipsec_set a;

	conf.port_pc[2] = 50721;
	conf.n_port_pc = 3;
	restart();
	a = *go_registered(IMS_UDP);
	(void)reauth(&a, 1, true);
	assert_int_equal(anew(), 401);
	assert_null(asked_last());
	assert_int_equal(n_deleted, 0);
}

static void a_replaced_set_is_only_waited_for(void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_ipsec_set b = *reauth(&a, 1, true);

	speak_on(&b);
	assert_int_equal(anew(), 503);
	assert_null(asked_last());
	pass(290 * 1000);
	assert_int_equal(anew(), 401);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_live_where_the_back_end_can_hold_both),
		T(else_the_newcomer_is_told_to_come_again),
		T(who_answers_inside_the_set_keeps_it),
		T(who_is_silent_is_replaced_when_the_newcomer_is_back),
		T(other_spis_cast_no_doubt),
		T(with_both_ports_held_it_is_asked_over_the_set_in_use),
		T(who_answers_on_the_set_in_use_keeps_both),
		T(who_is_silent_gets_in_when_the_replaced_set_ends),
		T(with_a_third_port_nobody_is_asked),
		T(a_replaced_set_is_only_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
