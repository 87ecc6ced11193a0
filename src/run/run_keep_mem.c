/* SPDX-License-Identifier: BSD-2-Clause */
/* run_keep_mem.c - records in a map, each as committed and as last put. */
#include "run_keep_mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_list.h"
#include "base_map.h"
#include "base_mem.h"

struct blob {
	char *p; /* NULL: no record */
	size_t n;
};

struct row {
	struct ims_map_node node;
	struct ims_list dirty; /* in mem.dirty while put and not committed */
	bool is_dirty;
	enum ims_keep kind;
	struct blob key, done, next;
};

struct life {
	struct ims_map_node node;
	struct ims_list dropped; /* in mem.dropped until the next commit */
	bool is_dropped;
	uint32_t set;
	struct ims_ipsec_live live;
};

struct mem {
	struct ims_keep_store store; /* first */
	struct ims_map rows, lives;
	struct ims_list dirty, dropped;
	size_t n_commits;
	uint64_t epoch;
	bool full;
};

static struct mem *self(struct ims_keep_store *s)
{
	return ims_container(s, struct mem, store);
}

static const struct mem *self_const(const struct ims_keep_store *s)
{
	return ims_container(s, const struct mem, store);
}

/* Records hold keys. */
static void blob_free(struct blob *b)
{
	if (b->p)
		ims_wipe(b->p, b->n);
	free(b->p);
	*b = (struct blob){0};
}

static int blob_copy(struct blob *b, struct ims_str s)
{
	*b = (struct blob){malloc(s.n + 1), s.n};
	if (!b->p)
		return -IMS_E_NOMEM;
	memcpy(b->p, s.p, s.n);
	return 0;
}

static struct ims_str text(const struct blob *b)
{
	return (struct ims_str){b->p, b->n};
}

static uint32_t row_hash(enum ims_keep kind, struct ims_str key)
{
	return ims_str_hash(key, (uint32_t)kind);
}

static struct row *find(struct mem *m, enum ims_keep kind, struct ims_str key)
{
	uint32_t h = row_hash(kind, key);

	for (struct ims_map_node *n = ims_map_first(&m->rows, h); n;
	     n = ims_map_next(n, h)) {
		struct row *r = ims_container(n, struct row, node);

		if (r->kind == kind && ims_str_eq(text(&r->key), key))
			return r;
	}
	return NULL;
}

static struct row *make(struct mem *m, enum ims_keep kind, struct ims_str key)
{
	struct row *r = calloc(1, sizeof *r);

	if (!r || blob_copy(&r->key, key)) {
		free(r);
		return NULL;
	}
	r->kind = kind;
	ims_map_add(&m->rows, &r->node, row_hash(kind, key));
	return r;
}

static void row_free(struct mem *m, struct row *r)
{
	ims_map_del(&m->rows, &r->node);
	blob_free(&r->key);
	blob_free(&r->done);
	blob_free(&r->next);
	free(r);
}

static int mem_put(struct ims_keep_store *s, enum ims_keep kind,
		   struct ims_str key, struct ims_str record)
{
	struct mem *m = self(s);
	struct row *r = find(m, kind, key);
	struct blob next = {0};

	if (!r && !record.n)
		return 0;
	if (record.n && blob_copy(&next, record))
		return -IMS_E_NOMEM;
	if (!r)
		r = make(m, kind, key);
	if (!r) {
		blob_free(&next);
		return -IMS_E_NOMEM;
	}
	blob_free(&r->next);
	r->next = next;
	if (!r->is_dirty)
		ims_list_add(&m->dirty, &r->dirty);
	r->is_dirty = true;
	return 0;
}

/* What was put becomes what is kept, or the other way round. */
static void settle(struct mem *m, bool commit)
{
	ims_list_each (pos, &m->dirty) {
		struct row *r = ims_container(pos, struct row, dirty);

		if (commit) {
			blob_free(&r->done);
			r->done = r->next;
			r->next = (struct blob){0};
		}
		blob_free(&r->next);
		r->is_dirty = false;
		if (!r->done.p)
			row_free(m, r);
	}
	ims_list_init(&m->dirty);
}

static void bury(struct mem *m)
{
	ims_list_each (pos, &m->dropped) {
		struct life *l = ims_container(pos, struct life, dropped);

		ims_map_del(&m->lives, &l->node);
		free(l);
	}
	ims_list_init(&m->dropped);
}

static int mem_commit(struct ims_keep_store *s)
{
	struct mem *m = self(s);

	if (m->full)
		return -IMS_E_STORE;
	settle(m, true);
	bury(m);
	m->n_commits++;
	return 0;
}

static int mem_each(struct ims_keep_store *s, enum ims_keep kind,
		    int (*each)(void *arg, struct ims_str key,
				struct ims_str record),
		    void *arg)
{
	struct mem *m = self(s);
	struct ims_map_node *n = NULL;
	int got = 0;

	while (!got && (n = ims_map_each(&m->rows, n))) {
		const struct row *r = ims_container(n, struct row, node);

		if (r->kind == kind && r->done.p)
			got = each(arg, text(&r->key), text(&r->done));
	}
	return got;
}

static struct life *find_life(struct mem *m, uint32_t set)
{
	for (struct ims_map_node *n = ims_map_first(&m->lives, set); n;
	     n = ims_map_next(n, set)) {
		struct life *l = ims_container(n, struct life, node);

		if (l->set == set)
			return l;
	}
	return NULL;
}

static struct ims_ipsec_live *mem_live(struct ims_keep_store *s, uint32_t set)
{
	struct mem *m = self(s);
	struct life *l = find_life(m, set);

	if (l && l->is_dropped) { /* a new set of the same name */
		ims_list_del(&l->dropped);
		l->is_dropped = false;
		l->live = (struct ims_ipsec_live){0};
	}
	if (l)
		return &l->live;
	l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->set = set;
	ims_map_add(&m->lives, &l->node, set);
	return &l->live;
}

/* Until the end of its record is safe the counters are still needed. */
static void mem_drop(struct ims_keep_store *s, uint32_t set)
{
	struct mem *m = self(s);
	struct life *l = find_life(m, set);

	if (!l || l->is_dropped)
		return;
	l->is_dropped = true;
	ims_list_add(&m->dropped, &l->dropped);
}

static void mem_free(struct ims_keep_store *s)
{
	struct mem *m = self(s);
	struct ims_map_node *n;

	while (m->rows.n && (n = ims_map_each(&m->rows, NULL)))
		row_free(m, ims_container(n, struct row, node));
	while (m->lives.n && (n = ims_map_each(&m->lives, NULL))) {
		ims_map_del(&m->lives, n);
		free(ims_container(n, struct life, node));
	}
	ims_map_free(&m->rows);
	ims_map_free(&m->lives);
	free(m);
}

static const char *mem_why(struct ims_keep_store *s)
{
	return self(s)->full ? "the store is full" : "no memory";
}

static uint64_t mem_epoch(struct ims_keep_store *s, uint64_t wall_ms)
{
	struct mem *m = self(s);

	if (!m->epoch)
		m->epoch = wall_ms;
	return m->epoch;
}

static const struct ims_keep_store_ops ops = {
	.put = mem_put,
	.commit = mem_commit,
	.each = mem_each,
	.live = mem_live,
	.drop = mem_drop,
	.epoch = mem_epoch,
	.free = mem_free,
	.why = mem_why,
};

struct ims_keep_store *ims_run_keep_mem_new(void)
{
	struct mem *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->store.ops = &ops;
	ims_list_init(&m->dirty);
	ims_list_init(&m->dropped);
	if (!ims_map_init(&m->rows)) {
		if (!ims_map_init(&m->lives))
			return &m->store;
		ims_map_free(&m->rows);
	}
	free(m);
	return NULL;
}

static bool has_record(struct mem *m, uint32_t set)
{
	char key[16];
	int n = snprintf(key, sizeof key, "p%u", (unsigned)set);

	if (find(m, IMS_KEEP_SET, ims_str_n(key, (size_t)n)))
		return true;
	key[0] = 'u';
	return find(m, IMS_KEEP_SET, ims_str_n(key, (size_t)n)) != NULL;
}

/* Counters live on if their set's record does, also those that were dropped:
 * nobody committed the end.
 */
void ims_run_keep_mem_crash(struct ims_keep_store *s)
{
	struct mem *m = self(s);
	struct ims_map_node *n, *next;

	settle(m, false);
	ims_list_init(&m->dropped);
	for (n = ims_map_each(&m->lives, NULL); n; n = next) {
		struct life *l = ims_container(n, struct life, node);

		next = ims_map_each(&m->lives, n);
		l->is_dropped = false;
		if (has_record(m, l->set))
			continue;
		ims_map_del(&m->lives, n);
		free(l);
	}
}

void ims_run_keep_mem_full(struct ims_keep_store *s, bool full)
{
	self(s)->full = full;
}

size_t ims_run_keep_mem_size(const struct ims_keep_store *s, enum ims_keep kind)
{
	const struct mem *m = self_const(s);
	const struct ims_map_node *n = NULL;
	size_t size = 0;

	while ((n = ims_map_each(&m->rows, n))) {
		const struct row *r = ims_container(n, const struct row, node);

		size += r->kind == kind && r->done.p;
	}
	return size;
}

size_t ims_run_keep_mem_lives(const struct ims_keep_store *s)
{
	const struct mem *m = self_const(s);
	const struct ims_map_node *n = NULL;
	size_t size = 0;

	while ((n = ims_map_each(&m->lives, n)))
		size += !ims_container(n, const struct life, node)->is_dropped;
	return size;
}

size_t ims_run_keep_mem_commits(const struct ims_keep_store *s)
{
	return self_const(s)->n_commits;
}
