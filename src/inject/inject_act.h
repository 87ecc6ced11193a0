/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_act.h - the ways to do it; the rows of the table choose one and give
 * it its parameters (struct inject_do: n, a, b).
 */
#ifndef IMS_INJECT_ACT_H
#define IMS_INJECT_ACT_H

#include "inject_priv.h"

typedef bool inject_act(struct ims_inject *j, struct inject_hit *h);

/* inject_flow.c.  n: ms */
inject_act inject_lose, inject_late, inject_twice, inject_clear,
	inject_clear_to_port;

/* inject_header.c */
/* a: name of a header that goes, b: one more */
inject_act inject_without;
/* a: "Name: value" that it becomes, b: one more */
inject_act inject_with;
/* n: the status; it loses challenge and Security-Server; a, b: lines to add */
inject_act inject_status;
/* the Contact of a 200, n: an enum inject_contact */
inject_act inject_contact;
/* An answer instead of the S-CSCF's (inject_edit.c): n: the status; a, b: lines
 * to add
 */

/* inject_server.c: Security-Server and the challenge of a 401 */
/* n: an enum inject_sec */
inject_act inject_server;
/* a: parameter, b: its value, NULL: it goes */
inject_act inject_challenge;
/* n: bytes that are left of the nonce */
inject_act inject_nonce;

/* inject_client.c: the UE's REGISTER */
/* n: an enum inject_sec */
inject_act inject_client;
/* Security-Verify: spi-c is another */
inject_act inject_verify;
/* a: parameter of Authorization, b: its value, NULL: it goes */
inject_act inject_proof;
/* The response with one digit changed. */
inject_act inject_response;
/* From and To are another user's: a */
inject_act inject_user;

/* inject_notify.c */
/* a: contact event, b: attributes of the contact; n: 1: the registration is
 * terminated
 */
inject_act inject_contact_event;
/* n: the version */
inject_act inject_version;
inject_act inject_partial, inject_cut_body;
/* One more NOTIFY, of a dialog that is none. */
inject_act inject_stray_notify;

/* inject_key.c */
inject_act inject_bad_mac, inject_old_sqn, inject_hss_error;
inject_act inject_sim_mac, inject_sim_sqn, inject_sim_auts;
inject_act inject_sa_refused, inject_sa_keys;
/* n: ms after which it is gone */
inject_act inject_sa_gone;

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
struct ims_str inject_sec_text(const struct ims_sip_msg *m,
			       enum ims_sip_hdr_id id, enum inject_sec what,
			       struct ims_buf *b);

#endif
