/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_engine.h - ESP in userspace: IP packets in, ESP packets out, and back.
 *
 * What a kernel does with states and policies, as one pure object.  It knows
 * installed sets; everything that no SA covers is dropped and counted, in both
 * directions: the selector of an SA is its full address and port pair.
 */
#ifndef IMS_IPSEC_ENGINE_H
#define IMS_IPSEC_ENGINE_H

#include "ipsec_esp.h"
#include "ipsec_packet.h"
#include "ipsec_sa.h"

/* Since the SA was installed here.  bytes are those of the UDP or TCP segments,
 * headers of theirs included: what both ends of an SA see alike, whatever the
 * suite, and what the kernel counts.
 */
struct ims_ipsec_count {
	uint64_t packets, bytes;                             /* good ones */
	uint32_t replayed, bad_icv, bad_selector, malformed; /* dropped */
};

struct ims_ipsec_engine;
/* Returns NULL if there is no memory or no random number; rnd is copied. */
struct ims_ipsec_engine *ims_ipsec_engine_new(const struct ims_rand *rnd);
void ims_ipsec_engine_free(struct ims_ipsec_engine *e);

/* Copies what it needs.  All four SAs or none: -IMS_E_EXISTS (id),
 * -IMS_E_SPI_TAKEN (an inbound SPI, or the selector, is in use), -IMS_E_RANGE
 * (id 0, or IPv4 and IPv6 mixed), -IMS_E_ALGO, -IMS_E_NOMEM, -IMS_E_NOTFOUND (to
 * be adopted without `live`).  set->live is zeroed unless the set is adopted.
 */
int ims_ipsec_engine_add(struct ims_ipsec_engine *e,
			 const struct ims_ipsec_set *set);
/* -IMS_E_NOTFOUND. */
int ims_ipsec_engine_del(struct ims_ipsec_engine *e, uint32_t id);
int ims_ipsec_engine_count(const struct ims_ipsec_engine *e, uint32_t id,
			   struct ims_ipsec_count out[static IMS_N_ARROWS]);
size_t ims_ipsec_engine_size(const struct ims_ipsec_engine *e); /* sets */

/* A whole IP packet with a UDP or TCP segment -> a whole IP packet with ESP in
 * out[cap].  Returns its length, or -IMS_E_CLEAR (no SA covers it: drop),
 * -IMS_E_ESP_SHORT (malformed, or a fragment), -IMS_E_TOOBIG, and what
 * ims_esp_seal says.  The IP header is a new one (ims_packet_header).
 */
int ims_ipsec_engine_out(struct ims_ipsec_engine *e, const uint8_t *ip,
			 size_t n, uint8_t *out, size_t cap);
/* And back; `ip` is a whole, reassembled IP packet with ESP.  Returns the
 * length of the clear IP packet, 0 (one of the few that still come for an SA
 * which was removed: nothing), or -IMS_E_CLEAR (it is not ESP),
 * -IMS_E_ESP_SPI, -IMS_E_ESP_REPLAY, -IMS_E_ESP_ICV, -IMS_E_ESP_SELECTOR (of
 * another source, or with ports or a protocol that the SA does not carry),
 * -IMS_E_ESP_SHORT (malformed, or a fragment), -IMS_E_TOOBIG (n bytes of room
 * are always enough).
 */
int ims_ipsec_engine_in(struct ims_ipsec_engine *e, const uint8_t *ip, size_t n,
			uint8_t *out, size_t cap);
/* Drops since the start, by error code (positive IMS_E_...). */
uint64_t ims_ipsec_engine_drops(const struct ims_ipsec_engine *e, int err);

#endif
