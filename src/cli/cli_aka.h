/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_aka.h - `imsreg aka`: the calculator for whoever is stuck after the 401.
 */
#ifndef IMS_CLI_AKA_H
#define IMS_CLI_AKA_H

/* argv[0] is "aka".  Returns the exit status. */
int ims_cli_aka(int argc, char **argv);

#endif
