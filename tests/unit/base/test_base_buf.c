/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_buf.c - the bounded writer. */
#include "base_buf.h"

#include "test.h"

/* A buffer with a guard behind it. */
struct guarded {
	char mem[8];
	char guard[8];
	struct ims_buf b;
};

static void setup(struct guarded *g)
{
	memset(g->guard, 'G', sizeof g->guard);
	ims_buf_init(&g->b, g->mem, sizeof g->mem);
}

static void assert_guarded(const struct guarded *g)
{
	assert_memory_equal(g->guard, "GGGGGGGG", 8);
}

static void puts_one_after_another(void **state)
{
	char mem[64];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_buf_put(&b, IMS_S("a"));
	ims_buf_puts(&b, "bc");
	ims_buf_putc(&b, '-');
	ims_buf_u64(&b, 0);
	ims_buf_putc(&b, ' ');
	ims_buf_u64(&b, UINT64_MAX);
	ims_buf_printf(&b, "/%s%d", "x", -1);
	ims_buf_puts(&b, NULL);
	ims_buf_putn(&b, NULL, 0);
	assert_str(ims_buf_str(&b), "abc-0 18446744073709551615/x-1");
	assert_false(b.over);
}

static void a_full_buffer_is_not_an_overflow(void **state)
{
	struct guarded g;

	setup(&g);
	ims_buf_puts(&g.b, "12345678");
	assert_false(g.b.over);
	ims_buf_puts(&g.b, "");
	assert_false(g.b.over);
	assert_str(ims_buf_str(&g.b), "12345678");
	assert_guarded(&g);
}

static void an_overflow_is_kept_and_ends_the_writing(void **state)
{
	struct guarded g;

	setup(&g);
	ims_buf_puts(&g.b, "1234567");
	ims_buf_puts(&g.b, "89");
	assert_true(g.b.over);
	ims_buf_putc(&g.b, 'x');
	ims_buf_printf(&g.b, "y");
	ims_buf_u64(&g.b, 1);
	assert_str(ims_buf_str(&g.b), "12345678");
	assert_guarded(&g);
}

static void huge_lengths_do_not_wrap(void **state)
{
	struct guarded g;

	setup(&g);
	ims_buf_putc(&g.b, '1');
	ims_buf_printf(&g.b, "%*d", 100000, 1);
	assert_true(g.b.over);
	assert_true(g.b.n <= sizeof g.mem);
	assert_guarded(&g);
}

static void printf_wants_room_for_its_zero(void **state)
{
	struct guarded g;

	setup(&g);
	ims_buf_printf(&g.b, "%s", "1234567");
	assert_false(g.b.over);
	setup(&g);
	ims_buf_printf(&g.b, "%s", "12345678");
	assert_true(g.b.over);
	assert_str(ims_buf_str(&g.b), "1234567");
	assert_guarded(&g);
}

static void printing_nothing_into_a_full_buffer_is_fine(void **state)
{
	struct guarded g;

	setup(&g);
	ims_buf_puts(&g.b, "12345678");
	ims_buf_printf(&g.b, "%s", "");
	assert_false(g.b.over);
	assert_guarded(&g);
}

static void the_c_string_gives_up_the_last_byte_only_when_full(void **state)
{
	struct guarded g;

	setup(&g);
	ims_buf_puts(&g.b, "1234567");
	assert_string_equal(ims_buf_cstr(&g.b), "1234567");
	assert_false(g.b.over);
	ims_buf_putc(&g.b, '8');
	assert_string_equal(ims_buf_cstr(&g.b), "1234567");
	assert_true(g.b.over);
	assert_guarded(&g);
}

static void no_memory_at_all_is_an_overflow_at_the_first_byte(void **state)
{
	struct ims_buf b;

	ims_buf_init(&b, NULL, 0);
	assert_string_equal(ims_buf_cstr(&b), "");
	ims_buf_printf(&b, "%s", "");
	assert_false(b.over);
	ims_buf_putc(&b, 'x');
	assert_true(b.over);
	assert_int_equal(b.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_one_after_another),
		cmocka_unit_test(a_full_buffer_is_not_an_overflow),
		cmocka_unit_test(an_overflow_is_kept_and_ends_the_writing),
		cmocka_unit_test(huge_lengths_do_not_wrap),
		cmocka_unit_test(printf_wants_room_for_its_zero),
		cmocka_unit_test(printing_nothing_into_a_full_buffer_is_fine),
		cmocka_unit_test(
			the_c_string_gives_up_the_last_byte_only_when_full),
		cmocka_unit_test(
			no_memory_at_all_is_an_overflow_at_the_first_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
