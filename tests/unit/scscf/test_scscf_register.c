/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_register.c - which REGISTER is it, and what comes of it. */
#include "mw.h"

static void the_steps_of_the_seed(void **state)
{
	struct ims_sip_auth auth;

	do_register(&world, (struct reg){.cseq = 1});
	assert_int_equal(world.n_sent, 1);
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	assert_int_equal(ims_sip_auth_get(&world.m, IMS_SIP_WWW_AUTHENTICATE,
					  &auth),
			 0);
	assert_str(auth.realm, DOMAIN);
	assert_str(auth.algorithm, "AKAv1-MD5");
	assert_str(auth.qop, "auth");
	assert_int_equal(auth.ik.n, 32);
	assert_int_equal(auth.ck.n, 32);
	assert_int_equal(auth.opaque.n, 32);
	assert_int_equal(ims_scscf_registered(world.s), 0);

	do_register(&world, inside(&world, 2));
	assert_status(&world, 200);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	assert_int_equal(world.n_mar, 1);
	assert_int_equal(world.n_sar, 1);
	assert_int_equal(world.cx.assign, IMS_CX_REGISTERED);
	assert_non_null(strstr(world.told, ALICE_IMPI " as " ALICE));
}

static void a_wrong_response_is_refused_and_told(void **state)
{
	struct reg r;

	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	r = inside(&world, 2);
	world.response[0] = world.response[0] == '0' ? '1' : '0';
	do_register(&world, r);
	assert_status(&world, 403);
	assert_int_equal(world.told_err, -IMS_E_AKA_RES);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

/* The same right response a moment later no longer helps [T13]. */
static void a_nonce_is_compared_exactly_once(void **state)
{
	char right[40];

	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	strcpy(right, world.response);
	memset(world.response, '0', 32);
	do_register(&world, inside(&world, 2));
	assert_status(&world, 403);
	strcpy(world.response, right);
	do_register(&world, inside(&world, 3));
	assert_status(&world, 401);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

static void a_wrong_response_does_not_end_a_registration(void **state)
{
	struct ims_scscf_conf conf = mw_conf();

	conf.challenge_refresh = true;
	restart_with(&conf);
	register_alice(&world);
	do_register(&world, inside(&world, 3));
	take_401(&world);
	memset(world.response, 'f', 32);
	do_register(&world, inside(&world, 4));
	assert_status(&world, 403);
	assert_int_equal(ims_scscf_registered(world.s), 1);
}

/* T10: a nonce is good once. */
static void a_replay_in_the_clear_is_challenged_anew(void **state)
{
	struct reg r;
	char old[128];

	register_alice(&world);
	strcpy(old, world.nonce);
	r = inside(&world, 2);
	r.secured = "no";
	do_register(&world, r);
	assert_status(&world, 401);
	take_401(&world);
	assert_string_not_equal(old, world.nonce);
	assert_int_equal(ims_scscf_registered(world.s), 1);
}

/* T10 */
static void a_replay_inside_the_sas_changes_nothing(void **state)
{
	struct reg r;
	size_t asked;

	register_alice(&world);
	world.now += 10000;
	r = inside(&world, 2); /* the same CSeq, another contact */
	r.contact = "<sip:001010123456789@[2001::6]:39003>";
	do_register(&world, r);
	assert_status(&world, 500);
	r = inside(&world, 1);
	do_register(&world, r);
	assert_status(&world, 500);
	asked = world.n_sar;
	/* the very same: the answer may have been lost [RFC 3261 10.3] */
	do_register(&world, inside(&world, 2));
	assert_status(&world, 200);
	assert_non_null(strstr(world.sent[0], ";expires=599990"));
	assert_int_equal(world.n_sar, asked);
	assert_int_equal(world.n_keeps, 0);
	assert_int_equal(ims_scscf_registered(world.s), 1);
}

/* The P-CSCF says "no" or nothing, whatever the UE wrote [T05]. */
static void a_right_response_outside_of_sas_is_refused(void **state)
{
	static const char *const words[] = {"no", "", "tls-yes", "auth-done"};

	for (size_t i = 0; i < N_OF(words); i++) {
		struct reg r;
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "c%zu", i);
		do_register(&world,
			    (struct reg){.cseq = 1, .call_id = call_id});
		take_401(&world);
		r = inside(&world, 2);
		r.call_id = call_id;
		r.secured = words[i];
		do_register(&world, r);
		assert_status(&world, 403);
		assert_int_equal(world.told_err, -IMS_E_CLEAR);
		/* and the challenge stays for whom it is for */
		r.secured = "yes";
		r.cseq = 3;
		do_register(&world, r);
		assert_status(&world, 200);
	}
}

static void clear_users_may_be_allowed(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	struct reg r;

	conf.allow_clear = true;
	restart_with(&conf);
	do_register(&world, (struct reg){.cseq = 1, .secured = ""});
	take_401(&world);
	r = inside(&world, 2);
	r.secured = "";
	do_register(&world, r);
	assert_status(&world, 200);
	/* but each further one has to prove itself, also to leave [T29] */
	r.cseq = 3;
	r.lines = "Expires: 0\r\n";
	do_register(&world, r);
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	r.cseq = 4;
	do_register(&world, r);
	assert_status(&world, 200);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

static void guessing_in_the_clear_meets_a_pause(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	struct reg first = {.cseq = 1, .secured = ""};
	struct reg guess;

	conf.allow_clear = true;
	restart_with(&conf);
	for (unsigned i = 0; i < IMS_SCSCF_WRONG; i++) {
		do_register(&world, first);
		take_401(&world);
		guess = inside(&world, 2);
		guess.secured = "";
		guess.response = "00000000000000000000000000000000";
		do_register(&world, guess);
		assert_status(&world, 403);
	}
	do_register(&world, first);
	assert_status(&world, 503);
	assert_true(ims_sip_has(&world.m, IMS_SIP_RETRY_AFTER));
	tick(&world, world.now + IMS_SCSCF_PAUSE_MS);
	do_register(&world, first);
	assert_status(&world, 401);
}

static void resynchronisation_needs_one_round(void **state)
{
	struct reg r;

	world.card.window.seq[0] = 0x100000;
	do_register(&world, (struct reg){.cseq = 1});
	assert_int_equal(take_401(&world), IMS_CARD_RESYNC);
	r = (struct reg){.cseq = 2, .nonce = world.nonce, .auts = true};
	do_register(&world, r);
	assert_true(world.cx.resync);
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	do_register(&world, inside(&world, 3));
	assert_status(&world, 200);
}

/* T11 */
static void an_auts_is_used_once_and_only_with_our_rand(void **state)
{
	struct reg r;
	char old[128];
	size_t n;

	world.card.window.seq[0] = 0x100000;
	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	strcpy(old, world.nonce);
	r = (struct reg){.cseq = 2, .nonce = old, .auts = true};
	do_register(&world, r);
	assert_true(world.cx.resync);
	n = world.n_mar;
	r.cseq = 3; /* the same again: its RAND is no longer ours */
	do_register(&world, r);
	assert_int_equal(world.n_mar, n + 1);
	assert_false(world.cx.resync);
	assert_status(&world, 401);
}

static void a_forged_auts_is_refused(void **state)
{
	static const char *const auts[] = {"AAAAAAAAAAAAAAAAAAA=", "AA==",
					   "****",
					   "QUFBQUFBQUFBQUFBQUFBQUFBQUE="};

	for (size_t i = 0; i < N_OF(auts); i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "c%zu", i);
		do_register(&world,
			    (struct reg){.cseq = 1, .call_id = call_id});
		take_401(&world);
		strcpy(world.auts, auts[i]);
		do_register(&world, (struct reg){.cseq = 2,
						 .call_id = call_id,
						 .nonce = world.nonce,
						 .auts = true});
		assert_status(&world, 403);
		assert_int_equal(world.told_err, -IMS_E_AKA_AUTS);
	}
}

static void a_ue_that_finds_our_mac_wrong_is_asked_twice_more(void **state)
{
	struct reg r = {.cseq = 1};

	do_register(&world, r);
	for (int i = 0; i < IMS_SCSCF_ROUNDS; i++) {
		take_401(&world);
		r.cseq++;
		r.nonce = world.nonce;
		do_register(&world, r);
		assert_status(&world, 401);
	}
	take_401(&world);
	r.cseq++;
	do_register(&world, r);
	assert_status(&world, 403);
	assert_int_equal(world.told_err, -IMS_E_AKA_MAC);
}

static void the_answer_must_have_the_call_id_of_the_challenge(void **state)
{
	struct reg r;

	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	r = inside(&world, 2);
	r.call_id = "call-2";
	do_register(&world, r);
	assert_status(&world, 401);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

static void inside_sas_a_refresh_is_taken_without_challenge(void **state)
{
	struct reg r;
	size_t mar;

	register_alice(&world);
	mar = world.n_mar;
	r = inside(&world, 3);
	r.contact = PHONE ";video;expires=7200";
	do_register(&world, r);
	assert_status(&world, 200);
	assert_int_equal(world.n_mar, mar);
	assert_str(ims_sip_get(&world.m, IMS_SIP_CONTACT),
		   PHONE ";video;expires=7200");
	assert_non_null(strstr(world.told, ALICE_IMPI));
}

static void a_nonce_that_is_not_the_last_one_is_challenged(void **state)
{
	struct reg r;

	register_alice(&world);
	r = inside(&world, 3);
	r.nonce = "AAAA";
	do_register(&world, r);
	assert_status(&world, 401);
	r = inside(&world, 4);
	r.nonce = "";
	r.response = "";
	do_register(&world, r);
	assert_status(&world, 401);
}

static void bindings_can_be_asked_for_inside_sas_only(void **state)
{
	struct reg r;

	register_alice(&world);
	r = inside(&world, 3);
	r.contact = "";
	do_register(&world, r);
	assert_status(&world, 200);
	assert_true(ims_sip_has(&world.m, IMS_SIP_CONTACT));
	r.secured = "no";
	do_register(&world, r);
	assert_status(&world, 400);
	assert_false(ims_sip_has(&world.m, IMS_SIP_CONTACT));
}

static void only_inside_sas_or_after_aka_can_one_be_unregistered(void **state)
{
	struct reg r = {.cseq = 9, .contact = "*", .lines = "Expires: 0\r\n"};

	register_alice(&world);
	do_register(&world, r);
	assert_status(&world, 401);
	r = inside(&world, 9);
	r.secured = "no";
	r.contact = "*";
	r.lines = "Expires: 0\r\n";
	do_register(&world, r);
	assert_status(&world, 401);
	assert_int_equal(ims_scscf_registered(world.s), 1);
	r.secured = "yes";
	r.cseq = 10;
	do_register(&world, r);
	assert_status(&world, 200);
	assert_false(ims_sip_has(&world.m, IMS_SIP_CONTACT));
	assert_int_equal(world.cx.assign, IMS_CX_DEREGISTERED);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	/* two challenges are still open; then nothing is left of him */
	tick(&world, world.now + 240000);
	assert_int_equal(world.s->users.n, 0);
	assert_true(ims_heap_next(&world.s->due) == IMS_NEVER);
}

/* T03 */
static void nobody_registers_the_identity_of_another(void **state)
{
	struct reg r;

	/* in the first REGISTER: To the HSS refuses, From we do */
	world.hss_err = -IMS_E_NOT_MINE;
	do_register(&world,
		    (struct reg){.cseq = 1, .to = "sip:victim@" DOMAIN});
	assert_status(&world, 403);
	world.hss_err = 0;
	do_register(&world,
		    (struct reg){.cseq = 1, .from = "sip:victim@" DOMAIN});
	assert_status(&world, 403);
	assert_int_equal(world.told_err, -IMS_E_NOT_MINE);
	/* an HSS that is not careful is not trusted with it either */
	do_register(&world,
		    (struct reg){.cseq = 1, .to = "sip:victim@" DOMAIN});
	assert_status(&world, 403);
	/* inside his own SAs */
	register_alice(&world);
	r = inside(&world, 3);
	r.to = "sip:victim@" DOMAIN;
	do_register(&world, r);
	assert_status(&world, 403);
	r = inside(&world, 4);
	r.from = "sip:victim@" DOMAIN;
	do_register(&world, r);
	assert_status(&world, 403);
	assert_null(
		ims_scscf_user_by_impu(world.s, IMS_S("sip:victim@" DOMAIN)));
}

static void unknown_and_barred_users_get_403_and_leave_nothing(void **state)
{
	do_register(&world, (struct reg){.cseq = 1, .impi = "stranger"});
	assert_status(&world, 403);
	assert_int_equal(world.told_err, -IMS_E_UNKNOWN_USER);
	world.hss_err = -IMS_E_REFUSED;
	do_register(&world, (struct reg){.cseq = 1});
	assert_status(&world, 403);
	assert_int_equal(world.s->users.n, 0);
}

static void a_short_expiry_is_refused_with_the_least_one(void **state)
{
	do_register(&world,
		    (struct reg){.cseq = 1, .contact = PHONE ";expires=59"});
	assert_status(&world, 423);
	assert_str(ims_sip_get(&world.m, IMS_SIP_MIN_EXPIRES), "60");
	assert_int_equal(world.n_mar, 0);
}

static void what_is_malformed_gets_400(void **state)
{
	static const char *const contact[] = {"<sip:a@x", "tel:+1", "*",
					      "<sip:a@x>;p=\"\x1b[2J\""};

	for (size_t i = 0; i < N_OF(contact); i++) {
		do_register(&world,
			    (struct reg){.cseq = 1, .contact = contact[i]});
		assert_status(&world, 400);
	}
	do_register(&world, (struct reg){.cseq = 1, .to = "mailto:a@x"});
	assert_status(&world, 400);
	do_register(&world,
		    (struct reg){.cseq = 1,
				 .no_auth = true,
				 .lines = "Authorization: Digest a=\"\r\n"});
	assert_status(&world, 400);
	/* whose SAs would it be? */
	do_register(&world,
		    (struct reg){.cseq = 1, .impi = "", .secured = "yes"});
	assert_status(&world, 400);
	assert_int_equal(world.n_mar, 0);
}

static void what_we_do_not_know_cannot_be_required(void **state)
{
	do_register(&world,
		    (struct reg){.cseq = 1,
				 .lines = "Require: outbound, x-y\r\n"});
	assert_status(&world, 420);
	assert_str(ims_sip_get(&world.m, IMS_SIP_UNSUPPORTED), "outbound");
	assert_true(ims_sip_lists(&world.m, IMS_SIP_UNSUPPORTED, "x-y"));
}

static void another_domain_is_not_served(void **state)
{
	do_register(&world, (struct reg){.cseq = 1, .uri = "sip:other.org"});
	assert_status(&world, 403);
	assert_int_equal(world.n_mar, 0);
}

static void without_credentials_the_impi_is_made_of_the_impu(void **state)
{
	do_register(&world, (struct reg){.cseq = 1, .no_auth = true});
	assert_status(&world, 401);
	assert_string_equal(world.cx.impi, ALICE_IMPI);
}

/* Rogue REGISTERs for the same user do not take his challenge away, and those
 * inside his SAs least of all [T12].
 */
static void rogue_registers_do_not_disturb_who_is_registered(void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	char nonce[128], response[40];
	struct reg r;

	conf.challenge_refresh = true;
	restart_with(&conf);
	register_alice(&world);
	do_register(&world, inside(&world, 3));
	take_401(&world);
	strcpy(nonce, world.nonce);
	strcpy(response, world.response);
	for (unsigned i = 0; i < 1000; i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "rogue-%u", i);
		do_register(&world,
			    (struct reg){.cseq = 1, .call_id = call_id});
		assert_status(&world, 401);
	}
	assert_int_equal(world.s->users.n, 1);
	assert_int_equal(world.s->cx.n, 2);
	r = inside(&world, 4);
	r.nonce = nonce;
	r.response = response;
	do_register(&world, r);
	assert_status(&world, 200);
}

/* ... nor those of one other place him who only now registers [T12]. */
static void rogue_registers_do_not_disturb_who_begins(void **state)
{
	char nonce[128], response[40];
	struct reg r;

	do_register(&world, (struct reg){.cseq = 1});
	assert_int_equal(take_401(&world), IMS_CARD_OK);
	strcpy(nonce, world.nonce);
	strcpy(response, world.response);
	for (unsigned i = 0; i < 100; i++) {
		char call_id[16];

		snprintf(call_id, sizeof(call_id), "rogue-%u", i);
		do_register(&world,
			    (struct reg){.cseq = 1,
					 .call_id = i % 2 ? call_id : NULL,
					 .path = "<sip:x@192.0.2.5:5070;lr>"});
		assert_status(&world, 401);
	}
	assert_true(world.s->cx.n <= IMS_SCSCF_ATTEMPTS);
	r = inside(&world, 2);
	r.nonce = nonce;
	r.response = response;
	do_register(&world, r);
	assert_status(&world, 200);
}

/* The Call-ID of a registration was once sent in the clear. */
static void a_known_call_id_does_not_replace_a_challenge_inside_sas(
	void **state)
{
	struct ims_scscf_conf conf = mw_conf();
	char nonce[128], response[40];
	struct reg r;

	conf.challenge_refresh = true;
	restart_with(&conf);
	register_alice(&world);
	do_register(&world, inside(&world, 3));
	take_401(&world);
	strcpy(nonce, world.nonce);
	strcpy(response, world.response);
	do_register(&world, (struct reg){.cseq = 4});
	assert_status(&world, 401);
	r = inside(&world, 4);
	r.nonce = nonce;
	r.response = response;
	do_register(&world, r);
	assert_status(&world, 200);
}

static void while_the_hss_is_asked_the_next_one_has_to_wait(void **state)
{
	world.hss_silent = true;
	do_register(&world, (struct reg){.cseq = 1});
	do_register(&world, (struct reg){.cseq = 2});
	assert_status(&world, 500);
	assert_true(ims_sip_has(&world.m, IMS_SIP_RETRY_AFTER));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_steps_of_the_seed),
		T(a_wrong_response_is_refused_and_told),
		T(a_nonce_is_compared_exactly_once),
		T(a_wrong_response_does_not_end_a_registration),
		T(a_replay_in_the_clear_is_challenged_anew),
		T(a_replay_inside_the_sas_changes_nothing),
		T(a_right_response_outside_of_sas_is_refused),
		T(clear_users_may_be_allowed),
		T(guessing_in_the_clear_meets_a_pause),
		T(resynchronisation_needs_one_round),
		T(an_auts_is_used_once_and_only_with_our_rand),
		T(a_forged_auts_is_refused),
		T(a_ue_that_finds_our_mac_wrong_is_asked_twice_more),
		T(the_answer_must_have_the_call_id_of_the_challenge),
		T(inside_sas_a_refresh_is_taken_without_challenge),
		T(a_nonce_that_is_not_the_last_one_is_challenged),
		T(bindings_can_be_asked_for_inside_sas_only),
		T(only_inside_sas_or_after_aka_can_one_be_unregistered),
		T(nobody_registers_the_identity_of_another),
		T(unknown_and_barred_users_get_403_and_leave_nothing),
		T(a_short_expiry_is_refused_with_the_least_one),
		T(what_is_malformed_gets_400),
		T(what_we_do_not_know_cannot_be_required),
		T(another_domain_is_not_served),
		T(without_credentials_the_impi_is_made_of_the_impu),
		T(rogue_registers_do_not_disturb_who_is_registered),
		T(rogue_registers_do_not_disturb_who_begins),
		T(a_known_call_id_does_not_replace_a_challenge_inside_sas),
		T(while_the_hss_is_asked_the_next_one_has_to_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
