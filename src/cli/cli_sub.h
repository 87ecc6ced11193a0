/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_sub.h - `imsreg sub`: the subscribers of a core. */
#ifndef IMS_CLI_SUB_H
#define IMS_CLI_SUB_H

/* argv[0] is "sub".  Returns the exit status. */
int ims_cli_sub(int argc, char **argv);

#endif
