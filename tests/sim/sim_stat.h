/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_stat.h - how often each thing happened in all lives of a run, so that one
 * that never happens is seen.
 *
 * All processes of a run count in memory that they share; each has its own.
 */
#ifndef SIM_STAT_H
#define SIM_STAT_H

#include "base_err.h"

#include <stdio.h>

/* X(name, "what happened") */
/* clang-format off */
#define SIM_COUNTS(X) \
X(PASSED, "messages that arrived") \
X(LOST, "lost") \
X(DARK, "sent while nothing passes") \
X(TWICE, "doubled") \
X(LATE, "late") \
X(OVERTOOK, "overtook an earlier one") \
X(ASLEEP, "came to one who sleeps") \
X(NOBODY, "came where nobody is") \
X(NO_SET, "came inside an SA that is not there") \
X(REPLAYED, "refused by the replay window") \
X(CLEAR_PROTECTED, "in the clear to a protected port: dropped by the host") \
X(LEAKED, "in the clear to a protected port: a leaky host let it in") \
X(FORGED, "said again by a stranger") \
X(READ, "read inside SAs and said in the clear by a stranger") \
X(TAKEN_CLEAR, "taken in the clear where IPsec is required") \
X(TCP_OPENED, "TCP connections opened") \
X(TCP_REFUSED, "TCP refused") \
X(TCP_SILENT, "TCP silent") \
X(TCP_BROKE, "TCP broke") \
X(SA_ADDED, "SA sets installed") \
X(SA_REFUSED, "SA sets refused") \
X(SA_ADOPTED, "SA sets adopted") \
X(SA_NOT_ADOPTED, "SA sets that could not be adopted") \
X(SA_SWEPT, "SA sets swept away") \
X(SA_RENEWED, "hard lifetimes told") \
X(SA_ENDED, "SA sets that ended by themselves under one who slept") \
X(SA_ENDED_ORPHAN, "SA sets that ended by themselves, nobody's") \
X(FEW_SPIS, "SPIs drawn from a pool that is too small") \
X(HSS_FAILED, "the HSS failed") \
X(SQN_GIVEN, "SQN given out") \
X(RESYNC, "resynchronisations") \
X(COMMITTED, "commits") \
X(COMMIT_FAILED, "commits that failed") \
X(KILLED, "killed between two messages") \
X(KILLED_WITHIN, "killed within one, between two acts") \
X(RESTARTED, "started again") \
X(RETRIED, "the user tried again") \
X(RESUMED, "UEs that were registered still when they came back")
/* clang-format on */

enum sim_count {
#define X(name, what) SIM_N_##name,
	SIM_COUNTS(X)
#undef X
		SIM_N_COUNTS
};

#define SIM_STAT_EVENTS 16  /* strikes of sim_life.c */
#define SIM_STAT_WRONGS 160 /* cases of inject.h, of one side */
#define SIM_STAT_CHECKS 32  /* invariants */
#define SIM_STAT_TELLS 16   /* enum ims_tell */

struct sim_stat {
	unsigned long lives, steps, messages;
	unsigned long count[SIM_N_COUNTS];
	/* drawn, and had an effect */
	unsigned long drawn[SIM_STAT_EVENTS], struck[SIM_STAT_EVENTS];
	unsigned long wrong[2][SIM_STAT_WRONGS]; /* done; of UEs: [1] */
	unsigned long told[SIM_STAT_TELLS];      /* what UEs told */
	unsigned long status[700];               /* answers that came to UEs */
	unsigned long err[IMS_E_LAST];           /* what roles told of */
	unsigned long held[SIM_STAT_CHECKS];     /* looked at, and it held */
	unsigned long excused[SIM_STAT_CHECKS];  /* looked at, not demanded */
};

/* n of them, shared with processes forked later.  Aborts without memory. */
struct sim_stat *sim_stat_new(unsigned n);
/* All n into *sum. */
void sim_stat_sum(const struct sim_stat *v, unsigned n, struct sim_stat *sum);
void sim_stat_print(const struct sim_stat *s, FILE *to);
/* One line, what never happened; nothing if all did. */
void sim_stat_print_never(const struct sim_stat *s, FILE *to);

#endif
