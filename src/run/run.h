/* SPDX-License-Identifier: BSD-2-Clause */
/* run.h - puts roles on hosts.
 *
 * A run unit owns roles and performs what they ask for on a host (role_host.h)
 * and, for the core, inside the process (Mw, Cx).  It has no loop of its own:
 * whoever has one calls tick when `wake` asked for it.  So the same unit runs
 * on libuv (run_loop.h) and on a wire in memory with its own clock.
 */
#ifndef IMS_RUN_H
#define IMS_RUN_H

#include "base_trace.h"
#include "inject.h"
#include "role_host.h"

enum ims_who { IMS_WHO_UE, IMS_WHO_PCSCF, IMS_WHO_SCSCF };
const char *ims_who_name(enum ims_who w); /* "ue", "p-cscf", "s-cscf" */

/* A message as it passed one of our hosts, or Mw inside the core. */
struct ims_seen {
	enum ims_who who;
	bool sent;
	const struct ims_flow *flow;
	struct ims_str bytes;
	uint64_t wall_ms;
	uint32_t spi; /* of the SA that carried it; 0: in the clear */
};

/* Who looks on; every member may be NULL.  Pointers are for the call only. */
struct ims_watch {
	void (*seen)(void *arg, const struct ims_seen *m);
	void (*told)(void *arg, enum ims_who who, const struct ims_act *tell);
	/* A set was installed (holds its keys) or removed (keys zeroed). */
	void (*set)(void *arg, enum ims_who who, const struct ims_ipsec_set *s,
		    bool installed);
	/* Something that no role may see was dropped by a host. */
	void (*dropped)(void *arg, enum ims_who who,
			const struct ims_flow *flow, int err);
	void *arg;
};

/* What a run unit needs from outside; copied. */
struct ims_run_env {
	uint64_t (*now_ms)(void *arg);  /* monotonic */
	uint64_t (*wall_ms)(void *arg); /* since 1970 */
	/* The unit is due then (IMS_NEVER: not at all); replaces what it said
	 * before.
	 */
	void (*wake)(void *arg, uint64_t at_ms);
	void *arg;
	struct ims_watch watch;
	const struct ims_trace *trace;
	struct ims_rand rnd;
	/* What outlives the process; borrowed.  NULL: nothing does. */
	struct ims_keep_store *keep;
	/* Misbehaviour on demand; borrowed.  NULL: none. */
	struct ims_inject *inject;
};

#endif
