/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reg_info.c - reginfo XML: the seed's, the standard's, and hostile. */
#include "reg_info.h"

#include "test.h"

#define NS " xmlns=\"urn:ietf:params:xml:ns:reginfo\""
#define HEAD "<reginfo version=\"0\" state=\"full\"" NS ">"
#define REG "<registration aor=\"sip:a@b\" id=\"r\" state=\"active\">"
#define TAIL "</contact></registration></reginfo>"
#define CONTACT "<contact id=\"c\" state=\"active\" event=\"registered\">"

/* The body of the seed's NOTIFY. */
static const char seed[] =
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
	"<reginfo version=\"0\" state=\"full\"" NS ">\r\n"
	"  <registration aor=\"sip:001010123456789@ims.mnc01.mcc001."
	"3gppnetwork.org\" id=\"12345\" state=\"active\">\r\n"
	"    <contact id=\"100\" state=\"active\" event=\"registered\">\r\n"
	"      <uri>sip:001010123456789@[2001::1:d1ae:bb37:d9c9:81d0]:39003"
	"</uri>\r\n"
	"      <unknown-param name=\"+g.3gpp.smsip\" />\r\n"
	"      <unknown-param name=\"+g.3gpp.icsi-ref\">"
	"\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\"</unknown-param>\r\n"
	"      <unknown-param name=\"video\" />\r\n"
	"      <unknown-param name=\"+sip.instance\">"
	"\"&lt;urn:gsma:imei:35910506-000422-0&gt;\"</unknown-param>\r\n"
	"      <unknown-param name=\"reg-id\">1</unknown-param>\r\n"
	"    </contact>\r\n"
	"  </registration>\r\n"
	"</reginfo>";

static int parse(const char *xml, struct ims_reginfo *out,
		 struct ims_flaw *flaw)
{
	return ims_reginfo_parse(ims_str(xml), out, flaw);
}

static void reads_the_seeds_body_of_740_bytes(void **state)
{
	struct ims_reginfo r;
	const struct ims_reginfo_contact *c;

	assert_int_equal(sizeof seed - 1, 740);
	assert_int_equal(parse(seed, &r, NULL), 0);
	assert_int_equal(r.version, 0);
	assert_true(r.full);
	assert_int_equal(r.n_regs, 1);
	assert_str(r.reg[0].aor,
		   "sip:001010123456789@ims.mnc01.mcc001.3gppnetwork.org");
	assert_str(r.reg[0].id, "12345");
	assert_int_equal(r.reg[0].state, IMS_REGINFO_ACTIVE);
	assert_int_equal(r.reg[0].n_contacts, 1);
	c = r.reg[0].contact;
	assert_str(c->id, "100");
	assert_int_equal(c->event, IMS_REGINFO_REGISTERED);
	assert_str(c->uri, "sip:001010123456789@"
			   "[2001::1:d1ae:bb37:d9c9:81d0]:39003");
	assert_false(c->has_expires);
	assert_int_equal(c->n_params, 5);
	assert_str(c->param[2].name, "video");
	assert_str(c->param[2].value, "");
	assert_str(c->param[3].value, "\"<urn:gsma:imei:35910506-000422-0>\"");
	assert_str(c->param[4].value, "1");
	ims_reginfo_free(&r);
	ims_reginfo_free(&r);
}

static void writes_the_seeds_body_byte_for_byte(void **state)
{
	static const struct ims_reginfo_param params[] = {
		{IMS_S_INIT("+g.3gpp.smsip"), IMS_S_INIT("")},
		{IMS_S_INIT("+g.3gpp.icsi-ref"),
		 IMS_S_INIT("\"urn%3Aurn-7%3A3gpp-service.ims.icsi."
			    "mmtel\"")},
		{IMS_S_INIT("video"), IMS_S_INIT("")},
		{IMS_S_INIT("+sip.instance"),
		 IMS_S_INIT("\"<urn:gsma:imei:35910506-000422-0>\"")},
		{IMS_S_INIT("reg-id"), IMS_S_INIT("1")},
	};
	struct ims_reginfo_contact contact = {
		.id = IMS_S("100"),
		.state = IMS_REGINFO_ACTIVE,
		.event = IMS_REGINFO_REGISTERED,
		.uri = IMS_S("sip:001010123456789@"
			     "[2001::1:d1ae:bb37:d9c9:81d0]:39003"),
		.param = (struct ims_reginfo_param *)params,
		.n_params = N_OF(params),
	};
	struct ims_reginfo_reg reg = {
		.aor = IMS_S("sip:001010123456789@"
			     "ims.mnc01.mcc001.3gppnetwork.org"),
		.id = IMS_S("12345"),
		.state = IMS_REGINFO_ACTIVE,
		.contact = &contact,
		.n_contacts = 1,
	};
	struct ims_reginfo r = {.full = true, .reg = &reg, .n_regs = 1};
	char mem[1024];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_reginfo_put(&b, &r);
	assert_string_equal(ims_buf_cstr(&b), seed);
}

static void what_was_read_is_written_the_same(void **state)
{
	struct ims_reginfo r;
	char mem[1024];
	struct ims_buf b;

	assert_int_equal(parse(seed, &r, NULL), 0);
	ims_buf_init(&b, mem, sizeof mem);
	ims_reginfo_put(&b, &r);
	assert_string_equal(ims_buf_cstr(&b), seed);
	ims_reginfo_free(&r);
}

static void the_seeds_file_has_this_body(void **state)
{
	size_t n = 0;
	char *m =
		test_read("IMS_TEST_SHARED", "seed/messages/7-notify.sip", &n);

	if (!m) {
		print_message("the seed's files are not here\n");
		skip();
	}
	assert_true(n > 740);
	assert_memory_equal(m + n - 740, seed, 740);
	free(m);
}

/* A document in the shape of TS 24.229: two identities, a GRUU, times. */
static const char shape[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<reginfo" NS " xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\""
	" version=\"4294967295\" state=\"partial\">\n"
	" <registration aor=\"sip:u@h\" id=\"r1\" state=\"active\">\n"
	"  <contact id=\"c1\" state=\"active\" event=\"shortened\""
	" expires=\"599990\" callid=\"abc@192.0.2.10\" cseq=\"2\""
	" gr:x=\"1\" q=\"0.5\">\n"
	"   <uri>\n     sip:u@192.0.2.10:39003\n   </uri>\n"
	"   <display-name xml:lang=\"en\">U</display-name>\n"
	"   <gr:pub-gruu uri=\"sip:u@h;gr=1\"><uri>no</uri></gr:pub-gruu>\n"
	"   <unknown-param name=\"+g.3gpp.smsip\"/>\n"
	"  </contact>\n"
	"  <contact id=\"c9\" state=\"terminated\" event=\"probation\""
	" retry-after=\"7\"><uri>sip:x</uri></contact>\n"
	" </registration>\n"
	" <registration aor=\"tel:+15550100\" id=\"r2\" state=\"active\">\n"
	"  <contact id=\"c2\" state=\"active\" event=\"created\">"
	"<uri>sip:u@192.0.2.10:39003</uri></contact>\n"
	" </registration>\n"
	" <registration aor=\"sip:v@h\" id=\"r3\" state=\"init\"/>\n"
	"</reginfo>\n";

static void reads_what_an_s_cscf_sends_and_skips_what_is_foreign(void **state)
{
	struct ims_reginfo r;
	const struct ims_reginfo_contact *c;

	assert_int_equal(parse(shape, &r, NULL), 0);
	assert_int_equal(r.version, 4294967295u);
	assert_false(r.full);
	assert_int_equal(r.n_regs, 3);
	c = r.reg[0].contact;
	assert_int_equal(r.reg[0].n_contacts, 2);
	assert_str(c[0].uri, "sip:u@192.0.2.10:39003");
	assert_int_equal(c[0].event, IMS_REGINFO_SHORTENED);
	assert_int_equal(c[0].expires, 599990);
	assert_int_equal(c[0].cseq, 2);
	assert_str(c[0].callid, "abc@192.0.2.10");
	assert_int_equal(c[0].n_params, 1);
	assert_int_equal(c[1].state, IMS_REGINFO_TERMINATED);
	assert_int_equal(c[1].retry_after, 7);
	assert_str(r.reg[1].aor, "tel:+15550100");
	assert_int_equal(r.reg[1].contact[0].event, IMS_REGINFO_CREATED);
	assert_int_equal(r.reg[2].state, IMS_REGINFO_INIT);
	assert_int_equal(r.reg[2].n_contacts, 0);
	ims_reginfo_free(&r);
}

static void refuses_what_is_hostile_or_broken(void **state)
{
	/* clang-format off */
	static const struct {
		const char *xml, *why;
	} bad[] = {
		{"", "no element"},
		{"<", ""},
		{"<?xml version=\"1.0\"?><!DOCTYPE reginfo SYSTEM \"http://x/\">"
		 HEAD "</reginfo>", "document type"},
		{"<!DOCTYPE r [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;\">]>"
		 HEAD "</reginfo>", "document type"},
		{"<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
		 HEAD REG CONTACT "<uri>&x;</uri>" TAIL, "document type"},
		{HEAD REG CONTACT "<uri>&x;</uri>" TAIL, "entity"},
		{HEAD REG CONTACT TAIL, "without uri"},
		{HEAD REG CONTACT "<uri>a</uri><uri>b</uri>" TAIL, "two uris"},
		{HEAD REG CONTACT "<uri>a", ""},
		{HEAD REG CONTACT "<uri>a</uri><unknown-param/>" TAIL, "no name"},
		{"<reginfo version=\"0\" state=\"full\"></reginfo>",
		 "no reginfo"},
		{"<html/>", "no reginfo"},
		{"<reginfo state=\"full\"" NS "/>", "no version"},
		{"<reginfo version=\"4294967296\" state=\"full\"" NS "/>",
		 "2^32"},
		{"<reginfo version=\"-1\" state=\"full\"" NS "/>", "2^32"},
		{"<reginfo version=\"99999999999999999999999\" state=\"full\""
		 NS "/>", "2^32"},
		{"<reginfo version=\"\" state=\"full\"" NS "/>", "2^32"},
		{"<reginfo version=\"0\"" NS "/>", "no state"},
		{"<reginfo version=\"0\" state=\"some\"" NS "/>", "neither"},
		{HEAD "<registration id=\"r\" state=\"active\"/></reginfo>",
		 "no aor"},
		{HEAD "<registration aor=\"a\" state=\"active\"/></reginfo>",
		 "no id"},
		{HEAD "<registration aor=\"a\" id=\"r\" state=\"x\"/></reginfo>",
		 "not known"},
		{HEAD REG "<contact id=\"c\" state=\"init\" event=\"created\">"
		 "<uri>a</uri>" TAIL, "init"},
		{HEAD REG "<contact id=\"c\" state=\"active\" event=\"zz\x1b\">",
		 ""},
		{HEAD REG "<contact id=\"c\" state=\"active\" event=\"boom\">"
		 "<uri>a</uri>" TAIL, "not known"},
		{HEAD REG "<contact id=\"c\" state=\"active\" event=\"created\" "
		 "expires=\"4294967296\"><uri>a</uri>" TAIL, "2^32"},
		{HEAD REG CONTACT "<uri>\xff\xfe</uri>" TAIL, ""},
		{HEAD "</reginfo><x/>", ""},
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(bad); i++) {
		struct ims_reginfo r = {.version = 77};
		struct ims_flaw flaw = {0};

		if (parse(bad[i].xml, &r, &flaw) != -IMS_E_SYNTAX)
			fail_msg("%s: taken", bad[i].xml);
		if (!strstr(flaw.text, bad[i].why) || !flaw.text[0])
			fail_msg("%s: said: %s", bad[i].xml, flaw.text);
		assert_int_equal(r.version, 77);
		assert_null(r.memory);
	}
}

static void refuses_what_is_too_deep(void **state)
{
	char xml[4096];

	for (int deep = 62; deep <= 64; deep++) {
		struct ims_buf b;
		struct ims_reginfo r;

		ims_buf_init(&b, xml, sizeof xml);
		ims_buf_puts(&b, HEAD);
		for (int i = 0; i < deep; i++)
			ims_buf_puts(&b, "<x>");
		for (int i = 0; i < deep; i++)
			ims_buf_puts(&b, "</x>");
		ims_buf_puts(&b, "</reginfo>");
		assert_int_equal(parse(ims_buf_cstr(&b), &r, NULL),
				 deep < IMS_REGINFO_DEPTH ? 0 : -IMS_E_TOOBIG);
		if (deep < IMS_REGINFO_DEPTH)
			ims_reginfo_free(&r);
	}
}

static void refuses_what_is_too_big_and_takes_what_just_fits(void **state)
{
	size_t n = IMS_REGINFO_MAX + 1;
	static const char tail[] = "</reginfo> ";
	char *xml = malloc(n);
	struct ims_reginfo r;

	assert_non_null(xml);
	memset(xml, ' ', n);
	memcpy(xml, HEAD, sizeof HEAD - 1);
	for (size_t i = 0; i < sizeof tail - 1; i++)
		xml[n - (sizeof tail - 1) + i] = tail[i];
	assert_int_equal(ims_reginfo_parse(ims_str_n(xml, n), &r, NULL),
			 -IMS_E_TOOBIG);
	assert_int_equal(ims_reginfo_parse(ims_str_n(xml, n - 1), &r, NULL), 0);
	ims_reginfo_free(&r);
	free(xml);
}

static void has_its_contacts(const struct ims_reginfo_reg *r, int i)
{
	char want[20];

	assert_int_equal(r->n_contacts, i % 7);
	for (int c = 0; c < i % 7; c++) {
		snprintf(want, sizeof want, "u%d-%d", i, c);
		assert_str(r->contact[c].uri, want);
	}
}

static void many_contacts_stay_with_their_registrations(void **state)
{
	static char xml[200000];
	struct ims_buf b;
	struct ims_reginfo r;

	ims_buf_init(&b, xml, sizeof xml);
	ims_buf_puts(&b, HEAD);
	for (int i = 0; i < 100; i++) {
		ims_buf_printf(&b,
			       "<registration aor=\"a%d\" id=\"r%d\" "
			       "state=\"active\">",
			       i, i);
		for (int c = 0; c < i % 7; c++)
			ims_buf_printf(&b,
				       CONTACT "<uri>u%d-%d</uri></contact>", i,
				       c);
		ims_buf_puts(&b, "</registration>");
	}
	ims_buf_puts(&b, "</reginfo>");
	assert_int_equal(parse(ims_buf_cstr(&b), &r, NULL), 0);
	assert_int_equal(r.n_regs, 100);
	for (int i = 0; i < 100; i++)
		has_its_contacts(&r.reg[i], i);
	ims_reginfo_free(&r);
}

/* What a hostile Contact holds comes out as text of one document. */
static void nothing_written_can_break_out_of_its_place(void **state)
{
	static const char evil[] = "\"/><x>&amp;\r\n\x1b[31m\xc3\x28\xf0\x9f"
				   "\x98\x80\xed\xa0\x80</uri>";
	struct ims_reginfo_param param = {ims_str_n(evil, sizeof evil - 1),
					  ims_str_n(evil, sizeof evil - 1)};
	struct ims_reginfo_contact contact = {
		.id = ims_str_n(evil, sizeof evil - 1),
		.state = IMS_REGINFO_ACTIVE,
		.uri = ims_str_n(evil, sizeof evil - 1),
		.callid = ims_str_n(evil, sizeof evil - 1),
		.param = &param,
		.n_params = 1,
	};
	struct ims_reginfo_reg reg = {
		.aor = ims_str_n(evil, sizeof evil - 1),
		.id = ims_str_n(evil, sizeof evil - 1),
		.contact = &contact,
		.n_contacts = 1,
	};
	struct ims_reginfo in = {.reg = &reg, .n_regs = 1}, out;
	char mem[4096];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_reginfo_put(&b, &in);
	assert_int_equal(ims_reginfo_parse(ims_buf_str(&b), &out, NULL), 0);
	assert_null(memchr(mem, 0x1b, b.n));
	assert_int_equal(out.n_regs, 1);
	assert_int_equal(out.reg[0].n_contacts, 1);
	assert_int_equal(out.reg[0].contact[0].n_params, 1);
	assert_str(out.reg[0].contact[0].uri,
		   "\"/><x>&amp;\r\n?[31m?(\xf0\x9f\x98\x80??"
		   "?</uri>");
	ims_reginfo_free(&out);
}

static void an_overflowing_buffer_says_so(void **state)
{
	struct ims_reginfo r = {.full = true};
	char mem[40];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_reginfo_put(&b, &r);
	assert_true(b.over);
}

/* RFC 5628 5.3, in the form of its example. */
static void gruus_are_read_and_written(void **state)
{
	static const char xml[] =
		"<reginfo version=\"0\" state=\"full\"" NS
		" xmlns:x=\"urn:ietf:params:xml:ns:gruuinfo\">" REG
		"<contact id=\"c\" state=\"active\" event=\"registered\""
		" callid=\"i@h\" cseq=\"54301\"><uri>sip:u@h</uri>"
		"<unknown-param name=\"+sip.instance\"/>"
		"<x:pub-gruu uri=\"sip:u@e;gr=urn:uuid:f81d\"/>"
		"<x:pub-gruu uri=\"sip:second@e\"><y xmlns=\"\"/></x:pub-gruu>"
		"<x:temp-gruu uri=\"sip:t&amp;@e;gr\" "
		"first-cseq=\"54299\"/>" TAIL;
	struct ims_reginfo r;
	char mem[2000];
	struct ims_buf b;

	for (int i = 0; i < 2; i++) {
		const struct ims_reginfo_contact *c;

		assert_int_equal(ims_reginfo_parse(i ? ims_buf_str(&b)
						     : ims_str(xml),
						   &r, NULL),
				 0);
		c = r.reg[0].contact;
		assert_str(c->pub_gruu, "sip:u@e;gr=urn:uuid:f81d");
		assert_str(c->temp_gruu, "sip:t&@e;gr");
		assert_int_equal(c->first_cseq, 54299);
		assert_int_equal(c->cseq, 54301);
		assert_int_equal(c->n_params, 1);
		ims_buf_init(&b, mem, sizeof mem);
		ims_reginfo_put(&b, &r);
		assert_false(b.over);
		ims_reginfo_free(&r);
	}
}

static void a_gruu_without_its_attributes_is_refused(void **state)
{
#define GR(e)                                                       \
	"<reginfo version=\"0\" state=\"full\"" NS                  \
	" xmlns:g=\"urn:ietf:params:xml:ns:gruuinfo\">" REG CONTACT \
	"<uri>sip:u@h</uri>" e TAIL
	static const char *const bad[] = {
		GR("<g:pub-gruu/>"),
		GR("<g:temp-gruu uri=\"sip:a@b\"/>"),
		GR("<g:temp-gruu first-cseq=\"1\"/>"),
		GR("<g:temp-gruu uri=\"sip:a@b\" first-cseq=\"-1\"/>"),
		GR("<g:temp-gruu uri=\"sip:a@b\" first-cseq=\"4294967296\"/>"),
	};
	struct ims_reginfo r;

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(parse(bad[i], &r, NULL), -IMS_E_SYNTAX);
	/* elsewhere it is nothing */
	assert_int_equal(parse(HEAD "<pub-gruu/>" REG "<temp-gruu/>"
				    "</registration></reginfo>",
			       &r, NULL),
			 0);
	ims_reginfo_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_seeds_body_of_740_bytes),
		cmocka_unit_test(writes_the_seeds_body_byte_for_byte),
		cmocka_unit_test(what_was_read_is_written_the_same),
		cmocka_unit_test(the_seeds_file_has_this_body),
		cmocka_unit_test(
			reads_what_an_s_cscf_sends_and_skips_what_is_foreign),
		cmocka_unit_test(refuses_what_is_hostile_or_broken),
		cmocka_unit_test(refuses_what_is_too_deep),
		cmocka_unit_test(
			refuses_what_is_too_big_and_takes_what_just_fits),
		cmocka_unit_test(many_contacts_stay_with_their_registrations),
		cmocka_unit_test(nothing_written_can_break_out_of_its_place),
		cmocka_unit_test(gruus_are_read_and_written),
		cmocka_unit_test(a_gruu_without_its_attributes_is_refused),
		cmocka_unit_test(an_overflowing_buffer_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
