/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_sqn.h - sequence numbers [TS 33.102 Annex C].
 *
 * SQN (48 bits) = SEQ || IND.  The HSS makes the next one, from the clock or
 * by counting; the USIM keeps the highest SEQ per IND and accepts what is
 * fresh.  Pure arithmetic on values that the caller stores.
 */
#ifndef IMS_AKA_SQN_H
#define IMS_AKA_SQN_H

#include <stdbool.h>
#include <stdint.h>

#define IMS_SQN_MASK UINT64_C(0xffffffffffff)

struct ims_sqn_scheme {
	bool counter;     /* false: partly time-based (C.1.1.2), the default */
	uint8_t ind_bits; /* 5 */
	uint8_t ind;      /* ours: 1, so that an EPC HSS can keep 0 */
	uint16_t hz;      /* time steps a second when time-based: 10 */
};
struct ims_sqn_scheme ims_sqn_scheme_default(void);

/* How far SEQ may jump ahead of what the card has seen [C.3]. */
#define IMS_SQN_DELTA (UINT64_C(1) << 28)

/* The next SQN after `last` (0: none yet), for who stores every one that was
 * given out.  Counter: SEQ + 1.  Time-based: SEQ is the wall clock (time steps
 * since 1970), but it always rises, and it never leaps more than IMS_SQN_DELTA
 * ahead of `last`, because no card would follow: far behind the clock, as a
 * new card is, it counts.  So after a resynchronisation (last = SQN_MS) it is
 * just above what the card said.
 */
uint64_t ims_sqn_next(const struct ims_sqn_scheme *s, uint64_t last,
		      uint64_t wall_ms);

/* The same without a write per challenge [C.1.1.2: SEQ = GLC + DIF].  What is
 * stored is one SQN and the wall time at which it was right: {0, now} when the
 * subscriber is added, {SQN_MS, now} after a resynchronisation.  From there
 * SEQ rises with the clock; `last` is the last one given out as far as it is
 * still known (memory; 0: not), so that two in one time step differ and a
 * clock that goes back does no harm.
 */
struct ims_sqn_base {
	uint64_t sqn, wall_ms;
};
uint64_t ims_sqn_next_since(const struct ims_sqn_scheme *s,
			    const struct ims_sqn_base *base, uint64_t last,
			    uint64_t wall_ms);

/* The card's side. */
#define IMS_SQN_SLOTS 32
struct ims_sqn_window {
	uint64_t seq[IMS_SQN_SLOTS]; /* highest accepted SEQ per IND */
	uint64_t delta; /* SEQ may jump ahead by at most this; 2^28 */
	uint64_t limit; /* oldest accepted distance; 0: no age limit */
};
void ims_sqn_window_init(struct ims_sqn_window *w);
/* Fresh?  Then remembers it.  Not fresh: nothing changes. */
bool ims_sqn_accept(struct ims_sqn_window *w, uint64_t sqn);
/* SQN_MS: the highest accepted anywhere; 0 if none was. */
uint64_t ims_sqn_ms(const struct ims_sqn_window *w);

#endif
