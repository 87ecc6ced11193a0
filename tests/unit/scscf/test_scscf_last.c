/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_last.c - the last NOTIFY of a watch is said until it is answered,
 * over any end of the process.
 */
#include "afterlife.h"

/* The last NOTIFY that was sent, as it has to be. */
static void is_last(size_t i, unsigned cseq, const char *state)
{
	document(i);
	assert_int_equal(world.m.cseq, cseq);
	assert_int_equal(info.version, cseq - 1);
	assert_true(info.full);
	assert_str(ims_sip_get(&world.m, IMS_SIP_SUBSCRIPTION_STATE), state);
	assert_int_equal(info.reg[0].state, IMS_REGINFO_TERMINATED);
	assert_int_equal(info.reg[0].n_contacts, 1);
}

/* It ends between the end of a registration and the answer to the last NOTIFY:
 * the watchers hear it again, in a new request, until they have answered.
 */
static void the_last_notify_is_said_again(void **state)
{
	char branch[2][256];
	struct reg r;

	watch_alice();
	answer_notify(&world, 1, 200, "");
	r = inside(&world, 3);
	r.lines = "Expires: 0\r\n";
	r.contact = PHONE;
	do_register(&world, r);
	assert_status(&world, 200);
	is_last(1, 2, "terminated;reason=noresource");
	for (unsigned i = 0; i < 2; i++) {
		ims_str_copy(branch[0], sizeof(branch[0]),
			     ims_sip_get(&world.m, IMS_SIP_VIA));
		restart_after(1000);
		assert_int_equal(ims_scscf_registered(world.s), 0);
		tick(&world, world.now);
		assert_int_equal(world.n_sent, 1);
		assert_int_equal(world.kept_before, 1);
		is_last(0, 3 + i, "terminated;reason=noresource");
		assert_int_equal(info.reg[0].contact[0].event,
				 IMS_REGINFO_UNREGISTERED);
		ims_str_copy(branch[1], sizeof(branch[1]),
			     ims_sip_get(&world.m, IMS_SIP_VIA));
		assert_string_not_equal(branch[0], branch[1]);
	}
	answer_notify(&world, 0, 481, "");
	assert_null(kept(&world, ALICE_IMPI));
	assert_int_equal(world.s->users.n, 0);
	restart_after(1000);
	tick(&world, world.now);
	assert_int_equal(world.n_sent, 0);
}

/* Why, and when he may come back, is not forgotten. */
static void nor_is_the_reason_of_the_last_one_lost(void **state)
{
	watch_alice();
	answer_notify(&world, 1, 200, "");
	ims_scscf_order(world.s, IMS_SCSCF_DEREG_PROBATION, ims_str(ALICE), 90,
			world.now);
	run(&world);
	restart_after(1000);
	tick(&world, world.now);
	is_last(0, 3, "terminated;reason=probation;retry-after=90");
	assert_int_equal(info.reg[0].contact[0].event, IMS_REGINFO_PROBATION);
	assert_int_equal(info.reg[0].contact[0].retry_after, 90);
	/* he may come back while it is not answered yet */
	register_alice(&world);
	assert_int_equal(world.n_sent, 1);
	restart_after(1000);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	tick(&world, world.now);
	assert_int_equal(document(0)->reg[0].state, IMS_REGINFO_ACTIVE);
	assert_str(ims_sip_get(&world.m, IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=probation;retry-after=90");
	/* and when he leaves by himself nobody hears of the other time */
	do_subscribe(&world, (struct sub){.cseq = 1, .call_id = "s2"});
	answer_notify(&world, 1, 200, "");
	do_register(&world, (struct reg){.cseq = 5,
					 .secured = "yes",
					 .nonce = world.nonce,
					 .response = world.response,
					 .contact = "*",
					 .lines = "Expires: 0\r\n"});
	assert_status(&world, 200);
	is_last(1, 2, "terminated;reason=noresource");
}

/* A watch that ends while the registration does not: by time, by wish, or for
 * want of room.
 */
static void the_end_of_a_watch_is_said_again_too(void **state)
{
	char tag[64];

	watch_alice();
	ims_str_copy(tag, sizeof(tag), ims_sip_tag(&world.m, IMS_SIP_TO));
	answer_notify(&world, 1, 200, "");
	do_subscribe(&world,
		     (struct sub){.cseq = 2, .to_tag = tag, .expires = "0"});
	assert_status(&world, 200);
	assert_int_equal(world.kept_before, 1);
	restart_after(1000);
	/* in a dialog that has ended there is nothing to refresh */
	do_subscribe(&world, (struct sub){.cseq = 3, .to_tag = tag});
	assert_status(&world, 481);
	document(1);
	assert_int_equal(world.m.cseq, 3);
	assert_int_equal(info.version, 2);
	assert_str(ims_sip_get(&world.m, IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=timeout");
	assert_int_equal(info.reg[0].state, IMS_REGINFO_ACTIVE);
	answer_notify(&world, 1, 200, "");
	assert_int_equal(world.n_keeps, 1);
	restart_after(1000);
	tick(&world, world.now);
	assert_int_equal(world.n_sent, 0);
	assert_int_equal(ims_scscf_registered(world.s), 1);
}

static void who_has_answered_does_not_hear_it_again(void **state)
{
	watch_alice();
	answer_notify(&world, 1, 200, "");
	do_subscribe(&world, (struct sub){.cseq = 1, .call_id = "s2"});
	answer_notify(&world, 1, 200, "");
	world.n_sent = 0;
	ims_scscf_order(world.s, IMS_SCSCF_DEREG_REJECTED, ims_str(ALICE), 0,
			world.now);
	run(&world);
	assert_int_equal(world.n_sent, 2);
	answer_notify(&world, 1, 200, "");
	restart_after(1000);
	tick(&world, world.now);
	assert_int_equal(world.n_sent, 1);
	is_last(0, 3, "terminated;reason=rejected");
	assert_str(world.m.call_id, "sub-1");
	answer_notify(&world, 0, 200, "");
	assert_null(kept(&world, ALICE_IMPI));
}

static void nobody_waits_for_ever_for_the_last_answer(void **state)
{
	watch_alice();
	ims_scscf_order(world.s, IMS_SCSCF_DEREG_REJECTED, ims_str(ALICE), 0,
			world.now);
	run(&world);
	assert_non_null(kept(&world, ALICE_IMPI));
	for (int i = 0; i < 40; i++)
		tick(&world, world.now + 1000);
	assert_null(kept(&world, ALICE_IMPI));
	assert_int_equal(world.s->users.n, 0);
	assert_true(ims_scscf_due(world.s) == IMS_NEVER);
}

/* The one before it is not sent any more: it says what is no more so. */
static void the_last_one_does_not_wait_for_the_one_before(void **state)
{
	watch_alice(); /* and no answer to the first NOTIFY */
	ims_scscf_order(world.s, IMS_SCSCF_DEREG_REJECTED, ims_str(ALICE), 0,
			world.now);
	world.n_sent = 0;
	run(&world);
	is_last(0, 2, "terminated;reason=rejected");
	tick(&world, world.now + 500);
	assert_int_equal(world.n_sent, 1);
	is_last(0, 2, "terminated;reason=rejected");
	answer_notify(&world, 0, 200, "");
	assert_int_equal(world.s->users.n, 0);
}

#define TK(t) cmocka_unit_test_setup_teardown(t, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TK(the_last_notify_is_said_again),
		TK(nor_is_the_reason_of_the_last_one_lost),
		TK(the_end_of_a_watch_is_said_again_too),
		TK(who_has_answered_does_not_hear_it_again),
		TK(nobody_waits_for_ever_for_the_last_answer),
		TK(the_last_one_does_not_wait_for_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
