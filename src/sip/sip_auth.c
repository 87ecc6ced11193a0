/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_auth.c - Digest challenges and credentials. */
#include "sip_auth.h"

#include "base_err.h"
#include "sip_scan.h"

#include <string.h>

/* clang-format off */
#define ROW(m, wire, q1, q2) \
	{IMS_S_INIT(wire), offsetof(struct ims_sip_auth, m), q1, q2},
static const struct row {
	struct ims_str name;
	size_t at;
	bool quoted_in_challenge, quoted_in_credentials;
} rows[] = {
	IMS_SIP_AUTH_PARAMS(ROW)
};
/* clang-format on */
#define N_ROWS (sizeof rows / sizeof *rows)

/* Where the value of that name goes; NULL for a stranger. */
static struct ims_str *find(struct ims_sip_auth *a, struct ims_str name)
{
#define TRY(m, wire, q1, q2)             \
	if (IMS_SIP_IS_WORD(name, wire)) \
		return &a->m;
	IMS_SIP_AUTH_PARAMS(TRY)
#undef TRY
	return NULL;
}

/* name = value, quoted or not; the value comes without quotes. */
static int take_param(struct ims_sip_scan *s, struct ims_str *name,
		      struct ims_str *value)
{
	*name = ims_sip_scan_run(s, IMS_SIP_C_TOKEN);
	if (name->n == 0 || !ims_sip_scan_eat(s, '='))
		return -IMS_E_SYNTAX;
	if (!ims_sip_scan_at(s, '"')) {
		*value = ims_sip_scan_run(s, IMS_SIP_C_CRED);
		return 0;
	}
	if (!ims_sip_scan_quoted(s, value))
		return -IMS_E_SYNTAX;
	*value = ims_str_n(value->p + 1, value->n - 2);
	return 0;
}

static int take_params(struct ims_sip_scan *s, struct ims_sip_auth *a)
{
	struct ims_str name, value, *slot;

	for (;;) {
		while (ims_sip_scan_eat(s, ','))
			;
		if (s->p == s->end)
			return 0;
		if (take_param(s, &name, &value))
			return -IMS_E_SYNTAX;
		ims_sip_scan_ws(s);
		if (s->p < s->end && *s->p != ',')
			return -IMS_E_SYNTAX;
		slot = find(a, name);
		if (slot && slot->p)
			return -IMS_E_SYNTAX;
		if (slot)
			*slot = value;
	}
}

int ims_sip_auth_parse(struct ims_str text, struct ims_sip_auth *out)
{
	struct ims_sip_scan s = ims_sip_scan(ims_sip_trim(text));
	struct ims_sip_auth a = {0};

	a.scheme = ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	if (a.scheme.n == 0 || (s.p < s.end && !ims_sip_in(*s.p, IMS_SIP_C_WS)))
		return -IMS_E_SYNTAX;
	if (IMS_SIP_IS_WORD(a.scheme, "Digest") && take_params(&s, &a))
		return -IMS_E_SYNTAX;
	*out = a;
	return 0;
}

int ims_sip_auth_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		     struct ims_sip_auth *out)
{
	struct ims_sip_auth a;

	for (size_t i = 0; i < m->n_hdrs; i++) {
		if (m->hdr[i].id != id)
			continue;
		if (ims_sip_auth_parse(m->hdr[i].value, &a))
			return -IMS_E_SYNTAX;
		if (!IMS_SIP_IS_WORD(a.scheme, "Digest"))
			continue;
		*out = a;
		return 0;
	}
	return -IMS_E_NOTFOUND;
}

int ims_sip_auth_info_parse(struct ims_str text, struct ims_sip_auth *out)
{
	struct ims_sip_scan s = ims_sip_scan(ims_sip_trim(text));
	struct ims_sip_auth a = {0};

	if (take_params(&s, &a))
		return -IMS_E_SYNTAX;
	*out = a;
	return 0;
}

bool ims_sip_auth_offers(const struct ims_sip_auth *a, const char *qop)
{
	struct ims_str list = a->qop, value, want = ims_str(qop);

	while (ims_sip_comma_next(&list, &value))
		if (ims_str_caseeq(value, want))
			return true;
	return false;
}

/* A value that would end its quotes, or its word, is somebody's attempt to
 * write parameters of his own.
 */
static bool fits(struct ims_str value, bool quoted)
{
	struct ims_sip_scan s = ims_sip_scan(value);

	if (!quoted) {
		ims_sip_scan_run(&s, IMS_SIP_C_CRED);
		return value.n && s.p == s.end;
	}
	for (; s.p < s.end && *s.p != '"'; s.p++)
		if (*s.p == '\\' && ++s.p == s.end)
			return false;
	return s.p == s.end;
}

/* One parameter, unless it is absent. */
static void put_row(struct ims_buf *b, const struct ims_sip_auth *a,
		    const struct row *r, bool quoted, const char *before)
{
	struct ims_str value =
		*(const struct ims_str *)((const char *)a + r->at);

	if (!value.p)
		return;
	if (!fits(value, quoted)) {
		b->over = true;
		return;
	}
	ims_buf_puts(b, before);
	ims_buf_put(b, r->name);
	ims_buf_puts(b, quoted ? "=\"" : "=");
	ims_sip_put_text(b, value);
	ims_buf_puts(b, quoted ? "\"" : "");
}

void ims_sip_auth_put(struct ims_buf *b, const struct ims_sip_auth *a,
		      bool challenge)
{
	const char *before = " ";

	ims_sip_put_text(b, a->scheme.n ? a->scheme : IMS_S("Digest"));
	for (size_t i = 0; i < N_ROWS; i++) {
		size_t n = b->n;

		put_row(b, a, &rows[i],
			challenge ? rows[i].quoted_in_challenge
				  : rows[i].quoted_in_credentials,
			before);
		if (b->n > n)
			before = ", ";
	}
}

void ims_sip_auth_put_order(struct ims_buf *b, const struct ims_sip_auth *a,
			    struct ims_str order)
{
	const char *before = " ", *between = ",";
	struct ims_sip_auth left = *a;
	struct ims_str name;

	if (order.n == 0 || memmem(order.p, order.n, ", ", 2))
		between = ", ";
	ims_sip_put_text(b, a->scheme.n ? a->scheme : IMS_S("Digest"));
	while (ims_sip_comma_next(&order, &name)) {
		for (size_t i = 0; i < N_ROWS; i++) {
			struct ims_str *slot = find(&left, name);
			size_t n = b->n;

			if (!slot || !ims_str_caseeq(name, rows[i].name))
				continue;
			put_row(b, &left, &rows[i],
				rows[i].quoted_in_credentials, before);
			before = b->n > n ? between : before;
			slot->p = NULL;
		}
	}
	for (size_t i = 0; i < N_ROWS; i++) {
		size_t n = b->n;

		put_row(b, &left, &rows[i], rows[i].quoted_in_credentials,
			before);
		before = b->n > n ? between : before;
	}
}
