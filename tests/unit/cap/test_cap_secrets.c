/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cap_secrets.c - the Wireshark profile, from what a file holds. */
#include "cap_secrets.h"

#include "ipsec_wireshark.h"

#include "cap_test.h"

/* What a file carries gives the same lines as were written beside it. */
static void our_own_records_give_our_own_lines(void **state)
{
	for (size_t i = 0; i < IMS_N_SUITES; i++) {
		struct ims_ipsec_set s = cap_set(ims_ipsec_suites[i], true);
		char a[IMS_WIRESHARK_LINES], b[IMS_WIRESHARK_LINES];
		char c[IMS_WIRESHARK_LINES];
		struct ims_buf secrets, esp_sa, again;
		size_t want = 4;

		ims_buf_init(&secrets, a, sizeof a);
		ims_buf_init(&esp_sa, b, sizeof b);
		ims_buf_init(&again, c, sizeof c);
		assert_int_equal(ims_ipsec_wireshark_secrets(&s, &secrets), 0);
		if (ims_ipsec_wireshark_esp_sa(&s, &esp_sa))
			want = 0; /* GMAC */
		assert_int_equal(ims_cap_secrets_esp_sa(ims_buf_str(&secrets),
							&again),
				 want);
		assert_true(
			ims_str_eq(ims_buf_str(&esp_sa), ims_buf_str(&again)));
	}
}

#define HEAD "\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0x00001234\","
#define TAIL "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\",\"0x00112233\""
#define MORE ",\"32-bit\",\"0x00000000\"\n"

static size_t lines(const char *text)
{
	char mem[1024];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	return ims_cap_secrets_esp_sa(ims_str(text), &b);
}

static void strange_lines_are_left_out(void **state)
{
	static const char *const bad[] = {
		"",
		"\n\n",
		"\"IPv4\"\n",
		HEAD "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\",\"0x0011\n",
		HEAD "\"ROT13\",\"\",\"HMAC-MD5-96 [RFC2403]\",\"0x00\"\n",
		HEAD "\"NULL\",\"\",\"MD5\",\"0x00\"\n",
		HEAD "\"NULL\",\"key\",\"HMAC-MD5-96 [RFC2403]\",\"0x00\"\n",
		HEAD "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\",\"0x0\"\n",
		HEAD "\"NULL\",\"\",\"HMAC-MD5-96 [RFC2403]\",\"0x00 11\"\n",
		"\"IPv6\",\"192.0.2.1\",\"192.0.2.2\",\"0x00001234\"," TAIL,
		"\"IPv4\",\"*\",\"192.0.2.2\",\"0x00001234\"," TAIL,
		"\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"1234\"," TAIL,
		"\"IPv4\",\"192.0.2.1\",\"192.0.2.2\",\"0x0000123\"," TAIL,
		"#" HEAD TAIL,
	};

	assert_int_equal(lines(HEAD TAIL), 1);
	assert_int_equal(lines(HEAD TAIL MORE HEAD TAIL MORE), 2);
	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(lines(bad[i]), 0);
	assert_int_equal(lines("nonsense\n" HEAD TAIL MORE "x"), 1);
}

static void a_small_buffer_is_over(void **state)
{
	char mem[20];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_cap_secrets_esp_sa(IMS_S(HEAD TAIL), &b);
	assert_true(b.over);
}

static void ports_are_read_from_the_comment(void **state)
{
	uint16_t port[4];

	assert_int_equal(ims_cap_secrets_ports(IMS_S(IMS_CAP_PORTS " 1 65535"),
					       port, 4),
			 2);
	assert_int_equal(port[0], 1);
	assert_int_equal(port[1], 65535);
	assert_int_equal(ims_cap_secrets_ports(IMS_S(IMS_CAP_PORTS
						     " 1 2 3 4 5"),
					       port, 4),
			 4);
	assert_int_equal(ims_cap_secrets_ports(IMS_S(IMS_CAP_PORTS
						     " 1 65536 3"),
					       port, 4),
			 1);
	assert_int_equal(ims_cap_secrets_ports(IMS_S(IMS_CAP_PORTS " x"), port,
					       4),
			 0);
	assert_int_equal(ims_cap_secrets_ports(IMS_S("ports: 1"), port, 4), 0);
	assert_int_equal(ims_cap_secrets_ports(IMS_S(""), port, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_records_give_our_own_lines),
		cmocka_unit_test(strange_lines_are_left_out),
		cmocka_unit_test(a_small_buffer_is_over),
		cmocka_unit_test(ports_are_read_from_the_comment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
