/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_guard.c - what may come on which flow, and to whom it then goes.
 *
 * Spec: TS 33.203 7.1, 7.2; TS 24.229 5.2.2, 5.2.6.
 */
#include "pcscf_priv.h"

static bool is_protected_port(const struct ims_pcscf *p, struct ims_addr a)
{
	if (!ims_ip_eq(a.ip, p->conf.gm.ip))
		return false;
	for (size_t i = 0; i < p->conf.n_port_pc; i++)
		if (a.port == p->conf.port_pc[i])
			return true;
	return ims_pcscf_is_port_ps(p, a.port);
}

static void drop(struct ims_pcscf *p, const struct ims_flow *flow, int err)
{
	char from[IMS_ADDR_TEXT];

	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, err, flow->set,
		      "dropped, from %s", ims_addr_text(flow->remote, from));
}

/* The set that protects it, and whose it is.  The host vouches for the set;
 * that the ports are those of an SA that comes in here is looked at again.
 */
static int look_up(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	if (in->flow->side == IMS_MW)
		return 0;
	if (in->flow->set == 0) {
		if (is_protected_port(p, in->flow->local))
			return -IMS_E_CLEAR;
		in->ue = ims_pcscf_ue_by_flow(p, in->flow);
		return 0;
	}
	in->set = ims_pcscf_set_by_id(p, in->flow->set);
	if (!in->set)
		return -IMS_E_ESP_SPI;
	if (ims_ipsec_arrow(&in->set->sas, in->flow, false) < 0)
		return -IMS_E_ESP_SELECTOR;
	in->ue = in->set->ue;
	return 0;
}

/* Answers leave from port_pc to port_us; on TCP that is where a connection is
 * opened if theirs is gone.
 */
static void aim(struct ims_pcscf *p, const struct ims_pcscf_in *in)
{
	const struct ims_pcscf_set *s = in->set;
	struct ims_flow back;

	if (in->m->method != IMS_SIP_REGISTER &&
	    in->flow->transport == IMS_UDP && ims_pcscf_set_established(s))
		s = ims_pcscf_set_to(in->ue);
	back = ims_role_flow(&s->sas, in->flow->transport);
	ims_txns_reply_on(&p->txns, in->txn, &back);
}

static void request(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	if (in->flow->side == IMS_MW) {
		ims_pcscf_down(p, in);
		return;
	}
	if (in->set)
		aim(p, in);
	if (in->m->method == IMS_SIP_REGISTER)
		ims_pcscf_register(p, in);
	else
		ims_pcscf_up(p, in);
}

static void answer(struct ims_pcscf *p, uint32_t ref,
		   const struct ims_sip_msg *m, uint64_t now_ms)
{
	struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, ref);

	if (!r)
		return;
	switch (r->way) {
	case IMS_WAY_REGISTER:
		ims_pcscf_register_answer(p, r, m, now_ms);
		break;
	case IMS_WAY_OWN:
		ims_pcscf_watch_answer(p, r, m);
		break;
	case IMS_WAY_UP:
	case IMS_WAY_DOWN:
		ims_pcscf_relay_answer(p, r, m, now_ms);
		break;
	}
}

/* A request that comes again says that the UE is there, but not that it has had
 * the 200 to it, and uses the new set.
 */
static void take(struct ims_pcscf *p, struct ims_pcscf_in *in)
{
	struct ims_txn_hit hit =
		ims_txns_recv(&p->txns, in->flow, in->m, in->now_ms);

	if (in->set && hit.kind == IMS_TXN_AGAIN)
		in->set->doubt_at = 0;
	else if (in->set)
		ims_pcscf_set_heard(p, in->set, in->now_ms);
	switch (hit.kind) {
	case IMS_TXN_NEW:
		in->txn = hit.id;
		request(p, in);
		break;
	case IMS_TXN_ANSWER:
		answer(p, hit.ref, in->m, in->now_ms);
		break;
	case IMS_TXN_FULL:
		ims_pcscf_refuse_stateless(p, in, 503);
		break;
	case IMS_TXN_AGAIN:
	case IMS_TXN_STRAY:
		break;
	}
}

/* What cannot be read is answered if it can be, as whoever sent it has to know;
 * and told, as whoever looks on has to.
 */
static void unreadable(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		       const struct ims_sip_flaw *why)
{
	bool answered = in->m->request && why->status;
	char from[IMS_ADDR_TEXT];

	ims_trace(p->trace, IMS_WARN, "pcscf_guard", "%s", why->flaw.text);
	if (in->m->request || in->set)
		ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, why->flaw.err,
			      in->flow->set, "%s, from %s: %s",
			      answered ? "refused" : "dropped",
			      ims_addr_text(in->flow->remote, from),
			      why->flaw.text);
	if (answered)
		ims_pcscf_refuse_stateless(p, in, why->status);
}

void ims_pcscf_message(struct ims_pcscf *p, const struct ims_ev *ev,
		       uint64_t now_ms)
{
	struct ims_sip_msg m;
	struct ims_sip_flaw why = {0};
	struct ims_pcscf_in in = {.flow = &ev->flow, .m = &m, .now_ms = now_ms};
	int err = look_up(p, &in);

	if (err) {
		drop(p, &ev->flow, err);
		return;
	}
	if (ims_pcscf_ping(p, &in, ev->bytes)) {
		if (in.set)
			ims_pcscf_set_heard(p, in.set, now_ms);
		return;
	}
	if (ims_sip_msg_parse(ev->bytes, &m, &why)) {
		unreadable(p, &in, &why);
		return;
	}
	take(p, &in);
}

void ims_pcscf_unanswered(struct ims_pcscf *p, uint32_t ref, bool unsent,
			  uint64_t now_ms)
{
	struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, ref);
	unsigned status = unsent ? 503 : 408;

	if (!r)
		return;
	if (r->way == IMS_WAY_REGISTER) {
		ims_pcscf_register_failed(p, r, status, now_ms);
		return;
	}
	if (r->way == IMS_WAY_OWN) {
		ims_pcscf_watch_answer(p, r, NULL);
		return;
	}
	if (r->way == IMS_WAY_DOWN && unsent &&
	    ims_pcscf_down_again(p, r, now_ms))
		return;
	if (r->way == IMS_WAY_DOWN && unsent)
		status = r->outbound ? 430 : 480;
	ims_pcscf_relay_refuse(p, r, status, now_ms);
	ims_pcscf_relay_free(p, r);
}
