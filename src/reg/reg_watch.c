/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_watch.c - full and partial state, and gaps [RFC 3680 5.3].
 *
 * A document makes a new table beside the old one: rows that it names come
 * from it, a partial one leaves the others as they are.  Only when all of it
 * is there does it take the old one's place.
 */
#include "reg_watch.h"

#include <stdlib.h>
#include <string.h>

/* Rows of the next table; `kept` rows still belong to the old one. */
struct table {
	struct ims_reg_watch_row *row;
	size_t n, cap, kept;
};

static struct ims_str put(char **at, struct ims_str s)
{
	struct ims_str copy = {*at, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static bool named(const struct ims_reginfo_reg *r, struct ims_str contact_id)
{
	if (contact_id.n == 0)
		return true;
	for (size_t i = 0; i < r->n_contacts; i++)
		if (ims_str_eq(r->contact[i].id, contact_id))
			return true;
	return false;
}

/* Does the document replace or end this row? */
static bool touched(const struct ims_reginfo *doc,
		    const struct ims_reg_watch_row *row)
{
	for (size_t i = 0; i < doc->n_regs; i++) {
		const struct ims_reginfo_reg *r = &doc->reg[i];

		if (!ims_str_eq(r->id, row->reg_id))
			continue;
		if (r->state == IMS_REGINFO_TERMINATED ||
		    named(r, row->contact_id))
			return true;
	}
	return false;
}

static int add(struct table *t, const struct ims_reginfo_reg *r,
	       const struct ims_reginfo_contact *c)
{
	struct ims_reg_watch_row *row = &t->row[t->n];
	size_t n = r->aor.n + r->id.n + (c ? c->id.n + c->uri.n : 0);
	char *at = malloc(n ? n : 1);

	if (!at)
		return -IMS_E_NOMEM;
	*row = (struct ims_reg_watch_row){.memory = at, .state = r->state};
	row->aor = put(&at, r->aor);
	row->reg_id = put(&at, r->id);
	if (c) {
		row->contact_id = put(&at, c->id);
		row->uri = put(&at, c->uri);
		row->state = c->state;
		row->event = c->event;
		row->has_expires = c->has_expires;
		row->expires = c->expires;
	}
	t->n++;
	return 0;
}

static int add_reg(struct table *t, const struct ims_reginfo_reg *r)
{
	if (r->state == IMS_REGINFO_TERMINATED)
		return 0;
	if (add(t, r, NULL))
		return -IMS_E_NOMEM;
	for (size_t i = 0; i < r->n_contacts; i++)
		if (r->contact[i].state != IMS_REGINFO_TERMINATED &&
		    add(t, r, &r->contact[i]))
			return -IMS_E_NOMEM;
	return 0;
}

static int fill(struct table *t, const struct ims_reg_watch *w,
		const struct ims_reginfo *doc)
{
	for (size_t i = 0; !doc->full && i < w->n_rows; i++)
		if (!touched(doc, &w->row[i]))
			t->row[t->n++] = w->row[i];
	t->kept = t->n;
	for (size_t i = 0; i < doc->n_regs; i++)
		if (add_reg(t, &doc->reg[i]))
			return -IMS_E_NOMEM;
	return 0;
}

static void drop_added(struct table *t)
{
	for (size_t i = t->kept; i < t->n; i++)
		free(t->row[i].memory);
	free(t->row);
}

/* Frees the rows that did not move on. */
static void drop_old(struct ims_reg_watch *w, const struct ims_reginfo *doc)
{
	for (size_t i = 0; i < w->n_rows; i++)
		if (doc->full || touched(doc, &w->row[i]))
			free(w->row[i].memory);
	free(w->row);
}

static size_t count(const struct ims_reginfo *doc)
{
	size_t n = doc->n_regs;

	for (size_t i = 0; i < doc->n_regs; i++)
		n += doc->reg[i].n_contacts;
	return n;
}

static enum ims_reg_watch_verdict judge(const struct ims_reg_watch *w,
					const struct ims_reginfo *doc)
{
	if (!w->any)
		return doc->full ? IMS_REG_WATCH_TAKEN : IMS_REG_WATCH_GAP;
	if (doc->version == (uint32_t)(w->version + 1))
		return IMS_REG_WATCH_TAKEN;
	if (doc->version <= w->version)
		return IMS_REG_WATCH_OLD;
	return doc->full ? IMS_REG_WATCH_TAKEN : IMS_REG_WATCH_GAP;
}

int ims_reg_watch_take(struct ims_reg_watch *w, const struct ims_reginfo *doc)
{
	enum ims_reg_watch_verdict verdict = judge(w, doc);
	struct table t = {.cap = count(doc) + (doc->full ? 0 : w->n_rows)};

	if (verdict == IMS_REG_WATCH_OLD)
		return verdict;
	if (t.cap > IMS_REG_WATCH_ROWS)
		return -IMS_E_TOOBIG;
	t.row = calloc(t.cap ? t.cap : 1, sizeof *t.row);
	if (!t.row)
		return -IMS_E_NOMEM;
	if (fill(&t, w, doc)) {
		drop_added(&t);
		return -IMS_E_NOMEM;
	}
	drop_old(w, doc);
	*w = (struct ims_reg_watch){true, doc->version, t.row, t.n};
	return verdict;
}

const struct ims_reg_watch_row *ims_reg_watch_find(
	const struct ims_reg_watch *w, struct ims_str reg_id,
	struct ims_str contact_id)
{
	for (size_t i = 0; i < w->n_rows; i++)
		if (ims_str_eq(w->row[i].reg_id, reg_id) &&
		    ims_str_eq(w->row[i].contact_id, contact_id))
			return &w->row[i];
	return NULL;
}

void ims_reg_watch_free(struct ims_reg_watch *w)
{
	for (size_t i = 0; i < w->n_rows; i++)
		free(w->row[i].memory);
	free(w->row);
	memset(w, 0, sizeof *w);
}
