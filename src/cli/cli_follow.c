/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_follow.c - a running ue goes along when its address changes. */
#include "cli_follow.h"

#include "io_source.h"

#include <stdio.h>

static int change(struct ims_cli_follow *f, struct ims_addr to,
		  struct ims_flaw *why)
{
	struct ims_cli_live *l = f->live;
	struct ims_host *was = l->host;
	struct ims_host_up up = ims_run_ue_up(f->ue);
	int err = ims_cli_live_open(l, f->conf, to.ip, false, &up, why);

	if (err)
		return err;
	err = ims_run_ue_move(f->ue, l->host, to, why);
	if (err) {
		l->host->ops->free(l->host);
		l->host = was;
		return err;
	}
	was->ops->free(was);
	*f->local = to;
	return 0;
}

int ims_cli_follow_move(void *arg, struct ims_addr to, struct ims_flaw *why)
{
	struct ims_cli_follow *f = arg;
	char text[IMS_ADDR_TEXT];

	if (!to.port)
		to.port = f->local->port;
	if (to.ip.family != f->pcscf.ip.family)
		return ims_flaw(why, -IMS_E_RANGE,
				"%s: the P-CSCF is of the other family",
				ims_addr_text(to, text));
	if (ims_ip_eq(to.ip, f->local->ip) && to.port == f->local->port)
		return 0;
	if (ims_ip_eq(to.ip, f->local->ip))
		return ims_flaw(why, -IMS_E_RANGE,
				"%s: only the address can change, not the "
				"port alone",
				ims_addr_text(to, text));
	return change(f, to, why);
}

static void say(struct ims_cli_follow *f, int err, const char *text)
{
	ims_cli_live_say(f->live, err ? IMS_WARN : IMS_INFO, "address",
			 err ? ims_err_info(err)->id : NULL, text);
}

/* As long as no other leads to the P-CSCF it waits for the next news. */
static void changed(void *arg)
{
	struct ims_cli_follow *f = arg;
	struct ims_addr to = *f->local;
	char text[400], was[IMS_ADDR_TEXT], is[IMS_ADDR_TEXT];
	struct ims_flaw why = {0};

	if (f->live->asked || ims_io_addr_is_here(f->local->ip))
		return;
	ims_ip_text(f->local->ip, was);
	if (ims_io_source(f->pcscf, &to.ip, &why) ||
	    ims_ip_eq(to.ip, f->local->ip)) {
		snprintf(text, sizeof text,
			 "%s is gone, and no other address leads to the P-CSCF",
			 was);
		say(f, -IMS_E_ADDR, text);
		return;
	}
	ims_ip_text(to.ip, is);
	if (ims_cli_follow_move(f, to, &why)) {
		snprintf(text, sizeof text, "%s is gone, but not to %s: %s",
			 was, is, why.text);
		say(f, why.err, text);
		return;
	}
	snprintf(text, sizeof text, "%s is gone: %s is used now", was, is);
	say(f, 0, text);
}

void ims_cli_follow_begin(struct ims_cli_follow *f)
{
	struct ims_flaw why = {0};

	if (ims_io_addr_new(f->live->loop, changed, f, &f->news, &why))
		say(f, why.err, why.text);
}

void ims_cli_follow_end(struct ims_cli_follow *f)
{
	ims_io_addr_free(f->news);
	f->news = NULL;
}
