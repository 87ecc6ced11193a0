/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_yaml.c - reads the section of a YAML file (libyaml document API). */
#include "cli_yaml.h"

#include "base_mem.h"
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

static yaml_node_t *node(const struct reader *r, int id)
{
	return yaml_document_get_node((yaml_document_t *)&r->doc, id);
}

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

static int one(const struct reader *r, const struct ims_opt *o,
	       const yaml_node_t *val, void *conf)
{
	struct ims_flaw why;
	char at[300], named[380];

	if (val->type != YAML_SCALAR_NODE)
		return wrong(r, val, "one value is wanted for",
			     ims_str(o->name));
	snprintf(named, sizeof named, "%s: %s", where(r, val, at, sizeof at),
		 o->name);
	if (ims_cli_opt_set(o, named, scalar(val), conf, &why))
		return ims_flaw(r->why, -IMS_E_CONFIG, "%s", why.text);
	return 0;
}

/* A list may be written with commas, or as one of YAML's. */
static int value(const struct reader *r, const yaml_node_t *key,
		 const yaml_node_t *val, void *conf)
{
	const struct ims_opt *o;
	int err = 0;

	if (key->type != YAML_SCALAR_NODE)
		return wrong(r, key, "a key must be a word", IMS_S("?"));
	o = ims_cli_opt_find(r->t, scalar(key));
	if (!o)
		return unknown_key(r, key);
	if (val->type != YAML_SEQUENCE_NODE || !ims_cli_opt_is_list(o))
		return one(r, o, val, conf);
	for (const yaml_node_item_t *i = val->data.sequence.items.start;
	     !err && i < val->data.sequence.items.top; i++)
		err = one(r, o, node(r, *i), conf);
	return err;
}

static bool is_nothing(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE && !n->data.scalar.length;
}

static bool same(const struct reader *r, int a, int b)
{
	const yaml_node_t *x = node(r, a), *y = node(r, b);

	return x->type == YAML_SCALAR_NODE && y->type == YAML_SCALAR_NODE &&
	       ims_str_eq(scalar(x), scalar(y));
}

/* Was this key given before?  Who wrote it twice sees only one of them.  Only
 * known keys are kept, so the walk is short.
 */
static bool again(const struct reader *r, const yaml_node_t *map,
		  const yaml_node_pair_t *p)
{
	for (const yaml_node_pair_t *q = map->data.mapping.pairs.start; q < p;
	     q++)
		if (same(r, p->key, q->key))
			return true;
	return false;
}

static int section(struct reader *r, const yaml_node_t *map, void *conf)
{
	const yaml_node_pair_t *p;

	if (is_nothing(map))
		return 0; /* nothing under it: all defaults */
	if (map->type != YAML_MAPPING_NODE)
		return wrong(r, map, "key: value lines are wanted in",
			     ims_str(r->t->command));
	for (p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		int err = value(r, node(r, p->key), node(r, p->value), conf);

		if (!err && again(r, map, p))
			err = wrong(r, node(r, p->key),
				    "given twice:", scalar(node(r, p->key)));
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
	int err = 0;

	if (!top || is_nothing(top))
		return 0; /* an empty file: all defaults */
	if (top->type != YAML_MAPPING_NODE)
		return wrong(r, top, "sections are wanted, such as",
			     ims_str(r->t->command));
	for (p = top->data.mapping.pairs.start;
	     !err && p < top->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = node(r, p->key);

		if (key->type != YAML_SCALAR_NODE || !is_command(scalar(key)))
			return wrong(r, key, "unknown section",
				     key->type == YAML_SCALAR_NODE
					     ? scalar(key)
					     : IMS_S("?"));
		if (again(r, top, p))
			return wrong(r, key, "given twice:", scalar(key));
		if (ims_str_eq(scalar(key), ims_str(r->t->command)))
			err = section(r, node(r, p->value), conf);
	}
	return err;
}

/* Keys may stand in it. */
static void forget(yaml_document_t *doc)
{
	for (yaml_node_t *n = doc->nodes.start; n < doc->nodes.top; n++)
		if (n->type == YAML_SCALAR_NODE)
			ims_wipe(n->data.scalar.value, n->data.scalar.length);
	yaml_document_delete(doc);
}

/* What libyaml says, with the place: of bytes that are no text it knows the
 * offset only.
 */
static int not_yaml(const struct reader *r, const yaml_parser_t *y,
		    struct ims_str text)
{
	size_t line = y->problem_mark.line, col = y->problem_mark.column;

	if (y->error == YAML_READER_ERROR) {
		line = col = 0;
		for (size_t i = 0; i < text.n && i < y->problem_offset; i++) {
			col = text.p[i] == '\n' ? 0 : col + 1;
			line += text.p[i] == '\n';
		}
	}
	return ims_flaw(r->why, -IMS_E_CONFIG, "%s:%zu:%zu: %s", r->name,
			line + 1, col + 1,
			y->problem ? y->problem : "not YAML");
}

/* Nothing may follow the one document. */
static int only_one(struct reader *r, yaml_parser_t *y, struct ims_str text)
{
	const yaml_node_t *top;
	int err = 0;

	if (!yaml_parser_load(y, &r->doc))
		return not_yaml(r, y, text);
	top = yaml_document_get_root_node(&r->doc);
	if (top)
		err = wrong(r, top, "a second document, after", IMS_S("---"));
	forget(&r->doc);
	return err;
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
		bool empty = !yaml_document_get_root_node(&r.doc);

		err = root(&r, conf);
		forget(&r.doc);
		if (!err && !empty)
			err = only_one(&r, &parser, text);
	} else {
		err = not_yaml(&r, &parser, text);
	}
	yaml_parser_delete(&parser);
	return err;
}

static int read_file(const struct ims_opt_table *t, const char *path, char *mem,
		     void *conf, struct ims_flaw *why)
{
	FILE *f = fopen(path, "rb");
	int err = 0;
	size_t n;

	if (!f)
		return ims_flaw(why, -IMS_E_CONFIG, "%s: %s", path,
				strerror(errno));
	n = fread(mem, 1, FILE_MAX + 1, f);
	if (ferror(f))
		err = ims_flaw(why, -IMS_E_CONFIG, "%s: %s", path,
			       strerror(errno));
	else if (n > FILE_MAX)
		err = ims_flaw(why, -IMS_E_CONFIG, "%s: more than 1 MiB", path);
	fclose(f);
	if (!err)
		err = ims_cli_yaml_text(t, path, ims_str_n(mem, n), conf, why);
	ims_wipe(mem, n);
	return err;
}

int ims_cli_yaml(const struct ims_opt_table *t, const char *path, void *conf)
{
	char *mem = malloc(FILE_MAX + 1);
	struct ims_flaw why = {0};
	int err;

	if (mem)
		err = read_file(t, path, mem, conf, &why);
	else
		err = ims_flaw(&why, -IMS_E_NOMEM, "%s", path);
	free(mem);
	if (err)
		ims_cli_fail(t->command, err, "%s", why.text);
	return err;
}
