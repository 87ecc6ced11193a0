/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_edit.c - messages made out of messages: what is left out, what is put
 * in.
 *
 * Headers are told apart by the parser's id, so what is stripped is stripped
 * in every spelling that anybody behind us would understand.
 */
#include <assert.h>

#include "pcscf_priv.h"
#include "sip_addr.h"
#include "sip_auth.h"

static_assert(IMS_SIP_N_HDR_IDS <= 64, "a bit per header");

#define SECURITY                                               \
	(IMS_BIT(SECURITY_CLIENT) | IMS_BIT(SECURITY_SERVER) | \
	 IMS_BIT(SECURITY_VERIFY))
#define CORE_ONLY                                                              \
	(IMS_BIT(P_CHARGING_VECTOR) | IMS_BIT(P_CHARGING_FUNCTION_ADDRESSES) | \
	 IMS_BIT(P_VISITED_NETWORK_ID))
#define BODY (IMS_BIT(CONTENT_LENGTH) | IMS_BIT(CONTENT_TYPE))
#define CHALLENGES (IMS_BIT(WWW_AUTHENTICATE) | IMS_BIT(PROXY_AUTHENTICATE))

const uint64_t ims_pcscf_not_from_ue =
	SECURITY | CORE_ONLY | IMS_BIT(PATH) | IMS_BIT(SERVICE_ROUTE) |
	IMS_BIT(P_ASSERTED_IDENTITY) | IMS_BIT(P_ASSOCIATED_URI) |
	IMS_BIT(P_CALLED_PARTY_ID);
const uint64_t ims_pcscf_not_to_ue = SECURITY | CORE_ONLY;

struct ims_buf ims_pcscf_out(struct ims_pcscf *p)
{
	struct ims_buf b;

	ims_buf_init(&b, p->out, sizeof(p->out));
	return b;
}

/* A challenge never leaves with ik or ck in it, whoever it is for. */
static void put_challenge(struct ims_buf *b, const struct ims_sip_hdr *h)
{
	struct ims_sip_auth a;

	if (ims_sip_auth_parse(h->value, &a))
		return;
	if (!ims_str_caseeq(a.scheme, IMS_S("Digest"))) {
		ims_sip_put_named(b, h->name, h->value);
		return;
	}
	a.ik = a.ck = (struct ims_str){0};
	ims_buf_put(b, h->name);
	ims_buf_puts(b, ": ");
	ims_sip_auth_put(b, &a, true);
	ims_buf_puts(b, "\r\n");
}

/* Said by servers that trust each other, and by nobody else; the parser knows
 * no more of them than their names [RFC 5502, 4457, 5002, 6050, 7316; 24.229
 * 4.4].
 */
static bool is_core_word(const struct ims_sip_hdr *h)
{
	static const char *const names[] = {
		"P-Served-User",
		"P-User-Database",
		"P-Profile-Key",
		"P-Asserted-Service",
		"P-Private-Network-Indication",
		"P-Refused-URI-List",
		"Restoration-Info",
		"Relayed-Charge",
		"Resource-Share",
		"Service-Interact-Info",
		"Cellular-Network-Info",
		"Attestation-Info",
		"Origination-Id",
	};

	if (h->id != IMS_SIP_OTHER)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ims_str_caseeq(h->name, ims_str(names[i])))
			return true;
	return false;
}

void ims_pcscf_put_headers(struct ims_buf *b, const struct ims_sip_msg *m,
			   uint64_t without)
{
	bool from_ue = without & IMS_BIT(P_ASSERTED_IDENTITY);

	for (size_t i = 0; i < m->n_hdrs; i++) {
		const struct ims_sip_hdr *h = &m->hdr[i];
		uint64_t bit = UINT64_C(1) << h->id;

		if ((without | BODY) & bit || (from_ue && is_core_word(h)))
			continue;
		if (CHALLENGES & bit)
			put_challenge(b, h);
		else
			ims_sip_put_named(b, h->name, h->value);
	}
}

void ims_pcscf_join_addresses(const struct ims_sip_msg *m,
			      enum ims_sip_hdr_id id, struct ims_buf *out)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);
	struct ims_str value;
	size_t before, at;

	while (!out->over && ims_sip_walk_next(&w, &value)) {
		before = out->n;
		ims_buf_puts(out, before ? ", " : "");
		at = out->n;
		ims_sip_put_text(out, value);
		if (!ims_pcscf_is_address(ims_str_from(ims_buf_str(out), at)))
			out->n = before;
	}
}

void ims_pcscf_put_end(struct ims_buf *b, const struct ims_sip_msg *m)
{
	ims_sip_put_body(b, ims_sip_get(m, IMS_SIP_CONTENT_TYPE), m->body);
}

void ims_pcscf_put_options(struct ims_buf *b, const struct ims_sip_msg *m,
			   enum ims_sip_hdr_id id, const char *add)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);
	struct ims_str value;
	const char *between = "";

	if (!add && !ims_sip_has(m, id))
		return;
	if (add) {
		ims_buf_printf(b, "%s: %s", ims_sip_hdr_name(id), add);
		between = ", ";
	}
	while (ims_sip_walk_next(&w, &value)) {
		value = ims_str_trim(value);
		if (value.n == 0 || ims_str_caseeq(value, IMS_S("sec-agree")) ||
		    (add && ims_str_caseeq(value, ims_str(add))))
			continue;
		if (!*between)
			ims_buf_printf(b, "%s: ", ims_sip_hdr_name(id));
		ims_buf_puts(b, between);
		ims_sip_put_text(b, value);
		between = ", ";
	}
	if (*between)
		ims_buf_puts(b, "\r\n");
}

void ims_pcscf_put_charging(struct ims_pcscf *p, struct ims_buf *b)
{
	char icid[IMS_PCSCF_TOKEN * 2 + 1];

	ims_role_token(&p->rnd, icid, sizeof(icid) - 1);
	ims_buf_printf(b, "P-Charging-Vector: icid-value=%s;", icid);
	ims_buf_puts(b, "icid-generated-at=");
	ims_ip_put_host(b, p->conf.mw.ip);
	if (p->conf.network[0])
		ims_buf_printf(b, ";orig-ioi=\"%s\"", p->conf.network);
	ims_buf_puts(b, "\r\n");
}

bool ims_pcscf_hops(const struct ims_sip_msg *m, uint32_t *left)
{
	uint32_t n;

	if (ims_sip_number(m, IMS_SIP_MAX_FORWARDS, &n))
		n = 71; /* there was none [RFC 3261 16.6 step 3] */
	if (n == 0)
		return false;
	*left = n - 1 < 255 ? n - 1 : 255;
	return true;
}

void ims_pcscf_put_mw_uri(const struct ims_pcscf *p, struct ims_buf *b,
			  const char *token)
{
	ims_buf_printf(b, "<sip:%s@", token);
	ims_addr_put(b, p->conf.mw);
	ims_buf_puts(b, ";lr>");
}

uint16_t ims_pcscf_gm_port(const struct ims_pcscf *p,
			   const struct ims_pcscf_ue *ue)
{
	const struct ims_pcscf_set *s = ims_pcscf_set_to(ue);

	if (ue->clear)
		return p->conf.gm.port;
	return s ? s->sas.sa[IMS_UC_TO_PS].dst.port : p->conf.port_ps;
}

void ims_pcscf_put_gm_uri(const struct ims_pcscf *p, struct ims_buf *b,
			  const struct ims_pcscf_ue *ue)
{
	struct ims_addr a = p->conf.gm;

	a.port = ims_pcscf_gm_port(p, ue);
	ims_buf_puts(b, "<sip:");
	ims_addr_put(b, a);
	ims_buf_puts(b, ";lr>");
}

bool ims_pcscf_is_gm(const struct ims_pcscf *p, struct ims_str route)
{
	struct ims_sip_addr a;
	struct ims_addr at;
	uint16_t port;

	if (ims_sip_addr_parse(route, &a))
		return false;
	/* A host name that leads to us with one of our ports is us, too. */
	if (ims_sip_uri_addr(&a.uri, 5060, &at) == 0 &&
	    !ims_ip_eq(at.ip, p->conf.gm.ip))
		return false;
	port = a.uri.port ? a.uri.port : 5060;
	return a.uri.host.n &&
	       (port == p->conf.gm.port || ims_pcscf_is_port_ps(p, port));
}

bool ims_pcscf_is_mw(const struct ims_pcscf *p, struct ims_str route,
		     struct ims_str *token, bool *outbound)
{
	struct ims_sip_addr a;
	struct ims_sip_param ob;
	struct ims_addr at;

	if (ims_sip_addr_parse(route, &a) ||
	    ims_sip_uri_addr(&a.uri, 5060, &at) || !ims_addr_eq(at, p->conf.mw))
		return false;
	*token = a.uri.user;
	*outbound = ims_sip_param_find(a.uri.params, "ob", &ob);
	return true;
}

void ims_pcscf_put_record_route(const struct ims_pcscf *p, struct ims_buf *b,
				const struct ims_sip_msg *m,
				const struct ims_pcscf_ue *ue, bool to_ue)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_RECORD_ROUTE);
	struct ims_str value, token;
	bool outbound;

	while (ims_sip_walk_next(&w, &value)) {
		ims_buf_puts(b, "Record-Route: ");
		if (to_ue && ims_pcscf_is_mw(p, value, &token, &outbound))
			ims_pcscf_put_gm_uri(p, b, ue);
		else if (!to_ue && ims_pcscf_is_gm(p, value))
			ims_pcscf_put_mw_uri(p, b, ue->token);
		else
			ims_sip_put_text(b, value);
		ims_buf_puts(b, "\r\n");
	}
}
