/* SPDX-License-Identifier: BSD-2-Clause */
/* test_secagree_mech.c - what phones and networks really send, and what we
 * choose from it: the rows of tests/data/sec-headers.tsv.
 */
#include "secagree_fixture.h"

enum { ID, HEADER, VALUE, NUMBERS, DEFAULT, DEPRECATED, SOURCE, N_COLUMNS };

static void check(char *const *col, bool deprecated)
{
	struct ims_secagree_policy p = fix_policy(deprecated);
	const char *want = col[deprecated ? DEPRECATED : DEFAULT];
	bool client = strcmp(col[HEADER], "Security-Client") == 0;
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	size_t n = fix_list(col[VALUE], list);
	struct ims_secagree_end end = {0};
	struct ims_ipsec_suite s;
	struct ims_flaw flaw;
	char text[IMS_SUITE_TEXT], numbers[80];
	int err = client ? ims_secagree_pick(&p, list, n, &s, &end, &flaw)
			 : ims_secagree_choose(&p, list, n, &s, &end, &flaw);

	if (strcmp(want, "-") == 0 || strcmp(want, "none") == 0) {
		assert_int_equal(err, want[0] == '-' ? -IMS_E_NO_MECH
						     : -IMS_E_NO_SERVER);
		return;
	}
	if (err)
		fail_msg("%s: %s", col[ID], flaw.text);
	assert_string_equal(ims_ipsec_suite_text(s, text), want);
	snprintf(numbers, sizeof numbers, "%u %u %u %u", (unsigned)end.spi_c,
		 (unsigned)end.spi_s, end.port_c, end.port_s);
	assert_string_equal(numbers, col[NUMBERS]);
	/* And what was sent is taken back in the same words. */
	assert_int_equal(ims_secagree_verify(list, n, list, n, &flaw), 0);
}

static void real_headers_lead_to_the_expected_pair(void **state)
{
	size_t size, n = 0;
	char *data = test_read("IMS_TEST_DATA", "sec-headers.tsv", &size);
	char *at = data, *line, *col[N_COLUMNS];

	assert_non_null(data);
	while ((line = strsep(&at, "\n")) && *line) {
		if (*line == '#')
			continue;
		for (int i = 0; i < N_COLUMNS; i++) {
			col[i] = strsep(&line, "\t");
			assert_non_null(col[i]);
		}
		check(col, false);
		check(col, true);
		n++;
	}
	assert_int_equal(n, 22);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_headers_lead_to_the_expected_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
