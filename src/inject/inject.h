/* SPDX-License-Identifier: BSD-2-Clause */
/* inject.h - misbehaviour on demand: one wrong thing, done on purpose.
 *
 * A case changes, delays, drops, doubles or answers one message, or one answer
 * of HSS or SIM, or one SA set, of an otherwise correct core or UE, so that the
 * other side can be tested against it.  ims_inject_rows() is the table of all.
 * Whoever runs the roles asks at six places; what then is to be done instead
 * comes as mail, now or later:
 *
 *	if (ims_inject_message(j, IMS_INJECT_GM_OUT, &flow, bytes, now))
 *		while (ims_inject_next(j, now, &mail)) ...
 *	else
 *		send as usual
 *
 * and again when ims_inject_due() has come.  Which message is an opportunity,
 * and which of them is taken (the N-th), is decided here; a retransmission is
 * the same opportunity as its original.  Deterministic: no case throws dice.
 */
#ifndef IMS_INJECT_H
#define IMS_INJECT_H

#include "aka_card.h"
#include "base_buf.h"
#include "role.h"

/* Where a case happens, and where mail goes. */
enum ims_inject_at {
	IMS_INJECT_GM_IN,   /* came from Gm, for our role */
	IMS_INJECT_GM_OUT,  /* leaves for Gm */
	IMS_INJECT_MW_UP,   /* from P-CSCF to S-CSCF */
	IMS_INJECT_MW_DOWN, /* from S-CSCF to P-CSCF */
	IMS_INJECT_CX,      /* the HSS's answer */
	IMS_INJECT_SIM,     /* the SIM's answer */
	IMS_INJECT_SA,      /* an SA set; mail: remove it, tell no role */
	IMS_INJECT_TELL,    /* mail only: tell the user `bytes` */
	IMS_INJECT_N_AT
};
const char *ims_inject_at_name(enum ims_inject_at at); /* "Gm out" */

/* What a correct peer comes to. */
enum ims_inject_want {
	/* Registered, if it was not or is no more again, within within_s; err
	 * (if not 0) and says is what it tells its user on the way.
	 */
	IMS_INJECT_REGISTERS,
	/* Gives up and says err; it holds no SA after it. */
	IMS_INJECT_GIVES_UP,
	/* A core: refuses with err; whoever does it always never registers. */
	IMS_INJECT_REFUSES,
};

struct inject_do; /* inside the module: how it is done */
struct ims_inject_row {
	const char *id;
	bool ue; /* imsreg ue --inject; else core */
	enum ims_inject_at at;
	unsigned on; /* which messages are opportunities */
	bool all;    /* every opportunity, unless @N says otherwise */
	const struct inject_do *how;
	const char *does, *clause, *peer;
	enum ims_inject_want want;
	uint32_t within_s;
	int err; /* IMS_E_..., 0: none */
	/* What its user reads with that err: "..." stands for what differs from
	 * time to time; NULL: nothing.
	 */
	const char *says;
};
/* Is a sentence one of these? */
bool ims_inject_says(const char *says, struct ims_str text);

/* Those of one side. */
const struct ims_inject_row *ims_inject_rows(bool ue, size_t *n);
/* By id, of that side; NULL. */
const struct ims_inject_row *ims_inject_find(bool ue, struct ims_str id);
/* All cases of one side, for people: id, what it does, clause, and what a
 * correct peer does.
 */
void ims_inject_list(struct ims_buf *b, bool ue);
/* docs/INJECT.md. */
void ims_inject_doc(struct ims_buf *b);

#define IMS_INJECT_MAX 16
struct ims_inject;
/* ue: whose side it is.  NULL: no memory. */
struct ims_inject *ims_inject_new(bool ue);
void ims_inject_free(struct ims_inject *j);
/* CASE, CASE@N (1..), CASE@all, CASE@*.  -IMS_E_USAGE: no such case of this
 * side, or too many of them; why says it.
 */
int ims_inject_add(struct ims_inject *j, struct ims_str spec,
		   struct ims_flaw *why);
/* How often a case was done so far. */
unsigned ims_inject_fired(const struct ims_inject *j);

/* A message at one of the first four places; flow as the side that is to see
 * or send it has it.  True: taken, mail says what to do instead.
 */
bool ims_inject_message(struct ims_inject *j, enum ims_inject_at at,
			const struct ims_flow *flow, struct ims_str bytes,
			uint64_t now_ms);
/* Changes the HSS's answer; key is the subscriber's, or NULL. */
void ims_inject_cx(struct ims_inject *j, const struct ims_cx_req *req,
		   const struct ims_aka_key *key, struct ims_cx_ans *ans,
		   uint64_t now_ms);
/* Changes the card's answer to that RAND; the card is not touched. */
void ims_inject_sim(struct ims_inject *j, const struct ims_card *card,
		    const uint8_t rnd[static 16],
		    struct ims_card_answer *answer, uint64_t now_ms);
/* Changes a set that is about to be installed.  Returns 0, or what the
 * back-end shall be made to say.
 */
int ims_inject_sa(struct ims_inject *j, struct ims_ipsec_set *set,
		  uint64_t now_ms);

struct ims_inject_mail {
	enum ims_inject_at at;
	struct ims_flow flow;
	struct ims_str bytes;
	uint32_t set; /* SA */
};
/* Next of what is due; out->bytes is valid until the next call of this. */
bool ims_inject_next(struct ims_inject *j, uint64_t now_ms,
		     struct ims_inject_mail *out);
uint64_t ims_inject_due(const struct ims_inject *j); /* IMS_NEVER: nothing */

#endif
