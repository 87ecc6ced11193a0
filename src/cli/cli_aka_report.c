/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_aka_report.c - the answer of `imsreg aka`, as text or JSON. */
#include "cli_aka_priv.h"

#include "base_hex.h"

#include <assert.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

static struct aka_field *add(struct aka_report *r, const char *name)
{
	assert(r->n < AKA_MAX_FIELDS);
	r->f[r->n] = (struct aka_field){.name = name, .yes = -1};
	return &r->f[r->n++];
}

void ims_cli_aka_put(struct aka_report *r, const char *name, const char *value)
{
	struct aka_field *f = add(r, name);

	snprintf(f->value, sizeof f->value, "%s", value);
}

void ims_cli_aka_hex(struct aka_report *r, const char *name, const void *bytes,
		     size_t n)
{
	struct aka_field *f = add(r, name);
	struct ims_buf b;

	ims_buf_init(&b, f->value, sizeof f->value);
	ims_hex_put(&b, bytes, n);
	ims_buf_cstr(&b);
}

void ims_cli_aka_bool(struct aka_report *r, const char *name, bool yes)
{
	add(r, name)->yes = yes;
}

void ims_cli_aka_note(struct aka_report *r, const char *fmt, ...)
{
	struct aka_field *f = &r->f[r->n - 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->note, sizeof f->note, fmt, ap);
	va_end(ap);
}

static void as_text(const struct aka_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct aka_field *f = &r->f[i];

		if (f->yes >= 0)
			continue;
		printf("%-9s %s%s%s\n", f->name, f->value, *f->note ? "  " : "",
		       f->note);
	}
}

static void as_json(const struct aka_report *r)
{
	json_t *o = json_object();
	char *text;

	for (size_t i = 0; i < r->n; i++) {
		const struct aka_field *f = &r->f[i];

		json_object_set_new(o, f->name,
				    f->yes < 0 ? json_string(f->value)
					       : json_boolean(f->yes));
	}
	text = json_dumps(o, JSON_COMPACT);
	puts(text ? text : "{}");
	free(text);
	json_decref(o);
}

void ims_cli_aka_print(const struct aka_report *r, bool json)
{
	if (json)
		as_json(r);
	else
		as_text(r);
}
