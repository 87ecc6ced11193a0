/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_walk.c - reads list headers over all their lines, and numbers. */
#include "sip_msg.h"
#include "sip_param.h"
#include "sip_scan.h"

struct ims_sip_walk ims_sip_walk(const struct ims_sip_msg *m,
				 enum ims_sip_hdr_id id)
{
	size_t first = m->first[id];

	return (struct ims_sip_walk){.m = m,
				     .id = id,
				     .at = first ? first - 1 : m->n_hdrs};
}

/* A core in the field puts a blank where the comma belongs:
 * P-Associated-URI: <sip:a>  <sip:b>
 */
static void split_at_blank(struct ims_str *rest, struct ims_str *value)
{
	struct ims_sip_scan s = ims_sip_scan(*value);
	const char *gt = memchr(s.p, '>', (size_t)(s.end - s.p));

	if (!gt)
		return;
	s.p = gt + 1;
	ims_sip_scan_ws(&s);
	if (!ims_sip_scan_at(&s, '<'))
		return;
	*rest = ims_str_n(s.p, (size_t)(rest->p + rest->n - s.p));
	value->n = (size_t)(gt + 1 - value->p);
}

bool ims_sip_walk_next(struct ims_sip_walk *w, struct ims_str *value)
{
	while (!ims_sip_comma_next(&w->rest, value)) {
		while (w->at < w->m->n_hdrs && w->m->hdr[w->at].id != w->id)
			w->at++;
		if (w->at >= w->m->n_hdrs)
			return false;
		w->rest = w->m->hdr[w->at++].value;
	}
	if (w->id == IMS_SIP_P_ASSOCIATED_URI)
		split_at_blank(&w->rest, value);
	return true;
}

bool ims_sip_lists(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		   const char *token)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);
	struct ims_str value, want = ims_str(token);

	while (ims_sip_walk_next(&w, &value)) {
		value.n = ims_str_find(value, ';');
		if (ims_str_caseeq(ims_str_trim(value), want))
			return true;
	}
	return false;
}

int ims_sip_number(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		   uint32_t *out)
{
	struct ims_sip_scan s = ims_sip_scan(ims_sip_get(m, id));
	struct ims_str digits;

	if (!ims_sip_has(m, id))
		return -IMS_E_NOTFOUND;
	digits = ims_sip_scan_run(&s, IMS_SIP_C_TOKEN);
	ims_sip_scan_ws(&s);
	if (s.p < s.end && *s.p != ';' && *s.p != '(')
		return -IMS_E_SYNTAX;
	return ims_str_u32(digits, UINT32_MAX, out);
}
