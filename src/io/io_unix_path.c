/* SPDX-License-Identifier: BSD-2-Clause */
/* io_unix_path.c - where the control sockets of this machine are. */
#include "io_unix_path.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io_unix_dial.h"

#define SYSTEM_FOLDER "/run/imsreg"
#define MAX_FOLDERS 2

_Static_assert(IMS_IO_UNIX_PATH <= sizeof(((struct sockaddr_un *)0)->sun_path),
	       "a path of ours is a socket's");

/* Capabilities of the file (setcap) open no folder that the user could not
 * open, so the environment counts; another user's rights would.
 */
static const char *from_env(const char *name)
{
	return getuid() == geteuid() && getgid() == getegid() ? getenv(name)
							      : NULL;
}

/* Our own first.  Returns how many. */
static size_t folders(char out[MAX_FOLDERS][IMS_IO_UNIX_PATH])
{
	const char *own = from_env("IMSREG_RUN_DIR");
	const char *run = from_env("XDG_RUNTIME_DIR");
	size_t n = 0;

	if (own && *own) {
		snprintf(out[0], IMS_IO_UNIX_PATH, "%s", own);
		return 1;
	}
	if (geteuid() != 0 && run && *run)
		snprintf(out[n++], IMS_IO_UNIX_PATH, "%s/imsreg", run);
	snprintf(out[n++], IMS_IO_UNIX_PATH, "%s", SYSTEM_FOLDER);
	return n;
}

static int make(const char *folder, struct ims_flaw *why)
{
	mode_t mode = strcmp(folder, SYSTEM_FOLDER) == 0 ? 0755 : 0700;

	if (!mkdir(folder, mode) || errno == EEXIST)
		return 0;
	return ims_flaw(why,
			errno == EACCES || errno == EPERM || errno == EROFS
				? -IMS_E_RIGHTS
			: errno == ENOENT ? -IMS_E_NOFILE
					  : -IMS_E_SYS,
			"%s: %s", folder, strerror(errno));
}

int ims_io_unix_path(const char *name, char out[static IMS_IO_UNIX_PATH],
		     struct ims_flaw *why)
{
	char folder[MAX_FOLDERS][IMS_IO_UNIX_PATH], path[512], *p;
	int n, err;

	folders(folder);
	n = snprintf(path, sizeof path, "%s/", folder[0]);
	p = path + n;
	n += snprintf(p, sizeof path - (size_t)n, "%s.sock", name);
	if (n >= IMS_IO_UNIX_PATH)
		return ims_flaw(why, -IMS_E_RANGE,
				"%.100s...: the path of a socket has at most "
				"%d bytes",
				path, IMS_IO_UNIX_PATH - 1);
	for (; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
			*p = '_';
	err = make(folder[0], why);
	if (!err)
		memcpy(out, path, (size_t)n + 1);
	return err;
}

static bool answers(const char *path)
{
	struct ims_io_dial *d;

	if (ims_io_dial_new(path, &d, NULL))
		return false;
	ims_io_dial_free(d);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static size_t find_in(const char *folder, char out[][IMS_IO_UNIX_PATH],
		      size_t max)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	while (dir && (e = readdir(dir))) {
		char path[512];
		int len =
			snprintf(path, sizeof path, "%s/%s", folder, e->d_name);

		if (!ims_str_ends(ims_str(e->d_name), IMS_S(".sock")) ||
		    len >= IMS_IO_UNIX_PATH || !answers(path))
			continue;
		if (n < max)
			memcpy(out[n], path, (size_t)len + 1);
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

size_t ims_io_unix_find(char out[][IMS_IO_UNIX_PATH], size_t max)
{
	char folder[MAX_FOLDERS][IMS_IO_UNIX_PATH];
	size_t n = 0, n_folders = folders(folder);

	for (size_t i = 0; i < n_folders; i++)
		n += find_in(folder[i], out + (n < max ? n : max),
			     n < max ? max - n : 0);
	qsort(out, n < max ? n : max, sizeof *out, by_name);
	return n;
}
