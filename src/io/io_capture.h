/* SPDX-License-Identifier: BSD-2-Clause */
/* io_capture.h - every frame that passes a device, as a packet socket sees it.
 */
#ifndef IMS_IO_CAPTURE_H
#define IMS_IO_CAPTURE_H

#include "io_loop.h"

/* wall_ns: since 1970.  link: as in pcap, 1 Ethernet, 101 bare IP. */
typedef void ims_io_frame_fn(void *arg, uint64_t wall_ns, const uint8_t *frame,
			     size_t n, unsigned link);

struct ims_io_capture;
struct ims_io_capture_conf {
	int netns;       /* or -1 */
	const char *dev; /* "veth0", "lo" */
	ims_io_frame_fn *frame;
	void *arg;
};
/* -IMS_E_RIGHTS (CAP_NET_RAW), -IMS_E_NOTFOUND (no such device), -IMS_E_NOMEM,
 * -IMS_E_SYS.
 */
int ims_io_capture_new(struct ims_io_loop *l,
		       const struct ims_io_capture_conf *conf,
		       struct ims_io_capture **out, struct ims_flaw *why);
/* Hands over what is still queued, now and from within this call. */
void ims_io_capture_flush(struct ims_io_capture *c);
/* Frames that the kernel dropped because we were slow. */
uint64_t ims_io_capture_lost(struct ims_io_capture *c);
void ims_io_capture_free(struct ims_io_capture *c); /* takes NULL */

#endif
