/* SPDX-License-Identifier: BSD-2-Clause */
/* io_tun.c - the device, the raw socket, and the packets between them. */
#include "io_tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base_mem.h"
#include "io_life.h"
#include "io_link.h"
#include "io_netns.h"
#include "io_sock.h"

#define TUN_PATH "/dev/net/tun"
/* Whole datagrams pass the device; ESP is fragmented behind it. */
#define TUN_MTU 65535
#define PACKET 65536
/* Packets taken in one turn of the loop, so that others get theirs. */
#define BATCH 256
/* More than the device can hold. */
#define DRAIN 16384
/* Our routing tables: this and the number of the device. */
#define TABLE 0x69000000u

struct tun {
	struct ims_ipsec_backend b;
	struct ims_io_backend_conf conf;
	struct ims_ipsec_engine *engine;
	struct ims_io_lives lives;
	struct ims_io_link *link;
	struct ims_io_detour detour; /* name NULL: not made */
	struct ims_io_watch *watch_tun, *watch_esp;
	int tun, esp;
	char name[IMS_IO_DEV];
	uint8_t packet[PACKET], out[PACKET];
};

static const struct ims_ipsec_backend_ops ops;

static struct tun *self(struct ims_ipsec_backend *b)
{
	return (struct tun *)b;
}

static int no_tun(struct ims_flaw *why)
{
	switch (errno) {
	case EACCES:
		return ims_flaw(why, -IMS_E_RIGHTS,
				TUN_PATH ": this user may not open it");
	case EPERM:
		return ims_flaw(why, -IMS_E_RIGHTS,
				TUN_PATH ": needs CAP_NET_ADMIN");
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return ims_flaw(why, -IMS_E_NODEV, TUN_PATH ": %s",
				strerror(errno));
	default:
		return ims_flaw(why, -IMS_E_SYS, TUN_PATH ": %s",
				strerror(errno));
	}
}

int ims_io_tun_open(char name[static IMS_IO_DEV], struct ims_flaw *why)
{
	struct ifreq req = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC), err;

	if (fd < 0)
		return no_tun(why);
	memcpy(req.ifr_name, name, IMS_IO_DEV);
	req.ifr_name[IMS_IO_DEV - 1] = 0;
	if (ioctl(fd, TUNSETIFF, &req)) {
		err = no_tun(why);
		close(fd);
		return err;
	}
	memcpy(name, req.ifr_name, IMS_IO_DEV);
	return fd;
}

/* Clear text that our sockets sent: seal it and put it on the wire. */
static void seal_one(struct tun *t, size_t n)
{
	struct ims_packet p;
	union ims_io_sa to;
	socklen_t to_len;
	int len = ims_ipsec_engine_out(t->engine, t->packet, n, t->out,
				       sizeof t->out);

	if (len < 0 || ims_packet_parse(t->out, (size_t)len, &p)) {
		ims_trace(t->conf.trace, IMS_DEBUG, "io_tun",
			  "%s: a packet of %zu bytes was not sent: %s", t->name,
			  n, ims_err_info(len)->what);
		return;
	}
	to_len = ims_io_sa_from((struct ims_addr){.ip = p.dst}, &to);
	if (sendto(t->esp, p.payload, p.payload_len, 0, &to.sa, to_len) < 0)
		ims_trace(t->conf.trace, IMS_WARN, "io_tun",
			  "%s: ESP was not sent: %s", t->name, strerror(errno));
}

static void pump_out(struct tun *t, size_t most)
{
	while (most-- > 0) {
		ssize_t n = read(t->tun, t->packet, sizeof t->packet);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		seal_one(t, (size_t)n);
	}
}

static void tell_dropped(struct tun *t, struct ims_ip from, int err)
{
	struct ims_flow flow = {.local = {.ip = t->conf.ip},
				.remote = {.ip = from}};
	char text[IMS_ADDR_TEXT];

	ims_trace(t->conf.trace, IMS_DEBUG, "io_tun", "ESP from %s dropped: %s",
		  ims_ip_text(from, text), ims_err_info(err)->what);
	/* Both ends on one address: each hears its own packets, too. */
	if (err == -IMS_E_ESP_SPI && ims_ip_eq(from, t->conf.ip))
		return;
	if (t->conf.dropped)
		t->conf.dropped(t->conf.arg, &flow, err);
}

/* One ESP packet into t->packet, with its IP header.  A raw IPv6 socket leaves
 * that out: it is made again from the addresses.  Returns its length, 0: not
 * for us, -1: there is no more.
 */
static ssize_t take_esp(struct tun *t, struct ims_ip *from)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} ctl;
	union ims_io_sa src;
	size_t head = t->conf.ip.family == 6 ? IMS_PACKET_HEADER : 0;
	struct iovec v = {t->packet + head, sizeof t->packet - head};
	struct msghdr m = {.msg_name = &src,
			   .msg_namelen = sizeof src,
			   .msg_iov = &v,
			   .msg_iovlen = 1,
			   .msg_control = &ctl,
			   .msg_controllen = sizeof ctl};
	ssize_t n = recvmsg(t->esp, &m, 0);
	struct cmsghdr *c;
	struct in6_pktinfo to;

	if (n < 0)
		return errno == EINTR ? 0 : -1;
	*from = ims_io_sa_to(&src).ip;
	if (m.msg_flags & MSG_TRUNC)
		return 0;
	if (!head)
		return n;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_PKTINFO)
		return 0;
	memcpy(&to, CMSG_DATA(c), sizeof to);
	if (!ims_ip_eq(ims_ip_from(&to.ipi6_addr, 16), t->conf.ip) ||
	    from->family != 6)
		return 0;
	ims_packet_header(t->packet, *from, t->conf.ip, IPPROTO_ESP, (size_t)n);
	return n + (ssize_t)head;
}

static void pump_in(struct tun *t, size_t most)
{
	while (most-- > 0) {
		struct ims_ip from = {0};
		ssize_t n = take_esp(t, &from);
		int len;

		if (n < 0)
			return;
		if (n == 0)
			continue;
		len = ims_ipsec_engine_in(t->engine, t->packet, (size_t)n,
					  t->out, sizeof t->out);
		if (len < 0)
			tell_dropped(t, from, len);
		else if (len > 0 && write(t->tun, t->out, (size_t)len) < 0)
			ims_trace(t->conf.trace, IMS_WARN, "io_tun", "%s: %s",
				  t->name, strerror(errno));
	}
}

static void on_tun(void *arg, unsigned what)
{
	(void)what;
	pump_out(arg, BATCH);
}

static void on_esp(void *arg, unsigned what)
{
	(void)what;
	pump_in(arg, BATCH);
}

/* The sockets are bound to the device: nothing more to do for a port. */
static int protect(struct ims_ipsec_backend *b, struct ims_addr local,
		   struct ims_flaw *why)
{
	(void)b;
	(void)local;
	(void)why;
	return 0;
}

static void unprotect(struct ims_ipsec_backend *b, struct ims_addr local)
{
	(void)b;
	(void)local;
}

static int add(struct ims_ipsec_backend *b, const struct ims_ipsec_set *set,
	       struct ims_flaw *why)
{
	char suite[IMS_SUITE_TEXT];
	struct tun *t = self(b);
	int err = ims_ipsec_engine_add(t->engine, set);

	if (!err && set->life_s) {
		err = ims_io_lives_set(&t->lives, set->id, set->life_s);
		if (err)
			ims_ipsec_engine_del(t->engine, set->id);
	}
	if (err)
		ims_flaw(why, err, "SA set %u, %s: %s", set->id,
			 ims_ipsec_suite_text(set->suite, suite),
			 ims_err_info(err)->what);
	return err;
}

/* What was sent before the set went still goes out: an answer that is followed
 * by its end.
 */
static void del(struct ims_ipsec_backend *b, uint32_t id)
{
	struct tun *t = self(b);

	pump_out(t, DRAIN);
	ims_io_lives_del(&t->lives, id);
	ims_ipsec_engine_del(t->engine, id);
}

static int life(struct ims_ipsec_backend *b, uint32_t id, uint32_t life_s)
{
	struct ims_ipsec_count n[IMS_N_ARROWS];
	struct tun *t = self(b);

	if (ims_ipsec_engine_count(t->engine, id, n))
		return -IMS_E_NOTFOUND;
	return ims_io_lives_set(&t->lives, id, life_s);
}

static void over(void *arg, uint32_t id)
{
	struct tun *t = arg;

	ims_ipsec_engine_del(t->engine, id);
	if (t->conf.gone)
		t->conf.gone(t->conf.arg, id);
}

static int count(struct ims_ipsec_backend *b, uint32_t id,
		 struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	return ims_ipsec_engine_count(self(b)->engine, id, out);
}

static void tun_free(struct ims_ipsec_backend *b)
{
	struct tun *t = self(b);

	if (t->watch_tun)
		pump_out(t, DRAIN);
	ims_io_watch_free(t->watch_tun);
	ims_io_watch_free(t->watch_esp);
	if (t->detour.name)
		ims_io_link_detour_del(t->link, &t->detour);
	if (t->tun >= 0)
		close(t->tun);
	if (t->esp >= 0)
		close(t->esp);
	ims_io_link_close(t->link);
	ims_io_lives_free(&t->lives);
	ims_ipsec_engine_free(t->engine);
	ims_wipe(t->packet, sizeof t->packet);
	ims_wipe(t->out, sizeof t->out);
	free(t);
}

static const struct ims_ipsec_backend_ops ops = {
	.name = "userspace",
	.protect = protect,
	.unprotect = unprotect,
	.add = add,
	.del = del,
	.life = life,
	.count = count,
	.free = tun_free,
};

static int open_both(struct tun *t, struct ims_flaw *why)
{
	int back, err = ims_io_netns_enter(t->conf.netns, &back, why);

	if (err)
		return err;
	t->esp = ims_io_sock_esp(t->conf.ip, why);
	if (t->esp >= 0)
		t->tun = ims_io_tun_open(t->name, why);
	ims_io_netns_leave(back);
	return t->esp < 0 ? t->esp : t->tun < 0 ? t->tun : 0;
}

static int set_up(struct tun *t, struct ims_flaw *why)
{
	struct ims_io_detour d = {.family = t->conf.ip.family, .name = t->name};
	int err = ims_io_link_open(t->conf.netns, &t->link, why), index;

	if (err)
		return err;
	if (ims_io_link_detour_sweep(t->link, d.family, TABLE))
		ims_trace(t->conf.trace, IMS_INFO, "io_tun",
			  "rules of a run that was killed are removed");
	index = ims_io_link_index(t->link, t->name, why);
	if (index < 0)
		return index;
	d.table = TABLE | (uint32_t)index;
	err = ims_io_link_tame(t->link, t->name, why);
	if (!err)
		err = ims_io_link_up(t->link, t->name, TUN_MTU, why);
	if (!err)
		err = ims_io_link_detour_add(t->link, &d, why);
	if (!err)
		t->detour = d;
	return err;
}

static int watch(struct tun *t)
{
	int err = ims_io_watch_new(t->conf.loop, t->esp, IMS_IO_READ, on_esp, t,
				   &t->watch_esp);

	if (err)
		return err;
	return ims_io_watch_new(t->conf.loop, t->tun, IMS_IO_READ, on_tun, t,
				&t->watch_tun);
}

static bool is_loopback6(struct ims_ip ip)
{
	static const struct ims_ip one = {.family = 6, .b = {[15] = 1}};

	return ims_ip_eq(ip, one);
}

int ims_io_tun_new(const struct ims_io_backend_conf *conf,
		   struct ims_ipsec_backend **out, struct ims_flaw *why)
{
	struct tun *t;
	int err;

	if (is_loopback6(conf->ip))
		return ims_flaw(why, -IMS_E_HERE,
				"::1 does not pass a TUN device; take another "
				"address, 127.0.0.1 for one");
	t = calloc(1, sizeof *t);
	if (!t || ims_io_lives_init(&t->lives, conf->loop, over, t)) {
		free(t);
		return ims_flaw(why, -IMS_E_NOMEM, "TUN back-end");
	}
	t->b.ops = &ops;
	t->conf = *conf;
	t->tun = t->esp = -1;
	memcpy(t->name, "ims%d", sizeof "ims%d");
	t->engine = ims_ipsec_engine_new(&t->conf.rnd);
	err = t->engine ? open_both(t, why)
			: ims_flaw(why, -IMS_E_NOMEM, "ESP engine");
	if (!err)
		err = set_up(t, why);
	if (!err)
		err = watch(t);
	if (err) {
		tun_free(&t->b);
		return err;
	}
	t->b.device = t->name;
	*out = &t->b;
	return 0;
}
