/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_card.c - a software USIM. */
#include "aka_card.h"

#include "base_mem.h"

#include <string.h>

void ims_card_init(struct ims_card *c, const struct ims_aka_key *key)
{
	c->key = *key;
	ims_sqn_window_init(&c->window);
}

void ims_card_wipe(struct ims_card *c)
{
	ims_wipe(c, sizeof *c);
}

/* AMF_RESYNCH of the test USIM [34.108 8.1.2.2]. */
static bool asks_for_resync(const struct ims_card *c,
			    const struct ims_aka_autn *seen)
{
	return c->key.algo == IMS_AKA_XOR && seen->amf[0] == 0xff &&
	       seen->amf[1] == 0xff;
}

static void resync(const struct ims_card *c, const uint8_t *rnd,
		   struct ims_card_answer *a)
{
	if (ims_aka_auts_build(&c->key, rnd, ims_sqn_ms(&c->window), a->auts))
		return;
	a->verdict = IMS_CARD_RESYNC;
}

void ims_card_challenge(struct ims_card *c, const uint8_t rnd[static 16],
			const uint8_t autn[static 16],
			struct ims_card_answer *out)
{
	struct ims_card_answer a = {.verdict = IMS_CARD_FAILED};
	struct ims_aka_autn seen;
	struct ims_aka_out o = {0};

	if (ims_aka_answer(&c->key, rnd, autn, &seen, &o)) {
		*out = a;
		return;
	}
	/* The MAC comes first: SQN means nothing before it is right. */
	if (!seen.mac_ok) {
		a.verdict = IMS_CARD_BAD_MAC;
	} else if (asks_for_resync(c, &seen) ||
		   !ims_sqn_accept(&c->window, seen.sqn)) {
		resync(c, rnd, &a);
	} else {
		a.verdict = IMS_CARD_OK;
		memcpy(a.res, o.res, sizeof a.res);
		a.res_len = o.res_len;
		memcpy(a.ck, o.ck, sizeof a.ck);
		memcpy(a.ik, o.ik, sizeof a.ik);
	}
	*out = a;
	ims_wipe(&o, sizeof o);
	ims_wipe(&a, sizeof a);
}

int ims_card_why(const struct ims_card *c, const uint8_t rnd[static 16],
		 const uint8_t autn[static 16])
{
	struct ims_aka_key other = c->key;
	struct ims_aka_autn seen = {0};
	size_t n = c->key.algo == IMS_AKA_TUAK ? 32 : 16;
	bool fits = !ims_aka_key_op(&other, c->key.opc, n) &&
		    !ims_aka_autn(&other, rnd, autn, &seen) && seen.mac_ok;

	ims_aka_key_wipe(&other);
	return fits ? -IMS_E_OP_AS_OPC : -IMS_E_AKA_MAC;
}
