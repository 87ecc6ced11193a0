/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_list.c - the intrusive list. */
#include "base_list.h"

#include "test.h"

struct item {
	int v;
	struct ims_list in;
};

static int sum(struct ims_list *head)
{
	int all = 0;

	ims_list_each (n, head)
		all = all * 10 + ims_container(n, struct item, in)->v;
	return all;
}

static void keeps_the_order_of_adding(void **state)
{
	struct item i[] = {{.v = 1}, {.v = 2}, {.v = 3}};
	struct ims_list head;

	ims_list_init(&head);
	assert_true(ims_list_empty(&head));
	for (size_t k = 0; k < N_OF(i); k++)
		ims_list_add(&head, &i[k].in);
	assert_false(ims_list_empty(&head));
	assert_int_equal(sum(&head), 123);
	ims_list_del(&i[1].in);
	assert_int_equal(sum(&head), 13);
	ims_list_add(&head, &i[1].in);
	assert_int_equal(sum(&head), 132);
}

static void deleting_what_is_in_no_list_is_harmless(void **state)
{
	struct item i[] = {{.v = 1}, {.v = 2}};
	struct ims_list head, alone;

	ims_list_init(&head);
	ims_list_init(&alone);
	ims_list_del(&i[0].in);
	ims_list_del(&alone);
	ims_list_add(&head, &i[0].in);
	ims_list_add(&head, &i[1].in);
	ims_list_del(&i[0].in);
	ims_list_del(&i[0].in);
	assert_int_equal(sum(&head), 2);
}

static void the_body_of_the_loop_may_remove(void **state)
{
	struct item i[] = {{.v = 1}, {.v = 2}, {.v = 3}};
	struct ims_list head;

	ims_list_init(&head);
	for (size_t k = 0; k < N_OF(i); k++)
		ims_list_add(&head, &i[k].in);
	ims_list_each (n, &head) {
		ims_list_del(n);
		memset(ims_container(n, struct item, in), 0x5a,
		       sizeof(struct item));
	}
	assert_true(ims_list_empty(&head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order_of_adding),
		cmocka_unit_test(deleting_what_is_in_no_list_is_harmless),
		cmocka_unit_test(the_body_of_the_loop_may_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
