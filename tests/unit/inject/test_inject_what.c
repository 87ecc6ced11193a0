/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_what.c - which messages are opportunities. */
#include "inject_case.h"

static bool is(enum inject_on on, const char *text)
{
	struct ims_sip_msg m;

	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
	return ims_inject_is(on, &m);
}

static void each_kind_knows_its_messages(void **state)
{
	/* clang-format off */
	static const struct {
		enum inject_on on;
		bool reg1, reg2, r401, r200, notify;
	} rows[] = {
		{ON_ANY,            true,  true,  true,  true,  true},
		{ON_REGISTER,       true,  true,  false, false, false},
		{ON_REGISTER_CLEAR, true,  false, false, false, false},
		{ON_REGISTER_PROOF, false, true,  false, false, false},
		{ON_401,            false, false, true,  false, false},
		{ON_200,            false, false, false, true,  false},
		{ON_ANSWER,         false, false, true,  true,  false},
		{ON_SUBSCRIBE,      false, false, false, false, false},
		{ON_SUB_200,        false, false, false, false, false},
		{ON_NOTIFY,         false, false, false, false, true},
		{ON_NOTIFY_200,     false, false, false, false, false},
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(is(rows[i].on, register1), rows[i].reg1);
		assert_int_equal(is(rows[i].on, register2), rows[i].reg2);
		assert_int_equal(is(rows[i].on, challenge), rows[i].r401);
		assert_int_equal(is(rows[i].on, ok), rows[i].r200);
		assert_int_equal(is(rows[i].on, notify), rows[i].notify);
	}
}

/* A 200 that ends a registration is not one to spoil. */
static void the_last_200_is_none(void **state)
{
	assert_false(is(ON_200, "SIP/2.0 200 OK\r\n" HEAD(
					"REGISTER", "9",
					"z") "Contact: <sip:a@b>;expires=0\r\n"
					     "Content-Length: 0\r\n\r\n"));
	assert_false(
		is(ON_200,
		   "SIP/2.0 200 OK\r\n" HEAD("REGISTER", "9",
					     "z") "Content-Length: 0\r\n\r\n"));
}

/* What has one Via on Mw is the P-CSCF's own. */
static void a_relayed_subscribe_has_two_vias(void **state)
{
#define SUB "SUBSCRIBE " USER " SIP/2.0\r\n"
#define REST HEAD("SUBSCRIBE", "1", "s") "Content-Length: 0\r\n\r\n"
	assert_true(is(ON_SUBSCRIBE, SUB REST));
	assert_false(is(ON_SUB_RELAYED, SUB REST));
	assert_true(is(ON_SUB_RELAYED,
		       SUB "Via: SIP/2.0/UDP h;branch=z9hG4bKp\r\n" REST));
}

static uint32_t hash(const char *text)
{
	struct ims_sip_msg m;

	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
	return ims_inject_hash(&m);
}

static void messages_are_told_apart_and_copies_are_not(void **state)
{
	assert_int_equal(hash(register1), hash(register1));
	assert_int_not_equal(hash(register1), hash(register2));
	assert_int_not_equal(hash(register1), hash(challenge));
	assert_int_not_equal(hash(register2), hash(ok));
}

static void a_register_in_the_clear_is_remembered(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	struct ims_sip_msg m;

	assert_int_equal(ims_sip_msg_parse(ims_str(register2), &m, NULL), 0);
	ims_inject_note(j, IMS_INJECT_GM_IN, &gm_inside, &m);
	assert_false(j->has_clear);
	ims_inject_note(j, IMS_INJECT_MW_UP, &mw, &m);
	assert_false(j->has_clear);
	ims_inject_note(j, IMS_INJECT_GM_IN, &gm_clear, &m);
	assert_false(j->has_clear);
	assert_string_equal(j->contact, "<sip:user@[2001:db8::10]:40002>");
	assert_int_equal(ims_sip_msg_parse(ims_str(challenge), &m, NULL), 0);
	ims_inject_note(j, IMS_INJECT_GM_OUT, &gm_clear, &m);
	assert_true(j->has_clear);
	assert_true(ims_flow_same(&j->clear, &gm_clear));
	ims_inject_free(j);
}

static void a_ue_learns_no_flow_from_what_comes(void **state)
{
	struct ims_inject *j = ims_inject_new(true);
	struct ims_sip_msg m;

	assert_int_equal(ims_sip_msg_parse(ims_str(register1), &m, NULL), 0);
	ims_inject_note(j, IMS_INJECT_GM_IN, &gm_clear, &m);
	assert_false(j->has_clear);
	ims_inject_note(j, IMS_INJECT_GM_OUT, &gm_clear, &m);
	assert_true(j->has_clear);
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_knows_its_messages),
		cmocka_unit_test(the_last_200_is_none),
		cmocka_unit_test(a_relayed_subscribe_has_two_vias),
		cmocka_unit_test(messages_are_told_apart_and_copies_are_not),
		cmocka_unit_test(a_register_in_the_clear_is_remembered),
		cmocka_unit_test(a_ue_learns_no_flow_from_what_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
