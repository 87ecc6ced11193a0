/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_wrong.c - in some lives one side misbehaves once, on purpose: a case of
 * inject.h.  The other must live with it, and all be well in the end.
 *
 * What is looked at is what roles do: NOTIFYs for instance on Mw, before they
 * are changed on purpose.  So little has to be excused; all of it is here.
 */
#include "sim.h"

#include <string.h>

void sim_wrong_plan(struct sim *s)
{
	unsigned who = sim_more(s, s->n_ues + 1);
	const struct ims_inject_row *rows;
	size_t n;

	s->wrongdoer = who ? &s->ue[who - 1] : &s->core;
	rows = ims_inject_rows(who != 0, &n);
	s->wrong = &rows[sim_more(s, (uint32_t)n)];
	s->wrong_at = 1 + sim_more(s, 3);
}

void sim_wrong_start(struct sim_side *side)
{
	struct sim *s = side->sim;
	struct ims_flaw why;
	char spec[64];

	if (s->wrongdoer != side || s->n_wrong || side->inject ||
	    (s->without && strstr(s->without, "inject")))
		return;
	side->inject = ims_inject_new(!side->is_core);
	snprintf(spec, sizeof spec, "%s@%u", s->wrong->id, s->wrong_at);
	if (side->inject && ims_inject_add(side->inject, ims_str(spec), &why))
		sim_fail(s, SIM_NOTHING, "%s: %s", spec, why.text);
	sim_note(s, "%-5s    == will do %s", side->name, spec);
}

void sim_wrong_end(struct sim_side *side)
{
	ims_inject_free(side->inject);
	side->inject = NULL;
}

static unsigned fired(const struct sim *s)
{
	const struct sim_side *side = s->wrongdoer;

	return side && side->inject ? ims_inject_fired(side->inject) : 0;
}

bool sim_wrong_now(const struct sim *s, const char *id)
{
	return fired(s) > s->n_wrong && strcmp(s->wrong->id, id) == 0;
}

/* A request of a UE that is sent anew on purpose has the number it had. */
bool sim_wrong_again(const struct sim *s, const struct sim_side *side)
{
	return s->n_wrong && s->wrongdoer == side && !side->is_core &&
	       (strcmp(s->wrong->id, "again") == 0 ||
		strcmp(s->wrong->id, "sub-again") == 0);
}

/* This UE has just taken what came in the clear for protected, on purpose. */
bool sim_wrong_believes(const struct sim *s, const struct sim_side *ue)
{
	return s->n_wrong && s->wrongdoer == ue && s->wrong_step == s->steps &&
	       strcmp(s->wrong->id, "believes-clear") == 0;
}

/* What a UE was told it may believe: that the core renewed what it did not.  Its
 * registration may then be over before it knows, until it has asked anew.
 */
static void excuse_told(struct sim *s)
{
	bool lie = strcmp(s->wrong->id, "200-without-challenge") == 0 ||
		   strcmp(s->wrong->id, "no-contact") == 0 ||
		   strcmp(s->wrong->id, "alien-contact") == 0;

	if (lie && s->wrong_to && !s->wrong_to->is_core)
		sim_excuse(s->wrong_to);
	s->wrong_to = NULL;
}

void sim_wrong_check(struct sim *s)
{
	size_t n;
	bool ue = !s->wrongdoer || !s->wrongdoer->is_core;

	if (fired(s) <= s->n_wrong)
		return;
	s->stat->wrong[ue][s->wrong - ims_inject_rows(ue, &n)]++;
	if (strcmp(s->wrong->id, "notify-lost") == 0)
		sim_seen_withheld(s);
	excuse_told(s);
	s->n_wrong = fired(s);
	s->wrong_step = s->steps;
}
