/* SPDX-License-Identifier: BSD-2-Clause */
/* scscf_keep.c - a user as a record, and back. */
#include "scscf_priv.h"

int ims_scscf_restore(struct ims_scscf *s, struct ims_str record,
		      uint64_t now_ms, struct ims_flaw *why)
{
	(void)record;
	s->now_ms = now_ms;
	return ims_flaw(why, -IMS_E_SYNTAX, "the record is of no version");
}
