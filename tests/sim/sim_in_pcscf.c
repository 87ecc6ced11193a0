/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_in_pcscf.c - the inside of the P-CSCF, for the invariants. */
#include "sim.h"

#include "pcscf_priv.h"

void sim_in_pcscf(const struct ims_pcscf *p, struct sim_core_look *out)
{
	*out = (struct sim_core_look){
		.users = ims_pcscf_users(p),
		.sets = p->set_id.n,
		.pending = p->n_pending,
		.relays = p->relays.n,
		.spis = p->spis.map.n,
		.due = ims_pcscf_due(p),
		.acts_cap = p->acts.cap,
		.acts_bytes = p->acts.cap_bytes,
		.acts_lost = p->acts.lost,
		.txns = p->txns.by_id.n,
	};
}

bool sim_in_pcscf_owns(const struct ims_pcscf *p, uint32_t set)
{
	return ims_pcscf_set_by_id(p, set) != NULL;
}

bool sim_in_pcscf_dying(const struct ims_pcscf *p, uint32_t set)
{
	const struct ims_pcscf_set *s = ims_pcscf_set_by_id(p, set);

	return s && s->life == IMS_SET_DYING;
}
