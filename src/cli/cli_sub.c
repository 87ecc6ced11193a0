/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_sub.c - `imsreg sub`: add, list, show, set, del. */
#include "cli_sub.h"

#include "base_mem.h"
#include "base_trace.h"
#include "cli_err.h"
#include "cli_near.h"
#include "cli_opt.h"
#include "cli_sub_priv.h"
#include "io_sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(member) offsetof(struct sub_conf, member)
#define TEXT(name, member, arg, help)                                      \
	{                                                                  \
		name, 0, IMS_OPT_TEXT, AT(member),                         \
			sizeof(((struct sub_conf *)0)->member), NULL, arg, \
			help                                               \
	}
#define FLAG(name, member, help)                                       \
	{                                                              \
		name, 0, IMS_OPT_FLAG, AT(member), 0, NULL, NULL, help \
	}

/* clang-format off */
static const struct ims_opt options[] = {
	TEXT("db", db, "FILE", "the subscribers (default imsreg.db)"),
	IMS_CLI_KEY_OPTS(sub_conf, key),
	TEXT("amf", amf, "HEX", "AMF of the vectors (default 8000)"),
	TEXT("sqn", sqn, "HEX", "SQN of the last vector (default 0: none yet)"),
	FLAG("fixed-sqn", fixed_sqn, "xor only: every vector has this SQN"),
	TEXT("msisdn", msisdn, "NUMBER", "+15550100: a tel URI as further identity"),
	TEXT("impi", impi, "USER@REALM", "private identity (default: from the IMSI)"),
	TEXT("impu", impu, "URI", "public identity, default first (repeat it)"),
	TEXT("barred-impu", barred_impu, "URI", "the same, but barred: never shown"),
	TEXT("own-impu", own_impu, "URI", "the same, but registered by itself: not implied"),
	TEXT("domain", domain, "NAME", "home domain (default: from the IMSI)"),
	{"mnc-len", 0, IMS_OPT_U32, AT(mnc_len), 0, NULL, "2|3",
	 "digits of the MNC (default: by the country)"},
	FLAG("bar", barred, "the subscriber may not register"),
	FLAG("unbar", unbarred, "he may again"),
	FLAG("keys", keys, "show K and OPc, too"),
	FLAG("json", json, "one JSON object a line"),
};
/* clang-format on */

static const struct ims_opt_table table = {
	.command = "sub",
	.usage = "add IMSI K OPC [OPTION]...\n"
		 "       imsreg sub list|show IMSI|set IMSI|del IMSI "
		 "[OPTION]...",
	.about = "Keeps the subscribers of a core in a file.  The file holds "
		 "the keys as they are:\nwhoever can read it can be any of "
		 "them.  It is made readable by you only.\n\n"
		 "K and OPC are hex; - reads the next line of standard input, "
		 "so that they are not\nseen in the list of processes.  "
		 "Instead of OPC, --op OP; xor has none.",
	.opt = options,
	.n_opts = sizeof options / sizeof *options,
};

static int misuse(const char *text)
{
	return ims_cli_fail("sub", IMS_E_USAGE, "%s", text);
}

/* NULL: what went wrong was printed, and is in *status. */
static struct ims_hss_store *open_store(const struct sub_conf *c, bool make,
					int *status)
{
	struct ims_hss_store *st = NULL;
	struct ims_flaw why;

	*status = 0;
	if (!make && access(c->db, F_OK) != 0)
		*status = ims_cli_fail("sub", IMS_E_NOFILE,
				       "%s: there is no such file (imsreg sub "
				       "add makes it)",
				       c->db);
	else if (ims_io_sqlite_open(c->db, &st, &why))
		*status = ims_cli_fail("sub", why.err, "%s", why.text);
	return st;
}

static int store_failed(const struct sub_conf *c, struct ims_hss_store *st,
			int err)
{
	if (err == -IMS_E_NOTFOUND)
		return ims_cli_fail("sub", err, "%s: no subscriber %s", c->db,
				    c->imsi);
	if (err == -IMS_E_EXISTS)
		return ims_cli_fail("sub", err,
				    "%s: the IMSI or IMPI is there already",
				    c->db);
	return ims_cli_fail("sub", err, "%s: %s", c->db, st->ops->why(st));
}

static int do_add(struct sub_conf *c)
{
	struct ims_hss_store *st;
	struct ims_sub sub;
	int status = ims_cli_sub_new(c, &sub);
	int err;

	if (status)
		return status;
	st = open_store(c, true, &status);
	if (st) {
		err = st->ops->add(st, &sub);
		if (err)
			status = store_failed(c, st, err);
		else if (c->json)
			ims_cli_sub_page(c, &sub);
		else
			printf("added %s as %s\n", sub.imsi, sub.impu[0].uri);
		st->ops->free(st);
	}
	ims_sub_wipe(&sub);
	return status;
}

static int print_line(void *arg, const struct ims_sub *sub)
{
	ims_cli_sub_line(arg, sub);
	return ferror(stdout);
}

static int do_list(struct sub_conf *c)
{
	int status, err;
	struct ims_hss_store *st = open_store(c, false, &status);

	if (!st)
		return status;
	err = st->ops->list(st, print_line, c);
	if (err)
		status = store_failed(c, st, err);
	st->ops->free(st);
	return status;
}

static int do_show(struct sub_conf *c)
{
	int status, err;
	struct ims_hss_store *st = open_store(c, false, &status);
	struct ims_sub sub;

	if (!st)
		return status;
	err = st->ops->get_imsi(st, ims_str(c->imsi), &sub);
	if (err)
		status = store_failed(c, st, err);
	else
		ims_cli_sub_page(c, &sub);
	ims_sub_wipe(&sub);
	st->ops->free(st);
	return status;
}

static int do_set(struct sub_conf *c)
{
	int status, err;
	struct ims_hss_store *st = open_store(c, false, &status);
	struct ims_sub sub;

	if (!st)
		return status;
	err = st->ops->get_imsi(st, ims_str(c->imsi), &sub);
	if (err == 0)
		status = ims_cli_sub_change(c, &sub);
	if (err == 0 && status == 0)
		err = st->ops->set(st, &sub);
	if (err)
		status = store_failed(c, st, err);
	else if (status == 0 && c->json)
		ims_cli_sub_page(c, &sub);
	else if (status == 0)
		printf("changed %s\n", c->imsi);
	ims_sub_wipe(&sub);
	st->ops->free(st);
	return status;
}

static int do_del(struct sub_conf *c)
{
	int status, err;
	struct ims_hss_store *st = open_store(c, false, &status);

	if (!st)
		return status;
	err = st->ops->del(st, ims_str(c->imsi));
	if (err)
		status = store_failed(c, st, err);
	else
		printf("deleted %s\n", c->imsi);
	st->ops->free(st);
	return status;
}

static const struct verb {
	const char *name;
	int words; /* that must follow it, at least */
	int max;
	int (*run)(struct sub_conf *c);
} verbs[] = {
	{"add", 1, 3, do_add}, {"list", 0, 0, do_list}, {"show", 1, 1, do_show},
	{"set", 1, 1, do_set}, {"del", 1, 1, do_del},
};
#define N_VERBS (sizeof verbs / sizeof *verbs)

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, word) == 0)
			return &verbs[i];
	}
	return NULL;
}

static int no_verb(const char *word)
{
	const char *names[N_VERBS], *near;
	char shown[64];

	for (size_t i = 0; i < N_VERBS; i++)
		names[i] = verbs[i].name;
	near = ims_cli_near(word, names, N_VERBS);
	ims_printable(ims_str(word), shown, sizeof shown);
	if (near)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "\"%s\" is none of add, list, show, set, "
				    "del (did you mean %s?)",
				    shown, near);
	return ims_cli_fail("sub", IMS_E_USAGE,
			    "\"%s\" is none of add, list, show, set, del",
			    shown);
}

static bool is_imsi(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return s[n] == 0 && n >= 6 && n <= 15;
}

/* add IMSI K OPC: as if they were options. */
static int take_keys(struct sub_conf *c, const char **word, int n)
{
	char *opc = c->key.algo == IMS_AKA_TUAK ? c->key.topc : c->key.opc;

	if (n >= 1 && *c->key.key)
		return misuse("K: not together with --key");
	if (n >= 1 &&
	    !ims_str_copy(c->key.key, sizeof c->key.key, ims_str(word[0])))
		return misuse("K: too long");
	if (n >= 2 && *opc)
		return misuse("OPC: not together with --opc or --topc");
	if (n >= 2 && !ims_str_copy(opc, sizeof c->key.opc, ims_str(word[1])))
		return misuse("OPC: too long");
	return 0;
}

static int run_verb(struct sub_conf *c, const char **word, int n)
{
	const struct verb *v;
	int status = 0;

	if (n == 0)
		return misuse("add, list, show, set or del? imsreg help sub");
	v = find_verb(word[0]);
	if (!v)
		return no_verb(word[0]);
	if (n - 1 < v->words)
		return ims_cli_fail("sub", IMS_E_USAGE, "%s: IMSI is missing",
				    v->name);
	if (n - 1 > v->max)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "%s: more words than it knows", v->name);
	if (v->words && !is_imsi(word[1]))
		return misuse("IMSI: 6 to 15 digits wanted");
	c->imsi = n > 1 ? word[1] : NULL;
	if (n > 2)
		status = take_keys(c, word + 2, n - 2);
	return status ? status : v->run(c);
}

/* The value of this option at *i, which then stands on its last word. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
	size_t n = strlen(name);

	if (!argv[*i] || strncmp(argv[*i], name, n) != 0)
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	if (argv[*i][n] == 0 && *i + 1 < argc)
		return argv[++*i];
	return NULL;
}

/* Takes the options out that may be repeated, in their order.  How many words
 * are left in argv, or -1 if there are too many identities.
 */
static int take_impus(struct sub_conf *c, int argc, char **argv)
{
	int left = 0;

	for (int i = 0; i < argc; i++) {
		char *word = argv[i];
		const char *uri = value_of("--impu", argc, argv, &i);
		const char *barred =
			uri ? NULL : value_of("--barred-impu", argc, argv, &i);
		const char *own =
			uri || barred ? NULL
				      : value_of("--own-impu", argc, argv, &i);

		if (!uri && !barred && !own) {
			argv[left++] = word;
			continue;
		}
		if (c->n_uris == IMS_IMPU_MAX)
			return -1;
		c->uri_barred[c->n_uris] = barred != NULL;
		c->uri_own[c->n_uris] = own != NULL;
		c->uri[c->n_uris++] = uri ? uri : barred ? barred : own;
	}
	return left;
}

static int run(int argc, char **argv)
{
	struct sub_conf c = {.db = "imsreg.db", .key.algo = SUB_NO_ALGO};
	const char *word[5] = {NULL};
	int n = take_impus(&c, argc, argv), status;

	if (n < 0)
		return ims_cli_fail("sub", IMS_E_USAGE,
				    "--impu: at most %d of them", IMS_IMPU_MAX);
	n = ims_cli_opt(&table, n, argv, &c, word, 5);
	if (n == IMS_OPT_HELPED)
		status = IMS_EXIT_OK;
	else if (n < 0)
		status = (int)ims_err_info(n)->exit;
	else
		status = run_verb(&c, word, n);
	ims_wipe(&c, sizeof c);
	return status;
}

int ims_cli_sub(int argc, char **argv)
{
	char **copy = calloc((size_t)argc + 1, sizeof(char *));
	int status;

	if (!copy)
		return ims_cli_fail("sub", IMS_E_NOMEM, NULL);
	memcpy(copy, argv, (size_t)argc * sizeof(char *));
	status = run(argc, copy);
	free(copy);
	if (fflush(stdout) || ferror(stdout))
		return ims_cli_fail("sub", IMS_E_SYS, "standard output");
	return status;
}
