/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_key.c - vectors, answers of a SIM and SA sets that are not right. */
#include "inject_act_priv.h"

#include "base_mem.h"

#include <string.h>

bool ims_inject_bad_mac(struct ims_inject *j, struct inject_hit *h)
{
	(void)j;
	h->ans->vector.autn[15] ^= 0x55;
	return h->ans->err == 0;
}

/* SQN 0: no card takes it for new.  What else belongs to the RAND stays. */
bool ims_inject_old_sqn(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_aka_vector *v = &h->ans->vector, made;

	(void)j;
	if (h->ans->err || !h->key ||
	    ims_aka_vector(h->key, v->rand, 0, v->autn + 6, &made))
		return false;
	*v = made;
	ims_wipe(&made, sizeof made);
	return true;
}

bool ims_inject_hss_error(struct ims_inject *j, struct inject_hit *h)
{
	(void)j;
	ims_wipe(&h->ans->vector, sizeof h->ans->vector);
	h->ans->err = -(int)h->row->how->n;
	return true;
}

static void no_answer(struct ims_card_answer *a, enum ims_card_verdict verdict)
{
	ims_wipe(a, sizeof *a);
	a->verdict = verdict;
}

bool ims_inject_sim_mac(struct ims_inject *j, struct inject_hit *h)
{
	(void)j;
	no_answer(h->answer, IMS_CARD_BAD_MAC);
	return true;
}

bool ims_inject_sim_sqn(struct ims_inject *j, struct inject_hit *h)
{
	(void)j;
	no_answer(h->answer, IMS_CARD_RESYNC);
	return ims_aka_auts_build(&h->card->key, h->rnd,
				  ims_sqn_ms(&h->card->window),
				  h->answer->auts) == 0;
}

bool ims_inject_sim_auts(struct ims_inject *j, struct inject_hit *h)
{
	(void)j;
	no_answer(h->answer, IMS_CARD_RESYNC);
	memset(h->answer->auts, 0xa5, sizeof h->answer->auts);
	return true;
}

bool ims_inject_sa_refused(struct ims_inject *j, struct inject_hit *h)
{
	(void)j;
	h->err = -IMS_E_IPSEC;
	return true;
}

bool ims_inject_sa_keys(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_ipsec_keys *k = &h->set->keys;

	(void)j;
	for (size_t i = 0; i < sizeof k->alg; i++)
		k->alg[i] ^= 0x55;
	for (size_t i = 0; i < sizeof k->ealg; i++)
		k->ealg[i] ^= 0x55;
	return true;
}

bool ims_inject_sa_gone(struct ims_inject *j, struct inject_hit *h)
{
	ims_inject_post_del(j, h->set->id, h->now_ms + h->row->how->n);
	return true;
}
