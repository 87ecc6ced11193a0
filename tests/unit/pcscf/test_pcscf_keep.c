/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_keep.c - a UE as a record. */
#include "pcscf_test.h"

static char msg[12000];

static void the_record_is_queued_before_the_200_that_it_stands_for(void **state)
{
	go_challenged(IMS_UDP);
	assert_int_equal(n_kept, 0);
	go_registered(IMS_UDP);
	assert_true(n_kept > 0);
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(kept[0].n_gm, n_gm - 1);
	assert_true(record()->n > 0);
}

/* What the core garbles is left out: the rest has to find its way back. */
static void only_what_can_be_read_again_is_in_it(void **state)
{
	char copy[12000];
	struct ims_flaw why;
	struct ims_flow f;
	size_t n;

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "P-Associated-URI: sip:a@x>, <tel:+1>, *\r\n"
		     "Service-Route: <sip:x, <sip:o@127.0.0.1;lr>\r\n"
		     "Contact: <sip:001010123456789@[" UE_IP
		     "]:39003>;expires=600\r\n");
	assert_int_equal(last_gm()->m.status, 200);
	n = record()->n;
	memcpy(copy, record()->bytes, n);
	assert_non_null(memmem(copy, n, "<tel:+1>", 8));
	restart();
	assert_int_equal(ims_pcscf_restore(p, ims_str_n(copy, n), now, &why),
			 0);
	assert_int_equal(ims_pcscf_users(p), 1);
}

/* Its key is the UE's name on Mw. */
static void its_key_is_the_token_in_path(void **state)
{
	go_registered(IMS_UDP);
	assert_non_null(strstr(path_uri(), record()->key));
	assert_int_equal(strlen(record()->key), 16);
}

static void keys_and_pending_challenges_are_not_in_it(void **state)
{
	struct ims_ipsec_set s = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&s, IMS_UDP);
	size_t n = record()->n;

	assert_null(memmem(record()->bytes, n, s.keys.alg, 16));
	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(n_added, 2);
	assert_int_equal(record()->n, n);
}

static void a_set_that_is_taken_into_use_is_a_new_record(void **state)
{
	struct ims_ipsec_set s = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&s, IMS_UDP);
	char client[400], server[600];
	size_t before;

	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	snprintf(client, sizeof client, SEC_LINE, 1002, 1003, 38004, 39003);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	strcpy(server, server_text());
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	set_line(msg, "CSeq", "4 REGISTER");
	set_line(msg, "Security-Client", client);
	set_line(msg, "Security-Verify", server);
	before = n_kept;
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	assert_true(n_kept > before);
	assert_int_equal(kept[before].n_gm, n_gm - 1);
	before = n_kept;
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg); /* heard: the new one is in use */
	assert_int_equal(n_kept, before + 1);
	core_answers(last_mw(), 200, "");
	before = n_kept;
	pass(130 * 1000); /* and the old one ends */
	assert_true(n_kept > before);
}

static void who_leaves_is_forgotten_before_his_200(void **state)
{
	struct ims_ipsec_set s = *go_registered(IMS_UDP);
	struct ims_flow f = inside(&s, IMS_UDP);

	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	set_line(msg, "Expires", "0");
	swap(msg, "expires=600000", "expires=0");
	feed(&f, msg);
	core_answers(last_mw(), 200, "");
	assert_int_equal(last_gm()->m.status, 200);
	assert_int_equal(record()->n, 0);
	assert_int_equal(record()->n_gm, n_gm - 1);
}

static void who_does_not_come_again_is_forgotten(void **state)
{
	go_registered(IMS_UDP);
	pass(700 * 1000);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(record()->n, 0);
}

static void a_p_cscf_that_ends_in_order_leaves_nothing(void **state)
{
	struct ims_ev ev = {.kind = IMS_EV_STOP};

	go_registered(IMS_UDP);
	ims_pcscf_event(p, &ev, now);
	perform();
	assert_int_equal(record()->n, 0);
	assert_int_equal(n_deleted, 1);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void what_is_not_registered_is_no_record(void **state)
{
	go_challenged(IMS_UDP);
	pass(300 * 1000);
	assert_int_equal(n_kept, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_record_is_queued_before_the_200_that_it_stands_for),
		T(only_what_can_be_read_again_is_in_it),
		T(its_key_is_the_token_in_path),
		T(keys_and_pending_challenges_are_not_in_it),
		T(a_set_that_is_taken_into_use_is_a_new_record),
		T(who_leaves_is_forgotten_before_his_200),
		T(who_does_not_come_again_is_forgotten),
		T(a_p_cscf_that_ends_in_order_leaves_nothing),
		T(what_is_not_registered_is_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
