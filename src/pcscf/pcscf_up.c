/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_up.c - other requests of a UE, to the core, and their answers.
 *
 * Who the UE is comes from its SAs, and where the request goes from its
 * registration; what it says about either is not believed.
 *
 * Spec: TS 24.229 5.2.6.3; RFC 3325; RFC 3608.
 */
#include "pcscf_priv.h"
#include "sip_addr.h"

#define REWRITTEN                                                            \
	(IMS_BIT(VIA) | IMS_BIT(MAX_FORWARDS) | IMS_BIT(ROUTE) |             \
	 IMS_BIT(RECORD_ROUTE) | IMS_BIT(REQUIRE) | IMS_BIT(PROXY_REQUIRE) | \
	 IMS_BIT(P_PREFERRED_IDENTITY))

/* The registered identity that is the same as this one. */
static bool registered(const struct ims_pcscf_ue *ue, struct ims_str wish,
		       struct ims_str *out)
{
	struct ims_str list = ims_str(ue->impus), mine;
	struct ims_sip_addr a, b;

	if (ims_sip_addr_parse(wish, &a))
		return false;
	while (ims_sip_comma_next(&list, &mine)) {
		if (ims_sip_addr_parse(mine, &b) ||
		    !ims_sip_uri_aor_eq(a.uri.text, b.uri.text))
			continue;
		*out = b.uri.text;
		return true;
	}
	return false;
}

/* The registered identity that the UE prefers, else the one that it calls
 * itself by, else the first one.
 */
static struct ims_str identity(const struct ims_pcscf_ue *ue,
			       const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_P_PREFERRED_IDENTITY);
	struct ims_str wish, mine, list;
	struct ims_sip_addr first = {0};

	while (ims_sip_walk_next(&w, &wish))
		if (registered(ue, wish, &mine))
			return mine;
	if (registered(ue, ims_sip_get(m, IMS_SIP_FROM), &mine))
		return mine;
	list = ims_str(ue->impus);
	if (ims_sip_comma_next(&list, &mine))
		(void)ims_sip_addr_parse(mine, &first);
	return first.uri.text;
}

/* Inside a dialog the routes are the dialog's, without ours; else those that
 * the registration gave, whatever the UE wrote.
 */
static void put_routes(const struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		       const struct ims_sip_msg *m, struct ims_buf *b)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_ROUTE);
	struct ims_str value;
	bool first = true;

	if (ims_sip_tag(m, IMS_SIP_TO).n == 0) {
		if (ue->service_route)
			ims_sip_put(b, IMS_SIP_ROUTE,
				    ims_str(ue->service_route));
		return;
	}
	while (ims_sip_walk_next(&w, &value)) {
		if (!first || !ims_pcscf_is_gm(p, value))
			ims_sip_put(b, IMS_SIP_ROUTE, value);
		first = false;
	}
}

static void build(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		  uint32_t hops, struct ims_buf *b)
{
	const struct ims_sip_msg *m = in->m;
	struct ims_str who = identity(in->ue, m);
	char branch[IMS_BRANCH_LEN], method[64];

	if (!ims_str_copy(method, sizeof(method), m->method_text))
		method[0] = 0; /* the writer refuses it */
	ims_role_branch(&p->rnd, branch);
	ims_sip_put_request(b, method, m->uri);
	ims_buf_puts(b, "Via: SIP/2.0/UDP ");
	ims_addr_put(b, p->conf.mw);
	ims_buf_printf(b, ";branch=%s\r\n", branch);
	ims_sip_copy(b, m, IMS_SIP_VIA);
	ims_sip_putf(b, IMS_SIP_MAX_FORWARDS, "%u", hops);
	put_routes(p, in->ue, m, b);
	ims_buf_puts(b, "Record-Route: ");
	ims_pcscf_put_mw_uri(p, b, in->ue->token);
	ims_buf_puts(b, "\r\n");
	ims_pcscf_put_options(b, m, IMS_SIP_REQUIRE, NULL);
	ims_pcscf_put_options(b, m, IMS_SIP_PROXY_REQUIRE, NULL);
	ims_sip_putf(b, IMS_SIP_P_ASSERTED_IDENTITY, "<%.*s>",
		     IMS_STR_ARG(who));
	ims_pcscf_put_charging(p, b);
	ims_pcscf_put_headers(b, m, ims_pcscf_not_from_ue | REWRITTEN);
	ims_pcscf_put_end(b, m);
}

/* The first hop that the registration gave; names are the core's affair. */
static struct ims_addr next_hop(const struct ims_pcscf *p,
				const struct ims_pcscf_ue *ue)
{
	struct ims_str list = ims_str(ue->service_route), value;
	struct ims_sip_addr a;
	struct ims_addr to;

	if (ims_sip_comma_next(&list, &value) &&
	    ims_sip_addr_parse(value, &a) == 0 &&
	    ims_sip_uri_addr(&a.uri, 5060, &to) == 0)
		return to;
	return p->conf.scscf;
}

/* After a restart of ours a UE without SAs comes by another connection: it is
 * known by its address and the identity that it calls itself by.
 */
static void recognise(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	struct ims_pcscf_ue *ue;
	struct ims_str who;

	if (in->ue || in->set || in->flow->transport != IMS_TCP)
		return;
	ue = ims_pcscf_ue_unconnected(p, in->flow);
	if (!ue || !registered(ue, ims_sip_get(in->m, IMS_SIP_FROM), &who))
		return;
	ims_pcscf_ue_clear(p, ue, in->flow, ue->due.at_ms);
	ims_pcscf_changed(p, ue);
	in->ue = ue;
}

static bool may_speak(const struct ims_pcscf_in *in)
{
	if (!in->ue || !in->ue->registered)
		return false;
	return in->set ? ims_pcscf_set_established(in->set) : in->ue->clear;
}

static void pass_on(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		    uint32_t hops)
{
	struct ims_flow to = {.local = p->conf.mw,
			      .transport = IMS_UDP,
			      .side = IMS_MW};
	struct ims_pcscf_relay *r = ims_pcscf_relay_new(p, in, IMS_WAY_UP);
	struct ims_buf b = ims_pcscf_out(p);
	int err;

	if (!r) {
		ims_pcscf_refuse(p, in, 513, NULL);
		return;
	}
	to.remote = next_hop(p, in->ue);
	build(p, in, hops, &b);
	err = ims_pcscf_relay_send(p, r, &to, &b, in->now_ms);
	if (!err)
		return;
	ims_pcscf_relay_free(p, r);
	ims_pcscf_refuse(p, in, err == -IMS_E_TOOBIG ? 513 : 503, NULL);
}

/* A 200 would promise NOTIFYs. */
static bool subscribes(const struct ims_sip_msg *m)
{
	uint32_t expires = 1;

	(void)ims_sip_number(m, IMS_SIP_EXPIRES, &expires);
	return m->method == IMS_SIP_SUBSCRIBE && expires > 0;
}

void ims_pcscf_up(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	struct ims_flaw why = {0};
	uint32_t hops;

	recognise(p, in);
	if (!may_speak(in)) {
		ims_pcscf_refuse(p, in, 403, NULL);
	} else if (in->set && ims_pcscf_verify(in->set, in->m, false, &why)) {
		ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_VERIFY,
			      in->set->sas.id, "%s: %s", in->ue->impi,
			      why.text);
		ims_pcscf_refuse(p, in, 494, in->set);
	} else if (!ims_pcscf_hops(in->m, &hops)) {
		ims_pcscf_refuse(p, in, 483, NULL);
	} else if (p->stopped || (p->full && subscribes(in->m))) {
		ims_pcscf_refuse(p, in, 503, NULL);
	} else {
		pass_on(p, in, hops);
	}
}
