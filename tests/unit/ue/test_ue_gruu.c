/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_gruu.c - GRUUs and identities that a NOTIFY gives and takes. */
#include "ue_script.h"

#define OWN "sip:001010123456789@" SEED_REALM
#define OTHER "sip:other@" SEED_REALM
#define GR OWN ";gr=urn:x"
#define TEMP "sip:tgruu.1@" SEED_REALM ";gr"
#define MINE "<sip:001010123456789@[2001::1:d1ae:bb37:d9c9:81d0]:39003>"
#define MY_URI                                                         \
	"<uri>sip:001010123456789@[2001::1:d1ae:bb37:d9c9:81d0]:39003" \
	"</uri>"

/* Registered and subscribed, with these after `expires`. */
static void begin(struct script *s, const char *params, const char *more)
{
	struct ims_ue_conf c;
	char text[2048];

	script_conf(&c);
	c.gruu = true;
	script_new(s, &c);
	script_start(s);
	script_challenge(s, SEED_NONCE, SEED_SERVER);
	snprintf(text, sizeof text, "Contact: " MINE ";expires=600000%s\r\n%s",
		 params, more);
	script_reply(s, 200, text);
	script_state(s, "registered");
}

/* What stands in one contact. */
struct said {
	const char *call_id; /* NULL: that of our REGISTER */
	const char *attrs, *gruus;
};

static void put_reg(char *out, size_t cap, const char *aor, const char *id,
		    const char *state, const char *contact)
{
	size_t n = strlen(out);

	snprintf(out + n, cap - n,
		 "<registration aor=\"%s\" id=\"%s\" state=\"%s\">%s"
		 "</registration>",
		 aor, id, state, contact);
}

static void notify(struct script *s, unsigned version, const char *full,
		   const char *regs)
{
	char body[6000];

	snprintf(body, sizeof body,
		 "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
		 "xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\" version=\"%u\" "
		 "state=\"%s\">%s</reginfo>",
		 version, full, regs);
	script_notify(s, version + 2, "active;expires=600000", body);
}

static void tell_gruu(struct script *s, unsigned version,
		      const struct said *said)
{
	char contact[2048], regs[3000] = "";

	snprintf(contact, sizeof contact,
		 "<contact id=\"9\" state=\"active\" event=\"registered\" "
		 "callid=\"%s\" %s>" MY_URI "%s</contact>",
		 said->call_id ? said->call_id : s->ue->call[0].id, said->attrs,
		 said->gruus);
	put_reg(regs, sizeof regs, OWN, "1", "active", contact);
	notify(s, version, "full", regs);
}

static struct ims_ue_info look(const struct script *s)
{
	struct ims_ue_info i;

	ims_ue_info(s->ue, s->now, &i);
	return i;
}

/* Our REGISTER that was answered has CSeq 2. */
static void a_notify_replaces_gruus_and_ends_temporary_ones(void **state)
{
	/* clang-format off */
	static const struct {
		struct said said;
		const char *pub, *temp;
	} cases[] = {
		{{NULL, "cseq=\"2\"", ""}, GR, TEMP},
		{{NULL, "cseq=\"2\"",
		  "<gr:pub-gruu uri=\"" OWN ";gr=new\"/>"}, OWN ";gr=new", TEMP},
		{{NULL, "cseq=\"3\"",
		  "<gr:temp-gruu uri=\"sip:t2@x;gr\" first-cseq=\"2\"/>"},
		 GR, "sip:t2@x;gr"},
		/* other Call-ID: those of before are dead */
		{{"other", "cseq=\"9\"", ""}, GR, ""},
		{{"other", "cseq=\"9\"",
		  "<gr:temp-gruu uri=\"sip:t3@x;gr\" first-cseq=\"9\"/>"},
		 GR, "sip:t3@x;gr"},
		/* below first-cseq, and what takes its place is none */
		{{NULL, "cseq=\"4\"",
		  "<gr:temp-gruu uri=\"sip:t4@x\" first-cseq=\"3\"/>"}, GR, ""},
		/* it does not know of our last REGISTER */
		{{NULL, "cseq=\"1\"",
		  "<gr:pub-gruu uri=\"" OWN ";gr=late\"/>"
		  "<gr:temp-gruu uri=\"sip:t5@x;gr\" first-cseq=\"1\"/>"},
		 GR, TEMP},
		/* what is no GRUU replaces none */
		{{NULL, "cseq=\"2\"", "<gr:pub-gruu uri=\"sip:a@b\"/>"}, GR, TEMP},
		{{NULL, "cseq=\"2\"", "<gr:pub-gruu uri=\"tel:+1;gr\"/>"}, GR, TEMP},
		{{NULL, "cseq=\"2\"",
		  "<gr:pub-gruu uri=\"sip:a@b;gr&gt;&#13;&#10;X: y\"/>"}, GR, TEMP},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct script s;

		begin(&s, ";pub-gruu=\"" GR "\";temp-gruu=\"" TEMP "\"", "");
		script_subscribe(&s);
		assert_str(look(&s).temp_gruu, TEMP);
		tell_gruu(&s, 1, &cases[i].said);
		assert_true(s.keeps > 0);
		assert_str(look(&s).pub_gruu, cases[i].pub);
		assert_str(look(&s).temp_gruu, cases[i].temp);
		script_free(&s);
	}
}

static void who_did_not_ask_takes_none_from_a_notify(void **state)
{
	const struct said said = {NULL, "cseq=\"2\"",
				  "<gr:pub-gruu uri=\"" GR "\"/>"};
	struct script s;

	script_new(&s, NULL);
	script_register(&s, 600000);
	script_subscribe(&s);
	tell_gruu(&s, 1, &said);
	assert_int_equal(look(&s).pub_gruu.n, 0);
	script_free(&s);
}

/* Both are ours; then the first ends, in one way or another. */
static void another_identity_takes_over(struct script *s, const char *full,
					const char *first)
{
	static const char *const contact =
		"<contact id=\"c2\" state=\"active\" event=\"created\">" MY_URI
		"<gr:pub-gruu uri=\"" OTHER ";gr=o\"/></contact>";
	char regs[4000] = "";

	begin(s, ";pub-gruu=\"" GR "\"",
	      "P-Associated-URI: <" OWN ">, <tel:+1>, <" OTHER ">\r\n");
	script_subscribe(s);
	put_reg(regs, sizeof regs, OTHER, "2", "active", contact);
	put_reg(regs, sizeof regs, "tel:+1", "3", "active",
		"<contact id=\"c3\" state=\"active\" event=\"created\">" MY_URI
		"</contact>");
	notify(s, 1, "partial", regs);
	assert_str(look(s).pub_gruu, GR); /* it is not of OWN */
	assert_true(look(s).impu[0].is_default);
	snprintf(regs, sizeof regs, "%s", first);
	if (strcmp(full, "full") == 0) {
		put_reg(regs, sizeof regs, "tel:+1", "3", "active",
			"<contact id=\"c3\" state=\"active\" "
			"event=\"created\">" MY_URI "</contact>");
		put_reg(regs, sizeof regs, OTHER, "2", "active", contact);
	}
	notify(s, 2, full, regs);
	script_state(s, "registered");
}

static void who_loses_one_identity_uses_the_next(void **state)
{
	/* clang-format off */
	static const struct {
		const char *full, *first;
	} cases[] = {
		{"partial", "<registration aor=\"" OWN "\" id=\"1\" "
		 "state=\"terminated\"><contact id=\"9\" state=\"terminated\" "
		 "event=\"rejected\">" MY_URI "</contact></registration>"},
		{"partial", "<registration aor=\"" OWN "\" id=\"1\" "
		 "state=\"terminated\"/>"},
		{"full", "<registration aor=\"" OWN "\" id=\"1\" "
		 "state=\"terminated\"/>"},
		{"full", ""},
		/* somebody else's goes on */
		{"full", "<registration aor=\"" OWN "\" id=\"1\" "
		 "state=\"active\"><contact id=\"7\" state=\"active\" "
		 "event=\"registered\"><uri>sip:x@192.0.2.9</uri></contact>"
		 "</registration>"},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(cases); i++) {
		struct ims_ue_info info;
		struct script s;

		another_identity_takes_over(&s, cases[i].full, cases[i].first);
		assert_true(script_heard(&s, IMS_TELL_INFO, 0, OTHER));
		info = look(&s);
		assert_false(info.impu[0].is_default);
		assert_true(info.impu[2].is_default); /* SIP before tel */
		/* the GRUU went with it; full state names that of the next */
		assert_str(info.pub_gruu, strcmp(cases[i].full, "full") == 0
						  ? OTHER ";gr=o"
						  : "");
		/* The dialog is still that of the first. */
		ims_ue_sub_step(s.ue, SUB_DUE, NULL);
		script_take(&s);
		assert_non_null(strstr(s.last.text, "From: <" OWN ">;tag="));
		script_reply(&s, 481, "");
		assert_memory_equal(s.last.text, "SUBSCRIBE " OTHER " ",
				    strlen("SUBSCRIBE " OTHER " "));
		assert_non_null(strstr(s.last.text, "From: <" OTHER ">;tag="));
		script_free(&s);
	}
}

static void one_that_is_not_named_goes_on(void **state)
{
	struct script s;
	char regs[2048] = "";

	begin(&s, "", "P-Associated-URI: <" OWN ">, <" OTHER ">\r\n");
	/* the first document is a partial one: something was missed */
	script_reply(&s, 200, "Expires: 600000\r\n");
	put_reg(regs, sizeof regs, OTHER, "2", "active",
		"<contact id=\"c2\" state=\"active\" event=\"created\">" MY_URI
		"</contact>");
	notify(&s, 4, "partial", regs);
	assert_true(look(&s).impu[0].is_default);
	script_state(&s, "registered");
	script_free(&s);
}

static void the_last_identity_ends_the_registration(void **state)
{
	struct script s;

	begin(&s, "", "P-Associated-URI: <" OWN ">\r\n");
	script_subscribe(&s);
	notify(&s, 1, "partial",
	       "<registration aor=\"" OWN "\" id=\"1\" state=\"terminated\">"
	       "<contact id=\"9\" state=\"terminated\" "
	       "event=\"rejected\">" MY_URI "</contact></registration>");
	script_state(&s, "draining");
	script_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_notify_replaces_gruus_and_ends_temporary_ones),
		cmocka_unit_test(who_did_not_ask_takes_none_from_a_notify),
		cmocka_unit_test(who_loses_one_identity_uses_the_next),
		cmocka_unit_test(one_that_is_not_named_goes_on),
		cmocka_unit_test(the_last_identity_ends_the_registration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
