/* SPDX-License-Identifier: BSD-2-Clause */
/* run_perform.h - what all run units do alike with an act and a host. */
#ifndef IMS_RUN_PERFORM_H
#define IMS_RUN_PERFORM_H

#include "ipsec_table.h"
#include "run.h"

/* One role's place on a host. */
struct ims_run_seat {
	enum ims_who who;
	struct ims_host *host;
	struct ims_run_env env;
	struct ims_ipsec_table sets; /* installed by this role; without keys */
	/* What was put but is not safe; was not even put; could not be
	 * committed the last time (run_keep.h).
	 */
	bool dirty, unkept, store_failed;
	bool full;         /* as the role was told (run_full.h) */
	uint64_t again_ms; /* then a store that failed is tried */
	unsigned loose;    /* records of sets put since the last commit */
	/* The run unit: takes an event and performs what comes of it. */
	void (*on)(void *unit, const struct ims_ev *ev);
	/* The core: a message on Mw that was injected; may be NULL. */
	void (*mw)(void *unit, const struct ims_inject_mail *m);
	void *unit;
};
/* on and unit are the caller's to set. */
int ims_run_seat_init(struct ims_run_seat *s, enum ims_who who,
		      const struct ims_run_env *env);
/* What the host calls: events for the unit, and what the watch should know. */
struct ims_host_up ims_run_seat_up(struct ims_run_seat *s);
/* Removes the sets that are left, and commits that. */
void ims_run_seat_free(struct ims_run_seat *s);
/* For a process that comes after us: commits, and takes nothing from the host.
 * 0 or -IMS_E_STORE; then the next one has what was committed before.
 */
int ims_run_seat_leave(struct ims_run_seat *s);
/* Frees the memory only, as the end of the process would: for tests. */
void ims_run_seat_kill(struct ims_run_seat *s);
/* The host has it, or an error says why not; the watch knows. */
int ims_run_seat_install(struct ims_run_seat *s,
			 const struct ims_ipsec_set *set, struct ims_flaw *why);
/* Out of host, store and table; harmless for an unknown one. */
void ims_run_seat_remove(struct ims_run_seat *s, uint32_t set);

/* SEND, SA_ADD, SA_DEL, KEEP and TELL.  If an event must follow (EV_SA always for
 * SA_ADD, EV_UNSENT when a SEND failed at once) it is put into *ev and true is
 * returned; ev->why points at *why.
 * A SEND that must wait for a store that fails is lost like a packet; a 200 to
 * REGISTER or SUBSCRIBE becomes a 503 (run_full.h).
 */
bool ims_run_perform(struct ims_run_seat *s, const struct ims_act *act,
		     struct ims_ev *ev, struct ims_flaw *why);

/* Does what is due of the injected misbehaviour: call it on a tick, and when
 * ims_inject_message has taken something.
 */
void ims_run_inject(struct ims_run_seat *s);
/* Asks to be woken then, or when something injected is due. */
void ims_run_wake(const struct ims_run_seat *s, uint64_t at_ms);

/* Tells the watch something of the runner's own; text is one line. */
void ims_run_tell(const struct ims_run_seat *s, enum ims_tell tell, int err,
		  struct ims_str text);
/* Tells the watch about a message. */
void ims_run_saw(const struct ims_run_seat *s, bool sent,
		 const struct ims_flow *flow, struct ims_str bytes);

#endif
