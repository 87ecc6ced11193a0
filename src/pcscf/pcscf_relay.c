/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscf_relay.c - requests that were passed on, and answers of our own.
 *
 * Of a request only the head of its response is kept; so an answer always goes
 * back with the Vias that came, whatever the other side made of them.
 */
#include <stdlib.h>
#include <string.h>

#include "pcscf_priv.h"

#define TAG 10

int ims_pcscf_relays_init(struct ims_pcscf *p)
{
	return ims_map_init(&p->relays);
}

void ims_pcscf_relays_free(struct ims_pcscf *p)
{
	struct ims_map_node *n =
		p->relays.slot ? ims_map_each(&p->relays, NULL) : NULL;

	while (n) {
		struct ims_pcscf_relay *r =
			ims_container(n, struct ims_pcscf_relay, node);

		n = ims_map_each(&p->relays, n);
		free(r->again);
		free(r);
	}
	while (p->free_relays) {
		struct ims_pcscf_relay *r = p->free_relays;

		p->free_relays = r->next_free;
		free(r);
	}
	ims_map_free(&p->relays);
}

struct ims_pcscf_relay *ims_pcscf_relay_find(const struct ims_pcscf *p,
					     uint32_t id)
{
	struct ims_map_node *n = id ? ims_map_first(&p->relays, id) : NULL;

	return n ? ims_container(n, struct ims_pcscf_relay, node) : NULL;
}

static void put_head(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		     unsigned status, struct ims_buf *b)
{
	char tag[TAG + 1];

	ims_role_token(&p->rnd, tag, TAG);
	ims_sip_put_response(b, in->m, status, ims_str(tag), in->flow->remote,
			     in->flow->set == 0 && in->flow->side == IMS_GM);
}

static size_t line_end(const char *p, size_t n)
{
	const char *end = memmem(p, n, "\r\n", 2);

	return end ? (size_t)(end - p) + 2 : n;
}

/* The head without its status line, and where its Vias end. */
static bool keep_head(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		      struct ims_pcscf_relay *r)
{
	struct ims_buf b;
	char mem[IMS_PCSCF_HEAD];
	size_t first;
	const char *from;

	ims_buf_init(&b, mem, sizeof(mem));
	put_head(p, in, 500, &b);
	if (b.over)
		return false;
	first = line_end(mem, b.n);
	r->head_len = b.n - first;
	memcpy(r->head, mem + first, r->head_len);
	from = memmem(r->head, r->head_len, "\r\nFrom: ", 8);
	if (!from)
		return false;
	r->via_len = (size_t)(from - r->head) + 2;
	return true;
}

static struct ims_pcscf_relay *take(struct ims_pcscf *p)
{
	struct ims_pcscf_relay *r = p->free_relays;

	if (r)
		p->free_relays = r->next_free;
	else
		r = malloc(sizeof(*r));
	/* not the head: it is big, and written anyway */
	if (r)
		memset(r, 0, offsetof(struct ims_pcscf_relay, head));
	return r;
}

static void add(struct ims_pcscf *p, struct ims_pcscf_relay *r,
		enum ims_pcscf_way way)
{
	do {
		r->id = ++p->last_relay;
	} while (!r->id || ims_pcscf_relay_find(p, r->id));
	r->way = way;
	ims_map_add(&p->relays, &r->node, r->id);
}

struct ims_pcscf_relay *ims_pcscf_relay_own(struct ims_pcscf *p,
					    const struct ims_pcscf_ue *ue)
{
	struct ims_pcscf_relay *r = take(p);

	if (!r)
		return NULL;
	add(p, r, IMS_WAY_OWN);
	r->ue = ue->id;
	return r;
}

struct ims_pcscf_relay *ims_pcscf_relay_new(struct ims_pcscf *p,
					    const struct ims_pcscf_in *in,
					    enum ims_pcscf_way way)
{
	struct ims_pcscf_relay *r = take(p);

	if (!r)
		return NULL;
	if (!keep_head(p, in, r)) {
		r->next_free = p->free_relays;
		p->free_relays = r;
		return NULL;
	}
	add(p, r, way);
	r->server = in->txn;
	r->flow = *in->flow;
	if (in->ue) {
		r->ue = in->ue->id;
		memcpy(r->token, in->ue->token, sizeof(r->token));
	}
	return r;
}

void ims_pcscf_relay_free(struct ims_pcscf *p, struct ims_pcscf_relay *r)
{
	ims_map_del(&p->relays, &r->node);
	free(r->again);
	r->again = NULL;
	r->next_free = p->free_relays;
	p->free_relays = r;
}

int ims_pcscf_relay_send(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			 const struct ims_flow *flow, const struct ims_buf *b,
			 uint64_t now_ms)
{
	int id;

	if (b->over)
		return -IMS_E_TOOBIG;
	id = ims_txns_request(&p->txns, flow, ims_buf_str(b), r->id, now_ms);
	if (id < 0)
		return id;
	r->client = (uint32_t)id;
	return 0;
}

/* By UDP a UE is answered over the set that is in use by then; only a REGISTER
 * over its own [24.229 5.2.2].
 */
static void aim(struct ims_pcscf *p, const struct ims_pcscf_relay *r)
{
	const struct ims_pcscf_ue *ue = ims_pcscf_ue_by_id(p, r->ue);
	const struct ims_pcscf_set *s = ue ? ims_pcscf_set_to(ue) : NULL;
	struct ims_flow back;

	if (r->way != IMS_WAY_UP || r->flow.transport != IMS_UDP || !s ||
	    !r->flow.set || r->flow.set == s->sas.id)
		return;
	back = ims_role_flow(&s->sas, IMS_UDP);
	ims_txns_reply_on(&p->txns, r->server, &back);
}

static void respond(struct ims_pcscf *p, struct ims_pcscf_relay *r,
		    const struct ims_buf *b, unsigned status, uint64_t now_ms)
{
	aim(p, r);
	ims_txns_respond(&p->txns, r->server, ims_buf_str(b), status, now_ms);
}

void ims_pcscf_relay_respond(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			     const struct ims_buf *b, unsigned status,
			     uint64_t now_ms)
{
	if (b->over)
		ims_pcscf_relay_refuse(p, r, 500, now_ms);
	else
		respond(p, r, b, status, now_ms);
}

/* What the status brings with it; server: see ims_pcscf_refuse. */
static void put_rest(const struct ims_pcscf *p, struct ims_buf *b,
		     unsigned status, const char *server)
{
	if (status == 421 || status == 494) {
		ims_buf_puts(b, "Require: sec-agree\r\n");
		if (server)
			ims_sip_put(b, IMS_SIP_SECURITY_SERVER,
				    ims_str(server));
		else
			ims_pcscf_put_static(p, b);
	}
	if (status == 500 || status == 503)
		ims_sip_putf(b, IMS_SIP_RETRY_AFTER, "%d", IMS_PCSCF_RETRY_S);
	ims_sip_put_body(b, (struct ims_str){0}, (struct ims_str){0});
}

void ims_pcscf_relay_refuse(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			    unsigned status, uint64_t now_ms)
{
	/* what it is to mirror stays what its set was agreed with */
	const struct ims_pcscf_set *s = ims_pcscf_set_by_id(p, r->flow.set);
	struct ims_buf b = ims_pcscf_out(p);

	ims_sip_put_status(&b, status, ims_str(ims_sip_reason(status)));
	ims_buf_putn(&b, r->head, r->head_len);
	put_rest(p, &b, status, s ? s->server : NULL);
	respond(p, r, &b, status, now_ms);
}

/* Anybody may send in somebody else's name: the answer is then no means to
 * flood him, and goes without the list if that makes it long [T31].  A phone's
 * REGISTER is long enough itself.
 */
static bool is_too_long(const struct ims_pcscf_in *in, const struct ims_buf *b)
{
	return in->flow->side == IMS_GM && in->flow->set == 0 &&
	       in->flow->transport == IMS_UDP &&
	       b->n > in->m->raw.n + in->m->raw.n / 2;
}

static void put_brief(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		      unsigned status, struct ims_buf *b)
{
	*b = ims_pcscf_out(p);
	put_head(p, in, status, b);
	ims_buf_puts(b, "Require: sec-agree\r\n");
	ims_sip_put_body(b, (struct ims_str){0}, (struct ims_str){0});
}

void ims_pcscf_refuse(struct ims_pcscf *p, const struct ims_pcscf_in *in,
		      unsigned status, const struct ims_pcscf_set *set)
{
	struct ims_buf b = ims_pcscf_out(p);

	put_head(p, in, status, &b);
	put_rest(p, &b, status, set ? set->server : NULL);
	if ((status == 421 || status == 494) && is_too_long(in, &b))
		put_brief(p, in, status, &b);
	if (!b.over)
		ims_txns_respond(&p->txns, in->txn, ims_buf_str(&b), status,
				 in->now_ms);
}

void ims_pcscf_refuse_stateless(struct ims_pcscf *p,
				const struct ims_pcscf_in *in, unsigned status)
{
	struct ims_buf b = ims_pcscf_out(p);
	struct ims_flow back = ims_txn_reply_flow(in->flow, in->m);

	if (in->set && in->flow->transport == IMS_UDP)
		back = ims_role_flow(&in->set->sas, IMS_UDP);
	put_head(p, in, status, &b);
	put_rest(p, &b, status, NULL);
	if (!b.over)
		ims_acts_send(&p->acts, &back, ims_buf_str(&b), 0);
}

void ims_pcscf_relay_answer(struct ims_pcscf *p, struct ims_pcscf_relay *r,
			    const struct ims_sip_msg *m, uint64_t now_ms)
{
	struct ims_pcscf_ue *ue = ims_pcscf_ue_by_id(p, r->ue);
	bool to_ue = r->way == IMS_WAY_UP;
	uint64_t not_these =
		to_ue ? ims_pcscf_not_to_ue : ims_pcscf_not_from_ue;
	struct ims_buf b = ims_pcscf_out(p);

	if (m->status == 100)
		return;
	ims_sip_put_status(&b, m->status, m->reason);
	ims_buf_putn(&b, r->head, r->via_len);
	if (ue)
		ims_pcscf_put_record_route(p, &b, m, ue, to_ue);
	ims_pcscf_put_headers(&b, m,
			      not_these | IMS_BIT(VIA) | IMS_BIT(RECORD_ROUTE));
	ims_pcscf_put_end(&b, m);
	ims_pcscf_relay_respond(p, r, &b, m->status, now_ms);
	if (m->status >= 200)
		ims_pcscf_relay_free(p, r);
}
