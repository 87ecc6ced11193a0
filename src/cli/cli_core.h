/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_core.h - imsreg core. */
#ifndef IMS_CLI_CORE_H
#define IMS_CLI_CORE_H

int ims_cli_core(int argc, char **argv);

#endif
