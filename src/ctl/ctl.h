/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl.h - the control socket of a running program: requests are answered, and
 * who watches gets the events.
 *
 * Connections, lines, answers and what waits for a slow reader are bounded
 * (io_unix.h).  A client that watches and does not read loses events; when he
 * reads again he is told how many.
 */
#ifndef IMS_CTL_H
#define IMS_CTL_H

#include "ctl_answer.h"
#include "io_unix.h"

/* Clients that watch at the same time, and the bytes that wait for one. */
#define IMS_CTL_WATCHERS 12
#define IMS_CTL_WATCH_QUEUE (256u << 10)

struct ims_ctl;
/* cmds->arg and what it points at must live as long; the rest is copied, but
 * for the texts.  Errors as ims_io_unix_new.
 */
int ims_ctl_new(struct ims_io_loop *l, const char *path,
		const struct ims_ctl_cmds *cmds, struct ims_ctl **out,
		struct ims_flaw *why);
/* Those who watch are told.  Not from within a command; takes NULL. */
void ims_ctl_free(struct ims_ctl *c);

/* An event for all who watch, as the live log has it; takes NULL for c and id.
 *	{"v":1,"event":"problem","level":"warn","text":"...","id":"aka.res",
 *	 "time_ms":1767225600000}
 */
void ims_ctl_event(struct ims_ctl *c, enum ims_level level, const char *event,
		   const char *id, const char *text);
size_t ims_ctl_watchers(const struct ims_ctl *c);

#endif
