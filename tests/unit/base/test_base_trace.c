/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_trace.c - what reaches the sink, and what reaches a terminal. */
#include "base_trace.h"

#include "test.h"

struct heard {
	int times;
	enum ims_level level;
	char topic[32], text[4096];
};

static void hear(void *arg, enum ims_level level, const char *topic,
		 const char *text)
{
	struct heard *h = arg;

	h->times++;
	h->level = level;
	snprintf(h->topic, sizeof h->topic, "%s", topic);
	snprintf(h->text, sizeof h->text, "%s", text);
}

static void tells_what_is_coarse_enough(void **state)
{
	struct heard h = {0};
	struct ims_trace t = {IMS_INFO, hear, &h};

	ims_trace(&t, IMS_DEBUG, "base_trace", "not %s", "heard");
	assert_int_equal(h.times, 0);
	ims_trace(&t, IMS_INFO, "base_trace", "step %d of %s", 3, "8");
	assert_int_equal(h.times, 1);
	assert_int_equal(h.level, IMS_INFO);
	assert_string_equal(h.topic, "base_trace");
	assert_string_equal(h.text, "step 3 of 8");
}

static void no_sink_hears_nothing(void **state)
{
	struct ims_trace deaf = {IMS_TRACE, NULL, NULL};

	ims_trace(NULL, IMS_ERROR, "base_trace", "x");
	ims_trace(&deaf, IMS_ERROR, "base_trace", "x");
}

static void a_peer_cannot_forge_a_line_or_drive_the_terminal(void **state)
{
	struct heard h = {0};
	struct ims_trace t = {IMS_TRACE, hear, &h};

	ims_trace(&t, IMS_WARN, "base_trace", "user %s",
		  "a\x1b[2J\r\nerror: forged");
	assert_string_equal(h.text, "user a\\x1b[2J\\x0d\\x0aerror: forged");
}

static void a_long_text_is_cut(void **state)
{
	struct heard h = {0};
	struct ims_trace t = {IMS_TRACE, hear, &h};

	ims_trace(&t, IMS_WARN, "base_trace", "%*d", 100000, 1);
	assert_int_equal(h.times, 1);
	assert_int_equal(strlen(h.text), 1023);
}

static void printable_shows_every_other_byte_in_hex(void **state)
{
	char out[256 * 4 + 1];
	char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	ims_printable(ims_str_n(all, sizeof all), out, sizeof out);
	for (size_t i = 0; out[i]; i++)
		assert_in_range((unsigned char)out[i], 0x20, 0x7e);
	assert_int_equal(strlen(out), 95 + 161 * 4);
	assert_string_equal(
		ims_printable(IMS_S("\0\x1b]0;\x07\x7f\x9b\xc3\xa9"), out,
			      sizeof out),
		"\\x00\\x1b]0;\\x07\\x7f\\x9b\\xc3\\xa9");
}

static void printable_twice_is_printable_once(void **state)
{
	char once[32], twice[32];

	ims_printable(IMS_S("a\nb\\"), once, sizeof once);
	assert_string_equal(ims_printable(ims_str(once), twice, sizeof twice),
			    once);
}

static void printable_never_cuts_an_escape(void **state)
{
	char out[8];

	for (size_t cap = 1; cap <= sizeof out; cap++) {
		memset(out, 'G', sizeof out);
		ims_printable(IMS_S("a\x1b\x1b"), out, cap);
		assert_string_equal(out, cap < 2   ? ""
					 : cap < 6 ? "a"
						   : "a\\x1b");
	}
	assert_string_equal(ims_printable(IMS_S("a"), NULL, 0), "");
}

static void levels_have_names(void **state)
{
	assert_string_equal(ims_level_name(IMS_ERROR), "error");
	assert_string_equal(ims_level_name(IMS_TRACE), "trace");
	assert_string_equal(ims_level_name((enum ims_level)(IMS_TRACE + 1)),
			    "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_is_coarse_enough),
		cmocka_unit_test(no_sink_hears_nothing),
		cmocka_unit_test(
			a_peer_cannot_forge_a_line_or_drive_the_terminal),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(printable_shows_every_other_byte_in_hex),
		cmocka_unit_test(printable_twice_is_printable_once),
		cmocka_unit_test(printable_never_cuts_an_escape),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
