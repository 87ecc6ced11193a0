/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_put.c - messages out: SUBSCRIBE, answers, and what REGISTER shares.
 *
 * What a REGISTER holds is in ue_register.c, how it is written in ue_form.c.
 * The order of the headers is the seed's.  Inside SAs the Via and the Contact
 * name port_us and there is no rport: over UDP the answer has to come from
 * port_pc to port_us [spec.md 3.2].
 *
 * Spec: TS 24.229 5.1.1.2, 5.1.1.3, 5.1.1.4, 5.1.1.6, 5.1.2A; RFC 3329 2.3.
 */
#include "ue_priv.h"

#include "sip_addr.h"
#include "sip_build.h"

#include <stdio.h>

#define MESSAGE_MAX 16384
#define VALUE_MAX 4096
#define ALLOW "NOTIFY,OPTIONS"
#define CSEQ_FROM 1000000000 /* it must stay below 2^31 */

typedef void writer(struct ims_ue *ue, struct ims_buf *b,
		    const struct ue_request *r);

/* The user part of our IMPU; of the IMPI if that is no SIP URI. */
static struct ims_str user(const struct ims_ue *ue)
{
	struct ims_str impi = ims_str(ue->conf.impi);
	struct ims_sip_uri u;

	if (!ims_sip_uri_parse(ims_str(ue->conf.impu), &u) &&
	    u.scheme == IMS_SIP_URI_SIP && u.user.n)
		return u.user;
	return ims_str_n(impi.p, ims_str_find(impi, '@'));
}

void ims_ue_put_contact_uri(const struct ims_ue *ue, struct ims_buf *b,
			    const struct ue_set *over)
{
	bool early = ue->offering && !ue->conf.clear_contact;
	uint16_t port = over    ? over->me.port_s
			: early ? ue->offer.port_s
				: ue->conf.local.port;

	ims_buf_puts(b, "sip:");
	if (!ue->conf.form.bare_contact) {
		ims_buf_put(b, user(ue));
		ims_buf_putc(b, '@');
	}
	ims_addr_put(b, (struct ims_addr){ue->conf.local.ip, port});
}

void ims_ue_put_instance(const struct ims_ue *ue, struct ims_buf *b)
{
	if (ue->conf.instance[0])
		ims_buf_printf(b, ";+sip.instance=\"%s\"", ue->conf.instance);
}

/* Our Contact in a dialog: the GRUU if we have one [RFC 5627 4.4.1], which
 * finds this flow by itself; else the address, with `ob` so that the dialog
 * stays on this flow [RFC 5626 4.3].
 */
static void put_contact(const struct ims_ue *ue, struct ims_buf *b,
			const struct ue_set *over)
{
	struct ims_str gruu = ims_ue_text(&ue->pub_gruu);
	char mem[VALUE_MAX];
	struct ims_buf t;

	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_putc(&t, '<');
	if (gruu.n)
		ims_buf_put(&t, gruu);
	else
		ims_ue_put_contact_uri(ue, &t, over);
	if (!gruu.n && ue->conf.reg_id && !ue->no_outbound)
		ims_buf_puts(&t, ";ob");
	ims_buf_putc(&t, '>');
	ims_ue_put_instance(ue, &t);
	ims_ue_put_buf(ue, b, IMS_SIP_CONTACT, &t);
}

/* Where the answer shall come: port_us inside SAs; some phones say so from the
 * first REGISTER on.
 */
static uint16_t via_port(const struct ims_ue *ue, const struct ue_request *r)
{
	if (r->over)
		return r->over->me.port_s;
	if (ue->conf.form.early_via && ue->offering && ue->offer.port_s)
		return ue->offer.port_s;
	return ue->conf.local.port;
}

static bool wants_rport(const struct ims_ue *ue, const struct ue_request *r)
{
	switch (ue->conf.form.rport) {
	case IMS_UE_RPORT_ALWAYS:
		return true;
	case IMS_UE_RPORT_NO:
		return false;
	case IMS_UE_RPORT_CLEAR:
		break;
	}
	return !r->over && r->transport == IMS_UDP;
}

void ims_ue_put_via(struct ims_ue *ue, struct ims_buf *b,
		    const struct ue_request *r)
{
	struct ims_addr by = {ue->conf.local.ip, via_port(ue, r)};
	char mem[256];
	struct ims_buf t;

	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_printf(&t, "SIP/2.0/%s ", ims_transport_name(r->transport));
	ims_addr_put(&t, by);
	ims_buf_printf(&t, ";branch=%s", r->branch);
	if (wants_rport(ue, r))
		ims_buf_puts(&t, ";rport");
	if (ue->conf.keep && r->keep)
		ims_buf_puts(&t, ";keep");
	ims_ue_put_buf(ue, b, IMS_SIP_VIA, &t);
}

void ims_ue_put_route(struct ims_ue *ue, struct ims_buf *b,
		      const struct ue_set *over, struct ims_str more)
{
	struct ims_addr p = ims_ue_pcscf(ue);

	if (over)
		p.port = over->pcscf.port_s;
	ims_buf_puts(b, "Route: <sip:");
	ims_addr_put(b, p);
	ims_buf_puts(b, ";lr>");
	if (more.n) {
		ims_buf_puts(b, ", ");
		ims_sip_put_text(b, more);
	}
	ims_buf_puts(b, "\r\n");
}

void ims_ue_put_access(const struct ims_ue *ue, struct ims_buf *b)
{
	if (ue->conf.access_info[0])
		ims_ue_put(ue, b, IMS_SIP_P_ACCESS_NETWORK_INFO,
			   ims_str(ue->conf.access_info));
}

void ims_ue_put_agent(const struct ims_ue *ue, struct ims_buf *b,
		      enum ims_sip_hdr_id id)
{
	if (ue->conf.user_agent[0])
		ims_ue_put(ue, b, id, ims_str(ue->conf.user_agent));
}

void ims_ue_put_allow(const struct ims_ue *ue, struct ims_buf *b)
{
	const char *allow = ue->conf.form.allow;

	ims_ue_put(ue, b, IMS_SIP_ALLOW, ims_str(allow[0] ? allow : ALLOW));
}

/* [RFC 3329 2.3.1]: every request inside the SAs. */
static void put_sec_agree(struct ims_ue *ue, struct ims_buf *b,
			  const struct ue_set *over)
{
	if (!over)
		return;
	ims_ue_put_verify(ue, b, over);
	ims_ue_put(ue, b, IMS_SIP_REQUIRE, IMS_S("sec-agree"));
	ims_ue_put(ue, b, IMS_SIP_PROXY_REQUIRE, IMS_S("sec-agree"));
}

/* The first of a dialog goes by Service-Route, a refresh by the route that the
 * dialog recorded [24.229 5.1.2A.1.1, RFC 6665 4.1.2].
 */
static void put_target(struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_set *over)
{
	bool in_dialog = ue->sub_target.n > 0;

	ims_sip_put_request(b, "SUBSCRIBE",
			    in_dialog ? ims_ue_text(&ue->sub_target)
				      : ims_str(ue->sub_impu));
	ims_sip_put(b, IMS_SIP_MAX_FORWARDS, IMS_S("70"));
	if (in_dialog && ue->sub_route.n)
		ims_sip_put(b, IMS_SIP_ROUTE, ims_ue_text(&ue->sub_route));
	else
		ims_ue_put_route(ue, b, over, ims_ue_text(&ue->service_route));
}

static void put_dialog(struct ims_ue *ue, struct ims_buf *b)
{
	char mem[IMS_ID_MAX + VALUE_MAX];
	struct ims_buf t;

	ims_ue_put(ue, b, IMS_SIP_CALL_ID, ims_str(ue->sub_call_id));
	ims_sip_putf(b, IMS_SIP_CSEQ, "%u SUBSCRIBE", (unsigned)ue->sub_cseq);
	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_printf(&t, "<%s>;tag=%s", ue->sub_impu, ue->sub_tag);
	ims_ue_put_buf(ue, b, IMS_SIP_FROM, &t);
	ims_buf_init(&t, mem, sizeof mem);
	ims_buf_printf(&t, "<%s>", ue->sub_impu);
	if (ue->sub_peer_tag.n) {
		ims_buf_puts(&t, ";tag=");
		ims_buf_put(&t, ims_ue_text(&ue->sub_peer_tag));
	}
	ims_ue_put_buf(ue, b, IMS_SIP_TO, &t);
}

static void write_subscribe(struct ims_ue *ue, struct ims_buf *b,
			    const struct ue_request *r)
{
	put_target(ue, b, r->over);
	ims_ue_put_via(ue, b, r);
	put_dialog(ue, b);
	ims_sip_put(b, IMS_SIP_ACCEPT, IMS_S("application/reginfo+xml"));
	ims_ue_put_allow(ue, b);
	put_sec_agree(ue, b, r->over);
	if (r->over)
		ims_ue_put_access(ue, b);
	ims_sip_put(b, IMS_SIP_EVENT, IMS_S("reg"));
	put_contact(ue, b, r->over);
	ims_sip_putf(b, IMS_SIP_EXPIRES, "%u", (unsigned)ue->sub_ask);
	ims_ue_put_agent(ue, b, IMS_SIP_USER_AGENT);
	ims_sip_put_body(b, IMS_S(""), IMS_S(""));
}

void ims_ue_flow(const struct ims_ue *ue, const struct ue_set *over,
		 enum ims_transport transport, struct ims_flow *out)
{
	if (over) {
		*out = over->udp;
		out->transport = transport;
		return;
	}
	*out = (struct ims_flow){.local = ue->conf.local,
				 .remote = ims_ue_pcscf(ue),
				 .transport = transport,
				 .side = IMS_GM};
	if (transport == IMS_TCP)
		out->local.port = 0; /* any: the listener has ours */
}

/* Is it too long for a datagram [RFC 3261 18.1.1]?  What ESP adds counts, too.
 */
static bool too_long(const struct ims_ue *ue, const struct ue_set *over,
		     size_t n)
{
	size_t esp = over ? ims_ipsec_suite_overhead(over->suite) : 0;

	return n + esp > ue->conf.udp_max;
}

/* Writes it, over TCP if it is too long for UDP, and begins its transaction.
 * Its id, or -IMS_E_...
 */
static int begin(struct ims_ue *ue, const struct ue_set *over,
		 enum ims_ue_transport want, uint32_t ref, writer *write)
{
	struct ue_request r = {.over = over,
			       .transport =
				       want == IMS_UE_TCP ? IMS_TCP : IMS_UDP,
			       .keep = ref == UE_REF_REGISTER};
	char mem[MESSAGE_MAX];
	struct ims_flow flow;
	struct ims_buf b;
	int id;

	ims_role_branch(&ue->rnd, r.branch);
	ims_buf_init(&b, mem, sizeof mem);
	write(ue, &b, &r);
	if (want == IMS_UE_AUTO && too_long(ue, over, b.n)) {
		r.transport = IMS_TCP;
		ims_buf_init(&b, mem, sizeof mem);
		write(ue, &b, &r);
	}
	if (b.over)
		return ims_flaw(&ue->unsent, -IMS_E_TOOBIG,
				"the request is too long, or a value in it "
				"has a line break");
	ims_ue_flow(ue, over, r.transport, &flow);
	if (r.keep)
		ue->register_transport = r.transport;
	id = ims_txns_request(&ue->txns, &flow, ims_buf_str(&b), ref,
			      ue->now_ms);
	if (id < 0)
		return ims_flaw(&ue->unsent, id, "the request was not sent");
	return id;
}

int ims_ue_send_register(struct ims_ue *ue, const struct ue_set *over)
{
	struct ue_call *c = ims_ue_call(ue);
	int id;

	if (c->cseq == 0 && ue->conf.form.big_cseq)
		c->cseq = ims_rand_below(&ue->rnd, CSEQ_FROM);
	c->cseq++;
	if (ue->conf.form.new_tag)
		ims_role_token(&ue->rnd, c->tag, sizeof c->tag - 1);
	if (ue->creds != UE_CREDS_FIRST)
		ue->ch.nc++;
	ue->txn_inside = over != NULL;
	ims_ue_remember(ue);
	id = begin(ue, over, ue->conf.transport_register, UE_REF_REGISTER,
		   ims_ue_write_register);
	ue->txn = id > 0 ? (uint32_t)id : 0;
	return id > 0 ? 0 : id;
}

int ims_ue_send_subscribe(struct ims_ue *ue)
{
	const struct ue_set *over = ue->now.id ? &ue->now : NULL;
	int id;

	ue->sub_cseq++;
	ims_ue_remember(ue);
	id = begin(ue, over, ue->conf.transport_other, UE_REF_SUBSCRIBE,
		   write_subscribe);
	ue->sub_txn = id > 0 ? (uint32_t)id : 0;
	return id > 0 ? 0 : id;
}

static void write_answer(struct ims_ue *ue, struct ims_buf *b,
			 const struct ims_sip_msg *req,
			 const struct ims_flow *flow, unsigned status)
{
	const struct ue_set *over = ims_ue_find_set(ue, flow->set);

	ims_sip_put_response(b, req, status, ims_str(ue->call[0].tag),
			     flow->remote, flow->set == 0);
	ims_sip_copy(b, req, IMS_SIP_RECORD_ROUTE);
	if (status < 300)
		put_contact(ue, b, over);
	ims_sip_put(b, IMS_SIP_ALLOW, IMS_S(ALLOW));
	if (status == 489)
		ims_sip_put(b, IMS_SIP_ALLOW_EVENTS, IMS_S("reg"));
	if (over)
		ims_ue_put_access(ue, b);
	ims_ue_put_agent(ue, b, IMS_SIP_SERVER);
	ims_sip_put_body(b, IMS_S(""), IMS_S(""));
}

void ims_ue_answer(struct ims_ue *ue, const struct ims_sip_msg *req,
		   const struct ims_flow *flow, uint32_t txn, unsigned status)
{
	const struct ue_set *over = ims_ue_find_set(ue, flow->set);
	char mem[MESSAGE_MAX];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	write_answer(ue, &b, req, flow, status);
	if (b.over) {
		ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_TOOBIG, 0,
			      "the answer to %.*s does not fit",
			      IMS_STR_ARG(req->method_text));
		return;
	}
	/* Over UDP all we send leaves from port_uc to port_ps [33.203 7.1];
	 * over TCP it goes back on the connection.
	 */
	if (over && flow->transport == IMS_UDP)
		ims_txns_reply_on(&ue->txns, txn, &over->udp);
	ims_txns_respond(&ue->txns, txn, ims_buf_str(&b), status, ue->now_ms);
}

void ims_ue_answer_stateless(struct ims_ue *ue, const struct ims_sip_msg *req,
			     const struct ims_flow *flow, unsigned status)
{
	const struct ue_set *over = ims_ue_find_set(ue, flow->set);
	struct ims_flow back = ims_txn_reply_flow(flow, req);
	char mem[MESSAGE_MAX];
	struct ims_buf b;

	if (over && flow->transport == IMS_UDP)
		back = over->udp;
	ims_buf_init(&b, mem, sizeof mem);
	write_answer(ue, &b, req, flow, status);
	if (!b.over)
		ims_acts_send(&ue->acts, &back, ims_buf_str(&b), 0);
}

const char *ims_ue_step_text(const struct ims_ue *ue, uint32_t ref,
			     char out[static UE_STEP_TEXT])
{
	bool inside = ref == UE_REF_REGISTER ? ue->txn_inside : ue->now.id != 0;
	const char *what = "REGISTER, step 1";

	if (ref == UE_REF_SUBSCRIBE)
		what = "SUBSCRIBE, step 5";
	else if (ue->leaving)
		what = "REGISTER with expires=0";
	else if (ue->creds == UE_CREDS_ANSWER)
		what = ue->reg >= UE_REGISTERED && ue->reg != UE_RE_PROVING
			       ? "REGISTER, refresh"
			       : "REGISTER, step 3";
	else if (ue->creds == UE_CREDS_AUTS)
		what = "REGISTER with auts";
	else if (ue->creds == UE_CREDS_EMPTY)
		what = "REGISTER after a wrong MAC";
	snprintf(out, UE_STEP_TEXT, "%s (%s)", what,
		 inside ? "inside ESP" : "in the clear");
	return out;
}
