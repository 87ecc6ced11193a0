/* SPDX-License-Identifier: BSD-2-Clause */
/* txn_match.c - which transaction a message belongs to [RFC 3261 17.1.3,
 * 17.2.3].
 *
 * A key is text: its parts, each with a zero behind it.
 */
#include "sip_addr.h"
#include "sip_via.h"
#include "txn_priv.h"

static void part(struct ims_buf *key, struct ims_str s)
{
	ims_buf_put(key, s);
	ims_buf_putc(key, 0);
}

/* Host names are the same in any case. */
static void host(struct ims_buf *key, struct ims_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		ims_buf_putc(key, c);
	}
	ims_buf_putc(key, 0);
}

int ims_txn_client_key(const struct ims_sip_msg *m, struct ims_buf *key)
{
	struct ims_sip_via via;

	if (ims_sip_via_top(m, &via) || via.branch.n == 0)
		return -IMS_E_SIP;
	part(key, via.branch);
	part(key, m->method_text);
	return key->over ? -IMS_E_TOOBIG : 0;
}

/* Before RFC 3261 a branch was not unique. */
static void old_key(const struct ims_sip_msg *m, struct ims_buf *key)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_VIA);
	struct ims_str via = {0};

	ims_sip_walk_next(&w, &via);
	part(key, m->uri);
	part(key, ims_sip_tag(m, IMS_SIP_TO));
	part(key, ims_sip_tag(m, IMS_SIP_FROM));
	part(key, m->call_id);
	ims_buf_u64(key, m->cseq);
	ims_buf_putc(key, 0);
	part(key, via);
}

int ims_txn_server_key(const struct ims_flow *flow, const struct ims_sip_msg *m,
		       struct ims_buf *key)
{
	struct ims_sip_via via;

	if (ims_sip_via_top(m, &via))
		return -IMS_E_SIP;
	part(key, m->method_text);
	/* The same request over another set is another request. */
	ims_buf_putn(key, &flow->set, sizeof(flow->set));
	ims_buf_putc(key, (char)('0' + (int)flow->side));
	ims_buf_putn(key, flow->remote.ip.b, sizeof(flow->remote.ip.b));
	if (ims_str_starts(via.branch, IMS_S("z9hG4bK"))) {
		part(key, via.branch);
		host(key, via.host);
		ims_buf_u64(key, via.port ? via.port : 5060);
	} else {
		old_key(m, key);
	}
	return key->over ? -IMS_E_TOOBIG : 0;
}
