/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix_priv.h - what the files of the Unix socket share. */
#ifndef IMS_IO_UNIX_PRIV_H
#define IMS_IO_UNIX_PRIV_H

#include <sys/un.h>

#include "base_list.h"
#include "io_unix.h"

struct ims_io_unix {
	struct ims_io_loop *loop;
	struct ims_io_unix_limits limits;
	struct ims_io_unix_up up;
	int fd;
	struct ims_io_watch *watch;
	struct ims_io_timer again; /* accepting, when there are files again */
	struct ims_list talks;
	unsigned n_talks;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint64_t dev, ino; /* of the socket in its folder */
};

/* A connected socket becomes a connection.  Takes fd in any case. */
void ims_io_talk_new(struct ims_io_unix *s, int fd);
void ims_io_talk_close(struct ims_io_talk *t);
struct ims_io_talk *ims_io_talk_at(struct ims_list *node);

/* -IMS_E_RANGE */
int ims_io_unix_addr(const char *path, struct sockaddr_un *out,
		     struct ims_flaw *why);

#endif
