/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_alloc.c - SPIs by lot, none twice. */
#include "secagree_alloc.h"

#include <stdlib.h>

#include "base_err.h"
#include "base_list.h"

#define LOWEST 256 /* below: reserved [RFC 4303 2.1] */
/* So many misses in a row do not happen in a space of 2^32. */
#define TRIES 64

struct spi {
	struct ims_map_node node;
	uint32_t spi;
};

int ims_spi_pool_init(struct ims_spi_pool *p, const struct ims_rand *rnd)
{
	p->rnd = *rnd;
	return ims_map_init(&p->map);
}

void ims_spi_pool_free(struct ims_spi_pool *p)
{
	struct ims_map_node *n, *next;

	for (n = ims_map_each(&p->map, NULL); n; n = next) {
		next = ims_map_each(&p->map, n);
		free(ims_container(n, struct spi, node));
	}
	ims_map_free(&p->map);
}

/* The number is its own hash: they are random, and ours. */
static struct spi *find(const struct ims_spi_pool *p, uint32_t spi)
{
	struct ims_map_node *n = ims_map_first(&p->map, spi);

	for (; n; n = ims_map_next(n, spi))
		if (ims_container(n, struct spi, node)->spi == spi)
			return ims_container(n, struct spi, node);
	return NULL;
}

int ims_spi_pool_take_this(struct ims_spi_pool *p, uint32_t spi)
{
	struct spi *s;

	if (find(p, spi))
		return -IMS_E_SPI_TAKEN;
	s = calloc(1, sizeof *s);
	if (!s)
		return -IMS_E_NOMEM;
	s->spi = spi;
	ims_map_add(&p->map, &s->node, spi);
	return 0;
}

static bool among(uint32_t spi, const uint32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == spi)
			return true;
	return false;
}

int ims_spi_pool_take(struct ims_spi_pool *p, const uint32_t *avoid,
		      size_t n_avoid, uint32_t *out)
{
	uint32_t spi;
	int err;

	for (int i = 0; i < TRIES; i++) {
		if (ims_rand_fill(&p->rnd, &spi, sizeof spi))
			return -IMS_E_NO_SPI;
		if (spi < LOWEST || among(spi, avoid, n_avoid))
			continue;
		err = ims_spi_pool_take_this(p, spi);
		if (err == -IMS_E_SPI_TAKEN)
			continue;
		if (!err)
			*out = spi;
		return err;
	}
	return -IMS_E_NO_SPI;
}

void ims_spi_pool_give(struct ims_spi_pool *p, uint32_t spi)
{
	struct spi *s = find(p, spi);

	if (!s)
		return;
	ims_map_del(&p->map, &s->node);
	free(s);
}
