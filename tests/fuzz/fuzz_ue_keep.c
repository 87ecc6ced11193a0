/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_ue_keep.c - any record to a new UE, and then its life.
 *
 * The input is the record as base_pack.h has it, in which names that have to
 * match the configuration are those of the corpus.
 */
#include "ue_priv.h"

#include <stdlib.h>
#include <string.h>

static int sets;
static unsigned sent;

static void take(struct ims_ue *ue)
{
	struct ims_act a;

	while (ims_ue_next(ue, &a)) {
		sent += a.kind == IMS_ACT_SEND;
		sets -= a.kind == IMS_ACT_SA_DEL;
	}
	if (sets < 0)
		abort();
}

static void feed(struct ims_ue *ue, enum ims_ev_kind kind, uint64_t now)
{
	sent = 0;
	ims_ue_event(ue, &(struct ims_ev){.kind = kind}, now);
	take(ue);
	if (sent > 4 || (strcmp(ims_ue_state(ue), "idle") != 0 &&
			 ims_ue_due(ue) == IMS_NEVER))
		abort();
}

static struct ims_ue_conf conf(void)
{
	struct ims_ue_conf c = {0};

	ims_ue_conf_default(&c);
	ims_ue_conf_imsi(&c, IMS_S("001010123456789"), 2);
	ims_addr_parse(IMS_S("192.0.2.1"), 5060, &c.local);
	ims_addr_parse(IMS_S("192.0.2.2"), 5060, &c.pcscf[0]);
	c.n_pcscf = 1;
	strcpy(c.more[0], "sip:b@example.org");
	c.n_more = 1;
	c.wall_ms = UINT64_C(1700000000000);
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint64_t random = 7, now = 1000;
	struct ims_rand rnd = ims_rand_seeded(&random);
	struct ims_ue_conf c = conf();
	struct ims_ue *ue = ims_ue_new(&c, &rnd, NULL);
	struct ims_flaw why;

	if (!ue)
		return 0;
	if (!ims_ue_restore(ue, ims_str_n(data, n), now, &why)) {
		sets = !!ue->now.id + !!ue->old.id;
		feed(ue, IMS_EV_START, now);
		for (int i = 0; i < 8; i++) {
			if (ims_ue_due(ue) != IMS_NEVER && ims_ue_due(ue) > now)
				now = ims_ue_due(ue);
			feed(ue, IMS_EV_TICK, now);
		}
		for (int i = 0; i < 3; i++)
			feed(ue, IMS_EV_STOP, now);
		if (sets != 0)
			abort();
	}
	if (strcmp(ims_ue_state(ue), "idle") != 0)
		abort();
	ims_ue_free(ue);
	return 0;
}
