/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_keep.c - what a 200 promises holds after any end of the process. */
#include "afterlife.h"
#include "base_pack.h"

static void a_registration_is_kept_before_its_200_is_sent(void **state)
{
	do_register(&world, (struct reg){.cseq = 1});
	assert_int_equal(world.n_keeps, 0); /* a challenge promises nothing */
	take_401(&world);
	do_register(&world, inside(&world, 2));
	assert_status(&world, 200);
	assert_int_equal(world.kept_before, 1);
	assert_non_null(kept(&world, ALICE_IMPI));
}

static void after_a_restart_he_is_registered_as_before(void **state)
{
	register_alice(&world);
	restart_after(60000);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	/* his word is taken as before, and time has passed */
	do_register(&world, (struct reg){.cseq = 3,
					 .secured = "yes",
					 .contact = "",
					 .nonce = world.nonce,
					 .response = world.response});
	assert_status(&world, 200);
	assert_non_null(strstr(world.sent[0], ";expires=599940"));
	assert_non_null(strstr(world.sent[0], "P-Associated-URI: <" ALICE
					      ">, <tel:+15550100>"));
	do_register(&world, inside(&world, 4));
	assert_status(&world, 200);
	assert_int_equal(world.n_mar, 1);
}

static void no_clock_makes_him_registered_for_longer(void **state)
{
	register_alice(&world);
	world.now += 600000000 - 10000; /* ten seconds are left of it */
	do_register(&world, (struct reg){.cseq = 3,
					 .secured = "yes",
					 .contact = "",
					 .nonce = world.nonce,
					 .response = world.response});
	assert_non_null(strstr(world.sent[0], ";expires=10\r"));
	ims_scscf_order(world.s, IMS_SCSCF_REAUTH, ims_str(ALICE), 5,
			world.now);
	run(&world); /* a record of now */
	restart_after(-UINT64_C(3600000));
	tick(&world, world.now + 11000);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

/* The 200 was lost with the process: the UE repeats what it sent. */
static void a_repeated_register_gets_its_200_again(void **state)
{
	for (int i = 0; i < 2; i++) {
		ims_scscf_free(world.s);
		begin(state);
		conf.challenge_refresh = i;
		register_alice(&world);
		restart_after(100);
		do_register(&world, inside(&world, 2));
		assert_status(&world, 200);
		assert_int_equal(world.n_sar, 1);
		/* but it proves nothing to anybody else */
		do_register(&world, (struct reg){.cseq = 2,
						 .nonce = world.nonce,
						 .response = world.response});
		assert_status(&world, 401);
	}
}

static void who_left_is_not_kept(void **state)
{
	struct reg r;

	register_alice(&world);
	r = inside(&world, 3);
	r.lines = "Expires: 0\r\n";
	r.contact = PHONE;
	do_register(&world, r);
	assert_status(&world, 200);
	assert_int_equal(world.kept_before, 1);
	assert_null(kept(&world, ALICE_IMPI));

	register_alice(&world);
	tick(&world, world.now + UINT64_C(600001000));
	assert_null(kept(&world, ALICE_IMPI));
}

static void what_expired_meanwhile_is_told(void **state)
{
	watch_alice();
	do_subscribe(&world, (struct sub){.cseq = 1,
					  .call_id = "s2",
					  .expires = "3600"});
	restart_after(UINT64_C(600001000));
	tick(&world, world.now);
	assert_int_equal(world.n_sent, 2);
	for (size_t i = 0; i < 2; i++) {
		document(i);
		assert_int_equal(info.reg[0].state, IMS_REGINFO_TERMINATED);
		assert_int_equal(info.reg[0].contact[0].event,
				 IMS_REGINFO_EXPIRED);
	}
	assert_int_equal(world.cx.assign, IMS_CX_TIMEOUT);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	assert_non_null(kept(&world, ALICE_IMPI));
	answer_all(&world, 200);
	assert_null(kept(&world, ALICE_IMPI));
}

static void a_watcher_hears_all_with_the_next_version(void **state)
{
	conf.partial = true;
	restart_with(&conf);
	watch_alice();
	assert_int_equal(world.kept_before, 1);
	assert_int_equal(document(1)->version, 0);
	answer_notify(&world, 1, 200, "");
	world.now += 6000;
	do_register(&world, inside(&world, 3));
	assert_int_equal(document(1)->version, 1);
	assert_int_equal(world.m.cseq, 2);
	assert_false(info.full);

	restart_after(1000);
	tick(&world, world.now + 5000);
	assert_int_equal(document(0)->version, 2);
	assert_int_equal(world.m.cseq, 3);
	assert_true(info.full);
	assert_int_equal(info.n_regs, 2);
	assert_int_equal(info.reg[0].contact[0].state, IMS_REGINFO_ACTIVE);
	/* and the dialog goes on */
	do_subscribe(&world, (struct sub){.cseq = 2, .to_tag = "no such tag"});
	assert_status(&world, 481);
}

static void a_dialog_is_refreshed_after_a_restart(void **state)
{
	char tag[64];

	watch_alice();
	ims_str_copy(tag, sizeof(tag), ims_sip_tag(&world.m, IMS_SIP_TO));
	restart_after(1000);
	do_subscribe(&world, (struct sub){.cseq = 0, .to_tag = tag});
	assert_status(&world, 500); /* CSeq is known, too */
	answer_notify(&world, 1, 200, "");
	do_subscribe(&world, (struct sub){.cseq = 2, .to_tag = tag});
	assert_status(&world, 200);
	assert_int_equal(document(1)->version, 2);
}

/* The 200 was lost with the process, be it the first or another: the UE
 * repeats its SUBSCRIBE, and there is one dialog still.
 */
static void a_repeated_subscribe_gets_its_200_again(void **state)
{
	char tag[64];

	watch_alice();
	ims_str_copy(tag, sizeof(tag), ims_sip_tag(&world.m, IMS_SIP_TO));
	restart_after(1000);
	do_subscribe(&world, (struct sub){.cseq = 1});
	assert_status(&world, 200);
	assert_str(ims_sip_tag(&world.m, IMS_SIP_TO), tag);
	assert_int_equal(document(1)->version, 1);
	assert_int_equal(world.s->watches.n, 1);
	answer_notify(&world, 1, 200, "");
	do_subscribe(&world, (struct sub){.cseq = 2, .to_tag = tag});
	restart_after(1000);
	do_subscribe(&world, (struct sub){.cseq = 2, .to_tag = tag});
	assert_status(&world, 200);
	assert_int_equal(world.s->watches.n, 1);
	/* another one makes another */
	do_subscribe(&world, (struct sub){.cseq = 1, .call_id = "s2"});
	assert_int_equal(world.s->watches.n, 2);
}

static void who_has_left_may_leave_once_more(void **state)
{
	struct reg r;

	register_alice(&world);
	r = inside(&world, 3);
	r.lines = "Expires: 0\r\n";
	r.contact = PHONE;
	do_register(&world, r);
	assert_status(&world, 200);
	restart_after(1000);
	do_register(&world, r);
	assert_status(&world, 200);
	assert_null(strstr(world.sent[0], "Contact:"));
	assert_int_equal(world.n_mar, 1);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	/* in the clear that is no more than a wish */
	r.secured = NULL;
	do_register(&world, r);
	assert_status(&world, 401);
}

/* Whatever instant it ends at: no version is ever on two documents. */
static void no_version_is_used_twice_at_any_instant(void **state)
{
	struct kept *k;
	struct ims_act a;
	struct ims_ev ev = {.kind = IMS_EV_TICK};

	conf.notify_ms = 5000;
	restart_with(&conf);
	watch_alice();
	answer_notify(&world, 1, 200, "");
	do_register(&world, inside(&world, 3)); /* held back */
	assert_int_equal(world.n_sent, 1);
	k = kept(&world, ALICE_IMPI);
	world.now += 5000;
	ims_scscf_event(world.s, &ev, world.now);
	/* the record is queued before what it counts */
	assert_true(ims_scscf_next(world.s, &a));
	assert_int_equal(a.kind, IMS_ACT_KEEP);
	memcpy(k->bytes, a.bytes.p, a.bytes.n);
	k->n = a.bytes.n;
	assert_true(ims_scscf_next(world.s, &a));
	assert_int_equal(a.kind, IMS_ACT_SEND);
	assert_non_null(memmem(a.bytes.p, a.bytes.n, "version=\"1\"", 11));
	/* it ends here, whether that left or not */
	restart_after(0);
	tick(&world, world.now + 5000);
	assert_int_equal(document(0)->version, 2);
}

static void a_pause_and_an_order_are_kept(void **state)
{
	struct reg r;

	register_alice(&world);
	ims_scscf_order(world.s, IMS_SCSCF_REAUTH, ims_str(ALICE), 60,
			world.now);
	run(&world);
	restart_after(1000);
	do_register(&world, inside(&world, 3));
	assert_status(&world, 401);
	take_401(&world);
	r = inside(&world, 4);
	do_register(&world, r);
	assert_status(&world, 200);
	restart_after(1000);
	r.cseq = 5;
	do_register(&world, r);
	assert_status(&world, 200);
}

static void a_record_comes_back_only_once(void **state)
{
	struct ims_flaw why;
	struct kept *k;

	register_alice(&world);
	k = kept(&world, ALICE_IMPI);
	assert_int_equal(ims_scscf_restore(world.s, ims_str_n(k->bytes, k->n),
					   world.now, &why),
			 -IMS_E_EXISTS);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	assert_int_equal(ims_scscf_restore(world.s, ims_str_n(k->bytes, k->n),
					   world.now, NULL),
			 -IMS_E_EXISTS);
}

/* As the version before this one wrote it: a contact and a watcher. */
static struct ims_str old_record(struct ims_buf *b)
{
	ims_pack_begin(b, 2);
	ims_pack_str(b, ims_str(ALICE_IMPI));
	ims_pack_u64(b, WALL);
	ims_pack_u64(b, 1);
	ims_pack_str(b, ims_str(ALICE));
	ims_pack_u64(b, false);
	ims_pack_u64(b, 7);
	ims_pack_u64(b, 0);
	ims_pack_str(b, IMS_S("nonce"));
	for (unsigned i = 0; i < 3; i++) /* reauth, wrong, pause */
		ims_pack_u64(b, 0);
	ims_pack_u64(b, 1);
	ims_pack_u64(b, 3);
	ims_pack_str(b, IMS_S("sip:001010123456789@[2001::1]:39003"));
	ims_pack_str(b, ims_str(NULL));
	ims_pack_str(b, ims_str(NULL));
	ims_pack_str(b, IMS_S("call-1"));
	ims_pack_str(b, ims_str(PATH));
	for (unsigned i = 0; i < 3; i++) /* reg-id, CSeq, first CSeq */
		ims_pack_u64(b, i == 1 ? 5 : 0);
	ims_pack_u64(b, WALL + 3600000);
	ims_pack_u64(b, IMS_REGINFO_REFRESHED);
	ims_pack_u64(b, 1);
	ims_pack_str(b, IMS_S("sub-1"));
	ims_pack_str(b, IMS_S("<" ALICE ">"));
	ims_pack_str(b, IMS_S("lt"));
	ims_pack_str(b, IMS_S("<" ALICE ">;tag=st"));
	ims_pack_str(b, IMS_S("st"));
	ims_pack_str(b, IMS_S("sip:001010123456789@[2001::1]:39003"));
	ims_pack_str(b, IMS_S(PATH));
	ims_pack_str(b, ims_str(NULL));
	for (unsigned i = 0; i < 3; i++) /* version, CSeq, and his */
		ims_pack_u64(b, 4 + i);
	ims_pack_u64(b, WALL + 3600000);
	ims_pack_u64(b, false);
	return ims_buf_str(b);
}

static void a_record_of_the_version_before_is_read(void **state)
{
	char mem[2048];
	struct ims_flaw why = {0};
	struct ims_buf b;
	struct ims_str record;

	ims_buf_init(&b, mem, sizeof(mem));
	record = old_record(&b);
	assert_false(b.over);
	if (ims_scscf_restore(world.s, record, 0, &why))
		fail_msg("%s", why.text);
	tick(&world, 1);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	assert_int_equal(document(0)->version, 4);
	assert_int_equal(world.m.cseq, 6);
	assert_true(info.full);
	answer_notify(&world, 0, 200, "");
	/* cut short it is none */
	for (size_t i = 0; i < record.n; i++) {
		ims_scscf_free(world.s);
		begin(state);
		assert_int_equal(ims_scscf_restore(world.s,
						   ims_str_n(record.p, i), 0,
						   NULL),
				 -IMS_E_SYNTAX);
	}
}

static void one_too_many_is_refused(void **state)
{
	watch_alice();
	conf.max_users = 0;
	assert_int_equal(restart_kept(&world, &conf, WALL + world.now),
			 -IMS_E_NOMEM);
	assert_int_equal(world.s->users.n, 0);
	assert_int_equal(world.s->watches.n, 0);
}

/* Cut short, or one byte changed: refused, or taken as something sound. */
static void damaged_does_no_harm(void)
{
	static char copy[65536];
	struct kept *k;
	size_t n;

	k = kept(&world, ALICE_IMPI);
	n = k->n;
	memcpy(copy, k->bytes, n);
	for (size_t i = 0; i < n; i++) {
		k->n = i ? i : 1;
		assert_int_equal(restart_kept(&world, &conf, WALL + world.now),
				 -IMS_E_SYNTAX);
		assert_int_equal(world.s->users.n, 0);
	}
	k->n = n;
	for (size_t i = 0; i < n; i++) {
		k->bytes[i] = (char)(copy[i] ^ (1 << i % 8));
		if (restart_kept(&world, &conf, WALL + world.now) == 0) {
			tick(&world, world.now + UINT64_C(700000000));
			tick(&world, world.now + 60000);
		}
		assert_int_equal(world.s->users.n, 0);
		k->bytes[i] = copy[i];
		world.n_keeps = 0;
		memcpy(k->bytes, copy, n);
		k->n = n;
	}
}

static void a_damaged_record_does_no_harm(void **state)
{
	watch_alice();
	damaged_does_no_harm();
}

static void nor_does_one_of_who_has_left(void **state)
{
	watch_alice();
	ims_scscf_order(world.s, IMS_SCSCF_DEREG_PROBATION, ims_str(ALICE), 9,
			world.now);
	run(&world);
	damaged_does_no_harm();
}

static void a_line_end_in_a_record_is_refused(void **state)
{
	struct ims_flaw why = {0};
	struct kept *k;
	char *p;

	register_alice(&world);
	k = kept(&world, ALICE_IMPI);
	p = memmem(k->bytes, k->n, "video", 5);
	assert_non_null(p);
	memcpy(p, "\r\nX: ", 5);
	assert_int_equal(restart_kept(&world, &conf, WALL), -IMS_E_SYNTAX);
	ims_scscf_restore(world.s, ims_str_n(k->bytes, k->n), 0, &why);
	assert_non_null(strstr(why.text, "parameters of a contact"));
}

#define TK(t) cmocka_unit_test_setup_teardown(t, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TK(a_registration_is_kept_before_its_200_is_sent),
		TK(after_a_restart_he_is_registered_as_before),
		TK(no_clock_makes_him_registered_for_longer),
		TK(a_repeated_register_gets_its_200_again),
		TK(who_left_is_not_kept),
		TK(what_expired_meanwhile_is_told),
		TK(a_watcher_hears_all_with_the_next_version),
		TK(a_dialog_is_refreshed_after_a_restart),
		TK(a_repeated_subscribe_gets_its_200_again),
		TK(who_has_left_may_leave_once_more),
		TK(no_version_is_used_twice_at_any_instant),
		TK(a_pause_and_an_order_are_kept),
		TK(a_record_comes_back_only_once),
		TK(a_record_of_the_version_before_is_read),
		TK(one_too_many_is_refused),
		TK(a_damaged_record_does_no_harm),
		TK(nor_does_one_of_who_has_left),
		TK(a_line_end_in_a_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
