/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_stats.h - what a running program counts, for `imsreg ctl status`. */
#ifndef IMS_CTL_STATS_H
#define IMS_CTL_STATS_H

#include <jansson.h>

#include "base_err.h"
#include "run.h"

#define IMS_CTL_N_TELLS (IMS_TELL_FAILED + 1)
struct ims_ctl_stats {
	/* By what was told; a core counts what its S-CSCF tells. */
	uint64_t told[IMS_CTL_N_TELLS];
	uint64_t problem[IMS_E_LAST], dropped[IMS_E_LAST]; /* by id */
	uint64_t challenges; /* 401 of the S-CSCF; a UE: 401 that came */
	uint64_t answer[7];  /* a core's to its UEs: 2xx in [2] */
};
void ims_ctl_stats_told(struct ims_ctl_stats *s, enum ims_who who,
			const struct ims_act *tell);
void ims_ctl_stats_dropped(struct ims_ctl_stats *s, int err);
void ims_ctl_stats_seen(struct ims_ctl_stats *s, const struct ims_seen *m);

/* {"registered":3,...,"failures":1,"problems":{"aka.res":1},
 *  "dropped":{"flow.clear":7}}
 */
json_t *ims_ctl_stats_put(const struct ims_ctl_stats *s);

#endif
