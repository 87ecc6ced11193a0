/* SPDX-License-Identifier: BSD-2-Clause */
/* base_mem.c - forgetting secrets. */
#include "base_mem.h"

#include <string.h>

void ims_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}
