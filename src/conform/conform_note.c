/* SPDX-License-Identifier: BSD-2-Clause */
/* conform_note.c - what is remembered of the messages that passed. */
#include "conform_priv.h"

#include "sip_addr.h"
#include "sip_auth.h"

#include <string.h>

/* All lines of a list header as one; too long: nothing. */
static void keep_list(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		      char *out, size_t cap)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);
	struct ims_str v;
	struct ims_buf b;

	ims_buf_init(&b, out, cap);
	while (ims_sip_walk_next(&w, &v)) {
		if (b.n)
			ims_buf_puts(&b, ", ");
		ims_buf_put(&b, v);
	}
	ims_buf_cstr(&b);
	if (b.over)
		out[0] = '\0';
}

uint32_t ims_conform_expires(const struct ims_sip_msg *m)
{
	struct ims_sip_addr a;
	struct ims_sip_param p;
	uint32_t s;

	if (!ims_sip_addr_get(m, IMS_SIP_CONTACT, &a) &&
	    ims_sip_param_find(a.params, "expires", &p) &&
	    !ims_str_u32(p.value, UINT32_MAX, &s))
		return s;
	return ims_sip_number(m, IMS_SIP_EXPIRES, &s) ? UINT32_MAX : s;
}

static void note_register(struct ims_conform *c, const struct ims_sip_msg *m,
			  const struct ims_flow *flow)
{
	struct ims_sip_addr to;

	keep_list(m, IMS_SIP_SECURITY_CLIENT, c->client, sizeof c->client);
	ims_str_copy(c->call_id, sizeof c->call_id, m->call_id);
	if (!ims_sip_addr_get(m, IMS_SIP_TO, &to))
		ims_str_copy(c->impu, sizeof c->impu, to.uri.text);
	if (!c->first_impu[0])
		memcpy(c->first_impu, c->impu, sizeof c->impu);
	c->cseq = m->cseq;
	c->set = flow->set;
	c->has_set |= flow->set != 0;
}

/* A challenge makes the last offer the one that counts. */
static void note_challenge(struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;

	keep_list(m, IMS_SIP_SECURITY_SERVER, c->server, sizeof c->server);
	ims_str_copy(c->used, sizeof c->used, ims_str(c->client));
	c->nonce[0] = '\0';
	if (!ims_sip_auth_get(m, IMS_SIP_WWW_AUTHENTICATE, &a))
		ims_str_copy(c->nonce, sizeof c->nonce, a.nonce);
}

static void note_ok(struct ims_conform *c, const struct ims_sip_msg *m)
{
	if (c->set && c->set != c->proven) {
		memcpy(c->proven_used, c->used, sizeof c->used);
		memcpy(c->proven_server, c->server, sizeof c->server);
		c->proven = c->set;
	}
	keep_list(m, IMS_SIP_SERVICE_ROUTE, c->route, sizeof c->route);
	keep_list(m, IMS_SIP_P_ASSOCIATED_URI, c->associated,
		  sizeof c->associated);
}

static void note_answer(struct ims_conform *c, const struct ims_sip_msg *m)
{
	if (m->method == IMS_SIP_SUBSCRIBE && m->status / 100 == 2)
		ims_str_copy(c->sub_to, sizeof c->sub_to,
			     ims_sip_tag(m, IMS_SIP_TO));
	if (m->method != IMS_SIP_REGISTER)
		return;
	if (m->status == 401)
		note_challenge(c, m);
	else if (m->status == 423)
		ims_sip_number(m, IMS_SIP_MIN_EXPIRES, &c->min_expires);
	else if (m->status / 100 == 2)
		note_ok(c, m);
}

static void note_subscribe(struct ims_conform *c, const struct ims_sip_msg *m)
{
	ims_str_copy(c->sub_call_id, sizeof c->sub_call_id, m->call_id);
	ims_str_copy(c->sub_from, sizeof c->sub_from,
		     ims_sip_tag(m, IMS_SIP_FROM));
	c->sub_cseq = m->cseq;
}

void ims_conform_note(struct ims_conform *c, bool from_ue,
		      const struct ims_sip_msg *m, const struct ims_flow *flow)
{
	if (!from_ue && !m->request)
		note_answer(c, m);
	else if (from_ue && m->request && m->method == IMS_SIP_REGISTER)
		note_register(c, m, flow);
	else if (from_ue && m->request && m->method == IMS_SIP_SUBSCRIBE)
		note_subscribe(c, m);
}
