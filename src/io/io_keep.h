/* SPDX-License-Identifier: BSD-2-Clause */
/* io_keep.h - what outlives the process (role_keep.h), in two files.
 *
 *	FILE        records, SQLite: a commit is one transaction
 *	FILE-live   counters of the SA sets, mapped into memory: a number that
 *	            was written is there for the next process, however this
 *	            one ends
 *
 * What was committed survives the end of the process in any form; after a
 * power cut the last commits may be missing (synchronous=NORMAL).  SA sets
 * never survive a new start of the machine: neither the kernel nor the
 * counters can vouch for them then.
 *
 * Both files hold keys of SAs and are made with mode 0600.  One process at a
 * time has them open.  Nothing else is in them, so that a long transaction
 * elsewhere (imsreg sub import) delays no promise.
 */
#ifndef IMS_IO_KEEP_H
#define IMS_IO_KEEP_H

#include "role_keep.h"

/* Opens or makes both.  Files of another program or version, damaged ones, and
 * two that do not belong together are refused and left as they are; so are
 * files that another process has open.  why says which, and what to do.
 * Returns 0, -IMS_E_STORE, -IMS_E_IN_USE, -IMS_E_NOMEM.
 */
int ims_io_keep_open(const char *path, struct ims_keep_store **out,
		     struct ims_flaw *why);

#endif
