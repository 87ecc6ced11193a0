/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_first.c - acts of the registration's machine: from START to the 200.
 *
 * Challenges, offers and SAs are the same for a renewal and for the last
 * REGISTER: their acts are here, too.
 *
 * Spec: TS 24.229 5.1.1.2, 5.1.1.5; TS 33.203 6.1, 7.2; spec.md 8, 9, 15.
 */
#include "ue_reg_priv.h"

#define STEP_MS 30000 /* SIM and IPsec are local: they answer, or never will */

const struct ue_set *ims_ue_reg_in_use(const struct ims_ue *ue)
{
	return ue->now.id ? &ue->now : NULL;
}

/* What cannot be sent is a step that failed: the timer says so at once. */
void ims_ue_reg_send(struct ims_ue *ue, const struct ue_set *over)
{
	ims_ue_timer_off(ue, UE_T_STEP);
	if (ims_ue_send_register(ue, over))
		ims_ue_timer(ue, UE_T_STEP, 0);
}

void ims_ue_reg_offer_and_send(struct ims_ue *ue)
{
	int err = ue->offering ? ims_ue_offer(ue) : 0;

	if (err) {
		ims_flaw(&ue->unsent, err, "no offer can be made");
		ims_ue_timer(ue, UE_T_STEP, 0);
		return;
	}
	ims_ue_reg_send(ue, ims_ue_reg_in_use(ue));
}

void ims_ue_reg_begin(struct ims_ue *ue)
{
	ue->challenges = 0;
	ue->bad = 0;
	ue->brief = false;
	ue->restarted = false;
	ue->avoid = false;
	ue->pause_s = 0;
	ue->ask_expires = ue->conf.expires;
}

void ims_ue_reg_new_call(struct ims_ue *ue)
{
	struct ue_call *c = ims_ue_call(ue);

	ims_role_token(&ue->rnd, c->id, sizeof c->id - 1);
	ims_role_token(&ue->rnd, c->tag, sizeof c->tag - 1);
	c->cseq = 0;
	ue->creds = UE_CREDS_FIRST;
}

void ims_ue_reg_forget(struct ims_ue *ue)
{
	if (ue->txn)
		ims_txns_cancel(&ue->txns, ue->txn);
	ue->txn = 0;
	ims_ue_timer_off(ue, UE_T_STEP);
}

void ims_ue_reg_take_down(struct ims_ue *ue, bool retire)
{
	ims_ue_reg_forget(ue);
	ims_ue_sub_step(ue, SUB_STOP, NULL);
	ims_ue_more_stop(ue);
	for (int t = 0; t < UE_N_TIMERS; t++)
		ims_ue_timer_off(ue, (enum ue_timer)t);
	if (retire)
		ims_ue_retire_all(ue);
	else
		ims_ue_drop_all(ue);
	ims_ue_auth_wipe(ue);
	ims_ue_ok_forget(ue);
	ue->unchallenged = false; /* the P-CSCF may still know the numbers */
	ims_ue_unkeep(ue);
}

void ims_ue_reg_attempt(struct ims_ue *ue)
{
	ims_ue_reg_begin(ue);
	ims_ue_reg_new_call(ue);
	ue->leaving = ue->leave_all = false;
	ue->end = (struct ims_flaw){0};
	ue->offering = ue->conf.offer == IMS_UE_OFFER_FIRST;
	ue->fell_back = false;
	ims_ue_reg_offer_and_send(ue);
}

void ims_ue_do_first(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_timer_off(ue, UE_T_WAIT);
	ims_ue_round(ue, false);
	ims_ue_reg_attempt(ue);
}

void ims_ue_do_offer(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ue->offering = true;
	ue->creds = UE_CREDS_FIRST;
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, 0,
		      "the network wants sec-agree: offering it now");
	ims_ue_reg_offer_and_send(ue);
}

void ims_ue_do_fall_back(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, -IMS_E_NO_AGREEMENT, 0,
		      "%u to sec-agree: again without it", m->status);
	ue->fell_back = true;
	ue->offering = false;
	ue->creds = UE_CREDS_FIRST;
	ims_ue_reg_offer_and_send(ue);
}

/* Once more with the longer expiry, and all else as it was. */
void ims_ue_do_again(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_reg_send(ue, ue->temp.id ? &ue->temp : ims_ue_reg_in_use(ue));
}

/* What was agreed on in this attempt is of no use, and its challenge neither. */
void ims_ue_do_restart(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, 0,
		      "%s; again, with a new offer", ue->why.text);
	ims_ue_reg_forget(ue);
	ims_ue_drop(ue, &ue->temp);
	ims_ue_auth_wipe(ue);
	ue->unchallenged = false;
	ims_ue_reg_new_call(ue);
	ims_ue_reg_offer_and_send(ue);
}

void ims_ue_do_next(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_flaw why = ue->why;
	char to[IMS_ADDR_TEXT];

	(void)m;
	ims_ue_reg_forget(ue);
	ims_ue_drop(ue, &ue->temp);
	ims_ue_auth_wipe(ue);
	ims_ue_next_pcscf(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, why.err, 0,
		      "%s; trying the P-CSCF at %s", why.text,
		      ims_addr_text(ims_ue_pcscf(ue), to));
	ims_ue_reg_attempt(ue);
}

void ims_ue_do_wait(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_flaw why = ue->why;
	uint64_t ms;

	(void)m;
	ue->rounds++;
	ms = ims_ue_pause_ms(ue);
	ims_ue_reg_take_down(ue, false);
	ims_ue_timer(ue, UE_T_WAIT, ms);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, why.err, 0,
		      "not registered: %s; again in %llu s", why.text,
		      (unsigned long long)(ms / 1000));
}

void ims_ue_do_ask_sim(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_ask_sim(ue);
	ims_ue_timer(ue, UE_T_STEP, STEP_MS);
}

/* The SIM has answered: the SAs come first, so that the REGISTER which proves
 * RES already goes through them [33.203 7.2].
 */
void ims_ue_do_secure(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	int err = ims_ue_add_temp(ue);

	(void)m;
	ims_ue_timer(ue, UE_T_STEP, err ? 0 : STEP_MS);
	if (err)
		ue->unsent = ue->why;
}

void ims_ue_do_respond(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ue->creds = UE_CREDS_ANSWER;
	ims_ue_reg_send(ue, ue->temp.id ? &ue->temp : ims_ue_reg_in_use(ue));
}

/* The challenge was not good: no SAs from it, and new SPIs and port_uc in the
 * next offer [24.229 5.1.1.5.3].
 */
static void refuse_challenge(struct ims_ue *ue, enum ue_creds creds)
{
	ims_ue_drop(ue, &ue->temp);
	ue->creds = creds;
	ue->unchallenged = false;
	ims_ue_reg_offer_and_send(ue);
}

void ims_ue_do_auts(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	refuse_challenge(ue, UE_CREDS_AUTS);
}

void ims_ue_do_empty(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	refuse_challenge(ue, UE_CREDS_EMPTY);
}

void ims_ue_do_last(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	if (ue->conf.leave_ms)
		ims_ue_timer(ue, UE_T_LEAVE, ue->conf.leave_ms);
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, 0,
		      "stopping: waits for the answer to REGISTER first");
}

static void forget_all(struct ims_ue *ue)
{
	ims_ue_reg_take_down(ue, false);
	ims_ue_offer_forget(ue);
	ims_ue_retry_forget(ue);
}

void ims_ue_do_give_up(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_flaw why = ue->why;

	(void)m;
	forget_all(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_FAILED, why.err, 0, "%s", why.text);
}

void ims_ue_do_abandon(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	forget_all(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_DEREGISTERED, 0, 0, "not registered");
}

void ims_ue_do_finish(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_flaw end = ue->end;

	(void)m;
	forget_all(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_DEREGISTERED, end.err, 0, "%s%s",
		      end.err ? "all is taken down; " : "deregistered",
		      end.text);
}
