/* SPDX-License-Identifier: BSD-2-Clause */
/* io_loop.h - the one place that waits: timers, file descriptors, signals.
 *
 * Owns a libuv loop; libuv does not show outside of io_loop.c.  One loop, one
 * thread.  Callbacks come from within ims_io_loop_run() only.
 */
#ifndef IMS_IO_LOOP_H
#define IMS_IO_LOOP_H

#include "base_err.h"
#include "base_heap.h"

struct ims_io_loop;
/* NULL if there is no memory or no descriptor left. */
struct ims_io_loop *ims_io_loop_new(void);
/* Closes whatever is still open in it; timers that are set are forgotten.
 * Takes NULL.  Not from within a callback.
 */
void ims_io_loop_free(struct ims_io_loop *l);

/* Runs until ims_io_loop_stop() is called. */
void ims_io_loop_run(struct ims_io_loop *l);
void ims_io_loop_stop(struct ims_io_loop *l);
/* Runs for that long, or until ims_io_loop_stop(): for tests and for clearing
 * up.
 */
void ims_io_loop_run_for(struct ims_io_loop *l, uint64_t ms);

/* Monotonic milliseconds, never 0: what roles take as now_ms.  They go on while
 * the machine sleeps.  Read anew at each call.
 */
uint64_t ims_io_loop_now(struct ims_io_loop *l);
/* Milliseconds since 1970, as the machine's clock says. */
uint64_t ims_io_wall_ms(void);

/* One shot.  A value of the caller's, zeroed but for fire and arg; it must
 * stay where it is, and live, while it is set.
 */
struct ims_io_timer {
	struct ims_due due; /* not the caller's business */
	void (*fire)(void *arg);
	void *arg;
};
/* Sets or moves it.  A time that has passed fires in the next turn of the
 * loop, never from within this call.  Returns 0 or -IMS_E_NOMEM.
 */
int ims_io_timer_set(struct ims_io_loop *l, struct ims_io_timer *t,
		     uint64_t at_ms);
/* Harmless if it is not set. */
void ims_io_timer_cancel(struct ims_io_loop *l, struct ims_io_timer *t);

/* Watches a non-blocking descriptor, which stays the caller's. */
struct ims_io_watch;
enum { IMS_IO_READ = 1, IMS_IO_WRITE = 2 };
typedef void ims_io_ready_fn(void *arg, unsigned what);
/* Watches for `want` (level-triggered).  An error or end on the descriptor
 * shows as both.  Returns 0, -IMS_E_NOMEM or -IMS_E_SYS.
 */
int ims_io_watch_new(struct ims_io_loop *l, int fd, unsigned want,
		     ims_io_ready_fn *ready, void *arg,
		     struct ims_io_watch **out);
void ims_io_watch_want(struct ims_io_watch *w, unsigned want);
/* From any callback, also its own; the descriptor may be closed right after.
 * Takes NULL.
 */
void ims_io_watch_free(struct ims_io_watch *w);

/* Calls fire for this signal until the loop is freed.  Returns 0 or an error.
 */
int ims_io_signal(struct ims_io_loop *l, int signum,
		  void (*fire)(void *arg, int signum), void *arg);

#endif
