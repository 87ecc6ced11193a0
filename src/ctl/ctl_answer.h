/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_answer.h - one request in, one answer out: which commands there are.
 *
 *	{"v":1,"id":7,"ok":true,"cmd":"status","role":"core",...}
 *	{"v":1,"id":8,"ok":false,"error":{"id":"cli.usage","exit":2,
 *	 "text":"...","cause":"...","next":"..."}}
 *
 * No socket here: ctl.h has the server.
 */
#ifndef IMS_CTL_ANSWER_H
#define IMS_CTL_ANSWER_H

#include <jansson.h>

#include "ctl_req.h"

struct ims_ctl_cmd {
	const char *name, *about;
	unsigned needs, takes; /* keys; takes: beside those that it needs */
	/* Puts what it has to say into `answer`; 0, or an error with *why. */
	int (*run)(void *arg, const struct ims_ctl_req *req, json_t *answer,
		   struct ims_flaw *why);
};
/* The commands of a program.  `help` and `watch` are there of themselves. */
struct ims_ctl_cmds {
	const char *role; /* "core", "ue" */
	const struct ims_ctl_cmd *cmd;
	size_t n;
	void *arg; /* of run */
};

/* The answer with its line end, to be freed; NULL: no memory.  *watch: from
 * now on this client wants the events (may_watch: there is room for one more).
 */
char *ims_ctl_answer(const struct ims_ctl_cmds *c, struct ims_str line,
		     bool may_watch, bool *watch, size_t *n);
/* The same for an error that comes from elsewhere. */
char *ims_ctl_refusal(int err, const char *text, size_t *n);

/* s as JSON, whatever bytes it has; an empty one is null. */
json_t *ims_ctl_text(struct ims_str s);
/* Compact, with a line end; NULL: no memory, also if o is NULL.  Takes o. */
char *ims_ctl_line(json_t *o, size_t *n);

#endif
