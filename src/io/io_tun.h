/* SPDX-License-Identifier: BSD-2-Clause */
/* io_tun.h - IPsec back-end `userspace`: our own ESP over a TUN device.
 *
 *	protected socket ── ims0 (TUN) ── engine ── raw socket ── wire
 *	    clear text                      ESP, protocol 50
 *
 * Protected sockets bind to the device: all that they send comes out of it
 * and is sealed or dropped, and what arrives in clear on another device never
 * reaches them.
 */
#ifndef IMS_IO_TUN_H
#define IMS_IO_TUN_H

#include "io_probe.h"

/* -IMS_E_NODEV (no /dev/net/tun), -IMS_E_RIGHTS (CAP_NET_ADMIN, CAP_NET_RAW),
 * -IMS_E_HERE (::1 as address), -IMS_E_NOMEM, -IMS_E_SYS.
 */
int ims_io_tun_new(const struct ims_io_backend_conf *conf,
		   struct ims_ipsec_backend **out, struct ims_flaw *why);
/* Opens the device /dev/net/tun as `name` (may hold %d; becomes the name it
 * got) in this namespace; it goes when the descriptor is closed.
 */
#define IMS_IO_DEV 16
int ims_io_tun_open(char name[static IMS_IO_DEV], struct ims_flaw *why);

#endif
