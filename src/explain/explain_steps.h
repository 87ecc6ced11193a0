/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_steps.h - follows one registration and checks each of its messages.
 *
 * Fed with messages in the order they passed, whoever saw them, it says which
 * of the eight steps a message is, which SA should carry it by what the
 * earlier messages announced, and whether it was so.  It believes nobody: the
 * SPIs and ports are taken from Security-Client and Security-Server, not from
 * the roles.
 *
 *	1 REGISTER      clear   4 200   uc<-ps, pc->us   7 NOTIFY  pc->us
 *	2 401           clear   5 SUBSCRIBE  uc->ps      8 200     uc->ps
 *	3 REGISTER     uc->ps   6 200                    (UDP; over TCP the
 *	                                                  answers go back)
 *
 * Spec: TS 24.229 5.1.1, 5.2; TS 33.203 7; RFC 3310; RFC 3680; spec.md 2.
 */
#ifndef IMS_EXPLAIN_STEPS_H
#define IMS_EXPLAIN_STEPS_H

#include "aka.h"
#include "base_flow.h"
#include "ipsec_sa.h"
#include "secagree.h"

/* One message as somebody saw it. */
struct ims_sight {
	bool from_ue;
	struct ims_addr src, dst;
	enum ims_transport transport;
	uint32_t spi; /* of the ESP packet that carried it; 0: in the clear */
	struct ims_str bytes;
};

#define IMS_STEPS 8
#define IMS_STEP_NOTE 256
struct ims_step {
	unsigned step; /* 1..8; 0: none of the eight (refresh, error ...) */
	bool repeat;   /* a retransmission: no further step */
	int arrow;     /* enum ims_arrow it went along; -1: clear */
	char what[64]; /* "REGISTER", "401 Unauthorized" */
	char note[IMS_STEP_NOTE]; /* "offer hmac-md5-96/null ...": one line */
	int err; /* 0, or -IMS_E_... : the first check that failed */
	char why[IMS_STEP_NOTE]; /* the failed check: rule, clause, values */
};

struct ims_steps;
/* key: of the USIM if known, so that AUTN and the digest response can be
 * checked too; may be NULL; copied and wiped.  NULL: no memory.
 */
struct ims_steps *ims_steps_new(const struct ims_aka_key *key);
void ims_steps_free(struct ims_steps *s);
/* The UE was registered before anybody looked: these serve, the one in use and
 * the one before it (NULL: none).
 */
void ims_steps_resume(struct ims_steps *s, const struct ims_secagree *in_use,
		      const struct ims_secagree *old);
/* Takes the next message. */
void ims_steps_feed(struct ims_steps *s, const struct ims_sight *m,
		    struct ims_step *out);
/* All eight seen and every check good?  else *why says what is missing or was
 * wrong (first failure).
 */
bool ims_steps_done(const struct ims_steps *s, char *why, size_t cap);
/* What was announced so far, for lanes and tables: zero where unknown. */
const struct ims_secagree *ims_steps_agreed(const struct ims_steps *s);

#endif
