/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_sub_put.c - options become a subscriber. */
#include "base_mem.h"
#include "cli_err.h"
#include "cli_sub_priv.h"
#include "sip_uri.h"
#include "ue.h"

#include <string.h>

/* X of a copy that must fit and be printable; what is wrong is printed. */
static int take_text(const char *option, const char *text, char *out,
		     size_t cap)
{
	for (const char *p = text; *p; p++) {
		if (*p <= ' ' || *p == 0x7f || strchr("<>\"", *p))
			return ims_cli_fail("sub", IMS_E_USAGE,
					    "%s: character %zu cannot stand "
					    "in an identity",
					    option, (size_t)(p - text) + 1);
	}
	if (!*text || !ims_str_copy(out, cap, ims_str(text)))
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "%s: 1 to %zu characters wanted", option,
				    cap - 1);
	return 0;
}

static int take_uri(const char *text, bool barred, struct ims_cx_impu *out)
{
	struct ims_sip_uri u;
	int status = take_text("--impu", text, out->uri, sizeof out->uri);

	if (status)
		return status;
	if (ims_sip_uri_parse(ims_str(text), &u) ||
	    u.scheme == IMS_SIP_URI_OTHER ||
	    (u.scheme != IMS_SIP_URI_TEL && u.user.n == 0))
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--impu: %s: sip:user@domain or "
				    "tel:+number wanted",
				    text);
	out->barred = barred;
	return 0;
}

/* What the IMSI says, if nothing else is given [23.003 13]. */
static int derive(const struct sub_conf *c, struct ims_ue_conf *ids)
{
	int err;

	ims_ue_conf_default(ids);
	if (c->mnc_len && c->mnc_len != 2 && c->mnc_len != 3)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--mnc-len: 2 or 3 wanted");
	err = ims_ue_conf_imsi(ids, ims_str(c->imsi), (int)c->mnc_len);
	if (err)
		return ims_cli_fail("sub", err, "IMSI %s", c->imsi);
	if (!*c->domain)
		return 0;
	snprintf(ids->impi, sizeof ids->impi, "%s@%s", c->imsi, c->domain);
	snprintf(ids->impu, sizeof ids->impu, "sip:%s@%s", c->imsi, c->domain);
	return take_text("--domain", c->domain, ids->domain,
			 sizeof ids->domain);
}

static int take_impus(const struct sub_conf *c, const char *otherwise,
		      struct ims_sub *out)
{
	bool all_own = true;
	int status = 0;
	uint8_t sets = 0;

	for (size_t i = 0; i < c->n_uris; i++)
		all_own = all_own && c->uri_own[i];
	out->n_impus = 0;
	if (all_own && otherwise)
		status = take_uri(otherwise, false, &out->impu[out->n_impus++]);
	for (size_t i = 0; i < c->n_uris && status == 0; i++) {
		struct ims_cx_impu *to = &out->impu[out->n_impus++];

		if (out->n_impus > IMS_IMPU_MAX)
			return ims_cli_fail("sub", IMS_E_USAGE,
					    "--impu: at most %d of them",
					    IMS_IMPU_MAX);
		status = take_uri(c->uri[i], c->uri_barred[i], to);
		to->set = c->uri_own[i] ? ++sets : 0;
	}
	return status;
}

/* A tel URI, instead of one that is there, or as the last one. */
static int take_msisdn(const struct sub_conf *c, struct ims_sub *sub)
{
	const char *digits = c->msisdn + (c->msisdn[0] == '+');
	size_t n = strspn(digits, "0123456789"), at = 0;

	if (!*c->msisdn)
		return 0;
	if (digits[n] || n < 3 || n > 15)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--msisdn: 3 to 15 digits wanted");
	while (at < sub->n_impus && strncmp(sub->impu[at].uri, "tel:", 4) != 0)
		at++;
	if (at == IMS_IMPU_MAX)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--msisdn: more than %d identities",
				    IMS_IMPU_MAX);
	if (at == sub->n_impus)
		sub->n_impus++;
	sub->impu[at] = (struct ims_cx_impu){0};
	snprintf(sub->impu[at].uri, sizeof sub->impu[at].uri, "tel:+%s",
		 digits);
	return 0;
}

static bool key_is_given(const struct ims_cli_key *k)
{
	return *k->key || *k->op || *k->opc || *k->top || *k->topc ||
	       k->res_len || k->iterations || k->algo != SUB_NO_ALGO;
}

static int take_key(struct sub_conf *c, enum ims_aka_algo otherwise,
		    struct ims_sub *sub)
{
	struct ims_cli_keys keys;
	int status;

	if (c->key.algo == SUB_NO_ALGO)
		c->key.algo = otherwise;
	status = ims_cli_key("sub", &c->key, &keys);
	if (status == 0)
		sub->key = keys.key;
	ims_wipe(&keys, sizeof keys);
	return status;
}

static int take_numbers(const struct sub_conf *c, struct ims_sub *sub)
{
	uint8_t sqn[6];

	if (*c->amf && !ims_cli_bytes("sub", "--amf", c->amf, sub->amf, 2, 0))
		return IMS_EXIT_USAGE;
	if (*c->sqn) {
		if (!ims_cli_bytes("sub", "--sqn", c->sqn, sqn, 6, 0))
			return IMS_EXIT_USAGE;
		sub->sqn = 0;
		for (int i = 0; i < 6; i++)
			sub->sqn = sub->sqn << 8 | sqn[i];
	}
	if (c->fixed_sqn && sub->key.algo != IMS_AKA_XOR)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--fixed-sqn: only with --algo xor, which "
				    "is for tests");
	if (c->barred && c->unbarred)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--bar: not together with --unbar");
	sub->fixed_sqn |= c->fixed_sqn;
	sub->barred = (sub->barred || c->barred) && !c->unbarred;
	return 0;
}

int ims_cli_sub_new(struct sub_conf *c, struct ims_sub *out)
{
	struct ims_ue_conf ids;
	struct ims_sub sub = {.amf = {0x80, 0x00}};
	int status = derive(c, &ids);

	if (status == 0)
		status = take_text("--impi", *c->impi ? c->impi : ids.impi,
				   sub.impi, sizeof sub.impi);
	if (status == 0)
		status = take_impus(c, ids.impu, &sub);
	if (status == 0)
		status = take_msisdn(c, &sub);
	if (status == 0)
		status = take_key(c, IMS_AKA_MILENAGE, &sub);
	if (status == 0)
		status = take_numbers(c, &sub);
	ims_str_copy(sub.imsi, sizeof sub.imsi, ims_str(c->imsi));
	if (status == 0)
		*out = sub;
	ims_sub_wipe(&sub);
	return status;
}

int ims_cli_sub_change(struct sub_conf *c, struct ims_sub *sub)
{
	int status = 0;

	if (*c->domain || c->mnc_len)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--domain: give --impi and --impu instead");
	if (*c->impi)
		status = take_text("--impi", c->impi, sub->impi,
				   sizeof sub->impi);
	if (status == 0 && c->n_uris)
		status = take_impus(c, NULL, sub);
	if (status == 0)
		status = take_msisdn(c, sub);
	/* a K goes with its OPc: all of it anew */
	if (status == 0 && key_is_given(&c->key))
		status = take_key(c, sub->key.algo, sub);
	if (status == 0)
		status = take_numbers(c, sub);
	return status;
}
