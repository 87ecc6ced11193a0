/* SPDX-License-Identifier: BSD-2-Clause */
/* txn.c - the table of transactions and the pool that they come from. */
#include "txn.h"

#include <stdlib.h>
#include <string.h>

#include "base_list.h"
#include "base_mem.h"
#include "txn_priv.h"

#define KEEP_CAP 8192 /* a pooled transaction keeps no more memory */

const struct ims_txn_timers ims_txn_timers_ims = {2000, 16000, 17000};
const struct ims_txn_timers ims_txn_timers_core = {500, 4000, 5000};

int ims_txns_init(struct ims_txns *t, struct ims_acts *acts, uint32_t seed,
		  const struct ims_trace *trace)
{
	*t = (struct ims_txns){.acts = acts,
			       .trace = trace,
			       .seed = seed,
			       .max = 65536};
	t->timers[IMS_GM] = ims_txn_timers_ims;
	t->timers[IMS_MW] = ims_txn_timers_core;
	ims_heap_init(&t->due);
	ims_list_init(&t->clear);
	if (ims_map_init(&t->client) || ims_map_init(&t->server) ||
	    ims_map_init(&t->by_id) || ims_map_init(&t->by_set)) {
		ims_txns_free(t);
		return -IMS_E_NOMEM;
	}
	return 0;
}

static void free_txn(struct ims_txn *x)
{
	if (x->mem)
		ims_wipe(x->mem, x->cap);
	free(x->mem);
	free(x);
}

void ims_txns_free(struct ims_txns *t)
{
	struct ims_map_node *n =
		t->by_id.slot ? ims_map_each(&t->by_id, NULL) : NULL;

	while (n) {
		struct ims_txn *x = ims_container(n, struct ims_txn, id_node);

		n = ims_map_each(&t->by_id, n);
		free_txn(x);
	}
	for (struct ims_txn *x = t->pool; x;) {
		struct ims_map_node *next = x->node.next;

		free_txn(x);
		x = next ? ims_container(next, struct ims_txn, node) : NULL;
	}
	t->due.n = 0; /* its deadlines were members of what is freed */
	ims_heap_free(&t->due);
	ims_map_free(&t->client);
	ims_map_free(&t->server);
	ims_map_free(&t->by_id);
	ims_map_free(&t->by_set);
	*t = (struct ims_txns){0};
}

static struct ims_txn *from_pool(struct ims_txns *t)
{
	struct ims_txn *x = t->pool;
	struct ims_map_node *next;

	if (!x)
		return calloc(1, sizeof(*x));
	next = x->node.next;
	t->pool = next ? ims_container(next, struct ims_txn, node) : NULL;
	return x;
}

static void to_pool(struct ims_txns *t, struct ims_txn *x)
{
	struct ims_txn *head = t->pool;
	char *mem = x->mem;
	size_t cap = x->cap;

	/* an S-CSCF's 401 holds CK and IK */
	if (mem)
		ims_wipe(mem, x->key_len + x->len);
	if (cap > KEEP_CAP) {
		free(mem);
		mem = NULL;
		cap = 0;
	}
	*x = (struct ims_txn){.mem = mem, .cap = cap};
	x->node.next = head ? &head->node : NULL;
	t->pool = x;
}

static int reserve(struct ims_txn *x, size_t need)
{
	size_t cap = x->cap ? x->cap : 2048;
	char *mem;

	if (need <= x->cap)
		return 0;
	while (cap < need)
		cap *= 2;
	mem = malloc(cap);
	if (!mem)
		return -IMS_E_NOMEM;
	if (x->mem) {
		memcpy(mem, x->mem, x->key_len + x->len);
		ims_wipe(x->mem, x->cap);
		free(x->mem);
	}
	x->mem = mem;
	x->cap = cap;
	return 0;
}

int ims_txn_keep(struct ims_txn *x, struct ims_str bytes)
{
	int err = reserve(x, x->key_len + bytes.n);

	if (err)
		return err;
	memcpy(x->mem + x->key_len, bytes.p, bytes.n);
	x->len = bytes.n;
	return 0;
}

void ims_txn_forget(struct ims_txn *x)
{
	ims_wipe(x->mem + x->key_len, x->len);
	x->len = 0;
}

/* Ids are positive as int, and go round. */
static uint32_t fresh_id(struct ims_txns *t)
{
	do {
		t->last_id = t->last_id % INT32_MAX + 1;
	} while (ims_txn_by_id(t, t->last_id));
	return t->last_id;
}

/* Only of transactions inside sets: there would be one long chain of others. */
static void link_set(struct ims_txns *t, struct ims_txn *x)
{
	if (x->flow.set)
		ims_map_add(&t->by_set, &x->set_node, x->flow.set);
}

static void unlink_set(struct ims_txns *t, struct ims_txn *x)
{
	if (x->flow.set)
		ims_map_del(&t->by_set, &x->set_node);
}

static bool is_clear(bool server, const struct ims_flow *flow)
{
	return server && flow->set == 0 && flow->side == IMS_GM;
}

static bool has_place(struct ims_txns *t, bool clear)
{
	struct ims_txn *oldest;

	if (clear && t->n_clear >= t->max / 4) {
		if (ims_list_empty(&t->clear))
			return false;
		oldest = ims_container(t->clear.next, struct ims_txn,
				       clear_node);
		if (!ims_txn_server_done(oldest))
			return false;
		ims_txn_end(t, oldest);
	}
	return t->by_id.n < t->max;
}

static void link_clear(struct ims_txns *t, struct ims_txn *x)
{
	if (!x->clear)
		return;
	ims_list_add(&t->clear, &x->clear_node);
	t->n_clear++;
}

static void unlink_clear(struct ims_txns *t, struct ims_txn *x)
{
	if (!x->clear)
		return;
	ims_list_del(&x->clear_node);
	t->n_clear--;
}

struct ims_txn *ims_txn_new(struct ims_txns *t, bool server, struct ims_str key,
			    const struct ims_flow *flow)
{
	struct ims_txn *x;

	if (!has_place(t, is_clear(server, flow)))
		return NULL;
	x = from_pool(t);
	if (!x)
		return NULL;
	if (reserve(x, key.n) || !x->mem) {
		to_pool(t, x);
		return NULL;
	}
	memcpy(x->mem, key.p, key.n);
	x->key_len = key.n;
	x->server = server;
	x->clear = is_clear(server, flow);
	x->flow = *flow;
	x->again_at = x->end_at = IMS_NEVER;
	x->id = fresh_id(t);
	ims_map_add(server ? &t->server : &t->client, &x->node,
		    ims_str_hash(key, t->seed));
	ims_map_add(&t->by_id, &x->id_node, x->id);
	link_set(t, x);
	link_clear(t, x);
	return x;
}

void ims_txn_end(struct ims_txns *t, struct ims_txn *x)
{
	ims_heap_cancel(&t->due, &x->due);
	ims_map_del(x->server ? &t->server : &t->client, &x->node);
	ims_map_del(&t->by_id, &x->id_node);
	unlink_set(t, x);
	unlink_clear(t, x);
	to_pool(t, x);
}

struct ims_txn *ims_txn_find(const struct ims_map *m, uint32_t hash,
			     struct ims_str key)
{
	struct ims_map_node *n = ims_map_first(m, hash);

	for (; n; n = ims_map_next(n, hash)) {
		struct ims_txn *x = ims_container(n, struct ims_txn, node);

		if (ims_str_eq(ims_str_n(x->mem, x->key_len), key))
			return x;
	}
	return NULL;
}

struct ims_txn *ims_txn_by_id(const struct ims_txns *t, uint32_t id)
{
	struct ims_map_node *n = ims_map_first(&t->by_id, id);

	return n ? ims_container(n, struct ims_txn, id_node) : NULL;
}

bool ims_txns_uses_set(const struct ims_txns *t, uint32_t set)
{
	return ims_map_first(&t->by_set, set) != NULL;
}

void ims_txn_move(struct ims_txns *t, struct ims_txn *x,
		  const struct ims_flow *flow)
{
	unlink_set(t, x);
	x->flow = *flow;
	link_set(t, x);
}

void ims_txn_send(struct ims_txns *t, const struct ims_txn *x)
{
	if (x->len)
		ims_acts_send(t->acts, &x->flow,
			      ims_str_n(x->mem + x->key_len, x->len), x->id);
}

int ims_txn_arm(struct ims_txns *t, struct ims_txn *x)
{
	uint64_t at = x->again_at < x->end_at ? x->again_at : x->end_at;

	if (at != IMS_NEVER)
		return ims_heap_set(&t->due, &x->due, at);
	ims_heap_cancel(&t->due, &x->due);
	return 0;
}

const struct ims_txn_timers *ims_txn_timers(const struct ims_txns *t,
					    const struct ims_txn *x)
{
	return &t->timers[x->flow.side == IMS_MW];
}

static struct ims_txn_hit got_request(struct ims_txns *t,
				      const struct ims_flow *flow,
				      const struct ims_sip_msg *m,
				      uint64_t now_ms)
{
	char mem[IMS_TXN_KEY];
	struct ims_buf key;
	struct ims_txn *x;

	if (m->method == IMS_SIP_ACK)
		return (struct ims_txn_hit){.kind = IMS_TXN_STRAY};
	ims_buf_init(&key, mem, sizeof(mem));
	if (ims_txn_server_key(flow, m, &key))
		return (struct ims_txn_hit){.kind = IMS_TXN_FULL};
	x = ims_txn_find(&t->server, ims_str_hash(ims_buf_str(&key), t->seed),
			 ims_buf_str(&key));
	if (x) {
		struct ims_txn_hit hit = {.kind = IMS_TXN_AGAIN, .id = x->id};

		ims_txn_server_again(t, x, now_ms);
		return hit;
	}
	x = ims_txn_new(t, true, ims_buf_str(&key), flow);
	if (!x)
		return (struct ims_txn_hit){.kind = IMS_TXN_FULL};
	ims_txn_server_route(t, x, flow, m);
	return (struct ims_txn_hit){.kind = IMS_TXN_NEW, .id = x->id};
}

/* A response counts only where it was expected: whoever guesses a branch still
 * has no way into the SAs [33.203 7.1].
 */
static bool expected_on(const struct ims_txns *t, const struct ims_txn *x,
			const struct ims_flow *flow)
{
	uint32_t asked = x->flow.set, came = flow->set;

	if (x->flow.side != flow->side ||
	    !ims_ip_eq(x->flow.remote.ip, flow->remote.ip))
		return false;
	return asked == came ||
	       (asked && came && flow->transport == IMS_UDP && t->same_peer &&
		t->same_peer(t->same_peer_arg, asked, came));
}

static struct ims_txn_hit got_response(struct ims_txns *t,
				       const struct ims_flow *flow,
				       const struct ims_sip_msg *m,
				       uint64_t now_ms)
{
	char mem[IMS_TXN_KEY];
	struct ims_buf key;
	struct ims_txn *x = NULL;

	ims_buf_init(&key, mem, sizeof(mem));
	if (!ims_txn_client_key(m, &key))
		x = ims_txn_find(&t->client,
				 ims_str_hash(ims_buf_str(&key), t->seed),
				 ims_buf_str(&key));
	if (!x)
		return (struct ims_txn_hit){.kind = IMS_TXN_STRAY};
	if (!expected_on(t, x, flow)) {
		ims_trace(t->trace, IMS_WARN, "txn",
			  "a response came on another flow than expected");
		return (struct ims_txn_hit){.kind = IMS_TXN_STRAY};
	}
	return ims_txn_client_answer(t, x, m->status, now_ms);
}

struct ims_txn_hit ims_txns_recv(struct ims_txns *t,
				 const struct ims_flow *flow,
				 const struct ims_sip_msg *m, uint64_t now_ms)
{
	return m->request ? got_request(t, flow, m, now_ms)
			  : got_response(t, flow, m, now_ms);
}

bool ims_txns_unsent(struct ims_txns *t, const struct ims_ev *ev,
		     uint64_t now_ms, struct ims_txn_hit *out)
{
	struct ims_txn *x = ims_txn_by_id(t, ev->ref);
	struct ims_txn_hit hit = {.kind = IMS_TXN_ANSWER, .id = ev->ref};

	if (!x)
		return false;
	if (x->server) {
		ims_txn_server_unsent(t, x, now_ms);
		return false;
	}
	hit.ref = x->ref;
	if (!ims_txn_client_unsent(t, x, ev->flow.conn, now_ms))
		return false;
	*out = hit;
	return true;
}

uint64_t ims_txns_due(const struct ims_txns *t)
{
	return ims_heap_next(&t->due);
}

bool ims_txns_tick(struct ims_txns *t, uint64_t now_ms, struct ims_txn_hit *out)
{
	struct ims_due *d;

	while ((d = ims_heap_pop(&t->due, now_ms))) {
		struct ims_txn *x = ims_container(d, struct ims_txn, due);
		struct ims_txn_hit hit = {.kind = IMS_TXN_ANSWER,
					  .id = x->id,
					  .ref = x->ref};

		if (x->server) {
			ims_txn_server_due(t, x, now_ms);
		} else if (ims_txn_client_due(t, x, now_ms)) {
			*out = hit;
			return true;
		}
	}
	return false;
}
