/* SPDX-License-Identifier: BSD-2-Clause */
/* role_keep.h - what outlives the process: a 200 OK is a promise.
 *
 * A role queues IMS_ACT_KEEP with a record of everything that a promise rests
 * on (a registration, a subscription), before the SEND of the message that
 * makes the promise.  Whoever runs it puts the record into a store, and lets
 * no SEND that came after it leave before the store has committed, but for
 * responses that are no success: those promise nothing.  A set that is
 * installed is a record of the runner's, with its keys.
 *
 * After a restart, however the process ended, the runner gives the records
 * back: first the sets to the host, then the rest to the roles
 * (ims_pcscf_restore, ims_scscf_restore, ims_ue_restore).  Times in a record
 * are ms since 1970.  A record is hostile input like any other.
 */
#ifndef IMS_ROLE_KEEP_H
#define IMS_ROLE_KEEP_H

#include "base_err.h"
#include "base_str.h"
#include "ipsec_sa.h"

/* Numbers are on disk: add, never change. */
enum ims_keep {
	IMS_KEEP_SET = 1,   /* an SA set with its keys; key: side and id */
	IMS_KEEP_PCSCF = 2, /* a UE as the P-CSCF knows it */
	IMS_KEEP_SCSCF = 3, /* a user as the S-CSCF knows him */
	IMS_KEEP_UE = 4,    /* a UE's own registration */
	IMS_KEEP_CARD = 5,  /* what a software USIM has seen of SQN */
};

struct ims_keep_store;
struct ims_keep_store_ops {
	/* Replaces the record; empty: forgets it.  Not safe before commit.
	 * -IMS_E_STORE, -IMS_E_NOMEM.
	 */
	int (*put)(struct ims_keep_store *s, enum ims_keep kind,
		   struct ims_str key, struct ims_str record);
	/* All puts so far are safe now: they survive the end of the process at
	 * any instant.  On failure none is lost: the next commit tries again.
	 */
	int (*commit)(struct ims_keep_store *s);
	/* Every committed record of a kind, in any order; stops when `each`
	 * returns non-zero, and returns that.
	 */
	int (*each)(struct ims_keep_store *s, enum ims_keep kind,
		    int (*each)(void *arg, struct ims_str key,
				struct ims_str record),
		    void *arg);
	/* Counters of a set that outlive the process without a commit: zeroed
	 * when new, else as they were.  NULL: no memory.  They go with `drop`.
	 */
	struct ims_ipsec_live *(*live)(struct ims_keep_store *s, uint32_t set);
	void (*drop)(struct ims_keep_store *s, uint32_t set);
	/* The time of day at our time 0: given as the clock has it now, and
	 * returned as it was for the first process that used this store since
	 * the machine was started.  All of these count the same time; so a
	 * clock that was set in between makes nothing in a record longer or
	 * shorter.  May be NULL.
	 */
	uint64_t (*epoch)(struct ims_keep_store *s, uint64_t wall_ms);
	/* Is there room for what is put next?  False: why says what is short;
	 * a commit may work or not.  Cheap.  May be NULL.
	 */
	bool (*room)(struct ims_keep_store *s);
	void (*free)(struct ims_keep_store *s);
	/* Text of the last failure; printable. */
	const char *(*why)(struct ims_keep_store *s);
};
struct ims_keep_store {
	const struct ims_keep_store_ops *ops;
};

#endif
