/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_conn.c - streams and their limits, against plain sockets on the
 * loopback address.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "io_host.h"
#include "io_sock.h"

struct heard {
	struct ims_io_loop *loop;
	struct ims_host *host;
	struct ims_addr addr;
	unsigned messages, unsent, dropped;
	int dropped_as;
	uint32_t refs[8];
	struct ims_flow flow;
	struct ims_flaw why;
	char bytes[65536];
	size_t n;
	bool answer; /* each message with the same bytes, at once */
};

static void on_message(void *arg, const struct ims_flow *flow,
		       struct ims_str bytes)
{
	struct heard *h = arg;

	h->messages++;
	h->flow = *flow;
	memcpy(h->bytes, bytes.p, bytes.n);
	h->n = bytes.n;
	if (h->answer)
		h->host->ops->send(h->host, flow, bytes, 0, NULL);
}

static void on_unsent(void *arg, const struct ims_flow *flow, uint32_t ref,
		      int err, const struct ims_flaw *why)
{
	struct heard *h = arg;

	assert_int_equal(err, why->err);
	h->refs[h->unsent++ % 8] = ref;
	h->flow = *flow;
	h->why = *why;
}

static void on_dropped(void *arg, const struct ims_flow *flow, int err)
{
	struct heard *h = arg;

	h->dropped++;
	h->dropped_as = err;
	h->flow = *flow;
}

static void up(struct heard *h, const struct ims_io_limits *limits)
{
	struct ims_io_host_conf conf = {.netns = -1,
					.ipsec = IMS_IPSEC_NONE,
					.rnd = ims_rand_system()};
	struct ims_host_up u = {on_message, on_unsent, on_dropped, h};
	struct ims_flaw why = {0};

	memset(h, 0, sizeof *h);
	h->loop = ims_io_loop_new();
	assert_int_equal(ims_ip_parse(IMS_S("127.0.0.1"), &conf.ip), 0);
	if (limits)
		conf.limits = *limits;
	assert_int_equal(ims_io_host_new(h->loop, &conf, &u, &h->host, &why),
			 0);
	assert_string_equal(h->host->ipsec, "none");
	h->addr.ip = conf.ip;
	/* Some port that is free now. */
	for (h->addr.port = 20000; h->addr.port < 40000; h->addr.port++)
		if (!h->host->ops->hold(h->host, h->addr, false, &why))
			return;
	fail_msg("%s", why.text);
}

static void down(struct heard *h)
{
	h->host->ops->free(h->host);
	ims_io_loop_free(h->loop);
}

static bool until(struct heard *h, const unsigned *count, unsigned want)
{
	for (int i = 0; *count < want && i < 1000; i++)
		ims_io_loop_run_for(h->loop, 2);
	return *count >= want;
}

static int dial(struct heard *h)
{
	union ims_io_sa sa;
	socklen_t n = ims_io_sa_from(h->addr, &sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	assert_int_equal(connect(fd, &sa.sa, n), 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	ims_io_loop_run_for(h->loop, 5);
	return fd;
}

static void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

/* What the host did to the connection: 0 closed, -1 nothing, else bytes. */
static ssize_t look(int fd, char *buf, size_t cap)
{
	ssize_t n = recv(fd, buf, cap, 0);

	if (n < 0 && errno == ECONNRESET)
		return 0;
	assert_true(n >= 0 || errno == EAGAIN);
	return n;
}

static bool closed(struct heard *h, int fd)
{
	char buf[16];

	for (int i = 0; i < 500; i++) {
		if (look(fd, buf, sizeof buf) == 0)
			return true;
		ims_io_loop_run_for(h->loop, 2);
	}
	return false;
}

#define MSG "REGISTER sip:a SIP/2.0\r\nContent-Length: 4\r\n\r\nbody"

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

static struct ims_str big(size_t n)
{
	char *p = malloc(n);

	assert_non_null(p);
	memset(p, 'x', n);
	return ims_str_n(p, n);
}

static void who_does_not_read_fills_a_queue_and_no_more(void **state)
{
	struct ims_io_limits l = {.queue = 100000, .write_ms = 200};
	struct heard h;
	struct ims_str text = big(30000);
	struct ims_flow f;
	struct ims_flaw why = {0};
	int fd, err = 0, n = 0;

	up(&h, &l);
	fd = dial(&h);
	put(fd, MSG);
	assert_true(until(&h, &h.messages, 1));
	f = h.flow;
	for (; n < 1000 && !err; n++)
		err = h.host->ops->send(h.host, &f, text, 77, &why);
	assert_int_equal(err, -IMS_E_TOOBIG);
	assert_non_null(strstr(why.text, "does not read"));
	assert_true(n > 3 && n < 1000);
	/* Time passes: it is closed, and what waited is told of. */
	assert_true(until(&h, &h.unsent, 3));
	assert_int_equal(h.refs[0], 77);
	assert_int_equal(h.why.err, -IMS_E_SILENCE);
	close(fd);
	free((void *)text.p);
	down(&h);
}

static void a_large_answer_arrives_whole_at_a_slow_reader(void **state)
{
	struct heard h;
	struct ims_str text = big(200000);
	static char buf[65536];
	size_t got = 0;
	int fd, small = 4096;

	up(&h, NULL);
	fd = dial(&h);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	put(fd, MSG);
	assert_true(until(&h, &h.messages, 1));
	assert_int_equal(h.host->ops->send(h.host, &h.flow, text, 0, NULL), 0);
	for (int i = 0; i < 5000 && got < text.n; i++) {
		ssize_t n = look(fd, buf, 5000);

		got += n > 0 ? (size_t)n : 0;
		ims_io_loop_run_for(h.loop, 1);
	}
	assert_int_equal(got, text.n);
	close(fd);
	free((void *)text.p);
	down(&h);
}

/* A listener of the test's own, to which the host connects. */
static int serve(struct ims_addr *addr)
{
	union ims_io_sa sa;
	socklen_t n;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr->port = 0;
	n = ims_io_sa_from(*addr, &sa);
	assert_int_equal(bind(fd, &sa.sa, n), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, &sa.sa, &n), 0);
	*addr = ims_io_sa_to(&sa);
	return fd;
}

static struct ims_flow to(const struct heard *h, struct ims_addr remote)
{
	struct ims_flow f = {.local = h->addr,
			     .remote = remote,
			     .transport = IMS_TCP};

	f.local.port = 0;
	return f;
}

static void a_connection_is_opened_once_and_used_again(void **state)
{
	struct heard h;
	struct ims_addr peer;
	struct ims_flow f;
	struct ims_io_host_stats s;
	char buf[1000];
	int server, fd;

	up(&h, NULL);
	peer = h.addr;
	server = serve(&peer);
	f = to(&h, peer);
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 1, NULL), 0);
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 2, NULL), 0);
	ims_io_loop_run_for(h.loop, 20);
	fd = accept4(server, NULL, NULL, SOCK_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(recv(fd, buf, sizeof buf, 0), 2 * strlen(MSG));
	ims_io_host_stats(h.host, &s);
	assert_int_equal(s.conns, 1);
	assert_int_equal(s.sent, 2);
	/* The answer comes on it, and so does what follows by its number. */
	put(fd, "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_true(until(&h, &h.messages, 1));
	assert_true(ims_addr_eq(h.flow.remote, peer));
	assert_true(h.flow.conn != 0);
	assert_int_equal(h.host->ops->send(h.host, &h.flow, IMS_S(MSG), 3,
					   NULL),
			 0);
	ims_io_loop_run_for(h.loop, 20);
	assert_int_equal(recv(fd, buf, sizeof buf, 0), strlen(MSG));
	close(fd);
	close(server);
	down(&h);
}

static void it_may_leave_from_a_port_that_is_held(void **state)
{
	struct heard h;
	struct ims_addr peer;
	struct ims_flow f;
	union ims_io_sa sa;
	socklen_t n = sizeof sa;
	int server, fd, in;

	up(&h, NULL);
	peer = h.addr;
	server = serve(&peer);
	f = to(&h, peer);
	f.local = h.addr;
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 1, NULL), 0);
	ims_io_loop_run_for(h.loop, 20);
	fd = accept4(server, &sa.sa, &n, SOCK_NONBLOCK);
	assert_true(fd >= 0);
	assert_true(ims_addr_eq(ims_io_sa_to(&sa), h.addr));
	/* And the listener still takes others in. */
	in = dial(&h);
	put(in, MSG);
	assert_true(until(&h, &h.messages, 1));
	close(in);
	close(fd);
	close(server);
	down(&h);
}

static void a_refused_connection_tells_what_was_not_sent(void **state)
{
	struct heard h;
	struct ims_addr peer;
	struct ims_flow f;
	int server;

	up(&h, NULL);
	peer = h.addr;
	server = serve(&peer);
	close(server);
	f = to(&h, peer);
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 41, NULL),
			 0);
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 42, NULL),
			 0);
	assert_int_equal(h.unsent, 0);
	assert_true(until(&h, &h.unsent, 2));
	assert_int_equal(h.refs[0], 41);
	assert_int_equal(h.refs[1], 42);
	assert_int_equal(h.why.err, -IMS_E_SILENCE);
	assert_non_null(strstr(h.why.text, "refused"));
	assert_non_null(strstr(h.why.text, "127.0.0.1"));
	down(&h);
}

static void a_request_whose_connection_breaks_is_told_of(void **state)
{
	struct heard h;
	struct ims_addr peer;
	struct ims_flow f;
	int server, fd;

	up(&h, NULL);
	peer = h.addr;
	server = serve(&peer);
	f = to(&h, peer);
	assert_int_equal(h.host->ops->send(h.host, &f, IMS_S(MSG), 9, NULL), 0);
	assert_int_equal(h.host->ops->send(h.host, &f,
					   IMS_S("SIP/2.0 200 OK\r\n"
						 "Content-Length: 0\r\n\r\n"),
					   10, NULL),
			 0);
	ims_io_loop_run_for(h.loop, 20);
	fd = accept4(server, NULL, NULL, SOCK_NONBLOCK);
	close(fd);
	assert_true(until(&h, &h.unsent, 1));
	ims_io_loop_run_for(h.loop, 20);
	assert_int_equal(h.unsent, 1);
	assert_int_equal(h.refs[0], 9);
	close(server);
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
		cmocka_unit_test(who_does_not_read_fills_a_queue_and_no_more),
		cmocka_unit_test(a_large_answer_arrives_whole_at_a_slow_reader),
		cmocka_unit_test(a_connection_is_opened_once_and_used_again),
		cmocka_unit_test(it_may_leave_from_a_port_that_is_held),
		cmocka_unit_test(a_refused_connection_tells_what_was_not_sent),
		cmocka_unit_test(a_request_whose_connection_breaks_is_told_of),
		cmocka_unit_test(an_answer_from_within_the_callback_goes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
