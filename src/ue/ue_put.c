/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_put.c - messages out: REGISTER, SUBSCRIBE, answers.
 *
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
#define ALLOW "NOTIFY,OPTIONS"

/* What one request is made from. */
struct request {
	const struct ue_set *over; /* NULL: in the clear */
	enum ims_transport transport;
	char branch[IMS_BRANCH_LEN];
};

typedef void writer(struct ims_ue *ue, struct ims_buf *b,
		    const struct request *r);

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
	ims_buf_put(b, user(ue));
	ims_buf_putc(b, '@');
	ims_addr_put(b, (struct ims_addr){ue->conf.local.ip, port});
}

static void put_contact(struct ims_ue *ue, struct ims_buf *b,
			const struct ue_set *over, bool ob)
{
	ims_buf_puts(b, "Contact: <");
	ims_ue_put_contact_uri(ue, b, over);
	ims_buf_puts(b, ob ? ";ob>" : ">");
}

static void put_instance(const struct ims_ue *ue, struct ims_buf *b)
{
	if (ue->conf.instance[0])
		ims_buf_printf(b, ";+sip.instance=\"%s\"", ue->conf.instance);
}

static void put_via(struct ims_ue *ue, struct ims_buf *b,
		    const struct request *r)
{
	struct ims_addr by = ue->conf.local;

	if (r->over)
		by.port = r->over->me.port_s;
	ims_buf_printf(b, "Via: SIP/2.0/%s ", ims_transport_name(r->transport));
	ims_addr_put(b, by);
	ims_buf_printf(b, ";branch=%s", r->branch);
	if (!r->over && r->transport == IMS_UDP)
		ims_buf_puts(b, ";rport");
	ims_buf_puts(b, "\r\n");
}

static void put_route(struct ims_ue *ue, struct ims_buf *b,
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
		ims_buf_put(b, more);
	}
	ims_buf_puts(b, "\r\n");
}

static void put_access(const struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_set *over)
{
	if (over && ue->conf.access_info[0])
		ims_sip_put(b, IMS_SIP_P_ACCESS_NETWORK_INFO,
			    ims_str(ue->conf.access_info));
}

static void put_agent(const struct ims_ue *ue, struct ims_buf *b,
		      enum ims_sip_hdr_id id)
{
	if (ue->conf.user_agent[0])
		ims_sip_put(b, id, ims_str(ue->conf.user_agent));
}

static void put_sec_agree(struct ims_ue *ue, struct ims_buf *b,
			  const struct ue_set *over, bool client)
{
	if (client)
		ims_sip_put(b, IMS_SIP_SECURITY_CLIENT,
			    ims_ue_text(&ue->client));
	if (over)
		ims_sip_put(b, IMS_SIP_SECURITY_VERIFY,
			    ims_ue_text(&over->verify));
	if (client || over) {
		ims_sip_put(b, IMS_SIP_REQUIRE, IMS_S("sec-agree"));
		ims_sip_put(b, IMS_SIP_PROXY_REQUIRE, IMS_S("sec-agree"));
	}
}

static void write_register(struct ims_ue *ue, struct ims_buf *b,
			   const struct request *r)
{
	const struct ims_ue_conf *c = &ue->conf;
	char uri[IMS_ID_MAX + 8];

	snprintf(uri, sizeof uri, "sip:%s", c->domain);
	ims_sip_put_request(b, "REGISTER", ims_str(uri));
	ims_sip_put(b, IMS_SIP_MAX_FORWARDS, IMS_S("70"));
	put_route(ue, b, r->over, IMS_S(""));
	put_via(ue, b, r);
	ims_sip_put(b, IMS_SIP_CALL_ID, ims_str(ue->call_id));
	ims_sip_putf(b, IMS_SIP_CSEQ, "%u REGISTER", (unsigned)ue->cseq);
	ims_sip_putf(b, IMS_SIP_FROM, "<%s>;tag=%s", c->impu, ue->from_tag);
	ims_sip_putf(b, IMS_SIP_TO, "<%s>", c->impu);
	ims_sip_put(b, IMS_SIP_SUPPORTED,
		    ue->conf.offer == IMS_UE_OFFER_NEVER
			    ? IMS_S("path")
			    : IMS_S("path,sec-agree"));
	ims_sip_put(b, IMS_SIP_ALLOW, IMS_S(ALLOW));
	put_contact(ue, b, r->over, false);
	ims_buf_puts(b, c->contact_params);
	ims_buf_printf(b, ";expires=%u",
		       ue->leaving ? 0 : (unsigned)ue->ask_expires);
	put_instance(ue, b);
	if (c->reg_id)
		ims_buf_printf(b, ";reg-id=%u", (unsigned)c->reg_id);
	ims_buf_puts(b, "\r\nAuthorization: ");
	ims_ue_put_authorization(ue, b);
	ims_buf_puts(b, "\r\n");
	put_sec_agree(ue, b, r->over, ue->offering);
	put_access(ue, b, r->over);
	put_agent(ue, b, IMS_SIP_USER_AGENT);
	ims_sip_put_body(b, IMS_S(""), IMS_S(""));
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
				      : ims_str(ue->impu));
	ims_sip_put(b, IMS_SIP_MAX_FORWARDS, IMS_S("70"));
	if (in_dialog && ue->sub_route.n)
		ims_sip_put(b, IMS_SIP_ROUTE, ims_ue_text(&ue->sub_route));
	else
		put_route(ue, b, over, ims_ue_text(&ue->service_route));
}

static void write_subscribe(struct ims_ue *ue, struct ims_buf *b,
			    const struct request *r)
{
	put_target(ue, b, r->over);
	put_via(ue, b, r);
	ims_sip_put(b, IMS_SIP_CALL_ID, ims_str(ue->sub_call_id));
	ims_sip_putf(b, IMS_SIP_CSEQ, "%u SUBSCRIBE", (unsigned)ue->sub_cseq);
	ims_sip_putf(b, IMS_SIP_FROM, "<%s>;tag=%s", ue->impu, ue->sub_tag);
	if (ue->sub_peer_tag.n)
		ims_sip_putf(b, IMS_SIP_TO, "<%s>;tag=%.*s", ue->impu,
			     IMS_STR_ARG(ims_ue_text(&ue->sub_peer_tag)));
	else
		ims_sip_putf(b, IMS_SIP_TO, "<%s>", ue->impu);
	ims_sip_put(b, IMS_SIP_ACCEPT, IMS_S("application/reginfo+xml"));
	ims_sip_put(b, IMS_SIP_ALLOW, IMS_S(ALLOW));
	put_sec_agree(ue, b, r->over, false);
	put_access(ue, b, r->over);
	ims_sip_put(b, IMS_SIP_EVENT, IMS_S("reg"));
	put_contact(ue, b, r->over, ue->conf.reg_id != 0);
	put_instance(ue, b);
	ims_buf_puts(b, "\r\n");
	ims_sip_putf(b, IMS_SIP_EXPIRES, "%u", (unsigned)ue->conf.expires);
	put_agent(ue, b, IMS_SIP_USER_AGENT);
	ims_sip_put_body(b, IMS_S(""), IMS_S(""));
}

static struct ims_flow flow_of(const struct ims_ue *ue, const struct request *r)
{
	struct ims_flow f;

	if (r->over) {
		f = r->over->udp;
		f.transport = r->transport;
		return f;
	}
	f = (struct ims_flow){.local = ue->conf.local,
			      .remote = ims_ue_pcscf(ue),
			      .transport = r->transport,
			      .side = IMS_GM};
	if (r->transport == IMS_TCP)
		f.local.port = 0; /* any: the listener has ours */
	return f;
}

/* Writes it, over TCP if it is too long for a datagram [RFC 3261 18.1.1], and
 * begins its transaction.  Its id, or -IMS_E_...
 */
static int begin(struct ims_ue *ue, const struct ue_set *over,
		 enum ims_ue_transport want, uint32_t ref, writer *write)
{
	struct request r = {.over = over,
			    .transport =
				    want == IMS_UE_TCP ? IMS_TCP : IMS_UDP};
	char mem[MESSAGE_MAX];
	struct ims_flow flow;
	struct ims_buf b;
	int id;

	ims_role_branch(&ue->rnd, r.branch);
	ims_buf_init(&b, mem, sizeof mem);
	write(ue, &b, &r);
	if (want == IMS_UE_AUTO && b.n > ue->conf.udp_max) {
		r.transport = IMS_TCP;
		ims_buf_init(&b, mem, sizeof mem);
		write(ue, &b, &r);
	}
	if (b.over)
		return ims_flaw(&ue->unsent, -IMS_E_TOOBIG,
				"the request is too long, or a value in it "
				"has a line break");
	flow = flow_of(ue, &r);
	id = ims_txns_request(&ue->txns, &flow, ims_buf_str(&b), ref,
			      ue->now_ms);
	if (id < 0)
		return ims_flaw(&ue->unsent, id, "the request was not sent");
	return id;
}

int ims_ue_send_register(struct ims_ue *ue, const struct ue_set *over)
{
	int id;

	ue->cseq++;
	if (ue->creds != UE_CREDS_FIRST)
		ue->ch.nc++;
	ue->txn_inside = over != NULL;
	id = begin(ue, over, ue->conf.transport_register, UE_REF_REGISTER,
		   write_register);
	ue->txn = id > 0 ? (uint32_t)id : 0;
	return id > 0 ? 0 : id;
}

int ims_ue_send_subscribe(struct ims_ue *ue)
{
	const struct ue_set *over = ue->now.id ? &ue->now : NULL;
	int id;

	ue->sub_cseq++;
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

	ims_sip_put_response(b, req, status, ims_str(ue->from_tag),
			     flow->remote, flow->set == 0);
	ims_sip_copy(b, req, IMS_SIP_RECORD_ROUTE);
	if (status < 300) {
		put_contact(ue, b, over, ue->conf.reg_id != 0);
		put_instance(ue, b);
		ims_buf_puts(b, "\r\n");
	}
	ims_sip_put(b, IMS_SIP_ALLOW, IMS_S(ALLOW));
	if (status == 489)
		ims_sip_put(b, IMS_SIP_ALLOW_EVENTS, IMS_S("reg"));
	put_access(ue, b, over);
	put_agent(ue, b, IMS_SIP_SERVER);
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
