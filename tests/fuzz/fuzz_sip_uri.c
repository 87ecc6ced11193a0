/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_sip_uri.c - two URIs, one a line: parsed and compared. */
#include <stdlib.h>

#include "sip_addr.h"
#include "sip_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_one(struct ims_str s)
{
	struct ims_sip_uri u;
	struct ims_sip_addr a;
	struct ims_addr addr;
	enum ims_transport t;

	ims_sip_addr_parse(s, &a);
	if (ims_sip_uri_parse(s, &u))
		return;
	check(u.text.p == s.p && u.text.n == s.n);
	check(ims_sip_uri_aor_eq(s, s));
	check(ims_sip_uri_eq(s, s));
	ims_sip_uri_addr(&u, 5060, &addr);
	ims_sip_uri_transport(&u, &t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ims_str a = ims_str_n(data, size), b;
	size_t n = ims_str_find(a, '\n');

	b = ims_str_from(a, n + 1);
	a = ims_str_n(a.p, n);
	read_one(a);
	read_one(b);
	check(ims_sip_uri_eq(a, b) == ims_sip_uri_eq(b, a));
	check(ims_sip_uri_aor_eq(a, b) == ims_sip_uri_aor_eq(b, a));
	return 0;
}
