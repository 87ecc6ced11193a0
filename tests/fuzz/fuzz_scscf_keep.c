/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_scscf_keep.c - any record to an S-CSCF that starts.
 *
 * What it takes must be sound: it lives through its timers, tells its watchers
 * and leaves nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "scscf_priv.h"

/* Every other NOTIFY is answered. */
static void answer(struct ims_scscf *s, const struct ims_act *a,
		   const struct ims_sip_msg *m, uint64_t now)
{
	static char text[IMS_SIP_MAX_LEN];
	struct ims_ev ev = {.kind = IMS_EV_MSG, .flow = a->flow};
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof(text));
	ims_sip_put_response(&b, m, m->cseq % 4 < 2 ? 200 : 481, ims_str(NULL),
			     a->flow.local, false);
	ims_sip_put_body(&b, ims_str(NULL), ims_str(NULL));
	ev.bytes = ims_buf_str(&b);
	if (m->cseq % 2 && !b.over)
		ims_scscf_event(s, &ev, now);
}

static void drain(struct ims_scscf *s, uint64_t now)
{
	struct ims_act a;
	struct ims_sip_msg m;

	while (ims_scscf_next(s, &a)) {
		if (a.kind != IMS_ACT_SEND)
			continue;
		if (ims_sip_msg_parse(a.bytes, &m, NULL))
			abort(); /* no record makes us write what is no SIP */
		answer(s, &a, &m, now);
	}
}

/* Whose: the IMPI of one that came back. */
static void look(void *arg, const struct ims_scscf_info *i)
{
	if (i->n_contacts == 0 || i->n_impus == 0 || i->impi.n == 0)
		abort();
	ims_str_copy(arg, IMS_ID_MAX, i->impi);
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
	char impi[IMS_ID_MAX] = "";
	struct ims_flaw why;
	int err;

	if (!s)
		return 0;
	err = ims_scscf_restore(s, ims_str_n(data, n), now, &why);
	if (err && (err != why.err || s->users.n || s->watches.n || s->impus.n))
		abort();
	ims_scscf_each(s, now, look, impi);
	for (unsigned i = 0; i < 40; i++) {
		ims_scscf_event(s, &tick, now);
		drain(s, now);
		if (i == 2)
			ims_scscf_order(s, IMS_SCSCF_REAUTH, ims_str(impi), 60,
					now);
		if (i == 4 && n % 2)
			ims_scscf_order(s, IMS_SCSCF_DEREG_PROBATION,
					ims_str(impi), 60, now);
		now += i < 5 ? 2000 : UINT64_C(30000000);
	}
	if (s->users.n || s->watches.n || s->dialogs.n || s->impus.n)
		abort();
	ims_scscf_free(s);
	return 0;
}
