/* SPDX-License-Identifier: BSD-2-Clause */
/* base_fsm.h - state machines as tables.
 *
 * A machine is a table of arcs {in state, on event, to state, clause}.  Each
 * machine keeps its arcs as the first member of its own rows, beside the
 * action to run.  There are no guards: what a message means is decided before
 * it becomes an event.  An event that no row expects is ignored and traced.
 */
#ifndef IMS_BASE_FSM_H
#define IMS_BASE_FSM_H

#include "base_buf.h"
#include "base_trace.h"

struct ims_arc {
	unsigned in, on, to;
	const char *spec; /* the clause, as in "24.229 5.1.1.2" */
};

struct ims_fsm {
	const char *name;
	const void *rows; /* each row starts with its struct ims_arc */
	size_t n_rows, row_size;
	const char *const *states;
	size_t n_states;
	const char *const *events;
	size_t n_events;
};

/* For arrays of rows in scope; state 0 is the first state. */
#define IMS_FSM(nm, r, s, e)                                                  \
	{                                                                     \
		.name = (nm), .rows = (r), .n_rows = sizeof(r) / sizeof *(r), \
		.row_size = sizeof *(r), .states = (s),                       \
		.n_states = sizeof(s) / sizeof *(s), .events = (e),           \
		.n_events = sizeof(e) / sizeof *(e),                          \
	}

const struct ims_arc *ims_fsm_arc(const struct ims_fsm *m, size_t row);

/* Moves *state along the arc for `event` and returns the row's number; -1 if
 * there is none, and then *state stays.
 */
int ims_fsm_step(const struct ims_fsm *m, unsigned *state, unsigned event,
		 const struct ims_trace *trace);

/* Says what is wrong with the table, or NULL: two rows for one case, a name
 * missing, a state that is never reached, a state without a way out (but a
 * last state may be named in `ends`: a bit per state), an unused event, a row
 * without its clause, more than 32 states.
 */
const char *ims_fsm_lint(const struct ims_fsm *m, unsigned ends);

/* The table as text, one row a line: the copy kept for review. */
void ims_fsm_print(const struct ims_fsm *m, struct ims_buf *out);
/* As a Graphviz digraph. */
void ims_fsm_dot(const struct ims_fsm *m, struct ims_buf *out);

#endif
