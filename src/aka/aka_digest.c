/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_digest.c - Digest with AKA passwords [RFC 3310, RFC 4169, RFC 2617]. */
#include "aka_digest.h"

#include "base_hex.h"
#include "base_mem.h"

#include <string.h>

/* clang-format off */
static const struct {
	const char *name;
	struct ims_digest_algo algo;
} names[] = {
	{"AKAv1-MD5", {1, IMS_MD5}},
	{"AKAv2-MD5", {2, IMS_MD5}},
	{"AKAv2-SHA-256", {2, IMS_SHA256}},
	{"MD5", {0, IMS_MD5}},
};
/* clang-format on */
#define N_NAMES (sizeof names / sizeof *names)

int ims_digest_algo_parse(struct ims_str s, struct ims_digest_algo *out)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (ims_str_caseeq(s, ims_str(names[i].name))) {
			*out = names[i].algo;
			return 0;
		}
	}
	return -IMS_E_ALGO;
}

const char *ims_digest_algo_name(struct ims_digest_algo a)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (names[i].algo.akav == a.akav &&
		    names[i].algo.hash == a.hash)
			return names[i].name;
	}
	return "?";
}

int ims_digest_nonce_open(struct ims_str nonce, uint8_t rnd[static 16],
			  uint8_t autn[static 16])
{
	uint8_t b[512]; /* more server data than this nobody sends */
	int n = ims_b64_get(nonce, b, sizeof b);

	if (n < 32)
		return -IMS_E_AKA_NONCE;
	memcpy(rnd, b, 16);
	memcpy(autn, b + 16, 16);
	return 0;
}

void ims_digest_nonce_put(struct ims_buf *b, const uint8_t rnd[static 16],
			  const uint8_t autn[static 16])
{
	uint8_t both[32];

	memcpy(both, rnd, 16);
	memcpy(both + 16, autn, 16);
	ims_b64_put(b, both, sizeof both);
}

int ims_digest_auts_open(struct ims_str text, uint8_t auts[static 14])
{
	uint8_t b[16];

	if (ims_b64_get(text, b, sizeof b) != 14)
		return -IMS_E_AKA_AUTS;
	memcpy(auts, b, 14);
	return 0;
}

/* base64(HMAC_H(RES || IK || CK, text)) [RFC 4169 2.1]. */
static int password_v2(enum ims_hash h, const struct ims_card_answer *a,
		       uint8_t *out, size_t *n)
{
	static const char text[] = "http-digest-akav2-password";
	const struct ims_crypto_part part = {text, sizeof text - 1};
	uint8_t key[IMS_AKA_RES_MAX + 32], mac[IMS_HASH_MAX];
	struct ims_buf b;
	int err;

	memcpy(key, a->res, a->res_len);
	memcpy(key + a->res_len, a->ik, 16);
	memcpy(key + a->res_len + 16, a->ck, 16);
	err = ims_crypto_hmac(h, key, (size_t)a->res_len + 32, &part, 1, mac);
	ims_wipe(key, sizeof key);
	if (err)
		return err;
	ims_buf_init(&b, out, IMS_DIGEST_PASSWORD_MAX);
	ims_b64_put(&b, mac, ims_crypto_hash_len(h));
	*n = b.n;
	ims_wipe(mac, sizeof mac);
	return 0;
}

int ims_digest_password(struct ims_digest_algo algo,
			const struct ims_card_answer *answer, uint8_t *out,
			size_t *n)
{
	if (algo.akav != 1 && algo.akav != 2)
		return -IMS_E_ALGO;
	if (answer->verdict == IMS_CARD_RESYNC) { /* [RFC 3310 3.4] */
		*n = 0;
		return 0;
	}
	if (answer->verdict != IMS_CARD_OK || answer->res_len > IMS_AKA_RES_MAX)
		return -IMS_E_AKA_MAC;
	if (algo.akav == 2)
		return password_v2(algo.hash, answer, out, n);
	memcpy(out, answer->res, answer->res_len);
	*n = answer->res_len;
	return 0;
}

/* The hot path of a registrar: not through a writer. */
static void to_hex(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = 0;
}

/* H() as lower-case hex of the pieces with colons between them. */
static int hash_hex(enum ims_hash h, const struct ims_str *v, size_t n,
		    char out[static IMS_DIGEST_HEX])
{
	struct ims_crypto_part part[16];
	uint8_t raw[IMS_HASH_MAX];
	size_t k = 0;
	int err;

	for (size_t i = 0; i < n; i++) {
		if (i)
			part[k++] = (struct ims_crypto_part){":", 1};
		part[k++] = (struct ims_crypto_part){v[i].p, v[i].n};
	}
	err = ims_crypto_hash(h, part, k, raw);
	if (err)
		return err;
	to_hex(raw, ims_crypto_hash_len(h), out);
	return 0;
}

/* HA2; the method is empty for rspauth. */
static int ha2(const struct ims_digest_in *in, struct ims_str method,
	       char out[static IMS_DIGEST_HEX])
{
	char body[IMS_DIGEST_HEX];
	const bool with_body = ims_str_caseeq(in->qop, IMS_S("auth-int"));
	int err = 0;

	if (with_body)
		err = hash_hex(in->algo.hash, &in->body, 1, body);
	if (err)
		return err;
	return hash_hex(in->algo.hash,
			(const struct ims_str[]){method, in->uri,
						 with_body ? ims_str(body)
							   : ims_str(NULL)},
			with_body ? 3 : 2, out);
}

static int response(const struct ims_digest_in *in, struct ims_str method,
		    struct ims_str password, char out[static IMS_DIGEST_HEX])
{
	const struct ims_str a1[] = {in->username, in->realm, password};
	char h1[IMS_DIGEST_HEX], h2[IMS_DIGEST_HEX];
	int err = hash_hex(in->algo.hash, a1, 3, h1);

	if (!err)
		err = ha2(in, method, h2);
	if (!err && in->qop.n)
		err = hash_hex(in->algo.hash,
			       (const struct ims_str[]){ims_str(h1), in->nonce,
							in->nc, in->cnonce,
							in->qop, ims_str(h2)},
			       6, out);
	else if (!err)
		err = hash_hex(in->algo.hash,
			       (const struct ims_str[]){ims_str(h1), in->nonce,
							ims_str(h2)},
			       3, out);
	ims_wipe(h1, sizeof h1);
	return err;
}

int ims_digest_response(const struct ims_digest_in *in, const void *password,
			size_t password_len, char out[static IMS_DIGEST_HEX])
{
	return response(in, in->method, ims_str_n(password, password_len), out);
}

int ims_digest_rspauth(const struct ims_digest_in *in, const void *password,
		       size_t password_len, char out[static IMS_DIGEST_HEX])
{
	return response(in, ims_str(NULL), ims_str_n(password, password_len),
			out);
}
