/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_core.h - what a running core answers: status, bindings, sas, dereg,
 * reauth, log, stop.
 */
#ifndef IMS_CTL_CORE_H
#define IMS_CTL_CORE_H

#include "ctl_put.h"
#include "run_core.h"

/* Borrowed by the commands; stays where it is as long as they are used. */
struct ims_ctl_core {
	struct ims_ctl_self self;
	struct ims_run_core *core;
	const struct ims_run_core_conf *conf;
	size_t (*n_watchers)(void *arg); /* imsreg ctl watch; may be NULL */
	void *n_arg;
};
struct ims_ctl_cmds ims_ctl_core_cmds(struct ims_ctl_core *c);

#endif
