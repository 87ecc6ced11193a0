/* SPDX-License-Identifier: BSD-2-Clause */
/* run_keep.h - the runner's part of a promise (role_keep.h): what roles keep
 * goes into the store and is safe before the next message leaves; and what a
 * process before us kept comes back.
 *
 * Without a store (env.keep NULL) all of this does nothing, and every message
 * may leave.
 */
#ifndef IMS_RUN_KEEP_H
#define IMS_RUN_KEEP_H

#include "run_perform.h"

/* A record into the store: a promise will rest on it. */
void ims_run_keep_put(struct ims_run_seat *s, enum ims_keep kind,
		      struct ims_str key, struct ims_str record);
/* Commits what a promise rests on.  False: that failed, and nothing that
 * promises may leave; the next call tries again.  The failure is told once.
 */
bool ims_run_keep_safe(struct ims_run_seat *s);

/* The end of a turn: what is left is committed, too. */
void ims_run_keep_turn(struct ims_run_seat *s);

/* A set before it is installed: its record with its keys, and where it counts
 * (NULL: nowhere that lasts).
 */
struct ims_ipsec_live *ims_run_keep_set(struct ims_run_seat *s,
					const struct ims_ipsec_set *set);
void ims_run_keep_set_gone(struct ims_run_seat *s, uint32_t id);

/* Installs the sets of a process before us.  What the host cannot take, or has
 * ended, is forgotten; to be called once, when the ports are held.
 */
void ims_run_keep_adopt(struct ims_run_seat *s);
/* Gives every record of a kind to `take`.  One that it refuses is told, and
 * forgotten: a damaged record never keeps the others from coming back.
 * Returns how many it took.
 */
size_t ims_run_keep_each(struct ims_run_seat *s, enum ims_keep kind,
			 int (*take)(void *unit, struct ims_str key,
				     struct ims_str record,
				     struct ims_flaw *why));
/* What its owner is to hear of a set that is not there again. */
struct ims_ev ims_run_keep_missing(uint32_t set, struct ims_flaw *why);
/* Then removes the sets that nobody owns, and what the host holds of ours that
 * belongs to no set.
 */
void ims_run_keep_sweep(struct ims_run_seat *s,
			bool (*owns)(const void *unit, uint32_t set));

/* The time of day at now_ms 0, as records count; *clock: as the clock has it
 * now; NULL: not wanted.
 */
uint64_t ims_run_keep_epoch(const struct ims_run_env *env, uint64_t *clock);

/* The record of a set: its value with keys, life_s as the time of day when it
 * ends.  out is to be wiped.  -IMS_E_TOOBIG.
 */
#define IMS_RUN_KEEP_SET 640
int ims_run_keep_pack(const struct ims_ipsec_set *set, uint64_t wall_ms,
		      struct ims_buf *out);
/* And back: `adopt` is set, `live` is not.  -IMS_E_SYNTAX, -IMS_E_ALGO,
 * -IMS_E_ENDED (its time is over).
 */
int ims_run_keep_unpack(struct ims_str record, uint64_t wall_ms,
			struct ims_ipsec_set *out);

#endif
