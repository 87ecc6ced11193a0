/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ue.h - imsreg ue. */
#ifndef IMS_CLI_UE_H
#define IMS_CLI_UE_H

int ims_cli_ue(int argc, char **argv);

#endif
