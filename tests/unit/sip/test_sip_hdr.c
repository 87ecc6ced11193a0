/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sip_hdr.c - header names. */
#include "sip_hdr.h"

#include <ctype.h>

#include "sip_test.h"

static const struct {
	const char *name, *compact;
	enum ims_sip_hdr_kind kind;
} all[] = {
#define ROW(e, name, compact, kind) {name, compact, IMS_SIP_##kind},
	IMS_SIP_HEADERS(ROW)
#undef ROW
};

static void every_name_is_found_in_every_case(void **state)
{
	for (size_t i = 0; i < N_OF(all); i++) {
		char text[64];
		size_t n = strlen(all[i].name);

		assert_int_equal(ims_sip_hdr_find(fence(ims_str(all[i].name))),
				 i + 1);
		assert_string_equal(ims_sip_hdr_name(
					    (enum ims_sip_hdr_id)(i + 1)),
				    all[i].name);
		assert_int_equal(ims_sip_hdr_kind((enum ims_sip_hdr_id)(i + 1)),
				 all[i].kind);
		for (size_t j = 0; j <= n; j++)
			text[j] = (char)(j % 2 ? toupper(all[i].name[j])
					       : tolower(all[i].name[j]));
		assert_int_equal(ims_sip_hdr_find(fence(ims_str(text))), i + 1);
	}
}

static void every_compact_form_is_found(void **state)
{
	for (size_t i = 0; i < N_OF(all); i++) {
		char upper[2] = {(char)toupper(all[i].compact[0]), 0};

		if (!*all[i].compact)
			continue;
		assert_int_equal(ims_sip_hdr_find(ims_str(all[i].compact)),
				 i + 1);
		assert_int_equal(ims_sip_hdr_find(ims_str(upper)), i + 1);
	}
	assert_int_equal(ims_sip_hdr_find(IMS_S("s")), IMS_SIP_OTHER);
	assert_int_equal(ims_sip_hdr_find(IMS_S("@")), IMS_SIP_OTHER);
	assert_int_equal(ims_sip_hdr_find(IMS_S("\x16")), IMS_SIP_OTHER);
}

static void one_letter_off_is_a_stranger(void **state)
{
	for (size_t i = 0; i < N_OF(all); i++) {
		size_t n = strlen(all[i].name);
		char text[64];

		for (size_t j = 0; j < n; j++) {
			strcpy(text, all[i].name);
			text[j] = text[j] == 'x' ? 'y' : 'x';
			assert_int_not_equal(ims_sip_hdr_find(ims_str(text)),
					     i + 1);
		}
		snprintf(text, sizeof text, "%sx", all[i].name);
		assert_int_equal(ims_sip_hdr_find(ims_str(text)),
				 IMS_SIP_OTHER);
	}
}

static void strangers_are_strangers(void **state)
{
	static const char *const bad[] = {
		"",
		"C%6Fntact",
		"Max\rForwards",
		"X-Very-Long-Name-Of-A-Header-Of-Ours",
		"Call_ID",
		"Contac",
		"Contacts"};

	for (size_t i = 0; i < N_OF(bad); i++)
		assert_int_equal(ims_sip_hdr_find(fence(ims_str(bad[i]))),
				 IMS_SIP_OTHER);
	assert_string_equal(ims_sip_hdr_name(IMS_SIP_OTHER), "");
	assert_string_equal(ims_sip_hdr_name(IMS_SIP_N_HDR_IDS), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_is_found_in_every_case),
		cmocka_unit_test(every_compact_form_is_found),
		cmocka_unit_test(one_letter_off_is_a_stranger),
		cmocka_unit_test(strangers_are_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
