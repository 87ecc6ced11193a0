/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_clock.c - the machine's clock is set while both are registered, and then
 * both begin anew.  One that has no clock of its own learns late what day it is.
 */
#include "flow_lab.h"
#include "run_keep_mem.h"

#include "test.h"

static uint32_t left(const struct lab *l)
{
	return ims_ue_expires_s(ims_run_ue_role(l->ue),
				ims_wire_now(l->mem.wire));
}

static void set_clock(struct lab *l, int64_t by_s)
{
	uint32_t before = left(l);

	l->mem.wall_ms += (uint64_t)(by_s * 1000);
	ims_run_keep_mem_crash(l->keep_core);
	lab_restart_core(l);
	ims_run_keep_mem_crash(l->keep_ue);
	lab_restart_ue(l);
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(l->core)), 1);
	assert_int_equal(ims_pcscf_users(ims_run_core_pcscf(l->core)), 1);
	assert_int_equal(l->sets_core, 1);
	assert_int_equal(l->sets_ue, 1);
	assert_in_range(left(l), before - 1, before);
	lab_pass(l, 60000);
}

static void a_clock_that_is_set_ends_and_lengthens_nothing(void **state)
{
	struct lab l;

	lab_init(&l, 11);
	l.ue_conf.expires = 7200;
	l.keep_core = ims_run_keep_mem_new();
	l.keep_ue = ims_run_keep_mem_new();
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 60000));
	lab_pass(&l, 1000);
	set_clock(&l, INT64_C(40) * 365 * 86400);
	set_clock(&l, INT64_C(-30) * 86400);
	assert_true(lab_until(&l, IMS_TELL_REFRESHED, 1, 7200000));
	/* the one, and twice back: nobody was challenged again */
	assert_int_equal(l.made_core, 3);
	lab_end(&l);
	l.keep_core->ops->free(l.keep_core);
	l.keep_ue->ops->free(l.keep_ue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_clock_that_is_set_ends_and_lengthens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
