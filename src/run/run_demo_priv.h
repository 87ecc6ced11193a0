/* SPDX-License-Identifier: BSD-2-Clause */
/* run_demo_priv.h - what the demo's parts share. */
#ifndef IMS_RUN_DEMO_PRIV_H
#define IMS_RUN_DEMO_PRIV_H

#include "run_core.h"
#include "run_demo.h"
#include "run_ue.h"

/* Where it runs: gives time and hosts to the two units. */
struct demo;
struct demo_world {
	/* Makes ready and fills the time members of both envs; text says
	 * where it runs.
	 */
	int (*open)(struct demo *d, struct ims_flaw *text);
	/* Makes the two hosts, once both units exist. */
	int (*hosts)(struct demo *d, struct ims_flaw *why);
	/* Lets things happen until d->over, or the time is up. */
	void (*run)(struct demo *d);
	/* Frees the hosts; the units are freed before. */
	void (*close)(struct demo *d);
	bool in_memory;
};
extern const struct demo_world ims_demo_world_net, ims_demo_world_mem;

struct demo {
	const struct ims_demo_conf *conf;
	const struct ims_demo_eye *eye;
	struct ims_demo_result *out;
	const struct demo_world *world;
	void *place; /* the world's own */
	struct ims_ip ip_ue, ip_core;
	struct ims_run_env env_ue, env_core;
	struct ims_run_ue *ue;
	struct ims_run_core *core;
	struct ims_host *host_ue, *host_core;
	struct ims_hss hss;
	struct ims_steps *steps;
	struct ims_aka_key key;
	char ipsec[200]; /* which back-end and why */
	bool over, interrupted;
};

/* run_demo_conf.c: the seed's facts. */
void ims_demo_core_conf(const struct ims_demo_conf *conf,
			struct ims_run_core_conf *c);
void ims_demo_addresses(struct demo *d);
int ims_demo_subscriber(struct demo *d);

#endif
