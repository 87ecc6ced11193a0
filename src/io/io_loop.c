/* SPDX-License-Identifier: BSD-2-Clause */
/* io_loop.c - the loop, on libuv.
 *
 * All timers of ours hang in one heap on one timerfd, so that a timer is a
 * value that its owner may free as soon as it is cancelled.  Its clock goes on
 * while the machine sleeps, as registrations do; libuv's own timers do not.
 */
#include "io_loop.h"

#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base_list.h"

struct ims_io_loop {
	uv_loop_t uv;
	int timer_fd;
	uv_poll_t timer;
	struct ims_heap due;
	uint64_t armed;  /* when timer_fd is due; IMS_NEVER: it is not */
	uint64_t firing; /* timers due at this time are called; 0: none */
};

/* The uv handle comes first in both: closing frees by its address. */
struct ims_io_watch {
	uv_poll_t poll;
	unsigned want;
	ims_io_ready_fn *ready;
	void *arg;
};
struct sig {
	uv_signal_t signal;
	void (*fire)(void *arg, int signum);
	void *arg;
};

static uint64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t ims_io_loop_now(struct ims_io_loop *l)
{
	(void)l;
	return clock_ms(CLOCK_BOOTTIME) + 1;
}

uint64_t ims_io_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

/* Our time 1 is the clock's 0. */
static void arm(struct ims_io_loop *l)
{
	uint64_t next = ims_heap_next(&l->due), ms = next ? next - 1 : 0;
	struct itimerspec at = {0};

	if (l->firing || next == l->armed)
		return;
	l->armed = next;
	if (next == IMS_NEVER) {
		uv_unref((uv_handle_t *)&l->timer);
	} else {
		uv_ref((uv_handle_t *)&l->timer);
		at.it_value.tv_sec = (time_t)(ms / 1000);
		/* never none at all: that would be no timer */
		at.it_value.tv_nsec = (long)(ms % 1000) * 1000000 + 1;
	}
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void on_timer(uv_poll_t *handle, int status, int events)
{
	struct ims_io_loop *l = handle->data;
	struct ims_due *d;
	uint64_t n;

	(void)status;
	(void)events;
	if (read(l->timer_fd, &n, sizeof n) != (ssize_t)sizeof n)
		return; /* it was set anew meanwhile */
	l->armed = IMS_NEVER;
	l->firing = ims_io_loop_now(l);
	while ((d = ims_heap_pop(&l->due, l->firing))) {
		struct ims_io_timer *t =
			ims_container(d, struct ims_io_timer, due);

		t->fire(t->arg);
	}
	l->firing = 0;
	arm(l);
	if (l->armed == IMS_NEVER)
		uv_unref((uv_handle_t *)&l->timer);
}

/* No reason by itself for the loop to run. */
static int watch_timer(struct ims_io_loop *l)
{
	if (uv_poll_init(&l->uv, &l->timer, l->timer_fd))
		return -IMS_E_SYS;
	l->timer.data = l;
	if (uv_poll_start(&l->timer, UV_READABLE, on_timer))
		return -IMS_E_SYS;
	uv_unref((uv_handle_t *)&l->timer);
	return 0;
}

struct ims_io_loop *ims_io_loop_new(void)
{
	struct ims_io_loop *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->armed = IMS_NEVER;
	ims_heap_init(&l->due);
	l->timer_fd =
		timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0 || uv_loop_init(&l->uv)) {
		if (l->timer_fd >= 0)
			close(l->timer_fd);
		free(l);
		return NULL;
	}
	if (watch_timer(l)) {
		ims_io_loop_free(l);
		return NULL;
	}
	return l;
}

static void free_handle(uv_handle_t *h)
{
	free(h);
}

static void close_handle(uv_handle_t *h, void *arg)
{
	struct ims_io_loop *l = arg;

	if (uv_is_closing(h))
		return;
	uv_close(h, h == (uv_handle_t *)&l->timer ? NULL : free_handle);
}

void ims_io_loop_free(struct ims_io_loop *l)
{
	if (!l)
		return;
	uv_walk(&l->uv, close_handle, l);
	while (uv_run(&l->uv, UV_RUN_DEFAULT))
		;
	uv_loop_close(&l->uv);
	close(l->timer_fd);
	ims_heap_free(&l->due);
	free(l);
}

/* uv_run() ends by itself when nothing is watched; we stop when told. */
void ims_io_loop_run(struct ims_io_loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
}

void ims_io_loop_stop(struct ims_io_loop *l)
{
	uv_stop(&l->uv);
}

static void stop(void *arg)
{
	ims_io_loop_stop(arg);
}

void ims_io_loop_run_for(struct ims_io_loop *l, uint64_t ms)
{
	struct ims_io_timer t = {.fire = stop, .arg = l};

	if (ims_io_timer_set(l, &t, ims_io_loop_now(l) + ms))
		return;
	ims_io_loop_run(l);
	ims_io_timer_cancel(l, &t);
}

int ims_io_timer_set(struct ims_io_loop *l, struct ims_io_timer *t,
		     uint64_t at_ms)
{
	int err;

	/* What is set while others are called waits for its turn: else one
	 * that is always due would hold up the loop.
	 */
	if (at_ms <= l->firing)
		at_ms = l->firing + 1;
	err = ims_heap_set(&l->due, &t->due, at_ms);
	if (err)
		return err;
	arm(l);
	return 0;
}

void ims_io_timer_cancel(struct ims_io_loop *l, struct ims_io_timer *t)
{
	ims_heap_cancel(&l->due, &t->due);
}

/* libuv stops a handle on which there is an error; the owner is to find the
 * error by reading, so it goes on.
 */
static void on_poll(uv_poll_t *handle, int status, int events)
{
	struct ims_io_watch *w = (struct ims_io_watch *)handle;
	unsigned what = 0;

	if (status < 0) {
		what = IMS_IO_READ | IMS_IO_WRITE;
		uv_poll_start(handle, (int)w->want, on_poll);
	}
	if (events & (UV_READABLE | UV_DISCONNECT))
		what |= IMS_IO_READ;
	if (events & UV_WRITABLE)
		what |= IMS_IO_WRITE;
	w->ready(w->arg, what);
}

_Static_assert((int)IMS_IO_READ == (int)UV_READABLE &&
		       (int)IMS_IO_WRITE == (int)UV_WRITABLE,
	       "our bits are libuv's");

int ims_io_watch_new(struct ims_io_loop *l, int fd, unsigned want,
		     ims_io_ready_fn *ready, void *arg,
		     struct ims_io_watch **out)
{
	struct ims_io_watch *w = calloc(1, sizeof *w);

	if (!w)
		return -IMS_E_NOMEM;
	if (uv_poll_init(&l->uv, &w->poll, fd)) {
		free(w);
		return -IMS_E_SYS;
	}
	w->ready = ready;
	w->arg = arg;
	ims_io_watch_want(w, want);
	*out = w;
	return 0;
}

void ims_io_watch_want(struct ims_io_watch *w, unsigned want)
{
	if (w->want == want)
		return;
	w->want = want;
	if (want)
		uv_poll_start(&w->poll, (int)want, on_poll);
	else
		uv_poll_stop(&w->poll);
}

void ims_io_watch_free(struct ims_io_watch *w)
{
	if (w)
		uv_close((uv_handle_t *)&w->poll, free_handle);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct sig *s = (struct sig *)handle;

	s->fire(s->arg, signum);
}

int ims_io_signal(struct ims_io_loop *l, int signum,
		  void (*fire)(void *arg, int signum), void *arg)
{
	struct sig *s = calloc(1, sizeof *s);

	if (!s)
		return -IMS_E_NOMEM;
	s->fire = fire;
	s->arg = arg;
	uv_signal_init(&l->uv, &s->signal);
	if (uv_signal_start(&s->signal, on_signal, signum)) {
		uv_close((uv_handle_t *)&s->signal, free_handle);
		return -IMS_E_SYS;
	}
	return 0;
}
