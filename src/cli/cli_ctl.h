/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ctl.h - imsreg ctl: talks to a running core or ue. */
#ifndef IMS_CLI_CTL_H
#define IMS_CLI_CTL_H

/* argv[0] is "ctl".  Returns the exit status. */
int ims_cli_ctl(int argc, char **argv);

#endif
