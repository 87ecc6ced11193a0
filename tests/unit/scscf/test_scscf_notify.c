/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_notify.c - what the watcher is told, and when no more. */
#include "watch.h"

static void unregister(unsigned cseq)
{
	struct reg r = inside(&world, cseq);

	r.lines = "Expires: 0\r\n";
	r.contact = PHONE;
	do_register(&world, r);
}

static void the_first_notify_is_that_of_the_seed(void **state)
{
	const struct ims_reginfo *d;
	struct ims_flow want = mw_flow();

	watch_alice();
	sent(&world, 1);
	assert_str(world.m.uri, "sip:001010123456789@[2001::1]:39003;ob");
	assert_str(ims_sip_get(&world.m, IMS_SIP_ROUTE),
		   "<sip:tok@192.0.2.5:5070;lr>");
	assert_true(ims_flow_same(&world.flow[1], &want));
	assert_str(ims_sip_get(&world.m, IMS_SIP_EVENT), "reg");
	assert_str(ims_sip_get(&world.m, IMS_SIP_SUBSCRIPTION_STATE),
		   "active;expires=600000");
	assert_str(ims_sip_get(&world.m, IMS_SIP_CONTENT_TYPE),
		   "application/reginfo+xml");
	assert_str(ims_sip_get(&world.m, IMS_SIP_TO), "<" ALICE ">;tag=st");
	assert_int_equal(ims_sip_tag(&world.m, IMS_SIP_FROM).n, IMS_SCSCF_TAG);
	assert_str(world.m.call_id, "sub-1");
	assert_int_equal(world.m.cseq, 1);

	d = document(1);
	assert_int_equal(d->version, 0);
	assert_true(d->full);
	assert_int_equal(d->n_regs, 2);
	assert_str(d->reg[0].aor, ALICE);
	assert_int_equal(d->reg[0].state, IMS_REGINFO_ACTIVE);
	assert_int_equal(d->reg[0].n_contacts, 1);
	assert_int_equal(d->reg[0].contact[0].state, IMS_REGINFO_ACTIVE);
	assert_int_equal(d->reg[0].contact[0].event, IMS_REGINFO_REGISTERED);
	assert_str(d->reg[0].contact[0].uri,
		   "sip:001010123456789@[2001::1]:39003");
	assert_int_equal(d->reg[0].contact[0].n_params, 5);
	assert_str(d->reg[0].contact[0].param[3].name, "+sip.instance");
	assert_str(d->reg[0].contact[0].param[3].value,
		   "\"<urn:gsma:imei:35910506-000422-0>\"");
	assert_str(d->reg[1].aor, "tel:+15550100");
	assert_int_equal(d->reg[1].contact[0].event, IMS_REGINFO_CREATED);
	assert_false(ims_str_eq(d->reg[0].id, d->reg[1].id));
	assert_false(
		ims_str_eq(d->reg[0].contact[0].id, d->reg[1].contact[0].id));
}

static void each_change_is_told_with_the_next_version(void **state)
{
	watch_alice();
	answer_notify(&world, 1, 200, "");
	do_register(&world, inside(&world, 3));
	assert_status(&world, 200);
	assert_int_equal(world.n_sent, 2);
	assert_int_equal(document(1)->version, 1);
	assert_int_equal(world.m.cseq, 2);
	assert_int_equal(info.reg[0].contact[0].event, IMS_REGINFO_REFRESHED);
	assert_true(info.reg[0].contact[0].has_expires);
	assert_int_equal(info.reg[0].contact[0].expires, 600000);
}

static void one_notify_at_a_time_is_on_its_way(void **state)
{
	watch_alice(); /* its NOTIFY is not answered yet */
	do_register(&world, inside(&world, 3));
	assert_int_equal(world.n_sent, 1);
	do_register(&world, inside(&world, 4));
	assert_int_equal(world.n_sent, 1);
	do_subscribe(&world, (struct sub){.cseq = 1, .call_id = "s2"});
	answer_notify(&world, 1, 200, "");
	assert_int_equal(world.n_sent, 0);
}

static void what_changed_meanwhile_is_told_after_the_answer(void **state)
{
	char first[8192];

	watch_alice();
	strcpy(first, world.sent[1]);
	do_register(&world, inside(&world, 3));
	strcpy(world.sent[1], first);
	world.n_sent = 2;
	answer_notify(&world, 1, 200, "");
	assert_int_equal(world.n_sent, 1);
	assert_int_equal(document(0)->version, 1);
	answer_notify(&world, 0, 200, "");
	assert_int_equal(world.n_sent, 0);
}

static void the_last_contact_takes_the_subscription_with_it(void **state)
{
	watch_alice();
	answer_notify(&world, 1, 200, "");
	unregister(3);
	assert_status(&world, 200);
	document(1);
	assert_str(ims_sip_get(&world.m, IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=noresource");
	assert_int_equal(info.n_regs, 2);
	assert_int_equal(info.reg[0].state, IMS_REGINFO_TERMINATED);
	assert_int_equal(info.reg[0].contact[0].state, IMS_REGINFO_TERMINATED);
	assert_int_equal(info.reg[0].contact[0].event,
			 IMS_REGINFO_UNREGISTERED);
	assert_int_equal(world.s->dialogs.n, 0);
	answer_notify(&world, 1, 481, "");
	assert_int_equal(world.n_sent, 0);
	assert_int_equal(world.s->watches.n, 0);
	assert_int_equal(world.s->users.n, 0);
}

static void also_when_time_takes_it(void **state)
{
	struct reg r;

	watch_alice();
	answer_notify(&world, 1, 200, "");
	r = inside(&world, 3);
	r.contact = PHONE ";expires=60";
	do_register(&world, r);
	answer_notify(&world, 1, 200, "");
	tick(&world, world.now + 59999);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	tick(&world, world.now + 1);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	assert_int_equal(world.cx.kind, IMS_CX_SAR);
	assert_int_equal(world.cx.assign, IMS_CX_TIMEOUT);
	assert_string_equal(world.cx.impi, ALICE_IMPI);
	document(0);
	assert_int_equal(info.reg[0].contact[0].event, IMS_REGINFO_EXPIRED);
	assert_non_null(strstr(world.sent[0], "terminated;reason="));
	answer_all(&world, 200);
	assert_int_equal(world.s->users.n, 0);
}

static void a_replaced_contact_is_shown_as_gone_once(void **state)
{
	struct reg r;

	watch_alice();
	answer_notify(&world, 1, 200, "");
	r = inside(&world, 3);
	r.contact = "<sip:new@[2001::9]:39003>";
	do_register(&world, r);
	document(1);
	assert_int_equal(info.reg[0].state, IMS_REGINFO_ACTIVE);
	assert_int_equal(info.reg[0].n_contacts, 2);
	assert_int_equal(info.reg[0].contact[0].state, IMS_REGINFO_TERMINATED);
	assert_int_equal(info.reg[0].contact[0].event, IMS_REGINFO_DEACTIVATED);
	assert_int_equal(info.reg[0].contact[1].event, IMS_REGINFO_REGISTERED);
	answer_notify(&world, 1, 200, "");
	r = inside(&world, 4);
	r.contact = "<sip:new@[2001::9]:39003>";
	do_register(&world, r);
	assert_int_equal(document(1)->reg[0].n_contacts, 1);
}

static void an_answer_of_481_or_silence_ends_the_subscription(void **state)
{
	watch_alice();
	answer_notify(&world, 1, 481, "");
	assert_int_equal(world.s->watches.n, 0);
	do_register(&world, inside(&world, 3));
	assert_int_equal(world.n_sent, 1);

	do_subscribe(&world, (struct sub){.cseq = 1, .call_id = "s2"});
	assert_int_equal(world.s->watches.n, 1);
	for (int i = 0; i < 64 && world.s->watches.n; i++)
		tick(&world, ims_scscf_due(world.s));
	assert_int_equal(world.s->watches.n, 0);
	assert_int_equal(ims_scscf_registered(world.s), 1);
}

static void a_failure_that_names_a_time_does_not_end_it(void **state)
{
	watch_alice();
	answer_notify(&world, 1, 503, "Retry-After: 5\r\n");
	assert_int_equal(world.s->watches.n, 1);
	do_register(&world, inside(&world, 3));
	assert_int_equal(world.n_sent, 1); /* not before that time */
	tick(&world, world.now + 5000);
	assert_int_equal(document(0)->version, 1);
	answer_notify(&world, 0, 503, "");
	assert_int_equal(world.s->watches.n, 0);
}

static void a_notify_that_cannot_be_sent_ends_it(void **state)
{
	struct ims_ev ev = {.kind = IMS_EV_UNSENT, .err = -IMS_E_SILENCE};
	struct ims_act a;

	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1});
	assert_int_equal(world.s->watches.n, 1);
	/* every SEND of a transaction carries its id as ref */
	ev.flow = world.flow[1];
	for (uint32_t ref = 1; ref < 100; ref++) {
		ev.ref = ref;
		ims_scscf_event(world.s, &ev, world.now);
		while (ims_scscf_next(world.s, &a))
			;
	}
	assert_int_equal(world.s->watches.n, 0);
}

static void its_end_of_time_is_told(void **state)
{
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1, .expires = "60"});
	answer_notify(&world, 1, 200, "");
	tick(&world, world.now + 60000);
	assert_int_equal(world.n_sent, 1);
	assert_str(ims_sip_get(sent(&world, 0), IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=timeout");
	assert_int_equal(document(0)->reg[0].state, IMS_REGINFO_ACTIVE);
	answer_all(&world, 200);
	assert_int_equal(world.s->watches.n, 0);
	assert_int_equal(ims_scscf_registered(world.s), 1);
}

static void the_id_of_the_event_comes_back(void **state)
{
	register_alice(&world);
	do_subscribe(&world, (struct sub){.cseq = 1, .event = "reg;id=x7"});
	assert_str(ims_sip_get(sent(&world, 1), IMS_SIP_EVENT), "reg;id=x7");
}

static void barred_identities_are_not_in_the_document(void **state)
{
	world.impu[0].barred = true;
	register_alice(&world);
	/* a barred one may neither ask nor be asked about [T25] */
	do_subscribe(&world, (struct sub){.cseq = 1, .uri = "tel:+15550100"});
	assert_status(&world, 403);
	do_subscribe(&world, (struct sub){.cseq = 1, .pai = "<tel:+15550100>"});
	assert_status(&world, 403);
	do_subscribe(&world, (struct sub){.cseq = 1,
					  .uri = "tel:+15550100",
					  .pai = "<tel:+15550100>"});
	assert_int_equal(document(1)->n_regs, 1);
	assert_str(info.reg[0].aor, "tel:+15550100");
	assert_int_equal(info.reg[0].contact[0].event, IMS_REGINFO_CREATED);
	assert_null(strstr(world.sent[1], "aor=\"" ALICE));
}

/* What the UE put into its Contact comes out as text, never as markup or as a
 * header line [T23].
 */
static void hostile_parameters_stay_text(void **state)
{
	static const char *const value[] = {
		"\"</uri><!ENTITY x 'y'>&x;]]>\"",
		"\"a\r\n Evil: 1\"",
		"\"%0d%0aEvil: 1\"",
		"\"<registration aor='sip:victim@x' id='9' state='active'/>\"",
		"%s%n",
		"\"\\\"><x y=\\\"\"",
	};
	static const char *const shown[] = {
		"\"</uri><!ENTITY x 'y'>&x;]]>\"",
		"\"a Evil: 1\"",
		"\"%0d%0aEvil: 1\"",
		"\"<registration aor='sip:victim@x' id='9' state='active'/>\"",
		"%s%n",
		"\"\\\"><x y=\\\"\"",
	};

	watch_alice();
	answer_notify(&world, 1, 200, "");
	for (size_t i = 0; i < N_OF(value); i++) {
		char contact[256];
		struct reg r = inside(&world, (unsigned)i + 3);

		snprintf(contact, sizeof(contact), PHONE ";x=%s", value[i]);
		r.contact = contact;
		do_register(&world, r);
		assert_status(&world, 200);
		assert_int_equal(document(1)->n_regs, 2);
		assert_int_equal(info.reg[0].contact[0].n_params, 1);
		assert_str(info.reg[0].contact[0].param[0].value, shown[i]);
		assert_null(strstr(world.sent[1], "\nEvil"));
		answer_notify(&world, 1, 200, "");
	}
}

static void when_the_core_stops_everybody_may_come_back_at_once(void **state)
{
	struct ims_ev ev = {.kind = IMS_EV_STOP};

	watch_alice();
	world.n_sent = 0;
	ims_scscf_event(world.s, &ev, world.now);
	run(&world);
	assert_int_equal(world.n_sent, 1);
	assert_str(ims_sip_get(sent(&world, 0), IMS_SIP_SUBSCRIPTION_STATE),
		   "terminated;reason=deactivated");
	assert_int_equal(document(0)->reg[0].contact[0].event,
			 IMS_REGINFO_DEACTIVATED);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	assert_int_equal(world.s->users.n, 0);
}

/* No more than one in five seconds; what changes meanwhile is told together
 * [RFC 3680 4.10].
 */
static void changes_are_gathered(void **state)
{
	struct ims_scscf_conf conf = mw_conf();

	conf.notify_ms = 5000;
	restart_with(&conf);
	watch_alice();
	assert_int_equal(document(1)->version, 0); /* at once */
	answer_notify(&world, 1, 200, "");
	for (unsigned i = 0; i < 4; i++) {
		world.now += 1000;
		do_register(&world, inside(&world, 3 + i));
		assert_int_equal(world.n_sent, 1);
	}
	tick(&world, world.now + 999);
	assert_int_equal(world.n_sent, 0);
	assert_true(ims_scscf_due(world.s) <= world.now + 1);
	tick(&world, world.now + 1);
	assert_int_equal(document(0)->version, 1);
	answer_notify(&world, 0, 200, "");
	tick(&world, world.now + 60000);
	assert_int_equal(world.n_sent, 0);
	/* after a pause a change is told at once, */
	do_register(&world, inside(&world, 7));
	assert_int_equal(document(1)->version, 2);
	answer_notify(&world, 1, 200, "");
	/* and the end at any time */
	unregister(8);
	assert_int_equal(document(1)->version, 3);
	assert_int_equal(info.reg[0].state, IMS_REGINFO_TERMINATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TW(the_first_notify_is_that_of_the_seed),
		TW(each_change_is_told_with_the_next_version),
		TW(one_notify_at_a_time_is_on_its_way),
		TW(what_changed_meanwhile_is_told_after_the_answer),
		TW(the_last_contact_takes_the_subscription_with_it),
		TW(also_when_time_takes_it),
		TW(a_replaced_contact_is_shown_as_gone_once),
		TW(an_answer_of_481_or_silence_ends_the_subscription),
		TW(a_failure_that_names_a_time_does_not_end_it),
		TW(a_notify_that_cannot_be_sent_ends_it),
		TW(its_end_of_time_is_told),
		TW(the_id_of_the_event_comes_back),
		TW(barred_identities_are_not_in_the_document),
		TW(hostile_parameters_stay_text),
		TW(changes_are_gathered),
		TW(when_the_core_stops_everybody_may_come_back_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
