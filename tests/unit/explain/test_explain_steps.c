/* SPDX-License-Identifier: BSD-2-Clause */
/* test_explain_steps.c - which step a message is, and which SA carries it. */
#include "explain_test.h"

static struct seed seed;

static int load(void **state)
{
	memset(&seed, 0, sizeof seed);
	seed_load(&seed);
	return 0;
}

static struct ims_step feed(struct ims_steps *s, unsigned i)
{
	struct ims_step out;

	ims_steps_feed(s, &seed.m[i - 1].sight, &out);
	return out;
}

static void feed_good(struct ims_steps *s, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++) {
		struct ims_step st = feed(s, i);

		if (st.err)
			print_error("step %u: %s\n", i, st.why);
		assert_int_equal(st.err, 0);
	}
}

static void the_seed_is_eight_good_steps(void **state)
{
	static const int arrow[IMS_STEPS] = {
		-1,           -1,           IMS_UC_TO_PS, IMS_PS_TO_UC,
		IMS_UC_TO_PS, IMS_PC_TO_US, IMS_PC_TO_US, IMS_UC_TO_PS,
	};
	struct ims_steps *s = ims_steps_new(NULL);
	char why[IMS_STEP_NOTE];

	for (unsigned i = 1; i <= IMS_STEPS; i++) {
		struct ims_step st;

		assert_false(ims_steps_done(s, why, sizeof why));
		st = feed(s, i);
		assert_string_equal(st.why, "");
		assert_int_equal(st.err, 0);
		assert_int_equal(st.step, i);
		assert_int_equal(st.arrow, arrow[i - 1]);
		assert_false(st.repeat);
	}
	assert_true(ims_steps_done(s, why, sizeof why));
	ims_steps_free(s);
}

static void messages_are_named(void **state)
{
	static const char *const what[IMS_STEPS] = {
		"REGISTER",  "401 Unauthorized", "REGISTER", "200 OK",
		"SUBSCRIBE", "200 OK",           "NOTIFY",   "200 OK"};
	struct ims_steps *s = ims_steps_new(NULL);

	for (unsigned i = 1; i <= IMS_STEPS; i++)
		assert_string_equal(feed(s, i).what, what[i - 1]);
	ims_steps_free(s);
}

static void what_was_announced_is_known(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	const struct ims_secagree *a = ims_steps_agreed(s);

	assert_int_equal(a->ue.port_c, 0);
	feed_good(s, 1, 1);
	assert_int_equal(a->ue.port_c, 38003);
	assert_int_equal(a->pcscf.port_c, 0);
	feed_good(s, 2, 2);
	assert_int_equal(a->ue.port_s, 39003);
	assert_int_equal(a->ue.spi_c, SPI_UC);
	assert_int_equal(a->ue.spi_s, SPI_US);
	assert_int_equal(a->pcscf.port_c, 50717);
	assert_int_equal(a->pcscf.port_s, 50718);
	assert_int_equal(a->pcscf.spi_c, SPI_PC);
	assert_int_equal(a->pcscf.spi_s, SPI_PS);
	assert_int_equal(a->suite.alg, IMS_ALG_HMAC_MD5);
	ims_steps_free(s);
}

static void a_missing_step_is_named(void **state)
{
	for (unsigned skip = 1; skip <= IMS_STEPS; skip++) {
		struct ims_steps *s = ims_steps_new(NULL);
		char why[IMS_STEP_NOTE];

		for (unsigned i = 1; i <= IMS_STEPS; i++)
			if (i != skip)
				(void)feed(s, i);
		assert_false(ims_steps_done(s, why, sizeof why));
		assert_true(*why);
		if (skip > 3) { /* without 1 to 3 more goes wrong */
			char want[40];

			snprintf(want, sizeof want, "step %u was not seen",
				 skip);
			/* the answer of a request that was not seen is none */
			assert_string_equal(why, want);
		}
		ims_steps_free(s);
	}
}

static void a_wrong_spi_is_named(void **state)
{
	for (unsigned i = 3; i <= IMS_STEPS; i++) {
		struct ims_steps *s = ims_steps_new(NULL);
		struct ims_step st;

		seed.m[i - 1].sight.spi++;
		feed_good(s, 1, i - 1);
		st = feed(s, i);
		assert_int_equal(st.err, -IMS_E_ESP_SPI);
		assert_non_null(strstr(st.why, "announced"));
		seed.m[i - 1].sight.spi--;
		ims_steps_free(s);
	}
}

static void swapped_ports_are_named(void **state)
{
	for (unsigned i = 3; i <= IMS_STEPS; i++) {
		struct ims_steps *s = ims_steps_new(NULL);
		struct ims_sight *g = &seed.m[i - 1].sight;
		uint16_t src = g->src.port;

		g->src.port = g->dst.port;
		g->dst.port = src;
		feed_good(s, 1, i - 1);
		assert_int_equal(feed(s, i).err, -IMS_E_ESP_SELECTOR);
		g->dst.port = g->src.port;
		g->src.port = src;
		ims_steps_free(s);
	}
}

static void clear_text_between_protected_ports_is_named(void **state)
{
	for (unsigned i = 3; i <= IMS_STEPS; i++) {
		struct ims_steps *s = ims_steps_new(NULL);
		uint32_t spi = seed.m[i - 1].sight.spi;
		struct ims_step st;
		char why[IMS_STEP_NOTE];

		seed.m[i - 1].sight.spi = 0;
		feed_good(s, 1, i - 1);
		st = feed(s, i);
		assert_int_equal(st.err, -IMS_E_CLEAR);
		assert_int_equal(st.step, i);
		seed.m[i - 1].sight.spi = spi;
		for (unsigned j = i + 1; j <= IMS_STEPS; j++)
			(void)feed(s, j);
		/* all eight were seen, but one was wrong */
		assert_false(ims_steps_done(s, why, sizeof why));
		assert_non_null(strstr(why, "clear text"));
		ims_steps_free(s);
	}
}

static void clear_text_between_other_ports_is_named(void **state)
{
	for (unsigned i = 3; i <= IMS_STEPS; i++) {
		struct ims_steps *s = ims_steps_new(NULL);

		seed.m[i - 1].sight.spi = 0;
		seed.m[i - 1].sight.src.port = 5060;
		feed_good(s, 1, i - 1);
		assert_int_equal(feed(s, i).err, -IMS_E_PEER);
		load(NULL);
		ims_steps_free(s);
	}
}

static void the_wrong_arrow_is_named(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);

	/* the answer over TCP must go back on its connection */
	seed.m[3].sight.src = at(PCSCF, 50717);
	seed.m[3].sight.dst = at(UE, 39003);
	seed.m[3].sight.spi = SPI_US;
	feed_good(s, 1, 3);
	assert_int_equal(feed(s, 4).err, -IMS_E_PEER);
	ims_steps_free(s);
}

static void the_wrong_side_is_named(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);

	seed.m[0].sight.from_ue = false;
	assert_int_equal(feed(s, 1).err, -IMS_E_PEER);
	ims_steps_free(s);
}

static void esp_before_the_agreement_is_named(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);

	seed.m[0].sight.spi = 4711;
	assert_int_equal(feed(s, 1).err, -IMS_E_ESP_SELECTOR);
	ims_steps_free(s);
}

static void what_is_no_sip_is_named(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	seed.m[0].sight.bytes = IMS_S("\x1b[2J hello\r\n\r\n");
	st = feed(s, 1);
	assert_true(st.err < 0);
	assert_string_equal(st.what, "not SIP");
	assert_null(strchr(st.why, '\x1b'));
	seed.m[0].sight.bytes = IMS_S("");
	assert_true(feed(s, 1).err < 0);
	ims_steps_free(s);
}

static void a_method_of_escapes_reaches_nobody_raw(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	feed_good(s, 1, 1);
	seed_edit(&seed, 2, "401 Unauthorized", "401 \x1b[31mred\xff");
	st = feed(s, 2);
	for (const char *p = st.what; *p; p++)
		assert_in_range(*p, 0x20, 0x7e);
	ims_steps_free(s);
}

static void a_retransmission_is_a_repeat(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	char why[IMS_STEP_NOTE];

	for (unsigned i = 1; i <= IMS_STEPS; i++) {
		struct ims_step st;

		feed_good(s, i, i);
		st = feed(s, i);
		assert_int_equal(st.err, 0);
		assert_int_equal(st.step, i);
		assert_true(st.repeat);
	}
	assert_true(ims_steps_done(s, why, sizeof why));
	ims_steps_free(s);
}

static void the_notify_may_overtake_the_answer(void **state)
{
	static const unsigned order[] = {1, 2, 3, 4, 5, 7, 6, 8};
	struct ims_steps *s = ims_steps_new(NULL);

	for (unsigned i = 0; i < N_OF(order); i++)
		feed_good(s, order[i], order[i]);
	assert_true(ims_steps_done(s, NULL, 0));
	ims_steps_free(s);
}

static void a_provisional_answer_is_no_step(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	feed_good(s, 1, 5);
	seed_edit(&seed, 6, "200 OK", "100 Trying");
	st = feed(s, 6);
	assert_int_equal(st.step, 0);
	assert_int_equal(st.err, 0);
	load(NULL);
	feed_good(s, 6, 8);
	assert_true(ims_steps_done(s, NULL, 0));
	ims_steps_free(s);
}

/* After the eight: a refresh in the same SAs, with the old response. */
static void a_refresh_is_no_step_and_no_failure(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	feed_good(s, 1, 8);
	seed_edit(&seed, 3, "z9hG4bK370723a88", "z9hG4bKrefresh");
	seed_edit(&seed, 3, "CSeq: 2", "CSeq: 3");
	seed_edit(&seed, 4, "z9hG4bK370723a88", "z9hG4bKrefresh");
	seed_edit(&seed, 4, "CSeq: 2", "CSeq: 3");
	st = feed(s, 3);
	assert_int_equal(st.step, 0);
	assert_int_equal(st.err, 0);
	assert_string_equal(st.note, "refresh");
	assert_int_equal(st.arrow, IMS_UC_TO_PS);
	st = feed(s, 4);
	assert_int_equal(st.step, 0);
	assert_int_equal(st.err, 0);
	assert_string_equal(st.note, "done, expires 600000 s");
	assert_true(ims_steps_done(s, NULL, 0));
	/* but in the clear it is one */
	seed.m[2].sight.spi = 0;
	assert_int_equal(feed(s, 3).err, -IMS_E_CLEAR);
	ims_steps_free(s);
}

/* A refresh that is challenged: new SPIs and ports of clients, and the old set
 * stays good.
 */
static void a_refresh_that_is_challenged_starts_over(void **state)
{
	static struct seed again;
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_sight *g;
	struct ims_step st;

	feed_good(s, 1, 8);
	again = seed;
	for (unsigned i = 0; i < IMS_STEPS; i++)
		again.m[i].sight.bytes.p = again.m[i].text;
	/* inside the old set: the refresh with a new offer */
	seed_edit(&again, 3, "z9hG4bK370723a88", "z9hG4bKre");
	seed_edit(&again, 3, "CSeq: 2", "CSeq: 3");
	for (int k = 0; k < 2; k++) {
		seed_edit(&again, 3, "spi-c=0000565817;spi-s=0000565818",
			  "spi-c=700;spi-s=701");
		seed_edit(&again, 3, "port-c=38003", "port-c=38004");
	}
	ims_steps_feed(s, &again.m[2].sight, &st);
	assert_int_equal(st.err, 0);
	assert_int_equal(st.step, 0);
	/* challenged, still inside the old set */
	g = &again.m[1].sight;
	seed_edit(&again, 2, "z9hG4bK370690ecb-643c9869", "z9hG4bKre-32d70d67");
	seed_edit(&again, 2, "CSeq: 1", "CSeq: 3");
	seed_edit(&again, 2, "spi-c=3458785863;spi-s=2821032177;port-c=50717",
		  "spi-c=800;spi-s=801;port-c=50719");
	g->src = at(PCSCF, 50718);
	g->dst = at(UE, 38003);
	g->spi = SPI_UC;
	ims_steps_feed(s, g, &st);
	assert_string_equal(st.why, "");
	assert_int_equal(st.step, 2);
	assert_int_equal(st.arrow, IMS_PS_TO_UC);
	assert_int_equal(ims_steps_agreed(s)->pcscf.spi_s, 801);
	assert_int_equal(ims_steps_agreed(s)->ue.spi_c, 700);
	/* the proof, inside the new set */
	g = &again.m[2].sight;
	seed_edit(&again, 3, "z9hG4bKre", "z9hG4bKproof");
	seed_edit(&again, 3, "CSeq: 3", "CSeq: 4");
	seed_edit(&again, 3, "spi-c=3458785863;spi-s=2821032177;port-c=50717",
		  "spi-c=800;spi-s=801;port-c=50719");
	g->src.port = 38004;
	g->spi = 801;
	ims_steps_feed(s, g, &st);
	assert_string_equal(st.why, "");
	assert_int_equal(st.step, 3);
	assert_int_equal(st.arrow, IMS_UC_TO_PS);
	/* a late message on the old one is still right */
	ims_steps_feed(s, &seed.m[7].sight, &st);
	assert_int_equal(st.err, 0);
	/* and its 200 */
	g = &again.m[3].sight;
	seed_edit(&again, 4, "z9hG4bK370723a88", "z9hG4bKproof");
	seed_edit(&again, 4, "CSeq: 2", "CSeq: 4");
	g->dst.port = 38004;
	g->spi = 700;
	ims_steps_feed(s, g, &st);
	assert_int_equal(st.err, 0);
	assert_int_equal(st.step, 4);
	assert_true(ims_steps_done(s, NULL, 0));
	ims_steps_free(s);
}

static void a_terminated_notify_later_is_no_failure(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	feed_good(s, 1, 8);
	seed_edit(&seed, 7, "z9hG4bK0a0d", "z9hG4bKnews");
	seed_edit(&seed, 7, "CSeq: 1", "CSeq: 2");
	seed_edit(&seed, 7, "active;expires=600000", "terminated");
	seed_edit(&seed, 7, "Content-Length: 740", "Content-Length: 0");
	st = feed(s, 7);
	assert_int_equal(st.err, 0);
	assert_int_equal(st.step, 0);
	assert_true(ims_steps_done(s, NULL, 0));
	ims_steps_free(s);
}

static void a_resynchronisation_asks_again(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	feed_good(s, 1, 2);
	seed_edit(&seed, 1, "z9hG4bK370690ecb", "z9hG4bKauts");
	seed_edit(&seed, 1, "CSeq: 1", "CSeq: 2");
	seed_edit(&seed, 1, "response=\"\"",
		  "response=\"00000000000000000000000000000000\", "
		  "auts=\"AAAAAAAAAAAAAAAAAAA=\"");
	st = feed(s, 1);
	assert_int_equal(st.err, 0);
	assert_int_equal(st.step, 1);
	seed_edit(&seed, 2, "z9hG4bK370690ecb", "z9hG4bKauts");
	seed_edit(&seed, 2, "CSeq: 1", "CSeq: 2");
	feed_good(s, 2, 8);
	assert_true(ims_steps_done(s, NULL, 0));
	ims_steps_free(s);
}

static void a_register_without_an_offer_is_no_step(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	seed_edit(&seed, 1, "Security-Client:", "X-Nothing:");
	st = feed(s, 1);
	assert_int_equal(st.step, 0);
	assert_int_equal(st.err, 0);
	assert_string_equal(st.note, "no sec-agree offered");
	load(NULL);
	seed_edit(&seed, 1, "z9hG4bK370690ecb", "z9hG4bKsecond");
	seed_edit(&seed, 2, "z9hG4bK370690ecb", "z9hG4bKsecond");
	feed_good(s, 1, 8);
	assert_true(ims_steps_done(s, NULL, 0));
	ims_steps_free(s);
}

/* A UE that was started anew goes on with the SAs that it had. */
static void what_a_process_before_agreed_on_is_no_failure(void **state)
{
	struct ims_steps *first = ims_steps_new(NULL);
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	assert_int_equal(feed(s, 5).err, -IMS_E_ESP_SELECTOR);
	ims_steps_free(s);
	feed_good(first, 1, 2);
	s = ims_steps_new(NULL);
	ims_steps_resume(s, ims_steps_agreed(first), NULL);
	for (unsigned i = 3; i <= IMS_STEPS; i++) {
		st = feed(s, i);
		assert_string_equal(st.why, "");
		assert_int_equal(st.step, 0);
		assert_true(st.arrow >= 0);
	}
	ims_steps_free(s);
	s = ims_steps_new(NULL); /* the same as the old one */
	ims_steps_resume(s, &(struct ims_secagree){.ue.port_c = 1},
			 ims_steps_agreed(first));
	assert_int_equal(feed(s, 5).err, 0);
	ims_steps_free(s);
	ims_steps_free(first);
}

static void freeing_nothing_is_harmless(void **state)
{
	ims_steps_free(NULL);
}

#define T(name) cmocka_unit_test_setup(name, load)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_seed_is_eight_good_steps),
		T(messages_are_named),
		T(what_was_announced_is_known),
		T(a_missing_step_is_named),
		T(a_wrong_spi_is_named),
		T(swapped_ports_are_named),
		T(clear_text_between_protected_ports_is_named),
		T(clear_text_between_other_ports_is_named),
		T(the_wrong_arrow_is_named),
		T(the_wrong_side_is_named),
		T(esp_before_the_agreement_is_named),
		T(what_is_no_sip_is_named),
		T(a_method_of_escapes_reaches_nobody_raw),
		T(a_retransmission_is_a_repeat),
		T(the_notify_may_overtake_the_answer),
		T(a_provisional_answer_is_no_step),
		T(a_refresh_is_no_step_and_no_failure),
		T(a_refresh_that_is_challenged_starts_over),
		T(a_terminated_notify_later_is_no_failure),
		T(a_resynchronisation_asks_again),
		T(a_register_without_an_offer_is_no_step),
		T(what_a_process_before_agreed_on_is_no_failure),
		T(freeing_nothing_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
