/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_priv.h - the inside of the UE: its state, and which file does what.
 *
 *	ue.c         the object: events in, timers
 *	ue_msg.c     what a message means: it becomes an event of a machine
 *	ue_answer.c  what an answer to REGISTER means: a table
 *	ue_reg.c     machine: registration
 *	ue_first.c   its acts: until the 200
 *	ue_life.c    its acts: after it
 *	ue_retry.c   which P-CSCF is next, and how long to wait
 *	ue_keep.c    a record that outlives the process
 *	ue_more.c    machine: further identities over the same SAs
 *	ue_sub.c     machine: subscription to reg
 *	ue_auth.c    challenge in, credentials out
 *	ue_sa.c      offers and SA sets: temporary, in use, old
 *	ue_notify.c  NOTIFY and other requests of the network
 *	ue_ok.c      what a 200 to REGISTER gives
 *	ue_put.c     messages out: SUBSCRIBE, answers, and what all share
 *	ue_register.c  REGISTER
 *	ue_form.c    how this phone writes it: conf.form applied
 *	ue_profile.c conf.form by the maker's name
 *	ue_number.c  SPIs and ports of an offer
 *	ue_flow.c    keep-alives
 *	ue_stun.c    those over UDP
 *	ue_gruu.c    GRUUs, from a 200 and from NOTIFYs
 *	ue_info.c    all that there is to see
 */
#ifndef IMS_UE_PRIV_H
#define IMS_UE_PRIV_H

#include "aka_digest.h"
#include "reg_watch.h"
#include "sip_auth.h"
#include "ue.h"

/* Where a registration stands.  RE_: one that lives is authenticated anew;
 * LEAVE_: so is the de-registration.
 */
enum ue_reg_state {
	UE_IDLE,         /* no registration, no SA */
	UE_WAITING,      /* not registered; tries again after a pause */
	UE_TRYING,       /* REGISTER sent in the clear */
	UE_ASKING,       /* 401 taken; the SIM works out RES, CK and IK */
	UE_SECURING,     /* the SAs are being installed */
	UE_PROVING,      /* REGISTER with the response sent inside them */
	UE_PROVING_LAST, /* same, and we are to leave at once after it */
	UE_REGISTERED,
	UE_REFRESHING, /* REGISTER sent inside the SAs in use */
	UE_RE_ASKING,
	UE_RE_SECURING,
	UE_RE_PROVING,
	UE_LEAVING, /* REGISTER with expires=0 sent */
	UE_LEAVE_ASKING,
	UE_LEAVE_SECURING,
	UE_LEAVE_PROVING,
	UE_DRAINING, /* deregistered; the SAs live until all is answered */
};

enum ue_reg_event {
	ON_START,
	ON_RESUMED,    /* a registration of a process before us goes on */
	ON_CHALLENGE,  /* 401 with an AKA nonce */
	ON_MUST_OFFER, /* the network wants sec-agree, we had not offered */
	ON_FALL_BACK,  /* the network wants no sec-agree: without it */
	ON_TOO_BRIEF,  /* 423 with Min-Expires, the first time */
	ON_SIM_OK,     /* RES, CK, IK, and a mechanism was agreed on */
	ON_SIM_CLEAR,  /* RES, and the network does no sec-agree */
	ON_SIM_RESYNC, /* the SIM answered with AUTS */
	ON_SIM_REJECT, /* the SIM found a wrong MAC */
	ON_SA_OK,
	ON_OK,
	ON_RESTART,     /* this attempt is spoilt: again, with a new Call-ID */
	ON_NEXT,        /* this P-CSCF does not serve: the next */
	ON_LATER,       /* none serves now: after a pause */
	ON_FAIL,        /* it is no use; of a renewal: refused for now */
	ON_LOST,        /* no answer: the network or the SAs are dead to us */
	ON_WAITED,      /* the pause is over */
	ON_REFRESH_DUE, /* time to register again */
	ON_MORE,        /* it is the turn of a further identity */
	ON_ONE_LEFT,    /* one of several identities is de-registered */
	ON_EXPIRED,     /* the registration's time is over */
	ON_TERMINATED,  /* NOTIFY: ended, and we are not to come back */
	ON_DEACTIVATED, /* NOTIFY: ended, and we are to come back at once */
	ON_PROBATION,   /* NOTIFY: ended, and we are to come back later */
	ON_ADDRESS,     /* the host has a new address */
	ON_STOP,
	ON_DRAINED, /* nothing needs the SAs any more */
};

/* One further identity, as long as the registration of the first lives. */
enum ue_more_state {
	UE_MORE_NONE,
	UE_MORE_IMPLIED, /* the network registered it with another one */
	UE_MORE_QUEUED,  /* waits for its turn */
	UE_MORE_ASKING,  /* its REGISTER is under way, */
	UE_MORE_ON,      /* it is registered, */
	UE_MORE_STALE,   /* and waits for its turn to be renewed, */
	UE_MORE_RENEWING,
	UE_MORE_PAUSING, /* tries again later */
	UE_MORE_REFUSED,
};

enum ue_more_event {
	MORE_BEGIN, /* there is a registration to add it to */
	MORE_IMPLY, /* P-Associated-URI names it */
	MORE_TURN,
	MORE_OK,
	MORE_REFUSE, /* it is no use */
	MORE_FAIL,   /* not now */
	MORE_DUE,    /* its renewal, or the end of the pause */
	MORE_AGAIN,  /* NOTIFY: it ended, and is to come back */
	MORE_ENDED,  /* NOTIFY: it ended for good */
	MORE_STOP,
};

enum ue_sub_state {
	UE_SUB_NONE,
	UE_SUB_ASKING,   /* SUBSCRIBE sent */
	UE_SUB_EARLY,    /* a NOTIFY overtook the 200 */
	UE_SUB_ACCEPTED, /* 200, and no NOTIFY yet */
	UE_SUB_ACTIVE,
	UE_SUB_REFRESHING,
	UE_SUB_PAUSING, /* waits before it subscribes anew */
};

enum ue_sub_event {
	SUB_START, /* the UE is registered */
	SUB_OK,
	SUB_NOTIFY,
	SUB_FAIL,       /* refused: no use to try again */
	SUB_BUSY,       /* 408, 500, 503, 504: not now */
	SUB_TOO_BRIEF,  /* 423 with Min-Expires, the first time */
	SUB_GONE,       /* 481 and its kin: there is no such subscription */
	SUB_LATER,      /* NOTIFY: terminated, come back after sub_retry_s */
	SUB_TIMEOUT,    /* no answer */
	SUB_NO_NOTIFY,  /* timer N */
	SUB_TERMINATED, /* NOTIFY: terminated, do not come back */
	SUB_DUE,        /* refresh, or the pause is over */
	SUB_EXPIRED,    /* its time is over */
	SUB_STOP,       /* the registration ends */
};

/* Text of our own that grows: kept from one message to the next. */
struct ue_text {
	char *p;
	size_t n, cap;
};

/* One SA set, seen from SIP. */
struct ue_set {
	uint32_t id; /* 0: none */
	struct ims_secagree_end me, pcscf;
	struct ims_flow udp;   /* uc -> ps */
	struct ue_text verify; /* Security-Verify: the Security-Server we got */
	struct ims_ipsec_suite suite;
	uint64_t until_ms; /* end of its life for SIP */
	bool heard;        /* a message came over it after the 200 */
};

/* The challenge being answered, and the last that was. */
struct ue_challenge {
	struct ue_text realm, nonce, opaque, algorithm;
	struct ims_digest_algo algo;
	bool has_opaque;
	const char *qop; /* "auth", "auth-int", or NULL */
	uint32_t nc;
	char cnonce[17];
	uint8_t password[64]; /* RES, or what AKAv2 makes of it; secret */
	size_t password_len;
	uint8_t auts[14];
	/* What Security-Server said. */
	bool has_server;
	struct ue_text server;
	int choice; /* 0: suite and pcscf are agreed; else why not */
	struct ims_flaw choice_why;
	struct ims_ipsec_suite suite;
	struct ims_secagree_end pcscf;
};

/* What stands in the Authorization of a REGISTER. */
enum ue_creds {
	UE_CREDS_FIRST, /* empty nonce and response */
	UE_CREDS_ANSWER,
	UE_CREDS_AUTS,
	UE_CREDS_EMPTY, /* the MAC was wrong: empty response, no auts */
};

/* In the order in which they count when many are due at once, as after a long
 * sleep: the end of a thing makes its renewal needless.
 */
enum ue_timer {
	UE_T_LEAVE, /* the good-bye has taken too long */
	UE_T_STEP,  /* SIM or SA do not answer */
	UE_T_EXPIRE,
	UE_T_WAIT, /* end of the pause */
	UE_T_REFRESH,
	UE_T_MORE, /* a further identity */
	UE_T_DRAIN,
	UE_T_SUB_END,
	UE_T_SUB,   /* refresh, or end of the pause */
	UE_T_SUB_N, /* no NOTIFY */
	UE_T_PING,  /* the next keep-alive */
	UE_T_PONG,  /* it is not answered */
	UE_N_TIMERS
};

/* Keep-alives on the flow to the P-CSCF [RFC 5626 4.4]. */
struct ue_flow {
	uint32_t every_s; /* 0: none */
	bool asked;       /* the network wants them, so it answers */
	bool waiting;     /* for a pong */
	uint8_t stun[12]; /* the transaction of the ping; over UDP */
	/* Where the P-CSCF sees us, over that set; port 0: not known. */
	struct ims_addr mapped;
	uint32_t mapped_set;
	unsigned tries;
	uint64_t pings, pongs;
};

/* All REGISTERs of one identity are one call. */
struct ue_call {
	char id[33], tag[17];
	uint32_t cseq;
};

struct ue_more {
	unsigned state; /* enum ue_more_state */
	uint64_t due, expires_at;
	unsigned failures; /* in a row */
};

enum { UE_REF_REGISTER = 1, UE_REF_SUBSCRIBE };

struct ims_ue {
	struct ims_ue_conf conf;
	struct ims_rand rnd;
	const struct ims_trace *trace;
	struct ims_acts acts;
	struct ims_txns txns;
	uint64_t now_ms;
	uint64_t at[UE_N_TIMERS];
	struct ims_flaw why;    /* of the event in hand */
	struct ims_flaw unsent; /* a request that could not be queued */

	/* Registration. */
	unsigned reg; /* enum ue_reg_state */
	/* Which of conf.pcscf is used; which were tried in this round, and
	 * when one that gave a Retry-After may be asked again.
	 */
	size_t pcscf;
	bool tried[IMS_UE_PCSCFS];
	uint64_t not_before[IMS_UE_PCSCFS];
	unsigned rounds;        /* that failed, in a row */
	bool restarted;         /* ON_RESTART was met in this attempt */
	bool avoid;             /* from the beginning at another P-CSCF */
	uint32_t pause_s;       /* that the network asked for; 0: none */
	uint64_t registered_at; /* 0: never */
	unsigned thrown;        /* out again soon after, in a row */
	unsigned refused;       /* renewals, in a row */
	/* The identity that is being registered, renewed or de-registered: 0:
	 * conf.impu, i: conf.more[i - 1].
	 */
	size_t who;
	struct ue_call call[1 + IMS_UE_MORE];
	struct ue_more more[IMS_UE_MORE];
	bool refresh_waits; /* for the end of another one's REGISTER */
	uint32_t txn;       /* of the REGISTER under way; 0: none */
	bool txn_inside;    /* was it sent inside ESP? */
	enum ue_creds creds;
	uint32_t ask_expires;
	bool offering;       /* Security-Client is in our REGISTERs */
	bool unchallenged;   /* no 401 was answered since the offer was made */
	unsigned challenges; /* in this procedure */
	unsigned bad;        /* challenges in a row that the SIM refused */
	int bad_err;
	enum ims_transport register_transport; /* of the last REGISTER */
	bool no_outbound;    /* 439: the first hop cannot do it */
	bool fell_back;      /* without sec-agree, as conf.form.fallback */
	bool brief;          /* 423 was met in this procedure */
	bool leaving;        /* expires=0 */
	bool leave_all;      /* of every contact */
	bool resumed;        /* restored, and not started yet */
	bool kept;           /* there is a record of us in the store */
	struct ims_flaw end; /* how the registration came to its end */
	uint64_t expires_at;

	/* Agreement. */
	struct ims_secagree_end offer;
	struct ue_text client; /* Security-Client as sent */
	bool offered_before;   /* conf's fixed numbers are used up */
	struct ue_set temp, now, old;
	struct ue_challenge ch;
	uint8_t ck[16], ik[16]; /* between SIM and SA_ADD; secret */

	/* What the 200 gave. */
	struct ue_text service_route;
	struct ue_text associated; /* P-Associated-URI, a line each */
	/* GRUUs of the IMPU in use, and the REGISTER that gave the temporary
	 * one.
	 */
	struct ue_text pub_gruu, temp_gruu;
	char gruu_call_id[33];
	uint32_t gruu_cseq;
	bool outbound; /* Require: outbound */
	struct ue_flow flow;
	char impu[IMS_ID_MAX]; /* for everything but REGISTER */

	/* Subscription. */
	unsigned sub;              /* enum ue_sub_state */
	char sub_impu[IMS_ID_MAX]; /* From and To of the dialog */
	char sub_call_id[33], sub_tag[17];
	struct ue_text sub_peer_tag, sub_target, sub_route;
	uint32_t sub_cseq, sub_peer_cseq;
	bool sub_heard_cseq;
	uint32_t sub_txn;
	uint32_t sub_retry_s;
	unsigned sub_failures;
	uint32_t sub_ask; /* seconds asked for */
	bool sub_brief;   /* 423 was met */
	struct ims_reg_watch watch;
};

/* ue.c */
bool ims_ue_keep(struct ue_text *t, struct ims_str s); /* false: no memory */
void ims_ue_forget(struct ue_text *t);
struct ims_str ims_ue_text(const struct ue_text *t);
void ims_ue_timer(struct ims_ue *ue, enum ue_timer t, uint64_t after_ms);
void ims_ue_timer_off(struct ims_ue *ue, enum ue_timer t);

struct ims_addr ims_ue_pcscf(const struct ims_ue *ue); /* the one used */

/* ue_msg.c */
void ims_ue_on_message(struct ims_ue *ue, const struct ims_ev *ev);
void ims_ue_on_sim(struct ims_ue *ue, const struct ims_ev *ev);
void ims_ue_on_sa(struct ims_ue *ue, const struct ims_ev *ev);
/* No answer to a request of that kind, or ue->unsent says why it was not sent. */
void ims_ue_on_silence(struct ims_ue *ue, uint32_t ref);
/* SIM or IPsec do not answer, or a step could not be taken at all. */
void ims_ue_on_stuck(struct ims_ue *ue);
/* The back-end has lost a set. */
void ims_ue_on_sa_gone(struct ims_ue *ue, const struct ims_ev *ev);
void ims_ue_say_refusal(struct ims_ue *ue, const struct ims_sip_msg *m,
			uint32_t ref);

/* ue_answer.c: what an answer to REGISTER means; ue->why says it in words. */
enum ue_reg_event ims_ue_judge_answer(struct ims_ue *ue,
				      const struct ims_sip_msg *m);
/* What other failures mean, whose cause is in ue->why: no answer came; SIM or
 * IPsec failed; the Security-Server in hand is of no use.
 */
enum ue_reg_event ims_ue_judge_silence(struct ims_ue *ue);
enum ue_reg_event ims_ue_judge_here(struct ims_ue *ue);
enum ue_reg_event ims_ue_judge_choice(struct ims_ue *ue);
enum ue_reg_event ims_ue_judge_spoilt(
	struct ims_ue *ue); /* by something else */

/* ue_retry.c */
/* Seconds of Retry-After, at most a day; 0: none. */
uint32_t ims_ue_retry_after(const struct ims_sip_msg *m);
/* A new round over the P-CSCFs begins; `avoid`: not with the present one. */
void ims_ue_round(struct ims_ue *ue, bool avoid);
/* The present one does not serve (for so many seconds; 0: unknown): ON_NEXT,
 * ON_LATER or, if we are not to try for ever, ON_FAIL.
 */
enum ue_reg_event ims_ue_failed_here(struct ims_ue *ue, uint32_t retry_after);
/* Is it tried for ever?  One that stood always is. */
bool ims_ue_fights(const struct ims_ue *ue);
/* Goes to the next that was not tried in this round; false: there is none. */
bool ims_ue_next_pcscf(struct ims_ue *ue);
bool ims_ue_all_closed(const struct ims_ue *ue); /* may none be asked now? */
/* How long to wait after a round that failed. */
uint64_t ims_ue_pause_ms(struct ims_ue *ue);
/* 50..100 % of base * 2^failures, at most 1800 s [RFC 5626 4.5]. */
uint64_t ims_ue_backoff_ms(const struct ims_ue *ue, uint32_t base_s,
			   unsigned failures);
void ims_ue_retry_forget(struct ims_ue *ue);

/* ue_keep.c: queues the record of what there is now, or that there is none. */
void ims_ue_remember(struct ims_ue *ue);
void ims_ue_unkeep(struct ims_ue *ue);

/* ue_reg.c, ue_sub.c: one event each; ue->why says more. */
void ims_ue_reg_step(struct ims_ue *ue, enum ue_reg_event on,
		     const struct ims_sip_msg *m);
void ims_ue_sub_step(struct ims_ue *ue, enum ue_sub_event on,
		     const struct ims_sip_msg *m);
/* The registration's end, as the network says, or a nearer one. */
void ims_ue_reg_until(struct ims_ue *ue, uint32_t expires_s);
/* Is the registration one that NOTIFY may end or shorten? */
bool ims_ue_reg_lives(const struct ims_ue *ue);
/* Is it being made, or ended? */
bool ims_ue_reg_first(const struct ims_ue *ue);
bool ims_ue_reg_leaves(const struct ims_ue *ue);
/* When to renew what lasts so long: 600 s before its end, or half-way [24.229
 * 5.1.1.4.1].
 */
uint64_t ims_ue_renew_ms(uint64_t life_ms);
/* From the beginning; not before a Retry-After is over. */
void ims_ue_reg_anew(struct ims_ue *ue, enum ue_reg_event on);
/* Was it ended too often, each time a moment after it began? */
bool ims_ue_reg_dizzy(struct ims_ue *ue);

/* ue_ok.c: what the 200 to REGISTER gives. */
/* Seconds until it expires, of our Contact. */
uint32_t ims_ue_ok_expires(const struct ims_ue *ue,
			   const struct ims_sip_msg *m);
/* Keeps Service-Route, GRUUs and the identity for other requests, and what was
 * negotiated about the flow.
 */
void ims_ue_ok_take(struct ims_ue *ue, const struct ims_sip_msg *m);
/* Forgets all of it: the registration is over. */
void ims_ue_ok_forget(struct ims_ue *ue);
/* Takes the next of ue->associated. */
bool ims_ue_next_line(struct ims_str *rest, struct ims_str *line);
/* The IMPU in use is not registered any more: another of ours that is takes its
 * place, and the GRUUs of the former go.
 */
void ims_ue_impu_ended(struct ims_ue *ue);
/* Is our contact bound to this IMPU, as far as NOTIFYs say? */
bool ims_ue_impu_mine(const struct ims_ue *ue, struct ims_str impu);
/* A URI that may stand between < and > of a line of ours. */
bool ims_ue_sound_uri(struct ims_str uri);
/* Is this IMPU registered, as far as NOTIFYs say? */
bool ims_ue_impu_lives(const struct ims_ue *ue, struct ims_str impu);

/* ue_auth.c */
/* Takes the 401 apart.  0; -IMS_E_AKA_NONCE, -IMS_E_ALGO, -IMS_E_NOMEM. */
int ims_ue_challenge(struct ims_ue *ue, const struct ims_sip_msg *m);
void ims_ue_ask_sim(struct ims_ue *ue);
/* The SIM's answer becomes password, CK, IK or AUTS. */
int ims_ue_sim_ok(struct ims_ue *ue, const struct ims_card_answer *a);
void ims_ue_put_authorization(struct ims_ue *ue, struct ims_buf *b);
/* Is there a rspauth in the answer, and is it not RES that made it [RFC 2617
 * 3.2.3]?
 */
bool ims_ue_rspauth_wrong(const struct ims_ue *ue, const struct ims_sip_msg *m);
void ims_ue_auth_wipe(struct ims_ue *ue); /* all secrets */

/* ue_sa.c */
/* New SPIs and port_uc, and the Security-Client that says so.  0 or
 * -IMS_E_NO_MECH (policy allows nothing), -IMS_E_NO_SPI, -IMS_E_NOMEM.
 */
int ims_ue_offer(struct ims_ue *ue);
void ims_ue_offer_forget(struct ims_ue *ue);
/* Reads Security-Server into the challenge. */
void ims_ue_choose(struct ims_ue *ue, const struct ims_sip_msg *m);
int ims_ue_add_temp(struct ims_ue *ue);                /* queues SA_ADD */
void ims_ue_drop(struct ims_ue *ue, struct ue_set *s); /* queues SA_DEL */
/* Tells the host until when a set lives: queues SA_LIFE. */
void ims_ue_pin(struct ims_ue *ue, const struct ue_set *s);
void ims_ue_drop_all(struct ims_ue *ue);
/* As it, but what answers of ours still go through lives for timer J. */
void ims_ue_retire_all(struct ims_ue *ue);
void ims_ue_establish(struct ims_ue *ue); /* temporary becomes the one in use */
void ims_ue_live(struct ims_ue *ue, uint32_t expires_s);
void ims_ue_heard(struct ims_ue *ue, uint32_t set); /* rule (a) of 8.1 */
void ims_ue_sets_due(struct ims_ue *ue);
uint64_t ims_ue_sets_next(const struct ims_ue *ue);
const struct ue_set *ims_ue_find_set(const struct ims_ue *ue, uint32_t id);
/* Both established (struct ims_txns)? */
bool ims_ue_same_peer(const void *ue, uint32_t asked, uint32_t came);

/* ue_more.c */
const char *ims_ue_who(const struct ims_ue *ue); /* the IMPU in hand */
struct ue_call *ims_ue_call(struct ims_ue *ue);  /* and its call */
/* The first is registered or renewed: the others that it does not imply
 * follow.
 */
void ims_ue_more_begin(struct ims_ue *ue);
void ims_ue_more_due(struct ims_ue *ue);
/* What became of the one in hand; after it the next has its turn. */
void ims_ue_more_ok(struct ims_ue *ue, const struct ims_sip_msg *m);
void ims_ue_more_failed(struct ims_ue *ue, const struct ims_sip_msg *m);
/* Takes in hand one that is to be de-registered; the first comes last. */
void ims_ue_more_leave(struct ims_ue *ue);
void ims_ue_more_left(struct ims_ue *ue); /* that one is */
void ims_ue_more_stop(struct ims_ue *ue);
void ims_ue_more_heard(struct ims_ue *ue, const struct ims_reginfo *doc);
/* "registered", ... of conf.more[i]; NULL: implied, so it is seen elsewhere. */
const char *ims_ue_more_word(const struct ims_ue *ue, size_t i);
/* One that the record has. */
void ims_ue_more_restored(struct ims_ue *ue, size_t i, uint64_t expires_at);
bool ims_ue_more_is_on(const struct ue_more *w);
void ims_ue_reg_new_call(struct ims_ue *ue); /* ue_first.c; of ue->who */

/* ue_sub.c: what the dialog is made of, from the 200 or a NOTIFY. */
void ims_ue_sub_dialog(struct ims_ue *ue, const struct ims_sip_msg *m);
void ims_ue_sub_until(struct ims_ue *ue, uint32_t expires_s);
/* It asks for nothing any more, but NOTIFYs are still answered. */
void ims_ue_sub_rest(struct ims_ue *ue);
bool ims_ue_sub_waits(const struct ims_ue *ue); /* may a NOTIFY come? */

/* ue_put.c */
int ims_ue_send_register(struct ims_ue *ue, const struct ue_set *over);
int ims_ue_send_subscribe(struct ims_ue *ue);
/* "sip:user@host:port", our contact with port_us of this set (NULL: the
 * unprotected port, or the offered port_us).
 */
void ims_ue_put_contact_uri(const struct ims_ue *ue, struct ims_buf *b,
			    const struct ue_set *over);
void ims_ue_answer(struct ims_ue *ue, const struct ims_sip_msg *req,
		   const struct ims_flow *flow, uint32_t txn, unsigned status);
/* One that cannot have a transaction. */
void ims_ue_answer_stateless(struct ims_ue *ue, const struct ims_sip_msg *req,
			     const struct ims_flow *flow, unsigned status);
/* "REGISTER (step 3, inside ESP)", for texts. */
#define UE_STEP_TEXT 96
const char *ims_ue_step_text(const struct ims_ue *ue, uint32_t ref,
			     char out[static UE_STEP_TEXT]);

/* What one request is made from. */
struct ue_request {
	const struct ue_set *over; /* NULL: in the clear */
	enum ims_transport transport;
	bool keep; /* keep-alives may be negotiated [RFC 6223 4.1] */
	char branch[IMS_BRANCH_LEN];
};
void ims_ue_put_via(struct ims_ue *ue, struct ims_buf *b,
		    const struct ue_request *r);
/* The P-CSCF, then more. */
void ims_ue_put_route(struct ims_ue *ue, struct ims_buf *b,
		      const struct ue_set *over, struct ims_str more);
void ims_ue_put_access(const struct ims_ue *ue, struct ims_buf *b);
void ims_ue_put_agent(const struct ims_ue *ue, struct ims_buf *b,
		      enum ims_sip_hdr_id id);
void ims_ue_put_allow(const struct ims_ue *ue, struct ims_buf *b);
void ims_ue_put_instance(const struct ims_ue *ue, struct ims_buf *b);
/* Where a request goes. */
void ims_ue_flow(const struct ims_ue *ue, const struct ue_set *over,
		 enum ims_transport transport, struct ims_flow *out);

/* ue_register.c */
void ims_ue_write_register(struct ims_ue *ue, struct ims_buf *b,
			   const struct ue_request *r);
bool ims_ue_writes(enum ims_sip_hdr_id id); /* is it one of REGISTER's? */

/* ue_form.c */
/* One header, by its short name if the form is compact. */
void ims_ue_put(const struct ims_ue *ue, struct ims_buf *b,
		enum ims_sip_hdr_id id, struct ims_str value);
void ims_ue_put_buf(const struct ims_ue *ue, struct ims_buf *b,
		    enum ims_sip_hdr_id id, const struct ims_buf *value);
void ims_ue_put_supported(const struct ims_ue *ue, struct ims_buf *b);
void ims_ue_put_mechanism(const struct ims_ue *ue, struct ims_buf *b,
			  const struct ims_sip_sec *s);
const char *ims_ue_join(const struct ims_ue *ue); /* between mechanisms */
void ims_ue_put_client(const struct ims_ue *ue, struct ims_buf *b);
void ims_ue_put_verify(const struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_set *over);
/* Request-URI of REGISTER, and the digest uri. */
#define UE_URI_TEXT (IMS_ID_MAX + 8)
const char *ims_ue_register_uri(const struct ims_ue *ue,
				char out[static UE_URI_TEXT]);
/* Does this answer to the first REGISTER mean: again, without sec-agree? */
bool ims_ue_falls_back(const struct ims_ue *ue, unsigned status);

/* ue_number.c: new SPIs and ports into ue->offer.  -IMS_E_NO_SPI. */
int ims_ue_numbers(struct ims_ue *ue);

/* ue_flow.c: keep-alives. */
/* What the 200 to REGISTER said about them. */
void ims_ue_flow_take(struct ims_ue *ue, const struct ims_sip_msg *m);
void ims_ue_flow_forget(struct ims_ue *ue);
void ims_ue_ping(struct ims_ue *ue);      /* it is time */
void ims_ue_pong_late(struct ims_ue *ue); /* no answer in time */
/* Is this an answer to a keep-alive?  Then it was taken. */
bool ims_ue_pong(struct ims_ue *ue, const struct ims_flow *flow,
		 struct ims_str bytes);

/* ue_stun.c: binding requests [RFC 5389]. */
#define UE_STUN_LEN 20
void ims_ue_stun_put(const uint8_t id[static 12],
		     uint8_t out[static UE_STUN_LEN]);
/* Is it the answer to the request with this id?  Success or not, somebody is
 * there.
 */
bool ims_ue_stun_is_answer(const uint8_t id[static 12], struct ims_str bytes);
/* The mapped address in such an answer; false: there is none. */
bool ims_ue_stun_mapped(struct ims_str bytes, struct ims_addr *out);

/* ue_gruu.c: those at our Contact of the 200; NULL: it is not listed. */
void ims_ue_gruu_keep(struct ims_ue *ue, const struct ims_str *params);
void ims_ue_gruu_forget(struct ims_ue *ue);
/* What a NOTIFY says of our contact at the IMPU in use [RFC 5628]; false: it
 * says nothing new.
 */
bool ims_ue_gruu_take(struct ims_ue *ue, const struct ims_reginfo_contact *c);

/* ue_notify.c */
/* Is this URI our contact? */
bool ims_ue_is_mine(const struct ims_ue *ue, struct ims_str uri);
void ims_ue_on_request(struct ims_ue *ue, const struct ims_sip_msg *m,
		       const struct ims_flow *flow, uint32_t txn);

#endif
