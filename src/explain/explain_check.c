/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_check.c - what must hold of each of the eight steps. */
#include "aka_digest.h"
#include "base_hex.h"
#include "base_mem.h"
#include "base_trace.h"
#include "explain_priv.h"
#include "reg_info.h"
#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_event.h"
#include "sip_sec.h"

#include <stdio.h>
#include <string.h>

/* The list header as one line: what a later message must repeat. */
static bool join(const struct ims_sip_msg *m, enum ims_sip_hdr_id id, char *out,
		 size_t cap)
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
	return b.n && !b.over;
}

/* Two lists mechanism by mechanism; the second comes from the message. */
static void same_list(const struct ims_steps *s, const char *sent,
		      enum ims_sip_hdr_id id, struct ims_step *out)
{
	struct ims_sip_sec a[IMS_SIP_SEC_MAX], b[IMS_SIP_SEC_MAX];
	size_t na = 0, nb = 0;
	struct ims_flaw f;
	int err;

	if (s->clear)
		return;
	if (ims_sip_sec_list(ims_str(sent), a, IMS_SIP_SEC_MAX, &na, &f))
		return; /* was said when it was sent */
	err = ims_sip_sec_get(&s->msg, id, b, IMS_SIP_SEC_MAX, &nb, &f);
	if (err) {
		ims_steps_wrong(out, err, "%s: missing or broken",
				ims_sip_hdr_name(id));
		return;
	}
	err = id == IMS_SIP_SECURITY_VERIFY
		      ? ims_secagree_verify(a, na, b, nb, &f)
		      : ims_secagree_same_client(a, na, b, nb, &f);
	if (err)
		ims_steps_wrong(out, err, "%s: %s", ims_sip_hdr_name(id),
				f.text);
}

/* The Contact's expires, else the Expires header; false if there is neither. */
static bool expires(const struct ims_sip_msg *m, uint32_t *n)
{
	struct ims_sip_addr contact;
	struct ims_sip_param p;

	if (!ims_sip_addr_get(m, IMS_SIP_CONTACT, &contact) &&
	    ims_sip_param_find(contact.params, "expires", &p) &&
	    !ims_str_u32(p.value, UINT32_MAX, n))
		return true;
	return !ims_sip_number(m, IMS_SIP_EXPIRES, n);
}

static void note_expires(const struct ims_steps *s, const char *what,
			 struct ims_step *out)
{
	uint32_t n;

	if (expires(&s->msg, &n))
		snprintf(out->note, sizeof out->note, "%s, expires %u s", what,
			 n);
	else
		snprintf(out->note, sizeof out->note, "%s", what);
}

/* --- 1 and 2: the agreement --------------------------------------------- */

/* Remembers one usable mechanism; the first of each pair counts. */
static bool take_client(struct ims_steps *s, const struct ims_sip_sec *m,
			const struct ims_sight *from)
{
	struct ims_ipsec_suite suite;
	size_t i = 0;

	if (ims_secagree_usable(m, true, &suite, NULL))
		return false;
	while (i < s->n_offers && !ims_ipsec_suite_eq(s->suite[i], suite))
		i++;
	if (i < s->n_offers || i == IMS_N_SUITES)
		return false;
	s->suite[i] = suite;
	s->offer[i] = (struct ims_secagree_end){
		.ip = from->src.ip,
		.port_c = m->port_c,
		.port_s = m->port_s,
		.spi_c = m->spi_c,
		.spi_s = m->spi_s,
	};
	s->n_offers++;
	return true;
}

static void note_offer(const struct ims_steps *s, struct ims_step *out)
{
	char pair[IMS_SUITE_TEXT];
	struct ims_buf b;

	ims_buf_init(&b, out->note, sizeof out->note);
	ims_buf_puts(&b, s->n_offers ? "offer" : "offers nothing usable");
	for (size_t i = 0; i < s->n_offers; i++)
		ims_buf_printf(&b, "%s %s", i ? "," : "",
			       ims_ipsec_suite_text(s->suite[i], pair));
	ims_buf_cstr(&b);
}

static void check_offer(struct ims_steps *s, const struct ims_sight *m,
			struct ims_step *out)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_flaw f = {0};
	size_t n = 0;
	int err = ims_sip_sec_get(&s->msg, IMS_SIP_SECURITY_CLIENT, list,
				  IMS_SIP_SEC_MAX, &n, &f);

	if (err) {
		ims_steps_wrong(out, err, "Security-Client: %s", f.text);
		return;
	}
	if (!join(&s->msg, IMS_SIP_SECURITY_CLIENT, s->client,
		  sizeof s->client))
		ims_steps_wrong(out, -IMS_E_TOOBIG,
				"Security-Client: too long");
	if (!ims_sip_lists(&s->msg, IMS_SIP_REQUIRE, "sec-agree"))
		ims_steps_wrong(
			out, -IMS_E_NO_AGREEMENT,
			"Require: sec-agree is missing [RFC 3329 2.3.1]");
	s->n_offers = 0;
	for (size_t i = 0; i < n; i++)
		take_client(s, &list[i], m);
	note_offer(s, out);
	if (out->step == 1 && s->n_offers)
		s->agreed.ue = s->offer[0]; /* lanes are known from here on */
}

/* AUTN as the USIM sees it, if its key is known. */
static void check_autn(struct ims_steps *s, struct ims_step *out,
		       struct ims_buf *b)
{
	struct ims_sip_auth a;
	struct ims_aka_autn autn;
	uint8_t rnd[16], tok[16];

	if (ims_sip_auth_get(&s->msg, IMS_SIP_WWW_AUTHENTICATE, &a) ||
	    ims_digest_nonce_open(a.nonce, rnd, tok)) {
		ims_steps_wrong(out, -IMS_E_AKA_NONCE,
				"WWW-Authenticate: no RAND||AUTN in the nonce");
		return;
	}
	if (a.ck.p || a.ik.p)
		ims_steps_wrong(out, -IMS_E_PEER,
				"WWW-Authenticate: ck or ik goes to the UE "
				"[24.229 5.2.2]");
	if (!ims_str_copy(s->nonce, sizeof s->nonce, a.nonce))
		ims_steps_wrong(out, -IMS_E_TOOBIG, "nonce: too long");
	if (!s->has_key || ims_aka_autn(&s->key, rnd, tok, &autn))
		return;
	if (!autn.mac_ok)
		ims_steps_wrong(out, -IMS_E_AKA_MAC, "AUTN: the MAC is wrong");
	ims_buf_printf(b, "AUTN %s, SQN %012llx, ", autn.mac_ok ? "ok" : "bad",
		       (unsigned long long)autn.sqn);
}

/* As a UE chooses: among the pairs that it offered. */
static int choose(struct ims_steps *s, struct ims_flaw *f)
{
	struct ims_secagree_policy own = {.allow_deprecated = true};
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_secagree got = {0};
	size_t n = 0;
	int err = ims_sip_sec_get(&s->msg, IMS_SIP_SECURITY_SERVER, list,
				  IMS_SIP_SEC_MAX, &n, f);

	own.n_suites = s->n_offers;
	memcpy(own.suites, s->suite, sizeof own.suites);
	if (!err)
		err = ims_secagree_choose(&own, list, n, &got.suite, &got.pcscf,
					  f);
	if (!err && !join(&s->msg, IMS_SIP_SECURITY_SERVER, s->server,
			  sizeof s->server))
		err = ims_flaw(f, -IMS_E_TOOBIG, "too long");
	for (size_t i = 0; i < s->n_offers; i++)
		if (!err && ims_ipsec_suite_eq(s->suite[i], got.suite))
			got.ue = s->offer[i];
	if (!err)
		s->agreed = got;
	return err;
}

static void check_challenge(struct ims_steps *s, const struct ims_sight *m,
			    struct ims_step *out)
{
	char pair[IMS_SUITE_TEXT];
	struct ims_flaw f = {0};
	struct ims_buf b;
	int err;

	ims_buf_init(&b, out->note, sizeof out->note);
	check_autn(s, out, &b);
	s->clear =
		!s->n_offers && !ims_sip_has(&s->msg, IMS_SIP_SECURITY_SERVER);
	if (s->clear) {
		ims_buf_puts(&b, "no IPsec was asked for");
		ims_buf_cstr(&b);
		return;
	}
	err = choose(s, &f);
	if (err) {
		ims_steps_wrong(out, err, "Security-Server: %s", f.text);
		return;
	}
	s->agreed.pcscf.ip = m->src.ip;
	s->chosen = true;
	ims_buf_printf(&b, "chosen %s",
		       ims_ipsec_suite_text(s->agreed.suite, pair));
	ims_buf_cstr(&b);
}

/* --- 3 and 4: the proof ------------------------------------------------- */

static int expected(const struct ims_steps *s, const struct ims_sip_auth *a,
		    char hex[static IMS_DIGEST_HEX])
{
	struct ims_digest_in in = {
		.username = a->username,
		.realm = a->realm,
		.nonce = a->nonce,
		.method = s->msg.method_text,
		.uri = a->uri,
		.qop = a->qop,
		.nc = a->nc,
		.cnonce = a->cnonce,
		.body = s->msg.body,
	};
	struct ims_card_answer answer = {.verdict = IMS_CARD_OK};
	struct ims_aka_out aka;
	uint8_t rnd[16], autn[16], password[64];
	size_t n = sizeof password;
	int err = ims_digest_algo_parse(a->algorithm, &in.algo);

	if (!err)
		err = ims_digest_nonce_open(a->nonce, rnd, autn);
	if (!err)
		err = ims_aka_f2345(&s->key, rnd, &aka);
	if (err)
		return err;
	memcpy(answer.res, aka.res, sizeof answer.res);
	answer.res_len = aka.res_len;
	memcpy(answer.ck, aka.ck, sizeof answer.ck);
	memcpy(answer.ik, aka.ik, sizeof answer.ik);
	err = ims_digest_password(in.algo, &answer, password, &n);
	if (!err)
		err = ims_digest_response(&in, password, n, hex);
	ims_wipe(&aka, sizeof aka);
	ims_wipe(&answer, sizeof answer);
	ims_wipe(password, sizeof password);
	return err;
}

static void check_response(const struct ims_steps *s, struct ims_step *out)
{
	char hex[IMS_DIGEST_HEX];
	struct ims_sip_auth a;

	if (ims_sip_auth_get(&s->msg, IMS_SIP_AUTHORIZATION, &a)) {
		ims_steps_wrong(out, -IMS_E_AKA_RES, "Authorization: missing");
		return;
	}
	if (!ims_str_eq(a.nonce, ims_str(s->nonce)))
		ims_steps_wrong(out, -IMS_E_AKA_NONCE,
				"Authorization: not the nonce of the 401");
	if (s->has_key &&
	    (expected(s, &a, hex) || !ims_str_caseeq(a.response, ims_str(hex))))
		ims_steps_wrong(out, -IMS_E_AKA_RES,
				"Authorization: the response does not fit RES");
	if (!out->err)
		snprintf(out->note, sizeof out->note, "%s%s",
			 s->has_key ? "response ok, " : "",
			 s->clear ? "in the clear"
				  : "Security-Verify repeats the list");
}

static void protected_on(const struct ims_steps *s, struct ims_step *out,
			 bool ok, const char *rule)
{
	if (!ok && !s->clear)
		ims_steps_wrong(out, -IMS_E_PEER, "%s [33.203 7.1]", rule);
}

static void check_proof(struct ims_steps *s, const struct ims_sight *m,
			struct ims_step *out)
{
	(void)m;
	protected_on(s, out, out->arrow == IMS_UC_TO_PS,
		     "must go from port_uc to port_ps");
	same_list(s, s->server, IMS_SIP_SECURITY_VERIFY, out);
	same_list(s, s->client, IMS_SIP_SECURITY_CLIENT, out);
	check_response(s, out);
}

/* Answers to the UE: over TCP back on the connection, over UDP pc to us. */
static void check_answer_to_ue(const struct ims_steps *s,
			       const struct ims_sight *m, struct ims_step *out)
{
	if (m->transport == IMS_TCP)
		protected_on(s, out, out->arrow == IMS_PS_TO_UC,
			     "must go back from port_ps to port_uc over TCP");
	else
		protected_on(s, out, out->arrow == IMS_PC_TO_US,
			     "must go from port_pc to port_us over UDP");
}

static void check_registered(struct ims_steps *s, const struct ims_sight *m,
			     struct ims_step *out)
{
	check_answer_to_ue(s, m, out);
	if (s->clear && !ims_sip_has(&s->msg, IMS_SIP_CONTACT))
		return; /* the end, which in the clear no SA tells apart */
	if (!ims_sip_has(&s->msg, IMS_SIP_P_ASSOCIATED_URI))
		ims_steps_wrong(
			out, -IMS_E_PEER,
			"P-Associated-URI is missing [24.229 5.4.1.2.2]");
	note_expires(s, "registered", out);
}

/* --- 5 to 8: the subscription ------------------------------------------- */

static void check_subscribe(struct ims_steps *s, const struct ims_sight *m,
			    struct ims_step *out)
{
	(void)m;
	protected_on(s, out, out->arrow == IMS_UC_TO_PS,
		     "must go from port_uc to port_ps");
	same_list(s, s->server, IMS_SIP_SECURITY_VERIFY, out);
	note_expires(s, "event reg", out);
}

static void check_subscribed(struct ims_steps *s, const struct ims_sight *m,
			     struct ims_step *out)
{
	check_answer_to_ue(s, m, out);
	note_expires(s, "subscribed", out);
}

static void note_reginfo(const struct ims_reginfo *r, struct ims_step *out)
{
	size_t active = 0, contacts = 0;

	for (size_t i = 0; i < r->n_regs; i++) {
		active += r->reg[i].state == IMS_REGINFO_ACTIVE;
		contacts += r->reg[i].n_contacts;
	}
	snprintf(out->note, sizeof out->note,
		 "reginfo version %u %s, %zu active, contacts: %zu", r->version,
		 r->full ? "full" : "partial", active, contacts);
	if (!active)
		ims_steps_wrong(
			out, -IMS_E_PEER,
			"reginfo: no registration is active [RFC 3680 5]");
}

static void check_notify(struct ims_steps *s, const struct ims_sight *m,
			 struct ims_step *out)
{
	struct ims_sip_sub_state st;
	struct ims_reginfo r;
	struct ims_flaw f = {0};

	/* An own connection, or the one that the UE opened [33.203 7.1]. */
	s->notify_arrow = out->arrow;
	protected_on(s, out,
		     out->arrow == IMS_PC_TO_US || (m->transport == IMS_TCP &&
						    out->arrow == IMS_PS_TO_UC),
		     "must go from port_pc to port_us");
	if (ims_sip_sub_state_parse(ims_sip_get(&s->msg,
						IMS_SIP_SUBSCRIPTION_STATE),
				    &st) ||
	    st.state != IMS_SUB_ACTIVE)
		ims_steps_wrong(out, -IMS_E_PEER,
				"Subscription-State: active is wanted "
				"[RFC 6665 4.2.1]");
	if (ims_reginfo_parse(s->msg.body, &r, &f)) {
		ims_steps_wrong(out, f.err, "reginfo: %s", f.text);
		return;
	}
	note_reginfo(&r, out);
	ims_reginfo_free(&r);
}

static void check_notified(struct ims_steps *s, const struct ims_sight *m,
			   struct ims_step *out)
{
	int back =
		s->notify_arrow == IMS_PS_TO_UC ? IMS_UC_TO_PS : IMS_US_TO_PC;

	if (m->transport == IMS_TCP)
		protected_on(s, out, out->arrow == back,
			     "must go back on the NOTIFY's connection");
	else
		protected_on(s, out, out->arrow == IMS_UC_TO_PS,
			     "must go from port_uc to port_ps over UDP");
}

/* --- what follows -------------------------------------------------------- */

/* Keeps what a challenge to it would go on from. */
static void take_offer(struct ims_steps *s, const struct ims_sight *m)
{
	struct ims_step ignored = {0};

	if (ims_sip_has(&s->msg, IMS_SIP_SECURITY_CLIENT))
		check_offer(s, m, &ignored);
}

/* An end is a lifetime of zero, for all that is asked. */
static bool is_end(const struct ims_sip_msg *m)
{
	uint32_t n;

	return expires(m, &n) && n == 0;
}

static const char *refresh_kind(const struct ims_steps *s)
{
	if (s->msg.method == IMS_SIP_SUBSCRIBE)
		return is_end(&s->msg) ? "end of subscription" : "refresh";
	if (!(s->seen & 1u << 4))
		return "no sec-agree offered";
	return is_end(&s->msg) ? "de-registration" : "refresh";
}

static void check_refresh(struct ims_steps *s, const struct ims_sight *m,
			  struct ims_step *out)
{
	enum ims_sip_method method = s->msg.method;

	if (method != IMS_SIP_REGISTER && method != IMS_SIP_SUBSCRIBE)
		return;
	if (!s->msg.request) {
		if (s->msg.status == 200)
			note_expires(s, "done", out);
		return;
	}
	if (method == IMS_SIP_REGISTER)
		take_offer(s, m);
	snprintf(out->note, sizeof out->note, "%s", refresh_kind(s));
}

typedef void check(struct ims_steps *, const struct ims_sight *,
		   struct ims_step *);
static check *const checks[IMS_STEPS + 1] = {
	NULL,
	check_offer,
	check_challenge,
	check_proof,
	check_registered,
	check_subscribe,
	check_subscribed,
	check_notify,
	check_notified,
};

/* The UE sends the odd ones but 7, and 8. */
static bool right_way(unsigned step, bool from_ue)
{
	bool ue = step == 1 || step == 3 || step == 5 || step == 8;

	return ue == from_ue;
}

void ims_steps_check(struct ims_steps *s, const struct ims_sight *m,
		     struct ims_step *out)
{
	if (out->repeat)
		snprintf(out->note, sizeof out->note, "again");
	if (!out->step)
		check_refresh(s, m, out);
	if (!out->step || out->repeat)
		return;
	if (!right_way(out->step, m->from_ue))
		ims_steps_wrong(out, -IMS_E_PEER, "comes from the wrong side");
	checks[out->step](s, m, out);
}
