/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_auth.c - the challenge comes in, credentials go out.
 *
 * The password (RES) is kept while the registration lives: a REGISTER inside
 * the SAs repeats the last nonce with the next nc.  CK and IK stay only from
 * the SIM's answer to the SA set.
 *
 * Spec: RFC 3310; RFC 2617 3.2.2; TS 24.229 5.1.1.5; spec.md 10.3.
 */
#include "ue_priv.h"

#include "base_hex.h"
#include "base_mem.h"

#include <stdio.h>
#include <string.h>

/* Of several challenges the best AKA one [RFC 4169 4]; -1: none. */
static int best(const struct ims_sip_msg *m, struct ims_sip_auth *out,
		struct ims_digest_algo *algo)
{
	int akav = 0;

	for (size_t i = 0; i < m->n_hdrs; i++) {
		struct ims_sip_auth a;
		struct ims_digest_algo g;

		if (m->hdr[i].id != IMS_SIP_WWW_AUTHENTICATE ||
		    ims_sip_auth_parse(m->hdr[i].value, &a) || !a.nonce.p ||
		    !ims_str_caseeq(a.scheme, IMS_S("Digest")) ||
		    ims_digest_algo_parse(a.algorithm, &g) || g.akav <= akav)
			continue;
		akav = g.akav;
		*algo = g;
		*out = a;
	}
	return akav ? 0 : -1;
}

/* Why a 401 is no AKA challenge, in words. */
static int no_aka(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_auth a;

	if (ims_sip_auth_get(m, IMS_SIP_WWW_AUTHENTICATE, &a))
		return ims_flaw(&ue->why, -IMS_E_AKA_NONCE,
				"401 without a Digest challenge");
	return ims_flaw(&ue->why, -IMS_E_AKA_NONCE,
			"401 with algorithm=%.*s: not AKA",
			a.algorithm.n ? (int)a.algorithm.n : 4,
			a.algorithm.n ? a.algorithm.p : "none");
}

static const char *choose_qop(const struct ims_ue *ue,
			      const struct ims_sip_auth *a)
{
	bool can = ims_sip_auth_offers(a, "auth");
	bool whole = ims_sip_auth_offers(a, "auth-int");

	if (whole && (ue->conf.form.auth_int || !can))
		return "auth-int";
	return can ? "auth" : NULL;
}

int ims_ue_challenge(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ue_challenge *ch = &ue->ch;
	struct ims_digest_algo algo;
	struct ims_sip_auth a;
	uint8_t rnd[16], autn[16];

	if (best(m, &a, &algo))
		return no_aka(ue, m);
	if (ims_digest_nonce_open(a.nonce, rnd, autn))
		return ims_flaw(&ue->why, -IMS_E_AKA_NONCE,
				"nonce of %zu characters in the 401",
				a.nonce.n);
	if (!ims_ue_keep(&ch->realm, a.realm) ||
	    !ims_ue_keep(&ch->nonce, a.nonce) ||
	    !ims_ue_keep(&ch->algorithm, a.algorithm) ||
	    !ims_ue_keep(&ch->opaque, a.opaque))
		return ims_flaw(&ue->why, -IMS_E_NOMEM, "401");
	ch->algo = algo;
	ch->has_opaque = a.opaque.p != NULL;
	ch->qop = choose_qop(ue, &a);
	ch->nc = 0;
	ims_role_token(&ue->rnd, ch->cnonce, sizeof ch->cnonce - 1);
	ims_ue_choose(ue, m);
	return 0;
}

void ims_ue_ask_sim(struct ims_ue *ue)
{
	uint8_t rnd[16], autn[16];

	if (!ims_digest_nonce_open(ims_ue_text(&ue->ch.nonce), rnd, autn))
		ims_acts_sim(&ue->acts, rnd, autn);
}

int ims_ue_sim_ok(struct ims_ue *ue, const struct ims_card_answer *a)
{
	struct ue_challenge *ch = &ue->ch;

	ims_wipe(ch->password, sizeof ch->password);
	ch->password_len = 0;
	if (ims_digest_password(ch->algo, a, ch->password, &ch->password_len))
		return ims_flaw(&ue->why, -IMS_E_ALGO, "password of %.*s",
				IMS_STR_ARG(ims_ue_text(&ch->algorithm)));
	memcpy(ue->ck, a->ck, sizeof ue->ck);
	memcpy(ue->ik, a->ik, sizeof ue->ik);
	return 0;
}

/* Before there was a challenge: who we are, and nothing else. */
static void put_first(struct ims_ue *ue, struct ims_sip_auth *a)
{
	a->realm =
		ims_str(ue->conf.realm[0] ? ue->conf.realm : ue->conf.domain);
	a->nonce = IMS_S("");
	a->response = IMS_S("");
	if (!ue->conf.form.no_algorithm)
		a->algorithm = IMS_S("AKAv1-MD5");
}

/* The response in hex; with AUTS its password is empty [RFC 3310 3.4]. */
static void respond(struct ims_ue *ue, struct ims_sip_auth *a,
		    char hex[static IMS_DIGEST_HEX])
{
	const struct ue_challenge *ch = &ue->ch;
	struct ims_digest_in in = {
		.algo = ch->algo,
		.username = a->username,
		.realm = a->realm,
		.nonce = a->nonce,
		.method = IMS_S("REGISTER"),
		.uri = a->uri,
		.qop = a->qop,
		.nc = a->nc,
		.cnonce = a->cnonce,
	};
	size_t n = ue->creds == UE_CREDS_AUTS ? 0 : ch->password_len;

	if (!ims_digest_response(&in, ch->password, n, hex))
		a->response = ims_str(hex);
}

void ims_ue_put_authorization(struct ims_ue *ue, struct ims_buf *b)
{
	struct ue_challenge *ch = &ue->ch;
	char uri[UE_URI_TEXT], nc[9], hex[IMS_DIGEST_HEX], auts[24];
	struct ims_sip_auth a = {.scheme = IMS_S("Digest"),
				 .username = ims_str(ue->conf.impi)};
	struct ims_str order = ims_str(ue->conf.form.auth_order);
	struct ims_buf t;

	ims_ue_register_uri(ue, uri);
	a.uri = ims_str(uri);
	if (ue->creds == UE_CREDS_FIRST) {
		put_first(ue, &a);
		ims_sip_auth_put_order(b, &a, order);
		return;
	}
	a.realm = ims_ue_text(&ch->realm);
	a.nonce = ims_ue_text(&ch->nonce);
	a.algorithm = ims_ue_text(&ch->algorithm);
	a.response = IMS_S("");
	if (ch->has_opaque)
		a.opaque = ims_ue_text(&ch->opaque);
	if (ch->qop) {
		a.qop = ims_str(ch->qop);
		a.cnonce = ims_str(ch->cnonce);
		snprintf(nc, sizeof nc, "%08x", (unsigned)ch->nc);
		a.nc = ims_str_n(nc, 8);
	}
	ims_buf_init(&t, auts, sizeof auts);
	if (ue->creds == UE_CREDS_AUTS) {
		ims_b64_put(&t, ch->auts, sizeof ch->auts);
		a.auts = ims_buf_str(&t);
	}
	if (ue->creds != UE_CREDS_EMPTY)
		respond(ue, &a, hex);
	ims_sip_auth_put_order(b, &a, order);
}

bool ims_ue_rspauth_wrong(const struct ims_ue *ue, const struct ims_sip_msg *m)
{
	const struct ue_challenge *ch = &ue->ch;
	char uri[UE_URI_TEXT], nc[9], hex[IMS_DIGEST_HEX];
	struct ims_sip_auth a;
	struct ims_digest_in in = {
		.algo = ch->algo,
		.username = ims_str(ue->conf.impi),
		.realm = ims_ue_text(&ch->realm),
		.nonce = ims_ue_text(&ch->nonce),
		.qop = ims_str(ch->qop),
		.cnonce = ims_str(ch->cnonce),
		.body = m->body,
	};

	if (ue->creds != UE_CREDS_ANSWER || !ch->qop ||
	    ims_sip_auth_info_parse(ims_sip_get(m, IMS_SIP_AUTHENTICATION_INFO),
				    &a) ||
	    !a.rspauth.p)
		return false;
	ims_ue_register_uri(ue, uri);
	snprintf(nc, sizeof nc, "%08x", (unsigned)ch->nc);
	in.uri = ims_str(uri);
	in.nc = ims_str_n(nc, 8);
	return ims_digest_rspauth(&in, ch->password, ch->password_len, hex) ||
	       !ims_str_caseeq(a.rspauth, ims_str(hex));
}

void ims_ue_auth_wipe(struct ims_ue *ue)
{
	ims_wipe(ue->ck, sizeof ue->ck);
	ims_wipe(ue->ik, sizeof ue->ik);
	ims_wipe(ue->ch.password, sizeof ue->ch.password);
	ue->ch.password_len = 0;
}
