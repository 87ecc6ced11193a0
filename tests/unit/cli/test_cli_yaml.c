/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cli_yaml.c - a section of a file, and where it is wrong. */
#include "cli_yaml.h"

#include "cli_test.h"

#include <unistd.h>

static struct conf conf;
static struct ims_flaw why;

static int read_text(const char *text)
{
	memset(&conf, 0, sizeof conf);
	memset(&why, 0, sizeof why);
	return ims_cli_yaml_text(&table, "f.yaml", ims_str(text), &conf, &why);
}

static void wrong(const char *text, const char *message)
{
	assert_int_equal(read_text(text), -IMS_E_CONFIG);
	assert_int_equal(why.err, -IMS_E_CONFIG);
	assert_string_equal(why.text, message);
}

static void every_kind_is_read(void **state)
{
	assert_int_equal(read_text("ue:\n"
				   "  fast: yes\n"
				   "  mnc: 01\n"
				   "  expires: 600000\n"
				   "  port: 65535\n"
				   "  pcscf: '[2001:db8::1]:5070'\n"
				   "  family: four\n"),
			 0);
	assert_true(conf.fast);
	assert_string_equal(conf.mnc, "01");
	assert_int_equal(conf.expires, 600000);
	assert_int_equal(conf.port, 65535);
	assert_int_equal(conf.pcscf.port, 5070);
	assert_int_equal(conf.pcscf.ip.family, 6);
	assert_int_equal(conf.family, 1);
}

static void a_list_may_be_one_of_yaml_or_have_commas(void **state)
{
	conf = (struct conf){0};
	assert_int_equal(read_text("ue: {hosts: [192.0.2.1, '192.0.2.2:7']}"),
			 0);
	assert_string_equal(conf.hosts, "192.0.2.1,192.0.2.2:7");
	conf = (struct conf){0};
	assert_int_equal(read_text("ue:\n  hosts: 192.0.2.1,192.0.2.2\n"), 0);
	assert_string_equal(conf.hosts, "192.0.2.1,192.0.2.2");
	wrong("ue:\n  hosts: [192.0.2.1, [x]]\n",
	      "f.yaml:2:22: one value is wanted for \"hosts\"");
	wrong("ue: {port: [1]}",
	      "f.yaml:1:12: one value is wanted for \"port\"");
}

static void digits_keep_their_zeros(void **state)
{
	assert_int_equal(read_text("ue: {mnc: 001}"), 0);
	assert_string_equal(conf.mnc, "001");
	assert_int_equal(read_text("ue: {mnc: 0x1}"), 0);
	assert_string_equal(conf.mnc, "0x1");
	assert_int_equal(read_text("ue: {mnc: ~}"), 0);
	assert_string_equal(conf.mnc, "~");
	assert_int_equal(read_text("ue: {expires: 0010}"), 0);
	assert_int_equal(conf.expires, 10);
}

static void nothing_means_all_defaults(void **state)
{
	assert_int_equal(read_text(""), 0);
	assert_int_equal(read_text("# only a comment\n"), 0);
	assert_int_equal(read_text("---\n...\n"), 0);
	assert_int_equal(read_text("ue:\n"), 0);
	assert_int_equal(read_text("ue: {}\n"), 0);
	assert_int_equal(read_text("core:\n  whatever: it has\n"), 0);
}

static void an_unknown_key_is_placed_and_helped(void **state)
{
	wrong("ue:\n  fast: yes\n  pcsfc: 192.0.2.1\n",
	      "f.yaml:3:3: unknown key \"pcsfc\" (did you mean \"pcscf\"?)");
	wrong("ue:\n  quite-another: 1\n",
	      "f.yaml:2:3: unknown key \"quite-another\"");
	wrong("eu:\n  fast: yes\n", "f.yaml:1:1: unknown section \"eu\"");
	wrong("ue: {}\n? [a]\n: b\n", "f.yaml:2:3: unknown section \"?\"");
	wrong("ue: {? [a] : b}\n", "f.yaml:1:8: a key must be a word \"?\"");
}

static void a_wrong_value_is_placed(void **state)
{
	wrong("ue:\n  port: 65536\n",
	      "f.yaml:2:9: port: \"65536\" is not a number of 0..65535");
	wrong("ue:\n  expires: soon\n",
	      "f.yaml:2:12: expires: \"soon\" is not a number of "
	      "0..4294967295");
	wrong("ue:\n  fast: maybe\n",
	      "f.yaml:2:9: fast: \"maybe\" is neither true nor false");
	wrong("ue:\n  family: five\n",
	      "f.yaml:2:11: family: \"five\" is not one of six|four");
	wrong("ue:\n  mnc: 0123\n",
	      "f.yaml:2:8: mnc: at most 3 characters, and no zero byte");
	wrong("ue:\n  mnc: \"\\0\"\n",
	      "f.yaml:2:8: mnc: at most 3 characters, and no zero byte");
	assert_int_equal(read_text("ue:\n  pcscf: example.org\n"),
			 -IMS_E_CONFIG);
	assert_non_null(strstr(why.text, "f.yaml:2:10: pcscf"));
}

static void wrong_shapes_are_placed(void **state)
{
	wrong("ue:\n  fast: [yes]\n",
	      "f.yaml:2:9: one value is wanted for \"fast\"");
	wrong("ue:\n  fast: {a: b}\n",
	      "f.yaml:2:9: one value is wanted for \"fast\"");
	wrong("ue: [fast]\n",
	      "f.yaml:1:5: key: value lines are wanted in \"ue\"");
	wrong("ue: fast\n",
	      "f.yaml:1:5: key: value lines are wanted in \"ue\"");
	wrong("- ue\n", "f.yaml:1:1: sections are wanted, such as \"ue\"");
	wrong("ue\n", "f.yaml:1:1: sections are wanted, such as \"ue\"");
}

static void a_key_stands_once(void **state)
{
	wrong("ue:\n  port: 1\n  fast: yes\n  port: 1\n",
	      "f.yaml:4:3: given twice: \"port\"");
	wrong("ue: {}\ncore: {}\nue: {}\n", "f.yaml:3:1: given twice: \"ue\"");
}

static void many_of_the_same_key_are_refused_at_once(void **state)
{
	static const char line[] = "  port: 1\n";
	size_t n = 100000, len = sizeof line - 1;
	char *text = malloc(n * len + 5);

	assert_non_null(text);
	memcpy(text, "ue:\n", 4);
	for (size_t i = 0; i < n; i++)
		memcpy(text + 4 + i * len, line, len);
	text[4 + n * len] = '\0';
	wrong(text, "f.yaml:3:3: given twice: \"port\"");
	free(text);
}

static void a_second_document_is_refused(void **state)
{
	wrong("ue: {fast: yes}\n---\nue: {fast: no}\n",
	      "f.yaml:3:1: a second document, after \"---\"");
	wrong("ue: {fast: yes}\n---\n[\n",
	      "f.yaml:4:1: did not find expected node content");
	assert_int_equal(read_text("---\nue: {fast: yes}\n...\n"), 0);
}

static void what_is_no_yaml_is_placed(void **state)
{
	assert_int_equal(read_text("ue:\n  fast: \"yes\n"), -IMS_E_CONFIG);
	assert_non_null(strstr(why.text, "f.yaml:"));
	wrong("ue:\n\tfast: yes\n", "f.yaml:2:1: found character that cannot "
				    "start any token");
	wrong("ue:\n  fast: \xff\n", "f.yaml:2:9: invalid leading UTF-8 octet");
	wrong("ue:\n  fast: \x01\n",
	      "f.yaml:2:9: control characters are not allowed");
	wrong("ue: *nowhere\n", "f.yaml:1:5: found undefined alias");
}

static void an_alias_is_its_value(void **state)
{
	assert_int_equal(read_text("ue: {port: &p 7, expires: *p}"), 0);
	assert_int_equal(conf.expires, 7);
	/* merging is not */
	assert_int_equal(read_text("core: &c {port: 1}\nue: {<<: *c}"),
			 -IMS_E_CONFIG);
}

/* Nine levels of nine aliases: 400 million values if they were copied. */
static void a_bomb_of_aliases_is_harmless(void **state)
{
	char text[2048];
	size_t at = 0;

	at += (size_t)snprintf(text, sizeof text, "core:\n  a0: &a0 [x]\n");
	for (int i = 1; i < 10; i++) {
		at += (size_t)snprintf(text + at, sizeof text - at,
				       "  a%d: &a%d [", i, i);
		for (int k = 0; k < 9; k++)
			at += (size_t)snprintf(text + at, sizeof text - at,
					       "%s*a%d", k ? "," : "", i - 1);
		at += (size_t)snprintf(text + at, sizeof text - at, "]\n");
	}
	assert_int_equal(read_text(text), 0);
	snprintf(text + at, sizeof text - at, "ue: {mnc: *a9}\n");
	assert_int_equal(read_text(text), -IMS_E_CONFIG);
}

static void deep_nesting_is_harmless(void **state)
{
	char text[20000];

	memset(text, '[', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text, "core:", 5);
	assert_int_equal(read_text(text), -IMS_E_CONFIG);
}

static void a_value_of_escapes_is_shown_printable(void **state)
{
	assert_int_equal(read_text("ue: {port: \"\\e[31m\"}"), -IMS_E_CONFIG);
	assert_null(strchr(why.text, '\x1b'));
	assert_int_equal(read_text("ue: {\"\\e[31m\": 1}"), -IMS_E_CONFIG);
	assert_null(strchr(why.text, '\x1b'));
}

/* --- files --------------------------------------------------------------- */

static void a_file_has_a_limit(void **state)
{
	char path[] = "/tmp/imsyamlXXXXXX";
	int fd = mkstemp(path);
	static char comment[1048577];

	assert_true(fd >= 0);
	memset(comment, '#', sizeof comment);
	memcpy(comment, "ue: {port: 9}\n", 14);
	assert_int_equal(write(fd, comment, 1048576), 1048576);
	memset(&conf, 0, sizeof conf);
	assert_int_equal(ims_cli_yaml(&table, path, &conf), 0);
	assert_int_equal(conf.port, 9);
	assert_int_equal(write(fd, "#", 1), 1);
	assert_int_equal(ims_cli_yaml(&table, path, &conf), -IMS_E_CONFIG);
	close(fd);
	unlink(path);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	assert_int_equal(ims_cli_yaml(&table, "/nowhere/at/all", &conf),
			 -IMS_E_CONFIG);
	assert_int_equal(ims_cli_yaml(&table, "/tmp", &conf), -IMS_E_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_read),
		cmocka_unit_test(a_list_may_be_one_of_yaml_or_have_commas),
		cmocka_unit_test(digits_keep_their_zeros),
		cmocka_unit_test(nothing_means_all_defaults),
		cmocka_unit_test(an_unknown_key_is_placed_and_helped),
		cmocka_unit_test(a_wrong_value_is_placed),
		cmocka_unit_test(wrong_shapes_are_placed),
		cmocka_unit_test(a_key_stands_once),
		cmocka_unit_test(many_of_the_same_key_are_refused_at_once),
		cmocka_unit_test(a_second_document_is_refused),
		cmocka_unit_test(what_is_no_yaml_is_placed),
		cmocka_unit_test(an_alias_is_its_value),
		cmocka_unit_test(a_bomb_of_aliases_is_harmless),
		cmocka_unit_test(deep_nesting_is_harmless),
		cmocka_unit_test(a_value_of_escapes_is_shown_printable),
		cmocka_unit_test(a_file_has_a_limit),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
