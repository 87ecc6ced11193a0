/* SPDX-License-Identifier: BSD-2-Clause */
/* vectors.h - reads tests/data/vectors: sets of `name value` lines. */
#ifndef IMS_TEST_VECTORS_H
#define IMS_TEST_VECTORS_H

#include "base_hex.h"

#include "test.h"

/* A set is the text between its `set` line and the next one. */
struct set {
	const char *name, *text;
};
struct vectors {
	char *file;
	struct set set[8];
	size_t n;
};

static inline struct vectors vectors_open(const char *name)
{
	struct vectors v = {0};
	size_t n = 0;

	v.file = test_read("IMS_TEST_DATA", name, &n);
	if (!v.file)
		fail_msg("%s is missing in $IMS_TEST_DATA", name);
	for (char *p = strstr(v.file, "\nset "); p; p = strstr(p, "\nset ")) {
		char *end = strchr(p + 5, '\n');

		assert_true(v.n < N_OF(v.set));
		assert_non_null(end);
		*p = 0; /* ends the set before */
		*end = 0;
		v.set[v.n++] = (struct set){p + 5, end + 1};
		p = end + 1;
		if (strncmp(p, "set ", 4) == 0)
			fail_msg("%s: an empty set", name);
	}
	return v;
}

static inline void vectors_close(struct vectors *v)
{
	free(v->file);
}

/* The value; NULL if the set does not have it. */
static inline const char *maybe(const struct set *s, const char *name,
				char out[static 256])
{
	size_t n = strlen(name);
	const char *p = s->text;

	while (p && *p) {
		if (strncmp(p, name, n) == 0 && p[n] == ' ') {
			size_t len = strcspn(p + n + 1, "\n");

			assert_true(len < 256);
			memcpy(out, p + n + 1, len);
			out[len] = 0;
			return out;
		}
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return NULL;
}

/* For one value at a time: the next call overwrites it. */
static inline const char *value(const struct set *s, const char *name)
{
	static char text[256];

	if (!maybe(s, name, text))
		fail_msg("set %s has no %s", s->name, name);
	return text;
}

/* The bytes of a hex value into out[32]; how many. */
static inline size_t bytes(const struct set *s, const char *name,
			   uint8_t out[static 32])
{
	int n = ims_hex_get(ims_str(value(s, name)), out, 32);

	if (n <= 0)
		fail_msg("set %s: %s is no hex", s->name, name);
	return (size_t)n;
}

static inline uint64_t number(const struct set *s, const char *name)
{
	return strtoull(value(s, name), NULL, 16);
}

static inline void assert_is(const struct set *s, const char *name,
			     const uint8_t *got, size_t n)
{
	char text[129];
	struct ims_buf b;

	ims_buf_init(&b, text, sizeof text);
	ims_hex_put(&b, got, n);
	if (strcmp(ims_buf_cstr(&b), value(s, name)) != 0)
		fail_msg("set %s: %s is %s, not %s", s->name, name,
			 value(s, name), text);
}

#endif
