/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_sub.c - the UE's subscription to its own registration state.
 *
 * Spec: TS 24.229 5.1.1.3; RFC 3680; RFC 6665 4.1; spec.md 15.3, 19.
 */
#include "ue_priv.h"

#include "sip_addr.h"

#include <string.h>

#define RETRY_S 60
#define PAUSE_S 30 /* [RFC 5626 4.5] */
#define LEAST_S 4  /* nobody makes us subscribe more often */
#define ROUTE_MAX 4096

typedef void action(struct ims_ue *ue, const struct ims_sip_msg *m);

static action first, longer, refresh, accept, heard, assume, keep,
	pause_a_while, refused, ended, stop;

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	/* in                 on              to                 spec                 act */
	{{UE_SUB_NONE,       SUB_START,      UE_SUB_ASKING,     "24.229 5.1.1.3"},   first},
	{{UE_SUB_NONE,       SUB_STOP,       UE_SUB_NONE,       "24.229 5.1.1.6"},   stop},

	{{UE_SUB_ASKING,     SUB_OK,         UE_SUB_ACCEPTED,   "RFC6665 4.1.2.1"},  accept},
	{{UE_SUB_ASKING,     SUB_NOTIFY,     UE_SUB_EARLY,      "RFC6665 4.1.2.4"},  heard},
	{{UE_SUB_ASKING,     SUB_FAIL,       UE_SUB_NONE,       "RFC6665 4.1.2.1"},  refused},
	{{UE_SUB_ASKING,     SUB_GONE,       UE_SUB_NONE,       "RFC6665 4.1.2.1"},  refused},
	{{UE_SUB_ASKING,     SUB_BUSY,       UE_SUB_PAUSING,    "RFC6665 4.1.2.1"},  pause_a_while},
	{{UE_SUB_ASKING,     SUB_TOO_BRIEF,  UE_SUB_ASKING,     "RFC6665 4.1.2.1"},  longer},
	{{UE_SUB_ASKING,     SUB_TIMEOUT,    UE_SUB_PAUSING,    "RFC6665 4.1.2.1"},  pause_a_while},
	{{UE_SUB_ASKING,     SUB_LATER,      UE_SUB_PAUSING,    "RFC6665 4.1.3"},    pause_a_while},
	{{UE_SUB_ASKING,     SUB_TERMINATED, UE_SUB_NONE,       "RFC6665 4.1.3"},    ended},
	{{UE_SUB_ASKING,     SUB_STOP,       UE_SUB_NONE,       "24.229 5.1.1.6"},   stop},

	{{UE_SUB_EARLY,      SUB_OK,         UE_SUB_ACTIVE,     "RFC6665 4.1.2.4"},  accept},
	{{UE_SUB_EARLY,      SUB_NOTIFY,     UE_SUB_EARLY,      "RFC6665 4.1.3"},    heard},
	{{UE_SUB_EARLY,      SUB_FAIL,       UE_SUB_NONE,       "RFC6665 4.1.2.1"},  refused},
	{{UE_SUB_EARLY,      SUB_GONE,       UE_SUB_NONE,       "RFC6665 4.1.2.1"},  refused},
	{{UE_SUB_EARLY,      SUB_BUSY,       UE_SUB_PAUSING,    "RFC6665 4.1.2.1"},  pause_a_while},
	{{UE_SUB_EARLY,      SUB_TOO_BRIEF,  UE_SUB_ASKING,     "RFC6665 4.1.2.1"},  longer},
	{{UE_SUB_EARLY,      SUB_TIMEOUT,    UE_SUB_ACTIVE,     "RFC6665 4.1.2.4"},  assume},
	{{UE_SUB_EARLY,      SUB_LATER,      UE_SUB_PAUSING,    "RFC6665 4.1.3"},    pause_a_while},
	{{UE_SUB_EARLY,      SUB_TERMINATED, UE_SUB_NONE,       "RFC6665 4.1.3"},    ended},
	{{UE_SUB_EARLY,      SUB_STOP,       UE_SUB_NONE,       "24.229 5.1.1.6"},   stop},

	{{UE_SUB_ACCEPTED,   SUB_NOTIFY,     UE_SUB_ACTIVE,     "RFC6665 4.1.2.4"},  heard},
	{{UE_SUB_ACCEPTED,   SUB_NO_NOTIFY,  UE_SUB_PAUSING,    "RFC6665 4.1.2.4"},  pause_a_while},
	{{UE_SUB_ACCEPTED,   SUB_DUE,        UE_SUB_REFRESHING, "24.229 5.1.1.3"},   refresh},
	{{UE_SUB_ACCEPTED,   SUB_EXPIRED,    UE_SUB_ASKING,     "24.229 5.1.1.3"},   first},
	{{UE_SUB_ACCEPTED,   SUB_LATER,      UE_SUB_PAUSING,    "RFC6665 4.1.3"},    pause_a_while},
	{{UE_SUB_ACCEPTED,   SUB_TERMINATED, UE_SUB_NONE,       "RFC6665 4.1.3"},    ended},
	{{UE_SUB_ACCEPTED,   SUB_STOP,       UE_SUB_NONE,       "24.229 5.1.1.6"},   stop},

	{{UE_SUB_ACTIVE,     SUB_NOTIFY,     UE_SUB_ACTIVE,     "RFC6665 4.1.3"},    heard},
	{{UE_SUB_ACTIVE,     SUB_DUE,        UE_SUB_REFRESHING, "24.229 5.1.1.3"},   refresh},
	{{UE_SUB_ACTIVE,     SUB_EXPIRED,    UE_SUB_ASKING,     "24.229 5.1.1.3"},   first},
	{{UE_SUB_ACTIVE,     SUB_LATER,      UE_SUB_PAUSING,    "RFC6665 4.1.3"},    pause_a_while},
	{{UE_SUB_ACTIVE,     SUB_TERMINATED, UE_SUB_NONE,       "RFC6665 4.1.3"},    ended},
	{{UE_SUB_ACTIVE,     SUB_STOP,       UE_SUB_NONE,       "24.229 5.1.1.6"},   stop},

	{{UE_SUB_REFRESHING, SUB_OK,         UE_SUB_ACTIVE,     "RFC6665 4.1.2.2"},  accept},
	{{UE_SUB_REFRESHING, SUB_NOTIFY,     UE_SUB_REFRESHING, "RFC6665 4.1.3"},    heard},
	{{UE_SUB_REFRESHING, SUB_FAIL,       UE_SUB_ACTIVE,     "RFC6665 4.1.2.2"},  keep},
	{{UE_SUB_REFRESHING, SUB_BUSY,       UE_SUB_ACTIVE,     "RFC6665 4.1.2.2"},  keep},
	{{UE_SUB_REFRESHING, SUB_TOO_BRIEF,  UE_SUB_REFRESHING, "RFC6665 4.1.2.2"},  longer},
	{{UE_SUB_REFRESHING, SUB_TIMEOUT,    UE_SUB_ACTIVE,     "RFC6665 4.1.2.2"},  keep},
	{{UE_SUB_REFRESHING, SUB_GONE,       UE_SUB_ASKING,     "RFC6665 4.1.2.2"},  first},
	{{UE_SUB_REFRESHING, SUB_EXPIRED,    UE_SUB_ASKING,     "24.229 5.1.1.3"},   first},
	{{UE_SUB_REFRESHING, SUB_LATER,      UE_SUB_PAUSING,    "RFC6665 4.1.3"},    pause_a_while},
	{{UE_SUB_REFRESHING, SUB_TERMINATED, UE_SUB_NONE,       "RFC6665 4.1.3"},    ended},
	{{UE_SUB_REFRESHING, SUB_STOP,       UE_SUB_NONE,       "24.229 5.1.1.6"},   stop},

	{{UE_SUB_PAUSING,    SUB_DUE,        UE_SUB_ASKING,     "24.229 5.1.1.3"},   first},
	{{UE_SUB_PAUSING,    SUB_STOP,       UE_SUB_NONE,       "24.229 5.1.1.6"},   stop},
};

static const char *const states[] = {
	[UE_SUB_NONE] = "none",         [UE_SUB_ASKING] = "asking",
	[UE_SUB_EARLY] = "early",       [UE_SUB_ACCEPTED] = "accepted",
	[UE_SUB_ACTIVE] = "active",     [UE_SUB_REFRESHING] = "refreshing",
	[UE_SUB_PAUSING] = "pausing",
};

static const char *const events[] = {
	[SUB_START] = "start",          [SUB_OK] = "ok",
	[SUB_NOTIFY] = "notify",        [SUB_FAIL] = "fail",
	[SUB_BUSY] = "busy",            [SUB_TOO_BRIEF] = "too-brief",
	[SUB_GONE] = "gone",
	[SUB_LATER] = "later",          [SUB_TIMEOUT] = "timeout",
	[SUB_NO_NOTIFY] = "no-notify",  [SUB_TERMINATED] = "terminated",
	[SUB_DUE] = "due",              [SUB_EXPIRED] = "expired",
	[SUB_STOP] = "stop",
};
/* clang-format on */

const struct ims_fsm ims_ue_sub_fsm = IMS_FSM("ue-sub", rows, states, events);

void ims_ue_sub_step(struct ims_ue *ue, enum ue_sub_event on,
		     const struct ims_sip_msg *m)
{
	int i = ims_fsm_step(&ims_ue_sub_fsm, &ue->sub, on, ue->trace);

	if (i >= 0)
		rows[i].act(ue, m);
}

bool ims_ue_sub_waits(const struct ims_ue *ue)
{
	return ue->sub >= UE_SUB_ASKING && ue->sub <= UE_SUB_REFRESHING;
}

static void timers_off(struct ims_ue *ue)
{
	ims_ue_timer_off(ue, UE_T_SUB);
	ims_ue_timer_off(ue, UE_T_SUB_N);
	ims_ue_timer_off(ue, UE_T_SUB_END);
}

static void forget_request(struct ims_ue *ue)
{
	if (ue->sub_txn)
		ims_txns_cancel(&ue->txns, ue->sub_txn);
	ue->sub_txn = 0;
}

void ims_ue_sub_rest(struct ims_ue *ue)
{
	forget_request(ue);
	timers_off(ue);
}

/* What cannot be sent has failed: a pause, and again. */
static void send(struct ims_ue *ue)
{
	if (ims_ue_send_subscribe(ue) == 0)
		return;
	ims_ue_on_silence(ue, UE_REF_SUBSCRIBE);
}

static void first(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_sub_rest(ue);
	ims_role_token(&ue->rnd, ue->sub_call_id, sizeof ue->sub_call_id - 1);
	ims_role_token(&ue->rnd, ue->sub_tag, sizeof ue->sub_tag - 1);
	ue->sub_cseq = 0;
	ue->sub_heard_cseq = false;
	ue->sub_brief = false;
	ue->sub_ask = ue->conf.expires;
	memcpy(ue->sub_impu, ue->impu, sizeof ue->sub_impu);
	ims_ue_forget(&ue->sub_peer_tag);
	ims_ue_forget(&ue->sub_target);
	ims_ue_forget(&ue->sub_route);
	ims_reg_watch_free(&ue->watch);
	send(ue);
}

/* With the longer expiry, and all else as it was. */
static void longer(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	send(ue);
}

static void refresh(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ue->sub_brief = false;
	send(ue);
}

/* The 200 lists the route from the far end, a NOTIFY from ours [RFC 3261
 * 12.1.1, 12.1.2].
 */
static void keep_route(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_sip_walk w = ims_sip_walk(m, IMS_SIP_RECORD_ROUTE);
	struct ims_str v, hop[16];
	char mem[ROUTE_MAX];
	struct ims_buf b;
	size_t n = 0;

	while (n < sizeof hop / sizeof *hop && ims_sip_walk_next(&w, &v))
		hop[n++] = v;
	ims_buf_init(&b, mem, sizeof mem);
	for (size_t i = 0; i < n; i++) {
		if (i)
			ims_buf_puts(&b, ", ");
		ims_buf_put(&b, hop[m->request ? i : n - 1 - i]);
	}
	if (b.over || !ims_ue_keep(&ue->sub_route, ims_buf_str(&b)))
		ims_ue_forget(&ue->sub_route);
}

void ims_ue_sub_dialog(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	struct ims_str tag =
		ims_sip_tag(m, m->request ? IMS_SIP_FROM : IMS_SIP_TO);
	struct ims_sip_addr contact;

	if (ue->sub_peer_tag.n == 0) {
		ims_ue_keep(&ue->sub_peer_tag, tag);
		keep_route(ue, m);
	}
	if (!ims_sip_addr_get(m, IMS_SIP_CONTACT, &contact) && !contact.star)
		ims_ue_keep(&ue->sub_target, contact.uri.text);
}

void ims_ue_sub_until(struct ims_ue *ue, uint32_t expires_s)
{
	uint64_t ms =
		UINT64_C(1000) * (expires_s > LEAST_S ? expires_s : LEAST_S);

	ims_ue_timer(ue, UE_T_SUB_END, ms);
	ims_ue_timer(ue, UE_T_SUB, ims_ue_renew_ms(ms));
}

static void accept(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint32_t s = ue->sub_ask;

	ims_sip_number(m, IMS_SIP_EXPIRES, &s);
	ims_ue_sub_dialog(ue, m);
	ims_ue_sub_until(ue, s);
	ue->sub_failures = 0;
	if (ue->sub == UE_SUB_ACCEPTED)
		ims_ue_timer(ue, UE_T_SUB_N,
			     UINT64_C(64) * ue->conf.timers.t1_ms);
	ims_ue_remember(ue);
	ims_acts_tell(&ue->acts, IMS_TELL_SUBSCRIBED, 0, ue->now.id,
		      "subscribed to reg of %s for %u s", ue->sub_impu,
		      (unsigned)s);
}

static void heard(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_timer_off(ue, UE_T_SUB_N);
}

/* The 200 is lost, but the NOTIFY made the dialog. */
static void assume(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	if (ue->at[UE_T_SUB_END] == IMS_NEVER)
		ims_ue_sub_until(ue, ue->conf.expires);
}

/* The subscription lives on until its time is over; of a short one half of
 * what is left goes by before the next try.
 */
static void keep(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint64_t end = ue->at[UE_T_SUB_END];
	uint64_t left = end - ue->now_ms;
	uint64_t wait = UINT64_C(1000) * RETRY_S;

	(void)m;
	if (ue->sub_retry_s)
		wait = UINT64_C(1000) * ue->sub_retry_s;
	else if (wait > left / 2 && left / 2 >= UINT64_C(1000) * LEAST_S / 2)
		wait = left / 2;
	ue->sub_retry_s = 0;
	if (end != IMS_NEVER && ue->now_ms + wait < end)
		ims_ue_timer(ue, UE_T_SUB, wait);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "the subscription was not renewed: %s", ue->why.text);
}

/* As long as the network asks for; else longer each time. */
static void pause_a_while(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	uint64_t ms = ims_ue_backoff_ms(ue, PAUSE_S, ue->sub_failures);

	(void)m;
	if (ue->sub_retry_s)
		ms = UINT64_C(1000) * ue->sub_retry_s;
	ue->sub_retry_s = 0;
	ue->sub_failures++;
	ims_ue_sub_rest(ue);
	ims_ue_timer(ue, UE_T_SUB, ms);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "not subscribed to reg: %s; again in %llu s",
		      ue->why.text, (unsigned long long)(ms / 1000));
}

static void refused(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	stop(ue, m);
	ims_acts_tell(&ue->acts, IMS_TELL_PROBLEM, ue->why.err, ue->now.id,
		      "registered, but not subscribed to reg: %s",
		      ue->why.text);
}

static void ended(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	stop(ue, m);
	ims_acts_tell(&ue->acts, IMS_TELL_INFO, 0, ue->now.id, "%s",
		      ue->why.text);
}

static void stop(struct ims_ue *ue, const struct ims_sip_msg *m)
{
	(void)m;
	ims_ue_sub_rest(ue);
	ue->sub_failures = 0;
}
