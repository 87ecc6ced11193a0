/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_esp.h - seals and opens one ESP packet of one SA, transport mode.
 *
 * Works on what stands between the IP header and its end: the transport
 * segment (UDP or TCP) inside, ESP outside.  Addresses, selectors and SPIs to
 * find the SA by are the engine's (ipsec_engine.h).
 *
 * Spec: RFC 4303 2, 3.3, 3.4; spec.md 23.
 */
#ifndef IMS_IPSEC_ESP_H
#define IMS_IPSEC_ESP_H

#include "base_err.h"
#include "crypto.h"
#include "ipsec_replay.h"
#include "ipsec_sa.h"

/* One direction of one SA with its keys set.  Made once, used per packet. */
struct ims_esp;
/* rnd: start of the IV counter for GCM/GMAC, IVs of CBC; copied.  Returns NULL
 * if the algorithm is missing or there is no memory.
 */
struct ims_esp *ims_esp_new(struct ims_ipsec_suite suite,
			    const struct ims_ipsec_keys *keys, uint32_t spi,
			    const struct ims_rand *rnd);
void ims_esp_free(struct ims_esp *e); /* wipes; takes NULL */

/* Most bytes that sealing adds. */
#define IMS_ESP_OVERHEAD 64
/* segment: what follows the IP header; next: its protocol (17, 6).  out[cap]
 * gets the ESP packet; returns its length, or -IMS_E_TOOBIG (does not fit),
 * -IMS_E_ESP_REPLAY (sequence used up: 2^32-1 packets), -IMS_E_ALGO, -IMS_E_SYS
 * (no random number for the IV).  out may not overlap segment; on failure it
 * holds nothing of use.
 */
int ims_esp_seal(struct ims_esp *e, uint8_t next, const uint8_t *segment,
		 size_t n, uint8_t *out, size_t cap);
/* esp: from the SPI on.  out[cap] gets the segment, *next its protocol; it
 * needs room for the padding too, so a cap of n is always enough.  out may not
 * overlap esp; on failure it is zeroed as far as it was used.
 * Checks window, ICV, then padding; the window moves only for a good packet.
 * Returns the segment's length, or -IMS_E_ESP_SHORT, -IMS_E_ESP_SPI (another
 * SA's), -IMS_E_ESP_REPLAY, -IMS_E_ESP_ICV, -IMS_E_TOOBIG, -IMS_E_ALGO.
 */
int ims_esp_open(struct ims_esp *e, const uint8_t *esp, size_t n, uint8_t *next,
		 uint8_t *out, size_t cap);
/* Opening without the window, for captures that are read after the fact. */
int ims_esp_peek(struct ims_esp *e, const uint8_t *esp, size_t n, uint8_t *next,
		 uint8_t *out, size_t cap);

/* Counts in the caller's memory from now on, and goes on from what stands there:
 * it is right whenever the process ends.  A number is taken before anything is
 * sealed with it, so that none is ever used twice.
 */
void ims_esp_live(struct ims_esp *e, uint32_t *seq,
		  struct ims_ipsec_replay *window);

/* Sequence numbers: the last one sent; and to go on from another one after a
 * restart.
 */
uint32_t ims_esp_seq(const struct ims_esp *e);
void ims_esp_set_seq(struct ims_esp *e, uint32_t last_sent);

#endif
