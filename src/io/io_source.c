/* SPDX-License-Identifier: BSD-2-Clause */
/* io_source.c - which of our addresses leads to a peer. */
#include "io_source.h"

#include "io_sock.h"

#include <errno.h>
#include <unistd.h>

int ims_io_source(struct ims_addr peer, struct ims_ip *out,
		  struct ims_flaw *why)
{
	char text[IMS_ADDR_TEXT];
	union ims_io_sa to, from;
	socklen_t n = ims_io_sa_from(peer, &to), m = sizeof from;
	int fd = socket(to.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && connect(fd, &to.sa, n) == 0 &&
		  getsockname(fd, &from.sa, &m) == 0;
	int err = errno;

	if (fd >= 0)
		close(fd);
	if (!ok)
		return ims_io_errno(err, why, ims_addr_text(peer, text));
	*out = ims_io_sa_to(&from).ip;
	return 0;
}
