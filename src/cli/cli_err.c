/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_err.c - a failure as text and exit status. */
#include "cli_err.h"

#include "base_err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* "see the message" says nothing under the message. */
static void line(const char *name, const char *text)
{
	if (*text && strcmp(text, "see the message") != 0)
		fprintf(stderr, "  %s: %s\n", name, text);
}

int ims_cli_fail(const char *cmd, int err, const char *fmt, ...)
{
	const struct ims_err_info *e = ims_err_info(err);
	va_list ap;

	fprintf(stderr, "imsreg %s: ", cmd);
	if (fmt) {
		va_start(ap, fmt);
		vfprintf(stderr, fmt, ap);
		va_end(ap);
	} else {
		fputs(e->what, stderr);
	}
	fputc('\n', stderr);
	if (e == ims_err_info(IMS_E_USAGE))
		return (int)e->exit;
	line("id", e->id);
	line("cause", e->cause);
	line("next", e->next);
	return (int)e->exit;
}
