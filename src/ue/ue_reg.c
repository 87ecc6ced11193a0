/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_reg.c - the UE's registration, from the first REGISTER to the last.
 *
 * What a message means is decided before it gets here (ue_msg.c and
 * ue_answer.c make the event); what is then to be done is queued, not done
 * (role.h).  So the table is the whole behaviour; its acts are in ue_first.c
 * and ue_life.c.
 *
 * Three times the same four states: for the first registration, for one that
 * is renewed while the old SAs still serve, and for the last REGISTER, which
 * may be challenged like any other.
 *
 * Spec: TS 24.229 5.1.1; TS 33.203 6.1, 7.2-7.4; spec.md 8, 9, 15.
 */
#include "ue_reg_priv.h"

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	ims_ue_act *act;
} rows[] = {
	/* in              on              to                 spec                 act */
	{{UE_IDLE,           ON_START,       UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_first},
	{{UE_IDLE,           ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},

	{{UE_WAITING,        ON_WAITED,      UE_TRYING,         "RFC5626 4.5"},     ims_ue_do_first},
	{{UE_WAITING,        ON_START,       UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_first},
	{{UE_WAITING,        ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_WAITING,        ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},

	{{UE_TRYING,         ON_CHALLENGE,   UE_ASKING,         "24.229 5.1.1.5.1"}, ims_ue_do_ask_sim},
	{{UE_TRYING,         ON_MUST_OFFER,  UE_TRYING,         "RFC3329 2.3.1"},   ims_ue_do_offer},
	{{UE_TRYING,         ON_FALL_BACK,   UE_TRYING,         "RFC3261 8.1.3.5"}, ims_ue_do_fall_back},
	{{UE_TRYING,         ON_TOO_BRIEF,   UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_again},
	{{UE_TRYING,         ON_OK,          UE_REGISTERED,     "24.229 5.1.1.2.1"}, ims_ue_do_enter},
	{{UE_TRYING,         ON_RESTART,     UE_TRYING,         "24.229 5.1.1.5.1"}, ims_ue_do_restart},
	{{UE_TRYING,         ON_NEXT,        UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_next},
	{{UE_TRYING,         ON_LATER,       UE_WAITING,        "RFC5626 4.5"},     ims_ue_do_wait},
	{{UE_TRYING,         ON_FAIL,        UE_IDLE,           "24.229 5.1.1.2.1"}, ims_ue_do_give_up},
	{{UE_TRYING,         ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_TRYING,         ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},

	{{UE_ASKING,         ON_SIM_OK,      UE_SECURING,       "33.203 7.2"},      ims_ue_do_secure},
	{{UE_ASKING,         ON_SIM_CLEAR,   UE_PROVING,        "24.229 5.1.1.5.1"}, ims_ue_do_respond},
	{{UE_ASKING,         ON_SIM_RESYNC,  UE_TRYING,         "24.229 5.1.1.5.3"}, ims_ue_do_auts},
	{{UE_ASKING,         ON_SIM_REJECT,  UE_TRYING,         "24.229 5.1.1.5.3"}, ims_ue_do_empty},
	{{UE_ASKING,         ON_RESTART,     UE_TRYING,         "24.229 5.1.1.5.1"}, ims_ue_do_restart},
	{{UE_ASKING,         ON_NEXT,        UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_next},
	{{UE_ASKING,         ON_LATER,       UE_WAITING,        "RFC5626 4.5"},     ims_ue_do_wait},
	{{UE_ASKING,         ON_FAIL,        UE_IDLE,           "24.229 5.1.1.5.3"}, ims_ue_do_give_up},
	{{UE_ASKING,         ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_ASKING,         ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},

	{{UE_SECURING,       ON_SA_OK,       UE_PROVING,        "33.203 7.2"},      ims_ue_do_respond},
	{{UE_SECURING,       ON_RESTART,     UE_TRYING,         "24.229 5.1.1.5.1"}, ims_ue_do_restart},
	{{UE_SECURING,       ON_NEXT,        UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_next},
	{{UE_SECURING,       ON_LATER,       UE_WAITING,        "RFC5626 4.5"},     ims_ue_do_wait},
	{{UE_SECURING,       ON_FAIL,        UE_IDLE,           "33.203 7.3.1"},    ims_ue_do_give_up},
	{{UE_SECURING,       ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_SECURING,       ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},

	{{UE_PROVING,        ON_OK,          UE_REGISTERED,     "33.203 7.4.1"},    ims_ue_do_enter},
	{{UE_PROVING,        ON_CHALLENGE,   UE_ASKING,         "24.229 5.1.1.5.1"}, ims_ue_do_ask_sim},
	{{UE_PROVING,        ON_TOO_BRIEF,   UE_PROVING,        "24.229 5.1.1.2.1"}, ims_ue_do_again},
	{{UE_PROVING,        ON_RESTART,     UE_TRYING,         "24.229 5.1.1.5.1"}, ims_ue_do_restart},
	{{UE_PROVING,        ON_NEXT,        UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_next},
	{{UE_PROVING,        ON_LATER,       UE_WAITING,        "RFC5626 4.5"},     ims_ue_do_wait},
	{{UE_PROVING,        ON_FAIL,        UE_IDLE,           "33.203 7.3.1"},    ims_ue_do_give_up},
	{{UE_PROVING,        ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_PROVING,        ON_STOP,        UE_PROVING_LAST,   "24.229 5.1.1.6"},  ims_ue_do_last},

	{{UE_PROVING_LAST,   ON_OK,          UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_enter_leave},
	{{UE_PROVING_LAST,   ON_CHALLENGE,   UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},
	{{UE_PROVING_LAST,   ON_FAIL,        UE_IDLE,           "33.203 7.3.1"},    ims_ue_do_abandon},
	{{UE_PROVING_LAST,   ON_ADDRESS,     UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},
	{{UE_PROVING_LAST,   ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_abandon},

	{{UE_REGISTERED,     ON_RESUMED,     UE_REGISTERED,     "24.229 5.1.1.4.1"}, ims_ue_do_resume},
	{{UE_REGISTERED,     ON_REFRESH_DUE, UE_REFRESHING,     "24.229 5.1.1.4.1"}, ims_ue_do_refresh},
	{{UE_REGISTERED,     ON_START,       UE_REFRESHING,     "24.229 5.1.1.4.1"}, ims_ue_do_refresh},
	{{UE_REGISTERED,     ON_MORE,        UE_REFRESHING,     "24.229 5.1.1.2.1"}, ims_ue_do_more},
	{{UE_REGISTERED,     ON_LOST,        UE_TRYING,         "24.229 5.1.1.4.1"}, ims_ue_do_anew},
	{{UE_REGISTERED,     ON_EXPIRED,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_REGISTERED,     ON_LATER,       UE_WAITING,        "RFC3261 20.33"},   ims_ue_do_wait},
	{{UE_REGISTERED,     ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_REGISTERED,     ON_DEACTIVATED, UE_TRYING,         "RFC3680 5.1"},     ims_ue_do_come_back},
	{{UE_REGISTERED,     ON_PROBATION,   UE_WAITING,        "RFC3680 5.1"},     ims_ue_do_come_later},
	{{UE_REGISTERED,     ON_TERMINATED,  UE_DRAINING,       "24.229 5.1.1.7"},  ims_ue_do_end},
	{{UE_REGISTERED,     ON_STOP,        UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_leave},

	{{UE_REFRESHING,     ON_CHALLENGE,   UE_RE_ASKING,      "24.229 5.1.1.5.1"}, ims_ue_do_ask_sim},
	{{UE_REFRESHING,     ON_TOO_BRIEF,   UE_REFRESHING,     "24.229 5.1.1.4.1"}, ims_ue_do_again},
	{{UE_REFRESHING,     ON_OK,          UE_REGISTERED,     "24.229 5.1.1.4.1"}, ims_ue_do_renew},
	{{UE_REFRESHING,     ON_FAIL,        UE_REGISTERED,     "24.229 5.1.1.4.1"}, ims_ue_do_stay},
	{{UE_REFRESHING,     ON_LOST,        UE_TRYING,         "24.229 5.1.1.4.1"}, ims_ue_do_anew},
	{{UE_REFRESHING,     ON_EXPIRED,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_REFRESHING,     ON_LATER,       UE_WAITING,        "RFC3261 20.33"},   ims_ue_do_wait},
	{{UE_REFRESHING,     ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_REFRESHING,     ON_DEACTIVATED, UE_TRYING,         "RFC3680 5.1"},     ims_ue_do_come_back},
	{{UE_REFRESHING,     ON_PROBATION,   UE_WAITING,        "RFC3680 5.1"},     ims_ue_do_come_later},
	{{UE_REFRESHING,     ON_TERMINATED,  UE_DRAINING,       "24.229 5.1.1.7"},  ims_ue_do_end},
	{{UE_REFRESHING,     ON_STOP,        UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_leave},

	{{UE_RE_ASKING,      ON_SIM_OK,      UE_RE_SECURING,    "33.203 7.2"},      ims_ue_do_secure},
	{{UE_RE_ASKING,      ON_SIM_CLEAR,   UE_RE_PROVING,     "24.229 5.1.1.5.1"}, ims_ue_do_respond},
	{{UE_RE_ASKING,      ON_SIM_RESYNC,  UE_REFRESHING,     "24.229 5.1.1.5.3"}, ims_ue_do_auts},
	{{UE_RE_ASKING,      ON_SIM_REJECT,  UE_REFRESHING,     "24.229 5.1.1.5.3"}, ims_ue_do_empty},
	{{UE_RE_ASKING,      ON_RESTART,     UE_REFRESHING,     "24.229 5.1.1.5.1"}, ims_ue_do_restart},
	{{UE_RE_ASKING,      ON_FAIL,        UE_REGISTERED,     "24.229 5.1.1.5.3"}, ims_ue_do_stay},
	{{UE_RE_ASKING,      ON_LOST,        UE_TRYING,         "24.229 5.1.1.4.1"}, ims_ue_do_anew},
	{{UE_RE_ASKING,      ON_EXPIRED,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_RE_ASKING,      ON_LATER,       UE_WAITING,        "RFC3261 20.33"},   ims_ue_do_wait},
	{{UE_RE_ASKING,      ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_RE_ASKING,      ON_DEACTIVATED, UE_TRYING,         "RFC3680 5.1"},     ims_ue_do_come_back},
	{{UE_RE_ASKING,      ON_PROBATION,   UE_WAITING,        "RFC3680 5.1"},     ims_ue_do_come_later},
	{{UE_RE_ASKING,      ON_TERMINATED,  UE_DRAINING,       "24.229 5.1.1.7"},  ims_ue_do_end},
	{{UE_RE_ASKING,      ON_STOP,        UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_leave},

	{{UE_RE_SECURING,    ON_SA_OK,       UE_RE_PROVING,     "33.203 7.4.1"},    ims_ue_do_respond},
	{{UE_RE_SECURING,    ON_RESTART,     UE_REFRESHING,     "24.229 5.1.1.5.1"}, ims_ue_do_restart},
	{{UE_RE_SECURING,    ON_FAIL,        UE_REGISTERED,     "33.203 7.3.1"},    ims_ue_do_stay},
	{{UE_RE_SECURING,    ON_LOST,        UE_TRYING,         "24.229 5.1.1.4.1"}, ims_ue_do_anew},
	{{UE_RE_SECURING,    ON_EXPIRED,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_RE_SECURING,    ON_LATER,       UE_WAITING,        "RFC3261 20.33"},   ims_ue_do_wait},
	{{UE_RE_SECURING,    ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_RE_SECURING,    ON_DEACTIVATED, UE_TRYING,         "RFC3680 5.1"},     ims_ue_do_come_back},
	{{UE_RE_SECURING,    ON_PROBATION,   UE_WAITING,        "RFC3680 5.1"},     ims_ue_do_come_later},
	{{UE_RE_SECURING,    ON_TERMINATED,  UE_DRAINING,       "24.229 5.1.1.7"},  ims_ue_do_end},
	{{UE_RE_SECURING,    ON_STOP,        UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_leave},

	{{UE_RE_PROVING,     ON_OK,          UE_REGISTERED,     "33.203 7.4.1"},    ims_ue_do_renew},
	{{UE_RE_PROVING,     ON_CHALLENGE,   UE_RE_ASKING,      "24.229 5.1.1.5.1"}, ims_ue_do_ask_sim},
	{{UE_RE_PROVING,     ON_TOO_BRIEF,   UE_RE_PROVING,     "24.229 5.1.1.4.1"}, ims_ue_do_again},
	{{UE_RE_PROVING,     ON_RESTART,     UE_REFRESHING,     "24.229 5.1.1.5.1"}, ims_ue_do_restart},
	{{UE_RE_PROVING,     ON_FAIL,        UE_REGISTERED,     "33.203 7.3.1"},    ims_ue_do_stay},
	{{UE_RE_PROVING,     ON_LOST,        UE_TRYING,         "24.229 5.1.1.4.1"}, ims_ue_do_anew},
	{{UE_RE_PROVING,     ON_EXPIRED,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_RE_PROVING,     ON_LATER,       UE_WAITING,        "RFC3261 20.33"},   ims_ue_do_wait},
	{{UE_RE_PROVING,     ON_ADDRESS,     UE_TRYING,         "24.229 5.1.1.2.1"}, ims_ue_do_anew},
	{{UE_RE_PROVING,     ON_DEACTIVATED, UE_TRYING,         "RFC3680 5.1"},     ims_ue_do_come_back},
	{{UE_RE_PROVING,     ON_PROBATION,   UE_WAITING,        "RFC3680 5.1"},     ims_ue_do_come_later},
	{{UE_RE_PROVING,     ON_TERMINATED,  UE_DRAINING,       "24.229 5.1.1.7"},  ims_ue_do_end},
	{{UE_RE_PROVING,     ON_STOP,        UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_leave},

	{{UE_LEAVING,        ON_OK,          UE_DRAINING,       "24.229 5.1.1.6"},  ims_ue_do_left},
	{{UE_LEAVING,        ON_CHALLENGE,   UE_LEAVE_ASKING,   "24.229 5.1.1.5.1"}, ims_ue_do_ask_sim},
	{{UE_LEAVING,        ON_ONE_LEFT,    UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_leave_next},
	{{UE_LEAVING,        ON_FAIL,        UE_DRAINING,       "24.229 5.1.1.6"},  ims_ue_do_left},
	{{UE_LEAVING,        ON_ADDRESS,     UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},
	{{UE_LEAVING,        ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},

	{{UE_LEAVE_ASKING,   ON_SIM_OK,      UE_LEAVE_SECURING, "33.203 7.2"},      ims_ue_do_secure},
	{{UE_LEAVE_ASKING,   ON_SIM_CLEAR,   UE_LEAVE_PROVING,  "24.229 5.1.1.5.1"}, ims_ue_do_respond},
	{{UE_LEAVE_ASKING,   ON_SIM_RESYNC,  UE_LEAVING,        "24.229 5.1.1.5.3"}, ims_ue_do_auts},
	{{UE_LEAVE_ASKING,   ON_SIM_REJECT,  UE_LEAVING,        "24.229 5.1.1.5.3"}, ims_ue_do_empty},
	{{UE_LEAVE_ASKING,   ON_FAIL,        UE_DRAINING,       "24.229 5.1.1.5.3"}, ims_ue_do_left},
	{{UE_LEAVE_ASKING,   ON_ADDRESS,     UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},
	{{UE_LEAVE_ASKING,   ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},

	{{UE_LEAVE_SECURING, ON_SA_OK,       UE_LEAVE_PROVING,  "33.203 7.4.1"},    ims_ue_do_respond},
	{{UE_LEAVE_SECURING, ON_FAIL,        UE_DRAINING,       "33.203 7.3.1"},    ims_ue_do_left},
	{{UE_LEAVE_SECURING, ON_ADDRESS,     UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},
	{{UE_LEAVE_SECURING, ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},

	{{UE_LEAVE_PROVING,  ON_OK,          UE_DRAINING,       "24.229 5.1.1.6"},  ims_ue_do_left},
	{{UE_LEAVE_PROVING,  ON_CHALLENGE,   UE_LEAVE_ASKING,   "24.229 5.1.1.5.1"}, ims_ue_do_ask_sim},
	{{UE_LEAVE_PROVING,  ON_ONE_LEFT,    UE_LEAVING,        "24.229 5.1.1.6"},  ims_ue_do_leave_next},
	{{UE_LEAVE_PROVING,  ON_FAIL,        UE_DRAINING,       "33.203 7.3.1"},    ims_ue_do_left},
	{{UE_LEAVE_PROVING,  ON_ADDRESS,     UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},
	{{UE_LEAVE_PROVING,  ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},

	{{UE_DRAINING,       ON_DRAINED,     UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},
	{{UE_DRAINING,       ON_ADDRESS,     UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},
	{{UE_DRAINING,       ON_STOP,        UE_IDLE,           "24.229 5.1.1.6"},  ims_ue_do_finish},
};

static const char *const states[] = {
	[UE_IDLE] = "idle",                 [UE_WAITING] = "waiting",
	[UE_TRYING] = "trying",
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
	[ON_START] = "start",             [ON_RESUMED] = "resumed",
	[ON_CHALLENGE] = "challenge",     [ON_MUST_OFFER] = "must-offer",
	[ON_FALL_BACK] = "fall-back",     [ON_TOO_BRIEF] = "too-brief",
	[ON_SIM_OK] = "sim-ok",           [ON_SIM_CLEAR] = "sim-clear",
	[ON_SIM_RESYNC] = "sim-resync",   [ON_SIM_REJECT] = "sim-reject",
	[ON_SA_OK] = "sa-ok",             [ON_OK] = "ok",
	[ON_RESTART] = "restart",         [ON_NEXT] = "next",
	[ON_LATER] = "later",             [ON_FAIL] = "fail",
	[ON_LOST] = "lost",               [ON_WAITED] = "waited",
	[ON_REFRESH_DUE] = "refresh-due", [ON_MORE] = "more",
	[ON_ONE_LEFT] = "one-left",       [ON_EXPIRED] = "expired",
	[ON_TERMINATED] = "terminated",   [ON_DEACTIVATED] = "deactivated",
	[ON_PROBATION] = "probation",     [ON_ADDRESS] = "address",
	[ON_STOP] = "stop",               [ON_DRAINED] = "drained",
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

bool ims_ue_reg_first(const struct ims_ue *ue)
{
	return ue->reg >= UE_TRYING && ue->reg <= UE_PROVING;
}

bool ims_ue_reg_leaves(const struct ims_ue *ue)
{
	return ue->reg == UE_PROVING_LAST ||
	       (ue->reg >= UE_LEAVING && ue->reg <= UE_LEAVE_PROVING);
}
