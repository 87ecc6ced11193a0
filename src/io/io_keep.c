/* SPDX-License-Identifier: BSD-2-Clause */
/* io_keep.c - records: put into memory, committed as one transaction. */
#include "io_keep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base_mem.h"
#include "io_keep_db.h"
#include "io_keep_priv.h"

/* A record that was put and is not committed. */
struct row {
	struct ims_map_node node;
	struct ims_list list;
	enum ims_keep kind;
	struct ims_str key;
	struct ims_str record; /* empty: forget it */
	char bytes[];          /* both */
};

struct keep {
	struct ims_keep_store store; /* first */
	struct ims_io_keep_db db;
	struct ims_io_live live;
	struct ims_map rows;
	struct ims_list list;
	bool short_of; /* room; all that can be given back was */
	char *path;
	char why[IMS_FLAW_TEXT];
};

static struct keep *self(struct ims_keep_store *s)
{
	return ims_container(s, struct keep, store);
}

static uint32_t row_hash(enum ims_keep kind, struct ims_str key)
{
	return ims_str_hash(key, (uint32_t)kind);
}

static struct row *find(struct keep *k, enum ims_keep kind, struct ims_str key)
{
	uint32_t h = row_hash(kind, key);

	for (struct ims_map_node *n = ims_map_first(&k->rows, h); n;
	     n = ims_map_next(n, h)) {
		struct row *r = ims_container(n, struct row, node);

		if (r->kind == kind && ims_str_eq(r->key, key))
			return r;
	}
	return NULL;
}

/* Records hold keys. */
static void forget(struct keep *k, struct row *r)
{
	ims_map_del(&k->rows, &r->node);
	ims_list_del(&r->list);
	ims_wipe(r->bytes, r->key.n + r->record.n);
	free(r);
}

static int put(struct ims_keep_store *s, enum ims_keep kind, struct ims_str key,
	       struct ims_str record)
{
	struct keep *k = self(s);
	struct row *old = find(k, kind, key);
	struct row *r = malloc(sizeof *r + key.n + record.n);

	if (!r) {
		snprintf(k->why, sizeof k->why, "no memory");
		return -IMS_E_NOMEM;
	}
	if (old)
		forget(k, old);
	r->kind = kind;
	r->key = ims_str_n(r->bytes, key.n);
	r->record = ims_str_n(r->bytes + key.n, record.n);
	memcpy(r->bytes, key.p, key.n);
	if (record.n)
		memcpy(r->bytes + key.n, record.p, record.n);
	ims_map_add(&k->rows, &r->node, row_hash(kind, key));
	ims_list_add(&k->list, &r->list);
	return 0;
}

static int write_all(struct keep *k)
{
	int err = ims_io_keep_db_begin(&k->db);

	ims_list_each (pos, &k->list) {
		const struct row *r = ims_container(pos, struct row, list);

		if (err)
			break;
		err = ims_io_keep_db_put(&k->db, r->kind, r->key, r->record);
	}
	return ims_io_keep_db_end(&k->db, err);
}

static int commit(struct ims_keep_store *s)
{
	struct keep *k = self(s);
	int err = 0;

	if (!ims_list_empty(&k->list))
		err = write_all(k);
	if (err) {
		snprintf(k->why, sizeof k->why, "%.80s: %.110s", k->path,
			 k->db.why);
		return err;
	}
	ims_list_each (pos, &k->list)
		forget(k, ims_container(pos, struct row, list));
	ims_io_live_committed(&k->live);
	return 0;
}

static int each(struct ims_keep_store *s, enum ims_keep kind,
		int (*take)(void *arg, struct ims_str key,
			    struct ims_str record),
		void *arg)
{
	struct keep *k = self(s);
	int got = ims_io_keep_db_each(&k->db, kind, take, arg);

	if (got == -IMS_E_STORE)
		snprintf(k->why, sizeof k->why, "%s", k->db.why);
	return got;
}

static struct ims_ipsec_live *live(struct ims_keep_store *s, uint32_t set)
{
	return ims_io_live_of(&self(s)->live, set);
}

static void drop(struct ims_keep_store *s, uint32_t set)
{
	ims_io_live_drop(&self(s)->live, set);
}

/* For the records of some promises, a longer log of them, and one more piece of
 * counters.
 */
#define LEAST (256 * 1024)

static bool is_free(const struct keep *k)
{
	struct statvfs v;
	fsblkcnt_t blocks;

	if (fstatvfs(k->live.fd, &v))
		return true; /* then commits will tell */
	blocks = geteuid() == 0 ? v.f_bfree : v.f_bavail;
	return blocks >= LEAST / v.f_frsize;
}

/* The log may take some MiB that it does not need: given back once. */
static bool room(struct ims_keep_store *s)
{
	struct keep *k = self(s);
	bool is = is_free(k);

	if (!is && !k->short_of) {
		ims_io_keep_db_shrink(&k->db);
		is = is_free(k);
	}
	k->short_of = !is;
	if (!is)
		snprintf(k->why, sizeof k->why,
			 "%.120s: less than %d KiB are free where it is",
			 k->path, LEAST / 1024);
	return is;
}

static uint64_t epoch(struct ims_keep_store *s, uint64_t wall_ms)
{
	return ims_io_live_epoch(&self(s)->live, wall_ms);
}

static void keep_free(struct ims_keep_store *s)
{
	struct keep *k = self(s);

	ims_list_each (pos, &k->list)
		forget(k, ims_container(pos, struct row, list));
	ims_io_keep_db_close(&k->db);
	ims_io_live_close(&k->live);
	ims_map_free(&k->rows);
	free(k->path);
	free(k);
}

static const char *why_of(struct ims_keep_store *s)
{
	return self(s)->why;
}

static const struct ims_keep_store_ops ops = {
	.put = put,
	.commit = commit,
	.each = each,
	.live = live,
	.drop = drop,
	.epoch = epoch,
	.room = room,
	.free = keep_free,
	.why = why_of,
};

/* --- opening --- */

static int refused(const char *path, const char *what, struct ims_flaw *why)
{
	return ims_flaw(why, -IMS_E_STORE,
			"%s: %s; remove it and %s-live to start without what "
			"they hold",
			path, what, path);
}

static int any(void *arg, struct ims_str key, struct ims_str record)
{
	(void)arg;
	(void)key;
	(void)record;
	return 1;
}

static bool known(void *arg, uint32_t set)
{
	struct keep *k = arg;
	char key[16];
	int n = snprintf(key, sizeof key, "p%u", (unsigned)set);

	if (ims_io_keep_db_has(&k->db, IMS_KEEP_SET, ims_str_n(key, (size_t)n)))
		return true;
	key[0] = 'u';
	return ims_io_keep_db_has(&k->db, IMS_KEEP_SET,
				  ims_str_n(key, (size_t)n));
}

/* Records of sets without their counters would be promises that nobody can
 * keep.
 */
static int match(struct keep *k, const char *path, struct ims_flaw *why)
{
	enum ims_io_live_state state = ims_io_live_check(&k->live, k->db.mark);
	int sets = ims_io_keep_db_each(&k->db, IMS_KEEP_SET, any, NULL);
	int err = 0;

	if (sets < 0)
		return refused(path, k->db.why, why);
	if (state == IMS_IO_LIVE_GOOD)
		return 0;
	if (state == IMS_IO_LIVE_EMPTY && sets)
		return refused(path, "its counters (FILE-live) are missing",
			       why);
	if (state == IMS_IO_LIVE_BAD && sets)
		return refused(path,
			       "its counters (FILE-live) are damaged, or those "
			       "of other records",
			       why);
	if (state == IMS_IO_LIVE_REBOOT)
		err = ims_io_keep_db_drop(&k->db, IMS_KEEP_SET);
	if (err)
		return refused(path, k->db.why, why);
	if (ims_io_live_reset(&k->live, k->db.mark))
		return refused(path, "the counters (FILE-live) cannot be made",
			       why);
	return 0;
}

static int open_both(struct keep *k, const char *path, struct ims_flaw *why)
{
	char *beside = NULL;
	int err;

	if (asprintf(&beside, "%s-live", path) < 0)
		return ims_flaw(why, -IMS_E_NOMEM, "no memory");
	err = ims_io_live_open(&k->live, beside, why);
	free(beside);
	if (!err)
		err = ims_io_keep_db_open(&k->db, path, why);
	if (!err)
		err = match(k, path, why);
	if (err)
		return err;
	if (ims_io_live_load(&k->live, known, k))
		return refused(path, "its counters (FILE-live) are damaged",
			       why);
	return 0;
}

int ims_io_keep_open(const char *path, struct ims_keep_store **out,
		     struct ims_flaw *why)
{
	struct keep *k;
	int err;

	if (!path[0])
		return ims_flaw(why, -IMS_E_STORE, "the file has no name");
	k = calloc(1, sizeof *k);
	if (k)
		k->path = strdup(path);
	if (!k || !k->path || ims_map_init(&k->rows)) {
		if (k)
			free(k->path);
		free(k);
		return ims_flaw(why, -IMS_E_NOMEM, "no memory");
	}
	k->store.ops = &ops;
	k->live.fd = -1;
	ims_list_init(&k->list);
	err = open_both(k, path, why);
	if (err) {
		keep_free(&k->store);
		return err;
	}
	*out = &k->store;
	return 0;
}
