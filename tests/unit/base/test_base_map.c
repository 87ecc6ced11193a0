/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_map.c - the hash map: growth, order, removal. */
#include "base_map.h"

#include "test.h"

#define MANY 5000

struct item {
	struct ims_map_node in;
	unsigned key;
};

static struct item items[MANY];

/* Few hashes, so that many nodes meet in one slot, also after growth. */
static uint32_t hash(unsigned key)
{
	return key % 7 * 0x01000010u + key % 1000;
}

static struct item *find(const struct ims_map *m, unsigned key)
{
	uint32_t h = hash(key);

	for (struct ims_map_node *n = ims_map_first(m, h); n;
	     n = ims_map_next(n, h))
		if (((struct item *)n)->key == key)
			return (struct item *)n;
	return NULL;
}

static void fill(struct ims_map *m)
{
	assert_int_equal(ims_map_init(m), 0);
	for (unsigned i = 0; i < MANY; i++) {
		items[i].key = i;
		ims_map_add(m, &items[i].in, hash(i));
	}
}

static void finds_everything_after_growing(void **state)
{
	struct ims_map m;

	fill(&m);
	assert_int_equal(m.n, MANY);
	assert_true(m.n_slots >= MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(find(&m, i), &items[i]);
	assert_null(find(&m, MANY));
	ims_map_free(&m);
}

static void finds_what_is_left_after_removing(void **state)
{
	struct ims_map m;

	fill(&m);
	for (unsigned i = 0; i < MANY; i += 3)
		ims_map_del(&m, &items[i].in);
	for (unsigned i = 0; i < MANY; i++)
		assert_ptr_equal(find(&m, i), i % 3 ? &items[i] : NULL);
	ims_map_del(&m, &items[0].in); /* not there any more */
	assert_int_equal(m.n, MANY - (MANY + 2) / 3);
	ims_map_free(&m);
}

static void the_newest_of_equals_comes_first(void **state)
{
	struct ims_map m;
	struct item same[40] = {0};
	struct ims_map_node *n;

	assert_int_equal(ims_map_init(&m), 0);
	for (size_t i = 0; i < N_OF(same); i++)
		ims_map_add(&m, &same[i].in, 0xdeadbeef);
	n = ims_map_first(&m, 0xdeadbeef);
	for (size_t i = N_OF(same); i-- > 0; n = ims_map_next(n, 0xdeadbeef))
		assert_ptr_equal(n, &same[i].in);
	assert_null(n);
	ims_map_free(&m);
}

static void walks_over_every_node_once(void **state)
{
	struct ims_map m;
	static unsigned char seen[MANY];
	size_t count = 0;

	fill(&m);
	for (struct ims_map_node *n = ims_map_each(&m, NULL); n;
	     n = ims_map_each(&m, n)) {
		assert_int_equal(seen[((struct item *)n)->key]++, 0);
		count++;
	}
	assert_int_equal(count, MANY);
	ims_map_free(&m);
}

static void all_can_be_removed_while_walking(void **state)
{
	struct ims_map m;
	struct ims_map_node *n, *next;

	fill(&m);
	for (n = ims_map_each(&m, NULL); n; n = next) {
		next = ims_map_each(&m, n);
		ims_map_del(&m, n);
	}
	assert_int_equal(m.n, 0);
	assert_null(ims_map_each(&m, NULL));
	ims_map_free(&m);
}

static void a_zeroed_or_freed_map_is_empty(void **state)
{
	struct ims_map m = {0};
	struct item i = {0};

	assert_null(ims_map_first(&m, 0));
	assert_null(ims_map_each(&m, NULL));
	ims_map_del(&m, &i.in);
	ims_map_free(&m);
	assert_int_equal(ims_map_init(&m), 0);
	ims_map_add(&m, &i.in, 1);
	ims_map_free(&m);
	assert_null(ims_map_first(&m, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_everything_after_growing),
		cmocka_unit_test(finds_what_is_left_after_removing),
		cmocka_unit_test(the_newest_of_equals_comes_first),
		cmocka_unit_test(walks_over_every_node_once),
		cmocka_unit_test(all_can_be_removed_while_walking),
		cmocka_unit_test(a_zeroed_or_freed_map_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
