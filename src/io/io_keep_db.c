/* SPDX-License-Identifier: BSD-2-Clause */
/* io_keep_db.c - one table of records. */
#include "io_keep_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto.h"

#define APPLICATION 0x494d534b /* "IMSK" */
#define VERSION 1

/* Only we have it open: no lock is taken anew for each transaction.  Old keys
 * are overwritten in the file.
 */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = NORMAL;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA temp_store = MEMORY;";

static const char schema[] = "CREATE TABLE keep ("
			     " kind INTEGER NOT NULL,"
			     " key BLOB NOT NULL,"
			     " record BLOB NOT NULL,"
			     " UNIQUE (kind, key));"
			     "CREATE TABLE mark (mark INTEGER NOT NULL);"
			     "INSERT INTO mark (mark) VALUES (%lld);"
			     "PRAGMA application_id = %d;"
			     "PRAGMA user_version = %d;";

static int failed(struct ims_io_keep_db *d)
{
	snprintf(d->why, sizeof d->why, "%s",
		 d->db ? sqlite3_errmsg(d->db) : "no memory");
	return -IMS_E_STORE;
}

static int sql(struct ims_io_keep_db *d, const char *text)
{
	return sqlite3_exec(d->db, text, NULL, NULL, NULL) ? failed(d) : 0;
}

/* The first column of the first row. */
static int ask(struct ims_io_keep_db *d, const char *text, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(d->db, text, -1, &st, NULL);
	int err = 0;

	if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	else
		err = failed(d);
	sqlite3_finalize(st);
	return err;
}

/* Made by us, so that only we may read it; -wal inherits the mode. */
static int touch(struct ims_io_keep_db *d, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		snprintf(d->why, sizeof d->why, "%s", strerror(errno));
		return -IMS_E_STORE;
	}
	close(fd);
	return 0;
}

static int make(struct ims_io_keep_db *d)
{
	struct ims_rand rnd = ims_rand_system();
	char text[sizeof schema + 80];
	int64_t mark;
	int err;

	if (ims_rand_fill(&rnd, &mark, sizeof mark)) {
		snprintf(d->why, sizeof d->why, "no random number");
		return -IMS_E_STORE;
	}
	snprintf(text, sizeof text, schema, (long long)mark, APPLICATION,
		 VERSION);
	err = sql(d, "BEGIN IMMEDIATE");
	if (!err)
		err = sql(d, text);
	if (!err)
		return sql(d, "COMMIT");
	(void)sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}

/* Before anything is changed: is it ours? */
static int whose(struct ims_io_keep_db *d, bool *is_new)
{
	int64_t app = 0, version = 0, n = 0;

	if (ask(d, "PRAGMA application_id", &app) ||
	    ask(d, "PRAGMA user_version", &version) ||
	    ask(d, "SELECT count(*) FROM sqlite_master", &n))
		return -IMS_E_STORE;
	*is_new = app == 0 && version == 0 && n == 0;
	if (*is_new)
		return 0;
	if (app != APPLICATION)
		snprintf(d->why, sizeof d->why,
			 "a database of another kind or program");
	else if (version != VERSION)
		snprintf(d->why, sizeof d->why,
			 "version %lld, this program knows %d",
			 (long long)version, VERSION);
	else
		return 0;
	return -IMS_E_STORE;
}

static int sound(struct ims_io_keep_db *d)
{
	sqlite3_stmt *st = NULL;
	const char *said = NULL;
	int err = 0;

	if (sqlite3_prepare_v2(d->db, "PRAGMA quick_check(1)", -1, &st, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(st, 0);
	if (!said || strcmp(said, "ok") != 0) {
		snprintf(d->why, sizeof d->why, "damaged: %s",
			 said ? said : sqlite3_errmsg(d->db));
		err = -IMS_E_STORE;
	}
	sqlite3_finalize(st);
	return err;
}

static int prepare(struct ims_io_keep_db *d)
{
#define SQL(name, sql) [IMS_IO_KEEP_##name] = (sql),
	static const char *const text[] = {IMS_IO_KEEP_STMTS(SQL)};
#undef SQL

	for (size_t i = 0; i < IMS_IO_KEEP_N_STMTS; i++)
		if (sqlite3_prepare_v3(d->db, text[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &d->stmt[i],
				       NULL))
			return failed(d);
	return 0;
}

/* By its name: to close a descriptor of it would end SQLite's locks. */
static int shut(struct ims_io_keep_db *d, const char *path)
{
	struct stat st;

	if (stat(path, &st) || !(st.st_mode & 077) || !chmod(path, 0600))
		return 0;
	snprintf(d->why, sizeof d->why, "others may read %.100s: %s", path,
		 strerror(errno));
	return -IMS_E_STORE;
}

/* Also one that came back from a copy; only when it is known to be ours. */
static int shut_out_others(struct ims_io_keep_db *d, const char *path)
{
	char *wal = NULL;
	int err = shut(d, path);

	if (err)
		return err;
	if (asprintf(&wal, "%s-wal", path) < 0)
		return -IMS_E_NOMEM;
	err = shut(d, wal);
	free(wal);
	return err;
}

static int open_db(struct ims_io_keep_db *d, const char *path)
{
	/* SQLite takes ":memory:" for something else than a file */
	const char *here = path[0] == '/' ? "" : "./";
	char *full = NULL;
	int64_t mark = 0;
	bool is_new = false;
	int err = touch(d, path);

	if (err)
		return err;
	if (asprintf(&full, "%s%s", here, path) < 0)
		return -IMS_E_NOMEM;
	if (sqlite3_open_v2(full, &d->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
		err = failed(d);
	if (!err)
		err = whose(d, &is_new);
	if (!err)
		err = shut_out_others(d, full);
	free(full);
	if (!err)
		err = sql(d, settings);
	if (!err)
		err = is_new ? make(d) : sound(d);
	if (!err)
		err = ask(d, "SELECT mark FROM mark", &mark);
	d->mark = (uint64_t)mark;
	return err ? err : prepare(d);
}

int ims_io_keep_db_open(struct ims_io_keep_db *d, const char *path,
			struct ims_flaw *why)
{
	int err = open_db(d, path);

	return err ? ims_flaw(why, err, "%s: %s", path, d->why) : 0;
}

void ims_io_keep_db_close(struct ims_io_keep_db *d)
{
	for (size_t i = 0; i < IMS_IO_KEEP_N_STMTS; i++)
		sqlite3_finalize(d->stmt[i]);
	sqlite3_close(d->db);
	*d = (struct ims_io_keep_db){0};
}

/* One that gives no rows. */
static int run(struct ims_io_keep_db *d, enum ims_io_keep_stmt which)
{
	sqlite3_stmt *st = d->stmt[which];
	int rc = sqlite3_step(st);
	int err = rc == SQLITE_DONE ? 0 : failed(d);

	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return err;
}

int ims_io_keep_db_begin(struct ims_io_keep_db *d)
{
	return run(d, IMS_IO_KEEP_BEGIN);
}

static sqlite3_stmt *bound(struct ims_io_keep_db *d,
			   enum ims_io_keep_stmt which, enum ims_keep kind,
			   struct ims_str key)
{
	sqlite3_stmt *st = d->stmt[which];

	sqlite3_bind_int(st, 1, (int)kind);
	sqlite3_bind_blob64(st, 2, key.p, key.n, SQLITE_STATIC);
	return st;
}

int ims_io_keep_db_put(struct ims_io_keep_db *d, enum ims_keep kind,
		       struct ims_str key, struct ims_str record)
{
	sqlite3_stmt *st;

	if (!record.n) {
		bound(d, IMS_IO_KEEP_DEL, kind, key);
		return run(d, IMS_IO_KEEP_DEL);
	}
	st = bound(d, IMS_IO_KEEP_PUT, kind, key);
	sqlite3_bind_blob64(st, 3, record.p, record.n, SQLITE_STATIC);
	return run(d, IMS_IO_KEEP_PUT);
}

/* The reason is the first one: taking back has its own. */
int ims_io_keep_db_end(struct ims_io_keep_db *d, int err)
{
	if (!err)
		err = run(d, IMS_IO_KEEP_COMMIT);
	if (err && !sqlite3_get_autocommit(d->db)) {
		char why[sizeof d->why];

		memcpy(why, d->why, sizeof why);
		(void)run(d, IMS_IO_KEEP_ROLLBACK);
		memcpy(d->why, why, sizeof why);
	}
	return err;
}

void ims_io_keep_db_shrink(struct ims_io_keep_db *d)
{
	(void)sqlite3_wal_checkpoint_v2(d->db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
					NULL, NULL);
}

int ims_io_keep_db_drop(struct ims_io_keep_db *d, enum ims_keep kind)
{
	sqlite3_bind_int(d->stmt[IMS_IO_KEEP_DROP], 1, (int)kind);
	return run(d, IMS_IO_KEEP_DROP);
}

bool ims_io_keep_db_has(struct ims_io_keep_db *d, enum ims_keep kind,
			struct ims_str key)
{
	sqlite3_stmt *st = bound(d, IMS_IO_KEEP_HAS, kind, key);
	bool has = sqlite3_step(st) == SQLITE_ROW;

	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return has;
}

static struct ims_str column(sqlite3_stmt *st, int i)
{
	const void *p = sqlite3_column_blob(st, i);
	int n = sqlite3_column_bytes(st, i);

	return p ? ims_str_n(p, (size_t)n) : (struct ims_str){"", 0};
}

int ims_io_keep_db_each(struct ims_io_keep_db *d, enum ims_keep kind,
			int (*each)(void *arg, struct ims_str key,
				    struct ims_str record),
			void *arg)
{
	sqlite3_stmt *st = d->stmt[IMS_IO_KEEP_EACH];
	int got = 0, rc = SQLITE_DONE;

	sqlite3_bind_int(st, 1, (int)kind);
	while (!got && (rc = sqlite3_step(st)) == SQLITE_ROW)
		got = each(arg, column(st, 0), column(st, 1));
	if (!got && rc != SQLITE_DONE)
		got = failed(d);
	sqlite3_reset(st);
	return got;
}
