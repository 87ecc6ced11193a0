/* SPDX-License-Identifier: BSD-2-Clause */
/* test_secagree_alloc.c - SPIs, none twice. */
#include "secagree_alloc.h"

#include "base_err.h"
#include "test.h"

static void no_spi_is_taken_twice_or_low(void **state)
{
	uint64_t seed = 1;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	static uint32_t got[20000];
	struct ims_spi_pool p;

	assert_int_equal(ims_spi_pool_init(&p, &rnd), 0);
	for (size_t i = 0; i < N_OF(got); i++) {
		assert_int_equal(ims_spi_pool_take(&p, NULL, 0, &got[i]), 0);
		assert_true(got[i] >= 256);
	}
	for (size_t i = 0; i < N_OF(got); i++)
		assert_int_equal(ims_spi_pool_take_this(&p, got[i]),
				 -IMS_E_SPI_TAKEN);
	for (size_t i = 0; i < N_OF(got); i += 2)
		ims_spi_pool_give(&p, got[i]);
	assert_int_equal(ims_spi_pool_take_this(&p, got[0]), 0);
	assert_int_equal(ims_spi_pool_take_this(&p, got[1]), -IMS_E_SPI_TAKEN);
	ims_spi_pool_free(&p);
}

/* A source of chance that says what the test wants. */
struct script {
	const uint32_t *word;
	size_t n;
};

static int next_word(void *arg, void *out, size_t n)
{
	struct script *s = arg;

	assert_int_equal(n, 4);
	if (!s->n)
		return -IMS_E_SYS;
	memcpy(out, s->word++, 4);
	s->n--;
	return 0;
}

static void reserved_used_and_avoided_ones_are_passed_over(void **state)
{
	static const uint32_t words[] = {0, 1, 255, 700, 701, 702, 256};
	static const uint32_t avoid[] = {701, 702};
	struct script s = {words, N_OF(words)};
	struct ims_rand rnd = {next_word, &s};
	struct ims_spi_pool p;
	uint32_t spi = 9;

	assert_int_equal(ims_spi_pool_init(&p, &rnd), 0);
	assert_int_equal(ims_spi_pool_take_this(&p, 700), 0);
	assert_int_equal(ims_spi_pool_take(&p, avoid, 2, &spi), 0);
	assert_int_equal(spi, 256);
	spi = 9; /* and now there is no more chance */
	assert_int_equal(ims_spi_pool_take(&p, avoid, 2, &spi), -IMS_E_NO_SPI);
	assert_int_equal(spi, 9);
	ims_spi_pool_give(&p, 12345); /* harmless */
	ims_spi_pool_free(&p);
}

static int always_zero(void *arg, void *out, size_t n)
{
	memset(out, 0, n);
	return 0;
}

static void it_gives_up_in_the_end(void **state)
{
	struct ims_rand rnd = {always_zero, NULL};
	struct ims_spi_pool p;
	uint32_t spi;

	assert_int_equal(ims_spi_pool_init(&p, &rnd), 0);
	assert_int_equal(ims_spi_pool_take(&p, NULL, 0, &spi), -IMS_E_NO_SPI);
	ims_spi_pool_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_spi_is_taken_twice_or_low),
		cmocka_unit_test(
			reserved_used_and_avoided_ones_are_passed_over),
		cmocka_unit_test(it_gives_up_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
