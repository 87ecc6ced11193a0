/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_wireshark.h - imsreg wireshark FILE. */
#ifndef IMS_CLI_WIRESHARK_H
#define IMS_CLI_WIRESHARK_H

int ims_cli_wireshark(int argc, char **argv);

#endif
