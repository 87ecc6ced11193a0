/* SPDX-License-Identifier: BSD-2-Clause */
/* explain_ladder.h - draws the message ladder in a terminal.
 *
 * Hosts as boxes, one lane per port.  What the UE allocated (port_uc, port_us,
 * spi_uc, spi_us) is red, what the P-CSCF allocated blue, wherever it occurs;
 * the names are always printed, so that colour is never needed.  Append-only:
 * a line once written stays, and the head is written again when lanes change.
 */
#ifndef IMS_EXPLAIN_LADDER_H
#define IMS_EXPLAIN_LADDER_H

#include "base_buf.h"
#include "explain_steps.h"
#include "ipsec_engine.h"

struct ims_ladder {
	bool color, utf8;
	unsigned width;         /* of the terminal; 0: as wide as needed */
	char ue[64], pcscf[64]; /* titles: IMSI or IMPU, address */
	/* lanes as drawn last; 0: not known yet */
	uint16_t ue_clear, uc, us, pcscf_clear, pc, ps;
	bool drawn;
};
void ims_ladder_init(struct ims_ladder *l, bool color, bool utf8);
/* One message as one line (with the head before it when lanes are new);
 * `number` is what stands at the left margin.
 */
void ims_ladder_put(struct ims_buf *b, struct ims_ladder *l, unsigned number,
		    const struct ims_sight *m, const struct ims_step *step,
		    const struct ims_secagree *agreed);

/* The table of the four SAs: arrow, addresses and ports, SPI with its name and
 * which header announced it, packets and bytes (count may be NULL).
 */
void ims_ladder_sa_table(struct ims_buf *b, const struct ims_ladder *l,
			 const struct ims_ipsec_set *set,
			 const struct ims_ipsec_count *count);

#endif
