/* SPDX-License-Identifier: BSD-2-Clause */
/* test_explain_ladder.c - the picture of the eight messages. */
#include "ladder_test.h"

static struct seed seed;
static struct picture pic;

static int load(void **state)
{
	memset(&seed, 0, sizeof seed);
	seed_load(&seed);
	return 0;
}

static void the_seed_is_drawn(void **state)
{
	struct ims_ladder l;

	ims_ladder_init(&l, false, true);
	picture_seed(&pic, &l, &seed);
	picture_is(&pic, "seed-utf8.txt");
}

static void ascii_says_the_same(void **state)
{
	struct ims_ladder l;

	ims_ladder_init(&l, false, false);
	picture_seed(&pic, &l, &seed);
	picture_is(&pic, "seed-ascii.txt");
	for (const char *p = pic.text; *p; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
}

static void in_colour_each_owner_has_his(void **state)
{
	struct ims_ladder l;

	ims_ladder_init(&l, true, true);
	picture_seed(&pic, &l, &seed);
	picture_is(&pic, "seed-color.txt");
	assert_non_null(strstr(pic.text, "\033[31mspi_us 565818\033[0m"));
	assert_non_null(strstr(pic.text, "\033[34mspi_ps 2821032177\033[0m"));
	assert_non_null(strstr(pic.text, "\033[31muc:38003\033[0m"));
	assert_non_null(strstr(pic.text, "\033[34mpc:50717\033[0m"));
}

/* Without its escapes the coloured picture is the plain one. */
static void colour_changes_nothing_else(void **state)
{
	static struct picture plain;
	struct ims_ladder l;
	char *to = pic.text;

	ims_ladder_init(&l, true, true);
	picture_seed(&pic, &l, &seed);
	ims_buf_cstr(&pic.b);
	ims_ladder_init(&l, false, true);
	picture_seed(&plain, &l, &seed);
	for (const char *p = pic.text; *p; p++) {
		if (*p == '\033')
			p = strchr(p, 'm');
		else
			*to++ = *p;
	}
	*to = '\0';
	assert_string_equal(pic.text, ims_buf_cstr(&plain.b));
}

static void a_terminal_of_80_columns_is_enough(void **state)
{
	struct ims_ladder l;

	ims_ladder_init(&l, false, true);
	l.width = 80;
	picture_seed(&pic, &l, &seed);
	picture_is(&pic, "seed-80.txt");
}

static void a_terminal_of_100_columns_has_the_carrier_beside(void **state)
{
	struct ims_ladder l;

	ims_ladder_init(&l, false, true);
	l.width = 100;
	picture_seed(&pic, &l, &seed);
	picture_is(&pic, "seed-100.txt");
}

static void nothing_is_wider_than_the_terminal(void **state)
{
	seed_edit(&seed, 4, "P-Associated-URI", "X-Nothing");
	seed.m[4].sight.spi++;
	for (unsigned width = 73; width < 220; width++) {
		struct ims_ladder l;

		ims_ladder_init(&l, width % 2, true);
		l.width = width;
		picture_seed(&pic, &l, &seed);
		assert_true(picture_width(ims_buf_cstr(&pic.b)) <= width);
	}
}

static void what_is_wrong_stands_under_the_message(void **state)
{
	struct ims_ladder l;

	seed_edit(&seed, 4, "P-Associated-URI", "X-Nothing");
	seed.m[4].sight.spi++;
	seed.m[5].sight.spi = 0;
	seed.m[6].sight.src.port = 4711;
	ims_ladder_init(&l, false, true);
	l.width = 100;
	picture_seed(&pic, &l, &seed);
	picture_is(&pic, "wrong-100.txt");
}

static void a_long_title_stands_above_its_box(void **state)
{
	struct ims_ladder l;
	struct ims_step st = {.arrow = -1, .what = "REGISTER"};
	struct ims_secagree none = {0};

	ims_ladder_init(&l, false, true);
	snprintf(l.ue, sizeof l.ue,
		 "sip:001010123456789@ims.mnc001.mcc001."
		 "3gppnetwork.org");
	snprintf(l.pcscf, sizeof l.pcscf,
		 "2001:db8:1111:2222:3333:4444:5555:6666");
	picture_init(&pic);
	ims_ladder_put(&pic.b, &l, 1, &seed.m[0].sight, &st, &none);
	l.drawn = false;
	snprintf(l.ue, sizeof l.ue, "001010123456789");
	ims_ladder_put(&pic.b, &l, 2, &seed.m[0].sight, &st, &none);
	picture_is(&pic, "titles.txt");
	assert_true(picture_width(pic.text) <= 85);
}

static void lanes_that_change_are_named_again(void **state)
{
	struct ims_ladder l;
	struct ims_step st = {.arrow = -1, .what = "REGISTER"};
	struct ims_secagree none = {0};

	ims_ladder_init(&l, false, true);
	picture_init(&pic);
	ims_ladder_put(&pic.b, &l, 1, &seed.m[0].sight, &st, &none);
	ims_ladder_put(&pic.b, &l, 2, &seed.m[0].sight, &st, &none);
	seed.m[0].sight.src.port = 42369;
	ims_ladder_put(&pic.b, &l, 3, &seed.m[0].sight, &st, &none);
	picture_is(&pic, "lanes.txt");
}

static void what_a_peer_sends_is_never_raw(void **state)
{
	struct ims_ladder l;
	struct ims_step st = {.arrow = -1, .err = -IMS_E_PEER};
	struct ims_secagree none = {0};

	ims_ladder_init(&l, false, false);
	snprintf(l.ue, sizeof l.ue, "\033]0;title\a");
	snprintf(st.what, sizeof st.what, "\033[2J%050d", 7);
	snprintf(st.note, sizeof st.note, "\r\nnote\x9b");
	snprintf(st.why, sizeof st.why, "\033[31mwhy\x7f");
	picture_init(&pic);
	ims_ladder_put(&pic.b, &l, 1, &seed.m[0].sight, &st, &none);
	for (const char *p = ims_buf_cstr(&pic.b); *p; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
}

static void a_message_of_any_length_fits_its_arrow(void **state)
{
	struct ims_secagree none = {0};

	for (int arrow = -1; arrow < IMS_N_ARROWS; arrow++) {
		for (size_t n = 0; n < 63; n++) {
			struct ims_step st = {.arrow = arrow};
			struct ims_ladder l;

			memset(st.what, 'x', n);
			ims_ladder_init(&l, false, true);
			l.width = 73;
			picture_init(&pic);
			ims_ladder_put(&pic.b, &l, 1, &seed.m[0].sight, &st,
				       &none);
			assert_true(picture_width(ims_buf_cstr(&pic.b)) <= 73);
		}
	}
}

#define T(name) cmocka_unit_test_setup(name, load)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_seed_is_drawn),
		T(ascii_says_the_same),
		T(in_colour_each_owner_has_his),
		T(colour_changes_nothing_else),
		T(a_terminal_of_80_columns_is_enough),
		T(a_terminal_of_100_columns_has_the_carrier_beside),
		T(nothing_is_wider_than_the_terminal),
		T(what_is_wrong_stands_under_the_message),
		T(a_long_title_stands_above_its_box),
		T(lanes_that_change_are_named_again),
		T(what_a_peer_sends_is_never_raw),
		T(a_message_of_any_length_fits_its_arrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
