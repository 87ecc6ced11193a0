/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_ok.c - what a 200 to REGISTER gives [24.229 5.1.1.2.1, RFC 3608]. */
#include "ue_priv.h"

#include "sip_addr.h"

#define TEXT_MAX 4096

/* Our own Contact among those of the answer. */
static bool find_contact(const struct ims_ue *ue, const struct ims_sip_msg *m,
			 struct ims_sip_addr *out)
{
	const struct ue_set *over = ue->temp.id  ? &ue->temp
				    : ue->now.id ? &ue->now
						 : NULL;
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_CONTACT);
	char mem[IMS_ID_MAX + 64];
	struct ims_buf mine;
	struct ims_str v;

	ims_buf_init(&mine, mem, sizeof mem);
	ims_ue_put_contact_uri(ue, &mine, over);
	while (ims_sip_walk_next(&w, &v))
		if (!ims_sip_addr_parse(v, out) && !out->star &&
		    ims_sip_uri_eq(out->uri.text, ims_buf_str(&mine)))
			return true;
	return false;
}

uint32_t ims_ue_ok_expires(const struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_addr contact;
	struct ims_sip_param p;
	uint32_t s;

	if (find_contact(ue, m, &contact) &&
	    ims_sip_param_find(contact.params, "expires", &p) &&
	    !ims_str_u32(p.value, UINT32_MAX, &s))
		return s;
	if (!ims_sip_number(m, IMS_SIP_EXPIRES, &s))
		return s;
	return ue->ask_expires;
}

static void keep_service_route(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_SERVICE_ROUTE);
	char mem[TEXT_MAX];
	struct ims_buf b;
	struct ims_str v;

	ims_buf_init(&b, mem, sizeof mem);
	while (ims_sip_walk_next(&w, &v)) {
		if (b.n)
			ims_buf_puts(&b, ", ");
		ims_buf_put(&b, v);
	}
	/* The latest replaces, none clears [RFC 3608 5]. */
	if (b.over || !ims_ue_keep(&ue->service_route, ims_buf_str(&b)))
		ims_ue_forget(&ue->service_route);
}

/* An IMPU that is not among the associated ones is barred: the first of them,
 * the default, is then used [24.229 5.1.1.2.1].
 */
static void keep_impu(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_P_ASSOCIATED_URI);
	struct ims_str own = ims_str(ue->conf.impu), first = {0}, v;
	struct ims_sip_addr a;

	ims_str_copy(ue->impu, sizeof ue->impu, own);
	while (ims_sip_walk_next(&w, &v)) {
		if (ims_sip_addr_parse(v, &a) ||
		    a.uri.scheme == IMS_SIP_URI_OTHER)
			continue;
		if (ims_sip_uri_aor_eq(a.uri.text, own))
			return;
		if (!first.p)
			first = a.uri.text;
	}
	if (first.p && !ims_str_copy(ue->impu, sizeof ue->impu, first))
		ims_trace(ue->trace, IMS_WARN, "ue_ok",
			  "the default identity is too long");
}

void ims_ue_ok_take(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_addr contact;

	if (!find_contact(ue, m, &contact))
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_PEER, 0,
			      "the 200 to REGISTER does not list our Contact");
	if (ims_ue_rspauth_wrong(ue, m))
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_PEER, 0,
			      "rspauth in the 200 to REGISTER is wrong");
	keep_service_route(ue, m);
	keep_impu(ue, m);
}
