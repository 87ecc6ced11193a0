/* SPDX-License-Identifier: BSD-2-Clause */
/* test_conform_table.c - the tests are whole. */
#include "conform_priv.h"
#include "test.h"

static void every_test_is_whole(void **state)
{
	size_t n;
	const struct ims_conform_test *t = ims_conform_tests(&n);

	assert_true(n >= 20);
	for (size_t i = 0; i < n; i++) {
		assert_true(*t[i].id && *t[i].title && *t[i].clause);
		assert_true(t[i].prompt && *t[i].prompt);
		assert_true(t[i].n_steps >= 2);
		/* only the first may wait as long as it likes */
		for (size_t k = 0; k < t[i].n_steps; k++) {
			const struct conform_step *s = &t[i].steps[k];

			assert_true(*s->name);
			assert_true(k == 0 || s->within_s ||
				    s->what >= ORDER_REJECT);
			assert_true(s->after_s < s->within_s || !s->after_s);
		}
		assert_int_equal(t[i].steps[0].what, DO_REGISTER);
		assert_ptr_equal(ims_conform_find(ims_str(t[i].id)), &t[i]);
	}
	assert_null(ims_conform_find(IMS_S("")));
	assert_null(ims_conform_find(IMS_S("8")));
}

/* Every case of the standards is a test, or it is said why not. */
static void every_name_is_one_test_or_one_reason(void **state)
{
	/* clang-format off */
	static const char *const played[] = {
		"8.1", "8.2", "8.3", "8.4", "9.1", "9.2", "10.1", "11.1", "11.2",
		"12.2a", "C.23", "A.1.1", "A.1.2", "A.1.3", "A.1.4", "A.1.5", "A.1.6",
		"A.1.7", "C.2", "C.30", "C.46", "5-6.1",
		"tahi-1", "tahi-2", "tahi-3", "tahi-4", "tahi-5", "tahi-6",
		"tahi-7", "tahi-8", "tahi-9", "tahi-10", "tahi-11", "tahi-12",
		"tahi-13", "tahi-14", "tahi-15", "tahi-16", "tahi-17", "tahi-18",
		"tahi-19", "tahi-21", "tahi-22", "tahi-23", "tahi-24",
		"tahi-b7", "tahi-b8",
	};
	static const char *const left[] = {
		"7.1", "8.5", "12.2", "C.2c", "tahi-20",
	};
	/* clang-format on */
	for (size_t i = 0; i < N_OF(played); i++) {
		assert_non_null(ims_conform_find(ims_str(played[i])));
		assert_null(ims_conform_left(ims_str(played[i])));
	}
	for (size_t i = 0; i < N_OF(left); i++) {
		assert_null(ims_conform_find(ims_str(left[i])));
		assert_non_null(ims_conform_left(ims_str(left[i])));
	}
	assert_null(ims_conform_left(IMS_S("")));
	assert_null(ims_conform_left(IMS_S("7")));
}

static void list_and_document_fit_and_name_all(void **state)
{
	static char list[65536], doc[65536];
	struct ims_buf a, b;
	size_t n;
	const struct ims_conform_test *t = ims_conform_tests(&n);

	ims_buf_init(&a, list, sizeof list);
	ims_buf_init(&b, doc, sizeof doc);
	ims_conform_list(&a);
	ims_conform_doc(&b);
	assert_false(a.over || b.over);
	ims_buf_cstr(&a);
	ims_buf_cstr(&b);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(strstr(list, t[i].title));
		assert_non_null(strstr(doc, t[i].title));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_test_is_whole),
		cmocka_unit_test(every_name_is_one_test_or_one_reason),
		cmocka_unit_test(list_and_document_fit_and_name_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
