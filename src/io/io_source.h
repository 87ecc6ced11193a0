/* SPDX-License-Identifier: BSD-2-Clause */
/* io_source.h - which of our addresses leads to a peer. */
#ifndef IMS_IO_SOURCE_H
#define IMS_IO_SOURCE_H

#include "base_addr.h"
#include "base_err.h"

/* Nothing is sent.  -IMS_E_ROUTE, -IMS_E_SYS. */
int ims_io_source(struct ims_addr peer, struct ims_ip *out,
		  struct ims_flaw *why);

#endif
