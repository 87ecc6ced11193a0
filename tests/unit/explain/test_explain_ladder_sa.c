/* SPDX-License-Identifier: BSD-2-Clause */
/* test_explain_ladder_sa.c - the table of the four SAs. */
#include "ladder_test.h"

static struct picture pic;

static struct ims_ipsec_set some_set(void)
{
	struct ims_addr uc = at(UE, 38003), us = at(UE, 39003);
	struct ims_addr pc = at(PCSCF, 50717), ps = at(PCSCF, 50718);
	struct ims_ipsec_set s = {
		.suite = {IMS_ALG_HMAC_MD5, IMS_EALG_DES_EDE3_CBC}};

	s.sa[IMS_UC_TO_PS] = (struct ims_ipsec_sa){uc, ps, SPI_PS};
	s.sa[IMS_PS_TO_UC] = (struct ims_ipsec_sa){ps, uc, SPI_UC};
	s.sa[IMS_PC_TO_US] = (struct ims_ipsec_sa){pc, us, SPI_US};
	s.sa[IMS_US_TO_PC] = (struct ims_ipsec_sa){us, pc, SPI_PC};
	memset(&s.keys, 0x5a, sizeof s.keys);
	return s;
}

static const struct ims_ipsec_count counts[IMS_N_ARROWS] = {
	{.packets = 7, .bytes = 3605},
	{.packets = 4, .bytes = 1036},
	{.packets = 9999999, .bytes = 9999999},
	{.packets = 0},
};

static void the_table_says_who_chose_what(void **state)
{
	struct ims_ipsec_set s = some_set();
	struct ims_ladder l;

	ims_ladder_init(&l, false, true);
	picture_init(&pic);
	ims_ladder_sa_table(&pic.b, &l, &s, counts);
	ims_buf_putc(&pic.b, '\n');
	ims_ladder_sa_table(&pic.b, &l, &s, NULL);
	picture_is(&pic, "sa.txt");
	assert_null(strstr(pic.text, "5a5a"));
}

static void it_fits_80_columns(void **state)
{
	struct ims_ipsec_set s = some_set();
	struct ims_ladder l;

	ims_ladder_init(&l, true, false);
	l.width = 80;
	picture_init(&pic);
	ims_ladder_sa_table(&pic.b, &l, &s, counts);
	picture_is(&pic, "sa-80-color.txt");
	assert_true(picture_width(pic.text) <= 80);
}

static void no_line_ends_in_blanks(void **state)
{
	struct ims_ipsec_set s = some_set();
	struct ims_ladder l;

	ims_ladder_init(&l, false, false);
	picture_init(&pic);
	ims_ladder_sa_table(&pic.b, &l, &s, NULL);
	ims_ladder_sa_table(&pic.b, &l, &s, counts);
	assert_null(strstr(ims_buf_cstr(&pic.b), " \n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_says_who_chose_what),
		cmocka_unit_test(it_fits_80_columns),
		cmocka_unit_test(no_line_ends_in_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
