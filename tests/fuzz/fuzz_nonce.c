/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_nonce.c - what a challenge or an answer brings: nonce, auts, algorithm
 * name, and strings that are hashed.  One a line; the rest is the body.
 */
#include "aka_digest.h"

#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static struct ims_str next_line(struct ims_str *rest)
{
	size_t n = ims_str_find(*rest, '\n');
	struct ims_str line = {rest->p, n};

	*rest = ims_str_from(*rest, n + 1);
	return line;
}

/* What opens is written again, and opens to the same. */
static void nonce_and_card(struct ims_str nonce, struct ims_card_answer *a)
{
	static const uint8_t k[16] = {1, 2, 3};
	uint8_t rnd[16], autn[16], rnd2[16], autn2[16];
	struct ims_aka_key key;
	struct ims_card card;
	char text[64];
	struct ims_buf b;

	if (ims_digest_nonce_open(nonce, rnd, autn))
		return;
	ims_buf_init(&b, text, sizeof text);
	ims_digest_nonce_put(&b, rnd, autn);
	check(!b.over && b.n == 44);
	check(ims_digest_nonce_open(ims_buf_str(&b), rnd2, autn2) == 0);
	check(memcmp(rnd, rnd2, 16) == 0 && memcmp(autn, autn2, 16) == 0);
	check(ims_aka_key_init(&key, IMS_AKA_XOR, k, sizeof k) == 0);
	ims_card_init(&card, &key);
	ims_card_challenge(&card, rnd, autn, a);
	check(a->verdict != IMS_CARD_FAILED);
	ims_card_challenge(&card, rnd, autn, a); /* never good a second time */
	check(a->verdict == IMS_CARD_RESYNC || a->verdict == IMS_CARD_BAD_MAC);
}

static void auts_open(struct ims_str text)
{
	static const uint8_t zero[16];
	struct ims_aka_key key;
	uint8_t auts[14];
	uint64_t sqn = 0;

	if (ims_digest_auts_open(text, auts))
		return;
	check(ims_aka_key_init(&key, IMS_AKA_XOR, zero, 16) == 0);
	if (ims_aka_auts_open(&key, zero, auts, &sqn) == 0)
		check(sqn <= IMS_SQN_MASK);
}

static void digest(const struct ims_digest_in *in,
		   const struct ims_card_answer *a)
{
	uint8_t password[IMS_DIGEST_PASSWORD_MAX] = {0};
	char one[IMS_DIGEST_HEX], two[IMS_DIGEST_HEX];
	size_t n = 0;

	if (ims_digest_password(in->algo, a, password, &n))
		n = 0;
	check(n <= sizeof password);
	check(ims_digest_response(in, password, n, one) == 0);
	check(ims_digest_response(in, password, n, two) == 0);
	check(strcmp(one, two) == 0);
	check(strspn(one, "0123456789abcdef") ==
	      2 * ims_crypto_hash_len(in->algo.hash));
	check(ims_digest_rspauth(in, password, n, two) == 0);
	/* They differ unless the method is empty anyway. */
	check((strcmp(one, two) == 0) == (in->method.n == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ims_str rest = ims_str_n(data, size);
	struct ims_card_answer a = {.verdict = IMS_CARD_OK, .res_len = 16};
	struct ims_digest_in in = {.algo = {1, IMS_MD5}};

	in.nonce = next_line(&rest);
	nonce_and_card(in.nonce, &a);
	auts_open(next_line(&rest));
	if (ims_digest_algo_parse(next_line(&rest), &in.algo) == 0)
		check(*ims_digest_algo_name(in.algo) != '?');
	in.username = next_line(&rest);
	in.realm = next_line(&rest);
	in.uri = next_line(&rest);
	in.method = next_line(&rest);
	in.qop = next_line(&rest);
	in.nc = next_line(&rest);
	in.cnonce = next_line(&rest);
	in.body = rest;
	digest(&in, &a);
	return 0;
}
