/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_info_put.c - writes reginfo XML, in the form of the seed [RFC 3680 5].
 *
 * XML 1.0 has no spelling for most control characters and none for bytes that
 * are not UTF-8; a Contact may hold both.  They become '?', so that what we
 * write is always well-formed.
 */
#include "reg_info.h"

static const char *const event_names[] = {
	[IMS_REGINFO_REGISTERED] = "registered",
	[IMS_REGINFO_CREATED] = "created",
	[IMS_REGINFO_REFRESHED] = "refreshed",
	[IMS_REGINFO_SHORTENED] = "shortened",
	[IMS_REGINFO_EXPIRED] = "expired",
	[IMS_REGINFO_DEACTIVATED] = "deactivated",
	[IMS_REGINFO_PROBATION] = "probation",
	[IMS_REGINFO_UNREGISTERED] = "unregistered",
	[IMS_REGINFO_REJECTED] = "rejected",
};

static const char *const state_names[] = {
	[IMS_REGINFO_INIT] = "init",
	[IMS_REGINFO_ACTIVE] = "active",
	[IMS_REGINFO_TERMINATED] = "terminated",
};

const char *ims_reginfo_event_name(enum ims_reginfo_event e)
{
	return (unsigned)e < IMS_REGINFO_N_EVENTS ? event_names[e] : "?";
}

const char *ims_reginfo_state_name(enum ims_reginfo_state s)
{
	return (unsigned)s <= IMS_REGINFO_TERMINATED ? state_names[s] : "?";
}

/* Bytes of the UTF-8 character at p[0..n), 0 if it is none: cut short,
 * overlong, a surrogate, or beyond U+10FFFF.
 */
static size_t utf8_len(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80             ? 1
		     : (p[0] & 0xe0) == 0xc0 ? 2
		     : (p[0] & 0xf0) == 0xe0 ? 3
		     : (p[0] & 0xf8) == 0xf0 ? 4
					     : 0;
	uint32_t c;

	if (len == 0 || len > n)
		return 0;
	if (len == 1)
		return 1;
	c = p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    (c & 0xfffe) == 0xfffe)
		return 0;
	return len;
}

static void put_char(struct ims_buf *b, char c, bool attr)
{
	if (c == '&')
		ims_buf_puts(b, "&amp;");
	else if (c == '<')
		ims_buf_puts(b, "&lt;");
	else if (c == '>')
		ims_buf_puts(b, "&gt;");
	else if (c == '"' && attr)
		ims_buf_puts(b, "&quot;");
	else if (c == '\t' || c == '\n' || c == '\r')
		ims_buf_printf(b, "&#%d;", c);
	else if ((uint8_t)c < 0x20 || c == 0x7f)
		ims_buf_putc(b, '?');
	else
		ims_buf_putc(b, c);
}

static void put_text(struct ims_buf *b, struct ims_str s, bool attr)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len ? len : 1) {
		len = utf8_len((const uint8_t *)s.p + i, s.n - i);
		if (len > 1)
			ims_buf_putn(b, s.p + i, len);
		else if (len == 1)
			put_char(b, s.p[i], attr);
		else
			ims_buf_putc(b, '?');
	}
}

static void put_attr(struct ims_buf *b, const char *name, struct ims_str value)
{
	ims_buf_putc(b, ' ');
	ims_buf_puts(b, name);
	ims_buf_puts(b, "=\"");
	put_text(b, value, true);
	ims_buf_putc(b, '"');
}

static void put_number(struct ims_buf *b, const char *name, uint32_t v)
{
	ims_buf_printf(b, " %s=\"%lu\"", name, (unsigned long)v);
}

static void put_gruu(struct ims_buf *b, const struct ims_reginfo_contact *c)
{
	if (c->pub_gruu.n) {
		ims_buf_puts(b, "      <gr:pub-gruu");
		put_attr(b, "uri", c->pub_gruu);
		ims_buf_puts(b, " />\r\n");
	}
	if (c->temp_gruu.n) {
		ims_buf_puts(b, "      <gr:temp-gruu");
		put_attr(b, "uri", c->temp_gruu);
		put_number(b, "first-cseq", c->first_cseq);
		ims_buf_puts(b, " />\r\n");
	}
}

static bool any_gruu(const struct ims_reginfo *r)
{
	for (size_t i = 0; i < r->n_regs; i++)
		for (size_t k = 0; k < r->reg[i].n_contacts; k++)
			if (r->reg[i].contact[k].pub_gruu.n ||
			    r->reg[i].contact[k].temp_gruu.n)
				return true;
	return false;
}

static void put_contact(struct ims_buf *b, const struct ims_reginfo_contact *c)
{
	ims_buf_puts(b, "    <contact");
	put_attr(b, "id", c->id);
	put_attr(b, "state", ims_str(ims_reginfo_state_name(c->state)));
	put_attr(b, "event", ims_str(ims_reginfo_event_name(c->event)));
	if (c->has_expires)
		put_number(b, "expires", c->expires);
	if (c->has_retry_after)
		put_number(b, "retry-after", c->retry_after);
	if (c->callid.n)
		put_attr(b, "callid", c->callid);
	if (c->has_cseq)
		put_number(b, "cseq", c->cseq);
	ims_buf_puts(b, ">\r\n      <uri>");
	put_text(b, c->uri, false);
	ims_buf_puts(b, "</uri>\r\n");
	for (size_t i = 0; i < c->n_params; i++) {
		ims_buf_puts(b, "      <unknown-param");
		put_attr(b, "name", c->param[i].name);
		if (c->param[i].value.n == 0) {
			ims_buf_puts(b, " />\r\n");
			continue;
		}
		ims_buf_putc(b, '>');
		put_text(b, c->param[i].value, false);
		ims_buf_puts(b, "</unknown-param>\r\n");
	}
	put_gruu(b, c);
	ims_buf_puts(b, "    </contact>\r\n");
}

static void put_reg(struct ims_buf *b, const struct ims_reginfo_reg *r)
{
	ims_buf_puts(b, "  <registration");
	put_attr(b, "aor", r->aor);
	put_attr(b, "id", r->id);
	put_attr(b, "state", ims_str(ims_reginfo_state_name(r->state)));
	if (r->n_contacts == 0) {
		ims_buf_puts(b, " />\r\n");
		return;
	}
	ims_buf_puts(b, ">\r\n");
	for (size_t i = 0; i < r->n_contacts; i++)
		put_contact(b, &r->contact[i]);
	ims_buf_puts(b, "  </registration>\r\n");
}

void ims_reginfo_put(struct ims_buf *b, const struct ims_reginfo *r)
{
	ims_buf_puts(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
			"<reginfo");
	put_number(b, "version", r->version);
	ims_buf_printf(b, " state=\"%s\"", r->full ? "full" : "partial");
	ims_buf_puts(b, " xmlns=\"urn:ietf:params:xml:ns:reginfo\"");
	if (any_gruu(r))
		ims_buf_puts(b,
			     " xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\"");
	ims_buf_puts(b, ">\r\n");
	for (size_t i = 0; i < r->n_regs; i++)
		put_reg(b, &r->reg[i]);
	ims_buf_puts(b, "</reginfo>");
}
