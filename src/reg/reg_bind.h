/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_bind.h - what a registrar keeps of one user: his contacts.
 *
 *	ims_reg_ask_get()      what does this REGISTER want?
 *	ims_reg_binds_apply()  do all of it, or nothing
 *	(tell the watchers: contacts that went are still there, `active` false)
 *	ims_reg_binds_sweep()  forget those
 *
 * Spec: RFC 3261 10.3; RFC 3327; RFC 5626 6; TS 24.229 5.4.1.2.2.
 */
#ifndef IMS_REG_BIND_H
#define IMS_REG_BIND_H

#include "base_list.h"
#include "reg_info.h"
#include "sip_msg.h"

#define IMS_REG_CONTACTS 8       /* of one user, and in one REGISTER */
#define IMS_REG_CONTACT_LEN 2048 /* one value, as it came */
#define IMS_REG_CALL_ID_LEN 1024
#define IMS_REG_PAST 4 /* Call-IDs remembered of contacts of one user */

/* One Contact of a REGISTER; slices of the message. */
struct ims_reg_want {
	struct ims_str uri, params, instance;
	uint32_t reg_id;  /* 0: none */
	uint32_t expires; /* s */
};
struct ims_reg_ask {
	bool star; /* Contact: *, Expires: 0 */
	struct ims_reg_want want[IMS_REG_CONTACTS];
	size_t n;          /* 0 and no star: only asks what is there */
	bool leaves;       /* nothing but removals */
	bool gruu;         /* Supported: gruu [RFC 5627 4.1] */
	bool outbound;     /* Supported: outbound [RFC 5626 4.2.1] */
	uint32_t shortest; /* of those that are no removal; 0: none */
};
/* A contact's own expires comes before the header, and that before
 * default_expires; one that is no number counts as default_expires.
 * Returns 0; -IMS_E_SIP: a Contact that cannot be read or is no SIP URI, a
 * Contact, Path or Call-ID with control characters or too long, or a star that
 * does not stand alone with Expires 0; -IMS_E_TOOBIG: too many or too long.  flaw may be NULL.
 */
int ims_reg_ask_get(const struct ims_sip_msg *m, uint32_t default_expires,
		    struct ims_reg_ask *out, struct ims_flaw *flaw);

struct ims_reg_contact {
	struct ims_list node;
	uint32_t id; /* never used twice in these bindings */
	/* params as registered but without expires; path as one list */
	struct ims_str uri, params, instance, call_id, path;
	uint32_t reg_id, cseq;
	uint32_t retry_after; /* s; of `probation` */
	/* CSeq of the REGISTER that made the oldest temporary GRUU that is
	 * still good: the first of this Call-ID that asked for one; 0: none
	 * was asked for [RFC 5628 5.1].
	 */
	uint32_t first_cseq;
	uint64_t expires_ms;
	uint64_t order;               /* of the request that made it so */
	bool active;                  /* false: went, and how: event */
	enum ims_reginfo_event event; /* the last one */
	bool news;     /* changed since the owner last cleared it */
	uint64_t mark; /* the owner's own */
	bool touched;  /* by the apply that runs */
	char *mem;     /* what the slices are in */
};
/* A Call-ID that a contact once had, and the CSeq it had come to. */
struct ims_reg_past {
	uint32_t flow; /* hash of instance and reg-id; 0: without reg-id */
	uint64_t call; /* hash of the Call-ID; 0: free */
	uint32_t cseq;
};
struct ims_reg_binds {
	struct ims_list list; /* in order of coming */
	size_t n;             /* active ones */
	uint32_t last_id;
	/* The owner's own: the place of the request in hand among those that
	 * prove who sends them.
	 */
	uint64_t order;
	struct ims_reg_past past[IMS_REG_PAST]; /* a ring */
	size_t n_past;                          /* ever */
};
void ims_reg_binds_init(struct ims_reg_binds *b);
void ims_reg_binds_free(struct ims_reg_binds *b);

/* A contact is the same when its instance and reg-id are, else when its URI
 * is [RFC 3261 19.1.4].  One flow with another URI is a new contact, and the
 * old one goes as `deactivated` [RFC 5626 6].  Without reg-id a new contact
 * replaces all others of the user, which go as `deactivated`.  No expiry is
 * longer than max_expires.
 * Returns 0, -IMS_E_UNEXPECTED (overtaken), -IMS_E_TOOBIG (more than
 * IMS_REG_CONTACTS), -IMS_E_NOMEM.
 */
int ims_reg_binds_apply(struct ims_reg_binds *b, const struct ims_reg_ask *ask,
			const struct ims_sip_msg *m, uint32_t max_expires,
			uint64_t now_ms);
/* Was it sent before what is there, and only comes late?  Then it changes
 * nothing [RFC 3261 10.3 step 7]: a contact that it would touch has its Call-ID
 * and no lower CSeq, or had them before its Call-ID changed, or was made by a
 * request of a later b->order.
 */
bool ims_reg_binds_overtaken(const struct ims_reg_binds *b,
			     const struct ims_reg_ask *ask,
			     const struct ims_sip_msg *m);
/* Would nothing be left of it? */
bool ims_reg_binds_empties(struct ims_reg_binds *b,
			   const struct ims_reg_ask *ask);
/* Those whose time is over go as `expired`; how many there were. */
size_t ims_reg_binds_expire(struct ims_reg_binds *b, uint64_t now_ms);
/* All go; retry_after (s) is for IMS_REGINFO_PROBATION. */
void ims_reg_binds_end(struct ims_reg_binds *b, enum ims_reginfo_event how,
		       uint32_t retry_after);
/* None lasts longer than until then; they are `shortened`. */
void ims_reg_binds_shorten(struct ims_reg_binds *b, uint64_t until_ms);
/* Forgets those that went, and whose mark is no greater than this. */
void ims_reg_binds_sweep(struct ims_reg_binds *b, uint64_t mark);
/* Is it the very REGISTER that made these contacts, once more?  Same Call-ID,
 * CSeq and contacts: then the answer to it was lost.
 */
bool ims_reg_binds_repeats(struct ims_reg_binds *b,
			   const struct ims_reg_ask *ask,
			   const struct ims_sip_msg *m);
/* One as it was before, active or gone: its texts are copied, everything else
 * taken over.  -IMS_E_NOMEM; -IMS_E_EXISTS: its id is there; -IMS_E_TOOBIG:
 * more than IMS_REG_CONTACTS of its kind.
 */
int ims_reg_binds_restore(struct ims_reg_binds *b,
			  const struct ims_reg_contact *like);
/* When the next one expires; IMS_NEVER (base_heap.h) without any. */
uint64_t ims_reg_binds_due(const struct ims_reg_binds *b);

/* Seconds left, at least 1 for an active one. */
uint32_t ims_reg_contact_left(const struct ims_reg_contact *c, uint64_t now_ms);
/* The value of a Contact header: <uri>;params;expires=N */
void ims_reg_contact_put(struct ims_buf *b, const struct ims_reg_contact *c,
			 uint64_t now_ms);
/* As an element of reginfo, but for its id; param[max] is for the unknown
 * parameters.  The slices are those of the contact.
 */
void ims_reg_contact_info(const struct ims_reg_contact *c, uint64_t now_ms,
			  struct ims_reginfo_param *param, size_t max,
			  struct ims_reginfo_contact *out);

#endif
