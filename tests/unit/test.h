/* SPDX-License-Identifier: BSD-2-Clause */
/* test.h - cmocka, and what every unit test needs. */
#ifndef IMS_TEST_H
#define IMS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_OF(a) (sizeof(a) / sizeof *(a))

/* A slice against a literal. */
#define assert_str(slice, literal)                                            \
	do {                                                                  \
		struct ims_str s_ = (slice);                                  \
		char t_[4096];                                                \
		snprintf(t_, sizeof t_, "%.*s", (int)s_.n, s_.p ? s_.p : ""); \
		assert_string_equal(t_, (literal));                           \
		assert_int_equal(s_.n, strlen(literal)); /* a zero in it */   \
	} while (0)

/* The whole of $IMS_TEST_DATA/name (or $IMS_TEST_SHARED/name); the caller
 * frees it.  A missing shared file gives NULL: say so and skip.
 */
static inline char *test_read(const char *env, const char *name, size_t *n)
{
	char path[4096];
	const char *dir = getenv(env);
	FILE *f;
	char *mem = NULL;
	long size;
	int len = snprintf(path, sizeof path, "%s/%s", dir ? dir : ".", name);

	if (len < 0 || (size_t)len >= sizeof path)
		return NULL;
	f = fopen(path, "rb");
	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0) {
		rewind(f);
		mem = malloc((size_t)size + 1);
		if (mem) {
			*n = fread(mem, 1, (size_t)size, f);
			mem[*n] = 0;
		}
	}
	fclose(f);
	return mem;
}

#endif
