/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_what.c - which messages are opportunities, and what is remembered of
 * those that pass.
 */
#include "inject_priv.h"

#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_via.h"

#include <string.h>

/* Zero in Contact or Expires: a de-registration. */
bool ims_inject_is_last(const struct ims_sip_msg *m)
{
	struct ims_sip_addr contact;
	struct ims_sip_param p;
	uint32_t s;

	if (!ims_sip_number(m, IMS_SIP_EXPIRES, &s) && s == 0)
		return true;
	if (ims_sip_addr_get(m, IMS_SIP_CONTACT, &contact))
		return !m->request && !ims_sip_has(m, IMS_SIP_CONTACT);
	return ims_sip_param_find(contact.params, "expires", &p) &&
	       !ims_str_u32(p.value, UINT32_MAX, &s) && s == 0;
}

static bool has_proof(const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;

	return !ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &a) &&
	       a.response.n != 0;
}

static size_t vias(const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_VIA);
	struct ims_str v;
	size_t n = 0;

	while (ims_sip_walk_next(&w, &v))
		n++;
	return n;
}

static bool is_request(enum inject_on on, const struct ims_sip_msg *m)
{
	switch (on) {
	case ON_REGISTER:
		return m->method == IMS_SIP_REGISTER;
	case ON_REGISTER_CLEAR:
		return m->method == IMS_SIP_REGISTER && !has_proof(m);
	case ON_REGISTER_PROOF:
		return m->method == IMS_SIP_REGISTER && has_proof(m);
	case ON_SUBSCRIBE:
		return m->method == IMS_SIP_SUBSCRIBE;
	case ON_SUB_RELAYED:
		return m->method == IMS_SIP_SUBSCRIBE && vias(m) > 1;
	case ON_NOTIFY:
		return m->method == IMS_SIP_NOTIFY;
	default:
		return false;
	}
}

static bool is_response(enum inject_on on, const struct ims_sip_msg *m)
{
	bool reg = m->method == IMS_SIP_REGISTER;

	switch (on) {
	case ON_401:
		return reg && m->status == 401;
	case ON_200:
		return reg && m->status / 100 == 2 && !ims_inject_is_last(m);
	case ON_ANSWER:
		return reg && m->status >= 200;
	case ON_SUB_200:
		return m->method == IMS_SIP_SUBSCRIBE && m->status / 100 == 2;
	case ON_NOTIFY_200:
		return m->method == IMS_SIP_NOTIFY && m->status / 100 == 2;
	default:
		return false;
	}
}

bool ims_inject_is(enum inject_on on, const struct ims_sip_msg *m)
{
	if (on == ON_ANY)
		return true;
	return m->request ? is_request(on, m) : is_response(on, m);
}

/* The same for a message and its retransmissions, another for any other. */
uint32_t ims_inject_hash(const struct ims_sip_msg *m)
{
	struct ims_str via = ims_sip_get(m, IMS_SIP_VIA);
	struct ims_sip_via v;
	uint32_t h = ims_str_hash(m->call_id, m->cseq * 31 + m->status);

	if (!ims_sip_via_parse(ims_str_n(via.p, ims_str_find(via, ',')), &v))
		h = ims_str_hash(v.branch, h);
	return ims_str_hash(m->method_text, h);
}

static void note_register(struct ims_inject *j, const struct ims_sip_msg *m)
{
	uint32_t s;

	ims_str_copy(j->contact, sizeof j->contact,
		     ims_sip_get(m, IMS_SIP_CONTACT));
	if (!ims_sip_number(m, IMS_SIP_EXPIRES, &s))
		j->expires = s;
}

/* Only what leaves is evidence of a flow that is ours: what a stranger says in
 * the clear may come to a port that is protected, and is dropped there.
 */
static void note_clear(struct ims_inject *j, enum ims_inject_at at,
		       const struct ims_flow *flow, const struct ims_sip_msg *m)
{
	if (at != IMS_INJECT_GM_OUT || flow->set || flow->side != IMS_GM ||
	    m->method != IMS_SIP_REGISTER || m->request != j->ue)
		return;
	j->clear = *flow;
	j->has_clear = true;
}

static void note_route(struct ims_inject *j, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_SERVICE_ROUTE);
	struct ims_str first;

	if (ims_sip_walk_next(&w, &first))
		ims_str_copy(j->route, sizeof j->route, first);
}

void ims_inject_note(struct ims_inject *j, enum ims_inject_at at,
		     const struct ims_flow *flow, const struct ims_sip_msg *m)
{
	if (at != IMS_INJECT_GM_IN && at != IMS_INJECT_GM_OUT)
		return;
	if (flow->set) {
		j->inside = *flow;
		j->has_inside = true;
	}
	note_clear(j, at, flow, m);
	if (m->request && m->method == IMS_SIP_REGISTER)
		note_register(j, m);
	else if (!m->request && m->method == IMS_SIP_REGISTER)
		note_route(j, m);
}
