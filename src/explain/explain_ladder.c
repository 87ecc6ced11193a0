/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_ladder.c - draws the message ladder in a terminal. */
#include "explain_ladder.h"

#include "base_trace.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 78 /* of the drawing; what is said of a message follows */

/* Lanes from left to right, and the column of each. */
enum lane { UE_CLEAR, UE_C, UE_S, P_CLEAR, P_C, P_S, N_LANES };
static const unsigned column[N_LANES] = {8, 17, 26, 51, 60, 69};

enum paint { PLAIN, RED, BLUE, DIM };
static const char *const escape[] = {
	[PLAIN] = "",
	[RED] = "\033[31m",
	[BLUE] = "\033[34m",
	[DIM] = "\033[2m",
};

enum glyph { BLANK, BAR, DASH, HEAD_RIGHT, HEAD_LEFT, LETTER };
static const char *const glyphs[2][5] = {
	{" ", "|", "-", ">", "<"},
	{" ", "│", "─", "▶", "◀"},
};

struct cell {
	enum glyph glyph;
	enum paint paint;
	char letter;
};

static enum paint lane_paint(enum lane l)
{
	if (l == UE_C || l == UE_S)
		return RED;
	return l == P_C || l == P_S ? BLUE : PLAIN;
}

static void paint(struct ims_buf *b, const struct ims_ladder *l, enum paint p)
{
	if (l->color)
		ims_buf_puts(b, p == PLAIN ? "\033[0m" : escape[p]);
}

static void painted(struct ims_buf *b, const struct ims_ladder *l, enum paint p,
		    const char *text)
{
	if (p != PLAIN)
		paint(b, l, p);
	ims_buf_puts(b, text);
	if (p != PLAIN)
		paint(b, l, PLAIN);
}

void ims_ladder_init(struct ims_ladder *l, bool color, bool utf8)
{
	memset(l, 0, sizeof *l);
	l->color = color;
	l->utf8 = utf8;
}

/* --- the head ----------------------------------------------------------- */

static uint16_t lane_port(const struct ims_ladder *l, enum lane lane)
{
	const uint16_t port[N_LANES] = {l->ue_clear,    l->uc, l->us,
					l->pcscf_clear, l->pc, l->ps};

	return port[lane];
}

/* Text centred on a column; the pen never goes back. */
static unsigned centred(struct ims_buf *b, unsigned pen, unsigned col,
			const struct ims_ladder *l, enum paint p,
			const char *text)
{
	unsigned n = (unsigned)strlen(text);
	unsigned start = col > n / 2 ? col - n / 2 : 0;

	if (start <= pen && pen)
		start = pen + 1;
	for (; pen < start; pen++)
		ims_buf_putc(b, ' ');
	painted(b, l, p, text);
	return pen + n;
}

static void head(struct ims_buf *b, const struct ims_ladder *l)
{
	static const char *const names[N_LANES] = {"", "uc:", "us:",
						   "", "pc:", "ps:"};
	char text[96];
	unsigned pen;

	snprintf(text, sizeof text, "UE %s", l->ue);
	pen = centred(b, 0, column[UE_C], l, PLAIN, text);
	snprintf(text, sizeof text, "P-CSCF %s", l->pcscf);
	centred(b, pen, column[P_C], l, PLAIN, text);
	ims_buf_putc(b, '\n');
	pen = 0;
	for (int i = 0; i < N_LANES; i++) {
		uint16_t port = lane_port(l, (enum lane)i);

		if (port)
			snprintf(text, sizeof text, "%s%u", names[i], port);
		else
			snprintf(text, sizeof text, "%.2s",
				 *names[i] ? names[i] : "-");
		pen = centred(b, pen, column[i], l, lane_paint((enum lane)i),
			      text);
	}
	ims_buf_putc(b, '\n');
}

/* Takes over what is known now; true if the head must be drawn again. */
static bool learn(struct ims_ladder *l, const struct ims_sight *m,
		  const struct ims_step *step, const struct ims_secagree *a)
{
	struct ims_ladder was = *l;

	l->uc = a->ue.port_c;
	l->us = a->ue.port_s;
	l->pc = a->pcscf.port_c;
	l->ps = a->pcscf.port_s;
	if (step->arrow < 0) {
		uint16_t ue = m->from_ue ? m->src.port : m->dst.port;

		if (ue) /* 0: the system chooses when it connects */
			l->ue_clear = ue;
		l->pcscf_clear = m->from_ue ? m->dst.port : m->src.port;
	}
	if (!*l->pcscf)
		ims_ip_text(m->from_ue ? m->dst.ip : m->src.ip, l->pcscf);
	if (!*l->ue)
		ims_ip_text(m->from_ue ? m->src.ip : m->dst.ip, l->ue);
	return !was.drawn || was.ue_clear != l->ue_clear || was.uc != l->uc ||
	       was.us != l->us || was.pc != l->pc || was.ps != l->ps ||
	       was.pcscf_clear != l->pcscf_clear;
}

/* --- one line ----------------------------------------------------------- */

static void ends(const struct ims_sight *m, const struct ims_step *step,
		 enum lane *from, enum lane *to)
{
	static const enum lane arrow[IMS_N_ARROWS][2] = {
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

static void draw_arrow(struct cell *c, enum lane from, enum lane to,
		       const char *what)
{
	bool right = column[from] < column[to];
	unsigned left = right ? column[from] : column[to];
	unsigned end = right ? column[to] : column[from];
	unsigned n = (unsigned)strlen(what);
	unsigned room = end - left - 5;
	unsigned at;

	for (unsigned i = left + 1; i < end; i++)
		c[i] = (struct cell){DASH, PLAIN, 0};
	c[right ? end - 1 : left + 1].glyph = right ? HEAD_RIGHT : HEAD_LEFT;
	if (n > room)
		n = room;
	at = left + (end - left - n) / 2;
	c[at - 1].glyph = BLANK;
	for (unsigned i = 0; i < n; i++)
		c[at + i] = (struct cell){LETTER, PLAIN, what[i]};
	c[at + n].glyph = BLANK;
}

static void put_cells(struct ims_buf *b, const struct ims_ladder *l,
		      const struct cell *c)
{
	for (unsigned i = 5; i < COLUMNS; i++) {
		char letter[2] = {c[i].letter, 0};

		painted(b, l, c[i].paint,
			c[i].glyph == LETTER ? letter
					     : glyphs[l->utf8][c[i].glyph]);
	}
}

static void put_carrier(struct ims_buf *b, const struct ims_ladder *l,
			const struct ims_sight *m, const struct ims_step *step)
{
	char text[64];
	bool ue;

	ims_buf_printf(b, "%s ", ims_transport_name(m->transport));
	if (step->arrow < 0 || !m->spi) {
		ims_buf_puts(b, "clear");
		return;
	}
	ue = step->arrow == IMS_PS_TO_UC || step->arrow == IMS_PC_TO_US;
	snprintf(text, sizeof text, "%s %u",
		 ims_arrow_spi_name((enum ims_arrow)step->arrow), m->spi);
	ims_buf_puts(b, "ESP ");
	painted(b, l, ue ? RED : BLUE, text);
}

/* Beside the drawing if it fits, else on a line of its own. */
static void put_note(struct ims_buf *b, const struct ims_ladder *l,
		     const struct ims_step *step)
{
	size_t n = strlen(step->note);

	if (n && (!l->width || COLUMNS + 28 + n <= l->width))
		ims_buf_printf(b, "  %s", step->note);
	else if (n)
		ims_buf_printf(b, "\n%*s%s", (int)column[UE_CLEAR] + 2, "",
			       step->note);
	if (step->err) {
		ims_buf_printf(b, "\n%*s", (int)column[UE_CLEAR] + 2, "");
		painted(b, l, RED, ims_err_info(step->err)->id);
		ims_buf_printf(b, ": %s", step->why);
	}
	ims_buf_putc(b, '\n');
}

void ims_ladder_put(struct ims_buf *b, struct ims_ladder *l, unsigned number,
		    const struct ims_sight *m, const struct ims_step *step,
		    const struct ims_secagree *agreed)
{
	struct cell c[COLUMNS] = {0};
	enum lane from, to;

	if (learn(l, m, step, agreed))
		head(b, l);
	l->drawn = true;
	for (int i = 0; i < N_LANES; i++)
		c[column[i]] = (struct cell){BAR, lane_paint((enum lane)i), 0};
	ends(m, step, &from, &to);
	draw_arrow(c, from, to, step->what);
	ims_buf_printf(b, "%4u ", number);
	put_cells(b, l, c);
	put_carrier(b, l, m, step);
	put_note(b, l, step);
}

/* --- the table of SAs --------------------------------------------------- */

static void sa_row(struct ims_buf *b, const struct ims_ladder *l,
		   const struct ims_ipsec_set *set, enum ims_arrow a,
		   const struct ims_ipsec_count *n)
{
	static const char *const announced[IMS_N_ARROWS] = {
		[IMS_UC_TO_PS] = "Security-Server spi-s",
		[IMS_PS_TO_UC] = "Security-Client spi-c",
		[IMS_PC_TO_US] = "Security-Client spi-s",
		[IMS_US_TO_PC] = "Security-Server spi-c",
	};
	bool ue = a == IMS_PS_TO_UC || a == IMS_PC_TO_US;
	char text[64];

	ims_buf_printf(b, "  %-7s %5u %s %-5u  ", ims_arrow_name(a),
		       set->sa[a].src.port, l->utf8 ? "→" : "->",
		       set->sa[a].dst.port);
	snprintf(text, sizeof text, "%s %10u 0x%08x", ims_arrow_spi_name(a),
		 set->sa[a].spi, set->sa[a].spi);
	painted(b, l, ue ? RED : BLUE, text);
	ims_buf_printf(b, "  %-21s", announced[a]);
	if (n)
		ims_buf_printf(b, "  %7llu  %7llu",
			       (unsigned long long)n->packets,
			       (unsigned long long)n->bytes);
	ims_buf_putc(b, '\n');
}

void ims_ladder_sa_table(struct ims_buf *b, const struct ims_ladder *l,
			 const struct ims_ipsec_set *set,
			 const struct ims_ipsec_count *count)
{
	char suite[IMS_SUITE_TEXT];

	ims_buf_printf(b, "Security associations: ESP transport mode, %s\n",
		       ims_ipsec_suite_text(set->suite, suite));
	ims_buf_printf(b, "  %-7s %-14s  %-28s  %-21s%s\n", "SA", "ports",
		       "SPI (chosen by the receiver)", "announced in",
		       count ? "  packets    bytes" : "");
	for (int a = 0; a < IMS_N_ARROWS; a++)
		sa_row(b, l, set, (enum ims_arrow)a, count ? &count[a] : NULL);
}
