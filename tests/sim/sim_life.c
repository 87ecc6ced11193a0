/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_life.c - what befalls a world, and how it ends: in bad weather first,
 * then in fair weather until everybody is back, then everybody leaves.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

typedef void strike(struct sim *s, struct sim_side *ue);

static void excuse_all(struct sim *s)
{
	for (unsigned i = 0; i < s->n_ues; i++)
		sim_excuse(&s->ue[i]);
}

static void kill_side(struct sim *s, struct sim_side *side)
{
	if (!side->up || !s->keeps)
		return;
	side->down_ms = sim_one_in(s, 4) ? sim_chance(s, 20 * SIM_MINUTE)
					 : sim_chance(s, 20000);
	/* Records hold the time of day: who meanwhile lives in another time
	 * judges them by that.
	 */
	if (side->wall_skew_ms || s->core.wall_skew_ms)
		excuse_all(s);
	if (sim_one_in(s, 3))
		sim_side_kill(side);
	else
		side->cut_in = sim_chance(s, 14);
}

static void kill_core(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	kill_side(s, &s->core);
}

static void kill_ue(struct sim *s, struct sim_side *ue)
{
	kill_side(s, ue);
}

static void dark(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	s->dark_until =
		s->now_ms + (sim_one_in(s, 3) ? sim_chance(s, 40 * SIM_MINUTE)
					      : sim_chance(s, 3 * SIM_MINUTE));
	s->weather.dark = true;
	sim_note(s, "      == nothing passes until %llu",
		 (unsigned long long)s->dark_until / 1000);
}

static void sleeps(struct sim *s, struct sim_side *ue)
{
	if (!ue->up)
		return;
	ue->asleep_until = s->now_ms + sim_chance(s, 3 * SIM_HOUR);
	sim_note(s, "%-5s    == sleeps until %llu", ue->name,
		 (unsigned long long)ue->asleep_until / 1000);
}

static void wall(struct sim *s, struct sim_side *ue)
{
	struct sim_side *side = sim_one_in(s, 2) ? &s->core : ue;

	side->wall_skew_ms =
		(int64_t)sim_chance(s, 2 * SIM_HOUR) - (int64_t)SIM_HOUR;
	s->skewed = true;
	excuse_all(s);
	sim_note(s, "%-5s    == its clock says %lld s more", side->name,
		 (long long)side->wall_skew_ms / 1000);
}

static void order(struct sim *s, struct sim_side *ue)
{
	enum ims_scscf_order o = sim_chance(s, IMS_SCSCF_REAUTH + 1);
	int err;

	if (!s->core.up)
		return;
	sim_note(s, "core     == order %d for %s", (int)o, ue->name);
	excuse_all(s);
	err = ims_run_core_order(s->core.core, o, ims_str(ue->conf.impu),
				 o == IMS_SCSCF_REAUTH ? 60 : 30);
	if (err)
		sim_note(s, "core     == order: %s", ims_err_info(err)->id);
}

static void moves(struct sim *s, struct sim_side *ue)
{
	if (ue->up)
		sim_ue_address(ue);
	(void)s;
}

static void user_stops(struct sim *s, struct sim_side *ue)
{
	if (!ue->up || ue->asleep_until > s->now_ms)
		return;
	sim_note(s, "%-5s    == the user stops", ue->name);
	ue->again_ms = s->now_ms + sim_chance(s, 10 * SIM_MINUTE);
	ims_run_ue_stop(ue->ue);
}

static void user_starts(struct sim *s, struct sim_side *ue)
{
	if (!ue->up || ue->asleep_until > s->now_ms)
		return;
	sim_note(s, "%-5s    == the user starts", ue->name);
	ims_run_ue_start(ue->ue);
}

static void breaks(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	sim_net_break_one(&s->net);
}

/* The HSS is a backup of last year. */
static void sqn_back(struct sim *s, struct sim_side *ue)
{
	s->sqn[ue->number] = 0;
	s->auts[ue->number] = true;
	s->hss.store->ops->set_sqn(s->hss.store, ims_str(sim_impi(ue->number)),
				   0);
	s->sqn[ue->number] = 0;
}

/* In order: the UEs are told, and a new one knows nobody. */
static void core_stops(struct sim *s, struct sim_side *ue)
{
	(void)ue;
	if (!s->core.up || !s->keeps)
		return;
	sim_note(s, "core     == stops");
	excuse_all(s);
	ims_run_core_stop(s->core.core);
	s->core.stop_at = s->now_ms + 2000;
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
};
#define N_STRIKES (sizeof strikes / sizeof *strikes)

static bool allowed(const struct sim *s, size_t i)
{
	const char *at =
		s->without ? strstr(s->without, strikes[i].name) : NULL;

	return !at;
}

static void strike_now(struct sim *s)
{
	uint32_t sum = 0, at;
	struct sim_side *ue = &s->ue[sim_chance(s, s->n_ues)];

	for (size_t i = 0; i < N_STRIKES; i++)
		sum += strikes[i].weight;
	at = sim_chance(s, sum);
	for (size_t i = 0; i < N_STRIKES; i++) {
		if (at >= strikes[i].weight) {
			at -= strikes[i].weight;
			continue;
		}
		if (allowed(s, i))
			strikes[i].act(s, ue);
		return;
	}
}

static void forge(struct sim *s)
{
	struct sim_side *victim =
		sim_one_in(s, 2) ? &s->core : &s->ue[sim_chance(s, s->n_ues)];
	struct sim_side *as =
		victim == &s->core ? &s->ue[sim_chance(s, s->n_ues)] : &s->core;
	struct ims_addr src = {as->host.ip, 5060}, dst = {victim->host.ip, 0};
	const struct sim_port *p = &victim->host.port[sim_chance(s, 4)];

	if (!s->captured || (s->without && strstr(s->without, "forge")) ||
	    !sim_permille(s, s->weather.forged))
		return;
	dst.port = p->users ? p->at.port : 5060;
	sim_net_forge(&s->net, src, dst, ims_str_n(s->captured, s->n_captured));
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
		s->ue[i].asleep_until = 0;
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
	if (!s->failed && !all_idle(s))
		sim_fail(s, SIM_LEAVE,
			 "ten minutes after stop somebody is "
			 "not at rest");
	/* What the core could not hear of ends by its time. */
	if (s->core_conf.scscf.max_expires > longest)
		longest = s->core_conf.scscf.max_expires;
	if (s->skewed) /* records hold the time of day */
		longest += 2 * SIM_HOUR / 1000;
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
