/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ipsec_packet.c - IP headers, good, odd and hostile. */
#include "ipsec_packet.h"

#include "ipsec_fixture.h"

/* clang-format off */
static const struct {
	const char *what, *hex;
	int err;
	int proto;
	bool fragment;
	size_t len;
	int sport, dport;
} rows[] = {
	{"IPv4 UDP", "4500001c00004000401100000a0000010a000002" "1388138900080000",
	 0, 17, false, 8, 5000, 5001},
	{"IPv4, bytes behind it", "4500001c00004000401100000a0000010a000002" "1388138900080000" "ffff",
	 0, 17, false, 8, 5000, 5001},
	{"IPv4 with options", "4600002000004000401100000a0000010a000002" "01010101" "1388138900080000",
	 0, 17, false, 8, 5000, 5001},
	{"IPv4 ESP", "4500001800004000403200000a0000010a000002" "00001001",
	 0, 50, false, 4, 0, 0},
	{"IPv4 first fragment", "4500001c00002000401100000a0000010a000002" "1388138900080000",
	 0, 17, true, 8, 0, 0},
	{"IPv4 last fragment", "4500001c00000001401100000a0000010a000002" "1388138900080000",
	 0, 17, true, 8, 0, 0},
	{"IPv4, total length beyond the end", "4500001d00004000401100000a0000010a000002" "1388138900080000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv4, total length below the header", "4500001300004000401100000a0000010a000002" "1388138900080000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv4, header of 16", "4400001c00004000401100000a0000010a000002" "1388138900080000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv4, options beyond the end", "4f00001c00004000401100000a0000010a000002" "1388138900080000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv4, 7 bytes of UDP", "4500001b00004000401100000a0000010a000002" "13881389000800",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv4, 19 bytes of TCP", "4500002700004000400600000a0000010a000002" "13881389000000000000000050000000000000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv4 ICMP", "4500001c00004000400100000a0000010a000002" "0800000000000000",
	 0, 1, false, 8, 0, 0},
	{"version 5", "5500001c00004000401100000a0000010a000002" "1388138900080000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"nothing", "", -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"one byte", "45", -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
#define A6 "20010db8000000000000000000000001" "20010db8000000000000000000000002"
	{"IPv6 UDP", "6000000000081140" A6 "1388138900080000",
	 0, 17, false, 8, 5000, 5001},
	{"IPv6 ESP", "6000000000043240" A6 "00001001", 0, 50, false, 4, 0, 0},
	{"IPv6 hop-by-hop, ESP", "60000000000c0040" A6 "3200050200000000" "00001001",
	 0, 50, false, 4, 0, 0},
	{"IPv6 hop-by-hop, routing, options, UDP", "6000000000280040" A6
	 "2b00050200000000" "3c00000000000000" "1101010c00000000" "0000000000000000" "1388138900080000",
	 0, 17, false, 8, 5000, 5001},
	{"IPv6 fragment", "6000000000102c40" A6 "1100000100000001" "1388138900080000",
	 0, 17, true, 8, 0, 0},
	{"IPv6 later fragment of options", "6000000000092c40" A6 "3c00000900000001" "ff",
	 0, 60, true, 1, 0, 0},
	{"IPv6 fragment header on a whole packet", "6000000000102c40" A6 "1100000000000001" "1388138900080000",
	 0, 17, false, 8, 5000, 5001},
	{"IPv6, length beyond the end", "6000000000091140" A6 "1388138900080000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv6, extension beyond the end", "60000000000c0040" A6 "3201050200000000" "00001001",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv6, extension of 255", "60000000000c3c40" A6 "32ff050200000000" "00001001",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv6, cut in the extension", "6000000000040040" A6 "32000502",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv6, nine extensions", "6000000000483c40" A6
	 "3c00010400000000" "3c00010400000000" "3c00010400000000" "3c00010400000000" "3c00010400000000"
	 "3c00010400000000" "3c00010400000000" "3c00010400000000" "3b00010400000000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv6, eight extensions", "6000000000403c40" A6
	 "3c00010400000000" "3c00010400000000" "3c00010400000000" "3c00010400000000" "3c00010400000000"
	 "3c00010400000000" "3c00010400000000" "3b00010400000000",
	 0, 59, false, 0, 0, 0},
	{"IPv6 from a mapped address", "6000000000081140" "00000000000000000000ffff0a000001" "20010db8000000000000000000000002" "1388138900080000",
	 -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
	{"IPv6, header cut", "6000000000", -IMS_E_ESP_SHORT, 0, false, 0, 0, 0},
};
/* clang-format on */

static void reads_what_is_whole_and_refuses_the_rest(void **state)
{
	uint8_t *mem;
	int n;

	for (size_t i = 0; i < N_OF(rows); i++) {
		struct ims_packet k = {.proto = 99};
		uint8_t raw[256];

		n = ims_hex_get(ims_str(rows[i].hex), raw, sizeof raw);
		assert_true(n >= 0);
		mem = malloc((size_t)n + 1); /* so that a byte too far shows */
		memcpy(mem + 1, raw, (size_t)n);
		if (ims_packet_parse(mem + 1, (size_t)n, &k) != rows[i].err)
			fail_msg("%s", rows[i].what);
		if (rows[i].err) {
			assert_int_equal(k.proto, 99);
		} else {
			assert_int_equal(k.proto, rows[i].proto);
			assert_int_equal(k.fragment, rows[i].fragment);
			assert_int_equal(k.payload_len, rows[i].len);
			assert_int_equal(k.sport, rows[i].sport);
			assert_int_equal(k.dport, rows[i].dport);
		}
		free(mem);
	}
}

static void every_cut_of_a_packet_is_refused(void **state)
{
	uint8_t p[64], *cut;
	struct ims_addr a = {fix_ip("2001:db8::1"), 1},
			b = {fix_ip("2001:db8::2"), 2};
	size_t n = fix_packet(p, &a, &b, 17, 0);
	struct ims_packet k;

	for (size_t i = 0; i < n; i++) {
		cut = malloc(i + 1);
		memcpy(cut + 1, p, i);
		assert_int_equal(ims_packet_parse(cut + 1, i, &k),
				 -IMS_E_ESP_SHORT);
		free(cut);
	}
}

static void writes_what_it_reads(void **state)
{
	static const char *const ips[][2] = {{"192.0.2.1", "198.51.100.7"},
					     {"2001:db8::1", "2001:db8::2"}};
	uint8_t p[2000];
	struct ims_packet k;

	for (int i = 0; i < 2; i++) {
		struct ims_addr a = {fix_ip(ips[i][0]), 38003};
		struct ims_addr b = {fix_ip(ips[i][1]), 50718};
		size_t n = fix_packet(p, &a, &b, 6, 1000);

		assert_int_equal(ims_packet_parse(p, n, &k), 0);
		assert_true(ims_ip_eq(k.src, a.ip));
		assert_true(ims_ip_eq(k.dst, b.ip));
		assert_int_equal(k.sport, 38003);
		assert_int_equal(k.dport, 50718);
		assert_int_equal(k.payload_len, 1020);
		/* Over a segment with its checksum in place the sum is zero. */
		assert_int_equal(ims_packet_checksum(a.ip, b.ip, 6, k.payload,
						     k.payload_len),
				 0);
	}
}

static void checksums_are_those_of_known_packets(void **state)
{
	/* The datagram of the ESP vectors, and its header. */
	uint8_t h[40], seg[24];
	struct ims_ip a = fix_ip("192.0.2.10"), b = fix_ip("192.0.2.1");

	assert_int_equal(ims_packet_header(h, a, b, 17, 24), 20);
	assert_int_equal(h[10] << 8 | h[11], 0xb6b5);
	ims_hex_get_n(ims_str("9473c61e00180000494d532045535020544553542030310"
			      "a"),
		      seg, 24);
	assert_int_equal(ims_packet_checksum(a, b, 17, seg, 24), 0xf66a);
}

static void a_udp_checksum_is_never_zero(void **state)
{
	struct ims_ip a = fix_ip("0.0.0.0");
	/* 17 + 8 + 0xffe6 = 0xffff: the complement is zero. */
	uint8_t seg[8] = {0xff, 0xe6};

	assert_int_equal(ims_packet_checksum(a, a, 17, seg, 8), 0xffff);
	seg[1] = 0xf1; /* 6 + 8 + 0xfff1 */
	assert_int_equal(ims_packet_checksum(a, a, 6, seg, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_whole_and_refuses_the_rest),
		cmocka_unit_test(every_cut_of_a_packet_is_refused),
		cmocka_unit_test(writes_what_it_reads),
		cmocka_unit_test(checksums_are_those_of_known_packets),
		cmocka_unit_test(a_udp_checksum_is_never_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
