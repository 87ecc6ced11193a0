/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_check.c - the invariants: what must hold after every step. */
#include "sim.h"

#include <string.h>

#define ACTS_MAX 256
#define ACT_BYTES_MAX (512 * 1024)
#define STEPS_AT_ONCE 5000
#define PAUSE_MS (31 * SIM_MINUTE) /* RFC 5626 4.5: at most half an hour */

static const struct {
	const char *id, *clause, *what;
} text[] = {
#define X(name, id, clause, what) {id, clause, what},
	SIM_INVARIANTS(X)
#undef X
};

const char *sim_invariant_id(enum sim_invariant i)
{
	return text[i].id;
}

const char *sim_invariant_clause(enum sim_invariant i)
{
	return text[i].clause;
}

const char *sim_invariant_what(enum sim_invariant i)
{
	return text[i].what;
}

/* --- two sides of one registration ---------------------------------------- */

static const struct sim_sa_set *twin(const struct sim_host *h,
				     const struct ims_ipsec_set *of)
{
	for (size_t i = 0; i < h->top; i++)
		if (h->set[i].set.id && !h->set[i].orphan &&
		    sim_twins(&h->set[i].set, of))
			return &h->set[i];
	return NULL;
}

static const char *torn(struct sim *s, struct sim_side *ue,
			const struct sim_ue_look *look)
{
	struct sim_sa_set *set = sim_host_set(&ue->host, look->now);

	if (!look->registered)
		return NULL;
	if (!sim_in_scscf_bound(ims_run_core_scscf(s->core.core),
				sim_impi(ue->number)))
		return "the S-CSCF has no binding";
	if (s->clear)
		return NULL;
	if (!set)
		return "its set is not installed";
	return twin(&s->core.host, &set->set) ? NULL : "its set has no twin";
}

/* A message that says so may be on its way as long as the transaction waits for
 * it: timer F [24.229 7.7].
 */
static uint64_t torn_ms(const struct sim_side *ue)
{
	return 64 * (uint64_t)ue->conf.timers.t1_ms;
}

/* [24.229 5.1.1.2] A UE that is registered is so on both sides. */
static void check_bound(struct sim *s, struct sim_side *ue,
			const struct sim_ue_look *look)
{
	const char *why;

	if (!s->core.up || ue->asleep_until > s->now_ms)
		return;
	why = torn(s, ue, look);
	if (ue->excused && ue->reg_asked_ms <= ue->excused_at) {
		if (why)
			s->stat->excused[SIM_BOUND]++;
		why = NULL;
	} else if (look->registered) {
		ue->excused = false;
		sim_held(s, SIM_BOUND);
	}
	if (!why)
		ue->torn_since = 0;
	else if (!ue->torn_since)
		ue->torn_since = s->now_ms;
	else if (s->now_ms - ue->torn_since > torn_ms(ue))
		sim_fail(s, SIM_BOUND, "%s is %s, but %s", ue->name,
			 look->state, why);
}

/* --- one side ------------------------------------------------------------- */

static void check_sets_ue(struct sim *s, struct sim_side *ue,
			  const struct sim_ue_look *look)
{
	if (sim_host_sets(&ue->host)) {
		sim_held(s, SIM_FEW);
		sim_held(s, SIM_OWNER);
	}
	if (sim_host_sets(&ue->host) > 3)
		sim_fail(s, SIM_FEW, "%s has %zu sets", ue->name,
			 sim_host_sets(&ue->host));
	for (size_t i = 0; i < ue->host.top; i++) {
		uint32_t id = ue->host.set[i].set.id;

		if (id && id != look->now && id != look->old &&
		    id != look->temp)
			sim_fail(s, SIM_OWNER,
				 "%s has set %u%s, which is nobody's", ue->name,
				 (unsigned)id,
				 ue->host.set[i].orphan ? " (orphan)" : "");
	}
}

static void check_sets_core(struct sim *s)
{
	const struct ims_pcscf *p = ims_run_core_pcscf(s->core.core);

	if (sim_host_sets(&s->core.host)) {
		sim_held(s, SIM_FEW);
		sim_held(s, SIM_OWNER);
	}
	for (size_t i = 0; i < s->core.host.top; i++) {
		const struct sim_sa_set *set = &s->core.host.set[i];

		if (set->set.id &&
		    (set->orphan || !sim_in_pcscf_owns(p, set->set.id)))
			sim_fail(s, SIM_OWNER,
				 "the core has set %u, which is nobody's",
				 (unsigned)set->set.id);
	}
	if (sim_in_pcscf_most(p) > 3)
		sim_fail(s, SIM_FEW, "the core has %zu sets of one UE",
			 sim_in_pcscf_most(p));
}

/* How long after its owner's end the host ends it: role.h, and what is left of
 * a second.
 */
#define SLACK_MS (1000 * (IMS_SA_SLACK_S + 1))

static void check_life(struct sim *s, const struct sim_side *side,
		       const struct sim_sa_set *set, uint64_t ends_ms,
		       uint64_t more_ms)
{
	if (ends_ms == IMS_NEVER || side->asleep_until >= s->now_ms)
		return;
	sim_held(s, SIM_LIFE);
	if (s->now_ms > ends_ms + more_ms)
		sim_fail(s, SIM_LIFE, "%s: set %u lives %llu ms too long",
			 side->name, (unsigned)set->set.id,
			 (unsigned long long)(s->now_ms - ends_ms));
	else if (set->ends_ms < ends_ms || set->ends_ms > ends_ms + SLACK_MS)
		sim_fail(s, SIM_LIFE,
			 "%s: set %u lives %lld s more, and in the host %lld s",
			 side->name, (unsigned)set->set.id,
			 (long long)(ends_ms - s->now_ms) / 1000,
			 (long long)(set->ends_ms - s->now_ms) / 1000);
}

/* Whom the network has ended answers its last NOTIFY until timer J is over [24.229
 * 5.1.1.7].
 */
static void check_lives_ue(struct sim *s, const struct sim_side *ue,
			   const struct sim_ue_look *look)
{
	uint64_t drain_ms = look->registered ? 0 : torn_ms(ue);
	const uint32_t id[3] = {look->now, look->old, look->temp};

	for (size_t i = 0; i < 3; i++) {
		const struct sim_sa_set *set =
			sim_host_set((struct sim_host *)&ue->host, id[i]);

		if (set)
			check_life(s, ue, set, look->ends[i], drain_ms);
	}
}

static void check_lives_core(struct sim *s)
{
	const struct ims_pcscf *p = ims_run_core_pcscf(s->core.core);

	for (size_t i = 0; i < s->core.host.top; i++) {
		const struct sim_sa_set *set = &s->core.host.set[i];

		if (set->set.id)
			check_life(s, &s->core, set,
				   sim_in_pcscf_ends(p, set->set.id), 0);
	}
}

static void check_wake_ue(struct sim *s, struct sim_side *ue,
			  const struct sim_ue_look *look)
{
	uint64_t latest = s->now_ms + PAUSE_MS;

	if (look->idle)
		return;
	sim_held(s, SIM_WAKE);
	if (look->registered)
		latest = look->until + 1;
	if (look->due == IMS_NEVER || ue->due_ms == IMS_NEVER)
		sim_fail(s, SIM_WAKE, "%s is %s and nothing is due", ue->name,
			 look->state);
	else if (look->due > latest && ue->asleep_until <= s->now_ms)
		sim_fail(s, SIM_WAKE, "%s is %s and nothing is due for %llu s",
			 ue->name, look->state,
			 (unsigned long long)(look->due - s->now_ms) / 1000);
}

static void check_wake_core(struct sim *s, const struct sim_core_look *p,
			    const struct sim_core_look *c)
{
	const char *stuck =
		sim_in_pcscf_stuck(ims_run_core_pcscf(s->core.core));
	bool waits = p->users || p->sets || p->relays || p->txns || c->users ||
		     c->relays || c->txns;

	if (stuck)
		sim_fail(s, SIM_WAKE,
			 "the P-CSCF has a UE that is %s, and nothing will "
			 "move it",
			 stuck);
	if (waits)
		sim_held(s, SIM_WAKE);
	if (waits && s->core.due_ms == IMS_NEVER)
		sim_fail(s, SIM_WAKE,
			 "the core knows %zu UEs, and nothing is due",
			 p->users);
}

static void check_acts(struct sim *s, const char *who, size_t cap, size_t bytes,
		       bool lost)
{
	sim_held(s, SIM_ACTS);
	if (cap > ACTS_MAX || bytes > ACT_BYTES_MAX || lost)
		sim_fail(s, SIM_ACTS, "%s: %zu acts, %zu bytes%s", who, cap,
			 bytes, lost ? ", and some lost" : "");
}

/* [33.203 7.2] What came in the clear neither makes a registration nor ends
 * one.  What was due at the same moment may.
 */
static void check_clear_ue(struct sim *s, struct sim_side *ue,
			   const struct sim_ue_look *look)
{
	bool clear = s->taker == ue && s->taking_clear && !s->taking_due &&
		     !s->clear;

	if (clear)
		sim_held(s, SIM_CLEAR_UE);
	if (clear && ue->was_registered != look->registered &&
	    !sim_wrong_believes(s, ue))
		sim_fail(s, SIM_CLEAR_UE,
			 "%s is %s by a message that came in the clear",
			 ue->name, look->state);
	ue->was_registered = look->registered;
}

static void hold_of(struct sim *s, struct sim_core_hold *out)
{
	const struct ims_pcscf *p = ims_run_core_pcscf(s->core.core);
	const struct ims_scscf *c = ims_run_core_scscf(s->core.core);

	for (unsigned i = 0; i < s->n_ues; i++) {
		out->bound[i] = sim_in_scscf_bound(c, sim_impi(i));
		out->sets[i] = sim_in_pcscf_proven(p, sim_impi(i));
	}
}

void sim_check_hold(struct sim *s)
{
	if (s->taker == &s->core && s->taking_clear && !s->clear)
		hold_of(s, &s->held);
}

/* The same at the core: no binding, and no proven set of who has one. */
static void check_clear_core(struct sim *s)
{
	struct sim_core_hold now;

	if (s->taker != &s->core || !s->taking_clear || s->taking_due ||
	    s->clear)
		return;
	sim_count(s, SIM_N_TAKEN_CLEAR);
	hold_of(s, &now);
	for (unsigned i = 0; i < s->n_ues; i++)
		if (now.bound[i] != s->held.bound[i] ||
		    (now.bound[i] && now.sets[i] != s->held.sets[i]))
			sim_fail(
				s, SIM_CLEAR_IN,
				"a message in the clear changed what ue%u has "
				"at the core: %sbound, %zu sets; then %sbound, "
				"%zu sets",
				i + 1, s->held.bound[i] ? "" : "not ",
				s->held.sets[i], now.bound[i] ? "" : "not ",
				now.sets[i]);
}

static void check_ue(struct sim *s, struct sim_side *ue)
{
	struct sim_ue_look look;

	if (!ue->up)
		return;
	sim_in_ue(ims_run_ue_role(ue->ue), &look);
	check_bound(s, ue, &look);
	check_sets_ue(s, ue, &look);
	check_lives_ue(s, ue, &look);
	check_wake_ue(s, ue, &look);
	check_clear_ue(s, ue, &look);
	check_acts(s, ue->name, look.acts_cap, look.acts_bytes, look.acts_lost);
}

static void check_core(struct sim *s)
{
	struct sim_core_look p, c;

	if (!s->core.up)
		return;
	sim_in_pcscf(ims_run_core_pcscf(s->core.core), &p);
	sim_in_scscf(ims_run_core_scscf(s->core.core), &c);
	check_sets_core(s);
	check_lives_core(s);
	check_clear_core(s);
	check_wake_core(s, &p, &c);
	check_acts(s, "p-cscf", p.acts_cap, p.acts_bytes, p.acts_lost);
	check_acts(s, "s-cscf", c.acts_cap, c.acts_bytes, c.acts_lost);
}

void sim_check_step(struct sim *s)
{
	if (s->same_ms != s->now_ms)
		s->n_same = 0;
	s->same_ms = s->now_ms;
	if (++s->n_same > STEPS_AT_ONCE)
		sim_fail(s, SIM_WAKE, "time stands still");
	check_core(s);
	for (unsigned i = 0; i < s->n_ues; i++)
		check_ue(s, &s->ue[i]);
}

bool sim_ue_registered(const struct sim_side *ue)
{
	struct sim_ue_look look;

	if (!ue->up)
		return false;
	sim_in_ue(ims_run_ue_role(ue->ue), &look);
	return look.registered;
}

bool sim_ue_idle(const struct sim_side *ue)
{
	struct sim_ue_look look;

	if (!ue->up)
		return true;
	sim_in_ue(ims_run_ue_role(ue->ue), &look);
	return look.idle;
}
