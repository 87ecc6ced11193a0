/* SPDX-License-Identifier: BSD-2-Clause */
/* reg_text.c - texts of one record in one piece of memory. */
#include "reg_text.h"

#include <stdlib.h>
#include <string.h>

#include "base_err.h"

bool ims_reg_text_ok(struct ims_str s, size_t most)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') ||
		    c == 0x7f)
			return false;
	}
	return s.n <= most;
}

/* How many bytes; no text ever gets longer by unfolding. */
static size_t unfold(char *to, struct ims_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c != '\r' && c != '\n' && c != '\t') {
			to[n++] = c;
			continue;
		}
		while (i + 1 < s.n && strchr("\r\n\t ", s.p[i + 1]) &&
		       s.p[i + 1])
			i++;
		if (n == 0 || to[n - 1] != ' ')
			to[n++] = ' ';
	}
	return n;
}

int ims_reg_text_keep(char **mem, const struct ims_str *text,
		      struct ims_str *const *kept, size_t n)
{
	size_t need = 1, at = 0;
	char *fresh;

	for (size_t i = 0; i < n; i++)
		need += text[i].n;
	fresh = malloc(need);
	if (!fresh)
		return -IMS_E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		size_t len = unfold(fresh + at, text[i]);

		*kept[i] = ims_str_n(fresh + at, len);
		at += len;
	}
	free(*mem);
	*mem = fresh;
	return 0;
}
