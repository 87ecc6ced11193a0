/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_register.c - REGISTER from a UE: what it is, and how it goes to the
 * core.
 *
 * Spec: TS 24.229 5.2.2; RFC 3327 5.1; RFC 7315 4.
 */
#include <string.h>
#include <strings.h>

#include "pcscf_priv.h"
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_via.h"

/* The private identity: named in the credentials, or derived from the public
 * one [24.229 5.1.1.1A].
 */
static struct ims_str impi_of(const struct ims_sip_msg *m,
			      const struct ims_sip_auth *auth)
{
	struct ims_sip_addr to;
	struct ims_str s;

	if (auth->username.n)
		return auth->username;
	if (ims_sip_addr_get(m, IMS_SIP_TO, &to) || to.uri.user.n == 0 ||
	    to.uri.host.n == 0)
		return (struct ims_str){0};
	s = ims_str_n(to.uri.user.p, to.uri.user.n + 1 + to.uri.host.n);
	return s;
}

static uint32_t param_expires(struct ims_str params, uint32_t otherwise)
{
	struct ims_sip_param e;
	uint32_t s;

	if (ims_sip_param_find(params, "expires", &e) && e.has_value &&
	    ims_str_u32(e.value, UINT32_MAX, &s) == 0)
		return s;
	return otherwise;
}

#define NO_EXPIRES 3600 /* [RFC 3261 10.2.1.1] */

static void note_contact(struct ims_pcscf_relay *r, const struct ims_sip_msg *m)
{
	struct ims_sip_addr c;

	r->expires = NO_EXPIRES;
	(void)ims_sip_number(m, IMS_SIP_EXPIRES, &r->expires);
	if (ims_sip_addr_get(m, IMS_SIP_CONTACT, &c) || c.star)
		return;
	r->expires = param_expires(c.params, r->expires);
	(void)ims_str_copy(r->contact, sizeof(r->contact), c.uri.text);
}

uint32_t ims_pcscf_granted(const struct ims_pcscf_relay *r,
			   const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_CONTACT);
	struct ims_str value, mine = ims_str(r->contact);
	struct ims_sip_addr c;
	uint32_t all = NO_EXPIRES, last = 0;
	unsigned n = 0;

	(void)ims_sip_number(m, IMS_SIP_EXPIRES, &all);
	if (r->expires == 0)
		return 0;
	for (; ims_sip_walk_next(&w, &value); n++) {
		if (ims_sip_addr_parse(value, &c))
			continue;
		last = param_expires(c.params, all);
		if (mine.n && ims_sip_uri_eq(c.uri.text, mine))
			return last;
	}
	/* one binding there is, and it is called otherwise */
	return n == 1 ? last : 0;
}

/* The UE offers to keep its flow alive, and we are willing [RFC 6223 4.3]. */
static void note_keep(struct ims_pcscf_relay *r, const struct ims_sip_msg *m)
{
	static const char word[] = ";keep";
	size_t n = sizeof(word) - 1;
	struct ims_sip_param keep;
	struct ims_sip_via via;

	if (ims_sip_via_top(m, &via) ||
	    !ims_sip_param_find(via.params, "keep", &keep) || keep.has_value)
		return;
	for (size_t i = 0; i + n < r->via_len && r->head[i] != '\r'; i++)
		if (strncasecmp(r->head + i, word, n) == 0 &&
		    strchr(";, \r", r->head[i + n])) {
			r->keep_at = i + n;
			return;
		}
}

/* A flow that can be told from the UE's others [RFC 5626 5.1]. */
static bool is_outbound(const struct ims_sip_msg *m)
{
	struct ims_sip_param reg_id;
	struct ims_sip_addr c;

	return ims_sip_lists(m, IMS_SIP_SUPPORTED, "outbound") &&
	       ims_sip_addr_get(m, IMS_SIP_CONTACT, &c) == 0 && !c.star &&
	       ims_sip_param_find(c.params, "reg-id", &reg_id);
}

#define REWRITTEN                                                            \
	(IMS_BIT(VIA) | IMS_BIT(MAX_FORWARDS) | IMS_BIT(ROUTE) |             \
	 IMS_BIT(RECORD_ROUTE) | IMS_BIT(REQUIRE) | IMS_BIT(PROXY_REQUIRE) | \
	 IMS_BIT(AUTHORIZATION))

/* The first Digest credentials only, written anew: so nothing that the UE
 * wrote into them can be taken for our word [T05].
 */
static void put_credentials(struct ims_buf *b, const struct ims_sip_msg *m,
			    bool protected)
{
	struct ims_sip_auth a;

	if (ims_sip_auth_get(m, IMS_SIP_AUTHORIZATION, &a))
		return;
	a.integrity_protected = protected ? IMS_S("yes") : IMS_S("no");
	a.ik = a.ck = (struct ims_str){0};
	ims_buf_puts(b, "Authorization: ");
	ims_sip_auth_put(b, &a, false);
	ims_buf_puts(b, "\r\n");
}

static void build(struct ims_pcscf *p, const struct ims_pcscf_ue *ue,
		  const struct ims_sip_msg *m, bool protected,
		  struct ims_buf *b)
{
	char branch[IMS_BRANCH_LEN];
	uint32_t hops = 0;

	(void)ims_pcscf_hops(m, &hops);
	ims_role_branch(&p->rnd, branch);
	ims_sip_put_request(b, "REGISTER", m->uri);
	ims_buf_puts(b, "Via: SIP/2.0/UDP ");
	ims_addr_put(b, p->conf.mw);
	ims_buf_printf(b, ";branch=%s\r\n", branch);
	ims_sip_copy(b, m, IMS_SIP_VIA);
	ims_sip_putf(b, IMS_SIP_MAX_FORWARDS, "%u", hops);
	ims_buf_printf(b, "Path: <sip:%s@", ue->token);
	ims_addr_put(b, p->conf.mw);
	ims_buf_puts(b, is_outbound(m) ? ";lr;ob>\r\n" : ";lr>\r\n");
	ims_pcscf_put_options(b, m, IMS_SIP_REQUIRE, "path");
	ims_pcscf_put_options(b, m, IMS_SIP_PROXY_REQUIRE, NULL);
	put_credentials(b, m, protected);
	if (p->conf.network[0])
		ims_sip_putf(b, IMS_SIP_P_VISITED_NETWORK_ID, "\"%s\"",
			     p->conf.network);
	ims_pcscf_put_charging(p, b);
	ims_pcscf_put_headers(b, m, ims_pcscf_not_from_ue | REWRITTEN);
	ims_pcscf_put_end(b, m);
}

int ims_pcscf_register_send(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			    const struct ims_pcscf_in *in)
{
	struct ims_flow to = {.local = p->conf.mw,
			      .remote = p->conf.scscf,
			      .transport = IMS_UDP,
			      .side = IMS_MW};
	struct ims_pcscf_in from = *in;
	struct ims_pcscf_relay *r;
	struct ims_buf b = ims_pcscf_out(p);
	int err;

	from.ue = ue;
	r = ims_pcscf_relay_new(p, &from, IMS_WAY_REGISTER);
	if (!r)
		return -IMS_E_TOOBIG;
	note_contact(r, in->m);
	note_keep(r, in->m);
	build(p, ue, in->m, in->set != NULL, &b);
	err = ims_pcscf_relay_send(p, r, &to, &b, in->now_ms);
	if (err)
		ims_pcscf_relay_free(p, r);
	else
		ue->round = r->id;
	return err;
}

static void problem(struct ims_pcscf *p, const struct ims_pcscf_in *in, int err,
		    const char *what)
{
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, err, in->flow->set, "%s: %s",
		      in->ue ? in->ue->impi : "REGISTER", what);
}

/* The Via of a protected REGISTER names the address that the SA vouches for
 * [33.203 7.2].
 */
static bool via_is_true(const struct ims_pcscf_in *in)
{
	struct ims_sip_via via;
	struct ims_ip ip;

	if (ims_sip_via_top(in->m, &via))
		return false;
	return ims_ip_parse(via.host, &ip) ||
	       ims_ip_eq(ip, in->flow->remote.ip);
}

static void in_the_clear(struct ims_pcscf *p, struct ims_pcscf_in *in,
			 struct ims_str impi)
{
	char offer[IMS_PCSCF_OFFER];
	unsigned status = ims_pcscf_offer(p, in, offer);
	struct ims_pcscf_ue *ue;

	if (status) {
		ims_pcscf_refuse(p, in, status, NULL);
		return;
	}
	/* those that are registered are not held up by those that are not */
	ue = ims_pcscf_ue_find(p, impi, in->flow->remote.ip);
	if (!ue && (!offer[0] || ims_pcscf_may_pend(p, in->flow->remote.ip)))
		ue = ims_pcscf_ue_new(p, impi, in->flow->remote.ip, NULL);
	if (!ue) {
		problem(p, in, -IMS_E_NO_SPI, "too many users or challenges");
		ims_pcscf_refuse(p, in, 503, NULL);
		return;
	}
	in->ue = ue;
	if (offer[0] && !via_is_true(in))
		problem(p, in, 0,
			"its Via names another address than it came from: "
			"behind a NAT, ESP will not reach it");
	ims_pcscf_reg_step(p, ue, IMS_ON_REGISTER,
			   &(struct ims_pcscf_reg_ev){.in = in,
						      .offer = offer[0] ? offer
									: NULL,
						      .now_ms = in->now_ms});
	ims_pcscf_ue_settle(p, ue, in->now_ms);
}

/* REGISTER 2: both headers as they were, or somebody is between us [33.203
 * 7.2].  Then the attempt is over, and what was before it stays.
 */
static void over_temporary(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	struct ims_pcscf_reg_ev ev = {.in = in, .now_ms = in->now_ms};
	struct ims_flaw why = {0};
	int err = ims_pcscf_verify(in->set, in->m, true, &why);

	if (!err)
		err = ims_pcscf_same_client(in->set, in->m, &why);
	if (err) {
		problem(p, in, err, why.text);
		ims_pcscf_refuse(p, in, 494, in->set);
		ims_pcscf_reg_fail(p, in->ue, &ev);
		return;
	}
	ims_pcscf_reg_step(p, in->ue, IMS_ON_RESPONSE, &ev);
	ims_pcscf_ue_settle(p, in->ue, in->now_ms);
}

static bool leaves(const struct ims_sip_msg *m)
{
	struct ims_pcscf_relay r = {0};

	note_contact(&r, m);
	return r.expires == 0;
}

/* What comes over a replaced set, perhaps late, does not take the place of a
 * REGISTER that is in progress, nor that of its challenge [33.203 7.4].
 */
static bool is_overtaken(const struct ims_pcscf_in *in)
{
	return in->set->life == IMS_SET_OLD &&
	       (in->ue->round || ims_pcscf_set_pending(in->ue));
}

/* A new offer comes with each REGISTER, for the challenge that may follow
 * [24.229 5.2.2]; one that leaves needs none.
 */
static void over_established(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	char offer[IMS_PCSCF_OFFER] = "";
	struct ims_flaw why = {0};
	unsigned status = 0;
	int err = ims_pcscf_verify(in->set, in->m, false, &why);

	if (is_overtaken(in)) {
		problem(p, in, -IMS_E_UNEXPECTED,
			"a REGISTER over SAs that were replaced, while another "
			"is in progress");
		ims_pcscf_refuse(p, in, 500, NULL);
		return;
	}
	if (err) {
		problem(p, in, err, why.text);
		ims_pcscf_refuse(p, in, 494, in->set);
		return;
	}
	if (ims_sip_has(in->m, IMS_SIP_SECURITY_CLIENT) || !leaves(in->m))
		status = ims_pcscf_offer(p, in, offer);
	if (status == 421 || (!status && !offer[0] && !leaves(in->m)))
		status = 494;
	if (status) {
		/* what it is to mirror stays what this set was agreed with */
		ims_pcscf_refuse(p, in, status, in->set);
		return;
	}
	ims_pcscf_reg_step(p, in->ue, IMS_ON_REFRESH,
			   &(struct ims_pcscf_reg_ev){.in = in,
						      .offer = offer[0] ? offer
									: NULL,
						      .now_ms = in->now_ms});
	ims_pcscf_ue_settle(p, in->ue, in->now_ms);
}

static void protected_one(struct ims_pcscf *p, struct ims_pcscf_in *in,
			  struct ims_str impi)
{
	if (!via_is_true(in)) {
		ims_pcscf_refuse(p, in, 400, NULL);
	} else if (!ims_str_eq(impi, ims_str(in->ue->impi))) {
		problem(p, in, -IMS_E_NOT_MINE,
			"another private identity inside its SAs");
		ims_pcscf_refuse(p, in, 403, NULL);
	} else if (in->set->life == IMS_SET_PENDING) {
		over_temporary(p, in);
	} else if (in->ue->registered && ims_pcscf_set_established(in->set)) {
		over_established(p, in);
	} else {
		ims_pcscf_refuse(p, in, 403, NULL);
	}
}

/* Nothing could be promised: then nothing of it stays. */
static void not_now(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	ims_pcscf_refuse(p, in, 503, NULL);
	if (in->set && in->set->life == IMS_SET_PENDING)
		ims_pcscf_reg_fail(p, in->ue,
				   &(struct ims_pcscf_reg_ev){
					   .in = in, .now_ms = in->now_ms});
}

void ims_pcscf_register(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	struct ims_sip_auth auth = {0};
	struct ims_str impi;
	uint32_t hops;
	int err = ims_sip_auth_get(in->m, IMS_SIP_AUTHORIZATION, &auth);

	impi = impi_of(in->m, &auth);
	if ((err && err != -IMS_E_NOTFOUND) || impi.n == 0 ||
	    impi.n >= IMS_ID_MAX || (err && in->set))
		ims_pcscf_refuse(p, in, 400, NULL);
	else if (!ims_pcscf_hops(in->m, &hops))
		ims_pcscf_refuse(p, in, 483, NULL);
	else if (p->stopped)
		ims_pcscf_refuse(p, in, 503, NULL);
	else if (p->full && !leaves(in->m))
		not_now(p, in);
	else if (in->set)
		protected_one(p, in, impi);
	else
		in_the_clear(p, in, impi);
}
