/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_alloc.h - protected ports and SPIs, none twice [33.203 7.1]. */
#ifndef IMS_SECAGREE_ALLOC_H
#define IMS_SECAGREE_ALLOC_H

#include "base_map.h"
#include "crypto.h"
#include "secagree.h"

/* SPIs in use on this host (ours). */
struct ims_spi_pool {
	struct ims_map map;
	struct ims_rand rnd;
};
/* rnd is copied.  Returns 0 or -IMS_E_NOMEM. */
int ims_spi_pool_init(struct ims_spi_pool *p, const struct ims_rand *rnd);
void ims_spi_pool_free(struct ims_spi_pool *p);
/* A random one >= 256, in no use, and none of avoid[n_avoid] (the SPIs that the
 * peer sent: protects against reflection).  -IMS_E_NO_SPI, -IMS_E_NOMEM.
 */
int ims_spi_pool_take(struct ims_spi_pool *p, const uint32_t *avoid,
		      size_t n_avoid, uint32_t *out);
/* A given one, for tests and for the seed's numbers.  -IMS_E_SPI_TAKEN,
 * -IMS_E_NOMEM.
 */
int ims_spi_pool_take_this(struct ims_spi_pool *p, uint32_t spi);
/* Harmless for one that is not taken. */
void ims_spi_pool_give(struct ims_spi_pool *p, uint32_t spi);

#endif
