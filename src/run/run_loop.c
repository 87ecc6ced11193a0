/* SPDX-License-Identifier: BSD-2-Clause */
/* run_loop.c - time for run units on the real loop. */
#include "run_loop.h"

#include <string.h>

static uint64_t now_ms(void *arg)
{
	return ims_io_loop_now(((struct ims_run_slot *)arg)->loop);
}

static uint64_t wall_ms(void *arg)
{
	(void)arg;
	return ims_io_wall_ms();
}

static void fire(void *arg)
{
	struct ims_run_slot *s = arg;

	if (s->tick)
		s->tick(s->unit);
}

/* A timer that cannot be set (no memory) is tried again at the next event. */
static void wake(void *arg, uint64_t at_ms)
{
	struct ims_run_slot *s = arg;

	if (at_ms == IMS_NEVER)
		ims_io_timer_cancel(s->loop, &s->timer);
	else
		(void)ims_io_timer_set(s->loop, &s->timer, at_ms);
}

void ims_run_slot_init(struct ims_run_slot *s, struct ims_io_loop *loop,
		       struct ims_run_env *env)
{
	memset(s, 0, sizeof *s);
	s->loop = loop;
	s->timer.fire = fire;
	s->timer.arg = s;
	env->now_ms = now_ms;
	env->wall_ms = wall_ms;
	env->wake = wake;
	env->arg = s;
}

void ims_run_slot_leave(struct ims_run_slot *s)
{
	s->tick = NULL;
	ims_io_timer_cancel(s->loop, &s->timer);
}
