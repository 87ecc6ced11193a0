/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_digest.h - HTTP Digest with AKA: nonce, auts and response.
 *
 * Spec: RFC 3310 (AKAv1: the password is RES as raw bytes; with auts it is
 * empty), RFC 4169 (AKAv2), RFC 2617 3.2.2.
 */
#ifndef IMS_AKA_DIGEST_H
#define IMS_AKA_DIGEST_H

#include "aka_card.h"
#include "base_buf.h"
#include "crypto.h"

/* "AKAv1-MD5", "AKAv2-MD5", "AKAv2-SHA-256"; also plain "MD5" so that a wrong
 * algorithm can be recognised and explained.
 */
struct ims_digest_algo {
	uint8_t akav; /* 1, 2; 0: no AKA */
	enum ims_hash hash;
};
/* Case-insensitive.  Returns 0 or -IMS_E_ALGO. */
int ims_digest_algo_parse(struct ims_str s, struct ims_digest_algo *out);
const char *ims_digest_algo_name(struct ims_digest_algo a); /* "?": none */

/* nonce = base64(RAND || AUTN || anything).  -IMS_E_AKA_NONCE. */
int ims_digest_nonce_open(struct ims_str nonce, uint8_t rnd[static 16],
			  uint8_t autn[static 16]);
/* 44 characters. */
void ims_digest_nonce_put(struct ims_buf *b, const uint8_t rnd[static 16],
			  const uint8_t autn[static 16]);
/* auts = base64(AUTS), 14 bytes.  -IMS_E_AKA_AUTS. */
int ims_digest_auts_open(struct ims_str text, uint8_t auts[static 14]);

/* All strings as they stand between the quotes. */
struct ims_digest_in {
	struct ims_digest_algo algo;
	struct ims_str username, realm, nonce, method, uri;
	struct ims_str qop;        /* empty: none; "auth"; "auth-int" */
	struct ims_str nc, cnonce; /* with qop */
	struct ims_str body;       /* with auth-int */
};

/* The password of AKAv1 (RES) or AKAv2 (base64 of an HMAC) into out[64]; of an
 * answer with AUTS it is empty.  Secret.  -IMS_E_ALGO without AKA, -IMS_E_AKA_MAC
 * if the answer is none (then the response is empty: compute none).
 */
#define IMS_DIGEST_PASSWORD_MAX 64
int ims_digest_password(struct ims_digest_algo algo,
			const struct ims_card_answer *answer, uint8_t *out,
			size_t *n);

#define IMS_DIGEST_HEX 65 /* hex digits of the longest hash, and a zero */
/* response; password may be empty (auts).  Returns 0 or -IMS_E_ALGO. */
int ims_digest_response(const struct ims_digest_in *in, const void *password,
			size_t password_len, char out[static IMS_DIGEST_HEX]);
/* rspauth of Authentication-Info: the method is left out of the hash. */
int ims_digest_rspauth(const struct ims_digest_in *in, const void *password,
		       size_t password_len, char out[static IMS_DIGEST_HEX]);

#endif
