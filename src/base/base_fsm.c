/* SPDX-License-Identifier: BSD-2-Clause */
/* base_fsm.c - walking, checking and printing the tables. */
#include "base_fsm.h"

#include <string.h>

const struct ims_arc *ims_fsm_arc(const struct ims_fsm *m, size_t row)
{
	return (const void *)((const char *)m->rows + row * m->row_size);
}

static const char *name(const char *const *names, size_t n, unsigned i)
{
	return i < n && names[i] ? names[i] : "?";
}

static const char *state_name(const struct ims_fsm *m, unsigned i)
{
	return name(m->states, m->n_states, i);
}

static const char *event_name(const struct ims_fsm *m, unsigned i)
{
	return name(m->events, m->n_events, i);
}

int ims_fsm_step(const struct ims_fsm *m, unsigned *state, unsigned event,
		 const struct ims_trace *trace)
{
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(m, i);

		if (a->in != *state || a->on != event)
			continue;
		ims_trace(trace, IMS_DEBUG, m->name, "%s, on %s: %s",
			  state_name(m, a->in), event_name(m, event),
			  state_name(m, a->to));
		*state = a->to;
		return (int)i;
	}
	ims_trace(trace, IMS_DEBUG, m->name, "%s, on %s: not expected, ignored",
		  state_name(m, *state), event_name(m, event));
	return -1;
}

static bool all_named(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!names[i] || !names[i][0])
			return false;
	return true;
}

static const char *lint_names(const struct ims_fsm *m)
{
	if (!m->name || !m->name[0])
		return "the machine has no name";
	if (!m->n_states || !all_named(m->states, m->n_states))
		return "a state has no name";
	if (!m->n_events || !all_named(m->events, m->n_events))
		return "an event has no name";
	if (m->n_states > 32)
		return "more than 32 states";
	return NULL;
}

static bool twice(const struct ims_fsm *m, size_t row)
{
	const struct ims_arc *a = ims_fsm_arc(m, row);

	for (size_t i = 0; i < row; i++) {
		const struct ims_arc *b = ims_fsm_arc(m, i);

		if (a->in == b->in && a->on == b->on)
			return true;
	}
	return false;
}

static const char *lint_rows(const struct ims_fsm *m)
{
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(m, i);

		if (a->in >= m->n_states || a->to >= m->n_states)
			return "a row names a state that is not there";
		if (a->on >= m->n_events)
			return "a row names an event that is not there";
		if (!a->spec || !a->spec[0])
			return "a row has no clause";
		if (twice(m, i))
			return "two rows for one case";
	}
	return NULL;
}

/* The states that can be reached from the first one, a bit each. */
static uint32_t reached(const struct ims_fsm *m)
{
	uint32_t seen = 1, before;

	do {
		before = seen;
		for (size_t i = 0; i < m->n_rows; i++) {
			const struct ims_arc *a = ims_fsm_arc(m, i);

			if (seen >> a->in & 1)
				seen |= UINT32_C(1) << a->to;
		}
	} while (seen != before);
	return seen;
}

/* The states that some row leaves for another state, a bit each. */
static uint32_t left(const struct ims_fsm *m)
{
	uint32_t out = 0;

	for (size_t i = 0; i < m->n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(m, i);

		if (a->in != a->to)
			out |= UINT32_C(1) << a->in;
	}
	return out;
}

static bool event_used(const struct ims_fsm *m, unsigned event)
{
	for (size_t i = 0; i < m->n_rows; i++)
		if (ims_fsm_arc(m, i)->on == event)
			return true;
	return false;
}

const char *ims_fsm_lint(const struct ims_fsm *m, unsigned ends)
{
	const char *wrong = lint_names(m);
	uint32_t all;

	if (!wrong)
		wrong = lint_rows(m);
	if (wrong)
		return wrong;
	all = UINT32_MAX >> (32 - m->n_states);
	if (reached(m) != all)
		return "a state is never reached";
	if ((left(m) | (ends & all)) != all)
		return "a state has no way out";
	for (unsigned i = 0; i < m->n_events; i++)
		if (!event_used(m, i))
			return "an event is used by no row";
	return NULL;
}

static size_t widest(const char *const *names, size_t n)
{
	size_t max = 1;

	for (size_t i = 0; i < n; i++)
		if (names[i] && strlen(names[i]) > max)
			max = strlen(names[i]);
	return max;
}

static void cell(struct ims_buf *out, const char *text, size_t width)
{
	ims_buf_puts(out, text);
	for (size_t i = strlen(text); i < width + 2; i++)
		ims_buf_putc(out, ' ');
}

void ims_fsm_print(const struct ims_fsm *m, struct ims_buf *out)
{
	size_t state = widest(m->states, m->n_states);
	size_t event = widest(m->events, m->n_events);

	for (size_t i = 0; i < m->n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(m, i);

		cell(out, state_name(m, a->in), state);
		cell(out, event_name(m, a->on), event);
		cell(out, state_name(m, a->to), state);
		ims_buf_puts(out, a->spec ? a->spec : "?");
		ims_buf_putc(out, '\n');
	}
}

void ims_fsm_dot(const struct ims_fsm *m, struct ims_buf *out)
{
	ims_buf_printf(out, "digraph \"%s\" {\n\trankdir=LR;\n", m->name);
	for (size_t i = 0; i < m->n_rows; i++) {
		const struct ims_arc *a = ims_fsm_arc(m, i);

		ims_buf_printf(out, "\t\"%s\" -> \"%s\" [label=\"%s\\n%s\"];\n",
			       state_name(m, a->in), state_name(m, a->to),
			       event_name(m, a->on), a->spec ? a->spec : "?");
	}
	ims_buf_puts(out, "}\n");
}
