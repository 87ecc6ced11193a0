/* SPDX-License-Identifier: BSD-2-Clause */
/* io_keep_priv.h - the mapped file of counters, which io_keep.c has beside its
 * records.
 */
#ifndef IMS_IO_KEEP_PRIV_H
#define IMS_IO_KEEP_PRIV_H

#include "base_list.h"
#include "base_map.h"
#include "io_keep.h"

/* On disk, in the byte order of this machine, which the head names. */
struct ims_io_live_head {
	char magic[8];
	uint32_t version, order, slot, chunk;
	uint64_t mark;  /* of the file of records that it belongs to */
	char boot[40];  /* the kernel's name for this start of the machine */
	uint64_t epoch; /* time of day at our time 0; 0: not yet known */
	char zero[16];
};
struct ims_io_live_slot {
	uint32_t set; /* 0: free */
	uint32_t zero;
	struct ims_ipsec_live live;
	uint64_t spare[7];
};
#define IMS_IO_LIVE_HEAD 4096
#define IMS_IO_LIVE_CHUNK 256 /* slots: the file grows by so many */
#define IMS_IO_LIVE_CHUNKS 4096

/* One slot in memory. */
struct ims_io_life {
	struct ims_map_node node;
	struct ims_list list; /* in free or dropped, or in none */
	bool is_dropped;
	struct ims_io_live_slot *slot;
};
struct ims_io_live {
	int fd;
	struct ims_map by_set;
	struct ims_list free, dropped;
	size_t n_chunks;
	struct ims_io_live_slot *map[IMS_IO_LIVE_CHUNKS];
	struct ims_io_life *life[IMS_IO_LIVE_CHUNKS];
};

/* Opens and locks the file.  -IMS_E_STORE, -IMS_E_NOMEM. */
int ims_io_live_open(struct ims_io_live *l, const char *path,
		     struct ims_flaw *why);
void ims_io_live_close(struct ims_io_live *l);

enum ims_io_live_state {
	IMS_IO_LIVE_GOOD,
	IMS_IO_LIVE_EMPTY,  /* just made */
	IMS_IO_LIVE_REBOOT, /* of before the machine was started anew */
	IMS_IO_LIVE_BAD,    /* not ours, damaged, or of other records */
};
enum ims_io_live_state ims_io_live_check(struct ims_io_live *l, uint64_t mark);
/* Empties it. */
int ims_io_live_reset(struct ims_io_live *l, uint64_t mark);
/* role_keep.h: epoch */
uint64_t ims_io_live_epoch(struct ims_io_live *l, uint64_t wall_ms);
/* Maps all of it.  known: does this set have a record?  Slots of others are
 * free.  -IMS_E_STORE (a set is there twice), -IMS_E_NOMEM.
 */
int ims_io_live_load(struct ims_io_live *l,
		     bool (*known)(void *arg, uint32_t set), void *arg);

struct ims_ipsec_live *ims_io_live_of(struct ims_io_live *l, uint32_t set);
/* Free after the next commit: until then its record may still come back. */
void ims_io_live_drop(struct ims_io_live *l, uint32_t set);
void ims_io_live_committed(struct ims_io_live *l);

#endif
