/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cli_opt.c - options from one table, and a file under them. */
#include "cli_test.h"

#include <unistd.h>

static struct conf conf;
static const char *rest[2];

static int parse(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	memset(&conf, 0, sizeof conf);
	return ims_cli_opt(&table, argc, argv, &conf, rest, 2);
}

#define PARSE(...) parse((char *[]){"ue", __VA_ARGS__, NULL})

static void every_kind_is_taken(void **state)
{
	assert_int_equal(PARSE("--fast", "--mnc", "01", "--expires=7", "--port",
			       "9", "--pcscf", "192.0.2.1", "--family", "four"),
			 0);
	assert_true(conf.fast);
	assert_string_equal(conf.mnc, "01");
	assert_int_equal(conf.expires, 7);
	assert_int_equal(conf.port, 9);
	assert_int_equal(conf.pcscf.port, 5060);
	assert_int_equal(conf.family, 1);
}

static void a_list_is_added_to_as_far_as_it_goes(void **state)
{
	assert_int_equal(PARSE("--words", "one"), 0);
	assert_string_equal(conf.words, "one");
	assert_int_equal(PARSE("--words", "one", "--words", "two,six"), 0);
	assert_string_equal(conf.words, "one,two,six");
	assert_int_equal(PARSE("--words", "one", "--words", "two,seven"),
			 -IMS_E_USAGE);
	assert_int_equal(PARSE("--words", "twelve chars"), -IMS_E_USAGE);
}

static void each_of_a_list_of_addresses_must_be_one(void **state)
{
	assert_int_equal(PARSE("--hosts", "192.0.2.1, [2001:db8::1]:5070"), 0);
	assert_string_equal(conf.hosts, "192.0.2.1, [2001:db8::1]:5070");
	assert_int_equal(PARSE("--hosts", "192.0.2.1,x"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--hosts", ""), -IMS_E_USAGE);
	assert_int_equal(PARSE("--hosts", ",192.0.2.1"), -IMS_E_USAGE);
}

static void letters_are_taken(void **state)
{
	assert_int_equal(PARSE("-fe", "7"), 0);
	assert_true(conf.fast);
	assert_int_equal(conf.expires, 7);
}

static void the_rest_is_kept_in_order(void **state)
{
	assert_int_equal(PARSE("a", "--fast", "b"), 2);
	assert_string_equal(rest[0], "a");
	assert_string_equal(rest[1], "b");
	assert_true(conf.fast);
	assert_int_equal(PARSE("--", "--fast"), 1);
	assert_string_equal(rest[0], "--fast");
	assert_int_equal(PARSE("a", "b", "c"), -IMS_E_USAGE);
}

static void wrong_use_is_refused(void **state)
{
	assert_int_equal(PARSE("--fats"), -IMS_E_USAGE);
	assert_int_equal(PARSE("-x"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--port"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--port", "65536"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--port", "-1"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--port", ""), -IMS_E_USAGE);
	assert_int_equal(PARSE("--expires", "4294967296"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--family", "fo"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--pcscf", "192.0.2.1:99999"), -IMS_E_USAGE);
	assert_int_equal(PARSE("--mnc", "0123"), -IMS_E_USAGE);
}

static void help_is_no_error(void **state)
{
	assert_int_equal(PARSE("--help"), IMS_OPT_HELPED);
}

static void the_command_line_beats_the_file(void **state)
{
	static const char text[] =
		"ue: {port: 7, expires: 8, mnc: 01, fast: true}\n";
	char path[] = "/tmp/imsoptXXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	assert_int_equal(PARSE("--port", "1", "-c", path, "--mnc", "99"), 0);
	unlink(path);
	assert_int_equal(conf.port, 1);
	assert_int_equal(conf.expires, 8);
	assert_string_equal(conf.mnc, "99");
	assert_true(conf.fast);
}

static void a_file_that_is_wrong_is_an_error(void **state)
{
	assert_int_equal(PARSE("-c", "/nowhere/at/all"), -IMS_E_CONFIG);
}

static void values_name_their_place(void **state)
{
	struct ims_flaw why = {0};
	const struct ims_opt *o = ims_cli_opt_find(&table, IMS_S("port"));

	assert_non_null(o);
	assert_int_equal(ims_cli_opt_set(o, "here", IMS_S("x"), &conf, &why),
			 -IMS_E_USAGE);
	assert_string_equal(why.text,
			    "here: \"x\" is not a number of 0..65535");
}

static void flags_know_three_words_each(void **state)
{
	const struct ims_opt *o = ims_cli_opt_find(&table, IMS_S("fast"));
	static const char *const yes[] = {"true", "yes", "on"};
	static const char *const no[] = {"false", "no", "off"};
	struct ims_flaw why;

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ims_cli_opt_set(o, "x", ims_str(yes[i]), &conf,
						 &why),
				 0);
		assert_true(conf.fast);
		assert_int_equal(ims_cli_opt_set(o, "x", ims_str(no[i]), &conf,
						 &why),
				 0);
		assert_false(conf.fast);
	}
	assert_int_equal(ims_cli_opt_set(o, "x", IMS_S("1"), &conf, &why),
			 -IMS_E_USAGE);
}

static void names_are_whole(void **state)
{
	assert_null(ims_cli_opt_find(&table, IMS_S("por")));
	assert_null(ims_cli_opt_find(&table, IMS_S("")));
	assert_null(ims_cli_opt_find(&table, IMS_S("portx")));
}

static void the_nearest_name_is_found(void **state)
{
	char much[200];

	memset(much, 'x', sizeof much);
	assert_string_equal(ims_cli_opt_near(&table, IMS_S("prot")), "port");
	assert_string_equal(ims_cli_opt_near(&table, IMS_S("expire")),
			    "expires");
	assert_null(ims_cli_opt_near(&table, IMS_S("quite-another")));
	assert_null(ims_cli_opt_near(&table, IMS_S("")));
	assert_null(ims_cli_opt_near(&table, ims_str_n(much, sizeof much)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_taken),
		cmocka_unit_test(each_of_a_list_of_addresses_must_be_one),
		cmocka_unit_test(letters_are_taken),
		cmocka_unit_test(a_list_is_added_to_as_far_as_it_goes),
		cmocka_unit_test(the_rest_is_kept_in_order),
		cmocka_unit_test(wrong_use_is_refused),
		cmocka_unit_test(help_is_no_error),
		cmocka_unit_test(the_command_line_beats_the_file),
		cmocka_unit_test(a_file_that_is_wrong_is_an_error),
		cmocka_unit_test(values_name_their_place),
		cmocka_unit_test(flags_know_three_words_each),
		cmocka_unit_test(names_are_whole),
		cmocka_unit_test(the_nearest_name_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
