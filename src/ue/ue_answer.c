/* SPDX-License-Identifier: BSD-2-Clause */
/* ue_answer.c - what an answer to REGISTER means: it becomes an event.
 *
 * A status is looked up in one table: what it means for the first registration
 * and what for the renewal of one that lives.  Answers that have to be read
 * (401, 423, ...) have a judge of their own.  While the UE leaves, every refusal
 * is as good as an answer.
 *
 * Spec: TS 24.229 5.1.1.2, 5.1.1.4, 5.1.1.5; RFC 3261 8.1.3, 21; RFC 3329 2.3;
 * spec.md 9, 15.
 */
#include "ue_priv.h"

/* More challenges than this in one procedure lead nowhere. */
#define CHALLENGES_MAX 6
/* A registrar may ask for this at most: ten years. */
#define MIN_EXPIRES_MAX 315360000

typedef enum ue_reg_event judge(struct ims_ue *ue, const struct ims_sip_msg *m);

static judge judge_401, judge_423, judge_439, judge_agreement, judge_305;

/* ON_NEXT: this P-CSCF does not serve.  What that leads to (the next, a pause,
 * the end) is then a matter of ue_retry.c.
 */
/* clang-format off */
static const struct answer {
	uint16_t status;
	enum ue_reg_event first; /* registration */
	enum ue_reg_event again; /* renewal */
	enum ue_reg_event later; /* renewal, with Retry-After */
	judge *judge;            /* instead of these */
	const char *spec;
} answers[] = {
	/* status first  again    later    judge            spec */
	{305, ON_NEXT, ON_LOST, ON_LOST, judge_305,       "24.229 5.1.1.2.1"},
	{401, 0,       0,       0,       judge_401,       "24.229 5.1.1.5.1"},
	{403, ON_FAIL, ON_FAIL, ON_FAIL, NULL,            "24.229 5.1.1.2.1"},
	{404, ON_FAIL, ON_FAIL, ON_FAIL, NULL,            "RFC3261 10.3"},
	{408, ON_NEXT, ON_LOST, ON_LOST, NULL,            "24.229 5.1.1.4.1"},
	{420, ON_NEXT, ON_FAIL, ON_FAIL, NULL,            "RFC3261 8.1.3.5"},
	{421, 0,       0,       0,       judge_agreement, "RFC3329 2.3.1"},
	{423, 0,       0,       0,       judge_423,       "24.229 5.1.1.2.1"},
	{430, ON_NEXT, ON_LOST, ON_LOST, NULL,            "RFC5626 5.3.1"},
	{439, 0,       0,       0,       judge_439,       "RFC5626 4.2.1"},
	{480, ON_NEXT, ON_FAIL, ON_FAIL, NULL,            "RFC3261 21.4.18"},
	{494, 0,       0,       0,       judge_agreement, "RFC3329 2.3.1"},
	{500, ON_NEXT, ON_LOST, ON_LOST, NULL,            "24.229 5.1.1.4.1"},
	{503, ON_NEXT, ON_LOST, ON_FAIL, NULL,            "RFC3261 21.5.4"},
	{504, ON_NEXT, ON_LOST, ON_LOST, NULL,            "24.229 5.1.1.4.1"},
	/* All others; also 3xx: nobody is led away by a redirection that no
	 * SA protects.
	 */
	{0,   ON_NEXT, ON_FAIL, ON_FAIL, NULL,            "24.229 5.1.1.2.1"},
};
/* clang-format on */

enum ue_reg_event ims_ue_judge_spoilt(struct ims_ue *ue)
{
	if (ims_ue_reg_leaves(ue))
		return ON_FAIL;
	if (!ue->restarted) {
		ue->restarted = true;
		return ON_RESTART;
	}
	return ims_ue_reg_first(ue) ? ims_ue_failed_here(ue, 0) : ON_FAIL;
}

/* This P-CSCF does not serve; or the renewal is refused. */
static enum ue_reg_event no_use(struct ims_ue *ue)
{
	return ims_ue_reg_first(ue) ? ims_ue_failed_here(ue, 0) : ON_FAIL;
}

/* The first hop cannot do outbound: again without. */
static enum ue_reg_event judge_439(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	ims_ue_say_refusal(ue, m, UE_REF_REGISTER);
	if (ue->no_outbound || !ims_ue_reg_first(ue))
		return no_use(ue);
	ue->no_outbound = true;
	return ON_RESTART;
}

static enum ue_reg_event judge_401(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	if (++ue->challenges > CHALLENGES_MAX) {
		ims_ue_say_refusal(ue, m, UE_REF_REGISTER);
		return no_use(ue);
	}
	if (ims_ue_challenge(ue, m))
		return no_use(ue);
	/* A P-CSCF that answers a REGISTER without Security-Client with a
	 * Security-Server wants us to agree; it cannot have our SPIs yet, so
	 * this challenge is of no use and a REGISTER with an offer gets a
	 * fresh one.
	 */
	if (!ue->offering && ue->ch.has_server && ims_ue_reg_first(ue) &&
	    ue->conf.offer == IMS_UE_OFFER_CHALLENGED)
		return ON_MUST_OFFER;
	return ON_CHALLENGE;
}

static enum ue_reg_event judge_305(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	ims_ue_say_refusal(ue, m, UE_REF_REGISTER);
	ue->avoid = true; /* whatever its Contact says */
	return ims_ue_reg_first(ue)    ? ims_ue_failed_here(ue, 0)
	       : ims_ue_reg_leaves(ue) ? ON_FAIL
				       : ON_LOST;
}

static enum ue_reg_event judge_423(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	uint32_t least;

	if (!ue->brief && !ims_ue_reg_leaves(ue) &&
	    !ims_sip_number(m, IMS_SIP_MIN_EXPIRES, &least) &&
	    least > ue->ask_expires && least <= MIN_EXPIRES_MAX) {
		ue->brief = true;
		ue->ask_expires = least;
		return ON_TOO_BRIEF;
	}
	ims_ue_say_refusal(ue, m, UE_REF_REGISTER);
	return no_use(ue);
}

/* 421, 494: with a list there is something to agree on, if we have it; a new
 * offer then meets it, or what was wrong with the old one.  Over SAs it says
 * that our Security-Verify is not the list that was sent: those of the attempt
 * are of no use, and if they are the ones in use neither are they.
 */
static enum ue_reg_event judge_agreement(struct ims_ue *ue,
					 const struct ims_sip_msg *m)
{
	bool temp = ue->temp.id != 0;

	ims_ue_say_refusal(ue, m, UE_REF_REGISTER);
	if (ims_ue_reg_leaves(ue))
		return ON_FAIL;
	if (!ims_ue_reg_first(ue))
		return temp ? ON_FAIL : ON_LOST;
	if (!ue->offering && ue->conf.offer == IMS_UE_OFFER_CHALLENGED)
		return ON_MUST_OFFER;
	if (!ue->offering || !ims_sip_has(m, IMS_SIP_SECURITY_SERVER))
		return no_use(ue);
	ims_ue_choose(ue, m);
	return ue->ch.choice == -IMS_E_NO_MECH ? ON_FAIL
					       : ims_ue_judge_spoilt(ue);
}

static enum ue_reg_event judge_2xx(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	if (ue->reg == UE_TRYING && ue->conf.offer != IMS_UE_OFFER_NEVER) {
		ims_flaw(&ue->why, -IMS_E_PEER,
			 "%u to REGISTER without a challenge: the network did "
			 "not prove who it is",
			 m->status);
		return no_use(ue);
	}
	if (!ue->leaving && ims_ue_ok_expires(ue, m) == 0) {
		ims_flaw(&ue->why, -IMS_E_PEER,
			 "%u to REGISTER with expires=0 for our Contact",
			 m->status);
		return ims_ue_reg_leaves(ue)  ? ON_FAIL
		       : ims_ue_reg_first(ue) ? no_use(ue)
					      : ON_LOST;
	}
	return ON_OK;
}

static const struct answer *look_up(unsigned status)
{
	const struct answer *a = answers;

	while (a->status && a->status != status)
		a++;
	return a;
}

static enum ue_reg_event judge_any(struct ims_ue *ue,
				   const struct ims_sip_msg *m)
{
	const struct answer *a = look_up(m->status);
	uint32_t retry_after = ims_ue_retry_after(m);

	if (m->status < 300)
		return judge_2xx(ue, m);
	ims_trace(ue->trace, IMS_DEBUG, "ue_answer", "%u to REGISTER [%s]",
		  m->status, a->spec);
	if (ims_ue_falls_back(ue, m->status))
		return ON_FALL_BACK;
	if (a->judge)
		return a->judge(ue, m);
	ims_ue_say_refusal(ue, m, UE_REF_REGISTER);
	if (ims_ue_reg_leaves(ue))
		return ON_FAIL;
	if (ims_ue_reg_first(ue))
		return a->first == ON_NEXT ? ims_ue_failed_here(ue, retry_after)
					   : a->first;
	ue->pause_s = retry_after;
	if (retry_after)
		ue->not_before[ue->pcscf] =
			ue->now_ms + UINT64_C(1000) * retry_after;
	return retry_after ? a->later : a->again;
}

/* A further identity takes the first one neither along nor with it. */
enum ue_reg_event ims_ue_judge_answer(struct ims_ue *ue,
				      const struct ims_sip_msg *m)
{
	enum ue_reg_event on = judge_any(ue, m);

	if (!ue->who)
		return on;
	if (ims_ue_reg_leaves(ue) && (on == ON_OK || on == ON_FAIL))
		return ON_ONE_LEFT;
	return on == ON_LOST ? ON_FAIL : on;
}

enum ue_reg_event ims_ue_judge_silence(struct ims_ue *ue)
{
	if (ims_ue_reg_leaves(ue))
		return ON_FAIL;
	if (ims_ue_reg_first(ue))
		return ims_ue_failed_here(ue, 0);
	/* It is this host that has no way: the registration may live. */
	if (ue->why.err != -IMS_E_SILENCE)
		return ON_FAIL;
	ue->avoid = true;
	return ON_LOST;
}

enum ue_reg_event ims_ue_judge_here(struct ims_ue *ue)
{
	switch (-ue->why.err) {
	case IMS_E_SPI_TAKEN:
	case IMS_E_PORT:
	case IMS_E_ESP_SPI: /* a new offer has others */
		if (!ue->restarted)
			return ims_ue_judge_spoilt(ue);
		break;
	case IMS_E_RIGHTS:
	case IMS_E_NODEV:
	case IMS_E_NO_ESP:
	case IMS_E_NO_MECH: /* it will not be better later */
		return ON_FAIL;
	default:
		break;
	}
	return ims_ue_reg_first(ue) && ims_ue_fights(ue) ? ON_LATER : ON_FAIL;
}

enum ue_reg_event ims_ue_judge_choice(struct ims_ue *ue)
{
	ims_flaw(&ue->why, ue->ch.choice, "401: %s", ue->ch.choice_why.text);
	return ue->ch.choice == -IMS_E_NO_MECH ? ON_FAIL
					       : ims_ue_judge_spoilt(ue);
}
