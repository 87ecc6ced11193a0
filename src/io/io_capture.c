/* SPDX-License-Identifier: BSD-2-Clause */
/* io_capture.c - a packet socket on one device. */
#include "io_capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io_netns.h"
#include "io_sock.h"

#define BATCH 256
#define FRAME_MAX (65536 + 64)
#define ROOM (16 << 20)
#define LINK_ETHERNET 1
#define LINK_RAW 101

struct ims_io_capture {
	struct ims_io_capture_conf conf;
	struct ims_io_watch *watch;
	int fd;
	unsigned link;
	bool loopback;
	uint64_t lost;
	uint8_t frame[FRAME_MAX];
};

static uint64_t stamp(struct msghdr *m)
{
	struct timespec t;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof t);
		return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	}
	return ims_io_wall_ms() * 1000000u;
}

/* false: there is no more */
static bool take(struct ims_io_capture *c)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(struct timespec))];
	} ctl;
	struct sockaddr_ll from = {0};
	struct iovec v = {c->frame, sizeof c->frame};
	struct msghdr m = {.msg_name = &from,
			   .msg_namelen = sizeof from,
			   .msg_iov = &v,
			   .msg_iovlen = 1,
			   .msg_control = &ctl,
			   .msg_controllen = sizeof ctl};
	ssize_t n = recvmsg(c->fd, &m, 0);

	if (n < 0)
		return errno == EINTR;
	if (c->loopback && from.sll_pkttype == PACKET_OUTGOING)
		return true; /* it comes in again */
	c->conf.frame(c->conf.arg, stamp(&m), c->frame, (size_t)n, c->link);
	return true;
}

static void on_frame(void *arg, unsigned what)
{
	struct ims_io_capture *c = arg;

	(void)what;
	for (int i = 0; i < BATCH && take(c); i++)
		;
}

void ims_io_capture_flush(struct ims_io_capture *c)
{
	while (take(c))
		;
}

uint64_t ims_io_capture_lost(struct ims_io_capture *c)
{
	struct tpacket_stats s = {0};
	socklen_t n = sizeof s;

	if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &s, &n) == 0)
		c->lost += s.tp_drops;
	return c->lost;
}

void ims_io_capture_free(struct ims_io_capture *c)
{
	if (!c)
		return;
	ims_io_watch_free(c->watch);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

static int on_device(struct ims_io_capture *c, const char *dev,
		     struct ims_flaw *why)
{
	struct ifreq req = {0};
	struct sockaddr_ll ll = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL)};

	if (!ims_str_copy(req.ifr_name, sizeof req.ifr_name, ims_str(dev)) ||
	    ioctl(c->fd, SIOCGIFINDEX, &req))
		return ims_flaw(why, -IMS_E_NOTFOUND, "capture: no device %s",
				dev);
	ll.sll_ifindex = req.ifr_ifindex;
	if (ioctl(c->fd, SIOCGIFHWADDR, &req))
		return ims_io_errno(errno, why, "capture");
	c->loopback = req.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
	c->link = req.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
				  req.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK
			  ? LINK_ETHERNET
			  : LINK_RAW;
	if (bind(c->fd, (struct sockaddr *)&ll, sizeof ll))
		return ims_io_errno(errno, why, "capture");
	return 0;
}

/* Protocol 0: nothing is taken in until it is bound to the device. */
static int open_socket(struct ims_io_capture *c, struct ims_flaw *why)
{
	int room = ROOM, one = 1;

	c->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return ims_io_errno(errno, why, "capture");
	if (setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room))
		setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (setsockopt(c->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one))
		return ims_io_errno(errno, why, "capture");
	return on_device(c, c->conf.dev, why);
}

int ims_io_capture_new(struct ims_io_loop *l,
		       const struct ims_io_capture_conf *conf,
		       struct ims_io_capture **out, struct ims_flaw *why)
{
	struct ims_io_capture *c = calloc(1, sizeof *c);
	int back, err;

	if (!c)
		return ims_flaw(why, -IMS_E_NOMEM, "capture");
	c->conf = *conf;
	c->fd = -1;
	err = ims_io_netns_enter(conf->netns, &back, why);
	if (!err) {
		err = open_socket(c, why);
		ims_io_netns_leave(back);
	}
	if (!err)
		err = ims_io_watch_new(l, c->fd, IMS_IO_READ, on_frame, c,
				       &c->watch);
	if (err) {
		ims_io_capture_free(c);
		return err;
	}
	c->conf.dev = NULL; /* was borrowed for this call */
	*out = c;
	return 0;
}
