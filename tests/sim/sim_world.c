/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_world.c - units and their clocks: what is due next; kill, bring back. */
#include "sim.h"

#include "base_mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WALL_MS UINT64_C(1760000000000)

void sim_note(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->log)
		return;
	fprintf(s->log, "%9.3f ", (double)s->now_ms / 1000);
	va_start(ap, fmt);
	vfprintf(s->log, fmt, ap);
	va_end(ap);
	fputc('\n', s->log);
}

void sim_fail(struct sim *s, enum sim_invariant i, const char *fmt, ...)
{
	va_list ap;

	if (s->failed)
		return;
	s->failed = true;
	s->invariant = i;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof s->why, fmt, ap);
	va_end(ap);
	sim_note(s, "!!    %s: %s", sim_invariant_id(i), s->why);
}

uint32_t sim_chance(struct sim *s, uint32_t below)
{
	return ims_rand_below(&s->rnd, below);
}

uint32_t sim_more(struct sim *s, uint32_t below)
{
	return ims_rand_below(&s->more, below);
}

uint32_t sim_host_dice(struct sim *s, uint32_t below)
{
	return ims_rand_below(&s->host, below);
}

void sim_count(struct sim *s, enum sim_count what)
{
	s->stat->count[what]++;
}

void sim_held(struct sim *s, enum sim_invariant i)
{
	s->stat->held[i]++;
}

bool sim_one_in(struct sim *s, uint32_t n)
{
	return sim_chance(s, n) == 0;
}

bool sim_permille(struct sim *s, unsigned n)
{
	return n && sim_chance(s, 1000) < n;
}

/* --- what the units see --------------------------------------------------- */

static uint64_t now_ms(void *arg)
{
	return ((struct sim_side *)arg)->sim->now_ms;
}

static uint64_t wall_ms(void *arg)
{
	const struct sim_side *side = arg;

	return side->sim->wall_ms + side->sim->now_ms +
	       (uint64_t)side->wall_skew_ms;
}

static void wake(void *arg, uint64_t at_ms)
{
	((struct sim_side *)arg)->due_ms = at_ms;
}

static void told(void *arg, enum ims_who who, const struct ims_act *t)
{
	struct sim_side *side = arg;
	struct sim *s = side->sim;

	if (side->dead)
		return;
	sim_note(s, "%-5s    %s: %.*s", side->name, ims_who_name(who),
		 IMS_STR_ARG(t->text));
	if (t->err)
		s->stat->err[t->err < 0 ? -t->err : t->err]++;
	if (who != IMS_WHO_UE)
		return;
	s->stat->told[t->tell]++;
	if (s->taker == side &&
	    (t->tell == IMS_TELL_REGISTERED || t->tell == IMS_TELL_REFRESHED))
		side->reg_asked_ms = side->asked_ms;
	else if (t->tell == IMS_TELL_REGISTERED)
		sim_count(s, SIM_N_RESUMED);
}

static void trace(void *arg, enum ims_level level, const char *topic,
		  const char *text)
{
	struct sim_side *side = arg;

	sim_note(side->sim, "%-5s    %s %s: %s", side->name,
		 ims_level_name(level), topic, text);
}

static void seen(void *arg, const struct ims_seen *m)
{
	const struct sim_side *side = arg;

	if (!side->dead)
		sim_seen(arg, m);
}

static void env_init(struct sim_side *side, struct ims_run_env *env,
		     struct ims_trace *t)
{
	*t = (struct ims_trace){.level = IMS_INFO, .say = trace, .arg = side};
	*env = (struct ims_run_env){
		.now_ms = now_ms,
		.wall_ms = wall_ms,
		.wake = wake,
		.arg = side,
		.watch = {.seen = seen, .told = told, .arg = side},
		.rnd = ims_rand_seeded(&side->rnd_state),
		.inject = side->inject,
		.keep = side->sim->keeps ? &side->keep.store : NULL,
		.trace = side->sim->log ? t : NULL,
	};
}

void sim_excuse_at(struct sim_side *ue, uint64_t at_ms)
{
	ue->excused = true;
	if (ue->excused_at < at_ms)
		ue->excused_at = at_ms;
}

void sim_excuse(struct sim_side *ue)
{
	sim_excuse_at(ue, ue->sim->now_ms);
}

void sim_excuse_all(struct sim *s, uint64_t at_ms)
{
	for (unsigned i = 0; i < s->n_ues; i++)
		sim_excuse_at(&s->ue[i], at_ms);
}

/* --- start, kill, bring back ---------------------------------------------- */

/* A small pool of SPIs, until the weather is fair. */
static int few(void *arg, void *out, size_t n)
{
	struct sim *s = arg;
	uint32_t spi;

	if (!s->few_spis || n != sizeof spi)
		return ims_rand_fill(&s->more, out, n);
	sim_count(s, SIM_N_FEW_SPIS);
	spi = 1000 + sim_more(s, s->few_spis);
	memcpy(out, &spi, sizeof spi);
	return 0;
}

static int start_core(struct sim_side *side, const struct ims_run_env *env,
		      struct ims_flaw *why)
{
	side->core =
		ims_run_core_new(&side->sim->core_conf, &side->sim->hss, env);
	if (!side->core)
		abort();
	if (side->sim->few_spis)
		sim_in_pcscf_spis(ims_run_core_pcscf(side->core),
				  (struct ims_rand){.fill = few,
						    .arg = side->sim});
	side->host.host.up = ims_run_core_up(side->core);
	return ims_run_core_attach(side->core, &side->host.host, why);
}

static int start_ue(struct sim_side *side, const struct ims_run_env *env,
		    struct ims_flaw *why)
{
	side->conf.local.ip = side->host.ip;
	side->ue = ims_run_ue_new(&side->conf, &side->card, env);
	if (!side->ue)
		abort();
	side->host.host.up = ims_run_ue_up(side->ue);
	return ims_run_ue_attach(side->ue, &side->host.host, why);
}

/* Records hold the time of day.  Who judges them by another one ends what is not
 * over, and the UE does not know; but nothing that lives is made longer.
 */
static void excuse_clock(struct sim_side *side)
{
	if (!side->clock_moved)
		return;
	if (side->is_core)
		sim_excuse_all(side->sim, side->killed_ms);
	else
		sim_excuse_at(side, side->killed_ms);
}

void sim_side_start(struct sim_side *side)
{
	struct ims_flaw why = {0};
	struct ims_run_env env;
	int err;

	if (side->started) {
		sim_count(side->sim, SIM_N_RESTARTED);
		excuse_clock(side);
	}
	side->due_ms = IMS_NEVER;
	side->dead = false;
	side->cut_in = -1;
	side->started = true;
	side->epoch++;
	side->up = true;
	sim_wrong_start(side);
	env_init(side, &env, &side->trace);
	side->stop_at = 0;
	sim_note(side->sim, "%-5s    == starts", side->name);
	err = side->is_core ? start_core(side, &env, &why)
			    : start_ue(side, &env, &why);
	if (err)
		sim_fail(side->sim, SIM_NOTHING, "%s cannot start: %s",
			 side->name, why.text);
	if (side->ue && side->want == SIM_WANT_REGISTERED)
		ims_run_ue_start(side->ue);
	else if (side->ue && side->want == SIM_WANT_LEAVE)
		ims_run_ue_stop(side->ue);
}

/* As a program that ends does it: no SA stays. */
static void end_core(struct sim_side *side)
{
	struct sim *s = side->sim;

	side->stop_at = 0;
	side->cut_in = -1;
	side->up = false;
	ims_run_core_free(side->core);
	sim_wrong_end(side);
	side->core = NULL;
	side->killed_ms = s->now_ms;
	side->back_ms = s->now_ms + 5000;
	sim_excuse_all(s, s->now_ms); /* it said good-bye, not all heard it */
	if (sim_host_sets(&side->host))
		sim_fail(s, SIM_NOTHING, "the core ended and left %zu sets",
			 sim_host_sets(&side->host));
	sim_net_drop_side(&s->net, side);
	memset(side->host.port, 0, sizeof side->host.port);
	side->due_ms = IMS_NEVER;
}

static void free_unit(struct sim_side *side)
{
	side->up = false;
	ims_run_core_free(side->core);
	ims_run_ue_free(side->ue);
	side->core = NULL;
	side->ue = NULL;
}

/* Who dies while it leaves may come back as if it had not; and of a core that
 * dies while it ends, not everybody has heard that.
 */
static void excuse_killed(struct sim_side *side)
{
	if (side->is_core && side->stop_at)
		sim_excuse_all(side->sim, side->sim->now_ms);
	else if (!side->is_core && !side->was_registered &&
		 sim_keep_count(&side->keep, IMS_KEEP_UE))
		sim_excuse(side);
}

void sim_side_kill(struct sim_side *side)
{
	struct sim *s = side->sim;

	sim_note(s, "%-5s    == is killed", side->name);
	sim_count(s, side->dead ? SIM_N_KILLED_WITHIN : SIM_N_KILLED);
	side->killed_ms = s->now_ms;
	side->was_registered &= side->ue && sim_ue_registered(side);
	side->dead = true; /* what it does while it is freed has no effect */
	ims_run_core_kill(side->core);
	ims_run_ue_kill(side->ue);
	sim_wrong_end(side);
	side->core = NULL;
	side->ue = NULL;
	side->up = false;
	side->back_ms = s->now_ms + side->down_ms;
	sim_keep_crash(&side->keep);
	excuse_killed(side);
	sim_host_crash(&side->host, s->kernel);
	sim_net_drop_side(&s->net, side);
	side->due_ms = IMS_NEVER;
	side->cut_in = -1;
}

bool sim_side_act(struct sim_side *side)
{
	if (side->dead)
		return false;
	if (side->cut_in > 0)
		side->cut_in--;
	else if (side->cut_in == 0)
		side->dead = true;
	return !side->dead;
}

struct sim_side *sim_side_at(struct sim *s, struct ims_ip ip)
{
	if (ims_ip_eq(s->core.host.ip, ip))
		return &s->core;
	for (unsigned i = 0; i < s->n_ues; i++)
		if (ims_ip_eq(s->ue[i].host.ip, ip))
			return &s->ue[i];
	return NULL;
}

static struct sim_side *side_of(struct sim *s, unsigned i)
{
	return i ? &s->ue[i - 1] : &s->core;
}

void sim_world_init(struct sim *s)
{
	s->now_ms = 1000;
	s->wall_ms = WALL_MS;
	sim_net_init(&s->net, s);
	for (unsigned i = 0; i <= s->n_ues; i++) {
		struct sim_side *side = side_of(s, i);

		side->sim = s;
		side->number = i ? i - 1 : 0;
		side->is_core = i == 0;
		snprintf(side->name, sizeof side->name, i ? "ue%u" : "core", i);
		side->rnd_state = s->seed * 16 + i;
		side->cut_in = -1;
		side->due_ms = IMS_NEVER;
		sim_host_init(&side->host, side);
		sim_keep_init(&side->keep, side);
	}
	s->hss.store = sim_hss_new(s);
	s->hss_state = ~s->seed;
	s->hss.rnd = ims_rand_seeded(&s->hss_state);
}

void sim_world_free(struct sim *s)
{
	for (unsigned i = 0; i <= s->n_ues; i++) {
		struct sim_side *side = side_of(s, i);

		free_unit(side);
		sim_keep_free(&side->keep);
		ims_card_wipe(&side->card);
		sim_wrong_end(side);
	}
	sim_net_free(&s->net);
	sim_seen_free(s);
	s->hss.store->ops->free(s->hss.store);
}

/* --- time ----------------------------------------------------------------- */

static uint64_t side_next(const struct sim_side *side)
{
	uint64_t at = side->up ? side->due_ms : IMS_NEVER;

	if (!side->up && side->started && !side->no_restart)
		return side->back_ms;
	if (side->up && side->again_ms && side->again_ms < at)
		at = side->again_ms;
	if (side->up && side->stop_at && side->stop_at < at)
		at = side->stop_at;
	if (side->up && sim_host_ends(&side->host) < at)
		at = sim_host_ends(&side->host);
	return at < side->asleep_until ? side->asleep_until : at;
}

static void side_turn(struct sim_side *side)
{
	struct sim *s = side->sim;

	if (!side->up) {
		sim_side_start(side);
	} else if (sim_host_ends(&side->host) <= s->now_ms) {
		sim_host_end(&side->host);
	} else if (side->stop_at && side->stop_at <= s->now_ms) {
		end_core(side);
	} else if (side->again_ms && side->again_ms <= s->now_ms) {
		side->again_ms = 0;
		sim_count(s, SIM_N_RETRIED);
		sim_note(s, "%-5s    the user tries again", side->name);
		ims_run_ue_start(side->ue);
	} else if (side->is_core) {
		ims_run_core_tick(side->core);
	} else {
		ims_run_ue_tick(side->ue);
	}
}

static void bury(struct sim *s)
{
	for (unsigned i = 0; i <= s->n_ues; i++) {
		struct sim_side *side = side_of(s, i);

		if (side->up && side->dead)
			sim_side_kill(side);
	}
}

/* Who wants to be registered, and sees that nothing happens, tries again. */
static void users(struct sim *s)
{
	for (unsigned i = 0; i < s->n_ues; i++) {
		struct sim_side *ue = &s->ue[i];

		if (ue->up && ue->want == SIM_WANT_REGISTERED &&
		    !ue->again_ms && sim_ue_idle(ue))
			ue->again_ms = s->now_ms + SIM_MINUTE +
				       sim_chance(s, 5 * SIM_MINUTE);
	}
}

bool sim_turn(struct sim *s, uint64_t until_ms)
{
	struct sim_side *side = NULL;
	uint64_t at;

	bury(s); /* what befell them between two turns */
	users(s);
	for (unsigned i = 0; i < s->n_ues; i++)
		if (s->ue[i].up) /* what its user did is no message */
			s->ue[i].was_registered = sim_ue_registered(&s->ue[i]);
	at = sim_net_next(&s->net);
	for (unsigned i = 0; i <= s->n_ues; i++) {
		uint64_t due = side_next(side_of(s, i));

		if (due < at) {
			at = due;
			side = side_of(s, i);
		}
	}
	if (at > until_ms) {
		s->now_ms = until_ms > s->now_ms ? until_ms : s->now_ms;
		return false;
	}
	if (at > s->now_ms)
		s->now_ms = at;
	s->taker = NULL;
	s->taking_clear = false;
	s->steps++;
	if (side)
		side_turn(side);
	else
		sim_net_deliver(&s->net);
	sim_wrong_check(s);
	bury(s);
	users(s);
	sim_check_step(s);
	return !s->failed;
}

/* The host has another address; the old one is gone, and what went there. */
void sim_ue_address(struct sim_side *ue)
{
	struct sim *s = ue->sim;
	struct ims_addr local = ue->conf.local;
	char text[IMS_ADDR_TEXT];
	struct ims_flaw why;

	if (ue->dead)
		return;
	local.ip = sim_new_ip(s, ue->number);
	sim_note(s, "%-5s    == moves to %s", ue->name,
		 ims_addr_text(local, text));
	sim_net_drop_side(&s->net, ue);
	ue->host.ip = local.ip;
	ue->conf.local = local;
	if (ims_run_ue_move(ue->ue, &ue->host.host, local, &why))
		sim_fail(s, SIM_NOTHING, "%s cannot move: %s", ue->name,
			 why.text);
}
