/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cap_comment.c - which packet starts which message, in ESP too. */
#include "cap_test.h"

static struct file file;

#define TEXT \
	"REGISTER sip:a SIP/2.0\r\nCall-ID: 1\r\nand so on and so on...\r\n"

/* One packet, one message; the comment that the packet got. */
static struct ims_str comment_of(enum ims_link link,
				 const struct ims_ipsec_set *set,
				 const uint8_t *p, size_t n, const char *text)
{
	struct ims_capture *c = ims_capture_new(link, "w", "a");
	struct ims_pcapng_item it;

	assert_non_null(c);
	if (set)
		ims_capture_set(c, set);
	ims_capture_message(c, ims_str(text), "step 1 REGISTER");
	ims_capture_packet(c, 1, p, n);
	file.n = 0;
	assert_int_equal(ims_capture_write(c, file_put, &file), 0);
	ims_capture_free(c);
	assert_true(cap_item(&file, IMS_PCAPNG_PACKET, 0, &it));
	return it.comment;
}

static void a_message_in_the_clear_is_named(void **state)
{
	struct ims_ipsec_set set = cap_set(ims_ipsec_suites[0], true);
	uint8_t p[2048];
	size_t n = cap_udp(&set.sa[0], TEXT, p);

	assert_str(comment_of(IMS_LINK_RAW_IP, NULL, p, n, TEXT),
		   "step 1 REGISTER");
}

static void a_message_in_an_ethernet_frame_is_named(void **state)
{
	struct ims_ipsec_set set = cap_set(ims_ipsec_suites[0], true);
	uint8_t p[2062] = {0};
	size_t n = cap_udp(&set.sa[0], TEXT, p + 14);

	assert_str(comment_of(IMS_LINK_ETHERNET, NULL, p, n + 14, TEXT),
		   "step 1 REGISTER");
}

static void a_message_inside_esp_is_named(void **state)
{
	struct ims_rand rnd = ims_rand_system();

	for (size_t i = 0; i < IMS_N_SUITES; i++) {
		struct ims_ipsec_set set = cap_set(ims_ipsec_suites[i], true);
		struct ims_ipsec_engine *e = ims_ipsec_engine_new(&rnd);
		uint8_t p[2048];
		size_t n;

		assert_int_equal(ims_ipsec_engine_add(e, &set), 0);
		n = cap_esp(e, &set.sa[IMS_UC_TO_PS], TEXT, p);
		ims_ipsec_engine_free(e);
		assert_str(comment_of(IMS_LINK_RAW_IP, &set, p, n, TEXT),
			   "step 1 REGISTER");
		assert_str(comment_of(IMS_LINK_RAW_IP, NULL, p, n, TEXT), "");
		p[n - 1] ^= 1; /* the ICV */
		assert_str(comment_of(IMS_LINK_RAW_IP, &set, p, n, TEXT), "");
	}
}

static void other_packets_are_not_named(void **state)
{
	struct ims_ipsec_set set = cap_set(ims_ipsec_suites[0], true);
	uint8_t p[2048];
	size_t n = cap_udp(&set.sa[0], "REGISTER sip:b SIP/2.0\r\n", p);

	assert_str(comment_of(IMS_LINK_RAW_IP, NULL, p, n, TEXT), "");
	/* a beginning that many messages share is not enough */
	n = cap_udp(&set.sa[0], "REGISTER", p);
	assert_str(comment_of(IMS_LINK_RAW_IP, NULL, p, n, TEXT), "");
	n = cap_udp(&set.sa[0], "", p);
	assert_str(comment_of(IMS_LINK_RAW_IP, NULL, p, n, TEXT), "");
}

static void a_packet_cut_short_anywhere_does_no_harm(void **state)
{
	struct ims_rand rnd = ims_rand_system();
	struct ims_ipsec_set set = cap_set(ims_ipsec_suites[0], true);
	struct ims_ipsec_engine *e = ims_ipsec_engine_new(&rnd);
	uint8_t p[2048];
	size_t n;

	assert_int_equal(ims_ipsec_engine_add(e, &set), 0);
	n = cap_esp(e, &set.sa[IMS_UC_TO_PS], TEXT, p);
	ims_ipsec_engine_free(e);
	for (size_t i = 0; i < n; i++)
		assert_str(comment_of(IMS_LINK_RAW_IP, &set, p, i, TEXT), "");
}

static void each_sending_of_a_message_is_named_once(void **state)
{
	struct ims_ipsec_set set = cap_set(ims_ipsec_suites[0], true);
	struct ims_capture *c = ims_capture_new(IMS_LINK_RAW_IP, "w", "a");
	struct ims_pcapng_item it;
	uint8_t p[2048];
	size_t n = cap_udp(&set.sa[0], TEXT, p);

	ims_capture_message(c, ims_str(TEXT), "first");
	ims_capture_message(c, ims_str(TEXT), "again");
	for (int i = 0; i < 3; i++)
		ims_capture_packet(c, 1, p, n);
	file.n = 0;
	assert_int_equal(ims_capture_write(c, file_put, &file), 0);
	ims_capture_free(c);
	assert_true(cap_item(&file, IMS_PCAPNG_PACKET, 0, &it));
	assert_str(it.comment, "first");
	assert_true(cap_item(&file, IMS_PCAPNG_PACKET, 1, &it));
	assert_str(it.comment, "again");
	assert_true(cap_item(&file, IMS_PCAPNG_PACKET, 2, &it));
	assert_str(it.comment, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_in_the_clear_is_named),
		cmocka_unit_test(a_message_in_an_ethernet_frame_is_named),
		cmocka_unit_test(a_message_inside_esp_is_named),
		cmocka_unit_test(other_packets_are_not_named),
		cmocka_unit_test(a_packet_cut_short_anywhere_does_no_harm),
		cmocka_unit_test(each_sending_of_a_message_is_named_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
