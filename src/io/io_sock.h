/* SPDX-License-Identifier: BSD-2-Clause */
/* io_sock.h - makes sockets, and says why it could not.
 *
 * All are non-blocking and close-on-exec; IPv6 ones never take IPv4.  Errors:
 * -IMS_E_PORT (in use), -IMS_E_RIGHTS (with the capability), -IMS_E_ADDR
 * (the address is not on this machine), -IMS_E_ROUTE, -IMS_E_SYS; why names the
 * address.
 */
#ifndef IMS_IO_SOCK_H
#define IMS_IO_SOCK_H

#include <sys/socket.h>

#include "base_addr.h"
#include "base_err.h"

union ims_io_sa {
	struct sockaddr sa;
	struct sockaddr_storage ss;
};
socklen_t ims_io_sa_from(struct ims_addr a, union ims_io_sa *out);
/* family 0 if it is no IP address. */
struct ims_addr ims_io_sa_to(const union ims_io_sa *sa);

/* How a socket takes its place.  A port is first taken alone, so that a
 * stranger's use of it is noticed; then it is opened for more of our own.
 */
struct ims_io_sock_conf {
	struct ims_addr local;
	const char *device; /* bind to it; NULL: none */
	bool share;         /* a port that we hold already */
};
int ims_io_sock_udp(const struct ims_io_sock_conf *c, struct ims_flaw *why);
/* Bound, not yet listening. */
int ims_io_sock_tcp(const struct ims_io_sock_conf *c, struct ims_flaw *why);
int ims_io_sock_listen(int fd, struct ims_addr local, struct ims_flaw *why);
/* Nothing that comes is answered or delivered, only counted by the kernel:
 * TCP SYNs get neither SYN/ACK nor RST.
 */
int ims_io_sock_deaf(int fd, struct ims_flaw *why);
/* Packets that a deaf or full socket has dropped since it was made. */
uint32_t ims_io_sock_drops(int fd);
/* Begins to connect.  Returns 0 (done or under way). */
int ims_io_sock_connect(int fd, struct ims_addr remote, struct ims_flaw *why);
/* Raw ESP (protocol 50) at one address of ours; needs CAP_NET_RAW. */
int ims_io_sock_esp(struct ims_ip local, struct ims_flaw *why);

/* The error of ours for an errno, and the sentence for it: "what: cause". */
int ims_io_errno(int err, struct ims_flaw *why, const char *what);

#endif
