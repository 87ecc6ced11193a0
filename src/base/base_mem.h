/* SPDX-License-Identifier: BSD-2-Clause */
/* base_mem.h - forgetting secrets. */
#ifndef IMS_BASE_MEM_H
#define IMS_BASE_MEM_H

#include <stddef.h>

/* Overwrites with zeros; the compiler may not leave it out. */
void ims_wipe(void *p, size_t n);

#endif
