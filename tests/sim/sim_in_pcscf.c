/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_in_pcscf.c - the inside of the P-CSCF, for the invariants. */
#include "sim.h"

#include "pcscf_priv.h"

#include <string.h>

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

/* How many sets has the UE with most of them, those aside that only wait for
 * what is on its way?
 */
size_t sim_in_pcscf_most(const struct ims_pcscf *p)
{
	struct ims_map_node *n = NULL;
	size_t most = 0, sets;

	while ((n = ims_map_each(&p->ue_id, n))) {
		const struct ims_pcscf_ue *ue =
			ims_container(n, struct ims_pcscf_ue, id_node);

		sets = 0;
		for (struct ims_pcscf_set *s = ue->sets; s; s = s->next)
			sets += s->life != IMS_SET_DYING;
		most = sets > most ? sets : most;
	}
	return most;
}

/* The state of a UE that nothing will ever move: no set, no request under way,
 * no time.  NULL: there is none.
 */
const char *sim_in_pcscf_stuck(const struct ims_pcscf *p)
{
	struct ims_map_node *n = NULL;

	while ((n = ims_map_each(&p->ue_id, n))) {
		const struct ims_pcscf_ue *ue =
			ims_container(n, struct ims_pcscf_ue, id_node);

		if (!ue->sets && !ue->round && !ue->due.slot)
			return ims_pcscf_reg_fsm.states[ue->state];
	}
	return NULL;
}

void sim_in_pcscf_spis(const struct ims_pcscf *p, struct ims_rand rnd)
{
	((struct ims_pcscf *)p)->spis.rnd = rnd;
}

bool sim_in_pcscf_owns(const struct ims_pcscf *p, uint32_t set)
{
	return ims_pcscf_set_by_id(p, set) != NULL;
}

uint64_t sim_in_pcscf_ends(const struct ims_pcscf *p, uint32_t set)
{
	const struct ims_pcscf_set *s = ims_pcscf_set_by_id(p, set);

	if (!s || s->end_at == IMS_NEVER)
		return IMS_NEVER;
	if (s->life == IMS_SET_DYING)
		return s->latest;
	return s->end_at + 64 * (uint64_t)p->conf.timers_gm.t1_ms;
}

size_t sim_in_pcscf_proven(const struct ims_pcscf *p, const char *impi)
{
	struct ims_map_node *n = NULL;
	size_t sets = 0;

	while ((n = ims_map_each(&p->ue_id, n))) {
		const struct ims_pcscf_ue *ue =
			ims_container(n, struct ims_pcscf_ue, id_node);

		if (strcmp(ue->impi, impi) != 0)
			continue;
		for (struct ims_pcscf_set *s = ue->sets; s; s = s->next)
			sets += ims_pcscf_set_established(s);
	}
	return sets;
}
