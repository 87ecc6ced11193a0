/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_watch.c - our own subscription to reg. */
#include "base_fsm.h"
#include "watch_test.h"

static void the_table_is_sound_and_as_reviewed(void **state)
{
	char mem[16384];
	struct ims_buf b;
	size_t n = 0;
	char *golden = test_read("IMS_TEST_DATA", "../fsm/pcscf-watch.txt", &n);

	assert_null(ims_fsm_lint(&ims_pcscf_watch_fsm, 0));
	ims_buf_init(&b, mem, sizeof mem);
	ims_fsm_print(&ims_pcscf_watch_fsm, &b);
	assert_non_null(golden);
	assert_string_equal(ims_buf_cstr(&b), golden);
	free(golden);
}

/* 24.229 5.2.3 */
static void each_registered_ue_is_watched_for_longer_than_it_registers(
	void **state)
{
	const struct seen *s;

	go_registered(IMS_UDP);
	s = last_mw();
	assert_int_equal(s->m.method, IMS_SIP_SUBSCRIBE);
	assert_str(s->m.uri, IMPU);
	assert_has(s, "\r\nTo: <" IMPU ">\r\n");
	assert_has(s, "\r\nFrom: <sip:127.0.0.1:4060>;tag=");
	assert_has(s, "\r\nP-Asserted-Identity: <sip:127.0.0.1:4060>\r\n");
	assert_has(s, "\r\nContact: <sip:");
	assert_has(s, "@127.0.0.1:4060>\r\n");
	assert_has(s, "\r\nEvent: reg\r\n");
	assert_has(s, "\r\nExpires: 1200\r\n");
	assert_int_equal(s->flow.remote.port, 6060);
}

static void nothing_is_asked_before_the_200(void **state)
{
	go_challenged(IMS_UDP);
	for (size_t i = 0; i < n_mw; i++)
		assert_int_equal(mw[i].m.method, IMS_SIP_REGISTER);
}

static void switched_off_it_is_not_asked(void **state)
{
	conf.subscribe_reg = false;
	restart();
	go_registered(IMS_UDP);
	for (size_t i = 0; i < n_mw; i++)
		assert_int_equal(mw[i].m.method, IMS_SIP_REGISTER);
}

static void it_is_refreshed_in_its_dialog(void **state)
{
	char call_id[100];
	const struct seen *s;
	size_t n;

	go_watched();
	s = last_mw();
	snprintf(call_id, sizeof call_id, "%.*s", IMS_STR_ARG(s->m.call_id));
	n = n_mw;
	pass(1000 * 100);
	assert_int_equal(n_mw, n);
	pass(1000 * 500); /* at half the time */
	assert_int_equal(n_mw, n + 1);
	s = last_mw();
	assert_int_equal(s->m.method, IMS_SIP_SUBSCRIBE);
	assert_str(s->m.call_id, call_id);
	assert_int_equal(s->m.cseq, 2);
	assert_str(s->m.uri, "sip:127.0.0.1:6060");
	assert_has(s, "\r\nTo: <" IMPU ">;tag=core\r\n");
}

static void a_longer_registration_is_watched_longer(void **state)
{
	struct ims_ipsec_set set = *go_watched();
	struct ims_flow f = inside(&set, IMS_UDP);
	char msg[12000];

	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "P-Associated-URI: <" IMPU ">\r\n"
		     "Contact: <sip:001010123456789@[" UE_IP
		     "]:39003>;expires=7200\r\n");
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	assert_int_equal(last_mw()->m.cseq, 2);
	assert_has(last_mw(), "\r\nExpires: 7800\r\n");
}

/* The UE is served all the same; but not for ever in the dark. */
static void a_refusal_is_told_and_tried_again_ever_slower(void **state)
{
	size_t n = 0, at_n[4];
	uint64_t when[4];

	go_registered(IMS_UDP);
	for (size_t i = 0; i < 4; i++) {
		at_n[i] = n_mw;
		when[i] = now;
		core_answers(last_mw(), 403, "");
		assert_told(-IMS_E_PEER);
		while (n_mw == at_n[i] && now < 700000)
			pass(1000);
		n++;
		if (now >= 700000)
			break;
	}
	assert_true(n >= 3);
	assert_in_range(when[1] - when[0], 60000, 61000);
	assert_in_range(when[2] - when[1], 120000, 121000);
	assert_int_equal(last_gm()->m.status, 200);
}

static void no_answer_counts_as_a_refusal(void **state)
{
	size_t n;

	go_registered(IMS_UDP);
	pass(33 * 1000);
	assert_told(-IMS_E_PEER);
	n = n_mw;
	pass(61 * 1000);
	assert_true(n_mw > n);
	assert_int_equal(last_mw()->m.cseq, 1);
}

static void a_ue_that_leaves_needs_no_more_watching(void **state)
{
	struct ims_ipsec_set set = *go_watched();
	struct ims_flow f = inside(&set, IMS_UDP);
	char msg[12000];
	size_t n;

	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Expires", "0");
	swap(msg, "expires=600000", "expires=0");
	feed(&f, msg);
	core_answers(last_mw(), 200, "");
	told_by_core("full", "terminated", "terminated", "unregistered",
		     "terminated;reason=noresource");
	assert_int_equal(last_mw()->m.status, 200);
	n = n_mw;
	pass(4000 * 1000);
	assert_int_equal(n_mw, n);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void it_goes_on_after_a_restart_in_the_same_dialog(void **state)
{
	struct kept before;
	struct ims_flaw why;

	conf.wall_ms = 1700000000000;
	restart();
	go_watched();
	before = *record();
	conf.wall_ms += now;
	restart();
	assert_int_equal(ims_pcscf_restore(p, ims_str_n(before.bytes, before.n),
					   now, &why),
			 0);
	told_by_core("partial", "active", "active", "refreshed", "active");
	assert_int_equal(last_mw()->m.status, 200);
	assert_int_equal(ims_pcscf_sets(p), 1);
	told_by_core("full", "terminated", "terminated", "rejected",
		     "terminated;reason=rejected");
	assert_int_equal(last_mw()->m.status, 200);
	pass(300 * 1000);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void who_was_not_watched_before_a_restart_is_watched_after(void **state)
{
	struct kept before;
	struct ims_flaw why;

	conf.wall_ms = 1700000000000;
	restart();
	go_registered(IMS_UDP); /* and no answer to our SUBSCRIBE */
	before = *record();
	conf.wall_ms += now;
	restart();
	assert_int_equal(ims_pcscf_restore(p, ims_str_n(before.bytes, before.n),
					   now, &why),
			 0);
	pass(30 * 1000);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	assert_str(last_mw()->m.uri, IMPU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TW(the_table_is_sound_and_as_reviewed),
		TW(each_registered_ue_is_watched_for_longer_than_it_registers),
		TW(nothing_is_asked_before_the_200),
		TW(switched_off_it_is_not_asked),
		TW(it_is_refreshed_in_its_dialog),
		TW(a_longer_registration_is_watched_longer),
		TW(a_refusal_is_told_and_tried_again_ever_slower),
		TW(no_answer_counts_as_a_refusal),
		TW(a_ue_that_leaves_needs_no_more_watching),
		TW(it_goes_on_after_a_restart_in_the_same_dialog),
		TW(who_was_not_watched_before_a_restart_is_watched_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
