/* SPDX-License-Identifier: BSD-2-Clause */
/* ue.h - the UE: registers with AKA and IPsec, subscribes to reg.
 *
 * START registers, subscribes, and stays registered: it renews in time, inside
 * the SAs, and takes new ones when it is challenged.  STOP de-registers and
 * takes every SA down; in any state it leads to IMS_TELL_DEREGISTERED, a
 * second STOP without waiting for the network; with `all` in the event it is
 * for every contact of the user.  ADDRESS registers anew from there.
 * What it tells:
 *
 *	AGREED  REGISTERED  SUBSCRIBED  NOTIFIED  REFRESHED ...  DEREGISTERED
 *	FAILED       gave up: err and text say why, in which step and whether
 *	             inside ESP; all SAs are gone, or (the network ended the
 *	             registration) go a little later, and DEREGISTERED follows
 *	PROBLEM      life goes on: another P-CSCF, a pause, a registration that
 *	             was refused its renewal, or begins from the beginning
 *
 * Who is refused as a user, finds no algorithm in common or cannot believe the
 * network after two challenges has FAILED at once.  From all else he goes to
 * the next P-CSCF, and when none serves he waits and tries again (conf.retry)
 * or has FAILED.  Who was registered and is told to come back does so.
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
#define IMS_UE_MORE 7 /* identities besides the first */

/* Which ports go together: any two; port_us, and port_uc counted up from it;
 * port_uc, and port_us 1000 above the first.
 */
enum ims_ue_ports {
	IMS_UE_PORTS_ANY,
	IMS_UE_PORTS_UC_NEXT,
	IMS_UE_PORTS_US_1000
};
/* Between two mechanisms of Security-Client: ", ", ",", or a line each. */
enum ims_ue_join { IMS_UE_JOIN_BLANK, IMS_UE_JOIN_COMMA, IMS_UE_JOIN_LINES };
/* rport in Via: over UDP in the clear, nowhere, everywhere. */
enum ims_ue_rport { IMS_UE_RPORT_CLEAR, IMS_UE_RPORT_NO, IMS_UE_RPORT_ALWAYS };

/* How a phone writes what the clauses leave open, and where it does not keep to
 * them.  All zero: our own way.  ue_profile.h fills it in by the maker's name.
 */
struct ims_ue_form {
	char profile[16]; /* where it came from; for texts only */
	/* One mechanism, with <alg> <ealg> <spi-c> <spi-s> <port-c> <port-s>
	 * to be filled in; "": as sip_sec.h has it.
	 */
	char mechanism[160];
	enum ims_ue_join join;
	uint32_t spi_from, spi_to; /* 0, 0: 256..2^32-1 */
	bool spi_next;             /* spi_us = spi_uc + 1 */
	enum ims_ue_ports ports;
	uint16_t uc_from, uc_to, us_from, us_to; /* 0, 0: 32768..60999 */
	uint16_t us_step; /* port_us = us_from + a multiple; 0: 1 */

	char order[320];     /* of a REGISTER's headers: "Via,From,To"; what
			      * is not named follows */
	bool compact;        /* f t i v m k l */
	bool no_route;       /* no Route in REGISTER */
	bool early_via;      /* port_us in the Via of the first REGISTER */
	bool bare_contact;   /* Contact without user part */
	bool instance_first; /* +sip.instance before other parameters */
	bool expires_header; /* Expires, instead of a Contact parameter */
	bool new_tag;        /* each REGISTER has a new From tag */
	bool big_cseq;       /* CSeq starts anywhere, not at 1 */
	bool host_call_id;   /* Call-ID of REGISTER ends with our address */
	bool access_clear;   /* P-Access-Network-Info in the clear, too */
	enum ims_ue_rport rport;
	/* Option tags as written; those of what is switched off are left out,
	 * those of what is on and not named follow.
	 */
	char supported[96];
	char allow[128]; /* in requests */

	char auth_order[128]; /* "uri,username": parameters not named follow;
			       * with ", " in it they stand apart so */
	bool no_algorithm;    /* none in the first Authorization */
	bool auth_int;        /* prefers qop auth-int */

	bool verify_noq; /* Security-Verify without q */
	/* Request-URI of REGISTER and digest uri: "" the home domain, "realm"
	 * that of the challenge once there is one, else this URI.
	 */
	char register_uri[IMS_ID_MAX];
	/* Answers to the first REGISTER after which it is sent again without
	 * sec-agree: "406,403"; "" none.
	 */
	char fallback[32];
};

struct ims_ue_conf {
	/* Identities; ims_ue_conf_imsi derives them, each may be replaced. */
	char impi[IMS_ID_MAX]; /* user@realm */
	char impu[IMS_ID_MAX]; /* sip:user@domain */
	/* Registered after it, over its SAs and with the same contact, those
	 * that the network did not register with it.
	 */
	char more[IMS_UE_MORE][IMS_ID_MAX];
	size_t n_more;
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
	/* AUTO: longer requests go by TCP.  1300 is the rule where the path MTU
	 * is unknown; where it is known, the MTU less 200 [RFC 3261 18.1.1].
	 * Inside SAs the request and what ESP adds (22 to 53 bytes, by the
	 * suite) must fit together.
	 */
	size_t udp_max;
	uint32_t reg_await_auth_ms; /* 240 000 */
	bool retry;                 /* a first registration that fails is tried
				     * again, after a pause, for ever; else
				     * FAILED when all P-CSCFs were tried; one
				     * that stood is always fought for */
	bool once;                  /* not even that */
	uint32_t leave_ms;          /* the good-bye takes no longer; 8000 */
	uint64_t wall_ms; /* time of day (ms since 1970) at now_ms 0 */

	bool gruu;     /* Supported: gruu, if there is an instance [RFC 5627] */
	bool outbound; /* Supported: outbound, if reg_id [RFC 5626] */
	bool keep;     /* Via: keep [RFC 6223] */
	/* Keep-alives every so often even if the network asks for none, in
	 * seconds; 0: only what was negotiated.
	 */
	uint32_t keep_alive_s;
	struct ims_ue_form form;
};
/* All of it; identities and addresses are empty. */
void ims_ue_conf_default(struct ims_ue_conf *c);
/* impi, impu, domain from an IMSI of 6..15 digits [23.003 13]; mnc_len 2 or 3,
 * 0: taken from a table of countries with three digits, else 2.
 * Returns 0, -IMS_E_SYNTAX, -IMS_E_LENGTH.
 */
int ims_ue_conf_imsi(struct ims_ue_conf *c, struct ims_str imsi, int mnc_len);

/* Is every text of it what it has to be?  0, or -IMS_E_RANGE, -IMS_E_SYNTAX
 * with the member in why->text.
 */
int ims_ue_conf_check(const struct ims_ue_conf *c, struct ims_flaw *why);

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
extern const struct ims_fsm ims_ue_reg_fsm, ims_ue_sub_fsm, ims_ue_more_fsm;

/* For status and tests. */
const char *ims_ue_state(const struct ims_ue *ue); /* the machine's word */
uint32_t ims_ue_set(const struct ims_ue *ue);      /* in use; 0: none */
uint32_t ims_ue_expires_s(const struct ims_ue *ue, uint64_t now_ms);

/* All that there is to see.  Texts are borrowed until the next call on the
 * role.
 */
#define IMS_UE_INFO_IMPUS 16
#define IMS_UE_INFO_SETS 3
struct ims_ue_info_impu {
	struct ims_str uri;
	/* "registered", "terminated", "barred", "asked", "refused" */
	const char *state;
	bool is_default; /* used for everything but REGISTER */
};
struct ims_ue_info_set {
	uint32_t id;
	const char *which; /* "temporary", "in use", "old" */
	struct ims_ipsec_suite suite;
	struct ims_secagree_end ue, pcscf;
	uint32_t ends_s;
};
struct ims_ue_info {
	const char *state; /* of the registration */
	const char *impi;
	struct ims_ue_info_impu impu[IMS_UE_INFO_IMPUS];
	size_t n_impus;
	char contact[IMS_ID_MAX + 64];
	struct ims_str service_route, pub_gruu, temp_gruu; /* or empty */
	struct ims_addr pcscf; /* unprotected port */
	uint32_t expires_s;
	bool outbound;   /* the registrar does RFC 5626 */
	uint32_t keep_s; /* keep-alives every so often; 0: none */
	uint64_t pings, pongs;
	struct ims_ue_info_set set[IMS_UE_INFO_SETS];
	size_t n_sets;
	const char *sub_state; /* of the subscription to reg */
	uint32_t sub_expires_s;
};
void ims_ue_info(const struct ims_ue *ue, uint64_t now_ms,
		 struct ims_ue_info *out);

#endif
