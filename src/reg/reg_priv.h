/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_priv.h - what the files of the bindings share. */
#ifndef IMS_REG_PRIV_H
#define IMS_REG_PRIV_H

#include "reg_bind.h"

/* The active contact that is meant; NULL: none is. */
struct ims_reg_contact *ims_reg_binds_find(const struct ims_reg_binds *b,
					   const struct ims_reg_want *w);
/* Its Call-ID and CSeq will no more stand in a contact. */
void ims_reg_past_add(struct ims_reg_binds *b, const struct ims_reg_contact *c);

#endif
