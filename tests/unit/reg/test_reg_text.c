/* SPDX-License-Identifier: BSD-2-Clause */
/* test_reg_text.c - texts kept in one piece. */
#include "test.h"

#include "reg_text.h"

static void folds_become_one_space(void **state)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{"plain", "plain"}, {"a\r\n b", "a b"}, {"a \r\n\t b", "a b"},
		{"a\tb", "a b"},    {"a  b", "a  b"},   {"a\r\n\r\n", "a "},
		{"", ""},
	};

	for (size_t i = 0; i < N_OF(t); i++) {
		struct ims_str kept, *const to[] = {&kept};
		struct ims_str text = ims_str(t[i].in);
		char *mem = NULL;

		assert_int_equal(ims_reg_text_keep(&mem, &text, to, 1), 0);
		assert_str(kept, t[i].out);
		free(mem);
	}
}

static void a_text_may_come_from_the_old_memory(void **state)
{
	struct ims_str a, b, *const to[] = {&a, &b};
	struct ims_str first[] = {IMS_S("one"), IMS_S("two")};
	char *mem = NULL;

	assert_int_equal(ims_reg_text_keep(&mem, first, to, 2), 0);
	assert_int_equal(ims_reg_text_keep(&mem, (struct ims_str[]){b, a}, to,
					   2),
			 0);
	assert_str(a, "two");
	assert_str(b, "one");
	free(mem);
}

static void only_folds_are_control_characters_that_may_be(void **state)
{
	assert_true(ims_reg_text_ok(IMS_S(""), 0));
	assert_true(ims_reg_text_ok(IMS_S("a\r\n\t b\xff"), 7));
	assert_false(ims_reg_text_ok(IMS_S("ab"), 1));
	for (char c = 0; c < 0x20; c++)
		assert_int_equal(ims_reg_text_ok(ims_str_n(&c, 1), 1),
				 c == '\r' || c == '\n' || c == '\t');
	assert_false(ims_reg_text_ok(IMS_S("a\x7f"), 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_become_one_space),
		cmocka_unit_test(only_folds_are_control_characters_that_may_be),
		cmocka_unit_test(a_text_may_come_from_the_old_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
