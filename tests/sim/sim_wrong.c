/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_wrong.c - in some lives one side misbehaves once, on purpose: a case of
 * inject.h.  The other must live with it, and all be well in the end.
 *
 * What the wrongdoer does wrong itself is no news, and is excused by this
 * table, case by case; all other invariants hold in such lives as well.
 */
#include "sim.h"

#include <string.h>

#define M(i) (1u << SIM_##i)

/* clang-format off */
static const struct {
	const char *id;
	bool ue;
	unsigned excuses;
} excuse[] = {
	/* its documents are numbered wrongly */
	{"version-gap", false, M(VERSION)},
	{"version-old", false, M(VERSION)},
	/* one is missing, or comes late: it did not leave when it should */
	{"notify-lost", false, M(VERSION) | M(CSEQ)},
	/* it has lost a set, and does not know it */
	{"sa-lost", false, M(BOUND)},
};
/* clang-format on */

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

/* What the wrongdoer said may have been believed, and may not be true: until
 * the UE's next REGISTER.
 */
void sim_wrong_check(struct sim *s)
{
	const struct sim_side *side = s->wrongdoer;
	unsigned n = side && side->inject ? ims_inject_fired(side->inject) : 0;

	if (n <= s->n_wrong)
		return;
	s->n_wrong = n;
	if (!sim_wrong_excuses(s, SIM_BOUND))
		return;
	for (unsigned i = 0; i < s->n_ues; i++)
		if (side->is_core || side == &s->ue[i])
			sim_excuse(&s->ue[i]);
}

bool sim_wrong_excuses(const struct sim *s, enum sim_invariant i)
{
	const struct sim_side *side = s->wrongdoer;

	if (!side ||
	    !(s->n_wrong || (side->inject && ims_inject_fired(side->inject))))
		return false;
	for (size_t k = 0; k < sizeof excuse / sizeof *excuse; k++)
		if (excuse[k].ue != side->is_core &&
		    strcmp(excuse[k].id, s->wrong->id) == 0)
			return (excuse[k].excuses & 1u << i) != 0;
	return false;
}
