/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_edit.c - messages made out of messages. */
#include "pcscf_priv.h"
#include "pcscf_test.h"

static char text[4000];
static struct ims_sip_msg m;

static const struct ims_sip_msg *with(const char *headers)
{
	snprintf(text, sizeof text,
		 "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1"
		 "\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCall-ID: c\r\n"
		 "CSeq: 1 OPTIONS\r\n%sContent-Length: 0\r\n\r\n",
		 headers);
	assert_int_equal(ims_sip_msg_parse(ims_str(text), &m, NULL), 0);
	return &m;
}

static const char *options(const char *headers, const char *add)
{
	static char out[1000];
	struct ims_buf b;

	ims_buf_init(&b, out, sizeof out);
	ims_pcscf_put_options(&b, with(headers), IMS_SIP_REQUIRE, add);
	return ims_buf_cstr(&b);
}

static void sec_agree_goes_and_an_empty_list_with_it(void **state)
{
	assert_string_equal(options("", NULL), "");
	assert_string_equal(options("Require: sec-agree\r\n", NULL), "");
	assert_string_equal(options("Require: Sec-Agree , x\r\n", NULL),
			    "Require: x\r\n");
	assert_string_equal(options("Require: x\r\nrequire: sec-agree,y\r\n",
				    NULL),
			    "Require: x, y\r\n");
	assert_string_equal(options("", "path"), "Require: path\r\n");
	assert_string_equal(options("Require: PATH,sec-agree,x\r\n", "path"),
			    "Require: path, x\r\n");
	assert_string_equal(options("Require: sec-agreed\r\n", NULL),
			    "Require: sec-agreed\r\n");
}

static void hops_are_one_less(void **state)
{
	uint32_t left = 0;

	assert_true(ims_pcscf_hops(with("Max-Forwards: 70\r\n"), &left));
	assert_int_equal(left, 69);
	assert_true(ims_pcscf_hops(with(""), &left));
	assert_int_equal(left, 70);
	assert_false(ims_pcscf_hops(with("Max-Forwards: 0\r\n"), &left));
	assert_true(
		ims_pcscf_hops(with("Max-Forwards: 4000000000\r\n"), &left));
	assert_int_equal(left, 255);
}

static void our_routes_are_known_on_each_side(void **state)
{
	struct ims_str token;
	bool ob;

	assert_true(
		ims_pcscf_is_gm(p, IMS_S("<sip:[2001:0:0:1::2]:50718;lr>")));
	assert_true(ims_pcscf_is_gm(p, IMS_S("<sip:[2001:0:0:1::2];lr>")));
	assert_true(ims_pcscf_is_gm(p, IMS_S("sip:pcscf.example:50718")));
	assert_false(ims_pcscf_is_gm(p, IMS_S("<sip:[2001::2]:50718;lr>")));
	assert_false(
		ims_pcscf_is_gm(p, IMS_S("<sip:[2001:0:0:1::2]:7000;lr>")));
	assert_false(ims_pcscf_is_gm(p, IMS_S("<tel:+1>")));
	assert_false(ims_pcscf_is_gm(p, IMS_S("<<<")));
	assert_true(ims_pcscf_is_mw(p, IMS_S("<sip:tok@127.0.0.1:4060;lr;ob>"),
				    &token, &ob));
	assert_str(token, "tok");
	assert_true(ob);
	assert_false(ims_pcscf_is_mw(p, IMS_S("<sip:tok@127.0.0.1:4061;lr>"),
				     &token, &ob));
	assert_false(ims_pcscf_is_mw(p, IMS_S("<sip:tok@host:4060;lr>"), &token,
				     &ob));
}

static void challenges_lose_their_keys_in_every_line(void **state)
{
	static char out[4000];
	struct ims_buf b;

	ims_buf_init(&b, out, sizeof out);
	ims_pcscf_put_headers(
		&b,
		with("WWW-Authenticate: Digest realm=\"a\", CK=\"11\"\r\n"
		     "WWW-Authenticate: Basic realm=\"b\"\r\n"
		     "www-authenticate:Digest ik = \"22\",realm=\"c\"\r\n"
		     "WWW-Authenticate: Digest ik=\"33\", ik=\"44\"\r\n"
		     "Proxy-Authenticate: Digest realm=\"d\",\r\n"
		     " ck=\"55\"\r\nX: kept\r\n"),
		IMS_BIT(VIA));
	assert_non_null(strstr(out, "realm=\"a\""));
	assert_non_null(strstr(out, "Basic realm=\"b\""));
	assert_non_null(strstr(out, "realm=\"c\""));
	assert_non_null(strstr(out, "realm=\"d\""));
	assert_non_null(strstr(out, "X: kept\r\n"));
	assert_null(strcasestr(out, "ck="));
	assert_null(strcasestr(out, "ik"));
	assert_null(strstr(out, "Via"));
	assert_null(strstr(out, "Content-Length"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sec_agree_goes_and_an_empty_list_with_it),
		T(hops_are_one_less),
		T(our_routes_are_known_on_each_side),
		T(challenges_lose_their_keys_in_every_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
