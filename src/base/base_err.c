/* SPDX-License-Identifier: BSD-2-Clause */
/* base_err.c - the list of failures as a table. */
#include "base_err.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base_trace.h"

/* clang-format off */
#define ROW(nm, id, ex, what, cause, next) \
	[IMS_E_##nm] = {id, what, cause, next, IMS_EXIT_##ex},
static const struct ims_err_info infos[] = {
	[IMS_E_OK] = {"ok", "no error", "none", "nothing", IMS_EXIT_OK},
	IMS_ERRORS(ROW)
};
/* clang-format on */

const struct ims_err_info *ims_err_info(int code)
{
	static const struct ims_err_info stranger = {
		"?", "unknown error", "a mistake in this program", "report it",
		IMS_EXIT_FAILED};

	if (code == INT_MIN)
		return &stranger;
	if (code < 0)
		code = -code;
	return code < (int)IMS_E_LAST ? &infos[code] : &stranger;
}

int ims_flaw(struct ims_flaw *f, int err, const char *fmt, ...)
{
	char raw[IMS_FLAW_TEXT];
	va_list ap;

	if (!f)
		return err;
	va_start(ap, fmt);
	if (vsnprintf(raw, sizeof raw, fmt, ap) < 0)
		raw[0] = 0;
	va_end(ap);
	f->err = err;
	ims_printable(ims_str(raw), f->text, sizeof f->text);
	return err;
}
