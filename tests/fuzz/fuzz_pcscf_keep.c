/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_pcscf_keep.c - any bytes as the record of a UE, to a P-CSCF that has
 * one already.
 *
 * What is restored must be whole: it can be kept and restored again, its timers
 * lead out, and nothing is left in the end.
 */
#include <stdlib.h>
#include <string.h>

#include "pcscf.h"

#define WALL UINT64_C(1700000000000)
#define EVENTS 200

struct fuzz {
	struct ims_pcscf *p;
	uint64_t now, seed;
	char record[70000];
	size_t n;
};

static struct ims_pcscf *pcscf(struct fuzz *f)
{
	struct ims_rand rnd = ims_rand_seeded(&f->seed);
	struct ims_pcscf_conf conf;

	ims_pcscf_conf_default(&conf);
	ims_addr_parse(IMS_S("[2001:0:0:1::2]:5060"), 0, &conf.gm);
	ims_addr_parse(IMS_S("127.0.0.1:4060"), 0, &conf.mw);
	ims_addr_parse(IMS_S("127.0.0.1:6060"), 0, &conf.scscf);
	conf.port_pc[0] = 50717;
	conf.port_pc[1] = 50719;
	conf.n_port_pc = 2;
	conf.max_users = 2;
	conf.wall_ms = WALL;
	return ims_pcscf_new(&conf, &rnd, NULL);
}

static void perform(struct fuzz *f)
{
	struct ims_act a;

	while (ims_pcscf_next(f->p, &a)) {
		if (a.kind != IMS_ACT_KEEP || a.bytes.n > sizeof f->record)
			continue;
		f->n = a.bytes.n;
		if (f->n)
			memcpy(f->record, a.bytes.p, f->n);
	}
}

static int restore(struct fuzz *f, struct ims_str record)
{
	struct ims_flaw why = {0};
	size_t users = ims_pcscf_users(f->p), sets = ims_pcscf_sets(f->p);
	int err = ims_pcscf_restore(f->p, record, f->now, &why);

	if (err && (why.err != err || ims_pcscf_users(f->p) != users ||
		    ims_pcscf_sets(f->p) != sets))
		abort();
	perform(f);
	return err;
}

static void tick(struct fuzz *f)
{
	uint64_t due = ims_pcscf_due(f->p);

	if (due > f->now)
		f->now = due;
	ims_pcscf_event(f->p, &(struct ims_ev){.kind = IMS_EV_TICK}, f->now);
	perform(f);
}

static void look(void *arg, const struct ims_pcscf_info *i)
{
	struct fuzz *f = arg;

	for (size_t k = 0; k < i->n_sets; k++)
		if (!ims_pcscf_owns(f->p, i->set[k].id))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct fuzz *f = calloc(1, sizeof *f);
	struct ims_str record = ims_str_n(data, n);

	if (!f)
		return 0;
	f->seed = f->now = 1000;
	f->p = pcscf(f);
	if (!f->p)
		abort();
	if (restore(f, record) == 0 && ims_pcscf_users(f->p)) {
		if (restore(f, record) != -IMS_E_EXISTS)
			abort();
		ims_pcscf_each(f->p, f->now, look, f);
		for (int i = 0; i < EVENTS && ims_pcscf_users(f->p); i++)
			tick(f);
		ims_pcscf_event(f->p, &(struct ims_ev){.kind = IMS_EV_STOP},
				f->now);
		perform(f);
		if (ims_pcscf_users(f->p) || ims_pcscf_sets(f->p) || f->n)
			abort();
	}
	ims_pcscf_free(f->p);
	free(f);
	return 0;
}
