/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_watch.h - what a watcher knows after a number of reginfo documents.
 *
 * The tables of RFC 3680 5.3 (one subscription) as a value: one row per
 * registration, and one per contact of it.  A full document replaces them, a
 * partial one changes its own rows, and the version says whether a document
 * was missed, or comes too late.
 */
#ifndef IMS_REG_WATCH_H
#define IMS_REG_WATCH_H

#include "reg_info.h"

/* More rows are refused: no user has that many. */
#define IMS_REG_WATCH_ROWS 256

struct ims_reg_watch_row {
	struct ims_str aor, reg_id;
	struct ims_str contact_id, uri; /* empty: the row of the registration */
	enum ims_reginfo_state state;
	enum ims_reginfo_event event; /* of a contact */
	bool has_expires;
	uint32_t expires;
	char *memory; /* the texts of this row */
};

/* Zeroed: nothing known yet. */
struct ims_reg_watch {
	bool any; /* a document was taken */
	uint32_t version;
	struct ims_reg_watch_row *row;
	size_t n_rows;
};

enum ims_reg_watch_verdict {
	IMS_REG_WATCH_TAKEN,
	IMS_REG_WATCH_GAP, /* taken, but something was missed: refresh the
			    * subscription to get full state */
	IMS_REG_WATCH_OLD, /* not taken: that version or a later one was seen */
};

/* Takes a document.  The first sets the version; the next has one more (after
 * 2^32-1 comes 0); a greater one is a gap, unless the document is full.  Rows
 * that are terminated are dropped.
 * Returns a verdict, or -IMS_E_NOMEM, -IMS_E_TOOBIG: then *w is as it was.
 */
int ims_reg_watch_take(struct ims_reg_watch *w, const struct ims_reginfo *doc);
/* The row of a registration or, with a contact_id, of a contact; NULL: none. */
const struct ims_reg_watch_row *ims_reg_watch_find(
	const struct ims_reg_watch *w, struct ims_str reg_id,
	struct ims_str contact_id);
void ims_reg_watch_free(struct ims_reg_watch *w); /* zeroed again */

#endif
