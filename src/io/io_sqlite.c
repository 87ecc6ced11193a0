/* SPDX-License-Identifier: BSD-2-Clause */
/* io_sqlite.c - opens the subscriber file: whose is it, which version? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base_list.h"
#include "io_sqlite_priv.h"

#define APPLICATION 0x494d5352 /* "IMSR" */
#define VERSION 1
#define BUSY_MS 500
#define STR_(x) #x
#define STR(x) STR_(x)

/* impu.barred: 1 if it is, plus twice the number of its implicit set. */
static const char schema[] =
	"CREATE TABLE sub ("
	" imsi TEXT PRIMARY KEY NOT NULL,"
	" impi TEXT UNIQUE NOT NULL,"
	" algo TEXT NOT NULL,"
	" k BLOB NOT NULL,"
	" opc BLOB NOT NULL,"
	" res_len INTEGER NOT NULL,"
	" iterations INTEGER NOT NULL,"
	" amf BLOB NOT NULL,"
	" sqn INTEGER NOT NULL,"
	" fixed_sqn INTEGER NOT NULL,"
	" barred INTEGER NOT NULL);"
	"CREATE TABLE impu ("
	" imsi TEXT NOT NULL REFERENCES sub ON DELETE CASCADE,"
	" pos INTEGER NOT NULL,"
	" uri TEXT NOT NULL,"
	" barred INTEGER NOT NULL,"
	" PRIMARY KEY (imsi, pos)) WITHOUT ROWID;"
	"PRAGMA application_id = " STR(
		APPLICATION) ";"
			     "PRAGMA user_version = " STR(VERSION) ";";

/* Deleted keys are overwritten in the file. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = NORMAL;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA temp_store = MEMORY;";

static int refused(const struct ims_io_sqlite *s, const char *path,
		   struct ims_flaw *why)
{
	return ims_flaw(why, -IMS_E_STORE, "%s: %s", path,
			s->db ? sqlite3_errmsg(s->db) : "no memory");
}

/* The first column of the first row. */
static int ask_number(struct ims_io_sqlite *s, const char *sql, int *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		*out = sqlite3_column_int(st, 0);
	else if (rc == SQLITE_OK)
		rc = sqlite3_errcode(s->db);
	sqlite3_finalize(st);
	return rc == SQLITE_OK || rc == SQLITE_ROW ? 0 : -IMS_E_STORE;
}

/* Made by us, so that only we may read it; -wal and -shm inherit the mode. */
static int touch(const char *path, struct ims_flaw *why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return ims_flaw(why, -IMS_E_STORE, "%s: %s", path,
				strerror(errno));
	close(fd);
	return 0;
}

static int make_schema(struct ims_io_sqlite *s, const char *path,
		       struct ims_flaw *why)
{
	int n = 0, err = 0;

	if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL))
		return refused(s, path, why);
	/* another process may just have done it */
	if (ask_number(s, "SELECT count(*) FROM sqlite_master", &n) ||
	    (n == 0 && sqlite3_exec(s->db, schema, NULL, NULL, NULL)))
		err = refused(s, path, why);
	if (sqlite3_exec(s->db, err ? "ROLLBACK" : "COMMIT", NULL, NULL, NULL))
		return err ? err : refused(s, path, why);
	return err;
}

static int check_owner(struct ims_io_sqlite *s, const char *path,
		       struct ims_flaw *why)
{
	int app = 0, version = 0, n = 0;

	if (ask_number(s, "PRAGMA application_id", &app) ||
	    ask_number(s, "PRAGMA user_version", &version) ||
	    ask_number(s, "SELECT count(*) FROM sqlite_master", &n))
		return refused(s, path, why);
	if (app == 0 && version == 0 && n == 0)
		return make_schema(s, path, why);
	if (app != APPLICATION)
		return ims_flaw(why, -IMS_E_STORE,
				"%s: a database of another program", path);
	if (version != VERSION)
		return ims_flaw(why, -IMS_E_STORE,
				"%s: schema version %d, this program knows %d",
				path, version, VERSION);
	return 0;
}

static int prepare(struct ims_io_sqlite *s, const char *path,
		   struct ims_flaw *why)
{
#define SQL(name, sql) [IMS_IO_SQLITE_##name] = (sql),
	static const char *const text[] = {IMS_IO_SQLITE_STMTS(SQL)};
#undef SQL

	for (size_t i = 0; i < IMS_IO_SQLITE_N_STMTS; i++) {
		if (sqlite3_prepare_v3(s->db, text[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &s->stmt[i],
				       NULL))
			return refused(s, path, why);
	}
	return 0;
}

static int open_db(struct ims_io_sqlite *s, const char *path, const char *full,
		   struct ims_flaw *why)
{
	int err = touch(path, why);

	if (err)
		return err;
	if (sqlite3_open_v2(full, &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL))
		return refused(s, path, why);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	err = check_owner(s, path, why);
	if (err == 0 && sqlite3_exec(s->db, settings, NULL, NULL, NULL))
		err = refused(s, path, why);
	return err ? err : prepare(s, path, why);
}

int ims_io_sqlite_open(const char *path, struct ims_hss_store **out,
		       struct ims_flaw *why)
{
	/* SQLite takes "" and ":memory:" for something else than files */
	const char *here = path[0] == '/' ? "" : "./";
	struct ims_io_sqlite *s;
	char *full = NULL;
	int err;

	if (!path[0])
		return ims_flaw(why, -IMS_E_STORE, "the file has no name");
	s = calloc(1, sizeof(*s));
	if (!s || asprintf(&full, "%s%s", here, path) < 0) {
		free(s);
		return ims_flaw(why, -IMS_E_NOMEM, "no memory");
	}
	s->store.ops = &ims_io_sqlite_ops;
	err = open_db(s, path, full, why);
	free(full);
	if (err) {
		s->store.ops->free(&s->store);
		return err;
	}
	*out = &s->store;
	return 0;
}

int ims_io_sqlite_check(struct ims_hss_store *store, struct ims_flaw *why)
{
	struct ims_io_sqlite *s =
		ims_container(store, struct ims_io_sqlite, store);
	sqlite3_stmt *st = NULL;
	const char *said = NULL;
	int err = 0;

	if (sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &st, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		said = (const char *)sqlite3_column_text(st, 0);
	if (!said || strcmp(said, "ok") != 0)
		err = ims_flaw(why, -IMS_E_STORE,
			       "the subscriber database is damaged: %s",
			       said ? said : sqlite3_errmsg(s->db));
	sqlite3_finalize(st);
	return err;
}
