/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_live_ctl.h - the control socket of `ue` and `core`. */
#ifndef IMS_CLI_LIVE_CTL_H
#define IMS_CLI_LIVE_CTL_H

#include "cli_live.h"
#include "ctl_put.h"

/* The rows of a command's option table; `m` is its struct ims_cli_live_conf. */
/* clang-format off */
#define IMS_CLI_CTL_OPTS(conf, m) \
	{"ctl", 0, IMS_OPT_TEXT, offsetof(struct conf, m.ctl), \
	 sizeof((struct conf *)0)->m.ctl, NULL, "PATH", \
	 "socket for imsreg ctl (default: by the role: imsreg help ctl)"}, \
	{"no-ctl", 0, IMS_OPT_FLAG, offsetof(struct conf, m.no_ctl), \
	 sizeof((struct conf *)0)->m.no_ctl, NULL, NULL, \
	 "no such socket"}
/* clang-format on */

/* What a program says of itself; the host must be there. */
void ims_cli_live_self(struct ims_cli_live *l, struct ims_ctl_self *out);
/* Opens the socket: at conf->ctl, or where this name has it by default.  If
 * the default place cannot be had, that is said and life goes on; if the one
 * asked for cannot, returns the exit status of what was printed.
 */
int ims_cli_live_ctl(struct ims_cli_live *l,
		     const struct ims_cli_live_conf *conf, const char *name,
		     const struct ims_ctl_cmds *cmds);

#endif
