/* SPDX-License-Identifier: BSD-2-Clause */
/* test_scscf_late.c - a REGISTER that comes late changes nothing that is newer
 * [RFC 3261 10.3 step 7].
 */
#include "watch.h"

#define THERE "<sip:001010123456789@[2001::6]:39003>"
#define PATH_THERE "<sip:tok2@192.0.2.5:5070;lr>"

static struct ims_reg_contact *contact(void)
{
	struct ims_scscf_user *u =
		ims_scscf_user_find(world.s, ims_str(ALICE_IMPI));

	assert_non_null(u);
	assert_int_equal(u->binds.n, 1);
	return ims_container(u->binds.list.next, struct ims_reg_contact, node);
}

/* He was challenged at one place, moved, and is registered from another: then
 * his answer from the first one comes.
 */
static void moved(struct reg *late, const char *here, const char *there)
{
	static char nonce[128], response[40];
	struct reg r;

	do_register(&world, (struct reg){.cseq = 1});
	take_401(&world);
	strcpy(nonce, world.nonce);
	strcpy(response, world.response);
	do_register(&world, (struct reg){.cseq = 1,
					 .call_id = "call-2",
					 .contact = there,
					 .path = PATH_THERE});
	take_401(&world);
	r = inside(&world, 2);
	r.call_id = "call-2";
	r.contact = there;
	r.path = PATH_THERE;
	do_register(&world, r);
	assert_status(&world, 200);
	*late = (struct reg){.cseq = 2,
			     .secured = "yes",
			     .nonce = nonce,
			     .response = response,
			     .contact = here};
}

static void an_answer_from_where_he_was_is_too_late(void **state)
{
	static const char *const places[][2] = {{PHONE, THERE},
						{PHONE FEATURES,
						 THERE FEATURES}};

	for (size_t i = 0; i < N_OF(places); i++) {
		size_t n_sar;
		struct reg late;

		teardown(state);
		setup(state);
		moved(&late, places[i][0], places[i][1]);
		n_sar = world.n_sar;
		do_register(&world, late);
		assert_status(&world, 500);
		assert_false(ims_sip_has(&world.m, IMS_SIP_RETRY_AFTER));
		assert_int_equal(world.told_err, -IMS_E_UNEXPECTED);
		assert_int_equal(world.n_sar, n_sar);
		assert_int_equal(world.n_keeps, 0);
		assert_str(contact()->call_id, "call-2");
		/* what proves him now still does */
		late = inside(&world, 3);
		late.call_id = "call-2";
		late.contact = places[i][1];
		do_register(&world, late);
		assert_status(&world, 200);
		assert_int_equal(world.n_mar, 2);
	}
}

/* Two flows of one device are authenticated side by side. */
static void another_flow_is_not_too_late(void **state)
{
	struct reg late;

	moved(&late, PHONE FEATURES,
	      THERE ";+sip.instance=\"<urn:gsma:imei:35910506-000422-0>\""
		    ";reg-id=2");
	do_register(&world, late);
	assert_status(&world, 200);
	/* all that is proven may be ended by what was proven last */
	late = inside(&world, 3);
	late.call_id = "call-2";
	late.contact = "*";
	late.lines = "Expires: 0\r\n";
	do_register(&world, late);
	assert_status(&world, 401); /* last_nonce is the other flow's */
	take_401(&world);
	late = inside(&world, 4);
	late.call_id = "call-2";
	late.contact = "*";
	late.lines = "Expires: 0\r\n";
	do_register(&world, late);
	assert_status(&world, 200);
	assert_int_equal(ims_scscf_registered(world.s), 0);
}

/* It only comes late itself, and what it was followed by does not. */
static void a_late_refresh_does_not_outdo_a_challenge(void **state)
{
	char nonce[128];
	struct reg r;

	register_alice(&world);
	strcpy(nonce, world.nonce);
	do_register(&world, (struct reg){.cseq = 1, .call_id = "call-2"});
	take_401(&world);
	r = inside(&world, 3);
	r.nonce = nonce;
	do_register(&world, r);
	assert_status(&world, 200);
	r = inside(&world, 2);
	r.call_id = "call-2";
	do_register(&world, r);
	assert_status(&world, 200);
	assert_str(contact()->call_id, "call-2");
}

/* He left, and what he had begun before is not taken up by itself. */
static void who_has_left_is_not_brought_back(void **state)
{
	char nonce[128], response[40];
	struct reg r;

	register_alice(&world);
	strcpy(nonce, world.nonce);
	strcpy(response, world.response);
	do_register(&world, (struct reg){.cseq = 1, .call_id = "call-2"});
	take_401(&world);
	do_register(&world, (struct reg){.cseq = 3,
					 .secured = "yes",
					 .nonce = nonce,
					 .response = response,
					 .contact = PHONE FEATURES,
					 .lines = "Expires: 0\r\n"});
	assert_status(&world, 200);
	assert_int_equal(ims_scscf_registered(world.s), 0);
	r = inside(&world, 2);
	r.call_id = "call-2";
	do_register(&world, r);
	assert_status(&world, 401);
}

/* The Call-ID before the last one, inside the same SAs. */
static void a_call_id_of_before_is_not_forgotten(void **state)
{
	struct reg r;

	register_alice(&world);
	do_register(&world, inside(&world, 3));
	assert_status(&world, 200);
	r = inside(&world, 1);
	r.call_id = "call-2";
	do_register(&world, r);
	assert_status(&world, 200);
	/* late: a refresh and a good bye */
	r = inside(&world, 3);
	do_register(&world, r);
	assert_status(&world, 500);
	r.lines = "Expires: 0\r\n";
	r.contact = PHONE;
	do_register(&world, r);
	assert_status(&world, 500);
	assert_str(contact()->call_id, "call-2");
	/* but it may go on */
	do_register(&world, inside(&world, 4));
	assert_status(&world, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TW(an_answer_from_where_he_was_is_too_late),
		TW(another_flow_is_not_too_late),
		TW(a_late_refresh_does_not_outdo_a_challenge),
		TW(who_has_left_is_not_brought_back),
		TW(a_call_id_of_before_is_not_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
