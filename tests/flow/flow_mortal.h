/* SPDX-License-Identifier: BSD-2-Clause */
/* flow_mortal.h - the end of a process at any act, without a word: a store
 * before the store, and what else it does has no effect from then on.
 */
#ifndef IMS_TEST_FLOW_MORTAL_H
#define IMS_TEST_FLOW_MORTAL_H

#include "flow_lab.h"
#include "role_keep.h"

/* After so many acts nothing that the process does has an effect. */
static struct {
	bool armed, of_ue, dead;
	unsigned left, counted;
} death;

static bool act(bool ue)
{
	if (!death.armed || death.of_ue != ue)
		return true;
	if (!death.dead && death.left-- == 0)
		death.dead = true;
	death.counted += !death.dead;
	return !death.dead;
}

static bool lives(struct lab *l, bool ue)
{
	return act(ue);
}

/* A store before the store. */
struct mortal {
	struct ims_keep_store store; /* first */
	struct ims_keep_store *real;
	bool ue;
};

static struct mortal *mortal(struct ims_keep_store *s)
{
	return (struct mortal *)s;
}

static int put(struct ims_keep_store *s, enum ims_keep kind, struct ims_str key,
	       struct ims_str record)
{
	struct mortal *m = mortal(s);

	return act(m->ue) ? m->real->ops->put(m->real, kind, key, record) : 0;
}

static int commit(struct ims_keep_store *s)
{
	struct mortal *m = mortal(s);

	return act(m->ue) ? m->real->ops->commit(m->real) : 0;
}

static int each(struct ims_keep_store *s, enum ims_keep kind,
		int (*take)(void *arg, struct ims_str key,
			    struct ims_str record),
		void *arg)
{
	return mortal(s)->real->ops->each(mortal(s)->real, kind, take, arg);
}

static struct ims_ipsec_live *live(struct ims_keep_store *s, uint32_t set)
{
	return mortal(s)->real->ops->live(mortal(s)->real, set);
}

static void drop(struct ims_keep_store *s, uint32_t set)
{
	if (act(mortal(s)->ue))
		mortal(s)->real->ops->drop(mortal(s)->real, set);
}

static const char *why_of(struct ims_keep_store *s)
{
	return mortal(s)->real->ops->why(mortal(s)->real);
}

static const struct ims_keep_store_ops ops = {
	.put = put,
	.commit = commit,
	.each = each,
	.live = live,
	.drop = drop,
	.why = why_of,
};

#endif
