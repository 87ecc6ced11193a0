/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf.c - the P-CSCF as an object: events in, acts out. */
#include "pcscf.h"

#include <stdlib.h>

#include "pcscf_priv.h"

void ims_pcscf_conf_default(struct ims_pcscf_conf *c)
{
	*c = (struct ims_pcscf_conf){
		.port_ps = 50718,
		.port_ps2 = 50720,
		.port_pc = {50717, 50719, 50721},
		.n_port_pc = 3,
		.security = IMS_PCSCF_REQUIRED,
		.policy = ims_secagree_policy_default(),
		.reg_await_auth_ms = 240000,
		.max_users = 100000,
		.max_pending = 4096,
		.max_pending_source = 256,
		.timers_gm = ims_txn_timers_ims,
		.timers_mw = ims_txn_timers_core,
		.udp_max = IMS_TXN_UDP_MAX,
		.subscribe_reg = true,
	};
	c->gm.port = 5060;
	c->mw.port = 5060;
	c->scscf.port = 5060;
}

static int init(struct ims_pcscf *p)
{
	int err;

	ims_rand_fill(&p->rnd, &p->seed, sizeof(p->seed));
	err = ims_txns_init(&p->txns, &p->acts, p->seed, p->trace);
	if (!err)
		err = ims_spi_pool_init(&p->spis, &p->rnd);
	if (!err)
		err = ims_pcscf_ues_init(p);
	if (!err)
		err = ims_pcscf_relays_init(p);
	if (err || ims_map_init(&p->set_id) || ims_map_init(&p->set_uc) ||
	    ims_map_init(&p->set_us))
		return -IMS_E_NOMEM;
	p->txns.same_peer = ims_pcscf_same_peer;
	p->txns.same_peer_arg = p;
	p->txns.timers[IMS_GM] = p->conf.timers_gm;
	p->txns.timers[IMS_MW] = p->conf.timers_mw;
	return 0;
}

struct ims_pcscf *ims_pcscf_new(const struct ims_pcscf_conf *conf,
				const struct ims_rand *rnd,
				const struct ims_trace *trace)
{
	struct ims_pcscf *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->conf = *conf;
	p->rnd = *rnd;
	p->trace = trace;
	ims_acts_init(&p->acts);
	ims_heap_init(&p->due);
	ims_list_init(&p->unsaved);
	if (init(p)) {
		ims_pcscf_free(p);
		return NULL;
	}
	return p;
}

void ims_pcscf_free(struct ims_pcscf *p)
{
	if (!p)
		return;
	ims_pcscf_ues_free(p);
	ims_pcscf_relays_free(p);
	ims_map_free(&p->set_id);
	ims_map_free(&p->set_uc);
	ims_map_free(&p->set_us);
	ims_heap_free(&p->due);
	ims_spi_pool_free(&p->spis);
	ims_txns_free(&p->txns);
	ims_acts_free(&p->acts);
	free(p);
}

static void due(struct ims_pcscf *p, struct ims_due *d, uint64_t now_ms)
{
	struct ims_pcscf_ue *ue;

	if (d->kind == IMS_DUE_SET) {
		ims_pcscf_set_due(p,
				  ims_container(d, struct ims_pcscf_set, due),
				  now_ms);
		return;
	}
	if (d->kind == IMS_DUE_WATCH) {
		ims_pcscf_watch_due(p, ims_container(d, struct ims_pcscf_ue,
						     watch.due));
		return;
	}
	ue = ims_container(d, struct ims_pcscf_ue, due);
	ims_pcscf_ue_clear(p, ue, NULL, 0);
	ims_pcscf_ue_settle(p, ue, now_ms);
}

/* Transactions first: what they end frees sets that are due as well. */
static void tick(struct ims_pcscf *p, uint64_t now_ms)
{
	struct ims_txn_hit hit;
	struct ims_due *d;

	while (ims_txns_tick(&p->txns, now_ms, &hit))
		ims_pcscf_unanswered(p, hit.ref, false, now_ms);
	while ((d = ims_heap_pop(&p->due, now_ms)))
		due(p, d, now_ms);
}

static void stop(struct ims_pcscf *p, uint64_t now_ms)
{
	p->stopped = true;
	for (struct ims_map_node *n = ims_map_each(&p->ue_id, NULL); n;) {
		struct ims_pcscf_ue *ue =
			ims_container(n, struct ims_pcscf_ue, id_node);

		n = ims_map_each(&p->ue_id, n);
		while (ue->sets)
			ims_pcscf_set_drop(p, ue->sets);
		ims_pcscf_ue_clear(p, ue, NULL, 0);
		ims_pcscf_ue_settle(p, ue, now_ms);
	}
}

void ims_pcscf_event(struct ims_pcscf *p, const struct ims_ev *ev,
		     uint64_t now_ms)
{
	struct ims_txn_hit hit;

	p->now_ms = now_ms;
	switch (ev->kind) {
	case IMS_EV_TICK:
		tick(p, now_ms);
		break;
	case IMS_EV_MSG:
		ims_pcscf_message(p, ev, now_ms);
		break;
	case IMS_EV_UNSENT:
		if (ims_txns_unsent(&p->txns, ev, now_ms, &hit))
			ims_pcscf_unanswered(p, hit.ref, true, now_ms);
		break;
	case IMS_EV_SA:
		ims_pcscf_reg_sa(p, ev, now_ms);
		break;
	case IMS_EV_SA_GONE:
		ims_pcscf_reg_sa_gone(p, ev, now_ms);
		break;
	case IMS_EV_STOP:
		stop(p, now_ms);
		break;
	case IMS_EV_STORE:
		p->full = ev->err != 0;
		break;
	case IMS_EV_ADDRESS:
	case IMS_EV_START:
	case IMS_EV_SIM:
	case IMS_EV_CX:
		break;
	}
	ims_pcscf_keep_all(p);
}

bool ims_pcscf_next(struct ims_pcscf *p, struct ims_act *out)
{
	return ims_acts_next(&p->acts, out);
}

uint64_t ims_pcscf_due(const struct ims_pcscf *p)
{
	uint64_t a = ims_heap_next(&p->due), b = ims_txns_due(&p->txns);

	return a < b ? a : b;
}

size_t ims_pcscf_sets(const struct ims_pcscf *p)
{
	return p->n_installed;
}

size_t ims_pcscf_users(const struct ims_pcscf *p)
{
	return p->ue_id.n;
}
