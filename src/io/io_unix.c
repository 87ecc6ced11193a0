/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix.c - listens at a Unix socket: whose it is, and who may connect. */
#include "io_unix.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io_unix_priv.h"

#define PAUSE_MS 500
#define BATCH 16
#define LOCK_TRIES 50
#define LOCK_PAUSE_US 20000

int ims_io_unix_addr(const char *path, struct sockaddr_un *out,
		     struct ims_flaw *why)
{
	memset(out, 0, sizeof *out);
	out->sun_family = AF_UNIX;
	if (!*path ||
	    !ims_str_copy(out->sun_path, sizeof out->sun_path, ims_str(path)))
		return ims_flaw(why, -IMS_E_RANGE,
				"%.80s...: the path of a socket has 1 to %zu "
				"bytes",
				path, sizeof out->sun_path - 1);
	return 0;
}

/* --- whose socket stands there ------------------------------------------- */

static int failed(struct ims_flaw *why, const char *path, int number)
{
	int err = number == EACCES || number == EPERM || number == EROFS
			  ? -IMS_E_RIGHTS
		  : number == ENOENT || number == ENOTDIR ? -IMS_E_NOFILE
							  : -IMS_E_SYS;

	return ims_flaw(why, err, "%s: %s", path, strerror(number));
}

/* The process that listens there; 0: nobody, or he does not say. */
static pid_t listener(const struct sockaddr_un *sa, bool *alive)
{
	struct ucred who = {0};
	socklen_t len = sizeof who;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* Whoever has no room for one more connection lives, too. */
	*alive = fd < 0 ||
		 !connect(fd, (const struct sockaddr *)sa, sizeof *sa) ||
		 (errno != ECONNREFUSED && errno != ENOENT);
	if (fd < 0)
		return 0;
	if (*alive && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		who.pid = 0;
	close(fd);
	return who.pid;
}

/* Takes a dead one's socket away. */
static int clear_way(const struct sockaddr_un *sa, struct ims_flaw *why)
{
	const char *path = sa->sun_path;
	struct stat st;
	bool alive;
	pid_t pid;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : failed(why, path, errno);
	if (!S_ISSOCK(st.st_mode))
		return ims_flaw(why, -IMS_E_EXISTS, "%s is not a socket", path);
	pid = listener(sa, &alive);
	if (alive && pid > 0)
		return ims_flaw(why, -IMS_E_CTL_TAKEN,
				"process %d listens at %s", (int)pid, path);
	if (alive)
		return ims_flaw(why, -IMS_E_CTL_TAKEN,
				"another process listens at %s", path);
	return unlink(path) && errno != ENOENT ? failed(why, path, errno) : 0;
}

/* The folder, locked: of two that start at once only one looks at a time.
 * Whoever may read the folder may lock it, too, and keep it so: then without.
 */
static int lock_folder(const char *path, int *out, struct ims_flaw *why)
{
	char copy[sizeof((struct sockaddr_un *)0)->sun_path];
	const char *folder;
	int fd;

	memcpy(copy, path, strlen(path) + 1);
	folder = dirname(copy);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(why, folder, errno);
	for (int i = 0; i < LOCK_TRIES && flock(fd, LOCK_EX | LOCK_NB); i++)
		usleep(LOCK_PAUSE_US);
	*out = fd;
	return 0;
}

/* Its mode is that of the descriptor, so that there is no moment in which
 * others could connect.
 */
static int take_place(struct ims_io_unix *s, const struct sockaddr_un *sa,
		      struct ims_flaw *why)
{
	struct stat st;
	int err = clear_way(sa, why);

	if (err)
		return err;
	if (fchmod(s->fd, 0600) ||
	    bind(s->fd, (const struct sockaddr *)sa, sizeof *sa))
		return failed(why, sa->sun_path, errno);
	memcpy(s->path, sa->sun_path, sizeof s->path);
	if (listen(s->fd, 16) || lstat(s->path, &st) || chmod(s->path, 0600))
		return failed(why, s->path, errno);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

static void leave_place(struct ims_io_unix *s)
{
	struct stat st;

	if (*s->path && !lstat(s->path, &st) && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		unlink(s->path);
}

/* --- who connects -------------------------------------------------------- */

static void turn_away(struct ims_io_unix *s, int fd, int err)
{
	char line[1024] = "";

	s->up.farewell(s->up.arg, err, line, sizeof line);
	(void)send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static bool may_talk(int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) &&
	       (who.uid == 0 || who.uid == geteuid());
}

static void admit(struct ims_io_unix *s, int fd)
{
	if (!may_talk(fd))
		turn_away(s, fd, -IMS_E_RIGHTS);
	else if (s->n_talks >= s->limits.conns)
		turn_away(s, fd, -IMS_E_CTL_BUSY);
	else
		ims_io_talk_new(s, fd);
}

static void accept_again(void *arg)
{
	struct ims_io_unix *s = arg;

	ims_io_watch_want(s->watch, IMS_IO_READ);
}

static void on_accept(void *arg, unsigned what)
{
	struct ims_io_unix *s = arg;

	(void)what;
	for (int i = 0; i < BATCH; i++) {
		int fd = accept4(s->fd, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			admit(s, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			ims_io_watch_want(s->watch, 0);
			(void)ims_io_timer_set(s->loop, &s->again,
					       ims_io_loop_now(s->loop) +
						       PAUSE_MS);
		}
		return;
	}
}

/* --- from beginning to end ----------------------------------------------- */

static void or_else(struct ims_io_unix_limits *l)
{
	if (!l->conns)
		l->conns = 16;
	if (!l->line)
		l->line = 64 * 1024;
	if (!l->queue)
		l->queue = 8u << 20;
	if (!l->idle_ms)
		l->idle_ms = 60000;
	if (!l->write_ms)
		l->write_ms = 10000;
}

static int set_up(struct ims_io_unix *s, const char *path, struct ims_flaw *why)
{
	struct sockaddr_un sa;
	int folder = -1, err = ims_io_unix_addr(path, &sa, why);

	if (err)
		return err;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return failed(why, path, errno);
	err = lock_folder(path, &folder, why);
	if (err)
		return err;
	err = take_place(s, &sa, why);
	close(folder);
	if (!err)
		err = ims_io_watch_new(s->loop, s->fd, IMS_IO_READ, on_accept,
				       s, &s->watch);
	return err;
}

int ims_io_unix_new(struct ims_io_loop *l, const char *path,
		    const struct ims_io_unix_limits *limits,
		    const struct ims_io_unix_up *up, struct ims_io_unix **out,
		    struct ims_flaw *why)
{
	struct ims_io_unix *s = calloc(1, sizeof *s);
	int err;

	if (!s)
		return ims_flaw(why, -IMS_E_NOMEM, "%s: no memory", path);
	s->loop = l;
	s->up = *up;
	s->fd = -1;
	s->again = (struct ims_io_timer){.fire = accept_again, .arg = s};
	if (limits)
		s->limits = *limits;
	or_else(&s->limits);
	ims_list_init(&s->talks);
	err = set_up(s, path, why);
	if (err) {
		ims_io_unix_free(s);
		return err;
	}
	*out = s;
	return 0;
}

void ims_io_unix_free(struct ims_io_unix *s)
{
	if (!s)
		return;
	leave_place(s);
	ims_list_each (n, &s->talks)
		ims_io_talk_close(ims_io_talk_at(n));
	ims_io_timer_cancel(s->loop, &s->again);
	ims_io_watch_free(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
