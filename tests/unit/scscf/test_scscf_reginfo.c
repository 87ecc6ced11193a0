/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_reginfo.c - what a document says: partial state, and several
 * devices that share an identity.
 */
#include "reg_watch.h"
#include "watch.h"

#define BOB_IMPI "bob@" DOMAIN
#define TABLET "<sip:tablet@[2001::2]:5060>"

static struct ims_scscf_conf partial(void)
{
	struct ims_scscf_conf conf = mw_conf();

	conf.partial = true;
	conf.notify_ms = 5000;
	return conf;
}

/* Another private identity with the same public ones, on another device. */
static void register_tablet(void)
{
	char nonce[128];

	strcpy(nonce, world.nonce);
	world.impi = BOB_IMPI;
	do_register(&world, (struct reg){.cseq = 1,
					 .call_id = "tab",
					 .contact = TABLET});
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	do_register(&world, (struct reg){.cseq = 2,
					 .call_id = "tab",
					 .contact = TABLET,
					 .secured = "yes",
					 .nonce = world.nonce,
					 .response = world.response});
	assert_status(&world, 200);
}

static void after_the_first_only_what_changed_is_told(void **state)
{
	struct ims_scscf_conf conf = partial();
	struct reg r;

	restart_with(&conf);
	watch_alice();
	assert_true(document(1)->full);
	answer_notify(&world, 1, 200, "");
	world.now += 10000;
	r = inside(&world, 3);
	r.contact = "<sip:001010123456789@[2001::9]:5060>"
		    ";+sip.instance=\"<urn:x>\";reg-id=2";
	do_register(&world, r);
	assert_false(document(1)->full);
	assert_int_equal(info.version, 1);
	assert_int_equal(info.n_regs, 2);
	assert_int_equal(info.reg[0].n_contacts, 1);
	assert_str(info.reg[0].contact[0].uri,
		   "sip:001010123456789@[2001::9]:5060");
	assert_int_equal(info.reg[0].state, IMS_REGINFO_ACTIVE);
	answer_notify(&world, 1, 200, "");
	/* one of two goes; the registration stays */
	world.now += 10000;
	r.cseq = 4;
	r.lines = "Expires: 0\r\n";
	do_register(&world, r);
	assert_false(document(1)->full);
	assert_int_equal(info.reg[0].n_contacts, 1);
	assert_int_equal(info.reg[0].contact[0].event,
			 IMS_REGINFO_UNREGISTERED);
	assert_int_equal(info.reg[0].state, IMS_REGINFO_ACTIVE);
}

/* What a watcher adds up from partial documents is what a full one says. */
static void partial_documents_add_up(void **state)
{
	struct ims_scscf_conf conf = partial();
	struct ims_reg_watch sum = {0}, full = {0};
	char tag[64];

	restart_with(&conf);
	watch_alice();
	ims_str_copy(tag, sizeof(tag), ims_sip_tag(&world.m, IMS_SIP_TO));
	ims_reg_watch_take(&sum, document(1));
	answer_notify(&world, 1, 200, "");
	for (unsigned i = 0; i < 40; i++) {
		char contact[128], lines[32];
		struct reg r = inside(&world, 3 + i);

		snprintf(contact, sizeof(contact),
			 "<sip:a@[2001::%x]>;+sip.instance=\"<u>\";reg-id=%u",
			 i * 7 % 5 + 1, i * 7 % 5 + 10);
		snprintf(lines, sizeof(lines), "Expires: %u\r\n",
			 i % 3 ? 600 : 0);
		r.contact = contact;
		r.lines = lines;
		do_register(&world, r);
		assert_status(&world, 200);
		tick(&world, world.now + (i % 4 ? 1000 : 7000));
		if (world.n_sent == 0)
			continue;
		assert_int_equal(ims_reg_watch_take(&sum, document(0)),
				 IMS_REG_WATCH_TAKEN);
		answer_notify(&world, 0, 200, "");
		assert_int_equal(world.n_sent, 0);
	}
	tick(&world, world.now + 5000);
	if (world.n_sent) {
		ims_reg_watch_take(&sum, document(0));
		answer_notify(&world, 0, 200, "");
	}
	do_subscribe(&world, (struct sub){.cseq = 2, .to_tag = tag});
	assert_true(document(1)->full);
	ims_reg_watch_take(&full, &info);
	assert_int_equal(sum.n_rows, full.n_rows);
	for (size_t i = 0; i < full.n_rows; i++)
		assert_non_null(ims_reg_watch_find(&sum, full.row[i].reg_id,
						   full.row[i].contact_id));
	ims_reg_watch_free(&sum);
	ims_reg_watch_free(&full);
}

static void devices_that_share_an_identity_see_each_other(void **state)
{
	struct ims_scscf_conf conf = partial();

	conf.notify_ms = 0;
	restart_with(&conf);
	watch_alice();
	answer_notify(&world, 1, 200, "");
	register_tablet();
	assert_int_equal(ims_scscf_registered(world.s), 2);
	/* alice hears of the tablet */
	assert_int_equal(world.n_sent, 2);
	assert_false(document(1)->full);
	assert_int_equal(info.n_regs, 2);
	assert_str(info.reg[0].contact[0].uri, "sip:tablet@[2001::2]:5060");
	answer_notify(&world, 1, 200, "");
	/* and the tablet, when it asks, of both */
	do_subscribe(&world, (struct sub){.cseq = 1,
					  .call_id = "tab",
					  .contact = TABLET});
	assert_true(document(1)->full);
	assert_int_equal(info.reg[0].n_contacts, 2);
	assert_false(ims_str_eq(info.reg[0].contact[0].id,
				info.reg[0].contact[1].id));
	answer_notify(&world, 1, 200, "");
	/* one goes: the other one's registration is still active */
	ims_scscf_order(world.s, IMS_SCSCF_DEREG_DEACTIVATED, ims_str(BOB_IMPI),
			0, world.now);
	world.n_sent = 0;
	run(&world);
	assert_int_equal(world.n_sent, 2);
	for (size_t i = 0; i < 2; i++) {
		bool last = document(i)->full;

		assert_int_equal(info.reg[0].state, IMS_REGINFO_ACTIVE);
		assert_int_equal(info.reg[0].n_contacts, last ? 2 : 1);
		assert_int_equal(strstr(world.sent[i], "terminated;reason=") !=
					 NULL,
				 last);
	}
	assert_int_equal(ims_scscf_registered(world.s), 1);
	answer_all(&world, 200);
	assert_int_equal(world.s->watches.n, 1);
}

static void an_order_for_the_identity_is_for_all_devices(void **state)
{
	register_alice(&world);
	register_tablet();
	assert_int_equal(ims_scscf_order(world.s, IMS_SCSCF_DEREG_REJECTED,
					 ims_str(ALICE), 0, world.now),
			 0);
	run(&world);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	assert_null(kept(&world, ALICE_IMPI));
	assert_null(kept(&world, BOB_IMPI));
}

static void who_went_is_told_and_then_forgotten(void **state)
{
	struct ims_scscf_conf conf = partial();
	struct ims_scscf_user *u;

	restart_with(&conf);
	watch_alice(); /* and does not answer */
	for (unsigned i = 0; i < 30; i++) {
		char contact[64];
		struct reg r = inside(&world, 3 + i);

		snprintf(contact, sizeof(contact), "<sip:a@[2001::%x]>", i + 2);
		r.contact = contact;
		do_register(&world, r);
	}
	u = ims_scscf_user_find(world.s, IMS_S(ALICE_IMPI));
	assert_in_range(u->binds.n, 1, 1);
	{
		size_t n = 0;

		ims_list_each (pos, &u->binds.list)
			n++;
		assert_in_range(n, 1, 1 + IMS_REG_CONTACTS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TW(after_the_first_only_what_changed_is_told),
		TW(partial_documents_add_up),
		TW(devices_that_share_an_identity_see_each_other),
		TW(an_order_for_the_identity_is_for_all_devices),
		TW(who_went_is_told_and_then_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
