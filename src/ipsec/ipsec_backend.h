/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_backend.h - what installs SAs: the kernel, our ESP over TUN, a wire in
 * memory, a test double.  They never see SIP.
 *
 * A back-end belongs to one host (one address) and one side.  Calls are
 * synchronous: when add returns 0, all four SAs are there; on failure none is.
 */
#ifndef IMS_IPSEC_BACKEND_H
#define IMS_IPSEC_BACKEND_H

#include "base_err.h"
#include "ipsec_engine.h"
#include "ipsec_sa.h"

struct ims_ipsec_backend;

struct ims_ipsec_backend_ops {
	const char *name; /* "kernel", "userspace", "memory" */
	/* From now on nothing passes this local port but through an SA (the
	 * core's static policies; the UE calls it too).  Called before the
	 * port's sockets are opened.
	 */
	int (*protect)(struct ims_ipsec_backend *b, struct ims_addr local,
		       struct ims_flaw *why);
	void (*unprotect)(struct ims_ipsec_backend *b, struct ims_addr local);
	int (*add)(struct ims_ipsec_backend *b, const struct ims_ipsec_set *set,
		   struct ims_flaw *why);
	/* Harmless for an unknown id. */
	void (*del)(struct ims_ipsec_backend *b, uint32_t id);
	/* Its SAs take and give nothing any more life_s seconds from now (not
	 * 0; replaces ims_ipsec_set.life_s), and whoever made the back-end
	 * hears that it is gone.  Harmless for an unknown id.
	 * -IMS_E_NOTFOUND, -IMS_E_NOMEM, -IMS_E_IPSEC: it stays as it was.
	 * NULL: there are no lifetimes.
	 */
	int (*life)(struct ims_ipsec_backend *b, uint32_t id, uint32_t life_s);
	int (*count)(struct ims_ipsec_backend *b, uint32_t id,
		     struct ims_ipsec_count out[static IMS_N_ARROWS]);
	/* After the sets of a process before us were adopted: removes every SA
	 * and policy of ours that belongs to none.  How many there were, or an
	 * error.  NULL: nothing can be left behind.
	 */
	int (*sweep)(struct ims_ipsec_backend *b, struct ims_flaw *why);
	/* From now on SAs and policies that can outlive the process stay, for
	 * the next one to adopt: del, unprotect and free only forget them.
	 * NULL: none can.
	 */
	void (*leave)(struct ims_ipsec_backend *b);
	/* Removes every SA, policy, device and rule of ours. */
	void (*free)(struct ims_ipsec_backend *b);
};

/* The first member of every back-end. */
struct ims_ipsec_backend {
	const struct ims_ipsec_backend_ops *ops;
	const char *device; /* protected sockets bind to it; NULL: no need */
};

#endif
