/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix_dial.c - talks in lines with who listens at a Unix socket. */
#include "io_unix_dial.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "io_loop.h"
#include "io_unix_priv.h"

#define ROOM 65536
#define LINE_MAX_ (64u << 20)
#define SEND_MS 10000
#define CONNECT_S 5

struct ims_io_dial {
	int fd;
	char *in;
	size_t n, at, cap; /* read, of which are lines that were given */
	size_t seen;       /* no line end before this */
};

static int refused(struct ims_flaw *why, const char *path, int number)
{
	bool shut = number == EACCES || number == EPERM;
	int err = number == EAGAIN ? -IMS_E_SILENCE
		  : shut || number == ECONNREFUSED || number == ENOENT ||
				  number == ENOTDIR || number == ENOTSOCK
			  ? -IMS_E_CTL
			  : -IMS_E_SYS;

	return ims_flaw(why, err, "%s: %s", path,
			number == ECONNREFUSED ? "nobody listens there"
			: number == ENOENT     ? "there is no such socket"
			: number == EAGAIN ? "whoever listens there is stuck"
			: shut             ? "it is another user's"
					   : strerror(number));
}

static int connect_to(int fd, const char *path, struct ims_flaw *why)
{
	const struct timeval patience = {.tv_sec = CONNECT_S};
	struct sockaddr_un sa;
	struct ucred who;
	socklen_t len = sizeof who;
	int err = ims_io_unix_addr(path, &sa, why);

	if (err)
		return err;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			 sizeof patience);
	if (connect(fd, (struct sockaddr *)&sa, sizeof sa))
		return refused(why, path, errno);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) ||
	    (who.uid != 0 && who.uid != geteuid()))
		return ims_flaw(why, -IMS_E_CTL,
				"%s: another user listens there", path);
	return 0;
}

int ims_io_dial_new(const char *path, struct ims_io_dial **out,
		    struct ims_flaw *why)
{
	struct ims_io_dial *d = calloc(1, sizeof *d);
	int err;

	if (!d)
		return ims_flaw(why, -IMS_E_NOMEM, "no memory");
	d->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (d->fd < 0)
		err = refused(why, path, errno);
	else
		err = connect_to(d->fd, path, why);
	if (err) {
		ims_io_dial_free(d);
		return err;
	}
	*out = d;
	return 0;
}

void ims_io_dial_free(struct ims_io_dial *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		close(d->fd);
	free(d->in);
	free(d);
}

static bool ready(int fd, short what, int ms)
{
	struct pollfd p = {.fd = fd, .events = what};
	int n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

int ims_io_dial_send(struct ims_io_dial *d, struct ims_str bytes)
{
	while (bytes.n) {
		ssize_t n = send(d->fd, bytes.p, bytes.n,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			bytes = ims_str_from(bytes, (size_t)n);
		else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!ready(d->fd, POLLOUT, SEND_MS))
				return -IMS_E_SILENCE;
		} else if (errno != EINTR) {
			return -IMS_E_CTL;
		}
	}
	return 0;
}

static bool take_line(struct ims_io_dial *d, struct ims_str *out)
{
	const char *end =
		d->n > d->seen ? memchr(d->in + d->seen, '\n', d->n - d->seen)
			       : NULL;

	if (!end) {
		d->seen = d->n;
		return false;
	}
	*out = ims_str_n(d->in + d->at, (size_t)(end - (d->in + d->at)));
	d->at = d->seen = (size_t)(end - d->in) + 1;
	return true;
}

static int make_room(struct ims_io_dial *d)
{
	size_t cap = d->cap ? d->cap : ROOM;
	char *in;

	if (d->at) {
		memmove(d->in, d->in + d->at, d->n - d->at);
		d->n -= d->at;
		d->seen -= d->at;
		d->at = 0;
	}
	if (d->n < d->cap)
		return 0;
	if (d->cap)
		cap *= 2;
	if (cap > LINE_MAX_)
		return -IMS_E_TOOBIG;
	in = realloc(d->in, cap);
	if (!in)
		return -IMS_E_NOMEM;
	d->in = in;
	d->cap = cap;
	return 0;
}

int ims_io_dial_line(struct ims_io_dial *d, int ms, struct ims_str *out)
{
	while (!take_line(d, out)) {
		ssize_t n;
		int err = make_room(d);

		if (err)
			return err;
		if (!ready(d->fd, POLLIN, ms))
			return -IMS_E_SILENCE;
		n = recv(d->fd, d->in + d->n, d->cap - d->n, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		d->n += (size_t)n;
	}
	return 1;
}
