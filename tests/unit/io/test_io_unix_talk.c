/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_unix_talk.c - lines in, answers out, and what a client may cost. */
#include "unix_peer.h"

static void lines_come_whole_however_they_are_cut(void **state)
{
	struct heard h;
	int fd;

	up(&h, NULL);
	fd = dial(&h);
	put(fd, "one");
	ims_io_loop_run_for(h.loop, 10);
	assert_int_equal(h.lines, 0);
	put(fd, " line\r\ntwo\n\nfo");
	until(&h, &h.lines, 3);
	assert_string_equal(h.last, "");
	put(fd, "ur\n");
	until(&h, &h.lines, 4);
	assert_string_equal(h.last, "four");
	close(fd);
	until(&h, &h.closed, 1);
	down(&h);
}

static void a_line_of_the_limit_is_taken_and_a_longer_one_is_not(void **state)
{
	const struct ims_io_unix_limits l = {.line = 100};
	char text[102], buf[32];
	struct heard h;
	int fd;

	up(&h, &l);
	fd = dial(&h);
	memset(text, 'a', 100);
	memcpy(text + 100, "\n", 2);
	put(fd, text);
	until(&h, &h.lines, 1);
	assert_int_equal(strlen(h.last), 100);
	text[100] = 'a';
	put(fd, text);
	until(&h, &h.closed, 1);
	assert_int_equal(h.farewell, -IMS_E_TOOBIG);
	assert_int_equal(look(fd, buf, sizeof buf), 9);
	assert_memory_equal(buf, "bye long\n", 9);
	assert_int_equal(h.lines, 1);
	close(fd);
	down(&h);
}

/* The next line is not even looked at while an answer waits. */
static void one_answer_at_a_time(void **state)
{
	static char big[1 << 20], buf[1 << 16];
	size_t n = 0;
	ssize_t got;
	struct heard h;
	int fd;

	up(&h, NULL);
	memset(big, 'x', sizeof big);
	h.answer = (struct ims_str){big, sizeof big};
	fd = dial(&h);
	put(fd, "a\nb\nc\n");
	until(&h, &h.lines, 1);
	ims_io_loop_run_for(h.loop, 30);
	assert_int_equal(h.lines, 1);
	assert_true(ims_io_talk_waiting(h.talk) > 0);
	for (int i = 0; i < 2000 && n < 3 * sizeof big; i++) {
		while ((got = look(fd, buf, sizeof buf)) > 0)
			n += (size_t)got;
		ims_io_loop_run_for(h.loop, 1);
	}
	assert_int_equal(n, 3 * sizeof big);
	assert_int_equal(h.lines, 3);
	assert_int_equal(h.drained, 3);
	close(fd);
	down(&h);
}

static void an_answer_over_the_limit_is_not_sent(void **state)
{
	const struct ims_io_unix_limits l = {.queue = 10};
	char buf[32];
	struct heard h;
	int fd;

	up(&h, &l);
	h.answer = IMS_S("eleven byte");
	fd = dial(&h);
	put(fd, "a\n");
	until(&h, &h.lines, 1);
	assert_int_equal(h.sent, -IMS_E_TOOBIG);
	assert_int_equal(look(fd, buf, sizeof buf), -1);
	h.answer = IMS_S("ten bytes\n");
	put(fd, "b\n");
	until(&h, &h.lines, 2);
	assert_int_equal(h.sent, 0);
	assert_int_equal(look(fd, buf, sizeof buf), 10);
	close(fd);
	down(&h);
}

static void who_says_nothing_is_cut_off(void **state)
{
	const struct ims_io_unix_limits l = {.idle_ms = 60};
	struct heard h;
	int fd;

	up(&h, &l);
	fd = dial(&h);
	put(fd, "half a lin"); /* does not count */
	ims_io_loop_run_for(h.loop, 30);
	assert_int_equal(h.closed, 0);
	put(fd, "e");
	until(&h, &h.closed, 1);
	close(fd);
	down(&h);
}

static void who_does_not_read_is_cut_off(void **state)
{
	const struct ims_io_unix_limits l = {.write_ms = 60};
	static char big[4 << 20];
	struct heard h;
	int fd;

	up(&h, &l);
	h.answer = (struct ims_str){big, sizeof big};
	fd = dial(&h);
	put(fd, "a\n");
	until(&h, &h.lines, 1);
	assert_int_equal(h.closed, 0);
	until(&h, &h.closed, 1);
	close(fd);
	down(&h);
}

static void the_patient_are_not(void **state)
{
	const struct ims_io_unix_limits l = {.idle_ms = 30, .write_ms = 30};
	struct heard h;
	int fd;

	up(&h, &l);
	fd = dial(&h);
	put(fd, "a\n");
	until(&h, &h.lines, 1);
	h.talk->patient = true;
	ims_io_loop_run_for(h.loop, 150);
	assert_int_equal(h.closed, 0);
	assert_int_equal(ims_io_talk_send(h.talk, IMS_S("x")), 0);
	ims_io_loop_run_for(h.loop, 100);
	assert_int_equal(h.closed, 0);
	close(fd);
	until(&h, &h.closed, 1);
	down(&h);
}

/* The peer is gone: found out while sending to it, from outside. */
static void a_broken_one_is_closed_when_it_is_sent_to(void **state)
{
	struct heard h;
	int fd;

	up(&h, NULL);
	fd = dial(&h);
	put(fd, "a\n");
	until(&h, &h.lines, 1);
	close(fd);
	(void)ims_io_talk_send(h.talk, IMS_S("x"));
	assert_int_equal(h.closed, 1);
	assert_null(h.talk);
	down(&h);
}

static void the_end_hands_out_what_can_be_taken(void **state)
{
	char buf[32];
	struct heard h;
	int fd;

	up(&h, NULL);
	fd = dial(&h);
	put(fd, "a\n");
	until(&h, &h.lines, 1);
	assert_int_equal(ims_io_talk_send(h.talk, IMS_S("last\n")), 0);
	down(&h);
	assert_int_equal(h.closed, 1);
	assert_int_equal(look(fd, buf, sizeof buf), 5);
	assert_int_equal(look(fd, buf, sizeof buf), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_whole_however_they_are_cut),
		cmocka_unit_test(
			a_line_of_the_limit_is_taken_and_a_longer_one_is_not),
		cmocka_unit_test(one_answer_at_a_time),
		cmocka_unit_test(an_answer_over_the_limit_is_not_sent),
		cmocka_unit_test(who_says_nothing_is_cut_off),
		cmocka_unit_test(who_does_not_read_is_cut_off),
		cmocka_unit_test(the_patient_are_not),
		cmocka_unit_test(a_broken_one_is_closed_when_it_is_sent_to),
		cmocka_unit_test(the_end_hands_out_what_can_be_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
