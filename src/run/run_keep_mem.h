/* SPDX-License-Identifier: BSD-2-Clause */
/* run_keep_mem.h - a store (role_keep.h) in memory, which can lose what a
 * process that ends at once would lose: for tests and simulations.
 */
#ifndef IMS_RUN_KEEP_MEM_H
#define IMS_RUN_KEEP_MEM_H

#include "role_keep.h"

/* NULL: no memory.  Freed by its own free. */
struct ims_keep_store *ims_run_keep_mem_new(void);
/* The process ended at this instant: what was not committed is lost; live
 * counters are as they were.  The units that used it are killed too
 * (ims_run_core_kill, ims_run_ue_kill), before or after.
 */
void ims_run_keep_mem_crash(struct ims_keep_store *s);
/* From now on no commit succeeds (a full disk), until it is called with
 * false.
 */
void ims_run_keep_mem_full(struct ims_keep_store *s, bool full);
/* Committed records of a kind; live counters in use; commits that were done. */
size_t ims_run_keep_mem_size(const struct ims_keep_store *s,
			     enum ims_keep kind);
size_t ims_run_keep_mem_lives(const struct ims_keep_store *s);
size_t ims_run_keep_mem_commits(const struct ims_keep_store *s);

#endif
