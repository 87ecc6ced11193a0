/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ctl_show.h - answers of a running program, for people.
 *
 * What is shown came from another process: it is made printable here, and
 * whatever is missing or of another kind is left out.
 */
#ifndef IMS_CLI_CTL_SHOW_H
#define IMS_CLI_CTL_SHOW_H

#include <jansson.h>
#include <stdio.h>

/* The answer to its "cmd". */
void ims_cli_ctl_show(FILE *to, const json_t *answer);
/* One event of `watch`, as the live log has it. */
void ims_cli_ctl_show_event(FILE *to, const json_t *event);

/* The text of a member, printable; "" if there is none. */
#define IMS_CLI_CTL_TEXT 256
const char *ims_cli_ctl_text(const json_t *o, const char *name,
			     char out[static IMS_CLI_CTL_TEXT]);

#endif
