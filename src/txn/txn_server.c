/* SPDX-License-Identifier: BSD-2-Clause */
/* txn_server.c - the non-INVITE server transaction [RFC 3261 17.2.2]. */
#include "sip_via.h"
#include "txn_priv.h"

#define CLEAR_KEEP 4096

enum {
	TRYING,     /* the role works on it */
	PROCEEDING, /* a 1xx was sent */
	COMPLETED,  /* answered; answers repeated requests again */
	ENDED,
};
enum {
	ON_REQUEST,     /* the same request came again */
	ON_PROVISIONAL, /* the role sends a 1xx */
	ON_FINAL,       /* the role sends a 2xx-6xx */
	ON_LINGERED,    /* timer J */
	ON_REROUTE,     /* it could not be sent, but there is another flow */
	ON_UNSENT,      /* it could not be sent */
};

typedef void action(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms);
static action stay, send, final, reroute, end;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	{{TRYING,     ON_REQUEST,     TRYING,     "RFC 3261 17.2.2"}, stay},
	{{TRYING,     ON_PROVISIONAL, PROCEEDING, "RFC 3261 17.2.2"}, send},
	{{TRYING,     ON_FINAL,       COMPLETED,  "RFC 3261 17.2.2"}, final},
	{{PROCEEDING, ON_REQUEST,     PROCEEDING, "RFC 3261 17.2.2"}, send},
	{{PROCEEDING, ON_PROVISIONAL, PROCEEDING, "RFC 3261 17.2.2"}, send},
	{{PROCEEDING, ON_FINAL,       COMPLETED,  "RFC 3261 17.2.2"}, final},
	{{PROCEEDING, ON_REROUTE,     PROCEEDING, "RFC 3261 18.2.2"}, reroute},
	{{COMPLETED,  ON_REQUEST,     COMPLETED,  "RFC 3261 17.2.2"}, send},
	{{COMPLETED,  ON_LINGERED,    ENDED,      "RFC 3261 17.2.2"}, end},
	{{COMPLETED,  ON_REROUTE,     COMPLETED,  "RFC 3261 18.2.2"}, reroute},
	{{COMPLETED,  ON_UNSENT,      ENDED,      "RFC 3261 17.2.4"}, end},
};
/* clang-format on */

static const char *const states[] = {"trying", "proceeding", "completed",
				     "ended"};
static const char *const events[] = {"request",  "provisional", "final",
				     "lingered", "reroute",     "unsent"};

const struct ims_fsm ims_txn_server_fsm =
	IMS_FSM("txn-server", rows, states, events);

static void step(struct ims_txns *t, struct ims_txn *x, unsigned event,
		 uint64_t now_ms)
{
	int i = ims_fsm_step(&ims_txn_server_fsm, &x->state, event, t->trace);

	if (i >= 0)
		rows[i].act(t, x, now_ms);
}

static void stay(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	(void)t, (void)x, (void)now_ms;
}

static void send(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	(void)now_ms;
	ims_txn_send(t, x);
}

/* On TCP J is 0: it ends at the next tick, and until then it still hears that
 * the connection was gone.
 */
static void final(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	x->end_at = now_ms;
	if (x->flow.transport == IMS_UDP)
		x->end_at += 64 * (uint64_t)ims_txn_timers(t, x)->t1_ms;
	ims_txn_send(t, x);
	if (ims_txn_arm(t, x))
		ims_txn_end(t, x);
}

static void reroute(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	(void)now_ms;
	x->has_fallback = false;
	ims_txn_move(t, x, &x->fallback);
	ims_txn_send(t, x);
}

static void end(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	(void)now_ms;
	ims_txn_end(t, x);
}

static struct ims_txn *find(struct ims_txns *t, uint32_t id)
{
	struct ims_txn *x = ims_txn_by_id(t, id);

	return x && x->server && x->state < COMPLETED ? x : NULL;
}

void ims_txns_reply_on(struct ims_txns *t, uint32_t id,
		       const struct ims_flow *flow)
{
	struct ims_txn *x = find(t, id);

	if (!x)
		return;
	if (x->flow.transport == IMS_TCP && x->flow.conn &&
	    flow->transport == IMS_TCP) {
		x->fallback = *flow;
		x->has_fallback = true;
		return;
	}
	x->has_fallback = false;
	ims_txn_move(t, x, flow);
}

/* A long answer in the clear is not kept: whoever made it long would have us
 * remember it for minutes.  If its request comes again, it is a new one.
 */
static bool not_worth_keeping(const struct ims_txn *x, struct ims_str bytes,
			      unsigned status)
{
	return x->clear && status >= 200 && x->flow.transport == IMS_UDP &&
	       bytes.n > CLEAR_KEEP;
}

int ims_txns_respond(struct ims_txns *t, uint32_t id, struct ims_str bytes,
		     unsigned status, uint64_t now_ms)
{
	struct ims_txn *x = find(t, id);
	int err;

	if (!x)
		return -IMS_E_NOTFOUND;
	if (not_worth_keeping(x, bytes, status)) {
		ims_acts_send(t->acts, &x->flow, bytes, 0);
		ims_txn_end(t, x);
		return 0;
	}
	err = ims_txn_keep(x, bytes);
	if (err)
		return err;
	step(t, x, status < 200 ? ON_PROVISIONAL : ON_FINAL, now_ms);
	return 0;
}

void ims_txns_forget(struct ims_txns *t, uint32_t id)
{
	struct ims_txn *x = ims_txn_by_id(t, id);

	if (x && x->server && x->state == COMPLETED)
		ims_txn_forget(x);
}

bool ims_txn_server_done(const struct ims_txn *x)
{
	return x->state == COMPLETED;
}

void ims_txn_server_again(struct ims_txns *t, struct ims_txn *x,
			  uint64_t now_ms)
{
	step(t, x, ON_REQUEST, now_ms);
}

void ims_txn_server_due(struct ims_txns *t, struct ims_txn *x, uint64_t now_ms)
{
	step(t, x, ON_LINGERED, now_ms);
}

void ims_txn_server_unsent(struct ims_txns *t, struct ims_txn *x,
			   uint64_t now_ms)
{
	step(t, x, x->has_fallback ? ON_REROUTE : ON_UNSENT, now_ms);
}

void ims_txn_server_route(struct ims_txns *t, struct ims_txn *x,
			  const struct ims_flow *came,
			  const struct ims_sip_msg *req)
{
	struct ims_flow reply = ims_txn_reply_flow(came, req);
	struct ims_sip_via via;

	ims_txn_move(t, x, &reply);
	/* inside a set only the role knows the ports */
	if (came->transport != IMS_TCP || came->set ||
	    ims_sip_via_top(req, &via))
		return;
	x->fallback = *came;
	x->fallback.remote.port = via.port ? via.port : 5060;
	x->fallback.local.port = 0;
	x->fallback.conn = 0;
	x->has_fallback = true;
}
