/* SPDX-License-Identifier: BSD-2-Clause */
/* wire.h - hosts and a wire in memory: real IP packets, real ESP, no kernel.
 *
 * A wire has its own clock and carries whole IP packets between its hosts.  A
 * host is the same thing to a role as one with real sockets (role_host.h): UDP
 * and a TCP that needs no retransmission because the wire keeps the order of
 * TCP segments and loses none.  ESP is sealed and opened by ims_ipsec_engine,
 * so what `tap` sees is what a real wire would carry.
 *
 *	wire = ims_wire_new(&rnd, start_ms)
 *	ims_wire_host_new(wire, ip, &up, &host)    as often as needed
 *	while ((next = ims_wire_due(wire)) ...)    deliver what is due
 *		ims_wire_step(wire, now)
 */
#ifndef IMS_WIRE_H
#define IMS_WIRE_H

#include "crypto.h"
#include "role_host.h"

/* What becomes of a packet; all zero: delivered at once, once. */
struct ims_wire_fate {
	bool lost;
	bool twice;        /* the copy comes right after the first */
	uint32_t delay_ms; /* on top of 0 */
};

/* Who looks on.  Both may be NULL. */
struct ims_wire_eye {
	/* Every packet put on the wire, as it is on the wire. */
	void (*tap)(void *arg, uint64_t now_ms, const uint8_t *ip, size_t n);
	/* Asked for every packet that carries UDP (in the clear or in ESP). */
	struct ims_wire_fate (*fate)(void *arg, const uint8_t *ip, size_t n);
	void *arg;
};

struct ims_wire;
/* rnd and eye are copied (eye may be NULL).  NULL: no memory. */
struct ims_wire *ims_wire_new(const struct ims_rand *rnd,
			      const struct ims_wire_eye *eye,
			      uint64_t start_ms);
/* The hosts must be freed first. */
void ims_wire_free(struct ims_wire *w);

/* A host with that address.  -IMS_E_EXISTS, -IMS_E_NOMEM. */
int ims_wire_host_new(struct ims_wire *w, struct ims_ip ip,
		      const struct ims_host_up *up, struct ims_host **out);

uint64_t ims_wire_now(const struct ims_wire *w);
/* When the next packet arrives, or IMS_NEVER. */
uint64_t ims_wire_due(const struct ims_wire *w);
/* When the lifetime of a set ends next on any host, or IMS_NEVER. */
uint64_t ims_wire_ends(const struct ims_wire *w);
/* Does any of the hosts hold an SA set? */
bool ims_wire_has_sets(const struct ims_wire *w);
/* Moves the clock to now_ms (never back), ends what sets end until then, and
 * delivers one packet that is due; false if none is.
 */
bool ims_wire_step(struct ims_wire *w, uint64_t now_ms);
/* Puts any IP packet on the wire, as a stranger would. -IMS_E_NOMEM, _ESP_SHORT. */
int ims_wire_inject(struct ims_wire *w, const uint8_t *ip, size_t n);

#endif
