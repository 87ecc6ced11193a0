/* SPDX-License-Identifier: BSD-2-Clause */
/* unix_peer.h - a server at a Unix socket that notes what it hears. */
#ifndef UNIX_PEER_H
#define UNIX_PEER_H

#include "test.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io_unix.h"

struct heard {
	struct ims_io_loop *loop;
	struct ims_io_unix *server;
	struct ims_io_unix_up up;
	char folder[64], path[100];
	unsigned lines, drained, closed;
	int farewell;
	char last[300];
	struct ims_io_talk *talk;
	struct ims_str answer; /* to each line */
	int sent;
};

static inline void heard_line(void *arg, struct ims_io_talk *t,
			      struct ims_str line)
{
	struct heard *h = arg;

	h->lines++;
	h->talk = t;
	snprintf(h->last, sizeof h->last, "%.*s", IMS_STR_ARG(line));
	if (h->answer.n)
		h->sent = ims_io_talk_send(t, h->answer);
}

static inline void heard_drained(void *arg, struct ims_io_talk *t)
{
	((struct heard *)arg)->drained++;
}

static inline void heard_closed(void *arg, struct ims_io_talk *t)
{
	struct heard *h = arg;

	h->closed++;
	if (h->talk == t)
		h->talk = NULL;
}

static inline void heard_farewell(void *arg, int err, char *out, size_t cap)
{
	((struct heard *)arg)->farewell = err;
	snprintf(out, cap, "bye %s\n", err == -IMS_E_TOOBIG ? "long" : "now!");
}

static inline void up(struct heard *h, const struct ims_io_unix_limits *limits)
{
	struct ims_flaw why;

	memset(h, 0, sizeof *h);
	strcpy(h->folder, "/tmp/imsreg-unix-XXXXXX");
	assert_non_null(mkdtemp(h->folder));
	snprintf(h->path, sizeof h->path, "%s/a.sock", h->folder);
	h->loop = ims_io_loop_new();
	assert_non_null(h->loop);
	h->up = (struct ims_io_unix_up){.line = heard_line,
					.drained = heard_drained,
					.closed = heard_closed,
					.farewell = heard_farewell,
					.arg = h};
	assert_int_equal(ims_io_unix_new(h->loop, h->path, limits, &h->up,
					 &h->server, &why),
			 0);
}

static inline void down(struct heard *h)
{
	ims_io_unix_free(h->server);
	ims_io_loop_free(h->loop);
	assert_int_equal(rmdir(h->folder), 0);
}

static inline int dial(const struct heard *h)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sa.sun_path, h->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	return fd;
}

static inline void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

/* What has come; 0: it is closed, -1: nothing. */
static inline ssize_t look(int fd, char *buf, size_t cap)
{
	ssize_t n = recv(fd, buf, cap, MSG_DONTWAIT);

	return n < 0 && errno == ECONNRESET ? 0 : n;
}

static inline void until(struct heard *h, const unsigned *count, unsigned n)
{
	for (int i = 0; i < 300 && *count < n; i++)
		ims_io_loop_run_for(h->loop, 10);
	assert_int_equal(*count, n);
}

#endif
