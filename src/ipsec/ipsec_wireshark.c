/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_wireshark.c - lines of esp_sa and of the ESP secrets block. */
#include "ipsec_wireshark.h"

#include <inttypes.h>

#include "base_err.h"
#include "base_hex.h"
#include "base_mem.h"

#define GMAC_LABEL "AES-GMAC [RFC4543]"

/* Combined modes take key and salt as one. */
static void put_key(struct ims_buf *b, const struct ims_ipsec_alg_info *info,
		    const uint8_t *key, const uint8_t *salt)
{
	if (!info->key)
		return;
	ims_buf_puts(b, "0x");
	ims_hex_put(b, key, info->key);
	ims_hex_put(b, salt, info->salt);
}

static void put_line(struct ims_buf *b, const struct ims_ipsec_set *s,
		     const struct ims_ipsec_sa *sa, const char *tail)
{
	const struct ims_ipsec_alg_info *alg = ims_ipsec_alg(s->suite.alg);
	const struct ims_ipsec_alg_info *ealg = ims_ipsec_ealg(s->suite.ealg);

	ims_buf_printf(b, "\"IPv%u\",\"", sa->src.ip.family);
	ims_ip_put(b, sa->src.ip);
	ims_buf_puts(b, "\",\"");
	ims_ip_put(b, sa->dst.ip);
	ims_buf_printf(b, "\",\"0x%08" PRIx32 "\",\"%s\",\"", sa->spi,
		       ealg->wireshark);
	put_key(b, ealg, s->keys.ealg, s->keys.salt);
	ims_buf_printf(b, "\",\"%s\",\"",
		       alg->wireshark ? alg->wireshark : GMAC_LABEL);
	put_key(b, alg, s->keys.alg, s->keys.salt);
	ims_buf_printf(b, "\"%s\n", tail);
}

/* All lines or none. */
static int put_set(struct ims_buf *b, const struct ims_ipsec_set *s,
		   const char *tail)
{
	char mem[IMS_WIRESHARK_LINES];
	struct ims_buf lines;
	int err = 0;

	ims_buf_init(&lines, mem, sizeof mem);
	for (int a = 0; a < IMS_N_ARROWS; a++)
		put_line(&lines, s, &s->sa[a], tail);
	if (lines.over || b->over || b->cap - b->n < lines.n)
		err = -IMS_E_TOOBIG;
	else
		ims_buf_put(b, ims_buf_str(&lines));
	ims_wipe(mem, sizeof mem);
	return err;
}

int ims_ipsec_wireshark_esp_sa(const struct ims_ipsec_set *s, struct ims_buf *b)
{
	if (!ims_ipsec_alg(s->suite.alg)->wireshark)
		return -IMS_E_ALGO;
	return put_set(b, s, "");
}

int ims_ipsec_wireshark_secrets(const struct ims_ipsec_set *s,
				struct ims_buf *b)
{
	return put_set(b, s, ",\"32-bit\",\"0x00000000\"");
}
