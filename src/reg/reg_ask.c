/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_ask.c - what a REGISTER wants of the registrar [RFC 3261 10.3]. */
#include "reg_bind.h"
#include "reg_text.h"
#include "sip_addr.h"

static uint32_t expires_of(struct ims_str params, uint32_t otherwise)
{
	struct ims_sip_param p;
	uint32_t n;

	if (!ims_sip_param_find(params, "expires", &p) ||
	    ims_str_u32(ims_sip_unquote(p.value), UINT32_MAX, &n))
		return otherwise;
	return n;
}

static int take_contact(struct ims_str value, uint32_t expires,
			struct ims_reg_want *out, struct ims_flaw *flaw)
{
	struct ims_reg_want w = {0};
	struct ims_sip_addr a;
	struct ims_sip_param p;

	if (value.n > IMS_REG_CONTACT_LEN)
		return ims_flaw(flaw, -IMS_E_TOOBIG, "Contact: longer than %d",
				IMS_REG_CONTACT_LEN);
	if (!ims_reg_text_ok(value, IMS_REG_CONTACT_LEN) ||
	    ims_sip_addr_parse(value, &a) || a.star)
		return ims_flaw(flaw, -IMS_E_SIP, "Contact: malformed");
	if (a.uri.scheme != IMS_SIP_URI_SIP && a.uri.scheme != IMS_SIP_URI_SIPS)
		return ims_flaw(flaw, -IMS_E_SIP, "Contact: not a SIP URI");
	w.uri = a.uri.text;
	w.params = a.params;
	w.expires = expires_of(a.params, expires);
	if (ims_sip_param_find(a.params, "+sip.instance", &p))
		w.instance = p.value;
	/* reg-id means nothing without an instance [RFC 5626 6] */
	if (w.instance.n && ims_sip_param_find(a.params, "reg-id", &p) &&
	    ims_str_u32(p.value, INT32_MAX, &w.reg_id))
		return ims_flaw(flaw, -IMS_E_SIP, "Contact: reg-id");
	*out = w;
	return 0;
}

static int take_star(const struct ims_sip_msg *m, struct ims_reg_ask *out,
		     struct ims_flaw *flaw)
{
	uint32_t n;

	if (out->n || ims_sip_number(m, IMS_SIP_EXPIRES, &n) || n)
		return ims_flaw(flaw, -IMS_E_SIP,
				"Contact: * must stand alone with Expires: 0");
	out->star = true;
	return 0;
}

static bool supports(const struct ims_sip_msg *m, struct ims_str tag)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_SUPPORTED);
	struct ims_str value;

	while (ims_sip_walk_next(&w, &value)) {
		if (ims_str_caseeq(value, tag))
			return true;
	}
	return false;
}

/* What a registrar stores of it besides the contacts. */
static int check_kept(const struct ims_sip_msg *m, struct ims_flaw *flaw)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_PATH);
	struct ims_str value;

	if (!ims_reg_text_ok(m->call_id, IMS_REG_CALL_ID_LEN))
		return ims_flaw(flaw, -IMS_E_SIP, "Call-ID: malformed");
	while (ims_sip_walk_next(&w, &value)) {
		if (!ims_reg_text_ok(value, IMS_REG_CONTACT_LEN))
			return ims_flaw(flaw, -IMS_E_SIP, "Path: malformed");
	}
	return 0;
}

static void sum_up(struct ims_reg_ask *a)
{
	a->leaves = a->star || a->n > 0;
	for (size_t i = 0; i < a->n; i++) {
		uint32_t e = a->want[i].expires;

		if (e == 0)
			continue;
		a->leaves = false;
		if (a->shortest == 0 || e < a->shortest)
			a->shortest = e;
	}
}

int ims_reg_ask_get(const struct ims_sip_msg *m, uint32_t default_expires,
		    struct ims_reg_ask *out, struct ims_flaw *flaw)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_CONTACT);
	struct ims_reg_ask a = {0};
	uint32_t expires = default_expires;
	struct ims_str value;
	int err = check_kept(m, flaw);

	if (ims_sip_number(m, IMS_SIP_EXPIRES, &expires))
		expires = default_expires;
	while (err == 0 && ims_sip_walk_next(&w, &value)) {
		if (a.star)
			err = ims_flaw(flaw, -IMS_E_SIP,
				       "Contact: * and another");
		else if (ims_str_eq(value, IMS_S("*")))
			err = take_star(m, &a, flaw);
		else if (a.n == IMS_REG_CONTACTS)
			err = ims_flaw(flaw, -IMS_E_TOOBIG,
				       "Contact: more than %d",
				       IMS_REG_CONTACTS);
		else if ((err = take_contact(value, expires, &a.want[a.n],
					     flaw)) == 0)
			a.n++;
	}
	if (err)
		return err;
	sum_up(&a);
	a.gruu = supports(m, IMS_S("gruu"));
	a.outbound = supports(m, IMS_S("outbound"));
	*out = a;
	return 0;
}
