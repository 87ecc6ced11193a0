/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_check.c - the invariants: what must hold after every step. */
#include "sim.h"

#include <string.h>

/* The UE's transaction times out [24.229 7.7: 64*T1 = 128 s], and the next
 * step of it: so long may the two sides think differently.
 */
#define TORN_MS (128000 + 45000)
#define ACTS_MAX 256
#define ACT_BYTES_MAX (512 * 1024)
#define STEPS_AT_ONCE 5000
/* reg-await-auth 240 s, and some */
#define WAIT_MS 300000
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

	if (!sim_in_scscf_bound(ims_run_core_scscf(s->core.core),
				sim_impi(ue->number)))
		return "the S-CSCF has no binding";
	if (s->clear)
		return NULL;
	if (!set)
		return "its set is not installed";
	return twin(&s->core.host, &set->set) ? NULL : "its set has no twin";
}

/* [24.229 5.1.1.2] A UE that is registered is so on both sides.  They may differ
 * while a message that says so is on its way, or until the UE's next REGISTER
 * if the core was told to end it and the UE cannot be reached (excused).
 */
static void check_bound(struct sim *s, struct sim_side *ue,
			const struct sim_ue_look *look)
{
	const char *why;

	if (!s->core.up || ue->asleep_until > s->now_ms)
		return;
	why = look->registered ? torn(s, ue, look) : NULL;
	if (!why || ue->excused_until > s->now_ms) {
		ue->torn_since = 0;
		return;
	}
	if (!ue->torn_since)
		ue->torn_since = s->now_ms;
	if (s->now_ms - ue->torn_since > TORN_MS)
		sim_fail(s, SIM_BOUND, "%s is %s, but %s", ue->name,
			 look->state, why);
}

/* --- one side ------------------------------------------------------------- */

static void check_sets_ue(struct sim *s, struct sim_side *ue,
			  const struct sim_ue_look *look)
{
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

static void check_wake_ue(struct sim *s, struct sim_side *ue,
			  const struct sim_ue_look *look)
{
	uint64_t latest = s->now_ms + PAUSE_MS;

	if (look->idle)
		return;
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
	if (waits && s->core.due_ms == IMS_NEVER)
		sim_fail(s, SIM_WAKE,
			 "the core knows %zu UEs, and nothing is due",
			 p->users);
}

static void check_acts(struct sim *s, const char *who, size_t cap, size_t bytes,
		       bool lost)
{
	if (cap > ACTS_MAX || bytes > ACT_BYTES_MAX || lost)
		sim_fail(s, SIM_ACTS, "%s: %zu acts, %zu bytes%s", who, cap,
			 bytes, lost ? ", and some lost" : "");
}

/* [33.203 7.2] What came in the clear neither makes a registration nor ends
 * one.
 */
static void check_clear_ue(struct sim *s, struct sim_side *ue,
			   const struct sim_ue_look *look)
{
	if (s->taker == ue && s->taking_clear && !s->clear &&
	    ue->was_registered != look->registered)
		sim_fail(s, SIM_CLEAR_UE,
			 "%s is %s by a message that came in the clear",
			 ue->name, look->state);
	ue->was_registered = look->registered;
}

static void check_ue(struct sim *s, struct sim_side *ue)
{
	struct sim_ue_look look;

	if (!ue->up)
		return;
	sim_in_ue(ims_run_ue_role(ue->ue), &look);
	check_bound(s, ue, &look);
	check_sets_ue(s, ue, &look);
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

/* --- the end -------------------------------------------------------------- */

static size_t ports(const struct sim_host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < SIM_PORTS; i++)
		n += h->port[i].users > 0;
	return n;
}

static void rest_ue(struct sim *s, const struct sim_side *ue)
{
	struct sim_ue_look look;

	if (!ue->up)
		return;
	sim_in_ue(ims_run_ue_role(ue->ue), &look);
	if (!look.idle || look.due != IMS_NEVER || look.txns)
		sim_fail(s, SIM_LEAVE, "%s is %s, %zu transactions, %s",
			 ue->name, look.state, look.txns,
			 look.due == IMS_NEVER ? "nothing due" : "still due");
	if (sim_host_sets(&ue->host) || ports(&ue->host) != 1)
		sim_fail(s, SIM_NOTHING, "%s has %zu sets and %zu ports",
			 ue->name, sim_host_sets(&ue->host), ports(&ue->host));
	if (sim_keep_count(&ue->keep, IMS_KEEP_UE) ||
	    sim_keep_count(&ue->keep, IMS_KEEP_SET))
		sim_fail(s, SIM_NOTHING, "%s has records left: %zu, %zu sets",
			 ue->name, sim_keep_count(&ue->keep, IMS_KEEP_UE),
			 sim_keep_count(&ue->keep, IMS_KEEP_SET));
}

static void rest_core(struct sim *s)
{
	const struct sim_keep *k = &s->core.keep;
	struct sim_core_look p, c;

	sim_in_pcscf(ims_run_core_pcscf(s->core.core), &p);
	sim_in_scscf(ims_run_core_scscf(s->core.core), &c);
	if (sim_host_sets(&s->core.host) || p.sets || p.spis || p.pending)
		sim_fail(s, SIM_NOTHING, "the core has %zu sets, %zu SPIs",
			 sim_host_sets(&s->core.host), p.spis);
	if (p.users || c.users || c.relays)
		sim_fail(s, SIM_NOTHING,
			 "the core knows %zu UEs, %zu users, %zu watchers",
			 p.users, c.users, c.relays);
	if (p.relays || p.txns || c.txns)
		sim_fail(s, SIM_NOTHING,
			 "the core has %zu relays, %zu transactions", p.relays,
			 p.txns + c.txns);
	if (sim_keep_count(k, IMS_KEEP_SET) ||
	    sim_keep_count(k, IMS_KEEP_PCSCF) ||
	    sim_keep_count(k, IMS_KEEP_SCSCF))
		sim_fail(s, SIM_NOTHING,
			 "records left: %zu sets, %zu P-CSCF, %zu S-CSCF",
			 sim_keep_count(k, IMS_KEEP_SET),
			 sim_keep_count(k, IMS_KEEP_PCSCF),
			 sim_keep_count(k, IMS_KEEP_SCSCF));
}

void sim_check_rest(struct sim *s)
{
	for (unsigned i = 0; i < s->n_ues; i++)
		rest_ue(s, &s->ue[i]);
	rest_core(s);
}
