/* SPDX-License-Identifier: BSD-2-Clause */
/* run_core.c - P-CSCF, S-CSCF and HSS in one process, on one host. */
#include "run_core.h"

#include "base_mem.h"
#include "run_full.h"
#include "run_keep.h"

#include <stdio.h>
#include <stdlib.h>

struct ims_run_core {
	struct ims_run_seat seat; /* the P-CSCF's, on Gm */
	struct ims_pcscf *pcscf;
	struct ims_scscf *scscf;
	struct ims_hss *hss;
	struct ims_pcscf_conf conf;
	size_t n_held;
	bool stopped;
};

static uint64_t now(const struct ims_run_core *c)
{
	return c->seat.env.now_ms(c->seat.env.arg);
}

/* The same flow as the other end of Mw sees it. */
static struct ims_flow turned(const struct ims_flow *f)
{
	struct ims_flow t = *f;

	t.local = f->remote;
	t.remote = f->local;
	return t;
}

static void saw_mw(struct ims_run_core *c, enum ims_who from,
		   const struct ims_act *act)
{
	const struct ims_watch *w = &c->seat.env.watch;
	struct ims_seen seen = {
		.who = from,
		.sent = true,
		.flow = &act->flow,
		.bytes = act->bytes,
		.wall_ms = c->seat.env.wall_ms(c->seat.env.arg),
	};

	if (w->seen)
		w->seen(w->arg, &seen);
}

static void spoil(struct ims_run_core *c, const struct ims_cx_req *req,
		  struct ims_cx_ans *ans)
{
	struct ims_inject *j = c->seat.env.inject;
	struct ims_hss_store *store = c->hss->store;
	struct ims_sub sub;
	int err;

	if (!j)
		return;
	err = store->ops->get(store, ims_str(req->impi), &sub);
	ims_inject_cx(j, req, err ? NULL : &sub.key, ans, now(c));
	if (!err)
		ims_sub_wipe(&sub);
	ims_run_inject(&c->seat);
}

static void ask_hss(struct ims_run_core *c, const struct ims_cx_req *req)
{
	struct ims_cx_ans ans;
	struct ims_ev ev = {.kind = IMS_EV_CX, .cx = &ans};

	ims_hss_answer(c->hss, req, c->seat.env.wall_ms(c->seat.env.arg), &ans);
	spoil(c, req, &ans);
	ims_scscf_event(c->scscf, &ev, now(c));
	ims_wipe(&ans, sizeof ans);
}

static void injected(void *unit, const struct ims_inject_mail *m)
{
	struct ims_run_core *c = unit;
	struct ims_ev ev = {.kind = IMS_EV_MSG,
			    .flow = m->flow,
			    .bytes = m->bytes};

	if (m->at == IMS_INJECT_MW_UP)
		ims_scscf_event(c->scscf, &ev, now(c));
	else if (m->at == IMS_INJECT_MW_DOWN)
		ims_pcscf_event(c->pcscf, &ev, now(c));
}

/* True: something else was done instead, or will be. */
static bool inject(struct ims_run_core *c, enum ims_inject_at at,
		   const struct ims_ev *ev)
{
	struct ims_inject *j = c->seat.env.inject;

	if (!j || !ims_inject_message(j, at, &ev->flow, ev->bytes, now(c)))
		return false;
	ims_run_inject(&c->seat);
	return true;
}

static void perform_pcscf(struct ims_run_core *c, const struct ims_act *act)
{
	struct ims_flaw why;
	struct ims_ev ev;

	if (act->kind == IMS_ACT_SEND && act->flow.side == IMS_MW) {
		ev = (struct ims_ev){.kind = IMS_EV_MSG,
				     .flow = turned(&act->flow),
				     .bytes = act->bytes};
		saw_mw(c, IMS_WHO_PCSCF, act);
		if (!inject(c, IMS_INJECT_MW_UP, &ev))
			ims_scscf_event(c->scscf, &ev, now(c));
	} else if (ims_run_perform(&c->seat, act, &ev, &why)) {
		ims_pcscf_event(c->pcscf, &ev, now(c));
	}
}

static void perform_scscf(struct ims_run_core *c, const struct ims_act *act)
{
	const struct ims_watch *w = &c->seat.env.watch;
	struct ims_ev ev;

	switch (act->kind) {
	case IMS_ACT_SEND:
		ev = (struct ims_ev){.kind = IMS_EV_MSG,
				     .flow = turned(&act->flow),
				     .bytes = act->bytes};
		saw_mw(c, IMS_WHO_SCSCF, act);
		if (!inject(c, IMS_INJECT_MW_DOWN, &ev))
			ims_pcscf_event(c->pcscf, &ev, now(c));
		break;
	case IMS_ACT_CX:
		ask_hss(c, act->cx);
		break;
	case IMS_ACT_TELL:
		if (w->told)
			w->told(w->arg, IMS_WHO_SCSCF, act);
		break;
	case IMS_ACT_KEEP:
		ims_run_keep_put(&c->seat, act->keep, act->key, act->bytes);
		break;
	case IMS_ACT_SA_ADD:
	case IMS_ACT_SA_DEL:
	case IMS_ACT_SA_LIFE:
	case IMS_ACT_SIM:
		break; /* the S-CSCF has none of these */
	}
}

/* Performs until neither role has more to ask for. */
static void drain(struct ims_run_core *c)
{
	struct ims_act act;
	uint64_t a, b;
	bool more = true;

	while (more) {
		more = false;
		while (ims_pcscf_next(c->pcscf, &act)) {
			perform_pcscf(c, &act);
			more = true;
		}
		while (ims_scscf_next(c->scscf, &act)) {
			perform_scscf(c, &act);
			more = true;
		}
	}
	ims_run_keep_turn(&c->seat);
	a = ims_pcscf_due(c->pcscf);
	b = ims_scscf_due(c->scscf);
	ims_run_wake(&c->seat, a < b ? a : b);
}

static void hear_of_the_store(struct ims_run_core *c)
{
	struct ims_ev ev;

	if (ims_run_full_news(&c->seat, &ev))
		ims_pcscf_event(c->pcscf, &ev, now(c));
}

static void on(void *unit, const struct ims_ev *ev)
{
	struct ims_run_core *c = unit;

	hear_of_the_store(c);
	ims_pcscf_event(c->pcscf, ev, now(c));
	drain(c);
}

/* Our own P-CSCF may watch every user; it asserts its address on Mw. */
static void trust_pcscf(struct ims_scscf_conf *s, struct ims_addr mw)
{
	char host[IMS_ADDR_TEXT];

	if (s->n_trusted < IMS_SCSCF_TRUSTED)
		snprintf(s->trusted[s->n_trusted++], IMS_ID_MAX, "sip:%s",
			 ims_addr_text(mw, host));
}

struct ims_run_core *ims_run_core_new(const struct ims_run_core_conf *conf,
				      struct ims_hss *hss,
				      const struct ims_run_env *env)
{
	struct ims_run_core *c = calloc(1, sizeof *c);
	struct ims_scscf_conf scscf = conf->scscf;

	if (!c)
		return NULL;
	scscf.wall_ms = ims_run_keep_epoch(env, &scscf.date_ms);
	c->conf = conf->pcscf;
	c->conf.wall_ms = scscf.wall_ms;
	trust_pcscf(&scscf, conf->pcscf.mw);
	c->hss = hss;
	c->seat.on = on;
	c->seat.mw = injected;
	c->seat.unit = c;
	c->pcscf = ims_pcscf_new(&c->conf, &env->rnd, env->trace);
	c->scscf = ims_scscf_new(&scscf, &env->rnd, env->trace);
	if (c->pcscf && c->scscf &&
	    !ims_run_seat_init(&c->seat, IMS_WHO_PCSCF, env))
		return c;
	ims_pcscf_free(c->pcscf);
	ims_scscf_free(c->scscf);
	free(c);
	return NULL;
}

/* The n-th port that the P-CSCF listens on; 0 is the unprotected one. */
static struct ims_addr port_of(const struct ims_run_core *c, size_t n)
{
	struct ims_addr a = c->conf.gm;

	if (n == 1)
		a.port = c->conf.port_ps;
	else if (n == 2 + c->conf.n_port_pc)
		a.port = c->conf.port_ps2;
	else if (n > 1)
		a.port = c->conf.port_pc[n - 2];
	return a;
}

static void release(struct ims_run_core *c)
{
	while (c->n_held) {
		struct ims_addr a = port_of(c, --c->n_held);

		c->seat.host->ops->release(c->seat.host, a);
	}
}

static void forget(struct ims_run_core *c)
{
	ims_pcscf_free(c->pcscf);
	ims_scscf_free(c->scscf);
	free(c);
}

void ims_run_core_free(struct ims_run_core *c)
{
	if (!c)
		return;
	if (c->stopped) {
		ims_pcscf_event(c->pcscf, &(struct ims_ev){.kind = IMS_EV_STOP},
				now(c));
		drain(c);
	}
	ims_run_seat_free(&c->seat);
	release(c);
	forget(c);
}

int ims_run_core_leave(struct ims_run_core *c)
{
	int err = ims_run_seat_leave(&c->seat);

	forget(c);
	return err;
}

void ims_run_core_kill(struct ims_run_core *c)
{
	if (!c)
		return;
	ims_run_seat_kill(&c->seat);
	forget(c);
}

struct ims_host_up ims_run_core_up(struct ims_run_core *c)
{
	return ims_run_seat_up(&c->seat);
}

static int take_pcscf(void *unit, struct ims_str key, struct ims_str record,
		      struct ims_flaw *why)
{
	struct ims_run_core *c = unit;

	(void)key;
	return ims_pcscf_restore(c->pcscf, record, now(c), why);
}

static int take_scscf(void *unit, struct ims_str key, struct ims_str record,
		      struct ims_flaw *why)
{
	struct ims_run_core *c = unit;

	(void)key;
	return ims_scscf_restore(c->scscf, record, now(c), why);
}

static bool owns(const void *unit, uint32_t set)
{
	const struct ims_run_core *c = unit;

	return ims_pcscf_owns(c->pcscf, set);
}

/* Sets that a UE should have. */
struct wanted {
	const struct ims_run_core *c;
	uint32_t *missing;
	size_t n, cap;
};

static void note_missing(void *arg, const struct ims_pcscf_info *i)
{
	struct wanted *w = arg;

	for (size_t k = 0; k < i->n_sets; k++) {
		if (ims_ipsec_table_find(&w->c->seat.sets, i->set[k].id) ||
		    w->n == w->cap)
			continue;
		w->missing[w->n++] = i->set[k].id;
	}
}

/* The P-CSCF hears which sets it has no more. */
static void tell_missing(struct ims_run_core *c)
{
	struct wanted w = {.c = c, .cap = ims_pcscf_sets(c->pcscf)};
	struct ims_flaw why;

	w.missing = w.cap ? calloc(w.cap, sizeof *w.missing) : NULL;
	if (!w.missing)
		return;
	ims_pcscf_each(c->pcscf, now(c), note_missing, &w);
	for (size_t i = 0; i < w.n; i++) {
		struct ims_ev ev = ims_run_keep_missing(w.missing[i], &why);

		ims_pcscf_event(c->pcscf, &ev, now(c));
	}
	free(w.missing);
}

/* Sets first, then who owns them, then away with the rest: all before the
 * first packet is read.
 */
static void restore(struct ims_run_core *c)
{
	struct ims_run_seat *s = &c->seat;
	size_t ues, users;

	ims_run_keep_adopt(s);
	ues = ims_run_keep_each(s, IMS_KEEP_PCSCF, take_pcscf);
	ims_run_keep_each(s, IMS_KEEP_SCSCF, take_scscf);
	users = ims_scscf_registered(c->scscf);
	tell_missing(c);
	ims_run_keep_sweep(s, owns);
	if (ues || users)
		ims_trace(s->env.trace, IMS_INFO, "run_core",
			  "%zu registered UEs, %zu users and %zu SA sets go on "
			  "from before",
			  ues, users, s->sets.by_id.n);
	drain(c);
}

int ims_run_core_attach(struct ims_run_core *c, struct ims_host *host,
			struct ims_flaw *why)
{
	bool clear = c->conf.security == IMS_PCSCF_OFF;
	size_t n = clear ? 1 : 2 + c->conf.n_port_pc + !!c->conf.port_ps2;
	int err;

	c->seat.host = host;
	while (c->n_held < n) {
		err = host->ops->hold(host, port_of(c, c->n_held),
				      c->n_held > 0, why);
		if (err) {
			release(c);
			return err;
		}
		c->n_held++;
	}
	restore(c);
	return 0;
}

/* The UEs hear of it by NOTIFY, inside SAs that must still be there: those go
 * when the core is freed.
 */
void ims_run_core_stop(struct ims_run_core *c)
{
	struct ims_ev ev = {.kind = IMS_EV_STOP};

	c->stopped = true;
	ims_scscf_event(c->scscf, &ev, now(c));
	drain(c);
}

void ims_run_core_tick(struct ims_run_core *c)
{
	struct ims_ev ev = {.kind = IMS_EV_TICK};

	ims_run_inject(&c->seat);
	hear_of_the_store(c);
	ims_pcscf_event(c->pcscf, &ev, now(c));
	ims_scscf_event(c->scscf, &ev, now(c));
	drain(c);
}

const struct ims_scscf *ims_run_core_scscf(const struct ims_run_core *c)
{
	return c->scscf;
}

const struct ims_pcscf *ims_run_core_pcscf(const struct ims_run_core *c)
{
	return c->pcscf;
}

int ims_run_core_order(struct ims_run_core *c, enum ims_scscf_order order,
		       struct ims_str who, uint32_t seconds)
{
	int err = ims_scscf_order(c->scscf, order, who, seconds, now(c));

	drain(c);
	return err;
}

int ims_run_core_count(const struct ims_run_core *c, uint32_t set,
		       struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	struct ims_host *h = c->seat.host;

	return h ? h->ops->sa_count(h, set, out) : -IMS_E_NOTFOUND;
}
