/* SPDX-License-Identifier: BSD-2-Clause */
/* base_heap.h - deadlines: what is due next.
 *
 * A binary heap of deadlines that are members of other objects.  Times are
 * milliseconds of a monotonic clock that only the caller knows.
 */
#ifndef IMS_BASE_HEAP_H
#define IMS_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMS_NEVER UINT64_MAX

/* Zeroed: not set. */
struct ims_due {
	uint64_t at_ms;
	size_t slot;   /* place in the heap + 1; 0: not set */
	unsigned kind; /* the owner's word for what is due */
};

struct ims_heap {
	struct ims_due **v;
	size_t n, cap;
};

void ims_heap_init(struct ims_heap *h);
void ims_heap_free(struct ims_heap *h);
/* Sets or moves the deadline.  Returns 0, or -IMS_E_NOMEM (unchanged). */
int ims_heap_set(struct ims_heap *h, struct ims_due *d, uint64_t at_ms);
void ims_heap_cancel(struct ims_heap *h, struct ims_due *d);
/* When the first one is due, or IMS_NEVER. */
uint64_t ims_heap_next(const struct ims_heap *h);
/* Takes out one that is due at now_ms; NULL if none is. */
struct ims_due *ims_heap_pop(struct ims_heap *h, uint64_t now_ms);

#endif
