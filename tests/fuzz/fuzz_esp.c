/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_esp.c - what comes in as ESP.
 *
 * The first byte says which suite (bits 0-2), IPv4 or IPv6 (bit 3), and what
 * the rest is: a whole IP packet (bit 4 clear), or what stands between the
 * ESP header and the ICV, which is then sealed with the right keys (bit 4
 * set), so that padding, protocol and ports are reached too.
 */
#include <stdlib.h>
#include <string.h>

#include "ipsec_engine.h"
#include "ipsec_esp_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST 2000

static const uint8_t ck[16] = "fuzz cipher key.", ik[16] = "fuzz integr key.";
static uint64_t chance;

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* The P-CSCF's end of a set. */
static struct ims_ipsec_set make_set(unsigned suite, int family)
{
	struct ims_ip u = {(uint8_t)family, {10, 0, 0, 1}};
	struct ims_ip p = {(uint8_t)family, {10, 0, 0, 2}};
	struct ims_addr uc = {u, 31000}, us = {u, 32000};
	struct ims_addr pc = {p, 41000}, ps = {p, 42000};
	struct ims_ipsec_set s = {.id = 1, .suite = ims_ipsec_suites[suite]};

	s.sa[IMS_UC_TO_PS] = (struct ims_ipsec_sa){uc, ps, 0x1001};
	s.sa[IMS_PS_TO_UC] = (struct ims_ipsec_sa){ps, uc, 0x2001};
	s.sa[IMS_PC_TO_US] = (struct ims_ipsec_sa){pc, us, 0x2002};
	s.sa[IMS_US_TO_PC] = (struct ims_ipsec_sa){us, pc, 0x1002};
	check(ims_ipsec_expand(s.suite, ck, ik, &s.keys) == 0);
	return s;
}

/* Wraps text[n] as the peer would who has the keys. */
static size_t forge(const struct ims_ipsec_set *s, const uint8_t *text,
		    size_t n, uint8_t *out)
{
	const struct ims_ipsec_sa *sa = &s->sa[IMS_UC_TO_PS];
	size_t head = sa->src.ip.family == 4 ? 20 : 40;
	uint8_t *esp = out + head;
	struct ims_xform x;
	size_t len;

	check(ims_xform_init(&x, s->suite, &s->keys) == 0);
	n -= n % x.block;
	len = IMS_ESP_HEAD + x.iv + n + x.icv;
	memset(esp, 0, IMS_ESP_HEAD + x.iv);
	esp[2] = 0x10;
	esp[3] = 0x01;
	esp[7] = 1;
	memcpy(esp + IMS_ESP_HEAD + x.iv, text, n);
	check(ims_xform_seal(&x, esp, n) == 0);
	ims_xform_free(&x);
	return ims_packet_header(out, sa->src.ip, sa->dst.ip, 50, len) + len;
}

/* What was let in belongs to the SA, and comes no second time. */
static void judge(struct ims_ipsec_engine *e, const struct ims_ipsec_set *s,
		  const uint8_t *ip, size_t n)
{
	static uint8_t out[MOST + 200];
	struct ims_packet k;
	int got = ims_ipsec_engine_in(e, ip, n, out, n);
	const struct ims_ipsec_sa *sa = &s->sa[IMS_UC_TO_PS];

	if (got < 0) {
		check(ims_ipsec_engine_drops(e, -got) == 1);
		return;
	}
	check((size_t)got <= n);
	check(ims_packet_parse(out, (size_t)got, &k) == 0 && !k.fragment);
	if (k.sport != sa->src.port)
		sa = &s->sa[IMS_US_TO_PC];
	check(k.sport == sa->src.port && k.dport == sa->dst.port);
	check(ims_ip_eq(k.src, sa->src.ip) && ims_ip_eq(k.dst, sa->dst.ip));
	check(ims_ipsec_engine_in(e, ip, n, out, n) == -IMS_E_ESP_REPLAY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t ip[MOST + 200];
	struct ims_ipsec_engine *e;
	struct ims_ipsec_set s;
	struct ims_rand rnd;
	size_t n = size - 1;

	if (size < 1 || n > MOST)
		return 0;
	chance = 1;
	rnd = ims_rand_seeded(&chance);
	s = make_set(data[0] & 7, data[0] & 8 ? 6 : 4);
	e = ims_ipsec_engine_new(&rnd);
	check(e && ims_ipsec_engine_add(e, &s) == 0);
	if (data[0] & 16) {
		n = forge(&s, data + 1, n, ip);
		judge(e, &s, ip, n);
	} else {
		judge(e, &s, data + 1, n);
	}
	ims_ipsec_engine_free(e);
	return 0;
}
