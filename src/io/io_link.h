/* SPDX-License-Identifier: BSD-2-Clause */
/* io_link.h - links, addresses, routes and rules, over rtnetlink.
 *
 * Every request waits for the kernel's answer.  Errors: -IMS_E_RIGHTS
 * (CAP_NET_ADMIN), -IMS_E_EXISTS, -IMS_E_NOTFOUND (no such device), -IMS_E_HERE
 * (the kernel knows no such thing), -IMS_E_SYS; why names what was asked for.
 */
#ifndef IMS_IO_LINK_H
#define IMS_IO_LINK_H

#include "base_addr.h"
#include "base_err.h"

struct ims_io_link; /* a netlink socket in one namespace */
/* netns: -1 for the caller's. */
int ims_io_link_open(int netns, struct ims_io_link **out, struct ims_flaw *why);
void ims_io_link_close(struct ims_io_link *l); /* takes NULL */

/* A pair of virtual Ethernet devices: `name` here, `peer` in peer_netns.  They
 * carry something once both are up (ims_io_link_ready).
 */
int ims_io_link_veth(struct ims_io_link *l, const char *name, int peer_netns,
		     const char *peer, struct ims_flaw *why);
/* > 0, or an error. */
int ims_io_link_index(struct ims_io_link *l, const char *name,
		      struct ims_flaw *why);
/* mtu 0: as it is. */
int ims_io_link_up(struct ims_io_link *l, const char *name, unsigned mtu,
		   struct ims_flaw *why);
/* Waits until packets of this family can be taken in, but no longer than ms:
 * a device that was just set up is not yet ready for IPv6.  -IMS_E_SILENCE: not
 * in that time.
 */
int ims_io_link_ready(struct ims_io_link *l, const char *name, int family,
		      unsigned ms, struct ims_flaw *why);
int ims_io_link_down(struct ims_io_link *l, const char *name,
		     struct ims_flaw *why);
/* IPv6 addresses are usable at once (no duplicate address detection). */
int ims_io_link_addr(struct ims_io_link *l, const char *name, struct ims_ip ip,
		     unsigned prefix, struct ims_flaw *why);
int ims_io_link_del(struct ims_io_link *l, const char *name,
		    struct ims_flaw *why);

/* Everything that a socket bound to `name` sends goes to `name`: a rule and a
 * default route in a table of its own.
 */
struct ims_io_detour {
	uint8_t family;   /* 4 or 6 */
	const char *name; /* of the device */
	uint32_t table;
};
int ims_io_link_detour_add(struct ims_io_link *l, const struct ims_io_detour *d,
			   struct ims_flaw *why);
/* What is already gone is no error. */
void ims_io_link_detour_del(struct ims_io_link *l,
			    const struct ims_io_detour *d);
/* Removes rules of detours that processes left which were killed: those whose
 * device is called as ours are (imsN), is gone, and whose table is one of
 * `tables` (its upper byte).  How many there were.
 */
unsigned ims_io_link_detour_sweep(struct ims_io_link *l, uint8_t family,
				  uint32_t tables);
/* Makes `name` fit for packets that were opened from ESP: their source is
 * not on that link (IPv4 rp_filter, accept_local, route_localnet), and no
 * address is made up for it (IPv6).  Before it is set up.
 */
int ims_io_link_tame(struct ims_io_link *l, const char *name,
		     struct ims_flaw *why);

#endif
