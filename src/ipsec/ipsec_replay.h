/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_replay.h - the anti-replay window [RFC 4303 3.4.3]. */
#ifndef IMS_IPSEC_REPLAY_H
#define IMS_IPSEC_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define IMS_REPLAY_WINDOW 256

/* Zeroed: nothing received yet. */
struct ims_ipsec_replay {
	uint32_t top; /* highest accepted */
	uint64_t bits[IMS_REPLAY_WINDOW / 64];
};
/* May this number still come?  0 never may. */
bool ims_ipsec_replay_ok(const struct ims_ipsec_replay *r, uint32_t seq);
/* It came, and its ICV was good: remembers it. */
void ims_ipsec_replay_take(struct ims_ipsec_replay *r, uint32_t seq);

#endif
