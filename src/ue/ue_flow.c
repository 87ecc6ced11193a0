/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_flow.c - keep-alives on the flow to the P-CSCF.
 *
 * Only where the network asked for it, by a value in Via;keep or a Flow-Timer,
 * or the user did: on a cellular network they keep the radio awake.  Over TCP
 * two line ends are a ping and one is its pong, over UDP it is a STUN binding
 * request.  A flow that gives no answer is tried with a REGISTER: if that gets
 * none either, the UE registers from the beginning.
 *
 * Spec: RFC 5626 4.4, 5.4; RFC 5389 6, 15.2; RFC 6223 4, 6; spec.md 20.
 */
#include "ue_priv.h"

#include "sip_via.h"

#define PING IMS_S("\r\n\r\n")
#define PONG IMS_S("\r\n")
#define PONG_MS 10000 /* [RFC 5626 4.4.1] */
#define TCP_S 120     /* if the network names no time [RFC 5626 4.4.1] */
#define UDP_S 29      /* [RFC 5626 4.4.2] */
#define EVERY_MAX_S 86400
#define STUN_TRIES 7
#define STUN_RTO_MS 500

static bool over_tcp(const struct ims_ue *ue)
{
	return ue->register_transport == IMS_TCP;
}

static void next_ping(struct ims_ue *ue)
{
	uint64_t ms = UINT64_C(1000) * ue->flow.every_s;

	ue->flow.waiting = false;
	ims_ue_timer_off(ue, UE_T_PONG);
	/* At random in 80..100 % of it, so that not all phones of a cell come
	 * at once.
	 */
	ms -= ims_rand_below(&ue->rnd, (uint32_t)(ms / 5) + 1);
	ims_ue_timer(ue, UE_T_PING, ms);
}

/* Via;keep=30 of the answer; false: nobody said that he wants any. */
static bool via_keep(const struct ims_sip_msg *m, uint32_t *s)
{
	struct ims_sip_via via;
	struct ims_sip_param p;

	return !ims_sip_via_top(m, &via) &&
	       ims_sip_param_find(via.params, "keep", &p) && p.has_value &&
	       !ims_str_u32(p.value, UINT32_MAX, s);
}

static uint32_t asked_for(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint32_t s;

	ue->flow.asked = true;
	if (ue->outbound && !ims_sip_number(m, IMS_SIP_FLOW_TIMER, &s) && s)
		return s;
	if (ue->conf.keep && via_keep(m, &s))
		return s ? s : over_tcp(ue) ? TCP_S : UDP_S;
	ue->flow.asked = false;
	return ue->conf.keep_alive_s;
}

void ims_ue_flow_take(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint32_t s = asked_for(ue, m);

	ue->flow.every_s = s < EVERY_MAX_S ? s : EVERY_MAX_S;
	ue->flow.tries = 0;
	ue->flow.waiting = false;
	ims_ue_timer_off(ue, UE_T_PING);
	ims_ue_timer_off(ue, UE_T_PONG);
	if (ue->flow.every_s)
		next_ping(ue);
}

void ims_ue_flow_forget(struct ims_ue *ue)
{
	ue->flow.every_s = 0;
	ue->flow.waiting = false;
	ue->flow.mapped.port = 0;
	ims_ue_timer_off(ue, UE_T_PING);
	ims_ue_timer_off(ue, UE_T_PONG);
}

static void send_stun(struct ims_ue *ue, const struct ims_flow *flow)
{
	uint8_t msg[UE_STUN_LEN];

	ims_ue_stun_put(ue->flow.stun, msg);
	ims_acts_send(&ue->acts, flow, ims_str_n(msg, sizeof msg), 0);
}

/* 500 ms, twice that, ...; the last is waited for 16 times as long. */
static uint64_t stun_wait_ms(unsigned tries)
{
	return tries < STUN_TRIES ? (uint64_t)STUN_RTO_MS << (tries - 1)
				  : UINT64_C(16) * STUN_RTO_MS;
}

static void send_ping(struct ims_ue *ue)
{
	struct ims_flow flow;

	ims_ue_flow(ue, ue->now.id ? &ue->now : NULL,
		    over_tcp(ue) ? IMS_TCP : IMS_UDP, &flow);
	ue->flow.tries++;
	if (!over_tcp(ue) && !ue->flow.asked) {
		/* Who was not asked may not know STUN: this keeps a way open
		 * and wants no answer.
		 */
		ims_acts_send(&ue->acts, &flow, PING, 0);
		next_ping(ue);
	} else if (over_tcp(ue)) {
		ims_acts_send(&ue->acts, &flow, PING, 0);
		ims_ue_timer(ue, UE_T_PONG, PONG_MS);
	} else {
		send_stun(ue, &flow);
		ims_ue_timer(ue, UE_T_PONG, stun_wait_ms(ue->flow.tries));
	}
}

void ims_ue_ping(struct ims_ue *ue)
{
	if (!ims_ue_reg_lives(ue) || ue->flow.every_s == 0)
		return;
	/* A REGISTER under way says as much. */
	if (ue->reg != UE_REGISTERED) {
		next_ping(ue);
		return;
	}
	if (ims_rand_fill(&ue->rnd, ue->flow.stun, sizeof ue->flow.stun)) {
		next_ping(ue);
		return;
	}
	ue->flow.tries = 0;
	ue->flow.waiting = true;
	ue->flow.pings++;
	send_ping(ue);
}

static void dead(struct ims_ue *ue, const char *why)
{
	ue->flow.waiting = false;
	ims_ue_timer_off(ue, UE_T_PONG);
	if (ue->reg != UE_REGISTERED) {
		next_ping(ue);
		return;
	}
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_SILENCE, ue->now.id,
		      "%s: registering again", why);
	ims_ue_reg_step(ue, ON_REFRESH_DUE, NULL);
}

void ims_ue_pong_late(struct ims_ue *ue)
{
	if (!ue->flow.waiting)
		return;
	if (!over_tcp(ue) && ue->flow.tries < STUN_TRIES)
		send_ping(ue);
	else
		dead(ue, "the keep-alive was not answered");
}

/* Is it on the flow that the ping went out on? */
static bool is_ours(const struct ims_ue *ue, const struct ims_flow *flow)
{
	return flow->set == ue->now.id &&
	       (flow->set || ims_ip_eq(flow->remote.ip, ims_ue_pcscf(ue).ip));
}

/* Another address in the answer: what was between us and the P-CSCF is not
 * there any more [RFC 5626 4.4.2].
 */
static bool has_moved(struct ims_ue *ue, struct ims_str bytes)
{
	struct ue_flow *f = &ue->flow;
	struct ims_addr was = f->mapped;
	bool same = f->mapped_set == ue->now.id;

	if (!ims_ue_stun_mapped(bytes, &f->mapped))
		return false;
	f->mapped_set = ue->now.id;
	return same && was.port && !ims_addr_eq(was, f->mapped);
}

bool ims_ue_pong(struct ims_ue *ue, const struct ims_flow *flow,
		 struct ims_str bytes)
{
	bool tcp = flow->transport == IMS_TCP;

	/* Whatever begins so is no SIP. */
	if (!ims_str_eq(bytes, PONG) &&
	    (bytes.n == 0 || (uint8_t)bytes.p[0] > 0x01))
		return false;
	if (!ue->flow.waiting || tcp != over_tcp(ue) || !is_ours(ue, flow) ||
	    !(tcp ? ims_str_eq(bytes, PONG)
		  : ims_ue_stun_is_answer(ue->flow.stun, bytes)))
		return true;
	ue->flow.pongs++;
	if (!tcp && has_moved(ue, bytes))
		dead(ue, "the P-CSCF sees us at another address");
	else
		next_ping(ue);
	return true;
}
