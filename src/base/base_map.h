/* SPDX-License-Identifier: BSD-2-Clause */
/* base_map.h - intrusive hash map: the caller hashes and compares.
 *
 *	for (n = ims_map_first(&m, h); n; n = ims_map_next(n, h))
 *		if (key of ims_container(n, ...) is mine) ...
 *
 * The table doubles when it is full; if there is no memory for that it stays
 * as it is, only slower.  Adding never fails.
 */
#ifndef IMS_BASE_MAP_H
#define IMS_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct ims_map_node {
	struct ims_map_node *next;
	uint32_t hash;
};

struct ims_map {
	struct ims_map_node **slot;
	size_t n_slots; /* a power of two */
	size_t n;
};

/* Returns 0 or -IMS_E_NOMEM. */
int ims_map_init(struct ims_map *m);
/* Frees the table, not the nodes. */
void ims_map_free(struct ims_map *m);
void ims_map_add(struct ims_map *m, struct ims_map_node *n, uint32_t hash);
void ims_map_del(struct ims_map *m, struct ims_map_node *n);
/* Nodes with this hash, newest first; NULL at the end. */
struct ims_map_node *ims_map_first(const struct ims_map *m, uint32_t hash);
struct ims_map_node *ims_map_next(const struct ims_map_node *n, uint32_t hash);
/* Every node, in no order: start with NULL.  The returned node may be removed
 * only after the next one was fetched.
 */
struct ims_map_node *ims_map_each(const struct ims_map *m,
				  const struct ims_map_node *n);

#endif
