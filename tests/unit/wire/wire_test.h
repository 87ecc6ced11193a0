/* SPDX-License-Identifier: BSD-2-Clause */
/* wire_test.h - two hosts on a wire, a UE's and a P-CSCF's, and what they
 * heard.
 */
#ifndef IMS_WIRE_TEST_H
#define IMS_WIRE_TEST_H

#include "base_heap.h"
#include "ipsec_packet.h"
#include "wire.h"

#include "test.h"

#define UE_CLEAR 5070
#define P_CLEAR 5060
#define PORT_UC 38003
#define PORT_US 39003
#define PORT_PC 50717
#define PORT_PS 50718
#define HEARD_MAX 16
#define TAPPED_MAX 256
#define BIG 60000

/* What one host told whoever runs it. */
struct heard {
	struct ims_host *host;
	struct ims_ip ip;
	unsigned n, n_dropped, n_unsent, n_gone;
	uint32_t gone; /* the last set that went by itself */
	struct ims_flow flow[HEARD_MAX];
	char *text[HEARD_MAX];
	size_t len[HEARD_MAX];
	int dropped[HEARD_MAX];
	struct ims_flow dropped_flow[HEARD_MAX];
	uint32_t unsent_ref[HEARD_MAX];
	int unsent_err[HEARD_MAX];
	/* If set, the message handler removes this set: as a role may. */
	uint32_t del_set;
};

struct tapped {
	size_t n;
	uint8_t *b;
};

struct net {
	struct ims_wire *wire;
	struct heard ue, p;
	uint64_t seed;
	struct tapped tap[TAPPED_MAX];
	unsigned n_tap;
	/* fates for the next UDP packets, in order; then all is well */
	struct ims_wire_fate fate[8];
	unsigned n_fate, at_fate;
};

static inline void on_message(void *arg, const struct ims_flow *flow,
			      struct ims_str bytes)
{
	struct heard *h = arg;

	assert_true(h->n < HEARD_MAX);
	if (h->del_set)
		h->host->ops->sa_del(h->host, h->del_set);
	h->flow[h->n] = *flow;
	h->len[h->n] = bytes.n;
	h->text[h->n] = malloc(bytes.n + 1);
	assert_non_null(h->text[h->n]);
	memcpy(h->text[h->n], bytes.p, bytes.n);
	h->text[h->n++][bytes.n] = '\0';
}

static inline void on_unsent(void *arg, const struct ims_flow *flow,
			     uint32_t ref, int err, const struct ims_flaw *why)
{
	struct heard *h = arg;

	assert_true(h->n_unsent < HEARD_MAX);
	assert_true(*why->text);
	h->unsent_ref[h->n_unsent] = ref;
	h->unsent_err[h->n_unsent++] = err;
	(void)flow;
}

static inline void on_dropped(void *arg, const struct ims_flow *flow, int err)
{
	struct heard *h = arg;

	assert_true(h->n_dropped < HEARD_MAX);
	h->dropped_flow[h->n_dropped] = *flow;
	h->dropped[h->n_dropped++] = err;
}

static inline void on_tap(void *arg, uint64_t now_ms, const uint8_t *ip,
			  size_t n)
{
	struct net *net = arg;
	struct tapped *t;

	(void)now_ms;
	assert_true(net->n_tap < TAPPED_MAX);
	t = &net->tap[net->n_tap++];
	t->b = malloc(n);
	assert_non_null(t->b);
	memcpy(t->b, ip, n);
	t->n = n;
}

static inline struct ims_wire_fate on_fate(void *arg, const uint8_t *ip,
					   size_t n)
{
	struct net *net = arg;

	(void)ip;
	(void)n;
	if (net->at_fate < net->n_fate)
		return net->fate[net->at_fate++];
	return (struct ims_wire_fate){0};
}

static inline struct ims_ip net_ip(const char *text)
{
	struct ims_ip ip = {0};

	assert_int_equal(ims_ip_parse(ims_str(text), &ip), 0);
	return ip;
}

static inline void on_gone(void *arg, uint32_t set, int err,
			   const struct ims_flaw *why)
{
	struct heard *h = arg;

	assert_int_equal(why->err, err);
	h->gone = set;
	h->n_gone++;
}

static inline void net_host(struct net *net, struct heard *h, const char *ip)
{
	struct ims_host_up up = {.message = on_message,
				 .unsent = on_unsent,
				 .dropped = on_dropped,
				 .sa_gone = on_gone,
				 .arg = h};

	h->ip = net_ip(ip);
	assert_int_equal(ims_wire_host_new(net->wire, h->ip, &up, &h->host), 0);
}

static inline int net_hold(struct heard *h, uint16_t port, bool is_protected)
{
	struct ims_flaw why = {0};

	return h->host->ops->hold(h->host, (struct ims_addr){h->ip, port},
				  is_protected, &why);
}

static inline struct net *net_new(int family)
{
	struct net *net = calloc(1, sizeof *net);
	struct ims_wire_eye eye = {on_tap, on_fate, net};
	struct ims_rand rnd;

	assert_non_null(net);
	net->seed = 42;
	rnd = ims_rand_seeded(&net->seed);
	net->wire = ims_wire_new(&rnd, &eye, 1000);
	assert_non_null(net->wire);
	net_host(net, &net->ue, family == 4 ? "192.0.2.10" : "2001:db8::10");
	net_host(net, &net->p, family == 4 ? "192.0.2.1" : "2001:db8::1");
	assert_int_equal(net_hold(&net->ue, UE_CLEAR, false), 0);
	assert_int_equal(net_hold(&net->p, P_CLEAR, false), 0);
	assert_int_equal(net_hold(&net->p, PORT_PC, true), 0);
	assert_int_equal(net_hold(&net->p, PORT_PS, true), 0);
	return net;
}

static inline void heard_forget(struct heard *h)
{
	for (unsigned i = 0; i < h->n; i++)
		free(h->text[i]);
	h->n = h->n_dropped = h->n_unsent = 0;
}

static inline void tap_forget(struct net *net)
{
	for (unsigned i = 0; i < net->n_tap; i++)
		free(net->tap[i].b);
	net->n_tap = 0;
}

static inline void net_free(struct net *net)
{
	heard_forget(&net->ue);
	heard_forget(&net->p);
	if (net->ue.host)
		net->ue.host->ops->free(net->ue.host);
	if (net->p.host)
		net->p.host->ops->free(net->p.host);
	ims_wire_free(net->wire);
	tap_forget(net);
	free(net);
}

/* Until nothing is under way. */
static inline void net_run(struct net *net)
{
	uint64_t due;

	while ((due = ims_wire_due(net->wire)) != IMS_NEVER)
		assert_true(ims_wire_step(net->wire, due));
}

static inline struct ims_ipsec_set net_set(const struct net *net, uint32_t id,
					   struct ims_ipsec_suite suite,
					   bool ue)
{
	static const uint8_t ck[16] = {1, 2, 3, 4, 5}, ik[16] = {9, 8, 7, 6};
	struct ims_addr uc = {net->ue.ip, PORT_UC}, us = {net->ue.ip, PORT_US};
	struct ims_addr pc = {net->p.ip, PORT_PC}, ps = {net->p.ip, PORT_PS};
	struct ims_ipsec_set s = {.id = id, .ue = ue, .suite = suite};

	s.sa[IMS_UC_TO_PS] = (struct ims_ipsec_sa){uc, ps, 2821032177};
	s.sa[IMS_PS_TO_UC] = (struct ims_ipsec_sa){ps, uc, 565817};
	s.sa[IMS_PC_TO_US] = (struct ims_ipsec_sa){pc, us, 565818};
	s.sa[IMS_US_TO_PC] = (struct ims_ipsec_sa){us, pc, 3458785863};
	assert_int_equal(ims_ipsec_expand(suite, ck, ik, &s.keys), 0);
	return s;
}

static inline int net_add(struct net *net, struct heard *h, uint32_t id,
			  struct ims_ipsec_suite suite)
{
	struct ims_ipsec_set s = net_set(net, id, suite, h == &net->ue);
	struct ims_flaw why = {0};

	return h->host->ops->sa_add(h->host, &s, &why);
}

/* Set 7 at the UE, set 3 at the P-CSCF: each side names its own. */
static inline void net_secure(struct net *net, struct ims_ipsec_suite suite)
{
	assert_int_equal(net_add(net, &net->ue, 7, suite), 0);
	assert_int_equal(net_add(net, &net->p, 3, suite), 0);
}

static inline struct ims_flow net_flow(const struct heard *from, uint16_t sport,
				       const struct heard *to, uint16_t dport,
				       enum ims_transport t, uint32_t set)
{
	return (struct ims_flow){.local = {from->ip, sport},
				 .remote = {to->ip, dport},
				 .transport = t,
				 .set = set};
}

static inline int net_send(struct heard *h, struct ims_flow flow,
			   struct ims_str bytes, uint32_t ref)
{
	struct ims_flaw why = {0};

	return h->host->ops->send(h->host, &flow, bytes, ref, &why);
}

/* A message with a body of n bytes, as TCP framing wants it; freed by the
 * caller.
 */
static inline struct ims_str net_message(const char *name, size_t n)
{
	char *mem = malloc(n + 200);
	int head;

	assert_non_null(mem);
	head = snprintf(mem, 200,
			"OPTIONS sip:%s SIP/2.0\r\nContent-Length: %zu\r\n\r\n",
			name, n);
	for (size_t i = 0; i < n; i++)
		mem[(size_t)head + i] = (char)('a' + i % 26);
	return ims_str_n(mem, (size_t)head + n);
}

/* The protocol number that the tapped packet has on the wire. */
static inline uint8_t tap_proto(const struct net *net, unsigned i)
{
	struct ims_packet p;

	assert_int_equal(ims_packet_parse(net->tap[i].b, net->tap[i].n, &p), 0);
	return p.proto;
}

#endif
