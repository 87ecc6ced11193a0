/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_reg.c - the UE's registration, from the first REGISTER to the last.
 *
 * What a message means is decided before it gets here (ue_msg.c makes the
 * event); what is then to be done is queued, not done (role.h).  So the table
 * is the whole behaviour.
 *
 * Three times the same four states: for the first registration, for one that
 * is renewed while the old SAs still serve, and for the last REGISTER, which
 * may be challenged like any other.
 *
 * Spec: TS 24.229 5.1.1; TS 33.203 6.1, 7.2-7.4; spec.md 8, 9, 15.
 */
#include "ue_priv.h"

#define STEP_MS 30000 /* SIM and IPsec are local: they answer, or never will */
#define LONG_S 1200   /* longer ones are renewed 600 s before their end */
#define EARLY_S 600
#define RETRY_S 60

typedef void action(struct ims_ue *ue, const struct ims_sip_msg *m);

static action send_first, send_offer, send_again, send_response, send_auts,
	send_empty, send_refresh, send_leave, ask_sim, secure, enter, renew,
	enter_and_leave, wait_last, stay, anew, give_up, abandon, ended, left,
	finish;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	/* in                on              to                spec                  act */
	{{UE_IDLE,           ON_START,       UE_TRYING,        "24.229 5.1.1.2.1"},   send_first},
	{{UE_IDLE,           ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     abandon},

	{{UE_TRYING,         ON_CHALLENGE,   UE_ASKING,        "24.229 5.1.1.5.1"},   ask_sim},
	{{UE_TRYING,         ON_MUST_OFFER,  UE_TRYING,        "RFC3329 2.3.1"},      send_offer},
	{{UE_TRYING,         ON_TOO_BRIEF,   UE_TRYING,        "24.229 5.1.1.2.1"},   send_again},
	{{UE_TRYING,         ON_OK,          UE_REGISTERED,    "24.229 5.1.1.2.1"},   enter},
	{{UE_TRYING,         ON_FAIL,        UE_IDLE,          "24.229 5.1.1.2.1"},   give_up},
	{{UE_TRYING,         ON_TIMEOUT,     UE_IDLE,          "RFC3261 17.1.2.2"},   give_up},
	{{UE_TRYING,         ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     abandon},

	{{UE_ASKING,         ON_SIM_OK,      UE_SECURING,      "33.203 7.2"},         secure},
	{{UE_ASKING,         ON_SIM_CLEAR,   UE_PROVING,       "24.229 5.1.1.5.1"},   send_response},
	{{UE_ASKING,         ON_SIM_RESYNC,  UE_TRYING,        "24.229 5.1.1.5.3"},   send_auts},
	{{UE_ASKING,         ON_SIM_REJECT,  UE_TRYING,        "24.229 5.1.1.5.3"},   send_empty},
	{{UE_ASKING,         ON_FAIL,        UE_IDLE,          "24.229 5.1.1.5.3"},   give_up},
	{{UE_ASKING,         ON_TIMEOUT,     UE_IDLE,          "24.229 5.1.1.5.3"},   give_up},
	{{UE_ASKING,         ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     abandon},

	{{UE_SECURING,       ON_SA_OK,       UE_PROVING,       "33.203 7.2"},         send_response},
	{{UE_SECURING,       ON_FAIL,        UE_IDLE,          "33.203 7.3.1"},       give_up},
	{{UE_SECURING,       ON_TIMEOUT,     UE_IDLE,          "33.203 7.3.1"},       give_up},
	{{UE_SECURING,       ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     abandon},

	{{UE_PROVING,        ON_OK,          UE_REGISTERED,    "33.203 7.4.1"},       enter},
	{{UE_PROVING,        ON_CHALLENGE,   UE_ASKING,        "24.229 5.1.1.5.1"},   ask_sim},
	{{UE_PROVING,        ON_TOO_BRIEF,   UE_PROVING,       "24.229 5.1.1.2.1"},   send_again},
	{{UE_PROVING,        ON_FAIL,        UE_IDLE,          "33.203 7.3.1"},       give_up},
	{{UE_PROVING,        ON_TIMEOUT,     UE_IDLE,          "33.203 7.3.1"},       give_up},
	{{UE_PROVING,        ON_STOP,        UE_PROVING_LAST,  "24.229 5.1.1.6"},     wait_last},

	{{UE_PROVING_LAST,   ON_OK,          UE_LEAVING,       "24.229 5.1.1.6"},     enter_and_leave},
	{{UE_PROVING_LAST,   ON_CHALLENGE,   UE_IDLE,          "24.229 5.1.1.6"},     abandon},
	{{UE_PROVING_LAST,   ON_TOO_BRIEF,   UE_IDLE,          "24.229 5.1.1.6"},     abandon},
	{{UE_PROVING_LAST,   ON_FAIL,        UE_IDLE,          "33.203 7.3.1"},       abandon},
	{{UE_PROVING_LAST,   ON_TIMEOUT,     UE_IDLE,          "33.203 7.3.1"},       abandon},
	{{UE_PROVING_LAST,   ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     abandon},

	{{UE_REGISTERED,     ON_REFRESH_DUE, UE_REFRESHING,    "24.229 5.1.1.4.1"},   send_refresh},
	{{UE_REGISTERED,     ON_START,       UE_REFRESHING,    "24.229 5.1.1.4.1"},   send_refresh},
	{{UE_REGISTERED,     ON_EXPIRED,     UE_TRYING,        "24.229 5.1.1.2.1"},   anew},
	{{UE_REGISTERED,     ON_TERMINATED,  UE_DRAINING,      "24.229 5.1.1.7"},     ended},
	{{UE_REGISTERED,     ON_STOP,        UE_LEAVING,       "24.229 5.1.1.6"},     send_leave},

	{{UE_REFRESHING,     ON_CHALLENGE,   UE_RE_ASKING,     "24.229 5.1.1.5.1"},   ask_sim},
	{{UE_REFRESHING,     ON_TOO_BRIEF,   UE_REFRESHING,    "24.229 5.1.1.4.1"},   send_again},
	{{UE_REFRESHING,     ON_OK,          UE_REGISTERED,    "24.229 5.1.1.4.1"},   renew},
	{{UE_REFRESHING,     ON_FAIL,        UE_REGISTERED,    "24.229 5.1.1.4.1"},   stay},
	{{UE_REFRESHING,     ON_TIMEOUT,     UE_TRYING,        "24.229 5.1.1.4.1"},   anew},
	{{UE_REFRESHING,     ON_EXPIRED,     UE_TRYING,        "24.229 5.1.1.2.1"},   anew},
	{{UE_REFRESHING,     ON_TERMINATED,  UE_DRAINING,      "24.229 5.1.1.7"},     ended},
	{{UE_REFRESHING,     ON_STOP,        UE_LEAVING,       "24.229 5.1.1.6"},     send_leave},

	{{UE_RE_ASKING,      ON_SIM_OK,      UE_RE_SECURING,   "33.203 7.2"},         secure},
	{{UE_RE_ASKING,      ON_SIM_CLEAR,   UE_RE_PROVING,    "24.229 5.1.1.5.1"},   send_response},
	{{UE_RE_ASKING,      ON_SIM_RESYNC,  UE_REFRESHING,    "24.229 5.1.1.5.3"},   send_auts},
	{{UE_RE_ASKING,      ON_SIM_REJECT,  UE_REFRESHING,    "24.229 5.1.1.5.3"},   send_empty},
	{{UE_RE_ASKING,      ON_FAIL,        UE_REGISTERED,    "24.229 5.1.1.5.3"},   stay},
	{{UE_RE_ASKING,      ON_TIMEOUT,     UE_REGISTERED,    "24.229 5.1.1.5.3"},   stay},
	{{UE_RE_ASKING,      ON_EXPIRED,     UE_TRYING,        "24.229 5.1.1.2.1"},   anew},
	{{UE_RE_ASKING,      ON_TERMINATED,  UE_DRAINING,      "24.229 5.1.1.7"},     ended},
	{{UE_RE_ASKING,      ON_STOP,        UE_LEAVING,       "24.229 5.1.1.6"},     send_leave},

	{{UE_RE_SECURING,    ON_SA_OK,       UE_RE_PROVING,    "33.203 7.4.1"},       send_response},
	{{UE_RE_SECURING,    ON_FAIL,        UE_REGISTERED,    "33.203 7.3.1"},       stay},
	{{UE_RE_SECURING,    ON_TIMEOUT,     UE_REGISTERED,    "33.203 7.3.1"},       stay},
	{{UE_RE_SECURING,    ON_EXPIRED,     UE_TRYING,        "24.229 5.1.1.2.1"},   anew},
	{{UE_RE_SECURING,    ON_TERMINATED,  UE_DRAINING,      "24.229 5.1.1.7"},     ended},
	{{UE_RE_SECURING,    ON_STOP,        UE_LEAVING,       "24.229 5.1.1.6"},     send_leave},

	{{UE_RE_PROVING,     ON_OK,          UE_REGISTERED,    "33.203 7.4.1"},       renew},
	{{UE_RE_PROVING,     ON_CHALLENGE,   UE_RE_ASKING,     "24.229 5.1.1.5.1"},   ask_sim},
	{{UE_RE_PROVING,     ON_TOO_BRIEF,   UE_RE_PROVING,    "24.229 5.1.1.4.1"},   send_again},
	{{UE_RE_PROVING,     ON_FAIL,        UE_REGISTERED,    "33.203 7.3.1"},       stay},
	{{UE_RE_PROVING,     ON_TIMEOUT,     UE_TRYING,        "33.203 7.3.1"},       anew},
	{{UE_RE_PROVING,     ON_EXPIRED,     UE_TRYING,        "24.229 5.1.1.2.1"},   anew},
	{{UE_RE_PROVING,     ON_TERMINATED,  UE_DRAINING,      "24.229 5.1.1.7"},     ended},
	{{UE_RE_PROVING,     ON_STOP,        UE_LEAVING,       "24.229 5.1.1.6"},     send_leave},

	{{UE_LEAVING,        ON_OK,          UE_DRAINING,      "24.229 5.1.1.6"},     left},
	{{UE_LEAVING,        ON_CHALLENGE,   UE_LEAVE_ASKING,  "24.229 5.1.1.5.1"},   ask_sim},
	{{UE_LEAVING,        ON_FAIL,        UE_DRAINING,      "24.229 5.1.1.6"},     left},
	{{UE_LEAVING,        ON_TIMEOUT,     UE_DRAINING,      "24.229 5.1.1.6"},     left},
	{{UE_LEAVING,        ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     finish},

	{{UE_LEAVE_ASKING,   ON_SIM_OK,      UE_LEAVE_SECURING,"33.203 7.2"},         secure},
	{{UE_LEAVE_ASKING,   ON_SIM_CLEAR,   UE_LEAVE_PROVING, "24.229 5.1.1.5.1"},   send_response},
	{{UE_LEAVE_ASKING,   ON_SIM_RESYNC,  UE_LEAVING,       "24.229 5.1.1.5.3"},   send_auts},
	{{UE_LEAVE_ASKING,   ON_SIM_REJECT,  UE_LEAVING,       "24.229 5.1.1.5.3"},   send_empty},
	{{UE_LEAVE_ASKING,   ON_FAIL,        UE_DRAINING,      "24.229 5.1.1.5.3"},   left},
	{{UE_LEAVE_ASKING,   ON_TIMEOUT,     UE_DRAINING,      "24.229 5.1.1.5.3"},   left},
	{{UE_LEAVE_ASKING,   ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     finish},

	{{UE_LEAVE_SECURING, ON_SA_OK,       UE_LEAVE_PROVING, "33.203 7.4.1"},       send_response},
	{{UE_LEAVE_SECURING, ON_FAIL,        UE_DRAINING,      "33.203 7.3.1"},       left},
	{{UE_LEAVE_SECURING, ON_TIMEOUT,     UE_DRAINING,      "33.203 7.3.1"},       left},
	{{UE_LEAVE_SECURING, ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     finish},

	{{UE_LEAVE_PROVING,  ON_OK,          UE_DRAINING,      "24.229 5.1.1.6"},     left},
	{{UE_LEAVE_PROVING,  ON_CHALLENGE,   UE_LEAVE_ASKING,  "24.229 5.1.1.5.1"},   ask_sim},
	{{UE_LEAVE_PROVING,  ON_FAIL,        UE_DRAINING,      "33.203 7.3.1"},       left},
	{{UE_LEAVE_PROVING,  ON_TIMEOUT,     UE_DRAINING,      "33.203 7.3.1"},       left},
	{{UE_LEAVE_PROVING,  ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     finish},

	{{UE_DRAINING,       ON_DRAINED,     UE_IDLE,          "24.229 5.1.1.6"},     finish},
	{{UE_DRAINING,       ON_STOP,        UE_IDLE,          "24.229 5.1.1.6"},     finish},
};

static const char *const states[] = {
	[UE_IDLE] = "idle",                 [UE_TRYING] = "trying",
	[UE_ASKING] = "asking",             [UE_SECURING] = "securing",
	[UE_PROVING] = "proving",           [UE_PROVING_LAST] = "proving-last",
	[UE_REGISTERED] = "registered",     [UE_REFRESHING] = "refreshing",
	[UE_RE_ASKING] = "re-asking",       [UE_RE_SECURING] = "re-securing",
	[UE_RE_PROVING] = "re-proving",     [UE_LEAVING] = "leaving",
	[UE_LEAVE_ASKING] = "leave-asking",
	[UE_LEAVE_SECURING] = "leave-securing",
	[UE_LEAVE_PROVING] = "leave-proving",
	[UE_DRAINING] = "draining",
};

static const char *const events[] = {
	[ON_START] = "start",             [ON_CHALLENGE] = "challenge",
	[ON_MUST_OFFER] = "must-offer",   [ON_TOO_BRIEF] = "too-brief",
	[ON_SIM_OK] = "sim-ok",           [ON_SIM_CLEAR] = "sim-clear",
	[ON_SIM_RESYNC] = "sim-resync",   [ON_SIM_REJECT] = "sim-reject",
	[ON_SA_OK] = "sa-ok",             [ON_OK] = "ok",
	[ON_FAIL] = "fail",               [ON_TIMEOUT] = "timeout",
	[ON_REFRESH_DUE] = "refresh-due", [ON_EXPIRED] = "expired",
	[ON_TERMINATED] = "terminated",   [ON_STOP] = "stop",
	[ON_DRAINED] = "drained",
};
/* clang-format on */

const struct ims_fsm ims_ue_reg_fsm = IMS_FSM("ue-reg", rows, states, events);

void ims_ue_reg_step(struct ims_ue *ue, enum ue_reg_event on,
		     const struct ims_sip_msg *m)
{
	int i = ims_fsm_step(&ims_ue_reg_fsm, &ue->reg, on, ue->trace);

	if (i >= 0)
		rows[i].act(ue, m);
}

bool ims_ue_reg_lives(const struct ims_ue *ue)
{
	return ue->reg >= UE_REGISTERED && ue->reg <= UE_RE_PROVING;
}

/* The set in use; none while registered, or registering, in the clear. */
static const struct ue_set *in_use(const struct ims_ue *ue)
{
	return ue->now.id ? &ue->now : NULL;
}

/* What cannot be sent is a step that failed: the timer says so at once. */
static void send(struct ims_ue *ue, const struct ue_set *over)
{
	ims_ue_timer_off(ue, UE_T_STEP);
	if (ims_ue_send_register(ue, over))
		ims_ue_timer(ue, UE_T_STEP, 0);
}

static void offer_and_send(struct ims_ue *ue)
{
	int err = ue->offering ? ims_ue_offer(ue) : 0;

	if (err) {
		ims_flaw(&ue->unsent, err, "no offer can be made");
		ims_ue_timer(ue, UE_T_STEP, 0);
		return;
	}
	send(ue, in_use(ue));
}

static void begin_procedure(struct ims_ue *ue)
{
	ue->challenges = 0;
	ue->bad = 0;
	ue->brief = false;
	ue->ask_expires = ue->conf.expires;
}

static void send_first(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	begin_procedure(ue);
	ims_role_token(&ue->rnd, ue->call_id, sizeof ue->call_id - 1);
	ims_role_token(&ue->rnd, ue->from_tag, sizeof ue->from_tag - 1);
	ue->cseq = 0;
	ue->leaving = false;
	ue->end = (struct ims_flaw){0};
	ue->offering = ue->conf.offer == IMS_UE_OFFER_FIRST;
	ue->creds = UE_CREDS_FIRST;
	offer_and_send(ue);
}

static void send_offer(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ue->offering = true;
	ue->creds = UE_CREDS_FIRST;
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, 0,
		      "the network wants sec-agree: offering it now");
	offer_and_send(ue);
}

/* Once more with the longer expiry, and all else as it was. */
static void send_again(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	send(ue, ue->temp.id ? &ue->temp : in_use(ue));
}

static void ask_sim(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_ask_sim(ue);
	ims_ue_timer(ue, UE_T_STEP, STEP_MS);
}

/* The SIM has answered: the SAs come first, so that the REGISTER which proves
 * RES already goes through them [33.203 7.2].
 */
static void secure(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	int err = ims_ue_add_temp(ue);

	(void)m;
	ims_ue_timer(ue, UE_T_STEP, err ? 0 : STEP_MS);
	if (err)
		ue->unsent = ue->why;
}

static void send_response(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ue->creds = UE_CREDS_ANSWER;
	send(ue, ue->temp.id ? &ue->temp : in_use(ue));
}

/* The challenge was not good: no SAs from it, and new SPIs and port_uc in the
 * next offer [24.229 5.1.1.5.3].
 */
static void refuse_challenge(struct ims_ue *ue, enum ue_creds creds)
{
	ims_ue_drop(ue, &ue->temp);
	ue->creds = creds;
	ue->unchallenged = false;
	offer_and_send(ue);
}

static void send_auts(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	refuse_challenge(ue, UE_CREDS_AUTS);
}

static void send_empty(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	refuse_challenge(ue, UE_CREDS_EMPTY);
}

static void send_refresh(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_timer_off(ue, UE_T_REFRESH);
	begin_procedure(ue);
	ue->creds = ue->ch.password_len ? UE_CREDS_ANSWER : UE_CREDS_FIRST;
	offer_and_send(ue);
}

static void forget_request(struct ims_ue *ue)
{
	if (ue->txn)
		ims_txns_cancel(&ue->txns, ue->txn);
	ue->txn = 0;
	ims_ue_timer_off(ue, UE_T_STEP);
}

/* What was under way is dropped: one procedure at a time.  The subscription
 * stays, so that its last NOTIFY is still answered.
 */
static void send_leave(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	forget_request(ue);
	ims_ue_drop(ue, &ue->temp);
	ims_ue_timer_off(ue, UE_T_EXPIRE);
	ims_ue_timer_off(ue, UE_T_SUB);
	ims_ue_timer_off(ue, UE_T_SUB_N);
	ims_ue_timer_off(ue, UE_T_SUB_END);
	if (ue->sub_txn)
		ims_txns_cancel(&ue->txns, ue->sub_txn);
	ue->sub_txn = 0;
	ue->leaving = true;
	send_refresh(ue, m);
}

void ims_ue_reg_until(struct ims_ue *ue, uint32_t expires_s)
{
	uint64_t ms = UINT64_C(1000) * expires_s;

	ue->expires_at = ue->now_ms + ms;
	ims_ue_timer(ue, UE_T_EXPIRE, ms);
	ims_ue_timer(ue, UE_T_REFRESH,
		     expires_s > LONG_S ? ms - UINT64_C(1000) * EARLY_S
		     : ms > 2000        ? ms / 2
					: 1000);
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
	ims_ue_reg_until(ue, s);
	return s;
}

static void enter(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint32_t s = establish(ue, m);

	ims_acts_tell(&ue->acts, IMS_TELL_REGISTERED, 0, ue->now.id,
		      "registered as %s for %u s, %s", ue->conf.impu,
		      (unsigned)s, ue->now.id ? "inside ESP" : "in the clear");
	if (ue->conf.subscribe)
		ims_ue_sub_step(ue, SUB_START, NULL);
}

static void renew(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	bool anew_sas = ue->temp.id != 0;
	uint32_t s = establish(ue, m);

	ims_acts_tell(&ue->acts, IMS_TELL_REFRESHED, 0, ue->now.id,
		      "registration renewed for %u s, %s", (unsigned)s,
		      anew_sas     ? "with new SAs"
		      : ue->now.id ? "the SAs stay"
				   : "in the clear");
}

static void enter_and_leave(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	establish(ue, m);
	send_leave(ue, m);
}

static void wait_last(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, 0,
		      "stopping: waits for the answer to REGISTER first");
}

/* The registration that there is goes on; tried again while it lives. */
static void stay(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint64_t left_ms =
		ue->expires_at > ue->now_ms ? ue->expires_at - ue->now_ms : 0;

	(void)m;
	forget_request(ue);
	ims_ue_drop(ue, &ue->temp);
	if (left_ms / 2 >= RETRY_S * 1000)
		ims_ue_timer(ue, UE_T_REFRESH, left_ms / 2);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "not renewed: %s; registered for %llu s more",
		      ue->why.text, (unsigned long long)(left_ms / 1000));
}

static void take_down(struct ims_ue *ue)
{
	forget_request(ue);
	ims_ue_sub_step(ue, SUB_STOP, NULL);
	for (int t = 0; t < UE_N_TIMERS; t++)
		ims_ue_timer_off(ue, (enum ue_timer)t);
	ims_ue_drop_all(ue);
	ims_ue_auth_wipe(ue);
	ims_ue_ok_forget(ue);
}

/* The network or the SAs are dead to us: from the beginning, in the clear. */
static void anew(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, 0,
		      "%s; registering from the beginning", ue->why.text);
	take_down(ue);
	ue->unchallenged = false;
	send_first(ue, m);
}

static void give_up(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_flaw why = ue->why;

	(void)m;
	take_down(ue);
	ims_ue_offer_forget(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_FAILED, why.err, 0, "%s", why.text);
}

static void abandon(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	take_down(ue);
	ims_ue_offer_forget(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_DEREGISTERED, 0, 0, "not registered");
}

/* The network took the registration away.  The SAs stay until the server
 * transaction of that NOTIFY is over (timer J) [24.229 5.1.1.7].
 */
static void ended(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	forget_request(ue);
	ims_ue_drop(ue, &ue->temp);
	ims_ue_timer_off(ue, UE_T_REFRESH);
	ims_ue_timer_off(ue, UE_T_EXPIRE);
	ue->end = ue->why;
	ims_ue_timer(ue, UE_T_DRAIN, UINT64_C(64) * ue->conf.timers.t1_ms);
	ims_acts_tell(&ue->acts, IMS_TELL_FAILED, ue->why.err, ue->now.id, "%s",
		      ue->why.text);
}

/* We said good-bye.  After a 200 a last NOTIFY may come: it is waited for a
 * little, so that it finds somebody.
 */
static void left(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	bool ok = m && m->status < 300;

	forget_request(ue);
	if (!ok)
		ue->end = ue->why;
	ims_ue_timer(ue, UE_T_DRAIN,
		     ok && ue->sub != UE_SUB_NONE ? ue->conf.timers.t1_ms : 0);
}

static void finish(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_flaw end = ue->end;

	(void)m;
	take_down(ue);
	ims_ue_offer_forget(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_DEREGISTERED, end.err, 0, "%s%s",
		      end.err ? "all is taken down; " : "deregistered",
		      end.text);
}
