/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_text.h - the texts of one record, in one piece of memory. */
#ifndef IMS_REG_TEXT_H
#define IMS_REG_TEXT_H

#include "base_str.h"

/* No control character but folds, and not longer than `most`: what else there
 * is was put there to harm whoever shows, forwards or stores it.
 */
bool ims_reg_text_ok(struct ims_str s, size_t most);
/* Copies the texts, each with its folds as one space, into new memory, points
 * kept[i] at the copies, and frees the old *mem (which text[] may still have
 * pointed into).  Returns 0 or -IMS_E_NOMEM, and then nothing has changed.
 */
int ims_reg_text_keep(char **mem, const struct ims_str *text,
		      struct ims_str *const *kept, size_t n);

#endif
