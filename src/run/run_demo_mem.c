/* SPDX-License-Identifier: BSD-2-Clause */
/* run_demo_mem.c - the demo's two hosts on a wire in memory. */
#include "run_demo_priv.h"
#include "run_mem.h"

#include "io_loop.h"

#include <stdlib.h>

struct place {
	struct ims_run_mem mem;
	struct ims_run_mem_slot *slot_ue, *slot_core;
	struct ims_capture **capture;
};

static void tap(void *arg, uint64_t now_ms, const uint8_t *ip, size_t n)
{
	struct place *p = arg;

	ims_capture_packet(*p->capture, (p->mem.wall_ms + now_ms) * 1000000, ip,
			   n);
}

static int mem_open(struct demo *d, struct ims_flaw *text)
{
	struct place *p = calloc(1, sizeof *p);
	struct ims_wire_eye eye = {.tap = tap, .arg = p};

	if (!p ||
	    ims_run_mem_init(&p->mem, &d->conf->rnd, &eye, ims_io_wall_ms())) {
		free(p);
		return ims_flaw(text, -IMS_E_NOMEM, "wire");
	}
	p->capture = &d->out->capture;
	p->slot_ue = ims_run_mem_slot(&p->mem, &d->env_ue);
	p->slot_core = ims_run_mem_slot(&p->mem, &d->env_core);
	d->place = p;
	return 0;
}

static void tick_ue(void *unit)
{
	ims_run_ue_tick(unit);
}

static void tick_core(void *unit)
{
	ims_run_core_tick(unit);
}

static int mem_hosts(struct demo *d, struct ims_flaw *why)
{
	struct place *p = d->place;
	struct ims_host_up ue = ims_run_ue_up(d->ue);
	struct ims_host_up core = ims_run_core_up(d->core);
	int err = ims_wire_host_new(p->mem.wire, d->ip_ue, &ue, &d->host_ue);

	if (!err)
		err = ims_wire_host_new(p->mem.wire, d->ip_core, &core,
					&d->host_core);
	if (err)
		return ims_flaw(why, err, "hosts in memory");
	p->slot_ue->tick = tick_ue;
	p->slot_ue->unit = d->ue;
	p->slot_core->tick = tick_core;
	p->slot_core->unit = d->core;
	return 0;
}

static void mem_run(struct demo *d)
{
	struct place *p = d->place;
	uint64_t until = ims_wire_now(p->mem.wire) + d->conf->timeout_ms;

	while (!d->over && ims_run_mem_turn(&p->mem, until))
		;
}

static void mem_close(struct demo *d)
{
	struct place *p = d->place;

	ims_run_mem_free(&p->mem);
	free(p);
}

const struct demo_world ims_demo_world_mem = {
	.open = mem_open,
	.hosts = mem_hosts,
	.run = mem_run,
	.close = mem_close,
	.in_memory = true,
};
