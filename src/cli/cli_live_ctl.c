/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_live_ctl.c - the control socket of `ue` and `core`. */
#include "cli_live_ctl.h"

#include "cli_err.h"
#include "io_unix_path.h"

#include <stdio.h>

static void now_end(void *arg)
{
	struct ims_cli_live *l = arg;

	ims_cli_live_say(l, IMS_INFO, "stopping", NULL,
			 "ending in order, as imsreg ctl asked for");
	l->stop(l->arg);
}

/* From a turn of the loop of its own: the answer leaves first. */
static void end_soon(void *arg)
{
	struct ims_cli_live *l = arg;

	if (l->asked++ == 0)
		(void)ims_io_timer_set(l->loop, &l->ending,
				       ims_io_loop_now(l->loop));
}

void ims_cli_live_self(struct ims_cli_live *l, struct ims_ctl_self *out)
{
	l->ending = (struct ims_io_timer){.fire = now_end, .arg = l};
	*out = (struct ims_ctl_self){
		.version = IMS_VERSION,
		.now_ms = l->env.now_ms,
		.now_arg = l->env.arg,
		.started_ms = l->env.now_ms(l->env.arg),
		.ipsec = l->host->ipsec,
		.trace = &l->trace,
		.stats = &l->stats,
		.stop = end_soon,
		.arg = l,
	};
	snprintf(out->ipsec_why, sizeof out->ipsec_why, "%s", l->ipsec_why);
}

static int without(struct ims_cli_live *l, const struct ims_flaw *why)
{
	char line[300];

	snprintf(line, sizeof line, "no control socket: %s", why->text);
	ims_cli_live_say(l, IMS_WARN, "control", ims_err_info(why->err)->id,
			 line);
	return 0;
}

int ims_cli_live_ctl(struct ims_cli_live *l,
		     const struct ims_cli_live_conf *conf, const char *name,
		     const struct ims_ctl_cmds *cmds)
{
	char path[IMS_IO_UNIX_PATH], line[200];
	struct ims_flaw why = {0};
	const char *at = conf->ctl;

	if (conf->no_ctl)
		return 0;
	if (!*at) {
		at = path;
		if (ims_io_unix_path(name, path, &why))
			return without(l, &why);
	}
	if (ims_ctl_new(l->loop, at, cmds, &l->ctl, &why))
		return *conf->ctl ? ims_cli_fail(l->command, why.err,
						 "--ctl: %s", why.text)
				  : without(l, &why);
	snprintf(line, sizeof line, "imsreg ctl finds us at %s", at);
	ims_cli_live_say(l, IMS_INFO, "control", NULL, line);
	return 0;
}
