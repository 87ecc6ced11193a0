/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_ue.c - the UE's half: offer, and choose from the answer. */
#include "secagree_priv.h"

#include <assert.h>

size_t ims_secagree_offer(const struct ims_secagree_policy *p,
			  const struct ims_secagree_end *me,
			  struct ims_sip_sec *list, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_suites && n < max; i++)
		if (ims_secagree_permits(p, p->suites[i]))
			list[n++] = ims_secagree_mech_end(p->suites[i], me);
	return n;
}

/* Does it say all that it must, whatever it says? */
static bool complete(const struct ims_sip_sec *s)
{
	const unsigned all = IMS_SEC_HAS_SPI_C | IMS_SEC_HAS_SPI_S |
			     IMS_SEC_HAS_PORT_C | IMS_SEC_HAS_PORT_S;

	return ims_str_caseeq(s->name, IMS_S("ipsec-3gpp")) && s->alg.p &&
	       (s->has & all) == all;
}

/* Nothing in it is for us: because it is not ipsec-3gpp at all, or because we
 * did not offer it?
 */
static int refuse(const struct ims_sip_sec *list, size_t n,
		  struct ims_flaw *flaw)
{
	assert(list || n == 0);
	for (size_t i = 0; i < n; i++)
		if (complete(&list[i]))
			return ims_secagree_none(list, n, flaw);
	ims_secagree_none(list, n, flaw);
	if (flaw)
		flaw->err = -IMS_E_NO_SERVER;
	return -IMS_E_NO_SERVER;
}

int ims_secagree_choose(const struct ims_secagree_policy *p,
			const struct ims_sip_sec *list, size_t n,
			struct ims_ipsec_suite *suite,
			struct ims_secagree_end *pcscf, struct ims_flaw *flaw)
{
	const struct ims_sip_sec *best = NULL;
	struct ims_ipsec_suite s, best_suite = {0};

	for (size_t i = 0; i < n; i++) {
		if (ims_secagree_suite(&list[i], &s, NULL) ||
		    !ims_secagree_allows(p, s))
			continue;
		/* q is 0 where it is absent: then it yields to any other. */
		if (best && list[i].q <= best->q)
			continue;
		best = &list[i];
		best_suite = s;
	}
	if (!best)
		return refuse(list, n, flaw);
	/* If the best one is not whole, no lesser one is taken instead: that
	 * would be a way to bid down [RFC 3329 2.3.1].  Real P-CSCFs name SPIs
	 * below 256.
	 */
	if (ims_secagree_numbers(best, true, flaw)) {
		if (flaw)
			flaw->err = -IMS_E_NO_SERVER;
		return -IMS_E_NO_SERVER;
	}
	*suite = best_suite;
	ims_secagree_take_end(best, pcscf);
	return 0;
}
