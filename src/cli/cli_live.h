/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_live.h - what `ue` and `core` share: a loop, one host, signals, a log.
 */
#ifndef IMS_CLI_LIVE_H
#define IMS_CLI_LIVE_H

#include "ctl.h"
#include "ctl_stats.h"
#include "io_host.h"
#include "run_loop.h"
#include "txn.h"

/* The options both have. */
struct ims_cli_live_conf {
	unsigned ipsec; /* enum ims_io_ipsec */
	unsigned log;   /* enum ims_level */
	uint32_t t1;    /* ms; 0: the default */
	bool json;
	char ctl[108]; /* path of the control socket; "": the default */
	bool no_ctl;
};
extern const char *const ims_cli_ipsecs[];
extern const char *const ims_cli_levels[];
/* "ESP in the kernel", "ESP in userspace", "no ESP". */
const char *ims_cli_ipsec_place(const char *backend);
/* T1 as asked for, with T2 and T4 in the proportion of TS 24.229 7.7; returns 0
 * or the exit status of what was printed.
 */
int ims_cli_live_timers(const char *command,
			const struct ims_cli_live_conf *conf,
			struct ims_txn_timers *out);

/* What strangers can cause at any rate: of one kind and id only so many lines
 * a second are said, then their number.
 */
enum ims_cli_flood { IMS_CLI_DROPPED, IMS_CLI_PROBLEM, IMS_CLI_N_FLOODS };
struct ims_cli_hush {
	enum ims_who who;
	unsigned said;        /* in this second */
	uint64_t n, until_ms; /* not said yet; when the second is over */
};

struct ims_cli_live {
	const char *command;
	struct ims_io_loop *loop;
	struct ims_host *host;
	struct ims_run_slot slot;
	struct ims_run_env env;
	struct ims_trace trace;
	/* Asked once to end in order (SIGINT, SIGTERM, SIGHUP, SIGPIPE); a
	 * second time it ends at once.
	 */
	void (*stop)(void *arg);
	void *arg;
	unsigned asked;
	int status; /* the exit status so far */
	struct ims_cli_hush hush[IMS_CLI_N_FLOODS][IMS_E_LAST];
	struct ims_io_timer sum, ending;
	struct ims_ctl *ctl; /* NULL: no control socket */
	struct ims_ctl_stats stats;
	char ipsec_why[IMS_FLAW_TEXT];
	bool json;
};
/* Sets `json` and `trace`: all that a log needs. */
void ims_cli_live_log(struct ims_cli_live *l,
		      const struct ims_cli_live_conf *conf);
/* Makes loop, signals, log and env; returns 0 or the exit status of what was
 * printed.
 */
int ims_cli_live_init(struct ims_cli_live *l, const char *command,
		      const struct ims_cli_live_conf *conf);
/* What outlives the process: env.keep from now on.  "none": nothing does. */
int ims_cli_live_state(struct ims_cli_live *l, const char *file);
/* Makes the host at ip.  Says which back-end it took and why. */
int ims_cli_live_host(struct ims_cli_live *l,
		      const struct ims_cli_live_conf *conf, struct ims_ip ip,
		      bool network, const struct ims_host_up *up);
/* The same, but what went wrong is not printed: 0 or what io_host.h says.  A
 * host that was there before is the caller's from then on.
 */
int ims_cli_live_open(struct ims_cli_live *l,
		      const struct ims_cli_live_conf *conf, struct ims_ip ip,
		      bool network, const struct ims_host_up *up,
		      struct ims_flaw *why);
/* --keep-on-exit: the unit has left all to the next start, or could not (err).
 * Says so; returns the exit status, or that of the error.
 */
int ims_cli_live_left(struct ims_cli_live *l, int err, int status);
/* Runs until ims_cli_live_end. */
void ims_cli_live_run(struct ims_cli_live *l);
void ims_cli_live_end(struct ims_cli_live *l, int status);
/* The unit is freed before. */
void ims_cli_live_free(struct ims_cli_live *l);

/* One line of the log: time, level, text; JSON: {"v":1,"event":...}.  Who
 * watches by imsreg ctl gets it, too, but for what is finer than IMS_INFO.
 */
void ims_cli_live_say(struct ims_cli_live *l, enum ims_level level,
		      const char *event, const char *id, const char *text);
/* What a role tells, as such a line; of problems with one id at most ten in a
 * second.
 */
void ims_cli_live_told(struct ims_cli_live *l, enum ims_who who,
		       const struct ims_act *tell);
/* What the host dropped, as such a line; of one id at most one in a second. */
void ims_cli_live_dropped(struct ims_cli_live *l, enum ims_who who,
			  const struct ims_flow *flow, int err);

#endif
