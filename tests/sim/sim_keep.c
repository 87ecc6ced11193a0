/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_keep.c - a store in memory; what is not committed dies with its process.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

static struct sim_keep *keep_of(struct ims_keep_store *s)
{
	return (struct sim_keep *)s;
}

static struct sim_record *find(struct sim_record *v, size_t n,
			       enum ims_keep kind, struct ims_str key)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == kind &&
		    ims_str_eq(ims_str_n(v[i].key, v[i].n_key), key))
			return &v[i];
	return NULL;
}

static void set_bytes(struct sim_record *r, const char *p, size_t n)
{
	if (n > r->cap) {
		r->cap = n;
		r->bytes = realloc(r->bytes, n);
		if (!r->bytes)
			abort();
	}
	if (n)
		memcpy(r->bytes, p, n);
	r->n = n;
}

static struct sim_record *add(struct sim_record **v, size_t *n, size_t *cap,
			      enum ims_keep kind, struct ims_str key)
{
	struct sim_record *r;

	if (*n == *cap) {
		*cap = *cap ? 2 * *cap : 8;
		*v = realloc(*v, *cap * sizeof **v);
		if (!*v)
			abort();
	}
	r = &(*v)[(*n)++];
	*r = (struct sim_record){.kind = kind, .n_key = key.n};
	r->key = malloc(key.n + 1);
	if (!r->key)
		abort();
	memcpy(r->key, key.p, key.n);
	return r;
}

static void drop(struct sim_record *v, size_t *n, struct sim_record *r)
{
	free(r->key);
	free(r->bytes);
	*r = v[--*n];
}

static int put(struct ims_keep_store *s, enum ims_keep kind, struct ims_str key,
	       struct ims_str record)
{
	struct sim_keep *k = keep_of(s);
	struct sim_record *r;

	if (!sim_side_act(k->side))
		return 0;
	r = find(k->wait, k->n_wait, kind, key);
	if (!r)
		r = add(&k->wait, &k->n_wait, &k->cap_wait, kind, key);
	set_bytes(r, record.p, record.n);
	return 0;
}

static void settle(struct sim_keep *k, const struct sim_record *w)
{
	struct sim_record *r =
		find(k->safe, k->n_safe, w->kind, ims_str_n(w->key, w->n_key));

	if (!r && w->n)
		r = add(&k->safe, &k->n_safe, &k->cap_safe, w->kind,
			ims_str_n(w->key, w->n_key));
	if (r && w->n)
		set_bytes(r, w->bytes, w->n);
	else if (r)
		drop(k->safe, &k->n_safe, r);
}

static void forget_wait(struct sim_keep *k)
{
	while (k->n_wait)
		drop(k->wait, &k->n_wait, &k->wait[0]);
}

static int commit(struct ims_keep_store *s)
{
	struct sim_keep *k = keep_of(s);

	if (!sim_side_act(k->side))
		return 0;
	if (sim_permille(k->side->sim, k->side->sim->weather.commit_fails)) {
		sim_count(k->side->sim, SIM_N_COMMIT_FAILED);
		sim_seen_withheld(k->side->sim);
		return -IMS_E_STORE;
	}
	sim_count(k->side->sim, SIM_N_COMMITTED);
	for (size_t i = 0; i < k->n_wait; i++)
		settle(k, &k->wait[i]);
	forget_wait(k);
	return 0;
}

static int each(struct ims_keep_store *s, enum ims_keep kind,
		int (*one)(void *arg, struct ims_str key,
			   struct ims_str record),
		void *arg)
{
	struct sim_keep *k = keep_of(s);
	int err = 0;

	for (size_t i = 0; !err && i < k->n_safe; i++) {
		struct sim_record *r = &k->safe[i];

		if (r->kind == kind)
			err = one(arg, ims_str_n(r->key, r->n_key),
				  ims_str_n(r->bytes, r->n));
	}
	return err;
}

static struct ims_ipsec_live *live(struct ims_keep_store *s, uint32_t set)
{
	struct sim_keep *k = keep_of(s);
	size_t at = SIM_SETS;

	for (size_t i = 0; i < SIM_SETS; i++) {
		if (k->live[i].set == set)
			return &k->live[i].live;
		if (!k->live[i].set)
			at = i;
	}
	if (at == SIM_SETS)
		return NULL;
	k->live[at].set = set;
	memset(&k->live[at].live, 0, sizeof k->live[at].live);
	return &k->live[at].live;
}

static void drop_live(struct ims_keep_store *s, uint32_t set)
{
	struct sim_keep *k = keep_of(s);

	if (!sim_side_act(k->side))
		return;
	for (size_t i = 0; i < SIM_SETS; i++)
		if (k->live[i].set == set)
			k->live[i].set = 0;
}

static void store_free(struct ims_keep_store *s)
{
	(void)s; /* its side's */
}

static const char *why(struct ims_keep_store *s)
{
	(void)s;
	return "the store is out of order";
}

static const struct ims_keep_store_ops ops = {
	.put = put,
	.commit = commit,
	.each = each,
	.live = live,
	.drop = drop_live,
	.free = store_free,
	.why = why,
};

void sim_keep_init(struct sim_keep *k, struct sim_side *side)
{
	k->store.ops = &ops;
	k->side = side;
}

void sim_keep_crash(struct sim_keep *k)
{
	forget_wait(k);
}

void sim_keep_free(struct sim_keep *k)
{
	forget_wait(k);
	while (k->n_safe)
		drop(k->safe, &k->n_safe, &k->safe[0]);
	free(k->wait);
	free(k->safe);
}

/* What would be there after the next commit. */
size_t sim_keep_count(const struct sim_keep *k, enum ims_keep kind)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n_safe; i++) {
		const struct sim_record *r = &k->safe[i];
		const struct sim_record *w = find(k->wait, k->n_wait, kind,
						  ims_str_n(r->key, r->n_key));

		n += r->kind == kind && !(w && w->n == 0);
	}
	for (size_t i = 0; i < k->n_wait; i++)
		n += k->wait[i].kind == kind && k->wait[i].n > 0 &&
		     !find(k->safe, k->n_safe, kind,
			   ims_str_n(k->wait[i].key, k->wait[i].n_key));
	return n;
}
