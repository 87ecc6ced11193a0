/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_alg.h - the transforms of ipsec-3gpp, one table.
 *
 * Spec: TS 33.203 Annex H and I; RFC 2403, 2404, 2410, 2451, 3602, 4106, 4543.
 */
#ifndef IMS_IPSEC_ALG_H
#define IMS_IPSEC_ALG_H

#include "base_str.h"

enum ims_ipsec_alg {
	IMS_ALG_NULL,
	IMS_ALG_HMAC_MD5,
	IMS_ALG_HMAC_SHA1,
	IMS_ALG_AES_GMAC,
	IMS_N_ALGS
};
enum ims_ipsec_ealg {
	IMS_EALG_NULL,
	IMS_EALG_AES_CBC,
	IMS_EALG_DES_EDE3_CBC,
	IMS_EALG_AES_GCM,
	IMS_N_EALGS
};

/* A pair: integrity (alg) and confidentiality (ealg).  Always handled as a
 * pair; see ims_ipsec_suite_valid.
 */
struct ims_ipsec_suite {
	enum ims_ipsec_alg alg;
	enum ims_ipsec_ealg ealg;
};

/* What a transform is called and how big it is, in bytes. */
struct ims_ipsec_alg_info {
	const char *token; /* "hmac-md5-96", as in Security-Client */
	const char
		*kernel; /* XFRM name: "hmac(md5)"; aead: "rfc4106(gcm(aes))" */
	const char *
		wireshark; /* label in Wireshark's esp_sa; NULL: not known there */
	uint8_t key;       /* key bytes without salt */
	uint8_t salt;      /* 4 for GCM and GMAC */
	uint8_t iv, block, icv;
	bool aead;       /* combined mode: GCM, GMAC */
	bool deprecated; /* gone from, or discouraged by, Annex H */
};
const struct ims_ipsec_alg_info *ims_ipsec_alg(enum ims_ipsec_alg a);
const struct ims_ipsec_alg_info *ims_ipsec_ealg(enum ims_ipsec_ealg e);

/* Whole names only, any case: "a" or "hmac-sha-2" is not found (-1).  Empty:
 * alg -1; ealg null, its default.
 */
int ims_ipsec_alg_find(struct ims_str token);
int ims_ipsec_ealg_find(struct ims_str token);

/* HMAC with null, aes-cbc or des-ede3-cbc; aes-gmac only with null; aes-gcm
 * only with alg null; never null/null.
 */
bool ims_ipsec_suite_valid(struct ims_ipsec_suite s);
bool ims_ipsec_suite_eq(struct ims_ipsec_suite a, struct ims_ipsec_suite b);
/* hmac-md5-96 or des-ede3-cbc: off unless policy allows them. */
bool ims_ipsec_suite_deprecated(struct ims_ipsec_suite s);
/* Most bytes that ESP with this pair adds to a segment: SPI, sequence number,
 * IV, padding, its two octets and the ICV [RFC 4303 2].
 */
size_t ims_ipsec_suite_overhead(struct ims_ipsec_suite s);
/* All valid pairs, best first: the order of preference of spec.md 5. */
#define IMS_N_SUITES 8
extern const struct ims_ipsec_suite ims_ipsec_suites[IMS_N_SUITES];
/* "hmac-sha-1-96/aes-cbc" */
#define IMS_SUITE_TEXT 40
const char *ims_ipsec_suite_text(struct ims_ipsec_suite s,
				 char out[static IMS_SUITE_TEXT]);

#endif
