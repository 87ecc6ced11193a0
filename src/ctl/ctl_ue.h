/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_ue.h - what a running ue answers: status, bindings, sas, refresh, log,
 * stop.
 */
#ifndef IMS_CTL_UE_H
#define IMS_CTL_UE_H

#include "ctl_put.h"
#include "run_ue.h"

/* As struct ims_ctl_core. */
struct ims_ctl_ue {
	struct ims_ctl_self self;
	struct ims_run_ue *ue;
	struct ims_addr local; /* unprotected */
};
struct ims_ctl_cmds ims_ctl_ue_cmds(struct ims_ctl_ue *c);

#endif
