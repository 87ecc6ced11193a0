/* SPDX-License-Identifier: BSD-2-Clause */
/* hss.c - answers Cx requests from the store [TS 29.228 6.1, 6.3]. */
#include "hss.h"

#include "base_mem.h"
#include "sip_uri.h"

void ims_sub_wipe(struct ims_sub *s)
{
	ims_wipe(s, sizeof(*s));
}

/* Does impu belong to the user?  The implicit set that it is in goes into the
 * answer, and the default identity stands first in it.
 */
static bool put_set(const struct ims_sub *sub, struct ims_str impu,
		    struct ims_cx_ans *out)
{
	const struct ims_cx_impu *mine = NULL;

	for (size_t i = 0; i < sub->n_impus && !mine; i++) {
		if (ims_sip_uri_aor_eq(ims_str(sub->impu[i].uri), impu))
			mine = &sub->impu[i];
	}
	out->n_impus = 0;
	for (size_t i = 0; i < sub->n_impus && mine; i++) {
		if (sub->impu[i].set == mine->set)
			out->impu[out->n_impus++] = sub->impu[i];
	}
	return mine != NULL;
}

static bool all_barred(const struct ims_sub *sub)
{
	for (size_t i = 0; i < sub->n_impus; i++) {
		if (!sub->impu[i].barred)
			return false;
	}
	return true;
}

/* Who asks, and may he?  On failure nothing of the user is in the answer. */
static int find_user(struct ims_hss *h, const struct ims_cx_req *req,
		     struct ims_sub *sub, struct ims_cx_ans *out)
{
	int err = h->store->ops->get(h->store, ims_str(req->impi), sub);

	if (err == -IMS_E_NOTFOUND)
		return -IMS_E_UNKNOWN_USER;
	if (err)
		return -IMS_E_STORE;
	if ((sub->barred || all_barred(sub)) &&
	    !(req->kind == IMS_CX_SAR && req->assign != IMS_CX_REGISTERED))
		return -IMS_E_REFUSED;
	if (!put_set(sub, ims_str(req->impu), out)) {
		out->n_impus = 0;
		return -IMS_E_NOT_MINE;
	}
	return 0;
}

/* The SQN of the next vector [33.102 6.3.5: after a genuine AUTS it follows
 * what the card said].
 */
static int next_sqn(struct ims_hss *h, const struct ims_cx_req *req,
		    const struct ims_sub *sub, uint64_t wall_ms, uint64_t *out)
{
	uint64_t last = sub->sqn;

	if (req->resync) {
		int err = ims_aka_auts_open(&sub->key, req->rand, req->auts,
					    &last);
		if (err)
			return err;
	} else if (sub->fixed_sqn && sub->key.algo == IMS_AKA_XOR) {
		*out = sub->sqn & IMS_SQN_MASK;
		return 0;
	}
	*out = ims_sqn_next(&h->scheme, last, wall_ms);
	return 0;
}

static int next_rand(struct ims_hss *h, uint8_t out[static 16])
{
	if (!h->has_rand)
		return ims_rand_fill(&h->rnd, out, 16);
	for (size_t i = 0; i < 16; i++)
		out[i] = h->rand[i];
	h->has_rand = false;
	return 0;
}

static int make_vector(struct ims_hss *h, const struct ims_cx_req *req,
		       const struct ims_sub *sub, uint64_t wall_ms,
		       struct ims_aka_vector *out)
{
	uint8_t rnd[16];
	uint64_t sqn;
	int err = next_sqn(h, req, sub, wall_ms, &sqn);

	if (err == 0)
		err = next_rand(h, rnd);
	/* Before the vector is given out: no SQN is ever used twice. */
	if (err == 0 && sqn != sub->sqn &&
	    h->store->ops->set_sqn(h->store, ims_str(sub->impi), sqn))
		err = -IMS_E_STORE;
	if (err == 0)
		err = ims_aka_vector(&sub->key, rnd, sqn, sub->amf, out);
	return err;
}

void ims_hss_answer(struct ims_hss *h, const struct ims_cx_req *req,
		    uint64_t wall_ms, struct ims_cx_ans *out)
{
	struct ims_sub sub;

	*out = (struct ims_cx_ans){.ref = req->ref};
	out->err = find_user(h, req, &sub, out);
	if (out->err == 0 && req->kind == IMS_CX_MAR)
		out->err = make_vector(h, req, &sub, wall_ms, &out->vector);
	ims_sub_wipe(&sub);
}
