/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_keep.c - what a UE knows, as a record that outlives the process. */
#include "ue_priv.h"

int ims_ue_restore(struct ims_ue *ue, struct ims_str record, uint64_t now_ms,
		   struct ims_flaw *why)
{
	(void)ue;
	(void)record;
	(void)now_ms;
	return ims_flaw(why, -IMS_E_SYNTAX, "no record of this version");
}

bool ims_ue_owns(const struct ims_ue *ue, uint32_t set)
{
	return ims_ue_find_set(ue, set) != NULL;
}
