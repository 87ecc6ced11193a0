/* SPDX-License-Identifier: BSD-2-Clause */
/* io_keep_live.c - slots of a mapped file, found by the set's id.
 *
 * Slots never move while the file is open: it grows by whole chunks, each
 * mapped by itself, and room on the disk is taken before a slot is given out,
 * because a write to a mapped page without room would end the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_mem.h"
#include "io_keep_priv.h"

#define VERSION 1
#define ORDER 0x01020304u
#define CHUNK_BYTES (IMS_IO_LIVE_CHUNK * sizeof(struct ims_io_live_slot))

static const char magic[8] = "imslive";

_Static_assert(sizeof(struct ims_io_live_slot) == 256, "as on disk");
_Static_assert(sizeof(struct ims_io_live_head) <= IMS_IO_LIVE_HEAD, "fits");

int ims_io_live_open(struct ims_io_live *l, const char *path,
		     struct ims_flaw *why)
{
	l->fd = -1;
	ims_list_init(&l->free);
	ims_list_init(&l->dropped);
	if (ims_map_init(&l->by_set))
		return ims_flaw(why, -IMS_E_NOMEM, "no memory");
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->fd < 0)
		return ims_flaw(why, -IMS_E_STORE, "%s: %s", path,
				strerror(errno));
	if (!flock(l->fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return ims_flaw(why, -IMS_E_IN_USE,
				"%s is in use by another imsreg that runs",
				path);
	return ims_flaw(why, -IMS_E_STORE, "%s: %s", path, strerror(errno));
}

void ims_io_live_close(struct ims_io_live *l)
{
	for (size_t i = 0; i < l->n_chunks; i++) {
		munmap(l->map[i], CHUNK_BYTES);
		free(l->life[i]);
	}
	l->n_chunks = 0;
	ims_map_free(&l->by_set);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

static void boot_name(char out[static 40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	memset(out, 0, 40);
	if (fd >= 0) {
		n = read(fd, out, 39);
		close(fd);
	}
	if (n < 36)
		memset(out, 0, 40);
}

static struct ims_io_live_head make_head(uint64_t mark)
{
	struct ims_io_live_head h = {
		.version = VERSION,
		.order = ORDER,
		.slot = sizeof(struct ims_io_live_slot),
		.chunk = IMS_IO_LIVE_CHUNK,
		.mark = mark,
	};

	memcpy(h.magic, magic, sizeof h.magic);
	boot_name(h.boot);
	return h;
}

/* Bytes behind the head; -1: none, or not whole chunks. */
static off_t body(const struct ims_io_live *l)
{
	struct stat st;

	if (fstat(l->fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size < IMS_IO_LIVE_HEAD)
		return -1;
	st.st_size -= IMS_IO_LIVE_HEAD;
	if (st.st_size % (off_t)CHUNK_BYTES ||
	    st.st_size / (off_t)CHUNK_BYTES > IMS_IO_LIVE_CHUNKS)
		return -1;
	return st.st_size;
}

enum ims_io_live_state ims_io_live_check(struct ims_io_live *l, uint64_t mark)
{
	struct ims_io_live_head want = make_head(mark), h;
	struct stat st;

	if (!fstat(l->fd, &st) && st.st_size == 0)
		return IMS_IO_LIVE_EMPTY;
	if (body(l) < 0 || pread(l->fd, &h, sizeof h, 0) != (ssize_t)sizeof h)
		return IMS_IO_LIVE_BAD;
	if (memcmp(&h, &want, offsetof(struct ims_io_live_head, boot)) != 0)
		return IMS_IO_LIVE_BAD;
	return memcmp(h.boot, want.boot, sizeof h.boot) == 0
		       ? IMS_IO_LIVE_GOOD
		       : IMS_IO_LIVE_REBOOT;
}

int ims_io_live_reset(struct ims_io_live *l, uint64_t mark)
{
	struct ims_io_live_head h = make_head(mark);

	if (ftruncate(l->fd, 0) || ftruncate(l->fd, IMS_IO_LIVE_HEAD) ||
	    pwrite(l->fd, &h, sizeof h, 0) != (ssize_t)sizeof h)
		return -IMS_E_STORE;
	return 0;
}

uint64_t ims_io_live_epoch(struct ims_io_live *l, uint64_t wall_ms)
{
	const off_t at = offsetof(struct ims_io_live_head, epoch);
	uint64_t known = 0;

	if (pread(l->fd, &known, sizeof known, at) == (ssize_t)sizeof known &&
	    known)
		return known;
	/* one that cannot be written is what it is without */
	(void)!pwrite(l->fd, &wall_ms, sizeof wall_ms, at);
	return wall_ms;
}

/* Maps the next chunk, which is in the file. */
static int map_chunk(struct ims_io_live *l)
{
	size_t i = l->n_chunks;
	off_t at = IMS_IO_LIVE_HEAD + (off_t)(i * CHUNK_BYTES);
	void *mem;

	l->life[i] = calloc(IMS_IO_LIVE_CHUNK, sizeof *l->life[i]);
	if (!l->life[i])
		return -IMS_E_NOMEM;
	mem = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, l->fd,
		   at);
	if (mem == MAP_FAILED) {
		free(l->life[i]);
		return -IMS_E_NOMEM;
	}
	l->map[i] = mem;
	for (size_t k = 0; k < IMS_IO_LIVE_CHUNK; k++) {
		l->life[i][k].slot = &l->map[i][k];
		ims_list_init(&l->life[i][k].list);
	}
	l->n_chunks++;
	return 0;
}

static int grow(struct ims_io_live *l)
{
	off_t at = IMS_IO_LIVE_HEAD + (off_t)(l->n_chunks * CHUNK_BYTES);
	int err;

	if (l->n_chunks == IMS_IO_LIVE_CHUNKS)
		return -IMS_E_NOMEM;
	if (posix_fallocate(l->fd, at, (off_t)CHUNK_BYTES))
		return -IMS_E_STORE;
	err = map_chunk(l);
	for (size_t k = 0; !err && k < IMS_IO_LIVE_CHUNK; k++)
		ims_list_add(&l->free, &l->life[l->n_chunks - 1][k].list);
	return err;
}

static struct ims_io_life *find(struct ims_io_live *l, uint32_t set)
{
	struct ims_map_node *n = ims_map_first(&l->by_set, set);

	return n ? ims_container(n, struct ims_io_life, node) : NULL;
}

static int load_chunk(struct ims_io_live *l, size_t i,
		      bool (*known)(void *arg, uint32_t set), void *arg)
{
	for (size_t k = 0; k < IMS_IO_LIVE_CHUNK; k++) {
		struct ims_io_life *life = &l->life[i][k];
		uint32_t set = life->slot->set;

		if (set && find(l, set))
			return -IMS_E_STORE;
		if (set && known(arg, set)) {
			ims_map_add(&l->by_set, &life->node, set);
			continue;
		}
		life->slot->set = 0;
		ims_list_add(&l->free, &life->list);
	}
	return 0;
}

int ims_io_live_load(struct ims_io_live *l,
		     bool (*known)(void *arg, uint32_t set), void *arg)
{
	off_t size = body(l);
	size_t n = size < 0 ? 0 : (size_t)size / CHUNK_BYTES;
	int err = size < 0 ? -IMS_E_STORE : 0;

	/* holes, which a copy of the file may have, get their room */
	if (n && posix_fallocate(l->fd, IMS_IO_LIVE_HEAD, size))
		return -IMS_E_STORE;
	for (size_t i = 0; !err && i < n; i++) {
		err = map_chunk(l);
		if (!err)
			err = load_chunk(l, i, known, arg);
	}
	return err;
}

/* Zeroed before it gets its name: never a new set with old numbers. */
static void take(struct ims_io_live *l, struct ims_io_life *life, uint32_t set)
{
	ims_list_del(&life->list);
	memset(&life->slot->live, 0, sizeof life->slot->live);
	atomic_signal_fence(memory_order_seq_cst);
	life->slot->set = set;
	ims_map_add(&l->by_set, &life->node, set);
}

struct ims_ipsec_live *ims_io_live_of(struct ims_io_live *l, uint32_t set)
{
	struct ims_io_life *life = find(l, set);

	if (life && life->is_dropped) { /* a new set of the same name */
		ims_list_del(&life->list);
		life->is_dropped = false;
		memset(&life->slot->live, 0, sizeof life->slot->live);
	}
	if (life)
		return &life->slot->live;
	if (ims_list_empty(&l->free) && grow(l))
		return NULL;
	life = ims_container(l->free.next, struct ims_io_life, list);
	take(l, life, set);
	return &life->slot->live;
}

void ims_io_live_drop(struct ims_io_live *l, uint32_t set)
{
	struct ims_io_life *life = find(l, set);

	if (!life || life->is_dropped)
		return;
	life->is_dropped = true;
	ims_list_add(&l->dropped, &life->list);
}

void ims_io_live_committed(struct ims_io_live *l)
{
	ims_list_each (pos, &l->dropped) {
		struct ims_io_life *life =
			ims_container(pos, struct ims_io_life, list);

		ims_list_del(pos);
		ims_map_del(&l->by_set, &life->node);
		life->is_dropped = false;
		life->slot->set = 0;
		ims_list_add(&l->free, &life->list);
	}
}
