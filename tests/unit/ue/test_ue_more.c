/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_more.c - further identities over the SAs of the first. */
#include "base_pack.h"
#include "ue_script.h"

#define B "sip:b@ims.sharetechnote.com"
#define C "tel:+15550100"
#define SERVER2                                                              \
	"ipsec-3gpp;alg=hmac-md5-96;ealg=null;spi-c=4000;spi-s=4001;port-c=" \
	"50719;port-s=50718"

static void the_table_is_sound(void **state)
{
	const char *wrong = ims_fsm_lint(&ims_ue_more_fsm, 0);

	if (wrong)
		fail_msg("%s: %s", ims_ue_more_fsm.name, wrong);
}

static void the_table_is_the_reviewed_one(void **state)
{
	static char text[32768];
	struct ims_buf b;
	size_t n = 0;
	char *want = test_read("IMS_TEST_DATA", "../fsm/ue-more.txt", &n);

	ims_buf_init(&b, text, sizeof text);
	ims_fsm_print(&ims_ue_more_fsm, &b);
	assert_non_null(want);
	assert_string_equal(ims_buf_cstr(&b), want);
	free(want);
}

static void conf_with(struct ims_ue_conf *c, const char *one, const char *two)
{
	script_conf(c);
	c->subscribe = false;
	strcpy(c->more[0], one);
	c->n_more = 1;
	if (!two)
		return;
	strcpy(c->more[1], two);
	c->n_more = 2;
}

static void script_register_more(struct script *s)
{
	script_start(s);
	script_challenge(s, SEED_NONCE, SEED_SERVER);
	script_ok(s, 3600, "");
}

/* Registered as the first; the REGISTER of the next is on its way. */
static void begin(struct script *s, const char *one, const char *two)
{
	struct ims_ue_conf c;

	conf_with(&c, one, two);
	script_new(s, &c);
	script_register_more(s);
}

static void is_for(struct script *s, const char *impu)
{
	char to[IMS_ID_MAX + 8];
	struct ims_str from = script_header(&s->last, IMS_SIP_FROM);

	snprintf(to, sizeof to, "<%s>", impu);
	assert_int_equal(strncmp(s->last.text, "REGISTER ", 9), 0);
	assert_true(ims_str_starts(from, ims_str(to)));
	assert_str(script_header(&s->last, IMS_SIP_TO), to);
	assert_int_equal(s->last.flow.set,
			 s->ue->temp.id ? s->ue->temp.id : s->ue->now.id);
}

static const char *word_of(struct script *s, const char *impu)
{
	struct ims_ue_info i;

	ims_ue_info(s->ue, s->now, &i);
	for (size_t k = 0; k < i.n_impus; k++)
		if (ims_str_eq(i.impu[k].uri, ims_str(impu)))
			return i.impu[k].state;
	return "none";
}

static void it_is_registered_inside_the_sas_with_a_call_of_its_own(void **state)
{
	struct script s;

	begin(&s, B, NULL);
	is_for(&s, B);
	script_state(&s, "refreshing");
	assert_non_null(strstr(s.last.text, "CSeq: 1 REGISTER"));
	assert_non_null(strstr(s.last.text, SEED_NONCE));
	assert_non_null(strstr(s.last.text, "nc=00000002"));
	assert_non_null(strstr(s.last.text, "Contact: <sip:001010123456789@"));
	assert_str(script_header(&s.last, IMS_SIP_SECURITY_VERIFY),
		   SEED_SERVER);
	assert_str(script_header(&s.last, IMS_SIP_CALL_ID), s.ue->call[1].id);
	assert_string_not_equal(s.ue->call[1].id, s.ue->call[0].id);
	assert_string_equal(word_of(&s, B), "asked");
	script_ok(&s, 3600, "");
	assert_true(script_heard(&s, IMS_TELL_INFO, 0, "also registered as"));
	script_state(&s, "registered");
	assert_int_equal(s.adds + s.dels, 0);
	assert_int_equal(s.n_sent, 0);
	assert_string_equal(word_of(&s, B), "registered");
	assert_string_equal(word_of(&s, s.conf.impu), "registered");
	script_free(&s);
}

static void a_challenge_gives_sas_that_serve_all(void **state)
{
	struct script s;
	char nonce[64];
	uint32_t before;

	begin(&s, B, NULL);
	before = s.ue->now.id;
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	script_state(&s, "re-proving");
	is_for(&s, B);
	assert_int_not_equal(s.last.flow.set, before);
	script_ok(&s, 3600, "");
	script_state(&s, "registered");
	assert_int_not_equal(s.ue->now.id, before);
	assert_int_equal(s.ue->old.id, before);
	script_start(&s);
	is_for(&s, s.conf.impu);
	assert_non_null(strstr(s.last.text, nonce));
	assert_non_null(strstr(s.last.text, "CSeq: 3 REGISTER"));
	script_free(&s);
}

static void what_the_network_implies_is_not_asked_for(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	conf_with(&c, B, C);
	script_new(&s, &c);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	script_ok(&s, 3600,
		  "P-Associated-URI: <sip:001010123456789@" SEED_REALM ">, <" C
		  ">\r\n");
	is_for(&s, B);
	script_ok(&s, 3600, "");
	assert_int_equal(s.n_sent, 0);
	assert_int_equal(s.ue->more[1].state, UE_MORE_IMPLIED);
	assert_string_equal(word_of(&s, C), "registered");
	script_free(&s);
}

/* The 200 of one names another that waits for its turn. */
static void what_another_one_implies_is_not_asked_for_either(void **state)
{
	struct script s;

	begin(&s, B, C);
	is_for(&s, B);
	script_ok(&s, 3600, "P-Associated-URI: <" B ">, <" C ">\r\n");
	assert_int_equal(s.n_sent, 0);
	assert_int_equal(s.ue->more[1].state, UE_MORE_IMPLIED);
	script_free(&s);
}

static void one_after_the_other(void **state)
{
	struct script s;

	begin(&s, B, C);
	is_for(&s, B);
	assert_int_equal(s.ue->more[1].state, UE_MORE_QUEUED);
	script_ok(&s, 3600, "");
	is_for(&s, C);
	script_ok(&s, 3600, "");
	assert_int_equal(s.n_sent, 0);
	script_free(&s);
}

static void who_is_refused_is_not_asked_for_again(void **state)
{
	struct script s;

	begin(&s, B, NULL);
	script_reply(&s, 403, "");
	script_state(&s, "registered");
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_REFUSED, B));
	assert_string_equal(word_of(&s, B), "refused");
	script_start(&s);
	is_for(&s, s.conf.impu);
	script_ok(&s, 3600, "");
	assert_int_equal(s.n_sent, 0);
	script_free(&s);
}

static void a_failure_of_one_takes_no_other_along(void **state)
{
	static const unsigned failures[] = {408, 480, 500, 503, 504, 600};

	for (size_t i = 0; i < N_OF(failures); i++) {
		struct script s;

		begin(&s, B, NULL);
		script_reply(&s, failures[i], "");
		script_state(&s, "registered");
		assert_int_equal(s.ue->more[0].state, UE_MORE_PAUSING);
		while (s.ue->reg == UE_REGISTERED)
			script_wait(&s, 100000);
		is_for(&s, B);
		assert_non_null(strstr(s.last.text, "CSeq: 1 REGISTER"));
		script_ok(&s, 3600, "");
		assert_string_equal(word_of(&s, B), "registered");
		script_free(&s);
	}
}

/* Nobody answers inside the SAs: they are dead to all. */
static void silence_is_the_end_of_the_sas(void **state)
{
	struct script s;

	begin(&s, B, NULL);
	while (s.ue->reg == UE_REFRESHING)
		script_wait(&s, 200000);
	script_state(&s, "trying");
	assert_int_equal(s.last.flow.set, 0);
	assert_str(script_header(&s.last, IMS_SIP_TO),
		   "<sip:001010123456789@" SEED_REALM ">");
	assert_int_equal(s.ue->more[0].state, UE_MORE_NONE);
	script_free(&s);
}

static void each_is_renewed_in_its_time(void **state)
{
	struct script s;
	unsigned first = 0, more = 0;

	begin(&s, B, NULL);
	script_ok(&s, 1000, "");
	for (int i = 0; i < 9; i++) {
		while (s.ue->reg == UE_REGISTERED)
			script_wait(&s, 10000);
		script_state(&s, "refreshing");
		*(s.ue->who ? &more : &first) += 1;
		is_for(&s, s.ue->who ? B : s.conf.impu);
		script_ok(&s, s.ue->who ? 1000 : 3600, "");
		assert_int_equal(s.dels, 0);
	}
	assert_in_range(first, 1, 2);
	assert_in_range(more, 7, 8);
	assert_int_equal(s.ue->call[1].cseq, 1 + more);
	script_free(&s);
}

/* One REGISTER at a time: what is due meanwhile comes right after it. */
static void the_first_is_renewed_before_all_others(void **state)
{
	struct script s;

	begin(&s, B, C);
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_TICK});
	s.ue->at[UE_T_REFRESH] = s.now;
	script_on(&s, &(struct ims_ev){.kind = IMS_EV_TICK});
	assert_int_equal(s.n_sent, 0);
	script_ok(&s, 3600, "");
	if (s.ue->who || s.ue->reg == UE_REGISTERED)
		script_on(&s, &(struct ims_ev){.kind = IMS_EV_TICK});
	is_for(&s, s.conf.impu);
	script_ok(&s, 3600, "");
	is_for(&s, C);
	script_free(&s);
}

static void all_leave_the_first_as_the_last(void **state)
{
	struct script s;

	begin(&s, B, C);
	script_ok(&s, 3600, "");
	script_ok(&s, 3600, "");
	script_stop(&s);
	is_for(&s, B);
	assert_non_null(strstr(s.last.text, ";expires=0"));
	script_ok(&s, 0, "");
	script_state(&s, "leaving");
	is_for(&s, C);
	script_reply(&s, 403, "");
	is_for(&s, s.conf.impu);
	assert_int_equal(s.dels, 0);
	script_ok(&s, 0, "");
	script_state(&s, "idle");
	assert_int_equal(s.dels, 1);
	assert_true(script_heard(&s, IMS_TELL_DEREGISTERED, 0, ""));
	assert_int_equal(s.n_record, 0);
	script_free(&s);
}

static void who_asks_may_be_registered_and_leaves(void **state)
{
	struct script s;

	begin(&s, B, C);
	script_stop(&s);
	is_for(&s, B);
	assert_non_null(strstr(s.last.text, ";expires=0"));
	assert_non_null(strstr(s.last.text, "CSeq: 2 REGISTER"));
	script_ok(&s, 0, "");
	is_for(&s, s.conf.impu);
	script_ok(&s, 0, "");
	script_state(&s, "idle");
	script_free(&s);
}

static void leaving_may_be_challenged(void **state)
{
	struct script s;
	char nonce[64];

	begin(&s, B, NULL);
	script_ok(&s, 3600, "");
	script_stop(&s);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	script_state(&s, "leave-proving");
	is_for(&s, B);
	script_ok(&s, 0, "");
	script_state(&s, "leaving");
	is_for(&s, s.conf.impu);
	assert_int_equal(s.last.flow.set, s.ue->now.id);
	assert_non_null(strstr(s.last.text, nonce));
	script_ok(&s, 0, "");
	script_state(&s, "idle");
	assert_int_equal(s.dels, 2);
	script_free(&s);
}

static void reborn(struct script *s, const struct script *dead, uint64_t later,
		   int want)
{
	struct ims_ue_conf c = dead->conf;
	struct ims_flaw why;

	c.wall_ms = dead->now + later - 500;
	script_new(s, &c);
	s->now = 500;
	assert_int_equal(ims_ue_restore(s->ue,
					ims_str_n(dead->record, dead->n_record),
					s->now, &why),
			 want);
}

static void it_outlives_the_process(void **state)
{
	struct script dead, s;

	begin(&dead, B, C);
	script_ok(&dead, 3600, "");
	/* C is asked for when the process ends */
	reborn(&s, &dead, 60000, 0);
	assert_string_equal(word_of(&s, B), "registered");
	script_start(&s);
	is_for(&s, C);
	script_ok(&s, 3600, "");
	while (s.ue->reg == UE_REGISTERED)
		script_wait(&s, 3000000);
	script_ok(&s, 3600, "");
	is_for(&s, B);
	assert_str(script_header(&s.last, IMS_SIP_CALL_ID),
		   dead.ue->call[1].id);
	assert_non_null(strstr(s.last.text, "CSeq: 2 REGISTER"));
	script_free(&s);
	script_free(&dead);
}

static void a_record_of_before_is_one_without_them(void **state)
{
	struct script dead, s;
	struct ims_buf b;
	char nothing[16];

	begin(&dead, B, NULL);
	ims_buf_init(&b, nothing, sizeof nothing);
	ims_pack_u64(&b, 0);
	assert_true(dead.n_record > b.n);
	assert_memory_equal(dead.record + dead.n_record - b.n, nothing, b.n);
	dead.n_record -= b.n;
	reborn(&s, &dead, 60000, -IMS_E_SYNTAX);
	script_free(&s);
	dead.record[0] = 2;
	reborn(&s, &dead, 60000, 0);
	script_start(&s);
	is_for(&s, B);
	script_free(&s);
	script_free(&dead);
}

#define ENDED(event)                                             \
	"<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "     \
	"version=\"7\" state=\"partial\"><registration aor=\"" B \
	"\" id=\"2\" state=\"terminated\">" MY_CONTACT(          \
		"terminated", event, "") "</registration></reginfo>"

static void one_that_ended(struct script *s, const char *body)
{
	struct ims_ue_conf c;

	conf_with(&c, B, NULL);
	c.subscribe = true;
	script_new(s, &c);
	script_register_more(s);
	script_ok(s, 3600, "");
	script_notify(s, 1, "active;expires=600000",
		      REGINFO("0", "full",
			      MY_CONTACT("active", "registered", "")));
	script_notify(s, 2, "active;expires=600000", body);
	script_state(s, "registered");
}

static void the_network_may_end_one(void **state)
{
	struct script s;

	one_that_ended(&s, ENDED("rejected"));
	assert_string_equal(word_of(&s, B), "refused");
	assert_true(script_heard(&s, IMS_TELL_INFO, 0, "rejected"));
	script_free(&s);
	one_that_ended(&s, ENDED("deactivated"));
	assert_int_equal(s.ue->more[0].state, UE_MORE_PAUSING);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(the_table_is_the_reviewed_one),
		cmocka_unit_test(
			it_is_registered_inside_the_sas_with_a_call_of_its_own),
		cmocka_unit_test(a_challenge_gives_sas_that_serve_all),
		cmocka_unit_test(what_the_network_implies_is_not_asked_for),
		cmocka_unit_test(
			what_another_one_implies_is_not_asked_for_either),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(who_is_refused_is_not_asked_for_again),
		cmocka_unit_test(a_failure_of_one_takes_no_other_along),
		cmocka_unit_test(silence_is_the_end_of_the_sas),
		cmocka_unit_test(each_is_renewed_in_its_time),
		cmocka_unit_test(the_first_is_renewed_before_all_others),
		cmocka_unit_test(all_leave_the_first_as_the_last),
		cmocka_unit_test(who_asks_may_be_registered_and_leaves),
		cmocka_unit_test(leaving_may_be_challenged),
		cmocka_unit_test(it_outlives_the_process),
		cmocka_unit_test(a_record_of_before_is_one_without_them),
		cmocka_unit_test(the_network_may_end_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
