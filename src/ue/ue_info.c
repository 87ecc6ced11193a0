/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_info.c - all that there is to see of a UE, for status and tests. */
#include "ue_priv.h"

#include "sip_addr.h"

static uint32_t seconds(uint64_t at_ms, uint64_t now_ms)
{
	uint64_t s;

	if (at_ms == IMS_NEVER || at_ms <= now_ms)
		return 0;
	s = (at_ms - now_ms) / 1000;
	return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

static void put_set(struct ims_ue_info *out, const struct ue_set *s,
		    const char *which, uint64_t now_ms)
{
	if (!s->id)
		return;
	out->set[out->n_sets++] =
		(struct ims_ue_info_set){.id = s->id,
					 .which = which,
					 .suite = s->suite,
					 .ue = s->me,
					 .pcscf = s->pcscf,
					 .ends_s =
						 seconds(s->until_ms, now_ms)};
}

static const struct ims_ue_info_impu *find(const struct ims_ue_info *out,
					   struct ims_str uri)
{
	for (size_t i = 0; i < out->n_impus; i++)
		if (ims_sip_uri_aor_eq(out->impu[i].uri, uri))
			return &out->impu[i];
	return NULL;
}

static void put_impu(const struct ims_ue *ue, struct ims_ue_info *out,
		     struct ims_str uri, const char *state)
{
	if (out->n_impus == IMS_UE_INFO_IMPUS || find(out, uri))
		return;
	out->impu[out->n_impus++] = (struct ims_ue_info_impu){
		.uri = uri,
		.state = state,
		.is_default = ims_str_eq(uri, ims_str(ue->impu)),
	};
}

/* What the network associated, and what a NOTIFY said of each; then what we
 * asked for and it left out: barred [24.229 5.1.1.2.1].
 */
static void put_impus(const struct ims_ue *ue, struct ims_ue_info *out)
{
	struct ims_str rest = ims_ue_text(&ue->associated), uri;
	bool lives = ims_ue_reg_lives(ue);
	bool listed = rest.n > 0;

	while (lives && ims_ue_next_line(&rest, &uri))
		put_impu(ue, out, uri,
			 ims_ue_impu_lives(ue, uri) ? "registered"
						    : "terminated");
	put_impu(ue, out, ims_str(ue->conf.impu),
		 !lives   ? "asked"
		 : listed ? "barred"
			  : "registered");
	for (size_t i = 0; i < ue->conf.n_more; i++) {
		const char *word = ims_ue_more_word(ue, i);

		if (word)
			put_impu(ue, out, ims_str(ue->conf.more[i]), word);
	}
}

void ims_ue_info(const struct ims_ue *ue, uint64_t now_ms,
		 struct ims_ue_info *out)
{
	struct ims_buf b;

	*out = (struct ims_ue_info){
		.state = ims_ue_state(ue),
		.impi = ue->conf.impi,
		.service_route = ims_ue_text(&ue->service_route),
		.pub_gruu = ims_ue_text(&ue->pub_gruu),
		.temp_gruu = ims_ue_text(&ue->temp_gruu),
		.pcscf = ims_ue_pcscf(ue),
		.expires_s = ims_ue_expires_s(ue, now_ms),
		.outbound = ue->outbound,
		.keep_s = ue->flow.every_s,
		.pings = ue->flow.pings,
		.pongs = ue->flow.pongs,
		.sub_state = ims_ue_sub_fsm.states[ue->sub],
		.sub_expires_s = seconds(ue->at[UE_T_SUB_END], now_ms),
	};
	put_impus(ue, out);
	ims_buf_init(&b, out->contact, sizeof out->contact);
	ims_ue_put_contact_uri(ue, &b, ue->now.id ? &ue->now : NULL);
	ims_buf_cstr(&b);
	put_set(out, &ue->temp, "temporary", now_ms);
	put_set(out, &ue->now, "in use", now_ms);
	put_set(out, &ue->old, "old", now_ms);
}
