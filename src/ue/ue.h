/* SPDX-License-Identifier: BSD-2-Clause */
/* ue.h - the UE: registers with AKA and IPsec, subscribes to reg.
 *
 * START registers, subscribes, and stays registered: it renews in time, inside
 * the SAs, and takes new ones when it is challenged.  STOP de-registers and
 * takes every SA down; in any state it leads to IMS_TELL_DEREGISTERED, a
 * second STOP without waiting for the network.  What it tells:
 *
 *	AGREED  REGISTERED  SUBSCRIBED  NOTIFIED  REFRESHED ...  DEREGISTERED
 *	FAILED       gave up: err and text say why, in which step and whether
 *	             inside ESP; all SAs are gone, or (the network ended the
 *	             registration) go a little later, and DEREGISTERED follows
 *	PROBLEM      life goes on
 *
 * A final answer counts only on the SAs that its REGISTER went through.  A
 * network that does not challenge is not believed, but with OFFER_NEVER.
 *
 * Spec: TS 24.229 5.1.1; TS 33.203 6, 7; RFC 3680; spec.md 15.
 */
#ifndef IMS_UE_H
#define IMS_UE_H

#include "base_trace.h"
#include "crypto.h"
#include "role.h"
#include "secagree.h"
#include "txn.h"

/* When Security-Client is offered: from the first REGISTER, only after the
 * network asked for it, never.  It asks by a 421 or 494, or by a 401 that has a
 * Security-Server: then another REGISTER in the clear, with the offer and an
 * empty nonce, fetches a challenge that belongs to it (a P-CSCF cannot set SAs
 * up for SPIs that it was not told).  Whoever offers first does not fall back
 * to the clear; the other two answer a 401 without Security-Server there.
 */
enum ims_ue_offer {
	IMS_UE_OFFER_FIRST,
	IMS_UE_OFFER_CHALLENGED,
	IMS_UE_OFFER_NEVER
};
/* AUTO: UDP, but TCP for a request over udp_max bytes. */
enum ims_ue_transport { IMS_UE_AUTO, IMS_UE_UDP, IMS_UE_TCP };

#define IMS_UE_PCSCFS 8

struct ims_ue_conf {
	/* Identities; ims_ue_conf_imsi derives them, each may be replaced. */
	char impi[IMS_ID_MAX];   /* user@realm */
	char impu[IMS_ID_MAX];   /* sip:user@domain */
	char domain[IMS_ID_MAX]; /* home domain: Request-URI, digest uri */
	char realm[IMS_ID_MAX];  /* of the first Authorization; empty: domain */

	struct ims_addr local; /* unprotected port; TCP leaves from any */
	/* The P-CSCFs, the preferred first, with their unprotected ports; all
	 * of the family of `local`.
	 */
	struct ims_addr pcscf[IMS_UE_PCSCFS];
	size_t n_pcscf;
	enum ims_ue_offer offer;
	enum ims_ue_transport transport_register, transport_other;
	struct ims_secagree_policy policy;
	uint16_t port_uc, port_us; /* 0: random, 32768.. */
	uint32_t spi_uc, spi_us;   /* 0: random */
	bool spi10;                /* write SPIs with ten digits */

	bool clear_contact; /* the Contact of a REGISTER in the clear has
				  * the unprotected port, as 24.229 5.1.1.2.2
				  * has it; else port_us from the first on, as
				  * phones (and the seed) do */

	uint32_t expires;  /* asked for; 600000 */
	bool subscribe;    /* to reg after registration */
	char instance[96]; /* "<urn:gsma:imei:35910506-000422-0>"; "" none */
	char contact_params[256]; /* ";+g.3gpp.smsip;video": as written */
	uint32_t reg_id;          /* 0: none */
	char user_agent[96];
	char access_info[128]; /* P-Access-Network-Info inside SAs; "" none */
	struct ims_txn_timers timers;
	size_t udp_max;             /* AUTO: longer requests go by TCP; 1300 */
	uint32_t reg_await_auth_ms; /* 240 000 */
	bool retry;                 /* a first registration that fails is tried
				     * again, after a pause, for ever; else
				     * FAILED when all P-CSCFs were tried */
	uint32_t leave_ms;          /* the good-bye takes no longer; 8000 */
	uint64_t wall_ms; /* time of day (ms since 1970) at now_ms 0 */
};
/* All of it; identities and addresses are empty. */
void ims_ue_conf_default(struct ims_ue_conf *c);
/* impi, impu, domain from an IMSI of 6..15 digits [23.003 13]; mnc_len 2 or 3,
 * 0: taken from a table of countries with three digits, else 2.
 * Returns 0, -IMS_E_SYNTAX, -IMS_E_LENGTH.
 */
int ims_ue_conf_imsi(struct ims_ue_conf *c, struct ims_str imsi, int mnc_len);

/* conf is copied; rnd is copied; trace borrowed.  NULL: no memory. */
struct ims_ue;
struct ims_ue *ims_ue_new(const struct ims_ue_conf *conf,
			  const struct ims_rand *rnd,
			  const struct ims_trace *trace);
void ims_ue_free(struct ims_ue *ue);
/* Back from a record that an IMS_ACT_KEEP of IMS_KEEP_UE gave: the registration
 * goes on where it was, its sets count as installed.  Only before the first
 * event; what is over meanwhile is done at once in the next event.
 * -IMS_E_SYNTAX (no record of ours, or of another user), -IMS_E_NOMEM.
 */
int ims_ue_restore(struct ims_ue *ue, struct ims_str record, uint64_t now_ms,
		   struct ims_flaw *why);
/* Does the registration need this set?  Else it is an orphan. */
bool ims_ue_owns(const struct ims_ue *ue, uint32_t set);
void ims_ue_event(struct ims_ue *ue, const struct ims_ev *ev, uint64_t now_ms);
bool ims_ue_next(struct ims_ue *ue, struct ims_act *out);
uint64_t ims_ue_due(const struct ims_ue *ue);

/* The machines, to be drawn and checked. */
extern const struct ims_fsm ims_ue_reg_fsm, ims_ue_sub_fsm;

/* For status and tests. */
const char *ims_ue_state(const struct ims_ue *ue); /* the machine's word */
uint32_t ims_ue_set(const struct ims_ue *ue);      /* in use; 0: none */
uint32_t ims_ue_expires_s(const struct ims_ue *ue, uint64_t now_ms);

#endif
