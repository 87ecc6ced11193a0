/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_esp.c - sealing and opening one ESP packet, each suite, short and long.
 */
#include "bench.h"
#include "ipsec_esp.h"

#include <string.h>

#define ROUNDS 100000

static const uint8_t ck[16] = {1}, ik[16] = {2};
static uint8_t segment[1500], esp[1600], out[1600];

static struct ims_esp *make(struct ims_ipsec_suite suite)
{
	struct ims_rand rnd = ims_rand_system();
	struct ims_ipsec_keys keys;
	struct ims_esp *e = NULL;

	if (ims_ipsec_expand(suite, ck, ik, &keys) == 0)
		e = ims_esp_new(suite, &keys, 0x1001, &rnd);
	if (!e)
		abort();
	return e;
}

static void run(struct ims_ipsec_suite suite, size_t n, uint64_t rounds,
		const char *only)
{
	char text[IMS_SUITE_TEXT], name[80];
	struct ims_esp *e = make(suite);
	uint64_t start;
	uint8_t next;
	int len = 0;

	ims_ipsec_suite_text(suite, text);
	snprintf(name, sizeof name, "%s seal %zu", text, n);
	if (!only || strcmp(only, name) == 0) {
		start = bench_ns();
		for (uint64_t i = 0; i < rounds; i++) {
			ims_esp_set_seq(e, (uint32_t)i);
			ims_esp_seal(e, 17, segment, n, esp, sizeof esp);
			bench_keep(esp);
		}
		bench_say(name, start, rounds);
	}
	snprintf(name, sizeof name, "%s open %zu", text, n);
	if (!only || strcmp(only, name) == 0) {
		len = ims_esp_seal(e, 17, segment, n, esp, sizeof esp);
		start = bench_ns();
		for (uint64_t i = 0; i < rounds; i++)
			if (ims_esp_peek(e, esp, (size_t)len, &next, out,
					 sizeof out) < 0)
				abort();
		bench_say(name, start, rounds);
	}
	ims_esp_free(e);
}

int main(int argc, char **argv)
{
	uint64_t rounds = bench_rounds(argc, argv, ROUNDS);

	for (int i = 0; i < IMS_N_SUITES; i++) {
		run(ims_ipsec_suites[i], 200, rounds, bench_only(argc, argv));
		run(ims_ipsec_suites[i], 1400, rounds, bench_only(argc, argv));
	}
	return 0;
}
