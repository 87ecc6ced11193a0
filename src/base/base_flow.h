/* SPDX-License-Identifier: BSD-2-Clause */
/* base_flow.h - the one idea to understand: where a message came or goes.
 *
 * Roles see messages and flows, never sockets.  A flow says who talks to whom
 * over what, and *which SA set protects it, or none*.  Whoever delivers a
 * message vouches for `set`: it is non-zero only when the bytes really came
 * through (or will go through) an SA of that set, whose selector carries
 * exactly these addresses and ports.
 */
#ifndef IMS_BASE_FLOW_H
#define IMS_BASE_FLOW_H

#include "base_addr.h"

/* The border on which the flow lies: Gm between UE and P-CSCF, Mw between
 * P-CSCF and S-CSCF.
 */
enum ims_side { IMS_GM, IMS_MW };

struct ims_flow {
	struct ims_addr local, remote;
	enum ims_transport transport;
	enum ims_side side;
	/* The TCP connection, as numbered by io; 0 for UDP, and for TCP when
	 * sending: any connection with these addresses, else open one from
	 * `local` to `remote`.
	 */
	uint32_t conn;
	/* The SA set (ims_ipsec_set.id) that protects it; 0: in the clear. */
	uint32_t set;
};

/* Same addresses, ports, transport, side and set; the connection may differ. */
bool ims_flow_same(const struct ims_flow *a, const struct ims_flow *b);

#endif
