/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_table.c - the two tables, and how they are printed. */
#include "inject_priv.h"

#include <string.h>

const struct ims_inject_row *ims_inject_rows(bool ue, size_t *n)
{
	*n = ue ? ims_inject_n_ue : ims_inject_n_core;
	return ue ? ims_inject_ue_rows : ims_inject_core_rows;
}

const struct ims_inject_row *ims_inject_find(bool ue, struct ims_str id)
{
	size_t n;
	const struct ims_inject_row *r = ims_inject_rows(ue, &n);

	for (size_t i = 0; i < n; i++)
		if (ims_str_eq(id, ims_str(r[i].id)))
			return &r[i];
	return NULL;
}

void ims_inject_list(struct ims_buf *b, bool ue)
{
	size_t n;
	const struct ims_inject_row *r = ims_inject_rows(ue, &n);

	for (size_t i = 0; i < n; i++)
		ims_buf_printf(b, "%s  [%s]\n    %s\n    correct: %s\n",
			       r[i].id, r[i].clause, r[i].does, r[i].peer);
}

/* A cell of a table must not end it. */
static void put_cell(struct ims_buf *b, const char *text)
{
	ims_buf_puts(b, " ");
	for (; *text; text++) {
		if (*text == '|' || *text == '*')
			ims_buf_putc(b, '\\');
		ims_buf_putc(b, *text);
	}
	ims_buf_puts(b, " |");
}

static void put_want(struct ims_buf *b, const struct ims_inject_row *r)
{
	switch (r->want) {
	case IMS_INJECT_REGISTERS:
		ims_buf_printf(b, " registered within %u s |",
			       (unsigned)r->within_s);
		break;
	case IMS_INJECT_GIVES_UP:
		ims_buf_puts(b, " gives up |");
		break;
	case IMS_INJECT_REFUSES:
		ims_buf_puts(b, " refused |");
		break;
	}
	if (!r->err) {
		ims_buf_puts(b, " |\n");
		return;
	}
	ims_buf_printf(b, " `%s`:", ims_err_info(r->err)->id);
	put_cell(b, r->says);
	ims_buf_puts(b, "\n");
}

bool ims_inject_says(const char *says, struct ims_str text)
{
	struct ims_str want = ims_str(says);
	const char *gap;

	while ((gap = strstr(want.p, "..."))) {
		struct ims_str part = ims_str_n(want.p, (size_t)(gap - want.p));
		const char *at = memmem(text.p, text.n, part.p, part.n);

		/* the first part begins the sentence */
		if (!at || (want.p == says && at != text.p))
			return false;
		text = ims_str_from(text, (size_t)(at - text.p) + part.n);
		want = ims_str(gap + 3);
	}
	if (want.p == says)
		return ims_str_eq(text, want);
	return text.n >= want.n &&
	       ims_str_eq(ims_str_from(text, text.n - want.n), want);
}

static void put_side(struct ims_buf *b, bool ue)
{
	size_t n;
	const struct ims_inject_row *r = ims_inject_rows(ue, &n);

	ims_buf_printf(b, "\n## imsreg %s --inject\n\n", ue ? "ue" : "core");
	ims_buf_puts(b, "| case | where | what it does | clause | "
			"a correct peer | it comes to | what its user reads "
			"|\n|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		ims_buf_printf(b, "| `%s`%s | %s |", r[i].id,
			       r[i].all ? " (all)" : "",
			       ims_inject_at_name(r[i].at));
		put_cell(b, r[i].does);
		put_cell(b, r[i].clause);
		put_cell(b, r[i].peer);
		put_want(b, &r[i]);
	}
}

void ims_inject_doc(struct ims_buf *b)
{
	ims_buf_puts(b, "# Misbehaviour on demand\n\n"
			"`imsreg core --inject CASE[@N]` and `imsreg ue "
			"--inject CASE[@N]` do one\n"
			"wrong thing on purpose, so that a phone or a P-CSCF "
			"can be tested against\n"
			"us.  N is the N-th opportunity, from 1 on (the first, "
			"unless said); `@all`\n"
			"(or `@*`) is every one; a retransmission is the same "
			"opportunity as its\n"
			"original.  The option may be given up to 16 times, "
			"with cases between\n"
			"commas.  What is done is told by a line that begins "
			"with `injected:`.\n"
			"`--inject list` prints these tables.\n\n"
			"The last two columns say what a correct peer comes "
			"to: registered (in the\n"
			"end, again, or still) within that time, with the id "
			"and the sentence that\n"
			"our UE tells its user on the way (... is what "
			"differs); or it gives up with\n"
			"them; or, where the UE does it and does it always, "
			"the core refuses it with\n"
			"them (its user reads them).  Where there are none, "
			"nothing is said.  `imsreg\n"
			"help errors` tells more about an id.  Our own UE and "
			"core are held against each\n"
			"row by `tests/flow/flow_inject.c`.\n"
			"This file is `imsreg core --inject doc`.\n");
	put_side(b, false);
	put_side(b, true);
}
