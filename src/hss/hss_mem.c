/* SPDX-License-Identifier: BSD-2-Clause */
/* hss_mem.c - a store in memory: two maps over the same records. */
#include <stdlib.h>
#include <string.h>

#include "base_list.h"
#include "base_map.h"
#include "hss.h"

struct entry {
	struct ims_map_node by_impi, by_imsi;
	struct ims_sub sub;
};

struct mem {
	struct ims_hss_store store; /* first */
	struct ims_map by_impi, by_imsi;
	const char *why;
};

static struct mem *mem_of(struct ims_hss_store *s)
{
	return ims_container(s, struct mem, store);
}

static int fail(struct mem *m, int err, const char *why)
{
	m->why = why;
	return err;
}

static struct entry *find_impi(const struct mem *m, struct ims_str impi)
{
	uint32_t h = ims_str_hash(impi, 0);
	struct ims_map_node *n = ims_map_first(&m->by_impi, h);

	for (; n; n = ims_map_next(n, h)) {
		struct entry *e = ims_container(n, struct entry, by_impi);

		if (ims_str_eq(ims_str(e->sub.impi), impi))
			return e;
	}
	return NULL;
}

static struct entry *find_imsi(const struct mem *m, struct ims_str imsi)
{
	uint32_t h = ims_str_hash(imsi, 0);
	struct ims_map_node *n = ims_map_first(&m->by_imsi, h);

	for (; n; n = ims_map_next(n, h)) {
		struct entry *e = ims_container(n, struct entry, by_imsi);

		if (ims_str_eq(ims_str(e->sub.imsi), imsi))
			return e;
	}
	return NULL;
}

static int mem_get(struct ims_hss_store *s, struct ims_str impi,
		   struct ims_sub *out)
{
	struct entry *e = find_impi(mem_of(s), impi);

	if (!e)
		return fail(mem_of(s), -IMS_E_NOTFOUND, "no such IMPI");
	*out = e->sub;
	return 0;
}

static int mem_get_imsi(struct ims_hss_store *s, struct ims_str imsi,
			struct ims_sub *out)
{
	struct entry *e = find_imsi(mem_of(s), imsi);

	if (!e)
		return fail(mem_of(s), -IMS_E_NOTFOUND, "no such IMSI");
	*out = e->sub;
	return 0;
}

static int mem_add(struct ims_hss_store *s, const struct ims_sub *sub)
{
	struct mem *m = mem_of(s);
	struct ims_str impi = ims_str(sub->impi), imsi = ims_str(sub->imsi);
	struct entry *e;

	if (find_impi(m, impi) || find_imsi(m, imsi))
		return fail(m, -IMS_E_EXISTS, "the IMPI or IMSI is there");
	e = malloc(sizeof(*e));
	if (!e)
		return fail(m, -IMS_E_STORE, "no memory");
	e->sub = *sub;
	ims_map_add(&m->by_impi, &e->by_impi, ims_str_hash(impi, 0));
	ims_map_add(&m->by_imsi, &e->by_imsi, ims_str_hash(imsi, 0));
	return 0;
}

static int mem_set(struct ims_hss_store *s, const struct ims_sub *sub)
{
	struct mem *m = mem_of(s);
	struct ims_str impi = ims_str(sub->impi);
	struct entry *e = find_imsi(m, ims_str(sub->imsi));
	struct entry *other = find_impi(m, impi);

	if (!e)
		return fail(m, -IMS_E_NOTFOUND, "no such IMSI");
	if (other && other != e)
		return fail(m, -IMS_E_EXISTS, "another one has this IMPI");
	ims_map_del(&m->by_impi, &e->by_impi);
	e->sub = *sub;
	ims_map_add(&m->by_impi, &e->by_impi, ims_str_hash(impi, 0));
	return 0;
}

static int mem_set_sqn(struct ims_hss_store *s, struct ims_str impi,
		       uint64_t sqn)
{
	struct entry *e = find_impi(mem_of(s), impi);

	if (!e)
		return fail(mem_of(s), -IMS_E_NOTFOUND, "no such IMPI");
	e->sub.sqn = sqn;
	return 0;
}

static void drop(struct mem *m, struct entry *e)
{
	ims_map_del(&m->by_impi, &e->by_impi);
	ims_map_del(&m->by_imsi, &e->by_imsi);
	ims_sub_wipe(&e->sub);
	free(e);
}

static int mem_del(struct ims_hss_store *s, struct ims_str imsi)
{
	struct entry *e = find_imsi(mem_of(s), imsi);

	if (!e)
		return fail(mem_of(s), -IMS_E_NOTFOUND, "no such IMSI");
	drop(mem_of(s), e);
	return 0;
}

static int by_imsi(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return strcmp((*x)->sub.imsi, (*y)->sub.imsi);
}

static int mem_list(struct ims_hss_store *s,
		    int (*each)(void *arg, const struct ims_sub *sub),
		    void *arg)
{
	struct mem *m = mem_of(s);
	struct ims_map_node *node = NULL;
	struct entry **v = calloc(m->by_imsi.n + 1, sizeof(struct entry *));
	size_t n = 0;

	if (!v)
		return fail(m, -IMS_E_STORE, "no memory");
	while ((node = ims_map_each(&m->by_imsi, node)))
		v[n++] = ims_container(node, struct entry, by_imsi);
	qsort(v, n, sizeof(struct entry *), by_imsi);
	for (size_t i = 0; i < n && each(arg, &v[i]->sub) == 0; i++)
		;
	free(v);
	return 0;
}

static void mem_free(struct ims_hss_store *s)
{
	struct mem *m = mem_of(s);
	struct ims_map_node *node = ims_map_each(&m->by_imsi, NULL);

	while (node) {
		struct ims_map_node *next = ims_map_each(&m->by_imsi, node);

		drop(m, ims_container(node, struct entry, by_imsi));
		node = next;
	}
	ims_map_free(&m->by_impi);
	ims_map_free(&m->by_imsi);
	free(m);
}

static const char *mem_why(struct ims_hss_store *s)
{
	return mem_of(s)->why;
}

static const struct ims_hss_store_ops mem_ops = {
	.get = mem_get,
	.get_imsi = mem_get_imsi,
	.add = mem_add,
	.set = mem_set,
	.set_sqn = mem_set_sqn,
	.del = mem_del,
	.list = mem_list,
	.free = mem_free,
	.why = mem_why,
};

struct ims_hss_store *ims_hss_mem_new(void)
{
	struct mem *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->store.ops = &mem_ops;
	m->why = "";
	if (ims_map_init(&m->by_impi) == 0) {
		if (ims_map_init(&m->by_imsi) == 0)
			return &m->store;
		ims_map_free(&m->by_impi);
	}
	free(m);
	return NULL;
}
