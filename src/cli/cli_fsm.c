/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_fsm.c - imsreg fsm NAME: the state machines, as text or as a graph. */
#include "cli_fsm.h"

#include "base_fsm.h"
#include "cli_err.h"
#include "cli_near.h"
#include "cli_opt.h"
#include "pcscf.h"
#include "scscf.h"
#include "txn.h"
#include "ue.h"

#include <stdio.h>
#include <string.h>

static const struct ims_fsm *const machines[] = {
	&ims_txn_client_fsm, &ims_txn_server_fsm,  &ims_ue_reg_fsm,
	&ims_ue_sub_fsm,     &ims_ue_more_fsm,     &ims_pcscf_reg_fsm,
	&ims_pcscf_set_fsm,  &ims_pcscf_watch_fsm, &ims_scscf_reg_fsm,
};
enum { N_MACHINES = 9 };
_Static_assert(sizeof machines == N_MACHINES * sizeof(void *), "count");

struct conf {
	bool dot;
};

/* clang-format off */
static const struct ims_opt opts[] = {
	{"dot", 'd', IMS_OPT_FLAG, offsetof(struct conf, dot), 0, NULL, NULL,
	 "as a Graphviz digraph: imsreg fsm ue-reg --dot | dot -Tsvg"},
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "fsm",
	.usage = "[NAME] [--dot]",
	.about = "The state machines that the program runs on, printed from "
		 "its own tables: state,\nevent, next state and the clause it "
		 "comes from. Without NAME: the names.",
	.opt = opts,
	.n_opts = sizeof opts / sizeof *opts,
};

static int unknown(const char *name)
{
	const char *names[N_MACHINES];
	const char *near;

	for (size_t i = 0; i < N_MACHINES; i++)
		names[i] = machines[i]->name;
	near = ims_cli_near(name, names, N_MACHINES);
	return ims_cli_fail("fsm", -IMS_E_USAGE, "no machine \"%.40s\"%s%s%s",
			    name, near ? " (did you mean " : "",
			    near ? near : "", near ? "?)" : "");
}

static int show(const struct ims_fsm *m, bool dot)
{
	char text[65536];
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	if (dot)
		ims_fsm_dot(m, &b);
	else
		ims_fsm_print(m, &b);
	fputs(ims_buf_cstr(&b), stdout);
	return IMS_EXIT_OK;
}

int ims_cli_fsm(int argc, char **argv)
{
	struct conf c = {0};
	const char *name;
	int n = ims_cli_opt(&table, argc, argv, &c, &name, 1);

	if (n == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (n < 0)
		return (int)ims_err_info(n)->exit;
	for (size_t i = 0; i < N_MACHINES; i++) {
		if (n == 0)
			puts(machines[i]->name);
		else if (strcmp(machines[i]->name, name) == 0)
			return show(machines[i], c.dot);
	}
	return n ? unknown(name) : IMS_EXIT_OK;
}
