/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_reginfo.c - any bytes as reginfo; what is taken is written and read
 * again, and a watcher takes it.
 */
#include "reg_watch.h"

#include <stdlib.h>

static void again(const struct ims_reginfo *first)
{
	size_t cap = 16 * IMS_REGINFO_MAX;
	char *mem = malloc(cap);
	struct ims_reginfo second;
	struct ims_buf b;

	if (!mem)
		return;
	ims_buf_init(&b, mem, cap);
	ims_reginfo_put(&b, first);
	if (!b.over && b.n <= IMS_REGINFO_MAX) {
		if (ims_reginfo_parse(ims_buf_str(&b), &second, NULL) ||
		    second.version != first->version ||
		    second.n_regs != first->n_regs)
			abort();
		ims_reginfo_free(&second);
	}
	free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct ims_reg_watch w = {0};
	struct ims_reginfo r;

	if (ims_reginfo_parse(ims_str_n(data, n), &r, NULL))
		return 0;
	again(&r);
	ims_reg_watch_take(&w, &r);
	r.version++;
	r.full = !r.full;
	ims_reg_watch_take(&w, &r);
	ims_reg_watch_free(&w);
	ims_reginfo_free(&r);
	return 0;
}
