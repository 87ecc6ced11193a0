/* SPDX-License-Identifier: BSD-2-Clause */
/* base_flow.c - comparing flows. */
#include "base_flow.h"

bool ims_flow_same(const struct ims_flow *a, const struct ims_flow *b)
{
	return a->transport == b->transport && a->side == b->side &&
	       a->set == b->set && ims_addr_eq(a->local, b->local) &&
	       ims_addr_eq(a->remote, b->remote);
}
