/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf.c - the S-CSCF as an object: messages, answers and time come in. */
#include "scscf.h"

#include <stdlib.h>

#include "base_mem.h"
#include "scscf_priv.h"

void ims_scscf_conf_default(struct ims_scscf_conf *c)
{
	*c = (struct ims_scscf_conf){
		.qop = true,
		.min_expires = 60,
		.max_expires = 600000,
		.default_expires = 600000,
		.reg_await_auth_ms = 240000,
		.max_users = 100000,
		.timers = ims_txn_timers_core,
		.partial = true,
		.notify_ms = 5000,
	};
}

static int init(struct ims_scscf *s)
{
	uint32_t seed = 0;

	ims_acts_init(&s->acts);
	ims_heap_init(&s->due);
	ims_list_init(&s->idle);
	if (ims_rand_fill(&s->rnd, &s->seed, sizeof(s->seed)) ||
	    ims_rand_fill(&s->rnd, &seed, sizeof(seed)) ||
	    ims_rand_fill(&s->rnd, s->secret, sizeof(s->secret)))
		return -IMS_E_SYS;
	if (ims_map_init(&s->users) || ims_map_init(&s->impus) ||
	    ims_map_init(&s->cx) || ims_map_init(&s->watches) ||
	    ims_map_init(&s->dialogs) ||
	    ims_txns_init(&s->txns, &s->acts, seed, s->trace))
		return -IMS_E_NOMEM;
	s->txns.timers[IMS_MW] = s->conf.timers;
	return 0;
}

struct ims_scscf *ims_scscf_new(const struct ims_scscf_conf *conf,
				const struct ims_rand *rnd,
				const struct ims_trace *trace)
{
	struct ims_scscf *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conf = *conf;
	s->rnd = *rnd;
	s->trace = trace;
	if (init(s)) {
		ims_scscf_free(s);
		return NULL;
	}
	return s;
}

static void drop_users(struct ims_scscf *s)
{
	struct ims_map_node *n =
		s->users.slot ? ims_map_each(&s->users, NULL) : NULL;

	while (n) {
		struct ims_map_node *next = ims_map_each(&s->users, n);

		ims_scscf_user_drop(s, ims_container(n, struct ims_scscf_user,
						     node));
		n = next;
	}
}

void ims_scscf_free(struct ims_scscf *s)
{
	if (!s)
		return;
	drop_users(s);
	if (s->txns.acts)
		ims_txns_free(&s->txns);
	ims_map_free(&s->users);
	ims_map_free(&s->impus);
	ims_map_free(&s->cx);
	ims_map_free(&s->watches);
	ims_map_free(&s->dialogs);
	free(s->record);
	ims_wipe(s->secret, sizeof(s->secret));
	ims_heap_free(&s->due);
	ims_acts_free(&s->acts);
	ims_wipe(s->msg, sizeof(s->msg));
	free(s);
}

static void on_request(struct ims_scscf *s, const struct ims_flow *flow,
		       const struct ims_sip_msg *m, uint32_t txn)
{
	struct ims_scscf_in in = {.m = m, .txn = txn, .source = flow->remote};

	if (m->method == IMS_SIP_REGISTER)
		ims_scscf_register(s, &in);
	else if (m->method == IMS_SIP_SUBSCRIBE)
		ims_scscf_subscribe(s, &in);
	else
		ims_scscf_reply(s, &in, 405, "Allow: REGISTER, SUBSCRIBE\r\n");
}

static void on_message(struct ims_scscf *s, const struct ims_ev *ev)
{
	struct ims_sip_flaw why = {0};
	struct ims_sip_msg m;
	struct ims_txn_hit hit;

	if (ev->flow.side != IMS_MW) {
		/* whoever sends there could claim to be a P-CSCF */
		ims_trace(s->trace, IMS_WARN, "scscf",
			  "a message that did not come on Mw is dropped");
		return;
	}
	if (ims_sip_msg_parse(ev->bytes, &m, &why)) {
		ims_acts_tell(&s->acts, IMS_TELL_PROBLEM, why.flaw.err, 0, "%s",
			      why.flaw.text);
		if (m.request && why.status)
			ims_scscf_reply_bare(s, &ev->flow, &m, why.status);
		return;
	}
	hit = ims_txns_recv(&s->txns, &ev->flow, &m, s->now_ms);
	if (hit.kind == IMS_TXN_NEW)
		on_request(s, &ev->flow, &m, hit.id);
	else if (hit.kind == IMS_TXN_FULL)
		ims_scscf_reply_bare(s, &ev->flow, &m, 503);
	else if (hit.kind == IMS_TXN_ANSWER && m.status >= 200)
		ims_scscf_notified(s, hit.ref, &m);
}

/* Contacts expire; or wrong responses are forgotten. */
static void user_due(struct ims_scscf *s, struct ims_scscf_user *u)
{
	struct ims_cx_req req = {.kind = IMS_CX_SAR, .assign = IMS_CX_TIMEOUT};
	bool was = u->binds.n > 0;
	size_t n = ims_reg_binds_expire(&u->binds, s->now_ms);

	if (u->pause_ms <= s->now_ms)
		u->wrong = 0;
	if (n && u->binds.n == 0) {
		ims_str_copy(req.impi, sizeof(req.impi), ims_str(u->impi));
		ims_str_copy(req.impu, sizeof(req.impu),
			     ims_str(u->impu[u->explicit_impu]->uri));
		ims_acts_cx(&s->acts, &req);
		ims_acts_tell(&s->acts, IMS_TELL_DEREGISTERED, 0, 0,
			      "the registration of %s expired", u->impi);
	}
	ims_scscf_user_count(s, u, was);
	if (n) {
		ims_scscf_changed(s, u);
		ims_scscf_notify_all(s, u);
	}
	ims_scscf_user_settle(s, u);
}

/* Contacts whose time is over, too, go first: nothing is told that is no more
 * true.
 */
static void watch_due(struct ims_scscf *s, struct ims_scscf_watch *w)
{
	struct ims_scscf_user *u = w->user;

	if (ims_reg_binds_due(&u->binds) > s->now_ms) {
		ims_scscf_watch_due(s, w);
	} else {
		ims_heap_set(&s->due, &w->due, s->now_ms);
		user_due(s, u);
	}
}

static void on_due(struct ims_scscf *s, struct ims_due *d)
{
	switch ((enum ims_scscf_due)d->kind) {
	case DUE_ATTEMPT:
		ims_scscf_reg_step(s,
				   ims_container(d, struct ims_scscf_attempt,
						 due),
				   ON_TIMEOUT, NULL);
		break;
	case DUE_USER:
		user_due(s, ims_container(d, struct ims_scscf_user, due));
		break;
	case DUE_WATCH:
		watch_due(s, ims_container(d, struct ims_scscf_watch, due));
		break;
	}
}

static void tick(struct ims_scscf *s)
{
	struct ims_txn_hit hit;
	struct ims_due *d;

	while ((d = ims_heap_pop(&s->due, s->now_ms)))
		on_due(s, d);
	while (ims_txns_tick(&s->txns, s->now_ms, &hit))
		ims_scscf_notified(s, hit.ref, NULL);
}

/* The contacts go as `deactivated`: the UE may register anew at once, here or
 * at whoever takes over [RFC 3680 5.1].
 */
static void stop(struct ims_scscf *s)
{
	struct ims_map_node *n = ims_map_each(&s->users, NULL);

	s->stopped = true;
	while (n) {
		struct ims_scscf_user *u =
			ims_container(n, struct ims_scscf_user, node);
		bool was = u->binds.n > 0;

		n = ims_map_each(&s->users, n);
		ims_reg_binds_end(&u->binds, IMS_REGINFO_DEACTIVATED, 0);
		ims_scscf_user_count(s, u, was);
		ims_scscf_changed(s, u);
		ims_scscf_notify_all(s, u);
		ims_scscf_user_drop(s, u);
	}
}

void ims_scscf_event(struct ims_scscf *s, const struct ims_ev *ev,
		     uint64_t now_ms)
{
	struct ims_txn_hit hit;

	s->now_ms = now_ms;
	switch (ev->kind) {
	case IMS_EV_MSG:
		on_message(s, ev);
		break;
	case IMS_EV_CX:
		ims_scscf_cx(s, ev->cx);
		break;
	case IMS_EV_UNSENT:
		if (ims_txns_unsent(&s->txns, ev, now_ms, &hit))
			ims_scscf_notified(s, hit.ref, NULL);
		break;
	case IMS_EV_STOP:
		stop(s);
		break;
	case IMS_EV_TICK:
	case IMS_EV_SA:
	case IMS_EV_SA_GONE:
	case IMS_EV_ADDRESS:
	case IMS_EV_SIM:
	case IMS_EV_START:
	case IMS_EV_STORE:
		break;
	}
	tick(s);
}

bool ims_scscf_next(struct ims_scscf *s, struct ims_act *out)
{
	return ims_acts_next(&s->acts, out);
}

uint64_t ims_scscf_due(const struct ims_scscf *s)
{
	uint64_t a = ims_heap_next(&s->due), b = ims_txns_due(&s->txns);

	return a < b ? a : b;
}

size_t ims_scscf_registered(const struct ims_scscf *s)
{
	return s->n_registered;
}
