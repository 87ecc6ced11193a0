/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_pcapng.c - a capture file: what is given lies within it, reading ends,
 * and a profile made from it has lines of eight quoted columns only.
 */
#include <stdlib.h>

#include "cap_pcapng_read.h"
#include "cap_secrets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct ims_str s, const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;

	if (s.n && (s.p < p || s.n > size || s.p + s.n > p + size))
		abort();
}

static void secrets(struct ims_str text)
{
	static char mem[65536];
	struct ims_buf b;
	size_t n, quotes = 0, ends = 0;

	ims_buf_init(&b, mem, sizeof mem);
	n = ims_cap_secrets_esp_sa(text, &b);
	if (b.over)
		return;
	for (size_t i = 0; i < b.n; i++) {
		quotes += b.p[i] == '"';
		ends += b.p[i] == '\n';
	}
	if (quotes != 16 * n || ends != n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ims_pcapng_item it = {0};
	struct ims_pcapng r;
	uint16_t port[16];
	size_t n = 0;

	if (ims_pcapng_open(&r, ims_str_n(data, size)))
		return 0;
	while (ims_pcapng_next(&r, &it) > 0) {
		within(it.bytes, data, size);
		within(it.text, data, size);
		within(it.comment, data, size);
		if (++n > size)
			abort();
		if (it.kind == IMS_PCAPNG_SECRETS)
			secrets(it.text);
		ims_cap_secrets_ports(it.comment, port, 16);
		it = (struct ims_pcapng_item){0};
	}
	return 0;
}
