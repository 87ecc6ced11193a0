/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_notify.c - what the S-CSCF tells us of a registration. */
#include "watch_test.h"

static char msg[12000];

static void an_active_contact_changes_nothing(void **state)
{
	go_watched();
	told_by_core("full", "active", "active", "registered",
		     "active;expires=1200");
	assert_int_equal(last_mw()->m.status, 200);
	assert_int_equal(n_deleted, 0);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* The UE's own NOTIFY comes, and is answered, over the set that ends. */
static void a_registration_that_the_network_ends_ends_here(void **state)
{
	struct ims_ipsec_set set = *go_watched();
	struct ims_flow core = from_core(), f = inside(&set, IMS_UDP);
	static const char *const how[] = {"rejected", "deactivated",
					  "probation", "expired"};

	for (size_t i = 0; i < N_OF(how); i++) {
		if (i)
			set = *go_watched();
		f = inside(&set, IMS_UDP);
		told_by_core("full", "terminated", "terminated", how[i],
			     "terminated;reason=noresource");
		assert_int_equal(last_mw()->m.status, 200);
		assert_int_equal(ims_pcscf_sets(p), 1);
		notify(msg, "");
		feed(&core, msg);
		assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
		assert_int_equal(last_gm()->flow.set, set.id);
		ue_answers(&f, last_gm(), 200, "");
		assert_int_equal(last_mw()->m.status, 200);
		/* but it may ask for nothing any more */
		subscribe(msg);
		set_line(msg, "Security-Verify", NULL);
		feed(&f, msg);
		assert_int_equal(last_gm()->m.status, 403);
		pass(300 * 1000);
		assert_int_equal(ims_pcscf_sets(p), 0);
		assert_int_equal(ims_pcscf_users(p), 0);
		assert_int_equal(record()->n, 0);
		version = core_cseq = 0;
	}
}

/* We have heard of it, the UE has not, and the process ends. */
static void the_next_process_carries_the_news_to_the_ue(void **state)
{
	struct ims_flow core = from_core();
	struct ims_ipsec_set set;
	struct ims_flaw why;
	struct kept before;
	uint64_t wall;

	conf.wall_ms = 1700000000000;
	restart();
	set = *go_watched();
	told_by_core("full", "terminated", "terminated", "rejected",
		     "terminated;reason=rejected");
	before = *record();
	notify(msg, "");
	wall = conf.wall_ms + now;
	conf.wall_ms = wall + 1000;
	restart();
	assert_int_equal(ims_pcscf_restore(p, ims_str_n(before.bytes, before.n),
					   now, &why),
			 0);
	perform();
	assert_true(ims_pcscf_owns(p, set.id));
	feed(&core, msg);
	assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
	assert_int_equal(last_gm()->flow.set, set.id);
	pass(300 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 0);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(record()->n, 0);
}

static void another_device_s_end_is_not_ours(void **state)
{
	go_watched();
	told_by_core("full", "active", "active", "registered", "active");
	notify_us("core",
		  reginfo("partial", "active", "sip:other@192.0.2.1",
			  "terminated", "unregistered"),
		  "active");
	assert_int_equal(last_mw()->m.status, 200);
	pass(300 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* Who spells our contact otherwise does not throw anybody out by that. */
static void an_active_contact_of_another_spelling_is_no_end(void **state)
{
	go_watched();
	notify_us("core",
		  reginfo("full", "active", "sip:x@[2001::1]", "active",
			  "registered"),
		  "active");
	pass(300 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

static void a_partial_document_ends_it_too(void **state)
{
	go_watched();
	told_by_core("full", "active", "active", "registered", "active");
	told_by_core("partial", "terminated", "terminated", "deactivated",
		     "active");
	pass(300 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 0);
}

static void an_old_document_is_not_taken(void **state)
{
	go_watched();
	version = 5;
	told_by_core("full", "active", "active", "registered", "active");
	version = 3;
	told_by_core("full", "terminated", "terminated", "rejected", "active");
	assert_int_equal(last_mw()->m.status, 200);
	pass(300 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

static void what_belongs_to_no_dialog_is_481(void **state)
{
	go_watched();
	notify_us("stranger",
		  reginfo("full", "terminated", CONTACT, "terminated",
			  "rejected"),
		  "active");
	assert_int_equal(last_mw()->m.status, 481);
	pass(1000);
	assert_int_equal(ims_pcscf_users(p), 1);
}

static void out_of_order_is_500(void **state)
{
	go_watched();
	core_cseq = 7;
	told_by_core("full", "active", "active", "registered", "active");
	core_cseq = 5;
	told_by_core("full", "terminated", "terminated", "rejected", "active");
	assert_int_equal(last_mw()->m.status, 500);
	assert_int_equal(ims_pcscf_users(p), 1);
}

static void what_is_no_reginfo_is_400_and_harmless(void **state)
{
	static const char *const bad[] = {"<", "<!DOCTYPE x []><reginfo/>",
					  "<reginfo/>"};

	go_watched();
	for (size_t i = 0; i < N_OF(bad); i++) {
		notify_us("core", bad[i], "active");
		assert_int_equal(last_mw()->m.status, 400);
	}
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* It may overtake the 200 to our SUBSCRIBE [RFC 6665 4.1.2.4]. */
static void a_notify_may_come_before_the_200(void **state)
{
	go_registered(IMS_UDP);
	asked = *last_mw();
	assert_int_equal(ims_sip_msg_parse(ims_str_n(asked.bytes, asked.n),
					   &asked.m, NULL),
			 0);
	told_by_core("full", "active", "active", "registered", "active");
	assert_int_equal(last_mw()->m.status, 200);
	core_answers(&asked, 200, SUBSCRIBED);
	told_by_core("full", "active", "active", "refreshed", "active");
	assert_int_equal(last_mw()->m.status, 200);
}

/* The subscription ends, the registration does not: it is asked for anew. */
static void a_subscription_that_ends_alone_is_made_anew(void **state)
{
	size_t n;

	go_watched();
	told_by_core("full", "active", "active", "registered",
		     "terminated;reason=giveup");
	assert_int_equal(ims_pcscf_sets(p), 1);
	n = n_mw;
	pass(60 * 1000);
	assert_int_equal(n_mw, n + 1);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	assert_int_equal(last_mw()->m.cseq, 1);
}

/* It registers again at the same moment: the core's answer to that decides. */
static void an_end_during_a_refresh_waits_for_its_answer(void **state)
{
	struct ims_ipsec_set set = *go_watched();
	struct ims_flow f = inside(&set, IMS_UDP);
	struct seen refresh;

	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	refresh = *last_mw();
	assert_int_equal(ims_sip_msg_parse(ims_str_n(refresh.bytes, refresh.n),
					   &refresh.m, NULL),
			 0);
	told_by_core("full", "terminated", "terminated", "rejected",
		     "terminated;reason=rejected");
	assert_int_equal(record()->n, 0);
	core_answers(&refresh, 403, "");
	assert_int_equal(last_gm()->m.status, 403);
	assert_int_equal(last_gm()->flow.set, set.id);
	pass(600 * 1000);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(ims_pcscf_sets(p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TW(an_active_contact_changes_nothing),
		TW(a_registration_that_the_network_ends_ends_here),
		TW(the_next_process_carries_the_news_to_the_ue),
		TW(another_device_s_end_is_not_ours),
		TW(an_active_contact_of_another_spelling_is_no_end),
		TW(a_partial_document_ends_it_too),
		TW(an_old_document_is_not_taken),
		TW(what_belongs_to_no_dialog_is_481),
		TW(out_of_order_is_500),
		TW(what_is_no_reginfo_is_400_and_harmless),
		TW(a_notify_may_come_before_the_200),
		TW(a_subscription_that_ends_alone_is_made_anew),
		TW(an_end_during_a_refresh_waits_for_its_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
