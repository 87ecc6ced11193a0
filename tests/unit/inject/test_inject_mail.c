/* SPDX-License-Identifier: BSD-2-Clause */
/* test_inject_mail.c - what is to be done, in order of time. */
#include "inject_case.h"

static void post(struct ims_inject *j, const char *text, uint64_t at_ms)
{
	ims_inject_post(j, IMS_INJECT_GM_OUT, &gm_clear, ims_str(text), at_ms);
}

static void is(struct ims_inject *j, uint64_t now, const char *want)
{
	struct ims_inject_mail mail;

	assert_true(ims_inject_next(j, now, &mail));
	assert_true(ims_str_eq(mail.bytes, ims_str(want)));
	assert_true(ims_flow_same(&mail.flow, &gm_clear));
}

static void mail_comes_in_order_of_time_then_as_posted(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	struct ims_inject_mail mail;

	assert_int_equal(ims_inject_due(j), IMS_NEVER);
	post(j, "late", 300);
	post(j, "first", 100);
	post(j, "second", 100);
	post(j, "between", 200);
	assert_int_equal(ims_inject_due(j), 100);
	assert_false(ims_inject_next(j, 99, &mail));
	is(j, 100, "first");
	is(j, 100, "second");
	assert_false(ims_inject_next(j, 199, &mail));
	is(j, 1000, "between");
	is(j, 1000, "late");
	assert_int_equal(ims_inject_due(j), IMS_NEVER);
	ims_inject_free(j);
}

static void bytes_are_copied(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	char text[] = "abc";

	post(j, text, 0);
	memset(text, 'x', 3);
	is(j, 0, "abc");
	ims_inject_free(j);
}

static void a_set_can_be_mail(void **state)
{
	struct ims_inject *j = ims_inject_new(false);
	struct ims_inject_mail mail;

	ims_inject_post_del(j, 7, 50);
	assert_true(ims_inject_next(j, 50, &mail));
	assert_int_equal(mail.at, IMS_INJECT_SA);
	assert_int_equal(mail.set, 7);
	ims_inject_free(j);
}

static void what_was_not_taken_is_freed(void **state)
{
	struct ims_inject *j = ims_inject_new(false);

	post(j, "a", 0);
	post(j, "b", 0);
	is(j, 0, "a");
	ims_inject_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_comes_in_order_of_time_then_as_posted),
		cmocka_unit_test(bytes_are_copied),
		cmocka_unit_test(a_set_can_be_mail),
		cmocka_unit_test(what_was_not_taken_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
