/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_param.c - ;name=value and the comma list. */
#include "sip_param.h"

#include "base_err.h"
#include "sip_scan.h"

bool ims_sip_param_take(struct ims_sip_scan *s, struct ims_sip_param *out)
{
	out->name = ims_sip_scan_run(s, IMS_SIP_C_NAME);
	out->value = (struct ims_str){0};
	out->has_value = false;
	if (out->name.n == 0)
		return false;
	ims_sip_scan_ws(s);
	if (!ims_sip_scan_at(s, '='))
		return true;
	s->p++;
	ims_sip_scan_ws(s);
	out->has_value = true;
	if (!ims_sip_scan_at(s, '"'))
		out->value = ims_sip_scan_run(s, IMS_SIP_C_VALUE);
	else if (!ims_sip_scan_quoted(s, &out->value))
		return false;
	ims_sip_scan_ws(s);
	return true;
}

/* To the next ';' that is not in quotes. */
static void skip_junk(struct ims_sip_scan *s)
{
	struct ims_str quoted;

	while (s->p < s->end && *s->p != ';') {
		if (*s->p != '"')
			s->p++;
		else if (!ims_sip_scan_quoted(s, &quoted))
			s->p = s->end;
	}
}

bool ims_sip_param_next(struct ims_str *rest, struct ims_sip_param *out)
{
	struct ims_sip_scan s = ims_sip_scan(*rest);
	struct ims_sip_param got;
	bool found = false;

	while (!found) {
		ims_sip_scan_ws(&s);
		if (s.p == s.end)
			break;
		if (*s.p == ';')
			s.p++;
		else if (!(found = ims_sip_param_take(&s, &got)))
			skip_junk(&s);
	}
	if (found) {
		*out = got;
		skip_junk(&s);
	}
	*rest = ims_sip_scan_rest(&s);
	return found;
}

bool ims_sip_param_find(struct ims_str list, const char *name,
			struct ims_sip_param *out)
{
	size_t n = strlen(name);
	struct ims_sip_param got;

	while (ims_sip_param_next(&list, &got)) {
		if (!ims_sip_is_word(got.name, name, n))
			continue;
		*out = got;
		return true;
	}
	return false;
}

struct ims_str ims_sip_unquote(struct ims_str s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return ims_str_n(s.p + 1, s.n - 2);
	return s;
}

/* The end of the value that starts here: a comma outside of "" and <>. */
static const char *value_end(struct ims_sip_scan s)
{
	struct ims_str quoted;

	while (s.p < s.end && *s.p != ',') {
		const char *gt = NULL;

		if (*s.p == '"' && !ims_sip_scan_quoted(&s, &quoted))
			return s.end;
		if (s.p < s.end && *s.p == '<')
			gt = memchr(s.p, '>', (size_t)(s.end - s.p));
		if (gt)
			s.p = gt;
		if (s.p < s.end && *s.p != ',' && *s.p != '"')
			s.p++;
	}
	return s.p;
}

bool ims_sip_comma_next(struct ims_str *rest, struct ims_str *value)
{
	struct ims_sip_scan s = ims_sip_scan(*rest);
	const char *end = s.end;
	bool found;

	while (ims_sip_scan_eat(&s, ','))
		;
	found = s.p < s.end;
	if (found) {
		/* Mostly there is no comma at all. */
		if (memchr(s.p, ',', (size_t)(s.end - s.p)))
			end = value_end(s);
		*value = ims_sip_trim(ims_str_n(s.p, (size_t)(end - s.p)));
		s.p = end;
	}
	*rest = ims_sip_scan_rest(&s);
	return found;
}

int ims_sip_qvalue(struct ims_str s, unsigned *out)
{
	unsigned q, unit = 100;

	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') ||
	    (s.n > 1 && s.p[1] != '.'))
		return -IMS_E_SYNTAX;
	q = s.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < s.n; i++, unit /= 10) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9)
			return -IMS_E_SYNTAX;
		q += digit * unit;
	}
	if (q > 1000)
		return -IMS_E_SYNTAX;
	*out = q;
	return 0;
}
