/* SPDX-License-Identifier: BSD-2-Clause */
/* cli_near.c - edit distance with swaps (Damerau). */
#include "cli_near.h"

#include <string.h>

#define MAX_LEN 31 /* of a word or a name */

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned d[MAX_LEN + 1][MAX_LEN + 1];

	for (unsigned i = 0; i <= n; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			unsigned cost = a[i - 1] != b[j - 1];

			d[i][j] = min(min(d[i - 1][j], d[i][j - 1]) + 1,
				      d[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n][m];
}

const char *ims_cli_near(const char *word, const char *const *names, size_t n)
{
	size_t len = strlen(word);
	const char *best = NULL;
	unsigned best_d = len < 6 ? 1 : (unsigned)(len / 3);

	if (len == 0 || len > MAX_LEN)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t m = strlen(names[i]);
		unsigned d;

		if (m > MAX_LEN)
			continue;
		d = distance(word, len, names[i], m);
		if (d < best_d || (d == best_d && !best)) {
			best = names[i];
			best_d = d;
		}
	}
	for (size_t i = 0; !best && i < n; i++) {
		if (strncmp(names[i], word, len) == 0)
			best = names[i];
	}
	return best;
}
