/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_lossy.c - a UE and a core with loss, duplication and delay between. */
#include "flow_lab.h"

#include "test.h"

static void one_life(uint64_t seed, unsigned lost)
{
	struct lab l;

	lab_init(&l, seed);
	l.lost = lost;
	l.twice = 100;
	l.delayed = 300;
	l.delay_ms = 1500;
	lab_start(&l);
	if (!lab_until(&l, IMS_TELL_NOTIFIED, 1, 400000))
		fail_msg("seed %llu: not registered and notified: %s",
			 (unsigned long long)seed, l.text);
	assert_int_equal(l.told[IMS_TELL_FAILED], 0);
	assert_int_equal(l.sets_ue, 1);
	assert_int_equal(l.sets_core, 1);
	lab_end(&l);
	assert_int_equal(l.told[IMS_TELL_DEREGISTERED], 1);
}

static void every_ue_registers_when_packets_get_lost(void **state)
{
	for (uint64_t seed = 1; seed <= 150; seed++)
		one_life(seed, 100);
}

static void every_ue_registers_when_packets_only_double(void **state)
{
	for (uint64_t seed = 1; seed <= 50; seed++)
		one_life(seed, 0);
}

/* A vector and an SA set are made for each challenge, not for each packet. */
static void doubled_packets_make_no_second_set(void **state)
{
	struct lab l;

	lab_init(&l, 7);
	l.twice = 1000;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_NOTIFIED, 1, 10000));
	lab_pass(&l, 10000);
	assert_int_equal(l.made_core, 1);
	lab_end(&l);
}

static void nobody_there_is_told_as_such(void **state)
{
	struct lab l;

	lab_init(&l, 8);
	l.lost = 1000;
	lab_start(&l);
	assert_true(lab_until(&l, IMS_TELL_FAILED, 1, 200000));
	assert_int_equal(l.failed, -IMS_E_SILENCE);
	lab_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_ue_registers_when_packets_get_lost),
		cmocka_unit_test(every_ue_registers_when_packets_only_double),
		cmocka_unit_test(doubled_packets_make_no_second_set),
		cmocka_unit_test(nobody_there_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
