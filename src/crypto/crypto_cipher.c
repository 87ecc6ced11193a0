/* SPDX-License-Identifier: BSD-2-Clause */
/* crypto_cipher.c - AES blocks; CBC of AES and 3DES; AES-GCM.
 *
 * An object has one context of libcrypto.  The key schedule is made again only
 * when the direction turns, and an SA has but one direction.
 */
#include "crypto.h"

#include "base_err.h"
#include "base_mem.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct ims_crypto_aes {
	EVP_CIPHER_CTX *ctx;
};

struct ims_crypto_cipher {
	EVP_CIPHER_CTX *ctx;
	enum ims_cipher kind;
	int seals; /* the direction of the key schedule: 1 out, 0 in */
	uint8_t key[24];
};

/* clang-format off */
static const struct {
	const char *name;
	size_t key_len, block;
} ciphers[] = {
	[IMS_AES128_CBC] = {"AES-128-CBC", 16, 16},
	[IMS_DES_EDE3_CBC] = {"DES-EDE3-CBC", 24, 8},
	[IMS_AES128_GCM] = {"AES-128-GCM", 16, 1},
};
/* clang-format on */

/* A context that knows its cipher but no key. */
static EVP_CIPHER_CTX *open_ctx(const char *name)
{
	EVP_CIPHER *c = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = c ? EVP_CIPHER_CTX_new() : NULL;

	if (ctx && EVP_EncryptInit_ex2(ctx, c, NULL, NULL, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(c); /* the context keeps it */
	return ctx;
}

struct ims_crypto_aes *ims_crypto_aes_new(void)
{
	struct ims_crypto_aes *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->ctx = open_ctx("AES-128-ECB");
	if (!a->ctx) {
		free(a);
		return NULL;
	}
	return a;
}

void ims_crypto_aes_free(struct ims_crypto_aes *a)
{
	if (!a)
		return;
	EVP_CIPHER_CTX_free(a->ctx); /* wipes */
	free(a);
}

int ims_crypto_aes_key(struct ims_crypto_aes *a, const uint8_t key[static 16])
{
	if (EVP_EncryptInit_ex2(a->ctx, NULL, key, NULL, NULL) != 1)
		return -IMS_E_ALGO;
	return 0;
}

int ims_crypto_aes_blocks(struct ims_crypto_aes *a, const uint8_t *in,
			  size_t n_blocks, uint8_t *out)
{
	int n = 0;

	if (n_blocks > INT_MAX / 16)
		return -IMS_E_LENGTH;
	if (EVP_EncryptUpdate(a->ctx, out, &n, in, (int)(16 * n_blocks)) != 1)
		return -IMS_E_ALGO;
	return 0;
}

int ims_crypto_aes128(const uint8_t key[static 16], const uint8_t in[static 16],
		      uint8_t out[static 16])
{
	struct ims_crypto_aes *a = ims_crypto_aes_new();
	int err = a ? ims_crypto_aes_key(a, key) : -IMS_E_ALGO;

	if (!err)
		err = ims_crypto_aes_blocks(a, in, 1, out);
	ims_crypto_aes_free(a);
	return err;
}

/* Ready for one packet in this direction. */
static bool ready(struct ims_crypto_cipher *c, int seals, const uint8_t *iv)
{
	const uint8_t *key = NULL;

	if (c->seals != seals)
		key = c->key;
	if (EVP_CipherInit_ex2(c->ctx, NULL, key, iv, seals, NULL) != 1)
		return false;
	c->seals = seals;
	return true;
}

struct ims_crypto_cipher *ims_crypto_cipher_new(enum ims_cipher kind,
						const uint8_t *key)
{
	struct ims_crypto_cipher *c;

	if ((size_t)kind >= sizeof ciphers / sizeof *ciphers)
		return NULL;
	c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->kind = kind;
	c->seals = -1;
	memcpy(c->key, key, ciphers[kind].key_len);
	c->ctx = open_ctx(ciphers[kind].name);
	if (!c->ctx || !ready(c, 1, NULL)) {
		ims_crypto_cipher_free(c);
		return NULL;
	}
	EVP_CIPHER_CTX_set_padding(c->ctx, 0);
	return c;
}

void ims_crypto_cipher_free(struct ims_crypto_cipher *c)
{
	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->ctx);
	ims_wipe(c, sizeof *c);
	free(c);
}

static int cbc(struct ims_crypto_cipher *c, int seals, const uint8_t *iv,
	       struct ims_crypto_part in, uint8_t *out)
{
	int n = 0;

	if (c->kind == IMS_AES128_GCM)
		return -IMS_E_ALGO;
	if (in.n > INT_MAX || in.n % ciphers[c->kind].block != 0)
		return -IMS_E_LENGTH;
	if (!in.n)
		return 0;
	if (!ready(c, seals, iv) ||
	    EVP_CipherUpdate(c->ctx, out, &n, in.p, (int)in.n) != 1 ||
	    (size_t)n != in.n)
		return -IMS_E_ALGO;
	return 0;
}

int ims_crypto_cbc_seal(struct ims_crypto_cipher *c, const uint8_t *iv,
			const uint8_t *in, size_t n, uint8_t *out)
{
	return cbc(c, 1, iv, (struct ims_crypto_part){in, n}, out);
}

int ims_crypto_cbc_open(struct ims_crypto_cipher *c, const uint8_t *iv,
			const uint8_t *in, size_t n, uint8_t *out)
{
	return cbc(c, 0, iv, (struct ims_crypto_part){in, n}, out);
}

/* Everything but the tag. */
static int gcm(struct ims_crypto_cipher *c, int seals, const uint8_t *nonce,
	       const struct ims_crypto_part part[static 2], uint8_t *out)
{
	int n = 0;

	if (c->kind != IMS_AES128_GCM)
		return -IMS_E_ALGO;
	if (part[0].n > INT_MAX || part[1].n > INT_MAX)
		return -IMS_E_LENGTH;
	if (!ready(c, seals, nonce))
		return -IMS_E_ALGO;
	if (part[0].n &&
	    EVP_CipherUpdate(c->ctx, NULL, &n, part[0].p, (int)part[0].n) != 1)
		return -IMS_E_ALGO;
	if (part[1].n &&
	    EVP_CipherUpdate(c->ctx, out, &n, part[1].p, (int)part[1].n) != 1)
		return -IMS_E_ALGO;
	return 0;
}

int ims_crypto_gcm_seal(struct ims_crypto_cipher *c,
			const uint8_t nonce[static 12],
			struct ims_crypto_part aad, struct ims_crypto_part in,
			uint8_t *out, uint8_t tag[static 16])
{
	const struct ims_crypto_part part[2] = {aad, in};
	uint8_t none[16];
	int n = 0;
	int err = gcm(c, 1, nonce, part, out);

	if (err)
		return err;
	if (EVP_CipherFinal_ex(c->ctx, none, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag) != 1)
		return -IMS_E_ALGO;
	return 0;
}

int ims_crypto_gcm_open(struct ims_crypto_cipher *c,
			const uint8_t nonce[static 12],
			struct ims_crypto_part aad, struct ims_crypto_part in,
			uint8_t *out, const uint8_t tag[static 16])
{
	const struct ims_crypto_part part[2] = {aad, in};
	uint8_t want[16], none[16];
	int n = 0;
	int err = gcm(c, 0, nonce, part, out);

	if (err)
		return err;
	/* libcrypto takes the tag through a pointer that is not const. */
	memcpy(want, tag, sizeof want);
	if (EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, 16, want) != 1)
		return -IMS_E_ALGO;
	if (EVP_CipherFinal_ex(c->ctx, none, &n) != 1)
		return -IMS_E_ESP_ICV;
	return 0;
}
