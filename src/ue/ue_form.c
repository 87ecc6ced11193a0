/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_form.c - how this phone writes it: conf.form applied. */
#include "ue_priv.h"

#include "sip_param.h"

#include <stdio.h>
#include <string.h>

#define VALUE_MAX 4096

/* Those that real phones shorten, and no others. */
static const char *short_name(enum ims_sip_hdr_id id)
{
	switch (id) {
	case IMS_SIP_FROM:
		return "f";
	case IMS_SIP_TO:
		return "t";
	case IMS_SIP_CALL_ID:
		return "i";
	case IMS_SIP_VIA:
		return "v";
	case IMS_SIP_CONTACT:
		return "m";
	case IMS_SIP_SUPPORTED:
		return "k";
	case IMS_SIP_CONTENT_LENGTH:
		return "l";
	default:
		return NULL;
	}
}

void ims_ue_put(const struct ims_ue *ue, struct ims_buf *b,
		enum ims_sip_hdr_id id, struct ims_str value)
{
	const char *name = ue->conf.form.compact ? short_name(id) : NULL;

	ims_sip_put_named(b, ims_str(name ? name : ims_sip_hdr_name(id)),
			  value);
}

void ims_ue_put_buf(const struct ims_ue *ue, struct ims_buf *b,
		    enum ims_sip_hdr_id id, const struct ims_buf *value)
{
	if (value->over)
		b->over = true;
	else
		ims_ue_put(ue, b, id, ims_buf_str(value));
}

/* --- option tags ----------------------------------------------------------- */

/* Which of the tags that we know mean something are on. */
static bool tag_on(const struct ims_ue *ue, struct ims_str tag)
{
	const struct ims_ue_conf *c = &ue->conf;

	if (ims_str_caseeq(tag, IMS_S("sec-agree")))
		return c->offer != IMS_UE_OFFER_NEVER && !ue->fell_back;
	if (ims_str_caseeq(tag, IMS_S("gruu")))
		return c->gruu && c->instance[0];
	if (ims_str_caseeq(tag, IMS_S("outbound")))
		return c->outbound && c->reg_id && c->instance[0] &&
		       !ue->no_outbound;
	return true;
}

static bool lists(struct ims_str list, struct ims_str tag)
{
	struct ims_str v;

	while (ims_sip_comma_next(&list, &v))
		if (ims_str_caseeq(v, tag))
			return true;
	return false;
}

void ims_ue_put_supported(const struct ims_ue *ue, struct ims_buf *b)
{
	static const char *const ours[] = {"path", "sec-agree", "gruu",
					   "outbound"};
	struct ims_str list = ims_str(ue->conf.form.supported), all = list, v;
	bool blank = all.n && memmem(all.p, all.n, ", ", 2);
	char mem[256];
	struct ims_buf t;

	ims_buf_init(&t, mem, sizeof mem);
	while (ims_sip_comma_next(&list, &v)) {
		if (!tag_on(ue, v))
			continue;
		ims_buf_puts(&t, t.n == 0 ? "" : blank ? ", " : ",");
		ims_buf_put(&t, v);
	}
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		v = ims_str(ours[i]);
		if (lists(all, v) || !tag_on(ue, v))
			continue;
		ims_buf_puts(&t, t.n == 0 ? "" : blank ? ", " : ",");
		ims_buf_put(&t, v);
	}
	ims_ue_put_buf(ue, b, IMS_SIP_SUPPORTED, &t);
}

/* --- Security-Client, Security-Verify --------------------------------------- */

static void put_field(const struct ims_ue *ue, struct ims_buf *b,
		      const struct ims_sip_sec *s, struct ims_str name)
{
	int digits = ue->conf.spi10 ? 10 : 1;

	if (ims_str_eq(name, IMS_S("alg")))
		ims_buf_put(b, s->alg);
	else if (ims_str_eq(name, IMS_S("ealg")))
		ims_buf_put(b, s->ealg.p ? s->ealg : IMS_S("null"));
	else if (ims_str_eq(name, IMS_S("spi-c")))
		ims_buf_printf(b, "%0*u", digits, (unsigned)s->spi_c);
	else if (ims_str_eq(name, IMS_S("spi-s")))
		ims_buf_printf(b, "%0*u", digits, (unsigned)s->spi_s);
	else if (ims_str_eq(name, IMS_S("port-c")))
		ims_buf_u64(b, s->port_c);
	else if (ims_str_eq(name, IMS_S("port-s")))
		ims_buf_u64(b, s->port_s);
	else
		ims_buf_printf(b, "<%.*s>", IMS_STR_ARG(name));
}

void ims_ue_put_mechanism(const struct ims_ue *ue, struct ims_buf *b,
			  const struct ims_sip_sec *s)
{
	struct ims_str t = ims_str(ue->conf.form.mechanism);

	if (t.n == 0) {
		ims_sip_sec_put(b, s,
				(struct ims_sip_sec_style){
					.spi10 = ue->conf.spi10});
		return;
	}
	while (t.n) {
		size_t open = ims_str_find(t, '<');
		size_t close = ims_str_find(t, '>');

		ims_buf_putn(b, t.p, open);
		if (open == t.n || close == t.n || close < open)
			return;
		put_field(ue, b, s,
			  ims_str_n(t.p + open + 1, close - open - 1));
		t = ims_str_from(t, close + 1);
	}
}

/* The list we offered, as it was written: with a line each its mechanisms
 * stand in lines of their own.
 */
void ims_ue_put_client(const struct ims_ue *ue, struct ims_buf *b)
{
	struct ims_str list = ims_ue_text(&ue->client), v;

	if (ue->conf.form.join != IMS_UE_JOIN_LINES) {
		ims_ue_put(ue, b, IMS_SIP_SECURITY_CLIENT, list);
		return;
	}
	while (ims_sip_comma_next(&list, &v))
		ims_ue_put(ue, b, IMS_SIP_SECURITY_CLIENT, v);
}

const char *ims_ue_join(const struct ims_ue *ue)
{
	return ue->conf.form.join == IMS_UE_JOIN_COMMA ? "," : ", ";
}

/* Without q: some networks refuse their own list with it (and RFC 3329 wants
 * it with).
 */
static void put_without_q(struct ims_buf *b, struct ims_str mechanism)
{
	size_t n = ims_str_find(mechanism, ';');
	struct ims_str rest = ims_str_from(mechanism, n);
	struct ims_sip_param p;

	ims_buf_put(b, ims_str_trim(ims_str_n(mechanism.p, n)));
	while (ims_sip_param_next(&rest, &p)) {
		if (ims_str_caseeq(p.name, IMS_S("q")))
			continue;
		ims_buf_printf(b, ";%.*s", IMS_STR_ARG(p.name));
		if (p.has_value)
			ims_buf_printf(b, "=%.*s", IMS_STR_ARG(p.value));
	}
}

void ims_ue_put_verify(const struct ims_ue *ue, struct ims_buf *b,
		       const struct ue_set *over)
{
	struct ims_str list = ims_ue_text(&over->verify), v;
	char mem[VALUE_MAX];
	struct ims_buf t;

	if (!ue->conf.form.verify_noq) {
		ims_ue_put(ue, b, IMS_SIP_SECURITY_VERIFY, list);
		return;
	}
	ims_buf_init(&t, mem, sizeof mem);
	while (ims_sip_comma_next(&list, &v)) {
		if (t.n)
			ims_buf_puts(&t, ", ");
		put_without_q(&t, v);
	}
	ims_ue_put_buf(ue, b, IMS_SIP_SECURITY_VERIFY, &t);
}

/* --- Request-URI and fall-back ---------------------------------------------- */

const char *ims_ue_register_uri(const struct ims_ue *ue,
				char out[static UE_URI_TEXT])
{
	const char *form = ue->conf.form.register_uri;
	struct ims_str realm = ims_ue_text(&ue->ch.realm);

	if (form[0] && !ims_str_eq(ims_str(form), IMS_S("realm")))
		snprintf(out, UE_URI_TEXT, "%s", form);
	else if (form[0] && realm.n && realm.n < IMS_ID_MAX &&
		 ue->creds != UE_CREDS_FIRST)
		snprintf(out, UE_URI_TEXT, "sip:%.*s", IMS_STR_ARG(realm));
	else
		snprintf(out, UE_URI_TEXT, "sip:%s", ue->conf.domain);
	return out;
}

bool ims_ue_falls_back(const struct ims_ue *ue, unsigned status)
{
	struct ims_str list = ims_str(ue->conf.form.fallback), v;
	uint32_t code;

	if (!ue->offering || ue->fell_back || ue->reg != UE_TRYING)
		return false;
	while (ims_sip_comma_next(&list, &v))
		if (!ims_str_u32(v, 699, &code) && code == status)
			return true;
	return false;
}
