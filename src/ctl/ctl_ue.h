/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_ue.h - what a running ue answers: status, bindings, sas, refresh, address,
 * log, stop.
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
	/* Goes to another address (port 0: the same port as before), and keeps
	 * `local` up to date.  0, -IMS_E_...
	 */
	int (*move)(void *arg, struct ims_addr to, struct ims_flaw *why);
	void *move_arg;
};
struct ims_ctl_cmds ims_ctl_ue_cmds(struct ims_ctl_ue *c);

#endif
