/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_live.h - what `ue` and `core` share: a loop, one host, signals, a log.
 */
#ifndef IMS_CLI_LIVE_H
#define IMS_CLI_LIVE_H

#include "io_host.h"
#include "run_loop.h"

/* The options both have. */
struct ims_cli_live_conf {
	unsigned ipsec; /* enum ims_io_ipsec */
	unsigned log;   /* enum ims_level */
	bool json;
};
extern const char *const ims_cli_ipsecs[];
extern const char *const ims_cli_levels[];

struct ims_cli_live {
	const char *command;
	struct ims_io_loop *loop;
	struct ims_host *host;
	struct ims_run_slot slot;
	struct ims_run_env env;
	struct ims_trace trace;
	/* Asked once to end in order (SIGINT, SIGTERM); a second time it ends
	 * at once.
	 */
	void (*stop)(void *arg);
	void *arg;
	unsigned asked;
	int status; /* the exit status so far */
	bool json;
};
/* Makes loop, signals, log and env; returns 0 or the exit status of what was
 * printed.
 */
int ims_cli_live_init(struct ims_cli_live *l, const char *command,
		      const struct ims_cli_live_conf *conf);
/* Makes the host at ip.  Says which back-end it took and why. */
int ims_cli_live_host(struct ims_cli_live *l,
		      const struct ims_cli_live_conf *conf, struct ims_ip ip,
		      bool network, const struct ims_host_up *up);
/* Runs until ims_cli_live_end. */
void ims_cli_live_run(struct ims_cli_live *l);
void ims_cli_live_end(struct ims_cli_live *l, int status);
/* The unit is freed before. */
void ims_cli_live_free(struct ims_cli_live *l);

/* One line of the log: time, level, text; JSON: {"v":1,"event":...}. */
void ims_cli_live_say(struct ims_cli_live *l, enum ims_level level,
		      const char *event, const char *id, const char *text);
/* What a role tells, as such a line. */
void ims_cli_live_told(struct ims_cli_live *l, enum ims_who who,
		       const struct ims_act *tell);
/* What the host dropped, as such a line. */
void ims_cli_live_dropped(struct ims_cli_live *l, enum ims_who who,
			  const struct ims_flow *flow, int err);

#endif
