/* SPDX-License-Identifier: BSD-2-Clause */
/* role_host.h - one IP host that performs what roles ask for.
 *
 * Two kinds exist: real sockets with an IPsec back-end (io_host.h), and a host
 * on a wire in memory (wire_host.h).  Whoever runs a role talks to this
 * interface only, so the same role runs on both.
 *
 * A host vouches for flow.set: a message on a protected port that no installed
 * set covers is dropped, counted and told by `dropped`; it never gets to a role.
 */
#ifndef IMS_ROLE_HOST_H
#define IMS_ROLE_HOST_H

#include "ipsec_backend.h"
#include "role.h"

struct ims_host;

struct ims_host_ops {
	/* Opens (or counts one more user of) a local port: UDP socket and TCP
	 * listener.  A protected one takes and gives nothing but through SAs.
	 * -IMS_E_PORT, -IMS_E_RIGHTS, -IMS_E_SYS.
	 */
	int (*hold)(struct ims_host *h, struct ims_addr local,
		    bool is_protected, struct ims_flaw *why);
	void (*release)(struct ims_host *h, struct ims_addr local);
	/* 0: on its way (a TCP connection may still be opening; if that fails,
	 * `unsent` says so).  UDP leaves from the held port flow->local; TCP
	 * goes over flow->conn, else over a connection with these addresses,
	 * else opens one from flow->local (port 0: any).
	 */
	int (*send)(struct ims_host *h, const struct ims_flow *flow,
		    struct ims_str bytes, uint32_t ref, struct ims_flaw *why);
	/* All four SAs, or an error and none.  For a UE's set the host holds
	 * its two protected ports for as long as the set lives.
	 */
	int (*sa_add)(struct ims_host *h, const struct ims_ipsec_set *set,
		      struct ims_flaw *why);
	void (*sa_del)(struct ims_host *h, uint32_t set);
	/* The set goes by itself life_s seconds from now (not 0), whatever was
	 * said of it before; `sa_gone` tells.  Harmless for an unknown id.
	 * May be NULL: it lives until sa_del.
	 */
	void (*sa_life)(struct ims_host *h, uint32_t set, uint32_t life_s);
	int (*sa_count)(struct ims_host *h, uint32_t set,
			struct ims_ipsec_count out[static IMS_N_ARROWS]);
	/* As ims_ipsec_backend_ops.sweep; may be NULL. */
	int (*sa_sweep)(struct ims_host *h, struct ims_flaw *why);
	/* As ims_ipsec_backend_ops.leave; may be NULL. */
	void (*leave)(struct ims_host *h);
	/* Closes all; every SA, policy and device of ours is gone after it,
	 * but for what `leave` said.
	 */
	void (*free)(struct ims_host *h);
};

/* What the host tells whoever runs it.  Called from the loop, never from
 * within a call on the host.
 */
struct ims_host_up {
	void (*message)(void *arg, const struct ims_flow *flow,
			struct ims_str bytes);
	/* flow->conn is 0 if no connection came about at all. */
	void (*unsent)(void *arg, const struct ims_flow *flow, uint32_t ref,
		       int err, const struct ims_flaw *why);
	/* A CRLF came between the messages of a connection: the answer to a
	 * keep-alive of ours [RFC 5626 4.4.1].  May be NULL.
	 */
	void (*pong)(void *arg, const struct ims_flow *flow);
	/* Something came that no role may see: -IMS_E_CLEAR (clear text to a
	 * protected port), -IMS_E_SIP_FRAMING, -IMS_E_TOOBIG, -IMS_E_ESP_...
	 */
	void (*dropped)(void *arg, const struct ims_flow *flow, int err);
	/* An installed set is no longer what was installed: somebody deleted
	 * SAs of it, or its lifetime is over.  sa_del takes away the rest.
	 * May be NULL.
	 */
	void (*sa_gone)(void *arg, uint32_t set, int err,
			const struct ims_flaw *why);
	void *arg;
};

/* The first member of every host. */
struct ims_host {
	const struct ims_host_ops *ops;
	const char *ipsec; /* the back-end's name: "kernel", "userspace", ... */
	struct ims_host_up up;
};

#endif
