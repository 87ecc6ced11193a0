/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_rest.c - what must hold at the end, when all have left: nothing is left. */
#include "sim.h"

static size_t ports(const struct sim_host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < SIM_PORTS; i++)
		n += h->port[i].users > 0;
	return n;
}

static void rest_ue(struct sim *s, const struct sim_side *ue)
{
	struct sim_ue_look look;

	if (!ue->up)
		return;
	sim_held(s, SIM_NOTHING);
	sim_in_ue(ims_run_ue_role(ue->ue), &look);
	if (!look.idle || look.due != IMS_NEVER || look.txns)
		sim_fail(s, SIM_LEAVE, "%s is %s, %zu transactions, %s",
			 ue->name, look.state, look.txns,
			 look.due == IMS_NEVER ? "nothing due" : "still due");
	if (sim_host_sets(&ue->host) || ports(&ue->host) != 1)
		sim_fail(s, SIM_NOTHING, "%s has %zu sets and %zu ports",
			 ue->name, sim_host_sets(&ue->host), ports(&ue->host));
	if (sim_keep_count(&ue->keep, IMS_KEEP_UE) ||
	    sim_keep_count(&ue->keep, IMS_KEEP_SET))
		sim_fail(s, SIM_NOTHING, "%s has records left: %zu, %zu sets",
			 ue->name, sim_keep_count(&ue->keep, IMS_KEEP_UE),
			 sim_keep_count(&ue->keep, IMS_KEEP_SET));
}

static void rest_core(struct sim *s)
{
	const struct sim_keep *k = &s->core.keep;
	struct sim_core_look p, c;

	sim_in_pcscf(ims_run_core_pcscf(s->core.core), &p);
	sim_in_scscf(ims_run_core_scscf(s->core.core), &c);
	if (sim_host_sets(&s->core.host) || p.sets || p.spis || p.pending)
		sim_fail(s, SIM_NOTHING, "the core has %zu sets, %zu SPIs",
			 sim_host_sets(&s->core.host), p.spis);
	if (p.users || c.users || c.relays)
		sim_fail(s, SIM_NOTHING,
			 "the core knows %zu UEs, %zu users, %zu watchers",
			 p.users, c.users, c.relays);
	if (p.relays || p.txns || c.txns)
		sim_fail(s, SIM_NOTHING,
			 "the core has %zu relays, %zu transactions", p.relays,
			 p.txns + c.txns);
	if (sim_keep_count(k, IMS_KEEP_SET) ||
	    sim_keep_count(k, IMS_KEEP_PCSCF) ||
	    sim_keep_count(k, IMS_KEEP_SCSCF))
		sim_fail(s, SIM_NOTHING,
			 "records left: %zu sets, %zu P-CSCF, %zu S-CSCF",
			 sim_keep_count(k, IMS_KEEP_SET),
			 sim_keep_count(k, IMS_KEEP_PCSCF),
			 sim_keep_count(k, IMS_KEEP_SCSCF));
}

void sim_check_rest(struct sim *s)
{
	for (unsigned i = 0; i < s->n_ues; i++)
		rest_ue(s, &s->ue[i]);
	rest_core(s);
}
