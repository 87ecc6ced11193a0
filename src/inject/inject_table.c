/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_table.c - the two halves of the table as one, and its texts. */
#include "inject_priv.h"

const struct ims_inject_row *ims_inject_find(struct ims_str id)
{
	for (size_t i = 0; i < inject_n_core; i++)
		if (ims_str_eq(id, ims_str(inject_core_rows[i].id)))
			return &inject_core_rows[i];
	for (size_t i = 0; i < inject_n_ue; i++)
		if (ims_str_eq(id, ims_str(inject_ue_rows[i].id)))
			return &inject_ue_rows[i];
	return NULL;
}

const struct ims_inject_row *ims_inject_rows(bool ue, size_t *n)
{
	*n = ue ? inject_n_ue : inject_n_core;
	return ue ? inject_ue_rows : inject_core_rows;
}
