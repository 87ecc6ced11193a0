/* SPDX-License-Identifier: BSD-2-Clause */
/* ipsec_engine.c - the SAs of a host, found by what a packet shows: going out
 * by addresses and ports, coming in by destination and SPI.
 */
#include "ipsec_engine.h"

#include <assert.h>
#include <stdlib.h>

#include "base_list.h"
#include "base_map.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ESP = 50 };

/* One SA in one direction. */
struct lane {
	struct ims_map_node node; /* in lanes_out or lanes_in */
	struct ims_ipsec_sa sa;
	bool in;
	struct ims_esp *esp;
	struct ims_ipsec_count count;
};

struct set {
	struct ims_map_node node;
	uint32_t id;
	struct lane lane[IMS_N_ARROWS];
};

/* An SA that came in and was removed: what was on its way to it, as the end of
 * a TCP connection, is no news.  Whoever goes on sending is.
 */
struct late {
	struct ims_ip dst;
	uint32_t spi;
	unsigned left; /* packets that nobody hears of */
};
#define LATE 64
#define LATE_PACKETS 8

struct ims_ipsec_engine {
	struct ims_rand rnd;
	uint32_t seed;
	struct ims_map sets, lanes_out, lanes_in;
	uint64_t drops[IMS_E_LAST];
	struct late late[LATE];
	unsigned at_late;
};

struct ims_ipsec_engine *ims_ipsec_engine_new(const struct ims_rand *rnd)
{
	struct ims_ipsec_engine *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->rnd = *rnd;
	if (ims_rand_fill(rnd, &e->seed, sizeof e->seed) ||
	    ims_map_init(&e->sets) || ims_map_init(&e->lanes_out) ||
	    ims_map_init(&e->lanes_in)) {
		ims_ipsec_engine_free(e);
		return NULL;
	}
	return e;
}

static void set_free(struct set *s)
{
	for (int a = 0; a < IMS_N_ARROWS; a++)
		ims_esp_free(s->lane[a].esp);
	free(s);
}

void ims_ipsec_engine_free(struct ims_ipsec_engine *e)
{
	struct ims_map_node *n, *next;

	if (!e)
		return;
	for (n = ims_map_each(&e->sets, NULL); n; n = next) {
		next = ims_map_each(&e->sets, n);
		set_free(ims_container(n, struct set, node));
	}
	ims_map_free(&e->sets);
	ims_map_free(&e->lanes_out);
	ims_map_free(&e->lanes_in);
	free(e);
}

static uint32_t id_hash(const struct ims_ipsec_engine *e, uint32_t id)
{
	return ims_str_hash(ims_str_n(&id, sizeof id), e->seed);
}

static uint32_t out_hash(const struct ims_ipsec_engine *e,
			 const struct ims_addr *src, const struct ims_addr *dst)
{
	return ims_addr_hash(*dst, ims_addr_hash(*src, e->seed));
}

static uint32_t in_hash(const struct ims_ipsec_engine *e, struct ims_ip dst,
			uint32_t spi)
{
	struct ims_addr a = {dst, 0};

	return ims_addr_hash(a, e->seed ^ spi);
}

static struct set *find_set(const struct ims_ipsec_engine *e, uint32_t id)
{
	uint32_t h = id_hash(e, id);
	struct ims_map_node *n = ims_map_first(&e->sets, h);

	for (; n; n = ims_map_next(n, h))
		if (ims_container(n, struct set, node)->id == id)
			return ims_container(n, struct set, node);
	return NULL;
}

static struct lane *find_out(const struct ims_ipsec_engine *e,
			     const struct ims_addr *src,
			     const struct ims_addr *dst)
{
	uint32_t h = out_hash(e, src, dst);
	struct ims_map_node *n = ims_map_first(&e->lanes_out, h);
	struct lane *l;

	for (; n; n = ims_map_next(n, h)) {
		l = ims_container(n, struct lane, node);
		if (ims_addr_eq(l->sa.src, *src) &&
		    ims_addr_eq(l->sa.dst, *dst))
			return l;
	}
	return NULL;
}

static struct lane *find_in(const struct ims_ipsec_engine *e, struct ims_ip dst,
			    uint32_t spi)
{
	uint32_t h = in_hash(e, dst, spi);
	struct ims_map_node *n = ims_map_first(&e->lanes_in, h);
	struct lane *l;

	for (; n; n = ims_map_next(n, h)) {
		l = ims_container(n, struct lane, node);
		if (l->sa.spi == spi && ims_ip_eq(l->sa.dst.ip, dst))
			return l;
	}
	return NULL;
}

static void link_lane(struct ims_ipsec_engine *e, struct lane *l)
{
	if (l->in)
		ims_map_add(&e->lanes_in, &l->node,
			    in_hash(e, l->sa.dst.ip, l->sa.spi));
	else
		ims_map_add(&e->lanes_out, &l->node,
			    out_hash(e, &l->sa.src, &l->sa.dst));
}

static void unlink_lane(struct ims_ipsec_engine *e, struct lane *l)
{
	ims_map_del(l->in ? &e->lanes_in : &e->lanes_out, &l->node);
}

/* Could this SA stand beside those that are there? */
static bool lane_free(const struct ims_ipsec_engine *e,
		      const struct ims_ipsec_sa *sa, bool in)
{
	return in ? !find_in(e, sa->dst.ip, sa->spi)
		  : !find_out(e, &sa->src, &sa->dst);
}

/* Links them one by one, so that two SAs of one set cannot clash either. */
static int link_set(struct ims_ipsec_engine *e, struct set *s)
{
	int a;

	for (a = 0; a < IMS_N_ARROWS; a++) {
		if (!lane_free(e, &s->lane[a].sa, s->lane[a].in))
			break;
		link_lane(e, &s->lane[a]);
	}
	if (a == IMS_N_ARROWS) {
		ims_map_add(&e->sets, &s->node, id_hash(e, s->id));
		return 0;
	}
	while (a-- > 0)
		unlink_lane(e, &s->lane[a]);
	return -IMS_E_SPI_TAKEN;
}

static int make_set(struct ims_ipsec_engine *e, const struct ims_ipsec_set *set,
		    struct set **out)
{
	struct set *s = calloc(1, sizeof *s);

	if (!s)
		return -IMS_E_NOMEM;
	s->id = set->id;
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		s->lane[a].sa = set->sa[a];
		s->lane[a].in = ims_ipsec_inbound(set, (enum ims_arrow)a);
		s->lane[a].esp = ims_esp_new(set->suite, &set->keys,
					     set->sa[a].spi, &e->rnd);
		if (!s->lane[a].esp) {
			set_free(s);
			return -IMS_E_ALGO;
		}
		if (set->live)
			ims_esp_live(s->lane[a].esp, &set->live->sa[a].seq,
				     &set->live->sa[a].window);
	}
	*out = s;
	return 0;
}

static bool sane(const struct ims_ipsec_set *set)
{
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		uint8_t family = set->sa[a].src.ip.family;

		if ((family != 4 && family != 6) ||
		    set->sa[a].dst.ip.family != family)
			return false;
	}
	return set->id != 0;
}

int ims_ipsec_engine_add(struct ims_ipsec_engine *e,
			 const struct ims_ipsec_set *set)
{
	struct set *s = NULL;
	int err;

	if (!sane(set))
		return -IMS_E_RANGE;
	if (find_set(e, set->id))
		return -IMS_E_EXISTS;
	if (set->adopt && !set->live)
		return -IMS_E_NOTFOUND;
	err = make_set(e, set, &s);
	if (err)
		return err;
	err = link_set(e, s);
	if (err)
		set_free(s);
	else if (set->live && !set->adopt)
		*set->live = (struct ims_ipsec_live){0};
	return err;
}

static void note_late(struct ims_ipsec_engine *e, const struct lane *l)
{
	if (!l->in)
		return;
	e->late[e->at_late] =
		(struct late){l->sa.dst.ip, l->sa.spi, LATE_PACKETS};
	e->at_late = (e->at_late + 1) % LATE;
}

static bool is_late(struct ims_ipsec_engine *e, struct ims_ip dst, uint32_t spi)
{
	for (size_t i = 0; i < LATE; i++) {
		struct late *l = &e->late[i];

		if (l->left && l->spi == spi && ims_ip_eq(l->dst, dst)) {
			l->left--;
			return true;
		}
	}
	return false;
}

int ims_ipsec_engine_del(struct ims_ipsec_engine *e, uint32_t id)
{
	struct set *s = find_set(e, id);

	if (!s)
		return -IMS_E_NOTFOUND;
	for (int a = 0; a < IMS_N_ARROWS; a++) {
		note_late(e, &s->lane[a]);
		unlink_lane(e, &s->lane[a]);
	}
	ims_map_del(&e->sets, &s->node);
	set_free(s);
	return 0;
}

int ims_ipsec_engine_count(const struct ims_ipsec_engine *e, uint32_t id,
			   struct ims_ipsec_count out[static IMS_N_ARROWS])
{
	const struct set *s = find_set(e, id);

	if (!s)
		return -IMS_E_NOTFOUND;
	for (int a = 0; a < IMS_N_ARROWS; a++)
		out[a] = s->lane[a].count;
	return 0;
}

size_t ims_ipsec_engine_size(const struct ims_ipsec_engine *e)
{
	return e->sets.n;
}

uint64_t ims_ipsec_engine_drops(const struct ims_ipsec_engine *e, int err)
{
	return err > 0 && err < IMS_E_LAST ? e->drops[err] : 0;
}

static void count_drop(struct lane *l, int err)
{
	switch (-err) {
	case IMS_E_ESP_REPLAY:
		l->count.replayed++;
		break;
	case IMS_E_ESP_ICV:
		l->count.bad_icv++;
		break;
	case IMS_E_ESP_SELECTOR:
		l->count.bad_selector++;
		break;
	default:
		l->count.malformed++;
		break;
	}
}

/* A packet that belongs to no SA. */
static int drop(struct ims_ipsec_engine *e, int err)
{
	e->drops[-err]++;
	return err;
}

/* A packet of this SA with a segment of n bytes, and its end. */
static int done(struct ims_ipsec_engine *e, struct lane *l, int got, size_t n)
{
	if (got < 0) {
		count_drop(l, got);
		return drop(e, got);
	}
	l->count.packets++;
	l->count.bytes += n;
	return got;
}

static int parse(const uint8_t *ip, size_t n, struct ims_packet *k)
{
	int err = ims_packet_parse(ip, n, k);

	return !err && k->fragment ? -IMS_E_ESP_SHORT : err;
}

static size_t head_len(const struct lane *l)
{
	return l->sa.dst.ip.family == 4 ? 20 : 40;
}

/* The length that an IP header can say: IPv4 counts itself. */
static int put_header(struct lane *l, uint8_t proto, size_t len, uint8_t *out)
{
	size_t head = head_len(l);

	if (len + (head == 20 ? head : 0) > UINT16_MAX)
		return -IMS_E_TOOBIG;
	ims_packet_header(out, l->sa.src.ip, l->sa.dst.ip, proto, len);
	return (int)(head + len);
}

static int seal_lane(struct lane *l, const struct ims_packet *k, uint8_t *out,
		     size_t cap)
{
	size_t head = head_len(l);
	int len;

	if (cap < head)
		return -IMS_E_TOOBIG;
	len = ims_esp_seal(l->esp, k->proto, k->payload, k->payload_len,
			   out + head, cap - head);
	return len < 0 ? len : put_header(l, PROTO_ESP, (size_t)len, out);
}

int ims_ipsec_engine_out(struct ims_ipsec_engine *e, const uint8_t *ip,
			 size_t n, uint8_t *out, size_t cap)
{
	struct ims_addr src, dst;
	struct ims_packet k;
	struct lane *l;
	int err = parse(ip, n, &k);

	if (err)
		return drop(e, err);
	if (k.proto != PROTO_UDP && k.proto != PROTO_TCP)
		return drop(e, -IMS_E_CLEAR);
	src = (struct ims_addr){k.src, k.sport};
	dst = (struct ims_addr){k.dst, k.dport};
	l = find_out(e, &src, &dst);
	if (!l)
		return drop(e, -IMS_E_CLEAR);
	return done(e, l, seal_lane(l, &k, out, cap), k.payload_len);
}

/* The ports inside must be those of the SA [33.203 7.1]. */
static int check_ports(const struct lane *l, uint8_t proto, const uint8_t *seg,
		       size_t n)
{
	uint16_t sport, dport;
	int err;

	if (proto != PROTO_UDP && proto != PROTO_TCP)
		return -IMS_E_ESP_SELECTOR;
	err = ims_packet_ports(proto, seg, n, &sport, &dport);
	if (err)
		return err;
	if (sport != l->sa.src.port || dport != l->sa.dst.port)
		return -IMS_E_ESP_SELECTOR;
	return 0;
}

static int open_lane(struct lane *l, const struct ims_packet *k, uint8_t *out,
		     size_t cap)
{
	size_t head = head_len(l);
	uint8_t proto;
	int len, err;

	/* The ICV does not cover the source: looked at before, so that a packet
	 * sent again from elsewhere cannot use up the number of the real one.
	 */
	if (!ims_ip_eq(k->src, l->sa.src.ip))
		return -IMS_E_ESP_SELECTOR;
	if (cap < head)
		return -IMS_E_TOOBIG;
	len = ims_esp_open(l->esp, k->payload, k->payload_len, &proto,
			   out + head, cap - head);
	if (len < 0)
		return len;
	err = check_ports(l, proto, out + head, (size_t)len);
	return err ? err : put_header(l, proto, (size_t)len, out);
}

int ims_ipsec_engine_in(struct ims_ipsec_engine *e, const uint8_t *ip, size_t n,
			uint8_t *out, size_t cap)
{
	struct ims_packet k;
	struct lane *l;
	uint32_t spi = 0;
	int got, err = parse(ip, n, &k);

	if (!err && k.proto != PROTO_ESP)
		err = -IMS_E_CLEAR;
	if (!err && k.payload_len < 4)
		err = -IMS_E_ESP_SHORT;
	if (err)
		return drop(e, err);
	for (int i = 0; i < 4; i++)
		spi = spi << 8 | k.payload[i];
	l = find_in(e, k.dst, spi);
	if (!l)
		return is_late(e, k.dst, spi) ? 0 : drop(e, -IMS_E_ESP_SPI);
	got = open_lane(l, &k, out, cap);
	return done(e, l, got, (size_t)got - head_len(l));
}
