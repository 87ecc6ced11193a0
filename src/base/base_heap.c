/* SPDX-License-Identifier: BSD-2-Clause */
/* base_heap.c - binary heap of deadlines. */
#include "base_heap.h"

#include <stdlib.h>

#include "base_err.h"

void ims_heap_init(struct ims_heap *h)
{
	*h = (struct ims_heap){0};
}

void ims_heap_free(struct ims_heap *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->v[i]->slot = 0;
	free(h->v);
	*h = (struct ims_heap){0};
}

static void place(struct ims_heap *h, size_t i, struct ims_due *d)
{
	h->v[i] = d;
	d->slot = i + 1;
}

static size_t up(struct ims_heap *h, size_t i, const struct ims_due *d)
{
	while (i > 0 && h->v[(i - 1) / 2]->at_ms > d->at_ms) {
		place(h, i, h->v[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	return i;
}

static size_t down(struct ims_heap *h, size_t i, const struct ims_due *d)
{
	for (;;) {
		size_t kid = i * 2 + 1;

		if (kid + 1 < h->n && h->v[kid + 1]->at_ms < h->v[kid]->at_ms)
			kid++;
		if (kid >= h->n || h->v[kid]->at_ms >= d->at_ms)
			return i;
		place(h, i, h->v[kid]);
		i = kid;
	}
}

/* Puts d where it belongs, given that place i is free for it. */
static void settle(struct ims_heap *h, size_t i, struct ims_due *d)
{
	i = up(h, i, d);
	i = down(h, i, d);
	place(h, i, d);
}

static int room(struct ims_heap *h)
{
	size_t cap = h->cap ? h->cap * 2 : 16;
	struct ims_due **v;

	if (h->n < h->cap)
		return 0;
	v = reallocarray(h->v, cap, sizeof(struct ims_due *));
	if (!v)
		return -IMS_E_NOMEM;
	h->v = v;
	h->cap = cap;
	return 0;
}

int ims_heap_set(struct ims_heap *h, struct ims_due *d, uint64_t at_ms)
{
	size_t i = d->slot - 1;

	if (!d->slot) {
		int err = room(h);

		if (err)
			return err;
		i = h->n++;
	}
	d->at_ms = at_ms;
	settle(h, i, d);
	return 0;
}

void ims_heap_cancel(struct ims_heap *h, struct ims_due *d)
{
	struct ims_due *last;
	size_t i;

	if (!d->slot)
		return;
	i = d->slot - 1;
	last = h->v[--h->n];
	d->slot = 0;
	if (last != d)
		settle(h, i, last);
}

uint64_t ims_heap_next(const struct ims_heap *h)
{
	return h->n ? h->v[0]->at_ms : IMS_NEVER;
}

struct ims_due *ims_heap_pop(struct ims_heap *h, uint64_t now_ms)
{
	struct ims_due *d;

	if (h->n == 0 || h->v[0]->at_ms > now_ms)
		return NULL;
	d = h->v[0];
	ims_heap_cancel(h, d);
	return d;
}
