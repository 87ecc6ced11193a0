/* SPDX-License-Identifier: BSD-2-Clause */
/* ladder_test.h - pictures against files that somebody has looked at. */
#ifndef IMS_LADDER_TEST_H
#define IMS_LADDER_TEST_H

#include "explain_ladder.h"

#include "explain_test.h"

struct picture {
	char text[16384];
	struct ims_buf b;
};

static inline void picture_init(struct picture *p)
{
	ims_buf_init(&p->b, p->text, sizeof p->text);
}

/* Against tests/data/ladder/NAME.  With IMS_TEST_PAINT set it is written
 * instead: look at it before it is committed.
 */
static inline void picture_is(struct picture *p, const char *name)
{
	const char *got = ims_buf_cstr(&p->b);
	char path[4096];
	char *want;
	size_t n = 0;

	assert_false(p->b.over);
	snprintf(path, sizeof path, "ladder/%s", name);
	if (getenv("IMS_TEST_PAINT")) {
		char full[8192];
		FILE *f;

		snprintf(full, sizeof full, "%s/%s", getenv("IMS_TEST_DATA"),
			 path);
		f = fopen(full, "wb");
		assert_non_null(f);
		fputs(got, f);
		fclose(f);
		return;
	}
	want = test_read("IMS_TEST_DATA", path, &n);
	assert_non_null(want);
	if (strcmp(got, want) != 0)
		print_error("%s is not:\n%s", name, got);
	assert_string_equal(got, want);
	free(want);
}

/* Columns of the longest line: UTF-8 counts once, escapes do not. */
static inline unsigned picture_width(const char *text)
{
	unsigned n = 0, most = 0;

	for (const char *p = text; *p; p++) {
		if (*p == '\033')
			p = strchr(p, 'm');
		else if (*p == '\n')
			n = 0;
		else if ((*p & 0xc0) != 0x80)
			n++;
		most = n > most ? n : most;
	}
	return most;
}

/* The eight messages into a picture. */
static inline void picture_seed(struct picture *p, struct ims_ladder *l,
				struct seed *seed)
{
	struct ims_steps *s = ims_steps_new(NULL);

	snprintf(l->ue, sizeof l->ue, "001010123456789");
	picture_init(p);
	for (unsigned i = 0; i < IMS_STEPS; i++) {
		struct ims_step st;

		ims_steps_feed(s, &seed->m[i].sight, &st);
		ims_ladder_put(&p->b, l, i + 1, &seed->m[i].sight, &st,
			       ims_steps_agreed(s));
	}
	ims_steps_free(s);
}

#endif
