/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_main.c - one program, one table of sub-commands. */
#include "base_err.h"
#include "base_trace.h"
#include "cli_aka.h"
#include "cli_near.h"

#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name, *about;
	int (*run)(int argc, char **argv); /* argv[0]: its name */
} commands[] = {
	{"aka", "AKA and digest calculator: what is wrong after the 401",
	 ims_cli_aka},
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
	fputs("  help       this text; help COMMAND: its options\n"
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
	c = find(argv[1]);
	if (!c)
		return unknown(argv[1]);
	args[0] = argv[1];
	return c->run(2, args);
}

int main(int argc, char **argv)
{
	const struct command *c;

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
