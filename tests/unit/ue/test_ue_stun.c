/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ue_stun.c - binding requests and what is in their answers. */
#include "ue_script.h"

static const uint8_t id[12] = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
			       0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};

static void a_request_has_its_header_and_nothing_else(void **state)
{
	static const uint8_t head[8] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
	uint8_t m[UE_STUN_LEN];

	ims_ue_stun_put(id, m);
	assert_memory_equal(m, head, sizeof head);
	assert_memory_equal(m + 8, id, sizeof id);
}

/* The header of an answer and these attributes. */
static struct ims_str answer(uint8_t *m, const char *attrs, size_t n)
{
	ims_ue_stun_put(id, m);
	m[0] = m[1] = 0x01;
	m[3] = (uint8_t)n;
	memcpy(m + UE_STUN_LEN, attrs, n);
	return ims_str_n(m, UE_STUN_LEN + n);
}

static const char *mapped(const char *attrs, size_t n)
{
	static char text[IMS_ADDR_TEXT];
	uint8_t m[256];
	struct ims_addr a;
	struct ims_str bytes = answer(m, attrs, n);
	char *exact = malloc(bytes.n); /* no byte behind it is read */

	memcpy(exact, bytes.p, bytes.n);
	bytes.p = exact;
	assert_true(ims_ue_stun_is_answer(id, bytes));
	snprintf(text, sizeof text, "none");
	if (ims_ue_stun_mapped(bytes, &a))
		ims_addr_text(a, text);
	free(exact);
	return text;
}
#define MAPPED(s) mapped(s, sizeof(s) - 1)

/* The values of RFC 5769 2.2 and 2.3. */
static void a_mapped_address_is_read(void **state)
{
	assert_string_equal(
		MAPPED("\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"),
		"192.0.2.1:32853");
	assert_string_equal(MAPPED("\x00\x20\x00\x14\x00\x02\xa1\x47"
				   "\x01\x13\xa9\xfa\xa5\xd3\xf1\x79"
				   "\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"),
			    "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
	/* after one that is not known, of 5 bytes and padding; XOR counts */
	assert_string_equal(
		MAPPED("\x80\x22\x00\x05hello\x00\x00\x00"
		       "\x00\x01\x00\x08\x00\x01\x13\xc4\x0a\x00\x00\x01"),
		"10.0.0.1:5060");
	assert_string_equal(
		MAPPED("\x00\x01\x00\x08\x00\x01\x13\xc4\x0a\x00\x00\x01"
		       "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"),
		"192.0.2.1:32853");
}

static void hostile_attributes_say_nothing(void **state)
{
	assert_string_equal(MAPPED(""), "none");
	assert_string_equal(MAPPED("\x00"), "none");
	assert_string_equal(MAPPED("\x00\x20\x00"), "none");
	assert_string_equal(MAPPED("\x00\x20\x00\x00"), "none");
	assert_string_equal(MAPPED("\x00\x20\xff\xff\x00\x01"), "none");
	assert_string_equal(MAPPED("\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12"
				   "\xa6"),
			    "none");
	assert_string_equal(
		MAPPED("\x00\x20\x00\x08\x00\x02\xa1\x47\xe1\x12\xa6\x43"),
		"none");
	assert_string_equal(
		MAPPED("\x00\x20\x00\x08\x00\x03\xa1\x47\xe1\x12\xa6\x43"),
		"none");
	/* port 0 is no address */
	assert_string_equal(
		MAPPED("\x00\x01\x00\x08\x00\x01\x00\x00\x0a\x00\x00\x01"),
		"none");
}

static void an_answer_is_the_one_to_our_request(void **state)
{
	uint8_t m[64], other[12] = {0};
	struct ims_str a = answer(m, "", 0);

	assert_true(ims_ue_stun_is_answer(id, a));
	m[1] = 0x11; /* an error is an answer */
	assert_true(ims_ue_stun_is_answer(id, a));
	assert_false(ims_ue_stun_is_answer(other, a));
	assert_false(ims_ue_stun_is_answer(id, ims_str_n(m, 19)));
	assert_false(ims_ue_stun_is_answer(id, ims_str_n(m, 21)));
	assert_false(ims_ue_stun_is_answer(id, IMS_S("")));
	m[0] = 0;
	assert_false(ims_ue_stun_is_answer(id, a));
	m[0] = 1;
	m[4] ^= 1;
	assert_false(ims_ue_stun_is_answer(id, a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_its_header_and_nothing_else),
		cmocka_unit_test(a_mapped_address_is_read),
		cmocka_unit_test(hostile_attributes_say_nothing),
		cmocka_unit_test(an_answer_is_the_one_to_our_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
