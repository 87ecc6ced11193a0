/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_priv.h - what the checker of the eight steps remembers. */
#ifndef IMS_EXPLAIN_PRIV_H
#define IMS_EXPLAIN_PRIV_H

#include "explain_steps.h"
#include "sip_msg.h"

#define STEPS_TEXT 8192

/* The request of a step, so that its answer and its repetitions are known. */
struct steps_request {
	char branch[128];
	uint32_t cseq;
};

struct ims_steps {
	bool has_key;
	struct ims_aka_key key; /* secret */
	struct ims_secagree agreed;
	bool chosen;             /* agreed.suite is known */
	bool clear;              /* neither side asked for IPsec */
	struct ims_secagree old; /* before the last re-authentication */
	bool has_old;
	/* What the last Security-Client offers; each pair may have its own
	 * ports and SPIs.
	 */
	struct ims_ipsec_suite suite[IMS_N_SUITES];
	struct ims_secagree_end offer[IMS_N_SUITES];
	size_t n_offers;
	int notify_arrow; /* of step 7 */
	unsigned seen;    /* a bit per step */
	/* [0]: the last refresh or de-registration */
	struct steps_request request[IMS_STEPS + 1];
	char client[STEPS_TEXT]; /* Security-Client of step 1, as one list */
	char server[STEPS_TEXT]; /* Security-Server of step 2 */
	char nonce[256];
	int err; /* the first failure */
	char why[IMS_STEP_NOTE + 96];
	struct ims_sip_msg msg; /* the message at hand */
};

/* explain_check.c: the checks of one step; fills note, and err and why. */
void ims_steps_check(struct ims_steps *s, const struct ims_sight *m,
		     struct ims_step *out);
/* Sets err and why of *out unless an earlier check failed already. */
void ims_steps_wrong(struct ims_step *out, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
