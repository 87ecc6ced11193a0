/* SPDX-License-Identifier: BSD-2-Clause */
/* io_life.c - timers of sets by their ids. */
#include "io_life.h"

#include <stdlib.h>

#include "base_list.h"
#include "base_str.h"

struct life {
	struct ims_map_node node;
	struct ims_io_timer timer;
	struct ims_io_lives *of;
	uint32_t id;
};

static uint32_t id_hash(uint32_t id)
{
	return ims_str_hash(ims_str_n(&id, sizeof id), 0);
}

static struct life *find(struct ims_io_lives *l, uint32_t id)
{
	uint32_t h = id_hash(id);

	for (struct ims_map_node *n = ims_map_first(&l->by_id, h); n;
	     n = ims_map_next(n, h)) {
		struct life *f = ims_container(n, struct life, node);

		if (f->id == id)
			return f;
	}
	return NULL;
}

static void drop(struct life *f)
{
	ims_io_timer_cancel(f->of->loop, &f->timer);
	ims_map_del(&f->of->by_id, &f->node);
	free(f);
}

static void on_over(void *arg)
{
	struct life *f = arg;
	struct ims_io_lives *l = f->of;
	uint32_t id = f->id;

	drop(f);
	l->over(l->arg, id);
}

int ims_io_lives_init(struct ims_io_lives *l, struct ims_io_loop *loop,
		      void (*over)(void *arg, uint32_t id), void *arg)
{
	struct ims_io_lives made = {.loop = loop, .over = over, .arg = arg};
	int err = ims_map_init(&made.by_id);

	if (!err)
		*l = made;
	return err;
}

void ims_io_lives_free(struct ims_io_lives *l)
{
	struct ims_map_node *n;

	while (l->by_id.n && (n = ims_map_each(&l->by_id, NULL)))
		drop(ims_container(n, struct life, node));
	ims_map_free(&l->by_id);
}

int ims_io_lives_set(struct ims_io_lives *l, uint32_t id, uint32_t life_s)
{
	uint64_t at = ims_io_loop_now(l->loop) + (uint64_t)life_s * 1000;
	struct life *f = find(l, id);
	int err;

	if (f)
		return ims_io_timer_set(l->loop, &f->timer, at);
	f = calloc(1, sizeof *f);
	if (!f)
		return -IMS_E_NOMEM;
	f->of = l;
	f->id = id;
	f->timer.fire = on_over;
	f->timer.arg = f;
	err = ims_io_timer_set(l->loop, &f->timer, at);
	if (err) {
		free(f);
		return err;
	}
	ims_map_add(&l->by_id, &f->node, id_hash(id));
	return 0;
}

void ims_io_lives_del(struct ims_io_lives *l, uint32_t id)
{
	struct life *f = find(l, id);

	if (f)
		drop(f);
}
