/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_gruu.c - GRUUs: from our Contact in a 200, and from NOTIFYs.
 *
 * They are those of the IMPU in use, for they stand in the Contact of requests
 * that come from it.
 *
 * Spec: RFC 5627 4.2, 4.3; RFC 5628 5; spec.md 19.2, 20.5.
 */
#include "ue_priv.h"

#include "sip_addr.h"

static bool is_gruu(struct ims_str uri)
{
	struct ims_sip_param p;
	struct ims_sip_uri u;

	return ims_ue_sound_uri(uri) && !ims_sip_uri_parse(uri, &u) &&
	       u.scheme != IMS_SIP_URI_TEL &&
	       ims_sip_param_find(u.params, "gr", &p) &&
	       ims_str_find(uri, '>') == uri.n;
}

static void keep(struct ue_text *t, struct ims_str uri)
{
	if (!is_gruu(uri) || !ims_ue_keep(t, uri))
		ims_ue_forget(t);
}

static void keep_param(struct ue_text *t, struct ims_str params,
		       const char *name)
{
	struct ims_sip_param p;

	ims_ue_forget(t);
	if (ims_sip_param_find(params, name, &p))
		keep(t, ims_sip_unquote(p.value));
}

void ims_ue_gruu_forget(struct ims_ue *ue)
{
	ims_ue_forget(&ue->pub_gruu);
	ims_ue_forget(&ue->temp_gruu);
}

/* A Contact that has none takes back those of before [RFC 5627 4.2].  They are
 * of the IMPU that was registered.
 */
void ims_ue_gruu_keep(struct ims_ue *ue, const struct ims_str *params)
{
	ims_ue_gruu_forget(ue);
	if (!ue->conf.gruu || !params ||
	    !ims_sip_uri_aor_eq(ims_str(ue->impu), ims_str(ue->conf.impu)))
		return;
	keep_param(&ue->pub_gruu, *params, "pub-gruu");
	keep_param(&ue->temp_gruu, *params, "temp-gruu");
	ims_str_copy(ue->gruu_call_id, sizeof ue->gruu_call_id,
		     ims_str(ue->call[0].id));
	ue->gruu_cseq = ue->call[0].cseq;
}

/* Which temporary ones are still good: of the same Call-ID, and not older than
 * first-cseq.
 */
static bool temp_is_dead(const struct ims_ue *ue,
			 const struct ims_reginfo_contact *c)
{
	return (c->callid.n &&
		!ims_str_eq(c->callid, ims_str(ue->gruu_call_id))) ||
	       (c->temp_gruu.n && ue->gruu_cseq < c->first_cseq);
}

/* Does the document know of an older REGISTER than the 200 that we have? */
static bool is_late(const struct ims_ue *ue,
		    const struct ims_reginfo_contact *c)
{
	return ims_str_eq(c->callid, ims_str(ue->gruu_call_id)) &&
	       c->has_cseq && c->cseq < ue->gruu_cseq;
}

/* Who does not write RFC 5628 says nothing of them. */
bool ims_ue_gruu_take(struct ims_ue *ue, const struct ims_reginfo_contact *c)
{
	if (!ue->conf.gruu || is_late(ue, c))
		return false;
	if (is_gruu(c->pub_gruu))
		keep(&ue->pub_gruu, c->pub_gruu);
	if (temp_is_dead(ue, c))
		ims_ue_forget(&ue->temp_gruu);
	if (!is_gruu(c->temp_gruu))
		return true;
	keep(&ue->temp_gruu, c->temp_gruu);
	if (c->callid.n)
		ims_str_copy(ue->gruu_call_id, sizeof ue->gruu_call_id,
			     c->callid);
	ue->gruu_cseq = c->has_cseq ? c->cseq : c->first_cseq;
	return true;
}
