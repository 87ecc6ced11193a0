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
		cmocka_unit_test(list_and_document_fit_and_name_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
