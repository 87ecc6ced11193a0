/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_restart.c - a 200 OK is a promise: core or UE end at any act, without a
 * word, and start again with what they kept.
 */
#include "flow_lab.h"
#include "flow_mortal.h"
#include "run_keep_mem.h"
#include "test.h"

/* --- what is seen --------------------------------------------------------- */

static unsigned refusals, challenges, notify_cseq, notify_version, notify_udp;

static unsigned number_after(struct ims_str bytes, const char *what)
{
	const char *at = memmem(bytes.p, bytes.n, what, strlen(what));

	return at ? (unsigned)strtoul(at + strlen(what), NULL, 10) : 0;
}

static char dialog[80];

/* A new one begins anew. */
static void note_dialog(struct ims_str bytes)
{
	const char *from = memmem(bytes.p, bytes.n, "\r\nFrom: ", 8);
	const char *tag = from ? strstr(from, ";tag=") : NULL;

	assert_non_null(tag);
	if (strncmp(dialog, tag, 15) == 0)
		return;
	snprintf(dialog, sizeof dialog, "%.15s", tag);
	notify_cseq = notify_version = 0;
}

static struct ims_str in_reginfo(struct ims_str bytes)
{
	const char *at = memmem(bytes.p, bytes.n, "<reginfo", 8);

	assert_non_null(at);
	return ims_str_from(bytes, (size_t)(at - bytes.p));
}

/* Each NOTIFY has a higher CSeq, and a document a higher version, than all
 * before it; the same ones again are a retransmission.
 */
static void seen(struct lab *l, const struct ims_seen *m)
{
	unsigned cseq, version;

	if (m->who != IMS_WHO_PCSCF || !m->sent)
		return;
	if (ims_str_starts(m->bytes, IMS_S("SIP/2.0 401")))
		challenges++;
	if (ims_str_starts(m->bytes, IMS_S("SIP/2.0 503")))
		refusals++;
	if (m->flow->side != IMS_GM ||
	    !ims_str_starts(m->bytes, IMS_S("NOTIFY ")))
		return;
	cseq = number_after(m->bytes, "\r\nCSeq: ");
	version = 1 + number_after(in_reginfo(m->bytes), " version=\"");
	assert_true(cseq > 0);
	notify_udp += m->flow->transport == IMS_UDP;
	if (death.dead) /* does not leave */
		return;
	note_dialog(m->bytes);
	assert_true(cseq >= notify_cseq);
	assert_true(cseq > notify_cseq
			    ? version > notify_version || !notify_version
			    : version == notify_version);
	notify_cseq = cseq;
	notify_version = version;
}

/* --- a life --------------------------------------------------------------- */

struct life {
	struct lab l;
	struct mortal core, ue;
};

static void begin(struct life *f, uint64_t seed)
{
	memset(&death, 0, sizeof death);
	refusals = challenges = notify_cseq = notify_version = notify_udp = 0;
	dialog[0] = 0;
	lab_init(&f->l, seed);
	f->core = (struct mortal){{&ops}, ims_run_keep_mem_new(), false};
	f->ue = (struct mortal){{&ops}, ims_run_keep_mem_new(), true};
	assert_non_null(f->core.real);
	assert_non_null(f->ue.real);
	f->l.keep_core = &f->core.store;
	f->l.keep_ue = &f->ue.store;
	f->l.lives = lives;
	f->l.seen = seen;
	f->l.ue_conf.expires = 7200;
	f->l.ue_conf.retry = true;
}

static void restart_if_dead(struct life *f)
{
	if (!death.dead)
		return;
	death.armed = death.dead = false;
	ims_run_keep_mem_crash(death.of_ue ? f->ue.real : f->core.real);
	if (death.of_ue)
		lab_restart_ue(&f->l);
	else
		lab_restart_core(&f->l);
}

static void pass(struct life *f, uint64_t ms)
{
	uint64_t until = ims_wire_now(f->l.mem.wire) + ms;

	while (ims_run_mem_turn(&f->l.mem, until))
		restart_if_dead(f);
}

static bool until(struct life *f, enum ims_tell tell, unsigned n, uint64_t ms)
{
	uint64_t end = ims_wire_now(f->l.mem.wire) + ms;

	while (f->l.told[tell] < n) {
		if (!ims_run_mem_turn(&f->l.mem, end))
			return false;
		restart_if_dead(f);
	}
	return true;
}

static void arm(bool of_ue, unsigned left)
{
	death.armed = true;
	death.of_ue = of_ue;
	death.dead = false;
	death.left = left;
	death.counted = 0;
}

static void nothing_is_left(struct ims_keep_store *s)
{
	assert_int_equal(ims_run_keep_mem_size(s, IMS_KEEP_SET), 0);
	assert_int_equal(ims_run_keep_mem_size(s, IMS_KEEP_PCSCF), 0);
	assert_int_equal(ims_run_keep_mem_size(s, IMS_KEEP_SCSCF), 0);
	assert_int_equal(ims_run_keep_mem_size(s, IMS_KEEP_UE), 0);
	assert_int_equal(ims_run_keep_mem_lives(s), 0);
}

static void end(struct life *f)
{
	death.armed = false;
	lab_end(&f->l);
	nothing_is_left(f->core.real);
	nothing_is_left(f->ue.real);
	f->core.real->ops->free(f->core.real);
	f->ue.real->ops->free(f->ue.real);
}

/* Registered on both sides, over exactly one set. */
static void is_registered(struct life *f)
{
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(f->l.core)),
			 1);
	assert_int_equal(ims_pcscf_users(ims_run_core_pcscf(f->l.core)), 1);
	assert_int_equal(f->l.sets_core, 1);
	assert_int_equal(f->l.sets_ue, 1);
	assert_true(ims_pcscf_owns(ims_run_core_pcscf(f->l.core), 1) ||
		    ims_pcscf_sets(ims_run_core_pcscf(f->l.core)) == 1);
}

/* The next refresh needs no new authentication. */
static void refreshes_unchallenged(struct life *f)
{
	unsigned before = challenges, n = f->l.told[IMS_TELL_REFRESHED];

	assert_true(until(f, IMS_TELL_REFRESHED, n + 1, 7200 * 1000));
	assert_int_equal(challenges, before);
	pass(f, 1000);
	is_registered(f);
}

/* --- the core ------------------------------------------------------------- */

static void a_registered_ue_does_not_notice_a_restart(void **state)
{
	struct life f;

	begin(&f, 1);
	lab_start(&f.l);
	assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
	pass(&f, 1000);
	for (int i = 0; i < 5; i++) {
		ims_run_keep_mem_crash(f.core.real);
		lab_restart_core(&f.l);
		is_registered(&f);
		pass(&f, 60000);
		is_registered(&f);
		refreshes_unchallenged(&f);
	}
	assert_int_equal(challenges, 1);
	assert_int_equal(f.l.told[IMS_TELL_REGISTERED], 1);
	assert_int_equal(f.l.dropped[IMS_E_ESP_REPLAY], 0);
	end(&f);
}

/* From the first REGISTER on: at every act until all is done. */
static void the_core_may_end_at_any_act_of_a_registration(void **state)
{
	bool died = true;

	for (unsigned at = 0; died; at++) {
		struct life f;

		begin(&f, 100 + at);
		lab_start(&f.l);
		arm(false, at);
		if (!until(&f, IMS_TELL_NOTIFIED, 1, 3000 * 1000))
			fail_msg("ended at act %u: %s, registered %u, "
				 "subscribed %u, %s",
				 at, ims_ue_state(ims_run_ue_role(f.l.ue)),
				 f.l.told[IMS_TELL_REGISTERED],
				 f.l.told[IMS_TELL_SUBSCRIBED], f.l.text);
		died = !death.armed;
		death.armed = false;
		pass(&f, 600 * 1000);
		is_registered(&f);
		/* Once: who has his 200 has no reason to ask again. */
		assert_int_equal(f.l.told[IMS_TELL_REGISTERED], 1);
		refreshes_unchallenged(&f);
		end(&f);
		assert_true(at < 500);
		if (!died)
			print_message("%u acts\n", at);
	}
}

/* A refresh, and the NOTIFY that follows it. */
static void the_core_may_end_at_any_act_of_a_refresh(void **state)
{
	bool died = true;

	for (unsigned at = 0; died; at++) {
		struct life f;

		begin(&f, 1000 + at);
		lab_start(&f.l);
		assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
		pass(&f, 100000);
		arm(false, at);
		assert_true(until(&f, IMS_TELL_REFRESHED, 1, 7200 * 1000));
		pass(&f, 60000);
		died = !death.armed;
		death.armed = false;
		pass(&f, 600 * 1000);
		is_registered(&f);
		assert_int_equal(challenges, 1);
		assert_int_equal(f.l.told[IMS_TELL_REGISTERED], 1);
		refreshes_unchallenged(&f);
		end(&f);
		assert_true(at < 500);
		if (!died)
			print_message("%u acts\n", at);
	}
}

/* Who leaves has left, whenever it ends; and is not asked who he is. */
static void the_core_may_end_at_any_act_of_a_good_bye(void **state)
{
	bool died = true;

	for (unsigned at = 0; died; at++) {
		struct life f;

		begin(&f, 2000 + at);
		lab_start(&f.l);
		assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
		pass(&f, 100000);
		arm(false, at);
		ims_run_ue_stop(f.l.ue);
		assert_true(until(&f, IMS_TELL_DEREGISTERED, 1, 600 * 1000));
		pass(&f, 60000);
		died = !death.armed;
		death.armed = false;
		assert_int_equal(challenges, 1);
		assert_int_equal(ims_scscf_registered(
					 ims_run_core_scscf(f.l.core)),
				 0);
		end(&f);
		assert_true(at < 500);
		if (!died)
			print_message("%u acts\n", at);
	}
}

/* No 200 that is not stored, but a 503 [threats F04]; it heals by itself. */
static void without_a_store_nothing_is_promised(void **state)
{
	struct life f;

	begin(&f, 7);
	ims_run_keep_mem_full(f.core.real, true);
	lab_start(&f.l);
	assert_false(until(&f, IMS_TELL_REGISTERED, 1, 60000));
	assert_true(refusals > 1); /* where it was found, and from then on */
	assert_int_equal(f.l.core_problem[IMS_E_STORE], 1);
	assert_int_equal(ims_run_keep_mem_size(f.core.real, IMS_KEEP_SET), 0);
	ims_run_keep_mem_full(f.core.real, false);
	assert_true(until(&f, IMS_TELL_REGISTERED, 1, 3000 * 1000));
	pass(&f, 600 * 1000);
	is_registered(&f);
	end(&f);
}

/* Who is registered stays so while nothing can be stored: a refresh is refused,
 * and comes again.
 */
static void a_full_disk_ends_no_registration(void **state)
{
	struct life f;

	begin(&f, 9);
	lab_start(&f.l);
	assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
	pass(&f, 60000);
	ims_run_keep_mem_full(f.core.real, true);
	ims_run_ue_start(f.l.ue); /* refreshes */
	pass(&f, 60000);
	assert_true(refusals > 0);
	assert_int_equal(f.l.told[IMS_TELL_REFRESHED], 0);
	assert_int_equal(f.l.told[IMS_TELL_FAILED], 0);
	assert_int_equal(f.l.sets_core, 1);
	ims_run_keep_mem_crash(f.core.real);
	lab_restart_core(&f.l);
	ims_run_keep_mem_full(f.core.real, false);
	refreshes_unchallenged(&f);
	end(&f);
}

/* A record that cannot be read costs its owner his registration, and nobody
 * anything else.
 */
static int spoil(void *arg, struct ims_str key, struct ims_str record)
{
	struct ims_keep_store *s = arg;
	char bad[4096];

	assert_true(record.n < sizeof bad);
	memcpy(bad, record.p, record.n);
	bad[record.n / 2] ^= 0x40;
	return s->ops->put(s, IMS_KEEP_PCSCF, key,
			   ims_str_n(bad, record.n / 2 + 1));
}

static void a_damaged_record_is_told_and_dropped(void **state)
{
	struct life f;

	begin(&f, 9);
	lab_start(&f.l);
	assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
	pass(&f, 1000);
	f.core.real->ops->each(f.core.real, IMS_KEEP_PCSCF, spoil, f.core.real);
	assert_int_equal(f.core.real->ops->commit(f.core.real), 0);
	lab_restart_core(&f.l);
	assert_true(f.l.core_problem[IMS_E_SYNTAX] > 0);
	assert_int_equal(ims_run_keep_mem_size(f.core.real, IMS_KEEP_PCSCF), 0);
	assert_int_equal(ims_run_keep_mem_size(f.core.real, IMS_KEEP_SET), 0);
	assert_int_equal(ims_run_keep_mem_lives(f.core.real), 0);
	assert_int_equal(f.l.sets_core, 0);
	assert_true(until(&f, IMS_TELL_REGISTERED, 2, 7200 * 1000));
	pass(&f, 600 * 1000);
	is_registered(&f);
	end(&f);
}

/* Who is thrown out hears of it at once, and not at his next refresh; or the
 * order came to nothing, and he is registered as before.
 */
static void thrown_out_or_not(struct life *f, unsigned at)
{
	if (ims_scscf_registered(ims_run_core_scscf(f->l.core))) {
		is_registered(f);
		refreshes_unchallenged(f);
		return;
	}
	if (f->l.told[IMS_TELL_DEREGISTERED] != 1 || f->l.sets_core)
		fail_msg("ended at act %u: told %u times, %u sets left", at,
			 f->l.told[IMS_TELL_DEREGISTERED], f->l.sets_core);
	assert_int_equal(f->l.sets_ue, 0);
	nothing_is_left(f->core.real);
}

static void the_core_may_end_at_any_act_of_an_order(void **state)
{
	bool died = true;

	for (unsigned at = 0; died; at++) {
		struct life f;
		char impu[IMS_ID_MAX];

		begin(&f, 4000 + at);
		lab_start(&f.l);
		assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
		pass(&f, 10000);
		arm(false, at);
		ims_str_copy(impu, sizeof impu, ims_str(f.l.ue_conf.impu));
		ims_run_core_order(f.l.core, IMS_SCSCF_DEREG_REJECTED,
				   ims_str(impu), 60);
		restart_if_dead(&f);
		pass(&f, 300 * 1000);
		died = !death.armed;
		death.armed = false;
		thrown_out_or_not(&f, at);
		end(&f);
		assert_true(at < 500);
		if (!died)
			print_message("%u acts\n", at);
	}
}

/* --- the UE --------------------------------------------------------------- */

static void a_ue_goes_on_after_a_restart(void **state)
{
	struct life f;

	begin(&f, 11);
	lab_start(&f.l);
	assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
	pass(&f, 1000);
	for (int i = 0; i < 5; i++) {
		ims_run_keep_mem_crash(f.ue.real);
		lab_restart_ue(&f.l);
		pass(&f, 60000);
		is_registered(&f);
		refreshes_unchallenged(&f);
	}
	assert_int_equal(challenges, 1);
	end(&f);
}

static void the_ue_may_end_at_any_act_of_a_registration(void **state)
{
	bool died = true;

	for (unsigned at = 0; died; at++) {
		struct life f;

		begin(&f, 3000 + at);
		arm(true, at);
		lab_start(&f.l);
		restart_if_dead(&f);
		assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 3000 * 1000));
		died = !death.armed;
		death.armed = false;
		pass(&f, 600 * 1000);
		is_registered(&f);
		refreshes_unchallenged(&f);
		end(&f);
		assert_true(at < 500);
		if (!died)
			print_message("%u acts\n", at);
	}
}

/* --- connections ---------------------------------------------------------- */

/* Nothing told either side that the other's end of it has gone: what is sent
 * over it gets a RST, and goes once more over a new one inside the same SAs.
 */
static void a_stale_connection_costs_the_ue_nothing(void **state)
{
	struct life f;

	begin(&f, 21);
	f.l.ue_conf.transport_register = IMS_UE_TCP;
	f.l.ue_conf.transport_other = IMS_UE_TCP;
	lab_start(&f.l);
	assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
	pass(&f, 1000);
	for (int i = 0; i < 3; i++) {
		ims_run_keep_mem_crash(f.core.real);
		lab_restart_core(&f.l);
		refreshes_unchallenged(&f);
	}
	ims_run_keep_mem_crash(f.core.real);
	lab_restart_core(&f.l);
	ims_run_ue_stop(f.l.ue);
	assert_true(until(&f, IMS_TELL_DEREGISTERED, 1, 600 * 1000));
	assert_int_equal(ims_scscf_registered(ims_run_core_scscf(f.l.core)), 0);
	pass(&f, 200 * 1000);
	assert_int_equal(f.l.sets_core, 0);
	assert_int_equal(challenges, 1);
	assert_int_equal(f.l.told[IMS_TELL_PROBLEM], 0);
	end(&f);
}

/* From the P-CSCF to port_us: one that a UE does not know any more. */
static void a_stale_connection_costs_the_core_nothing(void **state)
{
	struct life f;

	begin(&f, 22);
	f.l.core_conf.pcscf.udp_max = 400;
	f.l.ue_conf.transport_register = IMS_UE_TCP;
	f.l.ue_conf.transport_other = IMS_UE_TCP;
	lab_start(&f.l);
	assert_true(until(&f, IMS_TELL_NOTIFIED, 1, 60000));
	pass(&f, 1000);
	for (unsigned i = 0; i < 3; i++) {
		ims_run_keep_mem_crash(f.ue.real);
		lab_restart_ue(&f.l);
		assert_true(until(&f, IMS_TELL_NOTIFIED, i + 2, 10000));
		pass(&f, 60000);
		is_registered(&f);
	}
	assert_int_equal(challenges, 1);
	assert_int_equal(notify_udp, 0);
	assert_int_equal(f.l.core_problem[IMS_E_SILENCE], 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registered_ue_does_not_notice_a_restart),
		cmocka_unit_test(the_core_may_end_at_any_act_of_a_registration),
		cmocka_unit_test(the_core_may_end_at_any_act_of_a_refresh),
		cmocka_unit_test(the_core_may_end_at_any_act_of_a_good_bye),
		cmocka_unit_test(without_a_store_nothing_is_promised),
		cmocka_unit_test(a_full_disk_ends_no_registration),
		cmocka_unit_test(a_damaged_record_is_told_and_dropped),
		cmocka_unit_test(the_core_may_end_at_any_act_of_an_order),
		cmocka_unit_test(a_ue_goes_on_after_a_restart),
		cmocka_unit_test(the_ue_may_end_at_any_act_of_a_registration),
		cmocka_unit_test(a_stale_connection_costs_the_ue_nothing),
		cmocka_unit_test(a_stale_connection_costs_the_core_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
