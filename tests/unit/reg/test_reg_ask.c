/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reg_ask.c - Contact and Expires of a REGISTER, as a wish. */
#include "msg.h"
#include "reg_bind.h"

#define DEFAULT 3600

static int ask(const char *lines, struct ims_reg_ask *out)
{
	static struct held h;
	struct ims_flaw flaw = {0};
	int err = ims_reg_ask_get(held_request(&h, "REGISTER", 1, lines),
				  DEFAULT, out, &flaw);

	assert_int_equal(err, flaw.err);
	return err;
}

static void the_contact_of_the_seed_is_understood(void **state)
{
	struct ims_reg_ask a;

	assert_int_equal(
		ask("Contact: <sip:a@[2001::1]:39003>;+g.3gpp.smsip;"
		    "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp\";video;"
		    "expires=600000;+sip.instance=\"<urn:gsma:imei:1-2-0>\";"
		    "reg-id=1\r\n",
		    &a),
		0);
	assert_int_equal(a.n, 1);
	assert_false(a.star);
	assert_false(a.leaves);
	assert_int_equal(a.shortest, 600000);
	assert_str(a.want[0].uri, "sip:a@[2001::1]:39003");
	assert_str(a.want[0].instance, "\"<urn:gsma:imei:1-2-0>\"");
	assert_int_equal(a.want[0].reg_id, 1);
}

static void its_own_expires_wins_over_the_header(void **state)
{
	struct ims_reg_ask a;

	assert_int_equal(ask("Contact: <sip:a@x>;expires=7, <sip:b@x>\r\n"
			     "Expires: 9\r\n",
			     &a),
			 0);
	assert_int_equal(a.want[0].expires, 7);
	assert_int_equal(a.want[1].expires, 9);
	assert_int_equal(a.shortest, 7);
	assert_int_equal(ask("Contact: <sip:a@x>\r\n", &a), 0);
	assert_int_equal(a.want[0].expires, DEFAULT);
	assert_int_equal(ask("Contact: <sip:a@x>;expires=soon\r\n", &a), 0);
	assert_int_equal(a.want[0].expires, DEFAULT);
	assert_int_equal(ask("Contact: <sip:a@x>;expires=4294967296\r\n", &a),
			 0);
	assert_int_equal(a.want[0].expires, DEFAULT);
}

static void leaving_is_nothing_but_removals(void **state)
{
	struct ims_reg_ask a;

	assert_int_equal(ask("Contact: <sip:a@x>;expires=0\r\n", &a), 0);
	assert_true(a.leaves);
	assert_int_equal(a.shortest, 0);
	assert_int_equal(ask("Contact: *\r\nExpires: 0\r\n", &a), 0);
	assert_true(a.star && a.leaves);
	assert_int_equal(ask("Contact: <sip:a@x>;expires=0, <sip:b@x>\r\n", &a),
			 0);
	assert_false(a.leaves);
	assert_int_equal(ask("Expires: 0\r\n", &a), 0);
	assert_false(a.leaves);
	assert_int_equal(a.n, 0);
}

static void a_star_stands_alone_with_expires_0(void **state)
{
	struct ims_reg_ask a;

	assert_int_equal(ask("Contact: *\r\n", &a), -IMS_E_SIP);
	assert_int_equal(ask("Contact: *\r\nExpires: 5\r\n", &a), -IMS_E_SIP);
	assert_int_equal(ask("Contact: *, <sip:a@x>\r\nExpires: 0\r\n", &a),
			 -IMS_E_SIP);
	assert_int_equal(ask("Contact: <sip:a@x>\r\nContact: *\r\n"
			     "Expires: 0\r\n",
			     &a),
			 -IMS_E_SIP);
}

static void what_cannot_be_a_contact_is_refused(void **state)
{
	static const char *const lines[] = {
		"Contact: <sip:a@x\r\n",
		"Contact: tel:+1\r\n",
		"Contact: <mailto:a@x>\r\n",
		"Contact: <sip:a@x>;p=\"open\r\n",
		"Contact: <sip:a@x>;p=\"\x1b[2J\"\r\n",
		"Contact: <sip:a@x>;+sip.instance=\"<i>\";reg-id=1x\r\n",
		"Contact: <sip:a@x>;+sip.instance=\"i\";reg-id=2147483648\r\n",
		"Contact: <sip:a@x>, \r\nContact: <>\r\n",
	};
	struct ims_reg_ask a = {.n = 99};

	for (size_t i = 0; i < N_OF(lines); i++) {
		static struct held h;
		const char *l = lines[i];

		/* some of it the parser itself refuses */
		snprintf(h.text, sizeof(h.text),
			 "REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP "
			 "x;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\n"
			 "To: <sip:a@x>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n"
			 "%sContent-Length: 0\r\n\r\n",
			 l);
		if (ims_sip_msg_parse(ims_str(h.text), &h.m, NULL))
			continue;
		if (ims_reg_ask_get(&h.m, 1, &a, NULL) != -IMS_E_SIP)
			fail_msg("taken: %s", l);
		assert_int_equal(a.n, 99);
	}
}

static void there_are_limits(void **state)
{
	char lines[8192] = "";
	struct ims_reg_ask a;

	for (int i = 0; i <= IMS_REG_CONTACTS; i++) {
		char one[64];

		if (i == IMS_REG_CONTACTS)
			assert_int_equal(ask(lines, &a), 0);
		snprintf(one, sizeof(one), "Contact: <sip:%d@x>\r\n", i);
		strcat(lines, one);
	}
	assert_int_equal(ask(lines, &a), -IMS_E_TOOBIG);
	snprintf(lines, sizeof(lines), "Contact: <sip:a@x>;p=%0*d\r\n",
		 IMS_REG_CONTACT_LEN, 7);
	assert_int_equal(ask(lines, &a), -IMS_E_TOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_contact_of_the_seed_is_understood),
		cmocka_unit_test(its_own_expires_wins_over_the_header),
		cmocka_unit_test(leaving_is_nothing_but_removals),
		cmocka_unit_test(a_star_stands_alone_with_expires_0),
		cmocka_unit_test(what_cannot_be_a_contact_is_refused),
		cmocka_unit_test(there_are_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
