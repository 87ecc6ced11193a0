/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_follow.h - a running ue goes along when its address changes: by itself
 * when the one it uses is gone and another leads to the P-CSCF, or by imsreg
 * ctl.  It registers anew from there [24.229 5.1.1.2.1].
 */
#ifndef IMS_CLI_FOLLOW_H
#define IMS_CLI_FOLLOW_H

#include "cli_live.h"
#include "io_addr.h"
#include "run_ue.h"

struct ims_cli_follow {
	struct ims_cli_live *live;
	const struct ims_cli_live_conf *conf;
	struct ims_run_ue *ue;
	struct ims_addr pcscf;  /* the first */
	struct ims_addr *local; /* where we are; the port stays */
	struct ims_io_addr *news;
};

/* Fills in nothing: all but `news` is the caller's.  A machine that tells no
 * news is said in the log, and then only ctl moves it.
 */
void ims_cli_follow_begin(struct ims_cli_follow *f);
void ims_cli_follow_end(struct ims_cli_follow *f);

/* To that address of this machine (port 0: the port as it is).  -IMS_E_RANGE:
 * of the other family; or what the host says, and then all is as it was.  Not
 * from within a callback of the host.  arg: struct ims_cli_follow.
 */
int ims_cli_follow_move(void *arg, struct ims_addr to, struct ims_flaw *why);

#endif
