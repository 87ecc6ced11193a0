/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_demo.h - imsreg demo. */
#ifndef IMS_CLI_DEMO_H
#define IMS_CLI_DEMO_H

int ims_cli_demo(int argc, char **argv);

#endif
