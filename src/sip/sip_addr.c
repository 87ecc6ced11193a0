/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_addr.c - name-addr and addr-spec. */
#include "sip_addr.h"

#include "sip_scan.h"

/* Takes the display name; s then stands at '<' if there is one that opens the
 * URI.  A '<' behind a ':', ';' or quote belongs to a parameter of an address
 * without <>; a bare ',' in a name is two values in one.
 */
static int take_display(struct ims_sip_scan *s, struct ims_str *display)
{
	const char *start = s->p, *lt;

	if (ims_sip_scan_at(s, '<'))
		return 0;
	if (ims_sip_scan_at(s, '"')) {
		if (!ims_sip_scan_quoted(s, display))
			return -IMS_E_SYNTAX;
		ims_sip_scan_ws(s);
		return ims_sip_scan_at(s, '<') ? 0 : -IMS_E_SYNTAX;
	}
	lt = memchr(start, '<', (size_t)(s->end - start));
	if (!lt)
		return 0;
	for (const char *p = start; p < lt; p++)
		if (*p == ':' || *p == ';' || *p == ',' || *p == '"')
			return 0;
	*display = ims_sip_trim(ims_str_n(start, (size_t)(lt - start)));
	s->p = lt;
	return 0;
}

static int take_uri(struct ims_sip_scan *s, struct ims_str *uri)
{
	const char *end;

	if (ims_sip_scan_at(s, '<')) {
		s->p++;
		end = memchr(s->p, '>', (size_t)(s->end - s->p));
		if (!end)
			return -IMS_E_SYNTAX;
		*uri = ims_sip_trim(ims_str_n(s->p, (size_t)(end - s->p)));
		s->p = end + 1;
		return 0;
	}
	*uri = ims_sip_scan_rest(s);
	uri->n = ims_str_find(*uri, ';');
	s->p += uri->n;
	*uri = ims_sip_trim(*uri);
	/* These must stand in <> [RFC 3261 20]. */
	if (ims_str_find(*uri, '?') != uri->n ||
	    ims_str_find(*uri, ',') != uri->n)
		return -IMS_E_SYNTAX;
	return 0;
}

int ims_sip_addr_parse(struct ims_str text, struct ims_sip_addr *out)
{
	struct ims_sip_scan s = ims_sip_scan(ims_sip_trim(text));
	struct ims_sip_addr a = {0};
	struct ims_str uri;

	if (s.end - s.p == 1 && *s.p == '*') {
		*out = (struct ims_sip_addr){.star = true};
		return 0;
	}
	if (take_display(&s, &a.display) || take_uri(&s, &uri) ||
	    ims_sip_uri_parse(uri, &a.uri))
		return -IMS_E_SYNTAX;
	ims_sip_scan_ws(&s);
	a.params = ims_sip_scan_rest(&s);
	if ((a.params.n && a.params.p[0] != ';') || !ims_sip_balanced(a.params))
		return -IMS_E_SYNTAX;
	*out = a;
	return 0;
}

int ims_sip_addr_get(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		     struct ims_sip_addr *out)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);
	struct ims_str value;

	if (!ims_sip_walk_next(&w, &value))
		return ims_sip_has(m, id) ? -IMS_E_SYNTAX : -IMS_E_NOTFOUND;
	return ims_sip_addr_parse(value, out);
}

struct ims_str ims_sip_tag(const struct ims_sip_msg *m, enum ims_sip_hdr_id id)
{
	struct ims_sip_addr a;
	struct ims_sip_param tag;

	if (ims_sip_addr_parse(ims_sip_get(m, id), &a) ||
	    !ims_sip_param_find(a.params, "tag", &tag))
		return (struct ims_str){0};
	return tag.value;
}
