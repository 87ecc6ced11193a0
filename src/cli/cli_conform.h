/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_conform.h - the option --test of core: one conformance test, live. */
#ifndef IMS_CLI_CONFORM_H
#define IMS_CLI_CONFORM_H

#include "cli_live.h"
#include "conform.h"
#include "run_core.h"

/* A value of the caller's that stays where it is; zeroed: no test. */
struct ims_cli_conform {
	const struct ims_conform_test *test; /* NULL: none */
	struct ims_conform *conform;
	struct ims_cli_live *live;
	struct ims_run_core *core;
	struct ims_io_timer timer;
	int status; /* what the program ends with */
};

/* "" is no test; "list" and "doc" print: then IMS_OPT_HELPED.  Else 0 or the
 * exit status of what was printed.
 */
int ims_cli_conform_find(const char *id, struct ims_cli_conform *t);
/* Once the core listens; harmless without a test.  When it is over it calls
 * live->stop.
 */
int ims_cli_conform_start(struct ims_cli_conform *t, struct ims_cli_live *live,
			  struct ims_run_core *core, uint32_t wait_s);
void ims_cli_conform_seen(struct ims_cli_conform *t, const struct ims_seen *m);
void ims_cli_conform_free(struct ims_cli_conform *t);

#endif
