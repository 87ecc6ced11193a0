/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_down.c - requests of the core to a UE, and their answers.
 *
 * One rule for every one of them: from port_pc to port_us of the set in use,
 * never beside it [33.203 7.1].
 *
 * Spec: TS 24.229 5.2.6.4; RFC 3327 5.2; RFC 3261 18.1.1.
 */
#include <stdlib.h>
#include <string.h>

#include "pcscf_priv.h"
#include "sip_addr.h"

#define REWRITTEN                                                \
	(IMS_BIT(VIA) | IMS_BIT(MAX_FORWARDS) | IMS_BIT(ROUTE) | \
	 IMS_BIT(RECORD_ROUTE))

/* Whom our own entry on top of the route names. */
static struct ims_pcscf_ue *find(const struct ims_pcscf *p,
				 const struct ims_sip_msg *m, bool *outbound)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_ROUTE);
	struct ims_str route, token;

	*outbound = false;
	if (!ims_sip_walk_next(&w, &route) ||
	    !ims_pcscf_is_mw(p, route, &token, outbound))
		return NULL;
	return ims_pcscf_ue_by_token(p, token);
}

/* The way to it; false: there is none. */
static bool way_to(const struct ims_pcscf_ue *ue, enum ims_transport transport,
		   struct ims_flow *out)
{
	const struct ims_pcscf_set *s = ims_pcscf_set_to(ue);

	if (ue->clear)
		*out = ue->access;
	else if (s)
		*out = ims_role_flow(&s->sas, transport);
	else
		return false;
	return true;
}

static void put_other_routes(struct ims_buf *b, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_ROUTE);
	struct ims_str value;

	if (!ims_sip_walk_next(&w, &value))
		return; /* the first is ours */
	while (ims_sip_walk_next(&w, &value))
		ims_sip_put(b, IMS_SIP_ROUTE, value);
}

static void build(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		  uint32_t hops, enum ims_transport transport,
		  struct ims_buf *b)
{
	const struct ims_sip_msg *m = in->m;
	struct ims_addr me = p->conf.gm;
	char branch[IMS_BRANCH_LEN], method[64];

	me.port = ims_pcscf_gm_port(p, in->ue);
	if (!ims_str_copy(method, sizeof(method), m->method_text))
		method[0] = 0; /* the writer refuses it */
	ims_role_branch(&p->rnd, branch);
	ims_sip_put_request(b, method, m->uri);
	ims_buf_printf(b, "Via: SIP/2.0/%s ", ims_transport_name(transport));
	ims_addr_put(b, me);
	ims_buf_printf(b, ";branch=%s\r\n", branch);
	ims_sip_copy(b, m, IMS_SIP_VIA);
	ims_sip_putf(b, IMS_SIP_MAX_FORWARDS, "%u", hops);
	put_other_routes(b, m);
	ims_buf_puts(b, "Record-Route: ");
	ims_pcscf_put_gm_uri(p, b, in->ue);
	ims_buf_puts(b, "\r\n");
	ims_sip_copy(b, m, IMS_SIP_RECORD_ROUTE);
	ims_pcscf_put_headers(b, m, ims_pcscf_not_to_ue | REWRITTEN);
	ims_pcscf_put_end(b, m);
}

static bool wants_tcp(const struct ims_sip_msg *m)
{
	struct ims_sip_uri uri;
	enum ims_transport t;

	return ims_sip_uri_parse(m->uri, &uri) == 0 &&
	       ims_sip_uri_transport(&uri, &t) == 0 && t == IMS_TCP;
}

/* Is it too long for a datagram [RFC 3261 18.1.1]?  What ESP adds counts, too.
 * In the clear there is no choice: it goes where the UE came from.
 */
static bool too_long(const struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		     size_t n)
{
	const struct ims_pcscf_set *s = ims_pcscf_set_to(ue);
	size_t esp = s ? ims_ipsec_suite_overhead(s->sas.suite) : 0;

	return !ue->clear && n + esp > p->conf.udp_max;
}

static void pass_on(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		    uint32_t hops, bool outbound)
{
	enum ims_transport transport = wants_tcp(in->m) ? IMS_TCP : IMS_UDP;
	struct ims_pcscf_relay *r = ims_pcscf_relay_new(p, in, IMS_WAY_DOWN);
	struct ims_buf b = ims_pcscf_out(p);
	struct ims_flow to;
	bool forced = false;
	int err;

	if (!r) {
		ims_pcscf_refuse(p, in, 513, NULL);
		return;
	}
	r->outbound = outbound;
	if (in->ue->clear)
		transport = in->ue->access.transport;
	build(p, in, hops, transport, &b);
	if (transport == IMS_UDP && too_long(p, in->ue, b.n)) {
		forced = true;
		transport = IMS_TCP;
		b = ims_pcscf_out(p);
		build(p, in, hops, transport, &b);
	}
	if (forced && !b.over) {
		r->again = malloc(b.n);
		r->again_len = b.n;
		if (r->again)
			memcpy(r->again, b.p, b.n);
	}
	err = way_to(in->ue, transport, &to)
		      ? ims_pcscf_relay_send(p, r, &to, &b, in->now_ms)
		      : -IMS_E_NOTFOUND;
	if (!err)
		return;
	ims_pcscf_relay_free(p, r);
	ims_pcscf_refuse(p, in, err == -IMS_E_TOOBIG ? 513 : 480, NULL);
}

bool ims_pcscf_down_again(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			  uint64_t now_ms)
{
	static const char via[] = "\r\nVia: SIP/2.0/TCP ";
	const struct ims_pcscf_ue *ue = ims_pcscf_ue_by_id(p, r->ue);
	struct ims_flow to;
	struct ims_buf b;
	char *top =
		r->again ? memmem(r->again, r->again_len, via, sizeof(via) - 1)
			 : NULL;
	bool ok;

	if (!top || !ue || !way_to(ue, IMS_UDP, &to))
		return false;
	top += sizeof(via) - 5; /* at TCP */
	top[0] = 'U';
	top[1] = 'D';
	top[2] = 'P';
	b = ims_pcscf_out(p);
	ims_buf_putn(&b, r->again, r->again_len);
	ok = ims_pcscf_relay_send(p, r, &to, &b, now_ms) == 0;
	free(r->again);
	r->again = NULL;
	return ok;
}

void ims_pcscf_down(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	struct ims_pcscf_ue *watched = ims_pcscf_notify_for(p, in->m);
	struct ims_flow to;
	bool outbound;
	uint32_t hops;

	if (watched) {
		ims_pcscf_notify(p, in, watched);
		return;
	}
	in->ue = find(p, in->m, &outbound);
	if (in->m->method == IMS_SIP_REGISTER)
		ims_pcscf_refuse(p, in, 405, NULL);
	else if (!in->ue || !way_to(in->ue, IMS_UDP, &to))
		ims_pcscf_refuse(p, in, outbound ? 430 : 480, NULL);
	else if (!ims_pcscf_hops(in->m, &hops))
		ims_pcscf_refuse(p, in, 483, NULL);
	else
		pass_on(p, in, hops, outbound);
}
