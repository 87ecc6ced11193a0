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

#define IMS_SCSCF_TRUSTED 8
#define IMS_SCSCF_CONTACTS 8  /* of one user */
#define IMS_SCSCF_WATCHERS 32 /* of one user */

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
	/* The time of day at now_ms 0, in ms since 1970, for Date and for what
	 * is kept; 0: none.  date_ms: for Date, if the clock was set since what
	 * is kept began to count; 0: it was not.
	 */
	uint64_t wall_ms, date_ms;
	/* Who may watch any user: the P-CSCF, application servers.  As they
	 * stand in P-Asserted-Identity; compared as RFC 3261 19.1.4 says.
	 */
	char trusted[IMS_SCSCF_TRUSTED][IMS_ID_MAX];
	size_t n_trusted;
	bool partial;       /* after the first NOTIFY only what changed */
	uint32_t notify_ms; /* no more than one NOTIFY a watcher in this time,
			     * 5000 [RFC 3680 4.10]; the first and the last
			     * one go at once */
	/* Wrong responses of an attempt that get another challenge before the
	 * 403; 0: each gets the 403 [24.229 5.4.1.2.3].
	 */
	uint32_t wrong_again;
	bool outbound; /* RFC 5626: Require: outbound, 439; off as in the seed */
	bool gruu;     /* RFC 5627, 5628 to who asks; off as in the seed */
	/* Mw may lose messages: a 401, with its CK and IK, is kept until its
	 * challenge is answered.  Else it is wiped as soon as it is sent.
	 */
	bool mw_loses;
};
/* seed-like: no Service-Route, GRUU or outbound; 60 s to 600 000 s */
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

/* One record of IMS_KEEP_SCSCF, after new and before the first event: a user
 * as he was when it was made.  What expired since is told at the first tick;
 * every watcher gets the full state soon, also one whose watch or user had
 * ended and who had not answered the NOTIFY that said so.
 * Returns 0; -IMS_E_SYNTAX: the record is damaged, of another version or
 * holds what no SIP message may (why, which may be NULL, says it);
 * -IMS_E_EXISTS: he is there; -IMS_E_NOMEM: no memory, or max_users.
 */
int ims_scscf_restore(struct ims_scscf *s, struct ims_str record,
		      uint64_t now_ms, struct ims_flaw *why);

/* What an operator may order. */
enum ims_scscf_order {
	IMS_SCSCF_DEREG_REJECTED,    /* out, and he shall not come back */
	IMS_SCSCF_DEREG_DEACTIVATED, /* out, he may register anew at once */
	IMS_SCSCF_DEREG_PROBATION,   /* out, he may come back in `seconds` */
	IMS_SCSCF_REAUTH, /* he must prove himself within `seconds`, or is out */
};
/* To a private identity, or to all users of a public one.  Watchers and HSS
 * are told; acts follow, so take them afterwards.  seconds 0: 60.
 * Returns 0; -IMS_E_NOTFOUND: nobody is registered so; -IMS_E_UNKNOWN_USER:
 * it is neither a SIP or tel URI nor user@domain.  [24.229 5.4.1.5, 5.4.1.6]
 */
int ims_scscf_order(struct ims_scscf *s, enum ims_scscf_order order,
		    struct ims_str impu_or_impi, uint32_t seconds,
		    uint64_t now_ms);

/* A user who is registered.  Slices are valid during the call only, and hold
 * what peers wrote: make them printable.
 */
struct ims_scscf_info {
	struct ims_str impi;
	size_t n_impus;
	struct ims_scscf_info_impu {
		struct ims_str uri;
		bool barred;
		bool registered; /* has a contact, and is not barred */
	} impu[IMS_IMPU_MAX];
	size_t n_contacts;
	struct ims_scscf_info_contact {
		struct ims_str uri, instance, path, call_id;
		struct ims_str pub_gruu; /* of the identity he registered */
		uint32_t reg_id, expires_s, cseq;
	} contact[IMS_SCSCF_CONTACTS];
	size_t n_watchers;
	struct ims_scscf_info_watcher {
		struct ims_str who; /* From of the SUBSCRIBE */
		const char *state;  /* "active", "waiting" (for an answer) */
		uint32_t version;   /* of the next document */
		uint32_t expires_s;
		bool trusted; /* by configuration, not as the user */
	} watcher[IMS_SCSCF_WATCHERS];
};
/* All of them, in no order. */
void ims_scscf_each(const struct ims_scscf *s, uint64_t now_ms,
		    void (*each)(void *arg, const struct ims_scscf_info *i),
		    void *arg);

#endif
