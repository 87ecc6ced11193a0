/* SPDX-License-Identifier: BSD-2-Clause */
/* io_sqlite_sub.c - subscribers as rows, both ways.
 *
 * What is read is checked like a message: somebody may have edited the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_list.h"
#include "io_sqlite_priv.h"

/* Columns of GET, GET_IMSI, LIST; parameter i + 1 of ADD and SET. */
enum col {
	C_IMSI,
	C_IMPI,
	C_ALGO,
	C_K,
	C_OPC,
	C_RES_LEN,
	C_ITERATIONS,
	C_AMF,
	C_SQN,
	C_FIXED_SQN,
	C_BARRED,
};

static struct ims_io_sqlite *of(struct ims_hss_store *store)
{
	return ims_container(store, struct ims_io_sqlite, store);
}

static int fail(struct ims_io_sqlite *s, int err, const char *why)
{
	snprintf(s->why, sizeof(s->why), "%s", why);
	return err;
}

static int refused(struct ims_io_sqlite *s)
{
	return fail(s, -IMS_E_STORE, sqlite3_errmsg(s->db));
}

static void reset(sqlite3_stmt *st)
{
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
}

static void bind_str(sqlite3_stmt *st, int at, struct ims_str v)
{
	/* of no address SQLite makes a NULL */
	sqlite3_bind_text64(st, at, v.p ? v.p : "", v.n, SQLITE_STATIC,
			    SQLITE_UTF8);
}

/* Runs a statement that gives no rows; how many rows it changed, or
 * -IMS_E_EXISTS, -IMS_E_STORE.
 */
static int run(struct ims_io_sqlite *s, enum ims_io_sqlite_stmt which)
{
	sqlite3_stmt *st = s->stmt[which];
	int rc = sqlite3_step(st), n = sqlite3_changes(s->db);

	if (rc != SQLITE_DONE)
		n = (rc & 0xff) == SQLITE_CONSTRAINT
			    ? fail(s, -IMS_E_EXISTS,
				   "the IMSI or IMPI is there")
			    : refused(s);
	reset(st);
	return n;
}

static bool take_text(sqlite3_stmt *st, int col, char *out, size_t cap)
{
	const void *p = sqlite3_column_text(st, col);
	int n = sqlite3_column_bytes(st, col);

	return p && ims_str_copy(out, cap, ims_str_n(p, (size_t)n));
}

/* At most cap bytes; how many there were, or -1. */
static int take_blob(sqlite3_stmt *st, int col, uint8_t *out, size_t cap)
{
	const void *p = sqlite3_column_blob(st, col);
	int n = sqlite3_column_bytes(st, col);

	if (n < 0 || (size_t)n > cap || (n && !p))
		return -1;
	if (n)
		memcpy(out, p, (size_t)n);
	return n;
}

static bool take_key(sqlite3_stmt *st, struct ims_aka_key *key)
{
	char algo[16];
	int k = take_blob(st, C_K, key->k, sizeof(key->k));
	int opc = take_blob(st, C_OPC, key->opc, sizeof(key->opc));
	int res = sqlite3_column_int(st, C_RES_LEN);
	int iterations = sqlite3_column_int(st, C_ITERATIONS);

	if (!take_text(st, C_ALGO, algo, sizeof(algo)) ||
	    ims_aka_algo_parse(ims_str(algo), &key->algo))
		return false;
	if (k < 16 || opc < 0 || res < 1 || res > IMS_AKA_RES_MAX ||
	    iterations < 0 || iterations > UINT8_MAX)
		return false;
	key->k_len = (uint8_t)k;
	key->res_len = (uint8_t)res;
	key->iterations = (uint8_t)iterations;
	return true;
}

static bool take_impus(struct ims_io_sqlite *s, struct ims_sub *sub)
{
	sqlite3_stmt *st = s->stmt[IMS_IO_SQLITE_IMPUS];
	bool ok = true;
	int rc;

	bind_str(st, 1, ims_str(sub->imsi));
	while ((rc = sqlite3_step(st)) == SQLITE_ROW && ok) {
		struct ims_cx_impu *i = &sub->impu[sub->n_impus];

		ok = sub->n_impus < IMS_IMPU_MAX &&
		     take_text(st, 0, i->uri, sizeof(i->uri));
		if (!ok)
			break;
		i->barred = sqlite3_column_int(st, 1) & 1;
		i->set = (uint8_t)(sqlite3_column_int(st, 1) >> 1);
		sub->n_impus++;
	}
	reset(st);
	return ok && rc == SQLITE_DONE;
}

static bool take_sub(struct ims_io_sqlite *s, sqlite3_stmt *st,
		     struct ims_sub *out)
{
	memset(out, 0, sizeof(*out));
	if (!take_text(st, C_IMSI, out->imsi, sizeof(out->imsi)) ||
	    !take_text(st, C_IMPI, out->impi, sizeof(out->impi)) ||
	    !take_key(st, &out->key) || take_blob(st, C_AMF, out->amf, 2) != 2)
		return false;
	out->sqn = (uint64_t)sqlite3_column_int64(st, C_SQN) & IMS_SQN_MASK;
	out->fixed_sqn = sqlite3_column_int(st, C_FIXED_SQN);
	out->barred = sqlite3_column_int(st, C_BARRED);
	return take_impus(s, out);
}

static int get(struct ims_io_sqlite *s, enum ims_io_sqlite_stmt which,
	       struct ims_str key, struct ims_sub *out)
{
	sqlite3_stmt *st = s->stmt[which];
	struct ims_sub sub;
	int rc, err = 0;

	bind_str(st, 1, key);
	rc = sqlite3_step(st);
	if (rc == SQLITE_DONE)
		err = fail(s, -IMS_E_NOTFOUND, "no such subscriber");
	else if (rc != SQLITE_ROW)
		err = refused(s);
	else if (!take_sub(s, st, &sub))
		err = fail(s, -IMS_E_STORE, "a row of the file is damaged");
	else
		*out = sub;
	reset(st);
	ims_sub_wipe(&sub);
	return err;
}

static int db_get(struct ims_hss_store *store, struct ims_str impi,
		  struct ims_sub *out)
{
	return get(of(store), IMS_IO_SQLITE_GET, impi, out);
}

static int db_get_imsi(struct ims_hss_store *store, struct ims_str imsi,
		       struct ims_sub *out)
{
	return get(of(store), IMS_IO_SQLITE_GET_IMSI, imsi, out);
}

static size_t opc_len(enum ims_aka_algo algo)
{
	if (algo == IMS_AKA_XOR)
		return 0;
	return algo == IMS_AKA_TUAK ? 32 : 16;
}

static void bind_sub(sqlite3_stmt *st, const struct ims_sub *sub)
{
	const struct ims_aka_key *key = &sub->key;

	bind_str(st, 1 + C_IMSI, ims_str(sub->imsi));
	bind_str(st, 1 + C_IMPI, ims_str(sub->impi));
	bind_str(st, 1 + C_ALGO, ims_str(ims_aka_algo_name(key->algo)));
	sqlite3_bind_blob(st, 1 + C_K, key->k, key->k_len, SQLITE_STATIC);
	sqlite3_bind_blob(st, 1 + C_OPC, key->opc, (int)opc_len(key->algo),
			  SQLITE_STATIC);
	sqlite3_bind_int(st, 1 + C_RES_LEN, key->res_len);
	sqlite3_bind_int(st, 1 + C_ITERATIONS, key->iterations);
	sqlite3_bind_blob(st, 1 + C_AMF, sub->amf, 2, SQLITE_STATIC);
	sqlite3_bind_int64(st, 1 + C_SQN, (sqlite3_int64)sub->sqn);
	sqlite3_bind_int(st, 1 + C_FIXED_SQN, sub->fixed_sqn);
	sqlite3_bind_int(st, 1 + C_BARRED, sub->barred);
}

static int put_impus(struct ims_io_sqlite *s, const struct ims_sub *sub)
{
	sqlite3_stmt *st = s->stmt[IMS_IO_SQLITE_ADD_IMPU];
	int err = 0;

	for (size_t i = 0; i < sub->n_impus && err >= 0; i++) {
		bind_str(st, 1, ims_str(sub->imsi));
		sqlite3_bind_int(st, 2, (int)i);
		bind_str(st, 3, ims_str(sub->impu[i].uri));
		sqlite3_bind_int(st, 4,
				 sub->impu[i].barred | sub->impu[i].set << 1);
		err = run(s, IMS_IO_SQLITE_ADD_IMPU);
	}
	return err < 0 ? err : 0;
}

/* Within a transaction: the row, then its identities anew. */
static int put_sub(struct ims_io_sqlite *s, enum ims_io_sqlite_stmt how,
		   const struct ims_sub *sub)
{
	int n;

	bind_sub(s->stmt[how], sub);
	n = run(s, how);
	if (n < 0)
		return n;
	if (n == 0)
		return fail(s, -IMS_E_NOTFOUND, "no such subscriber");
	bind_str(s->stmt[IMS_IO_SQLITE_DEL_IMPUS], 1, ims_str(sub->imsi));
	n = run(s, IMS_IO_SQLITE_DEL_IMPUS);
	return n < 0 ? n : put_impus(s, sub);
}

static int store_sub(struct ims_io_sqlite *s, enum ims_io_sqlite_stmt how,
		     const struct ims_sub *sub)
{
	char why[sizeof(s->why)];
	int err = run(s, IMS_IO_SQLITE_BEGIN);

	if (err < 0)
		return err;
	err = put_sub(s, how, sub);
	if (err == 0)
		err = run(s, IMS_IO_SQLITE_COMMIT);
	if (err >= 0)
		return 0;
	memcpy(why, s->why, sizeof(why)); /* the first reason is the one */
	run(s, IMS_IO_SQLITE_ROLLBACK);
	return fail(s, err, why);
}

static int db_add(struct ims_hss_store *store, const struct ims_sub *sub)
{
	return store_sub(of(store), IMS_IO_SQLITE_ADD, sub);
}

static int db_set(struct ims_hss_store *store, const struct ims_sub *sub)
{
	return store_sub(of(store), IMS_IO_SQLITE_SET, sub);
}

static int changed(struct ims_io_sqlite *s, int n)
{
	if (n == 0)
		return fail(s, -IMS_E_NOTFOUND, "no such subscriber");
	return n < 0 ? n : 0;
}

static int db_set_sqn(struct ims_hss_store *store, struct ims_str impi,
		      uint64_t sqn)
{
	struct ims_io_sqlite *s = of(store);
	sqlite3_stmt *st = s->stmt[IMS_IO_SQLITE_SET_SQN];

	bind_str(st, 1, impi);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)(sqn & IMS_SQN_MASK));
	return changed(s, run(s, IMS_IO_SQLITE_SET_SQN));
}

static int db_del(struct ims_hss_store *store, struct ims_str imsi)
{
	struct ims_io_sqlite *s = of(store);

	bind_str(s->stmt[IMS_IO_SQLITE_DEL], 1, imsi);
	return changed(s, run(s, IMS_IO_SQLITE_DEL));
}

static int db_list(struct ims_hss_store *store,
		   int (*each)(void *arg, const struct ims_sub *sub), void *arg)
{
	struct ims_io_sqlite *s = of(store);
	sqlite3_stmt *st = s->stmt[IMS_IO_SQLITE_LIST];
	struct ims_sub sub;
	int rc, err = 0;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if (!take_sub(s, st, &sub)) {
			err = fail(s, -IMS_E_STORE,
				   "a row of the file is damaged");
			break;
		}
		if (each(arg, &sub))
			break;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		err = refused(s);
	reset(st);
	ims_sub_wipe(&sub);
	return err;
}

static void db_free(struct ims_hss_store *store)
{
	struct ims_io_sqlite *s = of(store);

	for (size_t i = 0; i < IMS_IO_SQLITE_N_STMTS; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	free(s);
}

static const char *db_why(struct ims_hss_store *store)
{
	return of(store)->why;
}

const struct ims_hss_store_ops ims_io_sqlite_ops = {
	.get = db_get,
	.get_imsi = db_get_imsi,
	.add = db_add,
	.set = db_set,
	.set_sqn = db_set_sqn,
	.del = db_del,
	.list = db_list,
	.free = db_free,
	.why = db_why,
};
