/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_sip_sec.c - a Security-* value: read, compared, written, read again. */
#include <stdlib.h>
#include <string.h>

#include "sip_sec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool known(const struct ims_sip_sec *s)
{
	return ims_str_caseeq(s->name, IMS_S("ipsec-3gpp"));
}

static void write_again(const struct ims_sip_sec *s, bool spi10)
{
	char text[4096];
	struct ims_sip_sec back;
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	ims_sip_sec_put(&b, s, (struct ims_sip_sec_style){spi10, !spi10});
	if (b.over)
		return;
	check(ims_sip_sec_parse(ims_buf_str(&b), &back, NULL) == 0);
	check(back.has == s->has && back.q == s->q);
	check(back.spi_c == s->spi_c && back.port_s == s->port_s);
	check(ims_str_eq(back.alg, s->alg) && ims_str_eq(back.mod, s->mod));
	check(ims_sip_sec_same(&back, &back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX], one;
	struct ims_flaw flaw = {0};
	size_t n = 0;
	int err = ims_sip_sec_list(ims_str_n(data, size), list, IMS_SIP_SEC_MAX,
				   &n, &flaw);

	check(err == 0 || flaw.text[0]);
	for (size_t i = 0; i < n; i++) {
		check(ims_sip_sec_parse(list[i].text, &one, NULL) == 0);
		check(ims_sip_sec_same(&list[i], &one));
		check(ims_sip_sec_same(&list[0], &list[i]) ==
		      ims_sip_sec_same(&list[i], &list[0]));
		if (known(&list[i]))
			write_again(&list[i], i % 2 == 0);
	}
	return 0;
}
