/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_yaml.c - reads the section of a YAML file (libyaml document API). */
#include "cli_yaml.h"

#include "base_trace.h"
#include "cli_err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define FILE_MAX 1048576

struct reader {
	const struct ims_opt_table *t;
	const char *name;
	yaml_document_t doc;
	struct ims_flaw *why;
};

static struct ims_str scalar(const yaml_node_t *n)
{
	return ims_str_n(n->data.scalar.value, n->data.scalar.length);
}

/* file:line:col of a node, counted from 1. */
static const char *where(const struct reader *r, const yaml_node_t *n,
			 char *out, size_t cap)
{
	snprintf(out, cap, "%s:%zu:%zu", r->name, n->start_mark.line + 1,
		 n->start_mark.column + 1);
	return out;
}

static int wrong(const struct reader *r, const yaml_node_t *n, const char *rule,
		 struct ims_str word)
{
	char at[300], shown[80];

	return ims_flaw(r->why, -IMS_E_CONFIG, "%s: %s \"%s\"",
			where(r, n, at, sizeof at), rule,
			ims_printable(word, shown, sizeof shown));
}

static int unknown_key(const struct reader *r, const yaml_node_t *key)
{
	const char *near = ims_cli_opt_near(r->t, scalar(key));
	char at[300], shown[80];

	ims_printable(scalar(key), shown, sizeof shown);
	where(r, key, at, sizeof at);
	if (near)
		return ims_flaw(r->why, -IMS_E_CONFIG,
				"%s: unknown key \"%s\" (did you mean "
				"\"%s\"?)",
				at, shown, near);
	return ims_flaw(r->why, -IMS_E_CONFIG, "%s: unknown key \"%s\"", at,
			shown);
}

static int value(const struct reader *r, const yaml_node_t *key,
		 const yaml_node_t *val, void *conf)
{
	const struct ims_opt *o;
	struct ims_flaw why;
	char at[300], named[380];

	if (key->type != YAML_SCALAR_NODE)
		return wrong(r, key, "a key must be a word", IMS_S("?"));
	o = ims_cli_opt_find(r->t, scalar(key));
	if (!o)
		return unknown_key(r, key);
	if (val->type != YAML_SCALAR_NODE)
		return wrong(r, val, "one value is wanted for", scalar(key));
	snprintf(named, sizeof named, "%s: %s", where(r, val, at, sizeof at),
		 o->name);
	if (ims_cli_opt_set(o, named, scalar(val), conf, &why))
		return ims_flaw(r->why, -IMS_E_CONFIG, "%s", why.text);
	return 0;
}

static int section(struct reader *r, const yaml_node_t *map, void *conf)
{
	const yaml_node_pair_t *p;

	if (map->type != YAML_MAPPING_NODE)
		return wrong(r, map, "key: value lines are wanted in",
			     ims_str(r->t->command));
	for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		int err =
			value(r, yaml_document_get_node(&r->doc, p->key),
			      yaml_document_get_node(&r->doc, p->value), conf);

		if (err)
			return err;
	}
	return 0;
}

static bool is_command(struct ims_str word)
{
	return ims_str_eq(word, IMS_S("ue")) ||
	       ims_str_eq(word, IMS_S("core")) ||
	       ims_str_eq(word, IMS_S("demo"));
}

static int root(struct reader *r, void *conf)
{
	const yaml_node_t *top = yaml_document_get_root_node(&r->doc);
	const yaml_node_pair_t *p;

	if (!top)
		return 0; /* an empty file: all defaults */
	if (top->type != YAML_MAPPING_NODE)
		return wrong(r, top, "sections are wanted, such as",
			     ims_str(r->t->command));
	for (p = top->data.mapping.pairs.start; p < top->data.mapping.pairs.top;
	     p++) {
		const yaml_node_t *key =
			yaml_document_get_node(&r->doc, p->key);
		int err = 0;

		if (key->type != YAML_SCALAR_NODE || !is_command(scalar(key)))
			return wrong(r, key, "unknown section",
				     key->type == YAML_SCALAR_NODE
					     ? scalar(key)
					     : IMS_S("?"));
		if (ims_str_eq(scalar(key), ims_str(r->t->command)))
			err = section(r,
				      yaml_document_get_node(&r->doc, p->value),
				      conf);
		if (err)
			return err;
	}
	return 0;
}

int ims_cli_yaml_text(const struct ims_opt_table *t, const char *name,
		      struct ims_str text, void *conf, struct ims_flaw *why)
{
	struct reader r = {.t = t, .name = name, .why = why};
	yaml_parser_t parser;
	int err;

	if (!yaml_parser_initialize(&parser))
		return ims_flaw(why, -IMS_E_CONFIG, "%s: out of memory", name);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p,
				     text.n);
	if (yaml_parser_load(&parser, &r.doc)) {
		err = root(&r, conf);
		yaml_document_delete(&r.doc);
	} else {
		err = ims_flaw(why, -IMS_E_CONFIG, "%s:%zu:%zu: %s", name,
			       parser.problem_mark.line + 1,
			       parser.problem_mark.column + 1,
			       parser.problem ? parser.problem : "not YAML");
	}
	yaml_parser_delete(&parser);
	return err;
}

int ims_cli_yaml(const struct ims_opt_table *t, const char *path, void *conf)
{
	struct ims_flaw why = {.err = -IMS_E_CONFIG};
	char *mem = malloc(FILE_MAX);
	FILE *f = mem ? fopen(path, "rb") : NULL;
	size_t n = 0;

	if (!f) {
		ims_flaw(&why, -IMS_E_CONFIG, "%s: %s", path, strerror(errno));
	} else {
		n = fread(mem, 1, FILE_MAX, f);
		fclose(f);
		why.err = n == FILE_MAX ? ims_flaw(&why, -IMS_E_CONFIG,
						   "%s: more than 1 MiB", path)
					: ims_cli_yaml_text(t, path,
							    ims_str_n(mem, n),
							    conf, &why);
	}
	if (mem)
		explicit_bzero(mem, n);
	free(mem);
	if (why.err)
		ims_cli_fail(t->command, why.err, "%s", why.text);
	return why.err;
}
