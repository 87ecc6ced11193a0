/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_usable.c - policy, and what makes one mechanism fit for use. */
#include "secagree.h"

#include "secagree_priv.h"

#define LOW_SPI 256 /* below: reserved [RFC 4303 2.1] */

struct ims_secagree_policy ims_secagree_policy_default(void)
{
	struct ims_secagree_policy p = {.n_suites = IMS_N_SUITES};

	for (size_t i = 0; i < IMS_N_SUITES; i++)
		p.suites[i] = ims_ipsec_suites[i];
	return p;
}

bool ims_secagree_permits(const struct ims_secagree_policy *p,
			  struct ims_ipsec_suite s)
{
	if (!ims_ipsec_suite_valid(s))
		return false;
	if (p->require_encryption && s.ealg == IMS_EALG_NULL)
		return false;
	return p->allow_deprecated || !ims_ipsec_suite_deprecated(s);
}

bool ims_secagree_allows(const struct ims_secagree_policy *p,
			 struct ims_ipsec_suite s)
{
	for (size_t i = 0; i < p->n_suites; i++)
		if (ims_ipsec_suite_eq(p->suites[i], s))
			return ims_secagree_permits(p, s);
	return false;
}

/* Present and another word than this one. */
static bool differs(struct ims_str value, struct ims_str word)
{
	return value.p && !ims_str_caseeq(value, word);
}

int ims_secagree_suite(const struct ims_sip_sec *s,
		       struct ims_ipsec_suite *suite, struct ims_flaw *flaw)
{
	int alg, ealg;

	if (!ims_str_caseeq(s->name, IMS_S("ipsec-3gpp")) || s->mediasec)
		return ims_flaw(flaw, -IMS_E_NO_MECH, "%.*s is not ipsec-3gpp",
				(int)s->name.n, s->name.p ? s->name.p : "");
	if (differs(s->prot, IMS_S("esp")))
		return ims_flaw(flaw, -IMS_E_NO_MECH, "prot=%.*s is not esp",
				IMS_STR_ARG(s->prot));
	if (differs(s->mod, IMS_S("trans")))
		return ims_flaw(flaw, -IMS_E_NO_MECH, "mod=%.*s is not trans",
				IMS_STR_ARG(s->mod));
	if (!s->alg.p)
		return ims_flaw(flaw, -IMS_E_SEC_PARAM, "alg is missing");
	alg = ims_ipsec_alg_find(s->alg);
	ealg = s->ealg.p && s->ealg.n == 0 ? -1 : ims_ipsec_ealg_find(s->ealg);
	if (alg < 0 || ealg < 0)
		return ims_flaw(flaw, -IMS_E_NO_MECH, "%s=%.*s is not known",
				alg < 0 ? "alg" : "ealg",
				IMS_STR_ARG(alg < 0 ? s->alg : s->ealg));
	*suite = (struct ims_ipsec_suite){(enum ims_ipsec_alg)alg,
					  (enum ims_ipsec_ealg)ealg};
	if (ims_ipsec_suite_valid(*suite))
		return 0;
	return ims_flaw(flaw, -IMS_E_NO_MECH, "alg=%.*s is not for ealg=%s",
			IMS_STR_ARG(s->alg),
			ims_ipsec_ealg(suite->ealg)->token);
}

static int check_spi(const char *name, bool has, uint32_t spi, bool low_spi,
		     struct ims_flaw *flaw)
{
	if (!has)
		return ims_flaw(flaw, -IMS_E_SEC_PARAM, "%s is missing", name);
	if (spi < LOW_SPI && !(low_spi && spi))
		return ims_flaw(flaw, -IMS_E_SEC_PARAM,
				"%s=%u is reserved: below 256", name,
				(unsigned)spi);
	return 0;
}

/* Protected ports are not those of clear SIP [33.203 7.1]. */
static int check_port(const char *name, bool has, uint16_t port,
		      struct ims_flaw *flaw)
{
	if (!has)
		return ims_flaw(flaw, -IMS_E_SEC_PARAM, "%s is missing", name);
	if (port == 0 || port == 5060 || port == 5061)
		return ims_flaw(flaw, -IMS_E_SEC_PARAM,
				"%s=%u cannot be a protected port", name, port);
	return 0;
}

int ims_secagree_numbers(const struct ims_sip_sec *s, bool low_spi,
			 struct ims_flaw *flaw)
{
	int err = check_spi("spi-c", s->has & IMS_SEC_HAS_SPI_C, s->spi_c,
			    low_spi, flaw);

	if (!err)
		err = check_spi("spi-s", s->has & IMS_SEC_HAS_SPI_S, s->spi_s,
				low_spi, flaw);
	if (!err)
		err = check_port("port-c", s->has & IMS_SEC_HAS_PORT_C,
				 s->port_c, flaw);
	if (!err)
		err = check_port("port-s", s->has & IMS_SEC_HAS_PORT_S,
				 s->port_s, flaw);
	if (err)
		return err;
	if (s->spi_c == s->spi_s)
		return ims_flaw(flaw, -IMS_E_SEC_PARAM,
				"spi-c and spi-s are both %u",
				(unsigned)s->spi_c);
	if (s->port_c == s->port_s)
		return ims_flaw(flaw, -IMS_E_SEC_PARAM,
				"port-c and port-s are both %u", s->port_c);
	return 0;
}

int ims_secagree_usable(const struct ims_sip_sec *s, bool low_spi,
			struct ims_ipsec_suite *suite, struct ims_flaw *flaw)
{
	struct ims_ipsec_suite got;
	int err = ims_secagree_suite(s, &got, flaw);

	if (!err)
		err = ims_secagree_numbers(s, low_spi, flaw);
	if (!err)
		*suite = got;
	return err;
}
