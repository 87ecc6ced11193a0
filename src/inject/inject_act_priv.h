/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_act_priv.h - the ways to do it; the rows of the table choose one and give
 * it its parameters (struct inject_do: n, a, b).
 */
#ifndef IMS_INJECT_ACT_PRIV_H
#define IMS_INJECT_ACT_PRIV_H

#include "inject_priv.h"

typedef bool inject_act(struct ims_inject *j, struct inject_hit *h);

/* inject_flow.c.  n: ms */
inject_act ims_inject_lose, ims_inject_late, ims_inject_twice, ims_inject_again,
	ims_inject_clear, ims_inject_clear_to_port, ims_inject_believe;

/* inject_header.c */
/* a: name of a header that goes, b: one more */
inject_act ims_inject_without;
/* a: "Name: value" that it becomes, b: one more */
inject_act ims_inject_with;
/* n: the status; it loses challenge and Security-Server; a, b: lines to add */
inject_act ims_inject_status;
/* n: the seconds that a REGISTER asks for */
inject_act ims_inject_expires;
/* 504 with a document that wants a registration from the beginning */
inject_act ims_inject_restoration;
/* the Contact of a 200, n: an enum inject_contact */
inject_act ims_inject_contact;
/* An answer instead of the S-CSCF's (inject_edit.c): n: the status; a, b: lines
 * to add
 */

/* inject_sec.c: n: an enum inject_sec, done to each mechanism of
 * Security-Server, Security-Client, Security-Verify
 */
inject_act ims_inject_server, ims_inject_client, ims_inject_verify;

/* inject_digest.c */
/* a: parameter of the challenge, of the credentials; b: its value, NULL: it
 * goes
 */
inject_act ims_inject_challenge, ims_inject_proof;
/* ik and ck in the challenge (of no use) */
inject_act ims_inject_keys;
/* n: bytes that are left of the nonce */
inject_act ims_inject_nonce;
/* One digit of the response is another. */
inject_act ims_inject_response;
inject_act ims_inject_old_nonce;
/* a: From and To (of SUBSCRIBE also the Request-URI) are this one's */
inject_act ims_inject_user;

/* inject_notify.c */
/* a: the event of each contact; n: expires (shortened) or retry-after */
inject_act ims_inject_contact_event;
/* a: attribute of the document, b: its value */
inject_act ims_inject_reginfo;
inject_act ims_inject_cut_body;
/* One more NOTIFY, of a dialog that is none. */
inject_act ims_inject_stray_notify;

/* inject_key.c */
inject_act ims_inject_bad_mac, ims_inject_old_sqn;
/* n: IMS_E_... */
inject_act ims_inject_hss_error;
inject_act ims_inject_sim_mac, ims_inject_sim_sqn, ims_inject_sim_auts;
inject_act ims_inject_sa_refused, ims_inject_sa_keys;
/* n: ms after which it is gone */
inject_act ims_inject_sa_gone;

enum inject_contact {
	CONTACT_SHORT,  /* expires=60 */
	CONTACT_ZERO,   /* expires=0 */
	CONTACT_OTHERS, /* two of other devices before ours */
	CONTACT_ALIEN,  /* only another device's */
};

enum inject_sec {
	SEC_SPI_ZERO,
	SEC_SPI_LOW,
	SEC_SPI_SAME,
	SEC_SPI_OTHER,
	SEC_SPI_MISSING,
	SEC_Q_TWICE,
	SEC_Q_ORDER,
	SEC_UNKNOWN_FIRST,
	SEC_ALG_OTHER,
	SEC_PORTS_OTHER,
	SEC_PORTS_5060,
	SEC_PORT_C_OTHER,
};
/* A list of mechanisms with that done to each; the slice is in mem. */
struct ims_str ims_inject_sec_text(const struct ims_sip_msg *m,
				   enum ims_sip_hdr_id id, enum inject_sec what,
				   struct ims_buf *b);

#endif
