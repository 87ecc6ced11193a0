/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_errors.c - imsreg help errors: every id, its exit status and meaning. */
#include "cli_errors.h"

#include "base_err.h"

#include <stdio.h>
#include <string.h>

/* "see the message" has no meaning away from one. */
static void line(const char *name, const char *text)
{
	if (strcmp(text, "see the message") != 0)
		printf("  %s: %s\n", name, text);
}

int ims_cli_errors(void)
{
	for (int e = 1; e < (int)IMS_E_LAST; e++) {
		const struct ims_err_info *i = ims_err_info(e);

		printf("%s%s (exit %d): %s\n", e > 1 ? "\n" : "", i->id,
		       (int)i->exit, i->what);
		line("cause", i->cause);
		line("next", i->next);
	}
	return fflush(stdout) || ferror(stdout) ? IMS_EXIT_FAILED : IMS_EXIT_OK;
}
