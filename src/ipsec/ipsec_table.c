/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_table.c - sets by id, and by the two pairs of addresses each covers. */
#include "ipsec_table.h"

#include <stdlib.h>

#include "base_err.h"
#include "base_list.h"
#include "base_mem.h"

/* A pair of addresses as we see it. */
struct pair {
	struct ims_map_node node;
	struct ims_addr local, remote;
	uint32_t id;
};

struct row {
	struct ims_map_node node;
	struct pair pair[2]; /* port_uc and port_ps; port_us and port_pc */
	struct ims_ipsec_set set;
};

int ims_ipsec_table_init(struct ims_ipsec_table *t)
{
	if (ims_map_init(&t->by_id))
		return -IMS_E_NOMEM;
	if (ims_map_init(&t->by_flow)) {
		ims_map_free(&t->by_id);
		return -IMS_E_NOMEM;
	}
	return 0;
}

void ims_ipsec_table_free(struct ims_ipsec_table *t)
{
	struct ims_map_node *n, *next;

	for (n = ims_map_each(&t->by_id, NULL); n; n = next) {
		next = ims_map_each(&t->by_id, n);
		free(ims_container(n, struct row, node));
	}
	ims_map_free(&t->by_id);
	ims_map_free(&t->by_flow);
}

static uint32_t id_hash(uint32_t id)
{
	return ims_str_hash(ims_str_n(&id, sizeof id), 0);
}

static uint32_t pair_hash(struct ims_addr local, struct ims_addr remote)
{
	return ims_addr_hash(remote, ims_addr_hash(local, 0));
}

static struct row *find(const struct ims_ipsec_table *t, uint32_t id)
{
	uint32_t h = id_hash(id);
	struct ims_map_node *n = ims_map_first(&t->by_id, h);

	for (; n; n = ims_map_next(n, h))
		if (ims_container(n, struct row, node)->set.id == id)
			return ims_container(n, struct row, node);
	return NULL;
}

const struct ims_ipsec_set *ims_ipsec_table_any(const struct ims_ipsec_table *t)
{
	struct ims_map_node *n = ims_map_each(&t->by_id, NULL);

	return n ? &ims_container(n, struct row, node)->set : NULL;
}

const struct ims_ipsec_set *ims_ipsec_table_next(
	const struct ims_ipsec_table *t, const struct ims_ipsec_set *set)
{
	const struct row *r =
		set ? ims_container(set, const struct row, set) : NULL;
	struct ims_map_node *n = ims_map_each(&t->by_id, r ? &r->node : NULL);

	return n ? &ims_container(n, struct row, node)->set : NULL;
}

uint32_t ims_ipsec_table_flow(const struct ims_ipsec_table *t,
			      struct ims_addr local, struct ims_addr remote)
{
	uint32_t h = pair_hash(local, remote);
	struct ims_map_node *n = ims_map_first(&t->by_flow, h);
	struct pair *p;

	for (; n; n = ims_map_next(n, h)) {
		p = ims_container(n, struct pair, node);
		if (ims_addr_eq(p->local, local) &&
		    ims_addr_eq(p->remote, remote))
			return p->id;
	}
	return 0;
}

static void fill(struct row *r, const struct ims_ipsec_set *set)
{
	static const enum ims_arrow up[2] = {IMS_UC_TO_PS, IMS_US_TO_PC};

	r->set = *set;
	ims_wipe(&r->set.keys, sizeof r->set.keys);
	for (int i = 0; i < 2; i++) {
		const struct ims_ipsec_sa *sa = &set->sa[up[i]];

		r->pair[i].local = set->ue ? sa->src : sa->dst;
		r->pair[i].remote = set->ue ? sa->dst : sa->src;
		r->pair[i].id = set->id;
	}
}

int ims_ipsec_table_add(struct ims_ipsec_table *t,
			const struct ims_ipsec_set *set)
{
	struct row *r;

	if (find(t, set->id))
		return -IMS_E_EXISTS;
	r = calloc(1, sizeof *r);
	if (!r)
		return -IMS_E_NOMEM;
	fill(r, set);
	for (int i = 0; i < 2; i++)
		if (ims_ipsec_table_flow(t, r->pair[i].local,
					 r->pair[i].remote)) {
			free(r);
			return -IMS_E_EXISTS;
		}
	ims_map_add(&t->by_id, &r->node, id_hash(set->id));
	for (int i = 0; i < 2; i++)
		ims_map_add(&t->by_flow, &r->pair[i].node,
			    pair_hash(r->pair[i].local, r->pair[i].remote));
	return 0;
}

void ims_ipsec_table_del(struct ims_ipsec_table *t, uint32_t id)
{
	struct row *r = find(t, id);

	if (!r)
		return;
	for (int i = 0; i < 2; i++)
		ims_map_del(&t->by_flow, &r->pair[i].node);
	ims_map_del(&t->by_id, &r->node);
	free(r);
}

const struct ims_ipsec_set *ims_ipsec_table_find(
	const struct ims_ipsec_table *t, uint32_t id)
{
	const struct row *r = find(t, id);

	return r ? &r->set : NULL;
}
