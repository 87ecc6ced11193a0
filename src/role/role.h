/* SPDX-License-Identifier: BSD-2-Clause */
/* role.h - events in, acts out: what all roles share.
 *
 * A role (UE, P-CSCF, S-CSCF) is fed one event at a time with the time of day
 * of a monotonic clock, and queues acts.  It never calls out, waits or fails
 * by weather: whoever runs it performs the acts in order and feeds back what
 * came of them.
 *
 *	ims_ue_event(ue, &ev, now_ms);
 *	while (ims_ue_next(ue, &act))
 *		perform(&act);
 *	... and call again with IMS_EV_TICK at ims_ue_due(ue)
 */
#ifndef IMS_ROLE_H
#define IMS_ROLE_H

#include "aka_card.h"
#include "base_flow.h"
#include "base_heap.h"
#include "ipsec_sa.h"
#include "role_cx.h"
#include "role_keep.h"

enum ims_ev_kind {
	IMS_EV_TICK, /* the time of ims_..._due() has come */
	IMS_EV_MSG,  /* a message came: flow, bytes */
	/* A SEND failed, or its connection broke: flow (conn: what broke; 0:
	 * none came about), ref, err.
	 */
	IMS_EV_UNSENT,
	IMS_EV_SA,      /* what became of SA_ADD: set, err */
	IMS_EV_SA_GONE, /* the back-end has lost this set: set, err */
	IMS_EV_ADDRESS, /* UE: the host has a new address: flow.local */
	IMS_EV_SIM,     /* what became of SIM: answer */
	IMS_EV_CX,      /* what became of CX: cx */
	IMS_EV_START,   /* UE: register */
	IMS_EV_STOP,    /* UE: de-register; P-CSCF, S-CSCF: end in order */
	/* P-CSCF: what is kept cannot be committed (err), or can again (0):
	 * until then it makes no new promise.
	 */
	IMS_EV_STORE,
};

/* Pointers are borrowed for the call only. */
struct ims_ev {
	enum ims_ev_kind kind;
	struct ims_flow flow;
	struct ims_str bytes;
	uint32_t ref;
	uint32_t set;
	bool all; /* STOP at a UE: every contact of the user, not just ours */
	int err;  /* 0 or -IMS_E_... */
	const struct ims_flaw *why; /* with err; may be NULL */
	const struct ims_card_answer *answer;
	const struct ims_cx_ans *cx;
};

enum ims_act_kind {
	IMS_ACT_SEND,   /* these bytes on this flow */
	IMS_ACT_SA_ADD, /* install this set; IMS_EV_SA follows */
	IMS_ACT_SA_DEL, /* remove the set with this id */
	/* The host removes the set by itself so many seconds from now, if
	 * nobody has by then; IMS_EV_SA_GONE would follow.
	 */
	IMS_ACT_SA_LIFE,
	IMS_ACT_KEEP, /* remember this across a restart: keep, key, bytes */
	IMS_ACT_SIM,  /* ask the SIM; IMS_EV_SIM follows */
	IMS_ACT_CX,   /* ask the HSS; IMS_EV_CX follows */
	IMS_ACT_TELL, /* tell the user */
};

/* What a role tells whoever runs it. */
enum ims_tell {
	IMS_TELL_INFO,
	IMS_TELL_PROBLEM, /* err, text: refused or dropped, life goes on */
	IMS_TELL_AGREED,  /* UE, P-CSCF: suite and SPIs chosen: set */
	IMS_TELL_REGISTERED,
	IMS_TELL_REFRESHED,
	IMS_TELL_SUBSCRIBED,
	IMS_TELL_NOTIFIED,     /* UE: reginfo understood */
	IMS_TELL_DEREGISTERED, /* UE: all is taken down */
	IMS_TELL_FAILED,       /* UE: gave up: err, text */
};

struct ims_act {
	enum ims_act_kind kind;
	struct ims_flow flow; /* SEND */
	struct ims_str bytes; /* SEND; KEEP: the record, empty: forget it */
	uint32_t ref;         /* SEND: comes back in UNSENT; 0: none */
	enum ims_keep keep;   /* KEEP: of which kind, */
	struct ims_str key;   /* and its name among those of that kind */
	const struct ims_ipsec_set *add; /* SA_ADD; holds keys */
	uint32_t set;    /* SA_DEL, SA_LIFE; TELL: the set meant, or 0 */
	uint32_t life_s; /* SA_LIFE; not 0 */
	uint8_t rand[16], autn[16];  /* SIM */
	const struct ims_cx_req *cx; /* CX */
	enum ims_tell tell;          /* TELL */
	int err;                     /* TELL: 0 or -IMS_E_... */
	struct ims_str text;         /* TELL: one line, printable */
};

/* The queue of a role.  Put by the role, taken by who runs it.  Bytes and
 * values are copied in; what next gives is valid until the next call on the
 * role.  Keys and messages are wiped when their act was taken and the next is
 * asked for.
 * The memory is kept and used again: nothing is allocated after warm-up.
 */
struct ims_acts {
	struct ims_act *v; /* pointers in here point into bytes */
	size_t n, cap, at;
	char *bytes;
	size_t n_bytes, cap_bytes;
	bool lost; /* no memory: an act was dropped */
};
void ims_acts_init(struct ims_acts *q);
void ims_acts_free(struct ims_acts *q); /* wipes */
void ims_acts_send(struct ims_acts *q, const struct ims_flow *flow,
		   struct ims_str bytes, uint32_t ref);
void ims_acts_sa_add(struct ims_acts *q, const struct ims_ipsec_set *set);
void ims_acts_sa_del(struct ims_acts *q, uint32_t set);
/* The hard lifetime of an installed set, from now: what SIP lets it live, and
 * IMS_SA_SLACK_S more, so that the host never ends what its owner still wants.
 * life_ms may be anything, IMS_NEVER too.
 */
#define IMS_SA_SLACK_S 130 /* 64*T1 and what is left of a second */
void ims_acts_sa_life(struct ims_acts *q, uint32_t set, uint64_t life_ms);
/* The same for a set that is yet to be installed (ims_ipsec_set.life_s). */
uint32_t ims_role_life_s(uint64_t life_ms);
/* What stands in a KEEP is safe before a later SEND leaves (role_keep.h).
 * record empty: forget it.
 */
void ims_acts_keep(struct ims_acts *q, enum ims_keep kind, struct ims_str key,
		   struct ims_str record);
void ims_acts_sim(struct ims_acts *q, const uint8_t rnd[static 16],
		  const uint8_t autn[static 16]);
void ims_acts_cx(struct ims_acts *q, const struct ims_cx_req *req);
void ims_acts_tell(struct ims_acts *q, enum ims_tell tell, int err,
		   uint32_t set, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
bool ims_acts_next(struct ims_acts *q, struct ims_act *out);

/* The flow on which this side sends UDP inside a set: from its protected
 * client port to the peer's protected server port [33.203 7.1]: UE uc->ps,
 * P-CSCF pc->us; also the flow to open TCP connections on.
 */
struct ims_flow ims_role_flow(const struct ims_ipsec_set *set,
			      enum ims_transport transport);

/* A token of n random characters (letters and digits) for tags, branches and
 * Call-IDs; out has n + 1.
 */
struct ims_rand;
void ims_role_token(const struct ims_rand *rnd, char *out, size_t n);
/* "z9hG4bK" and a token. */
#define IMS_BRANCH_LEN 28
void ims_role_branch(const struct ims_rand *rnd,
		     char out[static IMS_BRANCH_LEN]);

#endif
