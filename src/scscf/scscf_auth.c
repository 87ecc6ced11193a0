/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_auth.c - is the response right? [RFC 3310 3.3, 24.229 5.4.1.2.2] */
#include <string.h>

#include "base_mem.h"
#include "scscf_priv.h"
#include "sip_uri.h"

struct ims_str ims_scscf_realm(const struct ims_scscf *s, struct ims_str impu)
{
	struct ims_sip_uri u;

	if (s->conf.realm[0])
		return ims_str(s->conf.realm);
	if (s->conf.domain[0])
		return ims_str(s->conf.domain);
	if (ims_sip_uri_parse(impu, &u) == 0 && u.host.n)
		return u.host;
	return IMS_S("invalid");
}

/* What the UE must have computed, from its own parameters and our XRES. */
static int expected(const struct ims_scscf_attempt *a,
		    const struct ims_scscf_in *in,
		    char out[static IMS_DIGEST_HEX])
{
	const struct ims_digest_in digest = {
		.algo = {.akav = 1, .hash = IMS_MD5},
		.username = in->auth.username,
		.realm = in->auth.realm,
		.nonce = in->auth.nonce,
		.method = in->m->method_text,
		.uri = in->auth.uri,
		.qop = in->auth.qop,
		.nc = in->auth.nc,
		.cnonce = in->auth.cnonce,
		.body = in->m->body,
	};

	return ims_digest_response(&digest, a->vector.xres, a->vector.xres_len,
				   out);
}

/* Hex in one case, so that the comparison need not care. */
static bool take_response(struct ims_str s, char out[static 32])
{
	if (s.n != 32)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		out[i] = s.p[i];
		if (out[i] >= 'A' && out[i] <= 'F')
			out[i] = (char)(out[i] - 'A' + 'a');
	}
	return true;
}

int ims_scscf_verify(const struct ims_scscf *s,
		     const struct ims_scscf_attempt *a,
		     const struct ims_scscf_in *in)
{
	struct ims_str algo = in->auth.algorithm;
	char want[IMS_DIGEST_HEX], got[32];
	bool ok;

	/* AKAv1-MD5 is what was asked for; a missing name is taken as it */
	if (algo.n && !ims_str_caseeq(algo, IMS_S("AKAv1-MD5")))
		return -IMS_E_AKA_RES;
	if (!ims_str_eq(in->auth.realm, ims_scscf_realm(s, in->impu)) ||
	    !take_response(in->auth.response, got) || expected(a, in, want))
		return -IMS_E_AKA_RES;
	ok = ims_crypto_eq(want, got, sizeof(got));
	ims_wipe(want, sizeof(want));
	return ok ? 0 : -IMS_E_AKA_RES;
}
