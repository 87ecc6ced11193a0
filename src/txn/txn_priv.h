/* SPDX-License-Identifier: BSD-2-Clause */
/* txn_priv.h - one transaction, and what the files of txn share. */
#ifndef IMS_TXN_PRIV_H
#define IMS_TXN_PRIV_H

#include "txn.h"

/* Longest key: that of RFC 2543 has URI, tags, Call-ID and a whole Via. */
#define IMS_TXN_KEY 2048

struct ims_txn {
	struct ims_map_node node, id_node, set_node;
	struct ims_list clear_node;
	struct ims_due due; /* the earlier of the two that follow */
	uint64_t again_at, end_at;
	uint32_t interval_ms; /* timer E as it stands */
	unsigned state;
	bool server, clear;
	uint32_t id, ref;
	struct ims_flow flow;     /* where it sends */
	struct ims_flow fallback; /* where to if that fails */
	bool has_fallback;
	bool reopened; /* client: sent once more over a new connection */
	/* The key, then what is sent again. */
	char *mem;
	size_t cap, key_len, len;
};

/* txn.c */
/* A transaction with this key on that flow; NULL: full, or no memory. */
struct ims_txn *ims_txn_new(struct ims_txns *t, bool server, struct ims_str key,
			    const struct ims_flow *flow);
void ims_txn_end(struct ims_txns *t, struct ims_txn *x);
struct ims_txn *ims_txn_find(const struct ims_map *m, uint32_t hash,
			     struct ims_str key);
struct ims_txn *ims_txn_by_id(const struct ims_txns *t, uint32_t id);
/* What is to be sent from now on.  -IMS_E_NOMEM. */
int ims_txn_keep(struct ims_txn *x, struct ims_str bytes);
/* Wipes it; there is nothing to send from now on. */
void ims_txn_forget(struct ims_txn *x);
void ims_txn_move(struct ims_txns *t, struct ims_txn *x,
		  const struct ims_flow *flow);
void ims_txn_send(struct ims_txns *t, const struct ims_txn *x);
/* Sets the earlier of again_at and end_at.  -IMS_E_NOMEM. */
int ims_txn_arm(struct ims_txns *t, struct ims_txn *x);
const struct ims_txn_timers *ims_txn_timers(const struct ims_txns *t,
					    const struct ims_txn *x);

/* txn_match.c: -IMS_E_SIP (no Via that can be read), -IMS_E_TOOBIG. */
int ims_txn_client_key(const struct ims_sip_msg *m, struct ims_buf *key);
int ims_txn_server_key(const struct ims_flow *flow, const struct ims_sip_msg *m,
		       struct ims_buf *key);

/* txn_client.c, txn_server.c: what comes from outside.  The transaction may be
 * gone afterwards.
 */
struct ims_txn_hit ims_txn_client_answer(struct ims_txns *t, struct ims_txn *x,
					 unsigned status, uint64_t now_ms);
/* Returns true if it timed out. */
bool ims_txn_client_due(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms);
/* conn: the connection that stood and broke; 0: none came about. */
bool ims_txn_client_unsent(struct ims_txns *t, struct ims_txn *x, uint32_t conn,
			   uint64_t now_ms);
void ims_txn_server_again(struct ims_txns *t, struct ims_txn *x,
			  uint64_t now_ms);
bool ims_txn_server_done(const struct ims_txn *x); /* it only lingers */
void ims_txn_server_due(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms);
void ims_txn_server_unsent(struct ims_txns *t, struct ims_txn *x,
			   uint64_t now_ms);
/* The flow for answers, and the one to try if that fails. */
void ims_txn_server_route(struct ims_txns *t, struct ims_txn *x,
			  const struct ims_flow *came,
			  const struct ims_sip_msg *req);

#endif
