/* SPDX-License-Identifier: BSD-2-Clause */
/* inject_header.c - headers and statuses that are others than they should be.
 */
#include "inject_act_priv.h"

#include "sip_addr.h"

#include <stdio.h>

/* "Name: value" of the table, or just "Name": that header goes. */
static void change(struct inject_edit *e, const char *line)
{
	struct ims_str s = ims_str(line);
	size_t colon = ims_str_find(s, ':');
	enum ims_sip_hdr_id id = ims_sip_hdr_find(ims_str_n(s.p, colon));

	if (!line)
		return;
	if (colon == s.n)
		ims_inject_drop(e, id);
	else
		ims_inject_set(e, id, ims_str_trim(ims_str_from(s, colon + 1)));
}

static bool has(const struct ims_sip_msg *m, const char *name)
{
	return name && ims_sip_has(m, ims_sip_hdr_find(ims_str(name)));
}

bool ims_inject_without(struct ims_inject *j, struct inject_hit *h)
{
	const struct inject_do *how = h->row->how;
	struct inject_edit e = {0};

	if (!has(h->msg, how->a) && !has(h->msg, how->b))
		return false;
	change(&e, how->a);
	change(&e, how->b);
	return ims_inject_send(j, h, &e);
}

bool ims_inject_with(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {0};

	change(&e, h->row->how->a);
	change(&e, h->row->how->b);
	return ims_inject_send(j, h, &e);
}

bool ims_inject_status(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {.status = h->row->how->n};

	ims_inject_drop(&e, IMS_SIP_WWW_AUTHENTICATE);
	ims_inject_drop(&e, IMS_SIP_SECURITY_SERVER);
	change(&e, h->row->how->a);
	change(&e, h->row->how->b);
	/* The only success is one that nobody has earned. */
	if (e.status == 200 && h->msg->method == IMS_SIP_REGISTER)
		ims_inject_set(&e, IMS_SIP_CONTACT, ims_str(j->contact));
	return ims_inject_send(j, h, &e);
}

/* In Expires, and in Contact where that says it, too.  Who leaves shall leave. */
bool ims_inject_expires(struct ims_inject *j, struct inject_hit *h)
{
	struct ims_str contact = ims_sip_get(h->msg, IMS_SIP_CONTACT);
	struct inject_edit e = {0};
	struct ims_sip_param p;
	struct ims_sip_addr a;
	char number[16], mem[INJECT_TEXT];
	struct ims_buf b;

	if (ims_inject_is_last(h->msg))
		return false;
	snprintf(number, sizeof number, "%u", h->row->how->n);
	ims_inject_set(&e, IMS_SIP_EXPIRES, ims_str(number));
	ims_buf_init(&b, mem, sizeof mem);
	if (!ims_sip_addr_get(h->msg, IMS_SIP_CONTACT, &a) &&
	    ims_sip_param_find(a.params, "expires", &p) && p.value.n) {
		size_t at = (size_t)(p.value.p - contact.p);

		ims_buf_putn(&b, contact.p, at);
		ims_buf_puts(&b, number);
		ims_buf_put(&b, ims_str_from(contact, at + p.value.n));
		ims_inject_set(&e, IMS_SIP_CONTACT, ims_buf_str(&b));
	}
	return !b.over && ims_inject_send(j, h, &e);
}

/* [24.229 7.6] */
#define RESTORE                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"              \
	"<ims-3gpp version=\"1\"><alternative-service>"               \
	"<type>restoration</type><reason>the S-CSCF is gone</reason>" \
	"<action>initial-registration</action>"                       \
	"</alternative-service></ims-3gpp>\r\n"

/* Who says so is one of the Service-Route: only he may [24.229 5.1.2A.1.6]. */
bool ims_inject_restoration(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {.status = 504,
				.has_body = true,
				.body = IMS_S(RESTORE),
				.type = IMS_S("application/3gpp-ims+xml")};

	if (!j->route[0])
		return false;
	ims_inject_set(&e, IMS_SIP_P_ASSERTED_IDENTITY, ims_str(j->route));
	ims_inject_drop(&e, IMS_SIP_EXPIRES);
	return ims_inject_send(j, h, &e);
}

static void put_contact(struct ims_buf *b, enum inject_contact what,
			struct ims_str own, struct ims_str uri)
{
	switch (what) {
	case CONTACT_SHORT:
		ims_buf_printf(b, "<%.*s>;expires=60", IMS_STR_ARG(uri));
		break;
	case CONTACT_ZERO:
		ims_buf_printf(b, "<%.*s>;expires=0", IMS_STR_ARG(uri));
		break;
	case CONTACT_OTHERS:
		ims_buf_puts(b, "<sip:a@198.51.100.1>;expires=10, "
				"<sip:b@198.51.100.2:5070>;expires=20, ");
		ims_buf_put(b, own);
		break;
	case CONTACT_ALIEN:
		ims_buf_puts(b, "<sip:a@198.51.100.1>;expires=600000");
		break;
	}
}

bool ims_inject_contact(struct ims_inject *j, struct inject_hit *h)
{
	struct inject_edit e = {0};
	struct ims_sip_addr a;
	char mem[INJECT_TEXT];
	struct ims_buf b;

	if (ims_sip_addr_get(h->msg, IMS_SIP_CONTACT, &a))
		return false;
	ims_buf_init(&b, mem, sizeof mem);
	put_contact(&b, (enum inject_contact)h->row->how->n,
		    ims_sip_get(h->msg, IMS_SIP_CONTACT), a.uri.text);
	ims_inject_set(&e, IMS_SIP_CONTACT, ims_buf_str(&b));
	return !b.over && ims_inject_send(j, h, &e);
}
