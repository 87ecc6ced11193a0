/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl_req.h - a request to a running program: one line of JSON.
 *
 *	{"v":1,"id":7,"cmd":"dereg","user":"sip:alice@example.org",
 *	 "reason":"probation","retry_after_s":60}
 *
 * docs/CTL.md has the whole protocol.  A line is hostile input.
 */
#ifndef IMS_CTL_REQ_H
#define IMS_CTL_REQ_H

#include "base_addr.h"
#include "base_buf.h"
#include "base_err.h"
#include "base_trace.h"

#define IMS_CTL_VERSION 1
#define IMS_CTL_USER 256 /* with the zero */

/* What a request may hold beside v, id and cmd; a set of these bits. */
enum ims_ctl_key {
	IMS_CTL_K_USER = 1 << 0,   /* "user": IMPU or IMPI */
	IMS_CTL_K_REASON = 1 << 1, /* "reason" */
	IMS_CTL_K_RETRY = 1 << 2,  /* "retry_after_s" */
	IMS_CTL_K_IN = 1 << 3,     /* "in_s" */
	IMS_CTL_K_LEVEL = 1 << 4,  /* "level" */
	IMS_CTL_K_SKIP = 1 << 5,   /* "skip": so many items were had before */
	IMS_CTL_K_MAX = 1 << 6,    /* "max": so many items at most */
	IMS_CTL_K_ADDR = 1 << 7,   /* "addr": an IP address, maybe a port */
};
#define IMS_CTL_N_KEYS 8
const char *ims_ctl_key_name(unsigned i); /* of bit i; NULL: there is none */

/* Why somebody is thrown out, as the NOTIFY says it [24.229 5.4.1.5]. */
enum ims_ctl_reason {
	IMS_CTL_REJECTED,
	IMS_CTL_DEACTIVATED,
	IMS_CTL_PROBATION
};
extern const char *const ims_ctl_reasons[]; /* ends with NULL */

struct ims_ctl_req {
	bool has_id;
	int64_t id;
	char cmd[32];
	unsigned given; /* which keys */
	char user[IMS_CTL_USER];
	enum ims_ctl_reason reason;
	uint32_t retry_after_s, in_s, skip, max;
	enum ims_level level;
	struct ims_addr addr; /* port 0: none was given */
};

/* Keys of requests not named here, or named twice, are refused.  Returns 0;
 * -IMS_E_USAGE with *why, and of *out only has_id and id set, as far as they
 * could be read; -IMS_E_NOMEM.
 */
int ims_ctl_req_parse(struct ims_str line, struct ims_ctl_req *out,
		      struct ims_flaw *why);

#endif
