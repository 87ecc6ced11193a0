/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_reg_priv.h - the acts of the machine in ue_reg.c, and what they share. */
#ifndef IMS_UE_REG_PRIV_H
#define IMS_UE_REG_PRIV_H

#include "ue_priv.h"

/* m: the message that the event came of, or NULL. */
typedef void ims_ue_act(struct ims_ue *ue, const struct ims_sip_msg *m);

/* ue_first.c */
ims_ue_act ims_ue_do_first; /* START, or the pause is over */
ims_ue_act ims_ue_do_offer; /* again, with Security-Client */
ims_ue_act ims_ue_do_again; /* again, as it was */
ims_ue_act ims_ue_do_fall_back;
ims_ue_act ims_ue_do_restart; /* again, with a new Call-ID */
ims_ue_act ims_ue_do_next;    /* at the next P-CSCF */
ims_ue_act ims_ue_do_wait;
ims_ue_act ims_ue_do_ask_sim;
ims_ue_act ims_ue_do_secure;
ims_ue_act ims_ue_do_respond;
ims_ue_act ims_ue_do_auts;
ims_ue_act ims_ue_do_empty; /* the MAC was wrong */
ims_ue_act ims_ue_do_last;  /* STOP, but an answer is due */
ims_ue_act ims_ue_do_give_up;
ims_ue_act ims_ue_do_abandon;

/* ue_life.c */
ims_ue_act ims_ue_do_enter;
ims_ue_act ims_ue_do_enter_leave;
ims_ue_act ims_ue_do_resume;
ims_ue_act ims_ue_do_refresh;
ims_ue_act ims_ue_do_refresh_anew; /* with a new Call-ID */
ims_ue_act ims_ue_do_more;         /* a further identity's REGISTER */
ims_ue_act ims_ue_do_renew;
ims_ue_act ims_ue_do_stay;
ims_ue_act ims_ue_do_anew;       /* from the beginning; the SAs are dead */
ims_ue_act ims_ue_do_come_back;  /* same, told to by the network */
ims_ue_act ims_ue_do_come_later; /* same, but later */
ims_ue_act ims_ue_do_end;
ims_ue_act ims_ue_do_leave;
ims_ue_act ims_ue_do_leave_next; /* the next identity */
ims_ue_act ims_ue_do_left;
ims_ue_act ims_ue_do_finish;

/* ue_first.c: a REGISTER with what was said, over that set or in the clear. */
void ims_ue_reg_send(struct ims_ue *ue, const struct ue_set *over);
void ims_ue_reg_offer_and_send(struct ims_ue *ue);
void ims_ue_reg_begin(struct ims_ue *ue); /* a procedure */
/* The request under way is nobody's any more. */
void ims_ue_reg_forget(struct ims_ue *ue);
void ims_ue_reg_attempt(struct ims_ue *ue); /* the first REGISTER */
/* Nothing stays: subscription, timers, sets (if so), secrets, the record. */
void ims_ue_reg_take_down(struct ims_ue *ue, bool retire);
const struct ue_set *ims_ue_reg_in_use(const struct ims_ue *ue);

#endif
