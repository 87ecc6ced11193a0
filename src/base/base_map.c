/* SPDX-License-Identifier: BSD-2-Clause */
/* base_map.c - intrusive hash map with chains. */
#include "base_map.h"

#include <assert.h>
#include <stdlib.h>

#include "base_err.h"

#define FIRST_SLOTS 16

int ims_map_init(struct ims_map *m)
{
	struct ims_map_node **slot =
		calloc(FIRST_SLOTS, sizeof(struct ims_map_node *));

	if (!slot)
		return -IMS_E_NOMEM;
	*m = (struct ims_map){.slot = slot, .n_slots = FIRST_SLOTS};
	return 0;
}

void ims_map_free(struct ims_map *m)
{
	free(m->slot);
	*m = (struct ims_map){0};
}

static size_t slot_of(const struct ims_map *m, uint32_t hash)
{
	return hash & (m->n_slots - 1);
}

/* Parts one chain in two, each in the order it was: newest first. */
static void split(struct ims_map_node *n, size_t bit, struct ims_map_node **low,
		  struct ims_map_node **high)
{
	for (; n; n = n->next) {
		struct ims_map_node ***tail = n->hash & bit ? &high : &low;

		**tail = n;
		*tail = &n->next;
	}
	*low = *high = NULL;
}

static void grow(struct ims_map *m)
{
	size_t old = m->n_slots;
	struct ims_map_node **slot =
		calloc(old * 2, sizeof(struct ims_map_node *));

	if (!slot)
		return;
	for (size_t i = 0; i < old; i++)
		split(m->slot[i], old, &slot[i], &slot[i + old]);
	free(m->slot);
	m->slot = slot;
	m->n_slots = old * 2;
}

void ims_map_add(struct ims_map *m, struct ims_map_node *n, uint32_t hash)
{
	struct ims_map_node **at;

	assert(m->slot);
	if (m->n >= m->n_slots)
		grow(m);
	at = &m->slot[slot_of(m, hash)];
	n->hash = hash;
	n->next = *at;
	*at = n;
	m->n++;
}

void ims_map_del(struct ims_map *m, struct ims_map_node *n)
{
	struct ims_map_node **at;

	if (!m->slot)
		return;
	at = &m->slot[slot_of(m, n->hash)];
	while (*at && *at != n)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = n->next;
	n->next = NULL;
	m->n--;
}

static struct ims_map_node *with_hash(struct ims_map_node *n, uint32_t hash)
{
	while (n && n->hash != hash)
		n = n->next;
	return n;
}

struct ims_map_node *ims_map_first(const struct ims_map *m, uint32_t hash)
{
	return m->slot ? with_hash(m->slot[slot_of(m, hash)], hash) : NULL;
}

struct ims_map_node *ims_map_next(const struct ims_map_node *n, uint32_t hash)
{
	return with_hash(n->next, hash);
}

struct ims_map_node *ims_map_each(const struct ims_map *m,
				  const struct ims_map_node *n)
{
	size_t i = 0;

	if (n && n->next)
		return n->next;
	if (n)
		i = slot_of(m, n->hash) + 1;
	for (; i < m->n_slots; i++)
		if (m->slot[i])
			return m->slot[i];
	return NULL;
}
