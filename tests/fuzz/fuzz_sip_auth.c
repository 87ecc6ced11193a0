/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_sip_auth.c - a challenge or credentials: read, written, read again. */
#include <stdlib.h>

#include "sip_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool has_fold(struct ims_str s)
{
	return ims_str_find(s, '\n') < s.n;
}

static void write_again(const struct ims_sip_auth *a, bool challenge)
{
	static char text[200000];
	struct ims_sip_auth back;
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	ims_sip_auth_put(&b, a, challenge);
	if (b.over)
		return;
	check(ims_sip_auth_parse(ims_buf_str(&b), &back) == 0);
#define SAME(m, wire, q1, q2)                          \
	check((a->m.p == NULL) == (back.m.p == NULL)); \
	check(has_fold(a->m) || ims_str_eq(a->m, back.m));
	IMS_SIP_AUTH_PARAMS(SAME)
#undef SAME
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ims_sip_auth a;

	if (ims_sip_auth_parse(ims_str_n(data, size), &a) == 0) {
		ims_sip_auth_offers(&a, "auth");
		if (ims_str_caseeq(a.scheme, IMS_S("Digest"))) {
			write_again(&a, true);
			write_again(&a, false);
		}
	}
	ims_sip_auth_info_parse(ims_str_n(data, size), &a);
	return 0;
}
