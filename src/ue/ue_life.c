/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_life.c - acts of the registration's machine: from the 200 to the end.
 *
 * Spec: TS 24.229 5.1.1.4, 5.1.1.6, 5.1.1.7; TS 33.203 7.4; RFC 3680 5;
 * spec.md 8, 15.
 */
#include "ue_reg_priv.h"

#define LONG_MS 1200000 /* longer ones are renewed 600 s before their end */
#define EARLY_MS 600000
#define RETRY_MS 60000 /* there is no other try in a shorter rest */
#define BASE_S 90      /* the flow still lives [RFC 5626 4.5] */
/* A registration that lasted so long was a good one. */
#define GOOD_MS 60000
#define THROWN_MAX 3

uint64_t ims_ue_renew_ms(uint64_t life_ms)
{
	if (life_ms > LONG_MS)
		return life_ms - EARLY_MS;
	return life_ms / 2 > 500 ? life_ms / 2 : 500;
}

void ims_ue_reg_until(struct ims_ue *ue, uint32_t expires_s)
{
	uint64_t ms = UINT64_C(1000) * expires_s;

	ue->expires_at = ue->now_ms + ms;
	ims_ue_timer(ue, UE_T_EXPIRE, ms);
	ims_ue_timer(ue, UE_T_REFRESH, ims_ue_renew_ms(ms));
}

/* The temporary set, if there is one, becomes the one in use [33.203 7.4.1];
 * without a challenge the present one lives on.
 */
static uint32_t establish(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint32_t s = ims_ue_ok_expires(ue, m);

	ims_ue_ok_take(ue, m);
	ims_ue_establish(ue);
	ims_ue_live(ue, s);
	ue->bad = 0;
	ue->refused = 0;
	ims_ue_reg_until(ue, s);
	return s;
}

void ims_ue_do_enter(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint32_t s = establish(ue, m);

	ue->registered_at = ue->now_ms;
	ims_acts_tell(&ue->acts, IMS_TELL_REGISTERED, 0, ue->now.id,
		      "registered as %s for %u s, %s", ue->conf.impu,
		      (unsigned)s, ue->now.id ? "inside ESP" : "in the clear");
	ims_ue_remember(ue);
	if (ue->conf.subscribe)
		ims_ue_sub_step(ue, SUB_START, NULL);
	ims_ue_more_begin(ue);
}

/* A process before us registered: nothing has to be asked for. */
void ims_ue_do_resume(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_acts_tell(&ue->acts, IMS_TELL_REGISTERED, 0, ue->now.id,
		      "still registered as %s for %u s, %s", ue->conf.impu,
		      (unsigned)ims_ue_expires_s(ue, ue->now_ms),
		      ue->now.id ? "inside ESP" : "in the clear");
	if (ue->conf.subscribe && ue->sub == UE_SUB_NONE)
		ims_ue_sub_step(ue, SUB_START, NULL);
	ims_ue_more_begin(ue);
}

void ims_ue_do_renew(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	bool anew_sas = ue->temp.id != 0;
	uint32_t s;

	if (ue->who) {
		ims_ue_more_ok(ue, m);
		return;
	}
	s = establish(ue, m);
	ims_acts_tell(&ue->acts, IMS_TELL_REFRESHED, 0, ue->now.id,
		      "registration renewed for %u s, %s", (unsigned)s,
		      anew_sas     ? "with new SAs"
		      : ue->now.id ? "the SAs stay"
				   : "in the clear");
	ims_ue_remember(ue);
	ims_ue_more_begin(ue);
}

void ims_ue_do_enter_leave(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	establish(ue, m);
	ims_ue_do_leave(ue, m);
}

/* A REGISTER of the identity in hand, inside the SAs in use. */
static void send_inside(struct ims_ue *ue)
{
	ims_ue_reg_begin(ue);
	ue->creds = ue->ch.password_len ? UE_CREDS_ANSWER : UE_CREDS_FIRST;
	ims_ue_reg_offer_and_send(ue);
}

void ims_ue_do_refresh(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_timer_off(ue, UE_T_REFRESH);
	send_inside(ue);
}

void ims_ue_do_more(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	send_inside(ue);
}

/* How long until the next try; 0: none before the registration ends. */
static uint64_t next_try_ms(struct ims_ue *ue, uint64_t left_ms)
{
	uint64_t asked = UINT64_C(1000) * ue->pause_s;
	uint64_t ms = ims_ue_backoff_ms(ue, BASE_S, ue->refused);

	ue->pause_s = 0;
	if (ms > left_ms / 2)
		ms = left_ms / 2 >= RETRY_MS ? left_ms / 2 : 0;
	if (ms < asked)
		ms = asked;
	return ms < left_ms ? ms : 0;
}

/* The registration that there is goes on; tried again while it lives. */
void ims_ue_do_stay(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint64_t left_ms =
		ue->expires_at > ue->now_ms ? ue->expires_at - ue->now_ms : 0;
	uint64_t ms;

	ims_ue_reg_forget(ue);
	ims_ue_drop(ue, &ue->temp);
	if (ue->challenges) /* its nonce is not the one that was accepted */
		ims_ue_auth_wipe(ue);
	if (ue->who) {
		ims_ue_more_failed(ue, m);
		return;
	}
	ms = next_try_ms(ue, left_ms);
	ue->refused++;
	if (ms)
		ims_ue_timer(ue, UE_T_REFRESH, ms);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "not renewed: %s; registered for %llu s more",
		      ue->why.text, (unsigned long long)(left_ms / 1000));
	ims_ue_more_begin(ue);
}

/* Failures long ago are not counted any more. */
static void calm(struct ims_ue *ue)
{
	if (ue->registered_at && ue->now_ms - ue->registered_at >= GOOD_MS)
		ue->rounds = 0;
}

static void begin_anew(struct ims_ue *ue, bool retire, const char *what)
{
	bool avoid = ue->avoid;

	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, 0, "%s%s",
		      ue->why.text, what);
	calm(ue);
	ims_ue_reg_take_down(ue, retire);
	ims_ue_round(ue, avoid);
	ims_ue_reg_attempt(ue);
}

/* The network or the SAs are dead to us: from the beginning, in the clear. */
void ims_ue_do_anew(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	begin_anew(ue, false, "; registering from the beginning");
}

void ims_ue_do_come_back(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	begin_anew(ue, true, "; registering again at once");
}

void ims_ue_do_come_later(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_flaw why = ue->why;
	uint64_t ms;

	(void)m;
	calm(ue);
	ue->rounds++;
	ms = ims_ue_pause_ms(ue);
	ims_ue_reg_take_down(ue, true);
	ims_ue_timer(ue, UE_T_WAIT, ms);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, why.err, 0,
		      "%s; registering again in %llu s", why.text,
		      (unsigned long long)(ms / 1000));
}

/* Who is thrown out again and again, each time a moment after he came, does not
 * run back in.
 */
bool ims_ue_reg_dizzy(struct ims_ue *ue)
{
	if (ue->now_ms - ue->registered_at >= GOOD_MS)
		ue->thrown = 0;
	return ue->thrown++ >= THROWN_MAX;
}

void ims_ue_reg_anew(struct ims_ue *ue, enum ue_reg_event on)
{
	ims_ue_reg_step(ue, ims_ue_all_closed(ue) ? ON_LATER : on, NULL);
}

/* What was under way is dropped: one procedure at a time.  The subscription
 * stays, so that its last NOTIFY is still answered.
 */
void ims_ue_do_leave(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_reg_forget(ue);
	ims_ue_drop(ue, &ue->temp);
	ims_ue_timer_off(ue, UE_T_EXPIRE);
	ims_ue_sub_rest(ue);
	ue->leaving = true;
	if (ue->conf.leave_ms)
		ims_ue_timer(ue, UE_T_LEAVE, ue->conf.leave_ms);
	ims_ue_timer_off(ue, UE_T_REFRESH);
	ims_ue_timer_off(ue, UE_T_MORE);
	ims_ue_more_leave(ue);
	send_inside(ue);
}

static uint32_t left_s(const struct ims_ue *ue)
{
	return ue->expires_at > ue->now_ms
		       ? (uint32_t)((ue->expires_at - ue->now_ms) / 1000)
		       : 0;
}

/* New SAs serve the next one, if its 200 proved them. */
void ims_ue_do_leave_next(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	bool ok = m && m->status < 300;

	ims_ue_reg_forget(ue);
	if (!ok)
		ims_ue_drop(ue, &ue->temp);
	ims_ue_establish(ue);
	ims_ue_live(ue, left_s(ue));
	ims_ue_more_left(ue);
	ims_ue_more_leave(ue);
	send_inside(ue);
}

/* The network took the registration away.  The SAs stay until the server
 * transaction of that NOTIFY is over (timer J) [24.229 5.1.1.7].
 */
void ims_ue_do_end(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_reg_forget(ue);
	ims_ue_drop(ue, &ue->temp);
	ims_ue_timer_off(ue, UE_T_REFRESH);
	ims_ue_timer_off(ue, UE_T_EXPIRE);
	ims_ue_more_stop(ue);
	ims_ue_unkeep(ue);
	ue->end = ue->why;
	ims_ue_timer(ue, UE_T_DRAIN, UINT64_C(64) * ue->conf.timers.t1_ms);
	ims_acts_tell(&ue->acts, IMS_TELL_FAILED, ue->why.err, ue->now.id, "%s",
		      ue->why.text);
}

/* We said good-bye.  After a 200 a last NOTIFY may come: it is waited for a
 * little, so that it finds somebody.
 */
void ims_ue_do_left(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	bool ok = m && m->status < 300;

	ims_ue_reg_forget(ue);
	ims_ue_timer_off(ue, UE_T_LEAVE);
	ims_ue_unkeep(ue);
	if (!ok)
		ue->end = ue->why;
	ims_ue_timer(ue, UE_T_DRAIN,
		     ok && ue->sub != UE_SUB_NONE ? ue->conf.timers.t1_ms : 0);
}
