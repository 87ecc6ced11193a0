/* SPDX-License-Identifier: BSD-2-Clause */
/* io_netns.h - network namespaces without names, as descriptors.
 *
 * A socket belongs for life to the namespace in which it was made.  So one
 * process can be two hosts: enter, make sockets, leave.
 */
#ifndef IMS_IO_NETNS_H
#define IMS_IO_NETNS_H

#include "base_err.h"

/* A new, empty namespace; the caller closes the descriptor, and the namespace
 * goes with the last socket in it.  Returns it, or -IMS_E_RIGHTS
 * (CAP_SYS_ADMIN), -IMS_E_HERE (the kernel has none, /proc is missing),
 * -IMS_E_SYS.
 */
int ims_io_netns_new(struct ims_flaw *why);
/* The namespace of the caller, as a descriptor to close. */
int ims_io_netns_own(struct ims_flaw *why);

/* Between the two, this thread makes its sockets in ns; ns -1 is the one in
 * which it is, and both do nothing.  *back is for leave.
 */
int ims_io_netns_enter(int ns, int *back, struct ims_flaw *why);
void ims_io_netns_leave(int back);

/* Makes this process root in a user namespace of its own, with an empty
 * network: what a user without rights needs for ims_io_netns_new(), veth, TUN
 * and raw sockets.  Only before there is a second thread.  Returns 0,
 * -IMS_E_RIGHTS (with the sysctl that forbids it), -IMS_E_HERE.
 */
int ims_io_userns(struct ims_flaw *why);

#endif
