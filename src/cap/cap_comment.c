/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_comment.c - which packet starts which message. */
#include "cap_priv.h"
#include "ipsec_esp.h"
#include "ipsec_packet.h"

#include <string.h>

#define UDP 17
#define TCP 6
#define ESP 50
#define ETHERNET 14
#define ENOUGH 64 /* bytes of a message that tell it from others */

/* The IP packet in a frame; false: none. */
static bool ip_of(const struct ims_capture *c, const struct cap_packet *k,
		  struct ims_packet *out)
{
	size_t skip = c->link == IMS_LINK_ETHERNET ? ETHERNET : 0;

	return k->n > skip && !ims_packet_parse(k->b + skip, k->n - skip, out);
}

void ims_cap_close_esp(struct cap_set *s)
{
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		ims_esp_free(s->esp[a]);
		s->esp[a] = NULL;
	}
}

static struct ims_esp *esp_of(struct cap_set *s, int a)
{
	struct ims_rand rnd = ims_rand_system();

	if (!s->esp[a])
		s->esp[a] = ims_esp_new(s->set.suite, &s->set.keys,
					s->set.sa[a].spi, &rnd);
	return s->esp[a];
}

/* The segment inside an ESP packet of one of our sets; its length, or < 0. */
static int open_esp(struct ims_capture *c, const struct ims_packet *p,
		    uint8_t *proto, uint8_t *out, size_t cap)
{
	uint32_t spi;

	if (p->payload_len < 8)
		return -IMS_E_ESP_SHORT;
	spi = (uint32_t)p->payload[0] << 24 | (uint32_t)p->payload[1] << 16 |
	      (uint32_t)p->payload[2] << 8 | p->payload[3];
	ims_list_each (pos, &c->sets) {
		struct cap_set *s = ims_container(pos, struct cap_set, node);

		for (int a = 0; a < IMS_N_ARROWS; a++) {
			if (s->set.sa[a].spi != spi ||
			    !ims_ip_eq(s->set.sa[a].dst.ip, p->dst))
				continue;
			if (!esp_of(s, a))
				return -IMS_E_ALGO;
			return ims_esp_peek(s->esp[a], p->payload,
					    p->payload_len, proto, out, cap);
		}
	}
	return -IMS_E_ESP_SPI;
}

/* What a UDP or TCP segment carries. */
static struct ims_str data_of(uint8_t proto, const uint8_t *seg, size_t n)
{
	size_t head = 8;

	if (proto == TCP)
		head = n > 12 ? (size_t)(seg[12] >> 4) * 4 : n;
	else if (proto != UDP)
		head = n;
	return head < n ? ims_str_n(seg + head, n - head) : IMS_S("");
}

static const char *named(struct ims_capture *c, struct ims_str data)
{
	if (!data.n)
		return NULL;
	ims_list_each (pos, &c->messages) {
		struct cap_message *m =
			ims_container(pos, struct cap_message, node);
		size_t n = m->n < data.n ? m->n : data.n;

		if (m->used || (n < m->n && n < ENOUGH) ||
		    memcmp(m->start, data.p, n) != 0)
			continue;
		m->used = true;
		return m->comment;
	}
	return NULL;
}

const char *ims_cap_comment(struct ims_capture *c, const struct cap_packet *k)
{
	uint8_t segment[65536];
	struct ims_packet p;
	uint8_t proto;
	int n;

	if (!ip_of(c, k, &p))
		return NULL;
	if (p.proto != ESP)
		return named(c, data_of(p.proto, p.payload, p.payload_len));
	n = open_esp(c, &p, &proto, segment, sizeof segment);
	return n < 0 ? NULL : named(c, data_of(proto, segment, (size_t)n));
}
