/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_retry.c - which P-CSCF is asked next, and how long to wait before.
 *
 * The P-CSCFs of the list are asked one after the other, each once in a round;
 * one that gave a Retry-After is left alone until then.  After a round in which
 * none served there is a pause that grows from round to round.
 *
 * Spec: TS 24.229 5.1.1.2.1, 5.1.1.4.1; RFC 5626 4.5; RFC 3261 20.33.
 */
#include "ue_priv.h"

#include <string.h>

#define DAY_S 86400 /* no Retry-After keeps a phone away for longer */
#define BASE_S 30   /* there is no other flow that still lives */
#define PAUSE_MAX_S 1800
/* After so many rounds a short Retry-After is no reason to hurry any more. */
#define PATIENCE 3

uint32_t ims_ue_retry_after(const struct ims_sip_msg *m)
{
	uint32_t s;

	if (!m || ims_sip_number(m, IMS_SIP_RETRY_AFTER, &s))
		return 0;
	if (s == 0)
		return 1;
	return s < DAY_S ? s : DAY_S;
}

uint64_t ims_ue_backoff_ms(const struct ims_ue *ue, uint32_t base_s,
			   unsigned failures)
{
	uint32_t s = base_s << (failures < 8 ? failures : 8);
	uint32_t half_ms = (s < PAUSE_MAX_S ? s : PAUSE_MAX_S) * 500;

	return half_ms + ims_rand_below(&ue->rnd, half_ms + 1);
}

/* Of our family, and not to be left alone for now. */
static bool is_open(const struct ims_ue *ue, size_t i)
{
	return ue->conf.pcscf[i].ip.family == ue->conf.local.ip.family &&
	       ue->not_before[i] <= ue->now_ms;
}

static bool find_next(const struct ims_ue *ue, size_t *at)
{
	for (size_t k = 1; k <= ue->conf.n_pcscf; k++) {
		size_t i = (ue->pcscf + k) % ue->conf.n_pcscf;

		if (ue->tried[i] || !is_open(ue, i))
			continue;
		*at = i;
		return true;
	}
	return false;
}

bool ims_ue_next_pcscf(struct ims_ue *ue)
{
	return find_next(ue, &ue->pcscf);
}

void ims_ue_round(struct ims_ue *ue, bool avoid)
{
	memset(ue->tried, 0, sizeof ue->tried);
	if (avoid) {
		ue->tried[ue->pcscf] = true;
		if (ims_ue_next_pcscf(ue))
			return;
		ue->tried[ue->pcscf] = false;
	}
	/* From the first one, which is preferred. */
	if (!avoid && ue->conf.n_pcscf > 1) {
		ue->pcscf = ue->conf.n_pcscf - 1;
		if (!ims_ue_next_pcscf(ue))
			ue->pcscf = 0;
	}
}

bool ims_ue_all_closed(const struct ims_ue *ue)
{
	for (size_t i = 0; i < ue->conf.n_pcscf; i++)
		if (is_open(ue, i))
			return false;
	return true;
}

/* A network that starts anew throws all out, and is back a moment later. */
bool ims_ue_fights(const struct ims_ue *ue)
{
	return ue->conf.retry || (ue->registered_at && !ue->conf.once);
}

enum ue_reg_event ims_ue_failed_here(struct ims_ue *ue, uint32_t retry_after)
{
	size_t next;

	ue->tried[ue->pcscf] = true;
	if (retry_after)
		ue->not_before[ue->pcscf] =
			ue->now_ms + UINT64_C(1000) * retry_after;
	if (find_next(ue, &next))
		return ON_NEXT;
	return ims_ue_fights(ue) ? ON_LATER : ON_FAIL;
}

void ims_ue_retry_forget(struct ims_ue *ue)
{
	memset(ue->not_before, 0, sizeof ue->not_before);
	ue->rounds = ue->thrown = ue->refused = 0;
	ue->registered_at = 0;
}

/* When the first of them may be asked again; IMS_NEVER: none is ours. */
static uint64_t first_open(const struct ims_ue *ue)
{
	uint64_t at = IMS_NEVER;

	for (size_t i = 0; i < ue->conf.n_pcscf; i++)
		if (ue->conf.pcscf[i].ip.family == ue->conf.local.ip.family &&
		    ue->not_before[i] < at)
			at = ue->not_before[i];
	return at;
}

uint64_t ims_ue_pause_ms(struct ims_ue *ue)
{
	uint64_t backoff = ims_ue_backoff_ms(ue, BASE_S, ue->rounds);
	uint64_t asked = UINT64_C(1000) * ue->pause_s;
	uint64_t open = first_open(ue);

	ue->pause_s = 0;
	if (open != IMS_NEVER && open > ue->now_ms + asked)
		asked = open - ue->now_ms;
	if (asked == 0)
		return backoff;
	return ue->rounds > PATIENCE && asked < backoff ? backoff : asked;
}
