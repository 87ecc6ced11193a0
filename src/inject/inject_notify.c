/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_notify.c - NOTIFYs with a document that is not as things are
 * [RFC 3680 5].
 */
#include "inject_act_priv.h"

#include "base_trace.h"

#include <stdio.h>
#include <string.h>

/* An attribute that all elements of that name get; no value: it goes. */
struct attr {
	const char *element, *name, *value;
};
#define ATTRS 6

/* name="value" off the rest of a tag; false at its end. */
static bool attr_next(struct ims_str *rest, struct ims_str *name,
		      struct ims_str *value)
{
	struct ims_str s = ims_str_trim(*rest);
	size_t eq = ims_str_find(s, '='), end;

	if (eq + 2 >= s.n || s.p[eq + 1] != '"')
		return false;
	end = ims_str_find(ims_str_from(s, eq + 2), '"');
	*name = ims_str_n(s.p, eq);
	*value = ims_str_n(s.p + eq + 2, end);
	*rest = ims_str_from(s, eq + 2 + end + 1);
	return true;
}

static const struct attr *find(const struct attr *a, struct ims_str element,
			       struct ims_str name)
{
	for (size_t i = 0; i < ATTRS && a[i].element; i++)
		if (ims_str_eq(element, ims_str(a[i].element)) &&
		    ims_str_eq(name, ims_str(a[i].name)))
			return &a[i];
	return NULL;
}

/* What stands between '<' and '>'. */
static void put_tag(struct ims_buf *b, struct ims_str tag, const struct attr *a)
{
	size_t n = 0;
	struct ims_str element, rest, name, value;

	while (n < tag.n && tag.p[n] != ' ' && tag.p[n] != '/')
		n++;
	element = ims_str_n(tag.p, n);
	rest = ims_str_from(tag, n);
	ims_buf_putc(b, '<');
	ims_buf_put(b, element);
	while (attr_next(&rest, &name, &value))
		if (!find(a, element, name))
			ims_buf_printf(b, " %.*s=\"%.*s\"", IMS_STR_ARG(name),
				       IMS_STR_ARG(value));
	for (size_t i = 0; i < ATTRS && a[i].element; i++)
		if (a[i].value && ims_str_eq(element, ims_str(a[i].element)))
			ims_buf_printf(b, " %s=\"%s\"", a[i].name, a[i].value);
	ims_buf_put(b, rest);
	ims_buf_putc(b, '>');
}

static void put_xml(struct ims_buf *b, struct ims_str xml, const struct attr *a)
{
	while (xml.n) {
		size_t lt = ims_str_find(xml, '<'), gt;
		struct ims_str tag = ims_str_from(xml, lt + 1);

		ims_buf_putn(b, xml.p, lt);
		if (lt == xml.n)
			return;
		gt = ims_str_find(tag, '>');
		if (gt && (*tag.p == '/' || *tag.p == '?'))
			ims_buf_printf(b, "<%.*s>", (int)gt, tag.p);
		else
			put_tag(b, ims_str_n(tag.p, gt), a);
		xml = ims_str_from(tag, gt + 1);
	}
}

static bool send_xml(struct ims_inject *j, struct inject_hit *h,
		     const struct attr *a)
{
	char mem[16384];
	struct ims_buf b;

	if (!h->msg->body.n)
		return false;
	ims_buf_init(&b, mem, sizeof mem);
	put_xml(&b, h->msg->body, a);
	return !b.over &&
	       ims_inject_send(j, h,
			       &(struct inject_edit){.has_body = true,
						     .body = ims_buf_str(&b)});
}

/* n is what `expires` (an active contact) or `retry-after` says. */
bool ims_inject_contact_event(struct ims_inject *j, struct inject_hit *h)
{
	const struct inject_do *how = h->row->how;
	bool lives = strcmp(how->a, "shortened") == 0;
	char number[16];
	struct attr a[ATTRS + 1] = {
		{"contact", "event", how->a},
		{"contact", "expires", NULL},
		{"contact", "state", lives ? "active" : "terminated"},
		{"registration", "state", lives ? "active" : "terminated"},
	};

	snprintf(number, sizeof number, "%u", how->n);
	if (lives)
		a[1].value = number;
	else if (how->n)
		a[4] = (struct attr){"contact", "retry-after", number};
	return send_xml(j, h, a);
}

bool ims_inject_reginfo(struct ims_inject *j, struct inject_hit *h)
{
	const struct inject_do *how = h->row->how;
	struct attr a[ATTRS + 1] = {{"reginfo", how->a, how->b}};

	return send_xml(j, h, a);
}

bool ims_inject_cut_body(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {.has_body = true, .body = h->msg->body};

	e.body.n /= 2;
	return e.body.n && ims_inject_send(j, h, &e);
}

/* The right one, and one that nobody subscribed to. */
bool ims_inject_stray_notify(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {0};
	char via[200], host[IMS_ADDR_TEXT];

	snprintf(via, sizeof via, "SIP/2.0/%s %s;branch=z9hG4bKinjected",
		 ims_transport_name(h->flow->transport),
		 ims_addr_text(h->flow->local, host));
	ims_inject_set(&e, IMS_SIP_VIA, ims_str(via));
	ims_inject_set(&e, IMS_SIP_CALL_ID, IMS_S("injected"));
	ims_inject_post(j, h->at, h->flow, h->msg->raw, h->now_ms);
	return ims_inject_send(j, h, &e);
}
