/* SPDX-License-Identifier: BSD-2-Clause */
/* secagree_pcscf.c - the P-CSCF's half: pick, answer, and check what comes
 * back.
 */
#include "secagree_priv.h"

#include "base_trace.h"

#define ANSWER_Q 100 /* there is but one: any value will do */
#define FIRST_Q 900  /* of a static list, then falling by 100 */

/* The first mechanism of this pair that is whole; *broken remembers one that
 * is not.
 */
static const struct ims_sip_sec *find(const struct ims_sip_sec *list, size_t n,
				      struct ims_ipsec_suite want,
				      const struct ims_sip_sec **broken)
{
	struct ims_ipsec_suite s;

	for (size_t i = 0; i < n; i++) {
		if (ims_secagree_suite(&list[i], &s, NULL) ||
		    !ims_ipsec_suite_eq(s, want))
			continue;
		if (!ims_secagree_numbers(&list[i], false, NULL))
			return &list[i];
		if (!*broken)
			*broken = &list[i];
	}
	return NULL;
}

/* One that does not even name its alg is broken too. */
static int refuse(const struct ims_sip_sec *list, size_t n,
		  const struct ims_sip_sec *broken, struct ims_flaw *flaw)
{
	struct ims_ipsec_suite s;

	for (size_t i = 0; i < n && !broken; i++)
		if (ims_secagree_suite(&list[i], &s, NULL) == -IMS_E_SEC_PARAM)
			broken = &list[i];
	if (broken)
		return ims_secagree_usable(broken, false, &s, flaw);
	return ims_secagree_none(list, n, flaw);
}

int ims_secagree_pick(const struct ims_secagree_policy *p,
		      const struct ims_sip_sec *list, size_t n,
		      struct ims_ipsec_suite *suite,
		      struct ims_secagree_end *ue, struct ims_flaw *flaw)
{
	const struct ims_sip_sec *got, *broken = NULL;

	for (size_t i = 0; i < p->n_suites; i++) {
		if (!ims_secagree_permits(p, p->suites[i]))
			continue;
		got = find(list, n, p->suites[i], &broken);
		if (!got)
			continue;
		*suite = p->suites[i];
		ims_secagree_take_end(got, ue);
		return 0;
	}
	return refuse(list, n, broken, flaw);
}

struct ims_sip_sec ims_secagree_answer(struct ims_ipsec_suite suite,
				       const struct ims_secagree_end *me)
{
	struct ims_sip_sec s = ims_secagree_mech_end(suite, me);

	s.has |= IMS_SEC_HAS_Q;
	s.q = ANSWER_Q;
	return s;
}

size_t ims_secagree_static_list(const struct ims_secagree_policy *p,
				struct ims_sip_sec *list, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_suites && n < max; i++) {
		if (!ims_secagree_permits(p, p->suites[i]))
			continue;
		list[n] = ims_secagree_mech(p->suites[i]);
		list[n].has = IMS_SEC_HAS_Q;
		list[n].q = FIRST_Q - 100 * (unsigned)n;
		n++;
	}
	return n;
}

static bool word_differs(struct ims_str a, struct ims_str b, const char *none)
{
	return !ims_str_caseeq(a.p ? a : ims_str(none),
			       b.p ? b : ims_str(none));
}

/* The name of a parameter that differs, for the flaw's text. */
static const char *difference(const struct ims_sip_sec *a,
			      const struct ims_sip_sec *b)
{
	const struct {
		const char *name;
		bool differs;
	} rows[] = {
		{"the mechanism", !ims_str_caseeq(a->name, b->name)},
		{"alg", word_differs(a->alg, b->alg, "")},
		{"ealg", word_differs(a->ealg, b->ealg, "null")},
		{"prot", word_differs(a->prot, b->prot, "esp")},
		{"mod", word_differs(a->mod, b->mod, "trans")},
		{"spi-c", a->spi_c != b->spi_c},
		{"spi-s", a->spi_s != b->spi_s},
		{"port-c", a->port_c != b->port_c},
		{"port-s", a->port_s != b->port_s},
		{"q", a->q != b->q},
		{"mediasec", a->mediasec != b->mediasec},
		{"the set of parameters", a->has != b->has},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].differs)
			return rows[i].name;
	return "a parameter";
}

/* As it stood; or, if we made it ourselves, as we would write it. */
static const char *text_of(const struct ims_sip_sec *s, char *out, size_t cap)
{
	struct ims_buf b;
	char mem[200];

	if (s->text.n)
		return ims_printable(s->text, out, cap);
	ims_buf_init(&b, mem, sizeof mem);
	ims_sip_sec_put(&b, s, (struct ims_sip_sec_style){0});
	return ims_printable(ims_buf_str(&b), out, cap);
}

static int tell(size_t at, const struct ims_sip_sec *want,
		const struct ims_sip_sec *got, struct ims_flaw *flaw)
{
	char a[70], b[70];

	return ims_flaw(flaw, -IMS_E_VERIFY,
			"mechanism %zu: %s: had %s, got %s", at + 1,
			difference(want, got), text_of(want, a, sizeof a),
			text_of(got, b, sizeof b));
}

static int compare(const struct ims_sip_sec *want, size_t n_want,
		   const struct ims_sip_sec *got, size_t n_got,
		   struct ims_flaw *flaw)
{
	for (size_t i = 0; i < n_want && i < n_got; i++)
		if (!ims_sip_sec_same(&want[i], &got[i]))
			return tell(i, &want[i], &got[i], flaw);
	if (n_want != n_got)
		return ims_flaw(flaw, -IMS_E_VERIFY,
				"%zu mechanisms instead of %zu", n_got, n_want);
	return 0;
}

int ims_secagree_verify(const struct ims_sip_sec *sent, size_t n_sent,
			const struct ims_sip_sec *got, size_t n_got,
			struct ims_flaw *flaw)
{
	return compare(sent, n_sent, got, n_got, flaw);
}

int ims_secagree_same_client(const struct ims_sip_sec *first, size_t n_first,
			     const struct ims_sip_sec *second, size_t n_second,
			     struct ims_flaw *flaw)
{
	if (!compare(first, n_first, second, n_second, flaw))
		return 0;
	if (flaw)
		flaw->err = -IMS_E_CLIENT_CHANGED;
	return -IMS_E_CLIENT_CHANGED;
}
