/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_ladder_priv.h - lanes, glyphs and colours of the ladder. */
#ifndef IMS_EXPLAIN_LADDER_PRIV_H
#define IMS_EXPLAIN_LADDER_PRIV_H

#include "explain_ladder.h"

/* Of the drawing; what is said of a message stands behind it. */
#define LADDER_COLUMNS 73
#define LADDER_LEFT 5     /* before it: the number */
#define LADDER_CARRIER 25 /* "TCP ESP spi_ps 4294967295" */
/* Narrower terminals have the carrier on a line of its own. */
#define LADDER_WIDE (LADDER_COLUMNS + 2 + LADDER_CARRIER)

/* Lanes from left to right. */
enum ladder_lane { UE_CLEAR, UE_C, UE_S, P_CLEAR, P_C, P_S, N_LANES };
extern const unsigned ims_ladder_column[N_LANES];

enum ladder_paint { PLAIN, RED, BLUE, BOLD };
enum ladder_paint ims_ladder_lane_paint(enum ladder_lane l);
/* In that colour if there is any. */
void ims_ladder_painted(struct ims_buf *b, const struct ims_ladder *l,
			enum ladder_paint p, const char *text);

/* explain_ladder_head.c: the two hosts as boxes with their ports, or if they
 * were drawn before the line of ports only.
 */
void ims_ladder_head(struct ims_buf *b, const struct ims_ladder *l);

#endif
