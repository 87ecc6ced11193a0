/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_in_ue.c - the inside of the UE, as far as the invariants need it. */
#include "sim.h"

#include "ue_priv.h"

void sim_in_ue(const struct ims_ue *ue, struct sim_ue_look *out)
{
	*out = (struct sim_ue_look){
		.state = ims_ue_state(ue),
		.registered = ims_ue_reg_lives(ue),
		.idle = ue->reg == UE_IDLE,
		.due = ims_ue_due(ue),
		.now = ue->now.id,
		.old = ue->old.id,
		.temp = ue->temp.id,
		.ends = {ue->now.until_ms, ue->old.until_ms, ue->temp.until_ms},
		.acts_cap = ue->acts.cap,
		.acts_bytes = ue->acts.cap_bytes,
		.acts_lost = ue->acts.lost,
		.txns = ue->txns.by_id.n,
		.until = ue->expires_at,
	};
}
