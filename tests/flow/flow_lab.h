/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_lab.h - a UE and a core against each other on a wire in memory, with time
 * that jumps, packets that get lost and messages that are tampered with.
 */
#ifndef IMS_FLOW_LAB_H
#define IMS_FLOW_LAB_H

#include "run_core.h"
#include "run_mem.h"
#include "run_ue.h"

/* A host that stands before the real one: changes what is sent, refuses SAs.
 */
struct lab_host {
	struct ims_host host; /* first */
	struct ims_host *real;
	struct lab *lab;
	bool ue;
};

struct lab {
	struct ims_run_mem mem;
	uint64_t seed;
	struct ims_rand rnd;
	struct ims_hss hss;
	struct ims_run_core *core;
	struct ims_run_ue *ue;
	struct lab_host host_core, host_ue;
	struct ims_run_env env_core, env_ue;
	struct ims_run_mem_slot *slot_core, *slot_ue;
	struct ims_ip ip_ue, ip_core;

	/* what the test sets before lab_start */
	struct ims_ue_conf ue_conf;
	struct ims_run_core_conf core_conf;
	struct ims_aka_key key_ue, key_core;
	const char *own_impu[2]; /* further implicit sets of one; NULL */
	uint64_t card_seq;       /* the card has accepted this SEQ already */
	unsigned lost, twice, delayed; /* of a thousand UDP packets */
	uint32_t delay_ms;             /* at most */
	/* Changes a message that is about to leave (n stays below cap); NULL */
	void (*tamper)(struct lab *l, bool from_ue, char *bytes, size_t cap,
		       size_t *n);
	struct ims_inject *inject_ue, *inject_core; /* borrowed; NULL */
	struct ims_keep_store *keep_ue, *keep_core; /* borrowed; NULL */
	/* Is the process still alive that is about to send, or to change its
	 * SAs?  If not, nothing happens; NULL: it is.
	 */
	bool (*lives)(struct lab *l, bool ue);
	/* every message as it passed a host, or Mw; NULL */
	void (*seen)(struct lab *l, const struct ims_seen *m);
	/* every sentence with an error; NULL */
	void (*heard)(struct lab *l, bool ue, int err, struct ims_str text);
	int refuse_ue, refuse_core; /* what sa_add gives instead of working */
	bool careless;              /* nobody removes his sets */

	/* what came of it */
	unsigned told[IMS_TELL_FAILED + 1];
	unsigned core_problem[IMS_E_LAST]; /* P- and S-CSCF, by error */
	unsigned ue_problem[IMS_E_LAST];   /* whatever it told with an error */
	int failed; /* of the UE's last IMS_TELL_FAILED */
	char text[256], core_text[256];
	unsigned dropped[IMS_E_LAST];
	unsigned sets_ue, sets_core, most_ue, most_core, made_core;
	/* the last ESP packet towards the core, to be replayed */
	uint8_t esp[4096];
	size_t n_esp;
};

/* Seed subscriber, IPv6, all pairs, UDP; null/aes-gcm is chosen. */
void lab_init(struct lab *l, uint64_t seed);
void lab_start(struct lab *l);
/* Lets that much time pass. */
void lab_pass(struct lab *l, uint64_t ms);
/* Until the UE has told this n times (true), or so much time has passed. */
bool lab_until(struct lab *l, enum ims_tell tell, unsigned n, uint64_t ms);
/* Ends the process of one of them in no order, and starts it again: what is in
 * its store goes on.  Not from within its own callbacks.
 */
void lab_restart_core(struct lab *l);
void lab_restart_ue(struct lab *l);
/* Ends the UE in order, waits for all timers, frees; asserts that no set is
 * left on either side.
 */
void lab_end(struct lab *l);

#endif
