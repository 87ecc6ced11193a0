/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_reg.c - the security context of one UE, from its first REGISTER to its
 * last set.
 *
 * What a message means is decided before it gets here (pcscf_register.c and
 * pcscf_answer.c make the event).  One REGISTER at a time is in progress, the
 * "round"; what became of earlier ones lives on as sets (pcscf_sets.c).
 *
 * Spec: TS 24.229 5.2.2; TS 33.203 7.
 */
#include <stdlib.h>
#include <string.h>

#include "pcscf_priv.h"
#include "sip_addr.h"

enum {
	IDLE,
	ASKING,     /* REGISTER in the clear is with the core */
	SECURING,   /* challenged by the core; the SAs are being installed */
	CHALLENGED, /* the UE has the challenge, its temporary set waits */
	PROVING,    /* REGISTER over the temporary set is with the core */
	REGISTERED,
	REFRESHING, /* REGISTER over an established set is with the core */
	LEAVING,    /* no more registered; the sets carry what is on its way */
};

typedef void action(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		    const struct ims_pcscf_reg_ev *ev);
static action ask, prove, busy, secure, challenge, enter, leave, fail, lose,
	end, note_end;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	{{IDLE,       IMS_ON_REGISTER,  ASKING,     "24.229 5.2.2"},   ask},
	{{ASKING,     IMS_ON_REGISTER,  ASKING,     "24.229 5.2.2"},   ask},
	{{ASKING,     IMS_ON_REFRESH,   REFRESHING, "24.229 5.2.2"},   ask},
	{{ASKING,     IMS_ON_CHALLENGE, SECURING,   "33.203 7.2"},     secure},
	{{ASKING,     IMS_ON_OK,        REGISTERED, "24.229 5.2.2"},   enter},
	{{ASKING,     IMS_ON_GONE,      LEAVING,    "24.229 5.2.5.1"}, leave},
	{{ASKING,     IMS_ON_FAIL,      IDLE,       "24.229 5.2.2"},   fail},
	{{ASKING,     IMS_ON_FAIL_KEPT, REGISTERED, "24.229 5.2.2"},   fail},
	{{ASKING,     IMS_ON_ENDED,     ASKING,     "24.229 5.2.5.2"}, note_end},
	{{SECURING,   IMS_ON_REGISTER,  ASKING,     "24.229 5.2.2"},   ask},
	{{SECURING,   IMS_ON_REFRESH,   REFRESHING, "24.229 5.2.2"},   ask},
	{{SECURING,   IMS_ON_SECURED,   CHALLENGED, "33.203 7.2"},     challenge},
	{{SECURING,   IMS_ON_FAIL,      IDLE,       "33.203 7.3"},     fail},
	{{SECURING,   IMS_ON_FAIL_KEPT, REGISTERED, "33.203 7.3"},     fail},
	{{SECURING,   IMS_ON_ENDED,     SECURING,   "24.229 5.2.5.2"}, note_end},
	{{CHALLENGED, IMS_ON_REGISTER,  ASKING,     "24.229 5.2.2"},   ask},
	{{CHALLENGED, IMS_ON_REFRESH,   REFRESHING, "24.229 5.2.2"},   ask},
	{{CHALLENGED, IMS_ON_RESPONSE,  PROVING,    "33.203 7.2"},     prove},
	{{CHALLENGED, IMS_ON_FAIL,      IDLE,       "33.203 7.3"},     fail},
	{{CHALLENGED, IMS_ON_FAIL_KEPT, REGISTERED, "33.203 7.3"},     fail},
	{{CHALLENGED, IMS_ON_ENDED,     CHALLENGED, "24.229 5.2.5.2"}, note_end},
	{{PROVING,    IMS_ON_REGISTER,  PROVING,    "RFC 3261 10.2"},  busy},
	{{PROVING,    IMS_ON_REFRESH,   PROVING,    "RFC 3261 10.2"},  busy},
	{{PROVING,    IMS_ON_RESPONSE,  PROVING,    "RFC 3261 10.2"},  busy},
	{{PROVING,    IMS_ON_OK,        REGISTERED, "33.203 7.4"},     enter},
	{{PROVING,    IMS_ON_GONE,      LEAVING,    "24.229 5.2.5.1"}, leave},
	{{PROVING,    IMS_ON_FAIL,      IDLE,       "33.203 7.3"},     fail},
	{{PROVING,    IMS_ON_FAIL_KEPT, REGISTERED, "33.203 7.3"},     fail},
	{{PROVING,    IMS_ON_ENDED,     PROVING,    "24.229 5.2.5.2"}, note_end},
	{{REGISTERED, IMS_ON_REGISTER,  ASKING,     "24.229 5.2.2"},   ask},
	{{REGISTERED, IMS_ON_REFRESH,   REFRESHING, "24.229 5.2.2"},   ask},
	{{REGISTERED, IMS_ON_LOST,      IDLE,       "33.203 7.4"},     lose},
	{{REGISTERED, IMS_ON_ENDED,     LEAVING,    "24.229 5.2.5.2"}, end},
	{{REFRESHING, IMS_ON_REGISTER,  REFRESHING, "RFC 3261 10.2"},  busy},
	{{REFRESHING, IMS_ON_REFRESH,   REFRESHING, "RFC 3261 10.2"},  busy},
	{{REFRESHING, IMS_ON_CHALLENGE, SECURING,   "33.203 7.2"},     secure},
	{{REFRESHING, IMS_ON_OK,        REGISTERED, "24.229 5.2.2"},   enter},
	{{REFRESHING, IMS_ON_GONE,      LEAVING,    "24.229 5.2.5.1"}, leave},
	{{REFRESHING, IMS_ON_FAIL,      IDLE,       "24.229 5.2.2"},   fail},
	{{REFRESHING, IMS_ON_FAIL_KEPT, REGISTERED, "24.229 5.2.2"},   fail},
	{{REFRESHING, IMS_ON_ENDED,     REFRESHING, "24.229 5.2.5.2"}, note_end},
	{{LEAVING,    IMS_ON_REGISTER,  ASKING,     "24.229 5.2.2"},   ask},
	{{LEAVING,    IMS_ON_LOST,      IDLE,       "24.229 5.2.5.1"}, lose},
};

static const char *const states[] = {
	[IDLE] = "idle", [ASKING] = "asking", [SECURING] = "securing",
	[CHALLENGED] = "challenged", [PROVING] = "proving",
	[REGISTERED] = "registered", [REFRESHING] = "refreshing",
	[LEAVING] = "leaving",
};

static const char *const events[] = {
	[IMS_ON_REGISTER] = "register", [IMS_ON_RESPONSE] = "response",
	[IMS_ON_REFRESH] = "refresh", [IMS_ON_CHALLENGE] = "challenge",
	[IMS_ON_SECURED] = "secured", [IMS_ON_OK] = "ok",
	[IMS_ON_GONE] = "gone", [IMS_ON_FAIL] = "fail",
	[IMS_ON_FAIL_KEPT] = "fail-kept", [IMS_ON_LOST] = "lost",
	[IMS_ON_ENDED] = "ended",
};
/* clang-format on */

const struct ims_fsm ims_pcscf_reg_fsm =
	IMS_FSM("pcscf-reg", rows, states, events);

void ims_pcscf_reg_step(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			enum ims_pcscf_reg_event on,
			const struct ims_pcscf_reg_ev *ev)
{
	int i = ims_fsm_step(&ims_pcscf_reg_fsm, &ue->state, on, p->trace);

	if (i >= 0)
		rows[i].act(p, ue, ev);
	else if (ev->in)
		ims_pcscf_refuse(p, ev->in, 500, NULL);
}

static bool established(const struct ims_pcscf_ue *ue)
{
	return ims_pcscf_set_of(ue, IMS_SET_IN_USE) ||
	       ims_pcscf_set_of(ue, IMS_SET_NEW) ||
	       ims_pcscf_set_of(ue, IMS_SET_OLD);
}

static bool reachable(const struct ims_pcscf_ue *ue)
{
	return ue->registered && (ue->clear || established(ue));
}

void ims_pcscf_reg_fail(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			const struct ims_pcscf_reg_ev *ev)
{
	ims_pcscf_reg_step(p, ue,
			   reachable(ue) ? IMS_ON_FAIL_KEPT : IMS_ON_FAIL, ev);
	ims_pcscf_ue_settle(p, ue, ev->now_ms);
}

bool ims_pcscf_reg_lost(const struct ims_pcscf_ue *ue)
{
	if (ue->state == REGISTERED)
		return !reachable(ue);
	return ue->state == LEAVING && !ue->sets;
}

bool ims_pcscf_reg_idle(const struct ims_pcscf_ue *ue)
{
	return ue->state == IDLE;
}

void ims_pcscf_reg_restored(struct ims_pcscf_ue *ue)
{
	ue->state = REGISTERED;
}

static void drop_held(struct ims_pcscf_ue *ue)
{
	free(ue->held);
	ue->held = NULL;
	ue->held_len = 0;
}

static struct ims_pcscf_relay *end_round(struct ims_pcscf *p,
					 struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, ue->round);

	ue->round = 0;
	return r;
}

/* Another REGISTER takes the place of the one in progress. */
static void give_up_round(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			  uint64_t now_ms)
{
	struct ims_pcscf_relay *r = end_round(p, ue);

	drop_held(ue);
	if (!r)
		return;
	ims_txns_cancel(&p->txns, r->client);
	ims_pcscf_relay_refuse(p, r, 500, now_ms);
	ims_pcscf_relay_free(p, r);
}

static void pass_on(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		    const struct ims_pcscf_reg_ev *ev)
{
	int err = ims_pcscf_text(&ue->offer, ims_str(ev->offer));

	if (!err)
		err = ims_pcscf_register_send(p, ue, ev->in);
	if (!err)
		return;
	ims_pcscf_refuse(p, ev->in, err == -IMS_E_TOOBIG ? 513 : 503, NULL);
	ims_pcscf_reg_step(p, ue,
			   reachable(ue) ? IMS_ON_FAIL_KEPT : IMS_ON_FAIL,
			   &(struct ims_pcscf_reg_ev){.in = ev->in,
						      .now_ms = ev->now_ms});
}

/* An earlier temporary set is of no more use. */
static void ask(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		const struct ims_pcscf_reg_ev *ev)
{
	struct ims_pcscf_set *s = ims_pcscf_set_pending(ue);

	give_up_round(p, ue, ev->now_ms);
	if (s)
		ims_pcscf_set_drop(p, s);
	pass_on(p, ue, ev);
}

static void prove(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		  const struct ims_pcscf_reg_ev *ev)
{
	pass_on(p, ue, ev);
}

static void busy(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		 const struct ims_pcscf_reg_ev *ev)
{
	(void)ue;
	ims_pcscf_refuse(p, ev->in, 500, NULL);
}

static int hold(struct ims_pcscf_ue *ue, const struct ims_buf *b)
{
	char *copy = b->over ? NULL : malloc(b->n);

	if (!copy)
		return b->over ? -IMS_E_TOOBIG : -IMS_E_NOMEM;
	memcpy(copy, b->p, b->n);
	drop_held(ue);
	ue->held = copy;
	ue->held_len = b->n;
	return 0;
}

/* The SAs come first: the 401 waits until they are there, so that the UE never
 * talks into nothing [33.203 7.2].
 */
static void secure(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		   const struct ims_pcscf_reg_ev *ev)
{
	struct ims_pcscf_relay *r = ims_pcscf_relay_find(p, ue->round);
	struct ims_buf b = ims_pcscf_out(p);
	struct ims_pcscf_set *s = NULL;
	struct ims_flaw why = {0};
	unsigned status = 503;
	int err;

	if (r->flow.set == 0)
		ims_pcscf_end_doubts(p, ue, ev->now_ms);
	err = ims_pcscf_set_make(p, ue, ev->ck, ev->ik, &s, &why);
	if (!err) {
		ims_pcscf_put_answer(p, r, ev->answer, s->server, &b);
		err = hold(ue, &b);
	}
	if (!err)
		return;
	if (err == -IMS_E_NO_MECH || err == -IMS_E_SEC_PARAM)
		status = 494;
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, err, 0, "%s: %s", ue->impi,
		      why.text);
	ims_pcscf_reg_step(p, ue,
			   reachable(ue) ? IMS_ON_FAIL_KEPT : IMS_ON_FAIL,
			   &(struct ims_pcscf_reg_ev){.status = status,
						      .now_ms = ev->now_ms});
}

static void challenge(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		      const struct ims_pcscf_reg_ev *ev)
{
	struct ims_pcscf_set *s = ims_pcscf_set_of(ue, IMS_SET_PENDING);
	struct ims_pcscf_relay *r = end_round(p, ue);

	ims_pcscf_set_end_at(p, s, ev->now_ms + p->conf.reg_await_auth_ms);
	if (r) {
		ims_txns_respond(&p->txns, r->server,
				 ims_str_n(ue->held, ue->held_len), 401,
				 ev->now_ms);
		ims_pcscf_relay_free(p, r);
	}
	drop_held(ue);
}

/* With the core's words, else with ours. */
static void answer(struct ims_pcscf *p, struct ims_pcscf_relay *r,
		   const struct ims_pcscf_reg_ev *ev)
{
	struct ims_buf b = ims_pcscf_out(p);

	if (ev->answer) {
		ims_pcscf_put_answer(p, r, ev->answer, NULL, &b);
		ims_pcscf_relay_respond(p, r, &b, ev->answer->status,
					ev->now_ms);
		return;
	}
	ims_txns_cancel(&p->txns, r->client);
	ims_pcscf_relay_refuse(p, r, ev->status ? ev->status : 500, ev->now_ms);
}

/* What is established carries what is on its way, and goes. */
static void all_die(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		    enum ims_transport transport, uint64_t now_ms)
{
	for (struct ims_pcscf_set *s = ue->sets; s; s = s->next)
		if (ims_pcscf_set_established(s))
			ims_pcscf_set_die(p, s, transport, now_ms);
}

static void fail(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		 const struct ims_pcscf_reg_ev *ev)
{
	struct ims_pcscf_set *s = ims_pcscf_set_pending(ue);
	struct ims_pcscf_relay *r = end_round(p, ue);
	const struct ims_flow *over = r        ? &r->flow
				      : ev->in ? ev->in->flow
					       : NULL;

	if (r)
		answer(p, r, ev);
	/* the refusal still has to go through it */
	if (s && over && over->set == s->sas.id)
		ims_pcscf_set_die(p, s, over->transport, ev->now_ms);
	else if (s)
		ims_pcscf_set_drop(p, s);
	if (!ue->registered)
		all_die(p, ue, IMS_UDP, ev->now_ms);
	if (r)
		ims_pcscf_relay_free(p, r);
	drop_held(ue);
}

/* Without P-Associated-URI the identity that was registered is the only one. */
static void store_names(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			const struct ims_pcscf_reg_ev *ev)
{
	uint64_t end = ev->now_ms + (uint64_t)ev->expires * 1000;
	struct ims_buf b = ims_pcscf_out(p);
	struct ims_sip_addr to = {0};
	char *impus = NULL;

	ims_pcscf_join_addresses(ev->answer, IMS_SIP_P_ASSOCIATED_URI, &b);
	if (ims_sip_addr_get(ev->answer, IMS_SIP_TO, &to) == 0 && !b.n)
		ims_buf_printf(&b, "<%.*s>", IMS_STR_ARG(to.uri.text));
	if (!ims_pcscf_are_addresses(ims_buf_str(&b)) ||
	    ims_pcscf_text(&impus, ims_buf_str(&b)))
		return;
	ims_pcscf_names_put(p, ue, to.uri.text, impus, end);
	free(impus);
}

static void store(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		  const struct ims_sip_msg *m, const char *contact)
{
	struct ims_buf b = ims_pcscf_out(p);

	ims_pcscf_join_addresses(m, IMS_SIP_SERVICE_ROUTE, &b);
	ims_pcscf_text(&ue->service_route, ims_buf_str(&b));
	ims_pcscf_text(&ue->contact, ims_pcscf_is_uri(ims_str(contact))
					     ? ims_str(contact)
					     : (struct ims_str){0});
}

static void enter_clear(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			const struct ims_pcscf_relay *r, uint64_t until_ms)
{
	struct ims_flow access = r->flow;
	struct ims_sip_uri uri;
	struct ims_addr contact;

	while (ue->sets)
		ims_pcscf_set_drop(p, ue->sets);
	/* where it wants to be reached, but never at another address */
	if (access.transport == IMS_UDP &&
	    ims_sip_uri_parse(ims_str(r->contact), &uri) == 0 &&
	    ims_sip_uri_addr(&uri, 5060, &contact) == 0 &&
	    ims_ip_eq(contact.ip, access.remote.ip))
		access.remote.port = contact.port;
	ims_pcscf_ue_clear(p, ue, &access, until_ms);
}

/* It registers from the beginning. */
static void forget_names(struct ims_pcscf_ue *ue)
{
	ims_pcscf_names_clear(ue);
	ims_pcscf_text(&ue->impus, (struct ims_str){0});
}

static void enter(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		  const struct ims_pcscf_reg_ev *ev)
{
	struct ims_pcscf_relay *r = end_round(p, ue);
	struct ims_pcscf_set *s = ims_pcscf_set_by_id(p, r->flow.set);
	uint64_t until;
	bool before = ue->registered;

	if (!before || (s && s->life == IMS_SET_PENDING && s->initial))
		forget_names(ue);
	if (!ev->one_left)
		store_names(p, ue, ev);
	ue->registered = true;
	ue->ended = false;
	ue->expires_at = ev->now_ms + (uint64_t)ev->expires * 1000;
	if (ims_pcscf_names_end(ue) > ue->expires_at)
		ue->expires_at = ims_pcscf_names_end(ue);
	until = ue->expires_at + 30000;
	if (!ev->one_left)
		store(p, ue, ev->answer, r->contact);
	if (r->flow.set == 0) {
		enter_clear(p, ue, r, until);
	} else if (s) {
		ims_pcscf_ue_clear(p, ue, NULL, 0);
		if (s->life == IMS_SET_PENDING)
			ims_pcscf_set_prove(p, s, until);
		else
			ims_pcscf_set_lengthen(p, s, until);
	}
	/* not if it has meanwhile registered from elsewhere */
	if (reachable(ue))
		ims_pcscf_ue_only(p, ue, r->flow.set);
	ims_pcscf_keep(p, ue);
	answer(p, r, ev);
	ims_acts_tell(&p->acts,
		      before ? IMS_TELL_REFRESHED : IMS_TELL_REGISTERED, 0,
		      r->flow.set, "%s for %u s", ue->impi, ev->expires);
	ims_pcscf_relay_free(p, r);
	ims_pcscf_watch_begin(p, ue);
}

static void leave(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		  const struct ims_pcscf_reg_ev *ev)
{
	struct ims_pcscf_relay *r = end_round(p, ue);

	ue->registered = false;
	ims_pcscf_ue_clear(p, ue, NULL, 0);
	ims_pcscf_keep(p, ue);
	answer(p, r, ev);
	for (struct ims_pcscf_set *s = ue->sets; s; s = s->next)
		ims_pcscf_set_die(p, s, r->flow.transport, ev->now_ms);
	ims_acts_tell(&p->acts, IMS_TELL_INFO, 0, r->flow.set,
		      "%s has de-registered", ue->impi);
	ims_pcscf_relay_free(p, r);
}

static void note_end(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     const struct ims_pcscf_reg_ev *ev)
{
	(void)ev;
	ue->registered = false;
	ims_pcscf_changed(p, ue);
	ims_acts_tell(&p->acts, IMS_TELL_INFO, 0, 0,
		      "the network has ended the registration of %s", ue->impi);
}

/* The UE's own NOTIFY is still to be answered [spec 15.6]. */
static void end(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		const struct ims_pcscf_reg_ev *ev)
{
	note_end(p, ue, ev);
	ue->ended = true;
	ims_pcscf_ue_clear(p, ue, NULL, 0);
	all_die(p, ue, IMS_UDP, ev->now_ms);
}

static void lose(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		 const struct ims_pcscf_reg_ev *ev)
{
	(void)ev;
	if (ue->registered)
		ims_acts_tell(&p->acts, IMS_TELL_INFO, 0, 0,
			      "%s has not re-registered in time", ue->impi);
	ue->registered = false;
	ims_pcscf_changed(p, ue);
}

void ims_pcscf_reg_sa(struct ims_pcscf *p, const struct ims_ev *ev,
		      uint64_t now_ms)
{
	struct ims_pcscf_set *s = ims_pcscf_set_by_id(p, ev->set);
	struct ims_pcscf_reg_ev on = {.status = 503, .now_ms = now_ms};
	struct ims_pcscf_ue *ue;

	/* an answer that comes late, or twice */
	if (!s || s->life != IMS_SET_MAKING)
		return;
	ue = s->ue;
	if (ev->err == 0) {
		ims_pcscf_set_installed(p, s);
		ims_pcscf_reg_step(p, ue, IMS_ON_SECURED, &on);
		return;
	}
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, ev->err, s->sas.id,
		      "%s: the SAs were refused: %s", ue->impi,
		      ev->why ? ev->why->text : ims_err_info(ev->err)->what);
	if (ev->err == -IMS_E_SPI_TAKEN)
		ims_pcscf_doubt(p, s, now_ms);
	ims_pcscf_set_refused(p, s);
	ims_pcscf_reg_fail(p, ue, &on);
}

void ims_pcscf_reg_sa_gone(struct ims_pcscf *p, const struct ims_ev *ev,
			   uint64_t now_ms)
{
	struct ims_pcscf_set *s = ims_pcscf_set_by_id(p, ev->set);
	struct ims_pcscf_ue *ue = s ? s->ue : NULL;
	bool waited;

	if (!s)
		return;
	waited = s == ims_pcscf_set_pending(ue);
	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM,
		      ev->err ? ev->err : -IMS_E_IPSEC, ev->set,
		      "%s: its %s SAs were lost: %s", ue->impi,
		      ims_pcscf_life_name(s->life),
		      ev->why ? ev->why->text : "removed behind our back");
	ims_pcscf_set_lost(p, s);
	if (waited)
		ims_pcscf_reg_fail(p, ue,
				   &(struct ims_pcscf_reg_ev){.status = 503,
							      .now_ms =
								      now_ms});
	else
		ims_pcscf_ue_settle(p, ue, now_ms);
}
