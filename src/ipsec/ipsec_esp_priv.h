/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_esp_priv.h - inside one SA: what ipsec_esp.c (the packet) and
 * ipsec_xform.c (the algorithms) share.  Tests use it to give the IV of a
 * vector.
 */
#ifndef IMS_IPSEC_ESP_PRIV_H
#define IMS_IPSEC_ESP_PRIV_H

#include "ipsec_esp.h"

#define IMS_ESP_HEAD 8 /* SPI and sequence number */
#define IMS_ESP_IV 16  /* most bytes of an IV */
#define IMS_ESP_POOL (16 * IMS_ESP_IV)

/* The algorithms of an SA with their keys. */
struct ims_xform {
	enum ims_ipsec_alg alg;
	enum ims_ipsec_ealg ealg;
	/* Sizes in bytes; block: what payload, padding and trailer together
	 * are a multiple of.
	 */
	size_t iv, block, icv;
	struct ims_crypto_mac *mac;
	struct ims_crypto_cipher *cipher;
	uint8_t salt[4];
};

struct ims_esp {
	struct ims_xform x;
	uint32_t spi;
	/* Where it counts: here, or in memory that outlives the process. */
	uint32_t *seq, own_seq;
	struct ims_ipsec_replay *window, own_window;
	/* The next IV of GCM and GMAC.  It has its own counter, so that going
	 * on from another sequence number never repeats one.
	 */
	uint64_t iv;
	/* Random bytes for the IVs of CBC, many at a time: asking for them
	 * costs more than the encryption of a short packet.
	 */
	uint8_t pool[IMS_ESP_POOL];
	size_t n_pool; /* left */
	struct ims_rand rnd;
};

/* Returns 0, -IMS_E_ALGO (an algorithm is missing, or no memory). */
int ims_xform_init(struct ims_xform *x, struct ims_ipsec_suite suite,
		   const struct ims_ipsec_keys *keys);
void ims_xform_free(struct ims_xform *x);

/* esp[]: head, IV, then `len` bytes in the clear (payload .. next header),
 * and behind them room for the ICV.  Encrypts in place and writes the ICV.
 */
int ims_xform_seal(struct ims_xform *x, uint8_t *esp, size_t len);
/* Checks the ICV of esp[], whose part between IV and ICV is `len` bytes, and
 * then writes that part in the clear to out.
 * Returns 0, -IMS_E_ESP_ICV (out is not to be looked at), -IMS_E_ALGO.
 */
int ims_xform_open(struct ims_xform *x, const uint8_t *esp, size_t len,
		   uint8_t *out);

/* ims_esp_seal with a given IV. */
int ims_esp_seal_iv(struct ims_esp *e, const uint8_t *iv, uint8_t next,
		    struct ims_str segment, uint8_t *out, size_t cap);

#endif
