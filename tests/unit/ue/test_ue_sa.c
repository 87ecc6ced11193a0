/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_sa.c - offers, and sets: temporary, in use, old. */
#include "ue_script.h"

#define SERVER2                                                         \
	"ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;spi-c=4000;spi-s=4001;" \
	"port-c=50719;port-s=50718"
#define SERVER3                                                         \
	"ipsec-3gpp;alg=hmac-sha-1-96;ealg=null;spi-c=5000;spi-s=5001;" \
	"port-c=50717;port-s=50718"

static void the_seeds_four_sas(void **state)
{
	/* clang-format off */
	static const struct {
		uint16_t from, to;
		uint32_t spi;
	} want[IMS_N_ARROWS] = {
		[IMS_UC_TO_PS] = {38003, 50718, 2821032177},
		[IMS_PS_TO_UC] = {50718, 38003, 565817},
		[IMS_PC_TO_US] = {50717, 39003, 565818},
		[IMS_US_TO_PC] = {39003, 50717, 3458785863},
	};
	/* clang-format on */
	struct script s;

	script_new(&s, NULL);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_int_equal(s.adds, 1);
	assert_true(s.set.ue);
	assert_true(s.set.id != 0);
	assert_int_equal(s.set.life_s, 241 + IMS_SA_SLACK_S);
	assert_int_equal(s.set.suite.alg, IMS_ALG_HMAC_MD5);
	for (int i = 0; i < IMS_N_ARROWS; i++) {
		assert_int_equal(s.set.sa[i].src.port, want[i].from);
		assert_int_equal(s.set.sa[i].dst.port, want[i].to);
		assert_int_equal(s.set.sa[i].spi, want[i].spi);
	}
	/* IK of the seed's challenge. */
	assert_memory_equal(s.set.keys.alg,
			    "\x03\x0c\x7c\x4d\xad\x5a\x5d\x8c\xfc\x03\x9a\xa8"
			    "\x0f\xd5\xdb\xbb",
			    16);
	assert_true(script_heard(&s, IMS_TELL_AGREED, 0,
				 "hmac-md5-96/null: uc 38003 -> ps 50718 spi "
				 "2821032177"));
	script_free(&s);
}

static void renew(struct script *s, uint64_t sqn, const char *server)
{
	char nonce[64];

	script_start(s);
	script_state(s, "refreshing");
	script_nonce(s, sqn, nonce);
	script_challenge(s, nonce, server);
	script_state(s, "re-proving");
	script_ok(s, 3600, "");
	script_state(s, "registered");
}

static void three_sets_at_most_and_the_oldest_goes_first(void **state)
{
	struct script s;
	uint32_t first, second;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 3600);
	first = s.ue->now.id;
	renew(&s, 33, SERVER2);
	second = s.ue->now.id;
	assert_int_equal(s.ue->old.id, first);
	assert_int_equal(s.dels, 0);
	renew(&s, 65, SERVER3);
	assert_int_equal(s.ue->old.id, second);
	assert_null(ims_ue_find_set(s.ue, first));
	script_stop(&s);
	script_reply(&s, 200, "");
	script_state(&s, "idle");
	assert_int_equal(s.dels, 2);
	script_free(&s);
}

static void an_old_set_goes_when_its_port_pc_is_given_out_again(void **state)
{
	struct script s;
	uint32_t first;
	char nonce[64];

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 3600);
	first = s.ue->now.id;
	renew(&s, 33, SERVER2);
	assert_int_equal(s.dels, 0);
	script_start(&s);
	script_nonce(&s, 65, nonce);
	script_challenge(&s, nonce, SERVER3);
	script_state(&s, "re-proving");
	assert_int_equal(s.dels, 1);
	assert_int_equal(s.deleted[0], first);
	assert_int_equal(s.ue->temp.pcscf.port_c, 50717);
	script_free(&s);
}

static void an_old_set_ends_with_its_life(void **state)
{
	struct script s;
	uint32_t first;
	uint64_t registered;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 600);
	registered = s.now;
	first = s.ue->now.id;
	/* expiry + 30 s [24.229 5.1.1.4] */
	assert_int_equal(s.ue->now.until_ms, registered + 630000);
	renew(&s, 33, SERVER2);
	assert_int_equal(s.ue->old.until_ms, registered + 630000);
	while (s.now < registered + 629999)
		script_wait(&s, registered + 629999 - s.now);
	assert_int_equal(s.ue->old.id, first);
	script_wait(&s, 1);
	assert_int_equal(s.ue->old.id, 0);
	assert_int_equal(s.deleted[0], first);
	script_free(&s);
}

static void the_host_hears_until_when_a_set_lives(void **state)
{
	struct script s;
	uint32_t first;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 600);
	first = s.ue->now.id;
	assert_int_equal(s.life_of, first);
	assert_int_equal(s.life_s, 631 + IMS_SA_SLACK_S);
	/* renewed without a challenge */
	script_start(&s);
	s.life_of = 0;
	script_ok(&s, 1000, "");
	script_state(&s, "registered");
	assert_int_equal(s.life_of, first);
	assert_int_equal(s.life_s, 1031 + IMS_SA_SLACK_S);
	/* with one: a set of its own */
	renew(&s, 33, SERVER2);
	assert_int_equal(s.life_of, s.ue->now.id);
	assert_int_equal(s.life_s, 3631 + IMS_SA_SLACK_S);
	script_free(&s);
}

static void a_new_set_never_dies_before_the_former(void **state)
{
	struct script s;
	uint64_t until;
	char nonce[64];

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 600000);
	until = s.ue->now.until_ms;
	script_start(&s);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	script_ok(&s, 60, "");
	assert_int_equal(s.ue->now.until_ms, until);
	script_free(&s);
}

static void the_old_set_waits_for_its_transactions(void **state)
{
	struct script s;
	struct sent subscribe;
	struct ims_flow flow, on_new;
	uint32_t first;

	script_new(&s, NULL);
	script_register(&s, 3600);
	subscribe = s.last; /* not answered yet, on the first set */
	first = s.ue->now.id;
	flow = script_back(&s, &subscribe.flow);
	renew(&s, 33, SERVER2);
	on_new = script_back(&s, &s.ue->now.udp);
	script_message(&s, &on_new,
		       IMS_S("OPTIONS sip:u@x SIP/2.0\r\nVia: SIP/2.0/UDP "
			     "[2001:0:0:1::2]:50718;branch=z9hG4bKp\r\n"
			     "Call-ID: c\r\nCSeq: 1 OPTIONS\r\nTo: <sip:u@x>"
			     "\r\nFrom: <sip:u@x>;tag=p\r\n\r\n"));
	assert_int_equal(s.ue->old.id, first);
	script_reply_on(&s, &subscribe, &flow, 200, "Expires: 600\r\n");
	assert_int_equal(s.ue->sub, UE_SUB_ACCEPTED);
	/* Its timer K over, the old set is of no use any more. */
	for (int i = 0; i < 20 && s.ue->old.id; i++)
		script_wait(&s, 1000);
	assert_int_equal(s.ue->old.id, 0);
	script_free(&s);
}

/* By UDP, the P-CSCF answers over the set that is in use [24.229 5.2.2]. */
static void an_answer_may_come_over_the_new_set(void **state)
{
	struct script s;
	struct sent subscribe;
	struct ims_flow on_new;

	script_new(&s, NULL);
	script_register(&s, 3600);
	subscribe = s.last;
	renew(&s, 33, SERVER2);
	on_new = script_back(&s, &s.ue->now.udp);
	script_reply_on(&s, &subscribe, &on_new, 200, "Expires: 600\r\n");
	assert_int_equal(s.ue->sub, UE_SUB_ACCEPTED);
	script_free(&s);
}

static void a_failed_renewal_drops_the_temporary_set_only(void **state)
{
	struct script s;
	uint32_t first, temp;
	char nonce[64];

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	script_register(&s, 3600);
	first = s.ue->now.id;
	script_start(&s);
	script_nonce(&s, 33, nonce);
	script_challenge(&s, nonce, SERVER2);
	temp = s.ue->temp.id;
	script_reply(&s, 403, "");
	script_state(&s, "registered");
	assert_int_equal(s.dels, 1);
	assert_int_equal(s.deleted[0], temp);
	assert_int_equal(s.ue->now.id, first);
	assert_true(script_heard(&s, IMS_TELL_PROBLEM, -IMS_E_REFUSED,
				 "not renewed: 403"));
	/* And it tries again while there is time. */
	assert_true(s.ue->at[UE_T_REFRESH] <= s.now + 1800000);
	script_free(&s);
}

static void a_temporary_set_lives_four_minutes(void **state)
{
	struct script s;

	script_new(&s, NULL);
	script_start(&s);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_int_equal(s.ue->temp.until_ms, s.now + 240000);
	script_free(&s);
}

static void random_numbers_are_in_their_ranges_and_differ(void **state)
{
	for (uint64_t seed = 1; seed < 60; seed++) {
		struct ims_ue_conf c;
		struct script s;
		const struct ims_secagree_end *e;

		script_conf(&c);
		c.port_uc = c.port_us = 0;
		c.spi_uc = c.spi_us = 0;
		script_new(&s, &c);
		s.random = seed;
		script_start(&s);
		e = &s.ue->offer;
		assert_in_range(e->port_c, 32768, 60999);
		assert_in_range(e->port_s, 32768, 60999);
		assert_int_not_equal(e->port_c, e->port_s);
		assert_true(e->spi_c >= 256 && e->spi_s >= 256);
		assert_int_not_equal(e->spi_c, e->spi_s);
		script_free(&s);
	}
}

static void a_policy_that_allows_nothing_is_told(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.policy.allow_deprecated = false;
	c.policy.n_suites = 1; /* hmac-md5-96 */
	script_new(&s, &c);
	script_start(&s);
	script_state(&s, "idle");
	assert_int_equal(s.n_sent, 0);
	assert_true(script_heard(&s, IMS_TELL_FAILED, -IMS_E_NO_MECH, ""));
	script_free(&s);
}

static void the_fixed_numbers_serve_again_after_all_is_taken_down(void **state)
{
	struct script s;

	script_new(&s, NULL);
	s.ue->conf.subscribe = false;
	for (int i = 0; i < 2; i++) {
		script_register(&s, 3600);
		assert_int_equal(s.ue->now.me.port_c, 38003);
		assert_int_equal(s.ue->now.me.spi_s, 565818);
		script_stop(&s);
		script_reply(&s, 200, "");
		script_state(&s, "idle");
	}
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seeds_four_sas),
		cmocka_unit_test(three_sets_at_most_and_the_oldest_goes_first),
		cmocka_unit_test(
			an_old_set_goes_when_its_port_pc_is_given_out_again),
		cmocka_unit_test(an_old_set_ends_with_its_life),
		cmocka_unit_test(the_host_hears_until_when_a_set_lives),
		cmocka_unit_test(a_new_set_never_dies_before_the_former),
		cmocka_unit_test(the_old_set_waits_for_its_transactions),
		cmocka_unit_test(an_answer_may_come_over_the_new_set),
		cmocka_unit_test(a_failed_renewal_drops_the_temporary_set_only),
		cmocka_unit_test(a_temporary_set_lives_four_minutes),
		cmocka_unit_test(random_numbers_are_in_their_ranges_and_differ),
		cmocka_unit_test(a_policy_that_allows_nothing_is_told),
		cmocka_unit_test(
			the_fixed_numbers_serve_again_after_all_is_taken_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
