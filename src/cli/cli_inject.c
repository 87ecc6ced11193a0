/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_inject.c - the option --inject of core and ue. */
#include "cli_inject.h"

#include "cli_err.h"
#include "cli_near.h"
#include "cli_opt.h"

#include <stdio.h>
#include <string.h>

#define LIST_MAX 65536
#define NAMES_MAX 200

static int print(bool ue, bool doc)
{
	static char text[LIST_MAX];
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	if (doc)
		ims_inject_doc(&b);
	else
		ims_inject_list(&b, ue);
	fputs(ims_buf_cstr(&b), stdout);
	return IMS_OPT_HELPED;
}

static const char *nearest(bool ue, struct ims_str spec)
{
	const char *names[NAMES_MAX];
	char word[64];
	size_t n;
	const struct ims_inject_row *r = ims_inject_rows(ue, &n);

	if (n > NAMES_MAX)
		n = NAMES_MAX;
	if (!ims_str_copy(word, sizeof word,
			  ims_str_n(spec.p, ims_str_find(spec, '@'))) ||
	    ims_inject_find(ue, ims_str(word)))
		return NULL;
	for (size_t i = 0; i < n; i++)
		names[i] = r[i].id;
	return ims_cli_near(word, names, n);
}

static int add(const char *command, struct ims_inject *j, struct ims_str spec)
{
	bool ue = strcmp(command, "ue") == 0;
	struct ims_flaw why;
	const char *near;

	if (!ims_inject_add(j, spec, &why))
		return 0;
	near = nearest(ue, spec);
	return ims_cli_fail(command, why.err, "--inject: %s%s%s%s", why.text,
			    near ? " (did you mean " : "", near ? near : "",
			    near ? "?)" : "");
}

int ims_cli_inject(const char *command, const char *text,
		   struct ims_inject **out)
{
	bool ue = strcmp(command, "ue") == 0;
	struct ims_str rest = ims_str(text);
	struct ims_inject *j;
	int status = 0;

	*out = NULL;
	if (!rest.n)
		return 0;
	if (ims_str_eq(rest, IMS_S("list")) || ims_str_eq(rest, IMS_S("doc")))
		return print(ue, *text == 'd');
	j = ims_inject_new(ue);
	if (!j)
		return ims_cli_fail(command, -IMS_E_NOMEM, NULL);
	while (rest.n && !status) {
		size_t n = ims_str_find(rest, ',');

		status = add(command, j, ims_str_trim(ims_str_n(rest.p, n)));
		rest = ims_str_from(rest, n + 1);
	}
	if (status)
		ims_inject_free(j);
	else
		*out = j;
	return status;
}
