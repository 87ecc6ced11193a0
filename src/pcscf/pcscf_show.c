/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_show.c - who is there, for those who look on. */
#include "pcscf_priv.h"

static uint32_t seconds_left(uint64_t at_ms, uint64_t now_ms)
{
	uint64_t s = at_ms > now_ms ? (at_ms - now_ms + 999) / 1000 : 0;

	return s < UINT32_MAX ? (uint32_t)s : UINT32_MAX;
}

static void show_set(const struct ims_pcscf_set *s, uint64_t now_ms,
		     struct ims_pcscf_set_info *out)
{
	*out = (struct ims_pcscf_set_info){
		.id = s->sas.id,
		.life = ims_pcscf_life_name(s->life),
		.suite = s->sas.suite,
		.sa = s->sas.sa,
		.ends_s = seconds_left(s->end_at, now_ms),
	};
}

static void show(const struct ims_pcscf_ue *ue, uint64_t now_ms,
		 struct ims_pcscf_info *out)
{
	*out = (struct ims_pcscf_info){
		.impi = ue->impi,
		.ip = ue->ip,
		.registered = ue->registered,
		.clear = ue->clear,
		.impus = ue->impus,
	};
	if (ue->registered)
		out->expires_s = seconds_left(ue->expires_at, now_ms);
	for (const struct ims_pcscf_set *s = ue->sets; s; s = s->next)
		if (out->n_sets < IMS_PCSCF_INFO_SETS)
			show_set(s, now_ms, &out->set[out->n_sets++]);
}

void ims_pcscf_each(const struct ims_pcscf *p, uint64_t now_ms,
		    void (*each)(void *arg, const struct ims_pcscf_info *i),
		    void *arg)
{
	struct ims_map_node *n = NULL;
	struct ims_pcscf_info info;

	while ((n = ims_map_each(&p->ue_id, n))) {
		show(ims_container(n, struct ims_pcscf_ue, id_node), now_ms,
		     &info);
		each(arg, &info);
	}
}
