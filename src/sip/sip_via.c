/* SPDX-License-Identifier: BSD-2-Clause */
/* sip_via.c - reads Via. */
#include "sip_via.h"

#include "sip_scan.h"

/* SIP / 2.0 / UDP */
static int take_protocol(struct ims_sip_scan *s, struct ims_str *transport)
{
	struct ims_str word;

	for (int i = 0; i < 3; i++) {
		if (i > 0 && !ims_sip_scan_eat(s, '/'))
			return -IMS_E_SYNTAX;
		word = ims_sip_scan_run(s, IMS_SIP_C_TOKEN);
		if (word.n == 0)
			return -IMS_E_SYNTAX;
	}
	*transport = word;
	return 0;
}

static int take_sent_by(struct ims_sip_scan *s, struct ims_sip_via *v)
{
	uint32_t port;

	if (!ims_sip_scan_host(s, &v->host))
		return -IMS_E_SYNTAX;
	if (!ims_sip_scan_eat(s, ':'))
		return 0;
	if (ims_sip_u32(ims_sip_scan_run(s, IMS_SIP_C_HOST), UINT16_MAX,
			&port) ||
	    port == 0)
		return -IMS_E_SYNTAX;
	v->port = (uint16_t)port;
	ims_sip_scan_ws(s);
	return 0;
}

/* A parameter that decides where the response goes may stand there once. */
static int once(struct ims_str *slot, const struct ims_sip_param *p)
{
	if (slot->p || p->value.n == 0)
		return -IMS_E_SYNTAX;
	*slot = p->value;
	return 0;
}

static int put_rport(struct ims_sip_via *v, const struct ims_sip_param *p)
{
	uint32_t port = 0;

	if (v->has_rport || (p->has_value && p->value.n &&
			     ims_str_u32(p->value, UINT16_MAX, &port)))
		return -IMS_E_SYNTAX;
	v->has_rport = true;
	v->rport = (uint16_t)port;
	return 0;
}

static int take_params(struct ims_str list, struct ims_sip_via *v)
{
	struct ims_sip_param p;
	int err = 0;

	while (err == 0 && ims_sip_param_next(&list, &p)) {
		if (IMS_SIP_IS_WORD(p.name, "branch"))
			err = once(&v->branch, &p);
		else if (IMS_SIP_IS_WORD(p.name, "received"))
			err = once(&v->received, &p);
		else if (IMS_SIP_IS_WORD(p.name, "rport"))
			err = put_rport(v, &p);
		else if (IMS_SIP_IS_WORD(p.name, "keep"))
			v->has_keep = true;
	}
	return err;
}

int ims_sip_via_parse(struct ims_str text, struct ims_sip_via *out)
{
	struct ims_sip_scan s = ims_sip_scan(ims_sip_trim(text));
	struct ims_sip_via v = {0};
	const char *before;

	if (take_protocol(&s, &v.transport))
		return -IMS_E_SYNTAX;
	before = s.p;
	ims_sip_scan_ws(&s);
	if (s.p == before || take_sent_by(&s, &v))
		return -IMS_E_SYNTAX;
	v.params = ims_sip_scan_rest(&s);
	if ((v.params.n && v.params.p[0] != ';') ||
	    !ims_sip_balanced(v.params) || take_params(v.params, &v))
		return -IMS_E_SYNTAX;
	*out = v;
	return 0;
}

int ims_sip_via_top(const struct ims_sip_msg *m, struct ims_sip_via *out)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_VIA);
	struct ims_str value;

	if (!ims_sip_walk_next(&w, &value))
		return ims_sip_has(m, IMS_SIP_VIA) ? -IMS_E_SYNTAX
						   : -IMS_E_NOTFOUND;
	return ims_sip_via_parse(value, out);
}
