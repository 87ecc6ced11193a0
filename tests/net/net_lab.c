/* SPDX-License-Identifier: BSD-2-Clause */
/* net_lab.c - the two hosts. */
#include "net_lab.h"

#include <unistd.h>

#include "io_sock.h"

static const char *const devices[2] = {"veth-ue", "veth-net"};

bool lab_possible(void)
{
	struct ims_flaw why = {0};
	int ns = ims_io_netns_new(&why), err = ns < 0 ? ns : 0;

	if (!err)
		err = ims_io_probe_tun(ns, &why);
	if (!err && lab_ipsec() == IMS_IPSEC_KERNEL)
		err = ims_io_probe_kernel(ns, 4, &why);
	if (ns >= 0)
		close(ns);
	if (err)
		printf("skipped: %s\n", why.text);
	return !err;
}

enum ims_io_ipsec lab_ipsec(void)
{
	const char *word = getenv("IMS_NET_IPSEC");
	int i = ims_io_ipsec_find(ims_str(word ? word : "userspace"));

	assert_true(i >= 0);
	return (enum ims_io_ipsec)i;
}

static void on_message(void *arg, const struct ims_flow *flow,
		       struct ims_str bytes)
{
	struct heard *h = arg;

	assert_true(bytes.n <= sizeof h->bytes);
	h->messages++;
	h->flow = *flow;
	memcpy(h->bytes, bytes.p, bytes.n);
	h->n = bytes.n;
}

static void on_unsent(void *arg, const struct ims_flow *flow, uint32_t ref,
		      int err, const struct ims_flaw *why)
{
	struct heard *h = arg;

	assert_int_equal(why->err, err);
	h->unsent++;
	h->flow = *flow;
	h->ref = ref;
	h->why = *why;
}

static void on_dropped(void *arg, const struct ims_flow *flow, int err)
{
	struct heard *h = arg;

	(void)flow;
	h->dropped++;
	h->dropped_as[-err]++;
}

static void on_sa_gone(void *arg, uint32_t set, int err,
		       const struct ims_flaw *why)
{
	struct heard *h = arg;

	assert_int_equal(why->err, err);
	h->gone++;
	h->gone_set = set;
}

static void must(struct lab *lab, int err)
{
	if (err < 0)
		fail_msg("%d: %s", err, lab->flaw.text);
}

static void wire(struct lab *lab)
{
	for (int i = 0; i < 2; i++) {
		lab->ns[i] = ims_io_netns_new(&lab->flaw);
		must(lab, lab->ns[i]);
	}
	for (int i = 0; i < 2; i++) {
		struct ims_io_link *l;
		unsigned prefix = lab->ip[i].family == 4 ? 24 : 64;

		must(lab, ims_io_link_open(lab->ns[i], &l, &lab->flaw));
		if (i == 0)
			must(lab, ims_io_link_veth(l, devices[0], lab->ns[1],
						   devices[1], &lab->flaw));
		must(lab, ims_io_link_addr(l, devices[i], lab->ip[i], prefix,
					   &lab->flaw));
		must(lab, ims_io_link_up(l, "lo", 0, &lab->flaw));
		must(lab, ims_io_link_up(l, devices[i], 1400, &lab->flaw));
		ims_io_link_close(l);
	}
	for (int i = 0; i < 2; i++) {
		struct ims_io_link *l;

		must(lab, ims_io_link_open(lab->ns[i], &l, &lab->flaw));
		must(lab, ims_io_link_ready(l, devices[i], lab->ip[i].family,
					    3000, &lab->flaw));
		ims_io_link_close(l);
	}
}

/* For who looks for a fault: IMS_NET_TRACE=1. */
static void say(void *arg, enum ims_level level, const char *topic,
		const char *text)
{
	(void)arg;
	if (getenv("IMS_NET_TRACE"))
		fprintf(stderr, "%s %s: %s\n", ims_level_name(level), topic,
			text);
}

int lab_host(struct lab *lab, int who, enum ims_io_ipsec ipsec)
{
	static const struct ims_trace trace = {IMS_TRACE, say, NULL};
	struct ims_io_host_conf conf = {.ip = lab->ip[who],
					.trace = &trace,
					.netns = lab->ns[who],
					.ipsec = ipsec,
					.network = who == NET,
					.rnd = ims_rand_seeded(&lab->chance)};
	struct ims_host_up up = {.message = on_message,
				 .unsent = on_unsent,
				 .dropped = on_dropped,
				 .sa_gone = on_sa_gone,
				 .arg = &lab->heard[who]};

	return ims_io_host_new(lab->loop, &conf, &up, &lab->host[who],
			       &lab->flaw);
}

void lab_up(struct lab *lab, int family)
{
	const char *const addr[2][2] = {{"192.0.2.1", "192.0.2.2"},
					{"2001:db8::1", "2001:db8::2"}};

	memset(lab, 0, sizeof *lab);
	lab->loop = ims_io_loop_new();
	assert_non_null(lab->loop);
	for (int i = 0; i < 2; i++)
		assert_int_equal(ims_ip_parse(ims_str(addr[family == 6][i]),
					      &lab->ip[i]),
				 0);
	wire(lab);
	for (int i = 0; i < 2; i++)
		must(lab, lab_host(lab, i, lab_ipsec()));
}

void lab_down(struct lab *lab)
{
	for (int i = 0; i < 2; i++) {
		if (lab->host[i])
			lab->host[i]->ops->free(lab->host[i]);
		if (lab->ns[i] >= 0)
			close(lab->ns[i]);
	}
	ims_io_loop_free(lab->loop);
}

struct ims_addr lab_addr(const struct lab *lab, int who, uint16_t port)
{
	return (struct ims_addr){lab->ip[who], port};
}

void lab_hold(struct lab *lab)
{
	struct ims_host *h = lab->host[NET];

	must(lab,
	     h->ops->hold(h, lab_addr(lab, NET, PORT_PC), true, &lab->flaw));
	must(lab,
	     h->ops->hold(h, lab_addr(lab, NET, PORT_PS), true, &lab->flaw));
}

struct ims_ipsec_set lab_set(const struct lab *lab, int who, uint32_t id,
			     struct ims_ipsec_suite suite)
{
	static const uint8_t ck[16] = "CK of the lab 01",
			     ik[16] = "IK of the lab 0";
	struct ims_addr uc = lab_addr(lab, UE, PORT_UC);
	struct ims_addr us = lab_addr(lab, UE, PORT_US);
	struct ims_addr pc = lab_addr(lab, NET, PORT_PC);
	struct ims_addr ps = lab_addr(lab, NET, PORT_PS);
	struct ims_ipsec_set s = {
		.id = id,
		.ue = who == UE,
		.suite = suite,
		.sa = {[IMS_UC_TO_PS] = {uc, ps, 0x10000 + id},
		       [IMS_PS_TO_UC] = {ps, uc, 0x20000 + id},
		       [IMS_PC_TO_US] = {pc, us, 0x30000 + id},
		       [IMS_US_TO_PC] = {us, pc, 0x40000 + id}}};

	assert_int_equal(ims_ipsec_expand(suite, ck, ik, &s.keys), 0);
	return s;
}

void lab_secure(struct lab *lab, uint32_t id, struct ims_ipsec_suite suite)
{
	lab_secure_for(lab, id, suite, 0);
}

void lab_secure_for(struct lab *lab, uint32_t id, struct ims_ipsec_suite suite,
		    uint32_t life_s)
{
	for (int i = 0; i < 2; i++) {
		struct ims_ipsec_set s = lab_set(lab, i, id, suite);

		s.life_s = life_s;
		must(lab,
		     lab->host[i]->ops->sa_add(lab->host[i], &s, &lab->flaw));
	}
}

struct ims_flow lab_flow(const struct lab *lab, int who, uint16_t local,
			 uint16_t remote, enum ims_transport t, uint32_t set)
{
	return (struct ims_flow){.local = lab_addr(lab, who, local),
				 .remote = lab_addr(lab, !who, remote),
				 .transport = t,
				 .set = set};
}

struct ims_str lab_text(size_t n, const char *tag)
{
	char *p = malloc(n + 200);
	int head;

	assert_non_null(p);
	head = snprintf(p, 200,
			"REGISTER sip:lab SIP/2.0\r\nCall-ID: %s\r\n"
			"Content-Length: %zu\r\n\r\n",
			tag, n);
	memset(p + head, 'x', n);
	return ims_str_n(p, (size_t)head + n);
}

bool lab_wait(struct lab *lab, const unsigned *count, unsigned want,
	      unsigned ms)
{
	uint64_t end = ims_io_loop_now(lab->loop) + ms;

	while (*count < want && ims_io_loop_now(lab->loop) < end)
		ims_io_loop_run_for(lab->loop, 2);
	return *count >= want;
}

void lab_pass(struct lab *lab, int from, const struct ims_flow *f,
	      struct ims_str text)
{
	struct heard *to = &lab->heard[!from];
	unsigned want = to->messages + 1;

	must(lab, lab->host[from]->ops->send(lab->host[from], f, text, 7,
					     &lab->flaw));
	if (!lab_wait(lab, &to->messages, want, 3000))
		fail_msg(
			"IPv%d: nothing came; unsent: %u %s; dropped there: %u",
			f->local.ip.family, lab->heard[from].unsent,
			lab->heard[from].why.text, to->dropped);
	assert_int_equal(to->messages, want);
	assert_int_equal(to->n, text.n);
	assert_memory_equal(to->bytes, text.p, text.n);
	assert_true(ims_addr_eq(to->flow.local, f->remote));
	assert_true(ims_addr_eq(to->flow.remote, f->local));
	assert_int_equal(to->flow.transport, f->transport);
	assert_int_equal(to->flow.set, f->set);
	assert_int_equal(to->flow.conn != 0, f->transport == IMS_TCP);
}

char *lab_shell(struct lab *lab, int who, const char *command)
{
	char *out = calloc(1, 65536);
	int back;
	FILE *f;

	assert_non_null(out);
	must(lab, ims_io_netns_enter(lab->ns[who], &back, &lab->flaw));
	f = popen(command, "r");
	assert_non_null(f);
	assert_true(fread(out, 1, 65535, f) < 65535);
	pclose(f);
	ims_io_netns_leave(back);
	return out;
}

int lab_socket(struct lab *lab, int who, int type, struct ims_addr local)
{
	union ims_io_sa sa;
	socklen_t n = ims_io_sa_from(local, &sa);
	int back, fd;

	must(lab, ims_io_netns_enter(lab->ns[who], &back, &lab->flaw));
	fd = socket(sa.sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &sa.sa, n), 0);
	ims_io_netns_leave(back);
	return fd;
}
