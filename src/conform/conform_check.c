/* SPDX-License-Identifier: BSD-2-Clause */
/* conform_check.c - is one thing about a message as it should be? */
#include "conform_priv.h"

#include "base_hex.h"
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_sec.h"

/* clang-format off */
#define TEXT(name, text, clause) text,
#define CLAUSE(name, text, clause) clause,
static const char *const texts[] = {CONFORM_CHECKS(TEXT)};
static const char *const clauses[] = {CONFORM_CHECKS(CLAUSE)};
/* clang-format on */

const char *ims_conform_check_text(enum conform_check what)
{
	return texts[what];
}

const char *ims_conform_check_clause(enum conform_check what)
{
	return clauses[what];
}

/* The first mechanism of a kept list. */
static bool first_of(const char *text, struct ims_sip_sec *out)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n;

	if (!*text ||
	    ims_sip_sec_list(ims_str(text), list, IMS_SIP_SEC_MAX, &n, NULL))
		return false;
	*out = list[0];
	return true;
}

static bool same_list(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		      const char *want)
{
	struct ims_sip_sec a[IMS_SIP_SEC_MAX], b[IMS_SIP_SEC_MAX];
	size_t na, nb;

	if (ims_sip_sec_get(m, id, a, IMS_SIP_SEC_MAX, &na, NULL) ||
	    ims_sip_sec_list(ims_str(want), b, IMS_SIP_SEC_MAX, &nb, NULL) ||
	    na != nb)
		return false;
	for (size_t i = 0; i < na; i++)
		if (!ims_sip_sec_same(&a[i], &b[i]))
			return false;
	return true;
}

static bool own_first(const struct ims_sip_msg *m, struct ims_sip_sec *out)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n;

	if (ims_sip_sec_get(m, IMS_SIP_SECURITY_CLIENT, list, IMS_SIP_SEC_MAX,
			    &n, NULL))
		return false;
	*out = list[0];
	return true;
}

static bool new_spis(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_sip_sec was, is;

	return first_of(c->client, &was) && own_first(m, &is) &&
	       is.spi_c != was.spi_c && is.spi_s != was.spi_s &&
	       is.spi_c != was.spi_s && is.spi_s != was.spi_c &&
	       is.port_c != was.port_c;
}

static bool same_port_s(const struct ims_conform *c,
			const struct ims_sip_msg *m)
{
	struct ims_sip_sec was, is;

	return first_of(c->client, &was) && own_first(m, &is) &&
	       is.port_s == was.port_s;
}

static bool agrees(const struct ims_sip_msg *m)
{
	const unsigned all = IMS_SEC_HAS_SPI_C | IMS_SEC_HAS_SPI_S |
			     IMS_SEC_HAS_PORT_C | IMS_SEC_HAS_PORT_S;
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n;

	if (ims_sip_sec_get(m, IMS_SIP_SECURITY_CLIENT, list, IMS_SIP_SEC_MAX,
			    &n, NULL))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ims_str_caseeq(list[i].name, IMS_S("ipsec-3gpp")) &&
		    ((list[i].has & all) != all || !list[i].alg.n))
			return false;
	return ims_sip_lists(m, IMS_SIP_REQUIRE, "sec-agree") &&
	       ims_sip_lists(m, IMS_SIP_PROXY_REQUIRE, "sec-agree");
}

static bool identity(const struct ims_sip_msg *m)
{
	struct ims_sip_addr from, to;

	return !ims_sip_addr_get(m, IMS_SIP_FROM, &from) &&
	       !ims_sip_addr_get(m, IMS_SIP_TO, &to) &&
	       ims_sip_uri_aor_eq(from.uri.text, to.uri.text) &&
	       ims_sip_tag(m, IMS_SIP_TO).n == 0 &&
	       ims_sip_tag(m, IMS_SIP_FROM).n != 0;
}

static bool content(const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;
	struct ims_sip_uri u;

	return !ims_sip_uri_parse(m->uri, &u) && u.host.n && !u.user.n &&
	       ims_sip_has(m, IMS_SIP_CONTACT) &&
	       ims_sip_lists(m, IMS_SIP_SUPPORTED, "path") &&
	       !ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &a) &&
	       a.username.n && a.realm.n && a.uri.n && a.nonce.p &&
	       a.response.p;
}

static bool proof(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;

	return !ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &a) &&
	       a.response.n && !a.auts.n &&
	       ims_str_eq(a.nonce, ims_str(c->nonce));
}

static bool no_proof(const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;

	return !ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &a) &&
	       !a.response.n && !a.auts.n && !a.nonce.n;
}

static bool is_empty(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;

	return !ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &a) &&
	       a.response.p && !a.response.n && !a.auts.p &&
	       ims_str_eq(a.nonce, ims_str(c->nonce));
}

static bool has_auts(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;
	uint8_t auts[32];

	return !ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &a) &&
	       ims_b64_get(a.auts, auts, sizeof auts) == 14 &&
	       ims_str_eq(a.nonce, ims_str(c->nonce));
}

/* Which offer made the SAs that it came in: the one that had its 200 in them,
 * or that of the last challenge.
 */
static bool ports(const struct ims_conform *c, const struct ims_flow *flow)
{
	bool old = flow->set && flow->set == c->proven;
	struct ims_sip_sec ue, pcscf;

	return first_of(old ? c->proven_used : c->used, &ue) &&
	       first_of(old ? c->proven_server : c->server, &pcscf) &&
	       flow->remote.port == ue.port_c &&
	       flow->local.port == pcscf.port_s;
}

static bool contact_us(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_sip_addr a;
	struct ims_sip_sec ue;

	return !ims_sip_addr_get(m, IMS_SIP_CONTACT, &a) &&
	       first_of(c->used, &ue) && a.uri.port == ue.port_s;
}

static bool route(const struct ims_conform *c, const struct ims_sip_msg *m,
		  const struct ims_flow *flow)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_ROUTE);
	struct ims_str rest = ims_str(c->route), want, got;
	struct ims_sip_addr a, b;

	if (!ims_sip_walk_next(&w, &got) || ims_sip_addr_parse(got, &a) ||
	    a.uri.port != flow->local.port)
		return false;
	while (ims_sip_comma_next(&rest, &want)) {
		if (!ims_sip_walk_next(&w, &got) ||
		    ims_sip_addr_parse(got, &a) ||
		    ims_sip_addr_parse(want, &b) ||
		    !ims_sip_uri_eq(a.uri.text, b.uri.text))
			return false;
	}
	return !ims_sip_walk_next(&w, &got);
}

static bool subscribes(const struct ims_sip_msg *m)
{
	struct ims_str event = ims_sip_get(m, IMS_SIP_EVENT);

	event.n = ims_str_find(event, ';');
	return ims_str_caseeq(ims_str_trim(event), IMS_S("reg")) &&
	       ims_conform_expires(m) != 0 &&
	       (!ims_sip_has(m, IMS_SIP_ACCEPT) ||
		ims_sip_lists(m, IMS_SIP_ACCEPT, "application/reginfo+xml"));
}

static bool same_call(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	return ims_str_eq(m->call_id, ims_str(c->call_id)) && m->cseq > c->cseq;
}

static bool new_call(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	return !ims_str_eq(m->call_id, ims_str(m->method == IMS_SIP_SUBSCRIBE
						       ? c->sub_call_id
						       : c->call_id));
}

/* To gets its tag by the 200 or the NOTIFY; who has none yet begins. */
static bool same_sub(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_str to = ims_sip_tag(m, IMS_SIP_TO);

	return ims_str_eq(m->call_id, ims_str(c->sub_call_id)) &&
	       ims_str_eq(ims_sip_tag(m, IMS_SIP_FROM), ims_str(c->sub_from)) &&
	       to.n && ims_str_eq(to, ims_str(c->sub_to)) &&
	       m->cseq > c->sub_cseq;
}

static bool of_default(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_str rest = ims_str(c->associated), first;
	struct ims_sip_addr a, from, to;

	return ims_sip_comma_next(&rest, &first) &&
	       !ims_sip_addr_parse(first, &a) &&
	       !ims_sip_addr_get(m, IMS_SIP_FROM, &from) &&
	       !ims_sip_addr_get(m, IMS_SIP_TO, &to) &&
	       ims_sip_uri_aor_eq(a.uri.text, from.uri.text) &&
	       ims_sip_uri_aor_eq(a.uri.text, to.uri.text) &&
	       ims_sip_uri_aor_eq(a.uri.text, m->uri);
}

static bool of_other(const struct ims_conform *c, const struct ims_sip_msg *m)
{
	struct ims_sip_addr to;

	return !ims_sip_addr_get(m, IMS_SIP_TO, &to) && c->first_impu[0] &&
	       !ims_sip_uri_aor_eq(to.uri.text, ims_str(c->first_impu));
}

static bool of_flow(const struct ims_conform *c, enum conform_check what,
		    const struct ims_flow *flow)
{
	switch (what) {
	case IS_CLEAR:
		return flow->set == 0;
	case IS_INSIDE:
		return flow->set != 0;
	case IS_NEW_SET:
		return flow->set != 0 && flow->set != c->set;
	case IS_SAME_SET:
		return flow->set != 0 && flow->set == c->set;
	default:
		return ports(c, flow);
	}
}

static bool of_security(const struct ims_conform *c, enum conform_check what,
			const struct ims_sip_msg *m)
{
	switch (what) {
	case IS_AGREE:
		return agrees(m);
	case IS_NEW_SPIS:
		return new_spis(c, m);
	case IS_SAME_PORT_S:
		return same_port_s(c, m);
	case IS_SAME_CLIENT:
		return same_list(m, IMS_SIP_SECURITY_CLIENT, c->client);
	case IS_VERIFY:
		return same_list(m, IMS_SIP_SECURITY_VERIFY, c->server);
	case IS_NO_VERIFY:
		return !ims_sip_has(m, IMS_SIP_SECURITY_VERIFY);
	case IS_NO_PROOF:
		return no_proof(m);
	case IS_PROOF:
		return proof(c, m);
	case IS_EMPTY:
		return is_empty(c, m);
	default:
		return has_auts(c, m);
	}
}

static bool of_content(const struct ims_conform *c, enum conform_check what,
		       const struct ims_sip_msg *m, const struct ims_flow *flow)
{
	switch (what) {
	case IS_IDENTITY:
		return identity(m);
	case IS_CONTENT:
		return content(m);
	case IS_EXPIRES:
		return ims_conform_expires(m) == 600000;
	case IS_NO_ACCESS:
		return !ims_sip_has(m, IMS_SIP_P_ACCESS_NETWORK_INFO);
	case IS_SAME_CALL:
		return same_call(c, m);
	case IS_NEW_CALL:
		return new_call(c, m);
	case IS_CONTACT_US:
		return contact_us(c, m);
	case IS_OTHER:
		return of_other(c, m);
	case IS_LAST:
		return ims_conform_expires(m) == 0;
	case IS_LONGER:
		return ims_conform_expires(m) >= c->min_expires;
	case IS_ROUTE:
		return route(c, m, flow);
	case IS_SAME_SUB:
		return same_sub(c, m);
	case IS_DEFAULT:
		return of_default(c, m);
	case IS_SUB:
		return subscribes(m);
	default:
		return m->status / 100 == 2;
	}
}

bool ims_conform_check(const struct ims_conform *c, enum conform_check what,
		       const struct ims_sip_msg *m, const struct ims_flow *flow)
{
	switch (what) {
	case IS_CLEAR:
	case IS_INSIDE:
	case IS_NEW_SET:
	case IS_SAME_SET:
	case IS_PORTS:
		return of_flow(c, what, flow);
	case IS_AGREE:
	case IS_NEW_SPIS:
	case IS_SAME_PORT_S:
	case IS_SAME_CLIENT:
	case IS_VERIFY:
	case IS_NO_VERIFY:
	case IS_NO_PROOF:
	case IS_PROOF:
	case IS_EMPTY:
	case IS_AUTS:
		return of_security(c, what, m);
	default:
		return of_content(c, what, m, flow);
	}
}
