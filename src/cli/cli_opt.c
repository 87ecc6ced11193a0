/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_opt.c - a command's options, from one table. */
#include "cli_opt.h"

#include "cli_err.h"
#include "cli_near.h"
#include "cli_yaml.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTS 128
#define HELP_CODE 1
#define FIRST_CODE 256 /* of long options; letters are below */

static void *at(const struct ims_opt *o, void *conf)
{
	return (char *)conf + o->offset;
}

static int set_word(const struct ims_opt *o, const char *where,
		    struct ims_str v, void *conf, struct ims_flaw *why)
{
	char list[128];
	struct ims_buf b;

	ims_buf_init(&b, list, sizeof list);
	for (unsigned i = 0; o->words[i]; i++) {
		if (ims_str_eq(v, ims_str(o->words[i]))) {
			*(unsigned *)at(o, conf) = i;
			return 0;
		}
		ims_buf_printf(&b, "%s%s", i ? "|" : "", o->words[i]);
	}
	return ims_flaw(why, -IMS_E_USAGE, "%s: \"%.*s\" is not one of %s",
			where, IMS_STR_ARG(v), ims_buf_cstr(&b));
}

bool ims_cli_opt_is_list(const struct ims_opt *o)
{
	return o->kind == IMS_OPT_LIST || o->kind == IMS_OPT_ADDRS;
}

static int set_number(const struct ims_opt *o, const char *where,
		      struct ims_str v, void *conf, struct ims_flaw *why)
{
	uint32_t max = o->kind == IMS_OPT_U16 ? UINT16_MAX : UINT32_MAX;
	uint32_t n;

	if (ims_str_u32(v, max, &n))
		return ims_flaw(why, -IMS_E_USAGE,
				"%s: \"%.*s\" is not a number of 0..%u", where,
				IMS_STR_ARG(v), max);
	if (o->kind == IMS_OPT_U16)
		*(uint16_t *)at(o, conf) = (uint16_t)n;
	else
		*(uint32_t *)at(o, conf) = n;
	return 0;
}

static int set_flag(const struct ims_opt *o, const char *where,
		    struct ims_str v, void *conf, struct ims_flaw *why)
{
	bool yes = ims_str_eq(v, IMS_S("true")) ||
		   ims_str_eq(v, IMS_S("yes")) || ims_str_eq(v, IMS_S("on"));
	bool no = ims_str_eq(v, IMS_S("false")) || ims_str_eq(v, IMS_S("no")) ||
		  ims_str_eq(v, IMS_S("off"));

	if (!yes && !no)
		return ims_flaw(why, -IMS_E_USAGE,
				"%s: \"%.*s\" is neither true nor false", where,
				IMS_STR_ARG(v));
	*(bool *)at(o, conf) = yes;
	return 0;
}

static int read_addr(const char *where, struct ims_str v, struct ims_addr *out,
		     struct ims_flaw *why)
{
	if (!ims_addr_parse(v, 5060, out))
		return 0;
	return ims_flaw(why, -IMS_E_USAGE,
			"%s: \"%.*s\" is not ADDRESS or ADDRESS:PORT "
			"([ADDRESS]:PORT for IPv6); names are not looked up",
			where, IMS_STR_ARG(v));
}

static int set_addr(const struct ims_opt *o, const char *where,
		    struct ims_str v, void *conf, struct ims_flaw *why)
{
	struct ims_addr a;
	int err = read_addr(where, v, &a, why);

	if (!err)
		*(struct ims_addr *)at(o, conf) = a;
	return err;
}

/* After what is there, with a comma. */
static int add_text(const struct ims_opt *o, const char *where,
		    struct ims_str v, void *conf, struct ims_flaw *why)
{
	char *text = at(o, conf);
	size_t n = strlen(text);
	size_t from = n ? n + 1 : 0;

	if (from >= o->size || !ims_str_copy(text + from, o->size - from, v))
		return ims_flaw(why, -IMS_E_USAGE,
				"%s: at most %zu characters in all, and no "
				"zero byte",
				where, o->size - 1);
	if (n)
		text[n] = ',';
	return 0;
}

static int add_addrs(const struct ims_opt *o, const char *where,
		     struct ims_str v, void *conf, struct ims_flaw *why)
{
	struct ims_str left = v;
	struct ims_addr a;

	do {
		size_t n = ims_str_find(left, ',');
		int err = read_addr(where, ims_str_trim(ims_str_n(left.p, n)),
				    &a, why);

		if (err)
			return err;
		left = ims_str_from(left, n + 1);
	} while (left.n);
	return add_text(o, where, v, conf, why);
}

int ims_cli_opt_set(const struct ims_opt *o, const char *where,
		    struct ims_str value, void *conf, struct ims_flaw *why)
{
	switch (o->kind) {
	case IMS_OPT_FLAG:
		return set_flag(o, where, value, conf, why);
	case IMS_OPT_U16:
	case IMS_OPT_U32:
		return set_number(o, where, value, conf, why);
	case IMS_OPT_ADDR:
		return set_addr(o, where, value, conf, why);
	case IMS_OPT_WORD:
		return set_word(o, where, value, conf, why);
	case IMS_OPT_LIST:
		return add_text(o, where, value, conf, why);
	case IMS_OPT_ADDRS:
		return add_addrs(o, where, value, conf, why);
	case IMS_OPT_TEXT:
		break;
	}
	if (!ims_str_copy(at(o, conf), o->size, value))
		return ims_flaw(why, -IMS_E_USAGE,
				"%s: at most %zu characters, and no zero byte",
				where, o->size - 1);
	return 0;
}

const struct ims_opt *ims_cli_opt_find(const struct ims_opt_table *t,
				       struct ims_str name)
{
	for (size_t i = 0; i < t->n_opts; i++)
		if (ims_str_eq(name, ims_str(t->opt[i].name)))
			return &t->opt[i];
	return NULL;
}

const char *ims_cli_opt_near(const struct ims_opt_table *t, struct ims_str name)
{
	const char *names[MAX_OPTS];
	char word[64];

	if (!ims_str_copy(word, sizeof word, name))
		return NULL;
	for (size_t i = 0; i < t->n_opts; i++)
		names[i] = t->opt[i].name;
	return ims_cli_near(word, names, t->n_opts);
}

/* What getopt wants, made from the table. */
struct parser {
	struct option longs[MAX_OPTS + 2];
	char shorts[2 * MAX_OPTS + 4];
};

static void build(const struct ims_opt_table *t, struct parser *p)
{
	char *s = p->shorts;

	*s++ = ':';
	for (size_t i = 0; i < t->n_opts; i++) {
		const struct ims_opt *o = &t->opt[i];
		int arg = o->kind == IMS_OPT_FLAG ? optional_argument
						  : required_argument;

		p->longs[i] = (struct option){o->name, arg, NULL,
					      FIRST_CODE + (int)i};
		if (!o->letter)
			continue;
		*s++ = o->letter;
		if (arg == required_argument)
			*s++ = ':';
	}
	*s = '\0';
	p->longs[t->n_opts] =
		(struct option){"help", no_argument, NULL, HELP_CODE};
	p->longs[t->n_opts + 1] = (struct option){NULL, 0, NULL, 0};
}

static const struct ims_opt *by_code(const struct ims_opt_table *t, int code)
{
	if (code >= FIRST_CODE)
		return &t->opt[code - FIRST_CODE];
	for (size_t i = 0; i < t->n_opts; i++)
		if (t->opt[i].letter && t->opt[i].letter == code)
			return &t->opt[i];
	return NULL;
}

static int unknown(const struct ims_opt_table *t, const char *word)
{
	const char *name = word;
	const char *near;

	while (*name == '-')
		name++;
	near = ims_cli_opt_near(t, (struct ims_str){name, strcspn(name, "=")});
	if (near)
		ims_cli_fail(t->command, -IMS_E_USAGE,
			     "unknown option \"%s\" (did you mean --%s?)", word,
			     near);
	else
		ims_cli_fail(t->command, -IMS_E_USAGE,
			     "unknown option \"%s\" (imsreg help %s lists "
			     "them)",
			     word, t->command);
	return -IMS_E_USAGE;
}

/* One round over the command line; `only` limits it to that option (the file
 * must be read before the rest is applied).
 */
static int walk(const struct ims_opt_table *t, int argc, char **argv,
		void *conf, const struct ims_opt *only)
{
	bool had[MAX_OPTS] = {false};
	struct parser p;
	struct ims_flaw why;
	char where[80];
	int c;

	build(t, &p);
	optind = 0;
	while ((c = getopt_long(argc, argv, p.shorts, p.longs, NULL)) != -1) {
		const struct ims_opt *o = by_code(t, c);

		if (c == HELP_CODE) {
			ims_cli_opt_help(t);
			return IMS_OPT_HELPED;
		}
		if (c == ':') {
			ims_cli_fail(t->command, -IMS_E_USAGE,
				     "%s: a value is missing",
				     argv[optind - 1]);
			return -IMS_E_USAGE;
		}
		if (!o)
			return unknown(t, argv[optind - 1]);
		if (only && o != only)
			continue;
		/* what the file has of it */
		if (ims_cli_opt_is_list(o) && !had[o - t->opt])
			*(char *)at(o, conf) = '\0';
		had[o - t->opt] = true;
		snprintf(where, sizeof where, "--%s", o->name);
		if (ims_cli_opt_set(o, where,
				    optarg ? ims_str(optarg) : IMS_S("true"),
				    conf, &why)) {
			ims_cli_fail(t->command, why.err, "%s", why.text);
			return why.err;
		}
	}
	return 0;
}

int ims_cli_opt(const struct ims_opt_table *t, int argc, char **argv,
		void *conf, const char **rest, size_t max_rest)
{
	const struct ims_opt *file = NULL;
	size_t n = 0;
	int err;

	if (t->file_option)
		file = ims_cli_opt_find(t, ims_str(t->file_option));
	if (file) {
		const char *path = at(file, conf);

		err = walk(t, argc, argv, conf, file);
		if (!err && *path)
			err = ims_cli_yaml(t, path, conf);
		if (err)
			return err;
	}
	err = walk(t, argc, argv, conf, NULL);
	if (err)
		return err;
	for (; optind < argc && n < max_rest; optind++)
		rest[n++] = argv[optind];
	if (optind < argc) {
		ims_cli_fail(t->command, -IMS_E_USAGE, "\"%s\" is too much",
			     argv[optind]);
		return -IMS_E_USAGE;
	}
	return (int)n;
}

static void help_line(const struct ims_opt *o)
{
	char left[160], words[64];
	struct ims_buf b;

	ims_buf_init(&b, words, sizeof words);
	for (unsigned i = 0; o->kind == IMS_OPT_WORD && o->words[i]; i++)
		ims_buf_printf(&b, "%s%s", i ? "|" : "", o->words[i]);
	ims_buf_cstr(&b);
	snprintf(left, sizeof left, "%s%c%s--%s%s%s", o->letter ? "-" : " ",
		 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
		 o->kind == IMS_OPT_FLAG ? "" : " ",
		 o->kind == IMS_OPT_FLAG ? ""
		 : o->arg                ? o->arg
					 : words);
	printf("  %-34s %s\n", left, o->help);
}

void ims_cli_opt_help(const struct ims_opt_table *t)
{
	printf("Usage: imsreg %s %s\n\n%s\n\nOptions:\n", t->command, t->usage,
	       t->about);
	for (size_t i = 0; i < t->n_opts; i++)
		help_line(&t->opt[i]);
	printf("      --help                         this text\n");
}
