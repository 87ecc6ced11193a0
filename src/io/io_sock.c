/* SPDX-License-Identifier: BSD-2-Clause */
/* io_sock.c - making sockets. */
#include "io_sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* So that a protected segment fits into the least MTU of IPv6: 1280 less IP
 * (40), TCP (20) and what ESP adds at most (64).
 */
#define PROTECTED_MSS 1156

socklen_t ims_io_sa_from(struct ims_addr a, union ims_io_sa *out)
{
	memset(out, 0, sizeof *out);
	if (a.ip.family == 4) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)&out->ss;

		v4->sin_family = AF_INET;
		v4->sin_port = htons(a.port);
		memcpy(&v4->sin_addr, a.ip.b, 4);
		return sizeof *v4;
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->ss;

	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(a.port);
	memcpy(&v6->sin6_addr, a.ip.b, 16);
	return sizeof *v6;
}

struct ims_addr ims_io_sa_to(const union ims_io_sa *sa)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&sa->ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&sa->ss;
	struct ims_addr a = {0};

	if (sa->sa.sa_family == AF_INET) {
		a.ip = ims_ip_from(&v4->sin_addr, 4);
		a.port = ntohs(v4->sin_port);
	} else if (sa->sa.sa_family == AF_INET6) {
		a.ip = ims_ip_from(&v6->sin6_addr, 16);
		a.port = ntohs(v6->sin6_port);
	}
	return a;
}

int ims_io_errno(int err, struct ims_flaw *why, const char *what)
{
	switch (err) {
	case EADDRINUSE:
		return ims_flaw(why, -IMS_E_PORT, "%s is in use", what);
	case EADDRNOTAVAIL:
		return ims_flaw(why, -IMS_E_ADDR,
				"%s: the address is not on this machine", what);
	case ENETUNREACH:
	case EHOSTUNREACH:
		return ims_flaw(why, -IMS_E_ROUTE, "%s: %s", what,
				strerror(err));
	case EACCES:
		return ims_flaw(why, -IMS_E_RIGHTS,
				"%s: needs CAP_NET_BIND_SERVICE", what);
	case EPERM:
		return ims_flaw(why, -IMS_E_RIGHTS, "%s: needs CAP_NET_RAW",
				what);
	case ENOMEM:
		return ims_flaw(why, -IMS_E_NOMEM, "%s", what);
	default:
		return ims_flaw(why, -IMS_E_SYS, "%s: %s", what, strerror(err));
	}
}

static int fail(const struct ims_io_sock_conf *c, const char *kind,
		struct ims_flaw *why)
{
	int err = errno;
	char addr[IMS_ADDR_TEXT], what[IMS_ADDR_TEXT + 64];

	snprintf(what, sizeof what, "%s %s%s%s", kind,
		 c->local.port ? ims_addr_text(c->local, addr)
			       : ims_ip_text(c->local.ip, addr),
		 c->device ? " on " : "", c->device ? c->device : "");
	return ims_io_errno(err, why, what);
}

static int on(int fd, int level, int opt)
{
	int one = 1;

	return setsockopt(fd, level, opt, &one, sizeof one);
}

static int socket_of(struct ims_ip ip, int type, int proto)
{
	return socket(ip.family == 4 ? AF_INET : AF_INET6,
		      type | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
}

static int set_up(int fd, const struct ims_io_sock_conf *c)
{
	if (c->local.ip.family == 6 && on(fd, IPPROTO_IPV6, IPV6_V6ONLY))
		return -1;
	if (c->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, c->device,
				    (socklen_t)strlen(c->device)))
		return -1;
	return 0;
}

static int bind_to(int fd, struct ims_addr local)
{
	union ims_io_sa sa;
	socklen_t n = ims_io_sa_from(local, &sa);

	return bind(fd, &sa.sa, n);
}

/* Alone first; when the place is ours, more of ours may come: SO_REUSEPORT
 * lets a port have two sockets on different devices, and connections that
 * leave from it.  It is set behind bind() or listen() on purpose: before, the
 * kernel would make a group for balancing load, and give to a socket without a
 * device what belongs to the one bound to it.
 */
static int take(int fd, const struct ims_io_sock_conf *c)
{
	if (c->share && on(fd, SOL_SOCKET, SO_REUSEPORT))
		return -1;
	return bind_to(fd, c->local);
}

int ims_io_sock_udp(const struct ims_io_sock_conf *c, struct ims_flaw *why)
{
	int fd = socket_of(c->local.ip, SOCK_DGRAM, 0), err;
	int room = 1 << 20;

	if (fd < 0)
		return fail(c, "UDP", why);
	if (set_up(fd, c) || take(fd, c) || on(fd, SOL_SOCKET, SO_REUSEPORT)) {
		err = fail(c, "UDP", why);
		close(fd);
		return err;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	return fd;
}

/* SO_REUSEADDR: what an earlier run left in TIME-WAIT is no hindrance. */
int ims_io_sock_tcp(const struct ims_io_sock_conf *c, struct ims_flaw *why)
{
	int fd = socket_of(c->local.ip, SOCK_STREAM, 0), err;
	int mss = PROTECTED_MSS;

	if (fd < 0)
		return fail(c, "TCP", why);
	if (set_up(fd, c) || on(fd, SOL_SOCKET, SO_REUSEADDR) || take(fd, c)) {
		err = fail(c, "TCP", why);
		close(fd);
		return err;
	}
	on(fd, IPPROTO_TCP, TCP_NODELAY);
	if (c->device)
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
	return fd;
}

int ims_io_sock_listen(int fd, struct ims_addr local, struct ims_flaw *why)
{
	struct ims_io_sock_conf c = {.local = local};

	if (listen(fd, 256) || on(fd, SOL_SOCKET, SO_REUSEPORT))
		return fail(&c, "TCP", why);
	return 0;
}

int ims_io_sock_deaf(int fd, struct ims_flaw *why)
{
	struct sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
	struct sock_fprog prog = {1, &nothing};

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof prog))
		return ims_io_errno(errno, why, "socket filter");
	return 0;
}

uint32_t ims_io_sock_drops(int fd)
{
	uint32_t mem[SK_MEMINFO_VARS] = {0};
	socklen_t n = sizeof mem;

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &n))
		return 0;
	return mem[SK_MEMINFO_DROPS];
}

int ims_io_sock_connect(int fd, struct ims_addr remote, struct ims_flaw *why)
{
	union ims_io_sa sa;
	socklen_t n = ims_io_sa_from(remote, &sa);
	struct ims_io_sock_conf c = {.local = remote};

	if (connect(fd, &sa.sa, n) == 0 || errno == EINPROGRESS)
		return 0;
	/* The port is free for us, but not towards this peer. */
	if (errno == EADDRNOTAVAIL)
		errno = EADDRINUSE;
	return fail(&c, "connection to", why);
}

/* IPv4: fragments are made here, as a router's complaint about ESP would not
 * reach who sent it.
 */
int ims_io_sock_esp(struct ims_ip local, struct ims_flaw *why)
{
	struct ims_io_sock_conf c = {.local = {.ip = local}};
	int fd = socket_of(local, SOCK_RAW, IPPROTO_ESP), err;
	int room = 4 << 20, dont = IP_PMTUDISC_DONT;

	if (fd < 0)
		return fail(&c, "raw ESP socket at", why);
	if (bind_to(fd, c.local) ||
	    (local.family == 6 && on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO)) ||
	    (local.family == 4 &&
	     setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof dont))) {
		err = fail(&c, "raw ESP socket at", why);
		close(fd);
		return err;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	return fd;
}
