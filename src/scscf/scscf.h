/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf.h - S-CSCF: challenges, registers, notifies.
 *
 * Speaks SIP on Mw only (flows with side IMS_MW) and asks the HSS by acts; it
 * knows nothing of IPsec.
 *
 * Spec: TS 24.229 5.4.1, 5.4.2; RFC 3310, 3327, 3608, 3680; spec.md 17, 19.
 */
#ifndef IMS_SCSCF_H
#define IMS_SCSCF_H

#include "base_trace.h"
#include "crypto.h"
#include "role.h"
#include "txn.h"

struct ims_scscf_conf {
	struct ims_addr local;   /* on Mw; also in Service-Route */
	char domain[IMS_ID_MAX]; /* home domain; empty: any Request-URI */
	char realm[IMS_ID_MAX];  /* of the challenge; empty: domain */
	bool qop;                /* offer qop="auth" */
	bool service_route;      /* put one into the 200; off as in the seed */
	bool challenge_refresh;  /* challenge re-REGISTERs inside SAs too */
	bool allow_clear;        /* users without integrity-protected=yes may
				    * answer a challenge (no IPsec) */
	uint32_t min_expires, max_expires, default_expires; /* s */
	uint32_t reg_await_auth_ms;                         /* 240 000 */
	size_t max_users;
	struct ims_txn_timers timers;
	/* The time of day at now_ms 0, in ms since 1970, for Date; 0: none. */
	uint64_t wall_ms;
};
void ims_scscf_conf_default(struct ims_scscf_conf *c);

/* The registration of one user, to be drawn and checked. */
extern const struct ims_fsm ims_scscf_reg_fsm;

struct ims_scscf;
struct ims_scscf *ims_scscf_new(const struct ims_scscf_conf *conf,
				const struct ims_rand *rnd,
				const struct ims_trace *trace);
void ims_scscf_free(struct ims_scscf *s);
void ims_scscf_event(struct ims_scscf *s, const struct ims_ev *ev,
		     uint64_t now_ms);
bool ims_scscf_next(struct ims_scscf *s, struct ims_act *out);
uint64_t ims_scscf_due(const struct ims_scscf *s);
size_t ims_scscf_registered(
	const struct ims_scscf *s); /* users with a binding */

#endif
