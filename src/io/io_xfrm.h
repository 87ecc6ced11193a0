/* SPDX-License-Identifier: BSD-2-Clause */
/* io_xfrm.h - IPsec back-end `kernel`: XFRM states and policies over netlink.
 *
 * Network side: two static policies for each protected port of ours; a UE
 * costs four states, whose selectors carry its full addresses and ports.  UE
 * side: four policies and four states for each set.  A set is one write to
 * the kernel, and every refusal is noticed: the half set is taken back.
 *
 * Only what carries our reqid is ever deleted.
 */
#ifndef IMS_IO_XFRM_H
#define IMS_IO_XFRM_H

#include "io_probe.h"

/* The mark on what is ours. */
#define IMS_IO_XFRM_REQID 0x696d73 /* "ims" */

/* -IMS_E_HERE (no XFRM), -IMS_E_RIGHTS (CAP_NET_ADMIN), -IMS_E_NOMEM.  add:
 * -IMS_E_NO_ESP, -IMS_E_ALGO (naming it), -IMS_E_SPI_TAKEN, -IMS_E_RIGHTS,
 * -IMS_E_IPSEC (anything else that the kernel says).
 */
int ims_io_xfrm_new(const struct ims_io_backend_conf *conf,
		    struct ims_ipsec_backend **out, struct ims_flaw *why);

#endif
