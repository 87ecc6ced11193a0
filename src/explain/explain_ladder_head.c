/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_ladder_head.c - the hosts of the ladder as boxes, one lane a port. */
#include "base_trace.h"
#include "explain_ladder_priv.h"

#include <stdio.h>
#include <string.h>

#define BOX 28 /* columns of a box with its borders */
#define TITLE 128

enum box_glyph { LEFT_TOP, RIGHT_TOP, LEFT_END, RIGHT_END, TEE, LINE, WALL };
static const char *const glyphs[2][7] = {
	{"+", "+", "+", "+", "+", "-", "|"},
	{"┌", "┐", "└", "┘", "┬", "─", "│"},
};

static void put_glyph(struct ims_buf *b, const struct ims_ladder *l,
		      enum box_glyph g)
{
	ims_buf_puts(b, glyphs[l->utf8][g]);
}

static void blanks(struct ims_buf *b, unsigned n)
{
	while (n--)
		ims_buf_putc(b, ' ');
}

static void lines(struct ims_buf *b, const struct ims_ladder *l, unsigned n)
{
	while (n--)
		put_glyph(b, l, LINE);
}

/* --- titles ------------------------------------------------------------- */

static unsigned title(const struct ims_ladder *l, bool ue, char out[TITLE])
{
	char name[TITLE - 16];

	ims_printable(ims_str(ue ? l->ue : l->pcscf), name, sizeof name);
	return (unsigned)snprintf(out, TITLE, "%s %s", ue ? "UE" : "P-CSCF",
				  name);
}

static bool fits(const struct ims_ladder *l, bool ue)
{
	char text[TITLE];

	return title(l, ue, text) <= BOX - 4;
}

/* A title that is too long for its box stands above it. */
static void put_titles(struct ims_buf *b, const struct ims_ladder *l)
{
	char ue[TITLE], p[TITLE];
	unsigned n_ue = fits(l, true) ? 0 : title(l, true, ue);
	unsigned n_p = fits(l, false) ? 0 : title(l, false, p);
	unsigned room = LADDER_COLUMNS - LADDER_LEFT;

	if (n_ue) {
		blanks(b, LADDER_LEFT);
		ims_buf_puts(b, ue);
	}
	if (n_ue && n_p && n_ue + 2 + n_p > room) {
		ims_buf_putc(b, '\n');
		n_ue = 0;
	}
	if (n_p) {
		unsigned pen = n_ue ? LADDER_LEFT + n_ue : 0;
		unsigned start = LADDER_COLUMNS - n_p;

		blanks(b, n_p < LADDER_COLUMNS ? start - pen : 0);
		ims_buf_puts(b, p);
	}
	if (n_ue || n_p)
		ims_buf_putc(b, '\n');
}

static void put_top(struct ims_buf *b, const struct ims_ladder *l, bool ue)
{
	char text[TITLE];
	unsigned n = fits(l, ue) ? title(l, ue, text) + 2 : 0;
	unsigned before = (BOX - 2 - n) / 2;

	put_glyph(b, l, LEFT_TOP);
	lines(b, l, before);
	if (n) {
		ims_buf_putc(b, ' ');
		ims_ladder_painted(b, l, BOLD, text);
		ims_buf_putc(b, ' ');
	}
	lines(b, l, BOX - 2 - n - before);
	put_glyph(b, l, RIGHT_TOP);
}

/* --- ports -------------------------------------------------------------- */

static void lane_text(const struct ims_ladder *l, enum ladder_lane lane,
		      char out[static 16])
{
	static const char *const names[N_LANES] = {"", "uc", "us",
						   "", "pc", "ps"};
	const uint16_t port[N_LANES] = {l->ue_clear,    l->uc, l->us,
					l->pcscf_clear, l->pc, l->ps};

	if (!port[lane])
		snprintf(out, 16, "%s", *names[lane] ? names[lane] : "-");
	else
		snprintf(out, 16, "%s%s%u", names[lane],
			 *names[lane] ? ":" : "", port[lane]);
}

/* One host's three ports, each centred on its lane. */
static unsigned put_host_ports(struct ims_buf *b, const struct ims_ladder *l,
			       enum ladder_lane first, unsigned pen)
{
	for (unsigned i = first; i < first + 3u; i++) {
		enum ladder_lane lane = (enum ladder_lane)i;
		char text[16];
		unsigned n, start;

		lane_text(l, lane, text);
		n = (unsigned)strlen(text);
		start = ims_ladder_column[lane] - n / 2;
		blanks(b, start - pen);
		ims_ladder_painted(b, l, ims_ladder_lane_paint(lane), text);
		pen = start + n;
	}
	return pen;
}

static void put_ports(struct ims_buf *b, const struct ims_ladder *l, bool boxed)
{
	unsigned pen = 0;

	for (unsigned host = 0; host < 2; host++) {
		enum ladder_lane first = host ? P_CLEAR : UE_CLEAR;
		unsigned left = ims_ladder_column[first] - 4;

		if (boxed) {
			blanks(b, left - pen);
			put_glyph(b, l, WALL);
			pen = left + 1;
		}
		pen = put_host_ports(b, l, first, pen);
		if (boxed) {
			blanks(b, left + BOX - 1 - pen);
			put_glyph(b, l, WALL);
			pen = left + BOX;
		}
	}
	ims_buf_putc(b, '\n');
}

static void put_bottom(struct ims_buf *b, const struct ims_ladder *l)
{
	put_glyph(b, l, LEFT_END);
	for (unsigned i = 1; i < BOX - 1; i++)
		put_glyph(b, l, i % 9 == 4 ? TEE : LINE);
	put_glyph(b, l, RIGHT_END);
}

void ims_ladder_head(struct ims_buf *b, const struct ims_ladder *l)
{
	unsigned gap = ims_ladder_column[P_CLEAR] - ims_ladder_column[UE_CLEAR];

	if (l->drawn) {
		put_ports(b, l, false);
		return;
	}
	put_titles(b, l);
	blanks(b, LADDER_LEFT);
	put_top(b, l, true);
	blanks(b, gap - BOX);
	put_top(b, l, false);
	ims_buf_putc(b, '\n');
	put_ports(b, l, true);
	blanks(b, LADDER_LEFT);
	put_bottom(b, l);
	blanks(b, gap - BOX);
	put_bottom(b, l);
	ims_buf_putc(b, '\n');
}
