/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_esp.c - the ESP packet: sequence, IV, padding, window [RFC 4303 2, 3].
 */
#include "ipsec_esp.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base_mem.h"
#include "ipsec_esp_priv.h"

#define TRAILER 2 /* pad length, next header */

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

struct ims_esp *ims_esp_new(struct ims_ipsec_suite suite,
			    const struct ims_ipsec_keys *keys, uint32_t spi,
			    const struct ims_rand *rnd)
{
	struct ims_esp *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->spi = spi;
	e->seq = &e->own_seq;
	e->window = &e->own_window;
	e->rnd = *rnd;
	if (ims_xform_init(&e->x, suite, keys) ||
	    ims_rand_fill(rnd, &e->iv, sizeof e->iv)) {
		ims_esp_free(e);
		return NULL;
	}
	return e;
}

void ims_esp_free(struct ims_esp *e)
{
	if (!e)
		return;
	ims_xform_free(&e->x);
	ims_wipe(e, sizeof *e);
	free(e);
}

static int lot_iv(struct ims_esp *e, uint8_t *iv)
{
	int err;

	if (e->n_pool < e->x.iv) {
		err = ims_rand_fill(&e->rnd, e->pool, sizeof e->pool);
		if (err)
			return err;
		e->n_pool = sizeof e->pool;
	}
	e->n_pool -= e->x.iv;
	memcpy(iv, e->pool + e->n_pool, e->x.iv);
	return 0;
}

/* CBC: nobody may guess the next one.  GCM, GMAC: never the same twice under
 * one key, which four SAs share; so each counts on from its own random number
 * [33.203 I, RFC 4106 3.1].
 */
static int make_iv(struct ims_esp *e, uint8_t *iv)
{
	if (e->x.iv == 0)
		return 0;
	if (e->x.cipher && e->x.mac)
		return lot_iv(e, iv);
	put32(iv, (uint32_t)(e->iv >> 32));
	put32(iv + 4, (uint32_t)e->iv);
	e->iv++;
	return 0;
}

static size_t pad_len(const struct ims_xform *x, size_t n)
{
	return (x->block - (n + TRAILER) % x->block) % x->block;
}

/* Payload, padding 1, 2, 3 ..., pad length, next header [RFC 4303 2.4]. */
static void put_text(uint8_t *p, struct ims_str segment, size_t pad,
		     uint8_t next)
{
	if (segment.n)
		memcpy(p, segment.p, segment.n);
	p += segment.n;
	for (size_t i = 1; i <= pad; i++)
		*p++ = (uint8_t)i;
	*p++ = (uint8_t)pad;
	*p = next;
}

int ims_esp_seal_iv(struct ims_esp *e, const uint8_t *iv, uint8_t next,
		    struct ims_str segment, uint8_t *out, size_t cap)
{
	size_t pad = pad_len(&e->x, segment.n);
	size_t head = IMS_ESP_HEAD + e->x.iv;
	size_t len = segment.n + pad + TRAILER;
	uint32_t seq = *e->seq;
	int err;

	if (segment.n > UINT16_MAX || head + len + e->x.icv > cap)
		return -IMS_E_TOOBIG;
	if (seq == UINT32_MAX) /* it may not wrap [RFC 4303 3.3.3] */
		return -IMS_E_ESP_REPLAY;
	*e->seq = ++seq;
	atomic_signal_fence(memory_order_seq_cst); /* it is taken, now use it */
	put32(out, e->spi);
	put32(out + 4, seq);
	memcpy(out + IMS_ESP_HEAD, iv, e->x.iv);
	put_text(out + head, segment, pad, next);
	err = ims_xform_seal(&e->x, out, len);
	return err ? err : (int)(head + len + e->x.icv);
}

int ims_esp_seal(struct ims_esp *e, uint8_t next, const uint8_t *segment,
		 size_t n, uint8_t *out, size_t cap)
{
	uint8_t iv[IMS_ESP_IV];
	int err = make_iv(e, iv);

	if (err)
		return err;
	return ims_esp_seal_iv(e, iv, next, ims_str_n(segment, n), out, cap);
}

/* Length of what lies between IV and ICV, if that can be. */
static int text_len(const struct ims_esp *e, const uint8_t *esp, size_t n)
{
	size_t rest = IMS_ESP_HEAD + e->x.iv + e->x.icv;

	if (n < rest + e->x.block || n > UINT16_MAX)
		return -IMS_E_ESP_SHORT;
	if ((n - rest) % e->x.block)
		return -IMS_E_ESP_SHORT;
	if (get32(esp) != e->spi)
		return -IMS_E_ESP_SPI;
	return (int)(n - rest);
}

/* How long is the segment in text[len]? */
static int unpad(const uint8_t *text, size_t len)
{
	size_t pad = text[len - TRAILER];
	const uint8_t *p;

	if (pad + TRAILER > len)
		return -IMS_E_ESP_SHORT;
	p = text + len - TRAILER - pad;
	for (size_t i = 0; i < pad; i++)
		if (p[i] != i + 1)
			return -IMS_E_ESP_SHORT;
	return (int)(len - TRAILER - pad);
}

int ims_esp_peek(struct ims_esp *e, const uint8_t *esp, size_t n, uint8_t *next,
		 uint8_t *out, size_t cap)
{
	int len = text_len(e, esp, n), got;

	if (len < 0)
		return len;
	if ((size_t)len > cap)
		return -IMS_E_TOOBIG;
	got = ims_xform_open(&e->x, esp, (size_t)len, out);
	if (!got)
		got = unpad(out, (size_t)len);
	if (got < 0)
		ims_wipe(out, (size_t)len); /* GCM has decrypted by then */
	else
		*next = out[len - 1];
	return got;
}

int ims_esp_open(struct ims_esp *e, const uint8_t *esp, size_t n, uint8_t *next,
		 uint8_t *out, size_t cap)
{
	uint32_t seq;
	int got;

	if (n < IMS_ESP_HEAD)
		return -IMS_E_ESP_SHORT;
	seq = get32(esp + 4);
	if (!ims_ipsec_replay_ok(e->window, seq))
		return -IMS_E_ESP_REPLAY;
	got = ims_esp_peek(e, esp, n, next, out, cap);
	if (got >= 0)
		ims_ipsec_replay_take(e->window, seq);
	return got;
}

void ims_esp_live(struct ims_esp *e, uint32_t *seq,
		  struct ims_ipsec_replay *window)
{
	e->seq = seq;
	e->window = window;
}

uint32_t ims_esp_seq(const struct ims_esp *e)
{
	return *e->seq;
}

void ims_esp_set_seq(struct ims_esp *e, uint32_t last_sent)
{
	*e->seq = last_sent;
}
