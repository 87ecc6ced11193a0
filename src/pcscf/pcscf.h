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
	/* For a UE that begins anew with the port_uc of a set that still
	 * lives: that one has to stay until the newcomer has proven who he
	 * is.  0: none, and such a UE has to choose another port_uc.
	 */
	uint16_t port_ps2;
	uint16_t port_pc[IMS_PCSCF_PORTS_PC];
	/* At least 2, so that a new set of a UE differs from its old one.  With
	 * 2, a UE that begins anew with the same port_us while it has two sets
	 * is told to come again (503, Retry-After): nobody in the clear ends a
	 * set.  One that was replaced ends within 64*T1, and if the UE is silent
	 * on the one in use (it is asked), its successor replaces it when the
	 * UE comes again.  With 3 it need not.
	 */
	size_t n_port_pc;
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
	size_t udp_max; /* with what ESP adds; 1300, as the UE's (ue.h) */
	/* What a UE that offers keep-alives (Via;keep) is asked for: one every
	 * so many seconds; 0: as it likes [RFC 6223].
	 */
	uint32_t keep_s;
	/* Subscribe to reg of each registered UE, so that a registration that
	 * the network ends is ended here, too [24.229 5.2.3]; true.
	 */
	bool subscribe_reg;
	/* The time of day at now_ms 0, in ms since 1970: what a record counts
	 * in.
	 */
	uint64_t wall_ms;
};
void ims_pcscf_conf_default(struct ims_pcscf_conf *c);

/* The security context of one UE, the life of one SA set, and our subscription
 * to one registration; to be drawn and checked.
 */
extern const struct ims_fsm ims_pcscf_reg_fsm, ims_pcscf_set_fsm,
	ims_pcscf_watch_fsm;

/* conf and rnd are copied, trace is borrowed.  NULL: no memory. */
struct ims_pcscf;
struct ims_pcscf *ims_pcscf_new(const struct ims_pcscf_conf *conf,
				const struct ims_rand *rnd,
				const struct ims_trace *trace);
void ims_pcscf_free(struct ims_pcscf *p);
/* IMS_EV_STOP queues the removal of every set.
 *
 * After a de-registration, by the UE or by the network, its sets stay "dying"
 * while what is on its way may still need them: until the server transaction of
 * the REGISTER has ended (UDP: 64*T1), and the UE has answered its last NOTIFY
 * [24.229 5.2.5.1, 5.2.5.2].  Nothing new is taken over them (403).
 */
void ims_pcscf_event(struct ims_pcscf *p, const struct ims_ev *ev,
		     uint64_t now_ms);
bool ims_pcscf_next(struct ims_pcscf *p, struct ims_act *out);
uint64_t ims_pcscf_due(const struct ims_pcscf *p);
size_t ims_pcscf_sets(const struct ims_pcscf *p);  /* installed */
size_t ims_pcscf_users(const struct ims_pcscf *p); /* UEs that it knows */

/* --- what outlives the process (role_keep.h) ---
 *
 * Each registered UE is a record of IMS_KEEP_PCSCF, its key the UE's token.
 * It is queued before the 200 that it stands for, and again whenever the
 * registration or its established sets change; empty when the UE is forgotten.
 *
 * One UE back from its record; call it before the first event.  Its sets count
 * as installed; they, and the registration, end when they would have.  What
 * has ended meanwhile is left out, and a UE of which nothing is left is
 * forgotten (that is no error).  Afterwards ims_pcscf_owns says which sets are
 * still wanted.
 * Returns 0; -IMS_E_SYNTAX: no record of ours, or it contradicts itself;
 * -IMS_E_CONFIG: made for another address or other ports of ours;
 * -IMS_E_EXISTS: UE, set, port or SPI is there already; -IMS_E_TOOBIG: more
 * than max_users; -IMS_E_NOMEM.  Then nothing has changed.
 */
int ims_pcscf_restore(struct ims_pcscf *p, struct ims_str record,
		      uint64_t now_ms, struct ims_flaw *why);
/* Does this set belong to a UE?  Else it is an orphan. */
bool ims_pcscf_owns(const struct ims_pcscf *p, uint32_t set);

/* --- who is there --- */
#define IMS_PCSCF_INFO_SETS 8
struct ims_pcscf_set_info {
	uint32_t id;
	const char *life; /* "pending", "new", "in-use", "old", ... */
	struct ims_ipsec_suite suite;
	const struct ims_ipsec_sa *sa; /* IMS_N_ARROWS of them */
	uint32_t ends_s;               /* UINT32_MAX: not yet known */
};
/* Borrowed for the call. */
struct ims_pcscf_info {
	const char *impi;
	struct ims_ip ip;
	bool registered;
	bool clear;         /* without SAs */
	const char *impus;  /* P-Associated-URI, default first; NULL: none */
	uint32_t expires_s; /* of the registration; 0: not registered */
	struct ims_pcscf_set_info set[IMS_PCSCF_INFO_SETS];
	size_t n_sets;
};
/* Every UE that is known, in no order. */
void ims_pcscf_each(const struct ims_pcscf *p, uint64_t now_ms,
		    void (*each)(void *arg, const struct ims_pcscf_info *i),
		    void *arg);

#endif
