/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pcscf_register.c - REGISTER on its way to the core. */
#include "pcscf_test.h"

/* Each is a header that a UE may not write, in a spelling of its own. */
static const char *const smuggled[] = {
	"P-Asserted-Identity: <sip:boss@evil>",
	"P-Asserted-Identity : <sip:boss@evil>",
	"P-Asserted-Identity\t: <sip:boss@evil>",
	"p-asserted-identity: <sip:boss@evil>",
	"P-ASSERTED-IDENTITY:<sip:boss@evil>",
	"P-Asserted-Identity:\r\n <sip:boss@evil>",
	("P-Asserted-Identity: <sip:a@b>\r\n"
	 "P-Asserted-Identity: <sip:boss@evil>"),
	"P-Charging-Vector: icid-value=evil",
	"P-Charging-Function-Addresses: ccf=evil",
	"P-Visited-Network-ID: evil",
	"p-visited-network-id :evil",
	"Path: <sip:evil;lr>",
	"path\t: <sip:evil;lr>",
	"Service-Route: <sip:evil;lr>",
	"P-Associated-URI: <sip:boss@evil>",
	"Security-Server: evil",
	"Route: <sip:evil;lr>",
	"Record-Route: <sip:evil;lr>",
	"P-Served-User: <sip:boss@evil>",
	"p-served-user : <sip:boss@evil>",
	"P-User-Database: <aaa://evil>",
	"P-Asserted-Service: urn:evil",
	"P-Private-Network-Indication: evil",
};

static void nothing_smuggled_reaches_the_core(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000], with[400];

	for (size_t i = 0; i < N_OF(smuggled); i++) {
		restart();
		register1(msg);
		snprintf(with, sizeof with, "\r\n%s\r\nContent-Length",
			 smuggled[i]);
		swap(msg, "\r\nContent-Length", with);
		feed(&f, msg);
		assert_int_equal(n_mw, 1);
		assert_has_not(last_mw(), "evil");
	}
}

static void integrity_protected_is_our_word_alone(void **state)
{
	static const char *const forms[] = {"integrity-protected=\"yes\"",
					    "integrity-protected=yes",
					    "Integrity-Protected = \"yes\"",
					    "integrity-protected=\"tls-yes\"",
					    "integrity-protected=\"auth-done\"",
					    "ik=\"" IK "\",ck=\"" CK
					    "\",integrity-protected=yes"};
	struct ims_flow f = clear_flow(IMS_UDP);
	struct ims_sip_auth a;
	char msg[12000], with[400];

	for (size_t i = 0; i < N_OF(forms); i++) {
		restart();
		register1(msg);
		snprintf(with, sizeof with, "algorithm=AKAv1-MD5, %s",
			 forms[i]);
		swap(msg, "algorithm=AKAv1-MD5", with);
		feed(&f, msg);
		assert_int_equal(n_mw, 1);
		assert_int_equal(ims_sip_auth_get(&last_mw()->m,
						  IMS_SIP_AUTHORIZATION, &a),
				 0);
		assert_str(a.integrity_protected, "no");
		assert_null(strcasestr(last_mw()->bytes, "yes"));
	}
	/* twice in one, or in a second line */
	restart();
	register1(msg);
	swap(msg, "algorithm=AKAv1-MD5",
	     "integrity-protected=no, integrity-protected=\"yes\"");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 400);
	assert_int_equal(n_mw, 0);
	register1(msg);
	swap(msg, "\r\nContent-Length",
	     "\r\nAuthorization: Digest username=\"x\","
	     "integrity-protected=\"yes\"\r\nContent-Length");
	feed(&f, msg);
	assert_int_equal(n_mw, 1);
	assert_null(strstr(last_mw()->bytes, "yes"));
}

static void hops_are_counted(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	set_line(msg, "Max-Forwards", "0");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 483);
	register1(msg);
	set_line(msg, "Max-Forwards", NULL);
	feed(&f, msg);
	assert_has(last_mw(), "\r\nMax-Forwards: 70\r\n");
	restart();
	register1(msg);
	set_line(msg, "Max-Forwards", "1");
	feed(&f, msg);
	assert_has(last_mw(), "\r\nMax-Forwards: 0\r\n");
}

static void options_of_others_pass(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	set_line(msg, "Require", "gruu, SEC-Agree, path");
	set_line(msg, "Proxy-Require", "sec-agree,foo");
	feed(&f, msg);
	assert_has(last_mw(), "\r\nRequire: path, gruu\r\n");
	assert_has(last_mw(), "\r\nProxy-Require: foo\r\n");
}

static void without_credentials_the_identity_is_derived(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	set_line(msg, "Authorization", NULL);
	feed(&f, msg);
	assert_int_equal(n_mw, 1);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	assert_non_null(
		strstr(told[n_told - 1].text,
		       "001010123456789@ims.mnc01.mcc001.3gppnetwork.org"));
}

static void an_identity_that_is_none_is_400(void **state)
{
	static const char *const to[] = {"<sip:example.org>", "<tel:+4912>",
					 "<urn:x>"};
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000], user[500];

	for (size_t i = 0; i < N_OF(to); i++) {
		register1(msg);
		set_line(msg, "Authorization", NULL);
		set_line(msg, "To", to[i]);
		feed(&f, msg);
		assert_int_equal(last_gm()->m.status, 400);
	}
	memset(user, 'u', sizeof user);
	user[sizeof user - 1] = 0;
	register1(msg);
	swap(msg, "001010123456789@ims.sharetechnote.com", user);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 400);
	assert_int_equal(n_mw, 0);
}

static void another_identity_inside_the_sas_is_403(void **state)
{
	struct ims_flow f;
	char msg[12000];

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	swap(msg, "username=\"001010123456789", "username=\"001010000000000");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 403);
	assert_told(-IMS_E_NOT_MINE);
	assert_int_equal(n_mw, 1);
	/* and over an established set */
	register2(msg);
	feed(&f, msg);
	core_answers(last_mw(), 200, GRANTED);
	reregister(msg, 1);
	swap(msg, "username=\"001010123456789", "username=\"001010000000000");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 403);
	assert_int_equal(n_mw, 2);
}

static void a_via_of_another_address_inside_the_sas_is_400(void **state)
{
	struct ims_flow f;
	char msg[12000];

	go_challenged(IMS_UDP);
	f = inside(last_added(), IMS_UDP);
	register2(msg);
	set_line(msg, "Via", "SIP/2.0/UDP [2001::2]:39003;branch=z9hG4bKother");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 400);
	register2(msg);
	set_line(msg, "Authorization", NULL);
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 400);
	assert_int_equal(n_mw, 1);
}

/* The set of UE A does not carry the REGISTER of UE B. */
static void another_ues_challenge_cannot_be_answered_over_ones_own_set(
	void **state)
{
	struct ims_ipsec_set a = *go_registered(IMS_UDP);
	struct ims_flow f = clear_flow(IMS_UDP), over_a = inside(&a, IMS_UDP);
	size_t before;
	char msg[12000], offer[400];

	f.remote = at("[2001::2]:5060");
	register1(msg);
	swap(msg, "username=\"001010123456789", "username=\"001010000000000");
	snprintf(offer, sizeof offer, SEC_LINE, 900, 901, 38003, 39003);
	set_line(msg, "Security-Client", offer);
	feed(&f, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	before = n_mw;
	register2(msg);
	swap(msg, "username=\"001010123456789", "username=\"001010000000000");
	set_line(msg, "Security-Client", offer);
	feed(&over_a, msg);
	assert_int_equal(last_gm()->m.status, 403);
	assert_int_equal(n_mw, before);
}

static void pending_challenges_are_limited_and_the_registered_go_on(
	void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP), in;
	char msg[12000], who[100], offer[400];
	size_t before;

	conf.max_pending = 3;
	restart();
	go_registered(IMS_UDP);
	in = inside(last_added(), IMS_UDP);
	for (unsigned i = 0; i < 5; i++) {
		register1(msg);
		snprintf(who, sizeof who, "username=\"u%u", i);
		swap(msg, "username=\"001010123456789", who);
		snprintf(offer, sizeof offer, SEC_LINE, 2000 + 2 * i,
			 2001 + 2 * i, 20000 + 2 * i, 20001 + 2 * i);
		set_line(msg, "Security-Client", offer);
		before = n_mw;
		feed(&f, msg);
		if (i < 3)
			core_answers(last_mw(), 401, CHALLENGE);
		else
			assert_int_equal(n_mw, before);
		assert_int_equal(last_gm()->m.status, i < 3 ? 401 : 503);
	}
	assert_has(last_gm(), "Retry-After: ");
	assert_told(-IMS_E_NO_SPI);
	/* a registered one is challenged anew all the same */
	reregister(msg, 1);
	set_line(msg, "Security-Verify", NULL);
	feed(&in, msg);
	core_answers(last_mw(), 401, CHALLENGE);
	assert_int_equal(last_gm()->m.status, 401);
	pass(241 * 1000);
	assert_int_equal(ims_pcscf_sets(p), 1);
}

/* From that address, as that user; the status that comes of it. */
static unsigned challenge_from(const char *from, unsigned i)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000], who[100], offer[400];
	size_t before = n_mw;

	f.remote = at(from);
	register1(msg);
	snprintf(who, sizeof who, "username=\"s%u", i);
	swap(msg, "username=\"001010123456789", who);
	snprintf(offer, sizeof offer, SEC_LINE, 2000 + 2 * i, 2001 + 2 * i,
		 20000 + 2 * i, 20001 + 2 * i);
	set_line(msg, "Security-Client", offer);
	feed(&f, msg);
	if (n_mw > before)
		core_answers(last_mw(), 401, CHALLENGE);
	return last_gm()->m.status;
}

static void one_address_cannot_take_all_challenges_for_itself(void **state)
{
	conf.max_pending_source = 2;
	restart();
	assert_int_equal(challenge_from("[2001::1:1]:5060", 1), 401);
	assert_int_equal(challenge_from("[2001::1:1]:5060", 2), 401);
	assert_int_equal(n_mw, 2);
	assert_int_equal(challenge_from("[2001::1:1]:5060", 3), 503);
	assert_has(last_gm(), "Retry-After: ");
	/* nor with another address of its /64; and no vector is spent on it */
	assert_int_equal(challenge_from("[2001::1:2]:5060", 3), 503);
	assert_int_equal(n_mw, 2);
	assert_int_equal(challenge_from("[2001:0:0:1::1]:5060", 4), 401);
	/* the same one again takes the place of his own */
	assert_int_equal(challenge_from("[2001::1:1]:5060", 2), 401);
	/* what nobody answered makes room again */
	pass(241 * 1000);
	assert_int_equal(challenge_from("[2001::1:1]:5060", 5), 401);
	assert_int_equal(challenge_from("[2001::1:1]:5060", 6), 401);
	assert_int_equal(challenge_from("[2001::1:1]:5060", 7), 503);
}

static void an_address_translator_is_noticed(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	f.remote = at("[2001::99]:5060");
	register1(msg);
	feed(&f, msg);
	assert_int_equal(n_told, 1);
	assert_non_null(strstr(told[0].text, "NAT"));
}

static void users_are_limited(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	conf.max_users = 1;
	restart();
	go_challenged(IMS_UDP);
	register1(msg);
	swap(msg, "username=\"001010123456789", "username=\"other");
	feed(&f, msg);
	assert_int_equal(last_gm()->m.status, 503);
}

/* RFC 5626 5.1 */
static void path_has_ob_only_with_reg_id_and_outbound(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	feed(&f, msg);
	assert_has(last_mw(), ";lr;ob>");
	restart();
	register1(msg);
	swap(msg, "reg-id=", "other=");
	feed(&f, msg);
	assert_has(last_mw(), "@127.0.0.1:4060;lr>\r\n");
	restart();
	register1(msg);
	set_line(msg, "Supported", "path");
	feed(&f, msg);
	assert_has(last_mw(), "@127.0.0.1:4060;lr>\r\n");
}

/* RFC 6223: who offers keep-alives is told that they are welcome, in the 200
 * only.
 */
static void keep_gets_its_value_in_the_200(void **state)
{
	static const char *const forms[][2] = {
		{";keep;rport", ";keep=25;rport"},
		{";rport;keep", ";keep=25"},
		{";KEEP", ";KEEP=25"},
		{";keep=7", ";keep=7"},
		{";keepsake=1", ";keepsake=1"},
	};
	struct ims_flow f;
	char msg[12000], via[300];

	conf.keep_s = 25;
	for (size_t i = 0; i < N_OF(forms); i++) {
		restart();
		go_challenged(IMS_UDP);
		assert_has_not(last_gm(), "keep");
		f = inside(last_added(), IMS_UDP);
		register2(msg);
		snprintf(via, sizeof via,
			 "SIP/2.0/UDP [" UE_IP "]:39003;branch=z9hG4bKk%zu%s",
			 i, forms[i][0]);
		set_line(msg, "Via", via);
		feed(&f, msg);
		core_answers(last_mw(), 200, GRANTED);
		assert_int_equal(last_gm()->m.status, 200);
		assert_has(last_gm(), forms[i][1]);
		assert_has_not(last_gm(), "keep=25=");
	}
}

static void a_refused_register_asks_for_no_keep_alives(void **state)
{
	struct ims_flow f = clear_flow(IMS_UDP);
	char msg[12000];

	register1(msg);
	set_line(msg, "Via",
		 "SIP/2.0/UDP [" UE_IP "]:5060;branch=z9hG4bKn;keep");
	feed(&f, msg);
	core_answers(last_mw(), 403, "");
	assert_has(last_gm(), ";keep");
	assert_has_not(last_gm(), "keep=");
}

/* T29: in the clear nobody ends a registration, whatever the core says. */
static void a_third_party_s_de_registration_ends_nothing(void **state)
{
	struct ims_ipsec_set mine = *go_registered(IMS_UDP);
	struct ims_flow f = clear_flow(IMS_UDP);
	static const unsigned answers[] = {401, 403, 200, 500};
	char msg[12000];

	for (size_t i = 0; i < N_OF(answers); i++) {
		register1(msg);
		set_line(msg, "Contact", i % 2 ? "*" : NULL);
		set_line(msg, "Expires", "0");
		feed(&f, msg);
		assert_has(last_mw(), "integrity-protected=\"no\"");
		core_answers(last_mw(), answers[i],
			     answers[i] == 401 ? CHALLENGE : "");
		if (answers[i] == 200)
			assert_int_equal(last_gm()->m.status, 500);
		pass(300 * 1000 / N_OF(answers));
	}
	f = inside(&mine, IMS_UDP);
	subscribe(msg);
	set_line(msg, "Security-Verify", NULL);
	feed(&f, msg);
	assert_int_equal(last_mw()->m.method, IMS_SIP_SUBSCRIBE);
	for (size_t i = 0; i < n_deleted; i++)
		assert_int_not_equal(deleted[i], mine.id);
	assert_true(record()->n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_smuggled_reaches_the_core),
		T(integrity_protected_is_our_word_alone),
		T(path_has_ob_only_with_reg_id_and_outbound),
		T(keep_gets_its_value_in_the_200),
		T(a_refused_register_asks_for_no_keep_alives),
		T(a_third_party_s_de_registration_ends_nothing),
		T(hops_are_counted),
		T(options_of_others_pass),
		T(without_credentials_the_identity_is_derived),
		T(an_identity_that_is_none_is_400),
		T(another_identity_inside_the_sas_is_403),
		T(a_via_of_another_address_inside_the_sas_is_400),
		T(another_ues_challenge_cannot_be_answered_over_ones_own_set),
		T(pending_challenges_are_limited_and_the_registered_go_on),
		T(one_address_cannot_take_all_challenges_for_itself),
		T(an_address_translator_is_noticed),
		T(users_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
