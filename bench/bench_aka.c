/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_aka.c - vectors, cards and digest responses. */
#include "aka_digest.h"
#include "bench.h"

#include <string.h>

static const uint8_t rnd[16] = {1}, amf[2] = {0x80, 0};

static struct ims_aka_key some_key(enum ims_aka_algo algo)
{
	static const uint8_t k[16] = {2}, op[32] = {3};
	struct ims_aka_key key;

	if (ims_aka_key_init(&key, algo, k, sizeof k))
		abort();
	if (algo != IMS_AKA_XOR &&
	    ims_aka_key_opc(&key, op, algo == IMS_AKA_TUAK ? 32 : 16))
		abort();
	return key;
}

static void vectors(const char *what, const char *only, struct ims_aka_key key,
		    uint64_t n)
{
	struct ims_aka_vector v;
	uint64_t start = bench_ns();

	if (only && strcmp(only, what) != 0)
		return;
	for (uint64_t i = 0; i < n; i++) {
		if (ims_aka_vector(&key, rnd, i, amf, &v))
			abort();
		bench_keep(&v);
	}
	bench_say(what, start, n);
}

static void cards(const char *what, const char *only, struct ims_aka_key key,
		  uint64_t n)
{
	struct ims_card_answer a;
	struct ims_aka_vector v;
	struct ims_card card;
	uint64_t start = bench_ns();

	if (only && strcmp(only, what) != 0)
		return;
	if (ims_aka_vector(&key, rnd, 32, amf, &v))
		abort();
	ims_card_init(&card, &key);
	for (uint64_t i = 0; i < n; i++) {
		ims_sqn_window_init(&card.window);
		ims_card_challenge(&card, v.rand, v.autn, &a);
		if (a.verdict != IMS_CARD_OK)
			abort();
		bench_keep(&a);
	}
	bench_say(what, start, n);
}

static void responses(const char *what, const char *only, uint64_t n)
{
	const struct ims_digest_in in = {
		.algo = {1, IMS_MD5},
		.username = IMS_S("001010000000001@"
				  "ims.mnc001.mcc001.3gppnetwork.org"),
		.realm = IMS_S("ims.mnc001.mcc001.3gppnetwork.org"),
		.nonce = IMS_S("I1U8vpY3qJ0hiuZNrke/"
			       "NVXzKLQ1d7m5Sp/6w1Tfr7M="),
		.method = IMS_S("REGISTER"),
		.uri = IMS_S("sip:ims.mnc001.mcc001.3gppnetwork.org"),
		.qop = IMS_S("auth"),
		.nc = IMS_S("00000001"),
		.cnonce = IMS_S("0a4f113b"),
	};
	char out[IMS_DIGEST_HEX];
	uint64_t start = bench_ns();

	if (only && strcmp(only, what) != 0)
		return;
	for (uint64_t i = 0; i < n; i++) {
		if (ims_digest_response(&in, rnd, 8, out))
			abort();
		bench_keep(out);
	}
	bench_say(what, start, n);
}

int main(int argc, char **argv)
{
	uint64_t n = bench_rounds(argc, argv, 200000);
	const char *only = bench_only(argc, argv);
	struct ims_aka_key milenage = some_key(IMS_AKA_MILENAGE);
	struct ims_aka_key held = milenage;

	held.aes = ims_crypto_aes_new();
	if (!held.aes)
		return 1;
	vectors("milenage vector", only, milenage, n);
	vectors("milenage vector, AES held", only, held, n);
	vectors("tuak vector", only, some_key(IMS_AKA_TUAK), n);
	vectors("xor vector", only, some_key(IMS_AKA_XOR), n);
	cards("milenage card, AES held", only, held, n);
	responses("digest response", only, n);
	ims_crypto_aes_free(held.aes);
	return 0;
}
