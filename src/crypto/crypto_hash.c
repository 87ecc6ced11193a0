/* SPDX-License-Identifier: BSD-2-Clause */
/* crypto_hash.c - MD5, SHA-1, SHA-256 and HMAC over them.
 *
 * The plain functions of libcrypto, not its EVP: no look-up, no allocation,
 * and a hash state is a value that can be copied.  That makes a keyed HMAC two
 * states of some 100 bytes, and each packet costs only its own blocks.
 */
/* The plain functions are deprecated in favour of EVP, not going away. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "crypto.h"

#include "base_err.h"
#include "base_mem.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 64 /* of all three */

struct state {
	enum ims_hash h;
	union {
		MD5_CTX md5;
		SHA_CTX sha1;
		SHA256_CTX sha256;
	} u;
};

struct ims_crypto_mac {
	struct state inner, outer;
};

size_t ims_crypto_hash_len(enum ims_hash h)
{
	switch (h) {
	case IMS_MD5:
		return 16;
	case IMS_SHA1:
		return 20;
	case IMS_SHA256:
		return 32;
	}
	return 0;
}

static int begin(struct state *s, enum ims_hash h)
{
	int ok = 0;

	s->h = h;
	switch (h) {
	case IMS_MD5:
		ok = MD5_Init(&s->u.md5);
		break;
	case IMS_SHA1:
		ok = SHA1_Init(&s->u.sha1);
		break;
	case IMS_SHA256:
		ok = SHA256_Init(&s->u.sha256);
		break;
	}
	return ok ? 0 : -IMS_E_ALGO;
}

static void add(struct state *s, const void *p, size_t n)
{
	if (!n)
		return;
	switch (s->h) {
	case IMS_MD5:
		MD5_Update(&s->u.md5, p, n);
		break;
	case IMS_SHA1:
		SHA1_Update(&s->u.sha1, p, n);
		break;
	case IMS_SHA256:
		SHA256_Update(&s->u.sha256, p, n);
		break;
	}
}

/* Small pieces are gathered: a call costs more than a copy. */
static void add_all(struct state *s, const struct ims_crypto_part *part,
		    size_t n_parts)
{
	uint8_t some[256];
	size_t n = 0;

	for (size_t i = 0; i < n_parts; i++) {
		if (part[i].n > sizeof some - n) {
			add(s, some, n);
			n = 0;
		}
		if (part[i].n > sizeof some) {
			add(s, part[i].p, part[i].n);
		} else if (part[i].n) {
			memcpy(some + n, part[i].p, part[i].n);
			n += part[i].n;
		}
	}
	add(s, some, n);
	ims_wipe(some, sizeof some);
}

static void end(struct state *s, uint8_t *out)
{
	switch (s->h) {
	case IMS_MD5:
		MD5_Final(out, &s->u.md5);
		break;
	case IMS_SHA1:
		SHA1_Final(out, &s->u.sha1);
		break;
	case IMS_SHA256:
		SHA256_Final(out, &s->u.sha256);
		break;
	}
}

int ims_crypto_hash(enum ims_hash h, const struct ims_crypto_part *part,
		    size_t n_parts, uint8_t *out)
{
	struct state s;
	int err = begin(&s, h);

	if (err)
		return err;
	add_all(&s, part, n_parts);
	end(&s, out);
	/* What was hashed may be a password. */
	ims_wipe(&s, sizeof s);
	return 0;
}

/* The states after the key's own block [RFC 2104]. */
static int set_key(struct ims_crypto_mac *m, enum ims_hash h, const void *key,
		   size_t key_len)
{
	uint8_t pad[BLOCK] = {0};
	int err = begin(&m->inner, h);

	if (err)
		return err;
	if (key_len > BLOCK) {
		add(&m->inner, key, key_len);
		end(&m->inner, pad);
		begin(&m->inner, h);
	} else if (key_len) {
		memcpy(pad, key, key_len);
	}
	for (size_t i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	add(&m->inner, pad, BLOCK);
	for (size_t i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	begin(&m->outer, h);
	add(&m->outer, pad, BLOCK);
	ims_wipe(pad, sizeof pad);
	return 0;
}

static void mac(const struct ims_crypto_mac *m,
		const struct ims_crypto_part *part, size_t n_parts,
		uint8_t *out)
{
	struct state s = m->inner;
	uint8_t inner[IMS_HASH_MAX];

	if (n_parts == 1) /* a packet */
		add(&s, part->p, part->n);
	else
		add_all(&s, part, n_parts);
	end(&s, inner);
	s = m->outer;
	add(&s, inner, ims_crypto_hash_len(s.h));
	end(&s, out);
}

int ims_crypto_hmac(enum ims_hash h, const void *key, size_t key_len,
		    const struct ims_crypto_part *part, size_t n_parts,
		    uint8_t *out)
{
	struct ims_crypto_mac m;
	int err = set_key(&m, h, key, key_len);

	if (!err)
		mac(&m, part, n_parts, out);
	ims_wipe(&m, sizeof m);
	return err;
}

struct ims_crypto_mac *ims_crypto_mac_new(enum ims_hash h, const void *key,
					  size_t key_len)
{
	struct ims_crypto_mac *m = calloc(1, sizeof *m);

	if (m && set_key(m, h, key, key_len)) {
		free(m);
		return NULL;
	}
	return m;
}

void ims_crypto_mac_free(struct ims_crypto_mac *m)
{
	if (!m)
		return;
	ims_wipe(m, sizeof *m);
	free(m);
}

int ims_crypto_mac(struct ims_crypto_mac *m, const void *p, size_t n,
		   uint8_t *out)
{
	mac(m, &(struct ims_crypto_part){p, n}, 1, out);
	return 0;
}

bool ims_crypto_eq(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}
