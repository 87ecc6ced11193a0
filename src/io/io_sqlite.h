/* SPDX-License-Identifier: BSD-2-Clause */
/* io_sqlite.h - the subscribers in an SQLite file.
 *
 * One file that the core and `imsreg sub` may have open at once: write-ahead
 * log, each change its own transaction.  What was stored survives the end of
 * the process in any form; after a power cut the last changes may be missing
 * (synchronous=NORMAL).  Who waits longer than half a second for another
 * writer gets -IMS_E_STORE.
 *
 * The file holds K and OPc as they are.  It is made with mode 0600; an older
 * file keeps the mode that it has.
 */
#ifndef IMS_IO_SQLITE_H
#define IMS_IO_SQLITE_H

#include "hss.h"

/* Opens the file, or makes it with an empty schema.  A file that is something
 * else, damaged, or of a newer version is refused and left as it is; why says
 * which.  The store is freed by its own free.
 * Returns 0, -IMS_E_STORE, -IMS_E_NOMEM.
 */
int ims_io_sqlite_open(const char *path, struct ims_hss_store **out,
		       struct ims_flaw *why);

/* Reads all of it and looks for damage: about a second per gigabyte.  For a
 * core that starts.  Returns 0 or -IMS_E_STORE.
 */
int ims_io_sqlite_check(struct ims_hss_store *store, struct ims_flaw *why);

#endif
