/* SPDX-License-Identifier: BSD-2-Clause */
/* run_demo_net.c - the demo's two hosts in two namespaces joined by a veth
 * pair: real sockets, real ESP.
 */
#include "run_demo_priv.h"
#include "run_loop.h"

#include "io_capture.h"
#include "io_host.h"
#include "io_link.h"
#include "io_netns.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct place {
	struct ims_io_loop *loop;
	int ns_ue, ns_core;
	struct ims_run_slot slot_ue, slot_core;
	struct ims_io_timer deadline;
	struct ims_io_capture *capture;
	struct demo *demo;
};

static int plug(int ns, const char *dev, struct ims_ip ip, struct ims_flaw *why)
{
	struct ims_io_link *l;
	int err = ims_io_link_open(ns, &l, why);

	if (err)
		return err;
	err = ims_io_link_addr(l, dev, ip, ip.family == 6 ? 64 : 24, why);
	if (!err)
		err = ims_io_link_up(l, dev, 0, why);
	if (!err)
		err = ims_io_link_up(l, "lo", 0, why);
	ims_io_link_close(l);
	return err;
}

static int join(const struct place *p, struct ims_flaw *why)
{
	struct ims_io_link *l;
	int err = ims_io_link_open(p->ns_ue, &l, why);

	if (err)
		return err;
	err = ims_io_link_veth(l, "ue0", p->ns_core, "core0", why);
	ims_io_link_close(l);
	return err;
}

static int wire_up(struct demo *d, struct place *p, struct ims_flaw *why)
{
	int err = 0;

	if (geteuid() != 0)
		err = ims_io_userns(why);
	if (err)
		return err;
	p->ns_ue = ims_io_netns_new(why);
	if (p->ns_ue < 0)
		return p->ns_ue;
	p->ns_core = ims_io_netns_new(why);
	if (p->ns_core < 0)
		return p->ns_core;
	err = join(p, why);
	if (!err)
		err = plug(p->ns_ue, "ue0", d->ip_ue, why);
	if (!err)
		err = plug(p->ns_core, "core0", d->ip_core, why);
	return err;
}

static void net_close(struct demo *d)
{
	struct place *p = d->place;

	ims_io_capture_free(p->capture);
	if (p->loop) {
		ims_run_slot_leave(&p->slot_ue);
		ims_run_slot_leave(&p->slot_core);
		ims_io_loop_free(p->loop);
	}
	if (p->ns_ue >= 0)
		close(p->ns_ue);
	if (p->ns_core >= 0)
		close(p->ns_core);
	free(p);
}

static void interrupt(void *arg, int signum)
{
	struct demo *d = arg;

	(void)signum;
	d->interrupted = true;
	d->over = true;
}

static int make_loop(struct demo *d, struct place *p, struct ims_flaw *why)
{
	p->loop = ims_io_loop_new();
	if (!p->loop)
		return ims_flaw(why, -IMS_E_NOMEM, "loop");
	ims_run_slot_init(&p->slot_ue, p->loop, &d->env_ue);
	ims_run_slot_init(&p->slot_core, p->loop, &d->env_core);
	if (ims_io_signal(p->loop, SIGINT, interrupt, d) ||
	    ims_io_signal(p->loop, SIGTERM, interrupt, d))
		return ims_flaw(why, -IMS_E_SYS, "signals");
	return 0;
}

/* Opening also tries the back-end, so that AUTO can still fall back. */
static int net_open(struct demo *d, struct ims_flaw *text)
{
	struct place *p = calloc(1, sizeof *p);
	int err;

	if (!p)
		return ims_flaw(text, -IMS_E_NOMEM, "demo");
	p->ns_ue = p->ns_core = -1;
	p->demo = d;
	d->place = p;
	err = wire_up(d, p, text);
	if (!err && d->conf->ipsec != IMS_IPSEC_KERNEL)
		err = ims_io_probe_tun(p->ns_core, text);
	if (!err)
		err = make_loop(d, p, text);
	if (err) {
		net_close(d);
		d->place = NULL;
	}
	return err;
}

static void frame(void *arg, uint64_t wall_ns, const uint8_t *f, size_t n,
		  unsigned link)
{
	struct place *p = arg;

	(void)link;
	ims_capture_packet(p->demo->out->capture, wall_ns, f, n);
}

static int make_host(struct demo *d, bool core, struct ims_flaw *why)
{
	struct place *p = d->place;
	struct ims_host_up up =
		core ? ims_run_core_up(d->core) : ims_run_ue_up(d->ue);
	struct ims_io_host_conf conf = {
		.ip = core ? d->ip_core : d->ip_ue,
		.netns = core ? p->ns_core : p->ns_ue,
		.ipsec = d->conf->ipsec,
		.network = core,
		.side = IMS_GM,
		.trace = d->conf->trace,
		.rnd = d->conf->rnd,
	};

	return ims_io_host_new(p->loop, &conf, &up,
			       core ? &d->host_core : &d->host_ue, why);
}

static void tick_ue(void *unit)
{
	ims_run_ue_tick(unit);
}

static void tick_core(void *unit)
{
	ims_run_core_tick(unit);
}

static int net_hosts(struct demo *d, struct ims_flaw *why)
{
	struct place *p = d->place;
	struct ims_io_capture_conf cap = {
		.netns = p->ns_core,
		.dev = "core0",
		.frame = frame,
		.arg = p,
	};
	int err = make_host(d, true, why);

	if (err)
		return err;
	snprintf(d->ipsec, sizeof d->ipsec, "%s", why->text);
	err = make_host(d, false, why);
	if (!err)
		err = ims_io_capture_new(p->loop, &cap, &p->capture, why);
	p->slot_ue.tick = tick_ue;
	p->slot_ue.unit = d->ue;
	p->slot_core.tick = tick_core;
	p->slot_core.unit = d->core;
	return err;
}

static void time_is_up(void *arg)
{
	((struct demo *)arg)->over = true;
}

static void net_run(struct demo *d)
{
	struct place *p = d->place;

	p->deadline.fire = time_is_up;
	p->deadline.arg = d;
	ims_io_timer_set(p->loop, &p->deadline,
			 ims_io_loop_now(p->loop) + d->conf->timeout_ms);
	while (!d->over)
		ims_io_loop_run_for(p->loop, 20);
	ims_io_timer_cancel(p->loop, &p->deadline);
	ims_io_capture_flush(p->capture);
}

const struct demo_world ims_demo_world_net = {
	.open = net_open,
	.hosts = net_hosts,
	.run = net_run,
	.close = net_close,
};
