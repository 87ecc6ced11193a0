/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_replay.c - the window as a ring of bits, one per number modulo its
 * size; bits of numbers not yet reached are zero.
 *
 * The process may end between any two writes, and the window be used again by
 * the next one.  So the top rises first: what is then wrong makes a number look
 * as if it had come, never the other way round.
 */
#include "ipsec_replay.h"

#include <stdatomic.h>
#include <string.h>

static uint64_t *word(struct ims_ipsec_replay *r, uint32_t seq)
{
	return &r->bits[seq % IMS_REPLAY_WINDOW / 64];
}

static uint64_t bit(uint32_t seq)
{
	return (uint64_t)1 << (seq % 64);
}

/* What is written above is written before what is written below. */
static void then(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

bool ims_ipsec_replay_ok(const struct ims_ipsec_replay *r, uint32_t seq)
{
	if (seq == 0)
		return false;
	if (seq > r->top)
		return true;
	if (r->top - seq >= IMS_REPLAY_WINDOW)
		return false;
	return !(r->bits[seq % IMS_REPLAY_WINDOW / 64] & bit(seq));
}

void ims_ipsec_replay_take(struct ims_ipsec_replay *r, uint32_t seq)
{
	if (!ims_ipsec_replay_ok(r, seq))
		return;
	if (seq > r->top && seq - r->top >= IMS_REPLAY_WINDOW) {
		r->top = seq;
		then();
		memset(r->bits, 0, sizeof r->bits);
	}
	/* The places of the numbers that fall out are those of the new ones. */
	while (r->top < seq) {
		r->top++;
		then();
		*word(r, r->top) &= ~bit(r->top);
	}
	then();
	*word(r, seq) |= bit(seq);
}
