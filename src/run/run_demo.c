/* SPDX-License-Identifier: BSD-2-Clause */
/* run_demo.c - the eight steps on two hosts, from beginning to end. */
#include "run_demo_priv.h"

#include "base_mem.h"

#include <stdio.h>
#include <string.h>

static void give_up(struct demo *d, int err, const char *why)
{
	if (!d->out->err) {
		d->out->err = err;
		snprintf(d->out->why, sizeof d->out->why, "%s", why);
	}
	d->over = true;
}

/* Every message counts once: where it arrives. */
static void seen(void *arg, const struct ims_seen *m)
{
	struct demo *d = arg;
	struct ims_step step;
	struct ims_sight sight = {
		.from_ue = m->who == IMS_WHO_PCSCF,
		.src = m->flow->remote,
		.dst = m->flow->local,
		.transport = m->flow->transport,
		.spi = m->spi,
		.bytes = m->bytes,
	};
	char comment[160];

	if (m->sent || m->flow->side == IMS_MW)
		return;
	ims_steps_feed(d->steps, &sight, &step);
	d->out->messages++;
	snprintf(comment, sizeof comment, "step %u %s %s", step.step, step.what,
		 step.arrow < 0 ? "in the clear"
				: ims_arrow_name((enum ims_arrow)step.arrow));
	ims_capture_message(d->out->capture, m->bytes, comment);
	if (d->eye->message)
		d->eye->message(d->eye->arg, d->out->messages, &sight, &step,
				ims_steps_agreed(d->steps), m->wall_ms);
	if (step.err)
		give_up(d, step.err, step.why);
	else if (ims_steps_done(d->steps, NULL, 0))
		d->over = true;
}

static void told(void *arg, enum ims_who who, const struct ims_act *tell)
{
	struct demo *d = arg;
	char text[256];

	if (d->eye->told)
		d->eye->told(d->eye->arg, who, tell);
	if (tell->tell != IMS_TELL_FAILED)
		return;
	snprintf(text, sizeof text, "%.*s", IMS_STR_ARG(tell->text));
	give_up(d, tell->err, text);
}

static void set(void *arg, enum ims_who who, const struct ims_ipsec_set *s,
		bool installed)
{
	struct demo *d = arg;

	if (!installed)
		return;
	ims_capture_set(d->out->capture, s);
	if (who != IMS_WHO_PCSCF)
		return;
	d->out->set = *s;
	ims_wipe(&d->out->set.keys, sizeof d->out->set.keys);
	d->out->has_set = true;
}

static void env_init(struct demo *d, struct ims_run_env *env)
{
	env->trace = d->conf->trace;
	env->rnd = d->conf->rnd;
	env->watch = (struct ims_watch){.seen = seen,
					.told = told,
					.set = set,
					.arg = d};
}

static int make_units(struct demo *d)
{
	struct ims_run_core_conf core;
	struct ims_ue_conf ue;
	struct ims_card card;
	int err = ims_demo_subscriber(d);

	if (err)
		return err;
	d->steps = ims_steps_new(&d->key);
	if (!d->steps)
		return -IMS_E_NOMEM;
	memset(&core, 0, sizeof core);
	ims_demo_core_conf(d->conf, &core);
	d->core = ims_run_core_new(&core, &d->hss, &d->env_core);
	ims_demo_ue_conf(d->conf, &ue);
	ims_card_init(&card, &d->key);
	d->ue = ims_run_ue_new(&ue, &card, &d->env_ue);
	ims_card_wipe(&card);
	return d->core && d->ue ? 0 : -IMS_E_NOMEM;
}

static int make_hosts(struct demo *d, struct ims_flaw *why)
{
	int err = d->world->hosts(d, why);

	if (!err)
		err = ims_run_core_attach(d->core, d->host_core, why);
	if (!err)
		err = ims_run_ue_attach(d->ue, d->host_ue, why);
	return err;
}

static const char *capture_device(bool in_memory)
{
	return in_memory ? "memory" : "core0";
}

static int prepare(struct demo *d, struct ims_flaw *why)
{
	bool mem = d->world->in_memory;
	int err;

	d->out->capture =
		ims_capture_new(mem ? IMS_LINK_RAW_IP : IMS_LINK_ETHERNET,
				capture_device(mem), "imsreg");
	if (!d->out->capture)
		return ims_flaw(why, -IMS_E_NOMEM, "capture");
	ims_capture_name(d->out->capture, d->ip_ue, "ue.example");
	ims_capture_name(d->out->capture, d->ip_core, "p-cscf.example");
	env_init(d, &d->env_ue);
	env_init(d, &d->env_core);
	err = make_units(d);
	if (err)
		return ims_flaw(why, err, "the roles could not be made");
	return make_hosts(d, why);
}

/* Counters are asked for while the sets are still there. */
static void count(struct demo *d)
{
	if (d->out->has_set)
		(void)d->host_core->ops->sa_count(d->host_core, d->out->set.id,
						  d->out->count);
}

static void verdict(struct demo *d)
{
	char why[256];

	if (d->interrupted)
		give_up(d, -IMS_E_INTERRUPTED, "interrupted");
	if (d->out->err)
		return;
	d->out->ok = ims_steps_done(d->steps, why, sizeof why);
	if (!d->out->ok)
		give_up(d, -IMS_E_SILENCE, why);
}

static void take_down(struct demo *d)
{
	ims_run_ue_free(d->ue);
	ims_run_core_free(d->core);
	if (d->host_ue)
		d->host_ue->ops->free(d->host_ue);
	if (d->host_core)
		d->host_core->ops->free(d->host_core);
	d->world->close(d);
	ims_steps_free(d->steps);
	if (d->hss.store)
		d->hss.store->ops->free(d->hss.store);
	ims_aka_key_wipe(&d->key);
}

static void play(struct demo *d)
{
	struct ims_flaw why = {0};
	int err = prepare(d, &why);

	if (!err) {
		if (d->eye->begins)
			d->eye->begins(d->eye->arg, d->world->in_memory,
				       d->host_core->ipsec, d->ipsec);
		ims_run_ue_start(d->ue);
		d->world->run(d);
		count(d);
		verdict(d);
	} else {
		give_up(d, err, why.text);
	}
	take_down(d);
}

/* The world asked for; AUTO falls back to memory and says why. */
static int open_world(struct demo *d)
{
	struct ims_flaw text = {0};
	int err;

	d->world = d->conf->wire == IMS_DEMO_MEMORY ? &ims_demo_world_mem
						    : &ims_demo_world_net;
	err = d->world->open(d, &text);
	if (err && d->conf->wire == IMS_DEMO_AUTO) {
		snprintf(d->ipsec, sizeof d->ipsec, "%s", text.text);
		d->world = &ims_demo_world_mem;
		err = d->world->open(d, &text);
	}
	if (err)
		give_up(d, err, text.text);
	return err;
}

int ims_demo_run(const struct ims_demo_conf *conf,
		 const struct ims_demo_eye *eye, struct ims_demo_result *out)
{
	struct demo d = {.conf = conf, .eye = eye, .out = out};

	memset(out, 0, sizeof *out);
	ims_demo_addresses(&d);
	if (!open_world(&d))
		play(&d);
	return out->err;
}
