/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_agree.c - the security agreement as this P-CSCF sees it.
 *
 * Spec: RFC 3329 2.3; TS 33.203 7.2; TS 24.229 5.2.2.
 */
#include "pcscf_priv.h"

int ims_pcscf_join(const struct ims_sip_msg *m, enum ims_sip_hdr_id id,
		   struct ims_buf *out)
{
	struct ims_sip_walk w = ims_sip_walk(m, id);
	struct ims_str value;
	size_t start = out->n;

	while (ims_sip_walk_next(&w, &value)) {
		if (out->n > start)
			ims_buf_puts(out, ", ");
		ims_sip_put_text(out, value);
	}
	if (out->over)
		return -IMS_E_TOOBIG;
	return out->n > start ? 0 : -IMS_E_NOTFOUND;
}

void ims_pcscf_put_static(const struct ims_pcscf *p, struct ims_buf *b)
{
	struct ims_sip_sec list[IMS_N_SUITES];
	size_t n =
		ims_secagree_static_list(&p->conf.policy, list, IMS_N_SUITES);

	for (size_t i = 0; i < n; i++) {
		ims_buf_puts(b, i ? ", " : "Security-Server: ");
		ims_sip_sec_put(b, &list[i],
				(struct ims_sip_sec_style){.q_last = true});
	}
	if (n)
		ims_buf_puts(b, "\r\n");
}

static bool requires(const struct ims_sip_msg *m)
{
	return ims_sip_lists(m, IMS_SIP_REQUIRE, "sec-agree") ||
	       ims_sip_lists(m, IMS_SIP_PROXY_REQUIRE, "sec-agree");
}

/* We may ask for an agreement only as the first hop [RFC 3329 2.3.1]. */
static unsigned ask_for(const struct ims_sip_msg *m, unsigned status)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_VIA);
	struct ims_str value;
	unsigned n = 0;

	while (n < 2 && ims_sip_walk_next(&w, &value))
		n++;
	return n < 2 ? status : 502;
}

/* Without an offer: what the policy says [RFC 3329 2.3.1]. */
static unsigned no_offer(struct ims_pcscf *p, const struct ims_pcscf_in *in)
{
	bool wants = requires(in->m);

	if (!wants && p->conf.security == IMS_PCSCF_ALLOWED)
		return 0;
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_NO_AGREEMENT, 0,
		      "REGISTER without Security-Client");
	wants |= ims_sip_lists(in->m, IMS_SIP_SUPPORTED, "sec-agree");
	return ask_for(in->m, wants ? 494 : 421);
}

unsigned ims_pcscf_offer(struct ims_pcscf *p, const struct ims_pcscf_in *in,
			 char text[static IMS_PCSCF_OFFER])
{
	struct ims_sip_sec list[IMS_SIP_SEC_MAX];
	struct ims_secagree_end ue = {0};
	struct ims_ipsec_suite suite;
	struct ims_flaw why = {0};
	struct ims_buf b;
	size_t n;
	int err;

	text[0] = 0;
	if (p->conf.security == IMS_PCSCF_OFF)
		return 0;
	if (!ims_sip_has(in->m, IMS_SIP_SECURITY_CLIENT))
		return no_offer(p, in);
	ims_buf_init(&b, text, IMS_PCSCF_OFFER - 1);
	err = ims_pcscf_join(in->m, IMS_SIP_SECURITY_CLIENT, &b);
	if (!err)
		err = ims_sip_sec_list(ims_buf_str(&b), list, IMS_SIP_SEC_MAX,
				       &n, &why);
	if (!err)
		err = ims_secagree_pick(&p->conf.policy, list, n, &suite, &ue,
					&why);
	text[b.n] = 0;
	if (!err)
		return 0;
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, err, 0, "Security-Client: %s",
		      why.text);
	return err == -IMS_E_NO_MECH || err == -IMS_E_SEC_PARAM
		       ? ask_for(in->m, 494)
		       : 400;
}

int ims_pcscf_verify(const struct ims_pcscf_set *s, const struct ims_sip_msg *m,
		     bool must, struct ims_flaw *why)
{
	struct ims_sip_sec sent[IMS_SIP_SEC_MAX], got[IMS_SIP_SEC_MAX];
	size_t n_sent, n_got;

	if (!ims_sip_has(m, IMS_SIP_SECURITY_VERIFY))
		return must ? ims_flaw(why, -IMS_E_VERIFY,
				       "Security-Verify is missing")
			    : 0;
	if (ims_sip_sec_list(ims_str(s->server), sent, IMS_SIP_SEC_MAX, &n_sent,
			     why) ||
	    ims_sip_sec_get(m, IMS_SIP_SECURITY_VERIFY, got, IMS_SIP_SEC_MAX,
			    &n_got, why))
		return -IMS_E_VERIFY;
	return ims_secagree_verify(sent, n_sent, got, n_got, why);
}

int ims_pcscf_same_client(const struct ims_pcscf_set *s,
			  const struct ims_sip_msg *m, struct ims_flaw *why)
{
	struct ims_sip_sec first[IMS_SIP_SEC_MAX], second[IMS_SIP_SEC_MAX];
	size_t n1, n2;

	if (!ims_sip_has(m, IMS_SIP_SECURITY_CLIENT))
		return ims_flaw(why, -IMS_E_CLIENT_CHANGED,
				"Security-Client is missing");
	if (ims_sip_sec_list(ims_str(s->client), first, IMS_SIP_SEC_MAX, &n1,
			     why) ||
	    ims_sip_sec_get(m, IMS_SIP_SECURITY_CLIENT, second, IMS_SIP_SEC_MAX,
			    &n2, why))
		return -IMS_E_CLIENT_CHANGED;
	return ims_secagree_same_client(first, n1, second, n2, why);
}
