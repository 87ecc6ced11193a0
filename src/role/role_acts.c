/* SPDX-License-Identifier: BSD-2-Clause */
/* role_acts.c - the queue of acts, and the arena that their bytes stand in. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base_mem.h"
#include "base_trace.h"
#include "role.h"

#define ALIGN 16 /* of everything in the arena */
#define TEXT_MAX 1024

void ims_acts_init(struct ims_acts *q)
{
	*q = (struct ims_acts){0};
}

void ims_acts_free(struct ims_acts *q)
{
	if (q->bytes)
		ims_wipe(q->bytes, q->cap_bytes);
	free(q->bytes);
	free(q->v);
	*q = (struct ims_acts){0};
}

static const void *moved(const void *p, const char *from, const char *to)
{
	return p ? to + ((const char *)p - from) : NULL;
}

/* A new arena: not by realloc, which would leave keys behind. */
static bool grow(struct ims_acts *q, size_t need)
{
	size_t cap = q->cap_bytes ? q->cap_bytes : 4096;
	char *bytes;

	while (cap < need)
		cap *= 2;
	bytes = malloc(cap);
	if (!bytes)
		return false;
	for (size_t i = q->at ? q->at - 1 : 0; i < q->n; i++) {
		struct ims_act *a = &q->v[i];

		a->bytes.p = moved(a->bytes.p, q->bytes, bytes);
		a->text.p = moved(a->text.p, q->bytes, bytes);
		a->key.p = moved(a->key.p, q->bytes, bytes);
		a->add = moved(a->add, q->bytes, bytes);
		a->cx = moved(a->cx, q->bytes, bytes);
	}
	if (q->bytes) {
		memcpy(bytes, q->bytes, q->n_bytes);
		ims_wipe(q->bytes, q->cap_bytes);
		free(q->bytes);
	}
	q->bytes = bytes;
	q->cap_bytes = cap;
	return true;
}

static void wipe_at(struct ims_acts *q, const void *p, size_t n)
{
	ims_wipe(q->bytes + ((const char *)p - q->bytes), n);
}

/* Keys of acts that were taken do not stay; an S-CSCF's 401 has some, too. */
static void forget_taken(struct ims_acts *q)
{
	struct ims_act *a = q->at ? &q->v[q->at - 1] : NULL;

	if (a && a->add)
		wipe_at(q, a->add, sizeof(*a->add));
	if (a && a->bytes.n)
		wipe_at(q, a->bytes.p, a->bytes.n);
	if (a) {
		a->add = NULL;
		a->bytes = (struct ims_str){0};
	}
}

static void rewind_if_empty(struct ims_acts *q)
{
	if (q->at < q->n)
		return;
	forget_taken(q);
	q->at = q->n = q->n_bytes = 0;
}

/* Copies into the arena; *ok is left alone or becomes false. */
static const void *hold(struct ims_acts *q, const void *p, size_t n, bool *ok)
{
	size_t at = q->n_bytes;
	size_t end = (at + n + ALIGN - 1) / ALIGN * ALIGN;

	if (end > q->cap_bytes && !grow(q, end)) {
		*ok = false;
		return NULL;
	}
	if (n)
		memcpy(q->bytes + at, p, n);
	q->n_bytes = end;
	return q->bytes + at;
}

/* Room for one more act, and an empty queue starts from the front again. */
static bool room(struct ims_acts *q)
{
	size_t cap = q->cap ? q->cap * 2 : 16;
	struct ims_act *v;

	rewind_if_empty(q);
	if (q->n < q->cap)
		return true;
	v = reallocarray(q->v, cap, sizeof(*v));
	if (!v)
		return false;
	q->v = v;
	q->cap = cap;
	return true;
}

static void put(struct ims_acts *q, const struct ims_act *a)
{
	struct ims_act copy = *a;
	/* one act may hold two pieces: the arena must not move between them */
	bool ok = room(q);
	size_t need = q->n_bytes + a->bytes.n + a->key.n + 2 * (size_t)ALIGN;

	if (ok && need > q->cap_bytes)
		ok = grow(q, need);
	if (ok && a->bytes.p)
		copy.bytes.p = hold(q, a->bytes.p, a->bytes.n, &ok);
	if (ok && a->key.p)
		copy.key.p = hold(q, a->key.p, a->key.n, &ok);
	if (ok && a->text.p)
		copy.text.p = hold(q, a->text.p, a->text.n, &ok);
	if (ok && a->add)
		copy.add = hold(q, a->add, sizeof(*a->add), &ok);
	if (ok && a->cx)
		copy.cx = hold(q, a->cx, sizeof(*a->cx), &ok);
	if (ok)
		q->v[q->n++] = copy;
	else
		q->lost = true;
}

void ims_acts_send(struct ims_acts *q, const struct ims_flow *flow,
		   struct ims_str bytes, uint32_t ref)
{
	put(q, &(struct ims_act){.kind = IMS_ACT_SEND,
				 .flow = *flow,
				 .bytes = bytes,
				 .ref = ref});
}

void ims_acts_sa_add(struct ims_acts *q, const struct ims_ipsec_set *set)
{
	put(q, &(struct ims_act){.kind = IMS_ACT_SA_ADD,
				 .add = set,
				 .set = set->id});
}

void ims_acts_sa_del(struct ims_acts *q, uint32_t set)
{
	put(q, &(struct ims_act){.kind = IMS_ACT_SA_DEL, .set = set});
}

/* Up to a year: a registration lasts less, and a lifetime that far away is as
 * good as none.
 */
uint32_t ims_role_life_s(uint64_t life_ms)
{
	const uint64_t most_s = UINT64_C(366) * 86400;
	uint64_t s = life_ms / 1000 + 1;

	return (uint32_t)((s < most_s ? s : most_s) + IMS_SA_SLACK_S);
}

void ims_acts_sa_life(struct ims_acts *q, uint32_t set, uint64_t life_ms)
{
	put(q, &(struct ims_act){.kind = IMS_ACT_SA_LIFE,
				 .set = set,
				 .life_s = ims_role_life_s(life_ms)});
}

void ims_acts_keep(struct ims_acts *q, enum ims_keep kind, struct ims_str key,
		   struct ims_str record)
{
	put(q, &(struct ims_act){.kind = IMS_ACT_KEEP,
				 .keep = kind,
				 .key = key,
				 .bytes = record});
}

void ims_acts_sim(struct ims_acts *q, const uint8_t rnd[static 16],
		  const uint8_t autn[static 16])
{
	struct ims_act a = {.kind = IMS_ACT_SIM};

	memcpy(a.rand, rnd, sizeof(a.rand));
	memcpy(a.autn, autn, sizeof(a.autn));
	put(q, &a);
}

void ims_acts_cx(struct ims_acts *q, const struct ims_cx_req *req)
{
	put(q, &(struct ims_act){.kind = IMS_ACT_CX, .cx = req});
}

void ims_acts_tell(struct ims_acts *q, enum ims_tell tell, int err,
		   uint32_t set, const char *fmt, ...)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	/* what a peer wrote may be in it */
	ims_printable(ims_str(raw), text, sizeof(text));
	put(q, &(struct ims_act){.kind = IMS_ACT_TELL,
				 .tell = tell,
				 .err = err,
				 .set = set,
				 .text = ims_str(text)});
}

bool ims_acts_next(struct ims_acts *q, struct ims_act *out)
{
	forget_taken(q);
	if (q->at == q->n) {
		rewind_if_empty(q);
		return false;
	}
	*out = q->v[q->at++];
	return true;
}
