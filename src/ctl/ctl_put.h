/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_put.h - values as JSON that a core and a ue both show. */
#ifndef IMS_CTL_PUT_H
#define IMS_CTL_PUT_H

#include "ctl_answer.h"
#include "ctl_stats.h"

/* What every program says of itself, and lets be changed. */
struct ims_ctl_self {
	const char *version;
	uint64_t (*now_ms)(void *arg); /* monotonic, as of the roles */
	void *now_arg;
	uint64_t started_ms;
	const char *ipsec; /* the back-end's name */
	char ipsec_why[200];
	const char *state; /* file of what outlives the process; NULL: none */
	struct ims_trace *trace;
	const struct ims_ctl_stats *stats;
	/* Ends the program in order, from a later turn of the loop. */
	void (*stop)(void *arg);
	void *arg;
};

uint64_t ims_ctl_now(const struct ims_ctl_self *self);

/* version, pid, uptime_s, log, ipsec, state */
void ims_ctl_put_self(json_t *o, const struct ims_ctl_self *self);
/* The command `log`: changes the level and says both. */
int ims_ctl_set_log(const struct ims_ctl_self *self,
		    const struct ims_ctl_req *req, json_t *answer);

json_t *ims_ctl_addr(struct ims_addr a);
/* NULL for UINT32_MAX, which is "not known". */
json_t *ims_ctl_seconds(uint32_t s);

/* "temporary", "new", "in use", "old", ...: as a UE and a P-CSCF call it. */
const char *ims_ctl_life(const char *life);
/* One set: its four SAs with counters. */
struct ims_ctl_set {
	uint32_t id;
	struct ims_str impi;
	const char *life;
	struct ims_ipsec_suite suite;
	const struct ims_ipsec_sa *sa; /* IMS_N_ARROWS */
	uint32_t ends_s;
	const struct ims_ipsec_count *count; /* IMS_N_ARROWS; NULL: unknown */
};
json_t *ims_ctl_set(const struct ims_ctl_set *s);

/* A list of which a request shows a part: skip, max. */
struct ims_ctl_page {
	json_t *list;
	size_t skip, max, total;
};
/* The page that the request asks for; at most `most` items. */
struct ims_ctl_page ims_ctl_page(const struct ims_ctl_req *req, size_t most);
/* Counts one more item; is it to be shown? */
bool ims_ctl_page_wants(struct ims_ctl_page *p);
/* Puts the list under this name, and total and skip. */
void ims_ctl_page_put(struct ims_ctl_page *p, json_t *answer, const char *name);

#endif
