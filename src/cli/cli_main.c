/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_main.c - one program, one table of sub-commands. */
#include "base_err.h"
#include "base_trace.h"
#include "cli_aka.h"
#include "cli_core.h"
#include "cli_ctl.h"
#include "cli_demo.h"
#include "cli_errors.h"
#include "cli_fsm.h"
#include "cli_near.h"
#include "cli_sub.h"
#include "cli_ue.h"
#include "cli_wireshark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct command {
	const char *name, *about;
	int (*run)(int argc, char **argv); /* argv[0]: its name */
} commands[] = {
	{"demo", "the eight steps, live: a UE registers at a core",
	 ims_cli_demo},
	{"ue", "a UE: registers at any P-CSCF and stays registered",
	 ims_cli_ue},
	{"core", "a network: P-CSCF, S-CSCF and HSS", ims_cli_core},
	{"sub", "the subscribers of a core: add, list, show, set, del",
	 ims_cli_sub},
	{"ctl", "asks a running core or ue, or tells it what to do",
	 ims_cli_ctl},
	{"aka", "AKA and digest calculator: what is wrong after the 401",
	 ims_cli_aka},
	{"wireshark", "opens a capture of ours decrypted", ims_cli_wireshark},
	{"fsm", "prints the state machines", ims_cli_fsm},
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static void usage(FILE *to)
{
	fputs("Usage: imsreg COMMAND [OPTION]...\n\n"
	      "Both ends of IMS registration, and what happened between "
	      "them.\n\nCommands:\n",
	      to);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name,
			commands[i].about);
	fputs("  help       this text; help COMMAND: its options; "
	      "help errors: every id\n"
	      "\nimsreg --version prints the version.\n",
	      to);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	return NULL;
}

static int unknown(const char *word)
{
	const char *names[N_COMMANDS + 1];
	const char *near;
	char shown[64];

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	names[N_COMMANDS] = "help";
	near = ims_cli_near(word, names, N_COMMANDS + 1);
	ims_printable(ims_str(word), shown, sizeof shown);
	fprintf(stderr, "imsreg: \"%s\" is no command", shown);
	if (near)
		fprintf(stderr, " (did you mean %s?)\n", near);
	else
		fputs("; imsreg help lists them\n", stderr);
	return IMS_EXIT_USAGE;
}

static int help(int argc, char **argv)
{
	char *args[] = {NULL, "--help", NULL};
	const struct command *c;

	if (argc < 2) {
		usage(stdout);
		return IMS_EXIT_OK;
	}
	if (strcmp(argv[1], "errors") == 0)
		return ims_cli_errors();
	c = find(argv[1]);
	if (!c)
		return unknown(argv[1]);
	args[0] = argv[1];
	return c->run(2, args);
}

/* Keys are in memory: a crash leaves no core file unless the user's shell was
 * told to keep them with IMSREG_CORE=1.
 */
static void no_core_file(void)
{
	const struct rlimit none = {0, 0};

	if (!getenv("IMSREG_CORE"))
		(void)setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
	const struct command *c;

	no_core_file();

	if (argc < 2) {
		usage(stderr);
		return IMS_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("imsreg " IMS_VERSION);
		return IMS_EXIT_OK;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return help(argc - 1, argv + 1);
	c = find(argv[1]);
	return c ? c->run(argc - 1, argv + 1) : unknown(argv[1]);
}
