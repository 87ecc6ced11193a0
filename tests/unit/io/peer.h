/* SPDX-License-Identifier: BSD-2-Clause */
/* peer.h - a host on the loopback address, and plain sockets as its peers. */
#ifndef IMS_TEST_PEER_H
#define IMS_TEST_PEER_H

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

static inline void on_message(void *arg, const struct ims_flow *flow,
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

static inline void on_unsent(void *arg, const struct ims_flow *flow,
			     uint32_t ref, int err, const struct ims_flaw *why)
{
	struct heard *h = arg;

	assert_int_equal(err, why->err);
	h->refs[h->unsent++ % 8] = ref;
	h->flow = *flow;
	h->why = *why;
}

static inline void on_dropped(void *arg, const struct ims_flow *flow, int err)
{
	struct heard *h = arg;

	h->dropped++;
	h->dropped_as = err;
	h->flow = *flow;
}

static inline void up(struct heard *h, const struct ims_io_limits *limits)
{
	struct ims_io_host_conf conf = {.netns = -1,
					.ipsec = IMS_IPSEC_NONE,
					.rnd = ims_rand_system()};
	struct ims_host_up u = {.message = on_message,
				.unsent = on_unsent,
				.dropped = on_dropped,
				.arg = h};
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

static inline void down(struct heard *h)
{
	h->host->ops->free(h->host);
	ims_io_loop_free(h->loop);
}

static inline bool until(struct heard *h, const unsigned *count, unsigned want)
{
	for (int i = 0; *count < want && i < 1000; i++)
		ims_io_loop_run_for(h->loop, 2);
	return *count >= want;
}

static inline int dial(struct heard *h)
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

static inline void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

/* What the host did to the connection: 0 closed, -1 nothing, else bytes. */
static inline ssize_t look(int fd, char *buf, size_t cap)
{
	ssize_t n = recv(fd, buf, cap, 0);

	if (n < 0 && errno == ECONNRESET)
		return 0;
	assert_true(n >= 0 || errno == EAGAIN);
	return n;
}

static inline bool closed(struct heard *h, int fd)
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

#endif
