/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_sub.c - the dialog of a subscription [RFC 3261 12]. */
#include "reg_sub.h"

#include <stdlib.h>

#include "reg_text.h"
#include "sip_addr.h"
#include "sip_build.h"
#include "sip_event.h"

#define ROUTES_MAX 4096
#define TEXT_MAX 4096

static struct ims_str event_id(const struct ims_sip_msg *m)
{
	struct ims_sip_event e = {0};

	if (ims_sip_event_parse(ims_sip_get(m, IMS_SIP_EVENT), &e))
		return ims_str(NULL);
	return e.id;
}

static int target_of(const struct ims_sip_msg *m, struct ims_str *out)
{
	struct ims_sip_addr a;

	if (ims_sip_addr_get(m, IMS_SIP_CONTACT, &a) || a.star ||
	    a.uri.scheme == IMS_SIP_URI_OTHER ||
	    a.uri.scheme == IMS_SIP_URI_TEL)
		return -IMS_E_SIP;
	*out = a.uri.text;
	return 0;
}

/* In the order of the request [RFC 3261 12.1.1]. */
static int routes_of(const struct ims_sip_msg *m, struct ims_buf *b)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_RECORD_ROUTE);
	struct ims_str value;

	while (ims_sip_walk_next(&w, &value)) {
		if (b->n)
			ims_buf_puts(b, ", ");
		ims_buf_put(b, value);
	}
	return b->over ? -IMS_E_SIP : 0;
}

/* Where requests go: the topmost route, else the target; we resolve no names. */
static int hop_of(struct ims_str routes, struct ims_str target,
		  struct ims_addr *out)
{
	struct ims_str first;
	struct ims_sip_addr a;

	if (ims_sip_comma_next(&routes, &first)) {
		if (ims_sip_addr_parse(first, &a))
			return -IMS_E_SYNTAX;
	} else if (ims_sip_uri_parse(target, &a.uri)) {
		return -IMS_E_SYNTAX;
	}
	return ims_sip_uri_addr(&a.uri, 5060, out);
}

/* All texts of the record anew. */
static int keep(struct ims_reg_sub *s, const struct ims_str text[static 8])
{
	for (size_t i = 0; i < 8; i++) {
		if (!ims_reg_text_ok(text[i], TEXT_MAX))
			return -IMS_E_SIP;
	}
	struct ims_str *const kept[8] = {&s->call_id,    &s->local,
					 &s->local_tag,  &s->remote,
					 &s->remote_tag, &s->target,
					 &s->routes,     &s->event_id};

	return ims_reg_text_keep(&s->mem, text, kept, 8);
}

int ims_reg_sub_init(struct ims_reg_sub *s, const struct ims_sip_msg *m,
		     struct ims_str local_tag)
{
	char routes[ROUTES_MAX];
	struct ims_reg_sub fresh = {.remote_cseq = m->cseq};
	struct ims_str tag = ims_sip_tag(m, IMS_SIP_FROM), target;
	struct ims_buf b;
	int err;

	ims_buf_init(&b, routes, sizeof(routes));
	if (tag.n == 0 || target_of(m, &target) || routes_of(m, &b))
		return -IMS_E_SIP;
	err = keep(&fresh,
		   (struct ims_str[8]){m->call_id, ims_sip_get(m, IMS_SIP_TO),
				       local_tag, ims_sip_get(m, IMS_SIP_FROM),
				       tag, target, ims_buf_str(&b),
				       event_id(m)});
	if (err == 0)
		*s = fresh;
	return err;
}

int ims_reg_sub_restore(struct ims_reg_sub *s, const struct ims_reg_sub *like)
{
	struct ims_reg_sub fresh = *like;
	int err;

	fresh.mem = NULL;
	err = keep(&fresh, (struct ims_str[8]){like->call_id, like->local,
					       like->local_tag, like->remote,
					       like->remote_tag, like->target,
					       like->routes, like->event_id});
	if (err == 0)
		*s = fresh;
	return err;
}

void ims_reg_sub_wipe(struct ims_reg_sub *s)
{
	free(s->mem);
	*s = (struct ims_reg_sub){0};
}

bool ims_reg_sub_is(const struct ims_reg_sub *s, const struct ims_sip_msg *m)
{
	return ims_str_eq(m->call_id, s->call_id) &&
	       ims_str_eq(ims_sip_tag(m, IMS_SIP_TO), s->local_tag) &&
	       ims_str_eq(ims_sip_tag(m, IMS_SIP_FROM), s->remote_tag) &&
	       ims_str_eq(event_id(m), s->event_id);
}

bool ims_reg_sub_repeats(const struct ims_reg_sub *s,
			 const struct ims_sip_msg *m)
{
	struct ims_str to = ims_sip_tag(m, IMS_SIP_TO);

	return m->cseq == s->remote_cseq &&
	       ims_str_eq(m->call_id, s->call_id) &&
	       (to.n == 0 || ims_str_eq(to, s->local_tag)) &&
	       ims_str_eq(ims_sip_tag(m, IMS_SIP_FROM), s->remote_tag) &&
	       ims_str_eq(event_id(m), s->event_id);
}

int ims_reg_sub_refresh(struct ims_reg_sub *s, const struct ims_sip_msg *m)
{
	struct ims_str target = s->target;
	struct ims_addr hop;
	int err = 0;

	if (m->cseq <= s->remote_cseq)
		return -IMS_E_UNEXPECTED;
	if (ims_sip_has(m, IMS_SIP_CONTACT) && target_of(m, &target))
		return -IMS_E_SIP;
	if (hop_of(s->routes, target, &hop))
		return -IMS_E_SIP;
	if (!ims_str_eq(target, s->target))
		err = keep(s, (struct ims_str[8]){s->call_id, s->local,
						  s->local_tag, s->remote,
						  s->remote_tag, target,
						  s->routes, s->event_id});
	if (err == 0)
		s->remote_cseq = m->cseq;
	return err;
}

int ims_reg_sub_hop(const struct ims_reg_sub *s, struct ims_addr *out)
{
	return hop_of(s->routes, s->target, out);
}

void ims_reg_sub_put(struct ims_buf *b, struct ims_reg_sub *s,
		     const char *method, struct ims_str via)
{
	s->cseq++;
	ims_sip_put_request(b, method, s->target);
	ims_sip_put(b, IMS_SIP_VIA, via);
	ims_sip_put(b, IMS_SIP_MAX_FORWARDS, IMS_S("70"));
	if (s->routes.n)
		ims_sip_put(b, IMS_SIP_ROUTE, s->routes);
	/* the To of the SUBSCRIBE had no tag */
	ims_sip_putf(b, IMS_SIP_FROM, "%.*s;tag=%.*s", IMS_STR_ARG(s->local),
		     IMS_STR_ARG(s->local_tag));
	ims_sip_put(b, IMS_SIP_TO, s->remote);
	ims_sip_put(b, IMS_SIP_CALL_ID, s->call_id);
	ims_sip_putf(b, IMS_SIP_CSEQ, "%u %s", (unsigned)s->cseq, method);
}
