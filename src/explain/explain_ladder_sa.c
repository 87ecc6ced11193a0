/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_ladder_sa.c - the table of the four SAs under a ladder. */
#include "explain_ladder_priv.h"

#include <inttypes.h>
#include <stdio.h>

#define FULL 96 /* columns of the whole table */

/* Narrow terminals get the table without hexadecimal and with short names. */
static bool narrow(const struct ims_ladder *l)
{
	return l->width && l->width < FULL;
}

static void row(struct ims_buf *b, const struct ims_ladder *l,
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
	const struct ims_ipsec_sa *sa = &set->sa[a];
	char text[64], hex[16] = "";

	ims_buf_printf(b, "  %-6s  %5u %s %-5u%*s", ims_arrow_name(a),
		       sa->src.port, l->utf8 ? "→" : "->", sa->dst.port,
		       l->utf8 ? 3 : 2, "");
	if (!narrow(l))
		snprintf(hex, sizeof hex, " 0x%08" PRIx32, sa->spi);
	snprintf(text, sizeof text, "%s %10" PRIu32 "%s", ims_arrow_spi_name(a),
		 sa->spi, hex);
	ims_ladder_painted(b, l, ue ? RED : BLUE, text);
	ims_buf_printf(b, "  %s", announced[a] + (narrow(l) ? 9 : 0));
	if (n)
		ims_buf_printf(b, "  %7" PRIu64 "  %7" PRIu64, n->packets,
			       n->bytes);
	ims_buf_putc(b, '\n');
}

static void put_titles(struct ims_buf *b, const struct ims_ladder *l,
		       bool counted)
{
	const char *spi =
		narrow(l) ? "SPI of receiver" : "SPI (chosen by the receiver)";
	const char *from = narrow(l) ? "in Security-" : "announced in";
	int wide = !counted ? 0 : narrow(l) ? 12 : 21;

	ims_buf_printf(b, "  %-6s  %-14s  %-*s  %-*s%s\n", "SA", "ports",
		       narrow(l) ? 17 : 28, spi, wide, from,
		       counted ? "  packets    bytes" : "");
}

void ims_ladder_sa_table(struct ims_buf *b, const struct ims_ladder *l,
			 const struct ims_ipsec_set *set,
			 const struct ims_ipsec_count *count)
{
	char suite[IMS_SUITE_TEXT];

	ims_buf_printf(b, "Security associations: ESP transport mode, %s\n",
		       ims_ipsec_suite_text(set->suite, suite));
	put_titles(b, l, count);
	for (int a = 0; a < IMS_N_ARROWS; a++)
		row(b, l, set, (enum ims_arrow)a, count ? &count[a] : NULL);
}
