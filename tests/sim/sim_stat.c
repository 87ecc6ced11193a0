/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_stat.c - what happened how often: summed, and printed. */
#include "sim_stat.h"

#include "sim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char *const what[] = {
#define X(name, text) text,
	SIM_COUNTS(X)
#undef X
};

struct sim_stat *sim_stat_new(unsigned n)
{
	void *p =
		mmap(NULL, n * sizeof(struct sim_stat), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

/* It is nothing but numbers of one kind. */
void sim_stat_sum(const struct sim_stat *v, unsigned n, struct sim_stat *sum)
{
	unsigned long *to = (unsigned long *)sum;

	memset(sum, 0, sizeof *sum);
	for (unsigned i = 0; i < n; i++) {
		const unsigned long *from = (const unsigned long *)&v[i];

		for (size_t k = 0; k < sizeof *sum / sizeof *to; k++)
			to[k] += from[k];
	}
}

static const char *tell_name(size_t i)
{
	static const char *const names[] = {
		[IMS_TELL_INFO] = "info",
		[IMS_TELL_PROBLEM] = "problem",
		[IMS_TELL_AGREED] = "agreed",
		[IMS_TELL_REGISTERED] = "registered",
		[IMS_TELL_REFRESHED] = "refreshed",
		[IMS_TELL_SUBSCRIBED] = "subscribed",
		[IMS_TELL_NOTIFIED] = "notified",
		[IMS_TELL_DEREGISTERED] = "de-registered",
		[IMS_TELL_FAILED] = "failed",
	};

	return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static void line(FILE *to, const char *kind, const char *name, unsigned long n)
{
	fprintf(to, "%-9s %-58s %12lu\n", kind, name, n);
}

static void print_wrongs(const struct sim_stat *s, FILE *to)
{
	for (int ue = 0; ue < 2; ue++) {
		size_t n;
		const struct ims_inject_row *row = ims_inject_rows(ue, &n);

		for (size_t i = 0; i < n; i++)
			line(to, ue ? "ue did" : "core did", row[i].id,
			     s->wrong[ue][i]);
	}
}

void sim_stat_print(const struct sim_stat *s, FILE *to)
{
	for (size_t i = 0; i < SIM_N_COUNTS; i++)
		line(to, "happened", what[i], s->count[i]);
	for (size_t i = 0; sim_strike_name(i); i++)
		fprintf(to, "%-9s %-45s %12lu %12lu\n", "event",
			sim_strike_name(i), s->drawn[i], s->struck[i]);
	for (size_t i = 0; tell_name(i); i++)
		line(to, "ue told", tell_name(i), s->told[i]);
	for (unsigned i = 0; i < 700; i++)
		if (s->status[i])
			fprintf(to, "%-9s %-58u %12lu\n", "answer", i,
				s->status[i]);
	for (int i = 1; i < IMS_E_LAST; i++)
		if (s->err[i])
			line(to, "told of", ims_err_info(i)->id, s->err[i]);
	print_wrongs(s, to);
	for (int i = 0; i < SIM_N_INVARIANTS; i++)
		fprintf(to, "%-9s %-45s %12lu %12lu\n", "invariant",
			sim_invariant_id((enum sim_invariant)i), s->held[i],
			s->excused[i]);
}

static void never(FILE *to, bool *any, const char *name)
{
	fprintf(to, *any ? ", %s" : "never: %s", name);
	*any = true;
}

void sim_stat_print_never(const struct sim_stat *s, FILE *to)
{
	bool any = false;

	for (size_t i = 0; i < SIM_N_COUNTS; i++)
		if (!s->count[i])
			never(to, &any, what[i]);
	for (size_t i = 0; sim_strike_name(i); i++)
		if (!s->struck[i])
			never(to, &any, sim_strike_name(i));
	for (int ue = 0; ue < 2; ue++) {
		size_t n;
		const struct ims_inject_row *row = ims_inject_rows(ue, &n);

		for (size_t i = 0; i < n; i++)
			if (!s->wrong[ue][i])
				never(to, &any, row[i].id);
	}
	for (int i = 0; i < SIM_N_INVARIANTS; i++)
		if (!s->held[i])
			never(to, &any,
			      sim_invariant_id((enum sim_invariant)i));
	if (any)
		fputc('\n', to);
}
