/* SPDX-License-Identifier: BSD-2-Clause */
/* test_explain_check.c - what must hold of each step, and what is said when it
 * does not.
 */
#include "explain_test.h"

static struct seed seed;

static int load(void **state)
{
	memset(&seed, 0, sizeof seed);
	seed_load(&seed);
	return 0;
}

/* Feeds 1..last and gives what came of the last. */
static struct ims_step upto(unsigned last, const struct ims_aka_key *key)
{
	struct ims_steps *s = ims_steps_new(key);
	struct ims_step out = {0};

	for (unsigned i = 0; i < last; i++)
		ims_steps_feed(s, &seed.m[i].sight, &out);
	ims_steps_free(s);
	return out;
}

/* The message without the lines that begin so. */
static void without(struct ims_str msg, const char *begin, char *out,
		    size_t cap)
{
	const char *p = msg.p, *end = msg.p + msg.n;
	size_t n = 0;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl + 1 - p) : (size_t)(end - p);

		assert_true(n + len < cap);
		if (strncmp(p, begin, strlen(begin)) != 0) {
			memcpy(out + n, p, len);
			n += len;
		}
		p += len;
	}
	out[n] = '\0';
}

static void notes_say_what_passed(void **state)
{
	static const char *const note[IMS_STEPS] = {
		"offer hmac-md5-96/null, hmac-sha-1-96/null",
		"chosen hmac-md5-96/null",
		"Security-Verify repeats the list",
		"registered, expires 600000 s",
		"event reg, expires 600000 s",
		"subscribed, expires 600000 s",
		"reginfo version 0 full, 1 active, contacts: 1",
		"",
	};

	for (unsigned i = 1; i <= IMS_STEPS; i++)
		assert_string_equal(upto(i, NULL).note, note[i - 1]);
}

static void with_the_key_the_autn_is_checked(void **state)
{
	struct ims_aka_key key = seed_key();
	struct ims_step st = upto(2, &key);

	assert_int_equal(st.err, 0);
	assert_string_equal(st.note, "AUTN ok, SQN 000000000000, "
				     "chosen hmac-md5-96/null");
	key.k[8] ^= 1;
	st = upto(2, &key);
	assert_int_equal(st.err, -IMS_E_AKA_MAC);
}

/* The page's author put another domain in: it cannot verify. */
static void with_the_key_the_seeds_response_does_not_fit(void **state)
{
	struct ims_aka_key key = seed_key();
	struct ims_steps *s = ims_steps_new(&key);
	struct ims_step st;
	char why[IMS_STEP_NOTE];

	for (unsigned i = 0; i < IMS_STEPS; i++)
		ims_steps_feed(s, &seed.m[i].sight, &st);
	assert_false(ims_steps_done(s, why, sizeof why));
	assert_string_equal(why, "step 3 REGISTER: Authorization: the response "
				 "does not fit RES");
	ims_steps_free(s);
	assert_int_equal(upto(3, &key).err, -IMS_E_AKA_RES);
}

static void a_response_that_fits_is_good(void **state)
{
	struct ims_aka_key key = seed_key();
	struct ims_step st;

	/* of RES dbbb030c7c4dad5a5d8cfc039aa80fd5, by another program */
	seed_edit(&seed, 3, "e089b68060162b5c6a328e5dd2d43133",
		  "1bd6ea6048079a69f7a30303acffe33e");
	st = upto(3, &key);
	assert_string_equal(st.why, "");
	assert_string_equal(st.note, "response ok, Security-Verify repeats the "
				     "list");
}

/* clang-format off */
/* In step: this instead of that, and the error. */
static const struct {
	unsigned step;
	const char *from, *to;
	int err;
	const char *why; /* is in the text */
} wrong[] = {
	{1, "Require: sec-agree", "X-Require: no", -IMS_E_NO_AGREEMENT, "sec-agree"},
	{2, "nonce=\"26oh", "nonce=\"!", -IMS_E_AKA_NONCE, "nonce"},
	{2, "qop=\"auth\"", "qop=\"auth\", ck=\"00112233445566778899aabbccddeeff\"", -IMS_E_PEER, "ck or ik"},
	{2, "qop=\"auth\"", "qop=\"auth\", ik=\"00112233445566778899aabbccddeeff\"", -IMS_E_PEER, "ck or ik"},
	{2, "WWW-Authenticate", "X-Nothing", -IMS_E_AKA_NONCE, "nonce"},
	{2, "Security-Server", "X-Nothing", -IMS_E_NOTFOUND, "Security-Server"},
	{2, "alg=hmac-md5-96", "alg=aes-gmac", -IMS_E_NO_MECH, "Security-Server"},
	{2, "port-s=50718", "port-s=5060", -IMS_E_NO_SERVER, "Security-Server"},
	{3, "Security-Verify: ipsec-3gpp;q=0.1;alg=hmac-md5-96", "Security-Verify: ipsec-3gpp;q=0.1;alg=hmac-sha-1-96", -IMS_E_VERIFY, "Security-Verify"},
	{3, "spi-c=3458785863", "spi-c=3458785864", -IMS_E_VERIFY, "Security-Verify"},
	{3, "Security-Verify", "X-Nothing", -IMS_E_NOTFOUND, "Security-Verify"},
	{3, "spi-c=0000565817", "spi-c=0000565819", -IMS_E_CLIENT_CHANGED, "Security-Client"},
	{3, "alg=hmac-md5-96;prot=esp;mod=trans;ealg=null;spi-c=0", "alg=hmac-md5-96;prot=esp;mod=trans;ealg=aes-cbc;spi-c=0", -IMS_E_CLIENT_CHANGED, "Security-Client"},
	{3, "nonce=\"26oh", "nonce=\"27oh", -IMS_E_AKA_NONCE, "nonce"},
	{4, "P-Associated-URI", "X-Nothing", -IMS_E_PEER, "P-Associated-URI"},
	{5, "Security-Verify", "X-Nothing", -IMS_E_NOTFOUND, "Security-Verify"},
	{5, "q=0.1", "q=0.9", -IMS_E_VERIFY, "Security-Verify"},
	{7, "active;expires=600000", "pending", -IMS_E_PEER, "Subscription-State"},
	{7, "Subscription-State", "X-Nothing", -IMS_E_PEER, "Subscription-State"},
	{7, "<reginfo version", "<reginfo ver\x1bsion", -IMS_E_SYNTAX, "reginfo"},
	{7, "id=\"12345\" state=\"active\"", "id=\"12345\" state=\"init\"  ", -IMS_E_PEER, "active"},
};
/* clang-format on */

static void each_wrong_value_has_its_error(void **state)
{
	for (size_t i = 0; i < N_OF(wrong); i++) {
		struct ims_step st;

		load(NULL);
		seed_edit(&seed, wrong[i].step, wrong[i].from, wrong[i].to);
		st = upto(wrong[i].step, NULL);
		if (st.err != wrong[i].err)
			print_error("%zu: %s -> %s: %s\n", i, wrong[i].from,
				    wrong[i].to, st.why);
		assert_int_equal(st.err, wrong[i].err);
		assert_non_null(strstr(st.why, wrong[i].why));
		for (const char *p = st.why; *p; p++)
			assert_in_range(*p, 0x20, 0x7e);
	}
}

/* Security-Server may list more than was offered: they do not count. */
static void only_what_was_offered_is_chosen(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	seed_edit(&seed, 2, "Security-Server: ",
		  "Security-Server: ipsec-3gpp;alg=null;ealg=aes-gcm;prot=esp;"
		  "mod=trans;spi-c=901;spi-s=902;port-c=7001;port-s=7002;"
		  "q=0.9, ");
	ims_steps_feed(s, &seed.m[0].sight, &st);
	ims_steps_feed(s, &seed.m[1].sight, &st);
	assert_int_equal(st.err, 0);
	assert_int_equal(ims_steps_agreed(s)->pcscf.spi_s, SPI_PS);
	ims_steps_free(s);
}

/* A UE may give each pair ports and SPIs of its own. */
static void the_spis_are_those_of_the_chosen_pair(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	seed_edit(&seed, 1,
		  "alg=hmac-sha-1-96;prot=esp;mod=trans;ealg=null;spi-c="
		  "0000565817;spi-s=0000565818;port-c=38003",
		  "alg=hmac-sha-1-96;prot=esp;mod=trans;ealg=null;spi-c="
		  "0000565900;spi-s=0000565901;port-c=38999");
	ims_steps_feed(s, &seed.m[0].sight, &st);
	ims_steps_feed(s, &seed.m[1].sight, &st);
	assert_int_equal(st.err, 0);
	assert_int_equal(ims_steps_agreed(s)->ue.spi_c, SPI_UC);
	assert_int_equal(ims_steps_agreed(s)->ue.port_c, 38003);
	ims_steps_free(s);
}

static void an_offer_of_nothing_known_says_so(void **state)
{
	seed_edit(&seed, 1, "alg=hmac-md5-96", "alg=rot13");
	seed_edit(&seed, 1, "alg=hmac-sha-1-96", "alg=rot13");
	assert_string_equal(upto(1, NULL).note, "offers nothing usable");
	assert_int_equal(upto(2, NULL).err, -IMS_E_NO_MECH);
}

/* Over TCP the NOTIFY may come on the connection that the UE opened. */
static void a_notify_on_the_ues_connection_is_good(void **state)
{
	for (int i = 6; i < 8; i++) {
		struct ims_sight *g = &seed.m[i].sight;

		g->transport = IMS_TCP;
		g->src = i == 6 ? at(PCSCF, 50718) : at(UE, 38003);
		g->dst = i == 6 ? at(UE, 38003) : at(PCSCF, 50718);
		g->spi = i == 6 ? SPI_UC : SPI_PS;
	}
	assert_int_equal(upto(7, NULL).err, 0);
	assert_int_equal(upto(8, NULL).err, 0);
	seed.m[7].sight.src = at(UE, 39003);
	seed.m[7].sight.dst = at(PCSCF, 50717);
	seed.m[7].sight.spi = SPI_PC;
	assert_int_equal(upto(8, NULL).err, -IMS_E_PEER);
}

static void a_notify_on_an_own_connection_is_good(void **state)
{
	for (int i = 6; i < 8; i++)
		seed.m[i].sight.transport = IMS_TCP;
	seed.m[7].sight.src = at(UE, 39003);
	seed.m[7].sight.dst = at(PCSCF, 50717);
	seed.m[7].sight.spi = SPI_PC;
	assert_int_equal(upto(7, NULL).err, 0);
	assert_int_equal(upto(8, NULL).err, 0);
}

static void answers_over_udp_go_from_client_to_server(void **state)
{
	seed.m[3].sight.transport = IMS_UDP;
	assert_int_equal(upto(4, NULL).err, -IMS_E_PEER);
	seed.m[3].sight.src = at(PCSCF, 50717);
	seed.m[3].sight.dst = at(UE, 39003);
	seed.m[3].sight.spi = SPI_US;
	assert_int_equal(upto(4, NULL).err, 0);
}

/* The seed's messages without sec-agree and without ESP. */
static void a_registration_without_ipsec_is_no_failure(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	for (unsigned i = 0; i < 4; i++) {
		struct ims_sight sight = seed.m[i].sight;
		char bytes[4096];

		without(sight.bytes, "Security-", bytes, sizeof bytes);
		sight.bytes = ims_str(bytes);
		sight.src.port = sight.dst.port = 5060;
		sight.spi = 0;
		ims_steps_feed(s, &sight, &st);
		assert_int_equal(st.err, 0);
	}
	assert_non_null(strstr(st.note, "registered"));
	ims_steps_free(s);
}

/* The Contact's expires decides, whatever stands in its URI. */
static void a_de_registration_is_seen_as_one(void **state)
{
	struct ims_steps *s = ims_steps_new(NULL);
	struct ims_step st;

	for (unsigned i = 0; i < IMS_STEPS; i++)
		ims_steps_feed(s, &seed.m[i].sight, &st);
	seed_edit(&seed, 3, "z9hG4bK370723a88", "z9hG4bKbye");
	seed_edit(&seed, 3, "expires=600000", "expires=0");
	seed_edit(&seed, 3, ":39003>", ":39003;ob;expires=7>");
	ims_steps_feed(s, &seed.m[2].sight, &st);
	assert_int_equal(st.err, 0);
	assert_int_equal(st.step, 0);
	assert_string_equal(st.note, "de-registration");
	ims_steps_free(s);
}

#define T(name) cmocka_unit_test_setup(name, load)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(notes_say_what_passed),
		T(with_the_key_the_autn_is_checked),
		T(with_the_key_the_seeds_response_does_not_fit),
		T(a_response_that_fits_is_good),
		T(each_wrong_value_has_its_error),
		T(only_what_was_offered_is_chosen),
		T(the_spis_are_those_of_the_chosen_pair),
		T(an_offer_of_nothing_known_says_so),
		T(a_notify_on_the_ues_connection_is_good),
		T(a_notify_on_an_own_connection_is_good),
		T(answers_over_udp_go_from_client_to_server),
		T(a_registration_without_ipsec_is_no_failure),
		T(a_de_registration_is_seen_as_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
