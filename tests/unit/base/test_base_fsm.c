/* SPDX-License-Identifier: BSD-2-Clause */
/* test_base_fsm.c - walking and checking state machines. */
#include "base_fsm.h"

#include "test.h"

enum { IDLE, TRYING, DONE, N_STATES };
enum { START, OK, FAIL, N_EVENTS };

struct row {
	struct ims_arc arc;
	int act; /* rows are wider than arcs */
};

static const char *const states[] = {"idle", "trying", "done"};
static const char *const events[] = {"start", "ok", "fail"};

/* clang-format off */
static const struct row good[] = {
	{{IDLE,   START, TRYING, "1.1"}, 11},
	{{TRYING, OK,    DONE,   "1.2"}, 12},
	{{TRYING, FAIL,  IDLE,   "1.3"}, 13},
};
/* clang-format on */

static const struct ims_fsm fsm = IMS_FSM("try", good, states, events);

#define END_DONE (1u << DONE)

static void steps_along_the_rows(void **state)
{
	unsigned s = IDLE;

	assert_int_equal(ims_fsm_step(&fsm, &s, START, NULL), 0);
	assert_int_equal(s, TRYING);
	assert_int_equal(ims_fsm_step(&fsm, &s, FAIL, NULL), 2);
	assert_int_equal(s, IDLE);
	assert_int_equal(good[2].act, 13);
	assert_ptr_equal(ims_fsm_arc(&fsm, 2), &good[2].arc);
}

static void hear(void *arg, enum ims_level level, const char *topic,
		 const char *text)
{
	snprintf(arg, 100, "%s: %s", topic, text);
}

static void ignores_what_no_row_expects_and_says_so(void **state)
{
	char said[100] = "";
	struct ims_trace t = {IMS_DEBUG, hear, said};
	unsigned s = IDLE;

	assert_int_equal(ims_fsm_step(&fsm, &s, OK, &t), -1);
	assert_int_equal(s, IDLE);
	assert_string_equal(said, "try: idle, on ok: not expected, ignored");
	assert_int_equal(ims_fsm_step(&fsm, &s, 999, &t), -1);
	assert_string_equal(said, "try: idle, on ?: not expected, ignored");
	assert_int_equal(ims_fsm_step(&fsm, &s, START, &t), 0);
	assert_string_equal(said, "try: idle, on start: trying");
	s = 999;
	assert_int_equal(ims_fsm_step(&fsm, &s, START, &t), -1);
	assert_int_equal(s, 999);
}

static void a_sound_table_passes(void **state)
{
	assert_null(ims_fsm_lint(&fsm, END_DONE));
}

/* Lints a copy of the good table with one more row, or with row `at`
 * replaced.
 */
static const char *lint_with(size_t at, struct ims_arc arc)
{
	struct row rows[N_OF(good) + 1];
	struct ims_fsm m = fsm;

	memcpy(rows, good, sizeof good);
	rows[at] = (struct row){arc, 0};
	m.rows = rows;
	m.n_rows = at < N_OF(good) ? N_OF(good) : at + 1;
	return ims_fsm_lint(&m, END_DONE);
}

static void every_wrong_row_is_found(void **state)
{
	const size_t more = N_OF(good);

	assert_string_equal(lint_with(more, (struct ims_arc){TRYING, OK, IDLE,
							     "1.4"}),
			    "two rows for one case");
	assert_string_equal(lint_with(more, (struct ims_arc){N_STATES, OK, IDLE,
							     "1.4"}),
			    "a row names a state that is not there");
	assert_string_equal(lint_with(more, (struct ims_arc){DONE, OK, N_STATES,
							     "1.4"}),
			    "a row names a state that is not there");
	assert_string_equal(lint_with(more, (struct ims_arc){DONE, N_EVENTS,
							     IDLE, "1.4"}),
			    "a row names an event that is not there");
	assert_string_equal(lint_with(more,
				      (struct ims_arc){DONE, OK, IDLE, NULL}),
			    "a row has no clause");
	assert_string_equal(lint_with(1, (struct ims_arc){TRYING, OK, IDLE,
							  "1.2"}),
			    "a state is never reached");
	assert_string_equal(lint_with(2, (struct ims_arc){DONE, START, IDLE,
							  "1.3"}),
			    "an event is used by no row");
}

static void a_dead_end_must_be_meant(void **state)
{
	assert_string_equal(ims_fsm_lint(&fsm, 0), "a state has no way out");
	assert_string_equal(ims_fsm_lint(&fsm, 1u << TRYING),
			    "a state has no way out");
}

static void a_row_back_to_itself_is_no_way_out(void **state)
{
	static const struct row rows[] = {
		{{IDLE, START, TRYING, "1"}, 0},
		{{TRYING, OK, DONE, "1"}, 0},
		{{DONE, FAIL, DONE, "1"}, 0},
	};
	const struct ims_fsm m = IMS_FSM("loop", rows, states, events);

	assert_string_equal(ims_fsm_lint(&m, 0), "a state has no way out");
	assert_null(ims_fsm_lint(&m, END_DONE));
}

static void an_island_is_not_reached_though_rows_lead_to_it(void **state)
{
	static const struct row rows[] = {
		{{IDLE, START, IDLE, "1"}, 0},
		{{TRYING, OK, DONE, "1"}, 0},
		{{DONE, FAIL, TRYING, "1"}, 0},
	};
	const struct ims_fsm m = IMS_FSM("island", rows, states, events);

	assert_string_equal(ims_fsm_lint(&m, 1u << IDLE),
			    "a state is never reached");
}

static void missing_names_are_found(void **state)
{
	static const char *const gap[] = {"idle", NULL, "done"};
	static const char *const blank[] = {"start", "ok", ""};
	static const char *const many[33] = {"0", "0", "0", "0", "0", "0", "0",
					     "0", "0", "0", "0", "0", "0", "0",
					     "0", "0", "0", "0", "0", "0", "0",
					     "0", "0", "0", "0", "0", "0", "0",
					     "0", "0", "0", "0", "0"};
	struct ims_fsm m = fsm;
	char mem[256];
	struct ims_buf b;

	m.states = gap;
	assert_string_equal(ims_fsm_lint(&m, END_DONE), "a state has no name");
	ims_buf_init(&b, mem, sizeof mem);
	ims_fsm_print(&m, &b); /* still printable, to find it */
	assert_non_null(strstr(ims_buf_cstr(&b), "idle  start  ?"));
	m.states = many;
	m.n_states = N_OF(many);
	assert_string_equal(ims_fsm_lint(&m, END_DONE), "more than 32 states");
	m = fsm;
	m.events = blank;
	assert_string_equal(ims_fsm_lint(&m, END_DONE), "an event has no name");
	m = fsm;
	m.name = NULL;
	assert_string_equal(ims_fsm_lint(&m, END_DONE),
			    "the machine has no name");
	m = fsm;
	m.n_states = 0;
	assert_string_equal(ims_fsm_lint(&m, END_DONE), "a state has no name");
}

static void prints_a_row_a_line(void **state)
{
	char mem[1024];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_fsm_print(&fsm, &b);
	assert_str(ims_buf_str(&b), "idle    start  trying  1.1\n"
				    "trying  ok     done    1.2\n"
				    "trying  fail   idle    1.3\n");
}

static void draws_a_graph(void **state)
{
	char mem[1024];
	struct ims_buf b;

	ims_buf_init(&b, mem, sizeof mem);
	ims_fsm_dot(&fsm, &b);
	assert_str(ims_buf_str(&b),
		   "digraph \"try\" {\n"
		   "\trankdir=LR;\n"
		   "\t\"idle\" -> \"trying\" [label=\"start\\n1.1\"];\n"
		   "\t\"trying\" -> \"done\" [label=\"ok\\n1.2\"];\n"
		   "\t\"trying\" -> \"idle\" [label=\"fail\\n1.3\"];\n"
		   "}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_along_the_rows),
		cmocka_unit_test(ignores_what_no_row_expects_and_says_so),
		cmocka_unit_test(a_sound_table_passes),
		cmocka_unit_test(every_wrong_row_is_found),
		cmocka_unit_test(a_dead_end_must_be_meant),
		cmocka_unit_test(a_row_back_to_itself_is_no_way_out),
		cmocka_unit_test(
			an_island_is_not_reached_though_rows_lead_to_it),
		cmocka_unit_test(missing_names_are_found),
		cmocka_unit_test(prints_a_row_a_line),
		cmocka_unit_test(draws_a_graph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
