/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_alg.c - names and sizes of the transforms, and which pairs make sense.
 */
#include "ipsec_alg.h"

#include <assert.h>
#include <stdio.h>

/* clang-format off */
static const struct ims_ipsec_alg_info algs[IMS_N_ALGS] = {
	/*                   token            kernel               wireshark */
	/* key salt iv block icv aead deprecated */
	[IMS_ALG_NULL] =      {"null",          NULL,                "NULL",
		0, 0, 0, 4, 0, false, false},
	[IMS_ALG_HMAC_MD5] =  {"hmac-md5-96",   "hmac(md5)",         "HMAC-MD5-96 [RFC2403]",
		16, 0, 0, 4, 12, false, true},
	[IMS_ALG_HMAC_SHA1] = {"hmac-sha-1-96", "hmac(sha1)",        "HMAC-SHA-1-96 [RFC2404]",
		20, 0, 0, 4, 12, false, false},
	[IMS_ALG_AES_GMAC] =  {"aes-gmac",      "rfc4543(gcm(aes))", NULL,
		16, 4, 8, 4, 16, true, false},
};

static const struct ims_ipsec_alg_info ealgs[IMS_N_EALGS] = {
	[IMS_EALG_NULL] =         {"null",         "ecb(cipher_null)",  "NULL",
		0, 0, 0, 4, 0, false, false},
	[IMS_EALG_AES_CBC] =      {"aes-cbc",      "cbc(aes)",          "AES-CBC [RFC3602]",
		16, 0, 16, 16, 0, false, false},
	[IMS_EALG_DES_EDE3_CBC] = {"des-ede3-cbc", "cbc(des3_ede)",     "TripleDES-CBC [RFC2451]",
		24, 0, 8, 8, 0, false, true},
	[IMS_EALG_AES_GCM] =      {"aes-gcm",      "rfc4106(gcm(aes))", "AES-GCM with 16 octet ICV [RFC4106]",
		16, 4, 8, 4, 16, true, false},
};

const struct ims_ipsec_suite ims_ipsec_suites[IMS_N_SUITES] = {
	{IMS_ALG_NULL,      IMS_EALG_AES_GCM},
	{IMS_ALG_AES_GMAC,  IMS_EALG_NULL},
	{IMS_ALG_HMAC_SHA1, IMS_EALG_AES_CBC},
	{IMS_ALG_HMAC_SHA1, IMS_EALG_NULL},
	{IMS_ALG_HMAC_SHA1, IMS_EALG_DES_EDE3_CBC},
	{IMS_ALG_HMAC_MD5,  IMS_EALG_AES_CBC},
	{IMS_ALG_HMAC_MD5,  IMS_EALG_NULL},
	{IMS_ALG_HMAC_MD5,  IMS_EALG_DES_EDE3_CBC},
};
/* clang-format on */

const struct ims_ipsec_alg_info *ims_ipsec_alg(enum ims_ipsec_alg a)
{
	assert((unsigned)a < IMS_N_ALGS);
	return &algs[a];
}

const struct ims_ipsec_alg_info *ims_ipsec_ealg(enum ims_ipsec_ealg e)
{
	assert((unsigned)e < IMS_N_EALGS);
	return &ealgs[e];
}

static int find(const struct ims_ipsec_alg_info *table, int n,
		struct ims_str token)
{
	for (int i = 0; i < n; i++)
		if (ims_str_caseeq(token, ims_str(table[i].token)))
			return i;
	return -1;
}

int ims_ipsec_alg_find(struct ims_str token)
{
	return find(algs, IMS_N_ALGS, token);
}

int ims_ipsec_ealg_find(struct ims_str token)
{
	return token.n == 0 ? IMS_EALG_NULL : find(ealgs, IMS_N_EALGS, token);
}

bool ims_ipsec_suite_eq(struct ims_ipsec_suite a, struct ims_ipsec_suite b)
{
	return a.alg == b.alg && a.ealg == b.ealg;
}

bool ims_ipsec_suite_valid(struct ims_ipsec_suite s)
{
	for (int i = 0; i < IMS_N_SUITES; i++)
		if (ims_ipsec_suite_eq(s, ims_ipsec_suites[i]))
			return true;
	return false;
}

bool ims_ipsec_suite_deprecated(struct ims_ipsec_suite s)
{
	return ims_ipsec_alg(s.alg)->deprecated ||
	       ims_ipsec_ealg(s.ealg)->deprecated;
}

size_t ims_ipsec_suite_overhead(struct ims_ipsec_suite s)
{
	const struct ims_ipsec_alg_info *a = ims_ipsec_alg(s.alg);
	const struct ims_ipsec_alg_info *e = ims_ipsec_ealg(s.ealg);
	size_t block = e->block > a->block ? e->block : a->block;

	return 8u + a->iv + e->iv + (block - 1) + 2 + a->icv + e->icv;
}

const char *ims_ipsec_suite_text(struct ims_ipsec_suite s,
				 char out[static IMS_SUITE_TEXT])
{
	snprintf(out, IMS_SUITE_TEXT, "%s/%s", ims_ipsec_alg(s.alg)->token,
		 ims_ipsec_ealg(s.ealg)->token);
	return out;
}
