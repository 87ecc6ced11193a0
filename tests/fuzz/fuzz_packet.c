/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_packet.c - an IP packet: what was read lies within it, and a header of
 * ours around the same payload reads the same.
 */
#include <stdlib.h>
#include <string.h>

#include "ipsec_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[IMS_PACKET_HEADER + 65536];
	struct ims_packet k, again;
	size_t head;

	if (ims_packet_parse(data, size, &k))
		return 0;
	check(k.payload >= data && k.payload_len <= size);
	check(k.payload + k.payload_len <= data + size);
	check(k.src.family == k.dst.family);
	check(k.src.family == data[0] >> 4);
	if (k.fragment)
		return 0;
	ims_packet_checksum(k.src, k.dst, k.proto, k.payload, k.payload_len);
	head = ims_packet_header(out, k.src, k.dst, k.proto, k.payload_len);
	memcpy(out + head, k.payload, k.payload_len);
	if (ims_packet_parse(out, head + k.payload_len, &again))
		abort();
	check(again.proto == k.proto && again.payload_len == k.payload_len);
	check(again.sport == k.sport && again.dport == k.dport);
	check(ims_ip_eq(again.src, k.src) && ims_ip_eq(again.dst, k.dst));
	return 0;
}
