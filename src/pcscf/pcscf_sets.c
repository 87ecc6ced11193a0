/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_sets.c - the life of an SA set: temporary, new, in use, old.
 *
 * Each set walks the table by itself; where one step makes another set take
 * one (a successor, a predecessor), the action says so.
 *
 * Spec: TS 24.229 5.2.2; TS 33.203 7.4.
 */
#include <stdlib.h>

#include "pcscf_priv.h"

/* What an event brings along. */
struct how {
	uint64_t now_ms;
	uint64_t end_at;              /* PROVEN */
	enum ims_transport transport; /* LEAVE */
};

typedef void action(struct ims_pcscf *p, struct ims_pcscf_set *s,
		    const struct how *how);
static action installed, refused, first, next, arm, stay, take_over, leave,
	drop;

#define MAKING IMS_SET_MAKING
#define PENDING IMS_SET_PENDING
#define NEW IMS_SET_NEW
#define IN_USE IMS_SET_IN_USE
#define OLD IMS_SET_OLD
#define DYING IMS_SET_DYING
#define GONE IMS_SET_GONE

enum event {
	ON_INSTALLED,
	ON_REFUSED,  /* by the back-end */
	ON_PROVEN,   /* 200: the UE has the keys; an initial authentication */
	ON_REPROVEN, /* the same, in a re-authentication */
	ON_BEGAN,    /* a re-authentication succeeded: a newer one waits */
	ON_HEARD,    /* a message came over it */
	ON_TURN,     /* the set in use is about to end: its turn */
	ON_REPLACED, /* another one has been taken into use */
	ON_LEAVE,    /* no more wanted, once nothing is on its way over it */
	ON_END,      /* its time is over */
	ON_DROP,     /* no more wanted, at once */
	ON_LOST,     /* the back-end has it no more */
};

/* clang-format off */
static const struct row {
	struct ims_arc arc;
	action *act;
} rows[] = {
	{{MAKING,  ON_INSTALLED, PENDING, "33.203 7.2"},     installed},
	{{MAKING,  ON_REFUSED,   GONE,    "33.203 7.2"},     refused},
	{{MAKING,  ON_DROP,      GONE,    "33.203 7.4"},     drop},
	{{MAKING,  ON_LOST,      GONE,    "33.203 7.4"},     drop},
	{{PENDING, ON_PROVEN,    IN_USE,  "33.203 7.4"},     first},
	{{PENDING, ON_REPROVEN,  NEW,     "33.203 7.4"},     next},
	{{PENDING, ON_HEARD,     PENDING, "33.203 7.2"},     stay},
	{{PENDING, ON_LEAVE,     DYING,   "33.203 7.3"},     leave},
	{{PENDING, ON_END,       GONE,    "24.229 5.2.2"},   drop},
	{{PENDING, ON_DROP,      GONE,    "33.203 7.4"},     drop},
	{{PENDING, ON_LOST,      GONE,    "33.203 7.4"},     drop},
	{{NEW,     ON_HEARD,     IN_USE,  "33.203 7.4"},     take_over},
	{{NEW,     ON_TURN,      IN_USE,  "33.203 7.4"},     take_over},
	{{NEW,     ON_LEAVE,     DYING,   "24.229 5.2.5.1"}, leave},
	{{NEW,     ON_END,       GONE,    "33.203 7.4"},     drop},
	{{NEW,     ON_DROP,      GONE,    "33.203 7.4"},     drop},
	{{NEW,     ON_LOST,      GONE,    "33.203 7.4"},     drop},
	{{IN_USE,  ON_BEGAN,     IN_USE,  "33.203 7.4"},     arm},
	{{IN_USE,  ON_HEARD,     IN_USE,  "33.203 7.4"},     stay},
	{{IN_USE,  ON_REPLACED,  OLD,     "33.203 7.4"},     arm},
	{{IN_USE,  ON_LEAVE,     DYING,   "24.229 5.2.5.1"}, leave},
	{{IN_USE,  ON_END,       GONE,    "33.203 7.4"},     drop},
	{{IN_USE,  ON_DROP,      GONE,    "33.203 7.4"},     drop},
	{{IN_USE,  ON_LOST,      GONE,    "33.203 7.4"},     drop},
	{{OLD,     ON_BEGAN,     IN_USE,  "33.203 7.4"},     arm},
	{{OLD,     ON_HEARD,     OLD,     "33.203 7.4"},     stay},
	{{OLD,     ON_LEAVE,     DYING,   "24.229 5.2.5.1"}, leave},
	{{OLD,     ON_END,       GONE,    "33.203 7.4"},     drop},
	{{OLD,     ON_DROP,      GONE,    "33.203 7.4"},     drop},
	{{OLD,     ON_LOST,      GONE,    "33.203 7.4"},     drop},
	{{DYING,   ON_HEARD,     DYING,   "24.229 5.2.5.1"}, stay},
	{{DYING,   ON_LEAVE,     DYING,   "24.229 5.2.5.1"}, stay},
	{{DYING,   ON_END,       GONE,    "24.229 5.2.5.1"}, drop},
	{{DYING,   ON_DROP,      GONE,    "33.203 7.4"},     drop},
	{{DYING,   ON_LOST,      GONE,    "33.203 7.4"},     drop},
};

static const char *const states[] = {
	[MAKING] = "making", [PENDING] = "pending", [NEW] = "new",
	[IN_USE] = "in-use", [OLD] = "old", [DYING] = "dying", [GONE] = "gone",
};

static const char *const events[] = {
	[ON_INSTALLED] = "installed", [ON_REFUSED] = "refused",
	[ON_PROVEN] = "proven", [ON_REPROVEN] = "reproven",
	[ON_BEGAN] = "began", [ON_HEARD] = "heard", [ON_TURN] = "turn",
	[ON_REPLACED] = "replaced", [ON_LEAVE] = "leave", [ON_END] = "end",
	[ON_DROP] = "drop", [ON_LOST] = "lost",
};
/* clang-format on */

const struct ims_fsm ims_pcscf_set_fsm =
	IMS_FSM("pcscf-set", rows, states, events);

const char *ims_pcscf_life_name(unsigned life)
{
	return states[life];
}

bool ims_pcscf_life_established(unsigned life)
{
	return life == NEW || life == IN_USE || life == OLD;
}

bool ims_pcscf_set_established(const struct ims_pcscf_set *s)
{
	return ims_pcscf_life_established(s->life);
}

static bool waits(unsigned life)
{
	return life == MAKING || life == PENDING;
}

static void step(struct ims_pcscf *p, struct ims_pcscf_set *s, enum event on,
		 const struct how *how)
{
	struct ims_pcscf_ue *ue = s->ue;
	unsigned before = s->life;
	int i = ims_fsm_step(&ims_pcscf_set_fsm, &s->life, on, p->trace);

	if (i < 0)
		return;
	if (waits(before) && !waits(s->life))
		ims_pcscf_pend(p, ue->ip, false);
	if (before != s->life && (ims_pcscf_life_established(before) ||
				  ims_pcscf_life_established(s->life)))
		ims_pcscf_changed(p, ue);
	rows[i].act(p, s, how);
}

/* How long what is on its way may still take: 64*T1. */
static uint64_t transit(const struct ims_pcscf *p)
{
	return 64 * (uint64_t)p->conf.timers_gm.t1_ms;
}

/* What is on its way when a set ends may still arrive; but nobody keeps a set,
 * and with it his registration, by going on talking.
 */
static uint64_t latest(const struct ims_pcscf *p, const struct ims_pcscf_set *s)
{
	return s->life == DYING ? s->latest : s->end_at + transit(p);
}

/* The back-end ends it by itself if we do not. */
static void pin(struct ims_pcscf *p, const struct ims_pcscf_set *s)
{
	uint64_t at = latest(p, s);

	ims_acts_sa_life(&p->acts, s->sas.id,
			 at > p->now_ms ? at - p->now_ms : 0);
}

uint32_t ims_pcscf_set_trial_s(const struct ims_pcscf *p)
{
	return ims_role_life_s(p->conf.reg_await_auth_ms + transit(p));
}

void ims_pcscf_set_free(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	ims_heap_cancel(&p->due, &s->due);
	free(s->client);
	free(s->server);
	free(s);
}

static void link_set(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
		     struct ims_pcscf_set *s)
{
	s->ue = ue;
	s->next = ue->sets;
	ue->sets = s;
	ims_pcscf_index_add(p, s);
}

void ims_pcscf_set_link(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			struct ims_pcscf_set *s)
{
	s->life = MAKING;
	link_set(p, ue, s);
	ims_pcscf_pend(p, ue->ip, true);
}

void ims_pcscf_set_restored(struct ims_pcscf *p, struct ims_pcscf_ue *ue,
			    struct ims_pcscf_set *s, unsigned life)
{
	s->life = life;
	s->installed = s->proven = true;
	p->n_installed++;
	if (s->sas.id > p->last_set)
		p->last_set = s->sas.id;
	link_set(p, ue, s);
	pin(p, s);
	/* the others may not be there yet: then each is armed once more */
	for (s = ue->sets; s; s = s->next)
		arm(p, s, NULL);
}

static void unlink_set(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	struct ims_pcscf_set **at = &s->ue->sets;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	if (s->installed)
		p->n_installed--;
	ims_pcscf_index_del(p, s);
	ims_spi_pool_give(&p->spis, s->sas.sa[IMS_UC_TO_PS].spi);
	ims_spi_pool_give(&p->spis, s->sas.sa[IMS_US_TO_PC].spi);
	ims_pcscf_set_free(p, s);
}

/* --- actions --- */

static void stay(struct ims_pcscf *p, struct ims_pcscf_set *s,
		 const struct how *how)
{
	(void)p;
	(void)s;
	(void)how;
}

static void installed(struct ims_pcscf *p, struct ims_pcscf_set *s,
		      const struct how *how)
{
	(void)how;
	s->installed = true;
	p->n_installed++;
}

static void refused(struct ims_pcscf *p, struct ims_pcscf_set *s,
		    const struct how *how)
{
	(void)how;
	unlink_set(p, s); /* there is nothing to remove */
}

static void drop(struct ims_pcscf *p, struct ims_pcscf_set *s,
		 const struct how *how)
{
	(void)how;
	ims_acts_sa_del(&p->acts, s->sas.id);
	unlink_set(p, s);
}

/* A set in use gives way to its successor before it ends. */
static void arm(struct ims_pcscf *p, struct ims_pcscf_set *s,
		const struct how *how)
{
	uint64_t at = s->end_at;

	(void)how;
	if (s->life == IN_USE && ims_pcscf_set_of(s->ue, NEW))
		at = at > transit(p) ? at - transit(p) : 0;
	/* it has had a place in the heap since it was made */
	(void)ims_heap_set(&p->due, &s->due, at);
}

static void leave(struct ims_pcscf *p, struct ims_pcscf_set *s,
		  const struct how *how)
{
	uint64_t wait = how->transport == IMS_UDP ? transit(p)
						  : p->conf.timers_gm.t4_ms;

	s->latest = how->now_ms + 4 * transit(p);
	s->end_at = how->now_ms + wait;
	pin(p, s);
	arm(p, s, NULL);
}

/* The newly established set takes over, and the one before has not long to
 * live.
 */
static void take_over(struct ims_pcscf *p, struct ims_pcscf_set *s,
		      const struct how *how)
{
	struct ims_pcscf_set *before = s->ue->sets;
	uint64_t soon = how->now_ms + transit(p);

	while (before && (before == s || before->life != IN_USE))
		before = before->next;
	arm(p, s, NULL);
	if (!before)
		return;
	if (before->end_at > soon) {
		before->end_at = soon;
		pin(p, before);
	}
	step(p, before, ON_REPLACED, how);
}

static void drop_others(struct ims_pcscf *p, const struct ims_pcscf_set *s,
			const struct ims_pcscf_set *kept)
{
	struct ims_pcscf_set *o, *following;

	for (o = s->ue->sets; o; o = following) {
		following = o->next;
		if (o != s && o != kept)
			step(p, o, ON_DROP, NULL);
	}
}

/* After an initial authentication it is the only one. */
static void first(struct ims_pcscf *p, struct ims_pcscf_set *s,
		  const struct how *how)
{
	s->proven = true;
	s->end_at = how->end_at;
	pin(p, s);
	drop_others(p, s, NULL);
	arm(p, s, NULL);
}

/* Else the one in use stays so until the UE uses this one.  That is the one on
 * which it began, unless that was replaced meanwhile: what comes over a set that
 * was replaced never removes the one that took its place.
 */
static void next(struct ims_pcscf *p, struct ims_pcscf_set *s,
		 const struct how *how)
{
	struct ims_pcscf_set *before = ims_pcscf_set_of(s->ue, IN_USE);

	if (!before)
		before = ims_pcscf_set_by_id(p, s->began_on);
	s->proven = true;
	s->end_at = how->end_at > before->end_at ? how->end_at : before->end_at;
	pin(p, s);
	drop_others(p, s, before);
	arm(p, s, NULL);
	step(p, before, ON_BEGAN, how);
}

/* --- what others ask for --- */

void ims_pcscf_set_installed(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	step(p, s, ON_INSTALLED, NULL);
}

void ims_pcscf_set_refused(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	step(p, s, ON_REFUSED, NULL);
}

void ims_pcscf_set_drop(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	step(p, s, ON_DROP, NULL);
}

void ims_pcscf_set_lost(struct ims_pcscf *p, struct ims_pcscf_set *s)
{
	step(p, s, ON_LOST, NULL);
}

void ims_pcscf_set_end_at(struct ims_pcscf *p, struct ims_pcscf_set *s,
			  uint64_t at_ms)
{
	s->end_at = at_ms;
	arm(p, s, NULL);
	if (!ims_pcscf_set_established(s))
		return; /* it was installed for no longer */
	pin(p, s);
	ims_pcscf_changed(p, s->ue);
}

void ims_pcscf_set_lengthen(struct ims_pcscf *p, struct ims_pcscf_set *s,
			    uint64_t at_ms)
{
	if (s->life == OLD)
		s = ims_pcscf_set_to(s->ue);
	if (ims_pcscf_set_established(s) && s->end_at < at_ms)
		ims_pcscf_set_end_at(p, s, at_ms);
}

void ims_pcscf_set_die(struct ims_pcscf *p, struct ims_pcscf_set *s,
		       enum ims_transport transport, uint64_t now_ms)
{
	step(p, s, ON_LEAVE,
	     &(struct how){.now_ms = now_ms, .transport = transport});
}

void ims_pcscf_set_heard(struct ims_pcscf *p, struct ims_pcscf_set *s,
			 uint64_t now_ms)
{
	s->doubt_at = 0;
	step(p, s, ON_HEARD, &(struct how){.now_ms = now_ms});
}

void ims_pcscf_set_prove(struct ims_pcscf *p, struct ims_pcscf_set *s,
			 uint64_t end_at_ms)
{
	const struct ims_pcscf_set *before =
		s->initial ? NULL : ims_pcscf_set_by_id(p, s->began_on);
	struct how how = {.end_at = end_at_ms};

	if (before && before->ue == s->ue && ims_pcscf_set_established(before))
		step(p, s, ON_REPROVEN, &how);
	else
		step(p, s, ON_PROVEN, &how);
}

struct ims_pcscf_set *ims_pcscf_set_of(const struct ims_pcscf_ue *ue,
				       enum ims_pcscf_life life)
{
	struct ims_pcscf_set *s = ue->sets;

	while (s && s->life != life)
		s = s->next;
	return s;
}

struct ims_pcscf_set *ims_pcscf_set_pending(const struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_set *s = ims_pcscf_set_of(ue, MAKING);

	return s ? s : ims_pcscf_set_of(ue, PENDING);
}

struct ims_pcscf_set *ims_pcscf_set_to(const struct ims_pcscf_ue *ue)
{
	static const enum ims_pcscf_life order[] = {IN_USE, NEW, OLD, DYING};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		struct ims_pcscf_set *s = ims_pcscf_set_of(ue, order[i]);

		if (s && s->proven)
			return s;
	}
	return NULL;
}

static void end_pending(struct ims_pcscf *p, struct ims_pcscf_set *s,
			uint64_t now_ms)
{
	struct ims_pcscf_ue *ue = s->ue;

	ims_acts_tell(&p->acts, IMS_TELL_PROBLEM, -IMS_E_SILENCE, s->sas.id,
		      "%s did not answer the challenge inside ESP", ue->impi);
	step(p, s, ON_END, NULL);
	ims_pcscf_reg_fail(p, ue, &(struct ims_pcscf_reg_ev){.now_ms = now_ms});
}

void ims_pcscf_set_turn(struct ims_pcscf *p, struct ims_pcscf_set *successor,
			uint64_t now_ms)
{
	step(p, successor, ON_TURN, &(struct how){.now_ms = now_ms});
}

void ims_pcscf_set_due(struct ims_pcscf *p, struct ims_pcscf_set *s,
		       uint64_t now_ms)
{
	struct ims_pcscf_ue *ue = s->ue;
	struct ims_pcscf_set *successor = ims_pcscf_set_of(ue, NEW);

	if (s->life == IN_USE && successor && now_ms < s->end_at) {
		ims_pcscf_set_turn(p, successor, now_ms);
	} else if (now_ms < s->end_at) {
		arm(p, s, NULL); /* its successor is gone */
	} else if (ims_txns_uses_set(&p->txns, s->sas.id) &&
		   now_ms < latest(p, s)) {
		(void)ims_heap_set(&p->due, &s->due,
				   now_ms + p->conf.timers_gm.t1_ms);
	} else if (s->life == PENDING) {
		end_pending(p, s, now_ms);
	} else {
		step(p, s, ON_END, NULL);
		ims_pcscf_ue_settle(p, ue, now_ms);
	}
}
