/* SPDX-License-Identifier: BSD-2-Clause */
/* afterlife.h - an S-CSCF that ends and starts again, for the tests of scscf. */
#ifndef IMS_TEST_AFTERLIFE_H
#define IMS_TEST_AFTERLIFE_H

#include "watch.h"

#define WALL UINT64_C(1700000000000)

static struct ims_scscf_conf conf;

static int begin(void **state)
{
	conf = mw_conf();
	conf.wall_ms = WALL;
	world_init(&world, &conf);
	return 0;
}

/* As much later, all told by the time of day. */
static void restart_after(uint64_t ms)
{
	assert_int_equal(restart_kept(&world, &conf, WALL + world.now + ms), 0);
}

#endif
