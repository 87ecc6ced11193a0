/* SPDX-License-Identifier: BSD-2-Clause */
/* txn_client.c - the non-INVITE client transaction [RFC 3261 17.1.2]. */
#include "txn_priv.h"

enum {
	TRYING,     /* sent; again and again on UDP */
	PROCEEDING, /* a 1xx came; again, but slower */
	COMPLETED,  /* answered; absorbs repeated answers */
	ENDED,
};
enum {
	ON_AGAIN,       /* timer E */
	ON_TIMEOUT,     /* timer F */
	ON_PROVISIONAL, /* 1xx */
	ON_FINAL,       /* 2xx-6xx on UDP */
	ON_FINAL_TCP,   /* on TCP nothing is repeated: K is 0 */
	ON_LINGERED,    /* timer K */
	ON_REROUTE,     /* it could not be sent, but there is another flow */
	ON_UNSENT,      /* it could not be sent */
};

typedef void action(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms);
static action again, again_slow, stay, linger, reroute, end;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	{{TRYING,     ON_AGAIN,       TRYING,     "RFC 3261 17.1.2.2"}, again},
	{{TRYING,     ON_TIMEOUT,     ENDED,      "RFC 3261 17.1.2.2"}, end},
	{{TRYING,     ON_PROVISIONAL, PROCEEDING, "RFC 3261 17.1.2.2"}, stay},
	{{TRYING,     ON_FINAL,       COMPLETED,  "RFC 3261 17.1.2.2"}, linger},
	{{TRYING,     ON_FINAL_TCP,   ENDED,      "RFC 3261 17.1.2.2"}, end},
	{{TRYING,     ON_REROUTE,     TRYING,     "RFC 3261 18.1.1"},   reroute},
	{{TRYING,     ON_UNSENT,      ENDED,      "RFC 3261 17.1.4"},   end},
	{{PROCEEDING, ON_AGAIN,       PROCEEDING, "RFC 3261 17.1.2.2"}, again_slow},
	{{PROCEEDING, ON_TIMEOUT,     ENDED,      "RFC 3261 17.1.2.2"}, end},
	{{PROCEEDING, ON_PROVISIONAL, PROCEEDING, "RFC 3261 17.1.2.2"}, stay},
	{{PROCEEDING, ON_FINAL,       COMPLETED,  "RFC 3261 17.1.2.2"}, linger},
	{{PROCEEDING, ON_FINAL_TCP,   ENDED,      "RFC 3261 17.1.2.2"}, end},
	{{PROCEEDING, ON_REROUTE,     PROCEEDING, "RFC 3261 18.1.1"},   reroute},
	{{PROCEEDING, ON_UNSENT,      ENDED,      "RFC 3261 17.1.4"},   end},
	{{COMPLETED,  ON_FINAL,       COMPLETED,  "RFC 3261 17.1.2.2"}, stay},
	{{COMPLETED,  ON_LINGERED,    ENDED,      "RFC 3261 17.1.2.2"}, end},
};
/* clang-format on */

static const char *const states[] = {"trying", "proceeding", "completed",
				     "ended"};
static const char *const events[] = {"again",   "timeout",   "provisional",
				     "final",   "final-tcp", "lingered",
				     "reroute", "unsent"};

const struct ims_fsm ims_txn_client_fsm =
	IMS_FSM("txn-client", rows, states, events);

static int step(struct ims_txns *t, struct ims_txn *x, unsigned event,
		uint64_t now_ms)
{
	int i = ims_fsm_step(&ims_txn_client_fsm, &x->state, event, t->trace);

	if (i >= 0)
		rows[i].act(t, x, now_ms);
	return i;
}

static void again(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	uint32_t t2 = ims_txn_timers(t, x)->t2_ms;

	x->interval_ms = x->interval_ms < t2 / 2 ? x->interval_ms * 2 : t2;
	x->again_at = now_ms + x->interval_ms;
	ims_txn_send(t, x);
}

static void again_slow(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	x->again_at = now_ms + ims_txn_timers(t, x)->t2_ms;
	ims_txn_send(t, x);
}

static void stay(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	(void)t, (void)x, (void)now_ms;
}

static void linger(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	x->again_at = IMS_NEVER;
	x->end_at = now_ms + ims_txn_timers(t, x)->t4_ms;
}

/* A connection that is gone is opened anew. */
static void reroute(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	(void)now_ms;
	x->has_fallback = false;
	x->reopened = true;
	x->flow.conn = 0;
	ims_txn_send(t, x);
}

static void end(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	(void)now_ms;
	ims_txn_end(t, x);
}

int ims_txns_request(struct ims_txns *t, const struct ims_flow *flow,
		     struct ims_str bytes, uint32_t ref, uint64_t now_ms)
{
	char mem[IMS_TXN_KEY];
	struct ims_sip_msg m;
	struct ims_buf key;
	struct ims_txn *x;

	ims_buf_init(&key, mem, sizeof(mem));
	if (ims_sip_msg_parse(bytes, &m, NULL) || !m.request ||
	    ims_txn_client_key(&m, &key))
		return -IMS_E_SIP;
	if (ims_txn_find(&t->client, ims_str_hash(ims_buf_str(&key), t->seed),
			 ims_buf_str(&key)))
		return -IMS_E_EXISTS;
	x = ims_txn_new(t, false, ims_buf_str(&key), flow);
	if (!x)
		return -IMS_E_NOMEM;
	x->ref = ref;
	x->has_fallback = flow->transport == IMS_TCP && flow->conn;
	x->interval_ms = ims_txn_timers(t, x)->t1_ms;
	x->end_at = now_ms + 64 * (uint64_t)x->interval_ms;
	if (flow->transport == IMS_UDP)
		x->again_at = now_ms + x->interval_ms;
	if (ims_txn_keep(x, bytes) || ims_txn_arm(t, x)) {
		ims_txn_end(t, x);
		return -IMS_E_NOMEM;
	}
	ims_txn_send(t, x);
	return (int)x->id;
}

void ims_txns_cancel(struct ims_txns *t, uint32_t id)
{
	struct ims_txn *x = ims_txn_by_id(t, id);

	if (x && !x->server)
		ims_txn_end(t, x);
}

struct ims_txn_hit ims_txn_client_answer(struct ims_txns *t, struct ims_txn *x,
					 unsigned status, uint64_t now_ms)
{
	struct ims_txn_hit hit = {.kind = IMS_TXN_ANSWER,
				  .id = x->id,
				  .ref = x->ref};
	bool udp = x->flow.transport == IMS_UDP;

	if (x->state == COMPLETED)
		hit = (struct ims_txn_hit){.kind = IMS_TXN_STRAY};
	if (status < 200) {
		step(t, x, ON_PROVISIONAL, now_ms);
	} else if (!udp) {
		step(t, x, ON_FINAL_TCP, now_ms);
	} else {
		bool first = x->state != COMPLETED;

		step(t, x, ON_FINAL, now_ms);
		/* it had a place in the heap: this cannot fail */
		if (first)
			(void)ims_txn_arm(t, x);
	}
	return hit;
}

bool ims_txn_client_due(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	if (now_ms >= x->end_at) {
		bool waiting = x->state != COMPLETED;

		step(t, x, waiting ? ON_TIMEOUT : ON_LINGERED, now_ms);
		return waiting;
	}
	step(t, x, ON_AGAIN, now_ms);
	/* its place in the heap was given up a moment ago */
	(void)ims_txn_arm(t, x);
	return false;
}

/* A connection that was there already may have been closed long ago, by a
 * network that forgets flows or a peer that started anew: that is found out
 * by sending, and says nothing of the peer.  It is opened anew once.
 */
bool ims_txn_client_unsent(struct ims_txns *t, struct ims_txn *x, uint32_t conn,
			   uint64_t now_ms)
{
	bool stale = x->flow.transport == IMS_TCP && conn && !x->reopened;
	bool other = x->has_fallback || stale;
	bool waiting = x->state != COMPLETED;

	step(t, x, other ? ON_REROUTE : ON_UNSENT, now_ms);
	return waiting && !other;
}
