/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_profiles.c - each profile registers at our core, writes its first
 * REGISTER in the form promised, and offers what real phones of its maker do.
 *
 * The forms stand in tests/data/profile; what is new in every run (SPIs, ports,
 * branch, tags, Call-ID) is a * there.  IMS_TEST_WRITE=1 writes them anew.
 */
#include "flow_lab.h"
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_sec.h"
#include "ue_profile.h"

#include "test.h"

#include <ctype.h>

static struct {
	char text[8192];
	size_t n;
} first;

/* Only looks: the first message of the UE is kept. */
static void look(struct lab *l, bool from_ue, char *bytes, size_t cap,
		 size_t *n)
{
	if (!from_ue || first.n || *n >= sizeof first.text)
		return;
	memcpy(first.text, bytes, *n);
	first.text[first.n = *n] = 0;
}

static void be(struct lab *l, const char *profile)
{
	struct ims_flaw why;

	lab_init(l, 7);
	assert_int_equal(ims_ue_profile(&l->ue_conf, ims_str(profile)), 0);
	strcpy(l->ue_conf.instance, "<urn:gsma:imei:86774304-000000-0>");
	strcpy(l->ue_conf.access_info,
	       "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100000000000");
	l->core_conf.pcscf.policy.allow_deprecated = true;
	assert_int_equal(ims_ue_conf_check(&l->ue_conf, &why), 0);
	l->tamper = look;
	first.n = 0;
}

/* --- forms ---------------------------------------------------------------- */

/* Numbers of what stands before them are masked. */
static const char *const masked[] = {"branch=", ";tag=",     "spi-c=",
				     "spi-s=",  "port-c=",   "port-s=",
				     "]:",      "Call-ID: ", "\r\ni: "};

static size_t mask_at(const char *p)
{
	for (size_t i = 0; i < N_OF(masked); i++)
		if (strncmp(p, masked[i], strlen(masked[i])) == 0)
			return strlen(masked[i]);
	return 0;
}

static bool ends(char c)
{
	return strchr(";,>\r\n \"", c) != NULL;
}

/* The shape of a text: masked values are a star; a port stays if it is 5060. */
static void shape(const char *from, char *out, size_t cap)
{
	size_t n = 0;

	while (*from && n + 32 < cap) {
		size_t skip = mask_at(from);

		memcpy(out + n, from, skip ? skip : 1);
		n += skip ? skip : 1;
		from += skip ? skip : 1;
		if (!skip || strncmp(from, "5060", 4) == 0)
			continue;
		while (*from && !ends(*from))
			from++;
		out[n++] = '*';
	}
	assert_int_equal(*from, 0);
	out[n] = 0;
}

/* CSeq may start anywhere. */
static void mask_cseq(char *s)
{
	char *p = strstr(s, "CSeq: "), *end;

	if (!p || strncmp(p, "CSeq: 1 ", 8) == 0)
		return;
	p += 6;
	end = strchr(p, ' ');
	*p = '*';
	memmove(p + 1, end, strlen(end) + 1);
}

static void compare(const char *profile, const char *got)
{
	char name[128];
	size_t n = 0;
	char *want;

	snprintf(name, sizeof name, "profile/%s.txt", profile);
	if (getenv("IMS_TEST_WRITE")) {
		char path[4096];
		FILE *f;

		snprintf(path, sizeof path, "%s/%s", getenv("IMS_TEST_DATA"),
			 name);
		f = fopen(path, "wb");
		assert_non_null(f);
		fwrite(got, 1, strlen(got), f);
		fclose(f);
	}
	want = test_read("IMS_TEST_DATA", name, &n);
	assert_non_null(want);
	assert_string_equal(got, want);
	free(want);
}

static void the_first_register_has_the_form_promised(void **state)
{
	for (size_t i = 0; ims_ue_profile_name(i); i++) {
		const char *name = ims_ue_profile_name(i);
		char got[8192];
		struct lab l;

		be(&l, name);
		lab_start(&l);
		shape(first.text, got, sizeof got);
		mask_cseq(got);
		compare(name, got);
		lab_end(&l);
	}
}

static void every_profile_registers_and_renews(void **state)
{
	for (size_t i = 0; ims_ue_profile_name(i); i++) {
		struct lab l;

		be(&l, ims_ue_profile_name(i));
		lab_start(&l);
		if (!lab_until(&l, IMS_TELL_NOTIFIED, 1, 120000))
			fail_msg("%s: %s / %s", ims_ue_profile_name(i), l.text,
				 l.core_text);
		assert_int_equal(l.told[IMS_TELL_REGISTERED], 1);
		assert_true(lab_until(&l, IMS_TELL_REFRESHED, 1,
				      UINT64_C(700000000)));
		assert_int_equal(l.told[IMS_TELL_FAILED], 0);
		lab_end(&l);
	}
}

/* --- numbers --------------------------------------------------------------- */

static struct ims_sip_sec offered(const char *profile, uint64_t seed)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_sip_msg m;
	struct lab l;
	size_t n = 0;

	be(&l, profile);
	l.seed = seed;
	lab_start(&l);
	assert_int_equal(ims_sip_msg_parse(ims_str_n(first.text, first.n), &m,
					   NULL),
			 0);
	assert_int_equal(ims_sip_sec_get(&m, IMS_SIP_SECURITY_CLIENT, list,
					 IMS_SIP_SEC_MAX, &n, NULL),
			 0);
	assert_true(n > 0);
	lab_end(&l);
	return list[0];
}

static void numbers_are_from_the_ranges_of_the_maker(void **state)
{
	for (uint64_t seed = 1; seed < 6; seed++) {
		struct ims_sip_sec s = offered("aosp", seed);

		assert_in_range(s.port_c, 38001, 39000);
		assert_int_equal(s.port_s, s.port_c + 1000);
		assert_int_equal(s.spi_s, s.spi_c + 1);
		s = offered("aosp-vzw", seed);
		assert_in_range(s.port_c, 65000, 65004);
		assert_in_range(s.port_s, 65005, 65009);
		s = offered("samsung", seed);
		assert_in_range(s.port_s, 6000, 8900);
		assert_int_equal(s.port_s % 100, 0);
		assert_int_equal(s.port_c, s.port_s + 1);
		assert_in_range(s.spi_c, 10000, 99999);
		assert_int_equal(s.spi_s, s.spi_c + 1);
		s = offered("samsung-fix", seed);
		assert_int_equal(s.port_c, 5000);
		assert_int_equal(s.port_s, 6000);
		s = offered("huawei", seed);
		assert_in_range(s.port_c, 31100, 31499);
		assert_in_range(s.port_s, 31500, 31899);
	}
}

/* --- real messages ---------------------------------------------------------- */

static void headers_of(const struct ims_sip_msg *m, const struct ims_sip_msg *o,
		       char *out, size_t cap)
{
	struct ims_buf b;

	ims_buf_init(&b, out, cap);
	for (size_t i = 0; i < m->n_hdrs; i++)
		if (ims_sip_has(o, m->hdr[i].id))
			ims_buf_printf(&b, "%.*s ",
				       IMS_STR_ARG(m->hdr[i].name));
	ims_buf_cstr(&b);
}

static void shape_of(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		     char *out, size_t cap)
{
	char text[4096];

	snprintf(text, sizeof text, "%.*s", IMS_STR_ARG(ims_sip_get(m, id)));
	shape(text, out, cap);
}

static void same_shape(const struct ims_sip_msg *a, const struct ims_sip_msg *b,
		       enum ims_sip_hdr_id id)
{
	char x[4096], y[4096];

	shape_of(a, id, x, sizeof x);
	shape_of(b, id, y, sizeof y);
	assert_string_equal(x, y);
}

static void same_contact(const struct ims_sip_msg *a,
			 const struct ims_sip_msg *b)
{
	struct ims_sip_addr x, y;

	assert_int_equal(ims_sip_addr_get(a, IMS_SIP_CONTACT, &x), 0);
	assert_int_equal(ims_sip_addr_get(b, IMS_SIP_CONTACT, &y), 0);
	assert_int_equal(x.uri.user.n > 0, y.uri.user.n > 0);
	assert_int_equal(x.uri.port == 5060, y.uri.port == 5060);
}

/* The names in credentials, in their order. */
static void auth_names(const struct ims_sip_msg *m, char *out, size_t cap)
{
	struct ims_str v = ims_sip_get(m, IMS_SIP_AUTHORIZATION), p;
	struct ims_buf b;

	v = ims_str_from(v, 7); /* "Digest " */
	ims_buf_init(&b, out, cap);
	while (ims_sip_comma_next(&v, &p))
		ims_buf_printf(&b, "%.*s ", (int)ims_str_find(p, '='), p.p);
	ims_buf_cstr(&b);
}

static void against(const char *profile, const char *file)
{
	struct ims_sip_msg real, ours;
	char x[2048], y[2048];
	struct lab l;
	size_t n = 0;
	char *text = test_read("IMS_TEST_SHARED", file, &n);

	if (!text) {
		print_message("%s is not here: skipped\n", file);
		return;
	}
	be(&l, profile);
	lab_start(&l);
	assert_int_equal(ims_sip_msg_parse(ims_str_n(text, n), &real, NULL), 0);
	assert_int_equal(ims_sip_msg_parse(ims_str_n(first.text, first.n),
					   &ours, NULL),
			 0);
	headers_of(&real, &ours, x, sizeof x);
	headers_of(&ours, &real, y, sizeof y);
	assert_string_equal(x, y);
	for (size_t i = 0; i < real.n_hdrs; i++)
		if (real.hdr[i].id != IMS_SIP_PATH &&
		    real.hdr[i].id != IMS_SIP_SECURITY_VERIFY &&
		    real.hdr[i].id != IMS_SIP_P_ACCESS_NETWORK_INFO)
			assert_true(ims_sip_has(&ours, real.hdr[i].id));
	same_shape(&real, &ours, IMS_SIP_SECURITY_CLIENT);
	same_shape(&real, &ours, IMS_SIP_SUPPORTED);
	same_shape(&real, &ours, IMS_SIP_ALLOW);
	same_shape(&real, &ours, IMS_SIP_USER_AGENT);
	same_shape(&real, &ours, IMS_SIP_REQUIRE);
	if (strstr(file, "register1")) {
		same_contact(&real, &ours);
		auth_names(&real, x, sizeof x);
		auth_names(&ours, y, sizeof y);
		assert_string_equal(x, y);
		same_shape(&real, &ours, IMS_SIP_EXPIRES);
	}
	lab_end(&l);
	free(text);
}

static void it_is_what_real_phones_send(void **state)
{
	against("huawei", "real/text/huawei-hwrto-1-register1.sip");
	against("qualcomm", "real/text/qcom-cmcc-2017-register1.sip");
	against("zte", "real/text/zte-a2022p-register1.sip");
	against("samsung-null", "real/text/samsung-g975w-reregister.sip");
	against("seed", "seed/messages/1-register.sip");
}

/* The value of one line of the table of offers; NULL: no table. */
static char *table_value(const char *id, char *out, size_t cap)
{
	size_t n = 0;
	char *t = test_read("IMS_TEST_SHARED", "real/security-headers.tsv", &n);
	char *line = t ? strstr(t, id) : NULL, *v = line;

	for (int i = 0; v && i < 3; i++)
		v = strchr(v, '\t') + 1;
	if (v)
		snprintf(out, cap, "%.*s", (int)strcspn(v, "\t\n"), v);
	free(t);
	return v ? out : NULL;
}

static void offers(const char *profile, const char *id)
{
	char text[4096], want[4096], got[4096];
	struct ims_sip_msg m;
	struct lab l;

	if (!table_value(id, text, sizeof text)) {
		print_message("no table of real offers here: skipped\n");
		return;
	}
	be(&l, profile);
	lab_start(&l);
	assert_int_equal(ims_sip_msg_parse(ims_str_n(first.text, first.n), &m,
					   NULL),
			 0);
	shape_of(&m, IMS_SIP_SECURITY_CLIENT, got, sizeof got);
	shape(text, want, sizeof want);
	/* Some lines have the first mechanisms only. */
	if (strncmp(got, want, strlen(want)) != 0)
		assert_string_equal(got, want);
	lab_end(&l);
}

static void it_offers_what_real_phones_offer(void **state)
{
	offers("samsung", "s02\t");
	offers("samsung", "s04\t");
	offers("samsung-null", "s01\t");
	offers("samsung-null", "s03\t");
	offers("samsung-null", "s10\t");
	offers("qualcomm", "s05\t");
	offers("zte", "s07\t");
	offers("huawei", "s09\t");
	offers("phh", "s12\t");
}

/* --- fall-back ------------------------------------------------------------- */

/* A network that wants no sec-agree: its P-CSCF answers 406 to the offer. */
static void refuse_offer(struct lab *l, bool from_ue, char *bytes, size_t cap,
			 size_t *n)
{
	static const char no[] = "SIP/2.0 406 Not Acceptable";
	char *end;

	look(l, from_ue, bytes, cap, n);
	if (from_ue || *n < 12 || strncmp(bytes, "SIP/2.0 401", 11) != 0 ||
	    !memmem(bytes, *n, "Security-Server", 15))
		return;
	end = memchr(bytes, '\r', *n);
	memmove(bytes + sizeof no - 1, end, *n - (size_t)(end - bytes));
	*n += sizeof no - 1 - (size_t)(end - bytes);
	memcpy(bytes, no, sizeof no - 1);
}

static void a_korean_phone_comes_without_ipsec_after_a_406(void **state)
{
	struct lab l;

	be(&l, "aosp-kr");
	l.core_conf.pcscf.security = IMS_PCSCF_ALLOWED;
	l.core_conf.scscf.allow_clear = true;
	l.tamper = refuse_offer;
	lab_start(&l);
	if (!lab_until(&l, IMS_TELL_REGISTERED, 1, 120000))
		fail_msg("%s / %s", l.text, l.core_text);
	assert_int_equal(l.sets_ue, 0);
	lab_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_register_has_the_form_promised),
		cmocka_unit_test(every_profile_registers_and_renews),
		cmocka_unit_test(numbers_are_from_the_ranges_of_the_maker),
		cmocka_unit_test(it_is_what_real_phones_send),
		cmocka_unit_test(it_offers_what_real_phones_offer),
		cmocka_unit_test(
			a_korean_phone_comes_without_ipsec_after_a_406),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
