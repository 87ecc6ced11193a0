/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_priv.h - what the files of this module share. */
#ifndef IMS_INJECT_PRIV_H
#define IMS_INJECT_PRIV_H

#include "base_list.h"
#include "inject.h"
#include "sip_build.h"

/* What a message must be to be an opportunity. */
enum inject_on {
	ON_ANY,
	ON_REGISTER,       /* any REGISTER */
	ON_REGISTER_CLEAR, /* without a response: asks for a challenge */
	ON_REGISTER_PROOF, /* with a response */
	ON_401,            /* to REGISTER */
	ON_200,            /* to REGISTER, but not to the last one */
	ON_ANSWER,         /* any final one to REGISTER */
	ON_SUBSCRIBE,
	ON_SUB_RELAYED, /* by the P-CSCF; not its own */
	ON_SUB_200,
	ON_NOTIFY,
	ON_NOTIFY_200,
};

struct inject_hit {
	const struct ims_inject_row *row;
	enum ims_inject_at at;
	const struct ims_flow *flow;
	const struct ims_sip_msg *msg;
	const struct ims_cx_req *req;
	struct ims_cx_ans *ans;
	const struct ims_aka_key *key;
	const struct ims_card *card;
	const uint8_t *rnd;
	struct ims_card_answer *answer;
	struct ims_ipsec_set *set;
	int err; /* SA: what the back-end says */
	uint64_t now_ms;
	uint64_t later_ms; /* for what the case sends: not before */
};

/* How a case is done: one function for many, with its parameters. */
struct inject_do {
	/* False: it could not be done to this message (nothing was queued). */
	bool (*act)(struct ims_inject *j, struct inject_hit *h);
	unsigned n;        /* a status, ms, a number */
	const char *a, *b; /* texts */
};

struct inject_armed {
	const struct ims_inject_row *row;
	bool all;
	uint32_t nth, seen;
	uint32_t last; /* hash of the last opportunity */
	bool fired;    /* was it done to it */
};

#define INJECT_TEXT 2048
struct ims_inject {
	bool ue;
	struct inject_armed v[IMS_INJECT_MAX];
	size_t n;
	unsigned fired;
	struct ims_list mail;
	struct inject_mail *out; /* the last that next gave */
	/* what was seen and is needed again */
	bool has_clear, has_inside;
	struct ims_flow clear;     /* on which a REGISTER in the clear, or our
				    * answer to it, left last */
	struct ims_flow inside;    /* the last that was inside SAs */
	uint32_t expires;          /* asked for by the last REGISTER */
	char contact[INJECT_TEXT]; /* of the last REGISTER */
	char route[512];           /* first of the last Service-Route */
	/* Security-Server as it was, and as we made it; the first goes back
	 * into Security-Verify.
	 */
	char server[INJECT_TEXT], forged[INJECT_TEXT];
	char nonce[256]; /* of the last proof */
	char mem[IMS_SIP_MAX_LEN + 1];
};

/* inject_what.c */
bool ims_inject_is(enum inject_on on, const struct ims_sip_msg *m);
/* A de-registration, or the answer to one. */
bool ims_inject_is_last(const struct ims_sip_msg *m);
uint32_t ims_inject_hash(const struct ims_sip_msg *m);
void ims_inject_note(struct ims_inject *j, enum ims_inject_at at,
		     const struct ims_flow *flow, const struct ims_sip_msg *m);

/* inject_mail.c: copies bytes; no memory: it is as if it were lost. */
void ims_inject_post(struct ims_inject *j, enum ims_inject_at at,
		     const struct ims_flow *flow, struct ims_str bytes,
		     uint64_t at_ms);
void ims_inject_post_del(struct ims_inject *j, uint32_t set, uint64_t at_ms);
void ims_inject_mail_free(struct ims_inject *j);

/* inject_edit.c: a message that is another one, but for these. */
#define INJECT_CHANGES 8
struct inject_edit {
	unsigned status;    /* 0: as it was */
	struct ims_str uri; /* of a request; empty: as it was */
	struct {
		enum ims_sip_hdr_id id;
		struct ims_str value; /* no pointer: the header goes */
	} change[INJECT_CHANGES];
	size_t n;
	bool has_body;
	struct ims_str body;
	struct ims_str type; /* of a new body; empty: as it was */
};
void ims_inject_set(struct inject_edit *e, enum ims_sip_hdr_id id,
		    struct ims_str value);
void ims_inject_drop(struct inject_edit *e, enum ims_sip_hdr_id id);
/* Into j->mem; an empty slice if it does not fit. */
struct ims_str ims_inject_edited(struct ims_inject *j,
				 const struct ims_sip_msg *m,
				 const struct inject_edit *e);
/* The same, posted to where the original was going; false if it cannot. */
bool ims_inject_send(struct ims_inject *j, const struct inject_hit *h,
		     const struct inject_edit *e);
/* An answer to the request of the hit, back to where it came from.  `line`:
 * "Name: value" to add, or NULL.
 */
bool ims_inject_answer(struct ims_inject *j, struct inject_hit *h);

/* The table. */
extern const struct ims_inject_row ims_inject_core_rows[], ims_inject_ue_rows[];
extern const size_t ims_inject_n_core, ims_inject_n_ue;

#endif
