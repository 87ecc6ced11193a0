/* SPDX-License-Identifier: BSD-2-Clause */
/* io_sqlite_priv.h - what the files of the SQLite store share. */
#ifndef IMS_IO_SQLITE_PRIV_H
#define IMS_IO_SQLITE_PRIV_H

#include <sqlite3.h>

#include "io_sqlite.h"

/* X(name, statement): all SQL that ever runs on subscribers. */
/* clang-format off */
#define IMS_IO_SQLITE_STMTS(X) \
X(GET, "SELECT imsi, impi, algo, k, opc, res_len, iterations, amf, sqn, " \
	"fixed_sqn, barred FROM sub WHERE impi = ?1") \
X(GET_IMSI, "SELECT imsi, impi, algo, k, opc, res_len, iterations, amf, sqn, " \
	"fixed_sqn, barred FROM sub WHERE imsi = ?1") \
X(LIST, "SELECT imsi, impi, algo, k, opc, res_len, iterations, amf, sqn, " \
	"fixed_sqn, barred FROM sub ORDER BY imsi") \
X(IMPUS, "SELECT uri, barred FROM impu WHERE imsi = ?1 ORDER BY pos") \
X(ADD, "INSERT INTO sub (imsi, impi, algo, k, opc, res_len, iterations, amf, " \
	"sqn, fixed_sqn, barred) " \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)") \
X(SET, "UPDATE sub SET impi = ?2, algo = ?3, k = ?4, opc = ?5, res_len = ?6, " \
	"iterations = ?7, amf = ?8, sqn = ?9, fixed_sqn = ?10, barred = ?11 " \
	"WHERE imsi = ?1") \
X(ADD_IMPU, "INSERT INTO impu (imsi, pos, uri, barred) VALUES (?1, ?2, ?3, ?4)") \
X(DEL_IMPUS, "DELETE FROM impu WHERE imsi = ?1") \
X(SET_SQN, "UPDATE sub SET sqn = ?2 WHERE impi = ?1") \
X(DEL, "DELETE FROM sub WHERE imsi = ?1") \
X(BEGIN, "BEGIN IMMEDIATE") \
X(COMMIT, "COMMIT") \
X(ROLLBACK, "ROLLBACK")
/* clang-format on */

#define IMS_IO_SQLITE_ENUM(name, sql) IMS_IO_SQLITE_##name,
enum ims_io_sqlite_stmt {
	IMS_IO_SQLITE_STMTS(IMS_IO_SQLITE_ENUM) IMS_IO_SQLITE_N_STMTS
};
#undef IMS_IO_SQLITE_ENUM

struct ims_io_sqlite {
	struct ims_hss_store store; /* first */
	sqlite3 *db;
	sqlite3_stmt *stmt[IMS_IO_SQLITE_N_STMTS];
	char why[IMS_FLAW_TEXT];
};

extern const struct ims_hss_store_ops ims_io_sqlite_ops;

#endif
