/* SPDX-License-Identifier: BSD-2-Clause */
/* io_loop.c - the loop, on libuv.
 *
 * All timers of ours hang in one heap on one uv_timer_t, so that a timer is a
 * value that its owner may free as soon as it is cancelled.
 */
#include "io_loop.h"

#include <stdlib.h>
#include <time.h>
#include <uv.h>

#include "base_list.h"

struct ims_io_loop {
	uv_loop_t uv;
	uv_timer_t timer;
	struct ims_heap due;
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

static void arm(struct ims_io_loop *l);

uint64_t ims_io_loop_now(struct ims_io_loop *l)
{
	(void)l;
	return uv_hrtime() / 1000000 + 1;
}

uint64_t ims_io_wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void on_timer(uv_timer_t *handle)
{
	struct ims_io_loop *l = handle->data;
	struct ims_due *d;

	l->firing = ims_io_loop_now(l);
	while ((d = ims_heap_pop(&l->due, l->firing))) {
		struct ims_io_timer *t =
			ims_container(d, struct ims_io_timer, due);

		t->fire(t->arg);
	}
	arm(l);
	l->firing = 0;
}

/* libuv would call a timer again and again that is set to no time at all while
 * timers are being called.
 */
static void arm(struct ims_io_loop *l)
{
	uint64_t next = ims_heap_next(&l->due), now = ims_io_loop_now(l);
	uint64_t least = l->firing ? 1 : 0;

	if (next == IMS_NEVER) {
		uv_timer_stop(&l->timer);
		return;
	}
	uv_update_time(&l->uv);
	uv_timer_start(&l->timer, on_timer, next > now ? next - now : least, 0);
}

struct ims_io_loop *ims_io_loop_new(void)
{
	struct ims_io_loop *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	if (uv_loop_init(&l->uv)) {
		free(l);
		return NULL;
	}
	uv_timer_init(&l->uv, &l->timer);
	l->timer.data = l;
	ims_heap_init(&l->due);
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
