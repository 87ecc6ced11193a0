/* SPDX-License-Identifier: BSD-2-Clause */
/* conform_priv.h - what the files of this module share. */
#ifndef IMS_CONFORM_PRIV_H
#define IMS_CONFORM_PRIV_H

#include "conform.h"
#include "sip_msg.h"

enum conform_what {
	DO_REGISTER,  /* it sends REGISTER */
	DO_SUBSCRIBE, /* it sends SUBSCRIBE */
	DO_NOTIFY_OK, /* it answers a NOTIFY */
	NO_REGISTER,  /* it sends no REGISTER for so long */
	NO_NOTIFY_OK, /* it answers no NOTIFY for so long */
	ORDER_REJECT, /* the core acts, within_s; nothing is waited for */
	ORDER_DEACTIVATE,
	ORDER_REAUTH,
};

/* X(name, what is right, clause) */
/* clang-format off */
#define CONFORM_CHECKS(X) \
X(CLEAR, "outside the SAs", "24.229 5.1.1.2.1") \
X(INSIDE, "inside the SAs", "24.229 5.1.1.5.1") \
X(NEW_SET, "inside the new SAs", "33.203 7.4.1") \
X(SAME_SET, "inside the SAs in use, not the new ones", "24.229 5.1.1.4.1") \
X(PORTS, "from port_uc to port_ps, as agreed", "33.203 7.1") \
X(IDENTITY, "From and To are one identity, To has no tag", "24.229 5.1.1.2.1") \
X(CONTENT, "home domain, Contact, Supported: path, whole Authorization", "34.229-1 A.1.1") \
X(AGREE, "sec-agree in Require and Proxy-Require, whole Security-Client", "24.229 5.1.1.2.1, 33.203 Annex H") \
X(EXPIRES, "asks for 600000 s", "24.229 5.1.1.2.1") \
X(NO_ACCESS, "no P-Access-Network-Info in the clear", "RFC7315 6.4, 24.229 5.1.1.2.1") \
X(NO_PROOF, "empty nonce and response", "24.229 5.1.1.2.1") \
X(PROOF, "a response to the nonce of the challenge", "24.229 5.1.1.5.1") \
X(EMPTY, "empty response and no auts", "24.229 5.1.1.5.3") \
X(AUTS, "auts of 14 bytes", "24.229 5.1.1.5.3, RFC3310 3.2") \
X(NEW_SPIS, "new spi-c, spi-s and port-c", "24.229 5.1.1.4.1, 5.1.1.5.3") \
X(SAME_PORT_S, "the same port-s", "33.203 7.4") \
X(SAME_CLIENT, "the same Security-Client as before", "24.229 5.1.1.5.1") \
X(VERIFY, "Security-Verify is the Security-Server of the challenge", "RFC3329 2.3.1, 24.229 5.1.1.5.1") \
X(NO_VERIFY, "no Security-Verify", "24.229 5.1.1.2.1") \
X(SAME_CALL, "the same Call-ID, CSeq higher", "24.229 5.1.1.5.1") \
X(NEW_CALL, "a new Call-ID", "24.229 5.1.1.5.1, 5.1.1.3") \
X(CONTACT_US, "Contact with port_us", "24.229 5.1.1.4.1") \
X(OTHER, "for another identity than the first", "34.229-1 C.23") \
X(LAST, "expires 0", "24.229 5.1.1.6") \
X(LONGER, "at least Min-Expires", "24.229 5.1.1.2.1, RFC3261 10.2.8") \
X(ROUTE, "Route: the P-CSCF at port_ps, then Service-Route", "24.229 5.1.2A.1.1, RFC3608 6.1") \
X(SAME_SUB, "in the dialog: the same Call-ID and tags, CSeq higher", "RFC6665 4.1.2.2") \
X(DEFAULT, "for the first identity of P-Associated-URI", "24.229 5.1.1.2.1, 5.1.1.3") \
X(SUB, "Event reg, a reginfo taker, not for 0 s", "24.229 5.1.1.3") \
X(OK, "200", "RFC6665 4.1.3")
/* clang-format on */

#define CONFORM_ENUM(name, text, clause) IS_##name,
enum conform_check { CONFORM_CHECKS(CONFORM_ENUM) IS_N };
_Static_assert(IS_N <= 32, "a bit each");
#undef CONFORM_ENUM
#define CONFORM_BIT(name, text, clause) C_##name = 1u << IS_##name,
enum { CONFORM_CHECKS(CONFORM_BIT) };
#undef CONFORM_BIT

struct conform_step {
	enum conform_what what;
	uint32_t after_s;  /* not sooner after the step before */
	uint32_t within_s; /* 0: as long as the first may take */
	unsigned checks;   /* C_... */
	const char *name;
};

#define CONFORM_TEXT 2048
struct ims_conform {
	const struct ims_conform_test *test;
	size_t at;         /* the step that is waited for */
	uint64_t since_ms; /* since when */
	uint32_t wait_s;
	unsigned failed, passed;
	enum ims_conform_verdict verdict;
	enum ims_conform_order order;
	uint32_t order_s;
	uint32_t hash; /* of the last message that counted */
	/* what both have said so far */
	char client[CONFORM_TEXT]; /* Security-Client of the last REGISTER, */
	uint32_t set;              /* where it came, */
	char call_id[256], impu[256]; /* its To, */
	char first_impu[256];         /* and that of the first */
	uint32_t cseq;
	char used[CONFORM_TEXT];   /* and of the last that was challenged */
	char server[CONFORM_TEXT]; /* Security-Server of the last 401 */
	/* the two that made the set in which a REGISTER had its 200 */
	char proven_used[CONFORM_TEXT], proven_server[CONFORM_TEXT];
	uint32_t proven;               /* that set */
	char nonce[256];               /* of the last 401 */
	char route[CONFORM_TEXT];      /* Service-Route */
	char associated[CONFORM_TEXT]; /* P-Associated-URI of the last 200 */
	char sub_call_id[256], sub_from[256], sub_to[256]; /* tags */
	uint32_t sub_cseq;
	uint32_t min_expires;
	bool has_set; /* a REGISTER came inside */
	char lines[16384];
	struct ims_buf out;
	bool taken;
};

/* conform_check.c */
bool ims_conform_check(const struct ims_conform *c, enum conform_check what,
		       const struct ims_sip_msg *m,
		       const struct ims_flow *flow);
const char *ims_conform_check_text(enum conform_check what);
const char *ims_conform_check_clause(enum conform_check what);
/* conform_note.c */
void ims_conform_note(struct ims_conform *c, bool from_ue,
		      const struct ims_sip_msg *m, const struct ims_flow *flow);
uint32_t ims_conform_expires(const struct ims_sip_msg *m);

/* Does `list`, words with commas between, have this word? */
bool ims_conform_lists(const char *list, struct ims_str word);

extern const struct ims_conform_test ims_conform_table[];
extern const size_t ims_conform_n;
extern const struct ims_conform_left ims_conform_left_table[];
extern const size_t ims_conform_n_left;

#endif
