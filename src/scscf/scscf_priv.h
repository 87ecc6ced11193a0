/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_priv.h - the inside of the S-CSCF.
 *
 * A user has contacts (reg_bind.h), watchers (reg_sub.h), and attempts: a
 * REGISTER that is being worked on, from the question to the HSS to the last
 * answer.  Each attempt walks the machine of scscf_reg.c.
 *
 *	scscf.c            the object; events and time come in
 *	scscf_register.c   a REGISTER: which one is it?  It becomes an event
 *	scscf_auth.c       is the response right?
 *	scscf_reg.c        the machine and its actions
 *	scscf_answer.c     answers to REGISTER
 *	scscf_user.c       who is there
 *	scscf_subscribe.c  SUBSCRIBE for reg
 *	scscf_notify.c     NOTIFY for reg: who is told, and when
 *	scscf_reginfo.c    what a NOTIFY says
 *	scscf_gruu.c       addresses of one device
 *	scscf_order.c      what an operator orders
 *	scscf_keep.c       what outlives the process
 *	scscf_restore.c    and comes back
 *	scscf_info.c       for whoever wants to look
 */
#ifndef IMS_SCSCF_PRIV_H
#define IMS_SCSCF_PRIV_H

#include "aka_digest.h"
#include "base_list.h"
#include "reg_bind.h"
#include "reg_sub.h"
#include "scscf.h"
#include "sip_auth.h"
#include "sip_build.h"

#define IMS_SCSCF_ATTEMPTS 4 /* of one user at a time */
#define IMS_SCSCF_ROUNDS 2   /* new challenges after the UE refused one */
#define IMS_SCSCF_WRONG 3    /* wrong answers in the clear before a pause */
#define IMS_SCSCF_PAUSE_MS 30000
#define IMS_SCSCF_CX_MS 5000 /* the HSS must have answered by then */
#define IMS_SCSCF_NONCE 45
#define IMS_SCSCF_TAG 16
#define IMS_SCSCF_SHARERS 16 /* users of one identity that are merged */
#define IMS_SCSCF_SECRET 32
/* s that a watch may last longer than a registration, as a P-CSCF's does
 * [24.229 5.2.3]
 */
#define IMS_SCSCF_LONGER 3600
#define IMS_SCSCF_RECORD 3     /* version of what is kept */
#define IMS_SCSCF_RECORD_OLD 2 /* and the one before, which is read, too */

enum ims_scscf_state {
	SCSCF_FREE,       /* nothing going on; the attempt is given back */
	SCSCF_ASKING,     /* the HSS is asked for a vector */
	SCSCF_CHALLENGED, /* 401 sent, reg-await-auth runs */
	SCSCF_SAVING,     /* proven; the HSS is told that the user is here */
	SCSCF_LEAVING,    /* proven; the HSS is told that he is not any more */
};

enum ims_scscf_on {
	ON_INITIAL,      /* a REGISTER that must be challenged */
	ON_REFRESH,      /* inside SAs, and we take their word */
	ON_LEAVE,        /* the same, but only removals */
	ON_PROVEN,       /* the right response to our challenge */
	ON_PROVEN_LEAVE, /* the same, but only removals */
	ON_WRONG,        /* a wrong response to our challenge */
	ON_WRONG_AGAIN,  /* the same, and it gets another challenge */
	ON_AUTS,         /* the UE wants to resynchronise */
	ON_REJECTED,     /* the UE says that our MAC is wrong */
	ON_TOO_MANY,     /* either of them, once too often */
	ON_OVERTAKEN,    /* right, but he has registered anew since then */
	ON_CX_OK,
	ON_CX_FAIL,
	ON_TIMEOUT,
};

enum ims_scscf_due { DUE_ATTEMPT, DUE_USER, DUE_WATCH };

struct ims_scscf_user;

struct ims_scscf_attempt {
	struct ims_list node; /* of the user */
	struct ims_map_node cx_node;
	struct ims_due due;
	struct ims_scscf_user *user;
	unsigned state;
	bool secured;    /* the REGISTER that began it came inside SAs */
	uint32_t origin; /* what its Path hashes to: one UE at one address */
	unsigned rounds; /* challenges that the UE refused */
	unsigned wrong;  /* wrong responses that got another challenge */
	uint64_t order;  /* of the challenge that proves him, among all */
	char *call_id;
	/* The REGISTER that waits for an answer. */
	uint32_t txn;
	struct ims_addr source;
	char *bytes;
	size_t n_bytes;
	/* The challenge; secret but for the nonce. */
	char nonce[IMS_SCSCF_NONCE]; /* empty: none, or used up */
	struct ims_aka_vector vector;
};

struct ims_scscf_impu {
	struct ims_map_node node; /* in ims_scscf.impus */
	struct ims_scscf_user *user;
	uint32_t id; /* of the registration element */
	bool barred;
	char uri[];
};

/* One who registers: a private identity with one of its implicit sets.  Of a
 * subscriber with several sets there are several.
 */
struct ims_scscf_user {
	struct ims_map_node node;  /* in ims_scscf.users, by IMPI */
	struct ims_list idle_node; /* in ims_scscf.idle if he has no contact */
	struct ims_due due;        /* a contact expires; the pause ends */
	struct ims_list attempts, watchers;
	struct ims_list ending; /* watches whose last NOTIFY is on its way */
	size_t n_attempts, n_watchers, n_ending;
	struct ims_reg_binds binds; /* ids are unique in the whole S-CSCF */
	struct ims_scscf_impu *impu[IMS_IMPU_MAX];
	size_t n_impus;
	uint8_t set;          /* the number of it */
	size_t explicit_impu; /* the one in To of the REGISTER */
	char last_nonce[IMS_SCSCF_NONCE];
	uint64_t last_order; /* of the challenges that he has answered */
	bool reauth;         /* his next REGISTER is challenged */
	bool kept;           /* there is a record of him */
	unsigned wrong;      /* responses in a row */
	uint64_t pause_ms;   /* until then they are remembered */
	char impi[];
};

struct ims_scscf_watch {
	struct ims_list node; /* of the user */
	struct ims_map_node id_node, dialog_node;
	struct ims_due due;
	struct ims_scscf_user *user;
	struct ims_reg_sub sub;
	uint32_t id;
	uint32_t txn;      /* of the NOTIFY that is not answered yet; 0: none */
	uint64_t quiet_ms; /* and no NOTIFY before that, but the last one */
	uint64_t seen;     /* changes up to this one were told */
	bool trusted;      /* by configuration, not as the user */
	bool dirty;        /* there is something to tell, */
	bool full;         /* and by the whole state */
	bool last;         /* it waits for the answer to its last NOTIFY */
	/* The NOTIFY that is about to be sent is counted in the record of the
	 * user; if it is the last one, then `ends` is why: a reason of RFC
	 * 6665 4.1.3.
	 */
	bool going;
	const char *ends;
	uint32_t retry_after; /* of "probation" */
};

/* A request as it is being handled. */
struct ims_scscf_in {
	const struct ims_sip_msg *m;
	uint32_t txn;
	struct ims_addr source;
	struct ims_sip_auth auth;
	struct ims_reg_ask ask;
	struct ims_str impu; /* To, without header parameters */
	char impi[IMS_ID_MAX];
	bool secured; /* integrity-protected="yes" */
};

struct ims_scscf {
	struct ims_scscf_conf conf;
	struct ims_rand rnd;
	const struct ims_trace *trace;
	struct ims_acts acts;
	struct ims_txns txns;
	struct ims_heap due;
	struct ims_map users, impus, cx, watches;
	struct ims_map dialogs; /* watches by our tag */
	struct ims_list idle;   /* users without contact, oldest first */
	uint32_t seed;          /* of the hashes */
	uint32_t last_ref, last_watch, last_reg, last_contact;
	uint64_t changes;    /* of contacts, counted */
	uint64_t challenges; /* counted */
	/* What GRUUs are made with; a record of ours, once one was made. */
	uint8_t secret[IMS_SCSCF_SECRET];
	bool secret_kept;
	size_t n_registered;
	uint64_t now_ms; /* of the event that runs */
	bool stopped;    /* who was told to come back is sent away */
	struct {
		const struct ims_scscf_attempt *of; /* NULL: of none */
		struct ims_sip_msg m;
		struct ims_scscf_in in;
	} reread;
	char msg[IMS_SIP_MAX_LEN]; /* what is being written */
	char body[IMS_SIP_MAX_LEN];
	char *record; /* that is being written */
	size_t cap_record;
};

/* What an event of the machine brings along. */
struct ims_scscf_cx {
	const struct ims_cx_ans *ans; /* ON_CX_OK */
	int err;                      /* ON_CX_FAIL */
};

void ims_scscf_reg_step(struct ims_scscf *s, struct ims_scscf_attempt *a,
			enum ims_scscf_on on, const struct ims_scscf_cx *cx);

/* scscf_register.c */
void ims_scscf_register(struct ims_scscf *s, struct ims_scscf_in *in);
/* What the REGISTER that an attempt holds wants; it was read before.  Valid
 * until another is read, or the attempt holds another or ends.
 */
const struct ims_scscf_in *ims_scscf_reread(struct ims_scscf *s,
					    const struct ims_scscf_attempt *a);
void ims_scscf_cx(struct ims_scscf *s, const struct ims_cx_ans *ans);

/* scscf_auth.c: the one look at a response; 0 or -IMS_E_AKA_RES. */
int ims_scscf_verify(const struct ims_scscf *s,
		     const struct ims_scscf_attempt *a,
		     const struct ims_scscf_in *in);
/* conf.realm, conf.domain, or the host of the public identity. */
struct ims_str ims_scscf_realm(const struct ims_scscf *s, struct ims_str impu);

/* scscf_answer.c.  `extra` may be NULL: "Name: value" lines with their CRLF. */
void ims_scscf_reply(struct ims_scscf *s, const struct ims_scscf_in *in,
		     unsigned status, const char *extra);
void ims_scscf_challenge(struct ims_scscf *s, const struct ims_scscf_in *in,
			 const struct ims_scscf_attempt *a);
void ims_scscf_welcome(struct ims_scscf *s, const struct ims_scscf_in *in,
		       const struct ims_scscf_user *u);
/* Is it a flow of RFC 5626: the UE speaks of one, and the P-CSCF marked it? */
bool ims_scscf_is_outbound(const struct ims_scscf *s,
			   const struct ims_scscf_in *in);
/* Before any transaction: a message that cannot be taken, or no room. */
void ims_scscf_reply_bare(struct ims_scscf *s, const struct ims_flow *flow,
			  const struct ims_sip_msg *m, unsigned status);

/* scscf_user.c */
struct ims_scscf_user *ims_scscf_user_find(const struct ims_scscf *s,
					   struct ims_str impi);
/* The next one with his private identity (u NULL: the first). */
struct ims_scscf_user *ims_scscf_user_next(const struct ims_scscf *s,
					   struct ims_str impi,
					   const struct ims_scscf_user *u);
/* The one whose set has this public identity; else one who has no set that
 * counts, because he is not registered.  NULL: none.
 */
struct ims_scscf_user *ims_scscf_user_of(const struct ims_scscf *s,
					 struct ims_str impi,
					 struct ims_str impu);
/* Whose registered public identity is this?  NULL: nobody's. */
struct ims_scscf_user *ims_scscf_user_by_impu(const struct ims_scscf *s,
					      struct ims_str impu);
/* NULL: no memory, or full of users that are registered. */
struct ims_scscf_user *ims_scscf_user_new(struct ims_scscf *s,
					  struct ims_str impi);
void ims_scscf_user_drop(struct ims_scscf *s, struct ims_scscf_user *u);
/* After anything that may have left him without reason to stay. */
void ims_scscf_user_settle(struct ims_scscf *s, struct ims_scscf_user *u);
/* Is it in his set?  Its place then is *at (may be NULL). */
bool ims_scscf_user_has(const struct ims_scscf_user *u, struct ims_str impu,
			size_t *at);
/* -IMS_E_NOMEM, and then his set is as it was. */
int ims_scscf_user_impus(struct ims_scscf *s, struct ims_scscf_user *u,
			 const struct ims_cx_ans *ans);
/* Finds out anew when he is due, and whether he counts as registered. */
void ims_scscf_user_count(struct ims_scscf *s, struct ims_scscf_user *u,
			  bool was_registered);

struct ims_scscf_attempt *ims_scscf_attempt_new(struct ims_scscf *s,
						struct ims_scscf_user *u,
						struct ims_str call_id);
void ims_scscf_attempt_drop(struct ims_scscf *s, struct ims_scscf_attempt *a);
/* Who is out must prove himself anew: a challenge of before is none any more. */
void ims_scscf_forget_challenges(struct ims_scscf *s, struct ims_scscf_user *u);
/* Keeps the request until its answer.  -IMS_E_NOMEM. */
int ims_scscf_attempt_hold(struct ims_scscf *s, struct ims_scscf_attempt *a,
			   const struct ims_scscf_in *in);
/* It is answered: its memory is not needed while a challenge waits. */
void ims_scscf_attempt_release(struct ims_scscf *s,
			       struct ims_scscf_attempt *a);

/* He, and the others who have an identity in common with him: their number.
 * [23.228 4.3.3.4: one public identity of several private ones]
 */
size_t ims_scscf_sharers(const struct ims_scscf *s, struct ims_scscf_user *u,
			 struct ims_scscf_user *out[static IMS_SCSCF_SHARERS]);

/* scscf_subscribe.c */
void ims_scscf_subscribe(struct ims_scscf *s, struct ims_scscf_in *in);
void ims_scscf_watch_link(struct ims_scscf *s, struct ims_scscf_user *u,
			  struct ims_scscf_watch *w);
/* Its dialog is over, and only its last NOTIFY is to be answered. */
void ims_scscf_watch_rest(struct ims_scscf *s, struct ims_scscf_watch *w);
void ims_scscf_watch_drop(struct ims_scscf *s, struct ims_scscf_watch *w);

/* scscf_notify.c: first the change is counted and everything that rests on it
 * is kept, then the answer is sent, and then the NOTIFYs.
 *
 *	ims_scscf_changed(s, u); answer; ims_scscf_notify_all(s, u);
 */
/* Contacts of his have changed. */
void ims_scscf_changed(struct ims_scscf *s, struct ims_scscf_user *u);
/* Sends what is due, and forgets the contacts that went and were told. */
void ims_scscf_notify_all(struct ims_scscf *s, struct ims_scscf_user *u);
/* The same for one watcher, who is to hear the whole state at once; ends NULL:
 * the subscription goes on, else the watch is gone after notify.
 */
void ims_scscf_due_full(struct ims_scscf *s, struct ims_scscf_watch *w,
			const char *ends);
void ims_scscf_notify(struct ims_scscf *s, struct ims_scscf_watch *w);
/* It expired, or what was held back is due. */
void ims_scscf_watch_due(struct ims_scscf *s, struct ims_scscf_watch *w);
/* When must it be looked at again? */
void ims_scscf_watch_arm(struct ims_scscf *s, struct ims_scscf_watch *w);
/* An answer to a NOTIFY came (m NULL: it failed or timed out). */
void ims_scscf_notified(struct ims_scscf *s, uint32_t watch,
			const struct ims_sip_msg *m);
/* The reason of that name; NULL: there is none. */
const char *ims_scscf_ends(struct ims_str name);

/* scscf_reginfo.c: the document for this watcher; false: it would be empty. */
bool ims_scscf_reginfo(struct ims_scscf *s, const struct ims_scscf_watch *w,
		       bool full, struct ims_buf *body);

/* scscf_gruu.c: of this contact for this identity.  -IMS_E_NOTFOUND: it has
 * none; -IMS_E_ALGO.
 */
int ims_scscf_gruu_pub(const struct ims_scscf *s,
		       const struct ims_reg_contact *c, struct ims_str impu,
		       struct ims_buf *b);
int ims_scscf_gruu_temp(const struct ims_scscf *s,
			const struct ims_reg_contact *c, struct ims_str impu,
			struct ims_buf *b);

/* scscf_keep.c: queues his record as he is now; without a contact, and without
 * anybody who must hear of that, he is forgotten.
 */
void ims_scscf_keep(struct ims_scscf *s, struct ims_scscf_user *u);
/* There is no record of him any more. */
void ims_scscf_unkeep(struct ims_scscf *s, struct ims_scscf_user *u);
void ims_scscf_keep_secret(struct ims_scscf *s);

#endif
