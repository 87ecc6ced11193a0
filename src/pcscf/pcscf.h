/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf.h - P-CSCF: access security per UE, and the way between Gm and Mw.
 *
 * Takes ck and ik out of the challenge, agrees on the mechanism, makes the SA
 * set and vouches for the UE towards the S-CSCF (integrity-protected).  It
 * sees no subscriber data.
 *
 * Spec: TS 24.229 5.2; TS 33.203 7; RFC 3329, 3327, 3608; spec.md 16.
 */
#ifndef IMS_PCSCF_H
#define IMS_PCSCF_H

#include "base_trace.h"
#include "crypto.h"
#include "role.h"
#include "secagree.h"
#include "txn.h"

enum ims_pcscf_security {
	IMS_PCSCF_REQUIRED, /* 421 or 494 without sec-agree */
	IMS_PCSCF_ALLOWED,  /* with or without */
	IMS_PCSCF_OFF,      /* sec-agree is ignored */
};

#define IMS_PCSCF_PORTS_PC 4
struct ims_pcscf_conf {
	struct ims_addr gm; /* unprotected: address and port 5060 */
	uint16_t port_ps;
	uint16_t port_pc[IMS_PCSCF_PORTS_PC];
	size_t n_port_pc;         /* at least 2, so that a new set of a UE
				      * differs from its old one */
	struct ims_addr mw;       /* our own address on Mw */
	struct ims_addr scscf;    /* next hop for REGISTER */
	char network[IMS_ID_MAX]; /* P-Visited-Network-ID */
	enum ims_pcscf_security security;
	struct ims_secagree_policy policy;
	uint32_t reg_await_auth_ms;    /* 240 000 */
	size_t max_users, max_pending; /* sets that wait for REGISTER 2 */
	/* ... and of those, that one address (IPv6: one /64) may have */
	size_t max_pending_source; /* 256 */
	struct ims_txn_timers timers_gm, timers_mw;
	/* A request to a UE longer than this goes by TCP [RFC 3261 18.1.1]. */
	size_t udp_max; /* 1300 */
};
void ims_pcscf_conf_default(struct ims_pcscf_conf *c);

/* The security context of one UE, to be drawn and checked. */
extern const struct ims_fsm ims_pcscf_reg_fsm;

/* conf and rnd are copied, trace is borrowed.  NULL: no memory. */
struct ims_pcscf;
struct ims_pcscf *ims_pcscf_new(const struct ims_pcscf_conf *conf,
				const struct ims_rand *rnd,
				const struct ims_trace *trace);
void ims_pcscf_free(struct ims_pcscf *p);
/* IMS_EV_STOP queues the removal of every set. */
void ims_pcscf_event(struct ims_pcscf *p, const struct ims_ev *ev,
		     uint64_t now_ms);
bool ims_pcscf_next(struct ims_pcscf *p, struct ims_act *out);
uint64_t ims_pcscf_due(const struct ims_pcscf *p);
size_t ims_pcscf_sets(const struct ims_pcscf *p);  /* installed */
size_t ims_pcscf_users(const struct ims_pcscf *p); /* UEs that it knows */

#endif
