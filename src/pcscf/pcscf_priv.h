/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_priv.h - the P-CSCF's inside: UEs, their SA sets, and requests on
 * their way.
 *
 *	message -> guard  may it come on this flow?
 *	        -> register / route    what it is -> an event, or a relay
 *	        -> reg    the table: what is then done
 */
#ifndef IMS_PCSCF_PRIV_H
#define IMS_PCSCF_PRIV_H

#include "base_list.h"
#include "pcscf.h"
#include "reg_watch.h"
#include "secagree_alloc.h"
#include "sip_build.h"

#define IMS_PCSCF_TOKEN 16
#define IMS_PCSCF_OUT 70000    /* the longest message that we build */
#define IMS_PCSCF_HEAD 2048    /* Vias, From, To, Call-ID, CSeq of a request */
#define IMS_PCSCF_OFFER 4096   /* the longest Security-Client */
#define IMS_PCSCF_RETRY_S 10   /* Retry-After */
#define IMS_PCSCF_ROUTES 8     /* of our own dialogs */
#define IMS_PCSCF_SETS 3       /* of a UE: six SAs a direction [33.203 7.1] */
#define IMS_PCSCF_SOURCES 4096 /* buckets of addresses */

/* The life of a set [24.229 5.2.2, 33.203 7.4]. */
enum ims_pcscf_life {                  /* in records: add, never change */
		      IMS_SET_MAKING,  /* SA_ADD is on its way */
		      IMS_SET_PENDING, /* temporary: made for a challenge */
		      IMS_SET_NEW,     /* proven, not yet taken into use */
		      IMS_SET_IN_USE,  /* what is sent to the UE goes here */
		      IMS_SET_OLD,     /* replaced; the UE may still use it */
		      IMS_SET_DYING, /* kept so that what is on its way still arrives */
		      IMS_SET_GONE,
};

struct ims_pcscf_ue;

struct ims_pcscf_set {
	struct ims_map_node id_node, uc_node, us_node;
	struct ims_pcscf_set *next; /* of this UE */
	struct ims_pcscf_ue *ue;
	struct ims_due due;
	unsigned life;     /* of ims_pcscf_set_fsm */
	bool installed;    /* the back-end said so */
	bool proven;       /* the UE showed that it has the keys */
	bool initial;      /* its challenge was for an unprotected REGISTER */
	uint32_t began_on; /* else: the set that REGISTER came over */
	uint64_t end_at, latest; /* dying: never beyond */
	uint64_t doubt_at;  /* asked whether the UE still has it; 0: no doubt */
	bool doubt_of_port; /* its port_pc is wanted, not its SPI */
	struct ims_ipsec_set sas; /* without keys */
	char *client, *server; /* Security-Client, Security-Server: as text */
};

/* Our subscription to the registration of a UE. */
struct ims_pcscf_watch {
	struct ims_due due;
	unsigned state; /* of ims_pcscf_watch_fsm */
	uint32_t relay; /* the SUBSCRIBE that waits for its answer; 0: none */
	/* the dialog */
	char call_id[IMS_PCSCF_TOKEN + 1], tag[IMS_PCSCF_TOKEN + 1];
	char *remote_tag, *target, *routes;
	uint32_t cseq, remote_cseq;
	uint64_t ends_at;
	uint32_t pause_s; /* the last one; 0: none since it was granted */
	struct ims_reg_watch known;
};

/* What one REGISTER of several registered. */
struct ims_pcscf_names {
	char *to;    /* its identity; NULL: what is left of before a restart */
	char *impus; /* P-Associated-URI */
	uint64_t expires_at;
};

/* A UE: one private identity at one address. */
struct ims_pcscf_ue {
	struct ims_map_node key_node, id_node, token_node, clear_node;
	struct ims_due due; /* of a registration in the clear */
	uint32_t id;
	unsigned state; /* of ims_pcscf_reg_fsm */
	char impi[IMS_ID_MAX];
	struct ims_ip ip;
	char token[IMS_PCSCF_TOKEN + 1]; /* its name on Mw */
	struct ims_pcscf_set *sets;

	/* the REGISTER in progress */
	uint32_t round; /* its relay; 0: none */
	char *offer;    /* its Security-Client; NULL: none */
	char *held;     /* the 401 that waits for the SAs */
	size_t held_len;

	/* the registration */
	bool registered;
	bool clear;             /* without SAs */
	struct ims_flow access; /* then: where it is reached */
	uint64_t expires_at;    /* as granted; clear and sets last longer */
	char *impus;            /* all that are registered, default first */
	struct ims_pcscf_names names[IMS_IMPU_MAX]; /* the same, in parts */
	size_t n_names;
	char *service_route; /* NULL: none */
	char *contact;       /* URI; NULL: none */
	struct ims_pcscf_watch watch;

	struct ims_list unsaved; /* in ims_pcscf.unsaved if its record is old */
	bool kept;               /* it has a record */
	bool ended; /* by the network; the UE is still to hear so */
};

enum ims_pcscf_way {
	IMS_WAY_REGISTER, /* UE to core */
	IMS_WAY_UP,       /* UE to core, anything else */
	IMS_WAY_DOWN,     /* core to UE */
	IMS_WAY_OWN,      /* ours, to the core */
};

/* A request that was passed on and waits for its answer. */
struct ims_pcscf_relay {
	struct ims_map_node node;
	struct ims_pcscf_relay *next_free;
	uint32_t id, server, client, ue;
	enum ims_pcscf_way way;
	struct ims_flow flow; /* it came on */
	bool outbound;        /* DOWN: its route had `ob` */
	char *again;          /* DOWN: by TCP for its size only; NULL: not */
	size_t again_len;
	size_t keep_at;   /* REGISTER: in head, behind Via;keep; 0: none */
	uint32_t expires; /* REGISTER: asked for */
	char contact[IMS_ID_MAX];
	char token[IMS_PCSCF_TOKEN + 1];
	/* What every response to it begins with after the status line: Vias,
	 * then From, To, Call-ID, CSeq.
	 */
	size_t via_len, head_len;
	char head[IMS_PCSCF_HEAD];
};

struct ims_pcscf {
	struct ims_pcscf_conf conf;
	struct ims_rand rnd;
	const struct ims_trace *trace;
	struct ims_acts acts;
	struct ims_txns txns;
	struct ims_heap due;
	struct ims_spi_pool spis;
	struct ims_map ue_key, ue_id, ue_token, ue_clear;
	struct ims_map set_id, set_uc, set_us, relays;
	struct ims_pcscf_relay *free_relays;
	uint32_t seed, last_ue, last_set, last_relay;
	size_t n_pending, n_installed;
	uint32_t pending_from[IMS_PCSCF_SOURCES]; /* the same, by address */
	struct ims_list unsaved;                  /* UEs */
	bool stopped, full;      /* full: no promise can be stored */
	uint64_t now_ms;         /* of the event that runs */
	char out[IMS_PCSCF_OUT]; /* the message being built */
};

/* A message that came, with what is known of its flow. */
struct ims_pcscf_in {
	const struct ims_flow *flow;
	const struct ims_sip_msg *m;
	uint32_t txn;              /* server transaction */
	struct ims_pcscf_set *set; /* NULL: in the clear */
	struct ims_pcscf_ue *ue;   /* whose flow it is; NULL: not known */
	uint64_t now_ms;
};

enum { IMS_DUE_SET, IMS_DUE_UE, IMS_DUE_WATCH };

/* --- pcscf_ue.c --- */
int ims_pcscf_ues_init(struct ims_pcscf *p);
void ims_pcscf_ues_free(struct ims_pcscf *p);
struct ims_pcscf_ue *ims_pcscf_ue_find(const struct ims_pcscf *p,
				       struct ims_str impi, struct ims_ip ip);
/* token NULL: a new one.  NULL: too many, no memory, impi too long. */
struct ims_pcscf_ue *ims_pcscf_ue_new(struct ims_pcscf *p, struct ims_str impi,
				      struct ims_ip ip, const char *token);
struct ims_pcscf_ue *ims_pcscf_ue_by_id(const struct ims_pcscf *p, uint32_t id);
struct ims_pcscf_ue *ims_pcscf_ue_by_token(const struct ims_pcscf *p,
					   struct ims_str token);
/* Registered in the clear, and this is its flow. */
struct ims_pcscf_ue *ims_pcscf_ue_by_flow(const struct ims_pcscf *p,
					  const struct ims_flow *flow);
/* Registered in the clear by TCP, there, and restored: its connection is no
 * more.  NULL: none, or more than one.
 */
struct ims_pcscf_ue *ims_pcscf_ue_unconnected(const struct ims_pcscf *p,
					      const struct ims_flow *flow);
/* Where a UE without SAs is reached, until then; NULL: no more. */
void ims_pcscf_ue_clear(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			const struct ims_flow *access, uint64_t until_ms);
/* Ends what the same user has under other addresses: he was heard over that set
 * (0: in the clear).  Only a challenge that was made later stays: he may have
 * moved on before that was heard.
 */
void ims_pcscf_ue_only(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		       uint32_t set);
/* Forgets it if nothing is left; the last thing done with a UE. */
void ims_pcscf_ue_settle(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			 uint64_t now_ms);
/* Replaces a text that it owns; value empty: NULL.  -IMS_E_NOMEM. */
int ims_pcscf_text(char **text, struct ims_str value);

/* --- pcscf_names.c --- */
/* The identity in To is registered with these, or not any more: ue->impus. */
void ims_pcscf_names_put(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			 struct ims_str to, const char *impus,
			 uint64_t expires_at);
void ims_pcscf_names_drop(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			  struct ims_str to);
void ims_pcscf_names_clear(struct ims_pcscf_ue *ue);
/* When the last of them ends; 0: there is none. */
uint64_t ims_pcscf_names_end(const struct ims_pcscf_ue *ue);

/* --- pcscf_index.c --- */
/* One of our protected server ports? */
bool ims_pcscf_is_port_ps(const struct ims_pcscf *p, uint16_t port);
void ims_pcscf_index_add(struct ims_pcscf *p, struct ims_pcscf_set *s);
void ims_pcscf_index_del(struct ims_pcscf *p, struct ims_pcscf_set *s);
struct ims_pcscf_set *ims_pcscf_set_by_id(const struct ims_pcscf *p,
					  uint32_t id);
/* Are both one UE's, which has the keys of both (struct ims_txns)? */
bool ims_pcscf_same_peer(const void *pcscf, uint32_t asked, uint32_t came);
/* Is a UE's set at that address and port towards our port? */
struct ims_pcscf_set *ims_pcscf_set_at(const struct ims_pcscf *p,
				       struct ims_addr ue, uint16_t port);
/* Is there room for one more that waits for REGISTER 2 [T14]? */
bool ims_pcscf_may_pend(const struct ims_pcscf *p, struct ims_ip from);
/* One begins to wait, or waits no more. */
void ims_pcscf_pend(struct ims_pcscf *p, struct ims_ip from, bool begins);

/* --- pcscf_make.c --- */
/* Makes the temporary set for ue->offer, with SPIs and port_pc of ours, and
 * queues SA_ADD.  Returns 0, -IMS_E_NO_MECH, -IMS_E_SEC_PARAM, -IMS_E_NO_SPI,
 * -IMS_E_NOMEM, -IMS_E_ALGO.
 */
int ims_pcscf_set_make(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		       const uint8_t ck[static 16], const uint8_t ik[static 16],
		       struct ims_pcscf_set **out, struct ims_flaw *why);

/* --- pcscf_doubt.c: what lives is in the way of one that begins anew --- */
/* Does the UE receive on this SPI? */
bool ims_pcscf_same_spi(const struct ims_pcscf_set *s, uint32_t spi);
/* The back-end refused a set: if it was for an SPI of a living one, that one
 * is in doubt, and its UE is asked over it.
 */
void ims_pcscf_doubt(struct ims_pcscf *p, const struct ims_pcscf_set *refused,
		     uint64_t now_ms);
/* In the clear it found no port_pc free: if the set in use and its successor
 * hold them, it is asked over the one in use.
 */
void ims_pcscf_doubt_port(struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
			  uint64_t now_ms);
/* Sets in doubt over which nothing was heard since: for an SPI they are dropped,
 * for a port_pc their successor takes over.
 */
void ims_pcscf_end_doubts(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			  uint64_t now_ms);

/* --- pcscf_sets.c --- */
/* Gone at once: queues SA_DEL. */
void ims_pcscf_set_drop(struct ims_pcscf *p, struct ims_pcscf_set *s);
/* Gone when nothing more is on its way over it. */
void ims_pcscf_set_die(struct ims_pcscf *p, struct ims_pcscf_set *s,
		       enum ims_transport transport, uint64_t now_ms);
/* The hard lifetime in the back-end of one that is yet to be proven. */
uint32_t ims_pcscf_set_trial_s(const struct ims_pcscf *p);
void ims_pcscf_set_end_at(struct ims_pcscf *p, struct ims_pcscf_set *s,
			  uint64_t at_ms);
/* A registration was renewed over it, without a challenge.  It lives at least
 * until then; if it was replaced, the one in use does.
 */
void ims_pcscf_set_lengthen(struct ims_pcscf *p, struct ims_pcscf_set *s,
			    uint64_t at_ms);
/* One that is linked nowhere. */
void ims_pcscf_set_free(struct ims_pcscf *p, struct ims_pcscf_set *s);
/* A new one becomes the UE's temporary set. */
void ims_pcscf_set_link(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			struct ims_pcscf_set *s);
/* One that was installed before we were started. */
void ims_pcscf_set_restored(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			    struct ims_pcscf_set *s, unsigned life);
/* What the back-end says of it; after refused and lost it is gone. */
void ims_pcscf_set_installed(struct ims_pcscf *p, struct ims_pcscf_set *s);
void ims_pcscf_set_refused(struct ims_pcscf *p, struct ims_pcscf_set *s);
void ims_pcscf_set_lost(struct ims_pcscf *p, struct ims_pcscf_set *s);
/* Its proof was good: it is established [24.229 5.2.2]. */
void ims_pcscf_set_prove(struct ims_pcscf *p, struct ims_pcscf_set *s,
			 uint64_t end_at_ms);
/* A message came over it. */
void ims_pcscf_set_heard(struct ims_pcscf *p, struct ims_pcscf_set *s,
			 uint64_t now_ms);
/* The set in use makes way for that one, its successor. */
void ims_pcscf_set_turn(struct ims_pcscf *p, struct ims_pcscf_set *successor,
			uint64_t now_ms);
void ims_pcscf_set_due(struct ims_pcscf *p, struct ims_pcscf_set *s,
		       uint64_t now_ms);
/* The one of that life; NULL: none. */
struct ims_pcscf_set *ims_pcscf_set_of(const struct ims_pcscf_ue *ue,
				       enum ims_pcscf_life life);
/* The temporary one, being made or waiting. */
struct ims_pcscf_set *ims_pcscf_set_pending(const struct ims_pcscf_ue *ue);
/* The one to send on: in use, else what is left. */
struct ims_pcscf_set *ims_pcscf_set_to(const struct ims_pcscf_ue *ue);
bool ims_pcscf_set_established(const struct ims_pcscf_set *s);
bool ims_pcscf_life_established(unsigned life);
const char *ims_pcscf_life_name(unsigned life);

/* --- pcscf_agree.c: the security agreement --- */
/* Looks at an offer before it goes to the core.  0: taken into *text[] (a
 * joined list) if there is one (*text empty else); or a status to refuse with.
 */
unsigned ims_pcscf_offer(struct ims_pcscf *p, const struct ims_pcscf_in *in,
			 char text[static IMS_PCSCF_OFFER]);
/* Security-Verify as it was sent, if it is there; must: it has to be. */
int ims_pcscf_verify(const struct ims_pcscf_set *s, const struct ims_sip_msg *m,
		     bool must, struct ims_flaw *why);
/* Security-Client as in the first REGISTER. */
int ims_pcscf_same_client(const struct ims_pcscf_set *s,
			  const struct ims_sip_msg *m, struct ims_flaw *why);
/* All values of the header as one list.  -IMS_E_NOTFOUND, -IMS_E_TOOBIG. */
int ims_pcscf_join(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		   struct ims_buf *out);
/* Security-Server without SPIs and ports. */
void ims_pcscf_put_static(const struct ims_pcscf *p, struct ims_buf *b);

/* --- pcscf_relay.c --- */
int ims_pcscf_relays_init(struct ims_pcscf *p);
void ims_pcscf_relays_free(struct ims_pcscf *p);
/* NULL: no memory, or a head too long. */
struct ims_pcscf_relay *ims_pcscf_relay_new(struct ims_pcscf *p,
					    const struct ims_pcscf_in *in,
					    enum ims_pcscf_way way);
/* For a request of our own about that UE.  NULL: no memory. */
struct ims_pcscf_relay *ims_pcscf_relay_own(struct ims_pcscf *p,
					    const struct ims_pcscf_ue *ue);
struct ims_pcscf_relay *ims_pcscf_relay_find(const struct ims_pcscf *p,
					     uint32_t id);
void ims_pcscf_relay_free(struct ims_pcscf *p, struct ims_pcscf_relay *r);
/* The answer to a request other than REGISTER goes back, either way. */
void ims_pcscf_relay_answer(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			    const struct ims_sip_msg *m, uint64_t now_ms);
/* Sends the built request; the relay's client transaction.  0, -IMS_E_... */
int ims_pcscf_relay_send(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			 const struct ims_flow *flow, const struct ims_buf *b,
			 uint64_t now_ms);
/* The built message answers the relay's request. */
void ims_pcscf_relay_respond(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			     const struct ims_buf *b, unsigned status,
			     uint64_t now_ms);
/* An answer of our own, and the end of the relay. */
void ims_pcscf_relay_refuse(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			    unsigned status, uint64_t now_ms);
/* A request that never became a relay.  status 421, 494 and 503 bring their
 * headers; set: its Security-Server goes into a 494, else the static list.
 */
void ims_pcscf_refuse(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		      unsigned status, const struct ims_pcscf_set *set);
/* The same without a transaction. */
void ims_pcscf_refuse_stateless(struct ims_pcscf *p,
				const struct ims_pcscf_in *in, unsigned status);

/* --- pcscf_edit.c: messages out of messages --- */
#define IMS_BIT(id) (UINT64_C(1) << IMS_SIP_##id)
/* What a UE may not say, and what is not for a UE [24.229 5.2.6; T04]. */
extern const uint64_t ims_pcscf_not_from_ue, ims_pcscf_not_to_ue;
struct ims_buf ims_pcscf_out(struct ims_pcscf *p);
/* All headers but those; bodies are not headers. */
/* Headers without an id of their own that a UE may not send either are left
 * out if P_ASSERTED_IDENTITY is.
 */
void ims_pcscf_put_headers(struct ims_buf *b, const struct ims_sip_msg *m,
			   uint64_t without);
/* Those values of the header that are addresses, as one list, into an empty
 * buffer: what is not one would find no way back out of a record.
 */
void ims_pcscf_join_addresses(const struct ims_sip_msg *m,
			      enum ims_sip_hdr_id id, struct ims_buf *out);
void ims_pcscf_put_end(struct ims_buf *b, const struct ims_sip_msg *m);
/* The option list without sec-agree, and with `add` (may be NULL). */
void ims_pcscf_put_options(struct ims_buf *b, const struct ims_sip_msg *m,
			   enum ims_sip_hdr_id id, const char *add);
void ims_pcscf_put_charging(struct ims_pcscf *p, struct ims_buf *b);
/* One less; false: it was 0. */
bool ims_pcscf_hops(const struct ims_sip_msg *m, uint32_t *left);
/* Where we await requests of that UE. */
uint16_t ims_pcscf_gm_port(const struct ims_pcscf *p,
			   const struct ims_pcscf_ue *ue);
/* Our URIs: the UE's name on Mw; what the UE sees of us. */
void ims_pcscf_put_mw_uri(const struct ims_pcscf *p, struct ims_buf *b,
			  const char *token);
void ims_pcscf_put_gm_uri(const struct ims_pcscf *p, struct ims_buf *b,
			  const struct ims_pcscf_ue *ue);
/* Is this route value ours on Gm, or (with its token) on Mw? */
bool ims_pcscf_is_gm(const struct ims_pcscf *p, struct ims_str route);
bool ims_pcscf_is_mw(const struct ims_pcscf *p, struct ims_str route,
		     struct ims_str *token, bool *outbound);
/* Record-Route in an answer: our entry as the other side is to see it. */
void ims_pcscf_put_record_route(const struct ims_pcscf *p, struct ims_buf *b,
				const struct ims_sip_msg *m,
				const struct ims_pcscf_ue *ue, bool to_ue);

/* --- pcscf_reg.c: the machine --- */
enum ims_pcscf_reg_event {
	IMS_ON_REGISTER, /* REGISTER in the clear */
	IMS_ON_RESPONSE, /* REGISTER over the temporary set, and all as it was */
	IMS_ON_REFRESH,  /* REGISTER over an established set */
	IMS_ON_CHALLENGE, /* 401 with keys, for a UE that wants SAs */
	IMS_ON_SECURED,   /* the SAs are installed */
	IMS_ON_OK,        /* 200, registered */
	IMS_ON_GONE,      /* 200, no more registered */
	IMS_ON_FAIL,      /* refused, no answer, too late: nothing is left */
	IMS_ON_FAIL_KEPT, /* the same, but the earlier registration stands */
	IMS_ON_LOST,      /* its last way to us has ended */
	IMS_ON_ENDED,     /* the network has ended its registration */
};
struct ims_pcscf_reg_ev {
	const struct ims_pcscf_in *in; /* REGISTER, RESPONSE, REFRESH */
	const char *offer;
	const struct ims_sip_msg *answer; /* from the core, or NULL */
	unsigned status;  /* FAIL: what the UE is told; 0: nothing */
	uint32_t expires; /* OK; with one_left of what is left */
	bool one_left;    /* OK: it is the end of one of several identities */
	uint8_t *ck, *ik; /* CHALLENGE */
	uint64_t now_ms;
};
void ims_pcscf_reg_step(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			enum ims_pcscf_reg_event on,
			const struct ims_pcscf_reg_ev *ev);
/* FAIL or FAIL_KEPT. */
void ims_pcscf_reg_fail(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			const struct ims_pcscf_reg_ev *ev);
/* Nothing is left for it to hold on to: its last set or its time is gone. */
bool ims_pcscf_reg_lost(const struct ims_pcscf_ue *ue);
bool ims_pcscf_reg_idle(const struct ims_pcscf_ue *ue);
/* It was registered before we were started. */
void ims_pcscf_reg_restored(struct ims_pcscf_ue *ue);
/* What became of SA_ADD. */
void ims_pcscf_reg_sa(struct ims_pcscf *p, const struct ims_ev *ev,
		      uint64_t now_ms);
/* The back-end has lost a set. */
void ims_pcscf_reg_sa_gone(struct ims_pcscf *p, const struct ims_ev *ev,
			   uint64_t now_ms);

/* --- pcscf_register.c, pcscf_answer.c --- */
void ims_pcscf_register(struct ims_pcscf *p, struct ims_pcscf_in *in);
int ims_pcscf_register_send(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			    const struct ims_pcscf_in *in);
void ims_pcscf_register_answer(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			       const struct ims_sip_msg *m, uint64_t now_ms);
void ims_pcscf_register_failed(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			       unsigned status, uint64_t now_ms);
/* Builds the answer for the UE; server: its Security-Server, or NULL. */
void ims_pcscf_put_answer(struct ims_pcscf *p, const struct ims_pcscf_relay *r,
			  const struct ims_sip_msg *m, const char *server,
			  struct ims_buf *b);
/* What a 200 grants: seconds. */
uint32_t ims_pcscf_granted(const struct ims_pcscf_relay *r,
			   const struct ims_sip_msg *m);

/* --- pcscf_watch.c: our own subscription to reg --- */
/* It is registered: watch it for as long, if we do that at all. */
void ims_pcscf_watch_begin(struct ims_pcscf *p, struct ims_pcscf_ue *ue);
void ims_pcscf_watch_due(struct ims_pcscf *p, struct ims_pcscf_ue *ue);
/* The answer to our SUBSCRIBE; NULL: none came. */
void ims_pcscf_watch_answer(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			    const struct ims_sip_msg *m);
/* NOTIFY: it is terminated. */
void ims_pcscf_watch_ended(struct ims_pcscf *p, struct ims_pcscf_ue *ue);
bool ims_pcscf_watch_is_on(const struct ims_pcscf_ue *ue); /* granted */
bool ims_pcscf_watch_any(const struct ims_pcscf_ue *ue);   /* or asked for */
/* Its members are filled in from a record. */
void ims_pcscf_watch_restored(struct ims_pcscf *p, struct ims_pcscf_ue *ue);
void ims_pcscf_watch_wipe(struct ims_pcscf *p, struct ims_pcscf_ue *ue);

/* --- pcscf_notify.c --- */
/* The UE whose registration this NOTIFY is to tell us of; NULL: it is none of
 * ours.
 */
struct ims_pcscf_ue *ims_pcscf_notify_for(const struct ims_pcscf *p,
					  const struct ims_sip_msg *m);
void ims_pcscf_notify(struct ims_pcscf *p, struct ims_pcscf_in *in,
		      struct ims_pcscf_ue *ue);

/* --- pcscf_keep.c, pcscf_restore.c: records --- */
/* What comes from there goes into messages: no controls, and one name-addr; a
 * URI; a token or the like, which cannot end a header or an address.
 */
bool ims_pcscf_is_address(struct ims_str s);
bool ims_pcscf_are_addresses(struct ims_str list); /* one or more */
bool ims_pcscf_is_uri(struct ims_str s);
bool ims_pcscf_is_plain(struct ims_str s);
#define IMS_PCSCF_RECORD 1 /* its version */
/* What its record says is no more true: at the end of the event it is queued
 * again.
 */
void ims_pcscf_changed(struct ims_pcscf *p, struct ims_pcscf_ue *ue);
/* The same at once: a promise follows. */
void ims_pcscf_keep(struct ims_pcscf *p, struct ims_pcscf_ue *ue);
void ims_pcscf_keep_all(struct ims_pcscf *p);
/* The UE goes; so does its record. */
void ims_pcscf_forget(struct ims_pcscf *p, struct ims_pcscf_ue *ue);

/* --- pcscf_up.c, pcscf_down.c --- */
void ims_pcscf_up(struct ims_pcscf *p, struct ims_pcscf_in *in);
void ims_pcscf_down(struct ims_pcscf *p, struct ims_pcscf_in *in);

/* It could not be sent by TCP: by UDP then.  False: that was not it. */
bool ims_pcscf_down_again(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			  uint64_t now_ms);

/* --- pcscf_ping.c --- */
/* Was that a keep-alive (now answered)? */
bool ims_pcscf_ping(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		    struct ims_str bytes);

/* --- pcscf_guard.c --- */
void ims_pcscf_message(struct ims_pcscf *p, const struct ims_ev *ev,
		       uint64_t now_ms);
/* A request that we passed on has no answer: it timed out or never left. */
void ims_pcscf_unanswered(struct ims_pcscf *p, uint32_t ref, bool unsent,
			  uint64_t now_ms);

#endif
