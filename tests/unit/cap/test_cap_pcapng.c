/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cap_pcapng.c - what is written can be read, and has what it should. */
#include "ipsec_wireshark.h"

#include "cap_test.h"

static const struct ims_ipsec_suite aes = {IMS_ALG_HMAC_SHA1, IMS_EALG_AES_CBC};
static const struct ims_ipsec_suite gmac = {IMS_ALG_AES_GMAC, IMS_EALG_NULL};

static struct file file; /* 64 KiB: not on the stack */

static int clear_file(void **state)
{
	memset(&file, 0, sizeof file);
	return 0;
}

static struct ims_capture *some(struct ims_ipsec_suite suite)
{
	struct ims_capture *c =
		ims_capture_new(IMS_LINK_RAW_IP, "wire0", "imsreg 0.1.0");
	struct ims_ipsec_set set = cap_set(suite, true);

	assert_non_null(c);
	assert_int_equal(ims_capture_set(c, &set), 0);
	assert_int_equal(ims_capture_name(c, set.sa[IMS_UC_TO_PS].src.ip,
					  "ue.example"),
			 0);
	return c;
}

static void write_it(struct ims_capture *c)
{
	assert_int_equal(ims_capture_write(c, file_put, &file), 0);
	ims_capture_free(c);
}

static void an_empty_capture_is_a_whole_file(void **state)
{
	struct ims_capture *c = ims_capture_new(IMS_LINK_ETHERNET, "v", "a");
	struct ims_pcapng_item it;

	assert_non_null(c);
	assert_int_equal(ims_capture_packets(c), 0);
	write_it(c);
	assert_true(cap_item(&file, IMS_PCAPNG_SECTION, 0, &it));
	assert_int_equal(it.comment.n, 0);
	assert_false(cap_item(&file, IMS_PCAPNG_NAME, 0, &it));
	assert_false(cap_item(&file, IMS_PCAPNG_SECRETS, 0, &it));
	assert_false(cap_item(&file, IMS_PCAPNG_PACKET, 0, &it));
}

static void packets_keep_time_and_bytes(void **state)
{
	struct ims_capture *c = some(aes);
	struct ims_pcapng_item it;
	uint8_t p[100];

	for (size_t n = 1; n <= sizeof p; n++) {
		memset(p, (int)n, n);
		assert_int_equal(ims_capture_packet(c, 1700000000123456789 + n,
						    p, n),
				 0);
	}
	assert_int_equal(ims_capture_packets(c), 100);
	write_it(c);
	for (unsigned n = 1; n <= sizeof p; n++) {
		assert_true(cap_item(&file, IMS_PCAPNG_PACKET, n - 1, &it));
		assert_int_equal(it.ns, 1700000000123456789 + n);
		assert_int_equal(it.link, IMS_LINK_RAW_IP);
		assert_int_equal(it.bytes.n, n);
		assert_int_equal(it.wire_len, n);
		assert_int_equal((uint8_t)it.bytes.p[n - 1], n);
	}
	assert_false(cap_item(&file, IMS_PCAPNG_PACKET, 100, &it));
}

static void names_are_there(void **state)
{
	struct ims_capture *c = some(aes);
	struct ims_pcapng_item it;

	ims_capture_name(c, cap_ip("192.0.2.1"), "p\ncscf");
	write_it(c);
	assert_true(cap_item(&file, IMS_PCAPNG_NAME, 0, &it));
	assert_true(ims_ip_eq(it.ip, cap_ip("2001:db8::10")));
	assert_str(it.text, "ue.example");
	assert_true(cap_item(&file, IMS_PCAPNG_NAME, 1, &it));
	assert_true(ims_ip_eq(it.ip, cap_ip("192.0.2.1")));
	assert_str(it.text, "p\\x0acscf");
}

static void the_secrets_block_has_four_sas(void **state)
{
	struct ims_capture *c = some(gmac);
	struct ims_pcapng_item it;
	size_t lines = 0;

	write_it(c);
	assert_true(cap_item(&file, IMS_PCAPNG_SECRETS, 0, &it));
	assert_int_equal(it.type, IMS_WIRESHARK_SECRETS_TYPE);
	for (size_t i = 0; i < it.text.n; i++)
		lines += it.text.p[i] == '\n';
	assert_int_equal(lines, 4);
	assert_false(cap_item(&file, IMS_PCAPNG_SECRETS, 1, &it));
}

static void a_set_told_by_both_sides_is_there_once(void **state)
{
	struct ims_capture *c = some(aes);
	struct ims_ipsec_set again = cap_set(aes, false);
	struct ims_pcapng_item it;

	again.id = 99;
	assert_int_equal(ims_capture_set(c, &again), 0);
	again.sa[IMS_UC_TO_PS].spi++;
	assert_int_equal(ims_capture_set(c, &again), 0);
	write_it(c);
	assert_true(cap_item(&file, IMS_PCAPNG_SECRETS, 1, &it));
	assert_false(cap_item(&file, IMS_PCAPNG_SECRETS, 2, &it));
}

static void the_section_names_the_ports(void **state)
{
	struct ims_capture *c = some(aes);
	struct ims_pcapng_item it;
	uint16_t port[8];

	assert_int_equal(ims_capture_ports(c, port, 8), 4);
	assert_int_equal(port[0], 38003);
	assert_int_equal(port[3], 50718);
	assert_int_equal(ims_capture_ports(c, port, 2), 2);
	write_it(c);
	assert_true(cap_item(&file, IMS_PCAPNG_SECTION, 0, &it));
	assert_str(it.comment, IMS_CAP_PORTS " 38003 39003 50717 50718");
}

static void esp_sa_has_no_line_for_gmac(void **state)
{
	struct ims_capture *c = some(gmac);

	assert_int_equal(ims_capture_esp_sa(c, file_put, &file), 0);
	assert_int_equal(file.n, 0);
	ims_capture_free(c);
	c = some(aes);
	assert_int_equal(ims_capture_esp_sa(c, file_put, &file), 0);
	assert_true(file.n > 0);
	assert_int_equal(file.b[file.n - 1], '\n');
	ims_capture_free(c);
}

static void what_put_says_is_passed_on(void **state)
{
	struct ims_capture *c = some(aes);
	uint8_t p[20] = {0};

	ims_capture_packet(c, 1, p, sizeof p);
	file.refuse = -IMS_E_STORE;
	for (file.refuse_at = 0; file.refuse_at < 900; file.refuse_at += 100) {
		file.n = 0;
		assert_int_equal(ims_capture_write(c, file_put, &file),
				 -IMS_E_STORE);
	}
	file.n = file.refuse_at = 0;
	assert_int_equal(ims_capture_esp_sa(c, file_put, &file), -IMS_E_STORE);
	ims_capture_free(c);
}

static void a_packet_larger_than_a_block_is_an_error(void **state)
{
	struct ims_capture *c = some(aes);
	uint8_t *p = calloc(1, 300000);

	assert_non_null(p);
	assert_int_equal(ims_capture_packet(c, 1, p, 300000), 0);
	assert_int_equal(ims_capture_write(c, file_put, &file), -IMS_E_TOOBIG);
	free(p);
	ims_capture_free(c);
}

static void the_raw_keys_are_nowhere_but_in_the_text(void **state)
{
	write_it(some(aes));
	assert_null(memmem(file.b, file.n, "\xc1\xc2\xc3\x00\x00\x00", 6));
	assert_non_null(memmem(file.b, file.n, "0xc1c2c3", 8));
}

#define T(name) cmocka_unit_test_setup(name, clear_file)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_capture_is_a_whole_file),
		T(packets_keep_time_and_bytes),
		T(names_are_there),
		T(the_secrets_block_has_four_sas),
		T(a_set_told_by_both_sides_is_there_once),
		T(the_section_names_the_ports),
		T(esp_sa_has_no_line_for_gmac),
		T(what_put_says_is_passed_on),
		T(a_packet_larger_than_a_block_is_an_error),
		T(the_raw_keys_are_nowhere_but_in_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
