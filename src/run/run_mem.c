/* SPDX-License-Identifier: BSD-2-Clause */
/* run_mem.c - time for run units on a wire in memory. */
#include "run_mem.h"

#include <assert.h>
#include <string.h>

int ims_run_mem_init(struct ims_run_mem *m, const struct ims_rand *rnd,
		     const struct ims_wire_eye *eye, uint64_t wall_ms)
{
	memset(m, 0, sizeof *m);
	m->wire = ims_wire_new(rnd, eye, 1000);
	m->wall_ms = wall_ms;
	return m->wire ? 0 : -IMS_E_NOMEM;
}

void ims_run_mem_free(struct ims_run_mem *m)
{
	ims_wire_free(m->wire);
	m->wire = NULL;
}

static uint64_t now_ms(void *arg)
{
	const struct ims_run_mem_slot *s = arg;

	return ims_wire_now(s->mem->wire);
}

static uint64_t wall_ms(void *arg)
{
	const struct ims_run_mem_slot *s = arg;

	return s->mem->wall_ms + ims_wire_now(s->mem->wire);
}

static void wake(void *arg, uint64_t at_ms)
{
	struct ims_run_mem_slot *s = arg;

	s->due_ms = at_ms;
}

struct ims_run_mem_slot *ims_run_mem_slot(struct ims_run_mem *m,
					  struct ims_run_env *env)
{
	struct ims_run_mem_slot *s;

	assert(m->n_slots < IMS_RUN_MEM_SLOTS);
	s = &m->slot[m->n_slots++];
	s->mem = m;
	s->due_ms = IMS_NEVER;
	env->now_ms = now_ms;
	env->wall_ms = wall_ms;
	env->wake = wake;
	env->arg = s;
	return s;
}

static struct ims_run_mem_slot *first_due(struct ims_run_mem *m)
{
	struct ims_run_mem_slot *first = NULL;

	for (size_t i = 0; i < m->n_slots; i++)
		if (m->slot[i].tick &&
		    (!first || m->slot[i].due_ms < first->due_ms))
			first = &m->slot[i];
	return first;
}

bool ims_run_mem_turn(struct ims_run_mem *m, uint64_t until_ms)
{
	struct ims_run_mem_slot *s = first_due(m);
	uint64_t packet = ims_wire_due(m->wire);
	uint64_t tick = s ? s->due_ms : IMS_NEVER;
	uint64_t ends = ims_wire_ends(m->wire);

	if (ends < packet && ends < tick && ends <= until_ms) {
		ims_wire_step(m->wire, ends);
		return true;
	}
	if (packet > until_ms && tick > until_ms) {
		ims_wire_step(m->wire, until_ms);
		return false;
	}
	if (packet <= tick)
		return ims_wire_step(m->wire, packet);
	ims_wire_step(m->wire, tick);
	s->tick(s->unit);
	return true;
}
