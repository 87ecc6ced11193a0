/* SPDX-License-Identifier: BSD-2-Clause */
/* crypto_rand.c - chance: the system's, pooled, or repeatable from a seed. */
#include "crypto.h"

#include "base_err.h"
#include "base_mem.h"

#include <limits.h>
#include <openssl/rand.h>
#include <string.h>

static int fill_system(void *arg, void *out, size_t n)
{
	(void)arg;
	if (n > INT_MAX || RAND_bytes(out, (int)n) != 1)
		return -IMS_E_SYS;
	return 0;
}

struct ims_rand ims_rand_system(void)
{
	return (struct ims_rand){fill_system, NULL};
}

static int fill_pooled(void *arg, void *out, size_t n)
{
	struct ims_rand_pool *p = arg;
	int err;

	if (n > sizeof p->b)
		return fill_system(NULL, out, n);
	if (n > p->left) {
		err = fill_system(NULL, p->b, sizeof p->b);
		if (err)
			return err;
		p->left = sizeof p->b;
	}
	p->left -= n;
	memcpy(out, p->b + p->left, n);
	/* What was given away cannot be read here later. */
	ims_wipe(p->b + p->left, n);
	return 0;
}

struct ims_rand ims_rand_pooled(struct ims_rand_pool *pool)
{
	return (struct ims_rand){fill_pooled, pool};
}

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int fill_seeded(void *arg, void *out, size_t n)
{
	uint8_t *o = out;
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		if (i % 8 == 0)
			v = next(arg);
		o[i] = (uint8_t)(v >> 8 * (i % 8));
	}
	return 0;
}

struct ims_rand ims_rand_seeded(uint64_t *state)
{
	return (struct ims_rand){fill_seeded, state};
}

int ims_rand_fill(const struct ims_rand *r, void *out, size_t n)
{
	return n ? r->fill(r->arg, out, n) : 0;
}

uint32_t ims_rand_below(const struct ims_rand *r, uint32_t below)
{
	uint32_t v = 0;

	if (below < 2)
		return 0;
	/* The lowest 2^32 mod below values would make some results likelier. */
	do {
		if (ims_rand_fill(r, &v, sizeof v))
			return 0;
	} while (v < -below % below);
	return v % below;
}
