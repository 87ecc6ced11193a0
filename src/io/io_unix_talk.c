/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix_talk.c - one connection at a Unix socket: lines in, answers out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io_unix_priv.h"

#define ROOM 4096

struct talk {
	struct ims_io_talk pub; /* first */
	struct ims_io_unix *server;
	struct ims_list node;
	int fd;
	struct ims_io_watch *watch;
	struct ims_io_timer timer;
	char *in, *out;
	size_t n_in, cap_in;
	size_t n_out, at_out, cap_out;
	bool over;     /* nothing more is taken; ends when all is out */
	bool dead;     /* freed as soon as nobody is in it */
	unsigned busy; /* how many calls deep we are in it */
};

static struct talk *talk_of(const struct ims_io_talk *t)
{
	return (struct talk *)(void *)t;
}

struct ims_io_talk *ims_io_talk_at(struct ims_list *node)
{
	return &ims_container(node, struct talk, node)->pub;
}

static void dispose(struct talk *t)
{
	struct ims_io_unix *s = t->server;

	ims_list_del(&t->node);
	s->n_talks--;
	ims_io_timer_cancel(s->loop, &t->timer);
	ims_io_watch_free(t->watch);
	close(t->fd);
	s->up.closed(s->up.arg, &t->pub);
	free(t->in);
	free(t->out);
	free(t);
}

static void leave(struct talk *t)
{
	if (--t->busy == 0 && t->dead)
		dispose(t);
}

void ims_io_talk_close(struct ims_io_talk *pub)
{
	struct talk *t = talk_of(pub);

	t->dead = true;
	t->busy++;
	leave(t);
}

size_t ims_io_talk_waiting(const struct ims_io_talk *pub)
{
	const struct talk *t = talk_of(pub);

	return t->n_out - t->at_out;
}

/* --- time ---------------------------------------------------------------- */

static void arm(struct talk *t)
{
	const struct ims_io_unix_limits *l = &t->server->limits;
	struct ims_io_loop *loop = t->server->loop;
	uint32_t ms = ims_io_talk_waiting(&t->pub) ? l->write_ms : l->idle_ms;

	if (t->pub.patient && !t->over)
		ims_io_timer_cancel(loop, &t->timer);
	else
		(void)ims_io_timer_set(loop, &t->timer,
				       ims_io_loop_now(loop) + ms);
}

static void too_late(void *arg)
{
	struct talk *t = arg;

	if (!t->pub.patient || t->over)
		ims_io_talk_close(&t->pub);
}

/* --- out ----------------------------------------------------------------- */

static void want(struct talk *t)
{
	bool waiting = ims_io_talk_waiting(&t->pub) > 0;

	ims_io_watch_want(t->watch, waiting ? IMS_IO_WRITE : IMS_IO_READ);
}

/* Gives the peer what it takes now. */
static void flush(struct talk *t)
{
	size_t before = ims_io_talk_waiting(&t->pub);

	while (t->at_out < t->n_out) {
		ssize_t n =
			send(t->fd, t->out + t->at_out, t->n_out - t->at_out,
			     MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			t->dead = t->dead ||
				  (errno != EAGAIN && errno != EWOULDBLOCK);
			break;
		}
		t->at_out += (size_t)n;
	}
	if (t->at_out == t->n_out) {
		t->at_out = t->n_out = 0;
		t->dead = t->dead || t->over;
	}
	if (ims_io_talk_waiting(&t->pub) != before)
		arm(t);
	want(t);
}

static int make_room(struct talk *t, size_t n)
{
	size_t need = t->n_out + n, cap = t->cap_out ? t->cap_out : ROOM;
	char *out;

	if (need <= t->cap_out)
		return 0;
	if (t->at_out) {
		memmove(t->out, t->out + t->at_out, t->n_out - t->at_out);
		t->n_out -= t->at_out;
		t->at_out = 0;
		return make_room(t, n);
	}
	while (cap < need)
		cap *= 2;
	out = realloc(t->out, cap);
	if (!out)
		return -IMS_E_NOMEM;
	t->out = out;
	t->cap_out = cap;
	return 0;
}

static int queue(struct talk *t, struct ims_str bytes)
{
	size_t waiting = ims_io_talk_waiting(&t->pub);
	int err;

	if (bytes.n > t->server->limits.queue - waiting)
		return -IMS_E_TOOBIG;
	if (!bytes.n)
		return 0;
	err = make_room(t, bytes.n);
	if (err)
		return err;
	memcpy(t->out + t->n_out, bytes.p, bytes.n);
	t->n_out += bytes.n;
	if (!waiting)
		arm(t);
	flush(t);
	return 0;
}

int ims_io_talk_send(struct ims_io_talk *pub, struct ims_str bytes)
{
	struct talk *t = talk_of(pub);
	int err;

	t->busy++;
	err = queue(t, bytes);
	leave(t);
	return err;
}

/* --- in ------------------------------------------------------------------ */

static void too_long(struct talk *t)
{
	const struct ims_io_unix_up *up = &t->server->up;
	char line[1024] = "";

	up->farewell(up->arg, -IMS_E_TOOBIG, line, sizeof line);
	t->over = true;
	t->n_in = 0;
	if (queue(t, ims_str(line)))
		t->dead = true;
}

/* Every whole line that is there, as long as its answers are taken. */
static void hand_up(struct talk *t)
{
	const struct ims_io_unix_up *up = &t->server->up;
	size_t at = 0;

	while (!t->dead && !t->over && !ims_io_talk_waiting(&t->pub)) {
		const char *line = t->in + at;
		const char *end =
			t->n_in > at ? memchr(line, '\n', t->n_in - at) : NULL;
		size_t n = end ? (size_t)(end - line) : 0;

		if (!end)
			break;
		at += n + 1;
		if (n && line[n - 1] == '\r')
			n--;
		arm(t);
		up->line(up->arg, &t->pub, (struct ims_str){line, n});
	}
	if (at && t->n_in >= at) {
		memmove(t->in, t->in + at, t->n_in - at);
		t->n_in -= at;
	}
	if (t->n_in > t->server->limits.line && !t->dead && !t->over &&
	    !ims_io_talk_waiting(&t->pub))
		too_long(t);
}

static int grow(struct talk *t)
{
	size_t most = t->server->limits.line + 1;
	size_t cap = t->cap_in ? t->cap_in * 2 : ROOM;
	char *in;

	if (t->n_in < t->cap_in)
		return 0;
	in = realloc(t->in, cap < most ? cap : most);
	if (!in)
		return -IMS_E_NOMEM;
	t->in = in;
	t->cap_in = cap < most ? cap : most;
	return 0;
}

static void take(struct talk *t)
{
	ssize_t n;

	if (t->n_in > t->server->limits.line)
		return; /* full of lines that wait */
	if (grow(t)) {
		t->dead = true;
		return;
	}
	do
		n = recv(t->fd, t->in + t->n_in, t->cap_in - t->n_in, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		t->n_in += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		t->dead = true;
}

static void on_ready(void *arg, unsigned what)
{
	struct talk *t = arg;
	const struct ims_io_unix_up *up = &t->server->up;

	t->busy++;
	if (ims_io_talk_waiting(&t->pub)) {
		flush(t);
		if (!t->dead && !ims_io_talk_waiting(&t->pub))
			up->drained(up->arg, &t->pub);
	} else if (what & IMS_IO_READ) {
		take(t);
	}
	if (!t->dead)
		hand_up(t);
	leave(t);
}

void ims_io_talk_new(struct ims_io_unix *s, int fd)
{
	struct talk *t = calloc(1, sizeof *t);

	if (!t || ims_io_watch_new(s->loop, fd, IMS_IO_READ, on_ready, t,
				   &t->watch)) {
		close(fd);
		free(t);
		return;
	}
	t->server = s;
	t->fd = fd;
	t->timer = (struct ims_io_timer){.fire = too_late, .arg = t};
	ims_list_add(&s->talks, &t->node);
	s->n_talks++;
	arm(t);
}
