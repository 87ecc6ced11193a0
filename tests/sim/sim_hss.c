/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_hss.c - the subscribers; a store in memory that fails now and then, and
 * looks at every SQN that is given out.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define DOMAIN "ims.mnc001.mcc001.3gppnetwork.org"

struct watched {
	struct ims_hss_store store; /* first */
	struct ims_hss_store *real;
	struct sim *sim;
};

static struct watched *of(struct ims_hss_store *s)
{
	return (struct watched *)s;
}

const char *sim_impi(unsigned ue)
{
	static const char *const impi[SIM_UES] = {"001010000000001@" DOMAIN,
						  "001010000000002@" DOMAIN,
						  "001010000000003@" DOMAIN,
						  "001010000000004@" DOMAIN};

	return impi[ue];
}

void sim_key(unsigned ue, struct ims_aka_key *out)
{
	uint8_t k[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f,
			 0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc};

	k[0] = (uint8_t)ue;
	if (ims_aka_key_init(out, IMS_AKA_MILENAGE, k, sizeof k) ||
	    ims_aka_key_opc(out, k, sizeof k))
		abort();
}

static bool fails(struct sim *s)
{
	if (!sim_permille(s, s->weather.hss_fails))
		return false;
	sim_count(s, SIM_N_HSS_FAILED);
	return true;
}

static int get(struct ims_hss_store *s, struct ims_str impi,
	       struct ims_sub *out)
{
	struct sim *sim = of(s)->sim;

	if (fails(sim))
		return -IMS_E_STORE;
	return of(s)->real->ops->get(of(s)->real, impi, out);
}

static int get_imsi(struct ims_hss_store *s, struct ims_str imsi,
		    struct ims_sub *out)
{
	return of(s)->real->ops->get_imsi(of(s)->real, imsi, out);
}

static int add(struct ims_hss_store *s, const struct ims_sub *sub)
{
	return of(s)->real->ops->add(of(s)->real, sub);
}

static int set(struct ims_hss_store *s, const struct ims_sub *sub)
{
	return of(s)->real->ops->set(of(s)->real, sub);
}

static void look(struct sim *s, struct ims_str impi, uint64_t sqn)
{
	unsigned i = 0;

	while (i < s->n_ues && !ims_str_eq(ims_str(sim_impi(i)), impi))
		i++;
	if (i == s->n_ues)
		return;
	sim_count(s, SIM_N_SQN_GIVEN);
	if (!s->auts[i])
		sim_held(s, SIM_SQN);
	if (sqn <= s->sqn[i] && !s->auts[i])
		sim_fail(s, SIM_SQN, "ue%u: SQN %llx after %llx", i + 1,
			 (unsigned long long)sqn,
			 (unsigned long long)s->sqn[i]);
	s->auts[i] = false;
	s->sqn[i] = sqn;
}

static int set_sqn(struct ims_hss_store *s, struct ims_str impi, uint64_t sqn)
{
	struct sim *sim = of(s)->sim;

	if (!sim_side_act(&sim->core) || fails(sim))
		return -IMS_E_STORE;
	look(sim, impi, sqn);
	return of(s)->real->ops->set_sqn(of(s)->real, impi, sqn);
}

static int del(struct ims_hss_store *s, struct ims_str imsi)
{
	return of(s)->real->ops->del(of(s)->real, imsi);
}

static int list(struct ims_hss_store *s,
		int (*each)(void *arg, const struct ims_sub *sub), void *arg)
{
	return of(s)->real->ops->list(of(s)->real, each, arg);
}

static void store_free(struct ims_hss_store *s)
{
	of(s)->real->ops->free(of(s)->real);
	free(s);
}

static const char *why(struct ims_hss_store *s)
{
	(void)s;
	return "out of order";
}

static const struct ims_hss_store_ops ops = {
	.get = get,
	.get_imsi = get_imsi,
	.add = add,
	.set = set,
	.set_sqn = set_sqn,
	.del = del,
	.list = list,
	.free = store_free,
	.why = why,
};

/* Every UE has an identity of its own, and all have a second one together. */
static void subscriber(struct ims_hss_store *s, unsigned ue)
{
	struct ims_sub sub = {.n_impus = 2, .amf = {0x80}};

	memcpy(sub.imsi, sim_impi(ue), 15);
	strcpy(sub.impi, sim_impi(ue));
	snprintf(sub.impu[0].uri, sizeof sub.impu[0].uri, "sip:%s",
		 sim_impi(ue));
	strcpy(sub.impu[1].uri, "sip:family@" DOMAIN);
	sim_key(ue, &sub.key);
	if (s->ops->add(s, &sub))
		abort();
}

struct ims_hss_store *sim_hss_new(struct sim *s)
{
	struct watched *w = calloc(1, sizeof *w);

	if (!w)
		abort();
	w->store.ops = &ops;
	w->real = ims_hss_mem_new();
	w->sim = s;
	if (!w->real)
		abort();
	for (unsigned i = 0; i < s->n_ues; i++)
		subscriber(w->real, i);
	return &w->store;
}
