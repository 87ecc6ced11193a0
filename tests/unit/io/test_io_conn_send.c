/* SPDX-License-Identifier: BSD-2-Clause */
/* test_io_conn_send.c - what goes out over streams. */
#include "io_host_priv.h"
#include "peer.h"

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

/* The host's end of the only connection. */
static const struct ims_io_conn *its_end(const struct heard *h)
{
	const struct ims_io_host *host = (const void *)h->host;

	assert_false(ims_list_empty(&host->conns_old));
	return ims_container(host->conns_old.next, struct ims_io_conn, node);
}

/* How many pieces wait there. */
static size_t waiting(const struct heard *h)
{
	size_t n = 0;

	ims_list_each (i, &its_end(h)->out)
		n++;
	return n;
}

/* A pong is two bytes, but who waits to be sent costs more. */
static void pings_that_nobody_reads_the_answers_of_cost_little(void **state)
{
	struct ims_io_limits l = {.queue = 100000};
	static char pings[65536];
	int fd, small = 4096, full = 0;
	struct heard h;

	up(&h, &l);
	fd = dial(&h);
	put(fd, MSG);
	assert_true(until(&h, &h.messages, 1));
	memset(pings, '\n', sizeof pings);
	for (size_t i = 0; i < sizeof pings; i += 2)
		pings[i] = '\r';
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	setsockopt(its_end(&h)->fd, SOL_SOCKET, SO_SNDBUF, &small,
		   sizeof small);
	for (int i = 0; i < 300 && full < 3; i++) {
		size_t before = waiting(&h);

		(void)!send(fd, pings, sizeof pings, MSG_NOSIGNAL);
		ims_io_loop_run_for(h.loop, 1);
		if (waiting(&h) * sizeof(struct ims_io_chunk) > l.queue)
			fail_msg("%zu pongs wait", waiting(&h));
		full += before && waiting(&h) == before;
	}
	assert_true(waiting(&h) > 0);
	close(fd);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_does_not_read_fills_a_queue_and_no_more),
		cmocka_unit_test(
			pings_that_nobody_reads_the_answers_of_cost_little),
		cmocka_unit_test(a_large_answer_arrives_whole_at_a_slow_reader),
		cmocka_unit_test(a_connection_is_opened_once_and_used_again),
		cmocka_unit_test(it_may_leave_from_a_port_that_is_held),
		cmocka_unit_test(a_refused_connection_tells_what_was_not_sent),
		cmocka_unit_test(a_request_whose_connection_breaks_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
