/* SPDX-License-Identifier: BSD-2-Clause */
/* golden.h - two SIP messages compared header by header, in meaning.
 *
 * Order of headers, spacing and spelling do not count; names and tokens are
 * compared without case, URIs as URIs, mechanisms and parameters in any order.
 * What has to be new in each message (branch, tags, Call-ID, cnonce, response)
 * is only asked to be there.  Every difference has a key: "Supported",
 * "Contact;video", "Authorization;realm", "Via;rport".  A table names those
 * that are meant, with their clause; one that is not in the table is an error,
 * and so is a row that no longer differs.
 */
#ifndef IMS_GOLDEN_H
#define IMS_GOLDEN_H

#include "sip_addr.h"
#include "sip_auth.h"
#include "sip_sec.h"
#include "sip_via.h"

#include "test.h"

struct golden_rule {
	const char *key;
	const char *clause; /* why it differs */
};

struct golden {
	const struct golden_rule *rule;
	size_t n_rules;
	unsigned used[4]; /* a bit per rule */
	int bad;
	const char *name; /* of the message, for the report */
	struct ims_sip_msg want, got;
};

static inline void golden_differs(struct golden *g, const char *header,
				  struct ims_str param, struct ims_str want,
				  struct ims_str got)
{
	char key[200];

	snprintf(key, sizeof key, "%s%s%.*s", header, param.n ? ";" : "",
		 IMS_STR_ARG(param));
	for (size_t i = 0; i < g->n_rules; i++) {
		if (strcasecmp(g->rule[i].key, key) != 0)
			continue;
		g->used[i / 32] |= 1u << i % 32;
		return;
	}
	print_error("%s: %s: wanted \"%.*s\", got \"%.*s\"\n", g->name, key,
		    IMS_STR_ARG(want), IMS_STR_ARG(got));
	g->bad++;
}

/* Values that are new in every message: only their presence is compared. */
static inline bool golden_is_fresh(struct ims_str name)
{
	static const char *const fresh[] = {"tag", "branch", "cnonce",
					    "response"};

	for (size_t i = 0; i < N_OF(fresh); i++)
		if (ims_str_caseeq(name, ims_str(fresh[i])))
			return true;
	return false;
}

static inline void golden_params_one_way(struct golden *g, const char *header,
					 struct ims_str want,
					 struct ims_str got, bool twice)
{
	struct ims_sip_param w, o = {0};

	while (ims_sip_param_next(&want, &w)) {
		char name[64];
		bool has;

		snprintf(name, sizeof name, "%.*s", IMS_STR_ARG(w.name));
		has = ims_sip_param_find(got, name, &o);
		if (has && (twice || golden_is_fresh(w.name) ||
			    ims_str_eq(w.value, o.value)))
			continue;
		golden_differs(g, header, w.name,
			       twice ? IMS_S("(absent)") : w.value,
			       twice ? w.value
			       : has ? o.value
				     : IMS_S("(absent)"));
	}
}

static inline void golden_params(struct golden *g, const char *header,
				 struct ims_str want, struct ims_str got)
{
	golden_params_one_way(g, header, want, got, false);
	golden_params_one_way(g, header, got, want, true);
}

/* The n-th value of a list header; false if there are fewer. */
static inline bool golden_nth(const struct ims_sip_msg *m,
			      enum ims_sip_hdr_id id, size_t n,
			      struct ims_str *out)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);

	for (size_t i = 0; i <= n; i++)
		if (!ims_sip_walk_next(&w, out))
			return false;
	return true;
}

static inline void golden_addr(struct golden *g, const char *header,
			       struct ims_str want, struct ims_str got)
{
	struct ims_sip_addr w, o;

	if (ims_sip_addr_parse(want, &w) || ims_sip_addr_parse(got, &o)) {
		golden_differs(g, header, IMS_S(""), want, got);
		return;
	}
	if (w.star != o.star || !ims_sip_uri_eq(w.uri.text, o.uri.text))
		golden_differs(g, header, IMS_S(""), w.uri.text, o.uri.text);
	golden_params(g, header, w.params, o.params);
}

static inline void golden_via(struct golden *g, const char *header,
			      struct ims_str want, struct ims_str got)
{
	struct ims_sip_via w, o;
	struct ims_ip wi, oi;

	if (ims_sip_via_parse(want, &w) || ims_sip_via_parse(got, &o) ||
	    !ims_str_caseeq(w.transport, o.transport) || w.port != o.port ||
	    ims_ip_parse(w.host, &wi) || ims_ip_parse(o.host, &oi) ||
	    !ims_ip_eq(wi, oi)) {
		golden_differs(g, header, IMS_S(""), want, got);
		return;
	}
	golden_params(g, header, w.params, o.params);
}

/* Lists whose order counts. */
static inline void golden_list(struct golden *g, enum ims_sip_hdr_id id)
{
	const char *header = ims_sip_hdr_name(id);
	struct ims_str w, o;

	for (size_t i = 0;; i++) {
		bool has_w = golden_nth(&g->want, id, i, &w);
		bool has_o = golden_nth(&g->got, id, i, &o);

		if (!has_w && !has_o)
			return;
		if (!has_w || !has_o) {
			golden_differs(g, header, IMS_S(""),
				       has_w ? w : IMS_S("(absent)"),
				       has_o ? o : IMS_S("(absent)"));
			return;
		}
		if (id == IMS_SIP_VIA)
			golden_via(g, header, w, o);
		else
			golden_addr(g, header, w, o);
	}
}

static inline bool golden_all_in(const struct ims_sip_msg *a,
				 const struct ims_sip_msg *b,
				 enum ims_sip_hdr_id id)
{
	struct ims_sip_walk w = ims_sip_walk(a, id);
	struct ims_str v;

	while (ims_sip_walk_next(&w, &v)) {
		char token[100];

		snprintf(token, sizeof token, "%.*s", IMS_STR_ARG(v));
		if (!ims_sip_lists(b, id, token))
			return false;
	}
	return true;
}

/* Lists of tokens: a set. */
static inline void golden_set(struct golden *g, enum ims_sip_hdr_id id)
{
	if (!golden_all_in(&g->want, &g->got, id) ||
	    !golden_all_in(&g->got, &g->want, id))
		golden_differs(g, ims_sip_hdr_name(id), IMS_S(""),
			       ims_sip_get(&g->want, id),
			       ims_sip_get(&g->got, id));
}

static inline void golden_sec(struct golden *g, enum ims_sip_hdr_id id)
{
	struct ims_sip_sec w[IMS_SIP_SEC_MAX], o[IMS_SIP_SEC_MAX];
	size_t n_w = 0, n_o = 0;
	bool same =
		!ims_sip_sec_get(&g->want, id, w, IMS_SIP_SEC_MAX, &n_w,
				 NULL) &&
		!ims_sip_sec_get(&g->got, id, o, IMS_SIP_SEC_MAX, &n_o, NULL) &&
		n_w == n_o;

	for (size_t i = 0; same && i < n_w; i++)
		same = ims_sip_sec_same(&w[i], &o[i]);
	if (!same)
		golden_differs(g, ims_sip_hdr_name(id), IMS_S(""),
			       ims_sip_get(&g->want, id),
			       ims_sip_get(&g->got, id));
}

static inline void golden_auth(struct golden *g, enum ims_sip_hdr_id id)
{
	struct ims_sip_auth w = {0}, o = {0};

	if (ims_sip_auth_get(&g->want, id, &w) ||
	    ims_sip_auth_get(&g->got, id, &o)) {
		golden_differs(g, ims_sip_hdr_name(id), IMS_S(""),
			       ims_sip_get(&g->want, id),
			       ims_sip_get(&g->got, id));
		return;
	}
#define GOLDEN_MEMBER(member, name, q1, q2)                            \
	if ((w.member.p != NULL) != (o.member.p != NULL) ||            \
	    (golden_is_fresh(ims_str(name))                            \
		     ? (w.member.n > 0) != (o.member.n > 0)            \
		     : !ims_str_eq(w.member, o.member)))               \
		golden_differs(g, ims_sip_hdr_name(id), ims_str(name), \
			       w.member, o.member);
	IMS_SIP_AUTH_PARAMS(GOLDEN_MEMBER)
#undef GOLDEN_MEMBER
}

static inline void golden_text(struct golden *g, enum ims_sip_hdr_id id)
{
	struct ims_str w = ims_sip_get(&g->want, id);
	struct ims_str o = ims_sip_get(&g->got, id);

	if (!ims_str_eq(w, o))
		golden_differs(g, ims_sip_hdr_name(id), IMS_S(""), w, o);
}

static inline void golden_header(struct golden *g, enum ims_sip_hdr_id id)
{
	bool w = ims_sip_has(&g->want, id), o = ims_sip_has(&g->got, id);

	if (w != o) {
		golden_differs(g, ims_sip_hdr_name(id), IMS_S(""),
			       w ? ims_sip_get(&g->want, id)
				 : IMS_S("(absent)"),
			       o ? ims_sip_get(&g->got, id)
				 : IMS_S("(absent)"));
		return;
	}
	switch (w ? (int)id : -1) {
	case -1:
	case IMS_SIP_CALL_ID: /* fresh */
		break;
	case IMS_SIP_VIA:
	case IMS_SIP_FROM:
	case IMS_SIP_TO:
	case IMS_SIP_CONTACT:
	case IMS_SIP_ROUTE:
	case IMS_SIP_RECORD_ROUTE:
	case IMS_SIP_PATH:
	case IMS_SIP_SERVICE_ROUTE:
	case IMS_SIP_P_ASSOCIATED_URI:
		golden_list(g, id);
		break;
	case IMS_SIP_SUPPORTED:
	case IMS_SIP_REQUIRE:
	case IMS_SIP_PROXY_REQUIRE:
	case IMS_SIP_ALLOW:
	case IMS_SIP_ACCEPT:
		golden_set(g, id);
		break;
	case IMS_SIP_SECURITY_CLIENT:
	case IMS_SIP_SECURITY_SERVER:
	case IMS_SIP_SECURITY_VERIFY:
		golden_sec(g, id);
		break;
	case IMS_SIP_AUTHORIZATION:
	case IMS_SIP_WWW_AUTHENTICATE:
		golden_auth(g, id);
		break;
	default:
		golden_text(g, id);
	}
}

static inline void golden_start_line(struct golden *g)
{
	const struct ims_sip_msg *w = &g->want, *o = &g->got;
	bool same = w->request == o->request && w->status == o->status &&
		    ims_str_eq(w->method_text, o->method_text) &&
		    (!w->request || ims_sip_uri_eq(w->uri, o->uri));

	if (!same)
		golden_differs(g, "start-line", IMS_S(""),
			       ims_str_n(w->raw.p, ims_str_find(w->raw, '\r')),
			       ims_str_n(o->raw.p, ims_str_find(o->raw, '\r')));
}

/* Returns how many differences are not in the table, and rows of it that do
 * not differ; each is printed.
 */
static inline int golden_compare(const char *name, struct ims_str want,
				 struct ims_str got,
				 const struct golden_rule *rule, size_t n_rules)
{
	struct golden g = {.rule = rule, .n_rules = n_rules, .name = name};

	assert_true(n_rules <= 8 * sizeof g.used);
	assert_int_equal(ims_sip_msg_parse(want, &g.want, NULL), 0);
	assert_int_equal(ims_sip_msg_parse(got, &g.got, NULL), 0);
	golden_start_line(&g);
	for (int id = IMS_SIP_OTHER + 1; id < IMS_SIP_N_HDR_IDS; id++)
		golden_header(&g, (enum ims_sip_hdr_id)id);
	if (!ims_str_eq(g.want.body, g.got.body))
		golden_differs(&g, "body", IMS_S(""), g.want.body, g.got.body);
	for (size_t i = 0; i < n_rules; i++) {
		if (g.used[i / 32] & 1u << i % 32)
			continue;
		print_error("%s: %s no longer differs (%s)\n", name,
			    rule[i].key, rule[i].clause);
		g.bad++;
	}
	return g.bad;
}

#endif
