/* SPDX-License-Identifier: BSD-2-Clause */
/* wire.c - packets under way between the hosts of a wire. */
#include "wire_priv.h"

#include <stdlib.h>
#include <string.h>

struct ims_wire *ims_wire_new(const struct ims_rand *rnd,
			      const struct ims_wire_eye *eye, uint64_t start_ms)
{
	struct ims_wire *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	ims_list_init(&w->packets);
	ims_list_init(&w->hosts);
	w->rnd = *rnd;
	if (eye)
		w->eye = *eye;
	w->now_ms = start_ms;
	return w;
}

void ims_wire_free(struct ims_wire *w)
{
	if (!w)
		return;
	ims_list_each (pos, &w->packets)
		free(ims_container(pos, struct wire_packet, node));
	free(w);
}

uint64_t ims_wire_now(const struct ims_wire *w)
{
	return w->now_ms;
}

/* Behind all that arrive no later: the order of sending is kept. */
static void queue(struct ims_wire *w, struct wire_packet *p)
{
	struct ims_list *pos = w->packets.prev;

	while (pos != &w->packets &&
	       ims_container(pos, struct wire_packet, node)->at_ms > p->at_ms)
		pos = pos->prev;
	p->node.prev = pos;
	p->node.next = pos->next;
	pos->next->prev = &p->node;
	pos->next = &p->node;
}

static int post(struct ims_wire *w, const uint8_t *ip, size_t n,
		uint32_t delay_ms)
{
	struct wire_packet *p = malloc(sizeof *p + n);

	if (!p)
		return -IMS_E_NOMEM;
	p->at_ms = w->now_ms + delay_ms;
	p->n = n;
	memcpy(p->b, ip, n);
	queue(w, p);
	return 0;
}

int ims_wire_put(struct ims_wire *w, const uint8_t *ip, size_t n, bool udp)
{
	struct ims_wire_fate fate = {0};
	int err;

	if (w->eye.tap)
		w->eye.tap(w->eye.arg, w->now_ms, ip, n);
	if (udp && w->eye.fate)
		fate = w->eye.fate(w->eye.arg, ip, n);
	if (fate.lost)
		return 0;
	err = post(w, ip, n, fate.delay_ms);
	if (!err && fate.twice)
		err = post(w, ip, n, fate.delay_ms);
	return err;
}

int ims_wire_inject(struct ims_wire *w, const uint8_t *ip, size_t n)
{
	struct ims_packet p;
	int err = ims_packet_parse(ip, n, &p);

	return err ? err : ims_wire_put(w, ip, n, false);
}

bool ims_wire_has_sets(const struct ims_wire *w)
{
	for (const struct ims_list *pos = w->hosts.next; pos != &w->hosts;
	     pos = pos->next)
		if (ims_ipsec_table_any(
			    &ims_container(pos, struct wire_host, node)->sets))
			return true;
	return false;
}

uint64_t ims_wire_due(const struct ims_wire *w)
{
	if (ims_list_empty(&w->packets))
		return IMS_NEVER;
	return ims_container(w->packets.next, struct wire_packet, node)->at_ms;
}

/* The host whose set is the first to end, and when. */
static struct wire_host *next_to_end(const struct ims_wire *w, uint64_t *at)
{
	struct wire_host *first = NULL;

	*at = IMS_NEVER;
	for (struct ims_list *pos = w->hosts.next; pos != &w->hosts;
	     pos = pos->next) {
		struct wire_host *h =
			ims_container(pos, struct wire_host, node);
		uint64_t ends = ims_wire_host_ends(h);

		if (ends < *at) {
			*at = ends;
			first = h;
		}
	}
	return first;
}

uint64_t ims_wire_ends(const struct ims_wire *w)
{
	uint64_t at;

	(void)next_to_end(w, &at);
	return at;
}

static void deliver(struct ims_wire *w, const struct wire_packet *p)
{
	struct ims_packet ip;

	if (ims_packet_parse(p->b, p->n, &ip))
		return;
	ims_list_each (pos, &w->hosts) {
		struct wire_host *h =
			ims_container(pos, struct wire_host, node);

		if (!ims_ip_eq(h->ip, ip.dst))
			continue;
		ims_wire_host_receive(h, p->b, p->n);
		return;
	}
}

bool ims_wire_step(struct ims_wire *w, uint64_t now_ms)
{
	struct wire_packet *p;
	struct wire_host *h;
	uint64_t ends;

	if (now_ms > w->now_ms)
		w->now_ms = now_ms;
	while ((h = next_to_end(w, &ends)) && ends <= w->now_ms)
		ims_wire_host_end(h);
	if (ims_wire_due(w) > w->now_ms)
		return false;
	p = ims_container(w->packets.next, struct wire_packet, node);
	ims_list_del(&p->node);
	deliver(w, p);
	free(p);
	return true;
}
