/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_inject.h - the option --inject of core and ue. */
#ifndef IMS_CLI_INJECT_H
#define IMS_CLI_INJECT_H

#include "inject.h"

/* A command's struct holds `char inject[IMS_CLI_INJECT_LEN]`. */
#define IMS_CLI_INJECT_LEN 1024
#define IMS_CLI_INJECT_OPT(type, member)                                  \
	{                                                                 \
		"inject", 0, IMS_OPT_LIST, offsetof(struct type, member), \
			IMS_CLI_INJECT_LEN, NULL, "CASE[@N]",             \
			"one wrong thing on purpose; list: all of them; " \
			"may be repeated"                                 \
	}

/* The cases of a text with commas between them; *out is NULL if there are
 * none.  "list" prints the cases of that side, "doc" docs/INJECT.md: then
 * IMS_OPT_HELPED.  Else 0 or the exit status of what was printed.
 */
int ims_cli_inject(const char *command, const char *text,
		   struct ims_inject **out);

#endif
