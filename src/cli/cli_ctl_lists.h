/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ctl_lists.h - the long answers for people: bindings and sas. */
#ifndef IMS_CLI_CTL_LISTS_H
#define IMS_CLI_CTL_LISTS_H

#include <jansson.h>
#include <stdio.h>

void ims_cli_ctl_show_bindings(FILE *to, const json_t *o);
void ims_cli_ctl_show_sas(FILE *to, const json_t *o);

#endif
