/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_scscf_keep.c - any record to an S-CSCF that starts.
 *
 * What it takes must be sound: it lives through its timers, tells its watchers
 * and leaves nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "scscf_priv.h"

static void drain(struct ims_scscf *s)
{
	struct ims_act a;
	struct ims_sip_msg m;

	while (ims_scscf_next(s, &a)) {
		if (a.kind == IMS_ACT_SEND &&
		    ims_sip_msg_parse(a.bytes, &m, NULL))
			abort(); /* no record makes us write what is no SIP */
	}
}

static void look(void *arg, const struct ims_scscf_info *i)
{
	(void)arg;
	if (i->n_contacts == 0 || i->n_impus == 0 || i->impi.n == 0)
		abort();
}

static struct ims_scscf *scscf(uint64_t *seed)
{
	struct ims_rand rnd = ims_rand_seeded(seed);
	struct ims_scscf_conf conf;

	ims_scscf_conf_default(&conf);
	ims_addr_parse(IMS_S("192.0.2.9:5080"), 0, &conf.local);
	conf.gruu = true;
	conf.wall_ms = UINT64_C(1700000000000);
	return ims_scscf_new(&conf, &rnd, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint64_t seed = 1, now = 1000;
	struct ims_scscf *s = scscf(&seed);
	struct ims_ev tick = {.kind = IMS_EV_TICK};
	struct ims_flaw why;
	int err;

	if (!s)
		return 0;
	err = ims_scscf_restore(s, ims_str_n(data, n), now, &why);
	if (err && (err != why.err || s->users.n || s->watches.n || s->impus.n))
		abort();
	ims_scscf_each(s, now, look, NULL);
	for (unsigned i = 0; i < 40; i++) {
		ims_scscf_event(s, &tick, now);
		drain(s);
		if (i == 2)
			ims_scscf_order(s, IMS_SCSCF_REAUTH, IMS_S("sip:a@x"),
					60, now);
		now += i < 5 ? 2000 : UINT64_C(30000000);
	}
	if (s->users.n || s->watches.n || s->dialogs.n || s->impus.n)
		abort();
	ims_scscf_free(s);
	return 0;
}
