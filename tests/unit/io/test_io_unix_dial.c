/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_unix_dial.c - the caller's side of a Unix socket. */
#include "unix_peer.h"

#include "io_unix_dial.h"

static void nobody_there_is_said_so(void **state)
{
	struct ims_io_dial *d;
	struct ims_flaw why = {0};

	assert_int_equal(ims_io_dial_new("/tmp/no/such.sock", &d, &why),
			 -IMS_E_CTL);
	assert_non_null(strstr(why.text, "there is no such socket"));
	assert_int_equal(ims_io_dial_new("", &d, &why), -IMS_E_RANGE);
	assert_int_equal(ims_io_dial_new("/dev/null", &d, &why), -IMS_E_CTL);
}

static void lines_go_both_ways(void **state)
{
	struct ims_io_dial *d;
	struct ims_flaw why;
	struct ims_str line;
	struct heard h;

	up(&h, NULL);
	h.answer = IMS_S("first\n\nthird\nhalf");
	assert_int_equal(ims_io_dial_new(h.path, &d, &why), 0);
	assert_int_equal(ims_io_dial_send(d, IMS_S("hello\n")), 0);
	until(&h, &h.lines, 1);
	assert_string_equal(h.last, "hello");
	assert_int_equal(ims_io_dial_line(d, 1000, &line), 1);
	assert_str(line, "first");
	assert_int_equal(ims_io_dial_line(d, 1000, &line), 1);
	assert_str(line, "");
	assert_int_equal(ims_io_dial_line(d, 1000, &line), 1);
	assert_str(line, "third");
	assert_int_equal(ims_io_dial_line(d, 10, &line), -IMS_E_SILENCE);
	assert_int_equal(ims_io_talk_send(h.talk, IMS_S(" and half\n")), 0);
	assert_int_equal(ims_io_dial_line(d, 1000, &line), 1);
	assert_str(line, "half and half");
	down(&h);
	assert_int_equal(ims_io_dial_line(d, 1000, &line), 0);
	assert_int_equal(ims_io_dial_send(d, IMS_S("hello\n")), -IMS_E_CTL);
	ims_io_dial_free(d);
}

static void a_long_line_comes_whole(void **state)
{
	static char big[3 << 20];
	struct ims_io_dial *d;
	struct ims_flaw why;
	struct ims_str line;
	struct heard h;
	int err = -IMS_E_SILENCE;

	up(&h, NULL);
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\n';
	h.answer = (struct ims_str){big, sizeof big};
	assert_int_equal(ims_io_dial_new(h.path, &d, &why), 0);
	assert_int_equal(ims_io_dial_send(d, IMS_S("a\n")), 0);
	for (int i = 0; i < 1000 && err == -IMS_E_SILENCE; i++) {
		ims_io_loop_run_for(h.loop, 1);
		err = ims_io_dial_line(d, 1, &line);
	}
	assert_int_equal(err, 1);
	assert_int_equal(line.n, sizeof big - 1);
	ims_io_dial_free(d);
	down(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_there_is_said_so),
		cmocka_unit_test(lines_go_both_ways),
		cmocka_unit_test(a_long_line_comes_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
