/* SPDX-License-Identifier: BSD-2-Clause */
/* io_addr.h - hears when the addresses of this machine change (rtnetlink). */
#ifndef IMS_IO_ADDR_H
#define IMS_IO_ADDR_H

#include "base_addr.h"
#include "io_loop.h"

/* Is it an address of this machine? */
bool ims_io_addr_is_here(struct ims_ip ip);

/* Calls `changed` after addresses came or went: once for all that change within
 * a moment.  -IMS_E_NOMEM, -IMS_E_SYS.
 */
struct ims_io_addr;
int ims_io_addr_new(struct ims_io_loop *l, void (*changed)(void *arg),
		    void *arg, struct ims_io_addr **out, struct ims_flaw *why);
/* From any callback; takes NULL. */
void ims_io_addr_free(struct ims_io_addr *w);

#endif
