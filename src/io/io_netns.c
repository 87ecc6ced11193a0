/* SPDX-License-Identifier: BSD-2-Clause */
/* io_netns.c - making, entering and leaving network namespaces. */
#include "io_netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWN_NS "/proc/thread-self/ns/net"

int ims_io_netns_own(struct ims_flaw *why)
{
	int fd = open(OWN_NS, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ims_flaw(why, -IMS_E_HERE, "%s: %s; is /proc mounted?",
				OWN_NS, strerror(errno));
	return fd;
}

static int refused(struct ims_flaw *why)
{
	if (errno == EPERM)
		return ims_flaw(why, -IMS_E_RIGHTS,
				"a new network namespace needs CAP_SYS_ADMIN, "
				"or a user namespace");
	if (errno == ENOSPC || errno == EUSERS)
		return ims_flaw(why, -IMS_E_HERE,
				"no more network namespaces: sysctl "
				"user.max_net_namespaces");
	if (errno == EINVAL || errno == ENOSYS)
		return ims_flaw(why, -IMS_E_HERE,
				"this kernel has no network namespaces");
	return ims_flaw(why, -IMS_E_SYS, "new network namespace: %s",
			strerror(errno));
}

int ims_io_netns_new(struct ims_flaw *why)
{
	int back = ims_io_netns_own(why), fd;

	if (back < 0)
		return back;
	if (unshare(CLONE_NEWNET)) {
		int err = refused(why);

		close(back);
		return err;
	}
	fd = ims_io_netns_own(why);
	ims_io_netns_leave(back);
	return fd;
}

int ims_io_netns_enter(int ns, int *back, struct ims_flaw *why)
{
	int own;

	if (ns < 0) {
		*back = -1;
		return 0;
	}
	own = ims_io_netns_own(why);
	if (own < 0)
		return own;
	if (setns(ns, CLONE_NEWNET)) {
		int err = errno;

		close(own);
		return ims_flaw(why, err == EPERM ? -IMS_E_RIGHTS : -IMS_E_SYS,
				"entering a network namespace%s: %s",
				err == EPERM ? " needs CAP_SYS_ADMIN" : "",
				strerror(err));
	}
	*back = own;
	return 0;
}

/* To go on in the wrong namespace would be worse than to end. */
void ims_io_netns_leave(int back)
{
	if (back < 0)
		return;
	if (setns(back, CLONE_NEWNET)) {
		perror("imsreg: cannot return to the first network namespace");
		abort();
	}
	close(back);
}

static int put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static bool file_says(const char *path, char what)
{
	char c = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, &c, 1) != 1)
		c = 0;
	close(fd);
	return c == what;
}

/* Which of the several locks on user namespaces is shut? */
static int forbidden(int err, struct ims_flaw *why)
{
	if (file_says("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		return ims_flaw(why, -IMS_E_RIGHTS,
				"user namespaces are switched off: sysctl "
				"kernel.unprivileged_userns_clone=0");
	if (file_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		      '1'))
		return ims_flaw(
			why, -IMS_E_RIGHTS,
			"user namespaces are restricted: sysctl "
			"kernel.apparmor_restrict_unprivileged_userns=1");
	if (err == ENOSPC || err == EUSERS ||
	    file_says("/proc/sys/user/max_user_namespaces", '0'))
		return ims_flaw(why, -IMS_E_RIGHTS,
				"no more user namespaces: sysctl "
				"user.max_user_namespaces");
	if (err == EINVAL || err == ENOSYS)
		return ims_flaw(why, -IMS_E_HERE,
				"this kernel has no user namespaces, or the "
				"process has several threads");
	return ims_flaw(why, err == EPERM ? -IMS_E_RIGHTS : -IMS_E_SYS,
			"new user namespace: %s (seccomp or a container may "
			"forbid it)",
			strerror(err));
}

int ims_io_userns(struct ims_flaw *why)
{
	char map[2][64];

	snprintf(map[0], sizeof map[0], "0 %u 1", (unsigned)geteuid());
	snprintf(map[1], sizeof map[1], "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return forbidden(errno, why);
	/* A group may be mapped only when setgroups() is given up. */
	put_file("/proc/self/setgroups", "deny");
	if (put_file("/proc/self/uid_map", map[0]) ||
	    put_file("/proc/self/gid_map", map[1]))
		return ims_flaw(why, -IMS_E_RIGHTS,
				"user namespace: writing uid_map and gid_map: "
				"%s",
				strerror(errno));
	return 0;
}
