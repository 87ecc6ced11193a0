/* SPDX-License-Identifier: BSD-2-Clause */
/* aka_sqn.c - sequence numbers, made and judged [33.102 Annex C]. */
#include "aka_sqn.h"

#include <assert.h>

#define IND_BITS 5 /* of the card: IMS_SQN_SLOTS is 2^5 */

struct ims_sqn_scheme ims_sqn_scheme_default(void)
{
	return (struct ims_sqn_scheme){.counter = false,
				       .ind_bits = 5,
				       .ind = 1,
				       .hz = 10};
}

static uint64_t ticks(const struct ims_sqn_scheme *s, uint64_t ms)
{
	return ms / 1000 * s->hz + ms % 1000 * s->hz / 1000;
}

static uint64_t seq_of(const struct ims_sqn_scheme *s, uint64_t sqn)
{
	assert(s->ind_bits < 48);
	return (sqn & IMS_SQN_MASK) >> s->ind_bits;
}

static uint64_t sqn_of(const struct ims_sqn_scheme *s, uint64_t seq)
{
	uint64_t ind = s->ind & ((UINT64_C(1) << s->ind_bits) - 1);

	return (seq << s->ind_bits | ind) & IMS_SQN_MASK;
}

uint64_t ims_sqn_next(const struct ims_sqn_scheme *s, uint64_t last,
		      uint64_t wall_ms)
{
	uint64_t old = seq_of(s, last), seq = old + 1;
	uint64_t clock = ticks(s, wall_ms);

	/* A leap beyond Delta the card would refuse, now and for ever. */
	if (!s->counter && clock > seq && clock - old <= IMS_SQN_DELTA)
		seq = clock;
	return sqn_of(s, seq);
}

uint64_t ims_sqn_next_since(const struct ims_sqn_scheme *s,
			    const struct ims_sqn_base *base, uint64_t last,
			    uint64_t wall_ms)
{
	uint64_t start = seq_of(s, base->sqn), seq = start + 1;
	uint64_t old = seq_of(s, last);

	if (!s->counter && wall_ms > base->wall_ms)
		seq += ticks(s, wall_ms - base->wall_ms);
	if (seq <= old)
		seq = old + 1;
	return sqn_of(s, seq);
}

void ims_sqn_window_init(struct ims_sqn_window *w)
{
	*w = (struct ims_sqn_window){.delta = IMS_SQN_DELTA};
}

static uint64_t highest(const struct ims_sqn_window *w)
{
	uint64_t seq = 0;

	for (int i = 0; i < IMS_SQN_SLOTS; i++) {
		if (w->seq[i] > seq)
			seq = w->seq[i];
	}
	return seq;
}

bool ims_sqn_accept(struct ims_sqn_window *w, uint64_t sqn)
{
	uint64_t seq = (sqn & IMS_SQN_MASK) >> IND_BITS;
	uint64_t *slot = &w->seq[sqn % IMS_SQN_SLOTS];
	uint64_t ms = highest(w);

	if (seq > ms && seq - ms > w->delta) /* [33.102 C.2.1] */
		return false;
	if (w->limit && seq <= ms && ms - seq >= w->limit) /* [C.2.2] */
		return false;
	if (seq <= *slot)
		return false;
	*slot = seq;
	return true;
}

uint64_t ims_sqn_ms(const struct ims_sqn_window *w)
{
	uint64_t sqn = 0;

	for (uint64_t i = 0; i < IMS_SQN_SLOTS; i++) {
		uint64_t here = w->seq[i] << IND_BITS | i;

		if (w->seq[i] && here > sqn)
			sqn = here;
	}
	return sqn & IMS_SQN_MASK;
}
