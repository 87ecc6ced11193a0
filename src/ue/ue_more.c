/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_more.c - further identities, registered over the SAs of the first.
 *
 * Each has a call and a time of its own, but there is one contact, and one
 * REGISTER under way at a time: they wait for their turn, and the procedure
 * itself, with a challenge or without, is that of a renewal (ue_reg.c).  What
 * ends the registration of the first ends theirs.
 *
 * Spec: TS 24.229 5.1.1.2.1, 5.1.1.4.1, 5.1.1.6, 5.1.1.7; 34.229-1 C.23.
 */
#include "ue_priv.h"

#include "sip_addr.h"

#define BASE_S 60
#define LEAST_MS 1000

typedef void action(struct ims_ue *ue, struct ue_more *w);

static action none, on, pause_a_while, keep, refused, ended;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	/* in                on           to                spec                 act */
	{{UE_MORE_NONE,     MORE_BEGIN,  UE_MORE_QUEUED,   "24.229 5.1.1.2.1"}, none},
	{{UE_MORE_NONE,     MORE_IMPLY,  UE_MORE_IMPLIED,  "24.229 5.1.1.2.1"}, none},
	{{UE_MORE_NONE,     MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_IMPLIED,  MORE_BEGIN,  UE_MORE_QUEUED,   "24.229 5.1.1.4.1"}, none},
	{{UE_MORE_IMPLIED,  MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_QUEUED,   MORE_IMPLY,  UE_MORE_IMPLIED,  "24.229 5.1.1.2.1"}, none},
	{{UE_MORE_QUEUED,   MORE_TURN,   UE_MORE_ASKING,   "24.229 5.1.1.2.1"}, none},
	{{UE_MORE_QUEUED,   MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_ASKING,   MORE_OK,     UE_MORE_ON,       "24.229 5.1.1.2.1"}, on},
	{{UE_MORE_ASKING,   MORE_FAIL,   UE_MORE_PAUSING,  "RFC5626 4.5"},      pause_a_while},
	{{UE_MORE_ASKING,   MORE_REFUSE, UE_MORE_REFUSED,  "24.229 5.1.1.2.1"}, refused},
	{{UE_MORE_ASKING,   MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_ON,       MORE_DUE,    UE_MORE_STALE,    "24.229 5.1.1.4.1"}, none},
	{{UE_MORE_ON,       MORE_AGAIN,  UE_MORE_PAUSING,  "24.229 5.1.1.7"},   pause_a_while},
	{{UE_MORE_ON,       MORE_ENDED,  UE_MORE_REFUSED,  "24.229 5.1.1.7"},   ended},
	{{UE_MORE_ON,       MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_STALE,    MORE_TURN,   UE_MORE_RENEWING, "24.229 5.1.1.4.1"}, none},
	{{UE_MORE_STALE,    MORE_AGAIN,  UE_MORE_PAUSING,  "24.229 5.1.1.7"},   pause_a_while},
	{{UE_MORE_STALE,    MORE_ENDED,  UE_MORE_REFUSED,  "24.229 5.1.1.7"},   ended},
	{{UE_MORE_STALE,    MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_RENEWING, MORE_OK,     UE_MORE_ON,       "24.229 5.1.1.4.1"}, on},
	{{UE_MORE_RENEWING, MORE_FAIL,   UE_MORE_ON,       "24.229 5.1.1.4.1"}, keep},
	{{UE_MORE_RENEWING, MORE_REFUSE, UE_MORE_ON,       "24.229 5.1.1.4.1"}, keep},
	{{UE_MORE_RENEWING, MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_PAUSING,  MORE_DUE,    UE_MORE_QUEUED,   "RFC5626 4.5"},      none},
	{{UE_MORE_PAUSING,  MORE_IMPLY,  UE_MORE_IMPLIED,  "24.229 5.1.1.2.1"}, none},
	{{UE_MORE_PAUSING,  MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},

	{{UE_MORE_REFUSED,  MORE_IMPLY,  UE_MORE_IMPLIED,  "24.229 5.1.1.2.1"}, none},
	{{UE_MORE_REFUSED,  MORE_STOP,   UE_MORE_NONE,     "24.229 5.1.1.6"},   none},
};

static const char *const states[] = {
	[UE_MORE_NONE] = "none",       [UE_MORE_IMPLIED] = "implied",
	[UE_MORE_QUEUED] = "queued",   [UE_MORE_ASKING] = "asking",
	[UE_MORE_ON] = "on",           [UE_MORE_STALE] = "stale",
	[UE_MORE_RENEWING] = "renewing", [UE_MORE_PAUSING] = "pausing",
	[UE_MORE_REFUSED] = "refused",
};

static const char *const events[] = {
	[MORE_BEGIN] = "begin",   [MORE_IMPLY] = "imply",
	[MORE_TURN] = "turn",     [MORE_OK] = "ok",
	[MORE_REFUSE] = "refuse", [MORE_FAIL] = "fail",
	[MORE_DUE] = "due",       [MORE_AGAIN] = "again",
	[MORE_ENDED] = "ended",   [MORE_STOP] = "stop",
};
/* clang-format on */

const struct ims_fsm ims_ue_more_fsm = IMS_FSM("ue-more", rows, states, events);

static void step(struct ims_ue *ue, size_t i, enum ue_more_event event)
{
	struct ue_more *w = &ue->more[i];
	int row = ims_fsm_step(&ims_ue_more_fsm, &w->state, event, ue->trace);

	if (row >= 0)
		rows[row].act(ue, w);
}

const char *ims_ue_who(const struct ims_ue *ue)
{
	return ue->who ? ue->conf.more[ue->who - 1] : ue->conf.impu;
}

struct ue_call *ims_ue_call(struct ims_ue *ue)
{
	return &ue->call[ue->who];
}

static const char *name_of(const struct ims_ue *ue, const struct ue_more *w)
{
	return ue->conf.more[w - ue->more];
}

bool ims_ue_more_is_on(const struct ue_more *w)
{
	return w->state >= UE_MORE_ON && w->state <= UE_MORE_RENEWING;
}

static bool waits(const struct ue_more *w)
{
	return w->state == UE_MORE_QUEUED || w->state == UE_MORE_STALE;
}

/* When one is due next; at once if one waits that can have its turn. */
static void arm(struct ims_ue *ue)
{
	uint64_t at = IMS_NEVER;

	for (size_t i = 0; i < ue->conf.n_more; i++) {
		const struct ue_more *w = &ue->more[i];
		uint64_t due = waits(w) ? ue->now_ms : w->due;

		if (waits(w) && ue->reg != UE_REGISTERED)
			continue;
		if (due < at)
			at = due;
	}
	ue->at[UE_T_MORE] = at;
}

static bool is_associated(const struct ims_ue *ue, const char *impu)
{
	struct ims_str rest = ims_ue_text(&ue->associated), uri;

	while (ims_ue_next_line(&rest, &uri))
		if (ims_sip_uri_aor_eq(uri, ims_str(impu)))
			return true;
	return false;
}

void ims_ue_more_begin(struct ims_ue *ue)
{
	for (size_t i = 0; i < ue->conf.n_more; i++)
		step(ue, i,
		     is_associated(ue, ue->conf.more[i]) ? MORE_IMPLY
							 : MORE_BEGIN);
	arm(ue);
}

void ims_ue_more_due(struct ims_ue *ue)
{
	for (size_t i = 0; i < ue->conf.n_more; i++) {
		if (ue->more[i].due > ue->now_ms)
			continue;
		ue->more[i].due = IMS_NEVER;
		step(ue, i, MORE_DUE);
	}
	for (size_t i = 0; i < ue->conf.n_more; i++) {
		if (ue->reg != UE_REGISTERED || !waits(&ue->more[i]))
			continue;
		if (ue->more[i].state == UE_MORE_QUEUED)
			ue->call[1 + i] = (struct ue_call){0};
		ue->who = 1 + i;
		if (!ims_ue_call(ue)->id[0])
			ims_ue_reg_new_call(ue);
		step(ue, i, MORE_TURN);
		ims_ue_reg_step(ue, ON_MORE, NULL);
	}
	arm(ue);
}

/* The next may have its turn, and before all others the first. */
static void done(struct ims_ue *ue)
{
	ue->who = 0;
	if (ue->refresh_waits)
		ims_ue_timer(ue, UE_T_REFRESH, 0);
	ue->refresh_waits = false;
	ims_ue_remember(ue);
	arm(ue);
}

static bool is_named(const struct ims_sip_msg *m, const char *impu)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_P_ASSOCIATED_URI);
	struct ims_sip_addr a;
	struct ims_str v;

	while (ims_sip_walk_next(&w, &v))
		if (!ims_sip_addr_parse(v, &a) &&
		    ims_sip_uri_aor_eq(a.uri.text, ims_str(impu)))
			return true;
	return false;
}

void ims_ue_more_ok(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	size_t at = ue->who - 1;
	uint32_t s = ims_ue_ok_expires(ue, m);

	ims_ue_establish(ue);
	ims_ue_live(ue, s);
	ue->bad = 0;
	ue->more[at].expires_at = ue->now_ms + UINT64_C(1000) * s;
	step(ue, at, MORE_OK);
	for (size_t i = 0; i < ue->conf.n_more; i++)
		if (i != at && is_named(m, ue->conf.more[i]))
			step(ue, i, MORE_IMPLY);
	done(ue);
}

void ims_ue_more_failed(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	bool never = m && (m->status == 403 || m->status == 404);

	step(ue, ue->who - 1, never ? MORE_REFUSE : MORE_FAIL);
	done(ue);
}

/* One whose first REGISTER is not answered yet may be registered, too. */
void ims_ue_more_leave(struct ims_ue *ue)
{
	ue->who = 0;
	for (size_t i = 0; i < ue->conf.n_more && !ue->who; i++)
		if (ims_ue_more_is_on(&ue->more[i]) ||
		    ue->more[i].state == UE_MORE_ASKING)
			ue->who = 1 + i;
}

void ims_ue_more_left(struct ims_ue *ue)
{
	step(ue, ue->who - 1, MORE_STOP);
}

void ims_ue_more_stop(struct ims_ue *ue)
{
	for (size_t i = 0; i < ue->conf.n_more; i++)
		step(ue, i, MORE_STOP);
	ue->who = 0;
	ue->refresh_waits = false;
	ims_ue_timer_off(ue, UE_T_MORE);
}

/* Our contact at this identity has gone: may it come back [RFC 3680 5.1]? */
static void heard(struct ims_ue *ue, size_t i, const struct ims_reginfo_reg *r)
{
	for (size_t k = 0; k < r->n_contacts; k++) {
		const struct ims_reginfo_contact *c = &r->contact[k];

		if (c->state == IMS_REGINFO_ACTIVE ||
		    !ims_ue_is_mine(ue, c->uri))
			continue;
		ims_flaw(&ue->why, -IMS_E_ENDED,
			 "the network ended the registration: %s",
			 ims_reginfo_event_name(c->event));
		ue->pause_s = c->has_retry_after ? c->retry_after : 0;
		step(ue, i,
		     c->event == IMS_REGINFO_REJECTED ||
				     c->event == IMS_REGINFO_UNREGISTERED
			     ? MORE_ENDED
			     : MORE_AGAIN);
	}
}

void ims_ue_more_heard(struct ims_ue *ue, const struct ims_reginfo *doc)
{
	for (size_t i = 0; i < ue->conf.n_more; i++)
		for (size_t k = 0; k < doc->n_regs; k++)
			if (ims_sip_uri_aor_eq(doc->reg[k].aor,
					       ims_str(ue->conf.more[i])))
				heard(ue, i, &doc->reg[k]);
	if (ims_ue_reg_lives(ue))
		arm(ue);
}

const char *ims_ue_more_word(const struct ims_ue *ue, size_t i)
{
	const struct ue_more *w = &ue->more[i];

	if (w->state == UE_MORE_IMPLIED)
		return NULL;
	if (ims_ue_more_is_on(w))
		return w->expires_at > ue->now_ms ? "registered" : "terminated";
	return w->state == UE_MORE_REFUSED ? "refused" : "asked";
}

void ims_ue_more_restored(struct ims_ue *ue, size_t i, uint64_t expires_at)
{
	struct ue_more *w = &ue->more[i];

	w->state = UE_MORE_ON;
	w->expires_at = expires_at;
	w->due = ue->now_ms + ims_ue_renew_ms(expires_at - ue->now_ms);
}

/* --- acts ------------------------------------------------------------------ */

static void none(struct ims_ue *ue, struct ue_more *w)
{
	(void)ue;
	w->due = IMS_NEVER;
}

static void on(struct ims_ue *ue, struct ue_more *w)
{
	uint64_t ms = w->expires_at - ue->now_ms;

	w->failures = 0;
	w->due = ue->now_ms + ims_ue_renew_ms(ms);
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, ue->now.id,
		      "also registered as %s for %llu s", name_of(ue, w),
		      (unsigned long long)(ms / 1000));
}

static uint64_t pause_ms(struct ims_ue *ue, struct ue_more *w)
{
	uint64_t ms = ims_ue_backoff_ms(ue, BASE_S, w->failures++);

	if (ue->pause_s)
		ms = UINT64_C(1000) * ue->pause_s;
	ue->pause_s = 0;
	return ms;
}

static void pause_a_while(struct ims_ue *ue, struct ue_more *w)
{
	uint64_t ms = pause_ms(ue, w);

	w->due = ue->now_ms + ms;
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "%s is not registered: %s; again in %llu s",
		      name_of(ue, w), ue->why.text,
		      (unsigned long long)(ms / 1000));
}

/* It lives until its time is over, and is tried again before that. */
static void keep(struct ims_ue *ue, struct ue_more *w)
{
	uint64_t left =
		w->expires_at > ue->now_ms ? w->expires_at - ue->now_ms : 0;
	uint64_t ms = pause_ms(ue, w);

	if (left && ms > left / 2)
		ms = left / 2;
	w->due = ue->now_ms + (ms > LEAST_MS ? ms : LEAST_MS);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "%s was not renewed: %s", name_of(ue, w), ue->why.text);
}

static void refused(struct ims_ue *ue, struct ue_more *w)
{
	w->due = IMS_NEVER;
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "%s is not registered: %s", name_of(ue, w), ue->why.text);
}

static void ended(struct ims_ue *ue, struct ue_more *w)
{
	w->due = IMS_NEVER;
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, ue->now.id,
		      "%s is not registered any more: %s", name_of(ue, w),
		      ue->why.text);
}
