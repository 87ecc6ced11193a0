/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_shapes.c - whole messages from files, each with its verdict: our
 * own of the shapes that RFC 4475 and the field taught, and, where they are,
 * the messages of RFC 4475 and of real phones themselves.
 */
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_build.h"
#include "sip_sec.h"
#include "sip_via.h"

#include "sip_test.h"

#define N_FIELDS 10

/* Splits a line of a table in place; returns the next line. */
static char *take_row(char *line, char *field[N_FIELDS])
{
	char *end = strchr(line, '\n');

	if (end)
		*end++ = 0;
	for (int i = 0; i < N_FIELDS; i++) {
		field[i] = line ? strsep(&line, "\t") : "";
	}
	return end;
}

static int parse_file(const char *env, const char *dir, const char *name,
		      struct ims_sip_msg *m, struct ims_sip_flaw *why)
{
	char path[256];
	size_t n = 0;
	char *bytes;
	struct ims_str s;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	bytes = test_read(env, path, &n);
	if (!bytes)
		fail_msg("%s: not there", path);
	s = fence((struct ims_str){bytes, n});
	free(bytes);
	*why = (struct ims_sip_flaw){0};
	return ims_sip_msg_parse(s, m, why);
}

/* A refusal that can be answered is answered, and the answer parses. */
static void answer(const char *name, const struct ims_sip_msg *m,
		   unsigned status)
{
	static struct ims_sip_msg back;
	static char text[70000];
	struct ims_buf b;
	struct ims_addr source = {.ip = {4, {198, 51, 100, 1}}, .port = 1234};

	ims_buf_init(&b, text, sizeof text);
	ims_sip_put_response(&b, m, status, IMS_S("t1"), source, true);
	ims_sip_put_body(&b, IMS_S(""), IMS_S(""));
	if (b.over)
		fail_msg("%s: no answer could be built", name);
	ims_sip_msg_parse(ims_buf_str(&b), &back, NULL);
	assert_int_equal(back.status, status);
	assert_true(ims_sip_has(&back, IMS_SIP_VIA));
	assert_true(ims_sip_has(&back, IMS_SIP_CSEQ));
}

static void our_own_messages_get_their_verdict(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_flaw why;
	char *field[N_FIELDS];
	size_t n;
	char *table = test_read("IMS_TEST_DATA", "sip/INDEX.tsv", &n);
	char *row;
	int rows = 0;

	assert_non_null(table);
	row = take_row(table, field);
	while (row && *row) {
		unsigned status;
		int err;

		row = take_row(row, field);
		err = parse_file("IMS_TEST_DATA", "sip", field[0], &m, &why);
		status = (unsigned)strtoul(field[2], NULL, 10);
		if ((err == 0) != (strcmp(field[1], "accept") == 0))
			fail_msg("%s: %d %s", field[0], err, why.flaw.text);
		if (why.status != status)
			fail_msg("%s: answer %u instead of %u", field[0],
				 why.status, status);
		if (err == 0)
			status = m.request && m.method != IMS_SIP_ACK ? 200 : 0;
		if (status)
			answer(field[0], &m, status);
		rows++;
	}
	free(table);
	assert_true(rows >= 50);
}

static void the_messages_of_rfc_4475_get_their_verdict(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_flaw why;
	char *field[N_FIELDS];
	size_t n;
	char *table = test_read("IMS_TEST_SHARED", "torture/INDEX.tsv", &n);
	char *row;
	int rows = 0;

	if (!table) {
		print_message("no RFC 4475 messages here: skipped\n");
		return;
	}
	row = take_row(table, field);
	while (row && *row) {
		const char *verdict = field[6];
		int err;

		row = take_row(row, field);
		verdict = field[6];
		err = parse_file("IMS_TEST_SHARED", "torture/msgs", field[0],
				 &m, &why);
		if ((err == 0 && strcmp(verdict, "reject") == 0) ||
		    (err != 0 && strcmp(verdict, "accept") == 0))
			fail_msg("%s: %d %s", field[0], err, why.flaw.text);
		/* An answer is one of those that the table names. */
		if (err && why.status) {
			char code[16];

			snprintf(code, sizeof code, "%u", why.status);
			if (!strstr(field[7], code))
				fail_msg("%s: answer %s", field[0], code);
			answer(field[0], &m, why.status);
		}
		rows++;
	}
	free(table);
	assert_int_equal(rows, 50);
}

/* Every typed header can be read. */
static void read_all(const char *name, const struct ims_sip_msg *m)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_sip_auth auth;
	struct ims_sip_addr addr;
	struct ims_sip_via via;
	size_t n = 0;

	assert_int_equal(ims_sip_via_top(m, &via), 0);
	assert_int_equal(ims_sip_addr_get(m, IMS_SIP_FROM, &addr), 0);
	assert_true(ims_sip_tag(m, IMS_SIP_FROM).n > 0);
	assert_int_equal(ims_sip_addr_get(m, IMS_SIP_TO, &addr), 0);
	assert_int_equal(ims_sip_addr_get(m, IMS_SIP_CONTACT, &addr), 0);
	if (ims_sip_has(m, IMS_SIP_AUTHORIZATION)) {
		assert_int_equal(ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION,
						  &auth),
				 0);
		assert_true(auth.username.n > 0 && auth.uri.n > 0);
	}
	for (int id = IMS_SIP_SECURITY_CLIENT; id <= IMS_SIP_SECURITY_VERIFY;
	     id++) {
		if (!ims_sip_has(m, (enum ims_sip_hdr_id)id))
			continue;
		if (ims_sip_sec_get(m, (enum ims_sip_hdr_id)id, list,
				    IMS_SIP_SEC_MAX, &n, NULL))
			fail_msg("%s: %s", name,
				 ims_sip_hdr_name((enum ims_sip_hdr_id)id));
		for (size_t i = 0; i < n; i++) {
			assert_str(list[i].name, "ipsec-3gpp");
			assert_int_equal(list[i].has & 30, 30);
		}
	}
}

static void what_real_phones_and_cores_sent_is_read(void **state)
{
	static const char *const files[] = {
		"huawei-hwrto-1-register1.sip",
		"huawei-hwrto-3-register2.sip",
		"pixel6a-folded-authorization-RECONSTRUCTED.sip",
		"qcom-cmcc-2017-register1.sip",
		"qcom-cmcc-2017-register2.sip",
		"samsung-g975w-reregister.sip",
		"zte-a2022p-register1.sip",
		"huawei-hwrto-4-200.sip",
	};
	static struct ims_sip_msg m;
	struct ims_sip_flaw why;
	size_t n;
	char *there = test_read("IMS_TEST_SHARED", "real/README.md", &n);

	if (!there) {
		print_message("no real messages here: skipped\n");
		return;
	}
	free(there);
	for (size_t i = 0; i < N_OF(files); i++) {
		if (parse_file("IMS_TEST_SHARED", "real/text", files[i], &m,
			       &why))
			fail_msg("%s: %s", files[i], why.flaw.text);
		read_all(files[i], &m);
	}
	assert_int_equal(parse_file("IMS_TEST_SHARED", "real/text",
				    "huawei-hwrto-2-401.sip", &m, &why),
			 0);
}

/* Column 4 is the value; where column 5 says verbatim or joined it is whole. */
static void every_security_header_seen_in_the_field_is_read(void **state)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	char *field[N_FIELDS];
	size_t n;
	char *table =
		test_read("IMS_TEST_SHARED", "real/security-headers.tsv", &n);
	char *row;
	int rows = 0;

	if (!table) {
		print_message("no real headers here: skipped\n");
		return;
	}
	row = take_row(table, field);
	while (row && *row) {
		struct ims_flaw flaw;
		struct ims_str value;

		row = take_row(row, field);
		if (strncmp(field[3], "see ", 4) == 0 ||
		    strstr(field[3], "spi-c=N"))
			continue;
		value = fence(ims_str(field[3]));
		if (ims_sip_sec_list(value, list, N_OF(list), &n, &flaw))
			fail_msg("%s: %s", field[0], flaw.text);
		for (size_t i = 0; i < n; i++)
			assert_true(ims_sip_sec_same(&list[i], &list[i]));
		rows++;
	}
	free(table);
	assert_int_equal(rows, 20);
}

static void the_phone_with_compact_names_is_understood(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_flaw why;

	assert_int_equal(parse_file("IMS_TEST_DATA", "sip",
				    "phone-six-pairs.sip", &m, &why),
			 0);
	read_all("phone-six-pairs", &m);
	assert_true(ims_sip_lists(&m, IMS_SIP_SUPPORTED, "sec-agree"));
}

static void the_folded_message_means_what_it_says(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_flaw why;
	struct ims_sip_walk w;
	struct ims_sip_via via;
	struct ims_sip_addr addr;
	struct ims_sip_param p;
	struct ims_str value;
	unsigned q;
	uint32_t max;

	assert_int_equal(parse_file("IMS_TEST_DATA", "sip", "folded.sip", &m,
				    &why),
			 0);
	assert_int_equal(m.cseq, 17);
	assert_str(m.body, "abc");
	assert_int_equal(ims_sip_number(&m, IMS_SIP_MAX_FORWARDS, &max), 0);
	assert_int_equal(max, 70);
	assert_str(ims_sip_tag(&m, IMS_SIP_FROM), "77aa");
	assert_str(ims_sip_tag(&m, IMS_SIP_TO), "9181b");

	w = ims_sip_walk(&m, IMS_SIP_VIA);
	assert_true(ims_sip_walk_next(&w, &value));
	assert_int_equal(ims_sip_via_parse(value, &via), 0);
	assert_str(via.branch, "oldstyle");
	assert_true(ims_sip_walk_next(&w, &value));
	assert_int_equal(ims_sip_via_parse(value, &via), 0);
	assert_str(via.transport, "TCP");
	assert_str(via.branch, "z9hG4bKx1");
	assert_true(ims_sip_walk_next(&w, &value));
	assert_int_equal(ims_sip_via_parse(value, &via), 0);
	assert_str(via.host, "192.0.2.8");
	assert_str(via.branch, "z9hG4bKx2");
	assert_false(ims_sip_walk_next(&w, &value));

	assert_int_equal(ims_sip_addr_get(&m, IMS_SIP_CONTACT, &addr), 0);
	assert_true(ims_sip_param_find(addr.params, "q", &p));
	assert_int_equal(ims_sip_qvalue(p.value, &q), 0);
	assert_int_equal(q, 250);
	assert_true(ims_sip_param_find(addr.params, "newp", &p));
	assert_str(p.value, "newv");
}

static void the_two_parameters_belong_to_different_things(void **state)
{
	static struct ims_sip_msg m;
	struct ims_sip_flaw why;
	struct ims_sip_addr addr;

	parse_file("IMS_TEST_DATA", "sip", "param-outside.sip", &m, &why);
	assert_int_equal(ims_sip_addr_get(&m, IMS_SIP_CONTACT, &addr), 0);
	assert_str(addr.uri.text, "sip:+15550100@192.0.2.7");
	assert_str(addr.params, ";mine");
	parse_file("IMS_TEST_DATA", "sip", "param-inside.sip", &m, &why);
	assert_int_equal(ims_sip_addr_get(&m, IMS_SIP_CONTACT, &addr), 0);
	assert_str(addr.uri.text, "sip:+15550100@192.0.2.7;mine");
	assert_str(addr.params, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_messages_get_their_verdict),
		cmocka_unit_test(the_messages_of_rfc_4475_get_their_verdict),
		cmocka_unit_test(what_real_phones_and_cores_sent_is_read),
		cmocka_unit_test(
			every_security_header_seen_in_the_field_is_read),
		cmocka_unit_test(the_phone_with_compact_names_is_understood),
		cmocka_unit_test(the_folded_message_means_what_it_says),
		cmocka_unit_test(the_two_parameters_belong_to_different_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
