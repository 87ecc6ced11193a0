/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_in_scscf.c - the inside of the S-CSCF, for the invariants. */
#include "sim.h"

#include "scscf_priv.h"

void sim_in_scscf(const struct ims_scscf *s, struct sim_core_look *out)
{
	*out = (struct sim_core_look){
		.users = ims_scscf_registered(s),
		.relays = s->watches.n,
		.due = ims_scscf_due(s),
		.acts_cap = s->acts.cap,
		.acts_bytes = s->acts.cap_bytes,
		.acts_lost = s->acts.lost,
		.txns = s->txns.by_id.n,
	};
}

bool sim_in_scscf_bound(const struct ims_scscf *s, const char *impi)
{
	const struct ims_scscf_user *u = ims_scscf_user_find(s, ims_str(impi));

	return u && u->binds.n > 0;
}
