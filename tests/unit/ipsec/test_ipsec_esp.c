/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_esp.c - seal, open, window, padding, IVs; and mutations. */
#include "ipsec_esp.h"

#include "ipsec_esp_priv.h"
#include "ipsec_fixture.h"

static uint64_t seed = 20;

static struct ims_esp *make(struct ims_ipsec_suite s)
{
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_ipsec_keys keys;
	struct ims_esp *e;

	assert_int_equal(ims_ipsec_expand(s, fix_ck, fix_ik, &keys), 0);
	e = ims_esp_new(s, &keys, 0x1001, &rnd);
	assert_non_null(e);
	return e;
}

static void every_length_comes_back_with_every_suite(void **state)
{
	static uint8_t seg[1500], esp[1600], got[1600];
	uint8_t next;

	for (size_t i = 0; i < sizeof seg; i++)
		seg[i] = (uint8_t)(i * 7);
	for (int s = 0; s < IMS_N_SUITES; s++) {
		struct ims_esp *a = make(ims_ipsec_suites[s]);
		struct ims_esp *b = make(ims_ipsec_suites[s]);

		for (size_t n = 0; n <= sizeof seg; n += n < 100 ? 1 : 131) {
			int len = ims_esp_seal(a, 6, seg, n, esp, sizeof esp);

			assert_true(len > 0 &&
				    len <= (int)n + IMS_ESP_OVERHEAD);
			assert_int_equal(len % 4, 0);
			assert_int_equal(ims_esp_open(b, esp, (size_t)len,
						      &next, got, (size_t)len),
					 n);
			assert_int_equal(next, 6);
			assert_memory_equal(got, seg, n);
		}
		ims_esp_free(a);
		ims_esp_free(b);
	}
}

static void the_first_number_is_one_and_each_is_used_once(void **state)
{
	struct ims_esp *a = make(ims_ipsec_suites[3]);
	struct ims_esp *b = make(ims_ipsec_suites[3]);
	uint8_t esp[3][100], got[100], next;
	int n = 0;

	for (int i = 0; i < 3; i++) {
		n = ims_esp_seal(a, 17, fix_ck, 16, esp[i], sizeof esp[i]);
		assert_int_equal(esp[i][7], i + 1);
	}
	assert_int_equal(ims_esp_seq(a), 3);
	/* out of order, and each again */
	for (int i = 2; i >= 0; i--) {
		assert_int_equal(ims_esp_open(b, esp[i], (size_t)n, &next, got,
					      sizeof got),
				 16);
		assert_int_equal(ims_esp_open(b, esp[i], (size_t)n, &next, got,
					      sizeof got),
				 -IMS_E_ESP_REPLAY);
		assert_int_equal(ims_esp_peek(b, esp[i], (size_t)n, &next, got,
					      sizeof got),
				 16);
	}
	ims_esp_free(a);
	ims_esp_free(b);
}

static void the_sequence_ends_and_does_not_wrap(void **state)
{
	struct ims_esp *a = make(ims_ipsec_suites[0]);
	uint8_t esp[100];

	ims_esp_set_seq(a, UINT32_MAX - 1);
	assert_true(ims_esp_seal(a, 17, fix_ck, 16, esp, sizeof esp) > 0);
	assert_memory_equal(esp + 4, "\xff\xff\xff\xff", 4);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ims_esp_seal(a, 17, fix_ck, 16, esp,
					      sizeof esp),
				 -IMS_E_ESP_REPLAY);
	assert_int_equal(ims_esp_seq(a), UINT32_MAX);
	ims_esp_free(a);
}

static void the_window_moves_only_for_a_good_packet(void **state)
{
	for (int s = 0; s < IMS_N_SUITES; s++) {
		struct ims_esp *a = make(ims_ipsec_suites[s]);
		struct ims_esp *b = make(ims_ipsec_suites[s]);
		uint8_t esp[100], bad[100], got[100], next;
		int n;

		n = ims_esp_seal(a, 17, fix_ck, 16, esp, sizeof esp);
		memcpy(bad, esp, sizeof bad);
		memset(bad + 4, 0xff, 4); /* a forged number far ahead */
		assert_int_equal(ims_esp_open(b, bad, (size_t)n, &next, got,
					      sizeof got),
				 -IMS_E_ESP_ICV);
		assert_int_equal(ims_esp_open(b, esp, (size_t)n, &next, got,
					      sizeof got),
				 16);
		ims_esp_free(a);
		ims_esp_free(b);
	}
}

static void on_failure_no_text_is_left_behind(void **state)
{
	for (int s = 0; s < IMS_N_SUITES; s++) {
		struct ims_esp *a = make(ims_ipsec_suites[s]);
		uint8_t esp[100], got[100] = {0}, next = 99;
		static const uint8_t zero[sizeof got];
		int n = ims_esp_seal(a, 17, fix_ck, 16, esp, sizeof esp);

		esp[n - 1] ^= 1;
		assert_int_equal(ims_esp_open(a, esp, (size_t)n, &next, got,
					      sizeof got),
				 -IMS_E_ESP_ICV);
		assert_memory_equal(got, zero, sizeof zero);
		assert_int_equal(next, 99);
		ims_esp_free(a);
	}
}

static void too_little_room_is_said_and_costs_no_number(void **state)
{
	struct ims_esp *a = make(ims_ipsec_suites[2]);
	struct ims_esp *b = make(ims_ipsec_suites[2]);
	uint8_t esp[100], got[100], next;
	int n = ims_esp_seal(a, 17, fix_ck, 16, esp, sizeof esp);

	for (size_t cap = 0; cap < (size_t)n; cap++)
		assert_int_equal(ims_esp_seal(a, 17, fix_ck, 16, got, cap),
				 -IMS_E_TOOBIG);
	assert_int_equal(ims_esp_seq(a), 1);
	assert_int_equal(ims_esp_open(b, esp, (size_t)n, &next, got, 15),
			 -IMS_E_TOOBIG);
	assert_int_equal(ims_esp_open(b, esp, (size_t)n, &next, got, 100), 16);
	ims_esp_free(a);
	ims_esp_free(b);
}

static void every_short_length_is_refused(void **state)
{
	for (int s = 0; s < IMS_N_SUITES; s++) {
		struct ims_esp *a = make(ims_ipsec_suites[s]);
		struct ims_esp *b = make(ims_ipsec_suites[s]);
		uint8_t esp[100], got[100], next, *cut;
		int n = ims_esp_seal(a, 17, fix_ck, 16, esp, sizeof esp), err;

		for (size_t i = 0; i < (size_t)n; i++) {
			cut = malloc(i + 1);
			memcpy(cut + 1, esp, i);
			err = ims_esp_open(b, cut + 1, i, &next, got,
					   sizeof got);
			free(cut);
			assert_true(err == -IMS_E_ESP_SHORT ||
				    err == -IMS_E_ESP_ICV);
		}
		ims_esp_free(a);
		ims_esp_free(b);
	}
}

static void another_spi_is_another_sa(void **state)
{
	struct ims_esp *a = make(ims_ipsec_suites[1]);
	uint8_t esp[100], got[100], next;
	int n = ims_esp_seal(a, 17, fix_ck, 16, esp, sizeof esp);

	esp[0] ^= 1;
	assert_int_equal(ims_esp_open(a, esp, (size_t)n, &next, got, 100),
			 -IMS_E_ESP_SPI);
	ims_esp_free(a);
}

/* A peer with the right keys, but careless: what stands in the padding. */
static void padding_is_checked(void **state)
{
	/* clang-format off */
	static const struct {
		uint8_t text[8]; /* what is between head and ICV */
		int want;
	} rows[] = {
		{{'a', 'b', 'c', 'd', 1, 2, 2, 17}, 4},
		{{'a', 'b', 'c', 'd', 'e', 'f', 0, 17}, 6},
		{{1, 2, 3, 4, 5, 6, 6, 17}, 0},
		{{'a', 'b', 'c', 'd', 2, 1, 2, 17}, -IMS_E_ESP_SHORT},
		{{'a', 'b', 'c', 'd', 0, 0, 2, 17}, -IMS_E_ESP_SHORT},
		{{'a', 'b', 'c', 'd', 1, 2, 3, 17}, -IMS_E_ESP_SHORT},
		{{1, 2, 3, 4, 5, 6, 7, 17}, -IMS_E_ESP_SHORT},
		{{1, 2, 3, 4, 5, 6, 255, 17}, -IMS_E_ESP_SHORT},
	};
	/* clang-format on */
	struct ims_esp *a = make(ims_ipsec_suites[0]);

	for (size_t i = 0; i < N_OF(rows); i++) {
		uint8_t esp[48] = {0, 0, 0x10, 0x01, 0, 0, 0, 9}, got[8], next;

		*a->window = (struct ims_ipsec_replay){0};
		memcpy(esp + 16, rows[i].text, 8);
		assert_int_equal(ims_xform_seal(&a->x, esp, 8), 0);
		assert_int_equal(ims_esp_open(a, esp, 40, &next, got, 8),
				 rows[i].want);
	}
	ims_esp_free(a);
}

/* The padding may not begin before the text, even if what stands there would
 * fit; nor may the text end off the block.
 */
static void padding_stays_within_the_text(void **state)
{
	static const uint8_t text[8] = {2, 3, 4, 5, 6, 7, 7, 17};
	static const uint8_t off[9] = {'a', 'b', 'c', 'd', 'e',
				       'f', 'g', 0,   17};
	struct ims_esp *a = make(ims_ipsec_suites[0]);
	uint8_t esp[48] = {0, 0, 0x10, 0x01, 0, 0, 0, 9}, mem[33], next;

	memset(mem, 1, sizeof mem);
	memcpy(esp + 16, text, 8);
	assert_int_equal(ims_xform_seal(&a->x, esp, 8), 0);
	assert_int_equal(ims_esp_open(a, esp, 40, &next, mem + 1, 32),
			 -IMS_E_ESP_SHORT);
	memcpy(esp + 16, off, sizeof off);
	assert_int_equal(ims_xform_seal(&a->x, esp, 9), 0);
	assert_int_equal(ims_esp_open(a, esp, 41, &next, mem + 1, 32),
			 -IMS_E_ESP_SHORT);
	ims_esp_free(a);
}

static void no_iv_comes_twice_and_each_sa_starts_elsewhere(void **state)
{
	static const int with_iv[] = {0, 1, 2, 4};
	uint8_t one[100], two[100];

	for (size_t i = 0; i < N_OF(with_iv); i++) {
		struct ims_esp *a = make(ims_ipsec_suites[with_iv[i]]);
		struct ims_esp *b = make(ims_ipsec_suites[with_iv[i]]);

		ims_esp_seal(a, 17, fix_ck, 16, one, sizeof one);
		ims_esp_set_seq(a, 0); /* the same number again */
		ims_esp_seal(a, 17, fix_ck, 16, two, sizeof two);
		assert_memory_equal(one, two, 8);
		assert_memory_not_equal(one + 8, two + 8, 8);
		ims_esp_seal(b, 17, fix_ck, 16, two, sizeof two);
		assert_memory_not_equal(one + 8, two + 8, 8);
		ims_esp_free(a);
		ims_esp_free(b);
	}
}

static int by_iv(const void *a, const void *b)
{
	return memcmp(a, b, 8);
}

static void a_thousand_ivs_all_differ(void **state)
{
	for (int s = 0; s < IMS_N_SUITES; s++) {
		static uint8_t ivs[1000][8];
		struct ims_esp *a = make(ims_ipsec_suites[s]);
		uint8_t esp[100];

		for (int i = 0; i < 1000 && a->x.iv; i++) {
			ims_esp_seal(a, 17, fix_ck, 16, esp, sizeof esp);
			memcpy(ivs[i], esp + 8, 8);
		}
		qsort(ivs, 1000, 8, by_iv);
		for (int i = 1; i < 1000 && a->x.iv; i++)
			assert_memory_not_equal(ivs[i - 1], ivs[i], 8);
		ims_esp_free(a);
	}
}

static int no_chance(void *arg, void *out, size_t n)
{
	return -IMS_E_SYS;
}

static void without_chance_there_is_no_sa(void **state)
{
	struct ims_rand rnd = {no_chance, NULL};
	struct ims_ipsec_set s = fix_set(4, ims_ipsec_suites[0], true);
	struct ims_esp *e = make(ims_ipsec_suites[2]);
	uint8_t esp[100];

	assert_null(ims_esp_new(s.suite, &s.keys, 1, &rnd));
	e->rnd = rnd;
	assert_int_equal(ims_esp_seal(e, 17, fix_ck, 16, esp, sizeof esp),
			 -IMS_E_SYS);
	ims_esp_free(e);
	ims_esp_free(NULL);
}

/* Changes, cuts and lengthens a packet; returns its new length.  Whatever it
 * does, the packet differs from the good one.
 */
static size_t mutate(const struct ims_rand *rnd, uint8_t *p, size_t n)
{
	size_t at = ims_rand_below(rnd, (uint32_t)n);

	switch (ims_rand_below(rnd, 5)) {
	case 0:
		p[at] ^= (uint8_t)(1 + ims_rand_below(rnd, 255));
		return n;
	case 1:
		return at;
	case 2:
		p[n] = (uint8_t)ims_rand_below(rnd, 256);
		return n + 1 + ims_rand_below(rnd, 64);
	case 3: /* a piece left out */
		memmove(p + at, p + at + 1, n - at - 1);
		return n - 1;
	default:
		for (size_t i = at; i < n; i++)
			p[i] ^= (uint8_t)ims_rand_below(rnd, 256);
		p[at] ^= 0x80;
		return n;
	}
}

static void no_mutated_packet_is_opened(void **state)
{
	const char *env = getenv("IMS_TEST_MUTATIONS");
	long rounds = env ? atol(env) : 100000;
	struct ims_rand rnd = ims_rand_seeded(&seed);
	struct ims_esp *a[IMS_N_SUITES];
	uint8_t good[IMS_N_SUITES][300], p[400], got[400], next;
	size_t len[IMS_N_SUITES];

	for (int s = 0; s < IMS_N_SUITES; s++) {
		a[s] = make(ims_ipsec_suites[s]);
		len[s] = (size_t)ims_esp_seal(a[s], 17, good[0],
					      20 + 16 * (size_t)s, p, sizeof p);
		memcpy(good[s], p, len[s]);
	}
	for (long i = 0; i < rounds; i++) {
		int s = (int)(i % IMS_N_SUITES), err;
		size_t n;

		memset(p, 0, sizeof p);
		memcpy(p, good[s], len[s]);
		n = mutate(&rnd, p, len[s]);
		if (n == len[s] && memcmp(p, good[s], n) == 0)
			continue;
		err = ims_esp_open(a[s], p, n, &next, got, sizeof got);
		if (err >= 0)
			fail_msg("suite %d, round %ld", s, i);
	}
	for (int s = 0; s < IMS_N_SUITES; s++) {
		assert_true(ims_esp_open(a[s], good[s], len[s], &next, got,
					 sizeof got) >= 0);
		ims_esp_free(a[s]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back_with_every_suite),
		cmocka_unit_test(the_first_number_is_one_and_each_is_used_once),
		cmocka_unit_test(the_sequence_ends_and_does_not_wrap),
		cmocka_unit_test(the_window_moves_only_for_a_good_packet),
		cmocka_unit_test(on_failure_no_text_is_left_behind),
		cmocka_unit_test(too_little_room_is_said_and_costs_no_number),
		cmocka_unit_test(every_short_length_is_refused),
		cmocka_unit_test(another_spi_is_another_sa),
		cmocka_unit_test(padding_is_checked),
		cmocka_unit_test(padding_stays_within_the_text),
		cmocka_unit_test(
			no_iv_comes_twice_and_each_sa_starts_elsewhere),
		cmocka_unit_test(a_thousand_ivs_all_differ),
		cmocka_unit_test(without_chance_there_is_no_sa),
		cmocka_unit_test(no_mutated_packet_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
