/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_xform.c - the transforms of ESP: what integrity covers and what is
 * encrypted, for each kind.
 *
 *	HMAC     ICV over head .. next header, after encryption  [4303 3.3.2]
 *	AES-GCM  AAD: head; nonce: salt, IV                      [4106 3, 5]
 *	AES-GMAC AAD: head .. next header, nothing encrypted     [4543 3]
 */
#include <string.h>

#include "ipsec_esp_priv.h"

#include "base_mem.h"

static bool combined(const struct ims_xform *x)
{
	return x->alg == IMS_ALG_AES_GMAC || x->ealg == IMS_EALG_AES_GCM;
}

static int init_mac(struct ims_xform *x, const struct ims_ipsec_keys *keys)
{
	enum ims_hash h = x->alg == IMS_ALG_HMAC_MD5 ? IMS_MD5 : IMS_SHA1;

	x->mac = ims_crypto_mac_new(h, keys->alg, ims_ipsec_alg(x->alg)->key);
	return x->mac ? 0 : -IMS_E_ALGO;
}

static int init_cipher(struct ims_xform *x, enum ims_cipher c,
		       const uint8_t *key)
{
	x->cipher = ims_crypto_cipher_new(c, key);
	return x->cipher ? 0 : -IMS_E_ALGO;
}

static int init_keys(struct ims_xform *x, const struct ims_ipsec_keys *keys)
{
	int err;

	if (x->ealg == IMS_EALG_AES_GCM)
		return init_cipher(x, IMS_AES128_GCM, keys->ealg);
	if (x->alg == IMS_ALG_AES_GMAC)
		return init_cipher(x, IMS_AES128_GCM, keys->alg);
	err = init_mac(x, keys);
	if (err || x->ealg == IMS_EALG_NULL)
		return err;
	return init_cipher(x,
			   x->ealg == IMS_EALG_AES_CBC ? IMS_AES128_CBC
						       : IMS_DES_EDE3_CBC,
			   keys->ealg);
}

int ims_xform_init(struct ims_xform *x, struct ims_ipsec_suite suite,
		   const struct ims_ipsec_keys *keys)
{
	const struct ims_ipsec_alg_info *a, *e;
	int err;

	if (!ims_ipsec_suite_valid(suite))
		return -IMS_E_ALGO;
	a = ims_ipsec_alg(suite.alg);
	e = ims_ipsec_ealg(suite.ealg);
	*x = (struct ims_xform){.alg = suite.alg,
				.ealg = suite.ealg,
				.iv = (size_t)a->iv + e->iv,
				.block = e->block,
				.icv = (size_t)a->icv + e->icv};
	memcpy(x->salt, keys->salt, sizeof x->salt);
	err = init_keys(x, keys);
	if (err)
		ims_xform_free(x);
	return err;
}

void ims_xform_free(struct ims_xform *x)
{
	ims_crypto_mac_free(x->mac);
	ims_crypto_cipher_free(x->cipher);
	ims_wipe(x, sizeof *x);
}

static void make_nonce(const struct ims_xform *x, const uint8_t *esp,
		       uint8_t nonce[static 12])
{
	memcpy(nonce, x->salt, 4);
	memcpy(nonce + 4, esp + IMS_ESP_HEAD, 8);
}

static int seal_gcm(struct ims_xform *x, uint8_t *esp, size_t len)
{
	size_t head = IMS_ESP_HEAD + x->iv;
	uint8_t *text = esp + head, nonce[12];

	make_nonce(x, esp, nonce);
	if (x->alg == IMS_ALG_AES_GMAC)
		return ims_crypto_gcm_seal(x->cipher, nonce,
					   (struct ims_crypto_part){esp,
								    head + len},
					   (struct ims_crypto_part){NULL, 0},
					   NULL, text + len);
	return ims_crypto_gcm_seal(x->cipher, nonce,
				   (struct ims_crypto_part){esp, IMS_ESP_HEAD},
				   (struct ims_crypto_part){text, len}, text,
				   text + len);
}

static int open_gcm(struct ims_xform *x, const uint8_t *esp, size_t len,
		    uint8_t *out)
{
	size_t head = IMS_ESP_HEAD + x->iv;
	const uint8_t *text = esp + head;
	uint8_t nonce[12];
	int err;

	make_nonce(x, esp, nonce);
	if (x->ealg == IMS_EALG_AES_GCM)
		return ims_crypto_gcm_open(
			x->cipher, nonce,
			(struct ims_crypto_part){esp, IMS_ESP_HEAD},
			(struct ims_crypto_part){text, len}, out, text + len);
	err = ims_crypto_gcm_open(x->cipher, nonce,
				  (struct ims_crypto_part){esp, head + len},
				  (struct ims_crypto_part){NULL, 0}, NULL,
				  text + len);
	if (!err)
		memcpy(out, text, len);
	return err;
}

static int seal_hmac(struct ims_xform *x, uint8_t *esp, size_t len)
{
	size_t head = IMS_ESP_HEAD + x->iv;
	uint8_t *text = esp + head, mac[IMS_HASH_MAX];
	int err = 0;

	if (x->cipher)
		err = ims_crypto_cbc_seal(x->cipher, esp + IMS_ESP_HEAD, text,
					  len, text);
	if (!err)
		err = ims_crypto_mac(x->mac, esp, head + len, mac);
	if (!err)
		memcpy(text + len, mac, x->icv);
	return err;
}

static int open_hmac(struct ims_xform *x, const uint8_t *esp, size_t len,
		     uint8_t *out)
{
	size_t head = IMS_ESP_HEAD + x->iv;
	const uint8_t *text = esp + head;
	uint8_t mac[IMS_HASH_MAX];
	int err = ims_crypto_mac(x->mac, esp, head + len, mac);

	if (err)
		return err;
	if (!ims_crypto_eq(mac, text + len, x->icv))
		return -IMS_E_ESP_ICV;
	if (x->cipher)
		return ims_crypto_cbc_open(x->cipher, esp + IMS_ESP_HEAD, text,
					   len, out);
	memcpy(out, text, len);
	return 0;
}

int ims_xform_seal(struct ims_xform *x, uint8_t *esp, size_t len)
{
	return combined(x) ? seal_gcm(x, esp, len) : seal_hmac(x, esp, len);
}

int ims_xform_open(struct ims_xform *x, const uint8_t *esp, size_t len,
		   uint8_t *out)
{
	return combined(x) ? open_gcm(x, esp, len, out)
			   : open_hmac(x, esp, len, out);
}
