/* SPDX-License-Identifier: BSD-2-Clause */
/* run_keep.c - records of sets, and all records back at the start. */
#include "run_keep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_mem.h"
#include "base_pack.h"

#define VERSION 1

static void pack_addr(struct ims_buf *b, struct ims_addr a)
{
	ims_pack_str(b, ims_str_n(a.ip.b, ims_ip_len(a.ip)));
	ims_pack_u64(b, a.port);
}

static struct ims_addr unpack_addr(struct ims_unpack *u)
{
	struct ims_str ip = ims_unpack_str(u);
	struct ims_addr a = {0};

	if (ip.n == 4 || ip.n == 16)
		a.ip = ims_ip_from(ip.p, ip.n);
	else
		u->bad = true;
	a.port = (uint16_t)ims_unpack_u32(u, UINT16_MAX);
	return a;
}

int ims_run_keep_pack(const struct ims_ipsec_set *set, uint64_t wall_ms,
		      struct ims_buf *out)
{
	uint64_t life_ms = (uint64_t)set->life_s * 1000;

	ims_pack_begin(out, VERSION);
	ims_pack_u64(out, set->id);
	ims_pack_u64(out, set->ue);
	ims_pack_u64(out, set->suite.alg);
	ims_pack_u64(out, set->suite.ealg);
	ims_pack_u64(out, life_ms ? wall_ms + life_ms : 0);
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		pack_addr(out, set->sa[a].src);
		pack_addr(out, set->sa[a].dst);
		ims_pack_u64(out, set->sa[a].spi);
	}
	ims_pack_str(out, ims_str_n(set->keys.alg, sizeof set->keys.alg));
	ims_pack_str(out, ims_str_n(set->keys.ealg, sizeof set->keys.ealg));
	ims_pack_str(out, ims_str_n(set->keys.salt, sizeof set->keys.salt));
	return out->over ? -IMS_E_TOOBIG : 0;
}

static void unpack_set(struct ims_unpack *u, struct ims_ipsec_set *s,
		       uint64_t *end_ms)
{
	s->id = ims_unpack_u32(u, UINT32_MAX);
	s->ue = ims_unpack_bool(u);
	s->suite.alg = (enum ims_ipsec_alg)ims_unpack_u32(u, IMS_N_ALGS - 1);
	s->suite.ealg = (enum ims_ipsec_ealg)ims_unpack_u32(u, IMS_N_EALGS - 1);
	*end_ms = ims_unpack_u64(u);
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		s->sa[a].src = unpack_addr(u);
		s->sa[a].dst = unpack_addr(u);
		s->sa[a].spi = ims_unpack_u32(u, UINT32_MAX);
	}
	ims_unpack_bytes(u, s->keys.alg, sizeof s->keys.alg);
	ims_unpack_bytes(u, s->keys.ealg, sizeof s->keys.ealg);
	ims_unpack_bytes(u, s->keys.salt, sizeof s->keys.salt);
}

/* A damaged clock must not make a set live for ever: never longer than what a
 * registration can last.
 */
static int set_life(struct ims_ipsec_set *s, uint64_t end_ms, uint64_t wall_ms)
{
	if (!end_ms)
		return 0;
	if (end_ms <= wall_ms)
		return -IMS_E_ENDED;
	end_ms = (end_ms - wall_ms + 999) / 1000;
	s->life_s = end_ms < UINT32_MAX ? (uint32_t)end_ms : UINT32_MAX;
	return 0;
}

int ims_run_keep_unpack(struct ims_str record, uint64_t wall_ms,
			struct ims_ipsec_set *out)
{
	struct ims_ipsec_set s = {.adopt = true};
	struct ims_unpack u;
	uint64_t end_ms = 0;
	int err;

	ims_unpack_begin(&u, record, VERSION);
	unpack_set(&u, &s, &end_ms);
	err = ims_unpack_end(&u);
	if (!err && !s.id)
		err = -IMS_E_SYNTAX;
	if (!err && !ims_ipsec_suite_valid(s.suite))
		err = -IMS_E_ALGO;
	if (!err)
		err = set_life(&s, end_ms, wall_ms);
	if (!err)
		*out = s;
	ims_ipsec_set_wipe(&s);
	return err;
}

#define KEY 16
static struct ims_str set_key(const struct ims_run_seat *s, uint32_t id,
			      char out[static KEY])
{
	int n = snprintf(out, KEY, "%c%" PRIu32,
			 s->who == IMS_WHO_UE ? 'u' : 'p', id);

	return ims_str_n(out, (size_t)n);
}

static void tell(const struct ims_run_seat *s, const struct ims_flaw *why)
{
	ims_run_tell(s, IMS_TELL_PROBLEM, why->err, ims_str(why->text));
}

struct ims_ev ims_run_keep_missing(uint32_t set, struct ims_flaw *why)
{
	ims_flaw(why, -IMS_E_NOTFOUND, "set %u did not outlive the restart",
		 (unsigned)set);
	return (struct ims_ev){.kind = IMS_EV_SA_GONE,
			       .set = set,
			       .err = why->err,
			       .why = why};
}

static int put(struct ims_run_seat *s, enum ims_keep kind, struct ims_str key,
	       struct ims_str record)
{
	struct ims_keep_store *k = s->env.keep;
	struct ims_flaw why;
	int err = k->ops->put(k, kind, key, record);

	if (!err)
		return 0;
	s->unkept = true;
	ims_flaw(&why, err, "not kept: %s", k->ops->why(k));
	tell(s, &why);
	return err;
}

void ims_run_keep_put(struct ims_run_seat *s, enum ims_keep kind,
		      struct ims_str key, struct ims_str record)
{
	if (!s->env.keep)
		return;
	s->dirty = true;
	put(s, kind, key, record);
}

bool ims_run_keep_safe(struct ims_run_seat *s)
{
	struct ims_keep_store *k = s->env.keep;
	struct ims_flaw why;
	int err;

	if (!k || (!s->dirty && !s->unkept))
		return true;
	err = k->ops->commit(k);
	if (err && !s->store_failed) {
		ims_flaw(&why, err,
			 "not promised, since it cannot be stored: %s",
			 k->ops->why(k));
		tell(s, &why);
	}
	s->store_failed = err != 0;
	s->loose = err ? s->loose : 0;
	s->dirty = err != 0;
	return !err && !s->unkept;
}

void ims_run_keep_turn(struct ims_run_seat *s)
{
	(void)ims_run_keep_safe(s);
	s->unkept = false;
}

/* Sets of strangers who never get a promise must not fill the memory. */
#define LOOSE 256

static void count_loose(struct ims_run_seat *s)
{
	if (++s->loose >= LOOSE)
		s->dirty = true;
}

/* Its record is no promise yet: it is committed with the one of its owner. */
struct ims_ipsec_live *ims_run_keep_set(struct ims_run_seat *s,
					const struct ims_ipsec_set *set)
{
	struct ims_keep_store *k = s->env.keep;
	char key[KEY], mem[IMS_RUN_KEEP_SET];
	struct ims_ipsec_live *live;
	struct ims_buf b;

	if (!k)
		return NULL;
	live = k->ops->live(k, set->id);
	count_loose(s);
	ims_buf_init(&b, mem, sizeof mem);
	if (!ims_run_keep_pack(set, s->env.wall_ms(s->env.arg), &b))
		put(s, IMS_KEEP_SET, set_key(s, set->id, key), ims_buf_str(&b));
	ims_wipe(mem, sizeof mem);
	return live;
}

void ims_run_keep_set_gone(struct ims_run_seat *s, uint32_t id)
{
	struct ims_keep_store *k = s->env.keep;
	char key[KEY];

	if (!k)
		return;
	count_loose(s);
	put(s, IMS_KEEP_SET, set_key(s, id, key), (struct ims_str){0});
	k->ops->drop(k, id);
}

uint64_t ims_run_keep_epoch(const struct ims_run_env *env, uint64_t *clock)
{
	struct ims_keep_store *k = env->keep;
	uint64_t wall = env->wall_ms(env->arg), now = env->now_ms(env->arg);

	/* a machine whose clock is not set yet */
	wall = wall > now ? wall - now : 0;
	if (clock)
		*clock = wall;
	return k && k->ops->epoch ? k->ops->epoch(k, wall) : wall;
}

/* --- back at the start ----------------------------------------------------
 * Records are copied out first: taking one may change the store.
 */
struct note {
	struct note *next;
	struct ims_str key, record;
	char bytes[];
};

static int note_down(void *arg, struct ims_str key, struct ims_str record)
{
	struct note **head = arg, *n;

	n = malloc(sizeof *n + key.n + record.n);
	if (!n)
		return -IMS_E_NOMEM;
	memcpy(n->bytes, key.p, key.n);
	memcpy(n->bytes + key.n, record.p, record.n);
	n->key = ims_str_n(n->bytes, key.n);
	n->record = ims_str_n(n->bytes + key.n, record.n);
	n->next = *head;
	*head = n;
	return 0;
}

static struct note *notes_of(struct ims_run_seat *s, enum ims_keep kind)
{
	struct ims_keep_store *k = s->env.keep;
	struct note *head = NULL;
	struct ims_flaw why;
	int err;

	if (!k)
		return NULL;
	err = k->ops->each(k, kind, note_down, &head);
	if (err) {
		ims_flaw(&why, err, "not all records could be read: %s",
			 k->ops->why(k));
		tell(s, &why);
	}
	return head;
}

static struct note *done_with(struct note *n)
{
	struct note *next = n->next;

	ims_wipe(n->bytes, n->key.n + n->record.n);
	free(n);
	return next;
}

static int adopt_one(struct ims_run_seat *s, const struct note *n,
		     struct ims_flaw *why)
{
	struct ims_keep_store *k = s->env.keep;
	struct ims_ipsec_set set;
	char key[KEY];
	int err = ims_run_keep_unpack(n->record, s->env.wall_ms(s->env.arg),
				      &set);

	if (err)
		return ims_flaw(why, err, "the record of SA set %.*s",
				IMS_STR_ARG(n->key));
	if (!ims_str_eq(n->key, set_key(s, set.id, key)))
		err = ims_flaw(why, -IMS_E_SYNTAX,
			       "the record of SA set %.*s is another's",
			       IMS_STR_ARG(n->key));
	if (!err) {
		set.live = k->ops->live(k, set.id);
		err = ims_run_seat_install(s, &set, why);
	}
	ims_ipsec_set_wipe(&set);
	return err;
}

/* A set that is over, or that a reboot took: no news for anybody but its
 * owner, who will hear of it.
 */
static bool is_news(int err)
{
	return err != -IMS_E_ENDED && err != -IMS_E_NOTFOUND;
}

void ims_run_keep_adopt(struct ims_run_seat *s)
{
	struct ims_flaw why;
	uint32_t id;

	for (struct note *n = notes_of(s, IMS_KEEP_SET); n; n = done_with(n)) {
		if (!adopt_one(s, n, &why))
			continue;
		if (is_news(why.err))
			tell(s, &why);
		put(s, IMS_KEEP_SET, n->key, (struct ims_str){0});
		if (!ims_str_u32(ims_str_from(n->key, 1), UINT32_MAX, &id) &&
		    !ims_ipsec_table_find(&s->sets, id))
			s->env.keep->ops->drop(s->env.keep, id);
	}
}

size_t ims_run_keep_each(struct ims_run_seat *s, enum ims_keep kind,
			 int (*take)(void *unit, struct ims_str key,
				     struct ims_str record,
				     struct ims_flaw *why))
{
	struct ims_flaw why;
	size_t taken = 0;

	for (struct note *n = notes_of(s, kind); n; n = done_with(n)) {
		if (!take(s->unit, n->key, n->record, &why)) {
			taken++;
			continue;
		}
		tell(s, &why);
		put(s, kind, n->key, (struct ims_str){0});
	}
	return taken;
}

void ims_run_keep_sweep(struct ims_run_seat *s,
			bool (*owns)(const void *unit, uint32_t set))
{
	const struct ims_host_ops *ops = s->host->ops;
	const struct ims_ipsec_set *set, *next;
	struct ims_flaw why;
	int n = 0;

	for (set = ims_ipsec_table_next(&s->sets, NULL); set; set = next) {
		next = ims_ipsec_table_next(&s->sets, set);
		if (!owns(s->unit, set->id))
			ims_run_seat_remove(s, set->id);
	}
	s->dirty = true; /* the end of those is committed now */
	if (ops->sa_sweep)
		n = ops->sa_sweep(s->host, &why);
	if (n < 0)
		tell(s, &why);
	if (n > 0)
		ims_trace(s->env.trace, IMS_INFO, "run_keep",
			  "%d SAs and policies of an earlier run are removed",
			  n);
}
