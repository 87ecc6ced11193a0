/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_form.c - how a phone writes it. */
#include "ue_script.h"

#include "ue_profile.h"

static void begin(struct script *s, struct ims_ue_conf *c)
{
	script_new(s, c);
	script_start(s);
}

static void the_order_of_the_headers_is_that_of_the_form(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	strcpy(c.form.order, "CSeq, to,Nonsense,,CSeq,Content-Length");
	begin(&s, &c);
	assert_true(strstr(s.last.text,
			   " SIP/2.0\r\nCSeq: 1 REGISTER\r\nTo: <") != NULL);
	assert_non_null(strstr(s.last.text, ">\r\nContent-Length: 0\r\nMax-"));
	/* each once, and the end is one empty line */
	assert_null(strstr(strstr(s.last.text, "CSeq:") + 1, "CSeq:"));
	assert_string_equal(s.last.text + s.last.n - 4, "\r\n\r\n");
	(void)script_parse(&s.last);
	script_free(&s);
}

static void a_value_with_a_line_break_is_never_sent(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	strcpy(c.contact_params, ";x\r\nEvil: 1");
	begin(&s, &c);
	assert_int_equal(s.n_sent, 0);
	script_free(&s);
	script_conf(&c);
	strcpy(c.form.mechanism, "a\nb<alg>");
	begin(&s, &c);
	assert_int_equal(s.n_sent, 0);
	script_free(&s);
}

static void mechanisms_are_written_as_the_template_has_them(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.form.join = IMS_UE_JOIN_LINES;
	strcpy(c.form.mechanism, "ipsec-3gpp;<odd>;alg=<alg>;ealg=<ealg>;spi-c="
				 "<spi-c>;spi-s=<spi-s>;port-c=<port-c>;"
				 "port-s=<port-s>;end=<open");
	begin(&s, &c);
	assert_non_null(
		strstr(s.last.text,
		       "Security-Client: ipsec-3gpp;<odd>;"
		       "alg=hmac-md5-96;ealg=null;spi-c=0000565817;"
		       "spi-s=0000565818;port-c=38003;port-s=39003;end="
		       "\r\nSecurity-Client: ipsec-3gpp;<odd>;alg=hmac-sha"));
	script_free(&s);
}

static void q_is_left_out_of_security_verify_where_it_hurts(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.form.verify_noq = true;
	begin(&s, &c);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_non_null(
		strstr(s.last.text,
		       "Security-Verify: ipsec-3gpp;alg=hmac-md5-96;"
		       "ealg=null;prot=esp;mod=trans;spi-c=3458785863;"
		       "spi-s=2821032177;port-c=50717;port-s=50718\r\n"));
	script_free(&s);
}

static void the_realm_may_become_the_request_uri(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	strcpy(c.form.register_uri, "realm");
	begin(&s, &c);
	assert_memory_equal(s.last.text, "REGISTER sip:ims.sharetechnote.com ",
			    35);
	script_challenge(&s, SEED_NONCE, SEED_SERVER);
	assert_non_null(strstr(s.last.text, "REGISTER sip:" SEED_REALM " "));
	assert_non_null(strstr(s.last.text, "uri=\"sip:" SEED_REALM "\""));
	script_free(&s);
}

static void without_sec_agree_only_after_the_codes_named(void **state)
{
	static const unsigned codes[] = {403, 406, 488};

	for (size_t i = 0; i < N_OF(codes); i++) {
		struct ims_ue_conf c;
		struct script s;

		script_conf(&c);
		strcpy(c.form.fallback, "x, 406,488");
		begin(&s, &c);
		script_reply(&s, codes[i], "");
		if (codes[i] == 403) {
			script_state(&s, "idle");
		} else {
			script_state(&s, "trying");
			assert_null(strstr(s.last.text, "sec-agree"));
			assert_null(strstr(s.last.text, "Security-Client"));
			/* once only */
			script_reply(&s, codes[i], "");
			assert_false(strcmp(ims_ue_state(s.ue), "trying") == 0);
		}
		script_free(&s);
	}
}

static void every_profile_is_sound(void **state)
{
	struct ims_ue_conf c;
	struct ims_flaw why;

	for (size_t i = 0; ims_ue_profile_name(i); i++) {
		const char *name = ims_ue_profile_name(i);

		script_conf(&c);
		assert_int_equal(ims_ue_profile(&c, ims_str(name)), 0);
		assert_string_equal(c.form.profile, name);
		assert_non_null(ims_ue_profile_about(i));
		if (ims_ue_conf_check(&c, &why))
			fail_msg("%s: %s", name, why.text);
		/* nothing of the user's is touched, no text was cut off */
		assert_non_null(strstr(c.impi, "001010123456789"));
		assert_true(!c.form.order[0] ||
			    strstr(c.form.order, "Content-Length") ||
			    strstr(c.form.order, "Security-Client"));
	}
	assert_int_equal(ims_ue_profile(&c, IMS_S("nokia9000")),
			 -IMS_E_NOTFOUND);
	assert_int_equal(ims_ue_profile(&c, IMS_S("")), -IMS_E_NOTFOUND);
	assert_null(ims_ue_profile_about(1000));
}

static void what_is_not_sound_is_named(void **state)
{
	struct ims_ue_conf c;
	struct ims_flaw why;

#define BAD(change, what)                                          \
	do {                                                       \
		script_conf(&c);                                   \
		change;                                            \
		assert_true(ims_ue_conf_check(&c, &why) < 0);      \
		assert_memory_equal(why.text, what, strlen(what)); \
	} while (0)
	BAD(strcpy(c.user_agent, "a\nb"), "user-agent");
	BAD(strcpy(c.form.allow, "\r"), "allow");
	BAD(strcpy(c.form.order, "Via,Subject"), "header-order: \"Subject\"");
	BAD(strcpy(c.form.fallback, "200"), "fallback: \"200\"");
	BAD(strcpy(c.form.fallback, "401"), "fallback: \"401\"");
	BAD(strcpy(c.form.mechanism, "ipsec-3gpp;alg=<alg>"), "mechanism");
	BAD((c.form.spi_from = 1, c.form.spi_to = 9), "spi-from");
	BAD((c.form.uc_from = 5000, c.form.uc_to = 4000), "uc-from");
	BAD(c.form.us_to = 80, "us-from");
	BAD(c.reg_id = 0x80000000u, "reg-id");
#undef BAD
}

static void a_range_of_one_port_does_not_hang(void **state)
{
	struct ims_ue_conf c;
	struct script s;

	script_conf(&c);
	c.port_uc = c.port_us = 0;
	c.form.uc_from = c.form.uc_to = 5000;
	c.form.us_from = c.form.us_to = 5000;
	begin(&s, &c);
	assert_int_equal(s.n_sent, 1);
	assert_true(s.ue->offer.port_c != s.ue->offer.port_s);
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_the_headers_is_that_of_the_form),
		cmocka_unit_test(a_value_with_a_line_break_is_never_sent),
		cmocka_unit_test(
			mechanisms_are_written_as_the_template_has_them),
		cmocka_unit_test(
			q_is_left_out_of_security_verify_where_it_hurts),
		cmocka_unit_test(the_realm_may_become_the_request_uri),
		cmocka_unit_test(without_sec_agree_only_after_the_codes_named),
		cmocka_unit_test(every_profile_is_sound),
		cmocka_unit_test(what_is_not_sound_is_named),
		cmocka_unit_test(a_range_of_one_port_does_not_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
