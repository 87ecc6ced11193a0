/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_test.h - a set, packets through it, and a capture in memory. */
#ifndef IMS_CAP_TEST_H
#define IMS_CAP_TEST_H

#include "cap_pcapng.h"
#include "cap_pcapng_read.h"
#include "ipsec_packet.h"

#include "test.h"

struct file {
	uint8_t b[65536];
	size_t n;
	int refuse; /* what put returns once n is beyond refuse_at */
	size_t refuse_at;
};

static inline int file_put(void *arg, const void *p, size_t n)
{
	struct file *f = arg;

	if (f->refuse && f->n >= f->refuse_at)
		return f->refuse;
	assert_true(f->n + n <= sizeof f->b);
	memcpy(f->b + f->n, p, n);
	f->n += n;
	return 0;
}

static inline struct ims_ip cap_ip(const char *text)
{
	struct ims_ip ip = {0};

	assert_int_equal(ims_ip_parse(ims_str(text), &ip), 0);
	return ip;
}

static inline struct ims_ipsec_set cap_set(struct ims_ipsec_suite suite,
					   bool ue)
{
	static const uint8_t ck[16] = {0xc1, 0xc2, 0xc3}, ik[16] = {0x1c, 0x2c};
	struct ims_ip u = cap_ip("2001:db8::10"), p = cap_ip("2001:db8::1");
	struct ims_ipsec_set s = {.id = 7, .ue = ue, .suite = suite};
	struct ims_addr uc = {u, 38003}, us = {u, 39003};
	struct ims_addr pc = {p, 50717}, ps = {p, 50718};

	s.sa[IMS_UC_TO_PS] = (struct ims_ipsec_sa){uc, ps, 2821032177};
	s.sa[IMS_PS_TO_UC] = (struct ims_ipsec_sa){ps, uc, 565817};
	s.sa[IMS_PC_TO_US] = (struct ims_ipsec_sa){pc, us, 565818};
	s.sa[IMS_US_TO_PC] = (struct ims_ipsec_sa){us, pc, 3458785863};
	assert_int_equal(ims_ipsec_expand(suite, ck, ik, &s.keys), 0);
	return s;
}

/* A UDP packet in the clear; its length. */
static inline size_t cap_udp(const struct ims_ipsec_sa *sa, const char *text,
			     uint8_t *out)
{
	size_t n = 8 + strlen(text);
	size_t at = ims_packet_header(out, sa->src.ip, sa->dst.ip, 17, n);
	uint8_t *seg = out + at;

	seg[0] = (uint8_t)(sa->src.port >> 8);
	seg[1] = (uint8_t)sa->src.port;
	seg[2] = (uint8_t)(sa->dst.port >> 8);
	seg[3] = (uint8_t)sa->dst.port;
	seg[4] = (uint8_t)(n >> 8);
	seg[5] = (uint8_t)n;
	seg[6] = seg[7] = 0;
	memcpy(seg + 8, text, strlen(text));
	return at + n;
}

/* The same through the set: an ESP packet of the UE. */
static inline size_t cap_esp(struct ims_ipsec_engine *e,
			     const struct ims_ipsec_sa *sa, const char *text,
			     uint8_t out[static 2048])
{
	uint8_t ip[2048];
	size_t n = cap_udp(sa, text, ip);
	int len = ims_ipsec_engine_out(e, ip, n, out, 2048);

	assert_true(len > 0);
	return (size_t)len;
}

/* The nth item of this kind in a file that must be good. */
static inline bool cap_item(const struct file *f, enum ims_pcapng_kind kind,
			    unsigned nth, struct ims_pcapng_item *out)
{
	struct ims_pcapng r;
	int err;

	assert_int_equal(ims_pcapng_open(&r, ims_str_n(f->b, f->n)), 0);
	while ((err = ims_pcapng_next(&r, out)) > 0)
		if (out->kind == kind && nth-- == 0)
			return true;
	assert_int_equal(err, 0);
	return false;
}

#endif
