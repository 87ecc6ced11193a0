/* SPDX-License-Identifier: BSD-2-Clause */
/* txn.h - SIP transactions, both sides, over UDP and TCP.
 *
 * A table of transactions that belongs to one role.  The role hands in what
 * arrived and what it wants sent; sending, also again and again, is queued as
 * acts of the role.  The machines are the tables in txn_client.c and
 * txn_server.c.  INVITE transactions are outside of registration: an INVITE
 * is handled like any other request (its ACK is a stray).
 *
 * Spec: RFC 3261 17, 18; RFC 6026 is not needed; timers TS 24.229 7.7.
 */
#ifndef IMS_TXN_H
#define IMS_TXN_H

#include "base_fsm.h"
#include "base_heap.h"
#include "base_list.h"
#include "base_map.h"
#include "role.h"
#include "sip_msg.h"

/* A request longer than this goes by TCP [RFC 3261 18.1.1]. */
#define IMS_TXN_UDP_MAX 1300

struct ims_txn_timers {
	uint32_t t1_ms, t2_ms, t4_ms;
};
extern const struct ims_txn_timers ims_txn_timers_ims;  /* 2 s, 16 s, 17 s */
extern const struct ims_txn_timers ims_txn_timers_core; /* 0.5 s, 4 s, 5 s */

struct ims_txns {
	struct ims_acts *acts;
	const struct ims_trace *trace;
	struct ims_txn_timers timers[2]; /* by enum ims_side */
	struct ims_map client, server;   /* by branch and method */
	struct ims_map by_id, by_set;
	struct ims_heap due;
	uint32_t last_id;
	uint32_t seed; /* of the hashes */
	size_t max;    /* transactions; more are refused; 65536 */
	/* Requests in the clear on Gm, oldest first.  They have a quarter of
	 * the places: beyond it the oldest that is answered gives way, so that
	 * no flood takes the places of those inside SAs [T14, T17].
	 */
	struct ims_list clear;
	size_t n_clear;
	void *pool; /* ended transactions, to be used again */
	/* May the answer to what was sent over one set come over another?  Yes
	 * if both are proven to be the same peer's: over UDP the set in use may
	 * have changed in between [24.229 5.1.1.5.1, 5.2.2].  Set by the role;
	 * NULL: never.
	 */
	bool (*same_peer)(const void *arg, uint32_t asked, uint32_t came);
	const void *same_peer_arg;
};
/* The machines, to be drawn and checked [RFC 3261 17.1.2, 17.2.2]. */
extern const struct ims_fsm ims_txn_client_fsm, ims_txn_server_fsm;

/* acts and trace are borrowed.  Timers: IMS on Gm, core on Mw; seed is random,
 * so that nobody can choose branches that collide.  -IMS_E_NOMEM.
 */
int ims_txns_init(struct ims_txns *t, struct ims_acts *acts, uint32_t seed,
		  const struct ims_trace *trace);
void ims_txns_free(struct ims_txns *t);

enum ims_txn_kind {
	IMS_TXN_NEW,    /* a request: a server transaction was made: id */
	IMS_TXN_AGAIN,  /* a repeated request: absorbed, answered if it was */
	IMS_TXN_ANSWER, /* a response to our request: id, ref */
	IMS_TXN_STRAY,  /* a response that nobody waits for, an ACK */
	IMS_TXN_FULL,   /* a request, but no room: answer 503 statelessly */
};
struct ims_txn_hit {
	enum ims_txn_kind kind;
	uint32_t id;
	uint32_t ref; /* what the role gave with its request */
};
/* A parsed message came on that flow.  A response matches only if it comes on
 * the flow it was expected on: same set (or one of the same peer), and from the
 * asked peer's address.
 * The new server transaction answers to where RFC 3261 18.2.2 and RFC 3581
 * say; on a protected UDP flow the role says so itself (reply_on).
 */
struct ims_txn_hit ims_txns_recv(struct ims_txns *t,
				 const struct ims_flow *flow,
				 const struct ims_sip_msg *m, uint64_t now_ms);

/* Sends a request whose top Via has the branch of this transaction; repeats it
 * on UDP.  Returns the id (> 0 as int), or -IMS_E_NOMEM, -IMS_E_SIP, -IMS_E_EXISTS
 * (branch and method in use).
 */
int ims_txns_request(struct ims_txns *t, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref, uint64_t now_ms);
/* Forgets a client transaction: its answer will be a stray. */
void ims_txns_cancel(struct ims_txns *t, uint32_t id);

/* Where the answers of a server transaction go, instead of the default; and
 * for TCP where to open a connection if the one it came on is gone.
 */
void ims_txns_reply_on(struct ims_txns *t, uint32_t id,
		       const struct ims_flow *flow);
/* Sends a response; a final one ends the role's part.  -IMS_E_NOTFOUND. */
int ims_txns_respond(struct ims_txns *t, uint32_t id, struct ims_str bytes,
		     unsigned status, uint64_t now_ms);
/* Wipes the final response of a server transaction, which holds keys: if its
 * request comes again, it is absorbed and not answered.
 */
void ims_txns_forget(struct ims_txns *t, uint32_t id);
/* Is a transaction (client or server) still running on this set? */
bool ims_txns_uses_set(const struct ims_txns *t, uint32_t set);

/* IMS_EV_UNSENT for a ref of ours (SENDs carry the transaction's id as ref):
 * an answer tries its fall-back flow once; a request goes once more over a new
 * connection of the same set, if it was one that stood (ev->flow.conn) that
 * broke.  Else the client transaction has failed, and out->ref is what the role
 * gave.  Returns true if it failed for good.
 */
bool ims_txns_unsent(struct ims_txns *t, const struct ims_ev *ev,
		     uint64_t now_ms, struct ims_txn_hit *out);

uint64_t ims_txns_due(const struct ims_txns *t);
/* Works off what is due.  Returns true for each client transaction that timed
 * out (*out tells which); call until false.
 */
bool ims_txns_tick(struct ims_txns *t, uint64_t now_ms,
		   struct ims_txn_hit *out);

/* Where a response to this request goes on a flow that is not protected UDP:
 * TCP: the same connection; UDP: received and rport, else sent-by [RFC 3261
 * 18.2.2, RFC 3581 4].
 */
struct ims_flow ims_txn_reply_flow(const struct ims_flow *flow,
				   const struct ims_sip_msg *req);

#endif
