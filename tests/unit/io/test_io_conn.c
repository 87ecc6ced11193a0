/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_conn.c - what comes in over streams, and its limits. */
#include "peer.h"

static void two_halves_make_one_message_and_one_read_may_be_two(void **state)
{
	struct heard h;
	int fd;

	up(&h, NULL);
	fd = dial(&h);
	put(fd, "REGISTER sip:a SIP/2.0\r\nContent-Le");
	ims_io_loop_run_for(h.loop, 10);
	assert_int_equal(h.messages, 0);
	put(fd, "ngth: 4\r\n\r\nbo");
	ims_io_loop_run_for(h.loop, 10);
	assert_int_equal(h.messages, 0);
	put(fd, "dy");
	assert_true(until(&h, &h.messages, 1));
	assert_int_equal(h.n, strlen(MSG));
	assert_memory_equal(h.bytes, MSG, h.n);
	assert_int_equal(h.flow.transport, IMS_TCP);
	assert_int_equal(h.flow.set, 0);
	assert_true(h.flow.conn != 0);
	put(fd, MSG "\r\n" MSG "REGISTER s");
	assert_true(until(&h, &h.messages, 3));
	put(fd, "ip:a SIP/2.0\r\nContent-Length: 4\r\n\r\nbody" MSG);
	assert_true(until(&h, &h.messages, 5));
	assert_int_equal(h.dropped, 0);
	close(fd);
	down(&h);
}

static void one_byte_at_a_time_is_still_a_message(void **state)
{
	struct heard h;
	int fd;

	up(&h, NULL);
	fd = dial(&h);
	for (int round = 1; round <= 2; round++) {
		for (const char *p = MSG; *p; p++) {
			char one[2] = {*p, 0};

			put(fd, one);
			ims_io_loop_run_for(h.loop, 1);
		}
		assert_true(until(&h, &h.messages, (unsigned)round));
		assert_memory_equal(h.bytes, MSG, h.n);
	}
	close(fd);
	down(&h);
}

static void a_ping_is_answered_and_a_pong_is_not(void **state)
{
	struct heard h;
	char buf[16];
	int fd;

	up(&h, NULL);
	fd = dial(&h);
	put(fd, "\r\n\r\n");
	ims_io_loop_run_for(h.loop, 20);
	assert_int_equal(look(fd, buf, sizeof buf), 2);
	assert_memory_equal(buf, "\r\n", 2);
	put(fd, "\r\n");
	ims_io_loop_run_for(h.loop, 20);
	assert_int_equal(look(fd, buf, sizeof buf), -1);
	put(fd, MSG);
	assert_true(until(&h, &h.messages, 1));
	close(fd);
	down(&h);
}

static void what_cannot_be_framed_is_closed_and_told(void **state)
{
	static const struct {
		const char *text;
		int err;
	} bad[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", -IMS_E_SIP_FRAMING},
		{"\x16\x03\x01\x02garbage", -IMS_E_SIP_FRAMING},
		{"REGISTER sip:a SIP/2.0\r\n\r\n", -IMS_E_SIP_FRAMING},
		{"REGISTER sip:a SIP/2.0\r\nContent-Length: 1\r\n"
		 "Content-Length: 2\r\n\r\n",
		 -IMS_E_SIP_FRAMING},
		{"REGISTER sip:a SIP/2.0\r\nContent-Length: 4000000000\r\n\r\n",
		 -IMS_E_TOOBIG},
		{"REGISTER sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		 -IMS_E_SIP_FRAMING},
	};

	for (size_t i = 0; i < N_OF(bad); i++) {
		struct heard h;
		struct ims_io_host_stats s;
		int fd, other;

		up(&h, NULL);
		other = dial(&h);
		fd = dial(&h);
		put(fd, bad[i].text);
		assert_true(closed(&h, fd));
		assert_int_equal(h.messages, 0);
		assert_int_equal(h.dropped, 1);
		assert_int_equal(h.dropped_as, bad[i].err);
		ims_io_host_stats(h.host, &s);
		assert_int_equal(s.framing, 1);
		assert_int_equal(s.conns, 1);
		put(other, MSG);
		assert_true(until(&h, &h.messages, 1));
		close(fd);
		close(other);
		down(&h);
	}
}

static void endless_headers_are_cut_off_at_64_kib(void **state)
{
	struct heard h;
	char line[1024];
	int fd;

	up(&h, NULL);
	fd = dial(&h);
	memset(line, 'x', sizeof line);
	put(fd, "REGISTER sip:a SIP/2.0\r\n");
	for (int i = 0; i < 70 && h.dropped == 0; i++) {
		if (send(fd, line, sizeof line, MSG_NOSIGNAL) < 0)
			break;
		ims_io_loop_run_for(h.loop, 2);
	}
	assert_true(closed(&h, fd));
	assert_int_equal(h.dropped_as, -IMS_E_TOOBIG);
	close(fd);
	down(&h);
}

static void who_is_slow_is_closed_and_who_is_not_stays(void **state)
{
	struct ims_io_limits l = {.header_ms = 100, .message_ms = 300};
	struct heard h;
	struct ims_io_host_stats s;
	int silent, slow, body, good;

	up(&h, &l);
	good = dial(&h);
	put(good, MSG);
	silent = dial(&h);
	slow = dial(&h);
	body = dial(&h);
	put(slow, "REGISTER sip:a SIP");
	put(body, "REGISTER sip:a SIP/2.0\r\nContent-Length: 9\r\n\r\nb");
	ims_io_loop_run_for(h.loop, 60);
	put(slow, "/2.0\r\n");
	put(body, "o");
	ims_io_loop_run_for(h.loop, 100);
	ims_io_host_stats(h.host, &s);
	assert_int_equal(s.slow, 2);
	assert_true(closed(&h, silent));
	assert_true(closed(&h, slow));
	assert_int_equal(s.conns, 2);
	assert_true(closed(&h, body));
	put(good, MSG);
	assert_true(until(&h, &h.messages, 2));
	close(silent);
	close(slow);
	close(body);
	close(good);
	down(&h);
}

static void one_peer_has_only_so_many_connections(void **state)
{
	struct ims_io_limits l = {.conns_per_peer = 3};
	struct heard h;
	struct ims_io_host_stats s;
	int fd[5];

	up(&h, &l);
	for (int i = 0; i < 5; i++)
		fd[i] = dial(&h);
	ims_io_host_stats(h.host, &s);
	assert_int_equal(s.conns, 3);
	assert_int_equal(s.refused, 2);
	assert_true(closed(&h, fd[4]));
	put(fd[0], MSG);
	assert_true(until(&h, &h.messages, 1));
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	ims_io_loop_run_for(h.loop, 20);
	ims_io_host_stats(h.host, &s);
	assert_int_equal(s.conns, 0);
	fd[0] = dial(&h);
	put(fd[0], MSG);
	assert_true(until(&h, &h.messages, 2));
	close(fd[0]);
	down(&h);
}

static void when_all_are_taken_the_one_without_a_message_gives_way(void **state)
{
	struct ims_io_limits l = {.conns = 3};
	struct heard h;
	int good, idle, idle2, new;

	up(&h, &l);
	good = dial(&h);
	put(good, MSG);
	assert_true(until(&h, &h.messages, 1));
	idle = dial(&h);
	idle2 = dial(&h);
	new = dial(&h);
	put(new, MSG);
	assert_true(until(&h, &h.messages, 2));
	assert_true(closed(&h, idle));
	put(good, MSG);
	assert_true(until(&h, &h.messages, 3));
	close(good);
	close(idle);
	close(idle2);
	close(new);
	down(&h);
}

static void an_answer_from_within_the_callback_goes_out(void **state)
{
	struct heard h;
	char buf[200];
	int fd;

	up(&h, NULL);
	h.answer = true;
	fd = dial(&h);
	put(fd, MSG MSG);
	assert_true(until(&h, &h.messages, 2));
	ims_io_loop_run_for(h.loop, 10);
	assert_int_equal(look(fd, buf, sizeof buf), 2 * strlen(MSG));
	close(fd);
	down(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			two_halves_make_one_message_and_one_read_may_be_two),
		cmocka_unit_test(one_byte_at_a_time_is_still_a_message),
		cmocka_unit_test(a_ping_is_answered_and_a_pong_is_not),
		cmocka_unit_test(what_cannot_be_framed_is_closed_and_told),
		cmocka_unit_test(endless_headers_are_cut_off_at_64_kib),
		cmocka_unit_test(who_is_slow_is_closed_and_who_is_not_stays),
		cmocka_unit_test(one_peer_has_only_so_many_connections),
		cmocka_unit_test(
			when_all_are_taken_the_one_without_a_message_gives_way),
		cmocka_unit_test(an_answer_from_within_the_callback_goes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
