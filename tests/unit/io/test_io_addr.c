/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_addr.c - addresses that come and go are heard of. */
#include "io_addr.h"

#include "io_link.h"
#include "io_netns.h"
#include "test.h"

static struct ims_ip ip(const char *text)
{
	struct ims_ip out;

	assert_int_equal(ims_ip_parse(ims_str(text), &out), 0);
	return out;
}

static void changed(void *arg)
{
	++*(unsigned *)arg;
}

/* In a network of its own, where nothing but lo is. */
static void what_changes_within_a_moment_is_told_once(void **state)
{
	struct ims_io_loop *loop = ims_io_loop_new();
	struct ims_io_link *link;
	struct ims_io_addr *w;
	struct ims_flaw why;
	unsigned n = 0;

	assert_non_null(loop);
	assert_int_equal(ims_io_link_open(-1, &link, &why), 0);
	assert_int_equal(ims_io_link_up(link, "lo", 0, &why), 0);
	assert_int_equal(ims_io_addr_new(loop, changed, &n, &w, &why), 0);
	ims_io_loop_run_for(loop, 500);
	assert_int_equal(n, 0);
	assert_false(ims_io_addr_is_here(ip("192.0.2.7")));
	assert_int_equal(ims_io_link_addr(link, "lo", ip("192.0.2.7"), 32,
					  &why),
			 0);
	assert_int_equal(ims_io_link_addr(link, "lo", ip("2001:db8::7"), 128,
					  &why),
			 0);
	ims_io_loop_run_for(loop, 1000);
	assert_int_equal(n, 1);
	assert_true(ims_io_addr_is_here(ip("192.0.2.7")));
	assert_true(ims_io_addr_is_here(ip("2001:db8::7")));
	assert_false(ims_io_addr_is_here(ip("2001:db8::8")));
	assert_int_equal(ims_io_link_addr(link, "lo", ip("192.0.2.8"), 32,
					  &why),
			 0);
	ims_io_loop_run_for(loop, 1000);
	assert_int_equal(n, 2);
	/* freed while news are on their way */
	assert_int_equal(ims_io_link_addr(link, "lo", ip("192.0.2.9"), 32,
					  &why),
			 0);
	ims_io_loop_run_for(loop, 50);
	ims_io_addr_free(w);
	ims_io_loop_run_for(loop, 500);
	assert_int_equal(n, 2);
	ims_io_addr_free(NULL);
	ims_io_link_close(link);
	ims_io_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_changes_within_a_moment_is_told_once),
	};
	struct ims_flaw why;

	if (ims_io_userns(&why)) {
		print_message("skipped: %s\n", why.text);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
