/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_addr.c - addresses in every spelling. */
#include "base_addr.h"

#include "base_err.h"
#include "test.h"

/* Parses from memory of exactly its size: reading on is seen. */
static int parse_exact(const char *text, struct ims_addr *out)
{
	size_t n = strlen(text);
	char *mem = malloc(n ? n : 1);
	int err;

	assert_non_null(mem);
	memcpy(mem, text, n);
	err = ims_addr_parse(ims_str_n(mem, n), 1, out);
	free(mem);
	return err;
}

static struct ims_ip ip(const char *text)
{
	struct ims_ip out = {0};

	assert_int_equal(ims_ip_parse(ims_str(text), &out), 0);
	return out;
}

static void text_is_that_of_rfc_5952(void **state)
{
	/* clang-format off */
	static const struct {
		const char *in, *out;
	} t[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"0.0.0.0", "0.0.0.0"},
		{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
		{"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
		{"2001:0:0:1::2", "2001:0:0:1::2"},
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
		{"::", "::"},
		{"::1", "::1"},
		{"1::", "1::"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
		{"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
		{"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
	};
	/* clang-format on */
	char text[IMS_ADDR_TEXT];

	for (size_t i = 0; i < N_OF(t); i++) {
		struct ims_ip a = ip(t[i].in);

		assert_string_equal(ims_ip_text(a, text), t[i].out);
		assert_true(ims_ip_eq(a, ip(t[i].out)));
	}
}

static void a_mapped_address_is_an_ipv4_address(void **state)
{
	struct ims_ip v4 = ip("192.0.2.1");
	uint8_t mapped[16] = {
		[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1};

	assert_true(ims_ip_eq(ip("::ffff:192.0.2.1"), v4));
	assert_true(ims_ip_eq(ip("[::ffff:c000:201]"), v4));
	assert_true(ims_ip_eq(ims_ip_from(mapped, 16), v4));
	assert_int_equal(ims_ip_len(v4), 4);
	assert_false(ims_ip_eq(ip("::192.0.2.1"), v4));
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"1",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"1.2.3.4 ",
		" 1.2.3.4",
		"01.2.3.4",
		"1.2.3.-4",
		"::g",
		":",
		":::",
		"1:2",
		"1::2::3",
		"12345::",
		"1:2:3:4:5:6:7:8:9",
		"[::1",
		"::1]",
		"[]",
		"[1.2.3.4]",
		"[[::1]]",
		"fe80::1%eth0",
		"localhost",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111"};
	struct ims_ip out = ip("192.0.2.9");

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(ims_ip_parse(ims_str(bad[i]), &out),
				 -IMS_E_SYNTAX);
	assert_int_equal(ims_ip_parse(IMS_S("1.2.3.4\0"), &out), -IMS_E_SYNTAX);
	assert_int_equal(ims_ip_parse(IMS_S("::1\0:2"), &out), -IMS_E_SYNTAX);
	assert_true(ims_ip_eq(out, ip("192.0.2.9")));
}

static void the_port_may_be_missing(void **state)
{
	/* clang-format off */
	static const struct {
		const char *in, *out;
	} t[] = {
		{"192.0.2.1", "192.0.2.1:5060"},
		{"192.0.2.1:65535", "192.0.2.1:65535"},
		{"2001:db8::1", "[2001:db8::1]:5060"},
		{"[2001:db8::1]", "[2001:db8::1]:5060"},
		{"[2001:db8::1]:0", "[2001:db8::1]:0"},
		{"::ffff:192.0.2.1", "192.0.2.1:5060"},
		{"[::ffff:192.0.2.1]:7", "192.0.2.1:7"},
	};
	/* clang-format on */
	char text[IMS_ADDR_TEXT];

	for (size_t i = 0; i < N_OF(t); i++) {
		struct ims_addr a;

		assert_int_equal(ims_addr_parse(ims_str(t[i].in), 5060, &a), 0);
		assert_string_equal(ims_addr_text(a, text), t[i].out);
	}
}

static void wrong_ports_are_refused(void **state)
{
	static const char *const bad[] = {
		"",           "1.2.3.4:",  "1.2.3.4:x", "1.2.3.4:-1", ":5060",
		"[::1]5060",  "[::1]:",    "[::1",      "[::1]x",     "[",
		"1.2.3.4:1:", "[::1]:1:1", "]:1",       "::1]:1",     ":"};
	struct ims_addr a = {.port = 9};

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(parse_exact(bad[i], &a), -IMS_E_SYNTAX);
	assert_int_equal(ims_addr_parse(IMS_S("1.2.3.4:65536"), 1, &a),
			 -IMS_E_RANGE);
	assert_int_equal(a.port, 9);
	assert_int_equal(a.ip.family, 0);
}

static void bytes_of_another_length_are_no_address(void **state)
{
	uint8_t b[16] = {1};

	for (size_t n = 0; n <= 16; n++)
		assert_int_equal(ims_ip_len(ims_ip_from(b, n)),
				 n == 4 || n == 16 ? n : 0);
}

static void equality_and_hash_look_at_everything(void **state)
{
	struct ims_addr a = {ip("192.0.2.1"), 5060}, b = a;

	assert_true(ims_addr_eq(a, b));
	assert_int_equal(ims_addr_hash(a, 3), ims_addr_hash(b, 3));
	b.port = 5061;
	assert_false(ims_addr_eq(a, b));
	assert_true(ims_addr_hash(a, 3) != ims_addr_hash(b, 3));
	b = a;
	b.ip.b[3] ^= 1;
	assert_false(ims_addr_eq(a, b));
	assert_true(ims_addr_hash(a, 3) != ims_addr_hash(b, 3));
	/* c000:201:: has the same bytes as 192.0.2.1 */
	assert_false(ims_ip_eq(a.ip, ip("c000:201::")));
}

static void any_is_all_zero_of_a_family(void **state)
{
	assert_true(ims_ip_is_any(ip("::")));
	assert_true(ims_ip_is_any(ip("0.0.0.0")));
	assert_false(ims_ip_is_any(ip("::1")));
	assert_false(ims_ip_is_any((struct ims_ip){0}));
}

static void an_address_that_is_not_set_can_be_printed(void **state)
{
	char text[IMS_ADDR_TEXT];

	assert_string_equal(ims_addr_text((struct ims_addr){0}, text), "-:0");
}

static void the_longest_text_fits(void **state)
{
	char text[IMS_ADDR_TEXT];
	struct ims_addr a = {ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
			     65535};

	assert_string_equal(ims_addr_text(a, text),
			    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

static void transports_have_the_names_of_via(void **state)
{
	assert_string_equal(ims_transport_name(IMS_UDP), "UDP");
	assert_string_equal(ims_transport_name(IMS_TCP), "TCP");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_that_of_rfc_5952),
		cmocka_unit_test(a_mapped_address_is_an_ipv4_address),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(the_port_may_be_missing),
		cmocka_unit_test(wrong_ports_are_refused),
		cmocka_unit_test(bytes_of_another_length_are_no_address),
		cmocka_unit_test(equality_and_hash_look_at_everything),
		cmocka_unit_test(any_is_all_zero_of_a_family),
		cmocka_unit_test(an_address_that_is_not_set_can_be_printed),
		cmocka_unit_test(the_longest_text_fits),
		cmocka_unit_test(transports_have_the_names_of_via),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
