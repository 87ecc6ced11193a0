/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_order.c - what an operator orders, watchers hear, HSS and UE. */
#include "watch.h"

static int order(enum ims_scscf_order o, const char *who, uint32_t seconds)
{
	int err;

	world.n_sent = world.n_keeps = world.kept_before = 0;
	world.told[0] = 0;
	err = ims_scscf_order(world.s, o, ims_str(who), seconds, world.now);
	run(&world);
	return err;
}

/* Every watcher hears `terminated`, in the document and of the subscription
 * [24.229 5.4.1.5; pain 18].
 */
static void who_is_thrown_out_hears_why(void **state)
{
	static const struct {
		enum ims_scscf_order order;
		enum ims_reginfo_event event;
		const char *state;
	} t[] = {
		{IMS_SCSCF_DEREG_REJECTED, IMS_REGINFO_REJECTED,
		 "terminated;reason=rejected"},
		{IMS_SCSCF_DEREG_DEACTIVATED, IMS_REGINFO_DEACTIVATED,
		 "terminated;reason=deactivated"},
		{IMS_SCSCF_DEREG_PROBATION, IMS_REGINFO_PROBATION,
		 "terminated;reason=probation;retry-after=90"},
	};

	for (size_t i = 0; i < N_OF(t); i++) {
		watch_alice();
		do_subscribe(&world, (struct sub){.cseq = 1, .call_id = "s2"});
		assert_int_equal(order(t[i].order, ALICE, 90), 0);
		assert_int_equal(world.n_sent, 2);
		for (size_t k = 0; k < 2; k++) {
			document(k);
			assert_str(ims_sip_get(&world.m,
					       IMS_SIP_SUBSCRIPTION_STATE),
				   t[i].state);
			assert_true(info.full);
			assert_int_equal(info.n_regs, 2);
			assert_int_equal(info.reg[0].state,
					 IMS_REGINFO_TERMINATED);
			assert_int_equal(info.reg[1].state,
					 IMS_REGINFO_TERMINATED);
			assert_int_equal(info.reg[0].contact[0].state,
					 IMS_REGINFO_TERMINATED);
			assert_int_equal(info.reg[0].contact[0].event,
					 t[i].event);
			assert_int_equal(info.reg[0].contact[0].retry_after,
					 t[i].event == IMS_REGINFO_PROBATION
						 ? 90
						 : 0);
		}
		assert_int_equal(world.cx.kind, IMS_CX_SAR);
		assert_int_equal(world.cx.assign, IMS_CX_DEREGISTERED);
		assert_string_equal(world.cx.impi, ALICE_IMPI);
		assert_int_equal(ims_scscf_registered(world.s), 0);
		assert_int_equal(world.s->dialogs.n, 0);
		answer_all(&world, 200);
		assert_int_equal(world.s->users.n, 0);
		assert_int_equal(world.s->watches.n, 0);
		assert_null(kept(&world, ALICE_IMPI));
	}
}

static void who_was_thrown_out_must_prove_himself(void **state)
{
	register_alice(&world);
	assert_int_equal(order(IMS_SCSCF_DEREG_DEACTIVATED, ALICE, 0), 0);
	do_register(&world, inside(&world, 3));
	assert_status(&world, 401);
}

static void a_challenge_that_waits_goes_with_him(void **state)
{
	struct reg r;

	register_alice(&world);
	do_register(&world, (struct reg){.cseq = 3, .secured = "yes"});
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	r = inside(&world, 4);
	assert_int_equal(order(IMS_SCSCF_DEREG_REJECTED, ALICE_IMPI, 0), 0);
	assert_int_equal(world.s->cx.n, 0);
	do_register(&world, r);
	assert_status(&world, 401);
}

static void reauthentication_is_told_and_then_demanded(void **state)
{
	struct reg r;

	watch_alice();
	answer_notify(&world, 1, 200, "");
	assert_int_equal(order(IMS_SCSCF_REAUTH, "tel:+15550100", 120), 0);
	assert_int_equal(world.n_sent, 1);
	assert_int_equal(world.kept_before, 1);
	document(0);
	assert_str(ims_sip_get(&world.m, IMS_SIP_SUBSCRIPTION_STATE),
		   "active;expires=600000");
	assert_int_equal(info.reg[0].state, IMS_REGINFO_ACTIVE);
	assert_int_equal(info.reg[0].contact[0].state, IMS_REGINFO_ACTIVE);
	assert_int_equal(info.reg[0].contact[0].event, IMS_REGINFO_SHORTENED);
	assert_int_equal(info.reg[0].contact[0].expires, 120);
	assert_int_equal(info.reg[1].contact[0].event, IMS_REGINFO_SHORTENED);
	answer_notify(&world, 0, 200, "");
	/* he comes, inside his SAs, and is challenged once */
	do_register(&world, inside(&world, 3));
	assert_status(&world, 401);
	take_401(&world);
	r = inside(&world, 4);
	do_register(&world, r);
	assert_status(&world, 200);
	assert_non_null(strstr(world.sent[0], ";expires=600000"));
	r.cseq = 5;
	do_register(&world, r);
	assert_status(&world, 200);
}

static void who_does_not_come_is_out(void **state)
{
	watch_alice();
	answer_notify(&world, 1, 200, "");
	order(IMS_SCSCF_REAUTH, ALICE, 120);
	answer_notify(&world, 0, 200, "");
	tick(&world, world.now + 119999);
	assert_int_equal(world.n_sent, 0);
	tick(&world, world.now + 1);
	document(0);
	assert_int_equal(info.reg[0].contact[0].event, IMS_REGINFO_EXPIRED);
	assert_int_equal(world.cx.assign, IMS_CX_TIMEOUT);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

/* Longer than he has it anyway does not make it longer. */
static void it_is_never_prolonged(void **state)
{
	struct reg r = {.cseq = 1, .lines = "Expires: 100\r\n"};

	do_register(&world, r);
	take_401(&world);
	r = inside(&world, 2);
	r.lines = "Expires: 100\r\n";
	do_register(&world, r);
	order(IMS_SCSCF_REAUTH, ALICE, 1000);
	tick(&world, world.now + 100000);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

static void he_may_leave_without_proof(void **state)
{
	struct reg r;

	register_alice(&world);
	order(IMS_SCSCF_REAUTH, ALICE, 0);
	r = inside(&world, 3);
	r.lines = "Expires: 0\r\n";
	r.contact = PHONE;
	do_register(&world, r);
	assert_status(&world, 200);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

static void who_is_not_there_cannot_be_thrown_out(void **state)
{
	assert_int_equal(order(IMS_SCSCF_REAUTH, ALICE, 0), -IMS_E_NOTFOUND);
	do_register(&world, (struct reg){.cseq = 1});
	assert_int_equal(order(IMS_SCSCF_DEREG_REJECTED, ALICE_IMPI, 0),
			 -IMS_E_NOTFOUND);
	register_alice(&world);
	assert_int_equal(order(IMS_SCSCF_REAUTH, "sip:bob@" DOMAIN, 0),
			 -IMS_E_NOTFOUND);
	assert_int_equal(order(IMS_SCSCF_REAUTH, "", 0), -IMS_E_UNKNOWN_USER);
	assert_int_equal(order(IMS_SCSCF_REAUTH, "mailto:a@b", 0),
			 -IMS_E_UNKNOWN_USER);
	assert_int_equal(order(IMS_SCSCF_REAUTH, "@", 0), -IMS_E_UNKNOWN_USER);
	assert_int_equal(world.n_sent, 0);
}

static unsigned seen_users;

static void look(void *arg, const struct ims_scscf_info *i)
{
	seen_users++;
	assert_str(i->impi, ALICE_IMPI);
	assert_int_equal(i->n_impus, 2);
	assert_str(i->impu[0].uri, ALICE);
	assert_true(i->impu[0].registered);
	assert_false(i->impu[1].registered);
	assert_true(i->impu[1].barred);
	assert_int_equal(i->n_contacts, 1);
	assert_int_equal(i->contact[0].expires_s, 599990);
	assert_int_equal(i->contact[0].cseq, 2);
	assert_int_equal(i->contact[0].reg_id, 1);
	assert_str(i->contact[0].path, PATH);
	assert_str(i->contact[0].call_id, "call-1");
	assert_int_equal(i->contact[0].pub_gruu.n, 0);
	assert_int_equal(i->n_watchers, 1);
	assert_str(i->watcher[0].who, "<" ALICE ">;tag=st");
	assert_string_equal(i->watcher[0].state, "waiting");
	assert_int_equal(i->watcher[0].version, 1);
	assert_int_equal(i->watcher[0].expires_s, 599990);
	assert_false(i->watcher[0].trusted);
}

static void who_looks_sees_users_contacts_and_watchers(void **state)
{
	world.impu[1].barred = true;
	watch_alice();
	do_register(&world, (struct reg){.cseq = 1, .call_id = "other"});
	seen_users = 0;
	ims_scscf_each(world.s, world.now + 10000, look, NULL);
	assert_int_equal(seen_users, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TW(who_is_thrown_out_hears_why),
		TW(who_was_thrown_out_must_prove_himself),
		TW(a_challenge_that_waits_goes_with_him),
		TW(reauthentication_is_told_and_then_demanded),
		TW(who_does_not_come_is_out),
		TW(it_is_never_prolonged),
		TW(he_may_leave_without_proof),
		TW(who_is_not_there_cannot_be_thrown_out),
		TW(who_looks_sees_users_contacts_and_watchers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
