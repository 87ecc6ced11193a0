/* SPDX-License-Identifier: BSD-2-Clause */
/* crypto.h - the door to libcrypto: every primitive we use, none of ours.
 *
 * Values in, values out.  Keyed contexts that packets need often are objects
 * made once per SA (ims_crypto_mac, ims_crypto_cipher).  Only Keccak-f, which
 * TUAK needs bare, is our own (crypto_keccak.h).
 */
#ifndef IMS_CRYPTO_H
#define IMS_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ims_hash { IMS_MD5, IMS_SHA1, IMS_SHA256 };
#define IMS_HASH_MAX 32
size_t ims_crypto_hash_len(enum ims_hash h); /* 16, 20, 32 */

/* A piece of a message to hash; what is hashed is the pieces in order. */
struct ims_crypto_part {
	const void *p;
	size_t n;
};

/* out: ims_crypto_hash_len(h) bytes.  Returns 0 or -IMS_E_ALGO. */
int ims_crypto_hash(enum ims_hash h, const struct ims_crypto_part *part,
		    size_t n_parts, uint8_t *out);
int ims_crypto_hmac(enum ims_hash h, const void *key, size_t key_len,
		    const struct ims_crypto_part *part, size_t n_parts,
		    uint8_t *out);

/* One AES-128 block, ECB. */
int ims_crypto_aes128(const uint8_t key[static 16], const uint8_t in[static 16],
		      uint8_t out[static 16]);

/* The same for who needs many: finding AES and making its context costs far
 * more than a new key or a block.  New gives NULL if it is missing or there is
 * no memory; free takes NULL and wipes.  Set a key, then encrypt blocks of 16
 * bytes; out may be in.  Return 0 or -IMS_E_ALGO.
 */
struct ims_crypto_aes;
struct ims_crypto_aes *ims_crypto_aes_new(void);
void ims_crypto_aes_free(struct ims_crypto_aes *a);
int ims_crypto_aes_key(struct ims_crypto_aes *a, const uint8_t key[static 16]);
int ims_crypto_aes_blocks(struct ims_crypto_aes *a, const uint8_t *in,
			  size_t n_blocks, uint8_t *out);

/* HMAC with a key set once.  New gives NULL if the algorithm is missing or
 * there is no memory; free takes NULL and wipes.
 */
struct ims_crypto_mac;
struct ims_crypto_mac *ims_crypto_mac_new(enum ims_hash h, const void *key,
					  size_t key_len);
void ims_crypto_mac_free(struct ims_crypto_mac *m);
int ims_crypto_mac(struct ims_crypto_mac *m, const void *p, size_t n,
		   uint8_t *out);

enum ims_cipher { IMS_AES128_CBC, IMS_DES_EDE3_CBC, IMS_AES128_GCM };
/* A block cipher with a key set once (16 or 24 bytes).  Use each object in one
 * direction only: turning it round works, but sets the key anew.  New gives
 * NULL if the algorithm is missing or there is no memory; free takes NULL and
 * wipes.
 */
struct ims_crypto_cipher;
struct ims_crypto_cipher *ims_crypto_cipher_new(enum ims_cipher c,
						const uint8_t *key);
void ims_crypto_cipher_free(struct ims_crypto_cipher *c);
/* CBC without padding: n is a whole number of blocks, else -IMS_E_LENGTH; out
 * may be in.
 */
int ims_crypto_cbc_seal(struct ims_crypto_cipher *c, const uint8_t *iv,
			const uint8_t *in, size_t n, uint8_t *out);
int ims_crypto_cbc_open(struct ims_crypto_cipher *c, const uint8_t *iv,
			const uint8_t *in, size_t n, uint8_t *out);
/* GCM, 12-byte nonce, 16-byte tag; n may be 0 (that is GMAC); out may be in.
 * open returns -IMS_E_ESP_ICV if the tag is wrong, and then out is not to be
 * looked at.
 */
int ims_crypto_gcm_seal(struct ims_crypto_cipher *c,
			const uint8_t nonce[static 12],
			struct ims_crypto_part aad, struct ims_crypto_part in,
			uint8_t *out, uint8_t tag[static 16]);
int ims_crypto_gcm_open(struct ims_crypto_cipher *c,
			const uint8_t nonce[static 12],
			struct ims_crypto_part aad, struct ims_crypto_part in,
			uint8_t *out, const uint8_t tag[static 16]);

/* Equal, in time that does not depend on the bytes. */
bool ims_crypto_eq(const void *a, const void *b, size_t n);

/* The random source is an argument wherever chance is needed, so that a test
 * can repeat it.  fill returns 0 or -IMS_E_SYS.
 */
struct ims_rand {
	int (*fill)(void *arg, void *out, size_t n);
	void *arg;
};
/* The system's own, buffered inside libcrypto. */
struct ims_rand ims_rand_system(void);
/* The same, taken 256 bytes at a time: three times as fast for 16 bytes.  The
 * pool is the caller's, zeroed at first; a process that forks must zero it.
 */
struct ims_rand_pool {
	uint8_t b[256];
	size_t left;
};
struct ims_rand ims_rand_pooled(struct ims_rand_pool *pool);
/* A repeatable stream from a seed, for tests and simulations only; the state
 * is the caller's.
 */
struct ims_rand ims_rand_seeded(uint64_t *state);
int ims_rand_fill(const struct ims_rand *r, void *out, size_t n);
/* Uniform in 0..below-1; 0 if the source fails. */
uint32_t ims_rand_below(const struct ims_rand *r, uint32_t below);

#endif
