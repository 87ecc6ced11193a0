/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_ctl.c - imsreg ctl: talks to a running core or ue. */
#include "cli_ctl.h"

#include "cli_ctl_show.h"
#include "cli_err.h"
#include "cli_near.h"
#include "cli_opt.h"
#include "ctl_answer.h"
#include "io_unix_dial.h"
#include "io_unix_path.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 10000
#define END_MS 60000 /* of a program that de-registers first */
#define MAX_SOCKETS 16

struct conf {
	char ctl[IMS_IO_UNIX_PATH];
	unsigned reason;
	uint32_t retry_after, in;
	bool json;
};

/* clang-format off */
#define AT(member) offsetof(struct conf, member), sizeof((struct conf *)0)->member
static const struct ims_opt opts[] = {
	{"ctl", 0, IMS_OPT_TEXT, AT(ctl), NULL, "PATH",
	 "its socket (default: the only one there is)"},
	{"reason", 0, IMS_OPT_WORD, AT(reason), ims_ctl_reasons, "WORD",
	 "dereg: rejected (default), deactivated, probation"},
	{"retry-after", 0, IMS_OPT_U32, AT(retry_after), NULL, "SECONDS",
	 "dereg with probation: he may come back then"},
	{"in", 0, IMS_OPT_U32, AT(in), NULL, "SECONDS",
	 "reauth: the time that is left for it (default 60)"},
	{"json", 'j', IMS_OPT_FLAG, AT(json), NULL, NULL,
	 "the answer as it comes: JSON, one line"},
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "ctl",
	.usage = "[OPTION...] COMMAND [USER|LEVEL|ADDR]",
	.about =
		"Asks a running core or ue, or tells it what to do.\n\n"
		"  status           what it is, what it holds, what it "
		"counted\n"
		"  bindings [USER]  who is registered, where, and who watches\n"
		"  sas [USER]       SA sets: SPIs, ports, packets, bytes, "
		"drops\n"
		"  dereg USER       core: throws a user out; the UE is told by "
		"NOTIFY\n"
		"  reauth USER      core: the UE must authenticate anew\n"
		"  refresh          ue: registers again now\n"
		"  address ADDR     ue: goes to another address of its "
		"machine\n"
		"  log LEVEL        error, warn, info, debug or trace\n"
		"  watch            events as they come, until Ctrl-C\n"
		"  stop             ends it in order\n\n"
		"USER is a public identity (sip:..., tel:...) or a private one "
		"(user@realm).\nSockets are in $IMSREG_RUN_DIR if that is "
		"set, else in /run/imsreg (root) or\n$XDG_RUNTIME_DIR/imsreg: "
		"core.sock, ue-IMSI.sock.",
	.opt = opts,
	.n_opts = sizeof opts / sizeof *opts,
};

/* What stands behind the command, and how the request calls it. */
static const struct command {
	const char *name, *key;
	bool needed;
	const char *list; /* in the answer, page by page */
} commands[] = {
	{"status", NULL, false, NULL},   {"bindings", "user", false, "users"},
	{"sas", "user", false, "sets"},  {"dereg", "user", true, NULL},
	{"reauth", "user", true, NULL},  {"refresh", NULL, false, NULL},
	{"address", "addr", true, NULL}, {"log", "level", true, NULL},
	{"watch", NULL, false, NULL},    {"stop", NULL, false, NULL},
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

struct app {
	const struct conf *conf;
	const struct command *cmd;
	const char *arg; /* NULL: none */
	struct ims_io_dial *dial;
};

static int misuse(const char *text)
{
	return ims_cli_fail("ctl", -IMS_E_USAGE, "%s", text);
}

/* --- the command line ---------------------------------------------------- */

static const struct command *find_command(const char *word)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(word, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static void unknown(const char *word)
{
	const char *names[N_COMMANDS];
	const char *near;
	char shown[64];

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	near = ims_cli_near(word, names, N_COMMANDS);
	ims_printable(ims_str(word), shown, sizeof shown);
	if (near)
		ims_cli_fail("ctl", -IMS_E_USAGE,
			     "\"%s\" is no command (did you mean %s?)", shown,
			     near);
	else
		ims_cli_fail(
			"ctl", -IMS_E_USAGE,
			"\"%s\" is no command (imsreg help ctl lists them)",
			shown);
}

static int check_options(const struct app *a)
{
	const struct conf *c = a->conf;
	bool dereg = strcmp(a->cmd->name, "dereg") == 0;
	bool reauth = strcmp(a->cmd->name, "reauth") == 0;

	if (!dereg && (c->reason != UINT_MAX || c->retry_after != UINT32_MAX))
		return misuse("--reason and --retry-after go with dereg only");
	if (c->retry_after != UINT32_MAX && c->reason != IMS_CTL_PROBATION)
		return misuse("--retry-after goes with --reason probation "
			      "only");
	if (!reauth && c->in != UINT32_MAX)
		return misuse("--in goes with reauth only");
	return 0;
}

static int check(struct app *a, const char **words, int n)
{
	if (n < 1) {
		misuse("a command is missing (imsreg help ctl lists them)");
		return IMS_EXIT_USAGE;
	}
	a->cmd = find_command(words[0]);
	if (!a->cmd) {
		unknown(words[0]);
		return IMS_EXIT_USAGE;
	}
	a->arg = n > 1 ? words[1] : NULL;
	if (a->arg && !a->cmd->key)
		return ims_cli_fail("ctl", -IMS_E_USAGE,
				    "%s takes nothing more", a->cmd->name);
	if (!a->arg && a->cmd->needed)
		return ims_cli_fail("ctl", -IMS_E_USAGE,
				    "%s: the %s is missing", a->cmd->name,
				    a->cmd->key);
	return check_options(a);
}

/* --- to whom ------------------------------------------------------------- */

static int which(char found[][IMS_IO_UNIX_PATH], size_t n)
{
	ims_cli_fail("ctl", -IMS_E_USAGE,
		     "%zu programs listen; say --ctl with one of", n);
	for (size_t i = 0; i < n && i < MAX_SOCKETS; i++) {
		char shown[IMS_IO_UNIX_PATH * 4];

		ims_printable(ims_str(found[i]), shown, sizeof shown);
		fprintf(stderr, "  %s\n", shown);
	}
	return IMS_EXIT_USAGE;
}

static int dial(struct app *a)
{
	char found[MAX_SOCKETS][IMS_IO_UNIX_PATH];
	const char *path = a->conf->ctl;
	struct ims_flaw why = {0};
	size_t n;

	if (!*path) {
		n = ims_io_unix_find(found, MAX_SOCKETS);
		if (n > 1)
			return which(found, n);
		if (n == 0)
			return ims_cli_fail("ctl", -IMS_E_CTL,
					    "no core and no ue is running");
		path = found[0];
	}
	if (ims_io_dial_new(path, &a->dial, &why))
		return ims_cli_fail("ctl", why.err, "%s", why.text);
	return 0;
}

/* --- asking -------------------------------------------------------------- */

static json_t *request(const struct app *a, size_t skip)
{
	const struct conf *c = a->conf;
	json_t *o = json_pack("{s:i, s:s}", "v", IMS_CTL_VERSION, "cmd",
			      a->cmd->name);

	if (a->arg)
		json_object_set_new(o, a->cmd->key,
				    ims_ctl_text(ims_str(a->arg)));
	if (c->reason != UINT_MAX)
		json_object_set_new(o, "reason",
				    json_string(ims_ctl_reasons[c->reason]));
	if (c->retry_after != UINT32_MAX)
		json_object_set_new(o, "retry_after_s",
				    json_integer(c->retry_after));
	if (c->in != UINT32_MAX)
		json_object_set_new(o, "in_s", json_integer(c->in));
	if (skip)
		json_object_set_new(o, "skip", json_integer((json_int_t)skip));
	return o;
}

static int gone(int err)
{
	if (err == 0 || err == -IMS_E_CTL)
		return ims_cli_fail("ctl", -IMS_E_CTL,
				    "it ended without an answer");
	if (err == -IMS_E_SILENCE)
		return ims_cli_fail("ctl", -IMS_E_CTL,
				    "it is there, but does not answer");
	return ims_cli_fail("ctl", err, NULL);
}

/* Its text with our own cause and next, which are the same list. */
static int refused(const json_t *error)
{
	char id[IMS_CLI_CTL_TEXT], text[IMS_CLI_CTL_TEXT];
	json_int_t status = json_integer_value(json_object_get(error, "exit"));

	ims_cli_ctl_text(error, "id", id);
	ims_cli_ctl_text(error, "text", text);
	for (int i = 1; i < IMS_E_LAST; i++)
		if (strcmp(ims_err_info(i)->id, id) == 0)
			return ims_cli_fail("ctl", i, "%s", text);
	fprintf(stderr, "imsreg ctl: %s\n  id: %s\n", text, id);
	return status > 0 && status < 256 ? (int)status : IMS_EXIT_FAILED;
}

static int read_answer(struct app *a, json_t **out)
{
	struct ims_str line = {0};
	json_t *o;
	int err = ims_io_dial_line(a->dial, ANSWER_MS, &line);

	if (err != 1)
		return gone(err);
	o = json_loadb(line.p, line.n, 0, NULL);
	if (!json_is_object(o)) {
		json_decref(o);
		return ims_cli_fail("ctl", -IMS_E_PEER,
				    "what listens there is no imsreg");
	}
	if (json_is_true(json_object_get(o, "ok"))) {
		*out = o;
		return 0;
	}
	if (a->conf->json) {
		fwrite(line.p, 1, line.n, stdout);
		putchar('\n');
	}
	err = refused(json_object_get(o, "error"));
	json_decref(o);
	return err;
}

static int ask(struct app *a, size_t skip, json_t **out)
{
	size_t n;
	char *line = ims_ctl_line(request(a, skip), &n);
	int err = line ? ims_io_dial_send(a->dial, (struct ims_str){line, n})
		       : -IMS_E_NOMEM;

	free(line);
	/* who was turned away may still read why */
	if (err && err != -IMS_E_CTL)
		return gone(err);
	return read_answer(a, out);
}

/* Long lists come in pages; they are put together. */
static int ask_all(struct app *a, json_t **out)
{
	json_t *list, *page = NULL;
	int status = ask(a, 0, out);

	if (status || !a->cmd->list)
		return status;
	list = json_object_get(*out, a->cmd->list);
	while (json_array_size(list) <
	       (size_t)json_integer_value(json_object_get(*out, "total"))) {
		status = ask(a, json_array_size(list), &page);
		if (status)
			return status;
		if (!json_array_size(json_object_get(page, a->cmd->list))) {
			json_decref(page);
			break; /* fewer than there were */
		}
		json_array_extend(list, json_object_get(page, a->cmd->list));
		json_decref(page);
	}
	return 0;
}

static void show(const struct app *a, const json_t *answer)
{
	if (a->conf->json) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		ims_cli_ctl_show(stdout, answer);
	}
	fflush(stdout);
}

/* --- what takes longer --------------------------------------------------- */

/* One event; is it the last? */
static bool pass_on(const struct app *a, struct ims_str line)
{
	json_t *o = json_loadb(line.p, line.n, 0, NULL);
	const char *event = json_string_value(json_object_get(o, "event"));
	bool last = event && strcmp(event, "end") == 0;

	if (a->conf->json && o) {
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
	} else if (o) {
		ims_cli_ctl_show_event(stdout, o);
	}
	fflush(stdout);
	json_decref(o);
	return last;
}

static int watch(const struct app *a)
{
	struct ims_str line = {0};
	int err;

	while ((err = ims_io_dial_line(a->dial, -1, &line)) == 1)
		if (pass_on(a, line))
			return IMS_EXIT_OK;
	return err ? gone(err)
		   : ims_cli_fail("ctl", -IMS_E_CTL, "it ended without a word");
}

static int wait_for_end(const struct app *a)
{
	struct ims_str line = {0};
	int err;

	while ((err = ims_io_dial_line(a->dial, END_MS, &line)) == 1)
		;
	if (err)
		return ims_cli_fail("ctl", -IMS_E_CTL,
				    "it has not ended in %d s", END_MS / 1000);
	if (!a->conf->json)
		puts("it has ended");
	return IMS_EXIT_OK;
}

static int talk(struct app *a)
{
	json_t *answer = NULL;
	int status = ask_all(a, &answer);
	bool watching = strcmp(a->cmd->name, "watch") == 0;

	if (!status && !(watching && !a->conf->json))
		show(a, answer);
	json_decref(answer);
	if (!status && watching)
		status = watch(a);
	if (!status && strcmp(a->cmd->name, "stop") == 0)
		status = wait_for_end(a);
	return status;
}

int ims_cli_ctl(int argc, char **argv)
{
	struct conf c = {.reason = UINT_MAX,
			 .retry_after = UINT32_MAX,
			 .in = UINT32_MAX};
	struct app a = {.conf = &c};
	const char *words[2];
	int n = ims_cli_opt(&table, argc, argv, &c, words, 2);
	int status;

	if (n == IMS_OPT_HELPED)
		return IMS_EXIT_OK;
	if (n < 0)
		return (int)ims_err_info(n)->exit;
	status = check(&a, words, n);
	if (!status)
		status = dial(&a);
	if (!status)
		status = talk(&a);
	ims_io_dial_free(a.dial);
	return status;
}
