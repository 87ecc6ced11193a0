/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_restore.c - a UE back from its record. */
#include "pcscf_test.h"

static char msg[12000];
static struct kept before; /* the record when the process ended */
static struct ims_ipsec_set set;
static char server[600];

static int restore(void)
{
	struct ims_flaw why = {0};
	int err = ims_pcscf_restore(p, ims_str_n(before.bytes, before.n), now,
				    &why);

	perform();
	if (err)
		assert_int_equal(why.err, err);
	return err;
}

/* Registered, then the process ended and another began `later` ms after. */
static void reborn(uint64_t later)
{
	uint64_t wall = conf.wall_ms + now;

	before = *record();
	strcpy(server, server_text());
	conf.wall_ms = wall + later - 1000;
	restart();
	rand_state = 42; /* chance is not the same again */
}

static void registered_and_reborn(uint64_t later)
{
	conf.wall_ms = 1700000000000;
	restart();
	set = *go_registered(IMS_UDP);
	reborn(later);
}

static void go_on(void)
{
	struct ims_flow f = inside(&set, IMS_UDP);

	subscribe(msg);
	set_line(msg, "Security-Verify", server);
	feed(&f, msg);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	assert_has(last_mw(), "P-Asserted-Identity: <" IMPU ">");
	core_answers(last_mw(), 200, "");
	assert_int_equal(last_gm()->flow.set, set.id);
}

static void a_registered_ue_goes_on_as_if_nothing_had_been(void **state)
{
	registered_and_reborn(5000);
	assert_false(ims_pcscf_owns(p, set.id));
	assert_int_equal(restore(), 0);
	assert_true(ims_pcscf_owns(p, set.id));
	assert_int_equal(ims_pcscf_sets(p), 1);
	assert_int_equal(n_added, 0);
	assert_int_equal(n_deleted, 0);
	go_on();
}

/* A phone may write what the standards do not allow; we took it. */
static void a_contact_in_utf_8_comes_back_like_any_other(void **state)
{
	struct ims_flow f;

	conf.wall_ms = 1700000000000;
	restart();
	go_challenged(IMS_UDP);
	set = *last_added();
	f = inside(&set, IMS_UDP);
	register2(msg);
	set_line(msg, "Contact",
		 "<sip:j\xc3\xbcrgen@[" UE_IP "]:39003>;expires=600");
	feed(&f, msg);
	core_answers(last_mw(), 200,
		     "P-Associated-URI: \"J\xc3\xbcrgen\" <" IMPU ">\r\n"
		     "Contact: <sip:j\xc3\xbcrgen@[" UE_IP
		     "]:39003>;expires=600\r\n");
	assert_int_equal(last_gm()->m.status, 200);
	reborn(5000);
	assert_int_equal(restore(), 0);
	go_on();
}

static void it_is_found_by_its_token_and_sent_to_over_its_set(void **state)
{
	struct ims_flow core = from_core();
	char line[220];

	registered_and_reborn(5000);
	snprintf(line, sizeof line, "<sip:%s@127.0.0.1:4060;lr>", before.key);
	assert_int_equal(restore(), 0);
	notify(msg, "");
	set_line(msg, "Route", line);
	feed(&core, msg);
	assert_int_equal(last_gm()->m.method, IMS_SIP_NOTIFY);
	assert_int_equal(last_gm()->flow.set, set.id);
}

static void it_ends_when_it_would_have(void **state)
{
	registered_and_reborn(600 * 1000);
	assert_int_equal(restore(), 0);
	pass(20 * 1000);
	assert_int_equal(ims_pcscf_users(p), 1);
	pass(20 * 1000);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_int_equal(deleted[0], set.id);
	assert_int_equal(record()->n, 0);
}

static void what_has_ended_meanwhile_is_forgotten(void **state)
{
	registered_and_reborn(700 * 1000);
	assert_int_equal(restore(), 0);
	assert_int_equal(ims_pcscf_users(p), 0);
	assert_false(ims_pcscf_owns(p, set.id));
	assert_int_equal(record()->n, 0);
	assert_string_equal(record()->key, before.key);
}

static void a_clock_that_went_back_lengthens_nothing(void **state)
{
	registered_and_reborn(0);
	conf.wall_ms = 0; /* 1970 */
	restart();
	assert_int_equal(restore(), 0);
	go_on();
	pass(640 * 1000);
	pass(200 * 1000); /* the SUBSCRIBE is no more on its way */
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void numbers_go_on_and_meet_nothing_restored(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);

	registered_and_reborn(1000);
	assert_int_equal(restore(), 0);
	f.remote = at("[2001::77]:5060");
	register1(msg);
	swap(msg, "username=\"001010123456789", "username=\"other");
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(last_added()->id, set.id + 1);
	for (int a = 0; a < 4; a++)
		for (int b = 0; b < 4; b++)
			if (a % 3 == 0 && b % 3 == 0)
				assert_int_not_equal(last_added()->sa[a].spi,
						     set.sa[b].spi);
}

static void it_may_begin_anew_on_its_old_ports(void **state)
{
	registered_and_reborn(1000);
	assert_int_equal(restore(), 0);
	go_registered(IMS_UDP);
	assert_int_equal(deleted[n_deleted - 1], set.id);
	assert_int_equal(last_added()->sa[IMS_UC_TO_PS].dst.port, 50720);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

static void it_can_be_re_authenticated(void **state)
{
	struct ims_flow f;

	registered_and_reborn(1000);
	assert_int_equal(restore(), 0);
	f = inside(&set, IMS_UDP);
	reregister(msg, 1);
	set_line(msg, "Security-Verify", server);
	feed(&f, msg);
	assert_has(last_mw(), "integrity-protected=\"yes\"");
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_int_equal(last_gm()->flow.set, set.id);
	assert_int_equal(last_added()->sa[IMS_US_TO_PC].dst.port, 50719);
}

static void a_ue_in_the_clear_comes_back_too(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);

	conf.security = IMS_PCSCF_OFF;
	conf.wall_ms = 1700000000000;
	restart();
	register1(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	assert_int_equal(last_gm()->m.status, 200);
	reborn(1000);
	assert_int_equal(restore(), 0);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	f.remote.port = 39003; /* its contact */
	feed(&f, msg);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	pass(700 * 1000);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void the_same_record_twice_is_refused(void **state)
{
	registered_and_reborn(1000);
	assert_int_equal(restore(), 0);
	assert_int_equal(restore(), -IMS_E_EXISTS);
	assert_int_equal(ims_pcscf_users(p), 1);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

static void a_record_for_other_ports_of_ours_is_refused(void **state)
{
	registered_and_reborn(1000);
	conf.port_ps = 6000;
	conf.port_ps2 = 0;
	restart();
	assert_int_equal(restore(), -IMS_E_CONFIG);
	conf.port_ps = 50718;
	conf.port_pc[0] = 6001;
	restart();
	assert_int_equal(restore(), -IMS_E_CONFIG);
	conf.gm = at("[2001:0:0:1::3]:5060");
	restart();
	assert_int_equal(restore(), -IMS_E_CONFIG);
	assert_int_equal(ims_pcscf_users(p), 0);
}

static void a_full_house_refuses_it(void **state)
{
	registered_and_reborn(1000);
	conf.max_users = 0;
	restart();
	assert_int_equal(restore(), -IMS_E_TOOBIG);
	assert_int_equal(ims_pcscf_sets(p), 0);
}

static void every_record_cut_short_is_refused(void **state)
{
	size_t n;

	registered_and_reborn(1000);
	n = before.n;
	for (before.n = 0; before.n < n; before.n++)
		assert_int_equal(restore(), -IMS_E_SYNTAX);
	assert_int_equal(ims_pcscf_users(p), 0);
	before.n = n;
	before.bytes[before.n++] = 0;
	assert_int_equal(restore(), -IMS_E_SYNTAX);
}

/* Whatever a flipped byte makes of it: it is whole, or it is refused and
 * leaves nothing behind.
 */
static void a_flipped_byte_does_no_harm(void **state)
{
	registered_and_reborn(1000);
	for (size_t i = 0; i < before.n; i++) {
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			before.bytes[i] = (char)(before.bytes[i] ^ (int)bit);
			if (restore() == 0) {
				assert_true(ims_pcscf_users(p) <= 1);
				pass(1000);
				restart();
			}
			assert_int_equal(ims_pcscf_users(p), 0);
			assert_int_equal(ims_pcscf_sets(p), 0);
			before.bytes[i] = (char)(before.bytes[i] ^ (int)bit);
			n_told = n_kept = 0;
		}
	}
	assert_int_equal(restore(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_registered_ue_goes_on_as_if_nothing_had_been),
		T(a_contact_in_utf_8_comes_back_like_any_other),
		T(it_is_found_by_its_token_and_sent_to_over_its_set),
		T(it_ends_when_it_would_have),
		T(what_has_ended_meanwhile_is_forgotten),
		T(a_clock_that_went_back_lengthens_nothing),
		T(numbers_go_on_and_meet_nothing_restored),
		T(it_may_begin_anew_on_its_old_ports),
		T(it_can_be_re_authenticated),
		T(a_ue_in_the_clear_comes_back_too),
		T(the_same_record_twice_is_refused),
		T(a_record_for_other_ports_of_ours_is_refused),
		T(a_full_house_refuses_it),
		T(every_record_cut_short_is_refused),
		T(a_flipped_byte_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
