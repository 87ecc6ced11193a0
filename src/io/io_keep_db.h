/* SPDX-License-Identifier: BSD-2-Clause */
/* io_keep_db.h - the SQLite file of io_keep.h: opens and checks it, writes and
 * reads records.  Every error leaves its text in `why`.
 */
#ifndef IMS_IO_KEEP_DB_H
#define IMS_IO_KEEP_DB_H

#include <sqlite3.h>

#include "role_keep.h"

/* clang-format off */
#define IMS_IO_KEEP_STMTS(X) \
X(PUT, "INSERT INTO keep (kind, key, record) VALUES (?1, ?2, ?3) " \
	"ON CONFLICT (kind, key) DO UPDATE SET record = excluded.record") \
X(DEL, "DELETE FROM keep WHERE kind = ?1 AND key = ?2") \
X(HAS, "SELECT 1 FROM keep WHERE kind = ?1 AND key = ?2") \
X(EACH, "SELECT key, record FROM keep WHERE kind = ?1") \
X(DROP, "DELETE FROM keep WHERE kind = ?1") \
X(BEGIN, "BEGIN IMMEDIATE") \
X(COMMIT, "COMMIT") \
X(ROLLBACK, "ROLLBACK")
/* clang-format on */

#define IMS_IO_KEEP_ENUM(name, sql) IMS_IO_KEEP_##name,
enum ims_io_keep_stmt {
	IMS_IO_KEEP_STMTS(IMS_IO_KEEP_ENUM) IMS_IO_KEEP_N_STMTS
};
#undef IMS_IO_KEEP_ENUM

struct ims_io_keep_db {
	sqlite3 *db;
	sqlite3_stmt *stmt[IMS_IO_KEEP_N_STMTS];
	uint64_t mark; /* a number of its own, from when it was made */
	char why[IMS_FLAW_TEXT];
};

/* -IMS_E_STORE, -IMS_E_NOMEM. */
int ims_io_keep_db_open(struct ims_io_keep_db *d, const char *path,
			struct ims_flaw *why);
void ims_io_keep_db_close(struct ims_io_keep_db *d);

/* begin; put any number; end with what the worst of them said: commits, or
 * takes all back.
 */
int ims_io_keep_db_begin(struct ims_io_keep_db *d);
int ims_io_keep_db_put(struct ims_io_keep_db *d, enum ims_keep kind,
		       struct ims_str key, struct ims_str record);
int ims_io_keep_db_end(struct ims_io_keep_db *d, int err);
/* What was committed moves from the log into the file, and the log is empty;
 * if that cannot be done now, nothing has changed.
 */
void ims_io_keep_db_shrink(struct ims_io_keep_db *d);
/* All of a kind, in a transaction of its own. */
int ims_io_keep_db_drop(struct ims_io_keep_db *d, enum ims_keep kind);
bool ims_io_keep_db_has(struct ims_io_keep_db *d, enum ims_keep kind,
			struct ims_str key);
/* As ims_keep_store_ops.each. */
int ims_io_keep_db_each(struct ims_io_keep_db *d, enum ims_keep kind,
			int (*each)(void *arg, struct ims_str key,
				    struct ims_str record),
			void *arg);

#endif
