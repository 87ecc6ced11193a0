/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_hex.c - hexadecimal and base64. */
#include "base_hex.h"

#include "base_err.h"
#include "test.h"

static const uint8_t bytes[] = {0x00, 0x7f, 0x80, 0xff, 0xa5};

static void hex_is_written_in_lower_case(void **state)
{
	char mem[10];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_hex_put(&b, bytes, sizeof bytes);
	assert_false(b.over);
	assert_str(ims_buf_str(&b), "007f80ffa5");
}

static void hex_is_read_however_it_is_spaced(void **state)
{
	static const char *const same[] = {
		"007f80ffa5",     "0x007F80FFA5",   " 00\t7f\r80 ff a5\r\n",
		"00:7f:80:ff:a5", "0X00:7F 80ffa5", "0 0 7 f 8 0 f f a 5"};
	uint8_t out[5];

	for (size_t i = 0; i < N_OF(same); i++) {
		memset(out, 0x55, sizeof out);
		assert_int_equal(ims_hex_get(ims_str(same[i]), out, 5), 5);
		assert_memory_equal(out, bytes, 5);
		memset(out, 0x55, sizeof out);
		assert_int_equal(ims_hex_get_n(ims_str(same[i]), out, 5), 0);
		assert_memory_equal(out, bytes, 5);
	}
}

static void wrong_hex_touches_nothing(void **state)
{
	static const char *const bad[] = {"0",  "00f", "0g",     "00/0",
					  "@0", "`0",  "0x0x00", "000x",
					  "-1", "\xff"};
	uint8_t out[4] = {1, 2, 3, 4};

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(ims_hex_get(ims_str(bad[i]), out, 4),
				 -IMS_E_SYNTAX);
	assert_int_equal(ims_hex_get(IMS_S("00\0"), out, 4), -IMS_E_SYNTAX);
	assert_int_equal(ims_hex_get(IMS_S("0011223344"), out, 4),
			 -IMS_E_RANGE);
	assert_int_equal(ims_hex_get_n(IMS_S("00112233"), out, 3),
			 -IMS_E_LENGTH);
	assert_int_equal(ims_hex_get_n(IMS_S("00112"), out, 3), -IMS_E_LENGTH);
	assert_int_equal(ims_hex_get_n(IMS_S("0011"), out, 3), -IMS_E_LENGTH);
	assert_int_equal(ims_hex_get_n(IMS_S("00112x"), out, 3), -IMS_E_SYNTAX);
	assert_memory_equal(out, ((uint8_t[]){1, 2, 3, 4}), 4);
	assert_int_equal(ims_hex_get(IMS_S(""), out, 0), 0);
	assert_int_equal(ims_hex_get(IMS_S("0x"), out, 0), 0);
}

/* RFC 4648 10 */
static const struct {
	const char *plain, *coded;
} vectors[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
};

static void base64_is_that_of_rfc_4648(void **state)
{
	for (size_t i = 0; i < N_OF(vectors); i++) {
		size_t n = strlen(vectors[i].plain);
		char mem[16];
		uint8_t out[8];
		struct ims_buf b;

		ims_buf_init(&b, mem, sizeof mem);
		ims_b64_put(&b, vectors[i].plain, n);
		assert_str(ims_buf_str(&b), vectors[i].coded);
		assert_int_equal(ims_b64_get(ims_str(vectors[i].coded), out, n),
				 n);
		assert_memory_equal(out, vectors[i].plain, n);
	}
}

static void every_byte_survives_base64(void **state)
{
	uint8_t all[256], out[256];
	char mem[344];
	struct ims_buf b;

	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)i;
	ims_buf_init(&b, mem, sizeof mem);
	ims_b64_put(&b, all, sizeof all);
	assert_false(b.over);
	assert_int_equal(ims_b64_get(ims_buf_str(&b), out, sizeof out), 256);
	assert_memory_equal(out, all, sizeof all);
}

static void base64_padding_may_be_missing(void **state)
{
	uint8_t out[4];

	assert_int_equal(ims_b64_get(IMS_S("Zg"), out, 4), 1);
	assert_int_equal(ims_b64_get(IMS_S("Zg="), out, 4), 1);
	assert_int_equal(ims_b64_get(IMS_S("Zm8"), out, 4), 2);
	assert_memory_equal(out, "fo", 2);
}

static void wrong_base64_touches_nothing(void **state)
{
	static const char *const bad[] = {"Z",     "Zm9vY",  "=",
					  "====",  "Zm9v=",  "Zm8==",
					  "Zg===", "Z=g=",   "Zm 9v",
					  "Zm-_",  "Zm9v\n", "Zm9\x80"};
	uint8_t out[8] = {9};

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(ims_b64_get(ims_str(bad[i]), out, 8),
				 -IMS_E_SYNTAX);
	assert_int_equal(ims_b64_get(IMS_S("Zm9\0"), out, 8), -IMS_E_SYNTAX);
	assert_int_equal(ims_b64_get(IMS_S("Zm9vYmFy"), out, 5), -IMS_E_RANGE);
	assert_int_equal(out[0], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_written_in_lower_case),
		cmocka_unit_test(hex_is_read_however_it_is_spaced),
		cmocka_unit_test(wrong_hex_touches_nothing),
		cmocka_unit_test(base64_is_that_of_rfc_4648),
		cmocka_unit_test(every_byte_survives_base64),
		cmocka_unit_test(base64_padding_may_be_missing),
		cmocka_unit_test(wrong_base64_touches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
