/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_digest.c - challenges and credentials that are not right. */
#include "inject_act_priv.h"

#include "base_hex.h"
#include "sip_addr.h"
#include "sip_auth.h"

#include <string.h>

static void set_param(struct ims_sip_auth *a, const char *name,
		      struct ims_str value)
{
#define SET(member, text, q1, q2)    \
	if (strcmp(name, text) == 0) \
		a->member = value;
	IMS_SIP_AUTH_PARAMS(SET)
#undef SET
}

static bool send_auth(struct ims_inject *j, const struct inject_hit *h,
		      enum ims_sip_hdr_id id, const struct ims_sip_auth *a)
{
	struct inject_edit e = {0};
	char mem[INJECT_TEXT * 2];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_auth_put(&b, a, id == IMS_SIP_WWW_AUTHENTICATE);
	ims_inject_set(&e, id, ims_buf_str(&b));
	return !b.over && ims_inject_send(j, h, &e);
}

static bool change(struct ims_inject *j, struct inject_hit *h,
		   enum ims_sip_hdr_id id)
{
	const struct inject_do *how = h->row->how;
	struct ims_sip_auth a;

	if (ims_sip_auth_get(h->msg, id, &a))
		return false;
	set_param(&a, how->a, ims_str(how->b));
	return send_auth(j, h, id, &a);
}

bool ims_inject_challenge(struct ims_inject *j, struct inject_hit *h)
{
	return change(j, h, IMS_SIP_WWW_AUTHENTICATE);
}

bool ims_inject_proof(struct ims_inject *j, struct inject_hit *h)
{
	return change(j, h, IMS_SIP_AUTHORIZATION);
}

/* No user of a network must be trusted with keys, not even with wrong ones. */
bool ims_inject_keys(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_sip_auth a;

	if (ims_sip_auth_get(h->msg, IMS_SIP_WWW_AUTHENTICATE, &a))
		return false;
	a.ck = a.ik = IMS_S("000102030405060708090a0b0c0d0e0f");
	return send_auth(j, h, IMS_SIP_WWW_AUTHENTICATE, &a);
}

bool ims_inject_nonce(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_sip_auth a;
	uint8_t bytes[256];
	char mem[64];
	struct ims_buf b;

	if (ims_sip_auth_get(h->msg, IMS_SIP_WWW_AUTHENTICATE, &a) ||
	    ims_b64_get(a.nonce, bytes, sizeof bytes) < (int)h->row->how->n)
		return false;
	ims_buf_init(&b, mem, sizeof mem);
	ims_b64_put(&b, bytes, h->row->how->n);
	a.nonce = ims_buf_str(&b);
	return !b.over && send_auth(j, h, IMS_SIP_WWW_AUTHENTICATE, &a);
}

bool ims_inject_response(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_sip_auth a;
	char mem[IMS_FLAW_TEXT];

	if (ims_sip_auth_get(h->msg, IMS_SIP_AUTHORIZATION, &a) ||
	    !ims_str_copy(mem, sizeof mem, a.response) || !a.response.n)
		return false;
	mem[0] = mem[0] == '0' ? '1' : '0';
	a.response = ims_str(mem);
	return send_auth(j, h, IMS_SIP_AUTHORIZATION, &a);
}

/* The nonce of the proof before this one; the first is only remembered. */
bool ims_inject_old_nonce(struct ims_inject *j, struct inject_hit *h)
{
	char last[sizeof j->nonce];
	struct ims_sip_auth a;

	if (ims_sip_auth_get(h->msg, IMS_SIP_AUTHORIZATION, &a))
		return false;
	memcpy(last, j->nonce, sizeof last);
	ims_str_copy(j->nonce, sizeof j->nonce, a.nonce);
	if (!last[0]) {
		memset(last, 'A', 43);
		last[43] = '=';
		last[44] = '\0';
	}
	a.nonce = ims_str(last);
	return send_auth(j, h, IMS_SIP_AUTHORIZATION, &a);
}

static void put_other(struct ims_buf *b, const struct ims_sip_msg *m,
		      enum ims_sip_hdr_id id, const char *uri)
{
	struct ims_str tag = ims_sip_tag(m, id);

	ims_buf_printf(b, "<%s>", uri);
	if (tag.n)
		ims_buf_printf(b, ";tag=%.*s", IMS_STR_ARG(tag));
}

bool ims_inject_user(struct ims_inject *j, struct inject_hit *h)
{
	const char *uri = h->row->how->a;
	struct inject_edit e = {0};
	char mem[2][512];
	struct ims_buf from, to;

	ims_buf_init(&from, mem[0], sizeof mem[0]);
	ims_buf_init(&to, mem[1], sizeof mem[1]);
	put_other(&from, h->msg, IMS_SIP_FROM, uri);
	put_other(&to, h->msg, IMS_SIP_TO, uri);
	ims_inject_set(&e, IMS_SIP_FROM, ims_buf_str(&from));
	ims_inject_set(&e, IMS_SIP_TO, ims_buf_str(&to));
	if (h->msg->method == IMS_SIP_SUBSCRIBE)
		e.uri = ims_str(uri);
	return !from.over && !to.over && ims_inject_send(j, h, &e);
}
