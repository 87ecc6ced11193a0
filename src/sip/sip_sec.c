/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_sec.c - reads and writes Security-Client, -Server and -Verify. */
#include "sip_sec.h"

#include <inttypes.h>

#include "base_err.h"
#include "sip_scan.h"

/* Looking for doubles compares each unknown parameter with those before it;
 * this keeps that short.
 */
#define MAX_PARAMS 32

enum kind { WORD, SPI, PORT, QVALUE, FLAG };

/* clang-format off */
/* TS 33.203 Annex H, and mode, which a test suite writes for mod.
 * X(row, name, kind, member, has)
 */
#define PARAMS(X) \
X(ALG, "alg", WORD, alg, 0) \
X(PROT, "prot", WORD, prot, 0) \
X(MOD, "mod", WORD, mod, 0) \
X(EALG, "ealg", WORD, ealg, 0) \
X(SPI_C, "spi-c", SPI, spi_c, IMS_SEC_HAS_SPI_C) \
X(SPI_S, "spi-s", SPI, spi_s, IMS_SEC_HAS_SPI_S) \
X(PORT_C, "port-c", PORT, port_c, IMS_SEC_HAS_PORT_C) \
X(PORT_S, "port-s", PORT, port_s, IMS_SEC_HAS_PORT_S) \
X(Q, "q", QVALUE, q, IMS_SEC_HAS_Q) \
X(MODE, "mode", WORD, mod, 0) \
X(MEDIASEC, "mediasec", FLAG, mediasec, 0)

#define ROW(row, name, kind, m, has) \
	[row] = {kind, offsetof(struct ims_sip_sec, m), has},
#define ID(row, name, kind, m, has) row,
enum { PARAMS(ID) };
static const struct row {
	enum kind kind;
	size_t at;
	unsigned has;
} rows[] = {PARAMS(ROW)};
/* clang-format on */

static const struct row *find(struct ims_str name)
{
#define TRY(row, wire, kind, m, has)     \
	if (IMS_SIP_IS_WORD(name, wire)) \
		return &rows[row];
	PARAMS(TRY)
#undef TRY
	return NULL;
}

static int put_word(struct ims_str *slot, struct ims_str value)
{
	if (slot->p || value.n == 0)
		return -IMS_E_SYNTAX;
	*slot = value;
	return 0;
}

/* SPI and port: decimal with or without leading zeros, never octal. */
static int put_number(struct ims_sip_sec *m, const struct row *r,
		      struct ims_str value)
{
	bool spi = r->kind == SPI;
	char *slot = (char *)m + r->at;
	uint32_t n;
	int err;

	if (m->has & r->has)
		return -IMS_E_SYNTAX;
	err = ims_sip_u32(value, spi ? UINT32_MAX : UINT16_MAX, &n);
	if (err)
		return err;
	if (spi && value.n > 10)
		return -IMS_E_RANGE;
	if (spi)
		*(uint32_t *)(void *)slot = n;
	else
		*(uint16_t *)(void *)slot = (uint16_t)n;
	m->has |= r->has;
	return 0;
}

static int put_q(struct ims_sip_sec *m, struct ims_str value)
{
	if (m->has & IMS_SEC_HAS_Q || ims_sip_qvalue(value, &m->q))
		return -IMS_E_SYNTAX;
	m->has |= IMS_SEC_HAS_Q;
	return 0;
}

static int put_flag(bool *slot)
{
	if (*slot)
		return -IMS_E_SYNTAX;
	*slot = true;
	return 0;
}

static int put_known(struct ims_sip_sec *m, const struct row *r,
		     const struct ims_sip_param *p)
{
	struct ims_str value = ims_sip_unquote(p->value);

	switch (r->kind) {
	case WORD:
		return put_word((void *)((char *)m + r->at), value);
	case SPI:
	case PORT:
		return put_number(m, r, value);
	case QVALUE:
		return put_q(m, value);
	default:
		return put_flag(&m->mediasec);
	}
}

/* Was a parameter of that name in the text before? */
static bool seen(struct ims_str before, struct ims_str name)
{
	struct ims_sip_param p;

	while (ims_sip_param_next(&before, &p))
		if (ims_str_caseeq(p.name, name))
			return true;
	return false;
}

static int put_param(struct ims_sip_sec *m, const struct ims_sip_param *p,
		     struct ims_str before, struct ims_flaw *flaw)
{
	const struct row *r = find(p->name);
	int err = 0;

	if (r)
		err = put_known(m, r, p);
	else if (seen(before, p->name))
		err = -IMS_E_SYNTAX;
	/* The parameters of another mechanism are its own business: what is
	 * not understood there stays text [RFC 3329 2.3.1].
	 */
	if (err && !IMS_SIP_IS_WORD(m->name, "ipsec-3gpp"))
		err = 0;
	if (err)
		return ims_flaw(flaw, err, "%s parameter %.*s=%.*s",
				err == -IMS_E_RANGE ? "too large a"
						    : "wrong or second",
				(int)(p->name.n < 40 ? p->name.n : 40),
				p->name.p,
				(int)(p->value.n < 40 ? p->value.n : 40),
				p->value.n ? p->value.p : "");
	return 0;
}

/* Takes one mechanism; s then stands at a comma or at the end. */
static int take_mechanism(struct ims_sip_scan *s, struct ims_sip_sec *out,
			  struct ims_flaw *flaw)
{
	struct ims_sip_sec m = {0};
	const char *start = s->p, *params;
	struct ims_sip_param p;
	int err, n = 0;

	m.name = ims_sip_scan_run(s, IMS_SIP_C_TOKEN);
	params = s->p;
	ims_sip_scan_ws(s);
	while (m.name.n && ims_sip_scan_eat(s, ';')) {
		const char *at = s->p;

		if (at == s->end || *at == ';' || *at == ',')
			continue;
		if (++n > MAX_PARAMS || !ims_sip_param_take(s, &p))
			return ims_flaw(flaw, -IMS_E_SYNTAX,
					"not a parameter, or too many");
		err = put_param(&m, &p,
				ims_str_n(params, (size_t)(at - params)), flaw);
		if (err)
			return err;
	}
	if (m.name.n == 0 || (s->p < s->end && *s->p != ','))
		return ims_flaw(flaw, -IMS_E_SYNTAX,
				"not a security mechanism");
	m.text = ims_sip_trim(ims_str_n(start, (size_t)(s->p - start)));
	*out = m;
	return 0;
}

int ims_sip_sec_parse(struct ims_str text, struct ims_sip_sec *out,
		      struct ims_flaw *flaw)
{
	struct ims_sip_scan s = ims_sip_scan(ims_sip_trim(text));
	struct ims_sip_sec m;
	int err = take_mechanism(&s, &m, flaw);

	if (err)
		return err;
	if (s.p < s.end)
		return ims_flaw(flaw, -IMS_E_SYNTAX, "more than one mechanism");
	*out = m;
	return 0;
}

/* Adds the mechanisms of one line. */
static int add_list(struct ims_str value, struct ims_sip_sec *list, size_t max,
		    size_t *n, struct ims_flaw *flaw)
{
	struct ims_sip_scan s = ims_sip_scan(value);
	int err;

	for (;;) {
		while (ims_sip_scan_eat(&s, ','))
			;
		if (s.p == s.end)
			return 0;
		if (*n == max)
			return ims_flaw(flaw, -IMS_E_TOOBIG,
					"more than %zu mechanisms", max);
		err = take_mechanism(&s, &list[*n], flaw);
		if (err)
			return err;
		++*n;
	}
}

static int some(size_t got, size_t *n, struct ims_flaw *flaw)
{
	if (got == 0)
		return ims_flaw(flaw, -IMS_E_SYNTAX, "no mechanism");
	*n = got;
	return 0;
}

int ims_sip_sec_list(struct ims_str value, struct ims_sip_sec *list, size_t max,
		     size_t *n, struct ims_flaw *flaw)
{
	size_t got = 0;
	int err = add_list(value, list, max, &got, flaw);

	return err ? err : some(got, n, flaw);
}

int ims_sip_sec_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		    struct ims_sip_sec *list, size_t max, size_t *n,
		    struct ims_flaw *flaw)
{
	size_t got = 0;
	int err = 0;

	if (!ims_sip_has(m, id))
		return ims_flaw(flaw, -IMS_E_NOTFOUND, "no %s",
				ims_sip_hdr_name(id));
	for (size_t i = m->first[id] - 1u; i < m->n_hdrs && err == 0; i++)
		if (m->hdr[i].id == id)
			err = add_list(m->hdr[i].value, list, max, &got, flaw);
	return err ? err : some(got, n, flaw);
}

static bool word_eq(struct ims_str a, struct ims_str b, const char *absent)
{
	return ims_str_caseeq(a.p ? a : ims_str(absent),
			      b.p ? b : ims_str(absent));
}

/* A quoted string has a case, a token has none [RFC 3261 7.3.1]. */
static bool value_eq(struct ims_str a, struct ims_str b)
{
	if (a.n && b.n && a.p[0] == '"' && b.p[0] == '"')
		return ims_str_eq(a, b);
	return ims_str_caseeq(ims_sip_unquote(a), ims_sip_unquote(b));
}

static bool has_param(struct ims_str list, const struct ims_sip_param *want)
{
	struct ims_sip_param p;

	while (ims_sip_param_next(&list, &p))
		if (ims_str_caseeq(p.name, want->name) &&
		    p.has_value == want->has_value &&
		    value_eq(p.value, want->value))
			return true;
	return false;
}

/* Are all parameters of a that were not read into its members in b as well,
 * with the same value?  Of other mechanisms that is all of them.
 */
static bool text_in(const struct ims_sip_sec *a, const struct ims_sip_sec *b)
{
	struct ims_str list = ims_str_from(a->text, a->name.n);
	struct ims_str other = ims_str_from(b->text, b->name.n);
	bool all = !IMS_SIP_IS_WORD(a->name, "ipsec-3gpp");
	struct ims_sip_param p;

	while (ims_sip_param_next(&list, &p))
		if ((all || !find(p.name)) && !has_param(other, &p))
			return false;
	return true;
}

bool ims_sip_sec_same(const struct ims_sip_sec *a, const struct ims_sip_sec *b)
{
	return ims_str_caseeq(a->name, b->name) &&
	       word_eq(a->alg, b->alg, "") &&
	       word_eq(a->ealg, b->ealg, "null") &&
	       word_eq(a->prot, b->prot, "esp") &&
	       word_eq(a->mod, b->mod, "trans") && a->has == b->has &&
	       a->q == b->q && a->spi_c == b->spi_c && a->spi_s == b->spi_s &&
	       a->port_c == b->port_c && a->port_s == b->port_s &&
	       a->mediasec == b->mediasec && text_in(a, b) && text_in(b, a);
}

static void put_q_param(struct ims_buf *b, const struct ims_sip_sec *s)
{
	unsigned q = s->q % 1000, digits = 3;

	if (!(s->has & IMS_SEC_HAS_Q))
		return;
	if (s->q >= 1000) {
		ims_buf_puts(b, ";q=1.0");
		return;
	}
	while (digits > 1 && q % 10 == 0) {
		q /= 10;
		digits--;
	}
	ims_buf_printf(b, ";q=0.%0*u", (int)digits, q);
}

static void put_word_param(struct ims_buf *b, const char *name,
			   struct ims_str value)
{
	struct ims_sip_scan s = ims_sip_scan(value);

	if (!value.p)
		return;
	ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	if (value.n == 0 || s.p != s.end) {
		b->over = true;
		return;
	}
	ims_buf_puts(b, name);
	ims_buf_put(b, value);
}

static void put_spi(struct ims_buf *b, const char *name, uint32_t spi,
		    bool spi10)
{
	ims_buf_printf(b, spi10 ? "%s%010" PRIu32 : "%s%" PRIu32, name, spi);
}

static void put_port(struct ims_buf *b, const char *name, uint16_t port)
{
	ims_buf_puts(b, name);
	ims_buf_u64(b, port);
}

void ims_sip_sec_put(struct ims_buf *b, const struct ims_sip_sec *s,
		     struct ims_sip_sec_style style)
{
	put_word_param(b, "", s->name);
	if (!style.q_last)
		put_q_param(b, s);
	put_word_param(b, ";alg=", s->alg);
	put_word_param(b, ";prot=", s->prot);
	put_word_param(b, ";mod=", s->mod);
	put_word_param(b, ";ealg=", s->ealg);
	if (s->has & IMS_SEC_HAS_SPI_C)
		put_spi(b, ";spi-c=", s->spi_c, style.spi10);
	if (s->has & IMS_SEC_HAS_SPI_S)
		put_spi(b, ";spi-s=", s->spi_s, style.spi10);
	if (s->has & IMS_SEC_HAS_PORT_C)
		put_port(b, ";port-c=", s->port_c);
	if (s->has & IMS_SEC_HAS_PORT_S)
		put_port(b, ";port-s=", s->port_s);
	if (s->mediasec)
		ims_buf_puts(b, ";mediasec");
	if (style.q_last)
		put_q_param(b, s);
}
