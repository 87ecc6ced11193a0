/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_net.c - what is on its way: messages in flight, and connections.
 *
 * UDP is lost, doubled and overtaken.  TCP keeps order and loses nothing, but
 * takes its time, breaks, and says so late when nobody is there.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define SILENCE_MS 30000 /* TCP gives up */
#define FIRST_PORT 20000

void sim_net_init(struct sim_net *n, struct sim *sim)
{
	*n = (struct sim_net){.sim = sim};
}

void sim_net_free(struct sim_net *n)
{
	for (size_t i = 0; i < n->n; i++)
		free(n->v[i].bytes);
	free(n->v);
	free(n->conn);
	free(n->sim->captured.bytes);
}

static size_t first(const struct sim_net *n)
{
	size_t at = 0;

	for (size_t i = 1; i < n->n; i++)
		if (n->v[i].at_ms < n->v[at].at_ms ||
		    (n->v[i].at_ms == n->v[at].at_ms &&
		     n->v[i].order < n->v[at].order))
			at = i;
	return at;
}

uint64_t sim_net_next(const struct sim_net *n)
{
	return n->n ? n->v[first(n)].at_ms : IMS_NEVER;
}

static void put(struct sim_net *n, const struct sim_flight *f,
		struct ims_str bytes)
{
	struct sim_flight *at;

	if (n->n == n->cap) {
		n->cap = n->cap ? 2 * n->cap : 32;
		n->v = realloc(n->v, n->cap * sizeof *n->v);
		if (!n->v)
			abort();
	}
	at = &n->v[n->n++];
	*at = *f;
	at->order = ++n->orders;
	at->n = bytes.n;
	at->bytes = malloc(bytes.n + 1);
	if (!at->bytes)
		abort();
	memcpy(at->bytes, bytes.p, bytes.n);
}

static uint64_t latency(struct sim *s)
{
	uint64_t ms = 5 + sim_chance(s, 40);

	if (sim_permille(s, s->weather.late)) {
		ms += sim_chance(s, s->weather.late_ms + 1);
		sim_count(s, SIM_N_LATE);
	}
	return ms;
}

/* Will it be there before one that left earlier? */
static void count_overtaking(struct sim_net *n, const struct sim_flight *f)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->v[i].at_ms > f->at_ms && !n->v[i].conn &&
		    n->v[i].bytes && ims_addr_eq(n->v[i].src, f->src) &&
		    ims_addr_eq(n->v[i].dst, f->dst)) {
			sim_count(n->sim, SIM_N_OVERTOOK);
			return;
		}
}

/* The SA that it goes through gives SPI, keys and the next number. */
static void seal(struct sim_flight *f, const struct ims_flow *flow,
		 struct sim_sa_set *over)
{
	struct ims_ipsec_live *live;
	int a;

	if (!over)
		return;
	a = ims_ipsec_arrow(&over->set, flow, true);
	live = over->set.live ? over->set.live : &over->own;
	f->spi = over->set.sa[a].spi;
	f->seq = ++live->sa[a].seq;
	f->suite = over->set.suite;
	f->keys = over->set.keys;
}

/* Somebody who reads along says the same in the clear, and is faster; from the
 * same port, or from the usual one.
 */
static void overtake(struct sim *s, const struct sim_flight *f,
		     struct ims_str bytes)
{
	struct sim_flight c = *f;

	if (!f->spi || !s->weather.forged || sim_more(s, 1000) >= 200 ||
	    (s->without && strstr(s->without, "forge")))
		return;
	c.spi = 0;
	c.conn = 0;
	c.transport = IMS_UDP;
	if (sim_host_dice(s, 2))
		c.src.port = 5060;
	if (!s->leaky || sim_host_dice(s, 2))
		c.dst.port = 5060;
	c.at_ms = s->now_ms + 1;
	sim_note(s, "?     -> forged %.*s", (int)ims_str_find(bytes, '\r'),
		 bytes.p);
	sim_count(s, SIM_N_READ);
	put(&s->net, &c, bytes);
}

int sim_net_udp(struct sim_host *h, const struct ims_flow *flow,
		struct ims_str bytes, struct sim_sa_set *over)
{
	struct sim *s = h->side->sim;
	struct sim_flight f = {.kind = SIM_MSG,
			       .transport = IMS_UDP,
			       .src = flow->local,
			       .dst = flow->remote};

	if (bytes.n > 65000)
		return -IMS_E_TOOBIG;
	seal(&f, flow, over);
	overtake(s, &f, bytes);
	f.at_ms = s->now_ms + latency(s);
	if (s->weather.dark || sim_permille(s, s->weather.lost)) {
		sim_count(s, s->weather.dark ? SIM_N_DARK : SIM_N_LOST);
		sim_note(s, "%-5s -x lost   %.*s", h->side->name,
			 (int)ims_str_find(bytes, '\r'), bytes.p);
		return 0;
	}
	count_overtaking(&s->net, &f);
	put(&s->net, &f, bytes);
	if (sim_permille(s, s->weather.twice)) {
		sim_count(s, SIM_N_TWICE);
		f.at_ms = s->now_ms + latency(s);
		put(&s->net, &f, bytes);
	}
	return 0;
}

void sim_net_forge(struct sim_net *n, struct ims_addr src, struct ims_addr dst)
{
	const struct sim_flight *c = &n->sim->captured;
	struct ims_str bytes = ims_str_n(c->bytes, c->n);
	struct sim_flight f = {.kind = SIM_MSG,
			       .transport = IMS_UDP,
			       .src = src,
			       .dst = dst,
			       .at_ms = n->sim->now_ms + latency(n->sim)};

	sim_note(n->sim, "?     -> forged %.*s", (int)ims_str_find(bytes, '\r'),
		 bytes.p);
	sim_count(n->sim, SIM_N_FORGED);
	put(n, &f, bytes);
}

/* Bit by bit as it was. */
void sim_net_replay(struct sim_net *n)
{
	struct sim_flight f = n->sim->captured;

	if (f.transport != IMS_UDP)
		return;
	f.at_ms = n->sim->now_ms + 5;
	put(n, &f, ims_str_n(f.bytes, f.n));
}

/* --- connections ---------------------------------------------------------- */

static bool alive(const struct sim_end *e)
{
	return e->side && e->side->up && e->epoch == e->side->epoch;
}

static struct sim_conn *by_number(struct sim_net *n, uint32_t id)
{
	for (size_t i = 0; i < n->n_conns; i++)
		if (id && n->conn[i].id == id)
			return &n->conn[i];
	return NULL;
}

static struct sim_conn *find(struct sim_net *n, const struct sim_side *side,
			     const struct ims_flow *f, int *end)
{
	for (size_t i = 0; i < 2 * n->n_conns; i++) {
		struct sim_end *e = &n->conn[i / 2].end[i % 2];

		if (!n->conn[i / 2].id || e->side != side || !alive(e))
			continue;
		if (f->conn ? e->id == f->conn
			    : ims_addr_eq(e->local, f->local) &&
				      ims_addr_eq(e->remote, f->remote)) {
			*end = (int)(i % 2);
			return &n->conn[i / 2];
		}
	}
	return NULL;
}

static struct sim_conn *conn_new(struct sim_net *n)
{
	struct sim_conn *c = NULL;

	for (size_t i = 0; !c && i < n->n_conns; i++)
		if (!n->conn[i].id)
			c = &n->conn[i];
	if (!c) {
		n->conn = realloc(n->conn, (n->n_conns + 1) * sizeof *n->conn);
		if (!n->conn)
			abort();
		c = &n->conn[n->n_conns++];
	}
	*c = (struct sim_conn){.id = ++n->last_conn};
	return c;
}

static void end_open(struct sim_end *e, struct sim_host *h,
		     struct ims_addr local, struct ims_addr remote,
		     uint32_t set)
{
	*e = (struct sim_end){.side = h->side,
			      .local = local,
			      .remote = remote,
			      .id = ++h->last_conn,
			      .set = set,
			      .epoch = h->side->epoch};
}

/* A connection with no end left is forgotten. */
static void end_gone(struct sim_conn *c, int end)
{
	c->end[end] = (struct sim_end){0};
	if (!c->end[!end].side)
		c->id = 0;
}

static void note_ref(struct sim_end *e, uint32_t ref)
{
	if (!ref)
		return;
	if (e->n_refs == SIM_REFS) {
		memmove(e->ref, e->ref + 1, (SIM_REFS - 1) * sizeof *e->ref);
		e->n_refs--;
	}
	e->ref[e->n_refs++] = ref;
}

int sim_net_tcp(struct sim_host *h, const struct ims_flow *flow,
		struct ims_str bytes, uint32_t ref, struct sim_sa_set *over)
{
	struct sim *s = h->side->sim;
	struct sim_flight f = {.kind = SIM_MSG, .transport = IMS_TCP};
	int end = 0;
	struct sim_conn *c = find(&s->net, h->side, flow, &end);
	struct ims_addr local = flow->local;

	if (!c && flow->conn)
		return -IMS_E_NOTFOUND;
	if (!c) {
		if (!local.port)
			local.port =
				(uint16_t)(FIRST_PORT + h->last_port++ % 9999);
		c = conn_new(&s->net);
		sim_count(s, SIM_N_TCP_OPENED);
		end_open(&c->end[0], h, local, flow->remote, flow->set);
		end = 0;
	}
	f.src = c->end[end].local;
	f.dst = c->end[end].remote;
	f.conn = c->id;
	f.to = !end;
	seal(&f, flow, over);
	overtake(s, &f, bytes);
	f.at_ms = s->now_ms + latency(s);
	if (sim_permille(s, s->weather.lost))
		f.at_ms += 200 + sim_chance(s, 3000); /* sent again */
	if (f.at_ms < c->last_ms[end])
		f.at_ms = c->last_ms[end];
	c->last_ms[end] = f.at_ms;
	note_ref(&c->end[end], ref);
	put(&s->net, &f, bytes);
	return 0;
}

static void later_break(struct sim_net *n, uint32_t conn, int to,
			uint64_t after_ms, bool refused)
{
	struct sim_flight f = {.kind = SIM_BREAK,
			       .conn = conn,
			       .to = to,
			       .refused = refused,
			       .at_ms = n->sim->now_ms + after_ms};

	put(n, &f, IMS_S(""));
}

void sim_net_drop_set(struct sim_net *n, struct sim_side *side, uint32_t set)
{
	for (size_t i = 0; i < 2 * n->n_conns; i++) {
		struct sim_end *e = &n->conn[i / 2].end[i % 2];

		if (e->side == side && e->set == set)
			end_gone(&n->conn[i / 2], (int)(i % 2));
	}
}

void sim_net_drop_side(struct sim_net *n, struct sim_side *side)
{
	for (size_t i = 0; i < 2 * n->n_conns; i++) {
		if (n->conn[i / 2].end[i % 2].side == side)
			end_gone(&n->conn[i / 2], (int)(i % 2));
	}
}

bool sim_net_break_one(struct sim_net *n)
{
	struct sim_conn *c;

	if (!n->n_conns)
		return false;
	c = &n->conn[sim_chance(n->sim, (uint32_t)n->n_conns)];
	if (!c->id)
		return false;
	later_break(n, c->id, 0, sim_chance(n->sim, 1000), true);
	later_break(n, c->id, 1, sim_chance(n->sim, 1000), true);
	return true;
}

static void broke(struct sim_net *n, const struct sim_flight *f)
{
	struct sim_conn *c = by_number(n, f->conn);
	struct sim_end e;
	struct sim_host *h;
	struct ims_flaw why = {0};
	struct ims_flow flow;

	if (!c || !alive(&c->end[f->to]))
		return;
	e = c->end[f->to];
	h = &e.side->host;
	sim_count(n->sim, SIM_N_TCP_BROKE);
	end_gone(c, f->to);
	flow = (struct ims_flow){.local = e.local,
				 .remote = e.remote,
				 .transport = IMS_TCP,
				 .conn = e.id,
				 .set = e.set};
	ims_flaw(&why, -IMS_E_SILENCE, "the TCP connection was %s",
		 f->refused ? "closed" : "silent");
	sim_note(n->sim, "%-5s          TCP with port %u broke", e.side->name,
		 (unsigned)e.remote.port);
	for (size_t i = 0; i < e.n_refs && e.side->up; i++)
		h->host.up.unsent(h->host.up.arg, &flow, e.ref[i], why.err,
				  &why);
	if (!e.n_refs)
		h->host.up.unsent(h->host.up.arg, &flow, 0, why.err, &why);
}

/* --- arrival -------------------------------------------------------------- */

/* The set that lets it in: SPI, addresses, keys and its number. */
static struct sim_sa_set *unseal(struct sim_host *h, const struct sim_flight *f)
{
	for (size_t i = 0; i < 4 * h->top; i++) {
		struct sim_sa_set *s = &h->set[i / 4];
		const struct ims_ipsec_sa *sa = &s->set.sa[i % 4];
		struct ims_ipsec_live *live =
			s->set.live ? s->set.live : &s->own;

		if (!s->set.id || s->orphan || sa->spi != f->spi ||
		    s->ends_ms <= h->side->sim->now_ms ||
		    !ims_ipsec_inbound(&s->set, i % 4) ||
		    !ims_addr_eq(sa->src, f->src) ||
		    !ims_addr_eq(sa->dst, f->dst) ||
		    s->set.suite.alg != f->suite.alg ||
		    s->set.suite.ealg != f->suite.ealg ||
		    memcmp(&s->set.keys, &f->keys, sizeof f->keys) != 0)
			continue;
		if (!ims_ipsec_replay_ok(&live->sa[i % 4].window, f->seq)) {
			sim_count(h->side->sim, SIM_N_REPLAYED);
			return NULL;
		}
		ims_ipsec_replay_take(&live->sa[i % 4].window, f->seq);
		return s;
	}
	sim_count(h->side->sim, SIM_N_NO_SET);
	return NULL;
}

enum verdict { TAKEN, SILENT, REFUSED };

static enum verdict accept(struct sim_net *n, const struct sim_flight *f,
			   struct sim_host *h, const struct sim_sa_set *over,
			   struct ims_flow *flow)
{
	struct sim_conn *c = by_number(n, f->conn);

	if (!c || !c->end[!f->to].side)
		return SILENT;
	if (!c->end[f->to].side && f->to == 1 && c->end[1].id == 0 &&
	    c->last_ms[1] == 0) {
		if (!sim_host_port(h, f->dst))
			return REFUSED;
		end_open(&c->end[1], h, f->dst, f->src,
			 over ? over->set.id : 0);
		c->last_ms[1] = n->sim->now_ms;
	}
	if (c->end[f->to].side != h->side || !alive(&c->end[f->to]))
		return REFUSED;
	flow->conn = c->end[f->to].id;
	return TAKEN;
}

static bool reached(struct sim *s, const struct sim_side *side)
{
	if (side && side->asleep_until > s->now_ms)
		sim_count(s, SIM_N_ASLEEP);
	else if (!side)
		sim_count(s, SIM_N_NOBODY);
	else
		return !s->weather.dark;
	return false;
}

/* No host of ours lets it in.  If one did, the role behind it should know, too.
 */
static bool leaks(struct sim_host *h, const struct ims_flow *flow)
{
	struct sim *s = h->side->sim;

	if (!s->leaky || flow->transport != IMS_UDP) {
		sim_count(s, SIM_N_CLEAR_PROTECTED);
		h->host.up.dropped(h->host.up.arg, flow, -IMS_E_CLEAR);
		return false;
	}
	sim_count(s, SIM_N_LEAKED);
	return true;
}

static enum verdict arrive(struct sim_net *n, const struct sim_flight *f,
			   struct sim_side *side, struct ims_flow *flow)
{
	struct sim_host *h = side ? &side->host : NULL;
	const struct sim_port *p = h ? sim_host_port(h, f->dst) : NULL;
	struct sim_sa_set *over;

	if (!reached(n->sim, side))
		return SILENT;
	if (!side->up)
		return f->spi ? SILENT : REFUSED;
	over = f->spi ? unseal(h, f) : NULL;
	*flow = (struct ims_flow){.local = f->dst,
				  .remote = f->src,
				  .transport = f->transport,
				  .set = over ? over->set.id : 0};
	if (f->spi && !over)
		return SILENT;
	if (p && p->is_protected && !over && !leaks(h, flow))
		return SILENT;
	if (f->transport == IMS_TCP)
		return accept(n, f, h, over, flow);
	return p ? TAKEN : SILENT;
}

static void count_status(struct sim *s, const struct sim_side *side,
			 struct ims_str bytes)
{
	uint32_t n;

	if (!side->is_core && bytes.n > 12 &&
	    ims_str_starts(bytes, IMS_S("SIP/2.0 ")) &&
	    !ims_str_u32(ims_str_n(bytes.p + 8, 3), 699, &n))
		s->stat->status[n]++;
}

static void hand_up(struct sim_net *n, const struct sim_flight *f,
		    struct sim_side *side, const struct ims_flow *flow)
{
	struct sim *s = n->sim;
	struct ims_str bytes = ims_str_n(f->bytes, f->n);

	count_status(s, side, bytes);
	sim_note(s, "%-5s <- %s %-5u %.*s", side->name,
		 ims_transport_name(f->transport), (unsigned)flow->set,
		 (int)ims_str_find(bytes, '\r'), bytes.p);
	s->messages++;
	sim_count(s, SIM_N_PASSED);
	s->taker = side;
	s->taking_clear = flow->set == 0;
	s->taking_due = side->due_ms <= s->now_ms;
	sim_check_hold(s);
	sim_seen_taken(s, bytes);
	side->host.host.up.message(side->host.host.up.arg, flow, bytes);
}

/* Now and then one is kept, to be sent again by a stranger.  True: it is. */
static bool capture(struct sim *s, const struct sim_flight *f)
{
	if (!s->weather.forged || !sim_one_in(s, 4))
		return false;
	free(s->captured.bytes);
	s->captured = *f;
	return true;
}

static void no_conn(struct sim_net *n, const struct sim_flight *f, bool refused)
{
	sim_count(n->sim, refused ? SIM_N_TCP_REFUSED : SIM_N_TCP_SILENT);
	later_break(n, f->conn, !f->to, refused ? 20 : SILENCE_MS, refused);
}

void sim_net_deliver(struct sim_net *n)
{
	size_t at = first(n);
	struct sim_flight f = n->v[at];
	struct sim_side *side = sim_side_at(n->sim, f.dst.ip);
	struct ims_flow flow;
	enum verdict v;

	n->v[at] = n->v[--n->n];
	if (f.kind == SIM_BREAK) {
		broke(n, &f);
		free(f.bytes);
		return;
	}
	v = arrive(n, &f, side, &flow);
	if (v == TAKEN)
		hand_up(n, &f, side, &flow);
	else if (f.transport == IMS_TCP)
		no_conn(n, &f, v == REFUSED);
	if (v != TAKEN)
		sim_note(n->sim, "      x- %s   %.*s",
			 v == REFUSED ? "refused" : "dropped",
			 (int)ims_str_find(ims_str_n(f.bytes, f.n), '\r'),
			 f.bytes);
	if (!capture(n->sim, &f))
		free(f.bytes);
}
