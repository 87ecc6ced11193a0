/* SPDX-License-Identifier: BSD-2-Clause */
/* run_loop.h - time for run units on the real loop. */
#ifndef IMS_RUN_LOOP_H
#define IMS_RUN_LOOP_H

#include "io_loop.h"
#include "run.h"

/* One run unit's place on a loop; a value of the caller's that stays where it
 * is until `leave`.
 */
struct ims_run_slot {
	struct ims_io_loop *loop;
	struct ims_io_timer timer;
	void (*tick)(void *unit);
	void *unit;
};
/* Fills the time members of env; set tick and unit once the unit is made. */
void ims_run_slot_init(struct ims_run_slot *s, struct ims_io_loop *loop,
		       struct ims_run_env *env);
/* Before the unit is freed. */
void ims_run_slot_leave(struct ims_run_slot *s);

#endif
