/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_life.c - what befalls a world, and how it ends: in bad weather first,
 * then in fair weather until everybody is back, then everybody leaves.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

/* False: it was nothing. */
typedef bool strike(struct sim *s, struct sim_side *ue);

static bool kill_side(struct sim *s, struct sim_side *side)
{
	if (!side->up || !s->keeps)
		return false;
	side->down_ms = sim_one_in(s, 4) ? sim_chance(s, 20 * SIM_MINUTE)
					 : sim_chance(s, 20000);
	if (sim_one_in(s, 3))
		sim_side_kill(side);
	else
		side->cut_in = sim_chance(s, 14);
	return true;
}

static bool kill_core(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	return kill_side(s, &s->core);
}

static bool kill_ue(struct sim *s, struct sim_side *ue)
{
	return kill_side(s, ue);
}

static bool dark(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	s->dark_until =
		s->now_ms + (sim_one_in(s, 3) ? sim_chance(s, 40 * SIM_MINUTE)
					      : sim_chance(s, 3 * SIM_MINUTE));
	s->weather.dark = true;
	sim_note(s, "      == nothing passes until %llu",
		 (unsigned long long)s->dark_until / 1000);
	return true;
}

static bool sleeps(struct sim *s, struct sim_side *ue)
{
	if (!ue->up)
		return false;
	ue->asleep_until = s->now_ms + sim_chance(s, 3 * SIM_HOUR);
	sim_note(s, "%-5s    == sleeps until %llu", ue->name,
		 (unsigned long long)ue->asleep_until / 1000);
	return true;
}

/* Nobody lives by the time of day but records. */
static bool wall(struct sim *s, struct sim_side *ue)
{
	struct sim_side *side = sim_one_in(s, 2) ? &s->core : ue;

	side->wall_skew_ms =
		(int64_t)sim_chance(s, 2 * SIM_HOUR) - (int64_t)SIM_HOUR;
	side->clock_moved = true;
	sim_note(s, "%-5s    == its clock says %lld s more", side->name,
		 (long long)side->wall_skew_ms / 1000);
	return true;
}

/* Who has that identity, alone or with others, may not hear what was ordered. */
static void excuse_those_of(struct sim *s, const struct sim_side *ue)
{
	bool own = strstr(ue->conf.impu, sim_impi(ue->number)) != NULL;

	for (unsigned i = 0; i < s->n_ues; i++)
		if (!own || ue == &s->ue[i])
			sim_excuse(&s->ue[i]);
}

static bool order(struct sim *s, struct sim_side *ue)
{
	enum ims_scscf_order o = sim_chance(s, IMS_SCSCF_REAUTH + 1);
	int err;

	if (!s->core.up)
		return false;
	sim_note(s, "core     == order %d for %s", (int)o, ue->name);
	excuse_those_of(s, ue);
	err = ims_run_core_order(s->core.core, o, ims_str(ue->conf.impu),
				 o == IMS_SCSCF_REAUTH ? 60 : 30);
	if (err)
		sim_note(s, "core     == order: %s", ims_err_info(err)->id);
	return !err;
}

static bool moves(struct sim *s, struct sim_side *ue)
{
	(void)s;
	if (ue->up)
		sim_ue_address(ue);
	return ue->up;
}

static bool user_stops(struct sim *s, struct sim_side *ue)
{
	if (!ue->up || ue->asleep_until > s->now_ms)
		return false;
	sim_note(s, "%-5s    == the user stops", ue->name);
	ue->again_ms = s->now_ms + sim_chance(s, 10 * SIM_MINUTE);
	ims_run_ue_stop(ue->ue);
	return true;
}

static bool user_starts(struct sim *s, struct sim_side *ue)
{
	if (!ue->up || ue->asleep_until > s->now_ms)
		return false;
	sim_note(s, "%-5s    == the user starts", ue->name);
	ims_run_ue_start(ue->ue);
	return true;
}

static bool breaks(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	return sim_net_break_one(&s->net);
}

/* The HSS is a backup of last year. */
static bool sqn_back(struct sim *s, struct sim_side *ue)
{
	s->sqn[ue->number] = 0;
	s->auts[ue->number] = true;
	s->hss.store->ops->set_sqn(s->hss.store, ims_str(sim_impi(ue->number)),
				   0);
	s->sqn[ue->number] = 0;
	return true;
}

/* In order: the UEs are told, and a new one knows nobody. */
static bool core_stops(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	if (!s->core.up || !s->keeps)
		return false;
	sim_note(s, "core     == stops");
	ims_run_core_stop(s->core.core);
	s->core.stop_at = s->now_ms + 2000;
	return true;
}

/* Somebody deletes SAs behind our back; only their owner is told. */
static bool sa_gone(struct sim *s, struct sim_side *ue)
{
	struct sim_side *side = sim_host_dice(s, 2) ? &s->core : ue;

	if (!side->up || side->dead || side->asleep_until > s->now_ms)
		return false;
	return sim_host_lose(&side->host, sim_host_dice(s, SIM_SETS));
}

static const struct {
	const char *name;
	strike *act;
	unsigned weight;
} strikes[] = {
	{"kill-core", kill_core, 6}, {"kill-ue", kill_ue, 5},
	{"dark", dark, 3},           {"sleep", sleeps, 3},
	{"wall", wall, 2},           {"order", order, 5},
	{"move", moves, 3},          {"stop", user_stops, 3},
	{"start", user_starts, 2},   {"break", breaks, 3},
	{"sqn-back", sqn_back, 2},   {"core-stop", core_stops, 1},
	{"sa-gone", sa_gone, 0},
};
#define N_STRIKES (sizeof strikes / sizeof *strikes)

const char *sim_strike_name(size_t i)
{
	return i < N_STRIKES ? strikes[i].name : NULL;
}

static bool allowed(const struct sim *s, size_t i)
{
	const char *at =
		s->without ? strstr(s->without, strikes[i].name) : NULL;

	return !at;
}

static void strike_it(struct sim *s, size_t i, struct sim_side *ue)
{
	if (!allowed(s, i))
		return;
	s->stat->drawn[i]++;
	s->stat->struck[i] += strikes[i].act(s, ue);
	sim_wrong_check(s);
}

static void strike_now(struct sim *s)
{
	uint32_t sum = 0, at;
	struct sim_side *ue = &s->ue[sim_chance(s, s->n_ues)];

	for (size_t i = 0; i < N_STRIKES; i++)
		sum += strikes[i].weight;
	at = sim_chance(s, sum);
	for (size_t i = 0; i < N_STRIKES; i++) {
		if (at < strikes[i].weight) {
			strike_it(s, i, ue);
			break;
		}
		at -= strikes[i].weight;
	}
	if (sim_host_dice(s, 10) == 0) /* the last one has no weight */
		strike_it(s, N_STRIKES - 1, &s->ue[sim_host_dice(s, s->n_ues)]);
}

static void forge(struct sim *s)
{
	struct sim_side *victim =
		sim_one_in(s, 2) ? &s->core : &s->ue[sim_chance(s, s->n_ues)];
	struct sim_side *as =
		victim == &s->core ? &s->ue[sim_chance(s, s->n_ues)] : &s->core;
	struct ims_addr src = {as->host.ip, 5060}, dst = {victim->host.ip, 0};
	const struct sim_port *p = &victim->host.port[sim_chance(s, 4)];

	if (!s->captured.n || (s->without && strstr(s->without, "forge")) ||
	    !sim_permille(s, s->weather.forged))
		return;
	dst.port = p->users ? p->at.port : 5060;
	if (sim_host_dice(s, 4) == 0)
		sim_net_replay(&s->net);
	else if (sim_host_dice(s, 2) == 0)
		sim_net_forge(&s->net, s->captured.src, s->captured.dst);
	else
		sim_net_forge(&s->net, src, dst);
}

static void pass(struct sim *s, uint64_t until_ms)
{
	while (!s->failed && sim_turn(s, until_ms)) {
		forge(s);
		if (s->weather.dark && s->dark_until <= s->now_ms)
			s->weather.dark = false;
	}
	if (s->dark_until <= s->now_ms)
		s->weather.dark = false;
}

/* Hours for who refreshes hourly, minutes for who does it every minute. */
static void bad_times(struct sim *s)
{
	unsigned n = sim_chance(s, 7);
	uint64_t step = 1000 * (uint64_t)s->pace_s;

	if (step > 2 * SIM_HOUR)
		step = 2 * SIM_HOUR;
	if (sim_one_in(s, 2))
		step = step < 2 * SIM_MINUTE ? step : 2 * SIM_MINUTE;
	for (unsigned i = 0; i < n && !s->failed; i++) {
		/* often right into the middle of something */
		pass(s, s->now_ms + (sim_one_in(s, 3)
					     ? sim_chance(s, 3000)
					     : sim_chance(s, (uint32_t)step)));
		if (!s->failed)
			strike_now(s);
	}
	pass(s, s->now_ms + sim_chance(s, (uint32_t)step));
}

/* --- fair weather --------------------------------------------------------- */

static void all_up(struct sim *s)
{
	memset(&s->weather, 0, sizeof s->weather);
	s->few_spis = 0;
	s->dark_until = 0;
	s->core.cut_in = -1;
	if (!s->core.up && s->core.back_ms > s->now_ms)
		s->core.back_ms = s->now_ms;
	for (unsigned i = 0; i < s->n_ues; i++) {
		s->ue[i].cut_in = -1;
		if (s->ue[i].asleep_until > s->now_ms)
			s->ue[i].asleep_until = s->now_ms;
		if (!s->ue[i].up && s->ue[i].back_ms > s->now_ms)
			s->ue[i].back_ms = s->now_ms;
	}
	sim_note(s, "      == fair weather");
}

static bool all_back(const struct sim *s)
{
	for (unsigned i = 0; i < s->n_ues; i++)
		if (!sim_ue_registered(&s->ue[i]))
			return false;
	return s->core.up;
}

/* Retries pause for half an hour at most [RFC 5626 4.5]; the user's own are
 * minutes apart.
 */
static void fair_times(struct sim *s)
{
	uint64_t until = s->now_ms + 75 * SIM_MINUTE;

	all_up(s);
	sim_held(s, SIM_BACK);
	while (!s->failed && !all_back(s) && s->now_ms < until)
		pass(s, s->now_ms + 10000);
	for (unsigned i = 0; i < s->n_ues && !s->failed; i++)
		if (!sim_ue_registered(&s->ue[i]))
			sim_fail(s, SIM_BACK, "%s is not registered",
				 s->ue[i].name);
	pass(s, s->now_ms + sim_chance(s, s->pace_s > 300 ? 600000 : 120000));
}

/* --- the end -------------------------------------------------------------- */

static bool all_idle(const struct sim *s)
{
	for (unsigned i = 0; i < s->n_ues; i++)
		if (!sim_ue_idle(&s->ue[i]))
			return false;
	return true;
}

static void leave_times(struct sim *s)
{
	uint64_t longest = 7200;

	sim_note(s, "      == all leave");
	for (unsigned i = 0; i < s->n_ues && !s->failed; i++) {
		s->ue[i].want = SIM_WANT_LEAVE;
		s->ue[i].again_ms = 0;
		ims_run_ue_stop(s->ue[i].ue);
	}
	pass(s, s->now_ms + 10 * SIM_MINUTE);
	sim_held(s, SIM_LEAVE);
	if (!s->failed && !all_idle(s))
		sim_fail(s, SIM_LEAVE,
			 "ten minutes after stop somebody is "
			 "not at rest");
	/* What the core could not hear of ends by its time. */
	if (s->core_conf.scscf.max_expires > longest)
		longest = s->core_conf.scscf.max_expires;
	pass(s, s->now_ms + 1000 * longest + 20 * SIM_MINUTE);
	if (!s->failed)
		sim_check_rest(s);
}

void sim_life(struct sim *s)
{
	sim_plan(s);
	sim_world_init(s);
	sim_side_start(&s->core);
	for (unsigned i = 0; i < s->n_ues; i++) {
		sim_side_start(&s->ue[i]);
		if (!sim_one_in(s, 3))
			pass(s, s->now_ms + sim_chance(s, 5000));
	}
	bad_times(s);
	if (!s->failed)
		fair_times(s);
	if (!s->failed)
		leave_times(s);
	sim_world_free(s);
}
