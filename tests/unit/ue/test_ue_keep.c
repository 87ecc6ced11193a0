/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_keep.c - what outlives the process, and what is no record. */
#include "base_pack.h"
#include "ue_script.h"

#define SERVER2                                                              \
	"ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=4000;spi-s=4001;port-c=" \
	"50719;port-s=50718"

/* Another process, `later` ms after the one that wrote the record; its clock
 * begins anew.
 */
static int reborn(struct script *s, const struct script *dead, uint64_t later,
		  struct ims_flaw *why)
{
	struct ims_ue_conf c = dead->conf;

	c.wall_ms = dead->conf.wall_ms + dead->now + later - 500;
	script_new(s, &c);
	s->now = 500;
	*why = (struct ims_flaw){0};
	return ims_ue_restore(s->ue, ims_str_n(dead->record, dead->n_record),
			      s->now, why);
}

static void begin(struct script *s)
{
	struct ims_ue_conf c;

	script_conf(&c);
	c.wall_ms = UINT64_C(1700000000000);
	script_new(s, &c);
	script_register(s, 3600);
}

static void the_record_is_safe_before_what_rests_on_it(void **state)
{
	struct script s;
	char nonce[64];

	begin(&s);
	/* the 200: then SUBSCRIBE, whose CSeq is in it */
	assert_true(s.keeps > 0 && !s.kept_late);
	script_subscribe(&s);
	assert_true(s.keeps > 0);
	script_notify(&s, 2, "active;expires=500000",
		      REGINFO("1", "full",
			      MY_CONTACT("active", "registered", "")));
	assert_true(s.kept_first); /* its CSeq is in it */
	script_start(&s);          /* REGISTER: CSeq and nc */
	assert_true(s.keeps > 0 && !s.kept_late);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	assert_true(!s.kept_late);
	script_ok(&s, 3600, "");
	assert_true(s.keeps > 0 && !s.kept_late);
	assert_true(s.n_record > 100);
	script_stop(&s);
	assert_true(s.n_record > 100); /* not gone before the 200 says so */
	script_reply(&s, 200, "");
	assert_int_equal(s.n_record, 0);
	script_free(&s);
}

static void it_goes_on_where_it_was(void **state)
{
	struct script dead, s;
	struct ims_flaw why;

	begin(&dead);
	script_subscribe(&dead);
	assert_int_equal(reborn(&s, &dead, 60000, &why), 0);
	script_state(&s, "registered");
	assert_int_equal(ims_ue_set(s.ue), 565818);
	assert_true(ims_ue_owns(s.ue, 565818));
	assert_false(ims_ue_owns(s.ue, 565817));
	assert_false(ims_ue_owns(s.ue, 0));
	assert_int_equal(ims_ue_expires_s(s.ue, s.now), 3600 - 60);
	script_start(&s);
	script_state(&s, "registered");
	assert_true(
		script_heard(&s, IMS_TELL_REGISTERED, 0, "still registered"));
	/* Full state is asked for, in the dialog that there is. */
	assert_int_equal(s.n_sent, 1);
	assert_int_equal(strncmp(s.last.text, "SUBSCRIBE ", 10), 0);
	assert_int_equal(s.last.flow.set, 565818);
	assert_int_equal(s.last.flow.local.port, 38003);
	assert_int_equal(s.last.flow.remote.port, 50718);
	assert_non_null(strstr(s.last.text, "CSeq: 2 SUBSCRIBE"));
	assert_non_null(strstr(s.last.text, dead.ue->sub_call_id));
	assert_str(script_header(&s.last, IMS_SIP_SECURITY_VERIFY),
		   SEED_SERVER);
	script_reply(&s, 200, "Expires: 600000\r\n");
	script_notify(&s, 2, "active",
		      REGINFO("7", "full",
			      MY_CONTACT("active", "registered", "")));
	assert_true(script_heard(&s, IMS_TELL_NOTIFIED, 0, "version 7"));
	/* And it is renewed in time, with the last nonce and a higher CSeq. */
	script_wait(&s, 3000000);
	while (s.ue->reg == UE_REGISTERED)
		script_wait(&s, 3000000);
	script_state(&s, "refreshing");
	assert_non_null(strstr(s.last.text, SEED_NONCE));
	assert_non_null(strstr(s.last.text, "nc=00000002"));
	assert_non_null(strstr(s.last.text, "CSeq: 3 REGISTER"));
	assert_non_null(strstr(s.last.text, dead.ue->call[0].id));
	assert_int_equal(s.ue->offer.port_s, 39003);
	assert_int_not_equal(s.ue->offer.port_c, 38003);
	script_ok(&s, 3600, "");
	script_state(&s, "registered");
	script_free(&s);
	script_free(&dead);
}

static void keep_alives_and_gruus_go_on(void **state)
{
	struct script dead, s;
	struct ims_flaw why;

	begin(&dead);
	script_subscribe(&dead);
	dead.ue->flow.every_s = 40; /* as negotiated */
	dead.ue->flow.asked = true;
	dead.ue->gruu_cseq = 2;
	strcpy(dead.ue->gruu_call_id, dead.ue->call[0].id);
	strcpy(dead.ue->sub_impu, "sip:dialog@x");
	ims_ue_remember(dead.ue);
	script_take(&dead);
	assert_int_equal(reborn(&s, &dead, 1000, &why), 0);
	assert_int_equal(s.ue->flow.every_s, 40);
	assert_true(s.ue->flow.asked); /* so a pong is waited for */
	assert_in_range(s.ue->at[UE_T_PING], s.now + 32000, s.now + 40000);
	assert_int_equal(s.ue->gruu_cseq, 2);
	assert_string_equal(s.ue->gruu_call_id, dead.ue->call[0].id);
	assert_string_equal(s.ue->sub_impu, "sip:dialog@x");
	script_free(&s);
	script_free(&dead);
}

/* The time of day went back by an hour, and only then did it end. */
static void no_clock_makes_it_longer_than_it_was_granted(void **state)
{
	struct script dead, s;
	struct ims_flaw why;

	begin(&dead);
	script_subscribe(&dead);
	assert_int_equal(reborn(&s, &dead, -UINT64_C(3500000), &why), 0);
	assert_int_equal(ims_ue_expires_s(s.ue, s.now), 3600);
	assert_true(s.ue->now.until_ms <= s.now + 3630000);
	assert_true(s.ue->at[UE_T_SUB_END] <= s.now + 600000000);
	script_free(&s);
	script_free(&dead);
}

static void what_was_over_meanwhile_begins_from_the_beginning(void **state)
{
	struct script dead, s;
	struct ims_flaw why;

	begin(&dead);
	script_subscribe(&dead);
	assert_int_equal(reborn(&s, &dead, 3600000, &why), 0);
	script_start(&s);
	while (s.ue->reg == UE_REGISTERED || s.ue->reg == UE_REFRESHING)
		script_wait(&s, 1000);
	script_state(&s, "trying");
	assert_int_equal(s.last.flow.set, 0);
	assert_int_equal(s.n_record, 0);
	assert_int_equal(s.ue->now.id, 0);
	script_free(&s);
	script_free(&dead);
}

static void a_challenge_under_way_is_lost_and_no_more(void **state)
{
	struct script dead, s;
	struct ims_flaw why;
	char nonce[64];

	begin(&dead);
	script_start(&dead);
	script_nonce(&dead, 33, nonce);
	script_challenge(&dead, nonce, SERVER2);
	script_state(&dead, "re-proving");
	assert_int_equal(reborn(&s, &dead, 1000, &why), 0);
	script_state(&s, "registered");
	assert_int_equal(ims_ue_set(s.ue), 565818);
	assert_false(ims_ue_owns(s.ue, dead.ue->temp.id));
	/* RES of a nonce that nobody took is not answered with. */
	script_start(&s);
	script_start(&s);
	script_state(&s, "refreshing");
	assert_null(strstr(s.last.text, nonce));
	script_free(&s);
	script_free(&dead);
}

static void both_sets_are_in_it(void **state)
{
	struct script dead, s;
	struct ims_flaw why;
	char nonce[64];

	begin(&dead);
	script_start(&dead);
	script_nonce(&dead, 33, nonce);
	script_challenge(&dead, nonce, SERVER2);
	script_ok(&dead, 3600, "");
	assert_int_equal(reborn(&s, &dead, 1000, &why), 0);
	assert_true(ims_ue_owns(s.ue, 565818));
	assert_true(ims_ue_owns(s.ue, dead.ue->now.id));
	assert_int_equal(s.ue->old.id, 565818);
	assert_true(s.ue->old.until_ms > s.now);
	script_free(&s);
	script_free(&dead);
}

static void somebody_elses_record_is_refused(void **state)
{
	struct script dead, s;
	struct ims_flaw why;

	begin(&dead);
	strcpy(dead.conf.impi, "other@x");
	assert_int_equal(reborn(&s, &dead, 0, &why), -IMS_E_SYNTAX);
	script_state(&s, "idle");
	script_free(&s);
	strcpy(dead.conf.impi, dead.ue->conf.impi);
	dead.conf.local.ip.b[15] ^= 1;
	assert_int_equal(reborn(&s, &dead, 0, &why), -IMS_E_ADDR);
	script_free(&s);
	dead.conf.local = dead.ue->conf.local;
	dead.conf.pcscf[0].ip.b[15] ^= 1;
	assert_int_equal(reborn(&s, &dead, 0, &why), -IMS_E_ADDR);
	assert_true(why.text[0] != 0);
	script_free(&s);
	script_free(&dead);
}

static void a_record_that_is_cut_or_damaged_is_refused_or_harmless(void **state)
{
	struct script dead;
	struct ims_flaw why;
	size_t whole;

	begin(&dead);
	script_subscribe(&dead);
	whole = dead.n_record;
	for (size_t n = 0; n < whole; n++) {
		struct script s;

		dead.n_record = n;
		assert_true(reborn(&s, &dead, 0, &why) < 0);
		script_state(&s, "idle");
		script_free(&s);
	}
	dead.n_record = whole;
	for (size_t i = 0; i < whole; i++) {
		struct script s;

		((uint8_t *)dead.record)[i] ^= (uint8_t)(1 + i % 255);
		if (reborn(&s, &dead, 0, &why) == 0) {
			script_start(&s);
			for (int k = 0; k < 5; k++)
				script_wait(&s, 4000000);
			for (int k = 0; k < 3; k++)
				script_stop(&s);
		}
		script_state(&s, "idle");
		assert_true(!s.ue->now.id && !s.ue->old.id);
		script_free(&s);
		((uint8_t *)dead.record)[i] ^= (uint8_t)(1 + i % 255);
	}
	script_free(&dead);
}

/* A file may have been written by anybody: it writes no headers of its own. */
static void a_record_brings_no_line_into_a_message(void **state)
{
	static const char *const bad[] = {"\r\nEvil: 1", "\nEvil: 11",
					  "x\rvil: 111", "\r\n\r\n12345"};
	struct script dead, s;
	struct ims_flaw why;
	char *at;

	begin(&dead);
	script_subscribe(&dead);
	at = memmem(dead.record, dead.n_record, "lr>", 3);
	assert_non_null(at);
	assert_int_equal(reborn(&s, &dead, 0, &why), 0);
	script_free(&s);
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct script d = dead;

		memcpy(d.record + (at - dead.record) - strlen(bad[i]), bad[i],
		       strlen(bad[i]));
		assert_int_equal(reborn(&s, &d, 0, &why), -IMS_E_SYNTAX);
		script_free(&s);
	}
	script_free(&dead);
}

static void a_ue_that_has_begun_is_not_restored(void **state)
{
	struct script s;
	struct ims_flaw why;

	begin(&s);
	assert_int_equal(ims_ue_restore(s.ue, ims_str_n(s.record, s.n_record),
					s.now, &why),
			 -IMS_E_UNEXPECTED);
	script_state(&s, "registered");
	script_free(&s);
}

static void a_clock_that_was_set_back_makes_nothing_last_for_ever(void **state)
{
	struct script dead, s;
	struct ims_flaw why;

	begin(&dead);
	dead.conf.wall_ms = 0; /* 1970 */
	dead.now = 1000;
	assert_int_equal(reborn(&s, &dead, 0, &why), 0);
	assert_true(s.ue->expires_at < UINT64_C(1) << 43);
	script_free(&s);
	script_free(&dead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_record_is_safe_before_what_rests_on_it),
		cmocka_unit_test(it_goes_on_where_it_was),
		cmocka_unit_test(no_clock_makes_it_longer_than_it_was_granted),
		cmocka_unit_test(keep_alives_and_gruus_go_on),
		cmocka_unit_test(
			what_was_over_meanwhile_begins_from_the_beginning),
		cmocka_unit_test(a_challenge_under_way_is_lost_and_no_more),
		cmocka_unit_test(both_sets_are_in_it),
		cmocka_unit_test(somebody_elses_record_is_refused),
		cmocka_unit_test(
			a_record_that_is_cut_or_damaged_is_refused_or_harmless),
		cmocka_unit_test(a_record_brings_no_line_into_a_message),
		cmocka_unit_test(a_ue_that_has_begun_is_not_restored),
		cmocka_unit_test(
			a_clock_that_was_set_back_makes_nothing_last_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
