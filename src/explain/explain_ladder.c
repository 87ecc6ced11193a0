/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_ladder.c - draws the message ladder in a terminal. */
#include "explain_ladder.h"

#include "base_trace.h"
#include "explain_ladder_priv.h"

#include <stdio.h>
#include <string.h>

#define INDENT 10 /* of what is said on a line of its own */
#define SAID (2 * IMS_STEP_NOTE)

const unsigned ims_ladder_column[N_LANES] = {9, 18, 27, 49, 58, 67};

static const char *const escape[] = {
	[PLAIN] = "\033[0m",
	[RED] = "\033[31m",
	[BLUE] = "\033[34m",
	[BOLD] = "\033[1m",
};

enum glyph { BLANK, BAR, DASH, HEAD_RIGHT, HEAD_LEFT, LETTER };
static const char *const glyphs[2][5] = {
	{" ", "|", "-", ">", "<"},
	{" ", "│", "─", "▶", "◀"},
};

struct cell {
	enum glyph glyph;
	enum ladder_paint paint;
	char letter;
};

enum ladder_paint ims_ladder_lane_paint(enum ladder_lane l)
{
	if (l == UE_C || l == UE_S)
		return RED;
	return l == P_C || l == P_S ? BLUE : PLAIN;
}

void ims_ladder_painted(struct ims_buf *b, const struct ims_ladder *l,
			enum ladder_paint p, const char *text)
{
	bool colored = l->color && p != PLAIN;

	if (colored)
		ims_buf_puts(b, escape[p]);
	ims_buf_puts(b, text);
	if (colored)
		ims_buf_puts(b, escape[PLAIN]);
}

void ims_ladder_init(struct ims_ladder *l, bool color, bool utf8)
{
	memset(l, 0, sizeof *l);
	l->color = color;
	l->utf8 = utf8;
}

/* Takes over what is known now; true if a lane is new or another. */
static bool learn(struct ims_ladder *l, const struct ims_sight *m,
		  const struct ims_step *step, const struct ims_secagree *a)
{
	struct ims_ladder was = *l;

	l->uc = a->ue.port_c;
	l->us = a->ue.port_s;
	l->pc = a->pcscf.port_c;
	l->ps = a->pcscf.port_s;
	if (step->arrow < 0) {
		l->ue_clear = m->from_ue ? m->src.port : m->dst.port;
		l->pcscf_clear = m->from_ue ? m->dst.port : m->src.port;
	}
	if (!*l->pcscf)
		ims_ip_text(m->from_ue ? m->dst.ip : m->src.ip, l->pcscf);
	if (!*l->ue)
		ims_ip_text(m->from_ue ? m->src.ip : m->dst.ip, l->ue);
	return was.ue_clear != l->ue_clear || was.uc != l->uc ||
	       was.us != l->us || was.pc != l->pc || was.ps != l->ps ||
	       was.pcscf_clear != l->pcscf_clear;
}

/* --- the arrow ---------------------------------------------------------- */

static void ends(const struct ims_sight *m, const struct ims_step *step,
		 enum ladder_lane *from, enum ladder_lane *to)
{
	static const enum ladder_lane arrow[IMS_N_ARROWS][2] = {
		[IMS_UC_TO_PS] = {UE_C, P_S},
		[IMS_PS_TO_UC] = {P_S, UE_C},
		[IMS_PC_TO_US] = {P_C, UE_S},
		[IMS_US_TO_PC] = {UE_S, P_C},
	};

	if (step->arrow >= 0) {
		*from = arrow[step->arrow][0];
		*to = arrow[step->arrow][1];
	} else {
		*from = m->from_ue ? UE_CLEAR : P_CLEAR;
		*to = m->from_ue ? P_CLEAR : UE_CLEAR;
	}
}

/* What is too long for the arrow is cut. */
static void draw_arrow(struct cell *c, enum ladder_lane from,
		       enum ladder_lane to, const char *what)
{
	unsigned a = ims_ladder_column[from], z = ims_ladder_column[to];
	unsigned left = a < z ? a : z, end = a < z ? z : a;
	unsigned n = (unsigned)strlen(what), room = end - left - 5;
	unsigned at;

	for (unsigned i = left + 1; i < end; i++)
		c[i] = (struct cell){DASH, PLAIN, 0};
	if (a < z)
		c[end - 1].glyph = HEAD_RIGHT;
	else
		c[left + 1].glyph = HEAD_LEFT;
	if (n > room)
		n = room;
	at = left + (end - left + 1 - n) / 2;
	c[at - 1].glyph = BLANK;
	for (unsigned i = 0; i < n; i++)
		c[at + i] = (struct cell){LETTER, PLAIN, what[i]};
	c[at + n].glyph = BLANK;
}

/* Up to the last lane. */
static void put_cells(struct ims_buf *b, const struct ims_ladder *l,
		      const struct cell *c)
{
	for (unsigned i = LADDER_LEFT; i <= ims_ladder_column[P_S]; i++) {
		char letter[2] = {c[i].letter, 0};

		ims_ladder_painted(b, l, c[i].paint,
				   c[i].glyph == LETTER
					   ? letter
					   : glyphs[l->utf8][c[i].glyph]);
	}
}

static void put_arrow(struct ims_buf *b, const struct ims_ladder *l,
		      const struct ims_sight *m, const struct ims_step *step)
{
	struct cell c[LADDER_COLUMNS] = {0};
	enum ladder_lane from, to;
	char what[sizeof step->what];

	for (int i = 0; i < N_LANES; i++)
		c[ims_ladder_column[i]] = (struct cell){
			BAR, ims_ladder_lane_paint((enum ladder_lane)i), 0};
	ends(m, step, &from, &to);
	draw_arrow(c, from, to,
		   ims_printable(ims_str(step->what), what, sizeof what));
	put_cells(b, l, c);
}

/* --- what is said of it ------------------------------------------------- */

/* Returns how many columns it took. */
static unsigned put_carrier(struct ims_buf *b, const struct ims_ladder *l,
			    const struct ims_sight *m,
			    const struct ims_step *step)
{
	const char *transport = ims_transport_name(m->transport);
	bool ue = step->arrow == IMS_PS_TO_UC || step->arrow == IMS_PC_TO_US;
	enum ladder_paint p = PLAIN;
	char text[64];

	if (!m->spi)
		snprintf(text, sizeof text, "clear");
	else if (step->arrow < 0)
		snprintf(text, sizeof text, "ESP spi %u", m->spi);
	else {
		snprintf(text, sizeof text, "%s %u",
			 ims_arrow_spi_name((enum ims_arrow)step->arrow),
			 m->spi);
		p = ue ? RED : BLUE;
	}
	ims_buf_printf(b, "%s %s", transport, p != PLAIN ? "ESP " : "");
	ims_ladder_painted(b, l, p, text);
	return (unsigned)(strlen(transport) + 1 + strlen(text)) +
	       (p != PLAIN ? 4 : 0);
}

static void new_line(struct ims_buf *b)
{
	ims_buf_printf(b, "\n%*s", INDENT, "");
}

/* Words from column pen on, folded before the right edge. */
static void put_words(struct ims_buf *b, const struct ims_ladder *l,
		      unsigned pen, struct ims_str text)
{
	bool first = true;

	while (text.n) {
		struct ims_str word = text;

		word.n = ims_str_find(text, ' ');
		text = ims_str_from(text, word.n + 1);
		if (!first && l->width && pen + 1 + word.n > l->width) {
			new_line(b);
			pen = INDENT;
		} else if (!first) {
			ims_buf_putc(b, ' ');
			pen++;
		}
		ims_buf_put(b, word);
		pen += (unsigned)word.n;
		first = false;
	}
}

static void put_note(struct ims_buf *b, const struct ims_ladder *l,
		     unsigned carrier, const char *note)
{
	bool wide = !l->width || l->width >= LADDER_WIDE;
	size_t n = strlen(note);

	if (!n)
		return;
	if (!wide && INDENT + carrier + 2 + n <= l->width) {
		ims_buf_printf(b, "  %s", note);
	} else if (!l->width || LADDER_WIDE + 2 + n <= l->width) {
		ims_buf_printf(b, "%*s%s", (int)(LADDER_CARRIER - carrier) + 2,
			       "", note);
	} else {
		new_line(b);
		put_words(b, l, INDENT, ims_str(note));
	}
}

static void put_wrong(struct ims_buf *b, const struct ims_ladder *l,
		      const struct ims_step *step)
{
	const char *id = ims_err_info(step->err)->id;
	char why[SAID];

	new_line(b);
	ims_ladder_painted(b, l, BOLD, id);
	ims_buf_puts(b, ": ");
	ims_printable(ims_str(step->why), why, sizeof why);
	put_words(b, l, INDENT + (unsigned)strlen(id) + 2, ims_str(why));
}

void ims_ladder_put(struct ims_buf *b, struct ims_ladder *l, unsigned number,
		    const struct ims_sight *m, const struct ims_step *step,
		    const struct ims_secagree *agreed)
{
	char note[SAID];
	unsigned carrier;

	if (learn(l, m, step, agreed) || !l->drawn)
		ims_ladder_head(b, l);
	l->drawn = true;
	ims_buf_printf(b, "%4u%c", number, step->err ? '!' : ' ');
	put_arrow(b, l, m, step);
	if (!l->width || l->width >= LADDER_WIDE)
		ims_buf_printf(b, "%*s",
			       (int)(LADDER_COLUMNS + 1 -
				     ims_ladder_column[P_S]),
			       "");
	else
		new_line(b);
	carrier = put_carrier(b, l, m, step);
	ims_printable(ims_str(step->note), note, sizeof note);
	put_note(b, l, carrier, note);
	if (step->err)
		put_wrong(b, l, step);
	ims_buf_putc(b, '\n');
}
