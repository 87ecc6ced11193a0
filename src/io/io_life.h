/* SPDX-License-Identifier: BSD-2-Clause */
/* io_life.h - hard lifetimes of SA sets where no kernel keeps them: one timer of
 * the loop for each set that has one.
 */
#ifndef IMS_IO_LIFE_H
#define IMS_IO_LIFE_H

#include "base_map.h"
#include "io_loop.h"

/* A value of the caller's that stays where it is. */
struct ims_io_lives {
	struct ims_io_loop *loop;
	struct ims_map by_id;
	/* Its time is over, and it is not among these any more.  From the
	 * loop.
	 */
	void (*over)(void *arg, uint32_t id);
	void *arg;
};

/* 0 or -IMS_E_NOMEM; then free is not needed. */
int ims_io_lives_init(struct ims_io_lives *l, struct ims_io_loop *loop,
		      void (*over)(void *arg, uint32_t id), void *arg);
void ims_io_lives_free(struct ims_io_lives *l);
/* life_s seconds from now, whatever was said before.  0 or -IMS_E_NOMEM; then
 * it is as it was.
 */
int ims_io_lives_set(struct ims_io_lives *l, uint32_t id, uint32_t life_s);
/* Harmless for one that has none. */
void ims_io_lives_del(struct ims_io_lives *l, uint32_t id);

#endif
