/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix.h - a Unix socket on which others of this machine talk in lines.
 *
 * The socket has mode 0600, and who connects must be of our user or root
 * [SO_PEERCRED].  Each line that comes is handed up; while an answer still
 * waits to be read, the next line of that connection waits, too: so a
 * connection costs one line and one answer at most.  Who sends no whole line,
 * or leaves an answer unread, for too long is cut off.
 */
#ifndef IMS_IO_UNIX_H
#define IMS_IO_UNIX_H

#include "base_str.h"
#include "io_loop.h"

/* 0: the default. */
struct ims_io_unix_limits {
	unsigned conns;    /* 16 */
	size_t line;       /* longest line, without its end: 64 KiB */
	size_t queue;      /* bytes that wait to be read: 8 MiB */
	uint32_t idle_ms;  /* from one whole line to the next: 60 s */
	uint32_t write_ms; /* that nothing is read of what waits: 10 s */
};

/* One connection. */
struct ims_io_talk {
	void *user;   /* whose it is: the callbacks' */
	bool patient; /* neither idle nor slow: it is not cut off for that */
};

struct ims_io_unix_up {
	/* A line without its end; borrowed. */
	void (*line)(void *arg, struct ims_io_talk *t, struct ims_str line);
	/* All that was sent has been taken. */
	void (*drained)(void *arg, struct ims_io_talk *t);
	void (*closed)(void *arg, struct ims_io_talk *t);
	/* The last line for who is turned away or cut off, with its end; err:
	 * -IMS_E_CTL_BUSY (too many connections), -IMS_E_RIGHTS (another
	 * user), -IMS_E_TOOBIG (line too long).
	 */
	void (*farewell)(void *arg, int err, char *out, size_t cap);
	void *arg;
};

/* Listens at path.  A socket that a dead process left there is replaced, one
 * at which somebody lives is not: -IMS_E_CTL_TAKEN.  -IMS_E_RANGE (path too
 * long), -IMS_E_EXISTS (something else stands there), -IMS_E_RIGHTS,
 * -IMS_E_NOFILE (no such folder), -IMS_E_NOMEM, -IMS_E_SYS.
 */
struct ims_io_unix;
int ims_io_unix_new(struct ims_io_loop *l, const char *path,
		    const struct ims_io_unix_limits *limits,
		    const struct ims_io_unix_up *up, struct ims_io_unix **out,
		    struct ims_flaw *why);
/* Hands out what can be taken at once, closes all (`closed` is called), and
 * removes the socket from its folder if it is still ours.  Not from within a
 * callback; takes NULL.
 */
void ims_io_unix_free(struct ims_io_unix *s);

/* Copies.  -IMS_E_TOOBIG (more than the queue takes), -IMS_E_NOMEM: nothing of
 * it is sent.  Outside of a callback of its own, a connection that turns out
 * to be broken is closed, and gone, when this returns.
 */
int ims_io_talk_send(struct ims_io_talk *t, struct ims_str bytes);
/* Bytes that wait to be taken. */
size_t ims_io_talk_waiting(const struct ims_io_talk *t);

#endif
