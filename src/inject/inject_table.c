/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_table.c - the two halves of the table as one, and its texts. */
#include "inject_priv.h"

const struct ims_inject_row *ims_inject_find(struct ims_str id)
{
	for (size_t i = 0; i < ims_inject_n_core; i++)
		if (ims_str_eq(id, ims_str(ims_inject_core_rows[i].id)))
			return &ims_inject_core_rows[i];
	for (size_t i = 0; i < ims_inject_n_ue; i++)
		if (ims_str_eq(id, ims_str(ims_inject_ue_rows[i].id)))
			return &ims_inject_ue_rows[i];
	return NULL;
}

const struct ims_inject_row *ims_inject_rows(bool ue, size_t *n)
{
	*n = ue ? ims_inject_n_ue : ims_inject_n_core;
	return ue ? ims_inject_ue_rows : ims_inject_core_rows;
}
