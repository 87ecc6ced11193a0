/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_suites.c - the algorithm pairs of a command, as its options say. */
#include "cli_suites.h"

#include "base_trace.h"
#include "cli_err.h"
#include "sip_param.h"

#define MAX 8

/* The codes of a list of names; how many, or -1 after printing. */
static int codes(const char *cmd, const char *option, const char *text,
		 int (*find)(struct ims_str), int *out)
{
	struct ims_str rest = ims_str(text), word;
	char shown[64];
	int n = 0;

	while (n < MAX && ims_sip_comma_next(&rest, &word)) {
		out[n] = find(ims_str_trim(word));
		if (out[n] >= 0) {
			n++;
			continue;
		}
		ims_cli_fail(cmd, -IMS_E_USAGE,
			     "--%s: \"%s\" is no algorithm of TS 33.203 "
			     "Annex H (imsreg help %s)",
			     option, ims_printable(word, shown, sizeof shown),
			     cmd);
		return -1;
	}
	return n;
}

static void add(struct ims_secagree_policy *p, struct ims_ipsec_suite s)
{
	if (p->n_suites < IMS_N_SUITES && ims_ipsec_suite_valid(s))
		p->suites[p->n_suites++] = s;
}

/* Without a list every code of its kind, in the default order of pairs. */
static void combine(struct ims_secagree_policy *p, const int *alg, int n_alg,
		    const int *ealg, int n_ealg)
{
	for (int i = 0; i < (n_alg ? n_alg : 1); i++) {
		for (size_t d = 0; d < IMS_N_SUITES && !n_ealg; d++)
			if ((int)ims_ipsec_suites[d].alg == alg[i])
				add(p, ims_ipsec_suites[d]);
		for (int j = 0; j < n_ealg && n_alg; j++)
			add(p, (struct ims_ipsec_suite){
				       (enum ims_ipsec_alg)alg[i],
				       (enum ims_ipsec_ealg)ealg[j]});
	}
	for (int j = 0; j < n_ealg && !n_alg; j++)
		for (size_t d = 0; d < IMS_N_SUITES; d++)
			if ((int)ims_ipsec_suites[d].ealg == ealg[j])
				add(p, ims_ipsec_suites[d]);
}

static bool any_allowed(const struct ims_secagree_policy *p)
{
	for (size_t i = 0; i < p->n_suites; i++)
		if (ims_secagree_allows(p, p->suites[i]))
			return true;
	return false;
}

int ims_cli_suites(const char *cmd, const struct ims_cli_suites *in,
		   struct ims_secagree_policy *out)
{
	int alg[MAX] = {0}, ealg[MAX] = {0};
	int n_alg = codes(cmd, "alg", in->alg, ims_ipsec_alg_find, alg);
	int n_ealg = n_alg < 0 ? -1
			       : codes(cmd, "ealg", in->ealg,
				       ims_ipsec_ealg_find, ealg);

	if (n_ealg < 0)
		return IMS_EXIT_USAGE;
	out->allow_deprecated |= in->allow_deprecated;
	out->require_encryption |= in->require_encryption;
	if (n_alg || n_ealg) {
		out->n_suites = 0;
		combine(out, alg, n_alg, ealg, n_ealg);
	}
	if (any_allowed(out))
		return 0;
	return ims_cli_fail(cmd, -IMS_E_USAGE,
			    "--alg and --ealg leave no pair; hmac-md5-96 and "
			    "des-ede3-cbc need --allow-deprecated, aes-gcm "
			    "goes with alg null, aes-gmac with ealg null");
}
