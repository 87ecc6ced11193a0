/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_table.c - the rows, and how they are printed. */
#include "inject_case.h"

static const struct ims_inject_row *row(int ue, size_t i)
{
	size_t n;
	const struct ims_inject_row *r = ims_inject_rows(ue, &n);

	return i < n ? &r[i] : NULL;
}

static void every_row_is_whole(void **state)
{
	const struct ims_inject_row *r;

	for (int ue = 0; ue < 2; ue++) {
		for (size_t i = 0; (r = row(ue, i)); i++) {
			assert_int_equal(r->ue, ue);
			assert_true(*r->id && *r->does && *r->clause &&
				    *r->peer);
			assert_true(strlen(r->id) < 40);
			assert_non_null(r->how);
			assert_non_null(r->how->act);
			assert_true(r->at < IMS_INJECT_TELL);
			assert_string_not_equal(ims_err_info(r->err)->id, "?");
			assert_int_equal(r->err != 0, r->says != NULL);
			/* who gives up, or refuses, says why or is silent */
			if (r->want == IMS_INJECT_GIVES_UP)
				assert_int_not_equal(r->err, 0);
			if (r->want != IMS_INJECT_REFUSES)
				assert_int_not_equal(r->within_s, 0);
			else
				assert_true(r->ue);
		}
	}
}

static void an_id_is_found_and_only_once_a_side(void **state)
{
	const struct ims_inject_row *r;

	for (int ue = 0; ue < 2; ue++)
		for (size_t i = 0; (r = row(ue, i)); i++)
			assert_ptr_equal(ims_inject_find(ue, ims_str(r->id)),
					 r);
	assert_null(ims_inject_find(false, IMS_S("")));
	assert_null(ims_inject_find(false, IMS_S("lat")));
	assert_null(ims_inject_find(false, IMS_S("late ")));
}

/* An id is a word of the command line and of a YAML list. */
static void an_id_is_one_word(void **state)
{
	const struct ims_inject_row *r;

	for (int ue = 0; ue < 2; ue++)
		for (size_t i = 0; (r = row(ue, i)); i++)
			assert_int_equal(strspn(r->id,
						"abcdefghijklmnopqrstuvwxyz"
						"0123456789-"),
					 strlen(r->id));
}

static void both_lists_fit_and_name_all(void **state)
{
	static char text[65536];
	const struct ims_inject_row *r;
	struct ims_buf b;

	for (int ue = 0; ue < 2; ue++) {
		ims_buf_init(&b, text, sizeof text);
		ims_inject_list(&b, ue);
		assert_false(b.over);
		ims_buf_cstr(&b);
		for (size_t i = 0; (r = row(ue, i)); i++)
			assert_non_null(strstr(text, r->does));
	}
}

/* A cell may hold no bar, and every row has as many cells. */
static void the_document_is_a_table(void **state)
{
	static char text[65536];
	struct ims_buf b;
	unsigned rows = 0;

	ims_buf_init(&b, text, sizeof text);
	ims_inject_doc(&b);
	assert_false(b.over);
	ims_buf_cstr(&b);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned bars = 0;

		if (*line != '|')
			continue;
		rows++;
		for (char *p = line; *p; p++)
			bars += *p == '|' && (p == line || p[-1] != '\\');
		assert_int_equal(bars, 8);
	}
	assert_true(rows > 100);
}

static bool says(const char *pattern, const char *text)
{
	return ims_inject_says(pattern, ims_str(text));
}

static void what_differs_in_a_sentence_is_free(void **state)
{
	assert_true(says("as it is", "as it is"));
	assert_false(says("as it is", "as it is not"));
	assert_false(says("as it is", "so as it is"));
	assert_true(says("again in ... s", "again in 40 s"));
	assert_false(says("again in ... s", "again in 40 ms"));
	assert_false(says("again in ... s", "not again in 40 s"));
	assert_true(says("...: a ... b", "x@y: a 1 b"));
	assert_false(says("...: a ... b", "x@y: b 1 a"));
	assert_true(says("the list has: x...", "the list has: x/y, z"));
	assert_true(says("...", ""));
	assert_false(says("a...a", "a"));
	assert_false(says("a", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(an_id_is_found_and_only_once_a_side),
		cmocka_unit_test(an_id_is_one_word),
		cmocka_unit_test(both_lists_fit_and_name_all),
		cmocka_unit_test(the_document_is_a_table),
		cmocka_unit_test(what_differs_in_a_sentence_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
