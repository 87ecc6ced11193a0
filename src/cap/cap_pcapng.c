/* SPDX-License-Identifier: BSD-2-Clause */
/* cap_pcapng.c - gathers packets, names and keys; writes them as pcapng. */
#include "cap_pcapng.h"

#include "base_list.h"
#include "base_mem.h"
#include "base_trace.h"
#include "cap_priv.h"
#include "ipsec_wireshark.h"

#include <stdlib.h>
#include <string.h>

#define SHB 0x0A0D0D0A
#define IDB 1
#define NRB 4
#define EPB 6
#define DSB 10
#define OPT_END 0
#define OPT_COMMENT 1
#define SHB_APP 4
#define IDB_NAME 2
#define IDB_TSRESOL 9
#define NRB_END 0
#define NRB_IPV4 1
#define NRB_IPV6 2

struct ims_capture *ims_capture_new(enum ims_link link, const char *ifname,
				    const char *app)
{
	struct ims_capture *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->link = link;
	snprintf(c->ifname, sizeof c->ifname, "%s", ifname);
	snprintf(c->app, sizeof c->app, "%s", app);
	ims_list_init(&c->packets);
	ims_list_init(&c->names);
	ims_list_init(&c->sets);
	ims_list_init(&c->messages);
	return c;
}

void ims_capture_free(struct ims_capture *c)
{
	if (!c)
		return;
	ims_list_each (pos, &c->packets)
		free(ims_container(pos, struct cap_packet, node));
	ims_list_each (pos, &c->names)
		free(ims_container(pos, struct cap_name, node));
	ims_list_each (pos, &c->messages)
		free(ims_container(pos, struct cap_message, node));
	ims_list_each (pos, &c->sets) {
		struct cap_set *s = ims_container(pos, struct cap_set, node);

		ims_cap_close_esp(s);
		ims_ipsec_set_wipe(&s->set);
		free(s);
	}
	free(c);
}

int ims_capture_name(struct ims_capture *c, struct ims_ip ip, const char *name)
{
	struct cap_name *n = calloc(1, sizeof *n);

	if (!n)
		return -IMS_E_NOMEM;
	n->ip = ip;
	ims_printable(ims_str(name), n->name, sizeof n->name);
	ims_list_add(&c->names, &n->node);
	return 0;
}

static bool same_sas(const struct ims_ipsec_set *a,
		     const struct ims_ipsec_set *b)
{
	for (int i = 0; i < IMS_N_ARROWS; i++)
		if (a->sa[i].spi != b->sa[i].spi ||
		    !ims_addr_eq(a->sa[i].dst, b->sa[i].dst))
			return false;
	return true;
}

int ims_capture_set(struct ims_capture *c, const struct ims_ipsec_set *set)
{
	struct cap_set *s;

	ims_list_each (pos, &c->sets) {
		if (same_sas(&ims_container(pos, struct cap_set, node)->set,
			     set))
			return 0; /* the other side told it already */
	}
	s = calloc(1, sizeof *s);
	if (!s)
		return -IMS_E_NOMEM;
	s->set = *set;
	ims_list_add(&c->sets, &s->node);
	return 0;
}

int ims_capture_packet(struct ims_capture *c, uint64_t wall_ns,
		       const uint8_t *p, size_t n)
{
	struct cap_packet *k = malloc(sizeof *k + n);

	if (!k)
		return -IMS_E_NOMEM;
	k->ns = wall_ns;
	k->n = n;
	memcpy(k->b, p, n);
	ims_list_add(&c->packets, &k->node);
	c->n_packets++;
	return 0;
}

int ims_capture_message(struct ims_capture *c, struct ims_str bytes,
			const char *comment)
{
	struct cap_message *m = calloc(1, sizeof *m);

	if (!m)
		return -IMS_E_NOMEM;
	m->n = bytes.n < sizeof m->start ? bytes.n : sizeof m->start;
	memcpy(m->start, bytes.p, m->n);
	ims_printable(ims_str(comment), m->comment, sizeof m->comment);
	ims_list_add(&c->messages, &m->node);
	return 0;
}

size_t ims_capture_packets(const struct ims_capture *c)
{
	return c->n_packets;
}

/* --- blocks -------------------------------------------------------------
 * A block is built in memory (host byte order, as the magic says) and put as
 * a whole; what does not fit is an error, never a broken file.
 */
struct block {
	uint8_t *p;
	size_t cap, n;
	bool over;
};

static void put(struct block *b, const void *p, size_t n)
{
	static const uint8_t zero[4];
	size_t pad = (4 - n % 4) % 4;

	if (b->over || b->n + n + pad + 4 > b->cap) {
		b->over = true;
		return;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	memcpy(b->p + b->n + n, zero, pad);
	b->n += n + pad;
}

static void put32(struct block *b, uint32_t v)
{
	put(b, &v, 4);
}

static void put16x2(struct block *b, uint16_t x, uint16_t y)
{
	uint16_t v[2] = {x, y};

	put(b, v, 4);
}

static void option(struct block *b, uint16_t code, const void *p, size_t n)
{
	put16x2(b, code, (uint16_t)n);
	put(b, p, n);
}

static void begin(struct block *b, uint32_t type)
{
	b->n = 0;
	b->over = false;
	put32(b, type);
	put32(b, 0); /* the length, known at the end */
}

static int finish(struct block *b, const struct cap_sink *to)
{
	uint32_t len = (uint32_t)(b->n + 4);

	if (b->over)
		return -IMS_E_TOOBIG;
	memcpy(b->p + 4, &len, 4);
	memcpy(b->p + b->n, &len, 4);
	return to->put(to->arg, b->p, len);
}

/* What the secrets block does not say: so the file alone is enough. */
static void ports_comment(struct block *b, const struct ims_capture *c)
{
	uint16_t port[64];
	size_t n = ims_capture_ports(c, port, 64);
	char mem[512];
	struct ims_buf text;

	if (!n)
		return;
	ims_buf_init(&text, mem, sizeof mem);
	ims_buf_puts(&text, IMS_CAP_PORTS);
	for (size_t i = 0; i < n; i++)
		ims_buf_printf(&text, " %u", port[i]);
	option(b, OPT_COMMENT, text.p, text.n);
}

static int section(struct block *b, const struct ims_capture *c,
		   const struct cap_sink *to)
{
	static const uint64_t unknown = UINT64_MAX;

	begin(b, SHB);
	put32(b, 0x1A2B3C4D);
	put16x2(b, 1, 0);
	put(b, &unknown, 8);
	ports_comment(b, c);
	option(b, SHB_APP, c->app, strlen(c->app));
	put16x2(b, OPT_END, 0);
	return finish(b, to);
}

static int interface(struct block *b, const struct ims_capture *c,
		     const struct cap_sink *to)
{
	static const uint8_t nanoseconds = 9;

	begin(b, IDB);
	put16x2(b, (uint16_t)c->link, 0);
	put32(b, 0); /* no limit of length */
	option(b, IDB_NAME, c->ifname, strlen(c->ifname));
	option(b, IDB_TSRESOL, &nanoseconds, 1);
	put16x2(b, OPT_END, 0);
	return finish(b, to);
}

static int names(struct block *b, const struct ims_capture *c,
		 const struct cap_sink *to)
{
	if (ims_list_empty(&c->names))
		return 0;
	begin(b, NRB);
	ims_list_each (pos, &c->names) {
		const struct cap_name *n =
			ims_container(pos, struct cap_name, node);
		size_t ip = ims_ip_len(n->ip), len = strlen(n->name) + 1;
		uint8_t both[16 + sizeof n->name];

		memcpy(both, n->ip.b, ip);
		memcpy(both + ip, n->name, len);
		put16x2(b, ip == 4 ? NRB_IPV4 : NRB_IPV6, (uint16_t)(ip + len));
		put(b, both, ip + len);
	}
	put16x2(b, NRB_END, 0);
	return finish(b, to);
}

static int secrets(struct block *b, const struct ims_capture *c,
		   const struct cap_sink *to)
{
	char mem[IMS_WIRESHARK_LINES];
	int err = 0;

	ims_list_each (pos, &c->sets) {
		const struct cap_set *s =
			ims_container(pos, struct cap_set, node);
		struct ims_buf text;

		if (err)
			break;
		ims_buf_init(&text, mem, sizeof mem);
		err = ims_ipsec_wireshark_secrets(&s->set, &text);
		begin(b, DSB);
		put32(b, IMS_WIRESHARK_SECRETS_TYPE);
		put32(b, (uint32_t)text.n);
		put(b, text.p, text.n);
		if (!err)
			err = finish(b, to);
	}
	ims_wipe(mem, sizeof mem);
	return err;
}

static int packet(struct block *b, struct ims_capture *c,
		  const struct cap_packet *k, const struct cap_sink *to)
{
	const char *comment = ims_cap_comment(c, k);

	begin(b, EPB);
	put32(b, 0);
	put32(b, (uint32_t)(k->ns >> 32));
	put32(b, (uint32_t)k->ns);
	put32(b, (uint32_t)k->n);
	put32(b, (uint32_t)k->n);
	put(b, k->b, k->n);
	if (comment) {
		option(b, OPT_COMMENT, comment, strlen(comment));
		put16x2(b, OPT_END, 0);
	}
	return finish(b, to);
}

int ims_capture_write(struct ims_capture *c,
		      int (*put_fn)(void *arg, const void *p, size_t n),
		      void *arg)
{
	struct cap_sink to = {put_fn, arg};
	struct block b = {.cap = CAP_BLOCK, .p = malloc(CAP_BLOCK)};
	int err = b.p ? section(&b, c, &to) : -IMS_E_NOMEM;

	if (!err)
		err = interface(&b, c, &to);
	if (!err)
		err = names(&b, c, &to);
	if (!err)
		err = secrets(&b, c, &to);
	ims_list_each (pos, &c->packets) {
		if (!err)
			err = packet(&b, c,
				     ims_container(pos, struct cap_packet,
						   node),
				     &to);
	}
	if (b.p)
		ims_wipe(b.p, CAP_BLOCK);
	free(b.p);
	return err;
}

int ims_capture_esp_sa(const struct ims_capture *c,
		       int (*put_fn)(void *arg, const void *p, size_t n),
		       void *arg)
{
	char mem[IMS_WIRESHARK_LINES];
	int err = 0;

	ims_list_each (pos, &c->sets) {
		const struct cap_set *s =
			ims_container(pos, struct cap_set, node);
		struct ims_buf text;

		if (err)
			break;
		ims_buf_init(&text, mem, sizeof mem);
		err = ims_ipsec_wireshark_esp_sa(&s->set, &text);
		if (err == -IMS_E_ALGO)
			err = 0; /* GMAC: nothing that Wireshark could open */
		else if (!err)
			err = put_fn(arg, text.p, text.n);
	}
	ims_wipe(mem, sizeof mem);
	return err;
}

static void port_add(uint16_t *port, size_t *n, size_t max, uint16_t p)
{
	size_t i = 0;

	while (i < *n && port[i] < p)
		i++;
	if ((i < *n && port[i] == p) || *n == max)
		return;
	memmove(port + i + 1, port + i, (*n - i) * sizeof *port);
	port[i] = p;
	++*n;
}

size_t ims_capture_ports(const struct ims_capture *c, uint16_t *port,
			 size_t max)
{
	size_t n = 0;

	ims_list_each (pos, &c->sets) {
		const struct ims_ipsec_set *s =
			&ims_container(pos, struct cap_set, node)->set;

		for (int a = 0; a < IMS_N_ARROWS; a++)
			port_add(port, &n, max, s->sa[a].src.port);
	}
	return n;
}
