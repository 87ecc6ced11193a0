/* SPDX-License-Identifier: BSD-2-Clause */
/* io_host.h - an IP host of real sockets with an IPsec back-end: the struct
 * ims_host of role_host.h for this machine.
 *
 * UDP and TCP on the ports held.  A stream is cut into messages (sip_frame.h),
 * keep-alive pings are answered here.  Connections have limits, so that a
 * peer that is slow, silent or greedy costs little: see below.
 */
#ifndef IMS_IO_HOST_H
#define IMS_IO_HOST_H

#include "io_probe.h"
#include "role_host.h"

/* What one peer may cost.  0: the default. */
struct ims_io_limits {
	uint32_t header_ms;  /* first byte to end of headers: 10 s */
	uint32_t message_ms; /* first byte to last: 32 s */
	uint32_t connect_ms; /* until a connection is up: 32 s */
	uint32_t write_ms;   /* that the peer may leave bytes unread: 32 s */
	uint32_t idle_ms;    /* unprotected and silent: 15 min */
	uint32_t conns;      /* in all: 1024; the idlest gives way */
	uint32_t conns_per_peer; /* accepted per remote address: 32 */
	size_t queue;            /* bytes waiting to be written: 256 KiB */
};

struct ims_io_host_conf {
	struct ims_ip ip; /* its one address; not the any address */
	int netns;        /* descriptor, or -1: where we are */
	enum ims_io_ipsec ipsec;
	bool network;       /* the P-CSCF's side */
	enum ims_side side; /* flow.side of what it delivers */
	struct ims_io_limits limits;
	const struct ims_trace *trace; /* borrowed; may be NULL */
	struct ims_rand rnd;
};

/* Pointers in up are borrowed.  Returns 0 with why->text saying why this
 * back-end was taken; or -IMS_E_RIGHTS, -IMS_E_NODEV, -IMS_E_NO_ESP, -IMS_E_HERE
 * (back-end asked for), -IMS_E_RANGE (address), -IMS_E_NOMEM, -IMS_E_SYS.
 * (*out)->ops->free() closes it: not from within one of its callbacks.
 */
int ims_io_host_new(struct ims_io_loop *l, const struct ims_io_host_conf *conf,
		    const struct ims_host_up *up, struct ims_host **out,
		    struct ims_flaw *why);

struct ims_io_host_stats {
	uint64_t received, sent; /* messages */
	uint64_t clear;          /* clear text to a protected port, dropped */
	uint64_t framing;        /* connections closed for what they sent */
	uint64_t slow;           /* ... for a time limit */
	uint64_t refused;        /* ... for a limit of their number */
	uint64_t esp;            /* ESP dropped (userspace) */
	size_t conns;            /* now */
};
void ims_io_host_stats(const struct ims_host *h, struct ims_io_host_stats *out);

#endif
