/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_fsm.h - imsreg fsm NAME. */
#ifndef IMS_CLI_FSM_H
#define IMS_CLI_FSM_H

int ims_cli_fsm(int argc, char **argv);

#endif
