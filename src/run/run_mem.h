/* SPDX-License-Identifier: BSD-2-Clause */
/* run_mem.h - time for run units on a wire in memory: its clock jumps from one
 * thing that is due to the next, so hours of a registration pass in no time.
 */
#ifndef IMS_RUN_MEM_H
#define IMS_RUN_MEM_H

#include "run.h"
#include "wire.h"

#define IMS_RUN_MEM_SLOTS 64

/* One run unit's place in time. */
struct ims_run_mem_slot {
	struct ims_run_mem *mem;
	void (*tick)(void *unit);
	void *unit;
	uint64_t due_ms;
};
struct ims_run_mem {
	struct ims_wire *wire;
	uint64_t wall_ms; /* at wire time 0 */
	struct ims_run_mem_slot slot[IMS_RUN_MEM_SLOTS];
	size_t n_slots;
};

/* The wire starts at 1 s.  rnd is copied, eye may be NULL.  -IMS_E_NOMEM. */
int ims_run_mem_init(struct ims_run_mem *m, const struct ims_rand *rnd,
		     const struct ims_wire_eye *eye, uint64_t wall_ms);
void ims_run_mem_free(struct ims_run_mem *m); /* hosts and units first */

/* The time members of env for the next slot (at most IMS_RUN_MEM_SLOTS); set
 * slot->tick and slot->unit once the unit is made.
 */
struct ims_run_mem_slot *ims_run_mem_slot(struct ims_run_mem *m,
					  struct ims_run_env *env);
/* Lets the next thing happen: a packet arrives or a unit's time has come.
 * Returns false if nothing is due up to until_ms; then the clock is there.
 */
bool ims_run_mem_turn(struct ims_run_mem *m, uint64_t until_ms);

#endif
