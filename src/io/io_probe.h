/* SPDX-License-Identifier: BSD-2-Clause */
/* io_probe.h - which IPsec back-end, and making it. */
#ifndef IMS_IO_PROBE_H
#define IMS_IO_PROBE_H

#include "base_trace.h"
#include "io_loop.h"
#include "ipsec_backend.h"

enum ims_io_ipsec {
	IMS_IPSEC_AUTO,
	IMS_IPSEC_KERNEL,
	IMS_IPSEC_USERSPACE,
	IMS_IPSEC_NONE
};
/* "auto", "kernel", "userspace", "none"; -1: another word. */
int ims_io_ipsec_find(struct ims_str word);

/* What a back-end needs; pointers are borrowed for its life. */
struct ims_io_backend_conf {
	struct ims_io_loop *loop;
	struct ims_ip ip; /* the host's one address */
	int netns;        /* or -1 */
	bool network;     /* the P-CSCF's side */
	const struct ims_trace *trace;
	struct ims_rand rnd;
	/* ESP or clear text that was dropped; from the loop.  The flow has
	 * the addresses, and the ports where they are known.  May be NULL.
	 */
	void (*dropped)(void *arg, const struct ims_flow *flow, int err);
	/* A set is no longer whole: others have removed something of it.  From
	 * the loop; the receiver deletes the set.  May be NULL.
	 */
	void (*gone)(void *arg, uint32_t set);
	void *arg;
};

/* Can this kernel do ESP (family 4 or 6)?  Adds an ESP state in the namespace
 * and deletes it.
 * Returns 0, -IMS_E_NO_ESP, -IMS_E_RIGHTS (CAP_NET_ADMIN), -IMS_E_HERE (no
 * XFRM at all), -IMS_E_SYS.
 */
int ims_io_probe_kernel(int netns, uint8_t family, struct ims_flaw *why);
/* Can we make a TUN device?  0, -IMS_E_NODEV, -IMS_E_RIGHTS, -IMS_E_SYS. */
int ims_io_probe_tun(int netns, struct ims_flaw *why);

/* Makes the back-end asked for; auto takes the kernel if it can, else
 * userspace.  When it succeeds too, why->text says why this one was taken
 * (why->err is 0).  With IMS_IPSEC_NONE *out is NULL.
 */
int ims_io_backend_new(const struct ims_io_backend_conf *conf,
		       enum ims_io_ipsec want, struct ims_ipsec_backend **out,
		       struct ims_flaw *why);

#endif
